#include "cases/ladder.h"

#include <stdlib.h>
#include <string.h>

#define BIT(state) (1u << (state))
#define LIVE \
	(BIT(LADDER_RAISED) | BIT(LADDER_ACKED) | BIT(LADDER_ANSWERED) | \
	    BIT(LADDER_RETURNED))

/* The table of DIALOGUE.md "Hotline", row for row. */
static const struct ladder_row rows[] = {
	{BIT(LADDER_RAISED), NOTICE_ESC_ACK, LADDER_BY_OTHER, LADDER_ACKED},
	{BIT(LADDER_RAISED) | BIT(LADDER_ACKED), NOTICE_ESC_ANSWER,
	    LADDER_BY_OTHER, LADDER_ANSWERED},
	{BIT(LADDER_RAISED) | BIT(LADDER_ACKED), NOTICE_ESC_RETURN,
	    LADDER_BY_OTHER, LADDER_RETURNED},
	{LIVE, NOTICE_ESCALATE, LADDER_BY_EITHER, LADDER_PASSED_ON},
	{LIVE, LADDER_SETTLING, LADDER_BY_RULE, LADDER_SETTLED},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

const struct ladder_row *
ladder_row(size_t i)
{
	return i < ROWS ? &rows[i] : NULL;
}

static void
move(struct ladder_step *step, uint16_t event, enum case_side by)
{
	for (size_t i = 0; i < ROWS; i++) {
		const struct ladder_row *r = &rows[i];

		if (!(r->from & BIT(step->state)) || r->event != event)
			continue;
		if (r->by == LADDER_BY_OTHER && by == step->by)
			continue;
		step->state = r->to;
		return;
	}
}

/* ---- causes ---- */

/* The message of that name, or NULL. */
static const struct clocks_msg *
find_msg(const struct ladder *l, const struct hash *env_id)
{
	for (size_t i = 0; i < l->msg_count; i++)
		if (casefile_is_named(l->msgs[i].m, env_id))
			return &l->msgs[i];
	return NULL;
}

static bool
same_cause(const struct ladder_cause *a, const struct ladder_cause *b)
{
	return a->about == b->about && hash_eq(&a->env_id, &b->env_id) &&
	    (a->about != LADDER_CLOCK || a->clock == b->clock);
}

/* By its newest name, so that equal causes compare equal. */
static struct ladder_cause
newest_name(const struct ladder *l, const struct ladder_cause *cause)
{
	struct ladder_cause named = *cause;
	const struct clocks_msg *msg = find_msg(l, &cause->env_id);

	if (msg != NULL)
		named.env_id = msg->m->env_id;
	return named;
}

static struct ladder_cause
cause_of(const struct ladder *l, const struct clocks_msg *msg)
{
	struct ladder_cause cause = {.env_id = msg->answers};

	if (msg->incident) {
		cause.about = LADDER_INCIDENT;
		if (hash_is_zero(&msg->answers))
			cause.env_id = msg->m->env_id;
	} else if (msg->touches != 0) {
		cause.about = LADDER_CLOCK;
		while (!(msg->touches >> cause.clock & 1))
			cause.clock++;
	} else if (!hash_is_zero(&msg->answers)) {
		cause.about = LADDER_DISPUTE;
	}
	return newest_name(l, &cause);
}

static const struct ladder_step *
last_step(const struct ladder *l, const struct ladder_cause *cause)
{
	for (size_t i = l->n; i-- > 0;)
		if (same_cause(&l->v[i].cause, cause))
			return &l->v[i];
	return NULL;
}

static const struct clocks_clock *
find_clock(const struct ladder *l, enum clocks_kind kind,
    const struct hash *env_id)
{
	for (size_t i = 0; i < l->clocks->n; i++)
		if (l->clocks->v[i].kind == kind &&
		    hash_eq(&l->clocks->v[i].env_id, env_id))
			return &l->clocks->v[i];
	return NULL;
}

static bool
is_gone(const struct clocks_clock *c)
{
	return c->stop != CLOCKS_NONE;
}

/* The DECISION was revised, or the case has ended since. */
static bool
is_revised(const struct ladder *l, const struct clocks_msg *decision)
{
	for (const struct clocks_msg *msg = decision + 1;
	     msg < l->msgs + l->msg_count; msg++) {
		if (msg->m->standing != CASE_STANDS)
			continue;
		if (msg->m->move.event == NOTICE_DECISION ||
		    (msg->m->after != msg->m->before &&
			casefile_ended(msg->m->after)))
			return true;
	}
	return false;
}

static enum ladder_why
check_dispute(const struct ladder *l, const struct ladder_ask *ask)
{
	const struct clocks_msg *msg = find_msg(l, &ask->cause.env_id);

	if (msg == NULL || msg->m->move.event != NOTICE_DECISION ||
	    msg->m->standing != CASE_STANDS)
		return LADDER_WHY_UNKNOWN;
	if (msg->m->side == ask->side)
		return LADDER_WHY_OWN;
	return is_revised(l, msg) ? LADDER_WHY_GONE : LADDER_MAY;
}

static enum ladder_why
check_clock(const struct ladder *l, const struct ladder_ask *ask)
{
	const struct clocks_clock *c = find_clock(l, ask->cause.clock,
	    &ask->cause.env_id);

	/* For a tier's own silence the next tier answers. */
	if (c == NULL || (clocks_row(c->kind)->rules & CLOCKS_TIER))
		return LADDER_WHY_UNKNOWN;
	if (c->owes == ask->side)
		return LADDER_WHY_OWN;
	if (is_gone(c))
		return LADDER_WHY_GONE;
	return c->verdict == CLOCKS_OVERDUE || c->verdict == CLOCKS_LATE
	    ? LADDER_MAY
	    : LADDER_WHY_NOT_OVERDUE;
}

static enum ladder_why
check_incident(const struct ladder *l, const struct ladder_ask *ask)
{
	if (!hash_is_zero(&ask->cause.env_id) &&
	    find_msg(l, &ask->cause.env_id) == NULL)
		return LADDER_WHY_UNKNOWN;
	if (last_step(l, &ask->cause) != NULL)
		return LADDER_MAY;
	return ask->urgency == URGENCY_MAX && ask->tier == CHARTER_TIERS
	    ? LADDER_MAY
	    : LADDER_WHY_INCIDENT;
}

static enum ladder_why
check_cause(const struct ladder *l, const struct ladder_ask *ask)
{
	switch (ask->cause.about) {
	case LADDER_CLOCK:
		return check_clock(l, ask);
	case LADDER_DISPUTE:
		return check_dispute(l, ask);
	case LADDER_INCIDENT:
		return check_incident(l, ask);
	default:
		return LADDER_WHY_NO_CAUSE;
	}
}

/* ---- what came of each ---- */

static void
add_step(struct ladder *l, size_t at)
{
	const struct clocks_msg *msg = &l->msgs[at];
	struct ladder_step *step = &l->v[l->n];
	const struct clocks_clock *c;

	step->msg = at;
	step->env_id = msg->m->env_id;
	step->by = msg->m->side;
	step->tier = msg->tier;
	step->cause = cause_of(l, msg);
	for (size_t i = 0; i < l->n; i++)
		if (same_cause(&l->v[i].cause, &step->cause))
			move(&l->v[i], NOTICE_ESCALATE, step->by);
	c = find_clock(l, CLOCKS_ESC_ACK, &step->env_id);
	if (c != NULL)
		step->ack = c->verdict;
	c = find_clock(l, CLOCKS_ESC_ANSWER, &step->env_id);
	if (c != NULL) {
		step->timed = true;
		step->answer = c->verdict;
		step->answer_due = c->due;
	}
	l->n++;
}

/* A CALL_RECORD that the other side confirmed, on the escalation it names. */
static void
countersigned(struct ladder *l, const struct clocks_msg *msg)
{
	const struct clocks_msg *record = find_msg(l, &msg->answers);

	if (record == NULL || record->m->move.event != NOTICE_CALL_RECORD ||
	    record->m->side == msg->m->side || !record->agreed)
		return;
	for (size_t i = 0; i < l->n; i++)
		if (casefile_is_named(l->msgs[l->v[i].msg].m,
		    &record->answers))
			move(&l->v[i], LADDER_SETTLING, msg->m->side);
}

static void
take(struct ladder *l, size_t at)
{
	const struct clocks_msg *msg = &l->msgs[at];

	switch (msg->m->move.event) {
	case NOTICE_ESCALATE:
		if (clocks_tier(msg->tier) != NULL)
			add_step(l, at);
		break;
	case NOTICE_CALL_RECORD:
		if (msg->m->move.outcome == OUTCOME_CONFIRMED)
			countersigned(l, msg);
		break;
	default:
		for (size_t i = 0; i < l->n; i++)
			if (casefile_is_named(l->msgs[l->v[i].msg].m,
			    &msg->answers))
				move(&l->v[i], msg->m->move.event,
				    msg->m->side);
	}
}

/* What was asked for has come, or is owed no more. */
static void
settle_gone(const struct ladder *l, struct ladder_step *step)
{
	const struct clocks_clock *c;
	const struct clocks_msg *msg;
	bool gone = false;

	if (step->cause.about == LADDER_CLOCK) {
		c = find_clock(l, step->cause.clock, &step->cause.env_id);
		gone = c != NULL && is_gone(c);
	} else if (step->cause.about == LADDER_DISPUTE) {
		msg = find_msg(l, &step->cause.env_id);
		gone = msg != NULL && is_revised(l, msg);
	}
	if (gone)
		move(step, LADDER_SETTLING, step->by);
}

enum err
ladder_eval(struct ladder *out, const struct clocks_msg *msgs, size_t n,
    const struct clocks *clocks, uint64_t now_at)
{
	size_t steps = 0;

	*out = (struct ladder){.msgs = msgs, .msg_count = n,
	    .clocks = clocks, .now_at = now_at};
	for (size_t i = 0; i < n; i++)
		steps += msgs[i].m->move.event == NOTICE_ESCALATE;
	if (steps == 0)
		return ERR_OK;
	out->v = calloc(steps, sizeof(*out->v));
	if (out->v == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++)
		if (!hash_is_zero(&msgs[i].m->env_id))
			take(out, i);
	for (size_t i = 0; i < out->n; i++)
		settle_gone(out, &out->v[i]);
	return ERR_OK;
}

void
ladder_free(struct ladder *ladder)
{
	free(ladder->v);
	*ladder = (struct ladder){0};
}

/* ---- what may be raised ---- */

/* A tier is skipped only in an emergency, by the REQUEST's own word. */
static bool
is_emergency(const struct ladder *l, const struct ladder_ask *ask)
{
	if (ask->cause.about == LADDER_INCIDENT)
		return ask->urgency == URGENCY_MAX;
	for (size_t i = 0; i < l->msg_count; i++)
		if (l->msgs[i].m->move.event == NOTICE_REQUEST &&
		    l->msgs[i].m->standing == CASE_STANDS)
			return l->msgs[i].urgency == URGENCY_MAX;
	return false;
}

static bool
has_time(const struct ladder *l, const struct ladder_step *step)
{
	return step->timed && (step->answer_due.before_at == 0 ||
	    l->now_at <= step->answer_due.before_at);
}

static enum ladder_why
check_height(const struct ladder *l, const struct ladder_ask *ask,
    const struct ladder_step *last)
{
	bool emergency = is_emergency(l, ask);

	if (last == NULL)
		return ask->tier == 1 || emergency ? LADDER_MAY
						   : LADDER_WHY_BELOW;
	if (last->state == LADDER_SETTLED)
		return LADDER_WHY_SETTLED;
	if (last->state == LADDER_RETURNED && ask->tier + 1 == last->tier)
		return LADDER_MAY;
	if (ask->tier <= last->tier)
		return LADDER_WHY_RAISED;
	if (emergency)
		return LADDER_MAY;
	if (ask->tier > last->tier + 1)
		return LADDER_WHY_BELOW;
	return last->state != LADDER_RETURNED && has_time(l, last)
	    ? LADDER_WHY_RUNS
	    : LADDER_MAY;
}

enum ladder_why
ladder_may(const struct ladder *ladder, const struct ladder_ask *ask)
{
	const struct clocks_tier *tier = clocks_tier(ask->tier);
	struct ladder_ask named = *ask;
	enum ladder_why why;

	if (tier == NULL)
		return LADDER_WHY_TIER;
	named.cause = newest_name(ladder, &ask->cause);
	why = check_cause(ladder, &named);
	if (why != LADDER_MAY)
		return why;
	if (ask->signatures < tier->signatures)
		return LADDER_WHY_SIGNATURES;
	return check_height(ladder, &named,
	    last_step(ladder, &named.cause));
}

enum err
ladder_err(enum ladder_why why)
{
	switch (why) {
	case LADDER_MAY:
		return ERR_OK;
	case LADDER_WHY_TIER:
		return ERR_CODE;
	case LADDER_WHY_SIGNATURES:
		return ERR_PERMIT;
	case LADDER_WHY_NO_CAUSE:
		return ERR_REQUIRED;
	case LADDER_WHY_UNKNOWN:
		return ERR_NOTFOUND;
	default:
		return ERR_STATE;
	}
}

const char *
ladder_why_name(enum ladder_why why)
{
	static const char *const names[LADDER_WHYS] = {
	    [LADDER_MAY] = "may",
	    [LADDER_WHY_TIER] = "tier",
	    [LADDER_WHY_SIGNATURES] = "signatures",
	    [LADDER_WHY_NO_CAUSE] = "no_cause",
	    [LADDER_WHY_UNKNOWN] = "unknown",
	    [LADDER_WHY_OWN] = "own",
	    [LADDER_WHY_NOT_OVERDUE] = "not_overdue",
	    [LADDER_WHY_GONE] = "gone",
	    [LADDER_WHY_INCIDENT] = "incident",
	    [LADDER_WHY_RAISED] = "raised",
	    [LADDER_WHY_BELOW] = "below",
	    [LADDER_WHY_RUNS] = "runs",
	    [LADDER_WHY_SETTLED] = "settled",
	};

	return (unsigned)why < LADDER_WHYS ? names[why] : "?";
}

const char *
ladder_state_name(enum ladder_state state)
{
	static const char *const names[LADDER_STATES] = {
	    [LADDER_RAISED] = "RAISED",
	    [LADDER_ACKED] = "ACKED",
	    [LADDER_ANSWERED] = "ANSWERED",
	    [LADDER_RETURNED] = "RETURNED",
	    [LADDER_PASSED_ON] = "PASSED_ON",
	    [LADDER_SETTLED] = "SETTLED",
	};

	return (unsigned)state < LADDER_STATES ? names[state] : "?";
}

/* ---- what software proposes ---- */

/* The lowest tier at which that may be raised, into ask[n] if there is room. */
static size_t
propose(const struct ladder *l, const struct ladder_ask *what,
    struct ladder_ask *ask, size_t n, size_t max)
{
	struct ladder_ask one = *what;

	for (one.tier = 1; one.tier <= CHARTER_TIERS; one.tier++) {
		one.signatures = clocks_tier(one.tier)->signatures;
		if (ladder_may(l, &one) != LADDER_MAY)
			continue;
		if (n < max)
			ask[n] = one;
		return n + 1;
	}
	return n;
}

size_t
ladder_proposes(const struct ladder *ladder, enum case_side side,
    struct ladder_ask *ask, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < ladder->clocks->n; i++) {
		const struct clocks_clock *c = &ladder->clocks->v[i];
		struct ladder_ask one = {.side = side,
		    .urgency = c->urgency,
		    .cause = {LADDER_CLOCK, c->env_id, c->kind}};

		n = propose(ladder, &one, ask, n, max);
	}
	for (size_t i = 0; i < ladder->n; i++) {
		const struct ladder_step *step = &ladder->v[i];
		struct ladder_ask one = {.side = side,
		    .urgency = ladder->msgs[step->msg].urgency,
		    .cause = step->cause};

		if (step->cause.about == LADDER_DISPUTE &&
		    last_step(ladder, &step->cause) == step)
			n = propose(ladder, &one, ask, n, max);
	}
	return n;
}
