/*
 * Tampers with a true bundle: charters, key statements, revocations, logs,
 * openings.  Each must be found, under its own code.
 */
#include <string.h>

#include "audit/verdict.h"
#include "base/json.h"
#include "keys/words.h"
#include "proto/charter.h"
#include "proto/label.h"
#include "proto/note.h"
#include "tests/unit/audit/tamper.h"

static void
true_story(void **state)
{
	struct bundle *b = NULL;
	struct judge *j = world_judge(&w, &w.charter_id, &b);
	const struct judge_message *m;
	(void)state;

	if (judge_verdict(j) != JUDGE_VERIFIED)
		tamper_show(j);
	assert_int_equal(judge_verdict(j), JUDGE_VERIFIED);
	assert_int_equal(judge_findings(j), 0);
	assert_int_equal(judge_messages(j), 5);
	assert_int_equal(judge_opened(j), 1);
	m = judge_message_at(j, 0);
	assert_int_equal(judge_seq(m), 1);
	assert_int_equal(m->fate, JUDGE_DELIVERED);
	assert_true(m->run->logged && judge_fetched_at(j, m) != 0);
	assert_non_null(m->shown->fields);
	assert_non_null(judge_message_at(j, 1)->shown->outline.p);
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
	tamper_expect(JUDGE_FAILED, FINDINGS_CHARTER_SIGNATURE);
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
	tamper_expect(JUDGE_FAILED, FINDINGS_CHARTER_CHAIN);
	w.pair_id = real;
}

static void
statement_forged(void **state)
{
	struct item *s = tamper_nth(ITEM_STATEMENT, 1);
	(void)state;

	s->bytes.p[s->bytes.len - 1] ^= 1;
	tamper_expect(JUDGE_FAILED, FINDINGS_STATEMENT_SIGNATURE);
}

static void
statement_dropped(void **state)
{
	(void)state;
	tamper_nth(ITEM_STATEMENT, 2)->skip = true;
	tamper_expect(JUDGE_INCOMPLETE, FINDINGS_KEY_MISSING);
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
	tamper_expect(JUDGE_FAILED, FINDINGS_ROOT_EQUIVOCATION);
	sign_free(&k);
	dh_free(&d);
}

static void
statement_not_next(void **state)
{
	(void)state;
	w.ks_seq[0]++;
	world_keys(&w, 0, w.sign[0], w.identity[0], NULL, 0);
	tamper_expect(JUDGE_INCOMPLETE, FINDINGS_KEYS_SEQUENCE);
}

static void
statement_not_logged(void **state)
{
	(void)state;
	tamper_nth(ITEM_STATEMENT, 2)->skip_proof = true;
	tamper_expect(JUDGE_VERIFIED, FINDINGS_STATEMENT_UNLOGGED);
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
	tamper_expect(JUDGE_VERIFIED, 0);
	sign_free(&k);
	dh_free(&d);
}

static void
revoked_above_the_cut(void **state)
{
	struct sign_key *k = NULL;
	struct dh_key *d = NULL;
	(void)state;

	revoke(tamper_nth(ITEM_RUN, 2)->index, &k, &d);
	tamper_expect(JUDGE_INCOMPLETE, FINDINGS_RUN_DISPUTED);
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
	tamper_expect(JUDGE_FAILED, FINDINGS_RUN_REVOKED);
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
	tamper_expect(JUDGE_INCOMPLETE, FINDINGS_REVOCATION_UNLOGGED);
	sign_free(&k);
	dh_free(&d);
}

static void
opening_forged(void **state)
{
	struct item *o = tamper_nth(ITEM_OPENING, 0);
	(void)state;

	o->bytes.p[o->bytes.len - 1] ^= 1;
	tamper_expect(JUDGE_FAILED, FINDINGS_OPENING_WRONG);
}

static void
opening_of_another_envelope(void **state)
{
	(void)state;
	tamper_nth(ITEM_OPENING, 0)->env_id = w.env[2].e.env_id;
	tamper_expect(JUDGE_FAILED, FINDINGS_OPENING_ELSEWHERE);
}

static void
opened_field_of_another_envelope(void **state)
{
	(void)state;
	tamper_nth(ITEM_OPENING, 1)->env_id = w.env[3].e.env_id;
	tamper_expect(JUDGE_FAILED, FINDINGS_OPENING_ELSEWHERE);
}

