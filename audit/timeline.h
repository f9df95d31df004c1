/*
 * timeline: between which moments a message was signed.
 *
 * Time is bounded, not claimed: after the cosignature whose hash the run
 * quotes, before the first cosigned checkpoint that contains its leaf.  Only
 * witnesses of the charter bound time; no clock of a party or relay does.
 * Holds the cosignatures of one bundle in memory.  Pure.  PROTOCOL.md
 * section 8.
 */
#ifndef AUDIT_TIMELINE_H
#define AUDIT_TIMELINE_H

#include <stdint.h>

#include "audit/verify.h"
#include "base/err.h"
#include "base/hash.h"

struct charter;
struct timeline;

/* UTC ms; 0: no witness bounds it on this side. */
struct timeline_bounds {
	uint64_t after_at;
	uint64_t before_at;
};

/* timeline_new(): NULL for want of memory. */
struct timeline *
timeline_new(void);
void
timeline_free(struct timeline *t);

/*
 * timeline_add(t, charter, cp, note):
 * Take the cosignatures of charter's witnesses on the verified checkpoint
 * cp, whose signed note this is.  ERR_SIGNATURE if a witness's line does not
 * verify (nothing of the note is taken), ERR_NOMEM.
 */
enum err
timeline_add(struct timeline *t, const struct charter *charter,
    const struct verify_checkpoint *cp, struct view note);

/* timeline_after(t, witness): time of the cosignature with that hash, or 0 */
uint64_t
timeline_after(const struct timeline *t, const struct hash *witness);

/*
 * timeline_before(t, log_id, index):
 * The earliest cosignature on a checkpoint of that log over size > index.
 */
uint64_t
timeline_before(const struct timeline *t, const struct hash *log_id,
    uint64_t index);

#endif
