/*
 * clocks: what is owed until when, and whether it came in time.
 *
 * Owns the table of clocks of DIALOGUE.md as data, and one function that
 * turns a case's folded messages, the bounds of time that evidence sets for
 * them, the charter's durations and both calendars into a verdict for each
 * obligation.  The endpoint runs it live, the auditor again: same code, same
 * verdict.  Believes no party's clock: a time it is given is two bounds, and
 * where they do not decide it says so.  Pure; allocates only its answer.
 */
#ifndef CASES_CLOCKS_H
#define CASES_CLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "cases/calendar.h"
#include "cases/casefile.h"
#include "proto/charter.h"
#include "proto/notice.h"

/* ---- the table ---- */

enum clocks_kind {
	CLOCKS_ACK,
	CLOCKS_DATA,		/* at hand */
	CLOCKS_DECISION,
	CLOCKS_POSTPONED,	/* the date a postponing DECISION names */
	CLOCKS_RESULT,
	CLOCKS_STATUS,
	CLOCKS_QUERY,
	CLOCKS_CLARIFY,
	CLOCKS_PRESERVATION,
	CLOCKS_FEEDBACK,
	CLOCKS_COUNTERSIGN,
	CLOCKS_LEAD,
	CLOCKS_CONSENT,
	CLOCKS_REPLY,
	CLOCKS_SESSION,
	CLOCKS_DOSSIER,
	CLOCKS_ESC_ACK,
	CLOCKS_ESC_ANSWER,
	CLOCKS_KINDS,
};

enum clocks_owes {
	CLOCKS_ASKER,
	CLOCKS_ASKED,
	CLOCKS_AUTHOR,		/* of the message that starts it */
	CLOCKS_RECIPIENT,
};

/* A message that starts, stops or drops a clock. */
#define CLOCKS_ON_MAX 4
#define CLOCKS_OUTCOMES_MAX 3
#define CLOCKS_ANY UINT16_MAX	/* event: whatever it is */
struct clocks_on {
	uint16_t event;		/* enum notice_type; 0 ends a list */
	uint16_t outcome[CLOCKS_OUTCOMES_MAX]; /* one of these; none: any */
};

struct clocks_cell {
	uint32_t seconds;	/* of the default profile; 0: none */
	enum calendar_unit unit;
	bool dated;		/* the starting message's date, if it names
				 * one, in place of the seconds */
};

#define CLOCKS_SENT 1u		/* starts when signed, not when handed over */
#define CLOCKS_PAUSES 2u	/* while a CLARIFY of who owes is open */
#define CLOCKS_NAMED 4u		/* only where an outline names the clock */
#define CLOCKS_ANSWERS 8u	/* is stopped by what names its start; each
				 * start has a clock of its own */
#define CLOCKS_LAPSES 16u	/* past due it is over, not owed */
#define CLOCKS_KEPT 32u		/* the end of the case does not stop it */
#define CLOCKS_SINGLE 64u	/* started where a second signature is owed */
#define CLOCKS_TIER 128u	/* durations are the charter's tier lines */

struct clocks_row {
	const char *name;	/* in charters' clock lines and in outlines */
	struct clocks_on start[CLOCKS_ON_MAX];
	struct clocks_on stop[CLOCKS_ON_MAX];
	struct clocks_on drop[CLOCKS_ON_MAX];	/* nothing is owed any more */
	enum clocks_owes owes;
	struct clocks_cell cell[3];		/* by urgency */
	struct clocks_cell extension[3];	/* most that a DELAY adds */
	unsigned rules;
};

/* clocks_row(kind): its row; NULL past the end. */
const struct clocks_row *
clocks_row(enum clocks_kind kind);
/* clocks_find(name): the kind so named, in either case, or -1. */
int
clocks_find(const char *name);
/* clocks_owing(owes, author): which side that is, author's being the message
 * that starts the clock. */
enum case_side
clocks_owing(enum clocks_owes owes, enum case_side author);
/* clocks_touches(names): a bit for each kind that an outline's clock ids
 * name; names that are no clock's count for nothing. */
uint32_t
clocks_touches(const struct notice_texts *names);

/* The hotline's tiers, 1 to 3; NULL for others. */
struct clocks_tier {
	struct clocks_cell ack[3];
	struct clocks_cell answer[3];
	unsigned signatures;	/* needed to raise it */
};
const struct clocks_tier *
clocks_tier(unsigned tier);

/* ---- what goes in ---- */

/* UTC ms, as audit/timeline.h bounds them; 0: not bounded on this side. */
struct clocks_bounds {
	uint64_t after_at;
	uint64_t before_at;
};

/* What a pair agreed on at one time.  All outlives the answer. */
struct clocks_terms {
	const struct charter *charter;	/* the one the message's header names */
	const struct profile_side *calendar[2]; /* by case_side; NULL: none */
};

