#include "unit.h"

#include "base/bytes.h"

static void
reads_in_order(void **state)
{
	const uint8_t b[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
		15, 'x' };
	struct rd rd = rd_init(b, sizeof(b));

	(void)state;
	assert_int_equal(rd_u8(&rd), 0x01);
	assert_int_equal(rd_u16(&rd), 0x0203);
	assert_int_equal(rd_u32(&rd), 0x04050607);
	assert_true(rd_u64(&rd) == 0x08090a0b0c0d0e0fULL);
	rd_expect(&rd, "x", 1, ERR_MAGIC);
	assert_int_equal(rd_end(&rd), ERR_OK);
}

static void
first_error_stays(void **state)
{
	const uint8_t b[] = { 1, 2, 3 };
	struct rd rd = rd_init(b, sizeof(b));
	uint8_t dst[4] = { 9, 9, 9, 9 };

	(void)state;
	rd_copy(&rd, dst, 4);
	assert_int_equal(rd.err, ERR_TRUNCATED);
	assert_memory_equal(dst, "\0\0\0\0", 4);
	assert_int_equal(rd_u8(&rd), 0);
	assert_null(rd_view(&rd, 1).p);
	rd_fail(&rd, ERR_MAGIC);
	assert_int_equal(rd_end(&rd), ERR_TRUNCATED);
}

static void
trailing_and_reserved(void **state)
{
	struct rd rd = rd_init("\0\0\1", 3);

	(void)state;
	rd_zeros(&rd, 2);
	assert_int_equal(rd_end(&rd), ERR_TRAILING);
	rd = rd_init("\0\0\1", 3);
	rd_zeros(&rd, 3);
	assert_int_equal(rd_end(&rd), ERR_RESERVED);
	rd = rd_init("CWE1", 4);
	rd_expect(&rd, "CWE2", 4, ERR_MAGIC);
	assert_int_equal(rd_end(&rd), ERR_MAGIC);
	rd = rd_init(NULL, 0);
	assert_int_equal(rd_end(&rd), ERR_OK);
}

static void
writes_and_stops(void **state)
{
	uint8_t b[16];
	struct wr wr = wr_init(b, 15);

	(void)state;
	wr_u8(&wr, 1);
	wr_u16(&wr, 0x0203);
	wr_u32(&wr, 0x04050607);
	wr_u64(&wr, 0x08090a0b0c0d0e0fULL);
	assert_int_equal(wr.err, ERR_OK);
	assert_memory_equal(b, "\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17", 15);
	b[15] = 0xaa;
	wr_u8(&wr, 1);
	assert_int_equal(wr.err, ERR_TOO_BIG);
	assert_int_equal(wr.len, 15);
	assert_int_equal(b[15], 0xaa);
	wr = wr_init(b, 2);
	wr_zeros(&wr, 3);
	assert_int_equal(wr.err, ERR_TOO_BIG);
}

static void
buffer_has_a_ceiling(void **state)
{
	struct buf buf = buf_init(1000);
	int i;

	(void)state;
	assert_string_equal(buf_text(&buf), "");
	for (i = 0; i < 100; i++)
		buf_fmt(&buf, "%09d.", i);
	assert_int_equal(buf.err, ERR_OK);
	assert_int_equal(buf.len, 1000);
	assert_string_equal(buf_text(&buf) + 990, "000000099.");
	buf_u8(&buf, 1);
	assert_int_equal(buf.err, ERR_TOO_BIG);
	assert_int_equal(buf.len, 1000);
	assert_null(buf_room(&buf, 0));
	buf_reset(&buf);
	buf_u32(&buf, 0x01020304);
	buf_str(&buf, "ab");
	assert_int_equal(buf_view(&buf).len, 6);
	assert_memory_equal(buf.p, "\1\2\3\4ab", 6);
	buf_free(&buf);
	buf_free(&buf);
	assert_null(buf.p);
	buf_free(NULL);
}

static void
hexadecimal(void **state)
{
	char s[7];
	uint8_t b[3];

	(void)state;
	hex_encode(s, "\x00\xab\xff", 3);
	assert_string_equal(s, "00abff");
	assert_int_equal(hex_decode(b, 3, "00aBFf"), ERR_OK);
	assert_memory_equal(b, "\x00\xab\xff", 3);
	assert_int_equal(hex_decode(b, 3, "00abf"), ERR_SYNTAX);
	assert_int_equal(hex_decode(b, 3, "00abff0"), ERR_SYNTAX);
	assert_int_equal(hex_decode(b, 3, "00abfg"), ERR_SYNTAX);
	assert_int_equal(hex_decode(b, 3, ""), ERR_SYNTAX);
}

