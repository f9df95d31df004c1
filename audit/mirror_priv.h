/*
 * mirror_priv: what the files of audit/mirror share; nobody else includes it.
 */
#ifndef AUDIT_MIRROR_PRIV_H
#define AUDIT_MIRROR_PRIV_H

#include <stdbool.h>

#include "audit/mirror.h"
#include "base/merkle.h"
#include "proto/tile.h"

/* A checkpoint with the tiles at its right edge, which are not full. */
struct mirror_state {
	struct buf note;		/* empty: nothing yet */
	struct note_sig line;		/* the log's own, of note */
	char origin[NOTE_NAME_MAX + 1];
	uint64_t size;
	struct hash root;
	struct hash edge[TILE_LEVELS_MAX][TILE_WIDTH];
};

struct mirror {
	struct mirror_conf conf;
	int lock;
	struct mirror_state *held;
	struct buf bytes;		/* as last fetched */
	uint64_t fetched;
	char bad[TILE_PATH_BYTES];	/* what ERR_PROOF was about */
	mirror_fetch *entries;		/* NULL: hashes alone */
	void *entries_ctx;
	uint64_t entries_next;		/* first tile of them not whole */
};

/* The nodes of a state, read from the relay (unchecked) or from the copy. */
struct mirror_nodes {
	struct mirror *m;
	const struct mirror_state *state;
	bool remote;
	bool loaded;			/* row holds the full tile name */
	struct tile_name name;
	struct hash row[TILE_WIDTH];
};

/* mirror_nodes: for merkle_*_stored; ctx is a struct mirror_nodes. */
enum err
mirror_nodes_read(void *ctx, unsigned level, uint64_t index,
    struct hash *out);

/* mirror_tiles_fetch: from the relay; ERR_INCOMPLETE if it has it not,
 * ERR_PROOF (m->bad, m->bytes) if it is no tile of that width. */
enum err
mirror_tiles_fetch(struct mirror *m, const struct tile_name *name,
    struct hash row[TILE_WIDTH]);
/* mirror_tiles_load, mirror_tiles_keep, mirror_tiles_drop: in the copy. */
enum err
mirror_tiles_load(struct mirror *m, const struct tile_name *name,
    struct hash row[TILE_WIDTH]);
enum err
mirror_tiles_keep(struct mirror *m, const struct tile_name *name,
    const struct hash row[TILE_WIDTH]);
void
mirror_tiles_drop(struct mirror *m, const struct tile_name *name);
/* mirror_tiles_edge: the partial tile of level in a log of size; width 0:
 * it has none there. */
struct tile_name
mirror_tiles_edge(uint64_t size, unsigned level);
/* mirror_tiles_edges: all of state's size into state->edge. */
enum err
mirror_tiles_edges(struct mirror *m, struct mirror_state *state, bool remote);

/* mirror_tiles_put, mirror_tiles_read: any file of the copy's layout; read
 * into m->bytes, ERR_NOTFOUND. */
enum err
mirror_tiles_put(struct mirror *m, const struct tile_name *name,
    struct view bytes);
enum err
mirror_tiles_read(struct mirror *m, const struct tile_name *name);

/* mirror_entries_step(m, news): what is new of the entries of m->held.
 * ERR_PROOF (m->bad, m->bytes), else as the fetch. */
enum err
mirror_entries_step(struct mirror *m, struct mirror_news *news);

/* The other half of a split view's proof: in the tree of second, shown is
 * the root at first's size, as path tells. */
struct mirror_split {
	struct hash shown;
	struct merkle_path path;
	bool given;
};

/*
 * mirror_proof_write(m, news, next, split):
 * Keep the checkpoint held and next's, and what else proves news->alarm, in
 * a folder named by what is in it; sets news->proof.  ERR_VERIFY when
 * written, else why not.
 */
enum err
mirror_proof_write(struct mirror *m, struct mirror_news *news,
    const struct mirror_state *next, const struct mirror_split *split);

#endif