static void
opening_cut_short(void **state)
{
	(void)state;
	tamper_nth(ITEM_OPENING, 0)->bytes.len -= 2;
	tamper_expect(JUDGE_FAILED, FINDINGS_OPENING_FORM);
}

static void
opening_of_nothing_here(void **state)
{
	(void)state;
	tamper_nth(ITEM_OPENING, 0)->env_id.b[0] ^= 1;
	tamper_expect(JUDGE_INCOMPLETE, FINDINGS_OPENING_STRAY);
}

static void
proof_of_another_index(void **state)
{
	struct bundle *b = world_bundle(&w), *read = NULL;
	struct buf note = buf_init(NOTE_MAX), zip = buf_init(BUNDLE_MAX);
	struct item *run = tamper_nth(ITEM_RUN, 2);
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
		tamper_show(j);
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
	tamper_expect(JUDGE_FAILED, FINDINGS_CHECKPOINT_SIGNATURE);
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
	tamper_expect(JUDGE_VERIFIED, 0);
	w.seen.size = w.leaves + 5;
	world_say(&w, FROM_A, LANE_NOTICE, "saw more than there was");
	tamper_expect(JUDGE_FAILED, FINDINGS_SEEN_CONTRADICTS);
}

/* The log signed one root at size 3, a sender says it saw another. */
static void
seen_another_root(void **state)
{
	struct buf note = buf_init(NOTE_MAX), zip = buf_init(BUNDLE_MAX);
	struct bundle *b, *read = NULL;
	struct merkle_path path;
	struct judge *j;
	(void)state;

	w.seen.log_id = w.log_id;
	w.seen.size = 3;
	w.seen.root = merkle_root(w.leaf, 4);
	world_say(&w, FROM_A, LANE_NOTICE, "saw another");
	b = world_bundle(&w);
	world_checkpoint(&w, 3, &note);
	merkle_prove(&path, w.leaf, 3, 0);
	assert_int_equal(bundle_add_proof(b, &w.log_id, buf_view(&note),
	    buf_view(&w.item[0].entry), 0, &path), ERR_OK);
	assert_int_equal(bundle_write(b, &zip), ERR_OK);
	j = world_judge_zip(buf_view(&zip), &w.charter_id, &read);
	assert_int_equal(judge_verdict(j), JUDGE_FAILED);
	assert_true(judge_has(j, FINDINGS_SEEN_CONTRADICTS));
	judge_free(j);
	bundle_free(b);
	bundle_free(read);
	buf_free(&note);
	buf_free(&zip);
}

static void
text_and_json_say_the_same(void **state)
{
	struct bundle *b = NULL;
	struct judge *j;
	struct buf text = buf_init(1 << 20), out = buf_init(1 << 20);
	struct json_fault fault = { 0 };
	struct json *json;
	(void)state;

	tamper_nth(ITEM_RUN, 1)->skip_proof = true;
	j = world_judge(&w, &w.charter_id, &b);
	assert_int_equal(verdict_text(j, &text), ERR_OK);
	assert_int_equal(verdict_json(j, &out), ERR_OK);
	assert_int_equal(json_parse(&json, out.p, out.len, 1 << 20, &fault),
	    ERR_OK);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(true_story), T(same_evidence_same_bytes),
		T(without_the_charters_id), T(another_charter),
		T(charter_by_words), T(charter_not_signed_by_both),
		T(charter_renewed_by_its_roots),
		T(charter_renewed_by_strangers), T(charter_of_another_pair),
		T(statement_forged), T(statement_dropped),
		T(statement_twice_of_one_number), T(statement_not_next),
		T(statement_not_logged), T(revoked_below_the_cut),
		T(revoked_above_the_cut), T(revoked_and_signed_after),
		T(revocation_not_logged), T(opening_forged),
		T(opening_of_another_envelope),
		T(opened_field_of_another_envelope), T(opening_cut_short),
		T(opening_of_nothing_here), T(proof_of_another_index),
		T(log_split_at_equal_size), T(log_split_in_roots_alone),
		T(checkpoint_under_another_log), T(log_split_at_one_index),
		T(checkpoint_of_an_unknown_log), T(checkpoint_forged),
		T(seen_another_log), T(seen_another_root),
		T(text_and_json_say_the_same),
	};

	return (cmocka_run_group_tests_name("audit.judge", tests, NULL,
	    NULL));
}
