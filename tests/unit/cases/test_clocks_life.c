/*
 * clocks: what starts, stops and drops each of them, through a case's life
 * and an item's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "calendars.h"
#include "tale.h"

static void
test_decision_counts_as_ack(void **state)
{
	struct tale t;

	(void)state;
	tale_begin(&t, us, cn);
	tale_request(&t, 0);
	tale_tell(&t, ASKED, NOTICE_DECISION, OUTCOME_REFUSED, WHEN + DAY);
	tale_eval(&t, WHEN + 2 * DAY);
	tale_is(&t, CLOCKS_ACK, CLOCKS_MET);
	tale_is(&t, CLOCKS_DECISION, CLOCKS_MET);
	assert_true(tale_none(&t, CLOCKS_RESULT));
	assert_true(tale_none(&t, CLOCKS_STATUS));
	assert_true(tale_none(&t, CLOCKS_POSTPONED));
	tale_end(&t);
}

/* One that the table forbids, or that is not sealed yet, counts for nothing. */
static void
test_what_does_not_stand_counts_not(void **state)
{
	struct clocks_msg *msg;
	struct tale t;

	(void)state;
	tale_begin(&t, us, cn);
	tale_request(&t, 0);
	tale_tell(&t, ASKER, NOTICE_ACK, 0, WHEN + HOUR);
	tale_tell(&t, ASKED, NOTICE_RESULT, OUTCOME_FINAL, WHEN + HOUR);
	msg = tale_tell(&t, ASKED, NOTICE_ACK, 0, WHEN + HOUR);
	t.told[3].env_id = (struct hash){{0}};
	t.told[3].seq = UINT64_MAX;
	assert_non_null(msg);
	tale_eval(&t, WHEN + 2 * HOUR);
	tale_is(&t, CLOCKS_ACK, CLOCKS_RUNNING);
	tale_is(&t, CLOCKS_DECISION, CLOCKS_RUNNING);
	assert_int_equal(t.clocks.n, 2);
	tale_end(&t);
}

/* No later message makes a case less urgent, or more; nor one that crept in
 * before the REQUEST. */
static void
test_urgency_is_the_requests(void **state)
{
	struct clocks_msg *msg;
	struct tale t;

	(void)state;
	tale_begin(&t, us, cn);
	tale_request(&t, 2);
	msg = tale_tell(&t, ASKED, NOTICE_DECISION, OUTCOME_ACCEPTED, WHEN + 1);
	msg->urgency = 0;
	msg = tale_tell(&t, ASKED, NOTICE_STATUS, OUTCOME_COLLECTING, WHEN + 2);
	msg->urgency = 0;
	msg = tale_tell(&t, ASKED, NOTICE_TRANSFER, 0, WHEN + 3);
	msg->urgency = 0;
	memset(t.told[3].seen, 0, sizeof(t.told[3].seen));
	tale_eval(&t, WHEN + HOUR);
	assert_int_equal(tale_clock(&t, CLOCKS_RESULT)->urgency, 2);
	assert_int_equal(tale_clock(&t, CLOCKS_STATUS)->urgency, 2);
	assert_int_equal(tale_clock(&t, CLOCKS_ACK)->urgency, 2);
	tale_end(&t);
}

