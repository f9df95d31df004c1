/* expire: CT goes when its time is over; who got it is not told expired. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/receipt.h"
#include "relay/expire.h"
#include "relay/fetched.h"
#include "relay/signer.h"
#include "tests/unit/relay/rig.h"

struct bench {
	struct yard y;
	struct rig rig;
	struct signer *signer;
	struct expire *expire;
	struct fetched *fetched;
};

static struct bench b;

static int
setup(void **state)
{
	struct expire_parts parts;

	(void)state;
	yard_open(&b.y);
	rig_open(&b.rig, &b.y, 0);
	rig_admit(&b.rig);
	MUST(signer_open(&b.signer, yard_path(&b.y, "signer.high"),
	    b.y.relay));
	parts = (struct expire_parts){ b.rig.store, b.rig.group, b.signer,
		b.rig.heads, b.rig.keyring };
	MUST(expire_new(&b.expire, &parts));
	MUST(fetched_new(&b.fetched, b.rig.store, b.rig.group, b.signer));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fetched_free(&b.fetched);
	expire_free(&b.expire);
	signer_free(&b.signer);
	rig_close(&b.rig);
	yard_close(&b.y);
	return 0;
}

/* The receipts of a channel's feed, as text. */
static enum err
note_receipt(void *ctx, const struct store_seen *seen)
{
	struct buf *out = ctx;
	struct statement st;
	struct receipt r;

	MUST(statement_split(&st, seen->entry));
	if (st.kind != STATEMENT_RECEIPT)
		return ERR_OK;
	MUST(receipt_decode(&r, st.body));
	buf_fmt(out, "%s %u-%u; ", receipt_event_name(r.event),
	    (unsigned)r.first_seq, (unsigned)r.last_seq);
	return ERR_OK;
}

static void
assert_receipts(uint8_t direction, const char *want)
{
	struct id channel = yard_channel(&b.y, 0, direction, LANE_NOTICE);
	struct buf out = buf_init(4096);

	MUST(store_feed(b.rig.store, &channel, true, 0, false, note_receipt,
	    &out));
	assert_string_equal(buf_text(&out), want);
	buf_free(&out);
}

static void
expire_at(int64_t wall)
{
	bool more;

	MUST(expire_run(b.expire, wall, &more));
	assert_false(more);
	MUST(group_end(b.rig.group));
}

static uint64_t
full_runs(void)
{
	struct store_count count;

	MUST(store_counts(b.rig.store, &count));
	return count.full;
}

static void
test_lapses(void **state)
{
	struct yard_run r = yard_first(0, 0, LANE_NOTICE, 2), next;
	struct admit_answer one, answer;
	struct hash last;

	(void)state;
	r.keep_ms = 1000;
	assert_int_equal(rig_send(&b.rig, &r, &last, &one), ERR_OK);
	next = yard_next(&r, &last, 3);
	assert_int_equal(rig_send(&b.rig, &next, &last, &answer), ERR_OK);
	next = yard_next(&next, &last, 1);
	next.keep_ms = 0;		/* the charter's 30 days */
	assert_int_equal(rig_send(&b.rig, &next, &last, &answer), ERR_OK);

	expire_at(b.rig.when.wall + 999);
	assert_int_equal(full_runs(), 3);
	assert_receipts(0, "");
	expire_at(b.rig.when.wall + 1000);
	assert_int_equal(full_runs(), 1);
	assert_receipts(0, "expired 1-5; ");
	expire_at(b.rig.when.wall + 1001);
	assert_receipts(0, "expired 1-5; ");
	/* What is bare still proves, answers a replay and sees a fork. */
	assert_int_equal(tlog_full(b.rig.tree), ERR_OK);
	assert_int_equal(rig_send(&b.rig, &r, NULL, &answer), ERR_OK);
	assert_int_equal(answer.index, one.index);
	r.noise = 50;
	assert_int_equal(rig_send(&b.rig, &r, NULL, &answer), ERR_FORK);
	expire_at(b.rig.when.wall + 30ll * 86400000);
	assert_receipts(0, "expired 1-5; expired 6-6; ");
}

