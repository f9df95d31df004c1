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

static struct sign_key *witness, *log_key;
static struct charter *charter;
static struct keyring_log log_held;

static int
setup(void **state)
{
	(void)state;
	if (sign_new(&witness, SIGN_WITNESS) != ERR_OK ||
	    sign_new(&log_key, SIGN_LOG) != ERR_OK ||
	    (charter = calloc(1, sizeof(*charter))) == NULL)
		return (-1);
	charter->witness_count = 1;
	memcpy(charter->witness[0].key, sign_public(witness), KEY_BYTES);
	strcpy(charter->witness[0].name, WITNESS);
	log_held.log_id = note_log_id(sign_public(log_key));
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	sign_free(&witness);
	sign_free(&log_key);
	free(charter);
	return (0);
}

/* A checkpoint of size with a cosignature of time_s; its quoted hash. */
static struct hash
cosigned(struct buf *out, struct verify_checkpoint *cp, uint64_t size,
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
	assert_int_equal(sign_note(witness, tbs.p, tbs.len, sig), ERR_OK);
	sig[0] ^= spoil;
	wr_u64(&wr, time_s);
	wr_copy(&wr, sig, SIG_BYTES);
	assert_int_equal(note_sig_set(&line[1], NOTE_COSIGNATURE, WITNESS,
	    sign_public(witness), blob, sizeof(blob)), ERR_OK);
	buf_reset(out);
	assert_int_equal(note_write(out, buf_view(&body), line, 2), ERR_OK);
	memset(cp, 0, sizeof(*cp));
	cp->log = &log_held;
	cp->size = size;
	buf_free(&body);
	buf_free(&tbs);
	return (note_cosig_hash(&line[1]));
}

static void
bounds(void **state)
{
	struct timeline *t = timeline_new();
	struct buf note = buf_init(NOTE_MAX);
	struct hash quoted, other = log_held.log_id, none = { { 0 } };
	struct verify_checkpoint cp;
	(void)state;

	cosigned(&note, &cp, 20, 2000, false);
	assert_int_equal(timeline_add(t, charter, &cp, buf_view(&note)),
	    ERR_OK);
	quoted = cosigned(&note, &cp, 10, 1000, false);
	assert_int_equal(timeline_add(t, charter, &cp, buf_view(&note)),
	    ERR_OK);
	assert_int_equal(timeline_after(t, &quoted), 1000000);
	assert_int_equal(timeline_after(t, &none), 0);
	assert_int_equal(timeline_before(t, &log_held.log_id, 9), 1000000);
	assert_int_equal(timeline_before(t, &log_held.log_id, 10), 2000000);
	assert_int_equal(timeline_before(t, &log_held.log_id, 20), 0);
	other.b[0] ^= 1;
	assert_int_equal(timeline_before(t, &other, 9), 0);
	timeline_free(t);
	buf_free(&note);
}

static void
a_wrong_line_refuses_the_note(void **state)
{
	struct timeline *t = timeline_new();
	struct buf note = buf_init(NOTE_MAX);
	struct verify_checkpoint cp;
	(void)state;

	cosigned(&note, &cp, 10, 1000, true);
	assert_int_equal(timeline_add(t, charter, &cp, buf_view(&note)),
	    ERR_SIGNATURE);
	assert_int_equal(timeline_before(t, &log_held.log_id, 0), 0);
	timeline_free(t);
	buf_free(&note);
}

static void
a_stranger_bounds_nothing(void **state)
{
	struct timeline *t = timeline_new();
	struct buf note = buf_init(NOTE_MAX);
	struct verify_checkpoint cp;
	(void)state;

	strcpy(charter->witness[0].name, "another");
	cosigned(&note, &cp, 10, 1000, false);
	assert_int_equal(timeline_add(t, charter, &cp, buf_view(&note)),
	    ERR_OK);
	assert_int_equal(timeline_before(t, &log_held.log_id, 0), 0);
	timeline_free(t);
	buf_free(&note);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(bounds), T(a_wrong_line_refuses_the_note),
		T(a_stranger_bounds_nothing),
	};

	return (cmocka_run_group_tests_name("audit.timeline", tests, NULL,
	    NULL));
}
