/*
 * watch: what becomes due by time alone, told once.
 *
 * Owns the table clock_due of the book: for each case the next instant at
 * which one of its clocks may change, and the earliest due time that somebody
 * still has to speak about.  A case that moved is looked at a second later,
 * once however often it moved; the tick looks at whatever is due, a slice at a time, by an index
 * on the instant, so the number of open cases costs a turn nothing.  What it
 * finds it writes as movements (case_news) in the same transaction: after a
 * crash nothing is told twice and nothing is forgotten.  Agent core.
 */
#ifndef ENDPOINT_WATCH_H
#define ENDPOINT_WATCH_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

struct agent;
struct book;

/* What format 2 of the book added.  Cases of a book of format 1 are all
 * looked at once. */
#define WATCH_SCHEMA_2 \
	"CREATE TABLE clock_due (" \
	" case_id BLOB NOT NULL PRIMARY KEY, at INTEGER NOT NULL," \
	" due_at INTEGER NOT NULL" \
	") STRICT;" \
	"CREATE INDEX clock_due_at ON clock_due (at);" \
	"CREATE INDEX clock_due_due ON clock_due (due_at);" \
	"INSERT INTO clock_due SELECT case_id, 0, 9223372036854775807" \
	" FROM casefile;"

/* Cases looked at in one turn: each folds and opens its messages. */
#define WATCH_SLICE 16

/* From a movement to the look: a case of many messages that moves many times
 * a second is folded once, not once a message. */
#define WATCH_SETTLE_MS 1000

/* watch_renew(agent, case_id): the case moved; inside a turn.  Fatal errors
 * only. */
enum err
watch_renew(struct agent *agent, const struct id *case_id);

/*
 * watch_tick(agent, due):
 * Look at a slice of the cases that are due.  A reminder is told when three
 * quarters of a clock of ours are over, overdue when a clock of either side
 * is surely past its due time without an answer; each once a clock.  *due:
 * wall time of the next look, later than now; INT64_MAX: none.  Fatal errors
 * only.
 */
enum err
watch_tick(struct agent *agent, int64_t *due);

/* watch_due_by(book, until_at, out, max, n): cases with a due time by then
 * that somebody still has to speak about, earliest first. */
enum err
watch_due_by(struct book *book, int64_t until_at, struct id *out, size_t max,
    size_t *n);

#endif
