/*
 * restore: the end of a log comes back as leaves, each is filled by whoever
 * signed it and by nothing else, and a copy that is not this log's, or ends
 * too early, changes nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "proto/tile.h"
#include "relay/restore.h"
#include "relay/signer.h"
#include "tests/unit/relay/rig.h"

#define RUNS 3

struct bench {
	struct yard y;
	struct rig rig;
	struct signer *signer;
	struct buf note;
	struct yard_run run[RUNS];	/* the last two are lost */
	struct hash last[RUNS];
	uint64_t index[RUNS];
	struct buf prekey;
	struct buf receipt;
	uint64_t held;			/* in the backup */
	uint64_t size;
	struct restore_report report;
};

static struct bench b;

static char copy[96];

/* Write what name says of the tree: as `follow` lays it out. */
static void
write_tile(struct tlog *tree, unsigned level, uint64_t index)
{
	struct tile_name name = { level, index, tile_width(tlog_size(tree),
	    level, index) };
	struct hash row[TILE_WIDTH];
	char path[TILE_PATH_BYTES], full[256];

	if (name.width == 0)
		return;
	MUST(tlog_tile(tree, level, index, name.width, row));
	tile_path(path, &name);
	(void)snprintf(full, sizeof(full), "%s/%s", copy, path);
	*strrchr(full, '/') = '\0';
	MUST(file_mkdirs(full, 0755));
	full[strlen(full)] = '/';
	MUST(file_replace(full, row, name.width * HASH_BYTES, 0644));
}

static const char *
in_copy(const char *name)
{
	static char path[160];

	(void)snprintf(path, sizeof(path), "%s/%s", copy, name);
	return path;
}

static void
write_copy(struct tlog *tree, struct signer *signer)
{
	uint64_t i;

	(void)snprintf(copy, sizeof(copy), "%s", yard_path(&b.y, "copy"));
	for (i = 0; i <= tlog_size(tree) / TILE_WIDTH; i++)
		write_tile(tree, 0, i);
	write_tile(tree, 1, 0);
	MUST(signer_checkpoint(signer, tree, &b.note));
	MUST(file_replace(in_copy("checkpoint"), b.note.p, b.note.len,
	    0644));
}

static void
grow(unsigned n)
{
	uint8_t entry[3] = { 0, 0, 1 };
	struct store_item item = { .entry = { entry, 3 } };

	for (; n > 0; n--) {
		entry[0] = (uint8_t)tlog_size(b.rig.tree);
		entry[1] = (uint8_t)(tlog_size(b.rig.tree) >> 8);
		MUST(group_append(b.rig.group, &item));
	}
	MUST(group_end(b.rig.group));
}

static void
send(unsigned i)
{
	struct admit_answer answer;

	assert_int_equal(rig_send(&b.rig, &b.run[i], &b.last[i], &answer),
	    ERR_OK);
	b.index[i] = answer.index;
}

/* Put the backup in the place of the store. */
static void
lose_store(void)
{
	static const char *const ends[] = { "store.db-wal", "store.db-shm" };
	size_t i;

	rig_close(&b.rig);
	for (i = 0; i < 2; i++)
		if (file_exists(yard_path(&b.y, ends[i])))
			MUST(file_remove(yard_path(&b.y, ends[i])));
	assert_int_equal(rename(yard_path(&b.y, "backup.db"),
	    yard_path(&b.y, "store.db")), 0);
}

/* One run in the backup; two, a prekey and a receipt behind it. */
static int
setup(void **state)
{
	struct admit_answer answer;
	struct id channel;

	(void)state;
	memset(&b, 0, sizeof(b));
	yard_open(&b.y);
	yard_home(&b.y, "pass");
	rig_open(&b.rig, &b.y, 0);
	rig_admit(&b.rig);
	b.note = buf_init(NOTE_MAX);
	b.prekey = buf_init(512);
	b.receipt = buf_init(512);
	MUST(signer_open(&b.signer, yard_path(&b.y, "signer.high"),
	    b.y.relay));
	b.run[0] = yard_first(0, 0, LANE_NOTICE, 2);
	send(0);
	grow(300);
	MUST(store_backup(b.rig.store, yard_path(&b.y, "backup.db")));
	b.held = tlog_size(b.rig.tree);
	b.run[1] = yard_next(&b.run[0], &b.last[0], 3);
	send(1);
	grow(260);
	b.run[2] = yard_next(&b.run[1], &b.last[1], 1);
	send(2);
	yard_prekey(&b.y, 0, 1, 7, &b.prekey);
	MUST(rig_statement(&b.rig, b.y.side[0][1], &b.prekey, &answer));
	channel = yard_channel(&b.y, 0, 0, LANE_NOTICE);
	yard_receipt(&b.y, b.y.side[0][1], RECEIPT_DELIVERED, &channel, 1, 2,
	    &b.last[0], &b.receipt);
	MUST(rig_statement(&b.rig, b.y.side[0][1], &b.receipt, &answer));
	b.size = tlog_size(b.rig.tree);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	signer_free(&b.signer);
	rig_close(&b.rig);
	buf_free(&b.note);
	buf_free(&b.prekey);
	buf_free(&b.receipt);
	yard_close(&b.y);
	return 0;
}

