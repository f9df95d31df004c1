/* tlog_proof: C2SP's own example, there and back, and what has no one form. */
#include "helper.h"
#include "proto/tlog_proof.h"

#define HASH_LINE "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n"
#define NOTE "example.com/log\n9\nnote\n\nsignatures\n"
#define HEAD "c2sp.org/tlog-proof@v1\n"

static enum err
decode(struct tlog_proof *proof, const char *text)
{
	static struct buf extra;
	enum err err;

	buf_free(&extra);
	extra = buf_init(STATEMENT_MAX);
	err = tlog_proof_decode(proof, view_of(text), &extra);
	return err;
}

static void
there_and_back(void **state)
{
	static const char text[] = HEAD "extra AAEC\nindex 73894\n" HASH_LINE
	    "B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=\n\n" NOTE;
	struct buf out = buf_init(TLOG_PROOF_MAX);
	struct tlog_proof proof;

	(void)state;
	assert_int_equal(decode(&proof, text), ERR_OK);
	assert_int_equal(proof.extra.len, 3);
	assert_memory_equal(proof.extra.p, "\0\1\2", 3);
	assert_int_equal(proof.index, 73894);
	assert_int_equal(proof.path.len, 2);
	assert_int_equal(proof.path.h[0].b[0], 0x81);
	assert_int_equal(proof.note.len, strlen(NOTE));
	assert_int_equal(tlog_proof_encode(&out, &proof), ERR_OK);
	assert_string_equal(buf_text(&out), text);
	/* No extra data, an empty path: the only leaf of a log. */
	assert_int_equal(decode(&proof, HEAD "index 0\n\n" NOTE), ERR_OK);
	assert_int_equal(proof.extra.len, 0);
	assert_int_equal(proof.path.len, 0);
	assert_int_equal(decode(&proof,
	    HEAD "index 18446744073709551615\n\n" NOTE), ERR_OK);
	assert_true(proof.index == UINT64_MAX);
	buf_free(&out);
}

static void
refused(void **state)
{
	static const struct {
		enum err err;
		const char *text;
	} rows[] = {
		{ ERR_MAGIC, "" },
		{ ERR_MAGIC, "c2sp.org/tlog-proof@v1" },
		{ ERR_MAGIC, "c2sp.org/tlog-proof@v2\nindex 0\n\n" NOTE },
		{ ERR_MAGIC, "c2sp.org/tlog-proof@v1 \nindex 0\n\n" NOTE },
		{ ERR_MAGIC, "c2sp.org/tlog-proof@v1\r\nindex 0\n\n" NOTE },
		{ ERR_TRUNCATED, HEAD },
		{ ERR_TRUNCATED, HEAD "index 0\n" },
		{ ERR_TRUNCATED, HEAD "index 0\n" HASH_LINE },
		{ ERR_TRUNCATED, HEAD "index 0\n\n" },
		{ ERR_SYNTAX, HEAD "index 00\n\n" NOTE },
		{ ERR_SYNTAX, HEAD "index 01\n\n" NOTE },
		{ ERR_SYNTAX, HEAD "index +1\n\n" NOTE },
		{ ERR_SYNTAX, HEAD "index -1\n\n" NOTE },
		{ ERR_SYNTAX, HEAD "index 1 \n\n" NOTE },
		{ ERR_SYNTAX, HEAD "index  1\n\n" NOTE },
		{ ERR_SYNTAX, HEAD "index\n\n" NOTE },
		{ ERR_SYNTAX, HEAD "index \n\n" NOTE },
		{ ERR_SYNTAX, HEAD "index 0x1\n\n" NOTE },
		{ ERR_SYNTAX, HEAD "index 18446744073709551616\n\n" NOTE },
		{ ERR_SYNTAX, HEAD "\nindex 0\n\n" NOTE },
		{ ERR_SYNTAX, HEAD HASH_LINE "index 0\n\n" NOTE },
		{ ERR_SYNTAX, HEAD "extra \nindex 0\n\n" NOTE },
		{ ERR_SYNTAX, HEAD "extra\nindex 0\n\n" NOTE },
		{ ERR_SYNTAX, HEAD "extra AAE\nindex 0\n\n" NOTE },
		{ ERR_SYNTAX, HEAD "extra AAEC \nindex 0\n\n" NOTE },
		/* The same three bytes, not as they are written. */
		{ ERR_SYNTAX, HEAD "extra AAF=\nindex 0\n\n" NOTE },
		{ ERR_SYNTAX, HEAD "extra AAEC\nextra AAEC\nindex 0\n\n"
		    NOTE },
		{ ERR_SYNTAX, HEAD "index 0\nextra AAEC\n\n" NOTE },
		{ ERR_SYNTAX, HEAD "index 0\nAAEC\n\n" NOTE },
		{ ERR_SYNTAX, HEAD "index 0\n"
		    "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlR=\n\n" NOTE },
		{ ERR_SYNTAX, HEAD "index 0\n " HASH_LINE "\n" NOTE },
		{ ERR_SYNTAX, HEAD "index 0\n"
		    "AAAAgSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n\n"
		    NOTE },
	};
	struct tlog_proof proof;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (decode(&proof, rows[i].text) != rows[i].err)
			fail_msg("row %zu: not %s", i,
			    err_name(rows[i].err));
}

/* One more than there may be of each part. */
static void
bounded(void **state)
{
	static uint8_t bytes[NOTE_MAX + STATEMENT_MAX];
	struct buf out = buf_init(2 * TLOG_PROOF_MAX);
	struct buf extra = buf_init(STATEMENT_MAX);
	struct tlog_proof proof = { .index = 1,
		.extra = { bytes, STATEMENT_MAX }, .note = { bytes, NOTE_MAX } };
	struct tlog_proof again;

	(void)state;
	memset(bytes, 'n', sizeof(bytes));
	proof.path.len = TREE_PATH_MAX;
	assert_int_equal(tlog_proof_encode(&out, &proof), ERR_OK);
	assert_true(out.len <= TLOG_PROOF_MAX);
	assert_int_equal(tlog_proof_decode(&again, buf_view(&out), &extra),
	    ERR_OK);
	assert_int_equal(again.extra.len, STATEMENT_MAX);
	assert_int_equal(again.path.len, TREE_PATH_MAX);
	buf_u8(&out, 'n');
	assert_int_equal(tlog_proof_decode(&again, buf_view(&out), &extra),
	    ERR_TOO_BIG);
	proof.note.len++;
	assert_int_equal(tlog_proof_encode(&out, &proof), ERR_TOO_BIG);
	proof.note.len--;
	proof.extra.len++;
	assert_int_equal(tlog_proof_encode(&out, &proof), ERR_TOO_BIG);
	buf_reset(&out);
	buf_str(&out, HEAD "index 1\n");
	for (size_t i = 0; i <= TREE_PATH_MAX; i++)
		buf_str(&out, HASH_LINE);
	buf_str(&out, "\n" NOTE);
	assert_int_equal(tlog_proof_decode(&again, buf_view(&out), &extra),
	    ERR_COUNT);
	buf_free(&out);
	buf_free(&extra);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(refused),
		cmocka_unit_test(bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