static void
test_delivered_is_not_expired(void **state)
{
	struct yard_run r = yard_first(0, 0, LANE_NOTICE, 2), next, back;
	struct id channel = yard_channel(&b.y, 0, 0, LANE_NOTICE);
	struct buf said = buf_init(STATEMENT_MAX);
	struct admit_answer answer;
	struct hash last;

	(void)state;
	r.keep_ms = 10;
	assert_int_equal(rig_send(&b.rig, &r, &last, &answer), ERR_OK);
	yard_receipt(&b.y, b.y.side[0][1], RECEIPT_DELIVERED, &channel, 1, 2,
	    &last, &said);
	assert_int_equal(rig_statement(&b.rig, b.y.side[0][1], &said,
	    &answer), ERR_OK);
	/* The next two are settled by the peer's ack_seq alone. */
	next = yard_next(&r, &last, 2);
	assert_int_equal(rig_send(&b.rig, &next, &last, &answer), ERR_OK);
	back = yard_first(0, 1, LANE_NOTICE, 1);
	back.ack_seq = 4;
	assert_int_equal(rig_send(&b.rig, &back, NULL, &answer), ERR_OK);
	next = yard_next(&next, &last, 1);
	assert_int_equal(rig_send(&b.rig, &next, &last, &answer), ERR_OK);
	expire_at(b.rig.when.wall + 10);
	assert_receipts(0, "delivered 1-2; expired 5-5; ");
	assert_int_equal(full_runs(), 1);	/* the peer's own */
	buf_free(&said);
}

static void
note_sent(const struct yard_run *r, uint64_t index, const struct hash *last)
{
	struct id channel = yard_channel(&b.y, 0, 0, LANE_NOTICE);
	struct fetched_run sent = { .index = index, .place = index,
		.first_seq = r->first_seq,
		.last_seq = r->first_seq + r->size - 1, .last_env = *last };

	MUST(heads_find(b.rig.heads, &channel, &channel, LANE_NOTICE,
	    &sent.head));
	fetched_note(b.fetched, &sent, 500);
}

static void
test_fetched(void **state)
{
	struct yard_run r = yard_first(0, 0, LANE_NOTICE, 2), next;
	struct id channel = yard_channel(&b.y, 0, 0, LANE_NOTICE);
	struct buf said = buf_init(STATEMENT_MAX);
	struct admit_answer one, two, answer;
	struct hash last, last2;

	(void)state;
	assert_int_equal(rig_send(&b.rig, &r, &last, &one), ERR_OK);
	next = yard_next(&r, &last, 3);
	assert_int_equal(rig_send(&b.rig, &next, &last2, &two), ERR_OK);
	assert_true(fetched_next(b.fetched) == INT64_MAX);
	note_sent(&r, one.index, &last);
	note_sent(&next, two.index, &last2);
	note_sent(&next, two.index, &last2);	/* sent again */
	assert_true(fetched_next(b.fetched) == 500 + FETCHED_MS);
	MUST(fetched_flush(b.fetched, 1));
	MUST(group_end(b.rig.group));
	assert_receipts(0, "fetched 1-5; ");	/* one for all */
	note_sent(&next, two.index, &last2);
	MUST(fetched_flush(b.fetched, 1));
	MUST(group_end(b.rig.group));
	assert_receipts(0, "fetched 1-5; ");	/* told once */

	/* What was answered meanwhile needs none. */
	next = yard_next(&next, &last2, 1);
	assert_int_equal(rig_send(&b.rig, &next, &last, &answer), ERR_OK);
	note_sent(&next, answer.index, &last);
	yard_receipt(&b.y, b.y.side[0][1], RECEIPT_DELIVERED, &channel, 6, 6,
	    &last, &said);
	assert_int_equal(rig_statement(&b.rig, b.y.side[0][1], &said,
	    &answer), ERR_OK);
	MUST(fetched_flush(b.fetched, 1));
	MUST(group_end(b.rig.group));
	assert_receipts(0, "fetched 1-5; delivered 6-6; ");
	buf_free(&said);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_lapses, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_delivered_is_not_expired,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(test_fetched, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
