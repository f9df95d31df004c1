/*
 * casefile: the state table of a request's life, and the fold over messages.
 *
 * Owns cases/DIALOGUE.md's table as data: a later message type is a row, not
 * code.  State is never a running value, it is folded anew from all messages
 * known, so that both agencies and an auditor reach the same one in whatever
 * order things arrived.  Pure: no key, no clock, no I/O.  Endpoints and
 * auditors run it; a relay never links it.
 */
#ifndef CASES_CASEFILE_H
#define CASES_CASEFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

/* More messages in one case than any dialogue has; bounds the fold, which a
 * peer can make us do once for each message it sends. */
#define CASE_MESSAGES_MAX 1024

enum case_side {
	CASE_REQUESTING = 0,
	CASE_REQUESTED = 1,
};

/* Who may cause an event. */
enum case_by {
	CASE_BY_REQUESTING,
	CASE_BY_REQUESTED,
	CASE_BY_EITHER,
	CASE_BY_RELAY,		/* evidence: only about the REQUEST */
	CASE_BY_AGENT,		/* evidence of the requested side's agent */
};

/* Shown as names everywhere; the numbers are no part of any format. */
enum case_state {
	CASE_DRAFT = 0,		/* no REQUEST released */
	CASE_RELEASED,
	CASE_SUBMITTED,
	CASE_HANDED_OVER,
	CASE_ACKED,
	CASE_ACCEPTED,
	CASE_PARTLY,
	CASE_POSTPONED,
	CASE_REFUSED,
	CASE_IN_PROGRESS,
	CASE_PARTIAL,
	CASE_RESULT,
	CASE_CLOSED,
	CASE_CLARIFYING,
	CASE_WITHDRAWN,
	CASE_LAPSED,
	CASE_ITEM,		/* no request: a case that holds items only */
	CASE_STATES,
	/* Where a row leads, besides a state: */
	CASE_STAY,		/* unchanged */
	CASE_BACK,		/* the state before CLARIFYING */
};

/* Events are message types (enum notice_type) or, from here on, evidence
 * about the REQUEST's envelope. */
enum case_event {
	CASE_SUBMITTED_EV = 0x100,
	CASE_REFUSED_EV,
	CASE_DELIVERED_EV,
	CASE_UNDECRYPTABLE_EV,
	CASE_EXPIRED_EV,
};

/* What a row wants of the content besides its type; case_move.holds says
 * which of them hold. */
#define CASE_GUARD_COMPLETE 1u	/* required fields are there (notice_missing) */
#define CASE_GUARD_REVISION 2u	/* new ground, or the answer it follows */
#define CASE_GUARD_ANSWERS 4u	/* one answer for each open question: found
				 * by the fold from case_move.count */
#define CASE_GUARD_BACK 8u	/* allowed in the state before CLARIFYING:
				 * found by the fold */
/* What the message answers (case_move.answers), found by the fold: */
#define CASE_GUARD_ITEM 16u	/* an open item of the other side, which this
				 * type answers */
#define CASE_GUARD_MINE 32u	/* an open item of its own side */
#define CASE_GUARD_CASE 64u	/* no item: it is about the case itself */
#define CASE_GUARD_OWN 128u	/* a message of its own side; casefile_may
				 * takes the caller's word for it */

struct case_row {
	uint32_t from;		/* bit per case_state */
	uint16_t event;
	uint16_t outcome;	/* of the message; 0: any */
	enum case_by by;
	unsigned guards;	/* all of these must hold */
	enum case_state to;
};

/* Evidence known of a message's newest envelope, as bits. */
#define CASE_EVIDENCE_SUBMITTED 1u
#define CASE_EVIDENCE_REFUSED 2u
#define CASE_EVIDENCE_DELIVERED 4u
#define CASE_EVIDENCE_UNDECRYPTABLE 8u
#define CASE_EVIDENCE_EXPIRED 16u
#define CASE_EVIDENCE_FETCHED 32u	/* implies submitted */
#define CASE_EVIDENCE_KINDS 6

/* What happens, as the table sees it. */
struct case_move {
	uint16_t event;		/* enum notice_type or enum case_event */
	uint16_t outcome;	/* enum notice_outcome */
	unsigned holds;		/* guards that hold */
	unsigned count;		/* of questions in a CLARIFY, answers in a
				 * CLARIFIED */
	struct hash answers;	/* env_id, zeros: none */
	bool misfiles;		/* a CORRECT: that message belongs elsewhere */
};

