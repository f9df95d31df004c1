/* casefile: the fold against every order of arrival; crossings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cases/casefile.h"
#include "proto/notice.h"

static const uint16_t outcomes[] = {0, OUTCOME_ACCEPTED, OUTCOME_PARTLY,
    OUTCOME_POSTPONED, OUTCOME_REFUSED, OUTCOME_PARTIAL, OUTCOME_FINAL,
    OUTCOME_NIL, OUTCOME_USED, OUTCOME_COLLECTING};

#define FULL (CASE_GUARD_COMPLETE | CASE_GUARD_REVISION)

static struct hash
env(unsigned n)
{
	struct hash h = {{0}};

	h.b[0] = (uint8_t)n;
	h.b[31] = 1;
	return h;
}

static struct case_msg
msg(enum case_side side, uint64_t seq, unsigned name, uint16_t type,
    uint16_t outcome, unsigned seen_asker, unsigned seen_asked)
{
	struct case_msg m = {.id = name, .side = side, .seq = seq};

	m.env_id = env(name);
	m.move = (struct case_move){
	    .event = type, .outcome = outcome, .holds = FULL};
	if (seen_asker != 0)
		m.seen[CASE_REQUESTING] = env(seen_asker);
	if (seen_asked != 0)
		m.seen[CASE_REQUESTED] = env(seen_asked);
	return m;
}

#define ASKER CASE_REQUESTING
#define ASKED CASE_REQUESTED

/* The demo's story: request, ack, accept, two statuses, result, close. */
static size_t
story(struct case_msg *m)
{
	size_t n = 0;

	m[n++] = msg(ASKER, 1, 10, NOTICE_REQUEST, 0, 0, 0);
	m[n++] = msg(ASKED, 1, 20, NOTICE_ACK, 0, 10, 0);
	m[n++] = msg(ASKED, 2, 21, NOTICE_DECISION, OUTCOME_ACCEPTED, 10, 20);
	m[n++] = msg(ASKED, 3, 22, NOTICE_STATUS, OUTCOME_COLLECTING, 10, 21);
	m[n++] = msg(ASKED, 4, 23, NOTICE_STATUS, OUTCOME_ANALYSING, 10, 22);
	m[n++] = msg(ASKED, 5, 24, NOTICE_RESULT, OUTCOME_FINAL, 10, 23);
	m[n++] = msg(ASKER, 2, 11, NOTICE_CLOSE, 0, 10, 24);
	return n;
}

static void
shuffle(struct case_msg *m, size_t n, unsigned *seed)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = (size_t)rand_r(seed) % i;
		struct case_msg t = m[i - 1];

		m[i - 1] = m[j];
		m[j] = t;
	}
}

static void
test_story(void **state)
{
	struct case_msg m[16];
	struct casefile file;
	size_t n = story(m);
	static const enum case_state after[] = {CASE_RELEASED, CASE_ACKED,
	    CASE_ACCEPTED, CASE_IN_PROGRESS, CASE_IN_PROGRESS, CASE_RESULT,
	    CASE_CLOSED};
	struct hash head = env(24);

	(void)state;
	assert_int_equal(casefile_fold(&file, m, n), ERR_OK);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(m[i].standing, CASE_STANDS);
		assert_int_equal(m[i].after, after[i]);
	}
	assert_int_equal(file.state, CASE_CLOSED);
	assert_true(hash_eq(&file.head[ASKED], &head));
}

/* Whatever the order given, the same order, standings and state come out. */
static void
same_fold(const struct case_msg *set, size_t n, unsigned rounds)
{
	struct case_msg first[16], again[16];
	struct casefile a, b;
	unsigned seed = 7;

	memcpy(first, set, n * sizeof(*set));
	assert_int_equal(casefile_fold(&a, first, n), ERR_OK);
	for (unsigned r = 0; r < rounds; r++) {
		memcpy(again, set, n * sizeof(*set));
		shuffle(again, n, &seed);
		assert_int_equal(casefile_fold(&b, again, n), ERR_OK);
		assert_int_equal(a.state, b.state);
		assert_memory_equal(a.head, b.head, sizeof(a.head));
		for (size_t i = 0; i < n; i++) {
			assert_int_equal(first[i].id, again[i].id);
			assert_int_equal(first[i].standing, again[i].standing);
			assert_int_equal(first[i].after, again[i].after);
		}
	}
}

