/* What a hostile peer, a lying relay or a lost file must not bring about. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/secret.h"
#include "endpoint/agent_priv.h"
#include "keys/pubkey.h"
#include "keys/sign.h"
#include "proto/envelope.h"
#include "proto/label.h"
#include "proto/notice.h"
#include "proto/receipt.h"
#include "proto/statement.h"
#include "two_agents.h"

#define HOUR_MS 3600000
#define EXPIRED_STATE 6		/* enum mail_state */
#define UNDECRYPTABLE_STATE 5
#define DELIVERED_STATE 4

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

static void
say(struct two_agents *two, int party, const char *text)
{
	assert_int_equal(two_send(two, party, LANE_NOTICE, text), ERR_OK);
	two_pump(two);
}

static struct peering *
peering(struct two_agents *two, int party)
{
	return peering_of(agent_pair(two->party[party].agent,
	    &two->pair_id));
}

/* Put into the relay's log whatever it is told to. */
static struct two_item *
log_statement(struct two_agents *two, int from, const struct id *channel,
    const uint8_t *p, size_t len)
{
	struct two_relay *r = &two->relay[0];
	struct two_item *item;

	assert_true(r->n < TWO_ITEMS);
	item = &r->item[r->n++];
	memset(item, 0, sizeof(*item));
	item->kind = ITEM_STATEMENT;
	item->from = from;
	item->channel = *channel;
	item->bytes = buf_init(STATEMENT_MAX);
	buf_put(&item->bytes, p, len);
	item->leaf = statement_leaf(buf_view(&item->bytes));
	return item;
}

/* Both halves were carried: as pairs_install does it. */
static void
give_courier(struct two_agents *two)
{
	static const uint8_t a[KEY_BYTES] = { 1 }, b[KEY_BYTES] = { 2 };
	const struct hash *id;
	struct agent *agent;
	struct psk *psk;
	char name[2 * HASH_BYTES + 16] = "courier ";
	int i;

	for (i = 0; i < 2; i++) {
		agent = two->party[i].agent;
		id = &peering(two, i)->p.charter_id;
		must(psk_combine(&psk, id, a, b) == ERR_OK);
		must(prekeys_psk_put(agent->prekeys, id, psk) == ERR_OK);
		psk_free(&psk);
		hex_encode(name + 8, id->b, HASH_BYTES);
		must(agent_touch(agent) == ERR_OK);
		must(book_set_int(agent->book, name, 1) == ERR_OK);
	}
	two_pump(two);
}

/* A heartbeat with floors of the sender's choice. */
static void
send_floor(struct two_agents *two, int from, uint64_t prekey, uint32_t day)
{
	struct notice_outline outline = { .type = NOTICE_HEARTBEAT };
	struct notice_link link = { .floor_prekey = prekey,
		.floor_psk_day = day };
	uint8_t bytes[NOTICE_LINK_BYTES];
	struct buf buf = buf_init(OUTLINE_MAX);
	struct fields fields = { 0 };
	struct outgoing out = {
		.pair_id = two->pair_id,
		.lane = LANE_NOTICE,
		.fields = &fields,
	};

	link.open_root = hash_of("", 0);
	notice_link_encode(bytes, &link);
	must(notice_outline_encode(&buf, &outline) == ERR_OK);
	must(fields_add(&fields, FIELD_OUTLINE, buf_view(&buf)) == ERR_OK);
	must(fields_add(&fields, FIELD_LINK,
	    (struct view){ bytes, sizeof(bytes) }) == ERR_OK);
	must(agent_touch(two->party[from].agent) == ERR_OK);
	must(outbox_put(two->party[from].agent, &out, NULL) == ERR_OK);
	buf_free(&buf);
	two_pump(two);		/* every agent_turn must be ERR_OK */
}

