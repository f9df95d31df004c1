/*
 * Recovery statements: what was lost, which branch of a channel stands, and
 * that neither hides what was left out.  b recovers; a looks on.
 */
#include <string.h>

#include "proto/label.h"
#include "tests/unit/audit/tamper.h"

/* b's root: lane 0 goes on from old at next_seq; by a new start. */
static struct item *
recover(struct head old, uint64_t next_seq)
{
	struct statement_recovery r;
	uint8_t tbs[RECOVERY_STATEMENT_BYTES];
	struct knobs *k = &w.knobs[FROM_B];
	struct item *item;
	unsigned l;

	memset(&r, 0, sizeof(r));
	r.kid = *sign_kid(w.root[1]);
	r.pair_id = w.pair_id;
	r.direction = FROM_B;
	r.incarnation.start = k->incarnation.start + 1;
	r.incarnation.random = 1;
	r.reason = 1;
	for (l = 0; l < LANE_COUNT; l++)
		r.lane[l].next_seq = 1;
	r.lane[0].old_seq = old.seq;
	r.lane[0].old_env = old.env_id;
	r.lane[0].next_seq = next_seq;
	statement_recovery_encode(tbs, &r);
	item = tamper_sign(ITEM_STATEMENT, w.root[1], LABEL_RECOVERY, tbs,
	    sizeof(tbs));
	world_log_item(&w, item);
	w.head[FROM_B][LANE_NOTICE] = old;
	w.head[FROM_B][LANE_NOTICE].seq = next_seq - 1;
	k->incarnation = r.incarnation;
	k->e[0]++;
	k->n = 0u - (uint32_t)(next_seq - 1);
	return (item);
}

static struct item *
say(const char *text)
{
	struct item *run = world_say(&w, FROM_B, LANE_NOTICE, text);

	world_receipt(&w, run, RECEIPT_DELIVERED, w.sign[0]);
	return (run);
}

static struct head
head(void)
{
	return (w.head[FROM_B][LANE_NOTICE]);
}

/* Leave b's run and its receipt, made right after it, out altogether. */
static void
leave_out(struct item *run)
{
	run[0].skip = run[0].skip_proof = true;
	run[1].skip = run[1].skip_proof = true;
}

static void
lacks(enum findings_code code)
{
	struct bundle *b = NULL;
	struct judge *j = world_judge(&w, &w.charter_id, &b);

	if (judge_has(j, code))
		tamper_show(j);
	assert_false(judge_has(j, code));
	judge_free(j);
	bundle_free(b);
}

static void
declares_lost(void **state)
{
	struct item *item;
	(void)state;

	item = recover(head(), 6);
	say("back");
	tamper_expect(JUDGE_VERIFIED, FINDINGS_DECLARED_LOST);
	lacks(FINDINGS_SEQ_GAP);
	item->skip = item->skip_proof = true;
	tamper_expect(JUDGE_INCOMPLETE, FINDINGS_SEQ_GAP);
}

/* Both ends of the hole are declared lost, what was said between is not. */
static void
two_recoveries_hide_nothing_between(void **state)
{
	struct item *run;
	(void)state;

	recover(head(), 6);
	run = say("sixth");
	recover(head(), 10);
	say("tenth");
	tamper_expect(JUDGE_VERIFIED, FINDINGS_DECLARED_LOST);
	leave_out(run);
	tamper_expect(JUDGE_INCOMPLETE, FINDINGS_SEQ_GAP);
}

/* The message its root left is shown, the one that counts is not. */
static void
other_branch_shown(void **state)
{
	struct head before = head(), named;
	(void)state;

	world_send(&w, FROM_B, LANE_NOTICE, "the one the root names");
	named = head();
	w.head[FROM_B][LANE_NOTICE] = before;
	say("the one it left");
	recover(named, 4);
	say("and on");
	tamper_expect(JUDGE_INCOMPLETE, FINDINGS_FORK_RECOVERED);
	tamper_expect(JUDGE_INCOMPLETE, FINDINGS_SEQ_GAP);
}