static enum err
restore(void)
{
	enum err err = restore_from(b.y.home, copy, &b.report);

	rig_open(&b.rig, &b.y, 0);
	return err;
}

/* Places of a channel's feed past after, as text. */
struct places {
	char text[256];
	uint64_t last;
};

static enum err
see_place(void *ctx, const struct store_seen *seen)
{
	struct places *p = ctx;
	size_t len = strlen(p->text);

	(void)snprintf(p->text + len, sizeof(p->text) - len, "%llu ",
	    (unsigned long long)seen->index);
	assert_true(seen->place > p->last || p->last == 0);
	p->last = seen->place;
	return ERR_OK;
}

static void
test_back(void **state)
{
	struct id channel = yard_channel(&b.y, 0, 0, LANE_NOTICE);
	struct places fed = { .last = 0 };
	struct admit_answer answer;
	struct hash root;
	char want[64];
	uint64_t past = b.index[2];

	(void)state;
	write_copy(b.rig.tree, b.signer);
	MUST(tlog_root(b.rig.tree, b.size, &root));
	lose_store();
	assert_int_equal(restore(), ERR_OK);
	assert_int_equal(b.report.held, b.held);
	assert_int_equal(b.report.size, b.size);
	assert_int_equal(b.report.hollow, b.size - b.held);
	assert_false(b.report.raised);
	MUST(signer_checkpoint(b.signer, b.rig.tree, &b.note));
	MUST(tlog_full(b.rig.tree));

	/* Twice is once; the newer run first, the order is the sender's. */
	b.index[0] = 0;
	send(2);
	assert_int_equal(b.index[2], past);
	MUST(rig_statement(&b.rig, b.y.side[0][1], &b.prekey, &answer));
	assert_true(answer.filled);
	MUST(rig_statement(&b.rig, b.y.side[0][1], &b.prekey, &answer));
	assert_false(answer.filled);
	send(1);
	send(1);
	assert_int_equal(b.index[1], b.held);
	MUST(rig_statement(&b.rig, b.y.side[0][1], &b.receipt, &answer));
	assert_int_equal(answer.index, b.size - 1);
	MUST(store_covered(b.rig.store, &channel, 1, 2));
	assert_int_equal(tlog_size(b.rig.tree), b.size);
	assert_int_equal(store_hollows(b.rig.store), 260);
	MUST(tlog_full(b.rig.tree));

	/* Who read past them before gets them all the same, each once. */
	(void)snprintf(want, sizeof(want), "%llu %llu %llu ",
	    (unsigned long long)b.index[2], (unsigned long long)b.index[1],
	    (unsigned long long)b.size - 1);
	MUST(store_feed(b.rig.store, &channel, false, b.size - 1, true,
	    see_place, &fed));
	assert_string_equal(fed.text, want);
	/* What comes now comes behind them. */
	b.run[0] = yard_next(&b.run[2], &b.last[2], 1);
	send(0);
	assert_int_equal(b.index[0], b.size);
	fed.text[0] = '\0';
	MUST(store_feed(b.rig.store, &channel, false, fed.last, true,
	    see_place, &fed));
	(void)snprintf(want, sizeof(want), "%llu ",
	    (unsigned long long)b.size);
	assert_string_equal(fed.text, want);

	/* All of it is there at the next start. */
	rig_close(&b.rig);
	rig_open(&b.rig, &b.y, 0);
	assert_int_equal(store_hollows(b.rig.store), 260);
	MUST(tlog_full(b.rig.tree));
}

/* A run of the lost stretch that was never logged fills nothing: it is new,
 * and judged as that. */
static void
test_only_what_was(void **state)
{
	struct admit_answer answer;

	(void)state;
	write_copy(b.rig.tree, b.signer);
	lose_store();
	assert_int_equal(restore(), ERR_OK);
	b.run[1].noise = 77;
	assert_int_equal(rig_send(&b.rig, &b.run[1], NULL, &answer), ERR_OK);
	assert_false(answer.filled);
	assert_int_equal(answer.index, b.size);
	/* The one that was logged contradicts it now: kept as evidence. */
	b.run[1].noise = 1;
	assert_int_equal(rig_send(&b.rig, &b.run[1], NULL, &answer),
	    ERR_FORK);
	MUST(tlog_full(b.rig.tree));
}

