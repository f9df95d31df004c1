/*
 * admit: key statements, receipts, prekeys and recovery; whose word counts
 * after a revocation, a recovery or a renewal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/receipt.h"
#include "tests/unit/relay/rig.h"

struct bench {
	struct yard y;
	struct rig rig;
};

static struct bench b;

static int
setup(void **state)
{
	(void)state;
	yard_open(&b.y);
	rig_open(&b.rig, &b.y, 0);
	rig_admit(&b.rig);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	rig_close(&b.rig);
	yard_close(&b.y);
	return 0;
}

/* Build r and submit it as who; the status, and what the log did. */
static enum err
send_as(unsigned who, const struct yard_run *r)
{
	struct buf bytes = buf_init(RUN_CONTAINER_MAX);
	struct admit_answer answer;
	uint64_t size = tlog_size(b.rig.tree);
	enum err status;

	yard_make(&b.y, r, &bytes, NULL);
	status = rig_run(&b.rig, who, &bytes, &answer);
	assert_int_equal(tlog_size(b.rig.tree),
	    size + (status == ERR_OK && answer.index == size));
	buf_free(&bytes);
	return status;
}

static enum err
send_it(const struct yard_run *r)
{
	return send_as(b.y.side[r->pair][r->direction], r);
}

/* The last env_id of a run that is not sent. */
static struct hash
last_of(const struct yard_run *r)
{
	struct buf bytes = buf_init(RUN_CONTAINER_MAX);
	struct hash last;

	yard_make(&b.y, r, &bytes, &last);
	buf_free(&bytes);
	return last;
}

static unsigned
forks(void)
{
	struct store_count count;

	MUST(store_counts(b.rig.store, &count));
	return (unsigned)count.forks;
}

static void
test_statements(void **state)
{
	unsigned own = b.y.side[0][0], peer = b.y.side[0][1];
	struct id channel = yard_channel(&b.y, 0, 0, LANE_NOTICE);
	struct buf said = buf_init(STATEMENT_MAX);
	struct admit_answer one, two;
	struct hash env = { { 1 } };
	uint64_t size;

	(void)state;
	/* A delivered receipt comes from the receiver, by the receiver. */
	yard_receipt(&b.y, own, RECEIPT_DELIVERED, &channel, 1, 3, &env,
	    &said);
	assert_int_equal(rig_statement(&b.rig, own, &said, &one),
	    ERR_KEY_FOREIGN);
	buf_reset(&said);
	yard_receipt(&b.y, peer, RECEIPT_DELIVERED, &channel, 1, 3, &env,
	    &said);
	assert_int_equal(rig_statement(&b.rig, own, &said, &one),
	    ERR_SENDER);
	assert_int_equal(rig_statement(&b.rig, peer, &said, &one), ERR_OK);
	size = tlog_size(b.rig.tree);
	assert_int_equal(rig_statement(&b.rig, peer, &said, &two), ERR_OK);
	assert_int_equal(two.index, one.index);
	assert_int_equal(tlog_size(b.rig.tree), size);
	said.p[said.len - 1] ^= 1;
	assert_int_equal(rig_statement(&b.rig, peer, &said, &two),
	    ERR_SIGNATURE);
	/* What only a relay may say. */
	buf_reset(&said);
	yard_receipt(&b.y, peer, RECEIPT_FETCHED, &channel, 1, 3, &env,
	    &said);
	assert_int_equal(rig_statement(&b.rig, peer, &said, &two), ERR_CODE);
	/* A prekey of its own pair and side. */
	buf_reset(&said);
	yard_prekey(&b.y, 0, 0, 5, &said);
	assert_int_equal(rig_statement(&b.rig, peer, &said, &two),
	    ERR_SENDER);
	assert_int_equal(rig_statement(&b.rig, own, &said, &two), ERR_OK);
	buf_reset(&said);
	yard_prekey(&b.y, 0, 0, 4, &said);
	assert_int_equal(rig_statement(&b.rig, own, &said, &two), ERR_SEQ);
	/* No statement at all. */
	buf_reset(&said);
	buf_str(&said, "casewire/1/nothing of the kind, but long enough to be"
	    " one if it were one, which it is not, whoever sends it here");
	assert_int_equal(rig_statement(&b.rig, own, &said, &two), ERR_MAGIC);
	buf_free(&said);
}

