/*
 * clocks: pauses and extensions, each alone, in doubt, and both orders of
 * both together.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "calendars.h"
#include "tale.h"

/* ---- pauses ---- */

static const struct {
	uint64_t clarify, clarified;	/* from WHEN; 0: none */
	uint64_t paused_until;		/* from the CLARIFY; 0: none */
} pauses[] = {
    {HOUR, 2 * HOUR, HOUR},
    {HOUR, 2 * HOUR + HOUR / 2, HOUR + HOUR / 2},
    /* The CLARIFY clock of U2 is two hours. */
    {HOUR, 5 * HOUR, 2 * HOUR},
    {HOUR, 0, 2 * HOUR},
    /* Past due already: 8 hours. */
    {9 * HOUR, 10 * HOUR, 0},
};

static void
test_pause(void **state)
{
	struct tale t;

	(void)state;
	for (size_t i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++) {
		uint64_t due = WHEN + 8 * HOUR + pauses[i].paused_until;

		tale_begin(&t, us, cn);
		tale_request(&t, 2)->touches = 1u << CLOCKS_DATA;
		tale_tell(&t, ASKED, NOTICE_ACK, 0, WHEN + 1);
		tale_tell(&t, ASKED, NOTICE_CLARIFY, 0,
		    WHEN + pauses[i].clarify - SECOND)->m = NULL;
		t.told[2].move.count = 1;
		if (pauses[i].clarified != 0) {
			tale_tell(&t, ASKER, NOTICE_CLARIFIED, 0,
			    WHEN + pauses[i].clarified - SECOND);
			t.told[3].move.count = 1;
		}
		tale_eval(&t, WHEN + 100 * HOUR);
		assert_int_equal(t.m[2].standing, CASE_STANDS);
		assert_true(
		    tale_clock(&t, CLOCKS_DECISION)->due.after_at == due);
		assert_true(
		    tale_clock(&t, CLOCKS_DECISION)->due.before_at == due);
		assert_true(tale_clock(&t, CLOCKS_DATA)->due.before_at == due);
		/* Nothing pauses the ACK, or the questions. */
		tale_is(&t, CLOCKS_ACK, CLOCKS_MET);
		tale_end(&t);
	}
}

static void
test_pause_while_it_lasts(void **state)
{
	struct clocks_msg *clarify;
	struct tale t;

	(void)state;
	tale_begin(&t, us, cn);
	tale_request(&t, 2);
	tale_tell(&t, ASKED, NOTICE_ACK, 0, WHEN + 1);
	clarify = tale_tell(&t, ASKED, NOTICE_CLARIFY, 0,
	    WHEN + HOUR - SECOND);
	tale_eval(&t, WHEN + 2 * HOUR);
	assert_true(tale_clock(&t, CLOCKS_DECISION)->paused);
	assert_true(tale_clock(&t, CLOCKS_DECISION)->due.after_at ==
	    WHEN + 9 * HOUR);
	assert_true(tale_clock(&t, CLOCKS_DECISION)->due.before_at ==
	    WHEN + 10 * HOUR);
	assert_int_equal(tale_clock(&t, CLOCKS_CLARIFY)->owes, ASKER);
	/* Only what the other side has can pause. */
	clarify->has_delivered = false;
	tale_eval(&t, WHEN + 2 * HOUR);
	assert_false(tale_clock(&t, CLOCKS_DECISION)->paused);
	assert_true(tale_clock(&t, CLOCKS_DECISION)->due.before_at ==
	    WHEN + 8 * HOUR);
	/* ... and who answered had it, receipt or not. */
	tale_tell(&t, ASKER, NOTICE_CLARIFIED, 0, WHEN + 3 * HOUR / 2);
	t.of[3].delivered = t.of[3].sent;
	tale_eval(&t, WHEN + 2 * HOUR);
	assert_true(tale_clock(&t, CLOCKS_DECISION)->paused_max_ms ==
	    HOUR / 2 + SECOND);
	t.n--;
	clarify->has_delivered = true;
	/* Over by its own clock: late answers resume nothing. */
	tale_eval(&t, WHEN + 3 * HOUR + 1);
	assert_false(tale_clock(&t, CLOCKS_DECISION)->paused);
	tale_is(&t, CLOCKS_CLARIFY, CLOCKS_OVERDUE);
	/* Without a CLARIFY clock only the answers end it. */
	for (unsigned i = 0; i < t.charter.clock_count; i++)
		if (strcmp(t.charter.clock[i].name, "clarify") == 0)
			t.charter.clock[i].seconds[2] = CHARTER_NONE;
	tale_eval(&t, WHEN + 100 * HOUR);
	assert_true(tale_clock(&t, CLOCKS_DECISION)->paused);
	tale_is(&t, CLOCKS_DECISION, CLOCKS_RUNNING);
	assert_true(tale_clock(&t, CLOCKS_DECISION)->due.before_at == 0);
	tale_end(&t);
}

