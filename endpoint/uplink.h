/*
 * uplink: what to say next to one relay: a pure state machine.
 *
 * DOWN -> GREETING (HELLO sent) -> READY, or REFUSED for a while.  In READY
 * one KEYS, SUBMIT, LOG, PASS, FETCH (parked at the relay) and PING may be
 * under way at once, each with a deadline; a deadline missed means the
 * connection is made anew.  Knows no bytes, no socket and no clock: link
 * events, answers and monotonic ms come in, acts come out.  The states and
 * their moves stand in a table that a test walks.  Agent core.
 */
#ifndef ENDPOINT_UPLINK_H
#define ENDPOINT_UPLINK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum uplink_state {
	UPLINK_DOWN,		/* no connection */
	UPLINK_GREETING,	/* connected, HELLO not answered or compared */
	UPLINK_REFUSED,		/* the relay said no; tried again later */
	UPLINK_READY,
};
#define UPLINK_STATES 4

enum uplink_act {
	UPLINK_NOTHING,
	UPLINK_HELLO,
	UPLINK_KEYS,
	UPLINK_SUBMIT,
	UPLINK_FETCH,
	UPLINK_LOG,
	UPLINK_PASS,
	UPLINK_PING,
	UPLINK_RECONNECT,	/* tell the link to make it anew */
};
#define UPLINK_ACTS 9

/* Times in ms. */
#define UPLINK_ANSWER_MS 15000		/* HELLO, KEYS, LOG, PASS, PING */
#define UPLINK_SUBMIT_MS 30000		/* a commit under load */
#define UPLINK_WAIT_MS 20000		/* a FETCH parks this long */
#define UPLINK_FETCH_MS (UPLINK_WAIT_MS + 15000)
#define UPLINK_PING_MS 10000		/* idle time before a PING */
#define UPLINK_RETRY_MS 500		/* first pause after a refusal */
#define UPLINK_RETRY_MAX_MS 30000

struct uplink_slot {
	uint64_t ticket;	/* 0: idle */
	int64_t until;
};

struct uplink {
	enum uplink_state state;
	struct uplink_slot slot[UPLINK_ACTS];
	uint64_t tickets;	/* last one given out */
	unsigned tries;		/* refusals in a row */
	int64_t retry_at;	/* no HELLO before */
	int64_t submit_at;	/* no SUBMIT before */
	int64_t fetch_at;	/* no FETCH before */
	int64_t heard_at;	/* last answer; 0: none yet */
	int64_t up_at;		/* when the link last came up or went down */
	enum err why;		/* of REFUSED, else ERR_OK */
};

/* What there is to do, asked before each uplink_next. */
struct uplink_needs {
	bool submit;		/* rows wait for this relay */
	bool keys;		/* a statement is wanted */
	bool log;		/* two sizes of its log are to be joined */
	bool pass;		/* somebody asks for passes */
	bool refetch;		/* the cursors changed: FETCH again */
};

void
uplink_init(struct uplink *u);

/* uplink_link(u, up, now): the link child connected or lost the relay.
 * What was under way is forgotten: it is asked or sent again. */
void
uplink_link(struct uplink *u, bool up, int64_t now);

/* uplink_next(u, needs, now): the next act, UPLINK_NOTHING when all that can
 * be under way is.  After RECONNECT the state is DOWN. */
enum uplink_act
uplink_next(struct uplink *u, const struct uplink_needs *needs, int64_t now);

/* uplink_sent(u, act, now): act goes out; the ticket it bears, never 0. */
uint64_t
uplink_sent(struct uplink *u, enum uplink_act act, int64_t now);

/*
 * uplink_answer(u, ticket, status, now):
 * Which act this answers, UPLINK_NOTHING for a stale ticket.  A status other
 * than ERR_OK pauses that act (or all, for HELLO).
 */
enum uplink_act
uplink_answer(struct uplink *u, uint64_t ticket, enum err status,
    int64_t now);

/* uplink_greeted(u): HELLO was compared with the book: READY. */
void
uplink_greeted(struct uplink *u);
/* uplink_refuse(u, why, now): stop for a while (also: superseded). */
void
uplink_refuse(struct uplink *u, enum err why, int64_t now);

/* uplink_due(u, now): when after now uplink_next may want something without
 * an event; INT64_MAX for never. */
int64_t
uplink_due(const struct uplink *u, int64_t now);

const char *
uplink_state_name(enum uplink_state state);

#endif
