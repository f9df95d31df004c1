/*
 * tile: the names of a log's tiles.
 *
 * A tile is a row of up to 256 hashes of a tree; C2SP tlog-tiles gives each
 * a path, which a relay serves, a mirror stores and anybody else's tools
 * know (PROTOCOL.md section 13.9).  Path in, struct out and back.  Pure.
 */
#ifndef PROTO_TILE_H
#define PROTO_TILE_H

#include <stdint.h>

#include "base/err.h"

#define TILE_WIDTH 256		/* hashes of a full tile */
#define TILE_BYTES (TILE_WIDTH * 32)
#define TILE_LEVELS_MAX 8	/* 256^8 leaves are all a size can say */
#define TILE_PATH_BYTES 64	/* the longest is 51 and a NUL */
#define TILE_ENTRIES 64		/* in the place of a level */

struct tile_name {
	unsigned level;		/* 0: leaf hashes; TILE_ENTRIES: no hashes,
				 * the entries below those of level 0 */
	uint64_t index;
	unsigned width;		/* TILE_WIDTH, or less: a partial tile */
};

/*
 * tile_parse(name, path):
 * path is what follows "tile/": "0/x001/067", "0/x001/067.p/12" or
 * "entries/x001/067".  One form for one tile, else ERR_SYNTAX; ERR_TOO_BIG
 * for an index no log has.
 */
enum err
tile_parse(struct tile_name *name, const char *path);

/* tile_path(out, name): "tile/0/x001/067.p/12", with its NUL. */
void
tile_path(char out[TILE_PATH_BYTES], const struct tile_name *name);

/* tile_width(size, level, index): how many hashes (TILE_ENTRIES: entries)
 * that tile has in a tree of size leaves; 0: it is not there. */
unsigned
tile_width(uint64_t size, unsigned level, uint64_t index);

#endif
