#include "endpoint/clocksjson.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/json.h"
#include "endpoint/agent.h"
#include "endpoint/book.h"
#include "endpoint/caseclocks.h"
#include "endpoint/casejson.h"
#include "endpoint/pairs.h"
#include "endpoint/watch.h"

#define DAY_MS 86400000
#define PROPOSALS_MAX 16

static const char *const sides[] = {"requesting", "requested"};

/* ---- one clock ---- */

static const struct profile_side *
calendar_of(const struct caseclocks *x, const struct clocks_clock *clock,
    bool owing)
{
	int side = owing ? (int)clock->owes : 1 - (int)clock->owes;

	return x->terms[clock->start].calendar[side];
}

static void
add_wall(struct json *arr, const struct calendar_wall *w)
{
	struct json *obj = json_new_obj();
	char text[32];

	/* An int may be long; a date is not. */
	snprintf(text, sizeof(text), "%04d-%02d-%02d %02d:%02d",
	    w->year % 10000, w->month % 100, w->day % 100, w->hour % 100,
	    w->minute % 100);
	json_put_str(obj, "place", w->city[0] != '\0' ? w->city : "UTC");
	json_put_str(obj, "time", text);
	json_add(arr, &obj);
}

/* How far away it is, for who owes and by both sides' wall clocks. */
static void
put_when(struct json *obj, const struct caseclocks *x,
    const struct clocks_clock *clock)
{
	const struct profile_side *owing = calendar_of(x, clock, true);
	const struct profile_side *other = calendar_of(x, clock, false);
	uint64_t due = caseclocks_due(clock);
	struct calendar_when w =
	    calendar_when(owing, other, x->now.at, due);
	struct json *arr = json_new_arr();

	json_put_int(
	    obj, "remaining_ms", (int64_t)due - (int64_t)x->now.at);
	json_put_int(obj, "working_days", w.working_days);
	add_wall(arr, &w.owing);
	if (owing != NULL || other != NULL)
		add_wall(arr, &w.other);
	json_put(obj, "local_due", &arr);
}

static void
put_due(struct json *obj, const struct caseclocks *x,
    const struct clocks_clock *clock)
{
	struct json *span;

	if (caseclocks_due(clock) == 0 ||
	    caseclocks_due(clock) > INT64_MAX)
		return;
	if (clock->due.after_at == clock->due.before_at) {
		json_put_time(obj, "due_at", (int64_t)clock->due.after_at);
	} else {
		/* null on a side that nothing bounds. */
		span = json_new_obj();
		json_put_time(span, "after", (int64_t)clock->due.after_at);
		json_put_time(span, "before", (int64_t)clock->due.before_at);
		json_put(obj, "due_between", &span);
	}
	put_when(obj, x, clock);
}

static void
put_message(struct json *obj, const char *key, const struct caseclocks *x,
    size_t at)
{
	const struct caserows_msg *row = caseclocks_row(x, at);
	struct json *part = json_new_obj();

	json_put_int(part, "n", row->revision);
	json_put_str(part, "type",
	    notice_type_name((enum notice_type)row->m.move.event));
	json_put_hex(part, "env_id", &row->m.env_id, HASH_BYTES);
	json_put(obj, key, &part);
}

static void
put_clock(struct json *obj, const struct caseclocks *x,
    const struct clocks_clock *clock, enum case_side ours)
{
	static const char *const extended[] = {"no", "yes", "maybe"};

	json_put_str(obj, "clock", clocks_row(clock->kind)->name);
	json_put_str(obj, "owes", sides[clock->owes]);
	json_put_bool(obj, "ours", clock->owes == ours);
	json_put_str(obj, "verdict", clocks_verdict_name(clock->verdict));
	if (clock->tier != 0)
		json_put_int(obj, "tier", clock->tier);
	put_due(obj, x, clock);
	json_put_bool(obj, "paused", clock->paused);
	json_put_str(obj, "extended", extended[clock->extended]);
	if (clock->explained)
		json_put_bool(obj, "explained", true);
	put_message(obj, "started_by", x, clock->start);
	if (clock->stop != CLOCKS_NONE)
		put_message(obj, "stopped_by", x, clock->stop);
	json_put_bool(obj, "claimed", caseclocks_claimed(x, clock));
}