static void
test_status_restarts(void **state)
{
	struct tale t;

	(void)state;
	tale_begin(&t, us, cn);
	tale_request(&t, 1);
	tale_tell(&t, ASKED, NOTICE_DECISION, OUTCOME_POSTPONED, WHEN + HOUR)
	    ->date_at = WHEN + 20 * DAY;
	/* Runs while postponed. */
	tale_tell(&t, ASKED, NOTICE_STATUS, OUTCOME_ASSESSING, WHEN + 3 * DAY);
	tale_eval(&t, WHEN + 4 * DAY);
	tale_is(&t, CLOCKS_STATUS, CLOCKS_RUNNING);
	/* Thursday 9 July 22:00 in Beijing, and seven days. */
	tale_is_at(tale_clock(&t, CLOCKS_STATUS)->due.before_at,
	    "2026-07-16T16:00:00Z");
	assert_int_equal(tale_clock(&t, CLOCKS_STATUS)->start, 2);
	tale_tell(&t, ASKED, NOTICE_DECISION, OUTCOME_ACCEPTED, WHEN + 5 * DAY);
	tale_tell(&t, ASKED, NOTICE_RESULT, OUTCOME_PARTIAL, WHEN + 6 * DAY);
	tale_eval(&t, WHEN + 7 * DAY);
	/* A DECISION restarts nothing, a part of the RESULT does. */
	assert_int_equal(tale_clock(&t, CLOCKS_STATUS)->start, 4);
	tale_is(&t, CLOCKS_RESULT, CLOCKS_RUNNING);
	tale_is(&t, CLOCKS_POSTPONED, CLOCKS_MET);
	tale_tell(&t, ASKED, NOTICE_RESULT, OUTCOME_NIL, WHEN + 20 * DAY);
	tale_eval(&t, WHEN + 21 * DAY);
	tale_is(&t, CLOCKS_STATUS, CLOCKS_LATE);
	tale_is(&t, CLOCKS_RESULT, CLOCKS_MET);
	assert_int_equal(tale_clock(&t, CLOCKS_STATUS)->start, 4);
	tale_end(&t);
}

static void
test_dates(void **state)
{
	struct clocks_msg *decision;
	struct tale t;

	(void)state;
	tale_begin(&t, us, cn);
	tale_request(&t, 1);
	decision = tale_tell(&t, ASKED, NOTICE_DECISION, OUTCOME_ACCEPTED,
	    WHEN + HOUR);
	decision->date_at = WHEN + 10 * DAY;
	tale_eval(&t, WHEN + 2 * HOUR);
	assert_true(tale_clock(&t, CLOCKS_RESULT)->due.after_at ==
	    WHEN + 10 * DAY);
	/* Shown the outline only: the date is not known, nor the verdict. */
	decision->closed = true;
	tale_eval(&t, WHEN + 20 * DAY);
	tale_is(&t, CLOCKS_RESULT, CLOCKS_RUNNING);
	assert_true(tale_clock(&t, CLOCKS_RESULT)->due.before_at == 0);
	tale_tell(&t, ASKED, NOTICE_RESULT, OUTCOME_FINAL, WHEN + 20 * DAY);
	tale_eval(&t, WHEN + 21 * DAY);
	tale_is(&t, CLOCKS_RESULT, CLOCKS_IN_DOUBT);
	/* U0: the 90 days, whatever date it names. */
	decision->closed = false;
	t.of[0].urgency = 0;
	tale_eval(&t, WHEN + 21 * DAY);
	tale_is_at(tale_clock(&t, CLOCKS_RESULT)->due.before_at,
	    "2026-10-08T16:00:00Z");
	tale_end(&t);
}

