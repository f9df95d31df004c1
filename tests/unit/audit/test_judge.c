/*
 * Tampers with a true bundle in every way we could think of; each must be
 * found, under its own code.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "audit/verdict.h"
#include "base/json.h"
#include "keys/pubkey.h"
#include "keys/words.h"
#include "proto/charter.h"
#include "proto/label.h"
#include "proto/note.h"
#include "tests/unit/audit/world.h"

static struct world w;

static void
show(const struct judge *j)
{
	struct buf out = buf_init(1 << 20);

	(void)verdict_text(j, &out);
	fprintf(stderr, "%s\n", buf_text(&out));
	buf_free(&out);
}

/* Judge w under its own charter: the verdict and, if not 0, one finding. */
static void
expect(enum judge_verdict verdict, enum findings_code code)
{
	struct bundle *b = NULL;
	struct judge *j = world_judge(&w, &w.charter_id, &b);

	if (judge_verdict(j) != verdict ||
	    (code != 0 && !judge_has(j, code)))
		show(j);
	assert_int_equal(judge_verdict(j), verdict);
	if (code != 0)
		assert_true(judge_has(j, code));
	judge_free(j);
	bundle_free(b);
}

static int
setup(void **state)
{
	(void)state;
	world_story(&w);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	world_stop(&w);
	return (0);
}

/* The n-th item of a kind, in the order made. */
static struct item *
nth(enum item_kind kind, size_t n)
{
	size_t i;

	for (i = 0; i < w.items; i++)
		if (w.item[i].kind == kind && n-- == 0)
			return (&w.item[i]);
	fail();
	return (NULL);
}

static void
true_story(void **state)
{
	struct bundle *b = NULL;
	struct judge *j = world_judge(&w, &w.charter_id, &b);
	const struct judge_message *m;
	(void)state;

	if (judge_verdict(j) != JUDGE_VERIFIED)
		show(j);
	assert_int_equal(judge_verdict(j), JUDGE_VERIFIED);
	assert_int_equal(judge_findings(j), 0);
	assert_int_equal(judge_messages(j), 5);
	assert_int_equal(judge_opened(j), 1);
	m = judge_message_at(j, 0);
	assert_int_equal(m->h.seq, 1);
	assert_int_equal(m->fate, JUDGE_DELIVERED);
	assert_true(m->logged && m->fetched_at != 0);
	assert_non_null(m->fields);
	assert_non_null(judge_message_at(j, 1)->outline.p);
	assert_int_equal(err_exit(judge_err(j)), 0);
	judge_free(j);
	bundle_free(b);
}

static void
same_evidence_same_bytes(void **state)
{
	struct buf one, two;
	struct item swap;
	(void)state;

	world_zip(&w, &one);
	swap = w.item[3];
	w.item[3] = w.item[w.items - 1];
	w.item[w.items - 1] = swap;
	world_zip(&w, &two);
	assert_int_equal(one.len, two.len);
	assert_memory_equal(one.p, two.p, one.len);
	buf_free(&one);
	buf_free(&two);
}

static void
without_the_charters_id(void **state)
{
	struct bundle *b = NULL;
	struct judge *j = world_judge(&w, NULL, &b);
	(void)state;

	assert_int_equal(judge_verdict(j), JUDGE_INCOMPLETE);
	assert_true(judge_has(j, FINDINGS_CHARTER_UNPINNED));
	assert_int_equal(judge_findings(j), 1);
	assert_int_equal(err_exit(judge_err(j)), 4);
	judge_free(j);
	bundle_free(b);
}

static void
another_charter(void **state)
{
	struct hash other = w.charter_id;
	struct bundle *b = NULL;
	struct judge *j;
	(void)state;

	other.b[31] ^= 1;
	j = world_judge(&w, &other, &b);
	assert_true(judge_has(j, FINDINGS_CHARTER_MISMATCH));
	assert_int_equal(err_exit(judge_err(j)), 8);
	judge_free(j);
	bundle_free(b);
}

