#include "unit.h"

#include "base/utf8.h"

static void
well_formed(void **state)
{
	static const struct {
		const char *s;
		uint32_t code;
	} t[] = { { "a", 'a' }, { "\xc3\xa9", 0xe9 }, { "\xe6\xa1\x88", 0x6848 },
		{ "\xf0\x9f\x98\x80", 0x1f600 },
		{ "\xf4\x8f\xbf\xbf", 0x10ffff }, { "\xed\x9f\xbf", 0xd7ff } };
	uint32_t code;
	size_t i;

	(void)state;
	for (i = 0; i < 6; i++) {
		assert_int_equal(utf8_next(t[i].s, strlen(t[i].s), &code),
		    strlen(t[i].s));
		assert_int_equal(code, t[i].code);
		assert_true(utf8_valid(t[i].s, strlen(t[i].s)));
		if (strlen(t[i].s) > 1)
			assert_false(utf8_valid(t[i].s, strlen(t[i].s) - 1));
	}
	assert_true(utf8_valid("", 0));
	assert_true(utf8_valid("a\0b", 3));
}

static void
ill_formed(void **state)
{
	static const char *const bad[] = { "\x80", "\xc0\x80", "\xc1\xbf",
		"\xe0\x80\x80", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf",
		"\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80", "\xff", "\xc3(", "\xe6\xa1(", "ok\xfe" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(utf8_valid(bad[i], strlen(bad[i])));
}

static void
columns(void **state)
{
	(void)state;
	assert_int_equal(utf8_columns('a'), 1);
	assert_int_equal(utf8_columns(0xe9), 1);
	assert_int_equal(utf8_columns(0x301), 0);
	assert_int_equal(utf8_columns(0x6848), 2);
	assert_int_equal(utf8_columns(0xff01), 2);
	assert_int_equal(utf8_columns(0xac00), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(well_formed),
		cmocka_unit_test(ill_formed),
		cmocka_unit_test(columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