static struct json *
clocks_json(const struct caseclocks *x, enum case_side ours)
{
	struct json *arr = json_new_arr(), *obj;

	for (size_t i = 0; i < x->clocks.n; i++) {
		obj = json_new_obj();
		put_clock(obj, x, &x->clocks.v[i], ours);
		json_add(arr, &obj);
	}
	return arr;
}

/* ---- the ladder ---- */

static void
put_cause(struct json *obj, const struct ladder_cause *cause)
{
	static const char *const about[] = {
	    "nothing", "clock", "dispute", "incident"};

	json_put_str(obj, "about", about[cause->about]);
	if (cause->about == LADDER_CLOCK)
		json_put_str(obj, "clock", clocks_row(cause->clock)->name);
	json_put_hex(obj, "cites", &cause->env_id, HASH_BYTES);
}

static struct json *
steps_json(const struct ladder *l, enum case_side ours)
{
	struct json *arr = json_new_arr();

	for (size_t i = 0; i < l->n; i++) {
		const struct ladder_step *step = &l->v[i];
		struct json *obj = json_new_obj();

		json_put_int(obj, "tier", step->tier);
		json_put_bool(obj, "own", step->by == ours);
		json_put_str(obj, "state", ladder_state_name(step->state));
		put_cause(obj, &step->cause);
		json_put_hex(obj, "env_id", &step->env_id, HASH_BYTES);
		if (step->timed) {
			json_put_str(
			    obj, "ack", clocks_verdict_name(step->ack));
			json_put_str(obj, "answer",
			    clocks_verdict_name(step->answer));
		}
		json_add(arr, &obj);
	}
	return arr;
}

/* What our side could raise now: a person does, no program. */
static struct json *
proposals_json(const struct ladder *l, enum case_side ours)
{
	struct json *arr = json_new_arr();
	struct ladder_ask ask[PROPOSALS_MAX];
	size_t n = ladder_proposes(l, ours, ask, PROPOSALS_MAX);

	for (size_t i = 0; i < n && i < PROPOSALS_MAX; i++) {
		struct json *obj = json_new_obj();

		json_put_int(obj, "tier", ask[i].tier);
		json_put_int(obj, "signatures", ask[i].signatures);
		put_cause(obj, &ask[i].cause);
		json_add(arr, &obj);
	}
	return arr;
}

void
clocksjson_put(struct agent *agent, struct json *obj,
    const struct caserows_case *c)
{
	struct caseclocks x;
	struct json *part, *ladder;
	enum err err = caseclocks_eval(agent, c, &x);

	if (err == ERR_OK) {
		part = clocks_json(&x, c->ours);
		json_put(obj, "clocks", &part);
		ladder = json_new_obj();
		part = steps_json(&x.ladder, c->ours);
		json_put(ladder, "steps", &part);
		part = proposals_json(&x.ladder, c->ours);
		json_put(ladder, "may_raise", &part);
		json_put(obj, "ladder", &ladder);
	} else {
		diag_warn("clocksjson", "the clocks cannot be told: %s",
		    err_name(err));
	}
	caseclocks_free(&x);
}

/* ---- what is late ---- */

struct late {
	uint64_t due_at;
	unsigned urgency;
	struct json *obj;
};

struct gathering {
	struct agent *agent;
	const struct pair *pair;	/* NULL: all */
	uint64_t until_at;
	struct late *v;
	size_t n, size;
};

static enum err
add_late(struct gathering *g, const struct caserows_case *c,
    const struct caseclocks *x, const struct clocks_clock *clock)
{
	size_t size = g->size == 0 ? 64 : 2 * g->size;
	struct late *grown;

	if (g->n == g->size) {
		grown = reallocarray(g->v, size, sizeof(*grown));
		if (grown == NULL)
			return ERR_NOMEM;
		g->v = grown;
		g->size = size;
	}
	g->v[g->n].due_at = caseclocks_due(clock);
	g->v[g->n].urgency = clock->urgency;
	g->v[g->n].obj = json_new_obj();
	casejson_brief(g->agent, g->v[g->n].obj, c);
	put_clock(g->v[g->n].obj, x, clock, c->ours);
	g->n++;
	return ERR_OK;
}