/* The bounds of question and answer widen the due time by both. */
static void
test_pause_in_doubt(void **state)
{
	struct clocks_msg *msg;
	struct tale t;

	(void)state;
	tale_begin(&t, us, cn);
	tale_request(&t, 2);
	tale_tell(&t, ASKED, NOTICE_ACK, 0, WHEN + 1);
	msg = tale_tell(&t, ASKED, NOTICE_CLARIFY, 0, WHEN + 2);
	msg->delivered = (struct clocks_bounds){WHEN + HOUR,
	    WHEN + HOUR + 60 * SECOND};
	msg = tale_tell(&t, ASKER, NOTICE_CLARIFIED, 0, WHEN + HOUR);
	msg->sent.before_at = WHEN + 3 * HOUR;
	msg->delivered = (struct clocks_bounds){WHEN + 2 * HOUR,
	    WHEN + 2 * HOUR + 60 * SECOND};
	tale_eval(&t, WHEN + 3 * HOUR);
	assert_true(tale_clock(&t, CLOCKS_DECISION)->due.after_at ==
	    WHEN + 9 * HOUR - 60 * SECOND);
	assert_true(tale_clock(&t, CLOCKS_DECISION)->due.before_at ==
	    WHEN + 9 * HOUR + 60 * SECOND);
	/* Perhaps after the 8 hours were over: perhaps no pause at all. */
	t.of[2].delivered = (struct clocks_bounds){WHEN + 7 * HOUR,
	    WHEN + 8 * HOUR + 1};
	t.of[3].sent = (struct clocks_bounds){WHEN + 8 * HOUR + 2,
	    WHEN + 8 * HOUR + 2};
	t.of[3].delivered = (struct clocks_bounds){WHEN + 8 * HOUR + 2,
	    WHEN + 8 * HOUR + 2};
	tale_eval(&t, WHEN + 9 * HOUR);
	assert_true(tale_clock(&t, CLOCKS_DECISION)->due.after_at ==
	    WHEN + 8 * HOUR);
	assert_true(tale_clock(&t, CLOCKS_DECISION)->due.before_at ==
	    WHEN + 9 * HOUR + 2);
	tale_end(&t);
}

/* A pause in days moves the day: handed over on Monday at 22:00 in Beijing,
 * three hours of questions make it Tuesday. */
static void
test_pause_of_days(void **state)
{
	struct tale t;

	(void)state;
	tale_begin(&t, us, cn);
	tale_request(&t, 1);
	tale_tell(&t, ASKED, NOTICE_ACK, 0, WHEN + 1);
	tale_tell(&t, ASKED, NOTICE_CLARIFY, 0, WHEN + DAY - SECOND);
	tale_tell(&t, ASKER, NOTICE_CLARIFIED, 0,
	    WHEN + DAY + 3 * HOUR - SECOND);
	tale_eval(&t, WHEN + 2 * DAY);
	tale_is_at(tale_clock(&t, CLOCKS_DECISION)->due.before_at,
	    "2026-07-10T16:00:00Z");
	assert_true(
	    tale_clock(&t, CLOCKS_DECISION)->paused_min_ms == 3 * HOUR);
	tale_end(&t);
}

static void
test_going_on_without_answers(void **state)
{
	struct tale t;

	(void)state;
	tale_begin(&t, us, cn);
	tale_request(&t, 2);
	tale_tell(&t, ASKED, NOTICE_ACK, 0, WHEN + 1);
	tale_tell(&t, ASKED, NOTICE_CLARIFY, 0, WHEN + HOUR - SECOND);
	tale_tell(&t, ASKED, NOTICE_DECISION, OUTCOME_REFUSED,
	    WHEN + 9 * HOUR);
	tale_eval(&t, WHEN + 10 * HOUR);
	assert_int_equal(t.file.state, CASE_REFUSED);
	/* Two hours of pause by the CLARIFY clock, then "insufficient" is
	 * lawful; the asker's lateness stays. */
	tale_is(&t, CLOCKS_DECISION, CLOCKS_MET);
	tale_is(&t, CLOCKS_CLARIFY, CLOCKS_LATE);
	assert_true(clocks_insufficient(&t.clocks, &t.of[3].sent));
	t.of[3].sent = (struct clocks_bounds){WHEN + 3 * HOUR,
	    WHEN + 3 * HOUR};
	tale_eval(&t, WHEN + 10 * HOUR);
	tale_is(&t, CLOCKS_CLARIFY, CLOCKS_DROPPED);
	assert_false(clocks_insufficient(&t.clocks, &t.of[3].sent));
	tale_end(&t);
}

