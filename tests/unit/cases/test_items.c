/* items: DIALOGUE.md's table against the data; how items open, are answered
 * and withdrawn in the fold; what a CORRECT does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cases/casefile.h"
#include "cases/items.h"
#include "proto/notice.h"
#include "tale.h"

#define ASKER CASE_REQUESTING
#define ASKED CASE_REQUESTED

struct table {
	size_t n;
};

static void
type_as(char *cell, uint16_t *type, uint16_t *outcome)
{
	char *space = strchr(cell, ' ');

	*outcome = 0;
	if (space != NULL) {
		int code = notice_outcome_find(space + 1);

		assert_true(code > 0);
		*outcome = (uint16_t)code;
		*space = '\0';
	}
	*type = tale_type(cell);
}

static void
hold_row(void *ctx, char *cell[])
{
	struct table *table = ctx;
	const struct item_row *row = items_row(table->n++);
	uint16_t type, outcome;

	assert_non_null(row);
	type_as(cell[0], &type, &outcome);
	assert_int_equal(row->opens, type);
	assert_int_equal(row->opens_as, outcome);
	type_as(cell[1], &type, &outcome);
	assert_int_equal(row->answers, type);
	assert_int_equal(row->answers_as, outcome);
	assert_string_equal(cell[2], row->closes ? "ANSWERED" : "OPEN");
}

static void
test_table_is_the_document(void **state)
{
	struct table table = {0};

	(void)state;
	tale_table("Items", 3, hold_row, &table);
	assert_true(table.n > 10);
	assert_null(items_row(table.n));
}

static struct hash
env(unsigned n)
{
	struct hash h = {{0}};

	if (n == 0)
		return h;
	h.b[0] = (uint8_t)n;
	h.b[31] = 1;
	return h;
}

/* The seq is the name, so each side's messages stand in that order. */
static struct case_msg
msg(enum case_side side, unsigned name, uint16_t type, uint16_t outcome,
    unsigned answers, unsigned seen_other)
{
	struct case_msg m = {.id = name, .side = side, .seq = name,
	    .env_id = env(name)};

	m.move = (struct case_move){.event = type, .outcome = outcome,
	    .holds = CASE_GUARD_COMPLETE | CASE_GUARD_REVISION,
	    .answers = env(answers)};
	m.seen[1 - side] = env(seen_other);
	return m;
}

static struct case_msg *
named(struct case_msg *m, size_t n, unsigned name)
{
	for (size_t i = 0; i < n; i++)
		if (m[i].id == name)
			return &m[i];
	fail_msg("no message %u", name);
	return NULL;
}

static void
test_each_pair_opens_and_answers(void **state)
{
	const struct item_row *row;

	(void)state;
	for (size_t i = 0; (row = items_row(i)) != NULL; i++) {
		struct case_msg m[4];
		struct casefile file;

		m[0] = msg(ASKER, 1, NOTICE_LEAD, 0, 0, 0);
		m[1] = msg(ASKER, 2, row->opens, row->opens_as, 0, 0);
		m[2] = msg(ASKED, 3, row->answers, row->answers_as, 2, 2);
		/* Nobody answers himself. */
		m[3] = msg(ASKER, 4, row->answers, row->answers_as, 2, 0);
		assert_int_equal(casefile_fold(&file, m, 4), ERR_OK);
		assert_int_equal(file.state, CASE_ITEM);
		assert_int_equal(named(m, 4, 2)->standing, CASE_STANDS);
		assert_int_equal(named(m, 4, 3)->standing, CASE_STANDS);
		assert_int_equal(file.item[1].event, row->opens);
		assert_int_equal(file.item[1].state, row->closes ?
		    CASE_ITEM_ANSWERED : CASE_ITEM_OPEN);
		assert_int_not_equal(named(m, 4, 4)->standing, CASE_STANDS);
		assert_int_equal(file.item[0].state, CASE_ITEM_OPEN);
	}
}

static void
test_an_answer_fits_its_item_once(void **state)
{
	struct case_msg m[5];
	struct casefile file;

	(void)state;
	m[0] = msg(ASKER, 1, NOTICE_CONSULT, 0, 0, 0);
	/* A FEEDBACK answers no CONSULT, nor does a REPLY to nothing. */
	m[1] = msg(ASKED, 2, NOTICE_FEEDBACK, OUTCOME_USED, 1, 1);
	m[2] = msg(ASKED, 3, NOTICE_REPLY, OUTCOME_AGREED, 9, 1);
	m[3] = msg(ASKED, 4, NOTICE_REPLY, OUTCOME_OBJECTED, 1, 1);
	m[4] = msg(ASKED, 5, NOTICE_REPLY, OUTCOME_AGREED, 1, 1);
	assert_int_equal(casefile_fold(&file, m, 5), ERR_OK);
	assert_int_equal(named(m, 5, 2)->standing, CASE_ILLEGAL);
	assert_int_equal(named(m, 5, 3)->standing, CASE_ILLEGAL);
	assert_int_equal(named(m, 5, 4)->standing, CASE_STANDS);
	assert_int_equal(named(m, 5, 5)->standing, CASE_ILLEGAL);
	assert_int_equal(file.items, 1);
	assert_int_equal(file.item[0].state, CASE_ITEM_ANSWERED);
}

static void
withdrawal(struct case_msg *m)
{
	m[0] = msg(ASKER, 1, NOTICE_REQUEST, 0, 0, 0);
	m[0].evidence = CASE_EVIDENCE_DELIVERED;
	m[1] = msg(ASKER, 2, NOTICE_CONSULT, 0, 0, 0);
	m[2] = msg(ASKER, 3, NOTICE_WITHDRAW, 0, 2, 0);
	m[3] = msg(ASKED, 20, NOTICE_ACK, 0, 1, 1);
}

