/* Gaps, forks, older copies: what the book refuses and how it comes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/secret.h"
#include "keys/sign.h"
#include "proto/envelope.h"
#include "proto/label.h"
#include "proto/statement.h"
#include "two_agents.h"

#define BEAT_MS 300000

static size_t
received(const struct two_agents *two, int party)
{
	return two->party[party].desk.received;
}

static int64_t
alarms(struct two_agents *two, int party, enum err code)
{
	char sql[96];

	(void)snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM alarm WHERE code = %d", code);
	return two_number(two, party, sql);
}

static uint8_t
direction_of(const struct two_agents *two, int party)
{
	return memcmp(two->charter.party[0].root, sign_public(keyfile_signer(
	    two->party[party].root, KEYFILE_R)), KEY_BYTES) == 0 ? FROM_A :
	    FROM_B;
}

static void
say(struct two_agents *two, int party, const char *text)
{
	assert_int_equal(two_send(two, party, LANE_NOTICE, text), ERR_OK);
	two_pump(two);
}

/* The relay's newest run of a party on lane 0. */
static struct two_item *
newest_run(struct two_agents *two, int party)
{
	struct two_relay *r = &two->relay[0];
	size_t i;

	for (i = r->n; i-- > 0; )
		if (r->item[i].kind == ITEM_RUN && r->item[i].from == party)
			return &r->item[i];
	return NULL;
}

static void
a_gap_is_seen_asked_for_and_filled(void **state)
{
	struct two_agents *two = two_start(1);
	struct two_item *hidden;
	int64_t settled;

	(void)state;
	say(two, 0, "first");
	settled = two_number(two, 1, "SELECT settled FROM channel"
	    " WHERE own = 0 AND lane = 0");
	two_close(two, 1);
	say(two, 0, "withheld");
	hidden = newest_run(two, 0);
	hidden->hidden = true;
	say(two, 0, "after");
	two_open(two, 1);
	two_pump(two);
	/* An emergency's answer does not wait for what is missing. */
	assert_int_equal(received(two, 1), 2);
	assert_string_equal(two->party[1].desk.text[1], "after");
	assert_int_equal(two_number(two, 1, "SELECT settled FROM channel"
	    " WHERE own = 0 AND lane = 0"), settled);
	two_later(two, 2 * BEAT_MS + 2000);
	two_later(two, 2 * BEAT_MS + 2000);
	assert_int_equal(alarms(two, 1, ERR_GAP), 1);
	hidden->hidden = false;
	two_later(two, BEAT_MS + 2000);
	assert_int_equal(received(two, 1), 3);
	assert_string_equal(two->party[1].desk.text[2], "withheld");
	assert_true(two_number(two, 1, "SELECT settled FROM channel"
	    " WHERE own = 0 AND lane = 0") >= settled + 2);
	assert_int_equal(alarms(two, 1, ERR_GAP), 0);
	two_stop(two);
}

static void
a_gap_is_asked_for_at_once(void **state)
{
	struct two_agents *two = two_start(1);

	(void)state;
	say(two, 0, "first");
	two_close(two, 1);
	say(two, 0, "late");
	newest_run(two, 0)->late = true;
	say(two, 0, "after");
	two_open(two, 1);
	two_pump(two);
	assert_int_equal(received(two, 1), 3);
	assert_string_equal(two->party[1].desk.text[1], "after");
	assert_string_equal(two->party[1].desk.text[2], "late");
	assert_int_equal(alarms(two, 1, ERR_GAP), 0);
	two_stop(two);
}

static void
an_older_copy_refuses_and_adopts(void **state)
{
	struct two_agents *two = two_start(1);
	struct agent *agent;
	int64_t head;

	(void)state;
	say(two, 0, "one");
	two_close(two, 0);
	two_copy(two, 0, "old");
	two_open(two, 0);
	say(two, 0, "two");
	say(two, 0, "three");
	head = two_number(two, 0, "SELECT max(seq) FROM mail"
	    " WHERE own = 1 AND lane = 0");
	two_close(two, 0);
	two_restore(two, 0, "old", NULL);
	two_open(two, 0);
	two_pump(two);
	agent = two->party[0].agent;
	assert_int_equal(agent_health(agent), ERR_ROLLBACK);
	assert_int_equal(err_exit(agent_health(agent)), 9);
	assert_int_equal(two_send(two, 0, LANE_NOTICE, "no"), ERR_ROLLBACK);
	two_pump(two);
	/* It says so after a restart too, before it reached anybody. */
	two_close(two, 0);
	two_open(two, 0);
	agent = two->party[0].agent;
	assert_int_equal(agent_health(agent), ERR_ROLLBACK);
	assert_int_equal(agent_touch(agent), ERR_OK);
	assert_int_equal(agent_recover_adopt(agent), ERR_UNREACHABLE);
	two_pump(two);
	assert_int_equal(agent_touch(agent), ERR_OK);
	assert_int_equal(agent_recover_adopt(agent), ERR_OK);
	two_pump(two);
	assert_int_equal(agent_health(agent), ERR_OK);
	say(two, 0, "four");
	assert_int_equal(received(two, 1), 4);
	assert_string_equal(two->party[1].desk.text[3], "four");
	assert_int_equal(two->party[1].desk.seq[3], head + 1);
	assert_int_equal(alarms(two, 1, ERR_FORK), 0);
	assert_int_equal(alarms(two, 1, ERR_GAP), 0);
	say(two, 1, "and back");
	assert_int_equal(received(two, 0), 1);
	assert_int_equal(agent_health(agent), ERR_OK);
	two_stop(two);
}

