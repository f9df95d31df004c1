/* What a relay keeps back: content, news of expiry, heads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "endpoint/agent_priv.h"
#include "keys/pubkey.h"
#include "keys/sign.h"
#include "proto/envelope.h"
#include "proto/label.h"
#include "proto/receipt.h"
#include "proto/statement.h"
#include "mischief.h"

#define HOUR_MS 3600000
#define EXPIRED_STATE 6		/* enum mail_state */
#define UNDECRYPTABLE_STATE 5
#define DELIVERED_STATE 4

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

/* The relay says `expired` of the newest own message of party 0. */
static void
log_expired(struct two_agents *two, uint64_t seq, const struct hash *env)
{
	struct two_relay *relay = &two->relay[0];
	const struct sign_key *key = keyfile_signer(relay->keys, KEYFILE_S);
	uint8_t bytes[RECEIPT_BYTES + SIG_BYTES];
	struct receipt r = { .event = RECEIPT_EXPIRED, .reason = ERR_EXPIRED,
		.first_seq = seq, .last_seq = seq, .env_id = *env };

	r.kid = *sign_kid(key);
	r.channel = mischief_peering(two, 0)->p.own_channel[LANE_NOTICE];
	r.log_id = pubkey_log_id(sign_public(keyfile_signer(relay->keys,
	    KEYFILE_LOG)));
	r.time_at = (uint64_t)two->fake.wall_ms;
	receipt_encode(bytes, &r);
	must(sign_labelled(key, LABEL_RECEIPT, bytes, RECEIPT_BYTES,
	    bytes + RECEIPT_BYTES) == ERR_OK);
	mischief_log(two, -1, &r.channel, bytes, sizeof(bytes));
	two_pump(two);
}

static int64_t
state_of(struct two_agents *two, uint64_t seq)
{
	char sql[128];

	(void)snprintf(sql, sizeof(sql), "SELECT state FROM mail"
	    " WHERE own = 1 AND lane = 0 AND seq = %llu",
	    (unsigned long long)seq);
	return two_number(two, 0, sql);
}

/* The relay keeps of an item what it keeps of what lapsed. */
static void
prune(struct two_item *item)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct buf bare = buf_init(RUN_CONTAINER_MAX);
	struct run run;

	must(run_decode(&run, RUN_FULL, buf_view(&item->bytes), &arena) ==
	    ERR_OK);
	must(run_encode_bare(&bare, &run) == ERR_OK);
	item->kind = ITEM_BARE;
	buf_reset(&item->bytes);
	buf_put(&item->bytes, bare.p, bare.len);
	arena_free(&arena);
	buf_free(&bare);
}

/* A message that lapses at the relay while party 1 is away. */
static struct two_agents *
expire_one(uint64_t *seq, struct hash *env)
{
	struct two_agents *two = two_start(1);

	mischief_say(two, 0, "in time");
	assert_int_equal(state_of(two, mischief_peering(two, 0)->own[0].seq),
	    DELIVERED_STATE);
	two_close(two, 1);
	mischief_say(two, 0, "late");
	*seq = mischief_peering(two, 0)->own[0].seq;
	*env = mischief_peering(two, 0)->own[0].env;
	prune(newest_run(two, 0));
	clock_advance(&two->fake, (int64_t)31 * 24 * HOUR_MS);
	return two;
}

static void
an_ack_does_not_deliver_what_expired(void **state)
{
	struct two_agents *two;
	struct hash env;
	uint64_t seq;

	(void)state;
	two = expire_one(&seq, &env);
	log_expired(two, seq, &env);
	assert_int_equal(state_of(two, seq), EXPIRED_STATE);
	two_open(two, 1);
	two_pump(two);
	mischief_say(two, 1, "back again");
	assert_true(mischief_peering(two, 0)->own[0].acked >= seq);
	assert_int_equal(state_of(two, seq), EXPIRED_STATE);
	assert_int_equal(state_of(two, seq - 1), DELIVERED_STATE);
	two_stop(two);
}

static void
what_no_relay_calls_expired_is_said_again(void **state)
{
	struct two_agents *two;
	struct hash env;
	uint64_t seq;

	(void)state;
	two = expire_one(&seq, &env);
	two_open(two, 1);
	two_pump(two);
	assert_int_equal(state_of(two, seq), UNDECRYPTABLE_STATE);
	assert_int_equal(mischief_received(two, 1), 2);
	assert_string_equal(two->party[1].desk.text[1], "late");
	assert_true(hash_eq(&two->party[1].desk.again[1], &env));
	two_stop(two);
}

