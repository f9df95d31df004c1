/*
 * watch, caseclocks: reminders and lateness told once on both sides, over a
 * restart and a lost transaction; pause, extension, calendars of a PROFILE,
 * witnesses' bounds, the list of what is late.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/db.h"
#include "base/file.h"
#include "endpoint/agent.h"
#include "endpoint/book.h"
#include "endpoint/caseclocks.h"
#include "endpoint/casebook.h"
#include "endpoint/clocksjson.h"
#include "endpoint/timebound.h"
#include "endpoint/watch.h"
#include "tests/unit/endpoint/desk_help.h"
#include "tests/unit/endpoint/fake_agent.h"

#define S 1000
#define LINES 5

static struct agent *a, *b;

/* A charter of seconds. */
static void
give_clocks(struct agent *agent)
{
	static const struct {
		const char *name;
		uint64_t seconds;
	} lines[LINES] = {{"ack", 100}, {"decision", 1000},
	    {"decision_extension", 500}, {"clarify", 200},
	    {"status_query", 40}};
	struct charter *c = fake_charter(agent);

	c->clock_count = LINES;
	for (unsigned i = 0; i < LINES; i++) {
		strcpy(c->clock[i].name, lines[i].name);
		for (unsigned u = 0; u < 3; u++)
			c->clock[i].seconds[u] = lines[i].seconds;
	}
}

static int
setup(void **state)
{
	(void)state;
	fake_pair(&a, &b);
	give_clocks(a);
	give_clocks(b);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fake_free(&a);
	fake_free(&b);
	return 0;
}

/* ---- looking ---- */

static enum err
count_one(void *ctx, const struct caserows_news *news)
{
	int *n = ctx;

	if (news->clock == n[2] + 1 && news->what == n[1])
		n[0]++;
	return ERR_OK;
}

/* How often that was told of that clock. */
static int
told(struct agent *agent, int what, enum clocks_kind kind)
{
	int n[3] = {0, what, (int)kind};

	assert_int_equal(caserows_each_news(agent_book(agent), 0, 100000,
			     count_one, n), ERR_OK);
	return n[0];
}

/* The newest clock of that kind. */
static struct clocks_clock
clock_of(struct agent *agent, const struct id *c, enum clocks_kind kind,
    bool *claimed)
{
	struct clocks_clock found = {.verdict = CLOCKS_VERDICTS};
	struct caserows_case row;
	struct caseclocks x;

	assert_int_equal(caserows_get(agent_book(agent), c, &row), ERR_OK);
	assert_int_equal(caseclocks_eval(agent, &row, &x), ERR_OK);
	for (size_t i = 0; i < x.clocks.n; i++) {
		if (x.clocks.v[i].kind != kind)
			continue;
		found = x.clocks.v[i];
		if (claimed != NULL)
			*claimed = caseclocks_claimed(&x, &found);
	}
	caseclocks_free(&x);
	return found;
}

static enum clocks_verdict
verdict(struct agent *agent, const struct id *c, enum clocks_kind kind)
{
	return clock_of(agent, c, kind, NULL).verdict;
}

static void
wait_both(int64_t ms)
{
	fake_wait(a, ms);
	fake_wait(b, ms);
}

/* ---- told once ---- */

