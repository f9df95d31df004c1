/*
 * park: FETCHes that wait for records.
 *
 * Owns the waiting list of each channel, in memory only; a restart forgets
 * it and endpoints ask again.  A new FETCH of a session ends the wait of the
 * one before.  Never touches the store or a socket.  Loop only.
 */
#ifndef RELAY_PARK_H
#define RELAY_PARK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "proto/limits.h"
#include "proto/request.h"
#include "relay/front.h"

#define PARK_MAX 8192		/* tickets in all: 20 MiB */
#define PARK_PEER_MAX 1		/* tickets of one session */

/* A FETCH as it was asked, and by whom. */
struct ticket {
	struct front_peer peer;
	uint64_t number;		/* Request.ticket */
	int64_t until;			/* monotonic ms */
	uint32_t max_bytes;
	size_t cursor_count;
	struct request_cursor cursor[FETCH_CHANNELS_MAX];
};

struct park;

struct park *
park_new(void);
void
park_free(struct park **park);

/* park_wait(park, &ticket): keep it; takes ticket (from malloc).  Marks the
 * session's oldest, its until long past, when it has PARK_PEER_MAX already.  ERR_BUSY, ticket
 * untouched, if PARK_MAX are waiting; ERR_NOMEM. */
enum err
park_wait(struct park *park, struct ticket **ticket);
/* park_wake(park, channel): mark whoever waits for channel. */
void
park_wake(struct park *park, const struct id *channel);
/* park_taken(park, now): a marked ticket, or one whose time is up at now, or
 * NULL; the caller frees it (free).  now INT64_MAX takes everybody. */
struct ticket *
park_taken(struct park *park, int64_t now);
/* park_forget(park, peer): drop what a session that is over waits for. */
void
park_forget(struct park *park, const struct front_peer *peer);
/* park_next(park): the earliest until, INT64_MAX if nobody waits. */
int64_t
park_next(const struct park *park);
size_t
park_count(const struct park *park);

#endif