static void
a_delivered_message_cannot_expire(void **state)
{
	struct two_agents *two = two_start(1);
	struct hash env;
	uint64_t seq;

	(void)state;
	mischief_say(two, 0, "in time");
	seq = mischief_peering(two, 0)->own[0].seq;
	env = mischief_peering(two, 0)->own[0].env;
	log_expired(two, seq, &env);
	assert_int_equal(state_of(two, seq), DELIVERED_STATE);
	two_stop(two);
}

static void
content_withheld_before_its_time_is_a_gap(void **state)
{
	struct two_agents *two = two_start(1);
	struct two_item *item;
	struct buf full = buf_init(RUN_CONTAINER_MAX);
	uint64_t seq;

	(void)state;
	mischief_say(two, 0, "first");
	two_close(two, 1);
	mischief_say(two, 0, "withheld");
	seq = mischief_peering(two, 0)->own[0].seq;
	item = newest_run(two, 0);
	buf_put(&full, item->bytes.p, item->bytes.len);
	prune(item);
	mischief_say(two, 0, "after");
	two_open(two, 1);
	two_pump(two);
	assert_string_equal(two->party[1].desk.text[1], "after");
	assert_true(mischief_peering(two, 1)->peer[0].settled < seq);
	assert_int_equal(mischief_alarms(two, 1, ERR_EXPIRED), 1);
	item->kind = ITEM_RUN;
	buf_reset(&item->bytes);
	buf_put(&item->bytes, full.p, full.len);
	buf_free(&full);
	two_later(two, 302000);
	assert_int_equal(mischief_received(two, 1), 3);
	assert_string_equal(two->party[1].desk.text[2], "withheld");
	assert_true(mischief_peering(two, 1)->peer[0].settled > seq);
	two_stop(two);
}

/* Party 0 runs an older copy of its book; the relay that could tell is down
 * at first, the other knows of nothing. */
static struct two_agents *
start_older(void)
{
	struct two_agents *two = two_start(2);

	mischief_say(two, 0, "one");
	two_close(two, 0);
	two_copy(two, 0, "old");
	two_open(two, 0);
	two_pump(two);
	mischief_say(two, 0, "two");
	two_close(two, 0);
	two_restore(two, 0, "old", NULL);
	two_relay_down(two, 0, true);
	assert_int_equal(two->relay[1].submits, 0);
	two_open(two, 0);
	two_pump(two);
	mischief_say(two, 0, "said twice");
	return two;
}

static void
a_relay_slower_to_answer_still_tells(void **state)
{
	struct two_agents *two = start_older();

	(void)state;
	assert_int_equal(two->relay[1].submits, 0);
	two_relay_down(two, 0, false);
	two_later(two, 3000);
	assert_int_equal(agent_health(two->party[0].agent), ERR_ROLLBACK);
	two_later(two, 20000);
	assert_int_equal(two->relay[1].submits, 0);
	assert_int_equal(mischief_alarms(two, 1, ERR_FORK), 0);
	two_stop(two);
}

static void
a_relay_that_is_down_holds_nobody_up(void **state)
{
	struct two_agents *two = two_start(2);

	(void)state;
	two_close(two, 0);
	two_relay_down(two, 0, true);
	two_open(two, 0);
	two_pump(two);
	mischief_say(two, 0, "over the other");
	assert_int_equal(mischief_received(two, 1), 0);
	two_later(two, 11000);
	assert_int_equal(two_number(two, 0,
	    "SELECT count(*) FROM mail WHERE own = 1 AND state = 1"), 0);
	two_later(two, 302000);
	assert_int_equal(mischief_received(two, 1), 1);
	two_stop(two);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ack_does_not_deliver_what_expired),
		cmocka_unit_test(what_no_relay_calls_expired_is_said_again),
		cmocka_unit_test(a_delivered_message_cannot_expire),
		cmocka_unit_test(content_withheld_before_its_time_is_a_gap),
		cmocka_unit_test(a_relay_slower_to_answer_still_tells),
		cmocka_unit_test(a_relay_that_is_down_holds_nobody_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
