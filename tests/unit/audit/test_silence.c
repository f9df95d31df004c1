/*
 * A heartbeat's open cases: what one path under its root says of who had
 * answered what, and everything that it must not pass for.
 */
#include <string.h>

#include "audit/silence.h"
#include "audit/verdict.h"
#include "tests/unit/audit/tamper.h"

#define CASES 3			/* open at the heartbeat; ours is the second */

/* a asked (a0 4), and b's heartbeat b0 3 says what it had by then. */
struct scene {
	struct notice_link link;
	struct notice_case path;
	struct hash leaf[CASES];
	struct env *ask;
	struct env *word;		/* b's newest before it: b0 2 */
	struct env *beat;
	struct item *opening;
};

static void
say(uint8_t direction, unsigned type, const struct hash *seen)
{
	struct item *run;

	w.knobs[direction].type = type;
	if (seen != NULL)
		w.knobs[direction].seen = *seen;
	run = world_say(&w, direction, LANE_NOTICE, "words");
	world_receipt(&w, run, RECEIPT_DELIVERED, w.sign[1 - direction]);
	w.knobs[direction].type = 0;
	memset(&w.knobs[direction].seen, 0, HASH_BYTES);
}

static struct env *
last_env(void)
{
	return (&w.env[w.envs - 1]);
}

static struct id
case_of(unsigned i)
{
	static const uint8_t fill[CASES] = { 0x11, 0xca, 0xee };
	struct id id;

	memset(id.b, fill[i], ID_BYTES);
	return (id);
}

/* b's heartbeat over CASES open ones, in the order given. */
static void
beat(struct scene *s, const unsigned order[CASES], const struct hash *own,
    const struct hash *peer)
{
	const struct hash other = { { 7 } };
	struct id id;
	unsigned i;

	memset(&s->link, 0, sizeof(s->link));
	s->link.own[0].seq = w.head[FROM_B][0].seq;
	s->link.own[0].env_id = w.head[FROM_B][0].env_id;
	s->link.peer[0].seq = w.head[FROM_A][0].seq;
	s->link.peer[0].env_id = w.head[FROM_A][0].env_id;
	s->path.case_id = case_of(1);
	s->path.own = *own;
	s->path.peer = *peer;
	for (i = 0; i < CASES; i++) {
		id = case_of(order[i]);
		s->leaf[i] = order[i] == 1 ? notice_case_leaf(&id, peer, own)
					   : notice_case_leaf(&id, &other, &other);
		if (order[i] == 1)
			s->path.index = i;
	}
	s->link.open_cases = CASES;
	s->link.open_root = merkle_root(s->leaf, CASES);
	merkle_prove(&s->path.path, s->leaf, CASES, s->path.index);
	w.knobs[FROM_B].link = true;
	w.knobs[FROM_B].whole_link = &s->link;
	say(FROM_B, NOTICE_HEARTBEAT, NULL);
	w.knobs[FROM_B].link = false;
	s->beat = last_env();
}

static const unsigned in_order[CASES] = { 0, 1, 2 };

static void
show(struct scene *s)
{
	world_open_field(&w, s->beat, 0);
	world_open_field(&w, s->beat, 1);
	s->opening = world_open_case(&w, s->beat, &s->path);
}

/* own and peer of the leaf: b0 2, a0 4. */
static void
set(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	s->word = &w.env[4];
	say(FROM_A, NOTICE_REQUEST, NULL);
	s->ask = last_env();
	beat(s, in_order, &s->word->e.env_id, &s->ask->e.env_id);
	show(s);
}

/* Put the changed path in place of the one shown. */
static void
change(struct scene *s, const struct notice_case *c)
{
	buf_reset(&s->opening->bytes);
	MUST(notice_case_encode(&s->opening->bytes, c));
}

