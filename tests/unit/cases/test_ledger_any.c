/*
 * ledger and dossier over random dialogues: both sides reach the same bytes
 * in whatever order messages and cases came; two periods that meet hold each
 * message once; what needs outlines alone is the same from outlines.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cases/dossier.h"
#include "tale.h"

#define CASES 6
#define MESSAGES 14
#define NOW (WHEN + 60 * DAY)
#define ROUNDS 150

static uint32_t seed;

static unsigned
any(unsigned n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

struct story {
	size_t n;
	uint8_t asker;
	struct case_msg m[MESSAGES];
	struct clocks_msg of[MESSAGES];
	struct ledger_said said[MESSAGES];
};

static const struct {
	uint16_t type;
	uint16_t outcome[4];
	bool asked;		/* mostly said by the requested side */
} says[] = {
	{NOTICE_ACK, {0}, true},
	{NOTICE_DECISION, {OUTCOME_ACCEPTED, OUTCOME_PARTLY,
	    OUTCOME_POSTPONED, OUTCOME_REFUSED}, true},
	{NOTICE_STATUS, {OUTCOME_RECEIVED, OUTCOME_COLLECTING,
	    OUTCOME_NO_CHANGE, OUTCOME_ANALYSING}, true},
	{NOTICE_RESULT, {OUTCOME_PARTIAL, OUTCOME_FINAL, OUTCOME_NIL,
	    OUTCOME_PARTIAL}, true},
	{NOTICE_DELAY, {0}, true},
	{NOTICE_CLARIFY, {0}, true},
	{NOTICE_CLARIFIED, {0}, false},
	{NOTICE_STATUS_QUERY, {0}, false},
	{NOTICE_FEEDBACK, {OUTCOME_USED, OUTCOME_USEFUL, OUTCOME_NOT_USED,
	    OUTCOME_USED}, false},
	{NOTICE_ESCALATE, {0}, false},
	{NOTICE_ESC_ACK, {0}, true},
	{NOTICE_ESC_ANSWER, {0}, true},
	{NOTICE_LEAD, {0}, false},
	{NOTICE_SUPPLEMENT, {0}, false},
	{NOTICE_CONSENT_ASK, {0}, true},
	{NOTICE_CONSENT, {OUTCOME_GRANTED, OUTCOME_DENIED, OUTCOME_GRANTED,
	    OUTCOME_DENIED}, false},
	{NOTICE_PUBLICITY_NOTICE, {0}, true},
	{NOTICE_REPLY, {OUTCOME_AGREED, OUTCOME_OBJECTED, OUTCOME_NOTED,
	    OUTCOME_AGREED}, false},
	{NOTICE_WITHDRAW, {0}, false},
};
#define SAYS (sizeof(says) / sizeof(says[0]))

static struct clocks_bounds
bounds(uint64_t at)
{
	return (struct clocks_bounds){
		any(6) == 0 ? 0 : at - any(3) * HOUR,
		any(6) == 0 ? 0 : at + any(3) * HOUR};
}

static void
say(struct story *s, unsigned number, const struct clocks_terms *terms)
{
	size_t i = s->n++;
	struct case_msg *m = &s->m[i];
	struct clocks_msg *of = &s->of[i];
	unsigned what = any(SAYS);
	uint64_t at = WHEN + i * (1 + any(60)) * HOUR;

	m->id = i;
	m->seq = i + 1;
	m->side = i > 0 && says[what].asked != (any(8) == 0) ? ASKED : ASKER;
	m->env_id.b[0] = (uint8_t)(number + 1);
	m->env_id.b[1] = (uint8_t)(i + 1);
	for (size_t k = 0; k < i; k++)
		if (s->m[k].side == m->side || any(4) > 0)
			m->seen[s->m[k].side] = s->m[k].env_id;
	m->move.event = i == 0 ? NOTICE_REQUEST : says[what].type;
	m->move.outcome = i == 0 ? 0 : says[what].outcome[any(4)];
	m->move.holds = CASE_GUARD_COMPLETE | CASE_GUARD_REVISION;
	m->move.count = 1;
	if (i > 0 && any(3) > 0)
		of->answers = m->move.answers = s->m[any((unsigned)i)].env_id;
	m->evidence = CASE_EVIDENCE_DELIVERED;
	of->terms = terms;
	of->sent = bounds(at);
	of->has_delivered = any(8) > 0;
	of->delivered = bounds(at + 2 * HOUR);
	of->urgency = any(3);
	of->touches = any(3) > 0 ? 1u << any(CLOCKS_KINDS) : 0;
	of->tier = (uint8_t)(1 + any(3));
	of->date_at = any(2) ? at + 5 * DAY : 0;
	of->renews = any(2);
	of->single = any(4) == 0;
	s->said[i].claimed_at = at;
	s->said[i].kind = 1 + any(7);
	s->said[i].ground = 1 + any(9);
	s->said[i].exercise = any(12) == 0;
}