/* A withdrawn item does not withdraw the request around it, nor the other
 * way round; an answer that crossed the withdrawal is held against nobody. */
static void
test_withdraw_names_what_it_ends(void **state)
{
	struct case_msg m[6];
	struct casefile file;

	(void)state;
	withdrawal(m);
	assert_int_equal(casefile_fold(&file, m, 4), ERR_OK);
	assert_int_equal(file.state, CASE_ACKED);
	assert_int_equal(file.item[0].state, CASE_ITEM_WITHDRAWN);

	withdrawal(m);
	m[4] = msg(ASKER, 4, NOTICE_WITHDRAW, 0, 2, 0);	/* once more */
	m[5] = msg(ASKED, 21, NOTICE_REPLY, OUTCOME_AGREED, 2, 2);
	assert_int_equal(casefile_fold(&file, m, 6), ERR_OK);
	assert_int_equal(named(m, 6, 4)->standing, CASE_ILLEGAL);
	assert_int_equal(file.state, CASE_ACKED);
	/* The asked side's stands first where both had not seen each other. */
	assert_int_equal(named(m, 6, 21)->standing, CASE_STANDS);
	assert_int_equal(named(m, 6, 3)->standing, CASE_CROSSED);
}

static void
test_items_have_their_room(void **state)
{
	struct case_msg m[CASE_ITEMS_MAX + 2];
	struct case_move more = {.event = NOTICE_LEAD,
	    .holds = CASE_GUARD_COMPLETE};
	struct casefile file;
	size_t n = CASE_ITEMS_MAX + 1;

	(void)state;
	for (unsigned i = 0; i < n; i++)
		m[i] = msg(ASKER, i + 1, NOTICE_LEAD, 0, 0, 0);
	assert_int_equal(casefile_fold(&file, m, n), ERR_OK);
	assert_int_equal(file.items, CASE_ITEMS_MAX);
	assert_int_equal(named(m, n, CASE_ITEMS_MAX + 1)->why, ERR_TOO_BIG);
	assert_int_equal(casefile_may(&file, ASKED, &more), ERR_TOO_BIG);
	more.event = NOTICE_FEEDBACK;
	more.answers = env(1);
	assert_int_equal(casefile_may(&file, ASKED, &more), ERR_OK);
	assert_int_equal(casefile_may(&file, ASKER, &more), ERR_REQUIRED);
}

/* A request with a RESULT that belongs into another case. */
static size_t
misfiled(struct case_msg *m)
{
	size_t n = 0;

	m[n++] = msg(ASKER, 1, NOTICE_REQUEST, 0, 0, 0);
	m[n++] = msg(ASKED, 20, NOTICE_ACK, 0, 1, 1);
	m[n++] = msg(ASKED, 21, NOTICE_DECISION, OUTCOME_ACCEPTED, 1, 1);
	m[n++] = msg(ASKED, 22, NOTICE_RESULT, OUTCOME_FINAL, 1, 1);
	m[n++] = msg(ASKER, 2, NOTICE_CLOSE, 0, 0, 22);
	m[n++] = msg(ASKED, 23, NOTICE_CORRECT, 0, 22, 1);
	m[n - 1].move.misfiles = true;
	return n;
}

static void
test_misfiled_moves_nothing_and_stays(void **state)
{
	struct case_msg m[8];
	struct hash correct = env(23);
	struct casefile file;
	size_t n = misfiled(m);

	(void)state;
	assert_int_equal(casefile_fold(&file, m, n), ERR_OK);
	assert_int_equal(file.state, CASE_ACCEPTED);
	assert_int_equal(named(m, n, 22)->standing, CASE_MISFILED);
	assert_true(hash_eq(&named(m, n, 22)->corrected, &correct));
	/* What stood on it is held against nobody. */
	assert_int_equal(named(m, n, 2)->standing, CASE_CROSSED);
	assert_int_equal(named(m, n, 23)->standing, CASE_STANDS);

	/* Not somebody else's message, and not the REQUEST. */
	n = misfiled(m);
	m[n - 1].side = ASKER;
	m[n - 1].seq = 3;
	assert_int_equal(casefile_fold(&file, m, n), ERR_OK);
	assert_int_equal(file.state, CASE_CLOSED);
	assert_int_equal(named(m, n, 23)->standing, CASE_ILLEGAL);
	n = misfiled(m);
	m[n - 1].side = ASKER;
	m[n - 1].seq = 3;
	m[n - 1].move.answers = env(1);
	assert_int_equal(casefile_fold(&file, m, n), ERR_OK);
	assert_int_equal(named(m, n, 23)->standing, CASE_ILLEGAL);
	assert_int_equal(named(m, n, 1)->standing, CASE_STANDS);
}

static void
test_a_correction_supersedes(void **state)
{
	struct case_msg m[8];
	struct hash correct = env(23);
	struct casefile file;
	size_t n = misfiled(m);

	(void)state;
	m[n - 1].move.misfiles = false;
	assert_int_equal(casefile_fold(&file, m, n), ERR_OK);
	assert_int_equal(file.state, CASE_CLOSED);
	assert_int_equal(named(m, n, 22)->standing, CASE_STANDS);
	assert_true(hash_eq(&named(m, n, 22)->corrected, &correct));
	assert_true(hash_is_zero(&named(m, n, 21)->corrected));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table_is_the_document),
	    cmocka_unit_test(test_each_pair_opens_and_answers),
	    cmocka_unit_test(test_an_answer_fits_its_item_once),
	    cmocka_unit_test(test_withdraw_names_what_it_ends),
	    cmocka_unit_test(test_items_have_their_room),
	    cmocka_unit_test(test_misfiled_moves_nothing_and_stays),
	    cmocka_unit_test(test_a_correction_supersedes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
