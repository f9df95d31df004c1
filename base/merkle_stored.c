/*
 * merkle over a store of perfect subtrees: what a log too large for memory
 * needs.  Any range [from, from + n) of leaves that RFC 6962 cuts is read as
 * the perfect subtrees of n's binary digits, largest first.
 */
#include "base/merkle.h"

#include <stdbool.h>

struct store {
	merkle_read *read;
	void *ctx;
};

/* The root of n > 0 leaves from from, which is a multiple of the smallest
 * power of two >= n. */
static enum err
range_root(const struct store *st, uint64_t from, uint64_t n, struct hash *out)
{
	struct hash part, acc;
	bool have = false;
	unsigned level;
	enum err err;

	/* From the right: the smallest subtree is the rightmost one. */
	for (level = 0; level < 63; level++) {
		if ((n >> level & 1) == 0)
			continue;
		uint64_t at = from + (n >> (level + 1) << (level + 1));

		err = st->read(st->ctx, level, at >> level, &part);
		if (err != ERR_OK)
			return err;
		acc = have ? hash_node(&part, &acc) : part;
		have = true;
	}
	*out = acc;
	return ERR_OK;
}

static uint64_t
split(uint64_t n)
{
	uint64_t k = 1;

	while (k < n - k)
		k <<= 1;
	return k;
}

enum err
merkle_root_stored(struct hash *root, uint64_t size, merkle_read *read,
    void *ctx)
{
	const struct store st = { read, ctx };

	if (size == 0) {
		*root = hash_of(NULL, 0);
		return ERR_OK;
	}
	if (size > INT64_MAX)
		return ERR_TOO_BIG;
	return range_root(&st, 0, size, root);
}

/* Turn a path gathered from the root downwards into one from the leaf up. */
static void
reverse(struct merkle_path *path)
{
	size_t i;
	struct hash h;

	for (i = 0; i < path->len / 2; i++) {
		h = path->h[i];
		path->h[i] = path->h[path->len - 1 - i];
		path->h[path->len - 1 - i] = h;
	}
}

enum err
merkle_prove_stored(struct merkle_path *path, uint64_t index, uint64_t size,
    merkle_read *read, void *ctx)
{
	const struct store st = { read, ctx };
	uint64_t from = 0, n = size, k;
	enum err err;

	if (index >= size || size > INT64_MAX)
		return ERR_PROOF;
	path->len = 0;
	while (n > 1) {
		k = split(n);
		if (index - from < k) {
			err = range_root(&st, from + k, n - k,
			    &path->h[path->len]);
			n = k;
		} else {
			err = range_root(&st, from, k, &path->h[path->len]);
			from += k;
			n -= k;
		}
		if (err != ERR_OK)
			return err;
		path->len++;
	}
	reverse(path);
	return ERR_OK;
}

enum err
merkle_prove_consistency(struct merkle_path *path, uint64_t size1,
    uint64_t size2, merkle_read *read, void *ctx)
{
	const struct store st = { read, ctx };
	uint64_t from = 0, n = size2, m = size1, k;
	enum err err;

	path->len = 0;
	if (size1 > size2 || size2 > INT64_MAX)
		return ERR_PROOF;
	if (size1 == 0 || size1 == size2)
		return ERR_OK;
	/* RFC 6962 section 2.1.2: SUBPROOF(m, D[n], b) from the root down;
	 * b is true as long as from is 0. */
	while (m != n) {
		k = split(n);
		if (m <= k) {
			err = range_root(&st, from + k, n - k,
			    &path->h[path->len]);
			n = k;
		} else {
			err = range_root(&st, from, k, &path->h[path->len]);
			from += k;
			m -= k;
			n -= k;
		}
		if (err != ERR_OK)
			return err;
		path->len++;
	}
	if (from != 0) {
		err = range_root(&st, from, m, &path->h[path->len]);
		if (err != ERR_OK)
			return err;
		path->len++;
	}
	reverse(path);
	return ERR_OK;
}