static void
test_a_missed_ack_is_told_once_on_both_sides(void **state)
{
	struct id c = desk_open_case(a);

	(void)state;
	fake_carry(a);
	wait_both(74 * S);
	assert_int_equal(told(b, CASEROWS_REMINDER, CLOCKS_ACK), 0);
	wait_both(2 * S);
	/* Who owes is reminded, nobody else. */
	assert_int_equal(told(b, CASEROWS_REMINDER, CLOCKS_ACK), 1);
	assert_int_equal(told(a, CASEROWS_REMINDER, CLOCKS_ACK), 0);
	wait_both(S);
	assert_int_equal(told(b, CASEROWS_REMINDER, CLOCKS_ACK), 1);
	assert_int_equal(told(a, CASEROWS_OVERDUE, CLOCKS_ACK), 0);
	wait_both(60 * S);
	assert_int_equal(told(a, CASEROWS_OVERDUE, CLOCKS_ACK), 1);
	assert_int_equal(told(b, CASEROWS_OVERDUE, CLOCKS_ACK), 1);
	assert_int_equal(verdict(a, &c, CLOCKS_ACK), CLOCKS_OVERDUE);
	/* Neither time nor movement tells it again. */
	wait_both(60 * S);
	desk_write_ok(a, &c, "query", "\"question\": \"?\"");
	fake_carry(a);
	wait_both(S);
	assert_int_equal(told(a, CASEROWS_OVERDUE, CLOCKS_ACK), 1);
	assert_int_equal(told(b, CASEROWS_OVERDUE, CLOCKS_ACK), 1);
	desk_write_ok(b, &c, "ack", ACK);
	fake_carry(b);
	wait_both(S);
	assert_int_equal(verdict(a, &c, CLOCKS_ACK), CLOCKS_LATE);
	assert_int_equal(verdict(b, &c, CLOCKS_ACK), CLOCKS_LATE);
	assert_int_equal(told(a, CASEROWS_OVERDUE, CLOCKS_ACK), 1);
}

static void
test_an_ack_in_time_tells_nothing(void **state)
{
	struct id c = desk_open_case(a);
	bool claimed = false;

	(void)state;
	fake_carry(a);
	wait_both(10 * S);
	desk_write_ok(b, &c, "ack", ACK);
	fake_carry(b);
	wait_both(500 * S);
	assert_int_equal(
	    clock_of(a, &c, CLOCKS_ACK, &claimed).verdict, CLOCKS_MET);
	assert_true(claimed);	/* the charter names no witness */
	assert_int_equal(verdict(b, &c, CLOCKS_ACK), CLOCKS_MET);
	for (int what = CASEROWS_REMINDER; what <= CASEROWS_OVERDUE; what++) {
		assert_int_equal(told(a, what, CLOCKS_ACK), 0);
		assert_int_equal(told(b, what, CLOCKS_ACK), 0);
	}
}

/* What was written with the movement is gone with it, and told anew. */
static void
test_restart_and_lost_transaction(void **state)
{
	struct db *db;

	(void)state;
	desk_open_case(a);
	fake_carry(a);
	fake_wait(b, S);
	fake_restart(b);
	db = agent_db(b);
	assert_int_equal(db_begin(db), ERR_OK);
	fake_wait(b, 80 * S);
	assert_int_equal(told(b, CASEROWS_REMINDER, CLOCKS_ACK), 1);
	db_rollback(db);		/* killed before the commit */
	fake_restart(b);
	assert_int_equal(told(b, CASEROWS_REMINDER, CLOCKS_ACK), 0);
	fake_wait(b, 1);
	assert_int_equal(told(b, CASEROWS_REMINDER, CLOCKS_ACK), 1);
	fake_restart(b);
	fake_wait(b, 1);
	assert_int_equal(told(b, CASEROWS_REMINDER, CLOCKS_ACK), 1);
	/* Down over the due time: told by the first tick. */
	fake_restart(b);
	fake_wait(b, 1000 * S);
	assert_int_equal(told(b, CASEROWS_OVERDUE, CLOCKS_ACK), 1);
}

static void
test_the_timer_is_the_nearest_instant(void **state)
{
	int64_t due;

	(void)state;
	desk_open_case(a);
	fake_carry(a);
	fake_wait(b, WATCH_SETTLE_MS);
	assert_int_equal(watch_tick(b, &due), ERR_OK);
	/* Three quarters of the ACK's hundred seconds, one of them over. */
	assert_in_range(due - agent_now(b), 73 * S, 74 * S);
	fake_wait(b, due - agent_now(b));
	assert_int_equal(told(b, CASEROWS_REMINDER, CLOCKS_ACK), 1);
	assert_int_equal(watch_tick(b, &due), ERR_OK);
	assert_in_range(due - agent_now(b), 24 * S, 26 * S);
}

