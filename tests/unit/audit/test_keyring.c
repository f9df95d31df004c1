/*
 * Who was trusted when: what a keyring takes, refuses and answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "audit/keyring.h"
#include "audit/verify.h"
#include "keys/pubkey.h"
#include "proto/charter.h"
#include "proto/label.h"
#include "proto/note.h"
#include "tests/unit/audit/world.h"

static struct world w;
static struct keyring *kr;
static struct id agency[3];	/* a, b, the relay */

static enum err
add_keys(const struct item *item)
{
	struct keyring_place place = { w.log_id, item->index };

	return (keyring_add_keys(kr, item->bytes.p, item->bytes.len,
	    item->logged ? &place : NULL));
}

static int
setup(void **state)
{
	struct hash id;
	size_t i;

	(void)state;
	world_start(&w);
	agency[0] = pubkey_agency(sign_public(w.root[0]));
	agency[1] = pubkey_agency(sign_public(w.root[1]));
	agency[2] = pubkey_agency(sign_public(w.relay_root));
	kr = keyring_new();
	if (keyring_add_charter(kr, w.charter.p, w.charter.len,
		w.charter_sig[0], w.charter_sig[1], &id) != ERR_OK ||
	    !hash_eq(&id, &w.charter_id))
		return (-1);
	for (i = 0; i < w.items; i++)
		if (add_keys(&w.item[i]) != ERR_OK)
			return (-1);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	keyring_free(kr);
	world_stop(&w);
	return (0);
}

static void
answers(void **state)
{
	const struct keyring_channel *ch;
	const struct keyring_key *key;
	struct id channel;
	(void)state;

	key = keyring_key(kr, sign_kid(w.sign[0]));
	assert_non_null(key);
	assert_true(id_eq(&key->agency->id, &agency[0]));
	assert_memory_equal(key->dh, dh_public(w.identity[0]), KEY_BYTES);
	assert_true(key->has_dh && !key->custodian && !key->revoked);
	assert_ptr_equal(keyring_key_now(kr, &agency[0]), key);
	assert_true(keyring_key(kr, sign_kid(w.custodian[0]))->custodian);
	assert_false(keyring_key(kr, sign_kid(w.relay_sign))->has_dh);
	assert_null(keyring_key(kr, sign_kid(w.root[0])));

	assert_string_equal(keyring_agency(kr, &agency[1])->name,
	    "South Agency");
	assert_true(keyring_agency(kr, &agency[2])->relay);
	assert_ptr_equal(keyring_transport(kr, dh_public(w.transport[1])),
	    keyring_agency(kr, &agency[1]));
	assert_null(keyring_transport(kr, dh_public(w.identity[1])));
	assert_ptr_equal(keyring_log_now(kr, &agency[2]),
	    keyring_log(kr, &w.log_id));
	assert_null(keyring_log_now(kr, &agency[0]));

	channel = envelope_channel(&w.pair_id, FROM_B, LANE_EMERGENCY);
	ch = keyring_channel(kr, &channel);
	assert_non_null(ch);
	assert_int_equal(ch->direction, FROM_B);
	assert_int_equal(ch->lane, LANE_EMERGENCY);
	assert_ptr_equal(keyring_party(kr, &w.pair_id, 0, FROM_B),
	    keyring_agency(kr, &agency[1]));
	assert_null(keyring_party(kr, &w.pair_id, 1, FROM_B));
	assert_true(keyring_is_party(kr, &w.pair_id, FROM_A, &agency[0]));
	assert_false(keyring_is_party(kr, &w.pair_id, FROM_B, &agency[0]));
	assert_true(keyring_is_relay(kr, &w.pair_id, &agency[2]));
	assert_false(keyring_is_relay(kr, &w.pair_id, &agency[0]));
	assert_int_equal(keyring_statement(kr, &agency[0], 1).len,
	    w.item[1].bytes.len);
	assert_int_equal(keyring_statement(kr, &agency[0], 2).len, 0);
	assert_null(keyring_agency_at(kr, 3));
}