static void
test_any_interleaving_of_the_story(void **state)
{
	struct case_msg m[16];

	(void)state;
	same_fold(m, story(m), 500);
}

/* Random dialogues, mostly nonsense, each folded in many orders. */
static void
test_any_interleaving_of_anything(void **state)
{
	static const uint16_t types[] = {NOTICE_ACK, NOTICE_CLARIFY,
	    NOTICE_CLARIFIED, NOTICE_DECISION, NOTICE_STATUS, NOTICE_RESULT,
	    NOTICE_FEEDBACK, NOTICE_CLOSE, NOTICE_WITHDRAW, NOTICE_REQUEST,
	    NOTICE_REJECT, NOTICE_LEAD};
	unsigned seed = 4711;

	(void)state;
	for (unsigned round = 0; round < 300; round++) {
		struct case_msg m[12];
		unsigned seq[2] = {0, 0};

		for (unsigned i = 0; i < 12; i++) {
			enum case_side side = i == 0 || rand_r(&seed) % 2
			    ? ASKER
			    : ASKED;
			uint16_t type = i == 0
			    ? NOTICE_REQUEST
			    : types[(unsigned)rand_r(&seed) % 12];
			unsigned seen[2];

			for (unsigned k = 0; k < 2; k++)
				seen[k] = seq[k] == 0
				    ? 0
				    : 100 * (k + 1) +
					(unsigned)rand_r(&seed) %
					    (seq[k] + 1);
			seq[side]++;
			m[i] = msg(side, seq[side], 100u * (side + 1u) +
				seq[side], type, outcomes[rand_r(&seed) % 10],
			    seen[0], seen[1]);
			m[i].evidence = (unsigned)rand_r(&seed) % 32;
		}
		same_fold(m, 12, 20);
	}
}

static void
test_crossing_is_held_against_nobody(void **state)
{
	struct case_msg m[16];
	struct casefile file;
	size_t n = story(m) - 1;

	(void)state;
	/* Withdrawn while the result was on its way: the result stands. */
	m[n++] = msg(ASKER, 2, 11, NOTICE_WITHDRAW, 0, 10, 23);
	assert_int_equal(casefile_fold(&file, m, n), ERR_OK);
	assert_int_equal(file.state, CASE_RESULT);
	assert_int_equal(m[n - 1].move.event, NOTICE_WITHDRAW);
	assert_int_equal(m[n - 1].standing, CASE_CROSSED);
	assert_int_equal(m[n - 1].why, ERR_CROSSED);
	same_fold(m, n, 50);
}

static void
test_crossing_allowed_by_both(void **state)
{
	struct case_msg m[16];
	struct casefile file;
	size_t n = 0;

	(void)state;
	m[n++] = msg(ASKER, 2, 11, NOTICE_WITHDRAW, 0, 10, 0);
	m[n++] = msg(ASKER, 1, 10, NOTICE_REQUEST, 0, 0, 0);
	m[n++] = msg(ASKED, 1, 20, NOTICE_ACK, 0, 10, 0);
	assert_int_equal(casefile_fold(&file, m, n), ERR_OK);
	/* The asked side's first, then the withdrawal: both stand. */
	assert_int_equal(m[1].move.event, NOTICE_ACK);
	assert_int_equal(m[1].standing, CASE_STANDS);
	assert_int_equal(m[2].standing, CASE_STANDS);
	assert_int_equal(file.state, CASE_WITHDRAWN);
	/* What follows after it was seen is nobody's crossing. */
	m[n++] = msg(ASKED, 2, 21, NOTICE_DECISION, OUTCOME_ACCEPTED, 11, 20);
	assert_int_equal(casefile_fold(&file, m, n), ERR_OK);
	assert_int_equal(m[3].standing, CASE_ILLEGAL);
	assert_int_equal(m[3].why, ERR_STATE);
}

