/* words: two lists of equal indices, digits, and a charter's twelve. */
#include "helper.h"

#include "keys/words.h"

static void
split_and_join(void **state)
{
	uint8_t p[33], q[33];
	uint16_t index[24];

	(void)state;
	random_bytes(p, sizeof(p));
	words_split(index, 24, p, sizeof(p));
	words_join(q, sizeof(q), index, 24);
	assert_memory_equal(p, q, sizeof(p));
	memset(p, 0, sizeof(p));
	p[0] = 0x80;			/* the first bit is the highest */
	p[1] = 0x20;			/* bit 10: the lowest of word 0 */
	p[2] = 0x04;			/* bit 21: the lowest of word 1 */
	words_split(index, 2, p, sizeof(p));
	assert_int_equal(index[0], 1025);
	assert_int_equal(index[1], 1);
}

static void
all_words_in_all_tongues(void **state)
{
	static const enum words_tongue tongues[] = { WORDS_EN, WORDS_ZH,
		WORDS_DIGITS };
	struct buf buf = buf_init(1024);
	uint16_t in[8], out[8];
	size_t t, i, k;

	(void)state;
	for (t = 0; t < 3; t++) {
		for (i = 0; i < WORDS_LIST; i += 8) {
			for (k = 0; k < 8; k++)
				in[k] = (uint16_t)(i + k);
			buf_reset(&buf);
			words_put(&buf, in, 8, tongues[t]);
			assert_int_equal(words_parse(out, 8, buf_text(&buf)),
			    ERR_OK);
			assert_memory_equal(in, out, sizeof(in));
		}
	}
	buf_free(&buf);
}

static void
parsing(void **state)
{
	uint16_t out[3];
	char *longer;

	(void)state;
	assert_int_equal(words_parse(out, 3, "Abandon,ZOO - 0002"), ERR_OK);
	assert_int_equal(out[0], 0);
	assert_int_equal(out[1], 2047);
	assert_int_equal(out[2], 2);
	assert_int_equal(words_parse(out, 3, "的一是"), ERR_OK);
	assert_int_equal(out[2], 2);
	assert_int_equal(words_parse(out, 3, "的一"), ERR_COUNT);
	assert_int_equal(words_parse(out, 3, "的一是的"), ERR_COUNT);
	assert_int_equal(words_parse(out, 3, ""), ERR_COUNT);
	assert_int_equal(words_parse(out, 3, "abandon zoo zooo"), ERR_SYNTAX);
	assert_int_equal(words_parse(out, 3, "0 1 2"), ERR_SYNTAX);
	assert_int_equal(words_parse(out, 3, "2048 0000 0000"), ERR_SYNTAX);
	assert_int_equal(words_parse(out, 3, "\xff\xff\xff"), ERR_SYNTAX);
	assert_int_equal(words_parse(out, 3, "abandonabandonabandonabandon"),
	    ERR_SYNTAX);
	longer = malloc(WORDS_TEXT_MAX + 2);
	assert_non_null(longer);
	memset(longer, ' ', WORDS_TEXT_MAX + 1);
	longer[WORDS_TEXT_MAX + 1] = '\0';
	assert_int_equal(words_parse(out, 3, longer), ERR_TOO_BIG);
	free(longer);
}

/* That the words come out as PROTOCOL.md says is tests/vectors' business;
 * here: one bit of the charter changes them, and they repeat. */
static void
of_a_charter(void **state)
{
	uint16_t a[12], b[12];
	struct hash id = { { 1 } };

	(void)state;
	assert_int_equal(words_of_charter(a, &id), ERR_OK);
	assert_int_equal(words_of_charter(b, &id), ERR_OK);
	assert_memory_equal(a, b, sizeof(a));
	id.b[31] ^= 1;
	assert_int_equal(words_of_charter(b, &id), ERR_OK);
	assert_memory_not_equal(a, b, sizeof(a));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(split_and_join),
		cmocka_unit_test(all_words_in_all_tongues),
		cmocka_unit_test(parsing),
		cmocka_unit_test(of_a_charter),
	};

	return cmocka_run_group_tests(tests, helper_start, helper_stop);
}