static void
held_already(void **state)
{
	(void)state;
	assert_int_equal(add_keys(&w.item[1]), ERR_OK);
	assert_int_equal(keyring_agency(kr, &agency[0])->ks_seq, 1);
	assert_int_equal(keyring_add_charter(kr, w.charter.p, w.charter.len,
	    w.charter_sig[0], w.charter_sig[1], NULL), ERR_OK);
	assert_null(keyring_charter_at(kr, 1));
}

static void
charter_refused(void **state)
{
	struct keyring *empty = keyring_new();
	uint8_t sig[SIG_BYTES];
	(void)state;

	memcpy(sig, w.charter_sig[0], SIG_BYTES);
	sig[5] ^= 1;
	assert_int_equal(keyring_add_charter(empty, w.charter.p,
	    w.charter.len, sig, w.charter_sig[1], NULL), ERR_SIGNATURE);
	assert_int_equal(keyring_add_charter(empty, w.charter.p,
	    w.charter.len, w.charter_sig[1], w.charter_sig[0], NULL),
	    ERR_SIGNATURE);
	assert_int_equal(keyring_add_charter(empty, w.charter.p,
	    w.charter.len - 1, w.charter_sig[0], w.charter_sig[1], NULL),
	    ERR_CHARTER);
	assert_null(keyring_charter_at(empty, 0));
	assert_null(keyring_agency_at(empty, 0));
	keyring_free(empty);
}

/* A charter with the given number and links, signed by both. */
static enum err
add_charter(uint16_t number, const struct hash *pair,
    const struct hash *replaces, struct hash *id)
{
	uint8_t tbs[CHARTER_TBS_BYTES], sig[2][SIG_BYTES];
	struct buf text = buf_init(CHARTER_MAX);
	enum err err;
	int i;

	world_charter_text(&w, &text, number, pair, replaces);
	*id = charter_id(buf_view(&text));
	charter_tbs(tbs, id);
	for (i = 0; i < 2; i++)
		assert_int_equal(sign_labelled(w.root[i], LABEL_CHARTER_SIG,
		    tbs, sizeof(tbs), sig[i]), ERR_OK);
	err = keyring_add_charter(kr, text.p, text.len, sig[0], sig[1], NULL);
	buf_free(&text);
	return (err);
}

static void
charter_renewed(void **state)
{
	struct hash id, other = w.charter_id;
	(void)state;

	other.b[0] ^= 1;
	assert_int_equal(add_charter(1, &w.pair_id, &other, &id),
	    ERR_PAIRING);
	assert_int_equal(add_charter(2, &w.pair_id, &w.charter_id, &id),
	    ERR_PAIRING);
	assert_int_equal(add_charter(1, &other, &w.charter_id, &id),
	    ERR_PAIRING);
	assert_int_equal(add_charter(1, &w.pair_id, &w.charter_id, &id),
	    ERR_OK);
	assert_int_equal(keyring_pair_charter(kr, &w.pair_id,
	    KEYRING_NEWEST)->number, 1);
	assert_ptr_equal(keyring_party(kr, &w.pair_id, 1, FROM_A),
	    keyring_agency(kr, &agency[0]));
}

static void
keys_refused(void **state)
{
	struct item *next = world_keys(&w, 0, w.sign[0], w.identity[0], NULL,
	    0);
	(void)state;

	next->bytes.p[20] ^= 1;			/* the kid of R */
	assert_int_equal(add_keys(next), ERR_KEY_FOREIGN);
	next->bytes.p[20] ^= 1;
	next->bytes.p[40] ^= 1;			/* the agency */
	assert_int_equal(add_keys(next), ERR_KEY_FOREIGN);
	next->bytes.p[40] ^= 1;
	next->bytes.p[next->bytes.len - 1] ^= 1;
	assert_int_equal(add_keys(next), ERR_SIGNATURE);
	next->bytes.p[next->bytes.len - 1] ^= 1;
	assert_int_equal(keyring_agency(kr, &agency[0])->ks_seq, 1);
	assert_int_equal(add_keys(next), ERR_OK);
	assert_int_equal(keyring_agency(kr, &agency[0])->ks_seq, 2);
}

