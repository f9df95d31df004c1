/*
 * evidence: every log item that concerns us, with what proves it.
 *
 * Owns the tables of items (log, index, entry or bare run, inclusion proof),
 * of the checkpoints the proofs lead to, and of negative receipts outside
 * the log.  Rows are written only after their proof was checked; a proof gives
 * way to one towards a tree that witnesses cosigned (endpoint/cosigned.h).
 * Nothing is ever deleted.  Agent core; export reads it.
 */
#ifndef ENDPOINT_EVIDENCE_H
#define ENDPOINT_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/merkle.h"

struct book;
struct run;

struct evidence {
	struct hash log_id;
	uint64_t index;
	uint8_t kind;		/* enum statement_kind */
	int64_t pair;		/* pair.number; 0: not of one pair (keys) */
	struct id channel;	/* runs and receipts; else zeros */
	uint64_t first_seq;	/* runs and receipts; else 0 */
	uint64_t last_seq;
	struct view entry;	/* STATEMENT_RUN: the bare container; else
				 * statement || sig */
	uint64_t size;		/* tree size of the proof's checkpoint */
	struct merkle_path path;
};

/* evidence_schema(): the SQL of this module's tables. */
const char *
evidence_schema(void);
/* evidence_schema_2(): what format 2 of the book added. */
const char *
evidence_schema_2(void);

/* evidence_put(book, e): fine if (log, index) is there already. */
enum err
evidence_put(struct book *book, const struct evidence *e);
/* evidence_put_run(book, e, run): e says where it stands (log, index, pair,
 * proof), run the rest; kept bare.  Also run_encode_bare's errors. */
enum err
evidence_put_run(struct book *book, const struct evidence *e,
    const struct run *run);
/* evidence_put_checkpoint(book, log_id, size, note): as above. */
enum err
evidence_put_checkpoint(struct book *book, const struct hash *log_id,
    uint64_t size, struct view note);
/* evidence_has(book, log_id, index): is that item here? */
bool
evidence_has(struct book *book, const struct hash *log_id, uint64_t index);

/* evidence_between(book, log_id, pair, from, to): is anything held there, from
 * <= index < to, of the pair or of none (EVIDENCE_ANY: of whichever)? */
#define EVIDENCE_ANY (-1)
bool
evidence_between(struct book *book, const struct hash *log_id, int64_t pair,
    uint64_t from, uint64_t to);

/*
 * evidence_lacking(book, log_id, from, below, index, max, n):
 * The first up to max entries of that log, from <= index < below, whose proof
 * does not lead to a cosigned tree yet, rising; fewer when they are large.
 */
enum err
evidence_lacking(struct book *book, const struct hash *log_id, uint64_t from,
    uint64_t below, uint64_t *index, size_t max, size_t *n);
/* evidence_leaf(book, log_id, index, leaf): of the entry held there;
 * ERR_NOTFOUND, run_decode's errors. */
enum err
evidence_leaf(struct book *book, const struct hash *log_id, uint64_t index,
    struct hash *leaf);
/* evidence_reprove(book, log_id, index, size, path): path was checked towards
 * the cosigned tree of that size, which stands in cosigned_tree. */
enum err
evidence_reprove(struct book *book, const struct hash *log_id,
    uint64_t index, uint64_t size, const struct merkle_path *path);

/* evidence_each(book, pair, visit, ctx): all of a pair and all of kind keys,
 * by log, then index; views end with the call. */
typedef enum err evidence_visit(void *ctx, const struct evidence *e);
enum err
evidence_each(struct book *book, int64_t pair, evidence_visit *visit,
    void *ctx);
/* evidence_checkpoint(book, log_id, size, note): append the signed note. */
enum err
evidence_checkpoint(struct book *book, const struct hash *log_id,
    uint64_t size, struct buf *note);
/* evidence_newest(book, log_id, note): append the note of the largest size
 * kept; ERR_NOTFOUND: none is. */
enum err
evidence_newest(struct book *book, const struct hash *log_id,
    struct buf *note);
/* evidence_checkpoints(book, visit, ctx): all that proofs lead to, plus the
 * newest of each log. */
typedef enum err evidence_visit_note(void *ctx, const struct hash *log_id,
    uint64_t size, struct view note);
enum err
evidence_checkpoints(struct book *book, evidence_visit_note *visit,
    void *ctx);
/* evidence_of(book, pair, channel, seq, visit, ctx): the run and the
 * receipts that concern one envelope, in every log. */
enum err
evidence_of(struct book *book, int64_t pair, const struct id *channel,
    uint64_t seq, evidence_visit *visit, void *ctx);

#endif
