/* park: who waits is woken by its channels only, once, or by its time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "relay/park.h"

static struct ticket *
ticket_new(uint8_t key, uint32_t session, uint64_t number, int64_t until,
    uint8_t channel, uint8_t other)
{
	struct ticket *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	memset(t->peer.key, key, KEY_BYTES);
	t->peer.session = session;
	t->number = number;
	t->until = until;
	t->cursor_count = 2;
	memset(t->cursor[0].channel.b, channel, ID_BYTES);
	memset(t->cursor[1].channel.b, other, ID_BYTES);
	return t;
}

static void
wait_for(struct park *park, uint8_t key, uint32_t session, uint64_t number,
    int64_t until, uint8_t channel)
{
	struct ticket *t = ticket_new(key, session, number, until, channel,
	    (uint8_t)(channel + 100));

	assert_int_equal(park_wait(park, &t), ERR_OK);
	assert_null(t);
}

static uint64_t
take(struct park *park, int64_t now)
{
	struct ticket *t = park_taken(park, now);
	uint64_t number = t != NULL ? t->number : 0;

	free(t);
	return number;
}

static void
test_woken(void **state)
{
	struct park *park = park_new();
	struct id channel;

	(void)state;
	wait_for(park, 1, 1, 11, 1000, 5);
	wait_for(park, 2, 1, 12, 1000, 6);
	wait_for(park, 3, 1, 13, 1000, 5);
	assert_int_equal(take(park, 0), 0);
	memset(channel.b, 5, ID_BYTES);
	park_wake(park, &channel);
	park_wake(park, &channel);
	assert_int_equal(take(park, 0), 13);
	assert_int_equal(take(park, 0), 11);
	assert_int_equal(take(park, 0), 0);
	/* By its second channel too. */
	memset(channel.b, 106, ID_BYTES);
	park_wake(park, &channel);
	assert_int_equal(take(park, 0), 12);
	assert_int_equal(park_count(park), 0);
	park_free(&park);
}

static void
test_time_is_up(void **state)
{
	struct park *park = park_new();

	(void)state;
	assert_true(park_next(park) == INT64_MAX);
	wait_for(park, 1, 1, 11, 300, 5);
	wait_for(park, 1, 2, 12, 200, 5);
	assert_true(park_next(park) == 200);
	assert_int_equal(take(park, 199), 0);
	assert_int_equal(take(park, 200), 12);
	assert_int_equal(take(park, 200), 0);
	assert_true(park_next(park) == 300);
	/* Draining takes everybody. */
	assert_int_equal(take(park, INT64_MAX), 11);
	park_free(&park);
}

static void
test_sessions(void **state)
{
	struct park *park = park_new();
	struct front_peer peer = { .session = 1 };
	uint64_t i;

	(void)state;
	memset(peer.key, 1, KEY_BYTES);
	for (i = 1; i <= PARK_PEER_MAX; i++)
		wait_for(park, 1, 1, i, 1000, 5);
	wait_for(park, 1, 2, 90, 1000, 5);
	assert_int_equal(take(park, 0), 0);
	/* One too many ends the wait of that session's oldest. */
	wait_for(park, 1, 1, 50, 1000, 5);
	assert_int_equal(take(park, 0), 1);
	assert_int_equal(take(park, 0), 0);
	/* A session that is over is forgotten, its successor is not. */
	park_forget(park, &peer);
	assert_int_equal(park_count(park), 1);
	assert_int_equal(take(park, INT64_MAX), 90);
	park_free(&park);
}

static void
test_full(void **state)
{
	struct park *park = park_new();
	struct ticket *t;
	uint32_t i;

	(void)state;
	for (i = 0; i < PARK_MAX; i++)
		wait_for(park, 1, i, i + 1, 1000, (uint8_t)i);
	t = ticket_new(1, i, 1, 1, 1, 1);
	assert_int_equal(park_wait(park, &t), ERR_BUSY);
	assert_non_null(t);
	free(t);
	park_free(&park);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_woken),
		cmocka_unit_test(test_time_is_up),
		cmocka_unit_test(test_sessions),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
