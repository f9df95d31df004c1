/*
 * relays: every relay of every charter, and the talk with each.
 *
 * Keeps agent->relay[] in step with the charters, feeds each one's uplink
 * with what the link child tells, turns its acts into frames and its
 * answers into work for recover, outbox, inbox and pairs.  One session a
 * relay, whatever the number of pairs it serves.  Agent core.
 */
#ifndef ENDPOINT_RELAYS_H
#define ENDPOINT_RELAYS_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "proto/request.h"

struct agent;
struct pair;
struct relay;

const char *
relays_schema(void);

/* relays_refresh(agent): after charters or relay keys changed. */
enum err
relays_refresh(struct agent *agent);

/* relays_refresh_keys(agent): transport keys may have changed; sessions
 * that go on are left alone. */
enum err
relays_refresh_keys(struct agent *agent);

/* relays_at(agent, pair, position): of the charter's list, or NULL. */
struct relay *
relays_at(struct agent *agent, const struct pair *pair, unsigned position);
/* relays_of_log(agent, log_id): NULL if no relay shows that log. */
struct relay *
relays_of_log(struct agent *agent, const struct hash *log_id);
/* relays_serves(agent, relay, pair): the pair's charter names it. */
bool
relays_serves(const struct relay *relay, const struct pair *pair);

/* relays_seen_at(agent): the newest time a relay told since the start, wall
 * ms; 0: none yet. */
int64_t
relays_seen_at(const struct agent *agent);

/* relays_wish(agent, agency, pair_id): ask every relay's KEYS for the
 * agency's news, and the pair's prekey unless pair_id is NULL. */
void
relays_wish(struct agent *agent, const struct id *agency,
    const struct hash *pair_id);

/* relays_refetch(agent): the cursors changed. */
void
relays_refetch(struct agent *agent);

/* relays_in(agent, frame): one frame of the link child (endpoint/link.h).
 * Errors are fatal ones only; what a relay says wrongly is an alarm. */
enum err
relays_in(struct agent *agent, struct view frame);

/* relays_next(agent): stage all frames that can go now. */
enum err
relays_next(struct agent *agent);

/* relays_due(agent): monotonic ms of the next deadline. */
int64_t
relays_due(const struct agent *agent);

/* relays_reset(agent): the link child was started anew. */
void
relays_reset(struct agent *agent);

/* Cursors: the last index had of a channel in a log. */
enum err
relays_cursor_set(struct agent *agent, const struct hash *log_id,
    const struct id *channel, uint64_t index);
/* relays_cursor_back(agent, channel, seq): fetch again, in every log, from
 * behind the run that holds seq, or from the start (gaps). */
enum err
relays_cursor_back(struct agent *agent, const struct id *channel,
    uint64_t seq);

#endif
