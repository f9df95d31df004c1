/* tlog: see tlog.h. */
#include "relay/tlog.h"

#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "proto/arena.h"
#include "proto/run.h"
#include "relay/store.h"

#define TILE ((unsigned)STORE_TILE)
#define TILE_BITS 8
#define TILE_LEVELS 8		/* 2^64 leaves */
#define CACHE 64		/* full tiles kept expanded: 1 MiB */

/*
 * A tile with its inner nodes: node h, i is the root of the 2^h hashes from
 * i << h on, at place offset(h) + i.
 */
struct tile {
	struct hash node[2 * TILE - 1];
	uint64_t index;
	unsigned level;
	unsigned count;		/* hashes in row 0 */
	uint64_t used;		/* cache: when last asked for; 0 = empty */
};

struct tlog {
	struct store *store;
	uint64_t size;
	uint64_t clock;				/* of the cache */
	struct tile edge[TILE_LEVELS];		/* not full */
	struct tile cache[CACHE];
};

static unsigned
offset(unsigned h)
{
	/* Rows of 256, 128, ... 1 follow each other. */
	return 2 * TILE - ((2 * TILE) >> h);
}

/* Put one more hash into row 0 and fill what that completes above it. */
static void
tile_add(struct tile *t, const struct hash *hash)
{
	unsigned h, i = t->count;

	t->node[i] = *hash;
	for (h = 1; h <= TILE_BITS && (i & 1) == 1; h++) {
		i >>= 1;
		t->node[offset(h) + i] = hash_node(
		    &t->node[offset(h - 1) + 2 * i],
		    &t->node[offset(h - 1) + 2 * i + 1]);
	}
	t->count++;
}

static const struct hash *
tile_top(const struct tile *t)
{
	return &t->node[offset(TILE_BITS)];
}

/* What happens to a tile that fills. */
enum full {
	FULL_WRITE,
	FULL_COMPARE,		/* with the one in the store */
};

static enum err
tile_same(struct tlog *t, unsigned level, const struct tile *tile)
{
	struct hash held[TILE];
	enum err err = store_tile_get(t->store, level, tile->index, held);

	if (err == ERR_NOTFOUND || (err == ERR_OK &&
	    memcmp(held, tile->node, sizeof(held)) != 0)) {
		diag_error("tlog", "tile is not what the entries make "
		    "level=%u index=%llu", level,
		    (unsigned long long)tile->index);
		err = ERR_ROLLBACK;
	}
	return err;
}

/* Add to the edge at level; a tile that fills passes its root upward. */
static enum err
edge_add(struct tlog *t, unsigned level, const struct hash *hash,
    enum full full)
{
	struct tile *edge = &t->edge[level];
	struct hash top;
	enum err err;

	tile_add(edge, hash);
	if (edge->count < TILE)
		return ERR_OK;
	err = full == FULL_COMPARE ? tile_same(t, level, edge) :
	    store_tile_put(t->store, level, edge->index, edge->node);
	if (err != ERR_OK)
		return err;
	top = *tile_top(edge);
	edge->index++;
	edge->count = 0;
	if (level + 1 == TILE_LEVELS)
		return ERR_TOO_BIG;
	return edge_add(t, level + 1, &top, full);
}

enum err
tlog_append(struct tlog *t, const struct hash *leaf)
{
	enum err err = edge_add(t, 0, leaf, FULL_WRITE);

	if (err == ERR_OK)
		t->size++;
	return err;
}

/* The cached tile, loaded into the slot longest not used. */
static enum err
tile_load(struct tlog *t, unsigned level, uint64_t index, struct tile **out)
{
	struct hash row[TILE];
	struct tile *tile, *old = &t->cache[0];
	enum err err;
	size_t i;

	for (i = 0; i < CACHE; i++) {
		tile = &t->cache[i];
		if (tile->used != 0 && tile->level == level &&
		    tile->index == index) {
			tile->used = ++t->clock;
			*out = tile;
			return ERR_OK;
		}
		if (tile->used < old->used)
			old = tile;
	}
	err = store_tile_get(t->store, level, index, row);
	if (err != ERR_OK)
		return err == ERR_NOTFOUND ? ERR_STORAGE : err;
	old->level = level;
	old->index = index;
	old->count = 0;
	old->used = ++t->clock;
	for (i = 0; i < TILE; i++)
		tile_add(old, &row[i]);
	*out = old;
	return ERR_OK;
}

