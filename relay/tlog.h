/*
 * tlog: the tree over the log's entries, in tiles of 256 hashes.
 *
 * Owns the right edge (the tiles not full yet, one a level) in memory and a
 * small cache of full tiles with all their inner nodes; full tiles lie in
 * the store, written in the transaction that fills them.  So a leaf costs a
 * hash or two and 32 bytes, and a proof reads O(log n) nodes.  The right
 * edge is rebuilt from the entries at every start.  Never signs, never
 * decides what is logged.  Relay loop only.  RFC 6962; PROTOCOL.md section 8.
 */
#ifndef RELAY_TLOG_H
#define RELAY_TLOG_H

#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/merkle.h"

struct store;
struct tlog;

/* How many of the newest leaves a start hashes again. */
#define TLOG_TAIL 1024

/*
 * tlog_open(out, store):
 * Read the right edge and hash the last TLOG_TAIL entries again:
 * ERR_ROLLBACK if they are not what the tiles say (an edited store),
 * ERR_STORAGE if a tile is missing.  Borrows store for its life.
 */
enum err
tlog_open(struct tlog **out, struct store *store);
void
tlog_free(struct tlog **t);

uint64_t
tlog_size(const struct tlog *t);

/* tlog_append(t, leaf): within a store transaction; it may write a tile.  If
 * that transaction is not committed, t is of no more use. */
enum err
tlog_append(struct tlog *t, const struct hash *leaf);

/* tlog_root(t, size, root): of the first size <= tlog_size entries. */
enum err
tlog_root(struct tlog *t, uint64_t size, struct hash *root);
/* tlog_prove(t, path, index, size), tlog_extend(t, path, first, second):
 * inclusion and consistency.  ERR_PROOF when out of range. */
enum err
tlog_prove(struct tlog *t, struct merkle_path *path, uint64_t index,
    uint64_t size);
enum err
tlog_extend(struct tlog *t, struct merkle_path *path, uint64_t first,
    uint64_t second);
/* tlog_tile(t, level, index, width, out): the first width hashes of a tile
 * of 256, level 0 being the leaves.  ERR_PROOF if not (yet) there. */
enum err
tlog_tile(struct tlog *t, unsigned level, uint64_t index, unsigned width,
    struct hash *out);
/* tlog_leaf(t, index, leaf): the leaf hash as the tree holds it. */
enum err
tlog_leaf(struct tlog *t, uint64_t index, struct hash *leaf);

/*
 * tlog_reread(t, from):
 * Read entries from index on back from the store, hash them and compare
 * with the tree: what a commit group does before it signs.  Of a hollow
 * entry (store.h) there is the leaf alone.  ERR_ROLLBACK on
 * any difference, also in number.
 */
enum err
tlog_reread(struct tlog *t, uint64_t from);

/* tlog_reread_filled(t, index): the same for one entry that was hollow, and
 * must be so no more. */
enum err
tlog_reread_filled(struct tlog *t, uint64_t index);

/*
 * tlog_full(t):
 * Hash everything again: each entry, each tile of each level, and each run's
 * bytes against its entry.  ERR_ROLLBACK, said in the diag, at the first
 * difference.
 */
enum err
tlog_full(struct tlog *t);

#endif
