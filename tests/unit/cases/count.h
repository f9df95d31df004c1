/*
 * count: one tale added to a ledger, for the tests of ledger*.c.
 */
#ifndef UNIT_CASES_COUNT_H
#define UNIT_CASES_COUNT_H

#include "cases/ledger.h"
#include "tale.h"

#define NOW (WHEN + 200 * DAY)

struct count_rig {
	struct tale t;
	struct ladder ladder;
	struct ledger l;
	struct ledger_said said[TALE_MAX];	/* in the order told */
	struct ledger_said folded[TALE_MAX];
	uint8_t asker;
	bool priority;
};

/* count_begin(r): no message yet; count_end(r): frees. */
void
count_begin(struct count_rig *r);
void
count_end(struct count_rig *r);

/* count_add(r, at): the tale as of then into r->l, begun by the caller.
 * count_it(r, from, until, at): the whole of a ledger. */
void
count_add(struct count_rig *r, uint64_t at);
void
count_it(struct count_rig *r, uint64_t from, uint64_t until, uint64_t at);
#define COUNT_ALL(r) count_it(r, 0, NOW, NOW)

/* COUNT_IS(r, "b requests handed_over 1", ...): these counters, in the order
 * of the table, and no other. */
void
count_is(const struct count_rig *r, const char *const *want);
#define COUNT_IS(r, ...) count_is(r, (const char *const[]){__VA_ARGS__, NULL})

#endif