static void
a_floor_that_cannot_be_erases_nothing(void **state)
{
	struct two_agents *two = two_start(1);
	struct prekeys_info newest;
	uint32_t day;

	(void)state;
	give_courier(two);
	send_floor(two, 0, UINT64_MAX, 0);
	send_floor(two, 0, 1, UINT32_MAX);
	send_floor(two, 0, 1, 30000);
	assert_int_equal(prekeys_newest(&newest,
	    two->party[1].agent->prekeys, &two->pair_id), ERR_OK);
	assert_int_equal(prekeys_psk_day(&day,
	    two->party[1].agent->prekeys,
	    &peering(two, 1)->p.charter_id), ERR_OK);
	assert_int_equal(day, 0);
	assert_true(alarms(two, 1, ERR_EPOCH) > 0);
	say(two, 0, "still here");
	assert_int_equal(received(two, 1), 1);
	assert_int_equal(two_number(two, 1,
	    "SELECT count(*) FROM mail WHERE own = 0 AND state = 5"), 0);
	two_stop(two);
}

static void
nothing_goes_without_a_lost_courier_secret(void **state)
{
	struct two_agents *two = two_start(1);
	char path[1024];

	(void)state;
	give_courier(two);
	two_later(two, HOUR_MS + 1000);	/* new epochs, with it */
	say(two, 0, "with");
	assert_int_equal(received(two, 1), 1);
	two_close(two, 0);
	(void)snprintf(path, sizeof(path), "%s/prekeys", two->party[0].home);
	assert_int_equal(unlink(path), 0);
	two_open(two, 0);
	two_pump(two);
	say(two, 0, "without");
	assert_int_equal(received(two, 1), 1);
	assert_int_equal(alarms(two, 0, ERR_PREKEY_GONE), 1);
	two_stop(two);
}

static void
a_day_the_peer_was_ahead_is_used_early(void **state)
{
	struct two_agents *two = two_start(1);

	(void)state;
	give_courier(two);
	/* As the floor of a peer whose clock is past midnight does. */
	must(prekeys_psk_erase_below(two->party[0].agent->prekeys,
	    &peering(two, 0)->p.charter_id, 1) == ERR_OK);
	two_later(two, HOUR_MS + 1000);
	say(two, 0, "a minute before midnight");
	assert_int_equal(received(two, 1), 1);
	assert_int_equal(peering(two, 0)->own[LANE_NOTICE].pub.psk_day, 1);
	two_stop(two);
}

static void
our_newest_prekey_is_what_we_signed(void **state)
{
	struct two_agents *two = two_start(1);
	uint8_t bytes[PREKEY_STATEMENT_BYTES + SIG_BYTES] = { 0 };
	struct statement_prekey p = { .prekey_id = UINT64_MAX };
	static const struct id nowhere;
	int64_t before;

	(void)state;
	before = two_number(two, 0, "SELECT own_prekey FROM pair");
	p.kid = *sign_kid(keyfile_signer(two->party[0].keys, KEYFILE_S));
	p.pair_id = two->pair_id;
	p.key[0] = 9;
	statement_prekey_encode(bytes, &p);
	log_statement(two, 0, &nowhere, bytes, sizeof(bytes));
	two_close(two, 0);
	two_open(two, 0);	/* asks the relay for its own newest */
	two_pump(two);
	two_later(two, HOUR_MS + 1000);
	assert_true(peering(two, 0)->own_prekey >= (uint64_t)before);
	assert_true(peering(two, 0)->own_prekey < 100);
	two_stop(two);
}

/* A key statement that follows old: the keys in p->keys and old's T, a
 * custodian and a revocation if there are any. */
static void
state_keys(const struct two_party *p, struct view old,
    const struct sign_key *custodian, const struct id *revoked,
    struct buf *out)
{
	const struct sign_key *root = keyfile_signer(p->root, KEYFILE_R);
	const struct keyfile_public *pub = keyfile_public(p->keys);
	struct statement_keys *ks = calloc(1, sizeof(*ks));
	uint8_t sig[SIG_BYTES], t[KEY_BYTES];
	struct statement st;

