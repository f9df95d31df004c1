#include "cases/clocks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/clocks_priv.h"

struct eval {
	const struct clocks_msg *msgs;
	size_t n;
	const struct clocks_now *now;
	bool requested;		/* a REQUEST stands: its urgency is the case's
				 * and no later message's changes it */
	unsigned urgency;
	uint32_t named;		/* clocks that it names */
	struct clocks_run *run;
	size_t runs, size;
};

/* ---- does a row speak of this message? ---- */

static bool
is_on(const struct clocks_on *on, const struct case_move *move)
{
	if (on->event != CLOCKS_ANY && on->event != move->event)
		return false;
	if (on->outcome[0] == 0)
		return true;
	for (unsigned i = 0; i < CLOCKS_OUTCOMES_MAX; i++)
		if (on->outcome[i] != 0 && on->outcome[i] == move->outcome)
			return true;
	return false;
}

static bool
is_listed(const struct clocks_on list[CLOCKS_ON_MAX],
    const struct case_move *move)
{
	for (unsigned i = 0; i < CLOCKS_ON_MAX && list[i].event != 0; i++)
		if (is_on(&list[i], move))
			return true;
	return false;
}

static uint32_t
bit(enum clocks_kind kind)
{
	return 1u << kind;
}

/*
 * Items and escalations are no part of a request's table and bind by the
 * name of what they answer; all else counts only where the table let it.
 */
static bool
counts(const struct clocks_row *row, const struct clocks_msg *msg)
{
	return (row->rules & CLOCKS_ANSWERS) || msg->m->standing == CASE_STANDS;
}

/* A SUPPLEMENT says itself which clock it is about. */
static bool
names_clock(const struct eval *e, enum clocks_kind kind,
    const struct clocks_msg *msg)
{
	if (msg->touches & bit(kind))
		return true;
	return msg->m->move.event != NOTICE_SUPPLEMENT &&
	    (e->named & bit(kind));
}

enum case_side
clocks_owing(enum clocks_owes owes, enum case_side author)
{
	switch (owes) {
	case CLOCKS_ASKER:
		return CASE_REQUESTING;
	case CLOCKS_ASKED:
		return CASE_REQUESTED;
	case CLOCKS_AUTHOR:
		return author;
	default:
		return author == CASE_REQUESTING ? CASE_REQUESTED
						 : CASE_REQUESTING;
	}
}

/* ---- starting ---- */

static bool
is_running(const struct eval *e, enum clocks_kind kind)
{
	for (size_t i = 0; i < e->runs; i++)
		if (e->run[i].open && e->run[i].c.kind == kind)
			return true;
	return false;
}

static bool
starts(const struct eval *e, enum clocks_kind kind,
    const struct clocks_msg *msg)
{
	const struct clocks_row *row = clocks_row(kind);

	if (!is_listed(row->start, &msg->m->move) || !counts(row, msg))
		return false;
	if ((row->rules & CLOCKS_NAMED) && !names_clock(e, kind, msg))
		return false;
	if ((row->rules & CLOCKS_SINGLE) && !msg->single)
		return false;
	if (msg->m->move.event == NOTICE_SUPPLEMENT && !msg->renews)
		return false;
	return (row->rules & CLOCKS_ANSWERS) || !is_running(e, kind);
}

/* What the charter says in that line; false: the clock does not run. */
static bool
charter_line(const struct charter *charter, const char *name,
    const char *suffix, unsigned urgency, uint64_t *seconds)
{
	const struct charter_clock *line;
	char word[CHARTER_WORD_MAX + 1];

	snprintf(word, sizeof(word), "%s%s", name, suffix);
	line = charter_clock_find(charter, word);
	if (line == NULL || line->seconds[urgency] == CHARTER_NONE)
		return false;
	*seconds = line->seconds[urgency];
	return true;
}

static bool
tier_line(struct clocks_run *run, const struct clocks_msg *msg)
{
	const struct clocks_tier *tier = clocks_tier(msg->tier);
	const struct charter_tier *line;
	bool ack = run->c.kind == CLOCKS_ESC_ACK;
	unsigned u = run->c.urgency;

	if (tier == NULL || !msg->terms->charter->tier[msg->tier - 1].present)
		return false;
	line = &msg->terms->charter->tier[msg->tier - 1];
	run->c.tier = msg->tier;
	run->c.seconds = ack ? line->ack[u] : line->answer[u];
	run->c.unit = calendar_unit_of(
	    ack ? tier->ack[u].unit : tier->answer[u].unit, run->c.seconds);
	return true;
}

