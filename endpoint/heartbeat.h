/*
 * heartbeat: the agent's own message, and what is due by time alone.
 *
 * Says at least once an hour, and whenever lane 0 was quiet for the
 * charter's interval, what this side knows of both sides' heads, keys and
 * open cases, and below which prekey and courier day nothing will come any
 * more; erases our receiving secrets by the peer's.  Publishes prekeys
 * hourly.  Sends rows further when a relay or an ack_seq stands still.
 * Agent core.  PROTOCOL.md sections 2 (PSK), 3 and 6.
 */
#ifndef ENDPOINT_HEARTBEAT_H
#define ENDPOINT_HEARTBEAT_H

#include <stdint.h>

#include "base/err.h"
#include "endpoint/peering.h"
#include "proto/fields.h"

struct agent;

/* heartbeat_tick(agent): do what is due; puts the wall time of the next into
 * agent->beat_due.  Fatal errors only. */
enum err
heartbeat_tick(struct agent *agent);

/* heartbeat_erase(agent): after the commit: the receiving secrets that the
 * turn's heartbeats, or time, made useless. */
enum err
heartbeat_erase(struct agent *agent);

/* heartbeat_received(agent, pg, lane, fields): the peer's, just opened. */
enum err
heartbeat_received(struct agent *agent, struct peering *pg, uint8_t lane,
    const struct fields *fields);

#endif
