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
#include "proto/limits.h"
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
		.root = text.root };
	buf_free(&body);
	buf_free(&tbs);
	return (note_cosig_hash(&line[1]));
}

/* Whom charter names, on the tree of that number: how many lines of theirs
 * did not verify. */
static unsigned
add(struct timeline *t, size_t number, const struct timeline_tree *tree,
    const struct note *note)
{
	unsigned i, wrong = 0;
	enum err err;

	for (i = 0; i < charter->witness_count; i++) {
		err = timeline_add(t, number, tree, &charter->witness[i],
		    note);
		wrong += err != ERR_OK && err != ERR_NOTFOUND;
	}
	assert_int_equal(timeline_ready(t), ERR_OK);
	return (wrong);
}

/* By when was an entry of that index, proven in tree number, cosigned? */
static uint64_t
before(struct timeline *t, size_t number, uint64_t index)
{
	struct timeline_ask ask = { charter, number, index, 0, 77 };

	timeline_before(t, &ask, 1);
	return (ask.before_at);
}

static void
join(struct timeline *t, size_t a, size_t b, uint64_t first)
{
	assert_int_equal(timeline_join(t, a, b, first), ERR_OK);
	assert_int_equal(timeline_ready(t), ERR_OK);
}

static void
bounds(void **state)
{
	struct timeline *t = timeline_new(3);
	struct timeline_tree tree;
	struct run_seen seen = { .log_id = log_id };
	struct note note;
	uint64_t at;
	(void)state;

	cosigned(&note, &tree, 20, 2000, false);
	assert_int_equal(add(t, 1, &tree, &note), 0);
	seen.witness = cosigned(&note, &tree, 10, 1000, false);
	assert_int_equal(add(t, 0, &tree, &note), 0);
	assert_int_equal(add(t, 0, &tree, &note), 0);	/* once more */
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
	/* Not known to be of one log with the tree of the proof. */
	assert_int_equal(before(t, 1, 9), 2000000);
	assert_int_equal(before(t, 2, 9), 0);
	join(t, 0, 1, 10);
	assert_int_equal(before(t, 1, 9), 1000000);
	assert_int_equal(before(t, 1, 10), 2000000);
	assert_int_equal(before(t, 0, 9), 1000000);
	timeline_free(t);
}

/* Trees 1 and 2 grew from tree 0, of 10 leaves, each in its own way. */
static void
a_common_beginning_is_no_common_log(void **state)
{
	struct timeline *t = timeline_new(3);
	struct timeline_tree tree;
	struct note note;
	(void)state;

	cosigned(&note, &tree, 20, 2000, false);
	assert_int_equal(add(t, 2, &tree, &note), 0);
	join(t, 0, 1, 10);
	join(t, 0, 2, 10);
	assert_int_equal(before(t, 1, 9), 2000000);
	assert_int_equal(before(t, 1, 10), 0);
	join(t, 1, 2, 15);
	assert_int_equal(before(t, 1, 10), 2000000);
	assert_int_equal(before(t, 1, 14), 2000000);
	timeline_free(t);
}

/* Two of two: the later of both firsts; one witness twice is one. */
static void
a_quorum_is_of_distinct_witnesses(void **state)
{
	struct timeline *t = timeline_new(3);
	struct timeline_tree tree;
	struct note note;
	(void)state;

	charter->quorum = 2;
	charter->witness_count = 2;
	charter->witness[1] = charter->witness[0];
	memcpy(charter->witness[1].key, sign_public(second), KEY_BYTES);
	join(t, 0, 1, 10);
	join(t, 1, 2, 12);
	cosigned(&note, &tree, 10, 1000, false);
	add(t, 0, &tree, &note);
	cosigned(&note, &tree, 12, 1001, false);
	add(t, 1, &tree, &note);
	assert_int_equal(before(t, 0, 9), 0);
	speaker = second;
	cosigned(&note, &tree, 30, 3000, false);
	add(t, 2, &tree, &note);
	assert_int_equal(before(t, 0, 9), 3000000);
	charter->quorum = 0;
	assert_int_equal(before(t, 0, 9), 1000000);
	timeline_free(t);
}

