/*
 * opencases: what one side signed as open, made again by the other from the
 * heads alone: through a whole story, crossings, mail sealed again, and after
 * everything has moved on; and what cannot be made again is not shown.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "endpoint/agent.h"
#include "endpoint/book.h"
#include "endpoint/caserows.h"
#include "endpoint/opencases.h"
#include "endpoint/pairs.h"
#include "tests/unit/endpoint/desk_help.h"
#include "tests/unit/endpoint/fake_agent.h"

#define SIGNED_MAX 64

static struct agent *a, *b;

/* A heartbeat: who signed it, with what. */
static struct {
	struct agent *by;
	struct notice_link link;
} signed_[SIGNED_MAX];
static size_t signed_n;

static int
setup(void **state)
{
	(void)state;
	fake_pair(&a, &b);
	signed_n = 0;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fake_free(&a);
	fake_free(&b);
	return 0;
}

static void
make(struct agent *agent, bool ours, struct notice_link *link,
    struct opencases *cases)
{
	const struct pair *pair = fake_the_pair(agent);
	uint8_t signer = ours ? pair->direction
			      : (uint8_t)(1 - pair->direction);

	assert_int_equal(
	    opencases_at(agent, pair, ours, link, cases), ERR_OK);
	assert_int_equal(opencases_sum(cases, signer, link), ERR_OK);
}

/* Both sides' heartbeats, now. */
static void
sign(void)
{
	struct agent *const both[] = {a, b};
	struct opencases cases;

	for (size_t i = 0; i < 2; i++) {
		assert_true(signed_n < SIGNED_MAX);
		signed_[signed_n].by = both[i];
		fake_heads(both[i], &signed_[signed_n].link);
		make(both[i], true, &signed_[signed_n].link, &cases);
		opencases_free(&cases);
		signed_n++;
	}
}

/* Whatever was signed, either side makes again. */
static void
all_again(void)
{
	struct agent *const both[] = {a, b};
	struct opencases cases;
	struct notice_link link;

	for (size_t i = 0; i < signed_n; i++)
		for (size_t k = 0; k < 2; k++) {
			link = signed_[i].link;
			make(both[k], both[k] == signed_[i].by, &link, &cases);
			opencases_free(&cases);
			assert_int_equal(
			    link.open_cases, signed_[i].link.open_cases);
			assert_true(hash_eq(
			    &link.open_root, &signed_[i].link.open_root));
		}
}

static uint32_t
open_of(const struct agent *by)
{
	for (size_t i = signed_n; i-- > 0;)
		if (signed_[i].by == by)
			return signed_[i].link.open_cases;
	return UINT32_MAX;
}

static void
test_story(void **state)
{
	struct id c = desk_open_case(a);

	(void)state;
	sign();				/* written, not sealed */
	assert_int_equal(open_of(a), 0);
	fake_carry(a);
	sign();				/* receipts are not in the heads: */
	assert_int_equal(open_of(a), 0);	/* for a nobody spoke yet */
	assert_int_equal(open_of(b), 1);
	desk_write_ok(b, &c, "ack", ACK);
	sign();
	fake_carry(b);
	sign();
	assert_int_equal(open_of(a), 1);
	desk_write_ok(b, &c, "clarify", "\"questions\": [\"which?\"]");
	fake_carry(b);
	sign();
	desk_write_ok(a, &c, "clarified", "\"answers\": [\"that\"]");
	sign();
	fake_carry(a);
	desk_write_ok(b, &c, "decide", ACCEPT);
	fake_carry(b);
	sign();
	desk_write_ok(b, &c, "result", RESULT);
	sign();				/* the result is not sealed: open */
	assert_int_equal(open_of(b), 1);
	fake_carry(b);
	sign();
	assert_int_equal(open_of(b), 0);
	desk_write_ok(a, &c, "close", "");
	fake_carry(a);
	sign();
	all_again();
}

static void
test_many_and_crossing(void **state)
{
	struct id c[4];

	(void)state;
	for (size_t i = 0; i < 4; i++)
		c[i] = desk_open_case(i % 2 == 0 ? a : b);
	fake_carry(a);
	fake_carry(b);
	sign();
	for (size_t i = 0; i < 4; i++)
		desk_write_ok(i % 2 == 0 ? b : a, &c[i], "ack", ACK);
	fake_carry(a);
	sign();
	fake_carry(b);
	desk_write_ok(b, &c[0], "decide", ACCEPT);
	fake_carry(b);
	/* The result and the withdrawal meet on the way. */
	desk_write_ok(b, &c[0], "result", RESULT);
	desk_write_ok(a, &c[0], "withdraw", "\"reason\": \"settled\"");
	sign();
	fake_seal(b);
	sign();
	fake_carry(a);
	sign();
	fake_carry(b);
	sign();
	fake_carry(a);
	fake_carry(b);
	sign();
	assert_int_equal(open_of(a), 3);
	assert_int_equal(open_of(b), 3);
	all_again();
}

static void
test_sealed_again(void **state)
{
	struct id c = desk_open_case(a);

	(void)state;
	sign();
	fake_reseal(a, 0);		/* b cannot open the first */
	sign();
	fake_carry(a);
	sign();
	assert_int_equal(open_of(b), 1);
	desk_write_ok(b, &c, "ack", ACK);
	fake_carry(b);
	sign();
	/* The answer goes out again too, behind another. */
	desk_write_ok(b, &c, "decide", ACCEPT);
	fake_reseal(b, 0);
	sign();
	fake_carry(b);
	sign();
	assert_int_equal(open_of(a), 1);
	all_again();
}

static void
test_shown(void **state)
{
	struct id c = desk_open_case(a), other = {{1}};
	struct opencases cases;
	struct notice_case path;
	struct notice_link link;

	(void)state;
	desk_open_case(a);
	desk_open_case(a);
	fake_carry(a);
	sign();
	link = signed_[1].link;		/* b's */
	assert_int_equal(link.open_cases, 3);
	desk_write_ok(b, &c, "ack", ACK);
	desk_write_ok(b, &c, "decide", "\"outcome\": \"refused\","
	    " \"ground\": \"legal_bar\", \"explanation\": \"x\"");
	fake_carry(b);
	assert_int_equal(
	    opencases_at(a, fake_the_pair(a), false, &link, &cases), ERR_OK);
	assert_int_equal(
	    opencases_show(&cases, FROM_B, &link, &c, &path), ERR_OK);
	assert_true(hash_is_zero(&path.own));
	assert_int_equal(notice_case_check(&path, FROM_B, &link), ERR_OK);
	assert_int_equal(notice_case_check(&path, FROM_A, &link), ERR_ROOT);
	assert_int_equal(opencases_show(&cases, FROM_B, &link, &other, &path),
	    ERR_NOTFOUND);
	/* Another root than the one signed: never a path. */
	link.open_root.b[0] ^= 1;
	assert_int_equal(opencases_show(&cases, FROM_B, &link, &c, &path),
	    ERR_INCOMPLETE);
	link.open_root.b[0] ^= 1;
	link.open_cases++;
	assert_int_equal(opencases_show(&cases, FROM_B, &link, &c, &path),
	    ERR_INCOMPLETE);
	opencases_free(&cases);
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(test_story),
	    T(test_many_and_crossing),
	    T(test_sealed_again),
	    T(test_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
