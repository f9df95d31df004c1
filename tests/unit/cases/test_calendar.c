/*
 * calendar: dates, ends of days and due times of both example calendars,
 * across changes of offset, holidays, make-up days and the end of lists.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "calendars.h"
#include "cases/calendar.h"

static const struct profile_side *
side_of(const char *which)
{
	return which[0] == 'u' ? us : which[0] == 'c' ? cn : NULL;
}

#define D 86400u
#define DAYS CALENDAR_DAYS
#define HOURS CALENDAR_HOURS

static const struct {
	const char *side, *start;
	uint64_t seconds;
	enum calendar_unit unit;
	const char *due;
} dues[] = {
    /* A plain week: Monday's seventh day is Monday, and ends at 24:00. */
    {"us", "2026-07-06T15:00:00Z", 7 * D, DAYS, "2026-07-14T04:00:00Z"},
    {"cn", "2026-07-06T15:00:00Z", 7 * D, DAYS, "2026-07-13T16:00:00Z"},
    /* 16:30 UTC is the next day in Beijing already. */
    {"cn", "2026-07-06T16:30:00Z", 7 * D, DAYS, "2026-07-14T16:00:00Z"},
    /* Over DST's start: the day counts, not its 24 hours. */
    {"us", "2026-03-06T17:00:00Z", 3 * D, DAYS, "2026-03-10T04:00:00Z"},
    /* Falls on the Sunday of the change: on to Monday's end. */
    {"us", "2026-03-06T17:00:00Z", 2 * D, DAYS, "2026-03-10T04:00:00Z"},
    /* Over DST's end: Monday ends an hour later in UTC. */
    {"us", "2026-10-30T16:00:00Z", 3 * D, DAYS, "2026-11-03T05:00:00Z"},
    {"us", "2026-10-30T16:00:00Z", 1 * D, DAYS, "2026-11-03T05:00:00Z"},
    /* Running time does not care. */
    {"us", "2026-03-08T06:30:00Z", D, HOURS, "2026-03-09T06:30:00Z"},
    {"us", "2026-11-01T05:30:00Z", D, HOURS, "2026-11-02T05:30:00Z"},
    {"us", "2026-12-25T05:00:00Z", 8 * 3600, HOURS, "2026-12-25T13:00:00Z"},
    {"cn", "2026-02-17T00:00:00Z", 3600, HOURS, "2026-02-17T01:00:00Z"},
    {"cn", "2026-02-17T00:00:00Z", 5, HOURS, "2026-02-17T00:00:05Z"},
    /* Spring Festival: from any day of it on to Tuesday 24 February. */
    {"cn", "2026-02-13T02:00:00Z", 2 * D, DAYS, "2026-02-24T16:00:00Z"},
    {"cn", "2026-02-13T02:00:00Z", 7 * D, DAYS, "2026-02-24T16:00:00Z"},
    {"cn", "2026-02-13T02:00:00Z", 11 * D, DAYS, "2026-02-24T16:00:00Z"},
    {"cn", "2026-02-13T02:00:00Z", 12 * D, DAYS, "2026-02-25T16:00:00Z"},
    /* Make-up Saturdays are working days on both sides of it. */
    {"cn", "2026-02-13T02:00:00Z", 1 * D, DAYS, "2026-02-14T16:00:00Z"},
    {"cn", "2026-02-21T02:00:00Z", 7 * D, DAYS, "2026-02-28T16:00:00Z"},
    /* An ordinary Saturday is not. */
    {"cn", "2026-02-28T02:00:00Z", 7 * D, DAYS, "2026-03-09T16:00:00Z"},
    /* A make-up Sunday: 20 September 2026. */
    {"cn", "2026-09-13T02:00:00Z", 7 * D, DAYS, "2026-09-20T16:00:00Z"},
    /* The US week has no make-up days: same date, other answer. */
    {"us", "2026-09-13T16:00:00Z", 7 * D, DAYS, "2026-09-22T04:00:00Z"},
    /* Thanksgiving, then a Friday that works. */
    {"us", "2026-11-19T17:00:00Z", 7 * D, DAYS, "2026-11-28T05:00:00Z"},
    /* Independence Day on a Saturday is observed on Friday. */
    {"us", "2026-07-02T16:00:00Z", 1 * D, DAYS, "2026-07-07T04:00:00Z"},
    /* Year ends, both listed: 1 January 2027 is a Friday off. */
    {"us", "2026-12-25T17:00:00Z", 7 * D, DAYS, "2027-01-05T05:00:00Z"},
    {"cn", "2026-12-25T02:00:00Z", 7 * D, DAYS, "2027-01-04T16:00:00Z"},
    /* Out of the lists: Saturday 1 January 2028 is a working day. */
    {"us", "2027-12-25T17:00:00Z", 7 * D, DAYS, "2028-01-02T05:00:00Z"},
    {"cn", "2027-12-25T02:00:00Z", 7 * D, DAYS, "2028-01-01T16:00:00Z"},
    /* ... and before them too. */
    {"us", "2025-12-18T17:00:00Z", 7 * D, DAYS, "2025-12-26T05:00:00Z"},
    /* A leap day, as a start and as an end. */
    {"us", "2028-02-22T17:00:00Z", 7 * D, DAYS, "2028-03-01T05:00:00Z"},
    {"cn", "2028-02-29T02:00:00Z", 1 * D, DAYS, "2028-03-01T16:00:00Z"},
    /* Without PROFILE: UTC, and every day works. */
    {"-", "2026-02-13T23:59:59.999Z", 2 * D, DAYS, "2026-02-16T00:00:00Z"},
    {"-", "2026-02-13T00:00:00Z", 2 * D, DAYS, "2026-02-16T00:00:00Z"},
};