static void
a_wrong_line_counts_for_nothing(void **state)
{
	struct timeline *t = timeline_new(1);
	struct timeline_tree tree;
	struct note note;
	(void)state;

	cosigned(&note, &tree, 10, 1000, true);
	assert_int_equal(add(t, 0, &tree, &note), 1);
	/* Of no time, and of one that no date can say. */
	cosigned(&note, &tree, 10, 0, false);
	assert_int_equal(add(t, 0, &tree, &note), 1);
	cosigned(&note, &tree, 10, NOTE_TIME_MAX + 1, false);
	assert_int_equal(add(t, 0, &tree, &note), 1);
	assert_int_equal(before(t, 0, 0), 0);
	cosigned(&note, &tree, 10, NOTE_TIME_MAX, false);
	assert_int_equal(add(t, 0, &tree, &note), 0);
	assert_int_equal(before(t, 0, 0), NOTE_TIME_MAX * 1000);
	timeline_free(t);
}

enum { MANY = 97 };

/* Two logs that part after HALF leaves; trees of even size are of the one,
 * of odd size of the other above it.  Joined each to the next of its log. */
#define HALF 40

static bool
one_log(uint64_t a, uint64_t b, uint64_t index)
{
	return (index < HALF || a <= HALF || b <= HALF || a % 2 == b % 2);
}

static void
among_many_the_earliest(void **state)
{
	struct timeline *t = timeline_new(MANY + 1);
	uint64_t at[MANY + 1] = { 0 }, want, i, k, size, got;
	struct timeline_ask ask[MANY];
	struct hash quoted[MANY + 1];
	struct run_seen seen = { .log_id = log_id };
	struct timeline_tree tree;
	struct note note;
	(void)state;

	for (i = 1; i <= MANY; i++) {
		size = i * 31 % MANY + 1;
		at[size] = 1000 + i * 57 % 89;
		quoted[size] = cosigned(&note, &tree, size, at[size], false);
		assert_int_equal(timeline_add(t, size, &tree,
		    &charter->witness[0], &note), ERR_OK);
		if (size < HALF)
			join(t, size, size + 1, size);
		else if (size + 2 <= MANY)
			join(t, size, size + 2, size);
	}
	join(t, HALF, HALF + 1, HALF);
	assert_int_equal(timeline_ready(t), ERR_OK);
	for (i = 0; i < MANY; i++) {
		size = i + 1 + i * 7 % (MANY - i);
		ask[i] = (struct timeline_ask){ charter, size, i, size, 0 };
	}
	timeline_before(t, ask, MANY);
	for (i = 0; i < MANY; i++) {
		for (want = 0, k = ask[i].index + 1; k <= MANY; k++)
			if (one_log(k, ask[i].what, ask[i].index) &&
			    (want == 0 || at[k] < want))
				want = at[k];
		assert_int_equal(ask[i].before_at, want * 1000);
	}
	for (i = 1; i <= MANY; i++) {
		seen.size = i;
		memset(&seen.root, (int)i, sizeof(seen.root));
		seen.witness = quoted[i];
		assert_int_equal(timeline_after(t, charter, &seen, &got),
		    ERR_OK);
		assert_int_equal(got, at[i] * 1000);
	}
	timeline_free(t);
}

static void
a_stranger_bounds_nothing(void **state)
{
	struct timeline *t = timeline_new(1);
	struct timeline_tree tree;
	struct note note;
	(void)state;

	cosigned(&note, &tree, 10, 1000, false);
	strcpy(charter->witness[0].name, "another");
	assert_int_equal(add(t, 0, &tree, &note), 0);
	assert_int_equal(before(t, 0, 0), 0);
	timeline_free(t);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(bounds), T(a_common_beginning_is_no_common_log),
		T(a_quorum_is_of_distinct_witnesses),
		T(a_wrong_line_counts_for_nothing),
		T(among_many_the_earliest), T(a_stranger_bounds_nothing),
	};

	return (cmocka_run_group_tests_name("audit.timeline", tests, NULL,
	    NULL));
}
