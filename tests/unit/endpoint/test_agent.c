/* Messages between two agent cores: sent, settled, sent again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/secret.h"
#include "keys/prekeys.h"
#include "keys/pubkey.h"
#include "keys/sign.h"
#include "proto/envelope.h"
#include "proto/label.h"
#include "proto/statement.h"
#include "two_agents.h"

#define HOUR_MS 3600000
#define BEAT_MS 300000

static size_t
events(const struct two_agents *two, int party, enum outbox_what what)
{
	return two->party[party].desk.event[what];
}

static size_t
received(const struct two_agents *two, int party)
{
	return two->party[party].desk.received;
}

static void
a_message_arrives_and_is_settled(void **state)
{
	struct two_agents *two = two_start(1);

	(void)state;
	assert_int_equal(two_send(two, 0, LANE_NOTICE, "hello"), ERR_OK);
	two_pump(two);
	assert_int_equal(received(two, 1), 1);
	assert_string_equal(two->party[1].desk.text[0], "hello");
	assert_int_equal(events(two, 0, OUTBOX_SEALED), 1);
	assert_int_equal(events(two, 0, OUTBOX_SUBMITTED), 1);
	assert_int_equal(events(two, 0, OUTBOX_DELIVERED), 1);
	/* The bytes are not needed any more, the proof is kept. */
	assert_int_equal(two_number(two, 0,
	    "SELECT count(*) FROM run WHERE full = 1"), 0);
	assert_int_equal(two_number(two, 0,
	    "SELECT count(*) FROM evidence WHERE kind = 1"),
	    two_number(two, 1, "SELECT count(*) FROM evidence WHERE kind = 1"));
	assert_int_equal(two_number(two, 0, "SELECT count(*) FROM todo"), 0);
	two_stop(two);
}

static void
lanes_do_not_wait_for_each_other(void **state)
{
	struct two_agents *two = two_start(1);
	char text[16];
	int i;

	(void)state;
	for (i = 0; i < 40; i++) {
		(void)snprintf(text, sizeof(text), "n%d", i);
		assert_int_equal(two_send(two, i % 2, LANE_FILE, text),
		    ERR_OK);
	}
	assert_int_equal(two_send(two, 0, LANE_EMERGENCY, "now"), ERR_OK);
	two_pump(two);
	assert_int_equal(received(two, 0), 20);
	assert_int_equal(received(two, 1), 21);
	assert_string_equal(two->party[1].desk.text[0], "now");
	/* What piled up was signed once. */
	assert_int_equal(two_number(two, 0,
	    "SELECT max(last_seq - first_seq + 1) FROM run"), 20);
	two_stop(two);
}

static void
a_restart_sends_the_same_bytes(void **state)
{
	struct two_agents *two = two_start(1);
	int64_t seq;

	(void)state;
	two_relay_down(two, 0, true);
	assert_int_equal(two_send(two, 0, LANE_NOTICE, "kept"), ERR_OK);
	two_pump(two);
	seq = two_number(two, 0, "SELECT max(seq) FROM mail");
	two_close(two, 0);
	two_open(two, 0);
	two_pump(two);
	assert_int_equal(received(two, 1), 0);
	two_relay_down(two, 0, false);
	two_pump(two);
	assert_int_equal(received(two, 1), 1);
	assert_int_equal(two->party[1].desk.seq[0], seq);
	/* After the restart nothing goes on in the old epoch. */
	assert_int_equal(two_send(two, 0, LANE_NOTICE, "next"), ERR_OK);
	two_pump(two);
	assert_int_equal(received(two, 1), 2);
	assert_int_equal(two->party[1].desk.seq[1], seq + 1);
	two_stop(two);
}

static void
nothing_is_sealed_before_a_relay_was_compared(void **state)
{
	struct two_agents *two = two_start(1);

	(void)state;
	two_relay_down(two, 0, true);
	two_close(two, 0);
	two_open(two, 0);
	assert_int_equal(two_send(two, 0, LANE_NOTICE, "early"), ERR_OK);
	two_pump(two);
	assert_int_equal(two_number(two, 0,
	    "SELECT count(*) FROM mail WHERE state = 1"), 1);
	two_relay_down(two, 0, false);
	two_pump(two);
	assert_int_equal(received(two, 1), 1);
	two_stop(two);
}

static void
lost_prekeys_bring_the_mail_again(void **state)
{
	struct two_agents *two = two_start(1);
	struct hash first;
	char path[1024];

	(void)state;
	two_close(two, 1);
	assert_int_equal(two_send(two, 0, LANE_NOTICE, "secret"), ERR_OK);
	two_pump(two);
	first = two->party[0].desk.sealed;
	(void)snprintf(path, sizeof(path), "%s/prekeys", two->party[1].home);
	assert_int_equal(file_remove(path), ERR_OK);
	two_open(two, 1);
	two_pump(two);
	assert_int_equal(events(two, 0, OUTBOX_UNDECRYPTABLE), 1);
	assert_int_equal(events(two, 0, OUTBOX_SEALED), 2);
	assert_int_equal(received(two, 1), 1);
	assert_string_equal(two->party[1].desk.text[0], "secret");
	assert_true(hash_eq(&two->party[1].desk.again[0], &first));
	assert_int_equal(events(two, 0, OUTBOX_DELIVERED), 1);
	two_stop(two);
}