static void
test_due(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(dues) / sizeof(dues[0]); i++) {
		char got[CLOCK_TEXT_BYTES];
		uint64_t due = calendar_due(side_of(dues[i].side),
		    calendars_at(dues[i].start), dues[i].seconds,
		    dues[i].unit);

		clock_format(got, (int64_t)due);
		if (strcmp(got, dues[i].due) != 0)
			fail_msg("%s, %s + %llu s: %s, not %s", dues[i].side,
			    dues[i].start,
			    (unsigned long long)dues[i].seconds, got,
			    dues[i].due);
	}
}

static void
test_due_never(void **state)
{
	(void)state;
	assert_true(calendar_due(us, CALENDAR_NEVER, 5, HOURS) ==
	    CALENDAR_NEVER);
	assert_true(calendar_due(us, calendars_at("9999-12-31T00:00:00Z"),
	    2 * D, DAYS) == CALENDAR_NEVER);
	assert_true(calendar_due(us, calendars_at("9999-12-31T00:00:00Z"),
	    2 * D, HOURS) == CALENDAR_NEVER);
	assert_true(calendar_due(us, 0, UINT64_MAX, HOURS) == CALENDAR_NEVER);
}

static void
test_unit(void **state)
{
	(void)state;
	assert_int_equal(calendar_unit_of(DAYS, 7 * D), DAYS);
	assert_int_equal(calendar_unit_of(DAYS, 5), HOURS);
	assert_int_equal(calendar_unit_of(DAYS, 7 * D + 1), HOURS);
	/* 24 hours stay hours however long. */
	assert_int_equal(calendar_unit_of(HOURS, D), HOURS);
}

