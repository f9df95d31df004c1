#include "endpoint/watch.h"

#include "base/db.h"
#include "base/diag.h"
#include "endpoint/agent.h"
#include "endpoint/book.h"
#include "endpoint/caseclocks.h"

/* After what cannot be evaluated now. */
#define AGAIN_MS 3600000

/* ---- the table ---- */

enum err
watch_renew(struct agent *agent, const struct id *case_id)
{
	int64_t at = agent_now(agent) + WATCH_SETTLE_MS;
	struct db_stmt *s = db_prepare(agent_db(agent),
	    "INSERT INTO clock_due VALUES (?1, ?2, ?3)"
	    " ON CONFLICT (case_id) DO UPDATE SET at = min(at, ?2)");

	db_bind_id(s, 1, case_id);
	db_bind_int(s, 2, at);
	db_bind_int(s, 3, INT64_MAX);
	agent_wake(agent, at);
	return db_run(s);
}

static enum err
keep(struct agent *agent, const struct id *case_id, int64_t at,
    int64_t due_at)
{
	struct db_stmt *s = db_prepare(agent_db(agent),
	    "UPDATE clock_due SET at = ?2, due_at = ?3 WHERE case_id = ?1");

	db_bind_id(s, 1, case_id);
	db_bind_int(s, 2, at);
	db_bind_int(s, 3, due_at);
	return db_run(s);
}

/* Up to max cases whose column says so by then, earliest first. */
static enum err
pick(struct db_stmt *s, int64_t by, struct id *out, size_t max, size_t *n)
{
	*n = 0;
	db_bind_int(s, 1, by);
	db_bind_int(s, 2, (int64_t)max);
	while (db_row(s))
		db_col_id(s, 0, &out[(*n)++]);
	return db_done(s);
}

enum err
watch_due_by(struct book *book, int64_t until_at, struct id *out, size_t max,
    size_t *n)
{
	return pick(db_prepare(book_db(book),
			"SELECT case_id FROM clock_due WHERE due_at <= ?1"
			" ORDER BY due_at LIMIT ?2"),
	    until_at, out, max, n);
}

/* ---- one case ---- */

static bool
is_due(const struct clocks_clock *c, bool ours, uint64_t now_at, int *what)
{
	if (c->verdict == CLOCKS_OVERDUE ||
	    (c->verdict == CLOCKS_LATE && c->stop == CLOCKS_NONE)) {
		*what = CASEROWS_OVERDUE;
		return true;
	}
	*what = CASEROWS_REMINDER;
	return ours && c->verdict == CLOCKS_RUNNING && !c->paused &&
	    c->warn_at != 0 && c->warn_at <= now_at;
}

static enum err
tell(struct agent *agent, const struct caserows_case *c,
    const struct caseclocks *x, const struct clocks_clock *clock)
{
	struct caserows_news news = {
	    .message = caseclocks_row(x, clock->start)->id,
	    .at = agent_now(agent),
	    .clock = (int)clock->kind + 1,
	    .due_at = (int64_t)caseclocks_due(clock)};
	bool told = false;
	enum err err;

	if (!is_due(clock, clock->owes == c->ours, x->now.at, &news.what))
		return ERR_OK;
	err = caserows_told(agent_book(agent), &news, &told);
	if (err != ERR_OK || told)
		return err;
	return caserows_tell(agent_book(agent), &news);
}

static int64_t
wall(uint64_t at)
{
	return at >= INT64_MAX ? INT64_MAX : (int64_t)at;
}

static enum err
look(struct agent *agent, const struct id *case_id)
{
	int64_t due_at = INT64_MAX, at = INT64_MAX;
	struct caserows_case c;
	struct caseclocks x;
	enum err err = caserows_get(agent_book(agent), case_id, &c);

	if (err != ERR_OK)
		return err;
	err = caseclocks_eval(agent, &c, &x);
	for (size_t i = 0; i < x.clocks.n && err == ERR_OK; i++) {
		const struct clocks_clock *clock = &x.clocks.v[i];
		uint64_t due = caseclocks_due(clock);

		err = tell(agent, &c, &x, clock);
		if (due != 0 && wall(due) < due_at &&
		    caseclocks_listed(&x, clock))
			due_at = wall(due);
	}
	if (err == ERR_OK) {
		at = wall(clocks_next(&x.clocks, x.now.at));
		err = keep(agent, case_id, at, due_at);
	}
	caseclocks_free(&x);
	return err;
}

/* What cannot be told now must not be tried at every turn. */
static enum err
look_later(struct agent *agent, const struct id *case_id, enum err why)
{
	if (refold_fatal(why))
		return why;
	diag_warn("watch", "the clocks of a case cannot be told: %s",
	    err_name(why));
	return keep(agent, case_id, agent_now(agent) + AGAIN_MS, INT64_MAX);
}

/* ---- the timer ---- */

static int64_t
next_look(struct agent *agent)
{
	struct db_stmt *s = db_prepare(agent_db(agent),
	    "SELECT coalesce(min(at), ?1) FROM clock_due");
	int64_t at = INT64_MAX;

	db_bind_int(s, 1, INT64_MAX);
	if (db_one(s) == ERR_OK) {
		at = db_col_int(s, 0);
		(void)db_done(s);
	}
	return at;
}

enum err
watch_tick(struct agent *agent, int64_t *due)
{
	int64_t now = agent_now(agent), at;
	struct id list[WATCH_SLICE];
	size_t n;
	enum err err;

	err = pick(db_prepare(agent_db(agent),
		       "SELECT case_id FROM clock_due WHERE at <= ?1"
		       " ORDER BY at LIMIT ?2"),
	    now, list, WATCH_SLICE, &n);
	for (size_t i = 0; i < n && err == ERR_OK; i++) {
		err = look(agent, &list[i]);
		if (err != ERR_OK)
			err = look_later(agent, &list[i], err);
	}
	at = next_look(agent);
	*due = at > now ? at : now + 1;
	return err;
}
