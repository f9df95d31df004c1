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
#include "mischief.h"

#define HOUR_MS 3600000

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
		id = &mischief_peering(two, i)->p.charter_id;
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
	    &mischief_peering(two, 1)->p.charter_id), ERR_OK);
	assert_int_equal(day, 0);
	assert_true(mischief_alarms(two, 1, ERR_EPOCH) > 0);
	mischief_say(two, 0, "still here");
	assert_int_equal(mischief_received(two, 1), 1);
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
	mischief_say(two, 0, "with");
	assert_int_equal(mischief_received(two, 1), 1);
	two_close(two, 0);
	(void)snprintf(path, sizeof(path), "%s/prekeys", two->party[0].home);
	assert_int_equal(unlink(path), 0);
	two_open(two, 0);
	two_pump(two);
	mischief_say(two, 0, "without");
	assert_int_equal(mischief_received(two, 1), 1);
	assert_int_equal(mischief_alarms(two, 0, ERR_PREKEY_GONE), 1);
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
	    &mischief_peering(two, 0)->p.charter_id, 1) == ERR_OK);
	two_later(two, HOUR_MS + 1000);
	mischief_say(two, 0, "a minute before midnight");
	assert_int_equal(mischief_received(two, 1), 1);
	assert_int_equal(mischief_peering(two, 0)->own[0].pub.psk_day, 1);
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
	mischief_log(two, 0, &nowhere, bytes, sizeof(bytes));
	two_close(two, 0);
	two_open(two, 0);	/* asks the relay for its own newest */
	two_pump(two);
	two_later(two, HOUR_MS + 1000);
	assert_true(mischief_peering(two, 0)->own_prekey >= (uint64_t)before);
	assert_true(mischief_peering(two, 0)->own_prekey < 100);
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
	mischief_say(two, 0, "on duty");
	assert_int_equal(mischief_received(two, 1), 1);
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
	struct id news = mischief_peering(two, 1)->p.own_channel[LANE_NOTICE];

	(void)state;
	p.kid = *sign_kid(stolen);
	p.pair_id = two->pair_id;
	p.key[0] = 9;
	statement_prekey_encode(bytes, &p);
	must(sign_labelled(stolen, LABEL_PREKEY, bytes,
	    PREKEY_STATEMENT_BYTES, bytes + PREKEY_STATEMENT_BYTES) ==
	    ERR_OK);
	two_close(two, 1);
	mischief_log(two, 1, &news, bytes, sizeof(bytes));
	two_pump(two);
	assert_true(mischief_peering(two, 0)->prekey.prekey_id == INT64_MAX);
	revoke_keys(two, 1);
	two_open(two, 1);
	two_pump(two);
	assert_true(mischief_peering(two, 0)->prekey.prekey_id < 100);
	assert_int_equal(mischief_alarms(two, 0, ERR_KEY_REVOKED), 1);
	mischief_say(two, 0, "for its owner");
	assert_int_equal(mischief_received(two, 1), 1);
	assert_string_equal(two->party[1].desk.text[0], "for its owner");
	two_stop(two);
}

static void
an_old_recovery_does_not_start_a_stopped_channel(void **state)
{
	struct two_agents *two = two_start(1);
	const struct sign_key *root = keyfile_signer(two->party[0].root,
	    KEYFILE_R);
	struct peering *pg = mischief_peering(two, 0);
	uint8_t entry[RECOVERY_STATEMENT_BYTES + SIG_BYTES];
	struct statement_recovery r = { .pair_id = two->pair_id,
		.direction = pg->p.direction, .incarnation = { 9, 9 },
		.reason = 1 };
	struct id news = pg->p.own_channel[LANE_NOTICE];

	(void)state;
	mischief_say(two, 0, "before");
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
	mischief_say(two, 0, "after");
	assert_int_equal(mischief_received(two, 1), 2);
	/* A later fork stopped it; then the relay logs the old one again. */
	mischief_peering(two, 1)->peer[0].stopped = true;
	mischief_log(two, 0, &news, entry, sizeof(entry));
	two_pump(two);
	assert_true(mischief_peering(two, 1)->peer[0].stopped);
	two_stop(two);
}

static void
what_waits_for_a_key_is_bounded(void **state)
{
	struct two_agents *two = two_start(1);
	struct id channel = mischief_peering(two, 1)->p.peer_channel[0];
	uint8_t bytes[RECEIPT_BYTES + SIG_BYTES];
	struct receipt r = { .event = RECEIPT_DELIVERED, .first_seq = 1,
		.last_seq = 1 };
	unsigned i;

	(void)state;
	r.channel = mischief_peering(two, 1)->p.own_channel[LANE_NOTICE];
	r.kid.b[0] = 7;
	r.env_id.b[0] = 1;
	for (i = 0; i < 600; i++) {
		memset(bytes, 0, sizeof(bytes));
		r.time_at = i + 1;
		receipt_encode(bytes, &r);
		mischief_log(two, 0, &channel, bytes, sizeof(bytes));
	}
	two_pump(two);
	assert_int_equal(two_number(two, 1, "SELECT count(*) FROM aside"),
	    512);
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
