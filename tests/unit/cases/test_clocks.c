/*
 * clocks: each clock by urgency and calendar; verdicts at their bounds; how
 * one begins; the one timer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "calendars.h"
#include "tale.h"

/* ---- due times ---- */

/* Asked by Washington on a Monday at 10:00, owed by Beijing, and the other
 * way round; the DECISION an hour later, the RESULT two. */
static const struct {
	enum clocks_kind kind;
	unsigned urgency;
	const char *cn_owes, *us_owes;
} dues[] = {
    {CLOCKS_ACK, 0, "2026-07-13T16:00:00Z", "2026-07-14T04:00:00Z"},
    {CLOCKS_ACK, 1, "2026-07-07T14:00:00Z", "2026-07-07T14:00:00Z"},
    {CLOCKS_ACK, 2, "2026-07-06T15:00:00Z", "2026-07-06T15:00:00Z"},
    {CLOCKS_DATA, 0, "2026-07-13T16:00:00Z", "2026-07-14T04:00:00Z"},
    {CLOCKS_DATA, 1, "2026-07-06T22:00:00Z", "2026-07-06T22:00:00Z"},
    {CLOCKS_DATA, 2, "2026-07-06T22:00:00Z", "2026-07-06T22:00:00Z"},
    {CLOCKS_DECISION, 0, "2026-08-05T16:00:00Z", "2026-08-06T04:00:00Z"},
    {CLOCKS_DECISION, 1, "2026-07-09T16:00:00Z", "2026-07-10T04:00:00Z"},
    {CLOCKS_DECISION, 2, "2026-07-06T22:00:00Z", "2026-07-06T22:00:00Z"},
    /* 90 days from 6 July: Sunday 4 October, in Beijing a holiday till
     * the 7th, in Washington on to Monday. */
    {CLOCKS_RESULT, 0, "2026-10-08T16:00:00Z", "2026-10-06T04:00:00Z"},
    {CLOCKS_RESULT, 1, "2026-08-05T16:00:00Z", "2026-08-06T04:00:00Z"},
    {CLOCKS_RESULT, 2, "2026-07-09T16:00:00Z", "2026-07-10T04:00:00Z"},
    {CLOCKS_STATUS, 0, "2026-08-05T16:00:00Z", "2026-08-06T04:00:00Z"},
    {CLOCKS_STATUS, 1, "2026-07-13T16:00:00Z", "2026-07-14T04:00:00Z"},
    {CLOCKS_STATUS, 2, "2026-07-07T15:00:00Z", "2026-07-07T15:00:00Z"},
    /* Saturday 11 July: on to Monday. */
    {CLOCKS_QUERY, 0, "2026-07-13T16:00:00Z", "2026-07-14T04:00:00Z"},
    {CLOCKS_QUERY, 1, "2026-07-07T15:10:01Z", "2026-07-07T15:10:01Z"},
    {CLOCKS_QUERY, 2, "2026-07-06T17:10:01Z", "2026-07-06T17:10:01Z"},
    /* The asker keeps its own days: 60 days on is 4 September, a Friday. */
    {CLOCKS_PRESERVATION, 0, "2026-09-05T04:00:00Z", "2026-09-04T16:00:00Z"},
    {CLOCKS_PRESERVATION, 1, "2026-09-05T04:00:00Z", "2026-09-04T16:00:00Z"},
    {CLOCKS_PRESERVATION, 2, "2026-09-05T04:00:00Z", "2026-09-04T16:00:00Z"},
    /* Handed over a second past 16:00 UTC: in Beijing that is Tuesday, and
     * its sixtieth day a Saturday. */
    {CLOCKS_FEEDBACK, 0, "2026-09-05T04:00:00Z", "2026-09-07T16:00:00Z"},
    {CLOCKS_FEEDBACK, 1, "2026-08-06T04:00:00Z", "2026-08-06T16:00:00Z"},
    {CLOCKS_FEEDBACK, 2, "2026-08-06T04:00:00Z", "2026-08-06T16:00:00Z"},
};

static void
test_due_by_urgency_and_calendar(void **state)
{
	struct tale t;

	(void)state;
	for (size_t i = 0; i < sizeof(dues) / sizeof(dues[0]); i++) {
		for (unsigned way = 0; way < 2; way++) {
			const struct clocks_clock *c;

			tale_begin(&t, way ? cn : us, way ? us : cn);
			tale_whole(&t, dues[i].urgency);
			tale_eval(&t, WHEN + 3 * HOUR);
			c = tale_clock(&t, dues[i].kind);
			assert_true(c->due.after_at == c->due.before_at);
			tale_is_at(c->due.before_at,
			    way ? dues[i].us_owes : dues[i].cn_owes);
			tale_end(&t);
		}
	}
}

