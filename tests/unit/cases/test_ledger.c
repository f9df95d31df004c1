/*
 * ledger: its table against DIALOGUE.md; each counter by hand, in both
 * directions; what a closed body hides; periods, exercises, times; what two
 * sides that differ are told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cases/ledger.h"
#include "tale.h"

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

/* ---- a case, counted ---- */

#define NOW (WHEN + 200 * DAY)

struct rig {
	struct tale t;
	struct ladder ladder;
	struct ledger l;
	struct ledger_said said[TALE_MAX];	/* in the order told */
	struct ledger_said folded[TALE_MAX];
	uint8_t asker;
	bool priority;
};

static void
begin(struct rig *r)
{
	memset(r, 0, sizeof(*r));
	tale_begin(&r->t, NULL, NULL);
}

static void
add(struct rig *r, uint64_t at)
{
	struct ledger_file c = {.case_id = {{7}}, .asker = r->asker,
	    .priority = r->priority, .file = &r->t.file, .msgs = r->t.msgs,
	    .said = r->folded, .n = r->t.n, .clocks = &r->t.clocks,
	    .ladder = &r->ladder};

	ladder_free(&r->ladder);
	tale_eval(&r->t, at);
	assert_int_equal(ladder_eval(&r->ladder, r->t.msgs, r->t.n,
	    &r->t.clocks, at), ERR_OK);
	for (size_t i = 0; i < r->t.n; i++)
		r->folded[i] = r->said[r->t.m[i].id];
	assert_int_equal(ledger_case(&r->l, &c), ERR_OK);
}

static void
count_it(struct rig *r, uint64_t from, uint64_t until, uint64_t at)
{
	ledger_free(&r->l);
	ledger_begin(&r->l, from, until, at);
	add(r, at);
	assert_int_equal(ledger_end(&r->l), ERR_OK);
}

static void
end(struct rig *r)
{
	ledger_free(&r->l);
	ladder_free(&r->ladder);
	tale_end(&r->t);
}

/* "b requests handed_over 1", ...: these counters and no other. */
static void
check(const struct rig *r, const char *const *want)
{
	char got[96];
	size_t n, i = 0;

	for (unsigned p = 0; p < 2; p++)
		for (unsigned g = 0; ledger_group(g) != NULL; g++)
			for (unsigned w = 0; w < LEDGER_WORDS_MAX; w++) {
				n = ledger_count(&r->l, p, g, w, NULL);
				if (n == 0)
					continue;
				snprintf(got, sizeof(got), "%c %s %s %zu",
				    'a' + (int)p, ledger_group(g)->name,
				    ledger_group(g)->word[w], n);
				if (want[i] == NULL)
					fail_msg("counted too: %s", got);
				assert_string_equal(got, want[i]);
				i++;
			}
	if (want[i] != NULL)
		fail_msg("not counted: %s", want[i]);
}

#define CHECK(r, ...) check(r, (const char *const[]){__VA_ARGS__, NULL})
#define ALL(r) count_it(r, 0, NOW, NOW)

