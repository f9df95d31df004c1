/*
 * Tampers with a true bundle: runs, their order, receipts.  Each must be
 * found, under its own code.
 */
#include <string.h>

#include "tests/unit/audit/tamper.h"

static void
run_dropped(void **state)
{
	(void)state;
	tamper_nth(ITEM_RUN, 0)->skip = true;
	tamper_expect(JUDGE_INCOMPLETE, FINDINGS_SEQ_GAP);
	tamper_expect(JUDGE_INCOMPLETE, FINDINGS_PROOF_STRAY);
}

static void
last_run_dropped(void **state)
{
	(void)state;
	tamper_nth(ITEM_RUN, 3)->skip = true;
	tamper_nth(ITEM_RUN, 3)->skip_proof = true;
	tamper_expect(JUDGE_INCOMPLETE, FINDINGS_TAIL_MISSING);
}

static void
last_run_dropped_acked(void **state)
{
	(void)state;
	w.knobs[FROM_A].ack_seq = 2;
	w.knobs[FROM_A].ack_env = w.head[FROM_B][LANE_NOTICE].env_id;
	world_receipt(&w, world_say(&w, FROM_A, LANE_NOTICE, "ack"),
	    RECEIPT_DELIVERED, w.sign[1]);
	tamper_expect(JUDGE_VERIFIED, 0);
	tamper_nth(ITEM_RUN, 3)->skip = true;
	tamper_nth(ITEM_RUN, 3)->skip_proof = true;
	tamper_nth(ITEM_RECEIPT, 4)->skip = true;
	tamper_nth(ITEM_RECEIPT, 4)->skip_proof = true;
	tamper_expect(JUDGE_INCOMPLETE, FINDINGS_TAIL_MISSING);
}

static void
run_in_the_other_channel(void **state)
{
	(void)state;
	tamper_nth(ITEM_RUN, 2)->direction = FROM_B;
	tamper_expect(JUDGE_FAILED, FINDINGS_RUN_CHANNEL);
}

static void
run_changed(void **state)
{
	struct item *run = tamper_nth(ITEM_RUN, 2);
	(void)state;

	run->bytes.p[2 + SEEN_BYTES + 168] ^= 1;	/* created_ms */
	tamper_expect(JUDGE_FAILED, FINDINGS_RUN_SIGNATURE);
}

static void
runs_parts_swapped(void **state)
{
	struct item *run = tamper_nth(ITEM_RUN, 0);
	uint8_t swap[HEADER_BYTES + HASH_BYTES], *p;
	(void)state;

	p = run->bytes.p + 2 + SEEN_BYTES;
	memcpy(swap, p, sizeof(swap));
	memcpy(p, p + sizeof(swap), sizeof(swap));
	memcpy(p + sizeof(swap), swap, sizeof(swap));
	tamper_expect(JUDGE_FAILED, FINDINGS_RUN_FORM);
}

static void
run_replayed_under_other_signature(void **state)
{
	struct item *again = world_run(&w, 0, 1);
	(void)state;

	/* The same envelope, cut into another run: no contradiction. */
	again->logged = true;
	tamper_expect(JUDGE_VERIFIED, FINDINGS_RUN_OVERLAP);
}

static void
run_by_the_peer(void **state)
{
	(void)state;
	w.knobs[FROM_A].signer = w.sign[1];
	world_say(&w, FROM_A, LANE_NOTICE, "put in a's mouth");
	tamper_expect(JUDGE_FAILED, FINDINGS_RUN_SIGNER);
}

static void
run_by_the_custodian(void **state)
{
	struct sign_key *k = NULL;
	(void)state;

	/* A custodian's seed in an agent's role: its kid signs no runs. */
	assert_int_equal(sign_from_seed(&k, SIGN_AGENT,
	    sign_seed(w.custodian[0])), ERR_OK);
	w.knobs[FROM_A].signer = k;
	world_say(&w, FROM_A, LANE_NOTICE, "from the wrong desk");
	tamper_expect(JUDGE_FAILED, FINDINGS_RUN_SIGNER);
	sign_free(&k);
}

static void
run_by_nobody_known(void **state)
{
	struct sign_key *k = NULL;
	(void)state;

	assert_int_equal(sign_new(&k, SIGN_AGENT), ERR_OK);
	w.knobs[FROM_A].signer = k;
	world_say(&w, FROM_A, LANE_NOTICE, "who?");
	tamper_expect(JUDGE_INCOMPLETE, FINDINGS_KEY_MISSING);
	sign_free(&k);
}