/* A clock of dates alone needs no line in the charter. */
static bool
find_duration(struct clocks_run *run, const struct clocks_msg *msg)
{
	const struct clocks_row *row = run->row;
	const struct clocks_cell *cell = &row->cell[run->c.urgency];
	bool only_date = cell->dated && cell->seconds == 0;

	if (row->rules & CLOCKS_TIER)
		return tier_line(run, msg);
	if (!only_date && !charter_line(msg->terms->charter, row->name, "",
	    run->c.urgency, &run->c.seconds))
		return false;
	run->c.unit = calendar_unit_of(cell->unit, run->c.seconds);
	run->hidden = cell->dated && msg->closed;
	run->date_at = cell->dated && !msg->closed ? msg->date_at : 0;
	if (run->hidden || run->date_at != 0)
		run->c.seconds = 0;
	return !only_date || run->hidden || run->date_at != 0;
}

static void
find_delay(struct clocks_run *run, const struct clocks_msg *msg)
{
	unsigned u = run->c.urgency;

	run->delay.may = charter_line(msg->terms->charter, run->row->name,
	    "_extension", u, &run->delay.seconds);
	run->delay.unit = calendar_unit_of(run->row->extension[u].unit,
	    run->delay.seconds);
}

static struct span
handed_over(const struct clocks_msg *msg)
{
	struct span s = clocks_span(&msg->sent);

	if (msg->has_delivered) {
		struct span d = clocks_span(&msg->delivered);

		if (d.lo > s.lo)
			s.lo = d.lo;
		s.hi = d.hi;
	} else {
		s.hi = CALENDAR_NEVER;
	}
	return s;
}

static enum err
add_run(struct eval *e, const struct clocks_run *run)
{
	size_t size = e->size == 0 ? 16 : 2 * e->size;
	struct clocks_run *grown;

	if (e->runs == e->size) {
		grown = reallocarray(e->run, size, sizeof(*grown));
		if (grown == NULL)
			return ERR_NOMEM;
		e->run = grown;
		e->size = size;
	}
	e->run[e->runs++] = *run;
	return ERR_OK;
}

static unsigned
urgency_of(const struct eval *e, const struct clocks_row *row,
    const struct clocks_msg *msg)
{
	unsigned own = msg->urgency <= URGENCY_MAX ? msg->urgency : 0;

	/* Who raises may say that it has become more urgent. */
	if (!e->requested || ((row->rules & CLOCKS_TIER) && own > e->urgency))
		return own;
	return e->urgency;
}

static enum err
start(struct eval *e, enum clocks_kind kind, size_t at)
{
	const struct clocks_msg *msg = &e->msgs[at];
	struct clocks_run run = {.row = clocks_row(kind), .open = true};

	run.c.kind = kind;
	run.c.owes = clocks_owing(run.row->owes, msg->m->side);
	run.c.urgency = urgency_of(e, run.row, msg);
	run.c.start = at;
	run.c.env_id = msg->m->env_id;
	run.c.stop = CLOCKS_NONE;
	run.calendar = msg->terms->calendar[run.c.owes];
	if (!find_duration(&run, msg))
		return ERR_OK;
	find_delay(&run, msg);
	run.started = (run.row->rules & CLOCKS_SENT) || msg->has_delivered;
	run.at = run.row->rules & CLOCKS_SENT ? clocks_span(&msg->sent)
					      : handed_over(msg);
	return add_run(e, &run);
}

/* ---- stopping ---- */

static enum clocks_verdict
verdict_of(struct span answer, struct span due)
{
	if (answer.hi <= due.lo)
		return CLOCKS_MET;
	return answer.lo > due.hi ? CLOCKS_LATE : CLOCKS_IN_DOUBT;
}

static void
stop(struct clocks_run *run, const struct clocks_msg *msg, size_t at,
    bool drop)
{
	struct span sent = clocks_span(&msg->sent), due;
	bool started = run->started;

	/* Who answers has what it answers. */
	if (!drop && msg->m->side == run->c.owes) {
		run->started = true;
		if (run->at.hi > sent.hi)
			run->at.hi = sent.hi;
	}
	due = clocks_due(run, sent);
	if (run->pause.open)
		clocks_resume(run, sent);
	run->c.due = clocks_bounds_of(due);
	run->c.stop = at;
	run->c.stopped = msg->sent;
	run->c.verdict = verdict_of(sent, due);
	if (drop && (run->c.verdict == CLOCKS_MET || !started))
		run->c.verdict = CLOCKS_DROPPED;
	else if (drop && run->c.verdict == CLOCKS_LATE &&
	    (run->row->rules & CLOCKS_LAPSES))
		run->c.verdict = CLOCKS_LAPSED;
	run->open = false;
}

/* The message is the one this clock waits for. */
static bool
stops(const struct eval *e, const struct clocks_run *run,
    const struct clocks_msg *msg)
{
	if (!is_listed(run->row->stop, &msg->m->move) ||
	    msg->m->side != run->c.owes || !counts(run->row, msg))
		return false;
	if (msg->m->move.event == NOTICE_SUPPLEMENT &&
	    !names_clock(e, run->c.kind, msg))
		return false;
	return !(run->row->rules & CLOCKS_ANSWERS) ||
	    casefile_is_named(e->msgs[run->c.start].m, &msg->answers);
}