static void
test_whole_case(void **state)
{
	struct rig r;

	(void)state;
	begin(&r);
	tale_whole(&r.t, 1);
	r.said[0].kind = KIND_INFO;
	ALL(&r);
	CHECK(&r,
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
	ALL(&r);
	CHECK(&r,
	    "a requests handed_over 1", "a urgency u1 1", "a kind info 1",
	    "a decisions accepted 1", "a results final 1",
	    "a queries asked 1", "a status_due due 1",
	    "a status_due given 1",
	    "a ack met 1", "a data_at_hand met 1", "a decision met 1",
	    "a result met 1", "a status met 1", "a status_query met 1",
	    "b feedback_due due 1", "b feedback_due missed 1",
	    "b preservation lapsed 1", "b feedback overdue 1");
	end(&r);
}

static void
test_refusal_and_grounds(void **state)
{
	struct rig r;

	(void)state;
	begin(&r);
	tale_request(&r.t, 0);
	r.said[0].kind = KIND_LOCATE;
	tale_tell(&r.t, ASKED, NOTICE_ACK, 0, WHEN + 9 * DAY);
	tale_tell(&r.t, ASKED, NOTICE_DECISION, OUTCOME_POSTPONED,
	    WHEN + 10 * DAY)->date_at = WHEN + 20 * DAY;
	r.said[2].ground = GROUND_HARM;
	tale_tell(&r.t, ASKED, NOTICE_DECISION, OUTCOME_REFUSED,
	    WHEN + 21 * DAY);
	r.said[3].ground = GROUND_LEGAL_BAR;
	ALL(&r);
	CHECK(&r,
	    "b requests handed_over 1", "b urgency u0 1", "b kind locate 1",
	    "b decisions postponed 1", "b decisions refused 1",
	    "b refusals legal_bar 1",
	    "b ack late 1", "b decision met 1", "b postponed late 1",
	    "b status dropped 1");
	end(&r);
}

static void
test_extension_status_feedback(void **state)
{
	struct rig r;
	struct clocks_msg *m;

	(void)state;
	begin(&r);
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
	ALL(&r);
	CHECK(&r,
	    "a feedback_due due 1", "a feedback_due given 1",
	    "a feedback_said useful 1", "a feedback met 1",
	    "b requests handed_over 1", "b urgency u0 1", "b kind info 1",
	    "b decisions partly 1", "b results nil 1",
	    "b status_due due 2", "b status_due given 2",
	    "b extensions asked 2", "b extensions granted 1",
	    "b extensions explained 1",
	    "b ack late 1", "b decision met 1", "b result met 1",
	    "b status met 1", "b status late 1");
	end(&r);
}

static void
test_missed_and_open(void **state)
{
	struct rig r;

	(void)state;
	begin(&r);
	tale_request(&r.t, 2);
	r.said[0].kind = KIND_EMERGENCY;
	tale_tell(&r.t, ASKED, NOTICE_DECISION, OUTCOME_ACCEPTED, WHEN + HOUR);
	tale_tell(&r.t, ASKED, NOTICE_STATUS, OUTCOME_ANALYSING,
	    WHEN + 2 * HOUR);
	r.priority = true;
	ALL(&r);
	CHECK(&r,
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
	end(&r);
}

static void
answer(struct rig *r, enum case_side side, enum notice_type type,
    enum notice_outcome outcome, size_t told, uint64_t at)
{
	tale_tell(&r->t, side, type, outcome, at)->answers =
	    r->t.told[told].env_id;
}

static void
test_items(void **state)
{
	struct rig r;

	(void)state;
	begin(&r);
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
	ALL(&r);
	CHECK(&r,
	    "a leads given 1", "a leads_said used 1", "a consents asked 1",
	    "a notices consult 1", "a priority_lists given 1",
	    "a publicity late 1",
	    "b consents denied 1", "b notices publicity 1",
	    "b lead met 1", "b consent met 1", "b reply lapsed 1");
	end(&r);
}

static void
test_escalations(void **state)
{
	struct rig r;
	struct clocks_msg *m;

	(void)state;
	begin(&r);
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
	ALL(&r);
	CHECK(&r,
	    "b requests handed_over 1", "b urgency u0 1", "b kind advice 1",
	    "b escalations raised 2", "b tier_1 passed_on 1",
	    "b tier_2 raised 1", "b ack overdue 1", "b decision overdue 1",
	    "b esc_ack overdue 1", "b esc_ack met 1",
	    "b esc_answer overdue 2");
	/* From outlines: that it was raised, not where and what came of it. */
	for (size_t i = 0; i < r.t.n; i++)
		r.t.of[i].closed = true;
	r.t.of[1].tier = r.t.of[3].tier = 0;
	ALL(&r);
	CHECK(&r,
	    "b requests handed_over 1", "b urgency u0 1", "b kind closed 1",
	    "b escalations raised 2", "b escalations closed 2",
	    "b ack overdue 1", "b decision overdue 1",
	    "b esc_ack closed 2", "b esc_answer closed 2");
	end(&r);
}

/* The tale of test_whole_case and a refusal, all bodies closed. */
static void
test_from_outlines(void **state)
{
	struct rig r;

	(void)state;
	begin(&r);
	tale_whole(&r.t, 1);
	for (size_t i = 0; i < r.t.n; i++)
		r.t.of[i].closed = true;
	ALL(&r);
	/* At U1 a DECISION's date rules the RESULT; all else is the same. */
	CHECK(&r,
	    "a feedback_due due 1", "a feedback_due missed 1",
	    "a preservation lapsed 1", "a feedback overdue 1",
	    "b requests handed_over 1", "b urgency u1 1", "b kind closed 1",
	    "b decisions accepted 1", "b results final 1",
	    "b queries asked 1", "b status_due due 1",
	    "b status_due given 1",
	    "b ack met 1", "b data_at_hand met 1", "b decision met 1",
	    "b result closed 1", "b status met 1", "b status_query met 1");
	end(&r);
	begin(&r);
	tale_request(&r.t, 0);
	tale_tell(&r.t, ASKED, NOTICE_DECISION, OUTCOME_REFUSED, WHEN + HOUR);
	r.t.of[0].closed = r.t.of[1].closed = true;
	ALL(&r);
	CHECK(&r,
	    "b requests handed_over 1", "b urgency u0 1", "b kind closed 1",
	    "b decisions refused 1", "b refusals closed 1", "b ack met 1",
	    "b decision met 1");
	end(&r);
}

/* A DELAY whose date is hidden leaves open what it could decide, no more. */
static void
test_closed_delay(void **state)
{
	struct rig r;
	struct clocks_msg *m;

	(void)state;
	begin(&r);
	tale_request(&r.t, 0);
	m = tale_tell(&r.t, ASKED, NOTICE_DELAY, 0, WHEN + DAY);
	m->touches = 1u << CLOCKS_DECISION;
	m->closed = true;
	tale_tell(&r.t, ASKED, NOTICE_DECISION, OUTCOME_REFUSED,
	    WHEN + 40 * DAY)->closed = true;
	r.t.of[0].closed = true;
	ALL(&r);
	CHECK(&r,
	    "b requests handed_over 1", "b urgency u0 1", "b kind closed 1",
	    "b decisions refused 1", "b refusals closed 1",
	    "b extensions asked 1", "b extensions closed 1",
	    "b ack late 1", "b decision closed 1");
	end(&r);
}

static void
test_not_taken_in(void **state)
{
	struct rig r;

	(void)state;
	begin(&r);
	tale_request(&r.t, 0)->has_delivered = false;
	r.t.of[0].delivered = (struct clocks_bounds){0, 0};
	r.t.told[0].evidence = CASE_EVIDENCE_SUBMITTED |
	    CASE_EVIDENCE_EXPIRED;
	r.said[0].kind = KIND_JOINT;
	ALL(&r);
	CHECK(&r,
	    "b requests not_taken_in 1", "b urgency u0 1", "b kind joint 1",
	    "b ack not_taken_in 1", "b decision not_taken_in 1");
	r.t.told[0].evidence = CASE_EVIDENCE_SUBMITTED;
	ALL(&r);
	CHECK(&r,
	    "b requests waiting 1", "b urgency u0 1", "b kind joint 1",
	    "b ack waiting 1", "b decision waiting 1");
	end(&r);
}

/* ---- periods ---- */

static size_t
requests_in(struct rig *r, uint64_t from, uint64_t until)
{
	count_it(r, from, until, NOW);
	return ledger_count(&r->l, 1, (unsigned)ledger_find("requests"), 0,
	    NULL);
}

static void
test_period(void **state)
{
	struct rig r;

	(void)state;
	begin(&r);
	tale_request(&r.t, 0);
	/* Signed before it, handed over at WHEN: that moment decides. */
	assert_int_equal(requests_in(&r, WHEN, WHEN + 1), 1);
	assert_int_equal(requests_in(&r, WHEN - DAY, WHEN), 0);
	assert_int_equal(requests_in(&r, WHEN + 1, NOW), 0);
	/* By the upper bound. */
	r.t.of[0].delivered = (struct clocks_bounds){WHEN, WHEN + DAY};
	assert_int_equal(requests_in(&r, WHEN, WHEN + DAY), 0);
	assert_int_equal(requests_in(&r, WHEN + DAY, NOW), 1);
	/* Where there is none, by that of its signing, then by its claim. */
	r.t.of[0].delivered = (struct clocks_bounds){WHEN, 0};
	r.t.of[0].sent = (struct clocks_bounds){0, WHEN + 5};
	assert_int_equal(requests_in(&r, WHEN + 5, WHEN + 6), 1);
	r.t.of[0].sent = (struct clocks_bounds){0, 0};
	r.said[0].claimed_at = WHEN + 9;
	assert_int_equal(requests_in(&r, WHEN + 9, WHEN + 10), 1);
	/* Its clocks count with it, whenever the answer came. */
	tale_tell(&r.t, ASKED, NOTICE_ACK, 0, WHEN + 50 * DAY);
	count_it(&r, WHEN + 9, WHEN + 10, NOW);
	assert_int_equal(ledger_count(&r.l, 1, ledger_clock(CLOCKS_ACK, 0),
	    CLOCKS_IN_DOUBT, NULL), 1);
	/* It is open, of whatever period, unless it was not there yet. */
	count_it(&r, 0, 1, NOW);
	assert_int_equal(r.l.entries, 0);
	assert_int_equal(r.l.opens, 1);
	count_it(&r, 0, 1, WHEN + 9);
	assert_int_equal(r.l.opens, 0);
	end(&r);
}

static void
test_exercise(void **state)
{
	struct rig r;

	(void)state;
	begin(&r);
	tale_whole(&r.t, 1);
	r.said[0].exercise = true;
	ALL(&r);
	assert_int_equal(r.l.entries, 0);
	assert_int_equal(r.l.opens, 0);
	/* A later message makes no exercise of a real case. */
	r.said[0].exercise = false;
	r.said[1].exercise = r.said[3].exercise = true;
	ALL(&r);
	assert_int_not_equal(r.l.entries, 0);
	end(&r);
}

/* ---- times ---- */

static void
test_times(void **state)
{
	struct ledger l;
	const struct ledger_times *t = &l.times[1][LEDGER_TO_RESULT];
	struct ledger_took took = {.party = 1, .what = LEDGER_TO_RESULT};

	(void)state;
	ledger_begin(&l, 0, NOW, NOW);
	for (unsigned i = 1; i <= 10; i++) {
		took.env_id.b[0] = (uint8_t)i;
		took.lo = 11 - i;
		took.hi = i < 10 ? 100 + i : LEDGER_UNBOUNDED;
		assert_int_equal(ledger_put_took(&l, &took), ERR_OK);
	}
	/* The same case again. */
	assert_int_equal(ledger_put_took(&l, &took), ERR_OK);
	assert_int_equal(ledger_end(&l), ERR_OK);
	assert_int_equal(t->n, 10);
	assert_int_equal(t->median_lo, 5);
	assert_int_equal(t->median_hi, 105);
	assert_int_equal(t->p90_lo, 9);
	assert_int_equal(t->p90_hi, 109);
	ledger_free(&l);

	ledger_begin(&l, 0, NOW, NOW);
	assert_int_equal(ledger_put_took(&l, &took), ERR_OK);
	assert_int_equal(ledger_end(&l), ERR_OK);
	assert_true(t->p90_hi == LEDGER_UNBOUNDED);
	assert_true(t->median_hi == LEDGER_UNBOUNDED);
	ledger_free(&l);
}

static void
test_times_of_a_case(void **state)
{
	struct rig r;
	const struct ledger_times *t;

	(void)state;
	begin(&r);
	tale_whole(&r.t, 0);
	r.t.of[0].delivered = (struct clocks_bounds){WHEN, WHEN + 2 * SECOND};
	r.t.of[1].sent = (struct clocks_bounds){WHEN + HOUR,
	    WHEN + HOUR + 5 * SECOND};
	ALL(&r);
	t = &r.l.times[1][LEDGER_TO_DECISION];
	assert_int_equal(t->n, 1);
	assert_int_equal(t->median_lo, HOUR - 2 * SECOND);
	assert_int_equal(t->median_hi, HOUR + 5 * SECOND);
	assert_int_equal(r.l.times[1][LEDGER_TO_ACK].n, 1);
	assert_int_equal(r.l.times[1][LEDGER_TO_RESULT].n, 1);
	assert_int_equal(r.l.times[0][LEDGER_TO_ACK].n, 0);
	/* A case that was withdrawn was not answered. */
	end(&r);
	begin(&r);
	tale_request(&r.t, 0);
	tale_tell(&r.t, ASKER, NOTICE_WITHDRAW, 0, WHEN + HOUR);
	ALL(&r);
	assert_int_equal(r.l.times[1][LEDGER_TO_ACK].n, 0);
	end(&r);
}

/* ---- differences ---- */

struct seen {
	size_t entries, opens, in_a;
	struct hash env_id;
};

static void
note(void *ctx, const struct ledger_entry *entry,
    const struct ledger_open *open, bool in_a)
{
	struct seen *s = ctx;

	s->entries += entry != NULL;
	s->opens += open != NULL;
	s->in_a += in_a;
	if (entry != NULL)
		s->env_id = entry->env_id;
}

static void
test_diff(void **state)
{
	struct rig a, b;
	struct seen s = {0};

	(void)state;
	begin(&a);
	begin(&b);
	tale_request(&a.t, 0);
	tale_request(&b.t, 0);
	ALL(&a);
	ALL(&b);
	assert_int_equal(ledger_diff(&a.l, &b.l, note, &s), 0);
	/* b knows of an ACK that a does not have. */
	tale_tell(&b.t, ASKED, NOTICE_ACK, 0, WHEN + DAY);
	ALL(&b);
	assert_int_equal(ledger_diff(&a.l, &b.l, note, &s), 4);
	assert_int_equal(s.entries, 2);		/* ack overdue, ack met */
	assert_int_equal(s.opens, 2);		/* HANDED_OVER, ACKED */
	assert_int_equal(s.in_a, 2);
	assert_memory_equal(s.env_id.b, a.t.told[0].env_id.b, HASH_BYTES);
	end(&a);
	end(&b);
}

/* The same case twice is one case. */
static void
test_twice(void **state)
{
	struct rig r;
	size_t n;

	(void)state;
	begin(&r);
	tale_whole(&r.t, 0);
	ALL(&r);
	n = r.l.entries;
	ledger_free(&r.l);
	ledger_begin(&r.l, 0, NOW, NOW);
	add(&r, NOW);
	add(&r, NOW);
	assert_int_equal(ledger_end(&r.l), ERR_OK);
	assert_int_equal(r.l.entries, n);
	assert_int_equal(r.l.times[1][LEDGER_TO_ACK].n, 1);
	end(&r);
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
		cmocka_unit_test(test_period),
		cmocka_unit_test(test_exercise),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_times_of_a_case),
		cmocka_unit_test(test_diff),
		cmocka_unit_test(test_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
