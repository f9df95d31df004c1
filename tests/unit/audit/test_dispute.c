/*
 * What a revoked key signed, beside runs: receipts, refusals, statements.
 * Where the revocation disputes it, it counts and is shown.
 */
#include <string.h>

#include "proto/label.h"
#include "tests/unit/audit/tamper.h"

static struct sign_key *k;
static struct dh_key *d;

static int
setup(void **state)
{
	k = NULL;
	d = NULL;
	if (sign_new(&k, SIGN_AGENT) != ERR_OK || dh_new(&d) != ERR_OK)
		return (-1);
	return (tamper_setup(state));
}

static int
teardown(void **state)
{
	sign_free(&k);
	dh_free(&d);
	return (tamper_teardown(state));
}

/* New keys for who (0 a, 2 the relay); old is revoked from cut on. */
static void
revoke(int who, const struct sign_key *old, uint64_t cut)
{
	world_log_item(&w, world_keys(&w, who, k, who == 2 ? NULL : d,
	    sign_kid(old), cut));
}

static void
receipt_disputed(void **state)
{
	(void)state;
	/* The last leaf is a's receipt for b's last message. */
	revoke(0, w.sign[0], w.leaves - 1);
	tamper_expect(JUDGE_INCOMPLETE, FINDINGS_RECEIPT_DISPUTED);
}

static void
receipt_below_the_cut(void **state)
{
	(void)state;
	revoke(0, w.sign[0], w.leaves);
	tamper_expect(JUDGE_VERIFIED, 0);
}

/* The relay refused what a sent as its message seq. */
static void
refuse(uint64_t seq)
{
	uint8_t tbs[RECEIPT_BYTES];
	struct receipt r;

	memset(&r, 0, sizeof(r));
	r.kid = *sign_kid(w.relay_sign);
	r.event = RECEIPT_REFUSED;
	r.reason = ERR_QUOTA;
	r.channel = envelope_channel(&w.pair_id, FROM_A, LANE_NOTICE);
	r.first_seq = r.last_seq = seq;
	memset(r.env_id.b, 9, HASH_BYTES);
	r.log_id = w.log_id;
	r.index = UINT64_MAX;
	r.time_at = 1;
	receipt_encode(tbs, &r);
	tamper_sign(ITEM_RECEIPT, w.relay_sign, LABEL_RECEIPT, tbs,
	    sizeof(tbs));
}

/* A refusal is in no log: no index tells whether the thief signed it. */
static void
refusal_by_a_revoked_key(void **state)
{
	(void)state;
	refuse(9);
	tamper_expect(JUDGE_VERIFIED, 0);
	revoke(2, w.relay_sign, w.leaves);
	tamper_expect(JUDGE_INCOMPLETE, FINDINGS_RECEIPT_DISPUTED);
}

/* A restored copy sent another second message: it got nowhere. */
static void
refusal_of_what_never_was(void **state)
{
	(void)state;
	refuse(2);
	tamper_expect(JUDGE_VERIFIED, 0);
}

static void
prekey_disputed(void **state)
{
	uint8_t tbs[PREKEY_STATEMENT_BYTES];
	struct statement_prekey p;
	(void)state;

	p.kid = *sign_kid(w.sign[0]);
	p.pair_id = w.pair_id;
	p.prekey_id = 4;
	memcpy(p.key, dh_public(d), KEY_BYTES);
	statement_prekey_encode(tbs, &p);
	world_log_item(&w, tamper_sign(ITEM_STATEMENT, w.sign[0],
	    LABEL_PREKEY, tbs, sizeof(tbs)));
	tamper_expect(JUDGE_VERIFIED, 0);
	revoke(0, w.sign[0], w.leaves - 1);
	tamper_expect(JUDGE_INCOMPLETE, FINDINGS_STATEMENT_DISPUTED);
}

#define D(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		D(receipt_disputed), D(receipt_below_the_cut),
		D(refusal_by_a_revoked_key),
		D(refusal_of_what_never_was), D(prekey_disputed),
	};

	return (cmocka_run_group_tests_name("audit.dispute", tests, NULL,
	    NULL));
}
