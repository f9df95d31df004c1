/*
 * newlog: a relay's next log says first who it is and what it signed before,
 * carries over what still stands, keeps the old one, and begins from nothing
 * that contradicts it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "audit/keyring.h"
#include "base/file.h"
#include "base/secret.h"
#include "proto/note.h"
#include "proto/statement.h"
#include "relay/newlog.h"
#include "relay/signer.h"
#include "tests/unit/relay/rig.h"

struct bench {
	struct yard y;
	struct rig rig;
	struct signer *signer;
	struct secret *pass;
	struct buf note;		/* the old log's newest */
	struct hash old_id;
	uint64_t size;
	struct yard_run run;
	struct hash last;
	struct newlog_report report;
};

static struct bench b;

/* A relay that ran: charters, keys, a block, a prekey, a run; and stopped. */
static int
setup(void **state)
{
	struct admit_answer answer;
	struct buf prekey = buf_init(512);

	(void)state;
	memset(&b, 0, sizeof(b));
	yard_open(&b.y);
	yard_home(&b.y, "pass");
	b.pass = secret_copy("pass", 4);
	b.note = buf_init(NOTE_MAX);
	b.old_id = b.y.log_id;
	rig_open(&b.rig, &b.y, 0);
	MUST(group_append(b.rig.group, &(struct store_item){
	    .entry = buf_view(&b.y.relay_keys) }));
	rig_admit(&b.rig);
	MUST(signer_open(&b.signer, yard_path(&b.y, "signer.high"),
	    b.y.relay));
	yard_prekey(&b.y, 0, 1, 7, &prekey);
	MUST(rig_statement(&b.rig, b.y.side[0][1], &prekey, &answer));
	MUST(answer.status);
	b.run = yard_first(0, 0, LANE_NOTICE, 2);
	MUST(rig_send(&b.rig, &b.run, &b.last, &answer));
	b.size = tlog_size(b.rig.tree);
	MUST(signer_checkpoint(b.signer, b.rig.tree, &b.note));
	signer_free(&b.signer);
	rig_close(&b.rig);
	buf_free(&prekey);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	signer_free(&b.signer);
	secret_free(&b.pass);
	buf_free(&b.note);
	yard_close(&b.y);
	return 0;
}

static void
leave_note(const char *name)
{
	MUST(file_replace(yard_path(&b.y, name), b.note.p, b.note.len, 0644));
}

static enum err
begin(const char *note)
{
	return newlog_begin(b.y.home, note, b.pass, &b.report);
}

/* Entries 0 and 1 as they must be. */
struct first {
	unsigned n;
};

static enum err
see_first(void *ctx, const struct store_seen *seen)
{
	struct first *f = ctx;
	struct statement_prior prior;
	struct statement st;

	MUST(statement_split(&st, seen->entry));
	if (f->n++ == 0) {
		assert_int_equal(st.kind, STATEMENT_KEYS);
		assert_int_equal(seen->entry.len, b.y.relay_keys.len);
		assert_memory_equal(seen->entry.p, b.y.relay_keys.p,
		    seen->entry.len);
		return ERR_OK;
	}
	assert_int_equal(st.kind, STATEMENT_PRIOR);
	MUST(statement_prior_decode(&prior, st.body));
	assert_int_equal(prior.note.len, b.note.len);
	assert_memory_equal(prior.note.p, b.note.p, b.note.len);
	return ERR_BUSY;
}

static void
test_next(void **state)
{
	struct first first = { 0 };
	struct admit_answer answer;
	struct signer_high high;

	(void)state;
	leave_note("checkpoint");
	yard_relay_next(&b.y);
	assert_int_equal(begin(NULL), ERR_OK);
	assert_int_equal(b.report.held, b.size);
	assert_int_equal(b.report.signed_size, b.size);
	assert_int_equal(b.report.prior, b.size);
	assert_int_equal(b.report.left, 0);
	assert_true(hash_eq(&b.report.old_log, &b.old_id));
	assert_true(hash_eq(&b.report.new_log, &b.y.log_id));
	/* The old one is kept, and signs no more. */
	assert_true(file_exists(yard_path(&b.y, b.report.kept)));
	assert_int_equal(signer_peek(yard_path(&b.y, "signer.high"), &high),
	    ERR_NOTFOUND);

	rig_open(&b.rig, &b.y, 0);
	assert_int_equal(store_entries(b.rig.store, 0, see_first, &first),
	    ERR_BUSY);
	MUST(tlog_full(b.rig.tree));
	/* The own statements count in their order, whatever the log's. */
	assert_non_null(keyring_agency(b.rig.keyring, &b.y.relay_id));
	assert_int_equal(keyring_agency(b.rig.keyring,
	    &b.y.relay_id)->ks_seq, 2);
	/* Both parties go on: a's next run, though this log never saw the
	 * one before it; and the old one, which is new here. */
	b.run = yard_next(&b.run, &b.last, 1);
	MUST(rig_send(&b.rig, &b.run, NULL, &answer));
	b.run = yard_first(0, 0, LANE_NOTICE, 2);
	MUST(rig_send(&b.rig, &b.run, NULL, &answer));
	rig_close(&b.rig);
	assert_int_equal(begin(NULL), ERR_STATE);
}