/* A clock put back and one put forward over midnight, and a day skipped. */
static void
test_offsets_over_midnight(void **state)
{
	static const struct profile_offset o[] = {
	    {0, 0},
	    {1 * (uint64_t)D * 1000, -60},	/* 0:00 becomes 23:00 */
	    {5 * (uint64_t)D * 1000 + 3600000, 0}, /* 24:00 becomes 1:00 */
	    {9 * (uint64_t)D * 1000, 840},	/* 0:00 becomes 14:00 */
	    {20 * (uint64_t)D * 1000, -600},	/* a day again */
	    {30 * (uint64_t)D * 1000, 840},	/* a day skipped */
	};
	struct profile_side side = {.offset_count = 6, .offset = o,
	    .working_days = PROFILE_WEEK};
	const uint64_t hour = 3600000, day = 24 * hour;
	uint64_t last = 0;

	(void)state;
	/* Day 0 has 25 hours. */
	assert_true(calendar_day_end(&side, 0) == day + hour);
	assert_int_equal(calendar_day(&side, day), 0);
	assert_int_equal(calendar_day(&side, day + hour), 1);
	/* Day 4 ends when the clock is put forward; day 5 has 23 hours. */
	assert_true(calendar_day_end(&side, 4) == 5 * day + hour);
	assert_int_equal(calendar_day(&side, 5 * day + hour - 1), 4);
	assert_int_equal(calendar_day(&side, 5 * day + hour), 5);
	for (uint64_t at = 0; at < 40 * day; at += hour / 2) {
		int64_t d = calendar_day(&side, at);
		uint64_t due = calendar_due(&side, at, 3 * D, DAYS);

		assert_true(calendar_day_end(&side, d) > at);
		assert_true(d <= 0 || calendar_day_end(&side, d - 1) <= at);
		assert_true(due >= last);
		last = due;
	}
}

/* Each instant lies in exactly one day, days are in order, dues too. */
static void
test_days_of_three_years(void **state)
{
	const struct profile_side *const sides[] = {us, cn, NULL};
	uint64_t from = calendars_at("2025-12-20T00:00:00Z");
	uint64_t until = calendars_at("2028-12-31T00:00:00Z");

	(void)state;
	for (unsigned s = 0; s < 3; s++) {
		uint64_t last = 0;

		for (uint64_t at = from; at < until; at += 1799999) {
			int64_t d = calendar_day(sides[s], at);
			uint64_t due = calendar_due(sides[s], at, D, DAYS);

			assert_true(calendar_day_end(sides[s], d) > at);
			assert_true(calendar_day_end(sides[s], d - 1) <= at);
			assert_true(due >= last && due > at);
			assert_true(calendar_works(sides[s],
			    calendar_day(sides[s], due - 1)));
			last = due;
		}
	}
}

