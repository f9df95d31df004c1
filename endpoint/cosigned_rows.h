/*
 * cosigned_rows: what witnesses cosigned, as rows in and structs out.
 *
 * Owns the tables cosigned (one line of one witness), cosigned_tree (the tree
 * under it, with the log's own line) and cosigned_join (consistency proofs
 * between two such trees).  What stands here was verified by its writer,
 * endpoint/cosigned.c; anybody in the agent's core reads.  Nothing is ever
 * deleted: a line bounds what its tree holds, and bundles show it.
 */
#ifndef ENDPOINT_COSIGNED_ROWS_H
#define ENDPOINT_COSIGNED_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/merkle.h"
#include "proto/note.h"
#include "proto/run.h"

struct book;
struct charter_witness;

/* cosigned_rows_schema_2(): the SQL of the tables; format 2 of the book. */
const char *
cosigned_rows_schema_2(void);

/* How far a tree is known to be of the log that this endpoint saw grow. */
enum cosigned_state {
	COSIGNED_CLAIMED = 0,	/* its log signed it, no more */
	COSIGNED_JOINED = 1,	/* the tree joined here grew from it */
	COSIGNED_CHAINED = 2,	/* and joined to the chained ones next to it:
				   an auditor finds them all one log */
};

struct cosigned_tree {
	struct hash log_id;
	uint64_t size;
	struct hash root;
};

/* cosigned_rows_has(book, tree): is it here?  ERR_NOTFOUND; ERR_LOG_SPLIT:
 * another root stands at that size. */
enum err
cosigned_rows_has(struct book *book, const struct cosigned_tree *tree);
/* cosigned_rows_tree_put(book, tree, note): note with the log's line alone,
 * COSIGNED_CLAIMED.  Fine if it is there; else errors as above. */
enum err
cosigned_rows_tree_put(struct book *book, const struct cosigned_tree *tree,
    struct view note);
/* cosigned_rows_bare(book, tree, note): append that note, however far it got;
 * ERR_NOTFOUND. */
enum err
cosigned_rows_bare(struct book *book, const struct cosigned_tree *tree,
    struct buf *note);
/* cosigned_rows_state(book, tree, state): it has got that far. */
enum err
cosigned_rows_state(struct book *book, const struct cosigned_tree *tree,
    enum cosigned_state state);
/* cosigned_rows_in(book, log_id, state, most, out): the smallest tree in that
 * very state, of no more than most leaves; ERR_NOTFOUND. */
enum err
cosigned_rows_in(struct book *book, const struct hash *log_id,
    enum cosigned_state state, uint64_t most, struct cosigned_tree *out);
/* cosigned_rows_near(book, tree, out): the chained tree next below it, else
 * next above, that it is not joined to; ERR_NOTFOUND: it is, to both. */
enum err
cosigned_rows_near(struct book *book, const struct cosigned_tree *tree,
    struct cosigned_tree *out);
/* cosigned_rows_over(book, log_id, index, out): the smallest tree, joined at
 * least, with that entry in it; ERR_NOTFOUND. */
enum err
cosigned_rows_over(struct book *book, const struct hash *log_id,
    uint64_t index, struct cosigned_tree *out);

/* cosigned_rows_line_put(book, tree, w, sig): w's line on that tree; fine if
 * it is there. */
enum err
cosigned_rows_line_put(struct book *book, const struct cosigned_tree *tree,
    const struct charter_witness *w, const struct note_sig *sig);
/* cosigned_rows_newest(book, log_id, w, state, at): the largest size w
 * cosigned of trees that far; 0: none.  *at (may be NULL): when, UTC ms. */
uint64_t
cosigned_rows_newest(struct book *book, const struct hash *log_id,
    const struct charter_witness *w, enum cosigned_state state,
    int64_t *at);
/* cosigned_rows_first(book, log_id, w, index): UTC ms of w's line on the
 * smallest joined tree with that entry in it; 0: none. */
int64_t
cosigned_rows_first(struct book *book, const struct hash *log_id,
    const struct charter_witness *w, uint64_t index);
/* cosigned_rows_quote(book, log_id, w, seen): what a run quotes of w's newest
 * line on a joined tree; ERR_NOTFOUND. */
enum err
cosigned_rows_quote(struct book *book, const struct hash *log_id,
    const struct charter_witness *w, struct run_seen *seen);
/* cosigned_rows_quoted(book, seen, w, at): when w made the line that seen
 * quotes; ERR_NOTFOUND if it is not here on just that tree. */
enum err
cosigned_rows_quoted(struct book *book, const struct run_seen *seen,
    const struct charter_witness *w, int64_t *at);

/* cosigned_rows_have(book, quoted): is the line that runs quote so here? */
bool
cosigned_rows_have(struct book *book, const struct hash *quoted);

/* cosigned_rows_join_put(book, log_id, first, second, path). */
enum err
cosigned_rows_join_put(struct book *book, const struct hash *log_id,
    uint64_t first, uint64_t second, const struct merkle_path *path);

/* cosigned_rows_note(book, log_id, size, w, n, note): append the note of a
 * tree that is joined at least, with the log's line and those of the n
 * witnesses w; ERR_NOTFOUND. */
enum err
cosigned_rows_note(struct book *book, const struct hash *log_id,
    uint64_t size, const struct charter_witness *w, unsigned n,
    struct buf *note);
/* cosigned_rows_trees, cosigned_rows_joins(book, log_id, visit, ctx): of
 * trees joined at least, by size; visit's error stops. */
typedef enum err cosigned_visit_tree(void *ctx,
    const struct cosigned_tree *tree);
enum err
cosigned_rows_trees(struct book *book, const struct hash *log_id,
    cosigned_visit_tree *visit, void *ctx);
typedef enum err cosigned_visit_join(void *ctx, uint64_t first,
    uint64_t second, const struct merkle_path *path);
enum err
cosigned_rows_joins(struct book *book, const struct hash *log_id,
    cosigned_visit_join *visit, void *ctx);

#endif
