/*
 * statements: what this agency publishes besides runs.
 *
 * Signs prekeys and receipts, publishes key statements, and keeps the rule
 * when a prekey is due.  Everything goes through the outbox, in the turn
 * that made it.  Agent core.  PROTOCOL.md sections 1, 3 and 7.
 */
#ifndef ENDPOINT_STATEMENTS_H
#define ENDPOINT_STATEMENTS_H

#include "base/err.h"
#include "endpoint/peering.h"

struct agent;

/* statements_publish_keys(agent, pair): all own key statements known. */
enum err
statements_publish_keys(struct agent *agent, const struct pair *pair);

/* statements_receipt(agent, pg, lane, stretch): sign and queue one. */
enum err
statements_receipt(struct agent *agent, const struct peering *pg,
    uint8_t lane, const struct stretch *stretch);

/*
 * statements_prekey(agent, pg, above):
 * Make, sign and queue a new prekey with an id above both `above` and every
 * one known.  The secret is durable in HOME/prekeys before this returns.
 */
enum err
statements_prekey(struct agent *agent, struct peering *pg, uint64_t above);

#endif