static void
invent(struct story story[CASES], const struct clocks_terms *terms)
{
	memset(story, 0, CASES * sizeof(*story));
	for (unsigned i = 0; i < CASES; i++) {
		story[i].asker = (uint8_t)any(2);
		for (size_t n = 1 + any(MESSAGES); n > 0; n--)
			say(&story[i], i, terms);
	}
}

static void
shuffle(struct case_msg *m, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t k = any((unsigned)i);
		struct case_msg swap = m[k];

		m[k] = m[i - 1];
		m[i - 1] = swap;
	}
}

static void
count_case(struct ledger *l, const struct story *s, unsigned number)
{
	struct case_msg m[MESSAGES];
	struct clocks_msg msgs[MESSAGES];
	struct ledger_said said[MESSAGES];
	struct clocks_now now = {.at = l->as_of_at};
	struct casefile file;
	struct clocks clocks;
	struct ladder ladder;
	struct ledger_file c = {.case_id = {{(uint8_t)(number + 1)}},
	    .asker = s->asker, .file = &file, .msgs = msgs, .said = said,
	    .n = s->n, .clocks = &clocks, .ladder = &ladder};

	memcpy(m, s->m, sizeof(m));
	shuffle(m, s->n);
	assert_int_equal(casefile_fold(&file, m, s->n), ERR_OK);
	for (size_t i = 0; i < s->n; i++) {
		msgs[i] = s->of[m[i].id];
		msgs[i].m = &m[i];
		said[i] = s->said[m[i].id];
	}
	assert_int_equal(clocks_eval(&clocks, msgs, s->n, &now), ERR_OK);
	assert_int_equal(ladder_eval(&ladder, msgs, s->n, &clocks, now.at),
	    ERR_OK);
	assert_int_equal(ledger_case(l, &c), ERR_OK);
	ladder_free(&ladder);
	clocks_free(&clocks);
}

static void
count_all(struct ledger *l, const struct story story[CASES], uint64_t from,
    uint64_t until)
{
	unsigned order[CASES], k, swap;

	for (unsigned i = 0; i < CASES; i++)
		order[i] = i;
	for (unsigned i = CASES; i > 1; i--) {
		k = any(i);
		swap = order[k];
		order[k] = order[i - 1];
		order[i - 1] = swap;
	}
	ledger_begin(l, from, until, NOW);
	for (unsigned i = 0; i < CASES; i++)
		count_case(l, &story[order[i]], order[i]);
	assert_int_equal(ledger_end(l), ERR_OK);
}

static void
differ(void *ctx, const struct ledger_entry *entry,
    const struct ledger_open *open, bool in_a)
{
	(void)ctx;
	(void)entry;
	(void)open;
	(void)in_a;
}

static void
same_bytes(const struct ledger *a, const struct ledger *b)
{
	struct dossier x = {{{1}}, *a}, y = {{{1}}, *b}, z;
	struct buf p = buf_init(DOSSIER_MAX), q = buf_init(DOSSIER_MAX);
	struct hash hp, hq;
	size_t line;

	assert_int_equal(dossier_write(&p, &x), ERR_OK);
	assert_int_equal(dossier_write(&q, &y), ERR_OK);
	assert_int_equal(p.len, q.len);
	assert_memory_equal(p.p, q.p, p.len);
	hp = dossier_digest(buf_view(&p));
	hq = dossier_digest(buf_view(&q));
	assert_true(hash_eq(&hp, &hq));
	assert_int_equal(ledger_diff(a, b, differ, NULL), 0);
	assert_int_equal(dossier_read(&z, buf_view(&p), &line), ERR_OK);
	assert_int_equal(ledger_diff(a, &z.ledger, differ, NULL), 0);
	assert_memory_equal(z.ledger.times, a->times, sizeof(a->times));
	dossier_free(&z);
	buf_free(&p);
	buf_free(&q);
}