/* A says two things under one number: its book is an older copy, and the
 * relay does not tell. */
static void
make_fork(struct two_agents *two)
{
	say(two, 0, "before");
	two_close(two, 0);
	two_copy(two, 0, "old");
	two_open(two, 0);
	two_close(two, 1);
	say(two, 0, "branch one");
	two_close(two, 0);
	two_restore(two, 0, "old", NULL);
	two->relay[0].blind = true;
	two_open(two, 0);
	say(two, 0, "branch two");
	two->relay[0].blind = false;
	two_open(two, 1);
	two_pump(two);
}

static void
a_fork_stops_the_channel_and_keeps_both(void **state)
{
	struct two_agents *two = two_start(1);

	(void)state;
	make_fork(two);
	assert_int_equal(alarms(two, 1, ERR_FORK), 1);
	assert_int_equal(agent_health(two->party[1].agent), ERR_FORK);
	assert_int_equal(received(two, 1), 2);
	assert_string_equal(two->party[1].desk.text[1], "branch one");
	assert_int_equal(two_number(two, 1,
	    "SELECT count(*) FROM mail WHERE state = 8"), 1);
	/* Stopped: what follows is set aside, not shown. */
	say(two, 0, "more");
	assert_int_equal(received(two, 1), 2);
	assert_true(two_number(two, 1, "SELECT count(*) FROM aside") > 0);
	two_stop(two);
}

static void
a_link_to_another_branch_is_a_fork(void **state)
{
	struct two_agents *two = two_start(1);

	(void)state;
	say(two, 0, "before");
	two_close(two, 0);
	two_copy(two, 0, "old");
	two_open(two, 0);
	say(two, 0, "branch one");
	two_close(two, 0);
	two_restore(two, 0, "old", NULL);
	two_close(two, 1);
	two->relay[0].blind = true;
	two_open(two, 0);
	say(two, 0, "branch two");
	/* Its first never shows; the next one gives it away. */
	newest_run(two, 0)->hidden = true;
	say(two, 0, "branch two goes on");
	two->relay[0].blind = false;
	two_open(two, 1);
	two_pump(two);
	assert_int_equal(alarms(two, 1, ERR_FORK), 1);
	assert_int_equal(agent_health(two->party[1].agent), ERR_FORK);
	assert_int_equal(received(two, 1), 2);
	two_stop(two);
}

static void
recovery(struct two_agents *two, uint64_t old_seq, const struct hash *old,
    uint64_t next_seq, uint8_t *entry)
{
	struct statement_recovery r = {
		.pair_id = two->pair_id,
		.direction = direction_of(two, 0),
		.incarnation = { 9, 9 },
		.reason = 1,
	};
	const struct sign_key *root = keyfile_signer(two->party[0].root,
	    KEYFILE_R);

	r.kid = *sign_kid(root);
	r.lane[0].old_seq = old_seq;
	r.lane[0].old_env = *old;
	r.lane[0].next_seq = next_seq;
	r.lane[1].next_seq = 1;
	r.lane[2].next_seq = 1;
	statement_recovery_encode(entry, &r);
	must(sign_labelled(root, LABEL_RECOVERY, entry,
	    RECOVERY_STATEMENT_BYTES, entry + RECOVERY_STATEMENT_BYTES) ==
	    ERR_OK);
}

