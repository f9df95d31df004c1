/*
 * days: cases/calendar by pipe, for test_days.py.
 *
 * A line "<PROFILE body in hex> <side> <start ms> <seconds> <1: days>" gives
 * "<due> <day> <working days until due> <listed days>".
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/calendar.h"

#define LINE_MAX_BYTES (2 * BODY_MAX + 128)

static int
answer(const char *line)
{
	static char hex[2 * BODY_MAX + 1];
	static uint8_t body[BODY_MAX];
	struct arena arena = arena_init(ARENA_MAX);
	uint64_t start, seconds, due;
	unsigned side, days;
	struct profile p;
	struct view v;

	if (sscanf(line, "%120000s %u %" SCNu64 " %" SCNu64 " %u", hex, &side,
		&start, &seconds, &days) != 5 || side > 1)
		return 1;
	v = (struct view){body, strlen(hex) / 2};
	if (hex_decode(body, v.len, hex) != ERR_OK ||
	    profile_decode(&p, v, &arena) != ERR_OK)
		return 1;
	due = calendar_due(&p.side[side], start, seconds,
	    days ? CALENDAR_DAYS : CALENDAR_HOURS);
	printf("%" PRIu64 " %" PRId64 " %u %u\n", due,
	    calendar_day(&p.side[side], start),
	    calendar_working_days(&p.side[side], start, due),
	    calendar_listed_days(&p.side[side], start));
	arena_free(&arena);
	return 0;
}

int
main(void)
{
	static char line[LINE_MAX_BYTES];

	_Static_assert(BODY_MAX == 60000, "the width in answer()");
	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (answer(line) != 0) {
			fprintf(stderr, "days: cannot read %.80s...\n", line);
			return 1;
		}
	}
	return 0;
}