static void
test_evidence_moves_the_request(void **state)
{
	static const struct {
		unsigned evidence;
		enum case_state want;
	} rows[] = {
	    {0, CASE_RELEASED},
	    {CASE_EVIDENCE_REFUSED, CASE_RELEASED},
	    {CASE_EVIDENCE_SUBMITTED, CASE_SUBMITTED},
	    {CASE_EVIDENCE_DELIVERED, CASE_HANDED_OVER},
	    {CASE_EVIDENCE_SUBMITTED | CASE_EVIDENCE_EXPIRED, CASE_LAPSED},
	    {CASE_EVIDENCE_DELIVERED | CASE_EVIDENCE_EXPIRED,
		CASE_HANDED_OVER},
	    {CASE_EVIDENCE_SUBMITTED | CASE_EVIDENCE_UNDECRYPTABLE,
		CASE_RELEASED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct case_msg m = msg(ASKER, 1, 10, NOTICE_REQUEST, 0, 0, 0);
		struct casefile file;

		m.evidence = rows[i].evidence;
		assert_int_equal(casefile_fold(&file, &m, 1), ERR_OK);
		assert_int_equal(file.state, rows[i].want);
	}
}

/* Sealed again under a new env_id: who named the old one named the message. */
static void
test_replaced_envelope(void **state)
{
	struct hash old = env(10);
	struct case_msg m[2];
	struct casefile file;

	(void)state;
	m[0] = msg(ASKED, 1, 20, NOTICE_ACK, 0, 10, 0);
	m[1] = msg(ASKER, 1, 99, NOTICE_REQUEST, 0, 0, 0);
	m[1].was = &old;
	m[1].was_len = 1;
	assert_int_equal(casefile_fold(&file, m, 2), ERR_OK);
	assert_int_equal(m[0].move.event, NOTICE_REQUEST);
	assert_int_equal(file.state, CASE_ACKED);
}

static void
test_clarify_goes_back_and_counts(void **state)
{
	struct case_msg m[16];
	struct casefile file;
	struct case_move two = {.event = NOTICE_CLARIFIED,
	    .holds = CASE_GUARD_COMPLETE, .count = 2};
	size_t n = story(m) - 3;	/* to the first status */

	(void)state;
	m[n] = msg(ASKED, 4, 25, NOTICE_CLARIFY, 0, 10, 22);
	m[n++].move.count = 2;
	assert_int_equal(casefile_fold(&file, m, n), ERR_OK);
	assert_int_equal(file.state, CASE_CLARIFYING);
	assert_int_equal(casefile_may(&file, ASKER, &two), ERR_OK);
	two.count = 1;
	assert_int_equal(casefile_may(&file, ASKER, &two), ERR_REQUIRED);
	assert_int_equal(casefile_may(&file, ASKED, &two), ERR_STATE);
	m[n] = msg(ASKER, 2, 11, NOTICE_CLARIFIED, 0, 10, 25);
	m[n++].move.count = 2;
	assert_int_equal(casefile_fold(&file, m, n), ERR_OK);
	assert_int_equal(file.state, CASE_IN_PROGRESS);
}

/* Who asked may go on without the answers, as far as the case allowed before
 * it asked. */
static void
test_going_on_without_answers(void **state)
{
	struct casefile file = {.state = CASE_CLARIFYING, .back = CASE_ACKED,
	    .questions = 2};
	struct case_move refused = {.event = NOTICE_DECISION,
	    .outcome = OUTCOME_REFUSED, .holds = CASE_GUARD_COMPLETE};
	struct case_move result = {.event = NOTICE_RESULT,
	    .outcome = OUTCOME_FINAL, .holds = CASE_GUARD_COMPLETE};
	struct case_move status = {.event = NOTICE_STATUS,
	    .outcome = OUTCOME_ASSESSING, .holds = CASE_GUARD_COMPLETE};
	struct case_msg m[16];
	size_t n = story(m) - 5;	/* to the ACK */

	(void)state;
	assert_int_equal(casefile_may(&file, ASKED, &refused), ERR_OK);
	assert_int_equal(casefile_may(&file, ASKED, &status), ERR_OK);
	assert_int_equal(casefile_may(&file, ASKED, &result), ERR_REQUIRED);
	assert_int_equal(casefile_may(&file, ASKER, &refused), ERR_STATE);
	file.back = CASE_IN_PROGRESS;
	assert_int_equal(casefile_may(&file, ASKED, &refused), ERR_REQUIRED);
	assert_int_equal(casefile_may(&file, ASKED, &result), ERR_OK);
	file.back = CASE_ACCEPTED;
	assert_int_equal(casefile_may(&file, ASKED, &refused), ERR_REQUIRED);
	refused.holds |= CASE_GUARD_REVISION;
	assert_int_equal(casefile_may(&file, ASKED, &refused), ERR_OK);

	m[n] = msg(ASKED, 2, 25, NOTICE_CLARIFY, 0, 10, 20);
	m[n++].move.count = 2;
	m[n++] = msg(ASKED, 3, 26, NOTICE_STATUS, OUTCOME_ASSESSING, 10, 25);
	m[n++] = msg(ASKED, 4, 27, NOTICE_DECISION, OUTCOME_REFUSED, 10, 26);
	assert_int_equal(casefile_fold(&file, m, n), ERR_OK);
	assert_int_equal(file.state, CASE_REFUSED);
	assert_int_equal(file.questions, 0);
	assert_int_equal(m[n - 2].after, CASE_CLARIFYING);
}

static void
test_reopened(void **state)
{
	struct case_msg m[16];
	struct casefile file;
	size_t n = story(m);

	(void)state;
	m[n++] = msg(ASKER, 3, 12, NOTICE_REOPEN, 0, 11, 24);
	assert_int_equal(casefile_fold(&file, m, n), ERR_OK);
	assert_int_equal(file.state, CASE_HANDED_OVER);
	m[n++] = msg(ASKED, 6, 25, NOTICE_ACK, 0, 12, 24);
	assert_int_equal(casefile_fold(&file, m, n), ERR_OK);
	assert_int_equal(file.state, CASE_ACKED);
}

static void
test_unsealed_stands_last_of_its_side(void **state)
{
	struct case_msg m[3];
	struct casefile file;

	(void)state;
	m[0] = msg(ASKER, UINT64_MAX, 3, NOTICE_WITHDRAW, 0, 10, 0);
	memset(&m[0].env_id, 0, sizeof(m[0].env_id));
	m[1] = msg(ASKER, 1, 10, NOTICE_REQUEST, 0, 0, 0);
	m[2] = msg(ASKED, 1, 20, NOTICE_ACK, 0, 10, 0);
	assert_int_equal(casefile_fold(&file, m, 3), ERR_OK);
	assert_int_equal(file.state, CASE_WITHDRAWN);
	assert_int_equal(m[2].move.event, NOTICE_WITHDRAW);
}

static void
test_bounds(void **state)
{
	struct casefile file;

	(void)state;
	assert_int_equal(casefile_fold(&file, NULL, 0), ERR_OK);
	assert_int_equal(file.state, CASE_DRAFT);
	assert_int_equal(
	    casefile_fold(&file, NULL, CASE_MESSAGES_MAX + 1), ERR_TOO_BIG);
	assert_true(casefile_open(CASE_HANDED_OVER));
	assert_true(casefile_open(CASE_PARTIAL));
	assert_false(casefile_open(CASE_RESULT));
	assert_false(casefile_open(CASE_SUBMITTED));
	assert_true(casefile_open(CASE_CLARIFYING));
	assert_true(casefile_ended(CASE_LAPSED));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_story),
	    cmocka_unit_test(test_any_interleaving_of_the_story),
	    cmocka_unit_test(test_any_interleaving_of_anything),
	    cmocka_unit_test(test_crossing_is_held_against_nobody),
	    cmocka_unit_test(test_crossing_allowed_by_both),
	    cmocka_unit_test(test_evidence_moves_the_request),
	    cmocka_unit_test(test_replaced_envelope),
	    cmocka_unit_test(test_clarify_goes_back_and_counts),
	    cmocka_unit_test(test_going_on_without_answers),
	    cmocka_unit_test(test_reopened),
	    cmocka_unit_test(test_unsealed_stands_last_of_its_side),
	    cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
