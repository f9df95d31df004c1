/*
 * calendars: the example calendars as structs, for the tests of cases/.
 *
 * Reads examples/calendar.<which>.json, the file a side would start from, so
 * that what the tests rely on is what users get.
 */
#ifndef UNIT_CASES_CALENDARS_H
#define UNIT_CASES_CALENDARS_H

#include "proto/profile.h"

/* Washington and Beijing, between the two below: a group's set-up, which
 * fails if a file is not as it must be, and its tear-down. */
extern const struct profile_side *us, *cn;
int
calendars_load(void **state);
int
calendars_free(void **state);

/* calendars_at(text): RFC 3339 in UTC as ms; fails the test. */
uint64_t
calendars_at(const char *text);

#endif
