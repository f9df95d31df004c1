/*
 * timeline: between which moments a message was signed.
 *
 * Time is bounded, not claimed: after the cosignature whose hash the run
 * quotes, before the moment by which a quorum of witnesses had cosigned
 * trees that contain its leaf.  Only witnesses of the charter bound time; no
 * clock of a party or relay does.  A cosigned tree counts for a leaf only if
 * a chain of consistency proofs leads from it to the tree in which the leaf
 * is proven, and no tree on the way is too small to hold the leaf: two trees
 * that grew from a smaller one may be two logs from there on.  Holds the
 * trees and cosignatures of one bundle in memory.  Pure.  PROTOCOL.md
 * section 8.
 */
#ifndef AUDIT_TIMELINE_H
#define AUDIT_TIMELINE_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "proto/run.h"

struct charter;
struct charter_witness;
struct note;
struct timeline;

/* UTC ms; 0: no witness bounds it on this side. */
struct timeline_bounds {
	uint64_t after_at;
	uint64_t before_at;
};

/* What was cosigned: a tree whose checkpoint the log signed. */
struct timeline_tree {
	struct hash log_id;
	uint64_t size;
	struct hash root;
};

/* By when had a quorum of charter's witnesses cosigned that leaf? */
struct timeline_ask {
	const struct charter *charter;
	size_t tree;		/* its number: the leaf is proven in it */
	uint64_t index;		/* of the leaf */
	size_t what;		/* the asker's own */
	uint64_t before_at;	/* the answer; 0: not yet */
};

/* timeline_new(trees): for trees numbered below that; NULL for want of
 * memory. */
struct timeline *
timeline_new(size_t trees);
void
timeline_free(struct timeline *t);

/*
 * timeline_add(t, number, tree, w, note):
 * Take the cosignature of witness w on tree, whose signed note this is; equal
 * trees have one number.  w stays the caller's and stays where it is.
 * ERR_NOTFOUND: it has none there; ERR_NOMEM; else its line does not verify
 * and is left out.
 */
enum err
timeline_add(struct timeline *t, size_t number,
    const struct timeline_tree *tree, const struct charter_witness *w,
    const struct note *note);
/* timeline_join(t, a, b, first): a proof holds that of trees a and b the one
 * of size first grew into the other.  ERR_NOMEM. */
enum err
timeline_join(struct timeline *t, size_t a, size_t b, uint64_t first);
/* timeline_ready(t): after the last of these, before the first question.
 * ERR_NOMEM. */
enum err
timeline_ready(struct timeline *t);

/*
 * timeline_after(t, charter, seen, at):
 * The time of the cosignature that a run quotes, by a witness of charter; 0
 * if there is none here.  ERR_LOG_SPLIT if it stands on another tree than
 * seen says.
 */
enum err
timeline_after(const struct timeline *t, const struct charter *charter,
    const struct run_seen *seen, uint64_t *at);

/*
 * timeline_before(t, ask, n):
 * Answer them all at once, in n log n; they are sorted anew on the way.
 */
void
timeline_before(struct timeline *t, struct timeline_ask *ask, size_t n);

#endif
