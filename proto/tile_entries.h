/*
 * tile_entries: the bytes of a tile of entries.
 *
 * C2SP tlog-tiles' entry bundle: each of up to 256 entries behind its length
 * as u16.  A length of 0, which no entry has, stands where the reader may
 * not see the entry, or where the log has lost its bytes: the tile keeps its
 * shape, the tile of hashes tells its leaf (PROTOCOL.md section 13.9).  Says
 * nothing about what an entry is; whoever reads one holds it against its
 * leaf.  Pure.
 */
#ifndef PROTO_TILE_ENTRIES_H
#define PROTO_TILE_ENTRIES_H

#include "base/bytes.h"
#include "base/err.h"
#include "proto/limits.h"
#include "proto/tile.h"

#define TILE_ENTRIES_BYTES_MAX (TILE_WIDTH * (2 + STATEMENT_MAX))

/* tile_entries_put(out, entry): append the next; an empty one is withheld.
 * ERR_TOO_BIG over STATEMENT_MAX. */
enum err
tile_entries_put(struct buf *out, struct view entry);

/*
 * tile_entries_decode(entry, width, bytes):
 * Exactly width entries, borrowed; a withheld one is { NULL, 0 }.
 * ERR_TRUNCATED, ERR_TRAILING, ERR_TOO_BIG (one over STATEMENT_MAX).
 */
enum err
tile_entries_decode(struct view entry[TILE_WIDTH], unsigned width,
    struct view bytes);

#endif
