/*
 * seal: from waiting fields to signed runs.
 *
 * Owns the sending epochs: a new one at every start of the process, every
 * hour, every EPOCH_MAX envelopes, on a new prekey, charter or PSK day,
 * never going back.  Chains live in memory only.  At the end of a turn all
 * that waits on a channel becomes runs, each signed once and handed to
 * outbox before anything leaves.  Agent core.  PROTOCOL.md sections 3 to 5.
 */
#ifndef ENDPOINT_SEAL_H
#define ENDPOINT_SEAL_H

#include <stdbool.h>

#include "base/err.h"

struct agent;
struct pair;

/*
 * seal_ready(agent, pair):
 * May something be sealed now?  ERR_ROLLBACK, ERR_CLONE (refused),
 * ERR_UNREACHABLE (no relay compared since the start), ERR_NOTFOUND (no
 * prekey of the peer), ERR_CHARTER_ENDED (also: not begun).
 */
enum err
seal_ready(struct agent *agent, const struct pair *pair);

/* seal_flush(agent): seal, sign and hand over all that can go out; at most
 * SEAL_TURN_MAX envelopes a turn.  ERR_STORAGE, ERR_NOMEM: fatal. */
#define SEAL_TURN_MAX 4096
#define SEAL_TURN_FILE_BYTES ((size_t)4 << 20) /* of lane 2 in one turn */
enum err
seal_flush(struct agent *agent);

/* seal_waits(agent): seal_flush left something that could go out. */
bool
seal_waits(struct agent *agent);

#endif