static void
test_second_restore(void **state)
{
	struct store_restored first;
	struct id channel = yard_channel(&b.y, 0, 0, LANE_NOTICE);
	struct places fed = { .last = 0 };

	(void)state;
	write_copy(b.rig.tree, b.signer);
	lose_store();
	assert_int_equal(restore(), ERR_OK);
	first = *store_restored(b.rig.store);
	assert_int_equal(first.first, b.held);
	assert_int_equal(first.end, b.size);
	MUST(store_backup(b.rig.store, yard_path(&b.y, "backup.db")));
	send(1);
	send(2);
	MUST(store_feed(b.rig.store, &channel, true, 0, true, see_place,
	    &fed));
	b.run[0] = yard_next(&b.run[2], &b.last[2], 1);
	send(0);
	write_copy(b.rig.tree, b.signer);
	lose_store();
	assert_int_equal(restore(), ERR_OK);
	assert_int_equal(store_restored(b.rig.store)->first, b.held);
	assert_int_equal(store_restored(b.rig.store)->end, b.size + 1);
	assert_true(store_restored(b.rig.store)->at > first.at);
	/* Filled once more: above every place that was given before. */
	send(1);
	MUST(store_feed(b.rig.store, &channel, false, fed.last, true,
	    see_place, &fed));
}

/* signer.high lost, or older than the copy: it goes up before all else. */
static void
test_high(void **state)
{
	struct signer_high high;

	(void)state;
	write_copy(b.rig.tree, b.signer);
	lose_store();
	signer_free(&b.signer);
	MUST(file_remove(yard_path(&b.y, "signer.high")));
	assert_int_equal(restore(), ERR_OK);
	assert_true(b.report.raised);
	assert_true(b.report.high_lost);
	MUST(signer_peek(yard_path(&b.y, "signer.high"), &high));
	assert_int_equal(high.size, b.size);
	MUST(signer_open(&b.signer, yard_path(&b.y, "signer.high"),
	    b.y.relay));
	MUST(signer_checkpoint(b.signer, b.rig.tree, &b.note));
}

static void
assert_refused(enum err want, const char *said)
{
	assert_int_equal(restore(), want);
	assert_non_null(strstr(b.report.detail, said));
	assert_int_equal(tlog_size(b.rig.tree), b.held);
	assert_int_equal(store_hollows(b.rig.store), 0);
	assert_int_equal(store_restored(b.rig.store)->at, 0);
}

static void
test_too_short(void **state)
{
	(void)state;
	write_copy(b.rig.tree, b.signer);
	grow(11);
	MUST(signer_checkpoint(b.signer, b.rig.tree, &b.note));
	lose_store();
	assert_refused(ERR_ROLLBACK, "11 leaves lack");
}

/* The backup is of another branch than the copy: the tree parts at held. */
static void
test_forked(void **state)
{
	struct admit_answer answer;
	char want[64];

	(void)state;
	write_copy(b.rig.tree, b.signer);
	lose_store();
	rig_open(&b.rig, &b.y, 0);
	b.run[1].noise = 99;
	MUST(rig_send(&b.rig, &b.run[1], NULL, &answer));
	rig_close(&b.rig);
	assert_int_equal(restore(), ERR_ROLLBACK);
	(void)snprintf(want, sizeof(want), "part from size %llu ",
	    (unsigned long long)b.held + 1);
	assert_non_null(strstr(b.report.detail, want));
	assert_int_equal(tlog_size(b.rig.tree), b.held + 1);
}

static void
test_bad_copies(void **state)
{
	struct tile_name name = { 0, 1, TILE_WIDTH };
	char path[TILE_PATH_BYTES];
	uint8_t byte = 0x55;
	struct yard y;
	struct restore_report report;

	(void)state;
	write_copy(b.rig.tree, b.signer);
	lose_store();
	/* A leaf behind what is held; then a tile cut, then none. */
	tile_path(path, &name);
	MUST(file_overwrite(in_copy(path), 255 * HASH_BYTES, &byte, 1));
	assert_refused(ERR_VERIFY, "do not lead to the checkpoint");
	rig_close(&b.rig);
	MUST(file_replace(in_copy(path), "cut", 3, 0644));
	assert_refused(ERR_VERIFY, "is cut");
	rig_close(&b.rig);
	MUST(file_remove(in_copy(path)));
	assert_refused(ERR_INCOMPLETE, "has no tile/0/001");
	rig_close(&b.rig);
	/* Another relay's key never signed this copy. */
	yard_open(&y);
	yard_home(&y, "pass");
	assert_int_equal(restore_from(y.home, copy, &report), ERR_SIGNATURE);
	yard_close(&y);
	MUST(file_remove(in_copy("checkpoint")));
	assert_refused(ERR_NOTFOUND, "no checkpoint");
}

/* Nothing missing, and nothing at all: a store that is gone comes back as
 * leaves alone. */
static void
test_ends(void **state)
{
	(void)state;
	write_copy(b.rig.tree, b.signer);
	rig_close(&b.rig);
	assert_int_equal(restore(), ERR_OK);
	assert_int_equal(b.report.size, b.report.held);
	rig_close(&b.rig);
	MUST(file_remove(yard_path(&b.y, "store.db")));
	assert_int_equal(restore(), ERR_OK);
	assert_int_equal(b.report.hollow, b.size);
	MUST(signer_checkpoint(b.signer, b.rig.tree, &b.note));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_back, setup, teardown),
		cmocka_unit_test_setup_teardown(test_only_what_was, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_second_restore, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_high, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_short, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_forked, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_bad_copies, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_ends, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
