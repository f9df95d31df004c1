#include "base/merkle.h"

#include <assert.h>

/* The largest power of two below n, n > 1. */
static size_t
split(size_t n)
{
	size_t k = 1;

	while (k < n - k)
		k <<= 1;
	return k;
}

struct hash
merkle_root(const struct hash *leaves, size_t n)
{
	/* One pass: stack[i] is the root of 2^i leaves when bit i of the
	 * count so far is set, like carrying in a binary counter. */
	struct hash stack[64], root;
	size_t i, count;
	unsigned level, top;

	if (n == 0)
		return hash_of(NULL, 0);
	for (i = 0; i < n; i++) {
		root = leaves[i];
		level = 0;
		for (count = i; (count & 1) != 0; count >>= 1) {
			root = hash_node(&stack[level], &root);
			level++;
		}
		stack[level] = root;
	}
	for (top = 0; (n >> top & 1) == 0; top++)
		continue;
	root = stack[top];
	for (level = top + 1; level < 64 && n >> level != 0; level++)
		if ((n >> level & 1) != 0)
			root = hash_node(&stack[level], &root);
	return root;
}

static void
path_add(struct merkle_path *path, const struct hash *h)
{
	assert(path->len < MERKLE_PATH_MAX);
	path->h[path->len++] = *h;
}

void
merkle_prove(struct merkle_path *path, const struct hash *leaves, size_t n,
    size_t index)
{
	struct hash down[MERKLE_PATH_MAX];
	size_t depth = 0, k;

	assert(index < n);
	while (n > 1) {
		assert(depth < MERKLE_PATH_MAX);
		k = split(n);
		if (index < k) {
			down[depth++] = merkle_root(leaves + k, n - k);
			n = k;
		} else {
			down[depth++] = merkle_root(leaves, k);
			leaves += k;
			index -= k;
			n -= k;
		}
	}
	path->len = 0;
	while (depth > 0)
		path_add(path, &down[--depth]);
}

size_t
merkle_path_len(uint64_t index, uint64_t size)
{
	uint64_t last;
	size_t len = 0;

	if (index >= size)
		return 0;
	for (last = size - 1; last > 0; last >>= 1) {
		/* On the right edge a level without a sibling is skipped. */
		if ((index & 1) != 0 || index < last)
			len++;
		index >>= 1;
	}
	return len;
}

enum err
merkle_root_from(struct hash *root, const struct hash *leaf, uint64_t index,
    uint64_t size, const struct merkle_path *path)
{
	uint64_t last;
	struct hash h = *leaf;
	size_t i = 0;

	if (index >= size)
		return ERR_PROOF;
	if (path->len > MERKLE_PATH_MAX ||
	    path->len != merkle_path_len(index, size))
		return ERR_PATH_LENGTH;
	for (last = size - 1; last > 0; last >>= 1) {
		if ((index & 1) != 0)
			h = hash_node(&path->h[i++], &h);
		else if (index < last)
			h = hash_node(&h, &path->h[i++]);
		index >>= 1;
	}
	*root = h;
	return ERR_OK;
}

enum err
merkle_included(const struct hash *leaf, uint64_t index, uint64_t size,
    const struct merkle_path *path, const struct hash *root)
{
	struct hash got;
	enum err err;

	err = merkle_root_from(&got, leaf, index, size, path);
	if (err != ERR_OK)
		return err;
	return hash_eq(&got, root) ? ERR_OK : ERR_PROOF;
}

enum err
merkle_ends(uint64_t size1, const struct hash *root1, uint64_t size2,
    const struct merkle_path *proof, struct hash *end1, struct hash *end2)
{
	uint64_t fn = size1 - 1, sn = size2 - 1;
	struct hash fr, sr;
	size_t i = 0;

	if (size1 == 0 || size1 >= size2)
		return ERR_PROOF;
	if (proof->len > MERKLE_PATH_MAX)
		return ERR_PATH_LENGTH;
	while ((fn & 1) != 0) {
		fn >>= 1;
		sn >>= 1;
	}
	/* A first tree that is a whole subtree of the second is its own
	 * first proof element and is left out. */
	if ((size1 & (size1 - 1)) == 0)
		fr = *root1;
	else if (proof->len > 0)
		fr = proof->h[i++];
	else
		return ERR_PATH_LENGTH;
	sr = fr;
	for (; i < proof->len; i++) {
		if (sn == 0)
			return ERR_PATH_LENGTH;
		if ((fn & 1) != 0 || fn == sn) {
			fr = hash_node(&proof->h[i], &fr);
			sr = hash_node(&proof->h[i], &sr);
			while (fn != 0 && (fn & 1) == 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			sr = hash_node(&sr, &proof->h[i]);
		}
		fn >>= 1;
		sn >>= 1;
	}
	*end1 = fr;
	*end2 = sr;
	return sn != 0 ? ERR_PATH_LENGTH : ERR_OK;
}

enum err
merkle_consistent(uint64_t size1, const struct hash *root1, uint64_t size2,
    const struct hash *root2, const struct merkle_path *proof)
{
	struct hash end1, end2;
	enum err err;

	if (size1 > size2)
		return ERR_PROOF;
	if (proof->len > MERKLE_PATH_MAX)
		return ERR_PATH_LENGTH;
	if (size1 == 0 || size1 == size2) {
		if (proof->len != 0)
			return ERR_PATH_LENGTH;
		if (size1 == size2 && !hash_eq(root1, root2))
			return ERR_PROOF;
		return ERR_OK;
	}
	err = merkle_ends(size1, root1, size2, proof, &end1, &end2);
	if (err != ERR_OK)
		return err;
	return hash_eq(&end1, root1) && hash_eq(&end2, root2) ? ERR_OK :
	    ERR_PROOF;
}