static void
run_of_another_pair(void **state)
{
	struct hash pair = w.pair_id;
	(void)state;

	w.pair_id.b[0] ^= 1;
	world_say(&w, FROM_A, LANE_EMERGENCY, "elsewhere");
	w.pair_id = pair;
	tamper_expect(JUDGE_FAILED, FINDINGS_RUN_CHANNEL);
}

static void
run_not_logged(void **state)
{
	(void)state;
	tamper_nth(ITEM_RUN, 1)->skip_proof = true;
	tamper_expect(JUDGE_INCOMPLETE, FINDINGS_RUN_UNLOGGED);
}

static void
run_under_another_charter_number(void **state)
{
	(void)state;
	w.knobs[FROM_A].charter = 1;
	w.knobs[FROM_A].e[0] ^= 1;
	w.knobs[FROM_A].n = 0u - 3u;
	world_say(&w, FROM_A, LANE_NOTICE, "renewed?");
	tamper_expect(JUDGE_INCOMPLETE, FINDINGS_CHARTER_MISSING);
}

static void
fork_signed(void **state)
{
	struct head before = { 2, w.env[1].e.env_id };
	struct head now = w.head[FROM_A][LANE_NOTICE];
	(void)state;

	w.head[FROM_A][LANE_NOTICE] = before;
	world_say(&w, FROM_A, LANE_NOTICE, "third, but different");
	w.head[FROM_A][LANE_NOTICE] = now;
	tamper_expect(JUDGE_FAILED, FINDINGS_FORK);
}

static void
chain_broken(void **state)
{
	(void)state;
	w.head[FROM_B][LANE_NOTICE].env_id.b[3] ^= 1;
	world_say(&w, FROM_B, LANE_NOTICE, "after what?");
	tamper_expect(JUDGE_FAILED, FINDINGS_CHAIN_BROKEN);
}

static void
start_count_fell(void **state)
{
	(void)state;
	w.knobs[FROM_B].incarnation.start = 5;
	world_say(&w, FROM_B, LANE_NOTICE, "restarted");
	w.knobs[FROM_B].incarnation.start = 4;
	world_say(&w, FROM_B, LANE_NOTICE, "from an old copy");
	tamper_expect(JUDGE_FAILED, FINDINGS_INCARNATION);
}

static void
prekey_went_back(void **state)
{
	(void)state;
	w.knobs[FROM_B].e[0] ^= 1;
	w.knobs[FROM_B].prekey_id = 3;
	w.knobs[FROM_B].n = 0u - 2u;
	world_say(&w, FROM_B, LANE_NOTICE, "newer prekey");
	w.knobs[FROM_B].e[0] ^= 2;
	w.knobs[FROM_B].prekey_id = 2;
	w.knobs[FROM_B].n = 0u - 3u;
	world_say(&w, FROM_B, LANE_NOTICE, "older prekey");
	tamper_expect(JUDGE_FAILED, FINDINGS_EPOCH);
}

static void
ack_fell(void **state)
{
	(void)state;
	w.knobs[FROM_B].ack_seq = 1;
	w.knobs[FROM_B].ack_env = w.env[0].e.env_id;
	world_say(&w, FROM_B, LANE_NOTICE, "unsaid");
	tamper_expect(JUDGE_FAILED, FINDINGS_ACK_FELL);
}

static void
ack_of_what_was_not_said(void **state)
{
	(void)state;
	w.knobs[FROM_B].ack_seq = 3;
	memset(w.knobs[FROM_B].ack_env.b, 0x77, HASH_BYTES);
	world_say(&w, FROM_B, LANE_NOTICE, "settled something else");
	tamper_expect(JUDGE_FAILED, FINDINGS_ACK_CONTRADICTS);
}

static void
receipt_missing(void **state)
{
	(void)state;
	world_say(&w, FROM_A, LANE_NOTICE, "arrived?");
	tamper_expect(JUDGE_INCOMPLETE, FINDINGS_RECEIPT_MISSING);
}

static void
receipt_by_ack(void **state)
{
	(void)state;
	/* b's second message acknowledges a's 1 and 2 without a receipt. */
	tamper_nth(ITEM_RECEIPT, 1)->skip = true;
	tamper_nth(ITEM_RECEIPT, 1)->skip_proof = true;
	tamper_expect(JUDGE_VERIFIED, 0);
}

static void
receipt_forged(void **state)
{
	struct item *r = tamper_nth(ITEM_RECEIPT, 1);
	(void)state;

	r->bytes.p[r->bytes.len - 1] ^= 1;
	tamper_expect(JUDGE_FAILED, FINDINGS_RECEIPT_SIGNATURE);
}