/* Nothing is owed any more: by the row, or because the case ended. */
static bool
drops(const struct eval *e, const struct clocks_run *run,
    const struct clocks_msg *msg)
{
	const struct case_msg *m = msg->m;

	if (is_listed(run->row->drop, &m->move) && counts(run->row, msg)) {
		const struct case_msg *from = e->msgs[run->c.start].m;

		if (!(run->row->rules & CLOCKS_ANSWERS))
			return true;
		if (m->side == from->side &&
		    casefile_is_named(from, &msg->answers))
			return true;
	}
	return m->standing == CASE_STANDS && m->after != m->before &&
	    casefile_ended(m->after) && !(run->row->rules & CLOCKS_KEPT);
}

/* ---- pauses and extensions ---- */

static void
pause_by(struct eval *e, const struct clocks_msg *msg)
{
	struct span limit = {CALENDAR_NEVER, CALENDAR_NEVER};

	for (size_t i = 0; i < e->runs; i++)
		if (e->run[i].open && e->run[i].c.kind == CLOCKS_CLARIFY)
			limit = clocks_due(&e->run[i],
			    (struct span){0, CALENDAR_NEVER});
	for (size_t i = 0; i < e->runs; i++) {
		struct clocks_run *run = &e->run[i];

		if (!run->open || !(run->row->rules & CLOCKS_PAUSES) ||
		    run->c.owes != msg->m->side)
			continue;
		run->pause.open = true;
		run->pause.delivered = msg->has_delivered;
		run->pause.at = handed_over(msg);
		run->pause.limit = limit;
	}
}

/* CLARIFYING is over: for who owes when its answers are handed over, or when
 * it went on by itself. */
static void
resume_by(struct eval *e, const struct clocks_msg *msg)
{
	struct span sent = clocks_span(&msg->sent), ends = sent;

	if (msg->m->move.event == NOTICE_CLARIFIED)
		ends = handed_over(msg);
	for (size_t i = 0; i < e->runs; i++) {
		struct clocks_run *run = &e->run[i];

		if (!run->open || !run->pause.open)
			continue;
		/* Who answers the questions had them. */
		run->pause.delivered = true;
		if (run->pause.at.hi > sent.hi)
			run->pause.at.hi = sent.hi;
		clocks_resume(run, ends);
	}
}

static void
delay_by(struct eval *e, const struct clocks_msg *msg)
{
	for (size_t i = 0; i < e->runs; i++) {
		struct clocks_run *run = &e->run[i];

		if (run->open && run->c.owes == msg->m->side &&
		    (msg->touches & bit(run->c.kind)))
			clocks_delay(run, clocks_span(&msg->sent),
			    msg->date_at, msg->closed);
	}
}

/* ---- one message after the other ---- */

static void
open_case(struct eval *e, const struct clocks_msg *msg)
{
	e->named = msg->touches;
	e->urgency = msg->urgency <= URGENCY_MAX ? msg->urgency : 0;
	e->requested = true;
}

static enum err
take(struct eval *e, size_t at)
{
	const struct clocks_msg *msg = &e->msgs[at];
	const struct case_msg *m = msg->m;
	bool stands = m->standing == CASE_STANDS;
	enum err err = ERR_OK;

	for (size_t i = 0; i < e->runs; i++) {
		struct clocks_run *run = &e->run[i];

		if (run->open && stops(e, run, msg))
			stop(run, msg, at, false);
		else if (run->open && drops(e, run, msg))
			stop(run, msg, at, true);
	}
	if (stands && m->before == CASE_CLARIFYING &&
	    m->after != CASE_CLARIFYING)
		resume_by(e, msg);
	if (stands && m->move.event == NOTICE_DELAY)
		delay_by(e, msg);
	if (stands && m->move.event == NOTICE_REQUEST)
		open_case(e, msg);
	for (unsigned k = 0; !err && k < CLOCKS_KINDS; k++)
		if (starts(e, (enum clocks_kind)k, msg))
			err = start(e, (enum clocks_kind)k, at);
	if (stands && m->move.event == NOTICE_CLARIFY)
		pause_by(e, msg);
	return err;
}

/* ---- what is still open ---- */

static enum clocks_verdict
open_verdict(const struct eval *e, const struct clocks_run *run,
    struct span due)
{
	const struct case_msg *from = e->msgs[run->c.start].m;