/* Every other cell, against the calendar of who owes. */
static void
test_due_of_items(void **state)
{
	static const struct {
		enum clocks_kind kind;
		enum notice_type type;
		enum notice_outcome outcome;
		uint64_t days;
	} rows[] = {
	    {CLOCKS_LEAD, NOTICE_LEAD, 0, 60},
	    {CLOCKS_CONSENT, NOTICE_CONSENT_ASK, 0, 5},
	    {CLOCKS_SESSION, NOTICE_SESSION, OUTCOME_PROPOSED, 14},
	    {CLOCKS_DOSSIER, NOTICE_DOSSIER, 0, 30},
	};
	struct tale t;

	(void)state;
	for (unsigned i = 0; i < 4 * 3 * 2; i++) {
		unsigned r = i % 4, urgency = i / 4 % 3;
		enum case_side by = i / 12 ? ASKER : ASKED;
		const struct profile_side *owes = by == ASKED ? us : cn;
		struct clocks_msg *msg;

		tale_begin(&t, us, cn);
		msg = tale_tell(&t, by, rows[r].type, rows[r].outcome, WHEN);
		msg->urgency = urgency;
		msg->touches = 1u << rows[r].kind;
		tale_eval(&t, WHEN + HOUR);
		assert_int_equal(tale_clock(&t, rows[r].kind)->owes, !by);
		assert_true(tale_clock(&t, rows[r].kind)->due.after_at ==
		    calendar_due(owes, WHEN + SECOND, rows[r].days * 86400,
			CALENDAR_DAYS));
		tale_is(&t, rows[r].kind, CLOCKS_RUNNING);
		/* A lead without the wish for feedback owes none. */
		msg->touches = 0;
		tale_eval(&t, WHEN + HOUR);
		assert_int_equal(
		    tale_none(&t, rows[r].kind), rows[r].kind == CLOCKS_LEAD);
		tale_end(&t);
	}
}

/* A demo charter's 5 seconds run; a line left out does not. */
static void
test_other_durations(void **state)
{
	struct tale t;

	(void)state;
	tale_begin(&t, us, cn);
	tale_request(&t, 0);
	t.charter.clock[0].seconds[0] = 5;
	tale_eval(&t, WHEN);
	assert_true(tale_clock(&t, CLOCKS_ACK)->due.before_at ==
	    WHEN + 5 * SECOND);
	assert_int_equal(tale_clock(&t, CLOCKS_ACK)->unit, CALENDAR_HOURS);
	t.charter.clock[0].seconds[0] = CHARTER_NONE;
	tale_eval(&t, WHEN);
	assert_true(tale_none(&t, CLOCKS_ACK));
	assert_false(tale_none(&t, CLOCKS_DECISION));
	t.charter.clock_count = 0;
	tale_eval(&t, WHEN);
	assert_int_equal(t.clocks.n, 0);
	tale_end(&t);
}

/* ---- verdicts ---- */

#define U2_DUE (WHEN + HOUR)	/* of the ACK */

static const struct {
	uint64_t start_lo, start_hi, answer_lo, answer_hi;
	enum clocks_verdict want;
} windows[] = {
    {WHEN, WHEN, WHEN + 1, U2_DUE, CLOCKS_MET},
    {WHEN, WHEN, WHEN + 1, U2_DUE + 1, CLOCKS_IN_DOUBT},
    {WHEN, WHEN, U2_DUE, U2_DUE + 9, CLOCKS_IN_DOUBT},
    {WHEN, WHEN, U2_DUE + 1, U2_DUE + 9, CLOCKS_LATE},
    {WHEN, WHEN, U2_DUE + 1, 0, CLOCKS_LATE},
    {WHEN, WHEN, 0, U2_DUE, CLOCKS_MET},
    {WHEN, WHEN, 0, U2_DUE + 1, CLOCKS_IN_DOUBT},
    {WHEN, WHEN, 0, 0, CLOCKS_IN_DOUBT},
    /* The start in a span: in time for the earliest, late for the latest. */
    {WHEN - 500, WHEN, WHEN + 1, U2_DUE - 500, CLOCKS_MET},
    {WHEN - 500, WHEN, WHEN + 1, U2_DUE - 499, CLOCKS_IN_DOUBT},
    {WHEN - 500, WHEN, U2_DUE, U2_DUE + 9, CLOCKS_IN_DOUBT},
    {WHEN - 500, WHEN, U2_DUE + 1, U2_DUE + 9, CLOCKS_LATE},
    /* Never bounded from above, but who answers has it by then: what it
     * owes ends at most an hour after its own answer. */
    {WHEN, 0, U2_DUE + 1, U2_DUE + 9, CLOCKS_IN_DOUBT},
    {WHEN, 0, WHEN + 1, WHEN + 2, CLOCKS_MET},
    /* Handed over before it was signed?  Not before that. */
    {0, WHEN, WHEN + 1, U2_DUE - SECOND, CLOCKS_MET},
    {0, WHEN, WHEN + 1, U2_DUE, CLOCKS_IN_DOUBT},
};

