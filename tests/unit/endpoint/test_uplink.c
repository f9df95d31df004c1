#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "endpoint/uplink.h"

static const struct uplink_needs idle;
static const struct uplink_needs busy = { .submit = true, .keys = true };

/* Bring u to READY at now, with nothing under way. */
static void
greet(struct uplink *u, int64_t now)
{
	uint64_t ticket;

	uplink_init(u);
	assert_int_equal(uplink_next(u, &busy, now), UPLINK_NOTHING);
	uplink_link(u, true, now);
	assert_int_equal(uplink_next(u, &busy, now), UPLINK_HELLO);
	ticket = uplink_sent(u, UPLINK_HELLO, now);
	assert_int_not_equal(ticket, 0);
	assert_int_equal(uplink_next(u, &busy, now), UPLINK_NOTHING);
	assert_int_equal(uplink_answer(u, ticket, ERR_OK, now), UPLINK_HELLO);
	/* Nothing before the book was compared. */
	assert_int_equal(u->state, UPLINK_GREETING);
	uplink_greeted(u);
	assert_int_equal(u->state, UPLINK_READY);
}

static void
acts_come_in_order(void **state)
{
	struct uplink u;

	(void)state;
	greet(&u, 100);
	assert_int_equal(uplink_next(&u, &busy, 100), UPLINK_KEYS);
	(void)uplink_sent(&u, UPLINK_KEYS, 100);
	assert_int_equal(uplink_next(&u, &busy, 100), UPLINK_SUBMIT);
	(void)uplink_sent(&u, UPLINK_SUBMIT, 100);
	assert_int_equal(uplink_next(&u, &busy, 100), UPLINK_FETCH);
	(void)uplink_sent(&u, UPLINK_FETCH, 100);
	/* One of each at a time. */
	assert_int_equal(uplink_next(&u, &busy, 101), UPLINK_NOTHING);
	assert_int_equal(uplink_next(&u, &idle, 100 + UPLINK_PING_MS),
	    UPLINK_PING);
}

static void
passes_are_asked_one_at_a_time(void **state)
{
	struct uplink_needs needs = { .pass = true };
	uint64_t ticket;
	struct uplink u;

	(void)state;
	greet(&u, 100);
	(void)uplink_sent(&u, UPLINK_FETCH, 100);
	assert_int_equal(uplink_next(&u, &needs, 100), UPLINK_PASS);
	ticket = uplink_sent(&u, UPLINK_PASS, 100);
	assert_int_equal(uplink_next(&u, &needs, 100), UPLINK_NOTHING);
	/* Refused: no reason to leave the relay. */
	assert_int_equal(uplink_answer(&u, ticket, ERR_COUNT, 101),
	    UPLINK_PASS);
	assert_int_equal(u.state, UPLINK_READY);
	(void)uplink_sent(&u, UPLINK_PASS, 102);
	assert_int_equal(uplink_next(&u, &needs, 102 + UPLINK_ANSWER_MS),
	    UPLINK_RECONNECT);
	assert_int_equal(u.slot[UPLINK_PASS].ticket, 0);
}

static void
new_cursors_fetch_again(void **state)
{
	struct uplink_needs needs = { .refetch = true };
	uint64_t old, new;
	struct uplink u;

	(void)state;
	greet(&u, 0);
	assert_int_equal(uplink_next(&u, &idle, 0), UPLINK_FETCH);
	old = uplink_sent(&u, UPLINK_FETCH, 0);
	assert_int_equal(uplink_next(&u, &needs, 1), UPLINK_FETCH);
	new = uplink_sent(&u, UPLINK_FETCH, 1);
	/* The older one's answer is nobody's any more. */
	assert_int_equal(uplink_answer(&u, old, ERR_OK, 2), UPLINK_NOTHING);
	assert_int_equal(uplink_answer(&u, new, ERR_OK, 2), UPLINK_FETCH);
}

static void
late_answers_reconnect(void **state)
{
	enum uplink_act act;
	struct uplink u;

	(void)state;
	for (act = UPLINK_KEYS; act <= UPLINK_PING; act++) {
		greet(&u, 0);
		(void)uplink_sent(&u, act, 0);
		assert_int_not_equal(uplink_next(&u, &idle,
		    UPLINK_ANSWER_MS - 1), UPLINK_RECONNECT);
		assert_int_equal(uplink_next(&u, &idle,
		    UPLINK_FETCH_MS + 1), UPLINK_RECONNECT);
		assert_int_equal(u.state, UPLINK_DOWN);
		assert_int_equal(uplink_next(&u, &busy,
		    UPLINK_FETCH_MS + 2), UPLINK_NOTHING);
	}
}

