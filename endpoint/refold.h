/*
 * refold: one case folded anew from its rows, and what follows from it.
 *
 * Puts what casefile_fold finds back into the rows, and answers each message
 * of the peer that the dialogue forbids with one REJECT.  A message that
 * names another not known here may still turn out lawful and is not answered
 * for a day.  Only the casebook calls it, inside a turn.
 */
#ifndef ENDPOINT_REFOLD_H
#define ENDPOINT_REFOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "endpoint/caserows.h"
#include "proto/notice.h"

/* How long a message that names one not known here may wait for it before it
 * is answered; mail is sealed again within hours of a peer's return. */
#define REFOLD_WAIT_MS 86400000

struct agent;
struct pair;

/* refold_fatal(err): the turn must stop; anything else is about what
 * somebody wrote. */
bool
refold_fatal(enum err err);

/* refold_tell(agent, message, what, why): a row of news, now. */
enum err
refold_tell(struct agent *agent, int64_t message, int what, enum err why);

/*
 * refold_own(agent, row, c, outline, lane):
 * Start the row of a message of our own: id, side, what it names as seen.
 */
void
refold_own(struct agent *agent, struct caserows_msg *row,
    const struct caserows_case *c, const struct notice_outline *o,
    uint8_t lane);

/*
 * refold_send(agent, pair, row, outline, body):
 * Encode and put into the outbox; row->lane and row->id are used, row->mail
 * is set.  The outbox's errors.
 */
enum err
refold_send(struct agent *agent, const struct pair *pair,
    struct caserows_msg *row, const struct notice_outline *o,
    const struct notice_body *body);

/* refold_note(agent, c, row): add a message to its case, which is written
 * too; the fold is the caller's next step. */
enum err
refold_note(struct agent *agent, struct caserows_case *c,
    struct caserows_msg *row);

/* refold_move(move, o, body): what a complete message says that the table
 * needs to know. */
void
refold_move(struct case_move *move, const struct notice_outline *o,
    const struct notice_body *body);

/*
 * What one side had said, and had of the other, when it signed a heartbeat:
 * the heads in its link field.
 */
struct refold_heads {
	bool ours;			/* we signed it */
	const struct notice_head *own;	/* LANE_COUNT each: the signer's, */
	const struct notice_head *peer;	/* the other side's */
};

/*
 * refold_at(agent, case_id, heads, file):
 * Fold the case as the signer of a heartbeat folds it for that: over the
 * messages that the heads cover, without evidence of any receipt (PROTOCOL.md
 * section 6, "Open cases").  Writes nothing.
 */
enum err
refold_at(struct agent *agent, const struct id *case_id,
    const struct refold_heads *heads, struct casefile *file);

/* refold_now(agent, case_id, file): the case as it is, with its items, which
 * the book does not keep.  Writes nothing. */
enum err
refold_now(struct agent *agent, const struct id *case_id,
    struct casefile *file);

/* A case's rows, and what casefile_fold made of them, in the order in which
 * they stand: m[i].id is the place of its row. */
struct refold {
	struct caserows_msg *row;
	struct case_msg *m;
	size_t n;
	size_t rows;		/* of them from n on: left out, not covered */
	struct hash *was;	/* of all rows; m[].was points into it */
	struct hash *known;	/* newest env_ids, sorted */
};

/* refold_open(agent, case_id, r, file): the case as it is, message by
 * message.  Writes nothing; the caller frees with refold_free, on an error
 * too. */
enum err
refold_open(struct agent *agent, const struct id *case_id, struct refold *r,
    struct casefile *file);
void
refold_free(struct refold *r);

/* refold_case(agent, c): fold, answer, write the case; its clocks are looked
 * at before the turn ends. */
enum err
refold_case(struct agent *agent, struct caserows_case *c);

#endif