static void
test_working_days(void **state)
{
	static const struct {
		const char *side, *from, *until;
		unsigned want;
	} rows[] = {
	    /* Wednesday to Friday's 24:00: Thursday, Friday. */
	    {"us", "2026-07-08T15:00:00Z", "2026-07-11T04:00:00Z", 2},
	    {"us", "2026-07-08T15:00:00Z", "2026-07-11T04:00:00.001Z", 2},
	    /* Over a week-end with a make-up Saturday. */
	    {"cn", "2026-02-12T02:00:00Z", "2026-02-24T16:00:00Z", 3},
	    {"cn", "2026-02-25T02:00:00Z", "2026-03-02T16:00:00Z", 4},
	    {"us", "2026-02-25T17:00:00Z", "2026-03-03T05:00:00Z", 3},
	    {"cn", "2026-02-25T02:00:00Z", "2026-02-25T16:00:00Z", 0},
	    {"cn", "2026-02-25T02:00:00Z", "2026-02-25T02:00:00Z", 0},
	    {"cn", "2026-02-25T02:00:00Z", "2026-02-20T02:00:00Z", 0},
	    {"-", "2026-02-13T12:00:00Z", "2026-02-20T00:00:00Z", 6},
	    /* Into the listed years and out of them again. */
	    {"us", "2025-12-29T17:00:00Z", "2026-01-06T05:00:00Z", 4},
	    {"us", "2027-12-22T17:00:00Z", "2028-01-04T05:00:00Z", 8},
	    {"us", "2028-12-22T17:00:00Z", "2029-01-04T05:00:00Z", 12},
	    {"us", "2028-01-01T17:00:00Z", "9999-12-31T05:00:00Z", 2911711},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(calendar_working_days(side_of(rows[i].side),
		    calendars_at(rows[i].from), calendars_at(rows[i].until)),
		    rows[i].want);
}

static void
test_listed_days(void **state)
{
	(void)state;
	assert_int_equal(calendar_listed_days(us,
	    calendars_at("2027-12-31T12:00:00Z")), 0);
	assert_int_equal(calendar_listed_days(us,
	    calendars_at("2027-10-02T16:00:00Z")), CALENDAR_WARN_DAYS);
	assert_int_equal(calendar_listed_days(cn,
	    calendars_at("2026-12-31T15:59:59Z")), 365);
	assert_int_equal(calendar_listed_days(cn,
	    calendars_at("2026-12-31T16:00:00Z")), 364);
	assert_int_equal(calendar_listed_days(cn,
	    calendars_at("2030-01-01T00:00:00Z")), 0);
	assert_int_equal(calendar_listed_days(NULL, 0), 0);
}

static void
test_when(void **state)
{
	/* Sunday in Beijing, due on Wednesday at 17:00 of its wall clock. */
	struct calendar_when w = calendar_when(cn, us,
	    calendars_at("2026-07-12T08:30:00Z"),
	    calendars_at("2026-07-15T09:00:00Z"));

	(void)state;
	assert_false(w.over);
	assert_int_equal(w.days, 3);
	assert_int_equal(w.hours, 0);
	assert_int_equal(w.minutes, 30);
	assert_int_equal(w.working_days, 3);
	assert_string_equal(w.owing.city, "Beijing");
	assert_int_equal(w.owing.hour, 17);
	assert_int_equal(w.owing.weekday, 3);
	assert_string_equal(w.other.city, "Washington");
	assert_int_equal(w.other.hour, 5);
	assert_int_equal(w.other.day, 15);

	/* In winter Washington is an hour further; a day's end is its 24:00. */
	w = calendar_when(cn, us, calendars_at("2026-12-02T20:00:00Z"),
	    calendars_at("2026-12-02T16:00:00Z"));
	assert_true(w.over);
	assert_int_equal(w.days, 0);
	assert_int_equal(w.hours, 4);
	assert_int_equal(w.working_days, 0);
	assert_int_equal(w.owing.day, 2);
	assert_int_equal(w.owing.hour, 24);
	assert_int_equal(w.other.day, 2);
	assert_int_equal(w.other.hour, 11);
	assert_string_equal(calendar_wall(NULL, 0, false).city, "");
	assert_int_equal(calendar_wall(NULL, 0, true).hour, 24);
	assert_int_equal(calendar_wall(NULL, 0, true).year, 1969);
}

/* The example files are what a PROFILE may say, and lose nothing in one. */
static void
test_examples_are_good(void **state)
{
	struct profile p = {.number = 1, .side = {*us, *cn}}, q;
	struct buf out = buf_init(BODY_MAX);
	struct arena arena = arena_init(ARENA_MAX);

	(void)state;
	assert_int_equal(profile_missing(&p, NULL, NULL), ERR_OK);
	assert_int_equal(profile_encode(&out, &p), ERR_OK);
	assert_true(out.len < 1024);
	assert_int_equal(profile_decode(&q, buf_view(&out), &arena), ERR_OK);
	assert_int_equal(q.side[1].year[0].on.n, 6);
	assert_true(calendar_due(&q.side[1],
	    calendars_at("2026-02-13T02:00:00Z"), 2 * D, DAYS) ==
	    calendars_at("2026-02-24T16:00:00Z"));
	arena_free(&arena);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_due),
	    cmocka_unit_test(test_due_never),
	    cmocka_unit_test(test_unit),
	    cmocka_unit_test(test_offsets_over_midnight),
	    cmocka_unit_test(test_days_of_three_years),
	    cmocka_unit_test(test_working_days),
	    cmocka_unit_test(test_listed_days),
	    cmocka_unit_test(test_when),
	    cmocka_unit_test(test_examples_are_good),
	};

	return cmocka_run_group_tests(tests, calendars_load, calendars_free);
}