static void
only_the_root_mends_a_fork(void **state)
{
	struct two_agents *two = two_start(1);
	uint8_t entry[RECOVERY_STATEMENT_BYTES + SIG_BYTES];
	struct agent *agent;
	struct hash branch;
	int64_t seq;

	(void)state;
	make_fork(two);
	agent = two->party[0].agent;
	branch = two->party[0].desk.sealed;
	seq = two_number(two, 0,
	    "SELECT max(seq) FROM mail WHERE own = 1 AND lane = 0");
	recovery(two, (uint64_t)seq, &branch, (uint64_t)seq + 3, entry);
	/* A changed statement is no statement. */
	entry[40] ^= 1;
	assert_int_equal(agent_touch(agent), ERR_OK);
	assert_int_not_equal(agent_recover_statement(agent,
	    (struct view){ entry, sizeof(entry) }), ERR_OK);
	entry[40] ^= 1;
	assert_int_equal(agent_recover_statement(agent,
	    (struct view){ entry, sizeof(entry) }), ERR_OK);
	two_pump(two);
	say(two, 0, "mended");
	assert_int_equal(agent_health(two->party[1].agent), ERR_OK);
	assert_string_equal(two->party[1].desk.text[
	    received(two, 1) - 1], "mended");
	assert_true(two->party[1].desk.seq[received(two, 1) - 1] >=
	    (uint64_t)seq + 3);
	/* The other branch stays on record as said. */
	assert_int_equal(two_number(two, 1,
	    "SELECT count(*) FROM mail WHERE state = 8"), 1);
	assert_true(two_number(two, 1, "SELECT settled FROM channel"
	    " WHERE own = 0 AND lane = 0") >= seq + 3);
	assert_int_equal(two_number(two, 1, "SELECT count(*) FROM aside"), 0);
	two_stop(two);
}

static void
a_replay_is_nothing_new(void **state)
{
	struct two_agents *two = two_start(1);
	int64_t rows;

	(void)state;
	say(two, 0, "once");
	rows = two_number(two, 1, "SELECT count(*) FROM mail");
	assert_int_equal(agent_touch(two->party[1].agent), ERR_OK);
	assert_int_equal(two_number(two, 1,
	    "DELETE FROM cursor RETURNING 1"), 1);
	two_pump(two);
	two_close(two, 1);
	two_open(two, 1);
	two_pump(two);
	assert_int_equal(received(two, 1), 1);
	assert_int_equal(two_number(two, 1, "SELECT count(*) FROM mail"),
	    rows);
	two_stop(two);
}

static void
a_log_that_grows_is_joined(void **state)
{
	struct two_agents *two = two_start(1);

	(void)state;
	say(two, 0, "one");
	two_later(two, 11000);
	say(two, 0, "two");
	two_later(two, 11000);
	assert_true(two->relay[0].joins >= 2);
	assert_int_equal(two_number(two, 0, "SELECT count(*) FROM log"
	    " WHERE joined_size > 0 AND size > 0"), 1);
	assert_int_equal(alarms(two, 0, ERR_LOG_SPLIT), 0);
	two_stop(two);
}

static void
a_log_that_was_rewritten_gets_nothing(void **state)
{
	struct two_agents *two = two_start(1);
	size_t submits;

	(void)state;
	say(two, 0, "one");
	two_later(two, 11000);
	two->relay[0].item[0].leaf.b[0] ^= 1;
	say(two, 0, "two");
	two_later(two, 11000);
	assert_int_equal(alarms(two, 0, ERR_LOG_SPLIT), 1);
	submits = two->relay[0].submits;
	say(two, 0, "three");
	assert_int_equal(two->relay[0].submits, submits);
	two_stop(two);
}

static void
a_log_that_went_back_gets_nothing(void **state)
{
	struct two_agents *two = two_start(1);
	size_t submits;

	(void)state;
	say(two, 0, "one");
	two->relay[0].item[two->relay[0].n - 1].leaf.b[0] ^= 1;
	two_close(two, 0);
	two_open(two, 0);
	two_pump(two);
	assert_int_equal(alarms(two, 0, ERR_LOG_SPLIT), 1);
	submits = two->relay[0].submits;
	say(two, 0, "two");
	assert_int_equal(two->relay[0].submits, submits);
	two_stop(two);
}

static void
a_relay_that_joins_nothing_is_left(void **state)
{
	struct two_agents *two = two_start(1);
	int i;

	(void)state;
	two->relay[0].mute = true;
	say(two, 0, "grows");
	for (i = 0; i < 40; i++)
		two_later(two, 10000);
	assert_int_equal(alarms(two, 0, ERR_LOG_SPLIT), 1);
	two_stop(two);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_gap_is_seen_asked_for_and_filled),
		cmocka_unit_test(a_gap_is_asked_for_at_once),
		cmocka_unit_test(an_older_copy_refuses_and_adopts),
		cmocka_unit_test(a_fork_stops_the_channel_and_keeps_both),
		cmocka_unit_test(a_link_to_another_branch_is_a_fork),
		cmocka_unit_test(only_the_root_mends_a_fork),
		cmocka_unit_test(a_replay_is_nothing_new),
		cmocka_unit_test(a_log_that_grows_is_joined),
		cmocka_unit_test(a_log_that_was_rewritten_gets_nothing),
		cmocka_unit_test(a_log_that_went_back_gets_nothing),
		cmocka_unit_test(a_relay_that_joins_nothing_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
