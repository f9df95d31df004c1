/*
 * calendar: one side's days, from what both signed.
 *
 * Local dates, the ends of days, working days and due times out of a
 * PROFILE's data alone, never from a machine's time zone files or clock, so
 * that agent and auditor find the same second (DIALOGUE.md "Calendars").  A
 * NULL side stands for a pair without PROFILE: UTC, every day a working day.
 * Times are UTC ms; a day is counted from 1970-01-01 in local time.  Pure.
 */
#ifndef CASES_CALENDAR_H
#define CASES_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/profile.h"

#define CALENDAR_DAY_S 86400u
/* Later than any time there is: not known, or not to come. */
#define CALENDAR_NEVER UINT64_MAX
/* The agent warns while fewer days than these are still listed. */
#define CALENDAR_WARN_DAYS 90

/* What a duration is counted in; never told by its length alone. */
enum calendar_unit {
	CALENDAR_HOURS,		/* runs through nights and holidays */
	CALENDAR_DAYS,		/* calendar days of the side that owes */
};

/* calendar_day(side, at): the local date of an instant: the first that has
 * not ended (calendar_day_end), so that it never falls as at rises. */
int64_t
calendar_day(const struct profile_side *side, uint64_t at);

/*
 * calendar_day_end(side, day):
 * The instant of its 24:00: from there on no local date is day or earlier.
 * Where the clock is put back over midnight that is the second midnight,
 * where it is put forward over midnight the moment of the change.
 */
uint64_t
calendar_day_end(const struct profile_side *side, int64_t day);

/* calendar_works(side, day): a working day; beyond listed years each is. */
bool
calendar_works(const struct profile_side *side, int64_t day);

/* calendar_unit_of(cell, seconds): a cell in days stays in days only if its
 * seconds are whole days; then it runs (PROTOCOL.md 13.3). */
enum calendar_unit
calendar_unit_of(enum calendar_unit cell, uint64_t seconds);

/*
 * calendar_due(side, start_at, seconds, unit):
 * The last instant at which what was due in that time is in time.  Hours:
 * start_at + seconds.  Days: the 24:00 of the local date that many days
 * after start_at's, or of the next working day.  Never falls as start_at
 * rises; CALENDAR_NEVER from CALENDAR_NEVER and past the year 9999.
 */
uint64_t
calendar_due(const struct profile_side *side, uint64_t start_at,
    uint64_t seconds, enum calendar_unit unit);

/*
 * calendar_working_days(side, from_at, until_at):
 * Working days after from_at's local date, up to and with the one in which
 * until_at lies or which ends there; 0 if until_at is not later.
 */
unsigned
calendar_working_days(const struct profile_side *side, uint64_t from_at,
    uint64_t until_at);

/* calendar_listed_days(side, at): days after at's local date up to the end
 * of the last listed year; 0 once none is left. */
unsigned
calendar_listed_days(const struct profile_side *side, uint64_t at);

/* A wall clock.  An instant that ends a day is shown as its 24:00. */
struct calendar_wall {
	const char *city;	/* "" without PROFILE */
	int year, month, day, hour, minute;
	int weekday;		/* 1 Monday to 7 Sunday */
};
/* calendar_wall(side, at, ends): ends: say 24:00 rather than 0:00. */
struct calendar_wall
calendar_wall(const struct profile_side *side, uint64_t at, bool ends);

/* "due in 3 d (2 working days), 17:00 Beijing / 04:00 Washington". */
struct calendar_when {
	bool over;		/* due_at has passed */
	uint64_t days;		/* whole 24 hours left, or since */
	unsigned hours;		/* and hours */
	unsigned minutes;
	unsigned working_days;	/* left, of the side that owes */
	struct calendar_wall owing;
	struct calendar_wall other;
};
struct calendar_when
calendar_when(const struct profile_side *owing,
    const struct profile_side *other, uint64_t now_at, uint64_t due_at);

#endif