static void
charter_by_words(void **state)
{
	struct judge_pin pin = { .kind = JUDGE_BY_WORDS };
	struct bundle_fault fault;
	struct bundle *read;
	struct judge *j;
	struct buf zip;
	(void)state;

	world_zip(&w, &zip);
	assert_int_equal(words_of_charter(pin.word, &w.charter_id), ERR_OK);
	assert_int_equal(bundle_read(&read, buf_view(&zip), &fault), ERR_OK);
	assert_int_equal(judge_bundle(&j, read, &pin), ERR_OK);
	assert_int_equal(judge_verdict(j), JUDGE_VERIFIED);
	judge_free(j);
	pin.word[11] ^= 1;
	assert_int_equal(judge_bundle(&j, read, &pin), ERR_OK);
	assert_int_equal(judge_verdict(j), JUDGE_MISMATCH);
	judge_free(j);
	bundle_free(read);
	buf_free(&zip);
}

static void
charter_not_signed_by_both(void **state)
{
	(void)state;
	memcpy(w.charter_sig[1], w.charter_sig[0], SIG_BYTES);
	expect(JUDGE_FAILED, FINDINGS_CHARTER_SIGNATURE);
}

/* The story with a renewal added, its roots those of by, judged by the old
 * charter's id and by the new one's. */
static void
renewed(struct world *by, enum judge_verdict by_old)
{
	struct buf text = buf_init(CHARTER_MAX), zip = buf_init(BUNDLE_MAX);
	uint8_t tbs[CHARTER_TBS_BYTES], sig[2][SIG_BYTES];
	struct bundle *b = world_bundle(&w), *read = NULL;
	struct judge *j;
	struct hash id;
	int i;

	world_charter_text(by, &text, 1, &w.pair_id, &w.charter_id);
	id = charter_id(buf_view(&text));
	charter_tbs(tbs, &id);
	for (i = 0; i < 2; i++)
		assert_int_equal(sign_labelled(by->root[i], LABEL_CHARTER_SIG,
		    tbs, sizeof(tbs), sig[i]), ERR_OK);
	assert_int_equal(bundle_add_charter(b, 1, buf_view(&text), sig[0],
	    sig[1]), ERR_OK);
	assert_int_equal(bundle_write(b, &zip), ERR_OK);
	for (i = 0; i < 2; i++) {
		j = world_judge_zip(buf_view(&zip), i == 0 ? &w.charter_id
							   : &id, &read);
		assert_int_equal(judge_verdict(j), i == 0 ? by_old
							  : JUDGE_VERIFIED);
		assert_int_equal(judge_has(j, FINDINGS_CHARTER_UNPINNED),
		    i == 0 && by_old != JUDGE_VERIFIED);
		judge_free(j);
		bundle_free(read);
	}
	bundle_free(b);
	buf_free(&text);
	buf_free(&zip);
}

static void
charter_renewed_by_its_roots(void **state)
{
	(void)state;
	renewed(&w, JUDGE_VERIFIED);
}

/* Strangers "renew" the pair with roots of their own: the old charter's
 * words do not vouch for that; only the new one's would. */
static void
charter_renewed_by_strangers(void **state)
{
	static struct world other;
	(void)state;

	world_start(&other);
	renewed(&other, JUDGE_INCOMPLETE);
	world_stop(&other);
}

static void
charter_of_another_pair(void **state)
{
	struct hash real = w.pair_id;
	(void)state;

	w.pair_id.b[0] ^= 1;
	expect(JUDGE_FAILED, FINDINGS_CHARTER_CHAIN);
	w.pair_id = real;
}

static void
run_dropped(void **state)
{
	(void)state;
	nth(ITEM_RUN, 0)->skip = true;
	expect(JUDGE_INCOMPLETE, FINDINGS_SEQ_GAP);
	expect(JUDGE_INCOMPLETE, FINDINGS_PROOF_STRAY);
}

static void
last_run_dropped(void **state)
{
	(void)state;
	nth(ITEM_RUN, 3)->skip = true;
	nth(ITEM_RUN, 3)->skip_proof = true;
	expect(JUDGE_INCOMPLETE, FINDINGS_TAIL_MISSING);
}

static void
last_run_dropped_acked(void **state)
{
	(void)state;
	w.knobs[FROM_A].ack_seq = 2;
	w.knobs[FROM_A].ack_env = w.head[FROM_B][LANE_NOTICE].env_id;
	world_receipt(&w, world_say(&w, FROM_A, LANE_NOTICE, "ack"),
	    RECEIPT_DELIVERED, w.sign[1]);
	expect(JUDGE_VERIFIED, 0);
	nth(ITEM_RUN, 3)->skip = nth(ITEM_RUN, 3)->skip_proof = true;
	nth(ITEM_RECEIPT, 4)->skip = nth(ITEM_RECEIPT, 4)->skip_proof = true;
	expect(JUDGE_INCOMPLETE, FINDINGS_TAIL_MISSING);
}

