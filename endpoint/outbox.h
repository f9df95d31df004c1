/*
 * outbox: what is to go out, from a desk's fields to the acked run.
 *
 * Owns the tables of own messages not yet sealed, of runs (their exact
 * bytes, committed before the first transmission, kept until `delivered` or
 * acked) and of statements, and per relay what became of each.  A resend is
 * byte-identical.  Never talks to a relay: uplink asks it what to send.
 * Agent core, inside a turn.  PROTOCOL.md section 6.
 */
#ifndef ENDPOINT_OUTBOX_H
#define ENDPOINT_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "proto/fields.h"

struct agent;
struct pair;

/* One message to send. */
struct outgoing {
	struct hash pair_id;
	uint8_t lane;			/* enum envelope_lane */
	const struct fields *fields;	/* borrowed for the call */
	int64_t message;		/* the desk's own row, given back in
					 * events; 0: none */
	uint64_t keep_ms;		/* 0: the charter's */
};

/*
 * outbox_put(agent, out, mail):
 * Write the message into the book (content sealed by the vault).  It is
 * sealed at the end of the turn if that is possible then: the book was
 * compared with a relay's HELLO since the start, a prekey of the peer is
 * known, nothing is stopped; otherwise it waits, in order.  OUTBOX_SEALED
 * tells seq and env_id, in the same turn or a later one.  mail (may be NULL)
 * gets its id for mail_get.  ERR_NOTFOUND (pair), ERR_CHARTER_ENDED,
 * ERR_ROLLBACK, ERR_CLONE while sending is refused, ERR_TOO_BIG over the
 * charter's size, ERR_STORAGE.
 */
enum err
outbox_put(struct agent *agent, const struct outgoing *out, int64_t *mail);

/* What can become known of an own message. */
enum outbox_what {
	OUTBOX_SEALED = 1,	/* got its env_id; anew after undecryptable */
	OUTBOX_SUBMITTED,	/* first inclusion proof checked */
	OUTBOX_FETCHED,		/* relay handed it to the peer's T */
	OUTBOX_DELIVERED,	/* `delivered`, or acked by ack_seq */
	OUTBOX_UNDECRYPTABLE,	/* peer could not open; OUTBOX_SEALED follows */
	OUTBOX_REFUSED,		/* a relay refused it: reason */
	OUTBOX_EXPIRED,		/* relay: not delivered within keep */
};

struct outbox_event {
	enum outbox_what what;
	int64_t mail;		/* for mail_get */
	int64_t message;	/* as given to outbox_put */
	const struct pair *pair;
	uint8_t lane;
	uint64_t seq;
	struct hash env_id;
	uint16_t reason;	/* enum err, for the negative ones */
	int64_t at;		/* wall ms: the receipt's claim, or now */
};

#endif