static void
receipt_by_its_sender(void **state)
{
	(void)state;
	world_receipt(&w, tamper_nth(ITEM_RUN, 0), RECEIPT_DELIVERED,
	    w.sign[0]);
	tamper_expect(JUDGE_FAILED, FINDINGS_RECEIPT_SIGNER);
}

static void
receipt_fetched_by_a_party(void **state)
{
	(void)state;
	world_receipt(&w, tamper_nth(ITEM_RUN, 0), RECEIPT_FETCHED, w.sign[1]);
	tamper_expect(JUDGE_FAILED, FINDINGS_RECEIPT_SIGNER);
}

static void
receipt_for_another_message(void **state)
{
	struct item *run = world_say(&w, FROM_A, LANE_NOTICE, "one");
	(void)state;

	/* A receipt for a fourth message, and then another fourth. */
	world_receipt(&w, run, RECEIPT_DELIVERED, w.sign[1]);
	run->skip = run->skip_proof = true;
	w.head[FROM_A][LANE_NOTICE].seq = 3;
	w.head[FROM_A][LANE_NOTICE].env_id = w.env[3].e.env_id;
	world_say(&w, FROM_A, LANE_NOTICE, "another");
	tamper_expect(JUDGE_FAILED, FINDINGS_RECEIPT_CONTRADICTS);
}

static void
receipt_of_another_place(void **state)
{
	struct item *run = tamper_nth(ITEM_RUN, 2);
	uint64_t index = run->index;
	(void)state;

	run->index = 0;
	world_receipt(&w, run, RECEIPT_FETCHED, w.relay_sign);
	run->index = index;
	tamper_expect(JUDGE_FAILED, FINDINGS_RECEIPT_PLACE);
}

static void
receipt_not_logged(void **state)
{
	(void)state;
	tamper_nth(ITEM_RECEIPT, 2)->skip_proof = true;
	tamper_expect(JUDGE_INCOMPLETE, FINDINGS_RECEIPT_UNLOGGED);
}

static void
undecryptable_and_expired(void **state)
{
	(void)state;
	world_receipt(&w, world_say(&w, FROM_A, LANE_NOTICE, "lost key"),
	    RECEIPT_UNDECRYPTABLE, w.sign[1]);
	world_receipt(&w, world_say(&w, FROM_A, LANE_NOTICE, "too old"),
	    RECEIPT_EXPIRED, w.relay_sign);
	tamper_expect(JUDGE_VERIFIED, FINDINGS_UNDECRYPTABLE);
	tamper_expect(JUDGE_VERIFIED, FINDINGS_EXPIRED);
}

static void
older_key_after_newer(void **state)
{
	struct sign_key *k = NULL;
	struct dh_key *d = NULL;
	(void)state;

	assert_int_equal(sign_new(&k, SIGN_AGENT), ERR_OK);
	assert_int_equal(dh_new(&d), ERR_OK);
	world_log_item(&w, world_keys(&w, 0, k, d, NULL, 0));
	w.knobs[FROM_A].signer = k;
	w.knobs[FROM_A].e[0] ^= 1;
	w.knobs[FROM_A].n = 0u - 3u;
	world_say(&w, FROM_A, LANE_NOTICE, "by the new key");
	w.knobs[FROM_A].signer = w.sign[0];
	w.knobs[FROM_A].e[0] ^= 2;
	w.knobs[FROM_A].n = 0u - 4u;
	world_say(&w, FROM_A, LANE_NOTICE, "by the old key");
	tamper_expect(JUDGE_FAILED, FINDINGS_KEY_ORDER);
	sign_free(&k);
	dh_free(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(run_dropped), T(last_run_dropped),
		T(last_run_dropped_acked), T(run_in_the_other_channel),
		T(run_changed), T(runs_parts_swapped),
		T(run_replayed_under_other_signature), T(run_by_the_peer),
		T(run_by_the_custodian), T(run_by_nobody_known),
		T(run_of_another_pair), T(run_not_logged),
		T(run_under_another_charter_number), T(fork_signed),
		T(chain_broken), T(start_count_fell), T(prekey_went_back),
		T(ack_fell), T(ack_of_what_was_not_said), T(receipt_missing),
		T(receipt_by_ack), T(receipt_forged),
		T(receipt_by_its_sender), T(receipt_fetched_by_a_party),
		T(receipt_for_another_message), T(receipt_of_another_place),
		T(receipt_not_logged), T(undecryptable_and_expired),
		T(older_key_after_newer),
	};

	return (cmocka_run_group_tests_name("audit.chain", tests, NULL,
	    NULL));
}