static void
run_in_the_other_channel(void **state)
{
	(void)state;
	nth(ITEM_RUN, 2)->direction = FROM_B;
	expect(JUDGE_FAILED, FINDINGS_RUN_CHANNEL);
}

static void
run_changed(void **state)
{
	struct item *run = nth(ITEM_RUN, 2);
	(void)state;

	run->bytes.p[2 + SEEN_BYTES + 168] ^= 1;	/* created_ms */
	expect(JUDGE_FAILED, FINDINGS_RUN_SIGNATURE);
}

static void
runs_parts_swapped(void **state)
{
	struct item *run = nth(ITEM_RUN, 0);
	uint8_t swap[HEADER_BYTES + HASH_BYTES], *p;
	(void)state;

	p = run->bytes.p + 2 + SEEN_BYTES;
	memcpy(swap, p, sizeof(swap));
	memcpy(p, p + sizeof(swap), sizeof(swap));
	memcpy(p + sizeof(swap), swap, sizeof(swap));
	expect(JUDGE_FAILED, FINDINGS_RUN_FORM);
}

static void
run_replayed_under_other_signature(void **state)
{
	struct item *again = world_run(&w, 0, 1);
	(void)state;

	/* The same envelope, cut into another run: no contradiction. */
	again->logged = true;
	expect(JUDGE_VERIFIED, FINDINGS_RUN_OVERLAP);
}

static void
run_by_the_peer(void **state)
{
	(void)state;
	w.knobs[FROM_A].signer = w.sign[1];
	world_say(&w, FROM_A, LANE_NOTICE, "put in a's mouth");
	expect(JUDGE_FAILED, FINDINGS_RUN_SIGNER);
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
	expect(JUDGE_FAILED, FINDINGS_RUN_SIGNER);
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
	expect(JUDGE_INCOMPLETE, FINDINGS_KEY_MISSING);
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
	expect(JUDGE_FAILED, FINDINGS_RUN_CHANNEL);
}

static void
run_not_logged(void **state)
{
	(void)state;
	nth(ITEM_RUN, 1)->skip_proof = true;
	expect(JUDGE_INCOMPLETE, FINDINGS_RUN_UNLOGGED);
}

static void
run_under_another_charter_number(void **state)
{
	(void)state;
	w.knobs[FROM_A].charter = 1;
	w.knobs[FROM_A].e[0] ^= 1;
	w.knobs[FROM_A].n = 0u - 3u;
	world_say(&w, FROM_A, LANE_NOTICE, "renewed?");
	expect(JUDGE_INCOMPLETE, FINDINGS_CHARTER_MISSING);
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
	expect(JUDGE_FAILED, FINDINGS_FORK);
}

static void
chain_broken(void **state)
{
	(void)state;
	w.head[FROM_B][LANE_NOTICE].env_id.b[3] ^= 1;
	world_say(&w, FROM_B, LANE_NOTICE, "after what?");
	expect(JUDGE_FAILED, FINDINGS_CHAIN_BROKEN);
}

static void
start_count_fell(void **state)
{
	(void)state;
	w.knobs[FROM_B].incarnation.start = 5;
	world_say(&w, FROM_B, LANE_NOTICE, "restarted");
	w.knobs[FROM_B].incarnation.start = 4;
	world_say(&w, FROM_B, LANE_NOTICE, "from an old copy");
	expect(JUDGE_FAILED, FINDINGS_INCARNATION);
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
	expect(JUDGE_FAILED, FINDINGS_EPOCH);
}

static void
ack_fell(void **state)
{
	(void)state;
	w.knobs[FROM_B].ack_seq = 1;
	w.knobs[FROM_B].ack_env = w.env[0].e.env_id;
	world_say(&w, FROM_B, LANE_NOTICE, "unsaid");
	expect(JUDGE_FAILED, FINDINGS_ACK_FELL);
}

static void
ack_of_what_was_not_said(void **state)
{
	(void)state;
	w.knobs[FROM_B].ack_seq = 3;
	memset(w.knobs[FROM_B].ack_env.b, 0x77, HASH_BYTES);
	world_say(&w, FROM_B, LANE_NOTICE, "settled something else");
	expect(JUDGE_FAILED, FINDINGS_ACK_CONTRADICTS);
}

