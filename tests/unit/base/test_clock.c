#include "unit.h"

#include <time.h>

#include "base/clock.h"

static void
formats_and_parses(void **state)
{
	static const struct {
		int64_t at;
		const char *text;
	} t[] = {
		{ 0, "1970-01-01T00:00:00Z" },
		{ 1796083200000, "2026-12-01T00:00:00Z" },
		{ 951782400000, "2000-02-29T00:00:00Z" },
		{ 951868799999, "2000-02-29T23:59:59.999Z" },
		{ 4107542400000, "2100-03-01T00:00:00Z" },
		{ 253402300799999, "9999-12-31T23:59:59.999Z" },
	};
	char text[CLOCK_TEXT_BYTES];
	int64_t at;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_string_equal(clock_format(text, t[i].at), t[i].text);
		assert_int_equal(clock_parse(&at, t[i].text), ERR_OK);
		assert_true(at == t[i].at);
	}
	assert_int_equal(clock_parse(&at, "2026-12-01T00:00:00.5Z"), ERR_OK);
	assert_true(at == 1796083200500);
	assert_string_equal(clock_format(text, -1), "invalid");
	assert_string_equal(clock_format(text, 253402300800000), "invalid");
}

/* Against the C library, over two centuries in odd steps. */
static void
agrees_with_the_library(void **state)
{
	char mine[CLOCK_TEXT_BYTES], theirs[CLOCK_TEXT_BYTES];
	struct tm tm;
	time_t t;

	(void)state;
	for (t = 0; t < 6400000000; t += 999983) {
		gmtime_r(&t, &tm);
		strftime(theirs, sizeof(theirs), "%Y-%m-%dT%H:%M:%SZ", &tm);
		assert_string_equal(clock_format(mine, (int64_t)t * 1000),
		    theirs);
	}
}

static void
refuses_everything_else(void **state)
{
	static const char *const bad[] = { "", "2026-12-01",
		"2026-12-01T00:00:00", "2026-12-01T00:00:00+00:00",
		"2026-12-01t00:00:00Z", "2026-12-01T00:00:00z",
		"2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
		"2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
		"2026-12-32T00:00:00Z", "2026-12-00T00:00:00Z",
		"2026-12-01T24:00:00Z", "2026-12-01T00:60:00Z",
		"2026-12-01T00:00:60Z", "2026-12-01T00:00:00.Z",
		"2026-12-01T00:00:00.1234Z", "2026-12-01T00:00:00.1",
		"1969-12-31T23:59:59Z", "2026-12-01T00:00:00Z ",
		" 2026-12-01T00:00:00Z", "2026-1-01T00:00:00Z",
		"+026-12-01T00:00:00Z" };
	int64_t at = 7;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(clock_parse(&at, bad[i]), ERR_SYNTAX);
	assert_true(at == 7);
}

static void
fake_and_real(void **state)
{
	struct clock_fake fake = { 1000, 5 };
	struct clock clock = clock_faked(&fake);
	int64_t m;

	(void)state;
	clock_advance(&fake, 20);
	assert_true(clock_wall(&clock) == 1020);
	assert_true(clock_mono(&clock) == 25);
	clock = clock_real();
	assert_true(clock_wall(&clock) / 1000 - (int64_t)time(NULL) <= 1);
	m = clock_mono(&clock);
	assert_true(clock_mono(&clock) >= m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_and_parses),
		cmocka_unit_test(agrees_with_the_library),
		cmocka_unit_test(refuses_everything_else),
		cmocka_unit_test(fake_and_real),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