	must(statement_split(&st, old) == ERR_OK);
	must(statement_keys_decode(ks, st.body) == ERR_OK);
	memcpy(t, statement_keys_find(ks, KEY_TRANSPORT)->key, KEY_BYTES);
	ks->ks_seq++;
	ks->previous = statement_hash(st.body);
	ks->key_count = 0;
	ks->revocation_count = 0;
	must(statement_keys_add(ks, KEY_SIGN,
	    keyfile_find(pub, KEYFILE_S, 0)) == ERR_OK);
	must(statement_keys_add(ks, KEY_IDENTITY,
	    keyfile_find(pub, KEYFILE_I, 0)) == ERR_OK);
	must(statement_keys_add(ks, KEY_TRANSPORT, t) == ERR_OK);
	if (custodian != NULL)
		must(statement_keys_add(ks, KEY_CUSTODIAN,
		    sign_public(custodian)) == ERR_OK);
	if (revoked != NULL)
		must(statement_keys_revoke(ks, revoked, 2) == ERR_OK);
	*out = buf_init(STATEMENT_MAX);
	must(statement_keys_encode(out, ks) == ERR_OK);
	must(sign_labelled(root, LABEL_KEYS, out->p, out->len, sig) ==
	    ERR_OK);
	buf_put(out, sig, sizeof(sig));
	free(ks);
}

/* Party's keys were stolen: its root revokes them and names new ones. */
static void
revoke_keys(struct two_agents *two, int party)
{
	struct two_party *p = &two->party[party];
	struct id stolen = *sign_kid(keyfile_signer(p->keys, KEYFILE_S));
	struct buf out;
	char path[1024];

	(void)snprintf(path, sizeof(path), "%s/keys/keys.1", p->home);
	must(file_create(path, p->statement.p, p->statement.len, 0600) ==
	    ERR_OK);
	must(keyfile_rotate(p->keys) == ERR_OK);
	state_keys(p, buf_view(&p->statement), NULL, &stolen, &out);
	(void)snprintf(path, sizeof(path), "%s/keys/keys.2", p->home);
	must(file_create(path, out.p, out.len, 0600) == ERR_OK);
	(void)snprintf(path, sizeof(path), "%s/keys/endpoint.key", p->home);
	must(keyfile_replace(p->keys, path) == ERR_OK);
	buf_free(&out);
}

static void
certify(const struct sign_key *custodian, struct buf *out)
{
	struct statement_officer o = { .not_before = 1, .not_after = 2 };
	struct sign_key *officer;
	uint8_t sig[SIG_BYTES];

	must(sign_new(&officer, SIGN_OFFICER) == ERR_OK);
	o.kid = *sign_kid(custodian);
	o.officer.b[0] = 1;
	memcpy(o.key, sign_public(officer), KEY_BYTES);
	*out = buf_init(STATEMENT_MAX);
	must(statement_officer_encode(out, &o) == ERR_OK);
	must(sign_labelled(custodian, LABEL_OFFICER, out->p, out->len,
	    sig) == ERR_OK);
	buf_put(out, sig, sizeof(sig));
	sign_free(&officer);
}

static void
a_revoked_custodian_does_not_stop_the_agent(void **state)
{
	struct two_agents *two = two_start(1);
	struct two_party *p = &two->party[1];
	struct agent *agent = two->party[0].agent;
	struct buf second, third, certificate;
	struct sign_key *custodian;

	(void)state;
	must(sign_new(&custodian, SIGN_CUSTODIAN) == ERR_OK);
	state_keys(p, buf_view(&p->statement), custodian, NULL, &second);
	certify(custodian, &certificate);
	state_keys(p, buf_view(&second), NULL, sign_kid(custodian), &third);
	must(agent_touch(agent) == ERR_OK);
	must(pairs_learn_keys(agent, buf_view(&second), NULL) == ERR_OK);
	must(pairs_learn_officer(agent, buf_view(&certificate), NULL) ==
	    ERR_OK);
	must(pairs_learn_keys(agent, buf_view(&third), NULL) == ERR_OK);
	two_pump(two);
	two_close(two, 0);
	two_open(two, 0);		/* must be ERR_OK */
	two_pump(two);
	say(two, 0, "on duty");
	assert_int_equal(received(two, 1), 1);
	sign_free(&custodian);
	buf_free(&second);
	buf_free(&third);
	buf_free(&certificate);
	two_stop(two);
}