static void
receipt_missing(void **state)
{
	(void)state;
	world_say(&w, FROM_A, LANE_NOTICE, "arrived?");
	expect(JUDGE_INCOMPLETE, FINDINGS_RECEIPT_MISSING);
}

static void
receipt_by_ack(void **state)
{
	(void)state;
	/* b's second message acknowledges a's 1 and 2 without a receipt. */
	nth(ITEM_RECEIPT, 1)->skip = nth(ITEM_RECEIPT, 1)->skip_proof = true;
	expect(JUDGE_VERIFIED, 0);
}

static void
receipt_forged(void **state)
{
	struct item *r = nth(ITEM_RECEIPT, 1);
	(void)state;

	r->bytes.p[r->bytes.len - 1] ^= 1;
	expect(JUDGE_FAILED, FINDINGS_RECEIPT_SIGNATURE);
}

static void
receipt_by_its_sender(void **state)
{
	(void)state;
	world_receipt(&w, nth(ITEM_RUN, 0), RECEIPT_DELIVERED, w.sign[0]);
	expect(JUDGE_FAILED, FINDINGS_RECEIPT_SIGNER);
}

static void
receipt_fetched_by_a_party(void **state)
{
	(void)state;
	world_receipt(&w, nth(ITEM_RUN, 0), RECEIPT_FETCHED, w.sign[1]);
	expect(JUDGE_FAILED, FINDINGS_RECEIPT_SIGNER);
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
	expect(JUDGE_FAILED, FINDINGS_RECEIPT_CONTRADICTS);
}

static void
receipt_of_another_place(void **state)
{
	struct item *run = nth(ITEM_RUN, 2);
	uint64_t index = run->index;
	(void)state;

	run->index = 0;
	world_receipt(&w, run, RECEIPT_FETCHED, w.relay_sign);
	run->index = index;
	expect(JUDGE_FAILED, FINDINGS_RECEIPT_PLACE);
}

static void
receipt_not_logged(void **state)
{
	(void)state;
	nth(ITEM_RECEIPT, 2)->skip_proof = true;
	expect(JUDGE_INCOMPLETE, FINDINGS_RECEIPT_UNLOGGED);
}

static void
undecryptable_and_expired(void **state)
{
	(void)state;
	world_receipt(&w, world_say(&w, FROM_A, LANE_NOTICE, "lost key"),
	    RECEIPT_UNDECRYPTABLE, w.sign[1]);
	world_receipt(&w, world_say(&w, FROM_A, LANE_NOTICE, "too old"),
	    RECEIPT_EXPIRED, w.relay_sign);
	expect(JUDGE_VERIFIED, FINDINGS_UNDECRYPTABLE);
	expect(JUDGE_VERIFIED, FINDINGS_EXPIRED);
}

static void
statement_forged(void **state)
{
	struct item *s = nth(ITEM_STATEMENT, 1);
	(void)state;

	s->bytes.p[s->bytes.len - 1] ^= 1;
	expect(JUDGE_FAILED, FINDINGS_STATEMENT_SIGNATURE);
}

static void
statement_dropped(void **state)
{
	(void)state;
	nth(ITEM_STATEMENT, 2)->skip = true;
	expect(JUDGE_INCOMPLETE, FINDINGS_KEY_MISSING);
}

static void
statement_twice_of_one_number(void **state)
{
	struct sign_key *k = NULL;
	struct dh_key *d = NULL;
	(void)state;

	assert_int_equal(sign_new(&k, SIGN_AGENT), ERR_OK);
	assert_int_equal(dh_new(&d), ERR_OK);
	w.ks_seq[0] = 0;
	memset(&w.ks_hash[0], 0, sizeof(w.ks_hash[0]));
	world_keys(&w, 0, k, d, NULL, 0);
	expect(JUDGE_FAILED, FINDINGS_ROOT_EQUIVOCATION);
	sign_free(&k);
	dh_free(&d);
}

static void
statement_not_next(void **state)
{
	(void)state;
	w.ks_seq[0]++;
	world_keys(&w, 0, w.sign[0], w.identity[0], NULL, 0);
	expect(JUDGE_INCOMPLETE, FINDINGS_KEYS_SEQUENCE);
}

