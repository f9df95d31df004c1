/*
 * clock: wall and monotonic time behind one struct, and its text form.
 *
 * Wall time is UTC ms since 1970 and is only ever a claim; monotonic ms is
 * for timers.  Tests and the simulator pass a fake.  Never sleeps.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct clock {
	int64_t (*wall_ms)(void *ctx);
	int64_t (*mono_ms)(void *ctx);
	void *ctx;
};

/* A clock that stands still until told; lives as long as its clock. */
struct clock_fake {
	int64_t wall_ms;
	int64_t mono_ms;
};

struct clock
clock_real(void);
struct clock
clock_faked(struct clock_fake *fake);
/* clock_advance(fake, ms): move both by ms >= 0. */
void
clock_advance(struct clock_fake *fake, int64_t ms);

int64_t
clock_wall(const struct clock *clock);
int64_t
clock_mono(const struct clock *clock);

/* "2026-12-01T00:00:00.123Z" and a NUL. */
#define CLOCK_TEXT_BYTES 32

/*
 * clock_format(text, at):
 * RFC 3339 in UTC; the milliseconds only if not zero.  Years 1970 to 9999,
 * anything else gives "invalid".  Returns text.
 */
const char *
clock_format(char text[CLOCK_TEXT_BYTES], int64_t at);

/*
 * clock_parse(at, text):
 * Exactly what clock_format writes, a real date, no leap second; also a
 * fraction of one to three digits.  Else ERR_SYNTAX and at untouched.
 */
enum err
clock_parse(int64_t *at, const char *text);

/*
 * Dates of the Gregorian calendar as days since 1970-01-01, from the year 0
 * on (days may be negative); month and day count from 1.
 * clock_date_is_real(y, m, d): from 1970 on, and such a day exists.
 */
int64_t
clock_days(int64_t y, int m, int d);
void
clock_date(int64_t days, int *y, int *m, int *d);
bool
clock_date_is_real(int y, int m, int d);

#endif
