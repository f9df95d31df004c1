/*
 * splits: what proves to others that a relay showed two logs.
 *
 * Owns the table log_note, the signed notes of the checkpoints that a log is
 * still held against, and the folders HOME/proofs/split-*: the two notes of a
 * contradiction, and where the relay's own path leads from another tree than
 * it signed, that path as text, as casewire-audit follow keeps them
 * (PROTOCOL.md section 13.9).  Agent core.
 */
#ifndef ENDPOINT_SPLITS_H
#define ENDPOINT_SPLITS_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/merkle.h"

struct agent;
struct relay;

/* splits_schema_2(): the SQL of the table; format 2 of the book. */
const char *
splits_schema_2(void);

/* One signed tree of a log. */
struct splits_tree {
	uint64_t size;
	struct hash root;
};

/* splits_note(agent, log_id, tree, note): keep the note that signs it. */
enum err
splits_note(struct agent *agent, const struct hash *log_id,
    const struct splits_tree *tree, struct view note);
/* splits_joined(agent, log_id, size): what lies below is joined: forget it. */
enum err
splits_joined(struct agent *agent, const struct hash *log_id, uint64_t size);

/*
 * splits_keep(agent, relay, a, b, path, where):
 * Write what is here of the contradiction between two trees of the relay's
 * log; path is its answer that should have joined them, or NULL.  where: the
 * folder's name for people, "" if there is no note of either, or the disk
 * would not take it (said in the diag): an alarm does not wait for that.
 */
#define SPLITS_WHERE_BYTES 64
void
splits_keep(struct agent *agent, const struct relay *relay,
    const struct splits_tree *a, const struct splits_tree *b,
    const struct merkle_path *path, char where[SPLITS_WHERE_BYTES]);

#endif
