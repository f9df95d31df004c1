/*
 * export_cosigned: what witnesses cosigned, into a bundle or a proof.
 *
 * The signed trees that bound the time of a pair's messages, with the lines
 * of that pair's witnesses and of no other's, and the consistency proofs that
 * join them (audit/EVIDENCE.md).  Reads only.  Runs in casewired's core.
 */
#ifndef ENDPOINT_EXPORT_COSIGNED_H
#define ENDPOINT_EXPORT_COSIGNED_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "proto/charter.h"
#include "proto/limits.h"

struct agent;
struct bundle;
struct evidence;
struct pair;

/* As many as a note has room for beside the log's own line. */
#define EXPORT_WITNESSES_MAX (NOTE_SIGS_MAX - 1)

/* The witnesses of all charters of a pair, the newest first. */
struct export_witnesses {
	struct charter_witness w[EXPORT_WITNESSES_MAX];
	unsigned n;
};
void
export_witnesses(struct export_witnesses *out, struct agent *agent,
    const struct pair *pair);

/* export_note(agent, ws, e, note): append the signed note that e's proof
 * leads to, with what those witnesses cosigned of it.  ERR_NOTFOUND. */
enum err
export_note(struct agent *agent, const struct export_witnesses *ws,
    const struct evidence *e, struct buf *note);

/* export_cosigned_add(agent, ws, log_id, bundle): all kept of that log. */
enum err
export_cosigned_add(struct agent *agent, const struct export_witnesses *ws,
    const struct hash *log_id, struct bundle *bundle);

#endif