static void
nothing_is_sealed_to_a_thiefs_prekey(void **state)
{
	struct two_agents *two = two_start(1);
	uint8_t bytes[PREKEY_STATEMENT_BYTES + SIG_BYTES];
	struct statement_prekey p = { .prekey_id = INT64_MAX };
	const struct sign_key *stolen = keyfile_signer(two->party[1].keys,
	    KEYFILE_S);
	struct id news = peering(two, 1)->p.own_channel[LANE_NOTICE];

	(void)state;
	p.kid = *sign_kid(stolen);
	p.pair_id = two->pair_id;
	p.key[0] = 9;
	statement_prekey_encode(bytes, &p);
	must(sign_labelled(stolen, LABEL_PREKEY, bytes,
	    PREKEY_STATEMENT_BYTES, bytes + PREKEY_STATEMENT_BYTES) ==
	    ERR_OK);
	two_close(two, 1);
	log_statement(two, 1, &news, bytes, sizeof(bytes));
	two_pump(two);
	assert_true(peering(two, 0)->prekey.prekey_id == INT64_MAX);
	revoke_keys(two, 1);
	two_open(two, 1);
	two_pump(two);
	assert_true(peering(two, 0)->prekey.prekey_id < 100);
	assert_int_equal(alarms(two, 0, ERR_KEY_REVOKED), 1);
	say(two, 0, "for its owner");
	assert_int_equal(received(two, 1), 1);
	assert_string_equal(two->party[1].desk.text[0], "for its owner");
	two_stop(two);
}

static void
an_old_recovery_does_not_start_a_stopped_channel(void **state)
{
	struct two_agents *two = two_start(1);
	const struct sign_key *root = keyfile_signer(two->party[0].root,
	    KEYFILE_R);
	struct peering *pg = peering(two, 0);
	uint8_t entry[RECOVERY_STATEMENT_BYTES + SIG_BYTES];
	struct statement_recovery r = { .pair_id = two->pair_id,
		.direction = pg->p.direction, .incarnation = { 9, 9 },
		.reason = 1 };
	struct id news = pg->p.own_channel[LANE_NOTICE];

	(void)state;
	say(two, 0, "before");
	r.kid = *sign_kid(root);
	r.lane[0].old_seq = pg->own[0].seq;
	r.lane[0].old_env = pg->own[0].env;
	r.lane[0].next_seq = pg->own[0].seq + 3;
	r.lane[1].next_seq = 1;
	r.lane[2].next_seq = 1;
	statement_recovery_encode(entry, &r);
	must(sign_labelled(root, LABEL_RECOVERY, entry,
	    RECOVERY_STATEMENT_BYTES, entry + RECOVERY_STATEMENT_BYTES) ==
	    ERR_OK);
	must(agent_touch(two->party[0].agent) == ERR_OK);
	must(agent_recover_statement(two->party[0].agent,
	    (struct view){ entry, sizeof(entry) }) == ERR_OK);
	two_pump(two);
	say(two, 0, "after");
	assert_int_equal(received(two, 1), 2);
	/* A later fork stopped it; then the relay logs the old one again. */
	peering(two, 1)->peer[0].stopped = true;
	log_statement(two, 0, &news, entry, sizeof(entry));
	two_pump(two);
	assert_true(peering(two, 1)->peer[0].stopped);
	two_stop(two);
}

