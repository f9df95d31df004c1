/*
 * ladder: the hotline's three tiers: what was raised, what came of it, what
 * may be raised now.
 *
 * Owns DIALOGUE.md's table of an escalation's states as data.  A pure
 * function of the same messages that cases/clocks.h evaluates, and of its
 * answer.  Software proposes; a person raises.  The tiers' durations are the
 * charter's, their names each side's own in the PROFILE.
 */
#ifndef CASES_LADDER_H
#define CASES_LADDER_H

#include "cases/clocks.h"

enum ladder_state {
	LADDER_RAISED,
	LADDER_ACKED,
	LADDER_ANSWERED,
	LADDER_RETURNED,	/* to the tier below; from 1 to the desks */
	LADDER_PASSED_ON,	/* raised again, at another tier */
	LADDER_SETTLED,
	LADDER_STATES,
};

/* What the table says of one event. */
#define LADDER_SETTLING 0x200	/* event: the cause is gone, or a CALL_RECORD
				 * with an agreed outcome was countersigned */
enum ladder_by {
	LADDER_BY_OTHER,	/* the side to which it was raised */
	LADDER_BY_EITHER,
	LADDER_BY_RULE,
};
struct ladder_row {
	uint32_t from;		/* bit per ladder_state */
	uint16_t event;		/* enum notice_type or LADDER_SETTLING */
	enum ladder_by by;
	enum ladder_state to;
};
/* ladder_row(i): the i-th row, NULL past the end. */
const struct ladder_row *
ladder_row(size_t i);

/* What an ESCALATE cites. */
enum ladder_about {
	LADDER_NOTHING,
	LADDER_CLOCK,		/* an unmet obligation: message and clock */
	LADDER_DISPUTE,		/* a DECISION */
	LADDER_INCIDENT,	/* none: a case of its own */
};
struct ladder_cause {
	enum ladder_about about;
	struct hash env_id;	/* LADDER_CLOCK: the message that started it;
				 * LADDER_INCIDENT: its first ESCALATE */
	enum clocks_kind clock;	/* LADDER_CLOCK */
};

/* One ESCALATE. */
struct ladder_step {
	size_t msg;			/* its index */
	struct hash env_id;
	enum case_side by;
	unsigned tier;
	struct ladder_cause cause;
	enum ladder_state state;
	bool timed;			/* the charter has a line for its tier;
					 * else there is no time to wait for */
	enum clocks_verdict ack;	/* of its two clocks, if timed */
	enum clocks_verdict answer;
	struct clocks_bounds answer_due;
};

struct ladder {
	struct ladder_step *v;		/* in the order of the messages */
	size_t n;
	/* What it was made of; must live as long. */
	const struct clocks_msg *msgs;
	size_t msg_count;
	const struct clocks *clocks;
	uint64_t now_at;
};

/*
 * ladder_eval(out, msgs, n, clocks, now_at):
 * clocks is the answer of clocks_eval for these messages at that time.  The
 * caller frees *out with ladder_free.  ERR_NOMEM.
 */
enum err
ladder_eval(struct ladder *out, const struct clocks_msg *msgs, size_t n,
    const struct clocks *clocks, uint64_t now_at);
void
ladder_free(struct ladder *ladder);

/* Why something may not be raised. */
enum ladder_why {
	LADDER_MAY,
	LADDER_WHY_TIER,	/* there is no such tier */
	LADDER_WHY_SIGNATURES,	/* tiers 2 and 3 want two */
	LADDER_WHY_NO_CAUSE,	/* it cites no obligation and no incident */
	LADDER_WHY_UNKNOWN,	/* what it cites is not in this case */
	LADDER_WHY_OWN,		/* it is owed by who would raise it */
	LADDER_WHY_NOT_OVERDUE,
	LADDER_WHY_GONE,	/* since answered, dropped or revised */
	LADDER_WHY_INCIDENT,	/* an incident is U2, and raised at tier 3 */
	LADDER_WHY_RAISED,	/* it stands at this tier or above already */
	LADDER_WHY_BELOW,	/* the tier below comes first, but at U2 */
	LADDER_WHY_RUNS,	/* the tier below still has time to answer */
	LADDER_WHY_SETTLED,	/* both sides agreed on an outcome */
	LADDER_WHYS,
};

struct ladder_ask {
	enum case_side side;
	unsigned tier;
	unsigned urgency;	/* only an incident's counts: the REQUEST's is
				 * its case's */
	unsigned signatures;
	struct ladder_cause cause;
};

/* ladder_may(ladder, ask): whether side may raise that now. */
enum ladder_why
ladder_may(const struct ladder *ladder, const struct ladder_ask *ask);
/* ladder_err(why): ERR_OK, or how a refusal is told: ERR_PERMIT, ERR_REQUIRED,
 * ERR_NOTFOUND, ERR_CODE, ERR_STATE.  ladder_why_name: "not_overdue". */
enum err
ladder_err(enum ladder_why why);
const char *
ladder_why_name(enum ladder_why why);
const char *
ladder_state_name(enum ladder_state state);

/*
 * ladder_proposes(ladder, side, ask, max):
 * What side could raise now, each cause once at its lowest tier, as asks
 * with the signatures they need: what a program may put before a person.
 * Disputes and incidents are proposed only once they have been raised: that
 * something is one is a person's word.  Returns how many there are; writes
 * at most max.
 */
size_t
ladder_proposes(const struct ladder *ladder, enum case_side side,
    struct ladder_ask *ask, size_t max);

#endif