static void
statement_not_logged(void **state)
{
	(void)state;
	nth(ITEM_STATEMENT, 2)->skip_proof = true;
	expect(JUDGE_VERIFIED, FINDINGS_STATEMENT_UNLOGGED);
}

/* Revoke a's first key: messages before the cut stay good, later ones are
 * disputed, those after the revocation refused. */
static void
revoke(uint64_t cut, struct sign_key **k, struct dh_key **d)
{
	assert_int_equal(sign_new(k, SIGN_AGENT), ERR_OK);
	assert_int_equal(dh_new(d), ERR_OK);
	world_log_item(&w, world_keys(&w, 0, *k, *d, sign_kid(w.sign[0]),
	    cut));
}

static void
revoked_below_the_cut(void **state)
{
	struct sign_key *k = NULL;
	struct dh_key *d = NULL;
	(void)state;

	revoke(w.leaves, &k, &d);
	expect(JUDGE_VERIFIED, 0);
	sign_free(&k);
	dh_free(&d);
}

static void
revoked_above_the_cut(void **state)
{
	struct sign_key *k = NULL;
	struct dh_key *d = NULL;
	(void)state;

	revoke(nth(ITEM_RUN, 2)->index, &k, &d);
	expect(JUDGE_INCOMPLETE, FINDINGS_RUN_DISPUTED);
	sign_free(&k);
	dh_free(&d);
}

static void
revoked_and_signed_after(void **state)
{
	struct sign_key *k = NULL;
	struct dh_key *d = NULL;
	(void)state;

	revoke(w.leaves, &k, &d);
	world_say(&w, FROM_A, LANE_NOTICE, "from the thief");
	expect(JUDGE_FAILED, FINDINGS_RUN_REVOKED);
	sign_free(&k);
	dh_free(&d);
}

static void
revocation_not_logged(void **state)
{
	struct sign_key *k = NULL;
	struct dh_key *d = NULL;
	(void)state;

	revoke(w.leaves, &k, &d);
	w.item[w.items - 1].skip_proof = true;
	expect(JUDGE_INCOMPLETE, FINDINGS_REVOCATION_UNLOGGED);
	sign_free(&k);
	dh_free(&d);
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
	expect(JUDGE_FAILED, FINDINGS_KEY_ORDER);
	sign_free(&k);
	dh_free(&d);
}

static void
opening_forged(void **state)
{
	struct item *o = nth(ITEM_OPENING, 0);
	(void)state;

	o->bytes.p[o->bytes.len - 1] ^= 1;
	expect(JUDGE_FAILED, FINDINGS_OPENING_WRONG);
}

static void
opening_of_another_envelope(void **state)
{
	(void)state;
	nth(ITEM_OPENING, 0)->env_id = w.env[2].e.env_id;
	expect(JUDGE_FAILED, FINDINGS_OPENING_WRONG);
}

static void
opened_field_of_another_envelope(void **state)
{
	(void)state;
	nth(ITEM_OPENING, 1)->env_id = w.env[3].e.env_id;
	expect(JUDGE_FAILED, FINDINGS_OPENING_WRONG);
}

static void
opening_cut_short(void **state)
{
	(void)state;
	nth(ITEM_OPENING, 0)->bytes.len -= 2;
	expect(JUDGE_FAILED, FINDINGS_OPENING_FORM);
}

static void
opening_of_nothing_here(void **state)
{
	(void)state;
	nth(ITEM_OPENING, 0)->env_id.b[0] ^= 1;
	expect(JUDGE_INCOMPLETE, FINDINGS_OPENING_STRAY);
}

static void
proof_of_another_index(void **state)
{
	struct bundle *b = world_bundle(&w), *read = NULL;
	struct buf note = buf_init(NOTE_MAX), zip = buf_init(BUNDLE_MAX);
	struct item *run = nth(ITEM_RUN, 2);
	struct merkle_path path;
	struct judge *j;
	(void)state;

	world_checkpoint(&w, w.leaves, &note);
	merkle_prove(&path, w.leaf, (size_t)w.leaves, (size_t)run->index);
	assert_int_equal(bundle_add_proof(b, &w.log_id, buf_view(&note),
	    buf_view(&run->entry), run->index ^ 1, &path), ERR_OK);
	assert_int_equal(bundle_write(b, &zip), ERR_OK);
	j = world_judge_zip(buf_view(&zip), &w.charter_id, &read);
	assert_int_equal(judge_verdict(j), JUDGE_FAILED);
	assert_true(judge_has(j, FINDINGS_PROOF_WRONG));
	judge_free(j);
	bundle_free(b);
	bundle_free(read);
	buf_free(&note);
	buf_free(&zip);
}

