/*
 * entries: what of the log one agency may read.
 *
 * The same that FETCH and KEYS give it: of the pairs it is a party of, and
 * that are not blocked, runs, receipts, prekeys and recoveries of both
 * directions; key statements and officer certificates of itself, its peers
 * and this relay.  Every other entry is withheld from a tile of entries
 * (PROTOCOL.md section 13.9).  Reads the store by range; writes nothing, and
 * knows nothing of HTTP or passes.  Relay loop only.
 */
#ifndef RELAY_ENTRIES_H
#define RELAY_ENTRIES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"

struct admitted;
struct keyring;
struct store;

/* All borrowed. */
struct entries_parts {
	struct store *store;
	const struct keyring *keyring;
	const struct admitted *admitted;
	struct id relay;		/* the relay's own agency */
};

/* entries_shows(parts, agency, entry): may it read this one? */
bool
entries_shows(const struct entries_parts *parts, const struct id *agency,
    struct view entry);

/*
 * entries_tile(parts, agency, from, width, out):
 * Append the tile of width entries from index from on, as agency may see it
 * (proto/tile_entries.h).  The caller holds it against the newest
 * checkpoint.  ERR_STORAGE if the store has fewer; ERR_NOMEM.
 */
enum err
entries_tile(const struct entries_parts *parts, const struct id *agency,
    uint64_t from, unsigned width, struct buf *out);

#endif