static void
test_windows(void **state)
{
	struct tale t;

	(void)state;
	for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
		struct clocks_msg *msg;

		tale_begin(&t, us, cn);
		msg = tale_request(&t, 2);
		msg->delivered = (struct clocks_bounds){
		    windows[i].start_lo, windows[i].start_hi};
		msg = tale_tell(&t, ASKED, NOTICE_ACK, 0, 0);
		msg->sent = (struct clocks_bounds){
		    windows[i].answer_lo, windows[i].answer_hi};
		tale_eval(&t, WHEN + DAY);
		tale_is(&t, CLOCKS_ACK, windows[i].want);
		assert_int_equal(tale_clock(&t, CLOCKS_ACK)->stop, 1);
		tale_end(&t);
	}
}

static void
test_without_an_answer(void **state)
{
	struct clocks_msg *msg;
	struct tale t;

	(void)state;
	tale_begin(&t, us, cn);
	msg = tale_request(&t, 2);
	tale_eval(&t, U2_DUE);
	tale_is(&t, CLOCKS_ACK, CLOCKS_RUNNING);
	tale_eval(&t, U2_DUE + 1);
	tale_is(&t, CLOCKS_ACK, CLOCKS_OVERDUE);
	/* Proven only by all that it said until then. */
	t.now.silent_until_at[ASKER] = U2_DUE + 1;
	t.now.silent_until_at[ASKED] = U2_DUE;
	tale_eval(&t, U2_DUE + DAY);
	tale_is(&t, CLOCKS_ACK, CLOCKS_OVERDUE);
	t.now.silent_until_at[ASKED] = U2_DUE + 1;
	tale_eval(&t, U2_DUE + DAY);
	tale_is(&t, CLOCKS_ACK, CLOCKS_LATE);
	assert_true(tale_clock(&t, CLOCKS_ACK)->stop == CLOCKS_NONE);

	msg->has_delivered = false;
	t.told[0].evidence = CASE_EVIDENCE_SUBMITTED;
	tale_eval(&t, U2_DUE + DAY);
	tale_is(&t, CLOCKS_ACK, CLOCKS_WAITING);
	assert_true(tale_clock(&t, CLOCKS_ACK)->due.before_at == 0);
	t.told[0].evidence |= CASE_EVIDENCE_EXPIRED;
	tale_eval(&t, U2_DUE + DAY);
	assert_int_equal(t.file.state, CASE_LAPSED);
	tale_is(&t, CLOCKS_ACK, CLOCKS_NOT_TAKEN_IN);
	tale_is(&t, CLOCKS_DECISION, CLOCKS_NOT_TAKEN_IN);
	tale_end(&t);
}

/* No receipt ever: the answer itself proves that the REQUEST was there. */
static void
test_answer_without_a_receipt(void **state)
{
	struct clocks_msg *msg;
	struct tale t;

	(void)state;
	tale_begin(&t, us, cn);
	msg = tale_request(&t, 2);
	msg->has_delivered = false;
	t.told[0].evidence = CASE_EVIDENCE_SUBMITTED;
	tale_tell(&t, ASKED, NOTICE_ACK, 0, WHEN + HOUR / 2);
	tale_eval(&t, WHEN + DAY);
	tale_is(&t, CLOCKS_ACK, CLOCKS_MET);
	assert_true(tale_clock(&t, CLOCKS_ACK)->started.before_at ==
	    WHEN + HOUR / 2);
	tale_end(&t);
}

static void
test_arrival(void **state)
{
	struct clocks_arrival a = {.receipt_at = {1, 2}, .acked_at = {30, 40},
	    .fetched_at = {20, 50}};
	struct clocks_bounds b;

	(void)state;
	assert_false(clocks_arrived(&b, &a));
	a.fetched = true;
	assert_true(clocks_arrived(&b, &a));
	assert_true(b.after_at == 20 && b.before_at == 50);
	a.acked = true;
	assert_true(clocks_arrived(&b, &a));
	assert_true(b.after_at == 20 && b.before_at == 40);
	a.acked_at.before_at = 0;
	assert_true(clocks_arrived(&b, &a));
	assert_true(b.after_at == 20 && b.before_at == 50);
	a.fetched = false;
	assert_true(clocks_arrived(&b, &a));
	assert_true(b.after_at == 30 && b.before_at == 0);
	a.receipt = true;
	assert_true(clocks_arrived(&b, &a));
	assert_true(b.after_at == 1 && b.before_at == 2);
}

