/* What an agent exports of a pair, as an auditor judges it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "audit/judge.h"
#include "audit/verdict.h"
#include "base/file.h"
#include "endpoint/agent.h"
#include "endpoint/evidence.h"
#include "endpoint/export.h"
#include "endpoint/export_open.h"
#include "endpoint/pairs.h"
#include "keys/dh.h"
#include "keys/pubkey.h"
#include "keys/sign.h"
#include "proto/label.h"
#include "proto/statement.h"
#include "two_agents.h"

/* Export the pair, read the file again, judge it. */
static struct judge *
judged(struct two_agents *two, int party, struct bundle **b)
{
	struct judge_pin pin = { .kind = JUDGE_BY_ID, .id = two->pair_id };
	struct export_choice choice = { .level = BUNDLE_SEALED };
	struct agent *agent = two->party[party].agent;
	struct buf zip = buf_init(BUNDLE_MAX);
	struct bundle_fault fault;
	const char *wrong = NULL;
	struct judge *j;
	char path[600];

	snprintf(path, sizeof(path), "%s/bundle%d.zip", two->dir, party);
	assert_int_equal(export_bundle(agent, pairs_at(agent_pairs(agent), 0),
	    &choice, path, NULL, &wrong), ERR_OK);
	assert_int_equal(file_load(path, BUNDLE_MAX, &zip), ERR_OK);
	assert_int_equal(remove(path), 0);
	assert_int_equal(bundle_read(b, buf_view(&zip), &fault), ERR_OK);
	bundle_adopt(*b, &zip);
	assert_int_equal(judge_bundle(&j, *b, &pin), ERR_OK);
	return j;
}

static void
expect_verified(struct two_agents *two, int party, size_t statements)
{
	struct buf text = buf_init(1 << 20);
	struct bundle *b;
	struct judge *j = judged(two, party, &b);

	if (judge_verdict(j) != JUDGE_VERIFIED) {
		(void)verdict_text(j, &text);
		fprintf(stderr, "%s\n", buf_text(&text));
	}
	assert_int_equal(judge_verdict(j), JUDGE_VERIFIED);
	if (statements > 0)
		assert_int_equal(bundle_statements(b), statements);
	judge_free(j);
	bundle_free(b);
	buf_free(&text);
}

static bool
says_unlogged(const struct judge *j, const struct id *root)
{
	char kid[PUBKEY_FINGERPRINT_BYTES];
	const struct judge_finding *f;
	size_t i;

	pubkey_fingerprint(kid, root);
	for (i = 0; i < judge_findings(j); i++) {
		f = judge_finding_at(j, i);
		if (f->code == FINDINGS_STATEMENT_UNLOGGED &&
		    strstr(f->where, kid) != NULL)
			return true;
	}
	return false;
}

static void
talk(struct two_agents *two)
{
	assert_int_equal(two_send(two, 0, LANE_NOTICE, "hello"), ERR_OK);
	two_pump(two);
	assert_int_equal(two_send(two, 1, LANE_NOTICE, "yes"), ERR_OK);
	two_pump(two);
}

static void
both_sides_verify(void **state)
{
	struct two_agents *two = two_start(1);

	(void)state;
	talk(two);
	expect_verified(two, 0, 0);
	expect_verified(two, 1, 0);
	two_stop(two);
}

/* The relay's own key statement is fed on no channel: it is asked for. */
static void
entry_0_is_proved(void **state)
{
	struct two_agents *two = two_start(2);
	const struct keyring_agency *relay;
	struct bundle *b;
	struct judge *j;
	struct id kid;

	(void)state;
	talk(two);
	two_later(two, 30000);
	assert_int_equal(two_number(two, 0, "SELECT count(*) FROM evidence"
	    " WHERE idx = 0 AND pair = 0"), 2);
	j = judged(two, 0, &b);
	relay = judge_log_at(j, 0)->log->relay;
	kid = pubkey_kid(relay->root);
	assert_false(says_unlogged(j, &kid));
	judge_free(j);
	bundle_free(b);
	two_stop(two);
}

/* The key statement of an agency we are paired with elsewhere, as fed on that
 * pair's channel. */
static void
put_stranger(struct two_agents *two, int party, const struct hash *log_id)
{
	struct buf entry = buf_init(STATEMENT_MAX);
	struct statement_keys ks = { .ks_seq = 1, .not_after = 1 };
	struct evidence e = { .log_id = *log_id, .index = 900, .size = 901,
		.kind = STATEMENT_KEYS };
	struct sign_key *root = NULL, *sign = NULL;
	struct dh_key *dh = NULL;
	uint8_t sig[SIG_BYTES];

	assert_int_equal(sign_new(&root, SIGN_ROOT), ERR_OK);
	assert_int_equal(sign_new(&sign, SIGN_AGENT), ERR_OK);
	assert_int_equal(dh_new(&dh), ERR_OK);
	ks.kid = *sign_kid(root);
	ks.agency = pubkey_agency(sign_public(root));
	assert_int_equal(statement_keys_add(&ks, KEY_SIGN, sign_public(sign)),
	    ERR_OK);
	assert_int_equal(statement_keys_add(&ks, KEY_IDENTITY, dh_public(dh)),
	    ERR_OK);
	assert_int_equal(statement_keys_add(&ks, KEY_TRANSPORT,
	    dh_public(dh)), ERR_OK);
	assert_int_equal(statement_keys_encode(&entry, &ks), ERR_OK);
	assert_int_equal(sign_labelled(root, LABEL_KEYS, entry.p, entry.len,
	    sig), ERR_OK);
	buf_put(&entry, sig, sizeof(sig));
	e.entry = buf_view(&entry);
	assert_int_equal(evidence_put(agent_book(two->party[party].agent),
	    &e), ERR_OK);
	assert_int_equal(evidence_put_checkpoint(agent_book(
	    two->party[party].agent), log_id, 901,
	    (struct view){ (const uint8_t *)"x", 1 }), ERR_OK);
	buf_free(&entry);
	sign_free(&root);
	sign_free(&sign);
	dh_free(&dh);
}

static void
other_pairs_stay_out(void **state)
{
	struct two_agents *two = two_start(1);
	struct hash log_id;
	struct bundle *b;
	struct judge *j;
	size_t before;

	(void)state;
	talk(two);
	j = judged(two, 0, &b);
	before = bundle_statements(b);
	log_id = judge_log_at(j, 0)->log->log_id;
	judge_free(j);
	bundle_free(b);
	put_stranger(two, 0, &log_id);
	log_id.b[0] ^= 1;
	put_stranger(two, 0, &log_id);
	expect_verified(two, 0, before);
	two_stop(two);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_sides_verify),
		cmocka_unit_test(entry_0_is_proved),
		cmocka_unit_test(other_pairs_stay_out),
	};

	return cmocka_run_group_tests_name("endpoint.bundle", tests, NULL,
	    NULL);
}
