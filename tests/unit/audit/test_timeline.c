/*
 * Witnesses bound time: only their own, only verified, earliest first.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit/timeline.h"
#include "keys/sign.h"
#include "proto/charter.h"
#include "proto/note.h"

#define WITNESS "w.example"

static struct sign_key *witness, *second, *log_key, *speaker;
static struct buf text_held;
static struct charter *charter;
static struct hash log_id;

static int
setup(void **state)
{
	(void)state;
	text_held = buf_init(NOTE_MAX);
	if (sign_new(&witness, SIGN_WITNESS) != ERR_OK ||
	    sign_new(&second, SIGN_WITNESS) != ERR_OK ||
	    sign_new(&log_key, SIGN_LOG) != ERR_OK ||
	    (charter = calloc(1, sizeof(*charter))) == NULL)
		return (-1);
	speaker = witness;
	charter->witness_count = 1;
	memcpy(charter->witness[0].key, sign_public(witness), KEY_BYTES);
	strcpy(charter->witness[0].name, WITNESS);
	log_id = note_log_id(sign_public(log_key));
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	sign_free(&witness);
	sign_free(&second);
	buf_free(&text_held);
	sign_free(&log_key);
	free(charter);
	return (0);
}

/* A checkpoint of size with a cosignature of time_s by speaker; its quoted
 * hash.  The note lies in text_held. */
static struct hash
cosigned(struct note *note, struct timeline_tree *tree, uint64_t size,
    uint64_t time_s, bool spoil)
{
	struct buf body = buf_init(NOTE_MAX), tbs = buf_init(NOTE_MAX);
	struct note_checkpoint text = { .size = size };
	uint8_t blob[NOTE_COSIG_BYTES], sig[SIG_BYTES];
	struct note_sig line[2];
	struct wr wr = wr_init(blob, sizeof(blob));

	strcpy(text.origin, "r1/00000000");
	memset(&text.root, (int)size, sizeof(text.root));
	assert_int_equal(note_checkpoint_write(&body, &text), ERR_OK);
	assert_int_equal(sign_note(log_key, body.p, body.len, sig), ERR_OK);
	assert_int_equal(note_sig_set(&line[0], NOTE_ED25519, text.origin,
	    sign_public(log_key), sig, SIG_BYTES), ERR_OK);
	assert_int_equal(note_cosigned(&tbs, time_s, buf_view(&body)),
	    ERR_OK);
	assert_int_equal(sign_note(speaker, tbs.p, tbs.len, sig), ERR_OK);
	sig[0] ^= spoil;
	wr_u64(&wr, time_s);
	wr_copy(&wr, sig, SIG_BYTES);
	assert_int_equal(note_sig_set(&line[1], NOTE_COSIGNATURE, WITNESS,
	    sign_public(speaker), blob, sizeof(blob)), ERR_OK);
	buf_reset(&text_held);
	assert_int_equal(note_write(&text_held, buf_view(&body), line, 2),
	    ERR_OK);
	assert_int_equal(note_parse(note, buf_view(&text_held)), ERR_OK);
	*tree = (struct timeline_tree){ .log_id = log_id, .size = size,
		.root = text.root, .group = 3 };
	buf_free(&body);
	buf_free(&tbs);
	return (note_cosig_hash(&line[1]));
}

static unsigned
add(struct timeline *t, const struct timeline_tree *tree,
    const struct note *note)
{
	unsigned wrong;

	assert_int_equal(timeline_add(t, charter, tree, note, &wrong),
	    ERR_OK);
	return (wrong);
}

static void
bounds(void **state)
{
	struct timeline *t = timeline_new();
	struct hash other = log_id;
	struct timeline_tree tree;
	struct run_seen seen = { .log_id = log_id };
	struct note note;
	uint64_t at;
	(void)state;

	cosigned(&note, &tree, 20, 2000, false);
	assert_int_equal(add(t, &tree, &note), 0);
	seen.witness = cosigned(&note, &tree, 10, 1000, false);
	assert_int_equal(add(t, &tree, &note), 0);
	assert_int_equal(add(t, &tree, &note), 0);	/* once more */
	seen.size = tree.size;
	seen.root = tree.root;
	assert_int_equal(timeline_after(t, charter, &seen, &at), ERR_OK);
	assert_int_equal(at, 1000000);
	/* Quoted beside another tree than it stands on. */
	seen.size++;
	assert_int_equal(timeline_after(t, charter, &seen, &at),
	    ERR_LOG_SPLIT);
	seen.witness = (struct hash){ { 0 } };
	assert_int_equal(timeline_after(t, charter, &seen, &at), ERR_OK);
	assert_int_equal(at, 0);
	assert_int_equal(timeline_before(t, charter, &log_id, 3, 9),
	    1000000);
	assert_int_equal(timeline_before(t, charter, &log_id, 3, 10),
	    2000000);
	assert_int_equal(timeline_before(t, charter, &log_id, 3, 20), 0);
	/* Not known to be of one log with the tree of the proof. */
	assert_int_equal(timeline_before(t, charter, &log_id, 2, 9), 0);
	other.b[0] ^= 1;
	assert_int_equal(timeline_before(t, charter, &other, 3, 9), 0);
	timeline_free(t);
}

/* Two of two: the later of both firsts; one witness twice is one. */
static void
a_quorum_is_of_distinct_witnesses(void **state)
{
	struct timeline *t = timeline_new();
	struct timeline_tree tree;
	struct note note;
	(void)state;

	charter->quorum = 2;
	charter->witness_count = 2;
	charter->witness[1] = charter->witness[0];
	memcpy(charter->witness[1].key, sign_public(second), KEY_BYTES);
	cosigned(&note, &tree, 10, 1000, false);
	add(t, &tree, &note);
	cosigned(&note, &tree, 12, 1001, false);
	add(t, &tree, &note);
	assert_int_equal(timeline_before(t, charter, &log_id, 3, 9), 0);
	speaker = second;
	cosigned(&note, &tree, 30, 3000, false);
	add(t, &tree, &note);
	assert_int_equal(timeline_before(t, charter, &log_id, 3, 9),
	    3000000);
	charter->quorum = 0;
	assert_int_equal(timeline_before(t, charter, &log_id, 3, 9),
	    1000000);
	timeline_free(t);
}

static void
a_wrong_line_counts_for_nothing(void **state)
{
	struct timeline *t = timeline_new();
	struct timeline_tree tree;
	struct note note;
	(void)state;

	cosigned(&note, &tree, 10, 1000, true);
	assert_int_equal(add(t, &tree, &note), 1);
	assert_int_equal(timeline_before(t, charter, &log_id, 3, 0), 0);
	timeline_free(t);
}

static void
a_stranger_bounds_nothing(void **state)
{
	struct timeline *t = timeline_new();
	struct timeline_tree tree;
	struct note note;
	(void)state;

	cosigned(&note, &tree, 10, 1000, false);
	assert_true(timeline_knows(charter, &note, 1));
	assert_false(timeline_knows(charter, &note, 0));
	strcpy(charter->witness[0].name, "another");
	assert_false(timeline_knows(charter, &note, 1));
	assert_int_equal(add(t, &tree, &note), 0);
	assert_int_equal(timeline_before(t, charter, &log_id, 3, 0), 0);
	timeline_free(t);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(bounds), T(a_quorum_is_of_distinct_witnesses),
		T(a_wrong_line_counts_for_nothing),
		T(a_stranger_bounds_nothing),
	};

	return (cmocka_run_group_tests_name("audit.timeline", tests, NULL,
	    NULL));
}
