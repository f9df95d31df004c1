/*
 * merkle: RFC 6962 trees over leaf hashes.
 *
 * Root, inclusion and consistency for trees held in memory, and the
 * append-only right edge (frontier) of one that is not.  Pure; any thread.
 */
#ifndef BASE_MERKLE_H
#define BASE_MERKLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

/* A path's length limit: enough for 2^63 leaves. */
#define MERKLE_PATH_MAX 63

struct merkle_path {
	size_t len;
	struct hash h[MERKLE_PATH_MAX];	/* from the leaf upward */
};

/* merkle_root(leaves, n): the root; n = 0 gives H(""). */
struct hash
merkle_root(const struct hash *leaves, size_t n);

/* merkle_prove(path, leaves, n, index): the inclusion path, index < n. */
void
merkle_prove(struct merkle_path *path, const struct hash *leaves, size_t n,
    size_t index);

/* merkle_path_len(index, size): exactly how long a valid path is. */
size_t
merkle_path_len(uint64_t index, uint64_t size);

/*
 * merkle_root_from(root, leaf, index, size, path):
 * Recompute the root a path leads to.  ERR_PATH_LENGTH unless path->len is
 * exactly what (index, size) demand, ERR_PROOF if index >= size.
 */
enum err
merkle_root_from(struct hash *root, const struct hash *leaf, uint64_t index,
    uint64_t size, const struct merkle_path *path);

/* merkle_included(...): ERR_OK, ERR_PATH_LENGTH, or ERR_PROOF. */
enum err
merkle_included(const struct hash *leaf, uint64_t index, uint64_t size,
    const struct merkle_path *path, const struct hash *root);

/*
 * merkle_ends(size1, root1, size2, proof, end1, end2):
 * The roots of both sizes to which a consistency proof leads, for
 * 0 < size1 < size2 (RFC 9162 section 2.1.4.2, steps 4 to 6).  Where size1 is
 * a power of two the proof begins with root1 itself.  ERR_PROOF (sizes),
 * ERR_PATH_LENGTH.
 */
enum err
merkle_ends(uint64_t size1, const struct hash *root1, uint64_t size2,
    const struct merkle_path *proof, struct hash *end1, struct hash *end2);

/*
 * merkle_consistent(size1, root1, size2, root2, proof):
 * RFC 9162 section 2.1.4.2.  size1 = 0 is consistent with an empty proof.
 */
enum err
merkle_consistent(uint64_t size1, const struct hash *root1, uint64_t size2,
    const struct hash *root2, const struct merkle_path *proof);

/*
 * Reads the hash of the perfect subtree of 2^level leaves that is the
 * index-th on its level; supplied by a store.  Error stops the proof.
 */
typedef enum err merkle_read(void *ctx, unsigned level, uint64_t index,
    struct hash *out);

/* merkle_prove_stored / merkle_prove_consistency / merkle_root_stored: as
 * above over a store of perfect subtrees; reads O(log^2) of them. */
enum err
merkle_root_stored(struct hash *root, uint64_t size, merkle_read *read,
    void *ctx);
enum err
merkle_prove_stored(struct merkle_path *path, uint64_t index, uint64_t size,
    merkle_read *read, void *ctx);
enum err
merkle_prove_consistency(struct merkle_path *path, uint64_t size1,
    uint64_t size2, merkle_read *read, void *ctx);

#endif
