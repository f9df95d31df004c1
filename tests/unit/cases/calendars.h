/*
 * calendars: the example calendars as structs, for the tests of cases/.
 *
 * Reads examples/calendar.<which>.json, the file a side would start from, so
 * that what the tests rely on is what users get.
 */
#ifndef UNIT_CASES_CALENDARS_H
#define UNIT_CASES_CALENDARS_H

#include "proto/profile.h"

/* calendars_load(which): "us" or "cn"; fails the test if the file is not as
 * it must be.  calendars_free() frees all that was loaded. */
const struct profile_side *
calendars_load(const char *which);
void
calendars_free(void);

/* calendars_at(text): RFC 3339 in UTC as ms; fails the test. */
uint64_t
calendars_at(const char *text);

#endif
