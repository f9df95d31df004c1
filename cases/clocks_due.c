/* When a clock is due: its start, moved by pauses and extended by DELAYs. */
#include "cases/clocks_priv.h"

static uint64_t
least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t
most(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* NEVER stays NEVER. */
static uint64_t
later(uint64_t at, uint64_t ms)
{
	return at > CALENDAR_NEVER - ms ? CALENDAR_NEVER : at + ms;
}

/* From b to a; NEVER without end. */
static uint64_t
between(uint64_t a, uint64_t b)
{
	return a == CALENDAR_NEVER ? CALENDAR_NEVER : a > b ? a - b : 0;
}

struct span
clocks_span(const struct clocks_bounds *b)
{
	struct span s = {b->after_at,
	    b->before_at != 0 ? b->before_at : CALENDAR_NEVER};

	return s;
}

struct clocks_bounds
clocks_bounds_of(struct span s)
{
	struct clocks_bounds b = {s.lo == CALENDAR_NEVER ? 0 : s.lo,
	    s.hi == CALENDAR_NEVER ? 0 : s.hi};

	return b;
}

/* A pause moves the start by its length. */
static struct span
base_due(const struct clocks_run *run, struct span paused)
{
	struct span due;

	if (run->hidden)
		return (struct span){run->at.lo, CALENDAR_NEVER};
	if (run->date_at != 0)
		return (struct span){later(run->date_at, paused.lo),
		    later(run->date_at, paused.hi)};
	due.lo = calendar_due(run->calendar, later(run->at.lo, paused.lo),
	    run->c.seconds, run->c.unit);
	due.hi = calendar_due(run->calendar, later(run->at.hi, paused.hi),
	    run->c.seconds, run->c.unit);
	return due;
}

/* The farthest that the charter lets a DELAY move a due time. */
static uint64_t
delay_limit(const struct clocks_run *run, uint64_t due)
{
	if (due == CALENDAR_NEVER || due == 0)
		return due;
	/* A day's 24:00 belongs to that day. */
	return calendar_due(run->calendar,
	    run->delay.unit == CALENDAR_DAYS ? due - 1 : due,
	    run->delay.seconds, run->delay.unit);
}

static struct span
due_with(const struct clocks_run *run, struct span paused)
{
	struct span due = base_due(run, paused);

	if (run->delay.may) {
		due.lo = most(due.lo,
		    least(run->delay.sure_at, delay_limit(run, due.lo)));
		due.hi = most(due.hi,
		    least(run->delay.maybe_at, delay_limit(run, due.hi)));
	}
	return due;
}

/* What the open pause comes to if it ends then: nothing if it began when the
 * clock had run out, and perhaps nothing if that is not known. */
static struct span
open_pause(const struct clocks_run *run, struct span ends)
{
	struct span due, sum = {0, 0};

	if (!run->pause.open || !run->pause.delivered)
		return sum;
	due = due_with(run, run->paused);
	if (run->pause.at.lo > due.hi)
		return sum;
	ends.lo = least(ends.lo, run->pause.limit.lo);
	ends.hi = least(ends.hi, run->pause.limit.hi);
	sum.hi = between(ends.hi, run->pause.at.lo);
	if (run->pause.at.hi <= due.lo)
		sum.lo = between(ends.lo, run->pause.at.hi);
	return sum;
}

static struct span
sum_of(struct span a, struct span b)
{
	return (struct span){later(a.lo, b.lo), later(a.hi, b.hi)};
}

struct span
clocks_due(const struct clocks_run *run, struct span ends)
{
	return due_with(run, sum_of(run->paused, open_pause(run, ends)));
}

void
clocks_resume(struct clocks_run *run, struct span ends)
{
	run->paused = sum_of(run->paused, open_pause(run, ends));
	run->pause.open = false;
}

void
clocks_delay(struct clocks_run *run, struct span sent, uint64_t date_at,
    bool hidden)
{
	struct span due = clocks_due(run,
	    (struct span){sent.lo, CALENDAR_NEVER});
	bool sure = sent.hi <= due.lo;

	if (sent.lo > due.hi) {
		run->c.explained = true;
		return;
	}
	if (!run->delay.may)
		return;
	run->delay.maybe_at = most(run->delay.maybe_at,
	    hidden ? CALENDAR_NEVER : date_at);
	if (sure && !hidden)
		run->delay.sure_at = most(run->delay.sure_at, date_at);
	if (sure || run->c.extended == CLOCKS_NOT_EXTENDED)
		run->c.extended = sure ? CLOCKS_EXTENDED
				       : CLOCKS_MAYBE_EXTENDED;
}
