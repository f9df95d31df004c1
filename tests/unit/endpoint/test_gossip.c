/* What the peer says it saw of a relay's log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "endpoint/agent_priv.h"
#include "endpoint/relays.h"
#include "mischief.h"

static int64_t
pending(struct two_agents *two, int party)
{
	return two_number(two, party, "SELECT count(*) FROM gossip");
}

static void
what_the_peer_saw_is_joined(void **state)
{
	struct two_agents *two = two_start(1);
	size_t joins;

	(void)state;
	mischief_talk(two);
	mischief_looks(two);
	two->relay[0].mute = true;
	mischief_talk(two);
	assert_int_equal(pending(two, 0), 1);
	two->relay[0].mute = false;
	joins = two->relay[0].joins;
	mischief_looks(two);
	assert_true(two->relay[0].joins > joins);
	assert_int_equal(pending(two, 0), 0);
	assert_int_equal(mischief_alarms(two, 0, ERR_LOG_SPLIT), 0);
	two_stop(two);
}

/* The peer was shown another log (or says so): the pair leaves the relay,
 * which others may go on using. */
static void
another_log_for_the_peer_is_found(void **state)
{
	struct two_agents *two = two_start(1);
	size_t submits;

	(void)state;
	mischief_talk(two);
	mischief_looks(two);
	mischief_peering(two, 1)->newest.root.b[0] ^= 1;
	mischief_say(two, 1, "what do you see?");
	mischief_looks(two);
	assert_int_equal(mischief_received(two, 0), 2);
	assert_int_equal(mischief_alarms(two, 0, ERR_LOG_SPLIT), 1);
	assert_false(two->party[0].agent->relay[0].split);
	submits = two->relay[0].submits;
	mischief_say(two, 0, "not there");
	mischief_looks(two);
	assert_int_equal(two->relay[0].submits, submits);
	two_stop(two);
}

/* What it quotes is larger than where its own run then stands. */
static void
a_quote_from_ahead_is_found_at_once(void **state)
{
	struct two_agents *two = two_start(1);

	(void)state;
	mischief_talk(two);
	mischief_looks(two);
	mischief_peering(two, 1)->newest.size += 100;
	mischief_say(two, 1, "of a log that is ahead of yours");
	assert_int_equal(mischief_received(two, 0), 2);
	assert_int_equal(mischief_alarms(two, 0, ERR_LOG_SPLIT), 1);
	assert_int_equal(two_number(two, 0, "SELECT parted FROM gossip"), 1);
	assert_false(two->party[0].agent->relay[0].split);
	two_stop(two);
}

/* Of what it never proves, no later than a heartbeat interval. */
static void
a_quote_never_joined_is_an_alarm(void **state)
{
	struct two_agents *two = two_start(1);
	struct run_seen *quote;
	int i;

	(void)state;
	mischief_talk(two);
	mischief_looks(two);
	quote = &mischief_peering(two, 1)->newest;
	two->relay[0].mute_from = --quote->size;
	mischief_say(two, 1, "of a size nobody joins");
	for (i = 0; i < 28; i++)
		two_later(two, MISCHIEF_LOOK_MS);
	assert_int_equal(mischief_alarms(two, 0, ERR_LOG_SPLIT), 0);
	for (i = 0; i < 4; i++)
		two_later(two, MISCHIEF_LOOK_MS);
	assert_int_equal(two_number(two, 0, "SELECT count(*) FROM alarm"
	    " WHERE pair > 0 AND code = 152"), 1);
	assert_false(two->party[0].agent->relay[0].split);
	/* It is asked again, and still not proved, after a new start. */
	assert_int_equal(two_number(two, 0, "SELECT parted FROM gossip"), 1);
	two_close(two, 0);
	two_open(two, 0);
	assert_int_equal(two_number(two, 0, "SELECT parted FROM gossip"), 0);
	two->relay[0].mute_from = 0;
	two_pump(two);
	mischief_looks(two);
	assert_int_equal(two_number(two, 0, "SELECT parted FROM gossip"), 1);
	two_stop(two);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_peer_saw_is_joined),
		cmocka_unit_test(another_log_for_the_peer_is_found),
		cmocka_unit_test(a_quote_from_ahead_is_found_at_once),
		cmocka_unit_test(a_quote_never_joined_is_an_alarm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
