/*
 * profile: the body of PROFILE, what both sides sign about time and names.
 *
 * Each side's working calendar as data (offsets from UTC, working days,
 * holidays and make-up days by year), the city its wall clock is named by,
 * and its names of the hotline's tiers.  Nothing here comes from a
 * machine's time zone files: an auditor in ten years must find the same
 * second.  What the data means is cases/calendar.h's.  Decoded strings and
 * lists lie in the caller's arena; NULL texts count as "" when encoding.
 * Pure.
 */
#ifndef PROTO_PROFILE_H
#define PROTO_PROFILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "proto/arena.h"
#include "proto/limits.h"

#define PROFILE_TIERS 3
#define PROFILE_WEEK 0x7fu		/* every day of the week */

struct profile_offset {
	uint64_t from_at;		/* UTC ms; the first is 0 */
	int32_t minutes;		/* local time less UTC */
};

/* Days of one year as month * 100 + day, ascending: 214 is 14 February. */
struct profile_days {
	size_t n;
	const uint32_t *v;
};

struct profile_year {
	uint32_t year;
	struct profile_days off;	/* no working day, whatever its weekday */
	struct profile_days on;		/* a working day, whatever its weekday */
};

struct profile_side {
	const char *city;
	size_t offset_count;
	const struct profile_offset *offset;	/* ascending */
	uint32_t working_days;		/* bit 0 Monday to bit 6 Sunday */
	size_t year_count;
	const struct profile_year *year;	/* each the one before + 1 */
	const char *tier[PROFILE_TIERS];	/* names of tiers 1, 2, 3 */
};

struct profile {
	uint32_t number;		/* the higher one replaces the lower */
	struct profile_side side[2];	/* of the charter's parties a, b */
};

/*
 * profile_encode(out, profile) / profile_decode(profile, value, arena):
 * The value of field 2 of a PROFILE.  ERR_TOO_BIG (BODY_MAX), ERR_MESSAGE
 * (does not parse, not two sides of three tiers), ERR_COUNT (a list over its
 * limit), ERR_CODE (an offset, weekday, year or day that cannot be),
 * ERR_ENCODING (a list not in its order, a first offset not from 0, a day
 * both off and on), ERR_SYNTAX (UTF-8), ERR_NOMEM.
 */
enum err
profile_encode(struct buf *out, const struct profile *profile);
enum err
profile_decode(struct profile *profile, struct view value,
    struct arena *arena);

/*
 * profile_missing(profile, missing, ctx):
 * As notice_missing: call missing() (may be NULL) with each absent field,
 * "sides[0].city"; ERR_REQUIRED if there was one.  Listed years are no
 * required field: without them every day is a working day.
 */
typedef void profile_missing_fn(void *ctx, const char *path);
enum err
profile_missing(const struct profile *profile, profile_missing_fn *missing,
    void *ctx);

#endif
