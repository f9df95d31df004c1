/* tile: C2SP's own examples, and every way to write a tile wrongly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/tile.h"

static void
test_good(void **state)
{
	static const struct {
		const char *path;
		struct tile_name name;
	} rows[] = {
		{ "0/000", { 0, 0, 256 } },
		{ "0/067", { 0, 67, 256 } },
		{ "0/x001/067", { 0, 1067, 256 } },
		{ "7/x001/x234/067.p/1", { 7, 1234067, 1 } },
		{ "3/999.p/255", { 3, 999, 255 } },
		{ "entries/000", { TILE_ENTRIES, 0, 256 } },
		{ "entries/x001/x234/067.p/12", { TILE_ENTRIES, 1234067,
		    12 } },
		{ "0/x072/x057/x594/x037/x927/935", { 0,
		    72057594037927935ULL, 256 } },
	};
	char path[TILE_PATH_BYTES];
	struct tile_name name;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(tile_parse(&name, rows[i].path), ERR_OK);
		assert_int_equal(name.level, rows[i].name.level);
		assert_true(name.index == rows[i].name.index);
		assert_int_equal(name.width, rows[i].name.width);
		tile_path(path, &name);
		assert_memory_equal(path, "tile/", 5);
		assert_string_equal(path + 5, rows[i].path);
	}
}

static void
test_refused(void **state)
{
	static const char *const wrong[] = { "", "0", "0/", "0/1", "0/01",
		"0/0001", "8/000", "-1/000", "00/000", "0/x000/001",
		"0/x001/67", "0/x001", "0/x001/", "0/001/002", "0/000.p",
		"0/000.p/", "0/000.p/0", "0/000.p/01", "0/000.p/256",
		"0/000.p/1000", "0/000.p/1/", "0/000/", "0//000", "0/+00",
		"0/x0x1/002", "0/000.p/1x", "0/../000", "entries",
		"entries/", "entries/0", "entries//000", "entries/0/000",
		"entries/000.p/256", "entrie/000", "Entries/000" };
	struct tile_name name;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(tile_parse(&name, wrong[i]), ERR_SYNTAX);
	assert_int_equal(tile_parse(&name,
	    "0/x072/x057/x594/x037/x927/936"), ERR_TOO_BIG);
	assert_int_equal(tile_parse(&name,
	    "0/x999/x999/x999/x999/x999/x999/999"), ERR_TOO_BIG);
}

static void
test_width(void **state)
{
	(void)state;
	assert_int_equal(tile_width(0, 0, 0), 0);
	assert_int_equal(tile_width(1, 0, 0), 1);
	assert_int_equal(tile_width(256, 0, 0), 256);
	assert_int_equal(tile_width(256, 0, 1), 0);
	assert_int_equal(tile_width(256, 1, 0), 1);
	assert_int_equal(tile_width(70000, 0, 273), 112);
	assert_int_equal(tile_width(70000, TILE_ENTRIES, 273), 112);
	assert_int_equal(tile_width(70000, TILE_ENTRIES, 272), 256);
	assert_int_equal(tile_width(70000, TILE_ENTRIES, 274), 0);
	assert_int_equal(tile_width(70000, 1, 1), 17);
	assert_int_equal(tile_width(70000, 2, 0), 1);
	assert_int_equal(tile_width(70000, 3, 0), 0);
	assert_int_equal(tile_width(UINT64_MAX, 8, 0), 0);
	assert_int_equal(tile_width(UINT64_MAX, 0, UINT64_MAX), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