/* Folding a case takes time with its length: not once a message. */
static void
test_a_busy_case_is_looked_at_once_a_second(void **state)
{
	struct id c = desk_open_case(a);
	int64_t first, due;

	(void)state;
	fake_carry(a);
	assert_int_equal(watch_tick(b, &first), ERR_OK);
	assert_in_range(first - agent_now(b), 1, WATCH_SETTLE_MS);
	fake_wait(b, WATCH_SETTLE_MS / 2);
	assert_int_equal(watch_renew(b, &c), ERR_OK);
	assert_int_equal(watch_tick(b, &due), ERR_OK);
	assert_int_equal(due, first);
	fake_wait(b, first - agent_now(b));
	assert_int_equal(watch_tick(b, &due), ERR_OK);
	assert_true(due > first + WATCH_SETTLE_MS);
}

static void
test_many_cases_are_looked_at_in_slices(void **state)
{
	(void)state;
	for (int i = 0; i < 3 * WATCH_SLICE; i++)
		desk_open_case(a);
	fake_carry(a);
	for (int i = 0; i < 3; i++)
		fake_wait(b, WATCH_SETTLE_MS);
	fake_wait(b, 200 * S);
	assert_int_equal(told(b, CASEROWS_OVERDUE, CLOCKS_ACK), WATCH_SLICE);
	fake_wait(b, 1);
	fake_wait(b, 1);
	assert_int_equal(
	    told(b, CASEROWS_OVERDUE, CLOCKS_ACK), 3 * WATCH_SLICE);
	fake_wait(b, 1);
	assert_int_equal(
	    told(b, CASEROWS_OVERDUE, CLOCKS_ACK), 3 * WATCH_SLICE);
}

/* Cases of a book of format 1 have no row yet: all are looked at. */
static void
test_an_older_book_is_looked_at(void **state)
{
	const char *old[] = {casebook_hooks()->schema, NULL};
	const char *new[] = {
	    casebook_hooks()->schema, casebook_hooks()->schema_2, NULL};
	const struct db_schema was = {"book", 0x77, old}, is = {"book", 0x77,
	    new};
	struct db_stmt *s;
	struct db *db;
	char path[96];

	(void)state;
	snprintf(path, sizeof(path), "%s/old.db", fake_home(a));
	assert_int_equal(db_open(&db, path, &was), ERR_OK);
	assert_int_equal(db_exec(db, "INSERT INTO casefile VALUES"
	    " (x'01', 1, 0, 3, 0, 0, x'00', x'00', 1, 0, 0, 5, 5, 1)"),
	    ERR_OK);
	db_close(&db);
	assert_int_equal(db_open(&db, path, &is), ERR_OK);
	s = db_prepare(db, "SELECT case_id = x'01' AND at = 0 FROM clock_due");
	assert_int_equal(db_one(s), ERR_OK);
	assert_int_equal(db_col_int(s, 0), 1);
	assert_int_equal(db_done(s), ERR_OK);
	db_close(&db);
}

/* What the timer asks, it asks an index: open cases cost it nothing. */
static void
test_the_timer_asks_an_index(void **state)
{
	struct db_stmt *s = db_prepare(agent_db(a), "EXPLAIN QUERY PLAN"
	    " SELECT case_id FROM clock_due WHERE at <= 1 ORDER BY at");
	char plan[256];

	(void)state;
	assert_true(db_row(s));
	snprintf(plan, sizeof(plan), "%s", db_col_text(s, 3));
	assert_int_equal(db_done(s), ERR_OK);
	assert_non_null(strstr(plan, "USING INDEX clock_due_at"));
}

/* ---- pause and extension ---- */

