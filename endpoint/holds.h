/*
 * holds: cases whose bodies nothing may shred, and who said so when.
 *
 * Owns the book's table hold, which is only ever added to: a row when a case
 * is put on hold and a row when that ends, each with its reason (sealed), the
 * API client's user and the case's heads at that moment.  Decides nothing of
 * the dialogue: a hold is this agency's own business and is not sent.
 * Agent core.
 */
#ifndef ENDPOINT_HOLDS_H
#define ENDPOINT_HOLDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "cases/casefile.h"
#include "proto/limits.h"

struct agent;
struct book;

#define HOLDS_WHO_MAX 64

/* What format 2 of the book added, a string literal. */
#define HOLDS_SCHEMA_2 \
	"CREATE TABLE hold (" \
	" id INTEGER PRIMARY KEY, case_id BLOB NOT NULL," \
	" at INTEGER NOT NULL, held INTEGER NOT NULL," \
	" reason BLOB NOT NULL, who TEXT NOT NULL," \
	" head_asker BLOB NOT NULL, head_asked BLOB NOT NULL" \
	") STRICT;" \
	"CREATE INDEX hold_case ON hold (case_id, id);"

/* From a row that begins one to the row that ends it. */
struct holds_one {
	struct id case_id;
	int64_t from_at;
	int64_t until_at;		/* 0: still on hold */
	struct hash head[2];		/* by case_side, when it began */
	char reason[HOLD_REASON_MAX + 1];
	char who[HOLDS_WHO_MAX + 1];
	char end_reason[HOLD_REASON_MAX + 1];
	char end_who[HOLDS_WHO_MAX + 1];
};

/*
 * holds_set(agent, case_id, held, reason, who):
 * Inside a turn.  ERR_MISSING_CASE; ERR_STATE: it is on hold already, or is
 * not; ERR_REQUIRED without a reason; ERR_TOO_BIG over HOLD_REASON_MAX.
 */
enum err
holds_set(struct agent *agent, const struct id *case_id, bool held,
    const char *reason, const char *who);

/* holds_on(book, case_id, on): is it on hold now? */
enum err
holds_on(struct book *book, const struct id *case_id, bool *on);
/* holds_count(book): cases on hold now. */
int64_t
holds_count(struct book *book);

/* holds_each(book, case_id, visit, ctx): every hold there ever was of a case,
 * or of all (NULL), by case, then in the order they began. */
typedef enum err holds_visit(void *ctx, const struct holds_one *hold);
enum err
holds_each(struct book *book, const struct id *case_id, holds_visit *visit,
    void *ctx);

#endif