static void
keys_out_of_order(void **state)
{
	struct item *two, *three;
	(void)state;

	two = world_keys(&w, 0, w.sign[0], w.identity[0], NULL, 0);
	three = world_keys(&w, 0, w.sign[0], w.identity[0], NULL, 0);
	assert_int_equal(add_keys(three), ERR_KEY_SEQ);
	w.ks_seq[0] = 1;
	assert_int_equal(add_keys(world_keys(&w, 0, w.sign[0], w.identity[0],
	    NULL, 0)), ERR_KEY_SEQ);	/* second, after another first */
	assert_int_equal(add_keys(two), ERR_OK);
	assert_int_equal(add_keys(three), ERR_OK);
	/* Another second one: the root speaks with two tongues. */
	w.ks_seq[0] = 1;
	w.ks_hash[0].b[0] ^= 1;
	assert_int_equal(add_keys(world_keys(&w, 0, w.sign[0], w.identity[0],
	    NULL, 0)), ERR_ROOT_EQUIVOCATION);
	assert_int_equal(keyring_agency(kr, &agency[0])->ks_seq, 3);
}

static void
keys_of_another(void **state)
{
	struct dh_key *d = NULL;
	(void)state;

	/* b claims a's S; a gives its S another I. */
	assert_int_equal(add_keys(world_keys(&w, 1, w.sign[0], w.identity[1],
	    NULL, 0)), ERR_KEY_FOREIGN);
	assert_int_equal(dh_new(&d), ERR_OK);
	assert_int_equal(add_keys(world_keys(&w, 0, w.sign[0], d, NULL, 0)),
	    ERR_KEY_FOREIGN);
	dh_free(&d);
}

/* b names a's T, so that the relay would take b for a; or a's I. */
static void
dh_keys_of_another(void **state)
{
	struct dh_key *own = w.transport[1];
	(void)state;

	w.transport[1] = w.transport[0];
	assert_int_equal(add_keys(world_keys(&w, 1, w.sign[1], w.identity[1],
	    NULL, 0)), ERR_KEY_FOREIGN);
	w.transport[1] = w.relay_transport;
	w.ks_seq[1] = 1;
	w.ks_hash[1] = keyring_agency(kr, &agency[1])->ks_hash;
	assert_int_equal(add_keys(world_keys(&w, 1, w.sign[1], w.identity[1],
	    NULL, 0)), ERR_KEY_FOREIGN);
	w.transport[1] = own;
	assert_ptr_equal(keyring_transport(kr, dh_public(w.transport[0])),
	    keyring_agency(kr, &agency[0]));
}

static void
identity_of_another(void **state)
{
	struct sign_key *k = NULL;
	(void)state;

	assert_int_equal(sign_new(&k, SIGN_AGENT), ERR_OK);
	assert_int_equal(add_keys(world_keys(&w, 1, k, w.identity[0], NULL,
	    0)), ERR_KEY_FOREIGN);
	sign_free(&k);
}

/* A key its agency no longer uses is still nobody else's: what is good in the
 * order it came in must be good in the order it is read back. */
static void
transport_key_given_up(void **state)
{
	struct dh_key *old = w.transport[0], *own = w.transport[1];
	struct dh_key *new = NULL;
	(void)state;

	assert_int_equal(dh_new(&new), ERR_OK);
	w.transport[0] = new;
	assert_int_equal(add_keys(world_keys(&w, 0, w.sign[0], w.identity[0],
	    NULL, 0)), ERR_OK);
	w.transport[1] = old;
	assert_int_equal(add_keys(world_keys(&w, 1, w.sign[1], w.identity[1],
	    NULL, 0)), ERR_KEY_FOREIGN);
	w.transport[0] = old;
	w.transport[1] = own;
	dh_free(&new);
}

static void
keys_of_an_unknown_root(void **state)
{
	struct keyring *empty = keyring_new();
	(void)state;

	assert_int_equal(keyring_add_keys(empty, w.item[0].bytes.p,
	    w.item[0].bytes.len, NULL), ERR_KEY_FOREIGN);
	assert_int_equal(keyring_add_root(empty, sign_public(w.relay_root),
	    "r1", true), ERR_OK);
	assert_int_equal(keyring_add_keys(empty, w.item[0].bytes.p,
	    w.item[0].bytes.len, NULL), ERR_OK);
	assert_non_null(keyring_log(empty, &w.log_id));
	keyring_free(empty);
}