/* Without a partner to contradict them, between old_seq and next_seq. */
static void
left_behind_shown(void **state)
{
	struct head old = head();
	(void)state;

	say("third");
	say("fourth");
	recover(old, 5);
	say("third again");
	tamper_expect(JUDGE_INCOMPLETE, FINDINGS_FORK_RECOVERED);
	lacks(FINDINGS_DECLARED_LOST);
}

static void
left_behind_at_the_end(void **state)
{
	struct head old = head();
	(void)state;

	say("third");
	recover(old, 5);
	tamper_expect(JUDGE_INCOMPLETE, FINDINGS_FORK_RECOVERED);
	lacks(FINDINGS_TAIL_MISSING);
}

/* Whichever of two branches the root names is the one that is followed. */
static void
named_branch_is_followed(void **state)
{
	struct head before = head(), end[2], counts;
	struct bundle *b;
	struct judge *j;
	unsigned named, i;

	for (named = 0; named < 2; named++) {
		for (i = 0; i < 2; i++) {
			w.head[FROM_B][LANE_NOTICE] = before;
			say(i == 0 ? "third" : "another third");
			say(i == 0 ? "fourth" : "another fourth");
			end[i] = head();
		}
		recover(end[named], 5);
		say("fifth");
		counts = head();
		lacks(FINDINGS_CHAIN_BROKEN);
		lacks(FINDINGS_FORK);
		tamper_expect(JUDGE_INCOMPLETE, FINDINGS_FORK_RECOVERED);
		j = world_judge(&w, &w.charter_id, &b);
		assert_true(hash_eq(&judge_channel(j, FROM_B,
		    LANE_NOTICE)->head, &counts.env_id));
		judge_free(j);
		bundle_free(b);
		tamper_teardown(state);
		tamper_setup(state);
		before = head();
	}
}

static void
next_does_not_follow_the_named(void **state)
{
	struct head old = head();
	(void)state;

	recover(old, 4);
	w.head[FROM_B][LANE_NOTICE].env_id.b[0] ^= 1;
	say("after what?");
	tamper_expect(JUDGE_FAILED, FINDINGS_CHAIN_BROKEN);
}

/* A second recovery from further back leaves the first one behind. */
static void
recovered_again(void **state)
{
	struct head old = head();
	(void)state;

	recover(old, 4);
	say("fourth");
	recover(old, 6);
	say("sixth");
	lacks(FINDINGS_CHAIN_BROKEN);
	tamper_expect(JUDGE_INCOMPLETE, FINDINGS_FORK_RECOVERED);
}

/* Its root did not know how far the other branch had come. */
static void
left_behind_at_next_seq(void **state)
{
	struct bundle *b;
	struct head old, counts;
	struct judge *j;
	unsigned i;

	for (i = 0; i < 8; i++) {	/* whichever env_id comes first */
		old = head();
		say("third");
		say("fourth");
		recover(old, 4);
		say("another fourth");
		counts = head();
		tamper_expect(JUDGE_INCOMPLETE, FINDINGS_FORK_RECOVERED);
		lacks(FINDINGS_FORK);
		lacks(FINDINGS_CHAIN_BROKEN);
		j = world_judge(&w, &w.charter_id, &b);
		assert_true(hash_eq(&judge_channel(j, FROM_B,
		    LANE_NOTICE)->head, &counts.env_id));
		judge_free(j);
		bundle_free(b);
		tamper_teardown(state);
		tamper_setup(state);
	}
}

static void
fork_after_a_recovery(void **state)
{
	struct head at;
	(void)state;

	recover(head(), 4);
	at = head();
	say("fourth");
	w.head[FROM_B][LANE_NOTICE] = at;
	say("another fourth");
	tamper_expect(JUDGE_FAILED, FINDINGS_FORK);
}

