#include "cases/calendar.h"

#include "base/clock.h"

#define DAY_MS ((int64_t)CALENDAR_DAY_S * 1000)
/* The first ms after the year 9999: no date there, so no due time either. */
#define AT_MAX UINT64_C(253402300800000)

static int64_t
offset_ms(const struct profile_side *side, size_t i)
{
	return (int64_t)side->offset[i].minutes * 60000;
}

static size_t
offset_count(const struct profile_side *side)
{
	return side ? side->offset_count : 0;
}

static int64_t
local_ms(const struct profile_side *side, uint64_t at)
{
	size_t n = offset_count(side);

	if (at > AT_MAX)
		at = AT_MAX;
	while (n > 0 && side->offset[n - 1].from_at > at)
		n--;
	return (int64_t)at + (n > 0 ? offset_ms(side, n - 1) : 0);
}

/* Rounds down; local time before 1970 is negative. */
static int64_t
floor_days(int64_t ms)
{
	return ms / DAY_MS - (ms % DAY_MS < 0);
}

uint64_t
calendar_day_end(const struct profile_side *side, int64_t day)
{
	int64_t next = (day + 1) * DAY_MS;

	/* The last stretch of one offset in which such a date occurs. */
	for (size_t n = offset_count(side); n > 0; n--) {
		int64_t end = next - offset_ms(side, n - 1);

		if (n < side->offset_count &&
		    end > (int64_t)side->offset[n].from_at)
			end = (int64_t)side->offset[n].from_at;
		if (end > (int64_t)side->offset[n - 1].from_at)
			return (uint64_t)end;
	}
	return next > 0 ? (uint64_t)next : 0;
}

int64_t
calendar_day(const struct profile_side *side, uint64_t at)
{
	int64_t day = floor_days(local_ms(side, at));

	/* A clock put back over midnight shows tomorrow before today ended. */
	while (calendar_day_end(side, day - 1) > at)
		day--;
	return day;
}

static const struct profile_year *
year_of(const struct profile_side *side, int year)
{
	size_t i;

	if (!side || side->year_count == 0 || year < (int)side->year[0].year)
		return NULL;
	i = (size_t)(year - (int)side->year[0].year);
	return i < side->year_count ? &side->year[i] : NULL;
}

static bool
has_day(const struct profile_days *days, uint32_t day)
{
	size_t i = 0;

	while (i < days->n && days->v[i] < day)
		i++;
	return i < days->n && days->v[i] == day;
}

/* 0 Monday to 6 Sunday; 1970-01-01 was a Thursday. */
static unsigned
weekday(int64_t day)
{
	return (unsigned)(((day + 3) % 7 + 7) % 7);
}

bool
calendar_works(const struct profile_side *side, int64_t day)
{
	const struct profile_year *listed;
	uint32_t name;
	int y, m, d;

	clock_date(day, &y, &m, &d);
	listed = year_of(side, y);
	if (!listed)
		return true;
	name = (uint32_t)(m * 100 + d);
	if (has_day(&listed->off, name))
		return false;
	return (side->working_days >> weekday(day) & 1) ||
	    has_day(&listed->on, name);
}

enum calendar_unit
calendar_unit_of(enum calendar_unit cell, uint64_t seconds)
{
	return cell == CALENDAR_DAYS && seconds % CALENDAR_DAY_S == 0
	    ? CALENDAR_DAYS
	    : CALENDAR_HOURS;
}

uint64_t
calendar_due(const struct profile_side *side, uint64_t start_at,
    uint64_t seconds, enum calendar_unit unit)
{
	uint64_t due;
	int64_t day;

	if (start_at > AT_MAX || seconds > AT_MAX / 1000)
		return CALENDAR_NEVER;
	if (unit == CALENDAR_HOURS) {
		due = start_at + seconds * 1000;
	} else {
		day = calendar_day(side, start_at) +
		    (int64_t)(seconds / CALENDAR_DAY_S);
		/* Ends: beyond the listed years every day works. */
		while (!calendar_works(side, day))
			day++;
		due = calendar_day_end(side, day);
	}
	return due > AT_MAX ? CALENDAR_NEVER : due;
}

/* The first day after the years listed; day 0 if none is. */
static int64_t
listed_end(const struct profile_side *side)
{
	if (!side || side->year_count == 0)
		return 0;
	return clock_days((int64_t)side->year[side->year_count - 1].year + 1,
	    1, 1);
}

unsigned
calendar_working_days(const struct profile_side *side, uint64_t from_at,
    uint64_t until_at)
{
	int64_t first, last, day, end, n;

	if (until_at <= from_at)
		return 0;
	first = calendar_day(side, from_at) + 1;
	last = calendar_day(side, until_at - 1);
	n = last - first + 1;
	/* Only listed years have other days: a date that a peer set in the
	 * year 9999 costs no more than one in them. */
	end = listed_end(side);
	if (end > 0 && first < clock_days(side->year[0].year, 1, 1))
		first = clock_days(side->year[0].year, 1, 1);
	for (day = first; day <= last && day < end; day++)
		n -= !calendar_works(side, day);
	return n > 0 ? (unsigned)n : 0;
}

unsigned
calendar_listed_days(const struct profile_side *side, uint64_t at)
{
	int64_t left = listed_end(side) - 1 - calendar_day(side, at);

	return left > 0 ? (unsigned)left : 0;
}

struct calendar_wall
calendar_wall(const struct profile_side *side, uint64_t at, bool ends)
{
	int64_t local = local_ms(side, at), day = floor_days(local);
	int64_t minutes = (local - day * DAY_MS) / 60000;
	struct calendar_wall w = {.city = side && side->city ? side->city : ""};

	if (ends && local == day * DAY_MS) {
		day--;
		minutes = DAY_MS / 60000;
	}
	clock_date(day, &w.year, &w.month, &w.day);
	w.hour = (int)(minutes / 60);
	w.minute = (int)(minutes % 60);
	w.weekday = (int)weekday(day) + 1;
	return w;
}

struct calendar_when
calendar_when(const struct profile_side *owing,
    const struct profile_side *other, uint64_t now_at, uint64_t due_at)
{
	struct calendar_when w = {.over = now_at > due_at};
	uint64_t gap = w.over ? now_at - due_at : due_at - now_at;

	w.days = gap / (uint64_t)DAY_MS;
	w.hours = (unsigned)(gap / 3600000 % 24);
	w.minutes = (unsigned)(gap / 60000 % 60);
	w.working_days = calendar_working_days(owing, now_at, due_at);
	w.owing = calendar_wall(owing, due_at, true);
	w.other = calendar_wall(other, due_at, false);
	return w;
}