static void
point_of_small_order(void **state)
{
	uint8_t zero[KEY_BYTES] = { 0 };
	(void)state;

	assert_int_equal(keyring_add_root(kr, zero, "bad", false),
	    ERR_POINT);
}

static enum keyring_standing
standing(const struct keyring_key *key, uint64_t index)
{
	struct keyring_place place = { w.log_id, index };

	return (keyring_standing(kr, key, &place));
}

static void
revocation_by_index(void **state)
{
	const struct keyring_key *key = keyring_key(kr, sign_kid(w.sign[0]));
	struct keyring_place other = { w.log_id, 2 }, place = { w.log_id, 9 };
	struct sign_key *k = NULL;
	struct dh_key *d = NULL;
	struct item *rev;
	(void)state;

	assert_int_equal(standing(key, 100), KEYRING_GOOD);
	assert_int_equal(keyring_standing(kr, key, NULL), KEYRING_GOOD);
	assert_int_equal(sign_new(&k, SIGN_AGENT), ERR_OK);
	assert_int_equal(dh_new(&d), ERR_OK);
	rev = world_keys(&w, 0, k, d, sign_kid(w.sign[0]), 5);
	assert_int_equal(add_keys(rev), ERR_OK);
	assert_true(key->revoked);
	/* Not known to stand in the log yet: disputed from the cut. */
	assert_int_equal(standing(key, 4), KEYRING_GOOD);
	assert_int_equal(standing(key, 5), KEYRING_DISPUTED);
	assert_int_equal(standing(key, 100), KEYRING_DISPUTED);
	assert_int_equal(keyring_standing(kr, key, NULL), KEYRING_REFUSED);
	assert_int_equal(keyring_placed(kr, &w.ks_hash[0], &place), ERR_OK);
	assert_int_equal(standing(key, 4), KEYRING_GOOD);
	assert_int_equal(standing(key, 8), KEYRING_DISPUTED);
	assert_int_equal(standing(key, 9), KEYRING_REFUSED);
	/* A log the revocation does not name has cut 0. */
	other.log_id.b[0] ^= 1;
	assert_int_equal(keyring_standing(kr, key, &other),
	    KEYRING_DISPUTED);
	/* The new key is untouched, and the same place again changes none. */
	assert_int_equal(standing(keyring_key(kr, sign_kid(k)), 100),
	    KEYRING_GOOD);
	place.index = 20;
	assert_int_equal(keyring_placed(kr, &w.ks_hash[0], &place), ERR_OK);
	assert_int_equal(standing(key, 9), KEYRING_REFUSED);
	sign_free(&k);
	dh_free(&d);
}

/* b cannot revoke a's key. */
static void
revocation_of_another(void **state)
{
	const struct keyring_key *key = keyring_key(kr, sign_kid(w.sign[0]));
	struct sign_key *k = NULL;
	struct dh_key *d = NULL;
	(void)state;

	assert_int_equal(sign_new(&k, SIGN_AGENT), ERR_OK);
	assert_int_equal(dh_new(&d), ERR_OK);
	assert_int_equal(add_keys(world_keys(&w, 1, k, d,
	    sign_kid(w.sign[0]), 0)), ERR_OK);
	assert_false(key->revoked);
	assert_int_equal(standing(key, 100), KEYRING_GOOD);
	sign_free(&k);
	dh_free(&d);
}

/* A certificate by custodian, or by who signs for it. */
static enum err
add_officer(const struct sign_key *custodian, const uint8_t key[KEY_BYTES],
    uint8_t name, uint64_t not_before, bool revoked)
{
	struct buf bytes = buf_init(STATEMENT_MAX);
	struct statement_officer o;
	uint8_t sig[SIG_BYTES];
	enum err err;

	memset(&o, 0, sizeof(o));
	o.kid = *sign_kid(custodian);
	memset(o.officer.b, name, ID_BYTES);
	memcpy(o.key, key, KEY_BYTES);
	o.not_before = not_before;
	o.not_after = not_before + 1000;
	o.revoked = revoked;
	assert_int_equal(statement_officer_encode(&bytes, &o), ERR_OK);
	assert_int_equal(sign_labelled(custodian, LABEL_OFFICER, bytes.p,
	    bytes.len, sig), ERR_OK);
	buf_put(&bytes, sig, sizeof(sig));
	err = keyring_add_officer(kr, bytes.p, bytes.len, NULL);
	bytes.p[bytes.len - 1] ^= 1;
	if (err == ERR_OK)
		assert_int_equal(keyring_add_officer(kr, bytes.p, bytes.len,
		    NULL), ERR_SIGNATURE);
	buf_free(&bytes);
	return (err);
}