static void
a_new_prekey_ends_the_epoch(void **state)
{
	struct two_agents *two = two_start(1);
	char path[1024];

	(void)state;
	assert_int_equal(two_send(two, 0, LANE_NOTICE, "one"), ERR_OK);
	two_pump(two);
	two_close(two, 1);
	(void)snprintf(path, sizeof(path), "%s/prekeys", two->party[1].home);
	assert_int_equal(file_remove(path), ERR_OK);
	two_open(two, 1);
	two_pump(two);
	/* Nothing was lost, and nothing more goes to the old one. */
	assert_int_equal(two_send(two, 0, LANE_NOTICE, "two"), ERR_OK);
	two_pump(two);
	assert_int_equal(received(two, 1), 2);
	assert_int_equal(events(two, 0, OUTBOX_UNDECRYPTABLE), 0);
	two_stop(two);
}

static void
a_dead_relay_sends_the_rows_to_the_next(void **state)
{
	struct two_agents *two = two_start(2);

	(void)state;
	assert_int_equal(two_send(two, 0, LANE_NOTICE, "one"), ERR_OK);
	two_pump(two);
	assert_int_equal(two->relay[1].submits, 0);
	two_relay_down(two, 0, true);
	two_pump(two);
	assert_int_equal(two_send(two, 0, LANE_NOTICE, "two"), ERR_OK);
	two_pump(two);
	assert_int_equal(received(two, 1), 1);
	two_later(two, BEAT_MS + 1000);
	two_later(two, BEAT_MS + 1000);
	assert_int_equal(received(two, 1), 2);
	assert_true(two->relay[1].submits > 0);
	/* Back again, the first one gets it too; nobody gets it twice. */
	two_relay_down(two, 0, false);
	two_later(two, 1000);
	assert_int_equal(received(two, 1), 2);
	assert_int_equal(events(two, 0, OUTBOX_DELIVERED), 2);
	two_stop(two);
}

static void
time_brings_heartbeats_and_forgets_prekeys(void **state)
{
	struct two_agents *two = two_start(1);
	uint64_t newest;
	int i;

	(void)state;
	for (i = 0; i < 3 * 12 + 2; i++)
		two_later(two, BEAT_MS + 1000);
	newest = (uint64_t)two_number(two, 1,
	    "SELECT own_prekey FROM pair");
	assert_true(newest >= 3);
	assert_true(two_number(two, 0, "SELECT count(*) FROM mail"
	    " WHERE own = 1") >= 3 * 12);
	/* Quiet lanes are acked by the heartbeat's heads. */
	assert_true(two_number(two, 0, "SELECT settled FROM channel"
	    " WHERE own = 1 AND lane = 0") >= 3 * 12 - 1);
	assert_int_equal(two_send(two, 0, LANE_NOTICE, "late"), ERR_OK);
	two_pump(two);
	assert_int_equal(received(two, 1), 1);
	/* What the first prekey opened can be opened no more. */
	two_close(two, 1);
	{
		struct prekeys *pk;
		struct dh_key *key;
		char path[1024];

		(void)snprintf(path, sizeof(path), "%s/prekeys",
		    two->party[1].home);
		assert_int_equal(prekeys_open(&pk, path,
		    keyfile_vault(two->party[1].keys)), ERR_OK);
		assert_int_equal(prekeys_find(&key, pk, &two->pair_id, 1,
		    NULL), ERR_PREKEY_GONE);
		assert_int_equal(prekeys_find(&key, pk, &two->pair_id,
		    newest, NULL), ERR_OK);
		dh_free(&key);
		prekeys_free(&pk);
	}
	two_stop(two);
}