static void
test_clarify_pauses(void **state)
{
	struct id c = desk_open_case(a);
	uint64_t before;

	(void)state;
	fake_carry(a);
	desk_write_ok(b, &c, "ack", ACK);
	fake_carry(b);
	before = clock_of(b, &c, CLOCKS_DECISION, NULL).due.after_at;
	wait_both(100 * S);
	desk_write_ok(b, &c, "clarify", "\"questions\": [\"Which?\"]");
	fake_carry(b);
	assert_true(clock_of(b, &c, CLOCKS_DECISION, NULL).paused);
	assert_true(clock_of(a, &c, CLOCKS_DECISION, NULL).paused);
	wait_both(100 * S);
	desk_write_ok(a, &c, "clarified", "\"answers\": [\"That\"]");
	fake_carry(a);
	wait_both(1);
	assert_false(clock_of(b, &c, CLOCKS_DECISION, NULL).paused);
	assert_in_range(clock_of(b, &c, CLOCKS_DECISION, NULL).due.after_at -
	    before, 99 * S, 101 * S);
	assert_int_equal(verdict(b, &c, CLOCKS_CLARIFY), CLOCKS_MET);
}

static void
test_delay_extends(void **state)
{
	struct id c = desk_open_case(a);
	struct clocks_clock clock;
	char members[160], date[CLOCK_TEXT_BYTES];

	(void)state;
	fake_carry(a);
	desk_write_ok(b, &c, "ack", ACK);
	fake_carry(b);
	wait_both(800 * S);
	assert_int_equal(told(b, CASEROWS_REMINDER, CLOCKS_DECISION), 1);
	clock = clock_of(b, &c, CLOCKS_DECISION, NULL);
	clock_format(date, (int64_t)clock.due.after_at + 300 * S);
	snprintf(members, sizeof(members), "\"clock\": \"decision\","
	    " \"reason\": \"r\", \"new_date\": \"%s\"", date);
	desk_write_ok(b, &c, "delay", members);
	fake_carry(b);
	wait_both(250 * S);
	assert_int_equal(told(a, CASEROWS_OVERDUE, CLOCKS_DECISION), 0);
	assert_int_equal(clock_of(a, &c, CLOCKS_DECISION, NULL).extended,
	    CLOCKS_EXTENDED);
	wait_both(300 * S);
	assert_int_equal(told(a, CASEROWS_OVERDUE, CLOCKS_DECISION), 1);
	assert_int_equal(told(b, CASEROWS_OVERDUE, CLOCKS_DECISION), 1);
}

/* ---- what times it goes by ---- */

static void
test_witnesses_come_before_claims(void **state)
{
	struct id c = desk_open_case(a);
	struct timebound t = {.witnessed = true};
	struct clocks_clock clock;
	bool claimed = true;

	(void)state;
	fake_carry(a);
	wait_both(10 * S);
	desk_write_ok(b, &c, "ack", ACK);
	fake_carry(b);
	/* Perhaps before it was due, perhaps not. */
	t.after_at = agent_now(a) - 5 * S;
	t.before_at = agent_now(a) + 500 * S;
	fake_bound(a, &t);
	clock = clock_of(a, &c, CLOCKS_ACK, &claimed);
	assert_int_equal(clock.verdict, CLOCKS_IN_DOUBT);
	assert_int_equal(clock.stopped.after_at, t.after_at);
	assert_int_equal(clock.stopped.before_at, t.before_at);
	/* Not bounded yet: the claim stands in. */
	t.before_at = 0;
	fake_bound(a, &t);
	clock = clock_of(a, &c, CLOCKS_ACK, &claimed);
	assert_int_equal(clock.verdict, CLOCKS_MET);
	assert_true(claimed);
}

/* ---- the PROFILE ---- */

/* In a case of its own, as each side sends it. */
static void
say_profile(struct agent *agent)
{
	struct desk_fault fault = {0};
	struct id c;

	assert_int_equal(desk_open_with(agent,
	    desk_example("examples/profile.json", NULL), &c, &fault), ERR_OK);
	fake_carry(agent);
}

static const struct profile_side *
calendar(struct agent *agent, const struct id *c, size_t msg,
    enum case_side side, char city[32])
{
	const struct profile_side *cal;
	struct caserows_case row;
	struct caseclocks x;