static void
test_key_statements(void **state)
{
	unsigned own = b.y.side[0][0], peer = b.y.side[0][1];
	struct buf keys = buf_init(STATEMENT_MAX);
	struct admit_answer answer;

	(void)state;
	yard_keys(&b.y, own, NULL, 0);		/* number 2 */
	buf_put(&keys, b.y.agency[own].keys.p, b.y.agency[own].keys.len);
	yard_keys(&b.y, own, NULL, 0);		/* number 3 */
	assert_int_equal(rig_statement(&b.rig, own, &b.y.agency[own].keys,
	    &answer), ERR_KEY_SEQ);
	assert_int_equal(rig_statement(&b.rig, peer, &keys, &answer),
	    ERR_SENDER);
	keys.p[keys.len - 1] ^= 1;
	assert_int_equal(rig_statement(&b.rig, own, &keys, &answer),
	    ERR_SIGNATURE);
	keys.p[keys.len - 1] ^= 1;
	assert_int_equal(rig_statement(&b.rig, own, &keys, &answer), ERR_OK);
	assert_int_equal(rig_statement(&b.rig, own, &b.y.agency[own].keys,
	    &answer), ERR_OK);
	/* Two statements of one number: the root equivocates. */
	b.y.agency[own].ks_seq = 2;
	yard_rotate(&b.y, own);
	b.y.agency[own].ks_hash = statement_hash((struct view){ keys.p,
	    keys.len - SIG_BYTES });
	yard_keys(&b.y, own, NULL, 0);
	assert_int_equal(rig_statement(&b.rig, own, &b.y.agency[own].keys,
	    &answer), ERR_ROOT_EQUIVOCATION);
	buf_free(&keys);
}

/* After a fork only the root names the branch; then it goes on. */
static void
test_recovery(void **state)
{
	struct yard_run r = yard_first(0, 0, LANE_NOTICE, 3), next;
	unsigned own = b.y.side[0][0], peer = b.y.side[0][1];
	struct buf said = buf_init(STATEMENT_MAX);
	struct admit_answer answer;
	struct hash last, env2;

	(void)state;
	r.size = 2;
	env2 = last_of(&r);
	r.size = 3;
	assert_int_equal(rig_send(&b.rig, &r, &last, &answer), ERR_OK);
	/* The root leaves the branch at seq 2; 3 to 9 are declared lost. */
	yard_recovery(&b.y, 0, 0, 2, 2, &env2, 10, &said);
	assert_int_equal(rig_statement(&b.rig, peer, &said, &answer),
	    ERR_SENDER);
	assert_int_equal(rig_statement(&b.rig, own, &said, &answer), ERR_OK);
	next = yard_first(0, 0, LANE_NOTICE, 1);
	next.first_seq = 10;
	next.prev = env2;
	next.e = 11;
	assert_int_equal(send_it(&next), ERR_INCARNATION);
	next.start = 2;
	next.prev = last;
	assert_int_equal(send_it(&next), ERR_PREV);
	next.prev = env2;
	assert_int_equal(send_it(&next), ERR_OK);
	rig_close(&b.rig);
	rig_open(&b.rig, &b.y, 0);
	assert_int_equal(send_it(&next), ERR_OK);	/* a duplicate */
	buf_free(&said);
}

