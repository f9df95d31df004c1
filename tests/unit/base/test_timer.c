#include "unit.h"

#include "base/timer.h"

#define N 500

static struct timers *ts;
static struct timer timers[N];
static int64_t fired[N];
static size_t fired_count;

static void
note(void *ctx)
{
	fired[fired_count++] = ((struct timer *)ctx)->at;
}

static int
set_up(void **state)
{
	(void)state;
	ts = timer_heap_new();
	fired_count = 0;
	for (size_t i = 0; i < N; i++)
		timer_init(&timers[i], note, &timers[i]);
	return ts == NULL;
}

static int
tear_down(void **state)
{
	(void)state;
	timer_heap_free(ts);
	return 0;
}

static void
fires_in_order(void **state)
{
	size_t i;

	(void)state;
	assert_true(timer_next(ts) == TIMER_NEVER);
	for (i = 0; i < N; i++)
		assert_int_equal(timer_arm(ts, &timers[i],
			(int64_t)(i * 7919 % 1009)), ERR_OK);
	/* Move some, drop some. */
	for (i = 0; i < N; i += 5)
		timer_arm(ts, &timers[i], (int64_t)(i * 31 % 2003));
	for (i = 1; i < N; i += 5)
		timer_disarm(ts, &timers[i]);
	timer_disarm(ts, &timers[1]);
	assert_false(timer_armed(&timers[1]));
	assert_true(timer_armed(&timers[2]));
	assert_int_equal(timer_run(ts, 5000), N - N / 5);
	for (i = 1; i < fired_count; i++)
		assert_true(fired[i - 1] <= fired[i]);
	assert_true(timer_next(ts) == TIMER_NEVER);
}

static void
only_what_is_due(void **state)
{
	(void)state;
	timer_arm(ts, &timers[0], 10);
	timer_arm(ts, &timers[1], 20);
	assert_true(timer_next(ts) == 10);
	assert_int_equal(timer_run(ts, 9), 0);
	assert_int_equal(timer_run(ts, 19), 1);
	assert_true(timer_next(ts) == 20);
	assert_true(timer_armed(&timers[1]));
}

static void
again(void *ctx)
{
	fired_count++;
	timer_arm(ts, ctx, 0);
}

static void
rearming_ends(void **state)
{
	struct timer t;

	(void)state;
	timer_init(&t, again, &t);
	timer_arm(ts, &t, 0);
	assert_int_equal(timer_run(ts, 100), 1);
	assert_int_equal(timer_run(ts, 100), 1);
	assert_int_equal(fired_count, 2);
	timer_disarm(ts, &t);
}

static void
drop_other(void *ctx)
{
	timer_disarm(ts, ctx);
}

static void
a_handler_may_disarm(void **state)
{
	struct timer t;

	(void)state;
	timer_init(&t, drop_other, &timers[0]);
	timer_arm(ts, &t, 1);
	timer_arm(ts, &timers[0], 1);
	assert_int_equal(timer_run(ts, 1), 1);
	assert_int_equal(fired_count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(fires_in_order, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(only_what_is_due, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(rearming_ends, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(a_handler_may_disarm, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
