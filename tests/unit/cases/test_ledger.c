/*
 * ledger: its table against DIALOGUE.md; each counter by hand, in both
 * directions; what a closed body hides.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "count.h"

/* ---- DIALOGUE.md ---- */

static const char *
words_of(const char *cell)
{
	if (strcmp(cell, "verdicts") == 0)
		return "waiting running overdue met late in_doubt dropped "
		       "lapsed not_taken_in closed";
	if (strcmp(cell, "outcomes") == 0)
		return "raised acked answered returned passed_on settled";
	return cell;
}

static void
check_row(void *ctx, char *cell[])
{
	static const char *const whose[] = {"asked", "author", "other",
	    "owing"};
	static const char *const needs[] = {"outlines", "bodies", "dates"};
	unsigned *i = ctx;
	const struct ledger_group *g = ledger_group((*i)++);
	char words[512] = "";

	assert_non_null(g);
	assert_string_equal(g->name, cell[0]);
	for (unsigned w = 0; w < LEDGER_WORDS_MAX && g->word[w] != NULL; w++) {
		strcat(words, w == 0 ? "" : " ");
		strcat(words, g->word[w]);
	}
	assert_string_equal(words, words_of(cell[1]));
	assert_string_equal(whose[g->whose], cell[2]);
	assert_string_equal(needs[g->needs], cell[3]);
}

static void
test_table_is_the_document(void **state)
{
	unsigned n = 0;

	(void)state;
	assert_true(tale_table("Ledger", 5, check_row, &n) > 0);
	assert_null(ledger_group(n));
}

/* The words of clocks and tiers are the numbers of their own enums. */
static void
test_words_are_codes(void **state)
{
	char name[32];

	(void)state;
	for (unsigned k = 0; k < CLOCKS_KINDS; k++)
		assert_string_equal(ledger_group(ledger_clock(
		    (enum clocks_kind)k, NOTICE_CONSULT))->name,
		    clocks_row((enum clocks_kind)k)->name);
	assert_string_equal(ledger_group(ledger_clock(CLOCKS_REPLY,
	    NOTICE_PUBLICITY_NOTICE))->name, "publicity");
	for (int v = 0; v < CLOCKS_VERDICTS; v++) {
		snprintf(name, sizeof(name), "%s",
		    clocks_verdict_name((enum clocks_verdict)v));
		for (char *p = name; *p != '\0'; p++)
			*p = *p == ' ' ? '_' : *p;
		assert_int_equal(ledger_word(ledger_clock(CLOCKS_ACK, 0),
		    name), v);
	}
	assert_int_equal(ledger_word(ledger_clock(CLOCKS_ACK, 0), "closed"),
	    CLOCKS_VERDICTS);
	for (int s = 0; s < LADDER_STATES; s++) {
		snprintf(name, sizeof(name), "%s",
		    ladder_state_name((enum ladder_state)s));
		for (char *p = name; *p != '\0'; p++)
			*p = *p == '_' ? '_' : (char)(*p | 0x20);
		assert_int_equal(ledger_word((unsigned)ledger_find("tier_2"),
		    name), s);
	}
}

static void
test_whole_case(void **state)
{
	struct count_rig r;

	(void)state;
	count_begin(&r);
	tale_whole(&r.t, 1);
	r.said[0].kind = KIND_INFO;
	COUNT_ALL(&r);
	COUNT_IS(&r,
	    "a feedback_due due 1", "a feedback_due missed 1",
	    "a preservation lapsed 1", "a feedback overdue 1",
	    "b requests handed_over 1", "b urgency u1 1", "b kind info 1",
	    "b decisions accepted 1", "b results final 1",
	    "b queries asked 1", "b status_due due 1",
	    "b status_due given 1",
	    "b ack met 1", "b data_at_hand met 1", "b decision met 1",
	    "b result met 1", "b status met 1", "b status_query met 1");
	assert_int_equal(r.l.opens, 0);
	/* The other way round: the same under the other letter. */
	r.asker = 1;
	COUNT_ALL(&r);
	COUNT_IS(&r,
	    "a requests handed_over 1", "a urgency u1 1", "a kind info 1",
	    "a decisions accepted 1", "a results final 1",
	    "a queries asked 1", "a status_due due 1",
	    "a status_due given 1",
	    "a ack met 1", "a data_at_hand met 1", "a decision met 1",
	    "a result met 1", "a status met 1", "a status_query met 1",
	    "b feedback_due due 1", "b feedback_due missed 1",
	    "b preservation lapsed 1", "b feedback overdue 1");
	count_end(&r);
}

