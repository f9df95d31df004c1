/*
 * timeline: between which moments a message was signed.
 *
 * Time is bounded, not claimed: after the cosignature whose hash the run
 * quotes, before the moment by which a quorum of witnesses had cosigned
 * trees that contain its leaf.  Only witnesses of the charter bound time; no
 * clock of a party or relay does.  A cosigned tree counts for a leaf only if
 * it is known to be of one growing log with the tree in which the leaf is
 * proven: both have the same group.  Holds the cosignatures of one bundle, or
 * of one endpoint, in memory.  Pure.  PROTOCOL.md section 8.
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
struct note;
struct timeline;

/* UTC ms; 0: no witness bounds it on this side. */
struct timeline_bounds {
	uint64_t after_at;
	uint64_t before_at;
};

/* What was cosigned: a tree whose checkpoint the log signed.  group: the same
 * number for trees that are joined by consistency proofs. */
struct timeline_tree {
	struct hash log_id;
	uint64_t size;
	struct hash root;
	size_t group;
};

/* timeline_new(): NULL for want of memory. */
struct timeline *
timeline_new(void);
void
timeline_free(struct timeline *t);

/*
 * timeline_add(t, charter, tree, note, wrong):
 * Take the cosignatures of charter's witnesses on tree, whose signed note
 * this is; one that is here already counts once.  *wrong: how many lines bear
 * a witness's name and key id and do not verify: they are left out.
 * ERR_NOMEM.
 */
enum err
timeline_add(struct timeline *t, const struct charter *charter,
    const struct timeline_tree *tree, const struct note *note,
    unsigned *wrong);

/* timeline_knows(charter, note, i): is line i of the note by the name and key
 * of one of charter's witnesses? */
bool
timeline_knows(const struct charter *charter, const struct note *note,
    unsigned i);

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
 * timeline_before(t, charter, log_id, group, index):
 * The moment by which max(1, quorum) witnesses of charter had cosigned trees
 * of that group over a size above index; 0: not yet.
 */
uint64_t
timeline_before(const struct timeline *t, const struct charter *charter,
    const struct hash *log_id, size_t group, uint64_t index);

#endif
