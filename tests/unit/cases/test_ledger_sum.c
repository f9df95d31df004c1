/*
 * ledger: in which period a message counts; exercises; how long answers took;
 * what two sides that differ are told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "count.h"

/* ---- periods ---- */

static size_t
requests_in(struct count_rig *r, uint64_t from, uint64_t until)
{
	count_it(r, from, until, NOW);
	return ledger_count(&r->l, 1, (unsigned)ledger_find("requests"), 0,
	    NULL);
}

static void
test_period(void **state)
{
	struct count_rig r;

	(void)state;
	count_begin(&r);
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
	count_end(&r);
}

static void
test_exercise(void **state)
{
	struct count_rig r;

	(void)state;
	count_begin(&r);
	tale_whole(&r.t, 1);
	r.said[0].exercise = true;
	COUNT_ALL(&r);
	assert_int_equal(r.l.entries, 0);
	assert_int_equal(r.l.opens, 0);
	/* A later message makes no exercise of a real case. */
	r.said[0].exercise = false;
	r.said[1].exercise = r.said[3].exercise = true;
	COUNT_ALL(&r);
	assert_int_not_equal(r.l.entries, 0);
	count_end(&r);
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
	struct count_rig r;
	const struct ledger_times *t;

	(void)state;
	count_begin(&r);
	tale_whole(&r.t, 0);
	r.t.of[0].delivered = (struct clocks_bounds){WHEN, WHEN + 2 * SECOND};
	r.t.of[1].sent = (struct clocks_bounds){WHEN + HOUR,
	    WHEN + HOUR + 5 * SECOND};
	COUNT_ALL(&r);
	t = &r.l.times[1][LEDGER_TO_DECISION];
	assert_int_equal(t->n, 1);
	assert_int_equal(t->median_lo, HOUR - 2 * SECOND);
	assert_int_equal(t->median_hi, HOUR + 5 * SECOND);
	assert_int_equal(r.l.times[1][LEDGER_TO_ACK].n, 1);
	assert_int_equal(r.l.times[1][LEDGER_TO_RESULT].n, 1);
	assert_int_equal(r.l.times[0][LEDGER_TO_ACK].n, 0);
	/* A case that was withdrawn was not answered. */
	count_end(&r);
	count_begin(&r);
	tale_request(&r.t, 0);
	tale_tell(&r.t, ASKER, NOTICE_WITHDRAW, 0, WHEN + HOUR);
	COUNT_ALL(&r);
	assert_int_equal(r.l.times[1][LEDGER_TO_ACK].n, 0);
	count_end(&r);
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
	struct count_rig a, b;
	struct seen s = {0};

	(void)state;
	count_begin(&a);
	count_begin(&b);
	tale_request(&a.t, 0);
	tale_request(&b.t, 0);
	COUNT_ALL(&a);
	COUNT_ALL(&b);
	assert_int_equal(ledger_diff(&a.l, &b.l, note, &s), 0);
	/* b knows of an ACK that a does not have. */
	tale_tell(&b.t, ASKED, NOTICE_ACK, 0, WHEN + DAY);
	COUNT_ALL(&b);
	assert_int_equal(ledger_diff(&a.l, &b.l, note, &s), 4);
	assert_int_equal(s.entries, 2);		/* ack overdue, ack met */
	assert_int_equal(s.opens, 2);		/* HANDED_OVER, ACKED */
	assert_int_equal(s.in_a, 2);
	assert_memory_equal(s.env_id.b, a.t.told[0].env_id.b, HASH_BYTES);
	count_end(&a);
	count_end(&b);
}

/* The same case twice is one case. */
static void
test_twice(void **state)
{
	struct count_rig r;
	size_t n;

	(void)state;
	count_begin(&r);
	tale_whole(&r.t, 0);
	COUNT_ALL(&r);
	n = r.l.entries;
	ledger_free(&r.l);
	ledger_begin(&r.l, 0, NOW, NOW);
	count_add(&r, NOW);
	count_add(&r, NOW);
	assert_int_equal(ledger_end(&r.l), ERR_OK);
	assert_int_equal(r.l.entries, n);
	assert_int_equal(r.l.times[1][LEDGER_TO_ACK].n, 1);
	count_end(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_period),
		cmocka_unit_test(test_exercise),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_times_of_a_case),
		cmocka_unit_test(test_diff),
		cmocka_unit_test(test_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