static void
test_refusal_and_grounds(void **state)
{
	struct count_rig r;

	(void)state;
	count_begin(&r);
	tale_request(&r.t, 0);
	r.said[0].kind = KIND_LOCATE;
	tale_tell(&r.t, ASKED, NOTICE_ACK, 0, WHEN + 9 * DAY);
	tale_tell(&r.t, ASKED, NOTICE_DECISION, OUTCOME_POSTPONED,
	    WHEN + 10 * DAY)->date_at = WHEN + 20 * DAY;
	r.said[2].ground = GROUND_HARM;
	tale_tell(&r.t, ASKED, NOTICE_DECISION, OUTCOME_REFUSED,
	    WHEN + 21 * DAY);
	r.said[3].ground = GROUND_LEGAL_BAR;
	COUNT_ALL(&r);
	COUNT_IS(&r,
	    "b requests handed_over 1", "b urgency u0 1", "b kind locate 1",
	    "b decisions postponed 1", "b decisions refused 1",
	    "b refusals legal_bar 1",
	    "b ack late 1", "b decision met 1", "b postponed late 1",
	    "b status dropped 1");
	count_end(&r);
}

static void
test_extension_status_feedback(void **state)
{
	struct count_rig r;
	struct clocks_msg *m;

	(void)state;
	count_begin(&r);
	tale_request(&r.t, 0);
	r.said[0].kind = KIND_INFO;
	m = tale_tell(&r.t, ASKED, NOTICE_DELAY, 0, WHEN + DAY);
	m->touches = 1u << CLOCKS_DECISION;
	m->date_at = WHEN + 40 * DAY;
	tale_tell(&r.t, ASKED, NOTICE_DECISION, OUTCOME_PARTLY,
	    WHEN + 39 * DAY);
	r.said[2].ground = GROUND_THRESHOLD;
	tale_tell(&r.t, ASKED, NOTICE_STATUS, OUTCOME_COLLECTING,
	    WHEN + 49 * DAY);
	m = tale_tell(&r.t, ASKED, NOTICE_DELAY, 0, WHEN + 100 * DAY);
	m->touches = 1u << CLOCKS_STATUS;
	m->date_at = WHEN + 101 * DAY;
	tale_tell(&r.t, ASKED, NOTICE_RESULT, OUTCOME_NIL, WHEN + 110 * DAY);
	tale_tell(&r.t, ASKER, NOTICE_FEEDBACK, OUTCOME_USEFUL,
	    WHEN + 120 * DAY);
	COUNT_ALL(&r);
	COUNT_IS(&r,
	    "a feedback_due due 1", "a feedback_due given 1",
	    "a feedback_said useful 1", "a feedback met 1",
	    "b requests handed_over 1", "b urgency u0 1", "b kind info 1",
	    "b decisions partly 1", "b results nil 1",
	    "b status_due due 2", "b status_due given 2",
	    "b extensions asked 2", "b extensions granted 1",
	    "b extensions explained 1",
	    "b ack late 1", "b decision met 1", "b result met 1",
	    "b status met 1", "b status late 1");
	count_end(&r);
}

static void
test_missed_and_open(void **state)
{
	struct count_rig r;

	(void)state;
	count_begin(&r);
	tale_request(&r.t, 2);
	r.said[0].kind = KIND_EMERGENCY;
	tale_tell(&r.t, ASKED, NOTICE_DECISION, OUTCOME_ACCEPTED, WHEN + HOUR);
	tale_tell(&r.t, ASKED, NOTICE_STATUS, OUTCOME_ANALYSING,
	    WHEN + 2 * HOUR);
	r.priority = true;
	COUNT_ALL(&r);
	COUNT_IS(&r,
	    "b requests handed_over 1", "b urgency u2 1",
	    "b kind emergency 1", "b decisions accepted 1",
	    "b status_due due 2", "b status_due given 1",
	    "b status_due missed 1", "b priority cases 1",
	    "b ack met 1", "b decision met 1", "b result overdue 1",
	    "b status overdue 1", "b status met 1");
	assert_int_equal(r.l.opens, 1);
	assert_int_equal(r.l.open[0].party, 1);
	assert_int_equal(r.l.open[0].urgency, 2);
	assert_int_equal(r.l.open[0].state, CASE_IN_PROGRESS);
	assert_int_equal(r.l.open[0].phase, OUTCOME_ANALYSING);
	assert_int_equal(r.l.open[0].since_at, WHEN);
	count_end(&r);
}