/* A thief cannot write into the past, and not after the revocation. */
static void
test_revoked(void **state)
{
	unsigned own = b.y.side[0][0];
	struct yard_run r = yard_first(0, 0, LANE_NOTICE, 1), next;
	struct sign_key *stolen;
	struct id kid = *sign_kid(b.y.agency[own].sign);
	struct admit_answer answer;
	struct hash last;

	(void)state;
	assert_int_equal(rig_send(&b.rig, &r, &last, &answer), ERR_OK);
	MUST(sign_from_seed(&stolen, SIGN_AGENT,
	    sign_seed(b.y.agency[own].sign)));
	yard_rotate(&b.y, own);
	yard_keys(&b.y, own, &kid, answer.index + 1);
	assert_int_equal(rig_statement(&b.rig, own, &b.y.agency[own].keys,
	    &answer), ERR_OK);
	next = yard_next(&r, &last, 1);
	next.signer = stolen;
	assert_int_equal(send_it(&next), ERR_KEY_REVOKED);
	next.signer = NULL;
	next.e = 10;
	next.n = 0;
	assert_int_equal(send_it(&next), ERR_OK);
	sign_free(&stolen);
}

/* What a revoked key said from its cut on binds nobody: good mail takes
 * the seq of mail that is not. */
static void
test_disputed_gives_way(void **state)
{
	unsigned own = b.y.side[0][0];
	struct yard_run r = yard_first(0, 0, LANE_NOTICE, 1), next;
	struct id kid = *sign_kid(b.y.agency[own].sign);
	struct admit_answer answer;
	struct hash last;

	(void)state;
	assert_int_equal(rig_send(&b.rig, &r, &last, &answer), ERR_OK);
	next = yard_next(&r, &last, 1);
	next.noise = 66;		/* the thief's */
	assert_int_equal(send_it(&next), ERR_OK);
	yard_rotate(&b.y, own);
	yard_keys(&b.y, own, &kid, answer.index + 1);
	assert_int_equal(rig_statement(&b.rig, own, &b.y.agency[own].keys,
	    &answer), ERR_OK);
	next = yard_next(&r, &last, 1);
	next.e = 10;
	next.n = 0;
	assert_int_equal(send_it(&next), ERR_OK);
	assert_int_equal(forks(), 0);
}

/* A lost root is replaced by a new charter: who held it is out. */
static void
test_replaced_root(void **state)
{
	struct yard_run r = yard_first(0, 0, LANE_NOTICE, 1);
	struct id back = yard_channel(&b.y, 0, 1, LANE_NOTICE);
	unsigned own = b.y.side[0][0];
	struct buf said = buf_init(STATEMENT_MAX);
	struct admitted_paper paper;
	struct admit_answer answer;
	struct hash env = { { 1 } };

	(void)state;
	yard_renew(&b.y, 0);
	paper.text = buf_view(&b.y.renewal);
	memcpy(paper.sig_a, b.y.renewal_sig[0], SIG_BYTES);
	memcpy(paper.sig_b, b.y.renewal_sig[1], SIG_BYTES);
	MUST(group_begin(b.rig.group));
	MUST(admitted_add(b.rig.admitted, &paper));
	MUST(admit_keys(b.rig.admit, buf_view(&b.y.agency[3].keys), &answer));
	MUST(answer.status);
	MUST(group_end(b.rig.group));

	assert_int_equal(send_it(&r), ERR_SENDER);
	yard_receipt(&b.y, own, RECEIPT_DELIVERED, &back, 1, 1, &env, &said);
	assert_int_not_equal(rig_statement(&b.rig, own, &said, &answer),
	    ERR_OK);
	buf_reset(&said);
	yard_prekey(&b.y, 0, 0, 1, &said);
	assert_int_not_equal(rig_statement(&b.rig, own, &said, &answer),
	    ERR_OK);
	/* Its successor speaks under the new number, not under the old. */
	r.signer = b.y.agency[3].sign;
	assert_int_equal(send_as(3, &r), ERR_SENDER);
	r.charter = 1;
	assert_int_equal(send_as(3, &r), ERR_OK);
	rig_close(&b.rig);
	rig_open(&b.rig, &b.y, 0);	/* renewals load in any order */
	assert_int_equal(send_as(3, &r), ERR_OK);
	buf_free(&said);
}