static void
officers(void **state)
{
	struct sign_key *one = NULL, *two = NULL, *stranger = NULL;
	const struct keyring_officer *o;
	struct id id;
	(void)state;

	assert_int_equal(sign_new(&one, SIGN_OFFICER), ERR_OK);
	assert_int_equal(sign_new(&two, SIGN_OFFICER), ERR_OK);
	assert_int_equal(sign_new(&stranger, SIGN_CUSTODIAN), ERR_OK);
	memset(id.b, 5, ID_BYTES);
	assert_int_equal(add_officer(stranger, sign_public(one), 5, 10,
	    false), ERR_KID_UNKNOWN);
	assert_int_equal(add_officer(w.custodian[0], sign_public(one), 5, 10,
	    false), ERR_OK);
	o = keyring_officer(kr, &id);
	assert_non_null(o);
	assert_memory_equal(o->key, sign_public(one), KEY_BYTES);
	/* The newest counts; another agency cannot take the name. */
	assert_int_equal(add_officer(w.custodian[0], sign_public(two), 5, 20,
	    false), ERR_OK);
	assert_int_equal(add_officer(w.custodian[0], sign_public(one), 5, 10,
	    false), ERR_OK);
	assert_memory_equal(o->key, sign_public(two), KEY_BYTES);
	assert_int_equal(add_officer(w.custodian[1], sign_public(one), 5, 30,
	    false), ERR_KEY_FOREIGN);
	assert_int_equal(add_officer(w.custodian[0], sign_public(two), 5, 20,
	    true), ERR_OK);
	assert_true(o->revoked);
	assert_ptr_equal(keyring_officer_at(kr, 0), o);
	assert_null(keyring_officer_at(kr, 1));
	sign_free(&one);
	sign_free(&two);
	sign_free(&stranger);
}

static void
run_by_steps(void **state)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct item *item = world_say(&w, FROM_A, LANE_NOTICE, "hello");
	struct verify_who who;
	struct run run;
	(void)state;

	assert_int_equal(run_decode(&run, RUN_BARE, buf_view(&item->bytes),
	    &arena), ERR_OK);
	assert_int_equal(verify_run_sender(&who, kr, &run, &agency[0], NULL),
	    ERR_OK);
	assert_int_equal(who.standing, KEYRING_GOOD);
	assert_int_equal(who.channel->direction, FROM_A);
	assert_int_equal(verify_run_signature(&run, who.key), ERR_OK);
	assert_int_equal(verify_run(&who, kr, &run, NULL, NULL), ERR_OK);
	assert_int_equal(verify_run_sender(&who, kr, &run, &agency[1], NULL),
	    ERR_SENDER);
	run.entry[RUN_ENTRY_BYTES - 1] ^= 1;
	assert_int_equal(verify_run(&who, kr, &run, &agency[0], NULL),
	    ERR_SIGNATURE);
	run.st.kid.b[0] ^= 1;
	assert_int_equal(verify_run_sender(&who, kr, &run, &agency[0], NULL),
	    ERR_KID_UNKNOWN);
	run.st.kid = *sign_kid(w.sign[1]);
	assert_int_equal(verify_run_sender(&who, kr, &run, &agency[0], NULL),
	    ERR_KEY_FOREIGN);
	run.env[0].h.charter = 3;
	assert_int_equal(verify_run_sender(&who, kr, &run, &agency[0], NULL),
	    ERR_CHARTER_NUMBER);
	run.st.channel.b[0] ^= 1;
	assert_int_equal(verify_run_sender(&who, kr, &run, &agency[0], NULL),
	    ERR_CHANNEL);
	arena_free(&arena);
}