/* merkle_read: the root of the index-th perfect subtree of 2^level leaves */
static enum err
node_read(void *ctx, unsigned level, uint64_t index, struct hash *out)
{
	struct tlog *t = ctx;
	unsigned tl = level / TILE_BITS, h = level % TILE_BITS;
	uint64_t tile_index = index >> (TILE_BITS - h);
	unsigned i = (unsigned)(index & ((1u << (TILE_BITS - h)) - 1));
	struct tile *tile;
	enum err err;

	if (tl >= TILE_LEVELS)
		return ERR_PROOF;
	tile = &t->edge[tl];
	if (tile_index > tile->index)
		return ERR_PROOF;
	if (tile_index == tile->index) {
		if (((uint64_t)(i + 1) << h) > tile->count)
			return ERR_PROOF;
	} else {
		err = tile_load(t, tl, tile_index, &tile);
		if (err != ERR_OK)
			return err;
	}
	*out = tile->node[offset(h) + i];
	return ERR_OK;
}

enum err
tlog_root(struct tlog *t, uint64_t size, struct hash *root)
{
	if (size > t->size)
		return ERR_PROOF;
	return merkle_root_stored(root, size, node_read, t);
}

enum err
tlog_prove(struct tlog *t, struct merkle_path *path, uint64_t index,
    uint64_t size)
{
	if (size > t->size || index >= size)
		return ERR_PROOF;
	return merkle_prove_stored(path, index, size, node_read, t);
}

enum err
tlog_extend(struct tlog *t, struct merkle_path *path, uint64_t first,
    uint64_t second)
{
	if (second > t->size || first > second)
		return ERR_PROOF;
	return merkle_prove_consistency(path, first, second, node_read, t);
}

enum err
tlog_tile(struct tlog *t, unsigned level, uint64_t index, unsigned width,
    struct hash *out)
{
	enum err err = ERR_OK;
	unsigned i;

	if (level >= TILE_LEVELS || index > t->size >> TILE_BITS ||
	    width == 0 || width > TILE)
		return ERR_PROOF;
	for (i = 0; i < width && err == ERR_OK; i++)
		err = node_read(t, level * TILE_BITS,
		    (index << TILE_BITS) + i, &out[i]);
	return err;
}

enum err
tlog_leaf(struct tlog *t, uint64_t index, struct hash *leaf)
{
	if (index >= t->size)
		return ERR_PROOF;
	return node_read(t, 0, index, leaf);
}

uint64_t
tlog_size(const struct tlog *t)
{
	return t->size;
}

/* A hollow entry has nothing but its leaf. */
static struct hash
leaf_of(const struct store_seen *seen)
{
	return seen->hollow ? seen->leaf :
	    hash_leaf(seen->entry.p, seen->entry.len);
}

/* What a walk over entries is held against. */
struct reread {
	struct tlog *t;
	uint64_t next;
	bool filled;		/* one entry, which is hollow no more */
};

static enum err
reread_one(void *ctx, const struct store_seen *seen)
{
	struct reread *r = ctx;
	struct hash leaf, held;
	enum err err;

	leaf = leaf_of(seen);
	if (seen->index != r->next || seen->index >= r->t->size)
		err = ERR_ROLLBACK;
	else
		err = tlog_leaf(r->t, seen->index, &held);
	if (err == ERR_OK && !hash_eq(&leaf, &held))
		err = ERR_ROLLBACK;
	if (err == ERR_ROLLBACK)
		diag_error("tlog", "entry is not what the tree holds "
		    "index=%llu", (unsigned long long)seen->index);
	r->next++;
	if (err == ERR_OK && r->filled)
		err = seen->hollow ? ERR_ROLLBACK : ERR_BUSY;
	return err;
}

enum err
tlog_reread(struct tlog *t, uint64_t from)
{
	struct reread r = { .t = t, .next = from };
	enum err err = store_entries(t->store, from, reread_one, &r);

	if (err == ERR_OK && r.next != t->size) {
		diag_error("tlog", "entries end early have=%llu size=%llu",
		    (unsigned long long)r.next, (unsigned long long)t->size);
		err = ERR_ROLLBACK;
	}
	return err;
}

