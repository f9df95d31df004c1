/* casefile_table: DIALOGUE.md's table against the data, pair by pair. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cases/casefile.h"
#include "tale.h"

static int
state_of(const char *word)
{
	for (int s = 0; s <= CASE_BACK; s++)
		if (strcmp(casefile_state_name((enum case_state)s), word) == 0)
			return s;
	fail_msg("unknown state %s", word);
	return -1;
}

/* One state, or one of the two sets that the document names. */
static uint32_t
states_of(const char *word)
{
	uint32_t there = ((1u << CASE_STATES) - 1) & ~(1u << CASE_DRAFT);

	if (strcmp(word, "THERE") == 0)
		return there;
	if (strcmp(word, "LIVE") == 0)
		return there & ~((1u << CASE_RELEASED) |
		    (1u << CASE_SUBMITTED));
	return 1u << state_of(word);
}

static uint16_t
event_of(const char *word)
{
	for (int e = CASE_SUBMITTED_EV; e <= CASE_EXPIRED_EV; e++)
		if (strcmp(casefile_event_name((uint16_t)e), word) == 0)
			return (uint16_t)e;
	return tale_type(word);
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
	/* By bit. */
	static const char *const words[] = {"complete", "revision",
	    "answers", "back", "item", "mine", "case", "own"};
	unsigned guards = 0, i;

	for (char *w = strtok(cell, " "); w != NULL; w = strtok(NULL, " ")) {
		for (i = 0; i < 8 && strcmp(words[i], w) != 0; i++)
			;
		if (i == 8)
			fail_msg("unknown guard %s", w);
		guards |= 1u << i;
	}
	return guards;
}

#define ROWS_MAX 96

struct table {
	struct case_row row[ROWS_MAX];
	size_t n;
};

static void
parse_row(void *ctx, char *cell[])
{
	struct table *table = ctx;
	struct case_row *row = &table->row[table->n++];
	char *space;

	assert_true(table->n <= ROWS_MAX);
	for (char *w = strtok(cell[0], " "); w != NULL; w = strtok(NULL, " "))
		row->from |= states_of(w);
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

static size_t
load_dialogue(struct case_row *rows)
{
	struct table table = {.n = 0};

	tale_table("Table", 5, parse_row, &table);
	memcpy(rows, table.row, sizeof(table.row));
	return table.n;
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
    OUTCOME_NIL, OUTCOME_USED, OUTCOME_COLLECTING, OUTCOME_AGREED,
    OUTCOME_PROPOSED, OUTCOME_MINUTED, OUTCOME_RECORDED, OUTCOME_CONFIRMED};
#define OUTCOMES (sizeof(outcomes) / sizeof(outcomes[0]))

static void
walk_one(const struct case_row *rows, size_t n, unsigned from,
    enum case_by by, const struct case_move *move, unsigned *allowed)
{
	enum case_state want = by_document(rows, n, from, by, move);
	const struct case_row *row;
	enum err err = casefile_step(&row, (enum case_state)from, by, move);

	if (want == CASE_STATES) {
		assert_int_not_equal(err, ERR_OK);
		assert_null(row);
		return;
	}
	assert_int_equal(err, ERR_OK);
	assert_int_equal(row->to, want);
	++*allowed;
}

/* With no guard, few, or nearly all of the eight holding: no row wants more
 * than two of them. */
static void
walk_event(const struct case_row *rows, size_t n, unsigned from,
    uint16_t event, unsigned *allowed)
{
	for (unsigned holds = 0; holds < 256; holds++) {
		int many = __builtin_popcount(holds);

		if (many > 2 && many < 7)
			continue;
		for (unsigned b = 0; b < 4; b++)
			for (size_t o = 0; o < OUTCOMES; o++) {
				struct case_move move = {.event = event,
				    .outcome = outcomes[o], .holds = holds};

				walk_one(rows, n, from, bys[b], &move,
				    allowed);
			}
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table_is_the_document),
	    cmocka_unit_test(test_every_pair),
	    cmocka_unit_test(test_missing_guard_is_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
