/*
 * Officers' signatures inside an opened message: whose, by which certificate,
 * before or after its revocation.
 */
#include <string.h>

#include "proto/label.h"
#include "tests/unit/audit/tamper.h"

static struct sign_key *one, *two;

static int
setup(void **state)
{
	one = two = NULL;
	if (sign_new(&one, SIGN_OFFICER) != ERR_OK ||
	    sign_new(&two, SIGN_OFFICER) != ERR_OK)
		return (-1);
	return (tamper_setup(state));
}

static int
teardown(void **state)
{
	sign_free(&one);
	sign_free(&two);
	return (tamper_teardown(state));
}

static struct id
named(uint8_t name)
{
	struct id id;

	memset(id.b, name, ID_BYTES);
	return (id);
}

/* a's custodian (or b's) certifies key as officer name, or ends it. */
static struct item *
certify(int who, uint8_t name, const struct sign_key *key, uint64_t not_before,
    bool revoked)
{
	struct buf bytes = buf_init(STATEMENT_MAX);
	struct statement_officer o;
	struct item *item;

	memset(&o, 0, sizeof(o));
	o.kid = *sign_kid(w.custodian[who]);
	o.officer = named(name);
	memcpy(o.key, sign_public(key), KEY_BYTES);
	o.not_before = not_before;
	o.not_after = not_before + 1000;
	o.revoked = revoked;
	assert_int_equal(statement_officer_encode(&bytes, &o), ERR_OK);
	item = tamper_sign(ITEM_STATEMENT, w.custodian[who], LABEL_OFFICER,
	    bytes.p, bytes.len);
	world_log_item(&w, item);
	buf_free(&bytes);
	return (item);
}

/* A message of a's by author 1 with key, opened. */
static void
say(const struct sign_key *key)
{
	struct item *run;

	w.knobs[FROM_A].officer[0] = key;
	w.knobs[FROM_A].officer_id[0] = named(1);
	run = world_say(&w, FROM_A, LANE_NOTICE, "signed");
	world_receipt(&w, run, RECEIPT_DELIVERED, w.sign[1]);
	world_open(&w, &w.env[w.envs - 1]);
}

static void
certified(void **state)
{
	(void)state;
	w.knobs[FROM_A].officer[1] = two;
	w.knobs[FROM_A].officer_id[1] = named(2);
	certify(0, 1, one, 10, false);
	certify(0, 2, two, 10, false);
	say(one);
	tamper_expect(JUDGE_VERIFIED, 0);
}

static void
certificate_left_out(void **state)
{
	struct item *item = certify(0, 1, one, 10, false);
	(void)state;

	say(one);
	item->skip = item->skip_proof = true;
	tamper_expect(JUDGE_INCOMPLETE, FINDINGS_OFFICER_UNKNOWN);
}

static void
signed_with_another_key(void **state)
{
	(void)state;
	certify(0, 1, one, 10, false);
	say(two);
	tamper_expect(JUDGE_FAILED, FINDINGS_OFFICER_SIGNATURE);
}

static void
officer_of_the_peer(void **state)
{
	(void)state;
	certify(1, 1, one, 10, false);
	say(one);
	tamper_expect(JUDGE_FAILED, FINDINGS_OFFICER_SIGNATURE);
}

/* Author and releaser are two, though both signatures be good. */
static void
one_for_two(void **state)
{
	(void)state;
	certify(0, 1, one, 10, false);
	w.knobs[FROM_A].officer[1] = one;
	w.knobs[FROM_A].officer_id[1] = named(1);
	say(one);
	tamper_expect(JUDGE_FAILED, FINDINGS_OPENING_FORM);
}

/* What an officer signed stands when next year's key is certified. */
static void
key_renewed(void **state)
{
	(void)state;
	certify(0, 1, one, 10, false);
	say(one);
	certify(0, 1, two, 20, false);
	say(two);
	tamper_expect(JUDGE_VERIFIED, 0);
}

static void
revoked_afterwards(void **state)
{
	struct item *end;
	(void)state;

	certify(0, 1, one, 10, false);
	say(one);
	end = certify(0, 1, one, 20, true);
	tamper_expect(JUDGE_VERIFIED, 0);
	/* Without its place nothing tells. */
	end->skip_proof = true;
	tamper_expect(JUDGE_INCOMPLETE, FINDINGS_OFFICER_REVOKED);
}

static void
revoked_before(void **state)
{
	(void)state;
	certify(0, 1, one, 10, false);
	certify(0, 1, one, 20, true);
	say(one);
	tamper_expect(JUDGE_INCOMPLETE, FINDINGS_OFFICER_REVOKED);
	/* Taken on again. */
	certify(0, 1, one, 30, false);
	tamper_expect(JUDGE_VERIFIED, 0);
}

#define O(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		O(certified), O(certificate_left_out),
		O(signed_with_another_key), O(officer_of_the_peer),
		O(one_for_two), O(key_renewed), O(revoked_afterwards),
		O(revoked_before),
	};

	return (cmocka_run_group_tests_name("audit.officer", tests, NULL,
	    NULL));
}