static void
expect_word(enum silence_word word, const char *text, size_t laters)
{
	struct buf said = buf_init(8192);
	struct bundle *b = NULL;
	struct judge *j = world_judge(&w, &w.charter_id, &b);
	struct outline *o = outline_new(j);
	struct silence s;

	if (judge_cases(j) != 1)
		tamper_show(j);
	assert_int_equal(judge_cases(j), 1);
	silence_read(&s, j, o, 0);
	silence_show(&s, &said);
	if (s.word != word || strstr(buf_text(&said), text) == NULL)
		fprintf(stderr, "%s\n", buf_text(&said));
	assert_int_equal(s.word, word);
	assert_int_equal(s.laters, laters);
	assert_non_null(strstr(buf_text(&said), text));
	buf_free(&said);
	outline_free(o);
	judge_free(j);
	bundle_free(b);
}

static void
shown_and_proven(void **state)
{
	struct buf text = buf_init(1 << 20);
	struct bundle *b = NULL;
	struct scene s;
	struct judge *j;
	(void)state;

	set(&s);
	j = world_judge(&w, &w.charter_id, &b);
	if (judge_verdict(j) != JUDGE_VERIFIED)
		tamper_show(j);
	assert_int_equal(judge_verdict(j), JUDGE_VERIFIED);
	assert_int_equal(judge_cases(j), 1);
	assert_int_equal(verdict_text(j, &text), ERR_OK);
	assert_non_null(strstr(buf_text(&text),
	    "In its heartbeat b0 3 ("));
	assert_non_null(strstr(buf_text(&text), "b signed that case "
	    "cacacacacacacacacacacacacacacaca was open"));
	assert_non_null(strstr(buf_text(&text), "the newest that it had was a0 4"));
	judge_free(j);
	bundle_free(b);
	buf_free(&text);
}

static void
nothing_said(void **state)
{
	const struct hash none = { { 0 } };
	struct scene s = { .word = NULL };
	(void)state;

	say(FROM_A, NOTICE_REQUEST, NULL);
	beat(&s, in_order, &none, &last_env()->e.env_id);
	show(&s);
	expect_word(SILENCE_NONE, "b had said nothing in it", 0);
	/* What a says later had not reached b. */
	say(FROM_A, NOTICE_STATUS, NULL);
	world_open_field(&w, last_env(), 0);
	expect_word(SILENCE_NONE, "so not answered: a's a0 5", 1);
}

static void
word_from_before(void **state)
{
	struct scene s;
	(void)state;

	set(&s);
	expect_word(SILENCE_UNTOLD, "not all it takes is open", 0);
	world_open_field(&w, s.word, 0);
	expect_word(SILENCE_BEFORE, "names no message of the other side", 0);
}

/* b's newest names a0 3 as seen, the request is a0 4; or it names a0 4. */
static void
word_names_what_it_saw(void **state)
{
	struct scene s = { .word = NULL };
	struct hash asked;
	unsigned k;
	(void)state;

	for (k = 0; k < 2; k++) {
		say(FROM_A, NOTICE_REQUEST, NULL);
		asked = last_env()->e.env_id;
		say(FROM_B, NOTICE_STATUS,
		    k == 0 ? &w.env[3].e.env_id : &asked);
		world_open_field(&w, last_env(), 0);
		beat(&s, in_order, &w.head[FROM_B][0].env_id, &asked);
		show(&s);
		if (k == 0)
			expect_word(SILENCE_BEFORE, "names a0 3", 0);
		else
			expect_word(SILENCE_KNEW, "names a0 5", 0);
		for (size_t i = 0; i < w.items; i++)
			w.item[i].skip |= w.item[i].kind == ITEM_OPENING;
	}
}

static void
not_a_path(void **state)
{
	struct notice_case c;
	struct scene s;
	(void)state;

	set(&s);
	s.opening->bytes.len--;
	tamper_expect(JUDGE_FAILED, FINDINGS_OPEN_CASE_FORM);
	c = s.path;
	c.path.len--;			/* whole hashes, but too few */
	change(&s, &c);
	tamper_expect(JUDGE_FAILED, FINDINGS_OPEN_CASE_FORM);
}

