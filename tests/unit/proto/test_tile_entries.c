/* tile_entries: there and back, the withheld, and every wrong length. */
#include "helper.h"
#include "proto/tile_entries.h"

static void
there_and_back(void **state)
{
	static const uint8_t big[STATEMENT_MAX + 1];
	const struct view in[3] = { view_of("first"), { NULL, 0 },
		{ big, STATEMENT_MAX } };
	struct buf out = buf_init(TILE_ENTRIES_BYTES_MAX);
	struct view entry[TILE_WIDTH];
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++)
		assert_int_equal(tile_entries_put(&out, in[i]), ERR_OK);
	assert_int_equal(out.len, 2 + 5 + 2 + 2 + STATEMENT_MAX);
	assert_memory_equal(out.p, "\0\5first\0\0", 9);
	assert_int_equal(tile_entries_decode(entry, 3, buf_view(&out)),
	    ERR_OK);
	assert_int_equal(entry[0].len, 5);
	assert_memory_equal(entry[0].p, "first", 5);
	assert_null(entry[1].p);
	assert_int_equal(entry[1].len, 0);
	assert_int_equal(entry[2].len, STATEMENT_MAX);
	assert_int_equal(tile_entries_put(&out, (struct view){ big,
	    sizeof(big) }), ERR_TOO_BIG);
	buf_free(&out);
}

static void
refused(void **state)
{
	struct view entry[TILE_WIDTH];

	(void)state;
	assert_int_equal(tile_entries_decode(entry, 1,
	    (struct view){ NULL, 0 }), ERR_TRUNCATED);
	assert_int_equal(tile_entries_decode(entry, 1,
	    (struct view){ (const uint8_t *)"\0\2a", 3 }), ERR_TRUNCATED);
	assert_int_equal(tile_entries_decode(entry, 1,
	    (struct view){ (const uint8_t *)"\0\1ab", 4 }), ERR_TRAILING);
	assert_int_equal(tile_entries_decode(entry, 2,
	    (struct view){ (const uint8_t *)"\0\1a", 3 }), ERR_TRUNCATED);
	assert_int_equal(tile_entries_decode(entry, 1,
	    (struct view){ (const uint8_t *)"\x20\1a", 3 }), ERR_TOO_BIG);
	assert_int_equal(tile_entries_decode(entry, 0,
	    (struct view){ NULL, 0 }), ERR_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