static void
answer(struct count_rig *r, enum case_side side, enum notice_type type,
    enum notice_outcome outcome, size_t told, uint64_t at)
{
	tale_tell(&r->t, side, type, outcome, at)->answers =
	    r->t.told[told].env_id;
}

static void
test_items(void **state)
{
	struct count_rig r;

	(void)state;
	count_begin(&r);
	tale_tell(&r.t, ASKER, NOTICE_LEAD, 0, WHEN)->touches =
	    1u << CLOCKS_LEAD;
	tale_tell(&r.t, ASKED, NOTICE_PUBLICITY_NOTICE, 0, WHEN + HOUR)
	    ->date_at = WHEN + DAY;
	tale_tell(&r.t, ASKER, NOTICE_CONSULT, 0, WHEN + HOUR)->date_at =
	    WHEN + DAY;
	tale_tell(&r.t, ASKER, NOTICE_CONSENT_ASK, 0, WHEN + HOUR);
	tale_tell(&r.t, ASKER, NOTICE_PRIORITY_LIST, 0, WHEN + HOUR);
	for (size_t i = 0; i < 5; i++)
		r.t.told[i].move.answers = (struct hash){{0}};
	answer(&r, ASKED, NOTICE_FEEDBACK, OUTCOME_USED, 0, WHEN + 2 * DAY);
	r.t.told[5].move.answers = r.t.told[0].env_id;
	answer(&r, ASKER, NOTICE_REPLY, OUTCOME_OBJECTED, 1, WHEN + 2 * DAY);
	r.t.told[6].move.answers = r.t.told[1].env_id;
	answer(&r, ASKED, NOTICE_CONSENT, OUTCOME_DENIED, 3, WHEN + 3 * DAY);
	r.t.told[7].move.answers = r.t.told[3].env_id;
	COUNT_ALL(&r);
	COUNT_IS(&r,
	    "a leads given 1", "a leads_said used 1", "a consents asked 1",
	    "a notices consult 1", "a priority_lists given 1",
	    "a publicity late 1",
	    "b consents denied 1", "b notices publicity 1",
	    "b lead met 1", "b consent met 1", "b reply lapsed 1");
	count_end(&r);
}

static void
test_escalations(void **state)
{
	struct count_rig r;
	struct clocks_msg *m;

	(void)state;
	count_begin(&r);
	tale_request(&r.t, 0);
	r.said[0].kind = KIND_ADVICE;
	m = tale_tell(&r.t, ASKER, NOTICE_ESCALATE, 0, WHEN + 9 * DAY);
	m->tier = 1;
	m->answers = r.t.told[0].env_id;
	m->touches = 1u << CLOCKS_ACK;
	answer(&r, ASKED, NOTICE_ESC_ACK, 0, 1, WHEN + 9 * DAY + HOUR);
	r.t.told[2].move.answers = r.t.told[1].env_id;
	m = tale_tell(&r.t, ASKER, NOTICE_ESCALATE, 0, WHEN + 12 * DAY);
	m->tier = 2;
	m->answers = r.t.told[0].env_id;
	m->touches = 1u << CLOCKS_ACK;
	COUNT_ALL(&r);
	COUNT_IS(&r,
	    "b requests handed_over 1", "b urgency u0 1", "b kind advice 1",
	    "b escalations raised 2", "b tier_1 passed_on 1",
	    "b tier_2 raised 1", "b ack overdue 1", "b decision overdue 1",
	    "b esc_ack overdue 1", "b esc_ack met 1",
	    "b esc_answer overdue 2");
	/* From outlines: that it was raised, not where and what came of it. */
	for (size_t i = 0; i < r.t.n; i++)
		r.t.of[i].closed = true;
	r.t.of[1].tier = r.t.of[3].tier = 0;
	COUNT_ALL(&r);
	COUNT_IS(&r,
	    "b requests handed_over 1", "b urgency u0 1", "b kind closed 1",
	    "b escalations raised 2", "b escalations closed 2",
	    "b ack overdue 1", "b decision overdue 1",
	    "b esc_ack closed 2", "b esc_answer closed 2");
	count_end(&r);
}

