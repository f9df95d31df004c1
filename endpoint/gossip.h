/*
 * gossip: the peer's view of a log, held against our own.
 *
 * Each run of the peer quotes the checkpoint it saw (`seen`).  Owns the table
 * gossip: per relay and pair the newest of them that is not joined to our own
 * view yet, and whether the two were found apart.  One that is at or below
 * our view is asked to be joined; that a relay cannot do so for two parties
 * whom it shows two logs.  A quote is the peer's word, not the relay's: found
 * apart, nothing more of that pair is sent there, while other pairs go on
 * (PROTOCOL.md section 8).  Agent core, inside a turn.
 */
#ifndef ENDPOINT_GOSSIP_H
#define ENDPOINT_GOSSIP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/merkle.h"
#include "endpoint/logs.h"
#include "proto/request.h"
#include "proto/run.h"

struct agent;
struct keyring_place;
struct pair;
struct relay;

/* gossip_schema_2(): the SQL of the table; format 2 of the book. */
const char *
gossip_schema_2(void);

/* What is asked of one relay, inside struct relay. */
struct gossiping {
	bool look;		/* something may be to ask */
	int64_t again_at;	/* a question is open: not another before */
	int64_t asked_at;	/* the last one; one a pair in a pace */
	int64_t after;		/* pairs up to it had their turn */
	int64_t pair;		/* of the question: whose peer said */
	uint64_t size;		/* that it saw this */
	struct hash root;
	uint64_t second_size;	/* our view */
	struct hash second_root;
	struct logs_try owed;
};

/* gossip_start(agent): after a start all that were apart are asked about
 * again. */
enum err
gossip_start(struct agent *agent);

/* gossip_seen(agent, pair, seen, place): a verified run of the pair's peer,
 * proved to stand at place, quotes this. */
void
gossip_seen(struct agent *agent, const struct pair *pair,
    const struct run_seen *seen, const struct keyring_place *place);

/* gossip_wants(agent, relay): a LOG is due for it; raises the alarm when the
 * proof is overdue.  gossip_due: monotonic ms when that may turn. */
bool
gossip_wants(struct agent *agent, struct relay *relay);
int64_t
gossip_due(const struct relay *relay);
/* gossip_ask(agent, relay, request): fill in what gossip_wants found. */
void
gossip_ask(const struct agent *agent, struct relay *relay,
    struct request_log *request);
/* gossip_answered(agent, relay, path): fatal errors only. */
enum err
gossip_answered(struct agent *agent, struct relay *relay,
    const struct merkle_path *path);

#endif