static void
a_refusal_pauses_longer_each_time(void **state)
{
	struct uplink u;
	int64_t now = 0, first;
	uint64_t ticket;

	(void)state;
	uplink_init(&u);
	uplink_link(&u, true, now);
	ticket = uplink_sent(&u, UPLINK_HELLO, now);
	assert_int_equal(uplink_answer(&u, ticket, ERR_NOT_ADMITTED, now),
	    UPLINK_HELLO);
	assert_int_equal(u.state, UPLINK_REFUSED);
	assert_int_equal(u.why, ERR_NOT_ADMITTED);
	first = u.retry_at - now;
	assert_int_equal(uplink_next(&u, &busy, now), UPLINK_NOTHING);
	assert_int_equal(uplink_due(&u, now), u.retry_at);
	now = u.retry_at;
	assert_int_equal(uplink_next(&u, &busy, now), UPLINK_HELLO);
	ticket = uplink_sent(&u, UPLINK_HELLO, now);
	(void)uplink_answer(&u, ticket, ERR_NOT_ADMITTED, now);
	assert_true(u.retry_at - now > first);
}

static void
busy_pauses_submit_alone(void **state)
{
	struct uplink u;
	uint64_t ticket;

	(void)state;
	greet(&u, 0);
	ticket = uplink_sent(&u, UPLINK_SUBMIT, 0);
	assert_int_equal(uplink_answer(&u, ticket, ERR_BUSY, 0),
	    UPLINK_SUBMIT);
	assert_int_equal(u.state, UPLINK_READY);
	assert_int_equal(uplink_next(&u, &(struct uplink_needs){
	    .submit = true }, 0), UPLINK_FETCH);
	(void)uplink_sent(&u, UPLINK_FETCH, 0);
	assert_int_equal(uplink_next(&u, &(struct uplink_needs){
	    .submit = true }, 0), UPLINK_NOTHING);
	assert_int_equal(uplink_next(&u, &(struct uplink_needs){
	    .submit = true }, UPLINK_RETRY_MS), UPLINK_SUBMIT);
}

static void
superseded_stands_back(void **state)
{
	struct uplink u;
	uint64_t ticket;

	(void)state;
	greet(&u, 0);
	ticket = uplink_sent(&u, UPLINK_FETCH, 0);
	(void)uplink_answer(&u, ticket, ERR_SUPERSEDED, 0);
	assert_int_equal(u.state, UPLINK_REFUSED);
}

/* From every state, every event leads to a named state and asks nothing
 * before its time. */
static void
every_state_takes_every_event(void **state)
{
	enum uplink_state s;
	struct uplink u;
	unsigned event;

	(void)state;
	for (s = UPLINK_DOWN; s <= UPLINK_READY; s++) {
		for (event = 0; event < 4; event++) {
			greet(&u, 0);
			u.state = s;
			switch (event) {
			case 0:
				uplink_link(&u, true, 5);
				assert_int_equal(u.state, UPLINK_GREETING);
				break;
			case 1:
				uplink_link(&u, false, 5);
				assert_int_equal(u.state, UPLINK_DOWN);
				break;
			case 2:
				uplink_greeted(&u);
				assert_int_equal(u.state,
				    s == UPLINK_GREETING ||
				    s == UPLINK_READY ? UPLINK_READY : s);
				break;
			default:
				uplink_refuse(&u, ERR_BLOCKED, 5);
				assert_int_equal(u.state,
				    s == UPLINK_DOWN ? UPLINK_DOWN :
				    UPLINK_REFUSED);
			}
			assert_non_null(uplink_state_name(u.state));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(acts_come_in_order),
		cmocka_unit_test(passes_are_asked_one_at_a_time),
		cmocka_unit_test(new_cursors_fetch_again),
		cmocka_unit_test(late_answers_reconnect),
		cmocka_unit_test(a_refusal_pauses_longer_each_time),
		cmocka_unit_test(busy_pauses_submit_alone),
		cmocka_unit_test(superseded_stands_back),
		cmocka_unit_test(every_state_takes_every_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