/* The tale of test_whole_case and a refusal, all bodies closed. */
static void
test_from_outlines(void **state)
{
	struct count_rig r;

	(void)state;
	count_begin(&r);
	tale_whole(&r.t, 1);
	for (size_t i = 0; i < r.t.n; i++)
		r.t.of[i].closed = true;
	COUNT_ALL(&r);
	/* At U1 a DECISION's date rules the RESULT; all else is the same. */
	COUNT_IS(&r,
	    "a feedback_due due 1", "a feedback_due missed 1",
	    "a preservation lapsed 1", "a feedback overdue 1",
	    "b requests handed_over 1", "b urgency u1 1", "b kind closed 1",
	    "b decisions accepted 1", "b results final 1",
	    "b queries asked 1", "b status_due due 1",
	    "b status_due given 1",
	    "b ack met 1", "b data_at_hand met 1", "b decision met 1",
	    "b result closed 1", "b status met 1", "b status_query met 1");
	count_end(&r);
	count_begin(&r);
	tale_request(&r.t, 0);
	tale_tell(&r.t, ASKED, NOTICE_DECISION, OUTCOME_REFUSED, WHEN + HOUR);
	r.t.of[0].closed = r.t.of[1].closed = true;
	COUNT_ALL(&r);
	COUNT_IS(&r,
	    "b requests handed_over 1", "b urgency u0 1", "b kind closed 1",
	    "b decisions refused 1", "b refusals closed 1", "b ack met 1",
	    "b decision met 1");
	count_end(&r);
}

/* A DELAY whose date is hidden leaves open what it could decide, no more. */
static void
test_closed_delay(void **state)
{
	struct count_rig r;
	struct clocks_msg *m;

	(void)state;
	count_begin(&r);
	tale_request(&r.t, 0);
	m = tale_tell(&r.t, ASKED, NOTICE_DELAY, 0, WHEN + DAY);
	m->touches = 1u << CLOCKS_DECISION;
	m->closed = true;
	tale_tell(&r.t, ASKED, NOTICE_DECISION, OUTCOME_REFUSED,
	    WHEN + 40 * DAY)->closed = true;
	r.t.of[0].closed = true;
	COUNT_ALL(&r);
	COUNT_IS(&r,
	    "b requests handed_over 1", "b urgency u0 1", "b kind closed 1",
	    "b decisions refused 1", "b refusals closed 1",
	    "b extensions asked 1", "b extensions closed 1",
	    "b ack late 1", "b decision closed 1");
	count_end(&r);
}

static void
test_not_taken_in(void **state)
{
	struct count_rig r;

	(void)state;
	count_begin(&r);
	tale_request(&r.t, 0)->has_delivered = false;
	r.t.of[0].delivered = (struct clocks_bounds){0, 0};
	r.t.told[0].evidence = CASE_EVIDENCE_SUBMITTED |
	    CASE_EVIDENCE_EXPIRED;
	r.said[0].kind = KIND_JOINT;
	COUNT_ALL(&r);
	COUNT_IS(&r,
	    "b requests not_taken_in 1", "b urgency u0 1", "b kind joint 1",
	    "b ack not_taken_in 1", "b decision not_taken_in 1");
	r.t.told[0].evidence = CASE_EVIDENCE_SUBMITTED;
	COUNT_ALL(&r);
	COUNT_IS(&r,
	    "b requests waiting 1", "b urgency u0 1", "b kind joint 1",
	    "b ack waiting 1", "b decision waiting 1");
	count_end(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_is_the_document),
		cmocka_unit_test(test_words_are_codes),
		cmocka_unit_test(test_whole_case),
		cmocka_unit_test(test_refusal_and_grounds),
		cmocka_unit_test(test_extension_status_feedback),
		cmocka_unit_test(test_missed_and_open),
		cmocka_unit_test(test_items),
		cmocka_unit_test(test_escalations),
		cmocka_unit_test(test_from_outlines),
		cmocka_unit_test(test_closed_delay),
		cmocka_unit_test(test_not_taken_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
