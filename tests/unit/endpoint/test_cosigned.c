/* What witnesses say of a relay's log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "audit/judge.h"
#include "base/file.h"
#include "endpoint/agent_priv.h"
#include "endpoint/export.h"
#include "endpoint/export_open.h"
#include "endpoint/relays.h"
#include "endpoint/timebound.h"
#include "mischief.h"

#define T0 1800000100u		/* seconds, a witness's clock */

/* The mail row of a party's n-th message (or the peer's). */
static int64_t
mail_of(struct two_agents *two, int party, bool own, uint64_t seq)
{
	char sql[128];

	(void)snprintf(sql, sizeof(sql), "SELECT id FROM mail WHERE"
	    " own = %d AND lane = 0 AND seq = %llu", own,
	    (unsigned long long)seq);
	return two_number(two, party, sql);
}

static struct timebound
bound(struct two_agents *two, int party, bool own, uint64_t seq)
{
	struct timebound out;

	assert_int_equal(timebound_of(two->party[party].agent,
	    mail_of(two, party, own, seq), &out), ERR_OK);
	return out;
}

static uint64_t
newest(struct two_agents *two, int party)
{
	return mischief_peering(two, party)->own[LANE_NOTICE].seq;
}

static struct relay *
relay_of(struct two_agents *two, int party)
{
	return &two->party[party].agent->relay[0];
}

/* Items of the first size leaves that are not proved in a cosigned tree. */
static int64_t
lacking(struct two_agents *two, int party, size_t size)
{
	char sql[128];

	(void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM evidence"
	    " WHERE cosigned = 0 AND idx >= 0 AND idx < %zu", size);
	return two_number(two, party, sql);
}

static void
nobody_is_asked_without_witnesses(void **state)
{
	struct two_agents *two = two_start(1);

	(void)state;
	mischief_talk(two);
	mischief_looks(two);
	assert_int_equal(two->relay[0].cosigned_asks, 0);
	assert_false(bound(two, 0, true, newest(two, 0)).witnessed);
	two_stop(two);
}

static void
a_witness_bounds_both_sides(void **state)
{
	struct two_agents *two = two_start_witnessed(1, 1);
	size_t size, asks;
	uint64_t seq;
	int i;

	(void)state;
	mischief_talk(two);
	mischief_looks(two);
	seq = newest(two, 0);
	assert_true(bound(two, 0, true, seq).witnessed);
	assert_int_equal(bound(two, 0, true, seq).before_at, 0);
	size = two->relay[0].n;
	two_cosign(two, 0, size, T0);
	mischief_looks(two);
	for (i = 0; i < 2; i++) {
		assert_int_equal(lacking(two, i, size), 0);
		assert_int_equal(bound(two, i, i == 0, seq).before_at,
		    (int64_t)T0 * 1000);
	}
	/* Nothing waits for a witness any more: nobody is asked. */
	asks = two->relay[0].cosigned_asks;
	mischief_looks(two);
	assert_int_equal(two->relay[0].cosigned_asks, asks);
	/* What is said now was said after it, as both can tell. */
	mischief_talk(two);
	seq = newest(two, 0);
	assert_int_equal(bound(two, 0, true, seq).after_at,
	    (int64_t)T0 * 1000);
	assert_int_equal(bound(two, 1, false, seq).after_at,
	    (int64_t)T0 * 1000);
	assert_int_equal(bound(two, 1, false, seq).before_at, 0);
	assert_int_equal(mischief_alarms(two, 0, ERR_LOG_SPLIT), 0);
	assert_int_equal(mischief_alarms(two, 0, ERR_PROOF), 0);
	two_stop(two);
}

/* A line that only the peer has, when its run comes: looked up at once, for
 * soon the relay has a newer one and no more this. */
static void
a_quote_is_followed(void **state)
{
	struct two_agents *two = two_start_witnessed(1, 1);
	size_t old, size;
	uint64_t seq;

	(void)state;
	mischief_talk(two);
	old = two->relay[0].n;
	two_cosign(two, 0, old, T0);
	mischief_looks(two);
	two_close(two, 1);
	mischief_say(two, 0, "more");
	size = two->relay[0].n;
	two_cosign(two, 0, size, T0 + 60);
	mischief_looks(two);
	two_cosign(two, 0, old, T0);
	two_open(two, 1);
	two_pump(two);
	two_cosign(two, 0, size, T0 + 60);
	mischief_say(two, 0, "quotes what 1 has not seen");
	seq = newest(two, 0);
	two_cosign(two, 0, two->relay[0].n, T0 + 120);
	mischief_looks(two);
	assert_int_equal(bound(two, 1, false, seq).after_at,
	    (int64_t)(T0 + 60) * 1000);
	assert_int_equal(bound(two, 1, false, seq).before_at,
	    (int64_t)(T0 + 120) * 1000);
	two_stop(two);
}

