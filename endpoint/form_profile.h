/*
 * form_profile: the body of a PROFILE as JSON, both ways.
 *
 * Its days, offsets and weekdays are no rows of proto/notice_rows.h: weekdays
 * are words ("mon"), days "MM-DD", as examples/calendar.us.json has them for
 * one side; a PROFILE has the two as "a" and "b".  For endpoint/form.c.  No
 * state, no I/O.
 */
#ifndef ENDPOINT_FORM_PROFILE_H
#define ENDPOINT_FORM_PROFILE_H

#include "base/json.h"
#include "proto/arena.h"
#include "proto/profile.h"

/* form_profile_read(profile, in, also, arena): as form_read; whether the
 * values can be is profile_encode's to say. */
void
form_profile_read(struct profile *profile, const struct json_cur *in,
    const char *const *also, struct arena *arena);

/* form_profile_write(profile): what is there, as an object. */
struct json *
form_profile_write(const struct profile *profile);

#endif