/* The relay logs its own key statement, as at its start. */
static void
log_own(void)
{
	struct store_item item = {
		.entry = buf_view(&b.y.relay_keys),
		.news = STORE_KEYS,
		.news_owner = b.y.relay_id,
		.news_serial = 1,
	};

	MUST(group_append(b.rig.group, &item));
	MUST(group_end(b.rig.group));
}

/* Its newest key statement, whatever T it names. */
static enum err
state_keys(const struct yard_agency *a)
{
	struct admit_party party = { .agency = a->id };
	struct admit_answer answer;

	memcpy(party.key, dh_public(a->transport), KEY_BYTES);
	MUST(admit_statement(b.rig.admit, &party, buf_view(&a->keys),
	    &b.rig.when, &answer));
	MUST(group_end(b.rig.group));
	return answer.status;
}

/* Agency 1 states the relay's own transport key, then its own again. */
static enum err
state_the_relays(void)
{
	struct yard_agency *a = &b.y.agency[1];
	struct dh_key *own = a->transport;
	enum err status;

	MUST(dh_from_secret(&a->transport, dh_secret(keyfile_dh(b.y.relay,
	    KEYFILE_T, 0))));
	yard_keys(&b.y, 1, NULL, 0);
	dh_free(&a->transport);
	a->transport = own;
	status = state_keys(a);
	if (status != ERR_OK)
		return status;
	yard_keys(&b.y, 1, NULL, 0);
	return state_keys(a);
}

static void
nobody_states_the_relays_keys(void **state)
{
	(void)state;
	log_own();
	MUST(admitted_own(b.rig.admitted, &b.y.relay_id));
	assert_int_equal(state_the_relays(), ERR_KEY_FOREIGN);
}

static void
the_relay_starts_whatever_an_agency_stated(void **state)
{
	(void)state;
	log_own();
	/* Not known to be the relay's here, but at the next start. */
	assert_int_equal(state_the_relays(), ERR_OK);
	rig_close(&b.rig);
	rig_open(&b.rig, &b.y, 0);
}

/* A thief's highest prekey id does not keep the owner from publishing. */
static void
test_stolen_prekey_ids(void **state)
{
	unsigned own = b.y.side[0][0];
	struct id kid = *sign_kid(b.y.agency[own].sign);
	struct buf said = buf_init(STATEMENT_MAX);
	struct admit_answer answer;

	(void)state;
	yard_prekey(&b.y, 0, 0, INT64_MAX, &said);
	assert_int_equal(rig_statement(&b.rig, own, &said, &answer), ERR_OK);
	buf_reset(&said);
	yard_prekey(&b.y, 0, 0, 5, &said);
	assert_int_equal(rig_statement(&b.rig, own, &said, &answer),
	    ERR_SEQ);
	yard_rotate(&b.y, own);
	yard_keys(&b.y, own, &kid, 0);
	assert_int_equal(rig_statement(&b.rig, own, &b.y.agency[own].keys,
	    &answer), ERR_OK);
	buf_reset(&said);
	yard_prekey(&b.y, 0, 0, 5, &said);
	assert_int_equal(rig_statement(&b.rig, own, &said, &answer), ERR_OK);
	/* It is the newest now, for good. */
	buf_reset(&said);
	yard_prekey(&b.y, 0, 0, 4, &said);
	assert_int_equal(rig_statement(&b.rig, own, &said, &answer),
	    ERR_SEQ);
	buf_free(&said);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_stolen_prekey_ids,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(test_statements, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_key_statements, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_recovery, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_revoked, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_disputed_gives_way, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_replaced_root, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(nobody_states_the_relays_keys,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    the_relay_starts_whatever_an_agency_stated, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
