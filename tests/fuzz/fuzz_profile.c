/*
 * A PROFILE's body: what decodes writes back at the same length, and every
 * calendar that decodes gives days and due times that are in order.
 */
#include <stdlib.h>
#include <string.h>

#include "cases/calendar.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
walk(const struct profile_side *side, uint64_t at)
{
	uint64_t last = 0;

	for (unsigned i = 0; i < 50; i++, at += 5413 * 1000) {
		int64_t day = calendar_day(side, at);
		uint64_t due = calendar_due(side, at, 3 * CALENDAR_DAY_S,
		    CALENDAR_DAYS);

		if (calendar_day_end(side, day) <= at ||
		    calendar_day_end(side, day - 1) > at || due < last)
			abort();
		last = due;
	}
	calendar_when(side, NULL, at, last);
	calendar_listed_days(side, at);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct buf out = buf_init(BODY_MAX);
	struct profile p;

	if (profile_decode(&p, (struct view){data, size}, &arena) == ERR_OK) {
		if (profile_encode(&out, &p) != ERR_OK || out.len != size)
			abort();
		profile_missing(&p, NULL, NULL);
		for (unsigned s = 0; s < 2; s++) {
			const struct profile_side *side = &p.side[s];

			walk(side, 1000000000);
			walk(side, UINT64_C(1770000000000));
			for (size_t i = 1; i < side->offset_count; i++)
				walk(side, side->offset[i].from_at - 90000000);
		}
	}
	buf_free(&out);
	arena_free(&arena);
	return 0;
}