/* The end is lost: the note outside says more than is held. */
static void
test_lost_end(void **state)
{
	struct admit_answer answer;

	(void)state;
	rig_open(&b.rig, &b.y, 0);
	MUST(store_backup(b.rig.store, yard_path(&b.y, "backup.db")));
	MUST(signer_open(&b.signer, yard_path(&b.y, "signer.high"),
	    b.y.relay));
	b.run = yard_next(&b.run, &b.last, 1);
	MUST(rig_send(&b.rig, &b.run, NULL, &answer));
	leave_note("checkpoint");	/* of before */
	MUST(signer_checkpoint(b.signer, b.rig.tree, &b.note));
	leave_note("newest");
	signer_free(&b.signer);
	rig_close(&b.rig);
	MUST(file_move(yard_path(&b.y, "backup.db"),
	    yard_path(&b.y, "store.db")));
	yard_relay_next(&b.y);
	assert_int_equal(begin(yard_path(&b.y, "newest")), ERR_OK);
	assert_int_equal(b.report.held, b.size);
	assert_int_equal(b.report.signed_size, b.size + 1);
	assert_int_equal(b.report.prior, b.size + 1);
}

static void
test_refused(void **state)
{
	struct buf other = buf_init(NOTE_MAX);
	struct admit_answer answer;

	(void)state;
	leave_note("checkpoint");
	assert_int_equal(begin(NULL), ERR_STATE);	/* not rotated */
	MUST(file_remove(yard_path(&b.y, "checkpoint")));
	/* A checkpoint of another branch of this log. */
	rig_open(&b.rig, &b.y, 0);
	MUST(signer_open(&b.signer, yard_path(&b.y, "fork.high"),
	    b.y.relay));
	MUST(store_backup(b.rig.store, yard_path(&b.y, "backup.db")));
	b.run = yard_next(&b.run, &b.last, 1);
	MUST(rig_send(&b.rig, &b.run, NULL, &answer));
	MUST(signer_checkpoint(b.signer, b.rig.tree, &other));
	MUST(file_replace(yard_path(&b.y, "fork"), other.p, other.len, 0644));
	rig_close(&b.rig);
	MUST(file_move(yard_path(&b.y, "backup.db"),
	    yard_path(&b.y, "store.db")));
	rig_open(&b.rig, &b.y, 0);
	b.run.noise = 9;
	MUST(rig_send(&b.rig, &b.run, NULL, &answer));
	rig_close(&b.rig);
	yard_relay_next(&b.y);
	assert_int_equal(begin(NULL), ERR_NOTFOUND);
	assert_int_equal(begin(yard_path(&b.y, "fork")), ERR_ROLLBACK);
	assert_non_null(strstr(b.report.detail, "is not of the log"));
	/* One the old log never signed. */
	other.p[other.len - 3] ^= 1;
	MUST(file_replace(yard_path(&b.y, "fork"), other.p, other.len, 0644));
	assert_int_not_equal(begin(yard_path(&b.y, "fork")), ERR_OK);
	/* Nothing of it changed anything. */
	leave_note("checkpoint");
	assert_int_equal(begin(NULL), ERR_OK);
	buf_free(&other);
}

/* Killed between two steps of putting it in place. */
static void
test_resumed(void **state)
{
	(void)state;
	leave_note("checkpoint");
	yard_relay_next(&b.y);
	assert_int_equal(begin(NULL), ERR_OK);
	MUST(file_move(yard_path(&b.y, "store.db"),
	    yard_path(&b.y, "store.next.db")));
	MUST(file_replace(yard_path(&b.y, "store.db"), "stray", 5, 0600));
	assert_int_equal(begin(NULL), ERR_OK);
	assert_true(b.report.resumed);
	assert_int_equal(begin(NULL), ERR_STATE);
	rig_open(&b.rig, &b.y, 0);
	MUST(tlog_full(b.rig.tree));
	rig_close(&b.rig);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_next, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lost_end, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_resumed, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