/* keys.1 as made at the start, and keys.2 with the new S and I. */
static void
rotate(struct two_agents *two, int party)
{
	struct two_party *p = &two->party[party];
	const struct sign_key *root = keyfile_signer(p->root, KEYFILE_R);
	struct statement_keys *ks = calloc(1, sizeof(*ks));
	struct buf out = buf_init(STATEMENT_MAX);
	const struct keyfile_public *pub;
	const struct statement_key *t;
	struct statement st;
	uint8_t sig[SIG_BYTES], transport[KEY_BYTES];
	char path[1024];

	(void)snprintf(path, sizeof(path), "%s/keys/keys.1", p->home);
	must(file_create(path, p->statement.p, p->statement.len, 0600) ==
	    ERR_OK);
	must(statement_split(&st, buf_view(&p->statement)) == ERR_OK);
	must(statement_keys_decode(ks, st.body) == ERR_OK);
	t = statement_keys_find(ks, KEY_TRANSPORT);
	memcpy(transport, t->key, KEY_BYTES);
	must(keyfile_rotate(p->keys) == ERR_OK);
	pub = keyfile_public(p->keys);
	ks->ks_seq = 2;
	ks->previous = statement_hash(st.body);
	ks->key_count = 0;
	must(statement_keys_add(ks, KEY_SIGN,
	    keyfile_find(pub, KEYFILE_S, 0)) == ERR_OK);
	must(statement_keys_add(ks, KEY_IDENTITY,
	    keyfile_find(pub, KEYFILE_I, 0)) == ERR_OK);
	must(statement_keys_add(ks, KEY_TRANSPORT, transport) == ERR_OK);
	must(statement_keys_encode(&out, ks) == ERR_OK);
	must(sign_labelled(root, LABEL_KEYS, out.p, out.len, sig) == ERR_OK);
	buf_put(&out, sig, sizeof(sig));
	(void)snprintf(path, sizeof(path), "%s/keys/keys.2", p->home);
	must(file_create(path, out.p, out.len, 0600) == ERR_OK);
	(void)snprintf(path, sizeof(path), "%s/keys/endpoint.key", p->home);
	must(keyfile_replace(p->keys, path) == ERR_OK);
	buf_free(&out);
	free(ks);
}

static void
a_rotation_opens_what_was_sealed_before(void **state)
{
	struct two_agents *two = two_start(1);

	(void)state;
	two_close(two, 1);
	assert_int_equal(two_send(two, 0, LANE_NOTICE, "to the old I"),
	    ERR_OK);
	two_pump(two);
	rotate(two, 1);
	two_open(two, 1);
	two_pump(two);
	assert_int_equal(received(two, 1), 1);
	assert_int_equal(events(two, 0, OUTBOX_UNDECRYPTABLE), 0);
	/* And the other way round, under the new S. */
	assert_int_equal(two_send(two, 1, LANE_NOTICE, "from the new S"),
	    ERR_OK);
	two_pump(two);
	assert_int_equal(received(two, 0), 1);
	assert_int_equal(two_send(two, 0, LANE_NOTICE, "to the new I"),
	    ERR_OK);
	two_pump(two);
	assert_int_equal(received(two, 1), 2);
	two_stop(two);
}

static void
a_renewal_waits_for_its_time(void **state)
{
	struct two_agents *two = two_start(1);

	(void)state;
	two_renew(two, two->fake.wall_ms + HOUR_MS);
	assert_int_equal(two_send(two, 0, LANE_NOTICE, "old"), ERR_OK);
	two_pump(two);
	assert_int_equal(received(two, 1), 1);
	assert_int_equal(two_charter(two, 0), 0);
	two_later(two, HOUR_MS + 1000);
	assert_int_equal(two_send(two, 0, LANE_NOTICE, "new"), ERR_OK);
	two_pump(two);
	assert_int_equal(received(two, 1), 2);
	assert_int_equal(two_charter(two, 0), 1);
	/* After a start it is the same. */
	two_close(two, 0);
	two_open(two, 0);
	two_pump(two);
	assert_int_equal(two_send(two, 0, LANE_NOTICE, "still"), ERR_OK);
	two_pump(two);
	assert_int_equal(received(two, 1), 3);
	assert_int_equal(two_charter(two, 0), 1);
	two_stop(two);
}

static void
a_clock_set_back_does_not_silence(void **state)
{
	struct two_agents *two = two_start(1);
	int64_t sent;

	(void)state;
	clock_advance(&two->fake, 40 * (int64_t)HOUR_MS);
	two_pump(two);
	two->fake.wall_ms -= 39 * (int64_t)HOUR_MS;
	two_pump(two);
	sent = two_number(two, 0, "SELECT max(seq) FROM mail WHERE own = 1");
	two_later(two, BEAT_MS + 1000);
	two_later(two, BEAT_MS + 1000);
	assert_true(two_number(two, 0,
	    "SELECT max(seq) FROM mail WHERE own = 1") > sent);
	two_stop(two);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_arrives_and_is_settled),
		cmocka_unit_test(lanes_do_not_wait_for_each_other),
		cmocka_unit_test(a_restart_sends_the_same_bytes),
		cmocka_unit_test(
		    nothing_is_sealed_before_a_relay_was_compared),
		cmocka_unit_test(lost_prekeys_bring_the_mail_again),
		cmocka_unit_test(a_new_prekey_ends_the_epoch),
		cmocka_unit_test(a_dead_relay_sends_the_rows_to_the_next),
		cmocka_unit_test(time_brings_heartbeats_and_forgets_prekeys),
		cmocka_unit_test(a_rotation_opens_what_was_sealed_before),
		cmocka_unit_test(a_renewal_waits_for_its_time),
		cmocka_unit_test(a_clock_set_back_does_not_silence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
