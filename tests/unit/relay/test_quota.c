/* quota: what a key may submit a minute, and that keys do not share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "relay/quota.h"

static void
test_runs_and_refill(void **state)
{
	struct quota *q = quota_new(60, 0);
	uint8_t a[KEY_BYTES] = { 1 }, b[KEY_BYTES] = { 2 };
	int i;

	(void)state;
	for (i = 0; i < 60; i++)
		assert_int_equal(quota_take(q, a, QUOTA_RUN, 1, 0), ERR_OK);
	assert_int_equal(quota_take(q, a, QUOTA_RUN, 1, 0), ERR_QUOTA);
	/* Statements are counted apart, other keys too. */
	assert_int_equal(quota_take(q, a, QUOTA_STATEMENT, 1, 0), ERR_OK);
	assert_int_equal(quota_take(q, a, QUOTA_ASK, 0, 0), ERR_OK);
	assert_int_equal(quota_take(q, b, QUOTA_RUN, 1, 0), ERR_OK);
	/* One a second comes back, not sooner. */
	assert_int_equal(quota_take(q, a, QUOTA_RUN, 1, 999), ERR_QUOTA);
	assert_int_equal(quota_take(q, a, QUOTA_RUN, 1, 1000), ERR_OK);
	assert_int_equal(quota_take(q, a, QUOTA_RUN, 1, 1000), ERR_QUOTA);
	/* Never more than a minute's worth; a clock that fell adds none. */
	for (i = 0; i < 60; i++)
		assert_int_equal(quota_take(q, a, QUOTA_RUN, 1, 9000000),
		    ERR_OK);
	assert_int_equal(quota_take(q, a, QUOTA_RUN, 1, 10), ERR_QUOTA);
	quota_free(&q);
	assert_null(q);
}

static void
test_bytes(void **state)
{
	struct quota *q = quota_new(0, 1000);
	uint8_t a[KEY_BYTES] = { 1 };

	(void)state;
	assert_int_equal(quota_take(q, a, QUOTA_RUN, 1001, 0), ERR_QUOTA);
	assert_int_equal(quota_take(q, a, QUOTA_RUN, 600, 0), ERR_OK);
	assert_int_equal(quota_take(q, a, QUOTA_RUN, 600, 0), ERR_QUOTA);
	assert_int_equal(quota_take(q, a, QUOTA_RUN, 400, 0), ERR_OK);
	assert_int_equal(quota_take(q, a, QUOTA_RUN, 500, 30000), ERR_OK);
	assert_int_equal(quota_take(q, a, QUOTA_RUN, 1, 30000), ERR_QUOTA);
	quota_free(&q);
}

static void
test_no_limit(void **state)
{
	struct quota *q = quota_new(0, 0);
	uint8_t a[KEY_BYTES] = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 100000; i++)
		assert_int_equal(quota_take(q, a, QUOTA_RUN, SIZE_MAX, 0),
		    ERR_OK);
	quota_free(&q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runs_and_refill),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_no_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