/* Add a second view of the log to the story's bundle, as its relay would
 * sign it, and judge. */
static void
second_view(uint64_t size, const char *origin, enum judge_verdict verdict,
    enum findings_code code)
{
	struct bundle *b = world_bundle(&w), *read = NULL;
	struct buf note = buf_init(NOTE_MAX), zip = buf_init(BUNDLE_MAX);
	struct hash real = w.leaf[size - 1];
	struct merkle_path path;
	char was[128];
	struct judge *j;

	strcpy(was, w.origin);
	memmove(w.origin, origin, strlen(origin) + 1);
	w.leaf[size - 1] = hash_leaf("another entry", 13);
	world_checkpoint(&w, size, &note);
	merkle_prove(&path, w.leaf, (size_t)size, (size_t)size - 1);
	strcpy(w.origin, was);
	w.leaf[size - 1] = real;
	assert_int_equal(bundle_add_proof(b, &w.log_id, buf_view(&note),
	    (struct view){ (const uint8_t *)"another entry", 13 }, size - 1,
	    &path), ERR_OK);
	assert_int_equal(bundle_write(b, &zip), ERR_OK);
	j = world_judge_zip(buf_view(&zip), &w.charter_id, &read);
	if (!judge_has(j, code))
		show(j);
	assert_int_equal(judge_verdict(j), verdict);
	assert_true(judge_has(j, code));
	judge_free(j);
	bundle_free(b);
	bundle_free(read);
	buf_free(&note);
	buf_free(&zip);
}

static void
log_split_at_equal_size(void **state)
{
	(void)state;
	second_view(w.leaves, w.origin, JUDGE_FAILED, FINDINGS_LOG_SPLIT);
}

/* The second view's entry stands where nothing else is proved. */
static void
log_split_in_roots_alone(void **state)
{
	(void)state;
	w.item[w.items - 3].skip_proof = true;
	assert_int_equal(w.item[w.items - 3].index, w.leaves - 1);
	second_view(w.leaves, w.origin, JUDGE_FAILED, FINDINGS_LOG_SPLIT);
}

static void
checkpoint_under_another_log(void **state)
{
	struct hash real = w.log_id;
	(void)state;

	w.log_id.b[0] ^= 1;
	second_view(w.leaves, w.origin, JUDGE_FAILED,
	    FINDINGS_CHECKPOINT_FORM);
	w.log_id = real;
}

static void
log_split_at_one_index(void **state)
{
	(void)state;
	second_view(w.leaves - 2, w.origin, JUDGE_FAILED,
	    FINDINGS_LOG_SPLIT);
}

static void
checkpoint_of_an_unknown_log(void **state)
{
	(void)state;
	second_view(w.leaves, "r1/00000000", JUDGE_INCOMPLETE,
	    FINDINGS_CHECKPOINT_FOREIGN);
}

static void
checkpoint_forged(void **state)
{
	struct sign_key *real = w.log_key, *k = NULL;
	(void)state;

	assert_int_equal(sign_new(&k, SIGN_LOG), ERR_OK);
	w.log_key = k;
	expect(JUDGE_FAILED, FINDINGS_CHECKPOINT_SIGNATURE);
	w.log_key = real;
	sign_free(&k);
}

static void
seen_another_log(void **state)
{
	struct item *run;
	(void)state;

	w.seen.log_id = w.log_id;
	w.seen.size = w.leaves;
	w.seen.root = merkle_root(w.leaf, (size_t)w.leaves);
	run = world_say(&w, FROM_A, LANE_NOTICE, "saw the true one");
	world_receipt(&w, run, RECEIPT_DELIVERED, w.sign[1]);
	expect(JUDGE_VERIFIED, 0);
	w.seen.size = w.leaves + 5;
	world_say(&w, FROM_A, LANE_NOTICE, "saw more than there was");
	expect(JUDGE_FAILED, FINDINGS_SEEN_CONTRADICTS);
}