/* Export the pair and judge it: how many messages are bounded. */
static size_t
judged_bounded(struct two_agents *two, int party, size_t *joins)
{
	struct judge_pin pin = { .kind = JUDGE_BY_ID, .id = two->pair_id };
	struct export_choice choice = { .level = BUNDLE_SEALED };
	struct agent *agent = two->party[party].agent;
	struct buf zip = buf_init(BUNDLE_MAX);
	struct bundle_fault fault;
	const char *wrong = NULL;
	struct bundle *b;
	struct judge *j;
	char path[600];
	size_t n;

	(void)snprintf(path, sizeof(path), "%s/b.zip", two->dir);
	assert_int_equal(export_bundle(agent, pairs_at(agent_pairs(agent), 0),
	    &choice, path, NULL, &wrong), ERR_OK);
	assert_int_equal(file_load(path, BUNDLE_MAX, &zip), ERR_OK);
	assert_int_equal(remove(path), 0);
	assert_int_equal(bundle_read(&b, buf_view(&zip), &fault), ERR_OK);
	bundle_adopt(b, &zip);
	*joins = bundle_joins(b);
	assert_int_equal(judge_bundle(&j, b, &pin), ERR_OK);
	assert_int_equal(judge_verdict(j), JUDGE_VERIFIED);
	n = judge_tally(j)->bounded;
	judge_free(j);
	bundle_free(b);
	return n;
}

static void
a_quorum_may_sign_two_sizes(void **state)
{
	struct two_agents *two = two_start_witnessed(2, 2);
	size_t size, joins;
	uint64_t seq;
	int i;

	(void)state;
	mischief_talk(two);
	seq = newest(two, 0);
	size = two->relay[0].n;
	two_cosign(two, 0, size, T0);
	mischief_looks(two);
	assert_int_equal(lacking(two, 0, size), 0);
	assert_int_equal(bound(two, 0, true, seq).before_at, 0);
	assert_int_equal(judged_bounded(two, 0, &joins), 0);
	mischief_talk(two);
	assert_true(two->relay[0].n > size);
	two_cosign(two, 1, two->relay[0].n, T0 + 7);
	mischief_looks(two);
	for (i = 0; i < 2; i++) {
		assert_int_equal(bound(two, i, i == 0, seq).before_at,
		    (int64_t)(T0 + 7) * 1000);
		assert_true(judged_bounded(two, i, &joins) > 0);
		assert_int_equal(joins, 1);
	}
	/* The newer ones still wait for the first. */
	assert_int_equal(bound(two, 0, true, newest(two, 0)).before_at, 0);
	two_stop(two);
}

/* A second witness's tree between two of the first: joined to both, or an
 * auditor could not tell that it is no other log above the lower. */
static void
a_tree_in_between_is_joined_both_ways(void **state)
{
	struct two_agents *two = two_start_witnessed(2, 2);
	size_t mid, joins;
	uint64_t seq;

	(void)state;
	mischief_talk(two);
	two_cosign(two, 0, two->relay[0].n, T0);
	mischief_looks(two);
	mischief_talk(two);
	seq = newest(two, 0);
	mid = two->relay[0].n;
	mischief_talk(two);
	two_cosign(two, 0, two->relay[0].n, T0 + 9);
	mischief_looks(two);
	assert_int_equal(judged_bounded(two, 0, &joins), 0);
	assert_int_equal(joins, 1);
	two_cosign(two, 1, mid, T0 + 5);
	mischief_looks(two);
	assert_int_equal(bound(two, 0, true, seq).before_at,
	    (int64_t)(T0 + 9) * 1000);
	assert_int_equal(judged_bounded(two, 0, &joins),
	    two_number(two, 0, "SELECT count(*) FROM mail WHERE seq > 0") -
	    2);
	assert_int_equal(joins, 3);
	two_stop(two);
}

/* More than one question holds: all that waited is proved all the same. */
static void
a_backlog_is_proved_in_batches(void **state)
{
	struct two_agents *two = two_start_witnessed(1, 1);
	size_t size, i;

	(void)state;
	for (i = 0; i < 150; i++)
		mischief_talk(two);
	size = two->relay[0].n;
	assert_true(lacking(two, 0, size) > FRAME_PATHS_MAX);
	two_cosign(two, 0, size, T0);
	mischief_looks(two);
	assert_int_equal(lacking(two, 0, size), 0);
	assert_int_equal(lacking(two, 1, size), 0);
	two_stop(two);
}