	if (!run->started)
		return from->evidence & CASE_EVIDENCE_EXPIRED
		    ? CLOCKS_NOT_TAKEN_IN
		    : CLOCKS_WAITING;
	if (e->now->at > due.hi && (run->row->rules & CLOCKS_LAPSES))
		return CLOCKS_LAPSED;
	if (e->now->silent_until_at[run->c.owes] > due.hi)
		return CLOCKS_LATE;
	return e->now->at > due.hi ? CLOCKS_OVERDUE : CLOCKS_RUNNING;
}

/* Three quarters: 45 of a preservation's 60 days. */
static uint64_t
warning(const struct clocks_run *run, struct span due)
{
	uint64_t from = run->at.lo + run->paused.lo;

	if (run->at.lo == 0 || due.lo == CALENDAR_NEVER || due.lo < from)
		return 0;
	if (run->c.seconds != 0 && run->c.extended == CLOCKS_NOT_EXTENDED)
		return from + run->c.seconds * 750;
	return from + (due.lo - from) / 4 * 3;
}

static void
finish(const struct eval *e, struct clocks_run *run)
{
	struct clocks_clock *c = &run->c;
	struct span due;

	if (run->open) {
		due = clocks_due(run,
		    (struct span){e->now->at, CALENDAR_NEVER});
		/* Nobody has begun to owe it. */
		if (run->started)
			c->due = clocks_bounds_of(due);
		c->verdict = open_verdict(e, run, due);
		c->warn_at = run->started ? warning(run, due) : 0;
		c->paused = run->pause.open && run->pause.delivered &&
		    e->now->at <= run->pause.limit.hi;
	}
	if (run->started)
		c->started = clocks_bounds_of(run->at);
	c->paused_min_ms = run->paused.lo;
	c->paused_max_ms = run->paused.hi;
}

enum err
clocks_eval(struct clocks *out, const struct clocks_msg *msgs, size_t n,
    const struct clocks_now *now)
{
	struct eval e = {.msgs = msgs, .n = n, .now = now};
	enum err err = ERR_OK;

	*out = (struct clocks){0};
	if (n > CASE_MESSAGES_MAX)
		return ERR_TOO_BIG;
	for (size_t at = 0; !err && at < n; at++)
		if (!hash_is_zero(&msgs[at].m->env_id))
			err = take(&e, at);
	if (!err && e.runs > 0) {
		out->v = calloc(e.runs, sizeof(*out->v));
		err = out->v != NULL ? ERR_OK : ERR_NOMEM;
	}
	for (size_t i = 0; !err && i < e.runs; i++) {
		finish(&e, &e.run[i]);
		out->v[out->n++] = e.run[i].c;
	}
	free(e.run);
	return err;
}

void
clocks_free(struct clocks *clocks)
{
	free(clocks->v);
	*clocks = (struct clocks){0};
}

/* ---- questions about the answer ---- */

bool
clocks_arrived(struct clocks_bounds *out, const struct clocks_arrival *a)
{
	struct span acked = clocks_span(&a->acked_at);
	struct span fetched = clocks_span(&a->fetched_at);

	*out = (struct clocks_bounds){0};
	if (a->receipt) {
		*out = a->receipt_at;
	} else if (a->acked && a->fetched) {
		if (fetched.lo < acked.lo)
			acked.lo = fetched.lo;
		if (fetched.hi < acked.hi)
			acked.hi = fetched.hi;
		*out = clocks_bounds_of(acked);
	} else if (a->acked) {
		*out = a->acked_at;
	} else if (a->fetched) {
		*out = a->fetched_at;
	}
	return a->receipt || a->acked || a->fetched;
}

static void
nearer(uint64_t *next, uint64_t at, uint64_t now_at)
{
	if (at > now_at && at < *next)
		*next = at;
}

uint64_t
clocks_next(const struct clocks *clocks, uint64_t now_at)
{
	uint64_t next = CALENDAR_NEVER;

	for (size_t i = 0; i < clocks->n; i++) {
		const struct clocks_clock *c = &clocks->v[i];

		if (c->verdict != CLOCKS_RUNNING)
			continue;
		/* A paused clock waits for the CLARIFY clock, listed too. */
		if (c->paused)
			continue;
		nearer(&next, c->warn_at, now_at);
		/* At the due time itself it is still met. */
		if (c->due.after_at != 0)
			nearer(&next, c->due.after_at + 1, now_at);
		if (c->due.before_at != 0)
			nearer(&next, c->due.before_at + 1, now_at);
	}
	return next;
}

bool
clocks_insufficient(const struct clocks *clocks,
    const struct clocks_bounds *sent)
{
	for (size_t i = clocks->n; i-- > 0;) {
		const struct clocks_clock *c = &clocks->v[i];

		if (c->kind == CLOCKS_CLARIFY)
			return c->verdict != CLOCKS_MET &&
			    c->due.before_at != 0 &&
			    sent->after_at > c->due.before_at;
	}
	return false;
}
