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

#include "base/err.h"
#include "endpoint/peering.h"
#include "proto/request.h"

struct agent;
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

/* agent_recover_adopt and agent_recover_statement of agent.h. */
enum err
recover_adopt(struct agent *agent);
enum err
recover_statement(struct agent *agent, struct view entry);

#endif