/* Asked again: the answers to the newest questions are what counts. */
static void
test_the_newest_questions_count(void **state)
{
	struct tale t;

	(void)state;
	tale_begin(&t, us, cn);
	tale_request(&t, 2);
	tale_tell(&t, ASKED, NOTICE_ACK, 0, WHEN + 1);
	tale_tell(&t, ASKED, NOTICE_CLARIFY, 0, WHEN + HOUR);
	tale_tell(&t, ASKER, NOTICE_CLARIFIED, 0, WHEN + 4 * HOUR);
	tale_tell(&t, ASKED, NOTICE_DECISION, OUTCOME_REFUSED,
	    WHEN + 5 * HOUR);
	tale_eval(&t, WHEN + 9 * HOUR);
	tale_is(&t, CLOCKS_CLARIFY, CLOCKS_LATE);
	assert_true(clocks_insufficient(&t.clocks, &t.of[4].sent));
	t.n--;
	tale_tell(&t, ASKED, NOTICE_CLARIFY, 0, WHEN + 5 * HOUR);
	tale_tell(&t, ASKER, NOTICE_CLARIFIED, 0, WHEN + 6 * HOUR);
	tale_tell(&t, ASKED, NOTICE_DECISION, OUTCOME_REFUSED,
	    WHEN + 8 * HOUR);
	tale_eval(&t, WHEN + 9 * HOUR);
	tale_is(&t, CLOCKS_CLARIFY, CLOCKS_MET);
	assert_false(clocks_insufficient(&t.clocks, &t.of[6].sent));
	/* Two pauses: two hours, and one. */
	tale_is(&t, CLOCKS_DECISION, CLOCKS_MET);
	assert_true(
	    tale_clock(&t, CLOCKS_DECISION)->paused_max_ms == 3 * HOUR);
	tale_end(&t);
}

/* ---- extensions ---- */

static const struct {
	uint64_t delay_lo, delay_hi;	/* signed, from WHEN */
	uint64_t date;			/* from WHEN; 0: not shown */
	unsigned urgency;
	const char *after, *before;
	enum clocks_extended extended;
	bool explained;
} delays[] = {
    /* U1: three days, to 9 July's 24:00, and three more at most. */
    {HOUR, HOUR, 5 * DAY, 1, "2026-07-11T14:00:00Z", "2026-07-11T14:00:00Z",
	CLOCKS_EXTENDED, false},
    /* The limit falls on a Sunday: Monday. */
    {HOUR, HOUR, 50 * DAY, 1, "2026-07-13T16:00:00Z", "2026-07-13T16:00:00Z",
	CLOCKS_EXTENDED, false},
    {HOUR, HOUR, DAY, 1, "2026-07-09T16:00:00Z", "2026-07-09T16:00:00Z",
	CLOCKS_EXTENDED, false},
    /* Signed at the due time itself: in time. */
    {74 * HOUR, 74 * HOUR, 5 * DAY, 1, "2026-07-11T14:00:00Z",
	"2026-07-11T14:00:00Z", CLOCKS_EXTENDED, false},
    {4 * DAY, 4 * DAY, 5 * DAY, 1, "2026-07-09T16:00:00Z",
	"2026-07-09T16:00:00Z", CLOCKS_NOT_EXTENDED, true},
    {2 * DAY, 4 * DAY, 5 * DAY, 1, "2026-07-09T16:00:00Z",
	"2026-07-11T14:00:00Z", CLOCKS_MAYBE_EXTENDED, false},
    {HOUR, HOUR, 0, 1, "2026-07-09T16:00:00Z", "2026-07-13T16:00:00Z",
	CLOCKS_EXTENDED, false},
    /* U2: none. */
    {HOUR, HOUR, 2 * DAY, 2, "2026-07-06T22:00:00Z", "2026-07-06T22:00:00Z",
	CLOCKS_NOT_EXTENDED, false},
};

static void
test_delay(void **state)
{
	struct tale t;

	(void)state;
	for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
		const struct clocks_clock *c;
		struct clocks_msg *msg;

		tale_begin(&t, us, cn);
		tale_request(&t, delays[i].urgency);
		msg = tale_tell(&t, ASKED, NOTICE_DELAY, 0, 0);
		msg->sent = (struct clocks_bounds){
		    WHEN + delays[i].delay_lo, WHEN + delays[i].delay_hi};
		msg->touches = 1u << CLOCKS_DECISION | 1u << CLOCKS_ACK;
		msg->date_at = WHEN + delays[i].date;
		msg->closed = delays[i].date == 0;
		tale_eval(&t, WHEN + 4 * DAY);
		c = tale_clock(&t, CLOCKS_DECISION);
		tale_is_at(c->due.after_at, delays[i].after);
		tale_is_at(c->due.before_at, delays[i].before);
		assert_int_equal(c->extended, delays[i].extended);
		assert_int_equal(c->explained, delays[i].explained);
		/* Nothing extends an ACK. */
		assert_int_equal(tale_clock(&t, CLOCKS_ACK)->extended,
		    CLOCKS_NOT_EXTENDED);
		tale_end(&t);
	}
}

