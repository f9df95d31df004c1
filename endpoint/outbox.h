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
	const struct pair *pair;
	uint8_t lane;			/* enum envelope_lane */
	const struct fields *fields;	/* borrowed for the call */
	uint64_t keep_ms;		/* 0: the charter's */
};

/* Where it stands now. */
struct placed {
	int64_t message;	/* local id, for mail_get */
	bool sealed;		/* seq and env_id are final */
	uint64_t seq;
	struct hash env_id;
};

/*
 * outbox_put(agent, out, placed):
 * Write the message into the book (content sealed by the vault) and seal it
 * if that is possible now: the book was compared with a relay's HELLO since
 * the start, a prekey of the peer is known, the charter runs, nothing is
 * stopped.  Otherwise it waits, in order, and OUTBOX_SEALED tells its env_id
 * later.  ERR_CHARTER_ENDED; ERR_ROLLBACK, ERR_CLONE, ERR_STOPPED while
 * sending is refused; ERR_TOO_BIG over the charter's size; ERR_STORAGE.
 */
enum err
outbox_put(struct agent *agent, const struct outgoing *out,
    struct placed *placed);

/* What can become known of an own message. */
enum outbox_what {
	OUTBOX_SEALED = 1,	/* got its env_id (never from outbox_put) */
	OUTBOX_SUBMITTED,	/* first inclusion proof checked */
	OUTBOX_FETCHED,		/* relay handed it to the peer's T */
	OUTBOX_DELIVERED,	/* `delivered`, or acked by ack_seq */
	OUTBOX_UNDECRYPTABLE,	/* peer could not open; sealed anew if again */
	OUTBOX_REFUSED,		/* a relay refused it: reason */
	OUTBOX_EXPIRED,		/* relay: not delivered within keep */
};

struct outbox_event {
	enum outbox_what what;
	int64_t message;
	const struct pair *pair;
	struct hash env_id;
	uint16_t reason;	/* enum err, for the negative ones */
	int64_t at;		/* wall ms: the receipt's claim, or now */
	int64_t again;		/* UNDECRYPTABLE: local id of the new message
				 * with field tag 6, 0 if none was made */
};

#endif