	assert_int_equal(caserows_get(agent_book(agent), c, &row), ERR_OK);
	assert_int_equal(caseclocks_eval(agent, &row, &x), ERR_OK);
	cal = x.terms[msg].calendar[side];
	if (cal != NULL)
		snprintf(city, 32, "%s", cal->city);
	caseclocks_free(&x);
	return cal;
}

static void
test_a_profile_holds_once_both_sent_it(void **state)
{
	char own[32], other[32];
	struct id c = desk_open_case(a), d, e;

	(void)state;
	fake_carry(a);
	say_profile(a);
	e = desk_open_case(a);
	fake_carry(a);
	assert_null(calendar(a, &e, 0, CASE_REQUESTING, own));
	say_profile(b);
	wait_both(S);
	/* From here on, for both alike; not for what was said before. */
	d = desk_open_case(a);
	fake_carry(a);
	assert_null(calendar(a, &c, 0, CASE_REQUESTING, own));
	assert_non_null(calendar(a, &d, 0, CASE_REQUESTING, own));
	assert_non_null(calendar(b, &d, 0, CASE_REQUESTING, other));
	assert_string_equal(own, other);
	assert_non_null(calendar(a, &d, 0, CASE_REQUESTED, other));
	assert_string_not_equal(own, other);
}

/* ---- the page ---- */

static struct json_cur
first_item(struct json *v, struct json_fault *f, size_t *n)
{
	struct json_cur root = json_root(v, f), list = json_get(&root, "items");
	static struct json_cur first;

	*n = json_len(&list);
	if (*n > 0)
		first = json_at(&list, 0);
	return first;
}

static void
test_late_mirrors(void **state)
{
	struct agent *side[2] = {a, b};
	struct json_fault f = {0};
	struct id c = desk_open_case(a);
	struct json *v;
	size_t n;

	(void)state;
	fake_carry(a);
	wait_both(150 * S);
	for (int i = 0; i < 2; i++) {
		struct json_cur root, list, item;

		assert_int_equal(
		    clocksjson_late(side[i], "", 0, &v), ERR_OK);
		root = json_root(v, &f);
		list = json_get(&root, "items");
		assert_int_equal(json_len(&list), 1);
		item = json_at(&list, 0);
		assert_string_equal(json_str(&item, "clock"), "ack");
		assert_string_equal(json_str(&item, "verdict"), "overdue");
		assert_string_equal(json_str(&item, "owes"), "requested");
		assert_int_equal(json_bool(&item, "ours"), i == 1);
		assert_true(json_bool(&item, "claimed"));
		json_free(&v);
	}
	/* With days, what is soon due as well, and the overdue first. */
	assert_int_equal(clocksjson_late(a, "", 1, &v), ERR_OK);
	first_item(v, &f, &n);
	assert_int_equal(n, 2);
	json_free(&v);
	assert_int_equal(clocksjson_late(a, "nobody", 1, &v), ERR_NOTFOUND);
	/* Over: nothing is owed. */
	desk_write_ok(a, &c, "withdraw", "\"reason\": \"r\"");
	fake_carry(a);
	wait_both(S);
	assert_int_equal(clocksjson_late(b, "", 1, &v), ERR_OK);
	first_item(v, &f, &n);
	assert_int_equal(n, 0);
	json_free(&v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	    T(test_a_missed_ack_is_told_once_on_both_sides),
	    T(test_an_ack_in_time_tells_nothing),
	    T(test_restart_and_lost_transaction),
	    T(test_the_timer_is_the_nearest_instant),
	    T(test_a_busy_case_is_looked_at_once_a_second),
	    T(test_many_cases_are_looked_at_in_slices),
	    T(test_an_older_book_is_looked_at),
	    T(test_the_timer_asks_an_index),
	    T(test_clarify_pauses),
	    T(test_delay_extends),
	    T(test_witnesses_come_before_claims),
	    T(test_a_profile_holds_once_both_sent_it),
	    T(test_late_mirrors),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
