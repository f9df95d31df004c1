/* What is kept of a relay that refuses, or shows two logs: for others. */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "audit/bundle.h"
#include "audit/judge.h"
#include "base/file.h"
#include "endpoint/export.h"
#include "endpoint/export_open.h"
#include "endpoint/pairs.h"
#include "proto/receipt.h"
#include "proto/statement.h"
#include "two_agents.h"

static void
say(struct two_agents *two, const char *text)
{
	assert_int_equal(two_send(two, 0, LANE_NOTICE, text), ERR_OK);
	two_pump(two);
}

static int64_t
kept(struct two_agents *two)
{
	return two_number(two, 0, "SELECT count(*) FROM refusal");
}

static int64_t
alarms(struct two_agents *two, enum err code)
{
	char sql[96];

	(void)snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM alarm WHERE code = %d", code);
	return two_number(two, 0, sql);
}

/* How many refused receipts stand in a bundle of party 0; its judge finds
 * none of them wrong. */
static unsigned
exported(struct two_agents *two)
{
	struct judge_pin pin = { .kind = JUDGE_BY_ID, .id = two->pair_id };
	struct export_choice choice = { .level = BUNDLE_SEALED };
	struct agent *agent = two->party[0].agent;
	struct buf zip = buf_init(BUNDLE_MAX);
	struct bundle_fault fault;
	const char *wrong = NULL;
	unsigned refused = 0;
	struct statement st;
	struct bundle *b;
	struct judge *j;
	struct receipt r;
	char path[600];
	size_t i;

	snprintf(path, sizeof(path), "%s/refused.zip", two->dir);
	assert_int_equal(export_bundle(agent, pairs_at(agent_pairs(agent), 0),
	    &choice, path, NULL, &wrong), ERR_OK);
	assert_int_equal(file_load(path, BUNDLE_MAX, &zip), ERR_OK);
	assert_int_equal(remove(path), 0);
	assert_int_equal(bundle_read(&b, buf_view(&zip), &fault), ERR_OK);
	bundle_adopt(b, &zip);
	for (i = 0; i < bundle_receipts(b); i++) {
		must(statement_split(&st, bundle_receipt_at(b, i)) == ERR_OK);
		must(receipt_decode(&r, st.body) == ERR_OK);
		refused += r.event == RECEIPT_REFUSED;
	}
	assert_int_equal(judge_bundle(&j, b, &pin), ERR_OK);
	for (i = 0; i < judge_findings(j); i++)
		assert_int_not_equal(judge_finding_at(j, i)->code,
		    FINDINGS_RECEIPT_SIGNATURE);
	judge_free(j);
	bundle_free(b);
	return refused;
}

static size_t
opened(struct two_agents *two)
{
	struct bundle *b = bundle_new(&two->pair_id, BUNDLE_OPEN);
	struct export_choice choice = { .level = BUNDLE_OPEN };
	struct agent *agent = two->party[0].agent;
	const char *wrong = NULL;
	size_t n;

	assert_non_null(b);
	assert_int_equal(export_open_add(agent, pairs_at(agent_pairs(agent),
	    0), &choice, b, &wrong), ERR_OK);
	n = bundle_openings(b);
	bundle_free(b);
	return n;
}

/* What no log has yet is in no bundle: neither is its opening. */
static void
what_is_in_no_log_is_not_opened(void **state)
{
	struct two_agents *two = two_start(1);
	size_t logged;

	(void)state;
	say(two, "taken");
	logged = opened(two);
	assert_int_not_equal(logged, 0);
	two->relay[0].refuses = ERR_BLOCKED;
	say(two, "waits");
	assert_int_equal(opened(two), logged);
	two_stop(two);
}

static void
a_refusal_for_good_is_kept_and_exported(void **state)
{
	struct two_agents *two = two_start(1);

	(void)state;
	say(two, "taken");
	assert_int_equal(exported(two), 0);
	two->relay[0].refuses = ERR_EXPIRED;
	say(two, "refused");
	assert_int_equal(alarms(two, ERR_EXPIRED), 1);
	assert_int_equal(kept(two), 1);
	assert_int_equal(exported(two), 1);
	two_stop(two);
}

/* Blocked for an hour: the first word of it is kept, not one a try. */
static void
of_one_put_off_the_first_is_kept(void **state)
{
	struct two_agents *two = two_start(1);
	int i;

	(void)state;
	two->relay[0].refuses = ERR_BLOCKED;
	say(two, "waits");
	for (i = 0; i < 10; i++)
		two_later(two, 20000);
	assert_int_equal(kept(two), 1);
	two->relay[0].refuses = ERR_OK;
	for (i = 0; i < 10; i++)
		two_later(two, 20000);
	assert_int_equal(two->party[1].desk.received, 1);
	assert_int_equal(exported(two), 1);
	two_stop(two);
}

/* Signed about other envelopes than were sent: an alarm, not evidence. */
static void
a_refusal_of_something_else_is_told(void **state)
{
	struct two_agents *two = two_start(1);

	(void)state;
	two->relay[0].refuses = ERR_EXPIRED;
	two->relay[0].misnames = 1;
	say(two, "refused");
	assert_int_equal(kept(two), 0);
	assert_int_equal(alarms(two, ERR_SEQ), 1);
	assert_int_equal(alarms(two, ERR_EXPIRED), 1);
	two_stop(two);
}

/* Is there one folder of proof, with that file in it? */
static bool
proof_has(struct two_agents *two, const char *name)
{
	char pattern[700];
	glob_t found;
	struct stat st;
	bool has;

	snprintf(pattern, sizeof(pattern), "%s/proofs/split-*/%s",
	    two->party[0].home, name);
	must(glob(pattern, 0, NULL, &found) == 0);
	has = found.gl_pathc == 1 && stat(found.gl_pathv[0], &st) == 0 &&
	    st.st_size > 0;
	globfree(&found);
	return has;
}

/* One size, two signed roots: both notes are the proof. */
static void
two_roots_of_one_size_are_kept_as_proof(void **state)
{
	struct two_agents *two = two_start(1);

	(void)state;
	say(two, "one");
	two->relay[0].item[two->relay[0].n - 1].leaf.b[0] ^= 1;
	two_close(two, 0);
	two_open(two, 0);
	two_pump(two);
	assert_int_equal(alarms(two, ERR_LOG_SPLIT), 1);
	assert_int_equal(agent_health(two->party[0].agent), ERR_LOG_SPLIT);
	assert_true(proof_has(two, "checkpoint.held"));
	assert_true(proof_has(two, "checkpoint.shown"));
	two_stop(two);
}

/* Two sizes that do not grow from each other: the relay's own path too. */
static void
a_rewritten_log_is_kept_as_proof(void **state)
{
	struct two_agents *two = two_start(1);

	(void)state;
	say(two, "one");
	two_later(two, 11000);
	two->relay[0].item[0].leaf.b[0] ^= 1;
	say(two, "two");
	two_later(two, 11000);
	assert_int_equal(alarms(two, ERR_LOG_SPLIT), 1);
	assert_true(proof_has(two, "checkpoint.held"));
	assert_true(proof_has(two, "checkpoint.shown"));
	assert_true(proof_has(two, "path"));
	two_stop(two);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_in_no_log_is_not_opened),
		cmocka_unit_test(a_refusal_for_good_is_kept_and_exported),
		cmocka_unit_test(of_one_put_off_the_first_is_kept),
		cmocka_unit_test(a_refusal_of_something_else_is_told),
		cmocka_unit_test(two_roots_of_one_size_are_kept_as_proof),
		cmocka_unit_test(a_rewritten_log_is_kept_as_proof),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