/* ---- one timer ---- */

static void
test_next(void **state)
{
	struct tale t;
	uint64_t at = WHEN + 2;
	static const uint64_t steps[] = {
	    WHEN + 3 * HOUR / 4,	/* remind of the ACK */
	    U2_DUE + 1,			/* overdue */
	    WHEN + 6 * HOUR,		/* remind of the DECISION */
	    WHEN + 8 * HOUR + 1,
	    CALENDAR_NEVER};

	(void)state;
	tale_begin(&t, us, cn);
	tale_request(&t, 2);
	for (unsigned i = 0; i < 5; i++) {
		tale_eval(&t, at);
		at = clocks_next(&t.clocks, at);
		assert_true(at == steps[i]);
	}
	/* Bounds apart are two times; a paused clock waits for its questions. */
	t.of[0].delivered.before_at = WHEN + 500;
	tale_eval(&t, U2_DUE);
	assert_true(clocks_next(&t.clocks, U2_DUE) == U2_DUE + 1);
	assert_true(clocks_next(&t.clocks, U2_DUE + 1) == U2_DUE + 501);
	t.of[0].delivered.before_at = WHEN;
	tale_tell(&t, ASKED, NOTICE_ACK, 0, WHEN + 1);
	tale_tell(&t, ASKED, NOTICE_CLARIFY, 0, WHEN + HOUR - SECOND);
	tale_eval(&t, WHEN + 7 * HOUR / 2);
	tale_is(&t, CLOCKS_CLARIFY, CLOCKS_OVERDUE);
	tale_eval(&t, WHEN + 5 * HOUR / 2 + 1);
	assert_true(clocks_next(&t.clocks, WHEN + 5 * HOUR / 2 + 1) ==
	    WHEN + 3 * HOUR + 1);
	tale_end(&t);
}

/* Whatever changes without a message, clocks_next says in advance. */
static void
test_next_misses_nothing(void **state)
{
	struct tale t, then;
	uint64_t at = WHEN, next = 0;

	(void)state;
	tale_begin(&t, us, cn);
	tale_request(&t, 2);
	t.of[0].delivered.before_at = WHEN + 7 * 60 * SECOND;
	tale_tell(&t, ASKED, NOTICE_ACK, 0, WHEN + 1);
	tale_tell(&t, ASKED, NOTICE_CLARIFY, 0, WHEN + HOUR);
	tale_tell(&t, ASKER, NOTICE_STATUS_QUERY, 0, WHEN + 2 * HOUR);
	then = t;
	for (at = WHEN + 3 * HOUR; at < WHEN + 30 * HOUR; at += 61 * SECOND) {
		tale_eval(&t, at);
		tale_eval(&then, at + 61 * SECOND);
		next = clocks_next(&t.clocks, at);
		for (size_t i = 0; i < t.clocks.n; i++) {
			const struct clocks_clock *a = &t.clocks.v[i];
			const struct clocks_clock *b = &then.clocks.v[i];

			if (a->verdict != b->verdict || a->paused != b->paused)
				assert_true(next <= at + 61 * SECOND);
		}
	}
	assert_true(next == CALENDAR_NEVER);
	tale_end(&t);
	tale_end(&then);
}

static void
test_limits(void **state)
{
	struct clocks clocks;
	struct clocks_now now = {.at = WHEN};

	(void)state;
	assert_int_equal(clocks_eval(&clocks, NULL, 0, &now), ERR_OK);
	assert_int_equal(clocks.n, 0);
	assert_true(clocks_next(&clocks, WHEN) == CALENDAR_NEVER);
	assert_int_equal(clocks_eval(&clocks, NULL, CASE_MESSAGES_MAX + 1,
	    &now), ERR_TOO_BIG);
	clocks_free(&clocks);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_due_by_urgency_and_calendar),
	    cmocka_unit_test(test_due_of_items),
	    cmocka_unit_test(test_other_durations),
	    cmocka_unit_test(test_windows),
	    cmocka_unit_test(test_without_an_answer),
	    cmocka_unit_test(test_answer_without_a_receipt),
	    cmocka_unit_test(test_arrival),
	    cmocka_unit_test(test_next),
	    cmocka_unit_test(test_next_misses_nothing),
	    cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, calendars_load, calendars_free);
}
