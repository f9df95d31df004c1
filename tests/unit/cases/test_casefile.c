/*
 * casefile: the table against DIALOGUE.md, pair by pair; the fold against
 * every order of arrival; crossings.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cases/casefile.h"
#include "proto/notice.h"

/* ---- DIALOGUE.md against the data ---- */

static int
state_of(const char *word)
{
	for (int s = 0; s <= CASE_BACK; s++)
		if (strcmp(casefile_state_name((enum case_state)s), word) == 0)
			return s;
	fail_msg("unknown state %s", word);
	return -1;
}

static uint16_t
event_of(const char *word)
{
	char low[32] = "";
	int type;

	for (int e = CASE_SUBMITTED_EV; e <= CASE_EXPIRED_EV; e++)
		if (strcmp(casefile_event_name((uint16_t)e), word) == 0)
			return (uint16_t)e;
	for (size_t i = 0; word[i] != '\0' && i < sizeof(low) - 1; i++)
		low[i] = word[i] == '_' ? '_' : (char)(word[i] | 0x20);
	type = notice_type_find(low);
	assert_true(type > 0);
	return (uint16_t)type;
}

static enum case_by
by_of(const char *word)
{
	static const char *const words[] = {
	    "asker", "asked", "either", "relay", "agent"};

	for (unsigned i = 0; i < 5; i++)
		if (strcmp(words[i], word) == 0)
			return (enum case_by)i;
	fail_msg("unknown side %s", word);
	return CASE_BY_EITHER;
}

static unsigned
guards_of(char *cell)
{
	unsigned guards = 0;

	for (char *w = strtok(cell, " "); w != NULL; w = strtok(NULL, " ")) {
		if (strcmp(w, "complete") == 0)
			guards |= CASE_GUARD_COMPLETE;
		else if (strcmp(w, "revision") == 0)
			guards |= CASE_GUARD_REVISION;
		else if (strcmp(w, "answers") == 0)
			guards |= CASE_GUARD_ANSWERS;
		else if (strcmp(w, "back") == 0)
			guards |= CASE_GUARD_BACK;
		else
			fail_msg("unknown guard %s", w);
	}
	return guards;
}

/* One line "| a | b | c | d | e |" cut into its cells. */
static bool
cut(char *line, char *cell[5])
{
	char *p = line;

	if (*p != '|')
		return false;
	for (unsigned i = 0; i < 5; i++) {
		char *end = strchr(++p, '|'), *last;

		if (end == NULL)
			return false;
		*end = '\0';
		while (*p == ' ')
			p++;
		for (last = end; last > p && last[-1] == ' ';)
			*--last = '\0';
		cell[i] = p;
		p = end;
	}
	return true;
}

static void
parse_row(char *line, struct case_row *row)
{
	char *cell[5], *space;

	memset(row, 0, sizeof(*row));
	assert_true(cut(line, cell));
	for (char *w = strtok(cell[0], " "); w != NULL; w = strtok(NULL, " "))
		row->from |= 1u << state_of(w);
	space = strchr(cell[1], ' ');
	if (space != NULL) {
		int outcome = notice_outcome_find(space + 1);

		assert_true(outcome > 0);
		row->outcome = (uint16_t)outcome;
		*space = '\0';
	}
	row->event = event_of(cell[1]);
	row->by = by_of(cell[2]);
	row->guards = guards_of(cell[3]);
	row->to = (enum case_state)state_of(cell[4]);
}

#define ROWS_MAX 64

static size_t
load_dialogue(struct case_row *rows)
{
	FILE *f = fopen("cases/DIALOGUE.md", "r");
	char line[1024];
	size_t n = 0;
	bool in = false;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, "|---", 4) == 0) {
			in = true;
			continue;
		}
		if (!in)
			continue;
		if (line[0] != '|')
			break;
		assert_true(n < ROWS_MAX);
		parse_row(line, &rows[n++]);
	}
	fclose(f);
	return n;
}