static void
a_bound_survives_a_restart(void **state)
{
	struct two_agents *two = two_start_witnessed(1, 1);
	uint64_t seq;

	(void)state;
	mischief_talk(two);
	two_cosign(two, 0, two->relay[0].n, T0);
	mischief_looks(two);
	two_close(two, 0);
	two_open(two, 0);
	two_pump(two);
	mischief_say(two, 0, "after");
	seq = newest(two, 0);
	assert_int_equal(bound(two, 0, true, seq).after_at,
	    (int64_t)T0 * 1000);
	two_stop(two);
}

static void
rubbish_is_no_alarm_and_no_bound(void **state)
{
	struct two_agents *two = two_start_witnessed(1, 1);
	struct buf *note = &two->relay[0].cosigned[0];
	uint64_t seq;

	(void)state;
	mischief_talk(two);
	seq = newest(two, 0);
	two_cosign(two, 0, two->relay[0].n, T0);
	/* Another's line, base64 all the same. */
	note->p[note->len - 8] = note->p[note->len - 8] == 'A' ? 'B' : 'A';
	mischief_looks(two);
	assert_int_equal(bound(two, 0, true, seq).before_at, 0);
	buf_reset(note);
	buf_put(note, "what a stranger sent\n", 21);
	mischief_looks(two);
	assert_int_equal(bound(two, 0, true, seq).before_at, 0);
	assert_int_equal(mischief_alarms(two, 0, ERR_LOG_SPLIT), 0);
	assert_false(relay_of(two, 0)->split);
	two_cosign(two, 0, two->relay[0].n, T0 + 1);
	mischief_looks(two);
	assert_int_equal(bound(two, 0, true, seq).before_at,
	    (int64_t)(T0 + 1) * 1000);
	two_stop(two);
}

static void
a_wrong_path_changes_nothing(void **state)
{
	struct two_agents *two = two_start_witnessed(1, 1);
	size_t size;

	(void)state;
	mischief_talk(two);
	size = two->relay[0].n;
	two_cosign(two, 0, size, T0);
	two->relay[0].rubbish = true;
	mischief_looks(two);
	assert_true(lacking(two, 0, size) > 0);
	assert_int_equal(mischief_alarms(two, 0, ERR_PROOF), 1);
	two->relay[0].rubbish = false;
	mischief_looks(two);
	assert_int_equal(lacking(two, 0, size), 0);
	two_stop(two);
}

/* The relay's log, once, with another first entry. */
static void
cosign_another_log(struct two_agents *two, unsigned witness, size_t size)
{
	struct two_item *first = &two->relay[0].item[1];

	first->leaf.b[0] ^= 1;
	two_cosign(two, witness, size, T0);
	first->leaf.b[0] ^= 1;
}

/* Both notes and the relay's own path, for others. */
static void
proof_is_kept(struct two_agents *two, int party)
{
	static const char *const parts[] = { "checkpoint.held",
		"checkpoint.shown", "path" };
	char cmd[800];
	size_t i;

	for (i = 0; i < 3; i++) {
		(void)snprintf(cmd, sizeof(cmd),
		    "test -s '%s'/proofs/split-*/%s",
		    two->party[party].home, parts[i]);
		assert_int_equal(system(cmd), 0);
	}
}

static void
a_log_for_witnesses_alone_is_a_split(void **state)
{
	struct two_agents *two = two_start_witnessed(1, 1);
	size_t submits, size;

	(void)state;
	mischief_talk(two);
	size = two->relay[0].n;
	mischief_talk(two);
	cosign_another_log(two, 0, size);
	mischief_looks(two);
	assert_int_equal(mischief_alarms(two, 0, ERR_LOG_SPLIT), 1);
	assert_true(relay_of(two, 0)->split);
	proof_is_kept(two, 0);
	submits = two->relay[0].submits;
	mischief_say(two, 0, "not there");
	assert_int_equal(two->relay[0].submits, submits);
	two_stop(two);
}

static void
another_root_of_our_very_size_is_a_split(void **state)
{
	struct two_agents *two = two_start_witnessed(1, 1);

	(void)state;
	mischief_talk(two);
	cosign_another_log(two, 0, two->relay[0].n);
	mischief_looks(two);
	assert_int_equal(mischief_alarms(two, 0, ERR_LOG_SPLIT), 1);
	two_stop(two);
}

