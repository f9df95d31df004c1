/*
 * clocks over random dialogues: a set of messages has one verdict whatever
 * order it came in, and lateness is never rewritten.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "calendars.h"
#include "tale.h"

/* ---- properties ---- */

static unsigned seed = 20261127;

static unsigned
pick(unsigned n)
{
	return (unsigned)rand_r(&seed) % n;
}

static void
random_message(struct tale *t, uint64_t at)
{
	static const struct {
		enum notice_type type;
		enum notice_outcome outcome;
	} what[] = {
	    {NOTICE_ACK, 0},
	    {NOTICE_CLARIFY, 0},
	    {NOTICE_CLARIFIED, 0},
	    {NOTICE_CLARIFIED, 0},
	    {NOTICE_DECISION, OUTCOME_ACCEPTED},
	    {NOTICE_DECISION, OUTCOME_POSTPONED},
	    {NOTICE_DECISION, OUTCOME_REFUSED},
	    {NOTICE_STATUS, OUTCOME_COLLECTING},
	    {NOTICE_STATUS_QUERY, 0},
	    {NOTICE_DELAY, 0},
	    {NOTICE_DELAY, 0},
	    {NOTICE_SUPPLEMENT, 0},
	    {NOTICE_RESULT, OUTCOME_PARTIAL},
	    {NOTICE_RESULT, OUTCOME_FINAL},
	    {NOTICE_FEEDBACK, OUTCOME_USED},
	    {NOTICE_CLOSE, 0},
	    {NOTICE_REOPEN, 0},
	    {NOTICE_CONSULT, 0},
	    {NOTICE_REPLY, OUTCOME_NOTED},
	    {NOTICE_ESCALATE, 0},
	    {NOTICE_ESC_ANSWER, 0},
	};
	unsigned k = pick(sizeof(what) / sizeof(what[0]));
	enum case_side side = pick(3) ? ASKED : ASKER;
	struct clocks_msg *msg;

	if (what[k].type == NOTICE_CLARIFIED ||
	    what[k].type == NOTICE_FEEDBACK || what[k].type == NOTICE_REOPEN)
		side = ASKER;
	msg = tale_tell(t, side, what[k].type, what[k].outcome, at);
	msg->sent.before_at = pick(4) ? at + pick(2000) * SECOND : 0;
	msg->sent.after_at = pick(8) ? at : 0;
	msg->has_delivered = pick(6) != 0;
	msg->delivered = (struct clocks_bounds){at + pick(900) * SECOND,
	    at + (900 + pick(900)) * SECOND};
	msg->touches = pick(2) ? 1u << CLOCKS_DECISION
			       : 1u << pick(CLOCKS_KINDS);
	msg->date_at = at + pick(4) * HOUR;
	msg->closed = pick(6) == 0;
	msg->renews = pick(2) != 0;
	msg->single = pick(8) == 0;
	msg->tier = (uint8_t)(1 + pick(3));
	msg->answers = t->told[pick((unsigned)t->n)].env_id;
	/* One that had not seen the newest: crossings. */
	if (pick(4) == 0)
		t->told[t->n - 1].seen[pick(2)] =
		    t->told[pick((unsigned)t->n - 1)].env_id;
}

static void
random_tale(struct tale *t, unsigned length)
{
	uint64_t at = WHEN;

	tale_begin(t, us, cn);
	tale_request(t, pick(3))->touches = pick(2) ? ~0u : 0;
	for (unsigned i = 0; i < length; i++) {
		at += pick(4 * 3600) * SECOND;
		random_message(t, at);
	}
}

/* The same, told in another order. */
static void
shuffled(struct tale *to, const struct tale *from)
{
	*to = *from;
	to->terms.charter = &to->charter;
	to->clocks = (struct clocks){0};
	for (size_t i = to->n; i > 1; i--) {
		size_t k = pick((unsigned)i);
		struct case_msg m = to->told[i - 1];
		struct clocks_msg of = to->of[i - 1];

		to->told[i - 1] = to->told[k];
		to->of[i - 1] = to->of[k];
		to->told[k] = m;
		to->of[k] = of;
	}
	for (size_t i = 0; i < to->n; i++) {
		to->told[i].id = i;
		to->of[i].terms = &to->terms;
	}
}

static void
test_one_set_one_verdict(void **state)
{
	struct tale t, u;
	unsigned seen[CLOCKS_VERDICTS] = {0};

	(void)state;
	for (unsigned round = 0; round < 1500; round++) {
		random_tale(&t, 6 + pick(30));
		tale_eval(&t, WHEN + 3 * DAY);
		shuffled(&u, &t);
		tale_eval(&u, WHEN + 3 * DAY);
		assert_int_equal(t.clocks.n, u.clocks.n);
		for (size_t i = 0; i < t.clocks.n; i++) {
			struct clocks_clock *a = &t.clocks.v[i];

			assert_memory_equal(a, &u.clocks.v[i], sizeof(*a));
			seen[a->verdict]++;
		}
		tale_end(&t);
		tale_end(&u);
	}
	/* It came to every verdict, or it proved little. */
	for (unsigned v = 0; v < CLOCKS_VERDICTS; v++)
		assert_true(seen[v] > 0 || v == CLOCKS_NOT_TAKEN_IN);
}

static bool
is_final(enum clocks_verdict v)
{
	return v == CLOCKS_MET || v == CLOCKS_LATE || v == CLOCKS_IN_DOUBT ||
	    v == CLOCKS_DROPPED;
}

/* What was decided stays decided when the case goes on. */
static void
test_lateness_is_never_rewritten(void **state)
{
	struct tale t;
	unsigned late = 0;

	(void)state;
	for (unsigned round = 0; round < 1500; round++) {
		struct clocks before;
		uint64_t at;

		random_tale(&t, 6 + pick(20));
		at = t.of[t.n - 1].sent.after_at + DAY;
		tale_eval(&t, WHEN + 3 * DAY);
		before = t.clocks;
		t.clocks = (struct clocks){0};
		for (unsigned i = 0; i < 8; i++, at += HOUR) {
			if (at < WHEN + 3 * DAY)
				at = WHEN + 3 * DAY;
			random_message(&t, at);
			/* Later: has seen all before it, and is known to be. */
			for (size_t k = 0; k < t.n - 1; k++)
				t.told[t.n - 1].seen[t.told[k].side] =
				    t.told[k].env_id;
			t.of[t.n - 1].sent.after_at = at;
		}
		tale_eval(&t, WHEN + 9 * DAY);
		for (size_t i = 0; i < before.n; i++) {
			enum clocks_verdict was = before.v[i].verdict;

			late += was == CLOCKS_LATE;
			if (is_final(was))
				assert_int_equal(t.clocks.v[i].verdict, was);
			if (was == CLOCKS_OVERDUE)
				assert_int_not_equal(
				    t.clocks.v[i].verdict, CLOCKS_MET);
		}
		clocks_free(&before);
		tale_end(&t);
	}
	assert_true(late > 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one_set_one_verdict),
	    cmocka_unit_test(test_lateness_is_never_rewritten),
	};

	return cmocka_run_group_tests(tests, calendars_load, calendars_free);
}
