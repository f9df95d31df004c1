/*
 * recover: is this book the newest copy, and the way back if it is not.
 *
 * Compares what relays and peers can prove of our own channels with the
 * book before anything is submitted; a book restored from an older copy, or
 * running twice, refuses to send until an operator adopts the proven heads
 * or installs a statement signed by the root.  Owns the table shown.  Agent
 * core.  PROTOCOL.md section 6, "Restore or clone".
 */
#ifndef ENDPOINT_RECOVER_H
#define ENDPOINT_RECOVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "endpoint/peering.h"
#include "proto/request.h"

struct agent;
struct json;
struct relay;

const char *
recover_schema(void);

/*
 * recover_compare(agent, relay, hello):
 * Hold every head of a channel of ours against the book.  Pairs that agree
 * are compared; rows the relay lacks are queued for it again; pairs that do
 * not agree are refused.  Fatal errors only.
 */
enum err
recover_compare(struct agent *agent, struct relay *relay,
    const struct reply_hello *hello);

/* recover_suspect(agent, pg, why, text): refuse to send, durably, alarm. */
enum err
recover_suspect(struct agent *agent, struct peering *pg, enum err why,
    const char *text);

/* recover_passed(agent, pg, lane, seq): a statement of our root began a new
 * branch of our channel above seq: another env_id there is no news. */
bool
recover_passed(struct agent *agent, const struct peering *pg, uint8_t lane,
    uint64_t seq);

/* recover_show(agent, pg, obj): for a pair that refuses to send, what is
 * proven of our heads ("heads") and the statement that would let it go on
 * ("recover": as `casewire-keys recover channel` takes it). */
void
recover_show(struct agent *agent, const struct peering *pg,
    struct json *obj);

/* agent_recover_adopt and agent_recover_statement of agent.h. */
enum err
recover_adopt(struct agent *agent);
enum err
recover_statement(struct agent *agent, struct view entry);

/*
 * recover_patience(agent, pg):
 * Before anything is sealed every relay of the charter is to show its heads,
 * but none holds the others up for longer than RECOVER_PATIENCE_MS after the
 * first.  The wall ms at which to ask again; 0: nothing to wait for.
 */
#define RECOVER_PATIENCE_MS 5000
int64_t
recover_patience(struct agent *agent, struct peering *pg);

#endif