static void
test_table_is_the_document(void **state)
{
	struct case_row rows[ROWS_MAX];
	size_t n = load_dialogue(rows);

	(void)state;
	assert_true(n > 20);
	for (size_t i = 0; i < n; i++) {
		const struct case_row *r = casefile_row(i);

		assert_non_null(r);
		assert_int_equal(r->from, rows[i].from);
		assert_int_equal(r->event, rows[i].event);
		assert_int_equal(r->outcome, rows[i].outcome);
		assert_int_equal(r->by, rows[i].by);
		assert_int_equal(r->guards, rows[i].guards);
		assert_int_equal(r->to, rows[i].to);
	}
	assert_null(casefile_row(n));
}

/* What the document says of one pair; CASE_STATES: forbidden. */
static enum case_state
by_document(const struct case_row *rows, size_t n, unsigned from,
    enum case_by by, const struct case_move *move)
{
	for (size_t i = 0; i < n; i++) {
		const struct case_row *r = &rows[i];

		if ((r->from & (1u << from)) && r->event == move->event &&
		    (r->outcome == 0 || r->outcome == move->outcome) &&
		    (r->by == by ||
			(r->by == CASE_BY_EITHER && by <= CASE_BY_REQUESTED)) &&
		    (r->guards & ~move->holds) == 0)
			return r->to;
	}
	return CASE_STATES;
}

static const enum case_by bys[] = {CASE_BY_REQUESTING, CASE_BY_REQUESTED,
    CASE_BY_RELAY, CASE_BY_AGENT};
static const uint16_t outcomes[] = {0, OUTCOME_ACCEPTED, OUTCOME_PARTLY,
    OUTCOME_POSTPONED, OUTCOME_REFUSED, OUTCOME_PARTIAL, OUTCOME_FINAL,
    OUTCOME_NIL, OUTCOME_USED, OUTCOME_COLLECTING};

static void
walk_event(const struct case_row *rows, size_t n, unsigned from,
    uint16_t event, unsigned *allowed)
{
	for (unsigned b = 0; b < 4; b++)
		for (unsigned o = 0; o < 10; o++)
			for (unsigned holds = 0; holds < 16; holds++) {
				struct case_move move = {.event = event,
				    .outcome = outcomes[o], .holds = holds};
				const struct case_row *row;
				enum case_state want = by_document(
				    rows, n, from, bys[b], &move);
				enum err err = casefile_step(&row,
				    (enum case_state)from, bys[b], &move);

				if (want == CASE_STATES) {
					assert_int_not_equal(err, ERR_OK);
					assert_null(row);
					continue;
				}
				assert_int_equal(err, ERR_OK);
				assert_int_equal(row->to, want);
				++*allowed;
			}
}

static void
test_every_pair(void **state)
{
	struct case_row rows[ROWS_MAX];
	size_t n = load_dialogue(rows);
	unsigned allowed = 0;

	(void)state;
	for (unsigned from = 0; from < CASE_STATES; from++) {
		for (uint16_t e = 0; e <= NOTICE_TYPE_MAX + 1; e++)
			walk_event(rows, n, from, e, &allowed);
		for (uint16_t e = CASE_SUBMITTED_EV - 1;
		     e <= CASE_EXPIRED_EV + 1; e++)
			walk_event(rows, n, from, e, &allowed);
	}
	assert_true(allowed > 100);
}

static void
test_missing_guard_is_told_apart(void **state)
{
	const struct case_row *row;
	struct case_move move = {.event = NOTICE_REQUEST};

	(void)state;
	assert_int_equal(
	    casefile_step(&row, CASE_DRAFT, CASE_BY_REQUESTING, &move),
	    ERR_REQUIRED);
	assert_int_equal(
	    casefile_step(&row, CASE_CLOSED, CASE_BY_REQUESTING, &move),
	    ERR_STATE);
}

/* ---- the fold ---- */

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
	    cmocka_unit_test(test_table_is_the_document),
	    cmocka_unit_test(test_every_pair),
	    cmocka_unit_test(test_missing_guard_is_told_apart),
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
