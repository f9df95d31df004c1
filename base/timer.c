#include "base/timer.h"

#include <stdlib.h>

struct timers {
	struct timer **heap;
	size_t len;
	size_t size;
	uint64_t order;		/* grows with each arming */
};

struct timers *
timer_heap_new(void)
{
	return calloc(1, sizeof(struct timers));
}

void
timer_heap_free(struct timers *ts)
{
	size_t i;

	if (ts == NULL)
		return;
	for (i = 0; i < ts->len; i++)
		ts->heap[i]->slot = 0;
	free(ts->heap);
	free(ts);
}

void
timer_init(struct timer *t, void (*fn)(void *ctx), void *ctx)
{
	*t = (struct timer){ .fn = fn, .ctx = ctx };
}

static bool
before(const struct timer *a, const struct timer *b)
{
	return a->at < b->at || (a->at == b->at && a->order < b->order);
}

static void
put(struct timers *ts, size_t i, struct timer *t)
{
	ts->heap[i] = t;
	t->slot = i + 1;
}

/* Let t, whose place i is free, rise or sink to where it belongs. */
static void
settle(struct timers *ts, size_t i, struct timer *t)
{
	size_t child;

	while (i > 0 && before(t, ts->heap[(i - 1) / 2])) {
		put(ts, i, ts->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	for (;;) {
		child = 2 * i + 1;
		if (child + 1 < ts->len &&
		    before(ts->heap[child + 1], ts->heap[child]))
			child++;
		if (child >= ts->len || !before(ts->heap[child], t))
			break;
		put(ts, i, ts->heap[child]);
		i = child;
	}
	put(ts, i, t);
}

enum err
timer_arm(struct timers *ts, struct timer *t, int64_t at)
{
	struct timer **heap;
	size_t size;

	if (t->slot == 0 && ts->len == ts->size) {
		size = ts->size == 0 ? 16 : 2 * ts->size;
		heap = realloc(ts->heap, size * sizeof(struct timer *));
		if (heap == NULL)
			return ERR_NOMEM;
		ts->heap = heap;
		ts->size = size;
	}
	t->at = at;
	t->order = ts->order++;
	if (t->slot == 0) {
		ts->len++;
		settle(ts, ts->len - 1, t);
	} else {
		settle(ts, t->slot - 1, t);
	}
	return ERR_OK;
}

void
timer_disarm(struct timers *ts, struct timer *t)
{
	struct timer *last;
	size_t i;

	if (t->slot == 0)
		return;
	i = t->slot - 1;
	t->slot = 0;
	last = ts->heap[--ts->len];
	if (last != t)
		settle(ts, i, last);
}

bool
timer_armed(const struct timer *t)
{
	return t->slot != 0;
}

int64_t
timer_next(const struct timers *ts)
{
	return ts->len == 0 ? TIMER_NEVER : ts->heap[0]->at;
}

size_t
timer_run(struct timers *ts, int64_t now)
{
	/* Armed from now on means order >= limit.  Such a timer may hide an
	 * older one below it in the heap until the next call: harmless, for
	 * timer_next then says that it is due. */
	uint64_t limit = ts->order;
	struct timer *t;
	size_t fired = 0;

	while (ts->len > 0) {
		t = ts->heap[0];
		if (t->at > now || t->order >= limit)
			break;
		timer_disarm(ts, t);
		fired++;
		t->fn(t->ctx);
	}
	return fired;
}
