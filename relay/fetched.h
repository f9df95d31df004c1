/*
 * fetched: receipts owed for runs that were sent to their recipient.
 *
 * Owns, in memory, one open stretch a channel; when it is due, one `fetched`
 * receipt (event 3) for all of it goes into the commit group, after its
 * runs.  A stretch that the recipient meanwhile answered with `delivered` or
 * `undecryptable` gets none: the stronger receipt stands, and busy channels
 * do not fill the log.  Told once: how far is kept beside the receipt.
 * Never sends.  Relay loop only.  PROTOCOL.md section 7.
 */
#ifndef RELAY_FETCHED_H
#define RELAY_FETCHED_H

#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

/* How long a stretch stays open. */
#define FETCHED_MS 1000
/* Stretches open at once; past them a FETCH goes without its receipt. */
#define FETCHED_MAX 65536

struct fetched;
struct group;
struct head;
struct signer;
struct store;

/* A run as it was sent. */
struct fetched_run {
	struct head *head;	/* its channel */
	uint64_t index;
	uint64_t place;		/* in the feed: what came after what */
	uint64_t first_seq;
	uint64_t last_seq;
	struct hash last_env;
};

enum err
fetched_new(struct fetched **out, struct store *store, struct group *group,
    struct signer *signer);
void
fetched_free(struct fetched **f);

/* fetched_note(f, run, now): it was handed to its recipient's session at
 * now, monotonic ms. */
void
fetched_note(struct fetched *f, const struct fetched_run *run, int64_t now);
/* fetched_next(f): when fetched_flush is due (monotonic), INT64_MAX never. */
int64_t
fetched_next(const struct fetched *f);
/* fetched_flush(f, wall): append the receipts of all that is open.  Any
 * error is fatal. */
enum err
fetched_flush(struct fetched *f, int64_t wall);

#endif