/* One message, in the order of casefile_fold. */
struct clocks_msg {
	const struct case_msg *m;	/* folded; unsealed ones count not */
	const struct clocks_terms *terms;
	struct clocks_bounds sent;	/* when it was signed */
	bool has_delivered;		/* handed over, as far as is known */
	struct clocks_bounds delivered;	/* clocks_arrived() */
	uint32_t urgency;
	uint32_t touches;	/* bit per clocks_kind its outline names */
	struct hash answers;	/* its outline's; zeros: none */
	bool closed;		/* its body is not open to us */
	uint64_t date_at;	/* its body's date: next, new or hold until */
	bool renews;		/* SUPPLEMENT: the preservation goes on */
	bool single;		/* one signature where two are owed */
	uint8_t tier;		/* ESCALATE */
	bool incident;		/* ESCALATE: cites no obligation */
	bool agreed;		/* CALL_RECORD: names an agreed outcome */
};

/*
 * When a message was handed over: its `delivered` receipt; else the
 * recipient's first logged run whose ack_seq reaches it, or any later run of
 * the recipient after a `fetched`, whichever was first.  Where none is there
 * it returns false.
 */
struct clocks_arrival {
	bool receipt, acked, fetched;
	struct clocks_bounds receipt_at, acked_at, fetched_at;
};
bool
clocks_arrived(struct clocks_bounds *out, const struct clocks_arrival *a);

struct clocks_now {
	uint64_t at;		/* the evaluator's time, UTC ms */
	uint64_t silent_until_at[2]; /* by case_side: all that side said up to
				 * here is among the messages; 0: unproven */
};

/* ---- what comes out ---- */

enum clocks_verdict {
	CLOCKS_WAITING,		/* what starts it is not handed over yet */
	CLOCKS_RUNNING,
	CLOCKS_OVERDUE,		/* past due, no answer known to us */
	CLOCKS_MET,
	CLOCKS_LATE,		/* answered late, or proven silent past due */
	CLOCKS_IN_DOUBT,	/* the bounds do not decide */
	CLOCKS_DROPPED,		/* nothing owed any more before it was due */
	CLOCKS_LAPSED,		/* past due, and over by the rule "lapses" */
	CLOCKS_NOT_TAKEN_IN,	/* expired at the relay: neither met nor late */
	CLOCKS_VERDICTS,
};

enum clocks_extended {
	CLOCKS_NOT_EXTENDED,
	CLOCKS_EXTENDED,
	CLOCKS_MAYBE_EXTENDED,	/* a DELAY of which it is not known whether it
				 * came before expiry */
};

#define CLOCKS_NONE SIZE_MAX

struct clocks_clock {
	enum clocks_kind kind;
	enum case_side owes;
	unsigned urgency;
	unsigned tier;			/* esc_ack, esc_answer; else 0 */
	size_t start;			/* index of the message */
	struct hash env_id;		/* its name */
	uint64_t seconds;		/* 0 where a date rules */
	enum calendar_unit unit;
	struct clocks_bounds started;	/* pauses not counted in */
	struct clocks_bounds due;	/* pauses and extension counted in */
	uint64_t paused_min_ms;		/* by pauses that are over */
	uint64_t paused_max_ms;		/* CALENDAR_NEVER: not bounded */
	bool paused;			/* now */
	enum clocks_extended extended;
	bool explained;			/* by a DELAY after expiry */
	size_t stop;			/* index of what ended it, or NONE */
	struct clocks_bounds stopped;
	enum clocks_verdict verdict;
	uint64_t warn_at;		/* three quarters are over; 0 unknown */
};

struct clocks {
	struct clocks_clock *v;		/* by start, then kind */
	size_t n;
};

/*
 * clocks_eval(out, msgs, n, now):
 * Every clock that these messages started.  Depends on nothing else.  A
 * later message changes no verdict but WAITING, RUNNING, OVERDUE and LAPSED.
 * The caller frees *out with clocks_free.  ERR_TOO_BIG over
 * CASE_MESSAGES_MAX, ERR_NOMEM.
 */
enum err
clocks_eval(struct clocks *out, const struct clocks_msg *msgs, size_t n,
    const struct clocks_now *now);
void
clocks_free(struct clocks *clocks);

/*
 * clocks_next(clocks, now_at):
 * The nearest time after now_at at which a verdict of these may change
 * without a message, or a reminder is due; CALENDAR_NEVER if there is none.
 * One timer serves all.
 */
uint64_t
clocks_next(const struct clocks *clocks, uint64_t now_at);

/*
 * clocks_insufficient(clocks, sent):
 * Whether "insufficient request" was surely a lawful ground for a DECISION
 * signed then: the newest CLARIFY clock had run out unanswered.
 */
bool
clocks_insufficient(const struct clocks *clocks,
    const struct clocks_bounds *sent);

/* "in doubt"; never NULL. */
const char *
clocks_verdict_name(enum clocks_verdict verdict);

#endif
