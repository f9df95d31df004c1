/*
 * progress: how much is done, how fast, how long yet; one line on a terminal.
 *
 * For whatever may take over a second.  Silent for the first second, and
 * always where nobody watches: the line goes to a terminal or nowhere.  It
 * is written over itself and gone at the end, so that what is printed after
 * it stands alone.  Owns no memory.  One thread.
 */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/clock.h"

struct progress {
	const char *doing;
	struct clock clock;
	FILE *to;		/* NULL: nobody watches */
	int64_t began;		/* monotonic ms */
	int64_t said;		/* when the line was written last */
	size_t width;		/* of that line; 0: none stands */
};

/* progress_begin(p, doing, clock, to): doing is a translated word or two and
 * outlives p; to is stderr. */
void
progress_begin(struct progress *p, const char *doing, struct clock clock,
    FILE *to);
/* progress_at(p, done, all): done of all (0: nobody knows); cheap, so say it
 * often. */
void
progress_at(struct progress *p, uint64_t done, uint64_t all);
/* progress_end(p): take the line away; harmless twice. */
void
progress_end(struct progress *p);

#endif