/* A DELAY moves the clock it names and no other. */
static void
test_delay_of_another_clock(void **state)
{
	struct clocks_msg *msg;
	struct tale t;

	(void)state;
	tale_begin(&t, us, cn);
	tale_request(&t, 1);
	msg = tale_tell(&t, ASKED, NOTICE_DELAY, 0, WHEN + HOUR);
	msg->touches = 1u << CLOCKS_RESULT;
	msg->date_at = WHEN + 5 * DAY;
	tale_eval(&t, WHEN + 2 * HOUR);
	assert_int_equal(tale_clock(&t, CLOCKS_DECISION)->extended,
	    CLOCKS_NOT_EXTENDED);
	tale_end(&t);
}

static void
test_delays_add_up_to_the_limit(void **state)
{
	struct tale t;

	(void)state;
	tale_begin(&t, us, cn);
	tale_request(&t, 1);
	for (unsigned i = 1; i < 6; i++) {
		struct clocks_msg *msg = tale_tell(&t, ASKED, NOTICE_DELAY, 0,
		    WHEN + i * DAY);

		msg->touches = 1u << CLOCKS_DECISION;
		msg->date_at = WHEN + (i + 2) * DAY;
	}
	tale_eval(&t, WHEN + 6 * DAY);
	tale_is_at(tale_clock(&t, CLOCKS_DECISION)->due.before_at,
	    "2026-07-13T14:00:00Z");
	t.of[5].date_at = WHEN + 60 * DAY;
	tale_eval(&t, WHEN + 6 * DAY);
	tale_is_at(tale_clock(&t, CLOCKS_DECISION)->due.before_at,
	    "2026-07-13T16:00:00Z");
	/* Extended, and late all the same. */
	tale_tell(&t, ASKED, NOTICE_DECISION, OUTCOME_ACCEPTED,
	    WHEN + 7 * DAY + 3 * HOUR);
	tale_eval(&t, WHEN + 8 * DAY);
	tale_is(&t, CLOCKS_DECISION, CLOCKS_LATE);
	tale_end(&t);
}

/* A pause in an extension, and an extension in a pause. */
static void
test_delay_and_pause(void **state)
{
	struct clocks_msg *msg;
	struct tale t;

	(void)state;
	for (unsigned order = 0; order < 2; order++) {
		tale_begin(&t, us, cn);
		tale_request(&t, 1);
		tale_tell(&t, ASKED, NOTICE_ACK, 0, WHEN + 1);
		if (order == 1)
			tale_tell(&t, ASKED, NOTICE_CLARIFY, 0,
			    WHEN + DAY - SECOND);
		msg = tale_tell(&t, ASKED, NOTICE_DELAY, 0, WHEN + DAY);
		msg->touches = 1u << CLOCKS_DECISION;
		msg->date_at = WHEN + 60 * DAY;
		if (order == 0)
			tale_tell(&t, ASKED, NOTICE_CLARIFY, 0,
			    WHEN + DAY - SECOND);
		tale_tell(&t, ASKER, NOTICE_CLARIFIED, 0,
		    WHEN + DAY + 3 * HOUR - SECOND);
		tale_eval(&t, WHEN + 2 * DAY);
		/* Friday by the pause, then three days, then Monday. */
		tale_is_at(tale_clock(&t, CLOCKS_DECISION)->due.before_at,
		    "2026-07-13T16:00:00Z");
		tale_is_at(tale_clock(&t, CLOCKS_DECISION)->due.after_at,
		    "2026-07-13T16:00:00Z");
		tale_end(&t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pause),
	    cmocka_unit_test(test_pause_while_it_lasts),
	    cmocka_unit_test(test_pause_in_doubt),
	    cmocka_unit_test(test_pause_of_days),
	    cmocka_unit_test(test_going_on_without_answers),
	    cmocka_unit_test(test_the_newest_questions_count),
	    cmocka_unit_test(test_delay),
	    cmocka_unit_test(test_delay_of_another_clock),
	    cmocka_unit_test(test_delays_add_up_to_the_limit),
	    cmocka_unit_test(test_delay_and_pause),
	};

	return cmocka_run_group_tests(tests, calendars_load, calendars_free);
}