static void
recovery_declares_lost(void **state)
{
	struct statement_recovery r;
	uint8_t tbs[RECOVERY_STATEMENT_BYTES], sig[SIG_BYTES];
	struct item *item = &w.item[w.items++];
	unsigned l;
	(void)state;

	memset(&r, 0, sizeof(r));
	r.kid = *sign_kid(w.root[1]);
	r.pair_id = w.pair_id;
	r.direction = FROM_B;
	r.incarnation.start = 9;
	r.incarnation.random = 1;
	r.reason = 1;
	for (l = 0; l < LANE_COUNT; l++)
		r.lane[l].next_seq = 1;
	r.lane[0].old_seq = 2;
	r.lane[0].old_env = w.head[FROM_B][LANE_NOTICE].env_id;
	r.lane[0].next_seq = 6;
	statement_recovery_encode(tbs, &r);
	assert_int_equal(sign_labelled(w.root[1], LABEL_RECOVERY, tbs,
	    sizeof(tbs), sig), ERR_OK);
	item->kind = ITEM_STATEMENT;
	item->bytes = buf_init(STATEMENT_MAX);
	item->entry = buf_init(STATEMENT_MAX);
	buf_put(&item->bytes, tbs, sizeof(tbs));
	buf_put(&item->bytes, sig, sizeof(sig));
	buf_put(&item->entry, item->bytes.p, item->bytes.len);
	world_log_item(&w, item);
	w.head[FROM_B][LANE_NOTICE].seq = 5;
	w.knobs[FROM_B].incarnation = r.incarnation;
	w.knobs[FROM_B].e[0] ^= 1;
	w.knobs[FROM_B].n = 0u - 5u;
	world_receipt(&w, world_say(&w, FROM_B, LANE_NOTICE, "back"),
	    RECEIPT_DELIVERED, w.sign[0]);
	expect(JUDGE_VERIFIED, FINDINGS_DECLARED_LOST);
	item->skip = item->skip_proof = true;
	expect(JUDGE_INCOMPLETE, FINDINGS_SEQ_GAP);
}

static void
text_and_json_say_the_same(void **state)
{
	struct bundle *b = NULL;
	struct judge *j;
	struct buf text = buf_init(1 << 20), out = buf_init(1 << 20);
	struct json *json;
	(void)state;

	nth(ITEM_RUN, 1)->skip_proof = true;
	j = world_judge(&w, &w.charter_id, &b);
	assert_int_equal(verdict_text(j, &text), ERR_OK);
	json = verdict_json(j);
	assert_int_equal(json_write(json, true, &out), ERR_OK);
	assert_non_null(strstr(buf_text(&text), "Verified but incomplete"));
	assert_non_null(strstr(buf_text(&text), "run-unlogged"));
	assert_non_null(strstr(buf_text(&text), "measures: first"));
	assert_non_null(strstr(buf_text(&out), "\"verdict\": \"incomplete\""));
	assert_non_null(strstr(buf_text(&out), "\"exit\": 4"));
	assert_non_null(strstr(buf_text(&out), "run-unlogged"));
	assert_non_null(strstr(buf_text(&out), "\"measures\": \"first\""));
	json_free(&json);
	judge_free(j);
	bundle_free(b);
	buf_free(&text);
	buf_free(&out);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(true_story), T(same_evidence_same_bytes),
		T(without_the_charters_id), T(another_charter),
		T(charter_by_words), T(charter_not_signed_by_both),
		T(charter_renewed_by_its_roots),
		T(charter_renewed_by_strangers),
		T(charter_of_another_pair),
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
		T(statement_forged), T(statement_dropped),
		T(statement_twice_of_one_number), T(statement_not_next),
		T(statement_not_logged), T(revoked_below_the_cut),
		T(revoked_above_the_cut), T(revoked_and_signed_after),
		T(revocation_not_logged), T(older_key_after_newer),
		T(opening_forged), T(opening_of_another_envelope),
		T(opened_field_of_another_envelope), T(opening_cut_short),
		T(opening_of_nothing_here), T(proof_of_another_index),
		T(log_split_at_equal_size), T(log_split_in_roots_alone),
		T(log_split_at_one_index), T(checkpoint_under_another_log),
		T(checkpoint_of_an_unknown_log), T(checkpoint_forged),
		T(seen_another_log), T(recovery_declares_lost),
		T(text_and_json_say_the_same),
	};

	return (cmocka_run_group_tests_name("audit.judge", tests, NULL,
	    NULL));
}
