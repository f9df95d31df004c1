#include "base/clock.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#define DAY_S 86400
/* The last ms of the year 9999. */
#define CLOCK_MAX INT64_C(253402300799999)

static int64_t
read_ms(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int64_t
real_wall(void *ctx)
{
	(void)ctx;
	return read_ms(CLOCK_REALTIME);
}

static int64_t
real_mono(void *ctx)
{
	(void)ctx;
	return read_ms(CLOCK_MONOTONIC);
}

static int64_t
fake_wall(void *ctx)
{
	return ((struct clock_fake *)ctx)->wall_ms;
}

static int64_t
fake_mono(void *ctx)
{
	return ((struct clock_fake *)ctx)->mono_ms;
}

struct clock
clock_real(void)
{
	return (struct clock){ real_wall, real_mono, NULL };
}

struct clock
clock_faked(struct clock_fake *fake)
{
	return (struct clock){ fake_wall, fake_mono, fake };
}

void
clock_advance(struct clock_fake *fake, int64_t ms)
{
	assert(ms >= 0);
	fake->wall_ms += ms;
	fake->mono_ms += ms;
}

int64_t
clock_wall(const struct clock *clock)
{
	return clock->wall_ms(clock->ctx);
}

int64_t
clock_mono(const struct clock *clock)
{
	return clock->mono_ms(clock->ctx);
}

/* Counts years from March, so that the leap day is the last. */
int64_t
clock_days(int64_t y, int m, int d)
{
	int64_t era, year, day;

	if (m <= 2)
		y--;
	era = y / 400;
	year = y - era * 400;
	day = (153 * ((m + 9) % 12) + 2) / 5 + d - 1;
	return era * 146097 + year * 365 + year / 4 - year / 100 + day - 719468;
}

void
clock_date(int64_t days, int *y, int *m, int *d)
{
	int64_t era, day, year, rest;
	int march;

	days += 719468;
	era = days / 146097;
	day = days - era * 146097;
	year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	rest = day - (365 * year + year / 4 - year / 100);
	march = (int)((5 * rest + 2) / 153);
	*d = (int)(rest - (153 * march + 2) / 5 + 1);
	*m = march < 10 ? march + 3 : march - 9;
	*y = (int)(year + era * 400 + (*m <= 2 ? 1 : 0));
}

/* n digits of v, then a sign; a report has millions of times. */
static char *
put(char *p, int v, int n, char sign)
{
	int i;

	for (i = n; i-- > 0; v /= 10)
		p[i] = (char)('0' + v % 10);
	p[n] = sign;
	return p + n + 1;
}

const char *
clock_format(char text[CLOCK_TEXT_BYTES], int64_t at)
{
	int y, m, d, s, ms;
	char *p = text;

	if (at < 0 || at > CLOCK_MAX) {
		memcpy(text, "invalid", sizeof("invalid"));
		return text;
	}
	ms = (int)(at % 1000);
	at /= 1000;
	s = (int)(at % DAY_S);
	clock_date(at / DAY_S, &y, &m, &d);
	p = put(p, y, 4, '-');
	p = put(p, m, 2, '-');
	p = put(p, d, 2, 'T');
	p = put(p, s / 3600, 2, ':');
	p = put(p, s / 60 % 60, 2, ':');
	p = put(p, s % 60, 2, ms != 0 ? '.' : 'Z');
	if (ms != 0)
		p = put(p, ms, 3, 'Z');
	*p = '\0';
	return text;
}

/* n digits at *s; advances; -1 if there are fewer. */
static int
digits(const char **s, int n)
{
	int v = 0;

	while (n-- > 0) {
		if (**s < '0' || **s > '9')
			return -1;
		v = v * 10 + (*(*s)++ - '0');
	}
	return v;
}

static bool
literal(const char **s, char c)
{
	if (**s != c)
		return false;
	(*s)++;
	return true;
}

bool
clock_date_is_real(int y, int m, int d)
{
	int y2, m2, d2;

	if (y < 1970 || m < 1 || m > 12 || d < 1 || d > 31)
		return false;
	clock_date(clock_days(y, m, d), &y2, &m2, &d2);
	return y2 == y && m2 == m && d2 == d;
}

/* The part behind the seconds: nothing or one to three digits, then Z. */
static bool
fraction(const char **s, int *ms)
{
	int scale = 100, v;

	*ms = 0;
	if (literal(s, '.')) {
		do {
			v = digits(s, 1);
			if (v < 0 || scale == 0)
				return false;
			*ms += v * scale;
			scale /= 10;
		} while (**s != 'Z');
	}
	return literal(s, 'Z') && **s == '\0';
}

enum err
clock_parse(int64_t *at, const char *text)
{
	const char *s = text;
	int y, mo, d, h, mi, sec, ms;

	y = digits(&s, 4);
	if (y < 0 || !literal(&s, '-'))
		return ERR_SYNTAX;
	mo = digits(&s, 2);
	if (mo < 0 || !literal(&s, '-'))
		return ERR_SYNTAX;
	d = digits(&s, 2);
	if (d < 0 || !literal(&s, 'T'))
		return ERR_SYNTAX;
	h = digits(&s, 2);
	if (h < 0 || !literal(&s, ':'))
		return ERR_SYNTAX;
	mi = digits(&s, 2);
	if (mi < 0 || !literal(&s, ':'))
		return ERR_SYNTAX;
	sec = digits(&s, 2);
	if (sec < 0 || !fraction(&s, &ms))
		return ERR_SYNTAX;
	if (!clock_date_is_real(y, mo, d) || h > 23 || mi > 59 || sec > 59)
		return ERR_SYNTAX;
	*at = (clock_days(y, mo, d) * DAY_S + h * 3600 + mi * 60 + sec) *
		1000 + ms;
	return ERR_OK;
}
