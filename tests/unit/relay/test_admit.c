/*
 * admit: everything that may not go into the log is refused by its own
 * status, nothing of it is kept (but a fork, as evidence), and what may is
 * taken once.  Bad input of issue 2.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "keys/pubkey.h"
#include "proto/label.h"
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

/* The direction's own agency submits bytes; the log must not grow. */
static enum err
refused(const struct yard_run *r, const struct buf *bytes)
{
	struct admit_answer answer;
	uint64_t size = tlog_size(b.rig.tree);
	enum err status;

	status = rig_run(&b.rig, b.y.side[r->pair][r->direction], bytes,
	    &answer);
	assert_int_not_equal(status, ERR_OK);
	assert_int_equal(tlog_size(b.rig.tree), size);
	return status;
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

static void
test_taken_and_again(void **state)
{
	struct yard_run r = yard_first(0, 0, LANE_NOTICE, 3), next;
	struct admit_answer one, two, again;
	struct hash last, last2;
	uint64_t size;

	(void)state;
	assert_int_equal(rig_send(&b.rig, &r, &last, &one), ERR_OK);
	next = yard_next(&r, &last, 1);
	assert_int_equal(rig_send(&b.rig, &next, &last2, &two), ERR_OK);
	assert_int_equal(two.index, one.index + 1);
	assert_int_equal(two.first_seq, 4);
	assert_true(hash_eq(&two.last_env, &last2));
	/* A replay is answered with its first index, and nothing grows. */
	size = tlog_size(b.rig.tree);
	assert_int_equal(rig_send(&b.rig, &r, NULL, &again), ERR_OK);
	assert_int_equal(again.index, one.index);
	assert_int_equal(rig_send(&b.rig, &next, NULL, &again), ERR_OK);
	assert_int_equal(again.index, two.index);
	assert_int_equal(tlog_size(b.rig.tree), size);
}

/* The same across a restart: nothing rests on memory. */
static void
test_again_after_restart(void **state)
{
	struct yard_run r = yard_first(0, 0, LANE_NOTICE, 2), next;
	struct admit_answer one, again;
	struct hash last;

	(void)state;
	assert_int_equal(rig_send(&b.rig, &r, &last, &one), ERR_OK);
	rig_close(&b.rig);
	rig_open(&b.rig, &b.y, 0);
	assert_int_equal(rig_send(&b.rig, &r, NULL, &again), ERR_OK);
	assert_int_equal(again.index, one.index);
	next = yard_next(&r, &last, 2);
	assert_int_equal(rig_send(&b.rig, &next, NULL, &again), ERR_OK);
	next.random = 8;
	next.first_seq += 2;
	next.n += 2;
	assert_int_equal(send_it(&next), ERR_CLONE);
}

static void
test_form(void **state)
{
	struct yard_run r = yard_first(0, 0, LANE_NOTICE, 2);
	struct buf good = buf_init(RUN_CONTAINER_MAX), bad;
	size_t len;

	(void)state;
	yard_make(&b.y, &r, &good, NULL);
	for (len = 0; len < good.len; len += len < 400 ? 1 : 97) {
		bad = good;
		bad.len = len;
		assert_int_equal(refused(&r, &bad), ERR_TRUNCATED);
	}
	buf_u8(&good, 0);
	assert_int_equal(refused(&r, &good), ERR_TRAILING);
	good.len--;
	good.p[0] = 0;
	good.p[1] = 0;
	assert_int_equal(refused(&r, &good), ERR_COUNT);
	good.p[0] = 0xff;
	assert_int_equal(refused(&r, &good), ERR_COUNT);
	buf_free(&good);
	good = buf_init(4 * RUN_CONTAINER_MAX);
	memset(buf_room(&good, RUN_CONTAINER_MAX + 1), 1,
	    RUN_CONTAINER_MAX + 1);
	assert_int_equal(refused(&r, &good), ERR_TOO_BIG);
	buf_free(&good);
}

/* One bit in each region of an envelope and of the run around it. */
static void
test_flipped_bits(void **state)
{
	static const struct {
		size_t at;		/* in the run, from the first header */
		enum err status;
	} flips[] = {
		{ 0, ERR_MAGIC },
		{ 4, ERR_VERSION },
		{ 5, ERR_SUITE },
		{ 7, ERR_CHARTER_NUMBER },
		{ 8, ERR_CHANNEL },
		{ 24, ERR_KID_UNKNOWN },
		{ 43, ERR_INCARNATION },	/* start count 1 -> 0 */
		{ 47, ERR_INCARNATION },	/* not the second's */
		{ 54, ERR_SEQ },
		{ 88, ERR_PREV },		/* E: the env_id changes */
		{ 127, ERR_EPOCH },		/* prekey_id 1 -> 0 */
		{ 131, ERR_PREV },
		{ 135, ERR_PREV },
		{ 140, ERR_PREV },		/* C */
		{ 175, ERR_PREV },
		{ 183, ERR_PREV },
		{ 191, ERR_ENCODING },		/* ack_seq without ack_env */
		{ 200, ERR_ENCODING },
		{ 227, ERR_BUCKET },
		{ 231, ERR_RESERVED },
		{ 300, ERR_PREV },		/* ciphertext: H(CT) changes */
	};
	struct yard_run r = yard_first(0, 0, LANE_NOTICE, 2);
	size_t head = 2 + SEEN_BYTES, i;
	struct buf bytes = buf_init(RUN_CONTAINER_MAX);
	enum err status;

	(void)state;
	yard_make(&b.y, &r, &bytes, NULL);
	for (i = 0; i < sizeof(flips) / sizeof(flips[0]); i++) {
		bytes.p[head + flips[i].at] ^= 1;
		status = refused(&r, &bytes);
		if (status != flips[i].status)
			fail_msg("byte %zu: %s", flips[i].at,
			    err_name(status));
		bytes.p[head + flips[i].at] ^= 1;
	}
	/* Of the last envelope nothing chains: the signature catches it. */
	head = bytes.len - SIG_BYTES - 1;
	bytes.p[head] ^= 1;
	assert_int_equal(refused(&r, &bytes), ERR_SIGNATURE);
	bytes.p[head] ^= 1;
	bytes.p[2] ^= 1;			/* seen */
	assert_int_equal(refused(&r, &bytes), ERR_SIGNATURE);
	bytes.p[2] ^= 1;
	for (i = 1; i <= SIG_BYTES; i += 21) {
		bytes.p[bytes.len - i] ^= 1;
		assert_int_equal(refused(&r, &bytes), ERR_SIGNATURE);
		bytes.p[bytes.len - i] ^= 1;
	}
	buf_free(&bytes);
}

static void
test_sender(void **state)
{
	struct yard_run r = yard_first(0, 0, LANE_NOTICE, 1);
	unsigned own = b.y.side[0][0], peer = b.y.side[0][1];
	struct admit_party party;
	struct id other;
	uint8_t stranger[KEY_BYTES] = { 9 };

	(void)state;
	/* Nobody's transport key. */
	assert_int_equal(admit_party(b.rig.admit, stranger, &party),
	    ERR_NOT_ADMITTED);
	/* The peer brings it, though the true sender signed it. */
	assert_int_equal(send_as(peer, &r), ERR_SENDER);
	/* An agency of another pair. */
	assert_int_equal(send_as(2, &r), ERR_SENDER);
	/* The peer signs for this channel: its kid is not the sender's. */
	r.signer = b.y.agency[peer].sign;
	assert_int_equal(send_as(own, &r), ERR_KEY_FOREIGN);
	r.signer = b.y.agency[2].sign;
	assert_int_equal(send_as(own, &r), ERR_KEY_FOREIGN);
	/* It claims the sender's kid. */
	r.kid = sign_kid(b.y.agency[own].sign);
	assert_int_equal(send_as(own, &r), ERR_SIGNATURE);
	/* Re-targeted: to the other direction, another pair, no channel. */
	r = yard_first(0, 0, LANE_NOTICE, 1);
	other = yard_channel(&b.y, 0, 1, LANE_NOTICE);
	r.channel = &other;
	assert_int_equal(send_as(own, &r), ERR_SENDER);
	memset(other.b, 0x11, sizeof(other.b));
	assert_int_equal(send_as(own, &r), ERR_CHANNEL);
}

/* A good run whose header was moved to a sibling channel of its sender. */
static void
test_retargeted(void **state)
{
	struct yard_run r = yard_first(0, 0, LANE_NOTICE, 1);
	struct id lane1 = yard_channel(&b.y, 0, 0, LANE_EMERGENCY);
	struct buf bytes = buf_init(RUN_CONTAINER_MAX);

	(void)state;
	yard_make(&b.y, &r, &bytes, NULL);
	memcpy(bytes.p + 2 + SEEN_BYTES + 8, lane1.b, ID_BYTES);
	assert_int_equal(refused(&r, &bytes), ERR_SIGNATURE);
	buf_free(&bytes);
}

static void
test_order(void **state)
{
	struct yard_run r = yard_first(0, 0, LANE_NOTICE, 2), next, later;
	struct admit_answer answer;
	struct hash last, last2;

	(void)state;
	r.start = 5;
	assert_int_equal(rig_send(&b.rig, &r, &last, &answer), ERR_OK);
	next = yard_next(&r, &last, 1);
	next.start = 4;
	assert_int_equal(send_it(&next), ERR_INCARNATION);
	next.start = 5;
	next.random = 8;
	assert_int_equal(send_it(&next), ERR_CLONE);
	next.random = 7;
	next.n = 9;
	assert_int_equal(send_it(&next), ERR_EPOCH);
	next.n = 2;
	next.prekey_id = 2;
	assert_int_equal(send_it(&next), ERR_EPOCH);
	next.prekey_id = 1;
	assert_int_equal(rig_send(&b.rig, &next, &last2, &answer), ERR_OK);
	/* Another relay took some: a gap is taken, and filled later. */
	later = yard_next(&next, &last2, 1);
	last = last_of(&later);
	later = yard_next(&later, &last, 2);
	assert_int_equal(send_it(&later), ERR_OK);
	later = yard_next(&next, &last2, 1);
	assert_int_equal(send_it(&later), ERR_OK);
	assert_int_equal(send_it(&later), ERR_OK);
}

static unsigned
forks(void)
{
	struct store_count count;

	MUST(store_counts(b.rig.store, &count));
	return (unsigned)count.forks;
}

static void
test_fork(void **state)
{
	struct yard_run r = yard_first(0, 0, LANE_NOTICE, 2), twin, next;
	struct admit_answer answer;
	struct hash last, other;

	(void)state;
	assert_int_equal(rig_send(&b.rig, &r, &last, &answer), ERR_OK);
	twin = r;
	twin.noise = 77;
	assert_int_equal(send_it(&twin), ERR_FORK);
	assert_int_equal(forks(), 1);
	assert_int_equal(send_it(&twin), ERR_FORK);	/* kept once */
	assert_int_equal(forks(), 1);
	/* One whose prev is not the env_id signed for seq - 1. */
	memset(&other, 0x33, sizeof(other));
	next = yard_next(&r, &other, 1);
	assert_int_equal(send_it(&next), ERR_FORK);
	assert_int_equal(forks(), 2);
	/* Without a good signature it proves nothing and is not kept. */
	twin.noise = 78;
	twin.signer = b.y.agency[2].sign;
	twin.kid = sign_kid(b.y.agency[b.y.side[0][0]].sign);
	assert_int_equal(send_it(&twin), ERR_SIGNATURE);
	assert_int_equal(forks(), 2);
	/* The branch that was here first goes on. */
	next = yard_next(&r, &last, 1);
	assert_int_equal(send_it(&next), ERR_OK);
}

/* One sender's forks leave room for the others'. */
static void
test_fork_share(void **state)
{
	struct yard_run r = yard_first(0, 0, LANE_NOTICE, 1);
	struct admit_answer answer;
	int i;

	(void)state;
	assert_int_equal(rig_send(&b.rig, &r, NULL, &answer), ERR_OK);
	for (i = 0; i < 2 * ADMIT_FORKS_CHANNEL_MAX; i++) {
		r.noise = (uint8_t)(100 + i);
		assert_int_equal(send_it(&r), ERR_FORK);
	}
	assert_int_equal(forks(), ADMIT_FORKS_CHANNEL_MAX);
	r = yard_first(0, 1, LANE_NOTICE, 1);
	assert_int_equal(rig_send(&b.rig, &r, NULL, &answer), ERR_OK);
	r.noise = 100;
	assert_int_equal(send_it(&r), ERR_FORK);
	assert_int_equal(forks(), ADMIT_FORKS_CHANNEL_MAX + 1);
}

static void
test_overlap(void **state)
{
	struct yard_run r = yard_first(0, 0, LANE_NOTICE, 4), cut;
	struct admit_answer answer;

	(void)state;
	assert_int_equal(rig_send(&b.rig, &r, NULL, &answer), ERR_OK);
	cut = r;
	cut.size = 2;			/* the same first two, cut anew */
	assert_int_equal(send_it(&cut), ERR_OVERLAP);
	cut.size = 5;
	assert_int_equal(send_it(&cut), ERR_OVERLAP);
	assert_int_equal(forks(), 0);
}

static void
test_quota_and_disk(void **state)
{
	struct yard_run r = yard_first(0, 0, LANE_NOTICE, 1);
	struct buf said = buf_init(STATEMENT_MAX);
	struct id channel = yard_channel(&b.y, 0, 0, LANE_NOTICE);
	struct admit_answer answer;
	struct hash env = { { 1 } };

	(void)state;
	rig_close(&b.rig);
	rig_open(&b.rig, &b.y, 2);
	b.rig.when.disk_low = true;
	assert_int_equal(send_it(&r), ERR_DISK_LOW);
	/* Receipts still fit. */
	yard_receipt(&b.y, b.y.side[0][1], RECEIPT_DELIVERED, &channel, 1, 1,
	    &env, &said);
	assert_int_equal(rig_statement(&b.rig, b.y.side[0][1], &said,
	    &answer), ERR_OK);
	b.rig.when.disk_low = false;
	assert_int_equal(send_it(&r), ERR_OK);
	assert_int_equal(send_it(&r), ERR_QUOTA);
	b.rig.when.mono += 30000;
	assert_int_equal(send_it(&r), ERR_OK);	/* a duplicate's */
	buf_free(&said);
}

static void
test_blocked(void **state)
{
	struct yard_run r = yard_first(0, 0, LANE_NOTICE, 1);
	unsigned own = b.y.side[0][0];
	const uint8_t *t = dh_public(b.y.agency[own].transport);
	struct id ids[4] = {
		b.y.agency[own].id,
		pubkey_kid(t),
		*sign_kid(b.y.agency[own].sign),
		hash_id(&b.y.pair_id[0]),
	};
	struct admit_party party;
	unsigned i;

	(void)state;
	for (i = 0; i < 4; i++) {
		MUST(group_begin(b.rig.group));
		MUST(admitted_block(b.rig.admitted, &ids[i], true));
		MUST(group_end(b.rig.group));
		rig_close(&b.rig);
		rig_open(&b.rig, &b.y, 0);
		if (i < 2)
			assert_int_equal(admit_party(b.rig.admit, t, &party),
			    ERR_BLOCKED);
		else
			assert_int_equal(send_it(&r), ERR_BLOCKED);
		MUST(group_begin(b.rig.group));
		MUST(admitted_block(b.rig.admitted, &ids[i], false));
		assert_int_equal(admitted_block(b.rig.admitted, &ids[i],
		    false), ERR_NOTFOUND);
		MUST(group_end(b.rig.group));
	}
	assert_int_equal(send_it(&r), ERR_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_taken_and_again, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_again_after_restart,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(test_form, setup, teardown),
		cmocka_unit_test_setup_teardown(test_flipped_bits, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_sender, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_retargeted, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fork, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fork_share, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_overlap, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_quota_and_disk, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_blocked, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