static void
test_the_end_of_a_case(void **state)
{
	struct tale t;

	(void)state;
	tale_begin(&t, us, cn);
	tale_request(&t, 2);
	/* Withdrawn after the ACK was overdue, before the DECISION was. */
	tale_tell(&t, ASKER, NOTICE_WITHDRAW, 0, WHEN + 2 * HOUR);
	tale_eval(&t, WHEN + DAY);
	tale_is(&t, CLOCKS_ACK, CLOCKS_LATE);
	tale_is(&t, CLOCKS_DECISION, CLOCKS_DROPPED);
	tale_end(&t);

	tale_begin(&t, us, cn);
	tale_whole(&t, 0);
	tale_tell(&t, ASKER, NOTICE_CLOSE, 0, WHEN + DAY);
	tale_eval(&t, WHEN + 100 * DAY);
	assert_int_equal(t.file.state, CASE_CLOSED);
	/* A missing FEEDBACK stays counted. */
	tale_is(&t, CLOCKS_FEEDBACK, CLOCKS_OVERDUE);
	tale_is(&t, CLOCKS_PRESERVATION, CLOCKS_DROPPED);
	tale_tell(&t, ASKER, NOTICE_FEEDBACK, OUTCOME_USED, WHEN + 99 * DAY);
	tale_tell(&t, ASKER, NOTICE_REOPEN, 0, WHEN + 101 * DAY);
	tale_eval(&t, WHEN + 102 * DAY);
	tale_is(&t, CLOCKS_FEEDBACK, CLOCKS_LATE);
	tale_is(&t, CLOCKS_ACK, CLOCKS_RUNNING);
	tale_is(&t, CLOCKS_DECISION, CLOCKS_RUNNING);
	assert_int_equal(tale_clock(&t, CLOCKS_ACK)->start, 6);
	tale_end(&t);
}

static void
test_preservation(void **state)
{
	struct clocks_msg *msg;
	struct tale t;

	(void)state;
	tale_begin(&t, us, cn);
	msg = tale_request(&t, 0);
	tale_tell(&t, ASKED, NOTICE_DECISION, OUTCOME_ACCEPTED, WHEN + HOUR);
	tale_eval(&t, WHEN + 2 * HOUR);
	assert_true(tale_none(&t, CLOCKS_PRESERVATION));
	msg->touches = 1u << CLOCKS_PRESERVATION;
	tale_eval(&t, WHEN + 2 * HOUR);
	/* Warned after 45 days. */
	assert_true(tale_clock(&t, CLOCKS_PRESERVATION)->warn_at ==
	    WHEN + HOUR + 45 * DAY);
	tale_eval(&t, WHEN + 70 * DAY);
	tale_is(&t, CLOCKS_PRESERVATION, CLOCKS_LAPSED);
	/* One that is about something else renews nothing. */
	msg = tale_tell(&t, ASKER, NOTICE_SUPPLEMENT, 0, WHEN + 50 * DAY);
	tale_eval(&t, WHEN + 70 * DAY);
	tale_is(&t, CLOCKS_PRESERVATION, CLOCKS_LAPSED);
	msg->touches = 1u << CLOCKS_PRESERVATION;
	msg->renews = true;
	tale_eval(&t, WHEN + 70 * DAY);
	tale_is(&t, CLOCKS_PRESERVATION, CLOCKS_RUNNING);
	assert_int_equal(tale_clock(&t, CLOCKS_PRESERVATION)->start, 2);
	/* Released, or followed by the formal request. */
	msg->renews = false;
	tale_eval(&t, WHEN + 70 * DAY);
	tale_is(&t, CLOCKS_PRESERVATION, CLOCKS_MET);
	tale_end(&t);
}

static void
test_countersign(void **state)
{
	struct clocks_msg *msg;
	struct tale t;

	(void)state;
	tale_begin(&t, us, cn);
	tale_request(&t, 2)->single = true;
	tale_tell(&t, ASKED, NOTICE_ACK, 0, WHEN + 1);
	tale_tell(&t, ASKER, NOTICE_WITHDRAW, 0, WHEN + HOUR);
	tale_eval(&t, WHEN + DAY);
	/* Neither outlived by its case, nor owed by the other side. */
	tale_is(&t, CLOCKS_COUNTERSIGN, CLOCKS_OVERDUE);
	assert_int_equal(tale_clock(&t, CLOCKS_COUNTERSIGN)->owes, ASKER);
	assert_int_equal(tale_clock(&t, CLOCKS_COUNTERSIGN)->start, 0);
	msg = tale_tell(&t, ASKER, NOTICE_SUPPLEMENT, 0, WHEN + 20 * HOUR);
	msg->answers = *tale_name(&t.of[0]);
	tale_eval(&t, WHEN + DAY);
	tale_is(&t, CLOCKS_COUNTERSIGN, CLOCKS_OVERDUE);
	msg->touches = 1u << CLOCKS_COUNTERSIGN;
	tale_eval(&t, WHEN + DAY);
	tale_is(&t, CLOCKS_COUNTERSIGN, CLOCKS_MET);
	msg->answers = *tale_name(&t.of[1]);
	tale_eval(&t, WHEN + DAY);
	tale_is(&t, CLOCKS_COUNTERSIGN, CLOCKS_OVERDUE);
	tale_end(&t);
}