static void
terms_of(struct tale *t)
{
	tale_begin(t, NULL, NULL);
	for (unsigned u = 0; u < 3; u++)
		t->charter.sign[0].officers[u] = 2;
	strcpy(t->charter.sign[0].type, "decision");
	t->charter.sign_count = 1;
}

static void
test_both_sides(void **state)
{
	struct story story[CASES];
	struct ledger a, b;
	struct tale t;
	size_t counted = 0;

	(void)state;
	terms_of(&t);
	for (seed = 1; seed < ROUNDS * 1000; seed = seed / 1000 * 1000 + 1001) {
		uint32_t was = seed;

		invent(story, &t.terms);
		count_all(&a, story, 0, NOW);
		count_all(&b, story, 0, NOW);
		same_bytes(&a, &b);
		counted += a.entries;
		ledger_free(&a);
		ledger_free(&b);
		seed = was;
	}
	assert_true(counted > ROUNDS * CASES);
}

static void
test_periods_meet(void **state)
{
	struct story story[CASES];
	struct ledger all, one, two;
	struct tale t;

	(void)state;
	terms_of(&t);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		seed = round;
		invent(story, &t.terms);
		count_all(&all, story, 0, NOW);
		count_all(&one, story, 0, WHEN + 3 * DAY);
		count_all(&two, story, WHEN + 3 * DAY, NOW);
		assert_int_equal(one.entries + two.entries, all.entries);
		for (size_t i = 0; i < two.entries; i++)
			assert_int_equal(ledger_put(&one, &two.entry[i]),
			    ERR_OK);
		assert_int_equal(ledger_end(&one), ERR_OK);
		assert_int_equal(ledger_diff(&one, &all, differ, NULL), 0);
		ledger_free(&all);
		ledger_free(&one);
		ledger_free(&two);
	}
}

/* What is left of a story for who sees outlines. */
static void
close_bodies(struct story story[CASES])
{
	for (unsigned c = 0; c < CASES; c++)
		for (size_t i = 0; i < story[c].n; i++) {
			struct clocks_msg *of = &story[c].of[i];

			of->closed = true;
			of->tier = 0;
			of->date_at = 0;
			of->renews = of->single = false;
			story[c].said[i].kind = story[c].said[i].ground = 0;
		}
}

/* Of a group: all its messages, or those of one word. */
static size_t
sum_of(const struct ledger *l, unsigned party, unsigned group)
{
	size_t n = 0;

	for (unsigned w = 0; w < LEDGER_WORDS_MAX; w++)
		n += ledger_count(l, party, group, w, NULL);
	return n;
}

static void
same_group(const struct ledger *a, const struct ledger *b, unsigned party,
    unsigned group)
{
	const struct ledger_entry *p, *q;
	size_t n;

	for (unsigned w = 0; w < LEDGER_WORDS_MAX; w++) {
		n = ledger_count(a, party, group, w, &p);
		if (ledger_count(b, party, group, w, &q) != n)
			fail_msg("%s %s", ledger_group(group)->name,
			    ledger_group(group)->word[w]);
		for (size_t i = 0; i < n; i++)
			assert_true(hash_eq(&p[i].env_id, &q[i].env_id));
	}
}

static void
test_from_outlines(void **state)
{
	const struct ledger_group *g;
	struct story story[CASES];
	struct ledger whole, outlines;
	struct tale t;

	(void)state;
	terms_of(&t);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		seed = round;
		invent(story, &t.terms);
		count_all(&whole, story, 0, NOW);
		close_bodies(story);
		count_all(&outlines, story, 0, NOW);
		for (unsigned p = 0; p < 2; p++)
			for (unsigned i = 0; (g = ledger_group(i)) != NULL;
			     i++) {
				if (g->needs == LEDGER_OUTLINES)
					same_group(&whole, &outlines, p, i);
				/* A clock of a date may not be one at all. */
				if (g->needs == LEDGER_DATES)
					assert_true(sum_of(&outlines, p, i) >=
					    sum_of(&whole, p, i));
			}
		ledger_free(&whole);
		ledger_free(&outlines);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_sides),
		cmocka_unit_test(test_periods_meet),
		cmocka_unit_test(test_from_outlines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