static void
another_word(void **state)
{
	struct notice_case c;
	struct scene s;
	(void)state;

	set(&s);
	c = s.path;			/* b's own word left out */
	memset(&c.own, 0, sizeof(c.own));
	change(&s, &c);
	tamper_expect(JUDGE_FAILED, FINDINGS_OPEN_CASE_WRONG);
	c = s.path;			/* an earlier one of a's */
	c.peer = w.env[3].e.env_id;
	change(&s, &c);
	tamper_expect(JUDGE_FAILED, FINDINGS_OPEN_CASE_WRONG);
	c = s.path;			/* the sides changed over */
	c.own = s.path.peer;
	c.peer = s.path.own;
	change(&s, &c);
	tamper_expect(JUDGE_FAILED, FINDINGS_OPEN_CASE_WRONG);
	c = s.path;			/* another case */
	c.case_id.b[0] ^= 1;
	change(&s, &c);
	tamper_expect(JUDGE_FAILED, FINDINGS_OPEN_CASE_WRONG);
}

static void
beyond_the_count(void **state)
{
	struct notice_case c;
	struct scene s;
	(void)state;

	set(&s);
	c = s.path;
	c.index = CASES;
	change(&s, &c);
	tamper_expect(JUDGE_FAILED, FINDINGS_OPEN_CASE_RANGE);
}

static void
without_its_link(void **state)
{
	struct scene s;
	size_t i;
	(void)state;

	set(&s);
	for (i = 1; i <= 2; i++) {	/* link, then outline */
		w.item[w.items - 1 - i].skip = true;
		tamper_expect(JUDGE_INCOMPLETE, FINDINGS_OPEN_CASE_UNLINKED);
		w.item[w.items - 1 - i].skip = false;
	}
	tamper_expect(JUDGE_VERIFIED, 0);
}

static void
under_another_heartbeat(void **state)
{
	const struct hash none = { { 0 } };
	struct env *first;
	struct scene s;
	(void)state;

	set(&s);
	first = s.beat;
	beat(&s, in_order, &none, &s.ask->e.env_id);
	world_open_field(&w, s.beat, 0);
	world_open_field(&w, s.beat, 1);
	s.opening->env_id = s.beat->e.env_id;
	tamper_expect(JUDGE_FAILED, FINDINGS_OPEN_CASE_ELSEWHERE);
	s.opening->env_id = first->e.env_id;
	tamper_expect(JUDGE_VERIFIED, 0);
	s.opening->env_id.b[0] ^= 1;	/* of nothing here */
	tamper_expect(JUDGE_INCOMPLETE, FINDINGS_OPENING_STRAY);
}

/* b signs its cases out of order: two paths show it. */
static void
out_of_order(void **state)
{
	static const unsigned order[CASES] = { 1, 0, 2 };
	const struct hash other = { { 7 } };
	struct scene s = { .word = NULL };
	struct notice_case c;
	(void)state;

	say(FROM_A, NOTICE_REQUEST, NULL);
	beat(&s, order, &w.env[4].e.env_id, &last_env()->e.env_id);
	show(&s);
	tamper_expect(JUDGE_VERIFIED, 0);
	c = s.path;
	c.case_id = case_of(0);
	c.own = c.peer = other;
	c.index = 1;
	merkle_prove(&c.path, s.leaf, CASES, 1);
	world_open_case(&w, s.beat, &c);
	tamper_expect(JUDGE_FAILED, FINDINGS_OPEN_CASE_ORDER);
}

/* Its newest word is a's, or lies above the heads it signs beside it. */
static void
against_its_own_heads(void **state)
{
	struct scene s;
	(void)state;

	set(&s);
	say(FROM_B, NOTICE_STATUS, NULL);
	beat(&s, in_order, &s.ask->e.env_id, &s.ask->e.env_id);
	show(&s);
	tamper_expect(JUDGE_FAILED, FINDINGS_OPEN_CASE_CONTRADICTS);
	for (size_t i = 0; i < 3; i++)
		w.item[w.items - 1 - i].skip = true;
	beat(&s, in_order, &w.head[FROM_B][0].env_id, &s.ask->e.env_id);
	show(&s);
	tamper_expect(JUDGE_VERIFIED, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(shown_and_proven),
		T(nothing_said),
		T(word_from_before),
		T(word_names_what_it_saw),
		T(not_a_path),
		T(another_word),
		T(beyond_the_count),
		T(without_its_link),
		T(under_another_heartbeat),
		T(out_of_order),
		T(against_its_own_heads),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