static void
prekey(void **state)
{
	uint8_t bytes[PREKEY_STATEMENT_BYTES + SIG_BYTES];
	struct statement_prekey p;
	struct verify_who who;
	int i;
	(void)state;

	for (i = 0; i < 3; i++) {
		p.kid = *sign_kid(i == 1 ? w.sign[0] : w.sign[1]);
		p.pair_id = w.pair_id;
		p.prekey_id = 4;
		memcpy(p.key, dh_public(w.identity[1]), KEY_BYTES);
		if (i == 2)
			memset(p.key, 0, KEY_BYTES);
		statement_prekey_encode(bytes, &p);
		assert_int_equal(sign_labelled(w.sign[1], LABEL_PREKEY, bytes,
		    PREKEY_STATEMENT_BYTES, bytes + PREKEY_STATEMENT_BYTES),
		    ERR_OK);
		assert_int_equal(verify_prekey(&who, kr, bytes,
		    sizeof(bytes), NULL), i == 0 ? ERR_OK
		    : i == 1 ? ERR_SIGNATURE : ERR_POINT);
	}
	assert_int_equal(who.channel->direction, FROM_B);
	assert_int_equal(who.channel->lane, LANE_NOTICE);
}

/* A log whose log_id begins with the same 32 bits; a search of seconds. */
static void
checkpoint_of_two_logs_alike(void **state)
{
	static const uint8_t seeds[2][KEY_BYTES] = {
		{ 0x6f, 0x43 }, { 0xb1, 0xcf }
	};
	struct sign_key *root[2] = { NULL, NULL }, *log[2] = { NULL, NULL };
	struct sign_key *was[2] = { w.relay_root, w.log_key };
	struct dh_key *transport = w.relay_transport;
	struct buf note = buf_init(NOTE_MAX);
	struct keyring *two = keyring_new();
	struct verify_checkpoint cp;
	struct item *keys;
	int i;
	(void)state;

	for (i = 0; i < 2; i++) {
		assert_int_equal(sign_new(&root[i], SIGN_ROOT), ERR_OK);
		assert_int_equal(sign_from_seed(&log[i], SIGN_LOG, seeds[i]),
		    ERR_OK);
		w.relay_root = root[i];
		w.log_key = log[i];
		w.relay_transport = w.transport[i];
		w.ks_seq[2] = 0;
		memset(&w.ks_hash[2], 0, sizeof(w.ks_hash[2]));
		keys = world_keys(&w, 2, i == 0 ? w.relay_sign : was[0], NULL,
		    NULL, 0);
		assert_int_equal(keyring_add_root(two, sign_public(root[i]),
		    "r", true), ERR_OK);
		assert_int_equal(keyring_add_keys(two, keys->bytes.p,
		    keys->bytes.len, NULL), ERR_OK);
	}
	for (i = 0; i < 2; i++) {
		w.log_key = log[i];
		w.log_id = pubkey_log_id(sign_public(log[i]));
		assert_int_equal(note_origin(w.origin, "r", &w.log_id),
		    ERR_OK);
		note.len = 0;
		world_checkpoint(&w, w.leaves, &note);
		assert_int_equal(verify_checkpoint(&cp, two, note.p,
		    note.len), ERR_OK);
		assert_true(hash_eq(&cp.log->log_id, &w.log_id));
	}
	w.relay_root = was[0];
	w.log_key = was[1];
	w.relay_transport = transport;
	note.len = 0;
	world_checkpoint(&w, w.leaves, &note);	/* by neither */
	assert_int_equal(verify_checkpoint(&cp, two, note.p, note.len),
	    ERR_SIGNATURE);
	for (i = 0; i < 2; i++) {
		sign_free(&root[i]);
		sign_free(&log[i]);
	}
	buf_free(&note);
	keyring_free(two);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(answers), T(held_already), T(charter_refused),
		T(charter_renewed), T(keys_refused), T(keys_out_of_order),
		T(keys_of_another), T(dh_keys_of_another),
		T(identity_of_another), T(transport_key_given_up),
		T(keys_of_an_unknown_root),
		T(point_of_small_order), T(revocation_by_index),
		T(revocation_of_another), T(officers), T(run_by_steps),
		T(prekey), T(checkpoint_of_two_logs_alike),
	};

	return (cmocka_run_group_tests_name("audit.keyring", tests, NULL,
	    NULL));
}
