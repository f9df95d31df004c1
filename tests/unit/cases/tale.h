/*
 * tale: a case told message by message, for the tests of clocks and ladder.
 *
 * Makes folded messages with times around them, under a charter that is the
 * default profile, so that a test writes down only what it is about; and
 * reads DIALOGUE.md's tables.
 */
#ifndef UNIT_CASES_TALE_H
#define UNIT_CASES_TALE_H

#include "cases/clocks.h"
#include "proto/notice.h"

#define TALE_MAX 48
#define ASKER CASE_REQUESTING
#define ASKED CASE_REQUESTED

#define SECOND UINT64_C(1000)
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)
#define WHEN UINT64_C(1783346400000)	/* Monday 2026-07-06T14:00:00Z */

struct tale {
	struct charter charter;		/* the default profile's */
	struct clocks_terms terms;
	struct clocks_now now;
	size_t n;
	struct case_msg told[TALE_MAX];	/* in the order told */
	struct clocks_msg of[TALE_MAX];	/* the same */
	struct case_msg m[TALE_MAX];	/* folded */
	struct clocks_msg msgs[TALE_MAX];
	struct casefile file;
	struct clocks clocks;
};

/* tale_begin(t, a, b): calendars of asker and asked. */
void
tale_begin(struct tale *t, const struct profile_side *asker,
    const struct profile_side *asked);
/* tale_end(t): frees. */
void
tale_end(struct tale *t);

/*
 * tale_tell(t, side, type, outcome, at):
 * A message that has seen all before it, signed at exactly `at` and handed
 * over a second later; change what it returns for anything else.
 */
struct clocks_msg *
tale_tell(struct tale *t, enum case_side side, enum notice_type type,
    enum notice_outcome outcome, uint64_t at);
/* tale_request(t, urgency): the REQUEST, handed over at WHEN. */
struct clocks_msg *
tale_request(struct tale *t, unsigned urgency);
/* tale_whole(t, urgency): REQUEST, which names data at hand and preservation;
 * DECISION accepted after an hour, STATUS_QUERY ten minutes later, RESULT
 * final after two hours. */
void
tale_whole(struct tale *t, unsigned urgency);
/* tale_name(msg): its env_id. */
const struct hash *
tale_name(const struct clocks_msg *msg);

/* tale_eval(t, at): fold, then clocks_eval at that time. */
void
tale_eval(struct tale *t, uint64_t at);
/* tale_clock(t, kind): the newest clock of that kind; fails if none.
 * tale_none(t, kind): there is none. */
const struct clocks_clock *
tale_clock(const struct tale *t, enum clocks_kind kind);
bool
tale_none(const struct tale *t, enum clocks_kind kind);

/* tale_is(t, kind, want): the verdict of tale_clock(); tale_is_at(at, want):
 * the time as RFC 3339 writes it.  Both fail the test otherwise. */
void
tale_is(const struct tale *t, enum clocks_kind kind,
    enum clocks_verdict want);
void
tale_is_at(uint64_t at, const char *want);

/* tale_table(heading, columns, row, ctx): row(ctx, cells) for each line of
 * the first table below "## heading" in DIALOGUE.md; returns their number. */
typedef void tale_row_fn(void *ctx, char *cell[]);
size_t
tale_table(const char *heading, unsigned columns, tale_row_fn *row,
    void *ctx);
/* tale_cell(cell, text): "7 d", "15 min", "date 30 d", "-". */
void
tale_cell(struct clocks_cell *cell, const char *text);
/* tale_type(word): the message type so named, or fails. */
uint16_t
tale_type(const char *word);

#endif
