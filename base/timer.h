/*
 * timer: deadlines in a binary heap; now is passed in.
 *
 * Owns only the heap; a struct timer lies inside its owner, who disarms it
 * before it goes away.  No clock of its own: monotonic ms come as arguments.
 */
#ifndef BASE_TIMER_H
#define BASE_TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* What timer_next says when nothing is armed. */
#define TIMER_NEVER INT64_MAX

struct timer {
	void (*fn)(void *ctx);
	void *ctx;
	int64_t at;		/* monotonic ms */
	size_t slot;		/* timer.c: place in the heap + 1; 0 = idle */
	uint64_t order;		/* timer.c: equal deadlines fire in turn */
};

struct timers;

/* timer_heap_new(): NULL when out of memory. */
struct timers *
timer_heap_new(void);
/* timer_heap_free(ts): leaves every timer in it idle. */
void
timer_heap_free(struct timers *ts);

/* timer_init(t, fn, ctx): idle; fn(ctx) will run at the deadline. */
void
timer_init(struct timer *t, void (*fn)(void *ctx), void *ctx);
/* timer_arm(ts, t, at): set or move the deadline.  ERR_NOMEM. */
enum err
timer_arm(struct timers *ts, struct timer *t, int64_t at);
/* timer_disarm(ts, t): fine when idle. */
void
timer_disarm(struct timers *ts, struct timer *t);
bool
timer_armed(const struct timer *t);
/* timer_next(ts): the earliest deadline, or TIMER_NEVER. */
int64_t
timer_next(const struct timers *ts);
/*
 * timer_run(ts, now):
 * Fire what is due at now, earliest first, each idle before its fn runs; fn
 * may arm and disarm anything.  A timer armed meanwhile waits for the next
 * call, so this always ends.  Returns how many fired.
 */
size_t
timer_run(struct timers *ts, int64_t now);

#endif