/* RFC 4648 section 10, and what is not canonical. */
static void
base64(void **state)
{
	static const char *const pairs[][2] = { { "", "" }, { "f", "Zg==" },
		{ "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" } };
	static const char *const bad[] = { "Z", "Zg=", "Zh==", "Zm9=",
		"Zg==Zg==", "Z===", "====", "Zm 9", "Zm9v\n", "Zm-_", "Z=g=" };
	struct buf buf = buf_init(100);
	size_t i;

	(void)state;
	for (i = 0; i < 7; i++) {
		buf_reset(&buf);
		b64_encode(&buf, pairs[i][0], strlen(pairs[i][0]));
		assert_string_equal(buf_text(&buf), pairs[i][1]);
		buf_reset(&buf);
		assert_int_equal(b64_decode(&buf, pairs[i][1],
			strlen(pairs[i][1])), ERR_OK);
		assert_string_equal(buf_text(&buf), pairs[i][0]);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(b64_decode(&buf, bad[i], strlen(bad[i])),
		    ERR_SYNTAX);
	buf_free(&buf);
}

struct drain {
	struct buf got;
	unsigned times;
	enum err err;
};

static enum err
take(void *ctx, const void *p, size_t len)
{
	struct drain *d = ctx;

	d->times++;
	buf_put(&d->got, p, len);
	return d->err;
}

/* A long loop in little memory; the sink's error ends it. */
static void
buffer_spills(void **state)
{
	struct drain d = { .got = buf_init(1 << 20) };
	struct buf buf = buf_init(70000);
	unsigned i;

	(void)state;
	buf_spill(&buf);
	buf_str(&buf, "stays without a sink");
	buf_spill_rest(&buf);
	assert_int_equal(buf.len, 20);
	buf_reset(&buf);
	buf.sink = take;
	buf.ctx = &d;
	for (i = 0; i < 20000; i++) {
		buf_fmt(&buf, "%09u.", i);
		buf_spill(&buf);
	}
	assert_int_equal(d.times, 3);
	buf_spill_rest(&buf);
	assert_int_equal(buf.err, ERR_OK);
	assert_int_equal(d.got.len, 200000);
	assert_memory_equal(d.got.p + 199990, "000019999.", 10);
	d.err = ERR_IO;
	buf_str(&buf, "x");
	buf_spill_rest(&buf);
	assert_int_equal(buf.err, ERR_IO);
	buf_spill_rest(&buf);
	assert_int_equal(d.times, 5);
	buf_free(&buf);
	buf_free(&d.got);
}

static void
buffer_reserves_exactly(void **state)
{
	struct buf buf = buf_init(100000);
	char longer[1000];

	(void)state;
	buf_reserve(&buf, 70000);
	assert_int_equal(buf.size, 70001);
	buf_reserve(&buf, 100);
	assert_int_equal(buf.size, 70001);
	buf_reserve(&buf, 100001);	/* over max: told when it is put */
	assert_int_equal(buf.err, ERR_OK);
	buf_free(&buf);
	/* What does not fit into what is there is printed again, whole. */
	buf = buf_init(2000);
	memset(longer, 'y', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	buf_fmt(&buf, "%d%s%d", 1, longer, 2);
	assert_int_equal(buf.len, 1001);
	assert_string_equal(buf_text(&buf) + 996, "yyyy2");
	buf_fmt(&buf, "%s", longer);
	assert_int_equal(buf.err, ERR_OK);
	buf_fmt(&buf, "z");
	assert_int_equal(buf.err, ERR_TOO_BIG);
	assert_int_equal(buf.len, 2000);
	buf_free(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_in_order),
		cmocka_unit_test(first_error_stays),
		cmocka_unit_test(trailing_and_reserved),
		cmocka_unit_test(writes_and_stops),
		cmocka_unit_test(buffer_has_a_ceiling),
		cmocka_unit_test(buffer_spills),
		cmocka_unit_test(buffer_reserves_exactly),
		cmocka_unit_test(hexadecimal),
		cmocka_unit_test(base64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