enum err
tlog_reread_filled(struct tlog *t, uint64_t index)
{
	struct reread r = { .t = t, .next = index, .filled = true };
	enum err err = store_entries(t->store, index, reread_one, &r);

	/* Stopped at the first, which was good. */
	if (err == ERR_BUSY && r.next == index + 1)
		return ERR_OK;
	return err == ERR_OK ? ERR_ROLLBACK : err;
}

/* A run's bytes must still make the very entry that was logged. */
static enum err
run_same(const struct store_seen *seen)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct run run;
	enum err err;

	err = run_decode(&run, seen->run->form == STORE_FULL ? RUN_FULL :
	    RUN_BARE, seen->run->body, &arena);
	if (err == ERR_OK && (seen->entry.len != RUN_ENTRY_BYTES ||
	    memcmp(run.entry, seen->entry.p, RUN_ENTRY_BYTES) != 0))
		err = ERR_ROOT;
	arena_free(&arena);
	if (err == ERR_OK || err == ERR_NOMEM)
		return err;
	diag_error("tlog", "run is not what its entry says: %s index=%llu",
	    err_name(err), (unsigned long long)seen->index);
	return ERR_ROLLBACK;
}

static enum err
full_one(void *ctx, const struct store_seen *seen)
{
	struct tlog *again = ctx;
	struct hash leaf = leaf_of(seen);
	enum err err = ERR_OK;

	if (seen->index != again->size)
		err = ERR_ROLLBACK;
	if (err == ERR_OK && seen->run != NULL)
		err = run_same(seen);
	if (err == ERR_OK)
		err = edge_add(again, 0, &leaf, FULL_COMPARE);
	again->size++;
	return err;
}

enum err
tlog_full(struct tlog *t)
{
	struct tlog *again = calloc(1, sizeof(*again));
	struct hash root, held;
	enum err err;

	if (again == NULL)
		return ERR_NOMEM;
	again->store = t->store;
	err = store_all(t->store, full_one, again);
	if (err == ERR_OK && again->size != t->size)
		err = ERR_ROLLBACK;
	if (err == ERR_OK)
		err = tlog_root(again, again->size, &root);
	if (err == ERR_OK)
		err = tlog_root(t, t->size, &held);
	if (err == ERR_OK && !hash_eq(&root, &held))
		err = ERR_ROLLBACK;
	tlog_free(&again);
	return err;
}

/* Level by level from the top of the full tiles: each edge tile holds the
 * roots of the full tiles below that no full tile above covers. */
static enum err
edge_load(struct tlog *t)
{
	uint64_t below = t->size >> TILE_BITS;
	struct tile *tile;
	unsigned level;
	uint64_t i;
	enum err err;

	t->edge[0].index = below;
	for (level = 1; level < TILE_LEVELS; level++) {
		t->edge[level].level = level;
		t->edge[level].index = below >> TILE_BITS;
		for (i = (below >> TILE_BITS) << TILE_BITS; i < below; i++) {
			err = tile_load(t, level - 1, i, &tile);
			if (err != ERR_OK)
				return err;
			tile_add(&t->edge[level], tile_top(tile));
		}
		below >>= TILE_BITS;
	}
	return ERR_OK;
}

static enum err
edge_leaf(void *ctx, const struct store_seen *seen)
{
	struct tlog *t = ctx;
	struct hash leaf = leaf_of(seen);

	if (seen->index != (t->edge[0].index << TILE_BITS) + t->edge[0].count)
		return ERR_ROLLBACK;
	tile_add(&t->edge[0], &leaf);
	return ERR_OK;
}

enum err
tlog_open(struct tlog **out, struct store *store)
{
	struct tlog *t = calloc(1, sizeof(*t));
	enum err err;

	if (t == NULL)
		return ERR_NOMEM;
	t->store = store;
	err = store_size(store, &t->size);
	if (err == ERR_OK)
		err = edge_load(t);
	if (err == ERR_OK)
		err = store_entries(store, t->edge[0].index << TILE_BITS,
		    edge_leaf, t);
	if (err == ERR_OK)
		err = tlog_reread(t, t->size > TLOG_TAIL ?
		    t->size - TLOG_TAIL : 0);
	if (err != ERR_OK) {
		tlog_free(&t);
		return err;
	}
	*out = t;
	return ERR_OK;
}

void
tlog_free(struct tlog **t)
{
	free(*t);
	*t = NULL;
}
