/*
 * clocks_priv: one running clock, and when it is due; for clocks*.c alone.
 *
 * Times are spans: the event was not before lo and not after hi, 0 and
 * CALENDAR_NEVER where evidence does not bound it.  Pure.
 */
#ifndef CASES_CLOCKS_PRIV_H
#define CASES_CLOCKS_PRIV_H

#include "cases/clocks.h"

struct span {
	uint64_t lo, hi;
};

struct clocks_run {
	struct clocks_clock c;		/* what is shown, filled at the end */
	const struct clocks_row *row;
	const struct profile_side *calendar;
	bool open;
	bool started;			/* handed over, as far as is known */
	struct span at;			/* its start */
	struct span paused;		/* sum of the pauses that are over */
	uint64_t date_at;		/* rules in place of seconds; 0: none */
	bool hidden;			/* a date that we were not shown rules */

	struct {
		bool open;
		bool delivered;		/* the CLARIFY was handed over */
		struct span at;		/* its begin */
		struct span limit;	/* it ends then, answered or not */
	} pause;

	struct {
		bool may;		/* the charter grants some */
		uint64_t seconds;
		enum calendar_unit unit;
		uint64_t sure_at;	/* newest date of a DELAY in time; 0 */
		uint64_t maybe_at;	/* ... also of one perhaps in time */
	} delay;
};

struct span
clocks_span(const struct clocks_bounds *b);
struct clocks_bounds
clocks_bounds_of(struct span s);

/*
 * clocks_due(run, ends):
 * When it is due; a pause still open is taken to end within `ends` or at its
 * limit, whichever is first.
 */
struct span
clocks_due(const struct clocks_run *run, struct span ends);

/* clocks_resume(run, ends): the open pause is over. */
void
clocks_resume(struct clocks_run *run, struct span ends);

/* clocks_delay(run, sent, date_at, hidden): a DELAY of this clock. */
void
clocks_delay(struct clocks_run *run, struct span sent, uint64_t date_at,
    bool hidden);

#endif
