/* signer: never signs what does not extend what it signed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "keys/pubkey.h"
#include "proto/note.h"
#include "relay/signer.h"
#include "tests/unit/relay/rig.h"

struct bench {
	struct yard y;
	struct rig rig;
	struct signer *signer;
	struct buf note;
};

static int
setup(void **state)
{
	static struct bench b;

	yard_open(&b.y);
	rig_open(&b.rig, &b.y, 0);
	b.note = buf_init(NOTE_MAX);
	MUST(signer_open(&b.signer, yard_path(&b.y, "signer.high"),
	    b.y.relay));
	*state = &b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	signer_free(&b->signer);
	buf_free(&b->note);
	rig_close(&b->rig);
	yard_close(&b->y);
	return 0;
}

static void
reopen(struct bench *b)
{
	signer_free(&b->signer);
	MUST(signer_open(&b->signer, yard_path(&b->y, "signer.high"),
	    b->y.relay));
}

static void
grow(struct rig *rig, unsigned n, uint8_t salt)
{
	uint8_t entry[2] = { 0, salt };
	struct store_item item = { .entry = { entry, 2 } };

	for (; n > 0; n--) {
		entry[0] = (uint8_t)tlog_size(rig->tree);
		MUST(group_append(rig->group, &item));
	}
	MUST(group_end(rig->group));
}

static void
test_note(void **state)
{
	struct bench *b = *state;
	struct note_checkpoint cp;
	struct note note;
	struct hash root;
	uint8_t key_id[4];
	const struct note_sig *line;
	const uint8_t *log_key;

	log_key = keyfile_find(keyfile_public(b->y.relay), KEYFILE_LOG, 0);
	grow(&b->rig, 5, 1);
	assert_int_equal(signer_checkpoint(b->signer, b->rig.tree, &b->note),
	    ERR_OK);
	MUST(note_parse(&note, buf_view(&b->note)));
	MUST(note_checkpoint_parse(&cp, note.body));
	assert_string_equal(cp.origin, signer_origin(b->signer));
	assert_int_equal(cp.size, 5);
	MUST(tlog_root(b->rig.tree, 5, &root));
	assert_true(hash_eq(&cp.root, &root));
	note_key_id(key_id, NOTE_ED25519, cp.origin, log_key);
	line = note_find(&note, cp.origin, key_id);
	assert_non_null(line);
	assert_int_equal(pubkey_verify(log_key, note.body.p, note.body.len,
	    line->sig), ERR_OK);
	assert_int_equal(signer_high(b->signer)->size, 5);
}

/* The same again is fine, also after a restart; more is fine. */
static void
test_extends(void **state)
{
	struct bench *b = *state;
	int i;

	for (i = 0; i < 5; i++) {
		grow(&b->rig, (unsigned)i, 1);
		assert_int_equal(signer_checkpoint(b->signer, b->rig.tree,
		    &b->note), ERR_OK);
		assert_int_equal(signer_checkpoint(b->signer, b->rig.tree,
		    &b->note), ERR_OK);
		reopen(b);
		assert_int_equal(signer_high(b->signer)->size,
		    tlog_size(b->rig.tree));
	}
}

static void
test_refuses_rollback(void **state)
{
	struct bench *b = *state;
	struct rig other;
	struct yard y;

	grow(&b->rig, 9, 1);
	MUST(signer_checkpoint(b->signer, b->rig.tree, &b->note));
	yard_open(&y);
	rig_open(&other, &y, 0);
	/* Shorter; as long with other leaves; longer with other leaves. */
	grow(&other, 8, 1);
	assert_int_equal(signer_checkpoint(b->signer, other.tree, &b->note),
	    ERR_ROLLBACK);
	grow(&other, 1, 2);
	assert_int_equal(signer_checkpoint(b->signer, other.tree, &b->note),
	    ERR_ROLLBACK);
	grow(&other, 5, 1);
	assert_int_equal(signer_checkpoint(b->signer, other.tree, &b->note),
	    ERR_ROLLBACK);
	reopen(b);
	assert_int_equal(signer_checkpoint(b->signer, other.tree, &b->note),
	    ERR_ROLLBACK);
	assert_int_equal(signer_checkpoint(b->signer, b->rig.tree, &b->note),
	    ERR_OK);
	rig_close(&other);
	yard_close(&y);
}

/* A write torn by a power cut leaves the slot before it. */
static void
test_torn_slot(void **state)
{
	struct bench *b = *state;
	const char *path = yard_path(&b->y, "signer.high");
	uint8_t torn[16] = { 0xee };
	struct signer_high high;

	grow(&b->rig, 3, 1);
	MUST(signer_checkpoint(b->signer, b->rig.tree, &b->note)); /* 1st */
	grow(&b->rig, 3, 1);
	MUST(signer_checkpoint(b->signer, b->rig.tree, &b->note)); /* 2nd */
	MUST(signer_peek(path, &high));
	assert_int_equal(high.size, 6);
	MUST(file_overwrite(path, 8, torn, sizeof(torn)));
	MUST(signer_peek(path, &high));
	assert_int_equal(high.size, 3);
	/* Both gone is damage, and damage is never a fresh start. */
	MUST(file_overwrite(path, 4096 + 8, torn, sizeof(torn)));
	assert_int_equal(signer_peek(path, &high), ERR_ROLLBACK);
	signer_free(&b->signer);
	assert_int_equal(signer_open(&b->signer, path, b->y.relay),
	    ERR_ROLLBACK);
}

static void
test_other_log(void **state)
{
	struct bench *b = *state;
	struct signer *s = NULL;
	struct yard y;

	grow(&b->rig, 3, 1);
	MUST(signer_checkpoint(b->signer, b->rig.tree, &b->note));
	yard_open(&y);
	assert_int_equal(signer_open(&s, yard_path(&b->y, "signer.high"),
	    y.relay), ERR_ROLLBACK);
	assert_null(s);
	yard_close(&y);
}

static void
test_receipt(void **state)
{
	struct bench *b = *state;
	uint8_t out[SIGNER_RECEIPT_BYTES];
	struct receipt r = { .event = RECEIPT_REFUSED, .reason = ERR_FORK,
		.first_seq = 1, .last_seq = 2, .index = RECEIPT_NO_INDEX };
	struct receipt back;

	assert_int_equal(signer_receipt(b->signer, &r, out), ERR_OK);
	MUST(receipt_decode(&back, (struct view){ out, RECEIPT_BYTES }));
	assert_true(hash_eq(&back.log_id, &b->y.log_id));
	assert_int_equal(pubkey_verify(keyfile_find(keyfile_public(
	    b->y.relay), KEYFILE_S, 0), out, RECEIPT_BYTES,
	    out + RECEIPT_BYTES), ERR_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_note, setup, teardown),
		cmocka_unit_test_setup_teardown(test_extends, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_refuses_rollback, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_torn_slot, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_other_log, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_receipt, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