static enum err
gather(struct gathering *g, const struct id *case_id)
{
	struct caserows_case c;
	struct caseclocks x;
	enum err err = caserows_get(agent_book(g->agent), case_id, &c);

	if (err != ERR_OK || (g->pair != NULL && c.pair != g->pair->number))
		return err;
	err = caseclocks_eval(g->agent, &c, &x);
	for (size_t i = 0; i < x.clocks.n && err == ERR_OK; i++) {
		const struct clocks_clock *clock = &x.clocks.v[i];

		if (caseclocks_listed(&x, clock) &&
		    caseclocks_due(clock) != 0 &&
		    caseclocks_due(clock) <= g->until_at)
			err = add_late(g, &c, &x, clock);
	}
	caseclocks_free(&x);
	return err;
}

static int
cmp_late(const void *a, const void *b)
{
	const struct late *x = a, *y = b;

	if (x->urgency != y->urgency)
		return x->urgency > y->urgency ? -1 : 1;
	return (x->due_at > y->due_at) - (x->due_at < y->due_at);
}

static struct json *
late_json(struct gathering *g, unsigned days, bool truncated)
{
	struct json *out = json_new_obj(), *arr = json_new_arr();

	if (g->n > 0)
		qsort(g->v, g->n, sizeof(*g->v), cmp_late);
	for (size_t i = 0; i < g->n; i++)
		json_add(arr, &g->v[i].obj);
	json_put_time(out, "at", agent_now(g->agent));
	json_put_int(out, "days", days);
	json_put_bool(out, "truncated", truncated);
	json_put(out, "items", &arr);
	return out;
}

enum err
clocksjson_late(struct agent *agent, const char *peer, unsigned days,
    struct json **out)
{
	int64_t until = agent_now(agent) + (int64_t)days * DAY_MS;
	struct gathering g = {.agent = agent, .until_at = (uint64_t)until};
	struct id *list = calloc(CLOCKSJSON_CASES_MAX, sizeof(*list));
	size_t n = 0;
	enum err err;

	*out = NULL;
	if (peer != NULL && peer[0] != '\0')
		g.pair = pairs_named(agent_pairs(agent), peer);
	if (peer != NULL && peer[0] != '\0' && g.pair == NULL) {
		free(list);
		return ERR_NOTFOUND;
	}
	err = list == NULL ? ERR_NOMEM :
	    watch_due_by(agent_book(agent), until, list,
		CLOCKSJSON_CASES_MAX, &n);
	for (size_t i = 0; i < n && err == ERR_OK; i++) {
		err = gather(&g, &list[i]);
		if (err != ERR_OK && !refold_fatal(err)) {
			diag_warn("clocksjson", "the clocks of a case cannot "
			    "be told: %s", err_name(err));
			err = ERR_OK;
		}
	}
	if (err == ERR_OK)
		*out = late_json(&g, days, n == CLOCKSJSON_CASES_MAX);
	for (size_t i = 0; i < g.n; i++)
		json_free(&g.v[i].obj);
	free(g.v);
	free(list);
	return err;
}

/* ---- movements ---- */

void
clocksjson_news(struct json *obj, const struct caserows_news *news,
    const struct caserows_msg *m, enum case_side ours)
{
	const struct clocks_row *row = news->clock > 0
	    ? clocks_row((enum clocks_kind)(news->clock - 1)) : NULL;
	enum case_side side;

	if (row == NULL)
		return;
	side = clocks_owing(row->owes, m->m.side);
	json_put_str(obj, "clock", row->name);
	json_put_str(obj, "owes", sides[side]);
	json_put_bool(obj, "ours", side == ours);
	json_put_time(obj, "due_at", news->due_at);
}