/* Two witnesses, one size, two roots: the second bounds nothing. */
static void
two_witnesses_two_logs_is_a_split(void **state)
{
	struct two_agents *two = two_start_witnessed(2, 2);
	uint64_t seq;
	size_t size;

	(void)state;
	mischief_talk(two);
	seq = newest(two, 0);
	size = two->relay[0].n;
	two_cosign(two, 0, size, T0);
	mischief_looks(two);
	mischief_talk(two);
	mischief_looks(two);
	assert_true(relay_of(two, 0)->log.joined_size > size);
	cosign_another_log(two, 1, size);
	mischief_looks(two);
	assert_int_equal(mischief_alarms(two, 0, ERR_LOG_SPLIT), 1);
	assert_int_equal(bound(two, 0, true, seq).before_at, 0);
	assert_int_equal(two_number(two, 0, "SELECT count(*) FROM cosigned"),
	    1);
	two_stop(two);
}

/* Ten intervals without a line, where the charter wants some: a hint. */
static void
long_silence_is_told(void **state)
{
	struct two_agents *two = two_start_witnessed(1, 1);
	struct agent *agent = two->party[0].agent;
	const struct pair *pair = agent_pair(agent, &two->pair_id);
	int64_t beats = (int64_t)10 * 300 * 1000, from;

	(void)state;
	from = (int64_t)pair->charter->from_at;
	assert_false(cosigned_missing(agent, pair, from + beats));
	assert_true(cosigned_missing(agent, pair, from + beats + 1));
	mischief_talk(two);
	two_cosign(two, 0, two->relay[0].n, T0);
	mischief_looks(two);
	assert_int_equal(cosigned_newest(agent, pair), (int64_t)T0 * 1000);
	assert_false(cosigned_missing(agent, pair, from + beats + 1));
	assert_true(cosigned_missing(agent, pair,
	    (int64_t)T0 * 1000 + beats + 1));
	two_stop(two);
}

/* A relay whose clock stands still holds no courier's day back. */
static void
a_witness_tells_the_time_too(void **state)
{
	struct two_agents *two = two_start_witnessed(1, 1);
	struct agent *agent = two->party[0].agent;
	const struct pair *pair = agent_pair(agent, &two->pair_id);
	const int64_t at = (int64_t)T0 * 1000;

	(void)state;
	relay_of(two, 0)->server_time_at = at - 1;
	assert_int_equal(cosigned_seen_at(agent, pair), at - 1);
	mischief_talk(two);
	two_cosign(two, 0, two->relay[0].n, T0);
	mischief_looks(two);
	relay_of(two, 0)->server_time_at = at - 1;
	assert_int_equal(cosigned_seen_at(agent, pair), at);
	relay_of(two, 0)->server_time_at = at + 1;
	assert_int_equal(cosigned_seen_at(agent, pair), at + 1);
	two_stop(two);
}

/* One of the two goes on: the quorum does not. */
static void
half_a_quorum_is_told_too(void **state)
{
	struct two_agents *two = two_start_witnessed(2, 2);
	struct agent *agent = two->party[0].agent;
	const struct pair *pair = agent_pair(agent, &two->pair_id);
	int64_t beats = (int64_t)10 * 300 * 1000;
	int64_t late = (int64_t)T0 * 1000 + beats + 1;

	(void)state;
	mischief_talk(two);
	two_cosign(two, 0, two->relay[0].n, T0);
	two_cosign(two, 1, two->relay[0].n, T0);
	mischief_looks(two);
	assert_false(cosigned_missing(agent, pair, late - 1));
	mischief_talk(two);
	two_cosign(two, 0, two->relay[0].n, T0 + 100);
	mischief_looks(two);
	assert_int_equal(cosigned_newest(agent, pair),
	    (int64_t)(T0 + 100) * 1000);
	assert_true(cosigned_missing(agent, pair, late));
	two_stop(two);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_is_asked_without_witnesses),
		cmocka_unit_test(a_witness_bounds_both_sides),
		cmocka_unit_test(a_quote_is_followed),
		cmocka_unit_test(a_quorum_may_sign_two_sizes),
		cmocka_unit_test(a_tree_in_between_is_joined_both_ways),
		cmocka_unit_test(a_backlog_is_proved_in_batches),
		cmocka_unit_test(a_bound_survives_a_restart),
		cmocka_unit_test(rubbish_is_no_alarm_and_no_bound),
		cmocka_unit_test(a_wrong_path_changes_nothing),
		cmocka_unit_test(a_log_for_witnesses_alone_is_a_split),
		cmocka_unit_test(another_root_of_our_very_size_is_a_split),
		cmocka_unit_test(two_witnesses_two_logs_is_a_split),
		cmocka_unit_test(long_silence_is_told),
		cmocka_unit_test(a_witness_tells_the_time_too),
		cmocka_unit_test(half_a_quorum_is_told_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