static void
test_items_bind_by_name(void **state)
{
	struct clocks_msg *one, *two, *reply;
	struct hash old = {{77}};
	struct tale t;

	(void)state;
	tale_begin(&t, us, cn);
	one = tale_tell(&t, ASKED, NOTICE_CONSULT, 0, WHEN);
	tale_eval(&t, WHEN + HOUR);
	assert_true(tale_none(&t, CLOCKS_REPLY));	/* no hold until */
	one->date_at = WHEN + 3 * DAY;
	two = tale_tell(&t, ASKED, NOTICE_PUBLICITY_NOTICE, 0, WHEN);
	two->date_at = WHEN + 2 * DAY;
	reply = tale_tell(&t, ASKER, NOTICE_REPLY, OUTCOME_AGREED,
	    WHEN + 60 * HOUR);
	reply->answers = *tale_name(one);
	tale_eval(&t, WHEN + 60 * HOUR + 1);
	assert_int_equal(t.clocks.n, 2);
	assert_int_equal(t.clocks.v[0].verdict, CLOCKS_MET);
	assert_int_equal(t.clocks.v[1].verdict, CLOCKS_LAPSED);
	/* One cannot answer oneself. */
	t.told[2].side = ASKED;
	tale_eval(&t, WHEN + 60 * HOUR + 1);
	assert_int_equal(t.clocks.v[0].verdict, CLOCKS_RUNNING);
	t.told[2].side = ASKER;
	/* Late is late, though it had lapsed before. */
	reply->answers = *tale_name(two);
	tale_eval(&t, WHEN + 60 * HOUR + 1);
	assert_int_equal(t.clocks.v[0].verdict, CLOCKS_RUNNING);
	assert_int_equal(t.clocks.v[1].verdict, CLOCKS_LATE);
	/* By a name it bore before it was sealed anew. */
	t.told[0].was = &old;
	t.told[0].was_len = 1;
	reply->answers = old;
	tale_eval(&t, WHEN + 60 * HOUR + 1);
	assert_int_equal(t.clocks.v[0].verdict, CLOCKS_MET);
	/* Taken back by who put it, not by the other. */
	reply = tale_tell(&t, ASKER, NOTICE_WITHDRAW, 0, WHEN + 30 * HOUR);
	reply->answers = *tale_name(two);
	tale_eval(&t, WHEN + 61 * HOUR);
	assert_int_equal(t.clocks.v[1].verdict, CLOCKS_LAPSED);
	reply = tale_tell(&t, ASKED, NOTICE_WITHDRAW, 0, WHEN + 30 * HOUR);
	reply->answers = *tale_name(two);
	tale_eval(&t, WHEN + 61 * HOUR);
	assert_int_equal(t.clocks.v[1].verdict, CLOCKS_DROPPED);
	tale_end(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_decision_counts_as_ack),
	    cmocka_unit_test(test_what_does_not_stand_counts_not),
	    cmocka_unit_test(test_urgency_is_the_requests),
	    cmocka_unit_test(test_status_restarts),
	    cmocka_unit_test(test_dates),
	    cmocka_unit_test(test_the_end_of_a_case),
	    cmocka_unit_test(test_preservation),
	    cmocka_unit_test(test_countersign),
	    cmocka_unit_test(test_items_bind_by_name),
	};

	return cmocka_run_group_tests(tests, calendars_load, calendars_free);
}
