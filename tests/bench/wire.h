/*
 * wire: a bare endpoint for the bench: seals, submits, fetches, no book.
 *
 * Uses the library's own sealing and wire code with the keys of a world made
 * by tests/world.sh; what it leaves out is exactly the book.  One thread.
 */
#ifndef BENCH_WIRE_H
#define BENCH_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "keys/keyfile.h"
#include "proto/run.h"

struct wire_party {
	struct keyfile *endpoint;
	struct keyfile *transport;
};

struct wire_pair {
	struct hash charter_id;
	struct hash pair_id;
	struct id channel;		/* world/a to world/b, lane 0 */
	char relay[256];		/* tcp://host:port */
	uint8_t relay_key[KEY_BYTES];	/* its T */
	struct wire_party a;
	struct wire_party b;
};

/* wire_load(pair, world): keys of world/{a,b}, charter, relay.keys; dies
 * with a message when something is missing. */
void
wire_load(struct wire_pair *pair, const char *world);

/* A sender's place on the channel. */
struct wire_sender {
	const struct wire_pair *pair;
	struct epoch *epoch;
	struct dh_key *prekey;		/* the receiver's P, made here */
	uint8_t e[KEY_BYTES];
	struct incarnation incarnation;
	uint64_t seq;
	struct hash prev;
	struct box *box;
};

void
wire_sender_init(struct wire_sender *s, const struct wire_pair *pair);
/* wire_seal(s, n, body, out): append one run of n notices to out. */
void
wire_seal(struct wire_sender *s, unsigned n, size_t body, struct buf *out);
/* wire_open(s, run): open every envelope of one run; dies on a mismatch. */
void
wire_open(struct wire_sender *s, struct view run);

/* A DEALER with the party's transport key. */
void *
wire_connect(void *context, const struct wire_pair *pair,
    const struct wire_party *party);

/* wire_now_us(): monotonic.  wire_die(fmt, ...): message, exit 1. */
double
wire_now_us(void);
void
wire_die(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