static void
what_waits_for_a_key_is_bounded(void **state)
{
	struct two_agents *two = two_start(1);
	struct id channel = peering(two, 1)->p.peer_channel[LANE_NOTICE];
	uint8_t bytes[RECEIPT_BYTES + SIG_BYTES];
	struct receipt r = { .event = RECEIPT_DELIVERED, .first_seq = 1,
		.last_seq = 1 };
	unsigned i;

	(void)state;
	r.channel = peering(two, 1)->p.own_channel[LANE_NOTICE];
	r.kid.b[0] = 7;
	r.env_id.b[0] = 1;
	for (i = 0; i < 600; i++) {
		memset(bytes, 0, sizeof(bytes));
		r.time_at = i + 1;
		receipt_encode(bytes, &r);
		log_statement(two, 0, &channel, bytes, sizeof(bytes));
	}
	two_pump(two);
	assert_int_equal(two_number(two, 1, "SELECT count(*) FROM aside"),
	    512);
	two_stop(two);
}

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
	r.channel = peering(two, 0)->p.own_channel[LANE_NOTICE];
	r.log_id = pubkey_log_id(sign_public(keyfile_signer(relay->keys,
	    KEYFILE_LOG)));
	r.time_at = (uint64_t)two->fake.wall_ms;
	receipt_encode(bytes, &r);
	must(sign_labelled(key, LABEL_RECEIPT, bytes, RECEIPT_BYTES,
	    bytes + RECEIPT_BYTES) == ERR_OK);
	log_statement(two, -1, &r.channel, bytes, sizeof(bytes));
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

	say(two, 0, "in time");
	assert_int_equal(state_of(two, peering(two, 0)->own[0].seq),
	    DELIVERED_STATE);
	two_close(two, 1);
	say(two, 0, "late");
	*seq = peering(two, 0)->own[0].seq;
	*env = peering(two, 0)->own[0].env;
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
	say(two, 1, "back again");
	assert_true(peering(two, 0)->own[0].acked >= seq);
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
	assert_int_equal(received(two, 1), 2);
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
	say(two, 0, "in time");
	seq = peering(two, 0)->own[0].seq;
	env = peering(two, 0)->own[0].env;
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
	say(two, 0, "first");
	two_close(two, 1);
	say(two, 0, "withheld");
	seq = peering(two, 0)->own[0].seq;
	item = newest_run(two, 0);
	buf_put(&full, item->bytes.p, item->bytes.len);
	prune(item);
	say(two, 0, "after");
	two_open(two, 1);
	two_pump(two);
	assert_string_equal(two->party[1].desk.text[1], "after");
	assert_true(peering(two, 1)->peer[0].settled < seq);
	assert_int_equal(alarms(two, 1, ERR_EXPIRED), 1);
	item->kind = ITEM_RUN;
	buf_reset(&item->bytes);
	buf_put(&item->bytes, full.p, full.len);
	buf_free(&full);
	two_later(two, 302000);
	assert_int_equal(received(two, 1), 3);
	assert_string_equal(two->party[1].desk.text[2], "withheld");
	assert_true(peering(two, 1)->peer[0].settled > seq);
	two_stop(two);
}

/* Party 0 runs an older copy of its book; the relay that could tell is down
 * at first, the other knows of nothing. */
static struct two_agents *
start_older(void)
{
	struct two_agents *two = two_start(2);

	say(two, 0, "one");
	two_close(two, 0);
	two_copy(two, 0, "old");
	two_open(two, 0);
	two_pump(two);
	say(two, 0, "two");
	two_close(two, 0);
	two_restore(two, 0, "old", NULL);
	two_relay_down(two, 0, true);
	assert_int_equal(two->relay[1].submits, 0);
	two_open(two, 0);
	two_pump(two);
	say(two, 0, "said twice");
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
	assert_int_equal(alarms(two, 1, ERR_FORK), 0);
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
	say(two, 0, "over the other");
	assert_int_equal(received(two, 1), 0);
	two_later(two, 11000);
	assert_int_equal(two_number(two, 0,
	    "SELECT count(*) FROM mail WHERE own = 1 AND state = 1"), 0);
	two_later(two, 302000);
	assert_int_equal(received(two, 1), 1);
	two_stop(two);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_floor_that_cannot_be_erases_nothing),
		cmocka_unit_test(nothing_goes_without_a_lost_courier_secret),
		cmocka_unit_test(a_day_the_peer_was_ahead_is_used_early),
		cmocka_unit_test(our_newest_prekey_is_what_we_signed),
		cmocka_unit_test(nothing_is_sealed_to_a_thiefs_prekey),
		cmocka_unit_test(a_revoked_custodian_does_not_stop_the_agent),
		cmocka_unit_test(
		    an_old_recovery_does_not_start_a_stopped_channel),
		cmocka_unit_test(what_waits_for_a_key_is_bounded),
		cmocka_unit_test(an_ack_does_not_deliver_what_expired),
		cmocka_unit_test(what_no_relay_calls_expired_is_said_again),
		cmocka_unit_test(a_delivered_message_cannot_expire),
		cmocka_unit_test(content_withheld_before_its_time_is_a_gap),
		cmocka_unit_test(a_relay_slower_to_answer_still_tells),
		cmocka_unit_test(a_relay_that_is_down_holds_nobody_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