/* What is no request but waits for a word of the other side. */
enum case_item_state {
	CASE_ITEM_OPEN,
	CASE_ITEM_ANSWERED,
	CASE_ITEM_WITHDRAWN,
};

struct case_item {
	struct hash env_id;	/* newest of the message that opened it; zeros:
				 * not sealed yet */
	uint16_t event;		/* its type and outcome */
	uint16_t outcome;
	enum case_side side;	/* who opened it */
	enum case_item_state state;
};

/* More would be a list nobody answers; bounds what a peer can make us keep. */
#define CASE_ITEMS_MAX 64

enum case_standing {
	CASE_STANDS,		/* moved the case, or was allowed to */
	CASE_CROSSED,		/* forbidden only by what its author had not
				 * seen: held against nobody */
	CASE_ILLEGAL,		/* forbidden where its author stood */
	CASE_MISFILED,		/* its author took it out by a CORRECT: it
				 * stays on record and moves nothing */
};

/* One message of one case; the first part is given, the second found. */
struct case_msg {
	uint64_t id;		/* the caller's; orders unsealed ones */
	enum case_side side;
	uint8_t lane;
	uint64_t seq;		/* of the first envelope that carried it;
				 * UINT64_MAX: not sealed yet */
	struct hash env_id;	/* newest envelope; zeros: not sealed yet */
	const struct hash *was;	/* envelopes it replaced (tag 6) */
	size_t was_len;
	struct hash seen[2];	/* by case_side; zeros: none */
	struct case_move move;
	unsigned evidence;	/* CASE_EVIDENCE_* */

	enum case_standing standing;
	enum err why;		/* ERR_OK, or ERR_CROSSED, _STATE, _REQUIRED */
	enum case_state before, after;
	struct hash corrected;	/* the newest CORRECT of it; zeros: none */
};

struct casefile {
	enum case_state state;
	enum case_state back;	/* where CLARIFIED leads, in CLARIFYING */
	unsigned questions;	/* still open, in CLARIFYING */
	struct hash head[2];	/* newest sealed env_id of each side */
	size_t items;		/* not kept in the book: fold to have them */
	struct case_item item[CASE_ITEMS_MAX];
};

/*
 * casefile_fold(file, msgs, n):
 * Put msgs in the order in which they stand (domain, section 4: a message
 * after all it names as seen and after its channel's earlier ones; of two
 * that crossed the requested side's first, then the requesting side's, then
 * by env_id) and find each one's standing and the case's state.  The result
 * depends on the set alone, not on the order given.  ERR_TOO_BIG over
 * CASE_MESSAGES_MAX, ERR_NOMEM; msgs then unchanged in content.
 */
enum err
casefile_fold(struct casefile *file, struct case_msg *msgs, size_t n);

/*
 * casefile_may(file, side, move):
 * Whether side's message would be allowed now.  ERR_STATE, or ERR_REQUIRED
 * if only a guard is missing; ERR_TOO_BIG where CASE_ITEMS_MAX are there.
 */
enum err
casefile_may(const struct casefile *file, enum case_side side,
    const struct case_move *move);

/*
 * casefile_step(row, state, by, move):
 * The table's own answer: the row that applies, or NULL with ERR_STATE, or
 * with ERR_REQUIRED if only a guard is missing.  by is never
 * CASE_BY_EITHER; rows for either match both sides.
 */
enum err
casefile_step(const struct case_row **row, enum case_state state,
    enum case_by by, const struct case_move *move);

/* casefile_wants_item(state, move): in that state such a message must answer
 * an open item of the other side. */
bool
casefile_wants_item(enum case_state state, const struct case_move *move);

/* casefile_row(i): the i-th row of the table, NULL past the end. */
const struct case_row *
casefile_row(size_t i);

/* casefile_is_named(m, env_id): m's newest name, or one it bore before it
 * was sealed anew; never by zeros. */
bool
casefile_is_named(const struct case_msg *m, const struct hash *env_id);

/* casefile_open(state): "any open": HANDED_OVER to PARTIAL, CLARIFYING. */
bool
casefile_open(enum case_state state);
/* casefile_ended(state): nothing more can move it but REOPEN or FEEDBACK. */
bool
casefile_ended(enum case_state state);

/* "HANDED_OVER"; "STAY" and "BACK" too.  Never NULL. */
const char *
casefile_state_name(enum case_state state);
const char *
casefile_standing_name(enum case_standing standing);
/* casefile_event_name(event): "ACK", "delivered"; NULL if unknown. */
const char *
casefile_event_name(uint16_t event);

#endif