/* a had settled what b's root then left: its ack_seq may go back to that. */
static void
ack_goes_back(void **state)
{
	struct head old = head(), left;
	struct item *run;
	(void)state;

	say("third");
	left = head();
	w.knobs[FROM_A].ack_seq = left.seq;
	w.knobs[FROM_A].ack_env = left.env_id;
	run = world_say(&w, FROM_A, LANE_NOTICE, "settled three");
	world_receipt(&w, run, RECEIPT_DELIVERED, w.sign[1]);
	recover(old, 4);
	w.knobs[FROM_A].ack_seq = old.seq;
	w.knobs[FROM_A].ack_env = old.env_id;
	run = world_say(&w, FROM_A, LANE_NOTICE, "settled two");
	world_receipt(&w, run, RECEIPT_DELIVERED, w.sign[1]);
	lacks(FINDINGS_ACK_FELL);
	w.knobs[FROM_A].ack_seq = 1;
	w.knobs[FROM_A].ack_env = w.env[2].e.env_id;
	world_say(&w, FROM_A, LANE_NOTICE, "settled one");
	tamper_expect(JUDGE_FAILED, FINDINGS_ACK_FELL);
}

/* Declared lost and left out, but the receiver had it: its receipt says so. */
static void
lost_but_delivered(void **state)
{
	struct head old = head();
	struct item *run;
	(void)state;

	world_send(&w, FROM_B, LANE_NOTICE, "third");
	world_send(&w, FROM_B, LANE_NOTICE, "fourth");
	run = world_run(&w, w.envs - 2, 2);
	world_receipt(&w, run, RECEIPT_DELIVERED, w.sign[0]);
	recover(old, 6);
	say("sixth");
	leave_out(run);
	tamper_expect(JUDGE_VERIFIED, FINDINGS_DECLARED_LOST);
	run[1].skip = run[1].skip_proof = false;
	tamper_expect(JUDGE_INCOMPLETE, FINDINGS_SEQ_GAP);
}

/* As far as numbers go. */
static void
lost_to_the_end(void **state)
{
	struct item *run = say("third"), *false_one;
	uint8_t tbs[RECEIPT_BYTES];
	struct receipt r;
	(void)state;

	assert_int_equal(receipt_decode(&r, (struct view){ run[1].bytes.p,
	    RECEIPT_BYTES }), ERR_OK);
	r.last_seq = UINT64_MAX;
	receipt_encode(tbs, &r);
	false_one = tamper_sign(ITEM_RECEIPT, w.sign[0], LABEL_RECEIPT, tbs,
	    sizeof(tbs));
	recover(head(), UINT64_MAX);
	tamper_expect(JUDGE_FAILED, FINDINGS_RECEIPT_CONTRADICTS);
	false_one->skip = true;
	r.env_id.b[0] ^= 1;
	receipt_encode(tbs, &r);
	world_log_item(&w, tamper_sign(ITEM_RECEIPT, w.sign[0], LABEL_RECEIPT,
	    tbs, sizeof(tbs)));
	tamper_expect(JUDGE_INCOMPLETE, FINDINGS_SEQ_GAP);
}

static void
lost_but_acknowledged(void **state)
{
	struct head old = head();
	struct item *run, *ack;
	(void)state;

	run = say("third");
	w.knobs[FROM_A].ack_seq = head().seq;
	w.knobs[FROM_A].ack_env = head().env_id;
	ack = world_say(&w, FROM_A, LANE_NOTICE, "settled three");
	world_receipt(&w, ack, RECEIPT_DELIVERED, w.sign[1]);
	recover(old, 5);
	say("fifth");
	leave_out(run);
	tamper_expect(JUDGE_INCOMPLETE, FINDINGS_SEQ_GAP);
	leave_out(ack);
	tamper_expect(JUDGE_VERIFIED, FINDINGS_DECLARED_LOST);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(declares_lost), T(two_recoveries_hide_nothing_between),
		T(other_branch_shown), T(left_behind_shown),
		T(left_behind_at_the_end), T(named_branch_is_followed),
		T(next_does_not_follow_the_named), T(recovered_again),
		T(left_behind_at_next_seq), T(fork_after_a_recovery),
		T(ack_goes_back), T(lost_but_delivered),
		T(lost_to_the_end), T(lost_but_acknowledged),
	};

	return (cmocka_run_group_tests_name("audit.recovery", tests, NULL,
	    NULL));
}
