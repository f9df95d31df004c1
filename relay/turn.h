/*
 * turn: gather, admit, commit once, sign once, answer.
 *
 * Owns the order inside one turn of the relay's loop (architecture: while
 * the disk works, ZeroMQ goes on receiving, so the next turn's batch is
 * whatever came meanwhile) and the answers to every request.  No promise
 * leaves before the commit it rests on.  Never opens a socket or a file.
 * Relay loop only.
 */
#ifndef RELAY_TURN_H
#define RELAY_TURN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/hash.h"

struct admit;
struct admitted;
struct cosign;
struct expire;
struct fetched;
struct front;
struct group;
struct heads;
struct keyring;
struct park;
struct passes;
struct quota;
struct signer;
struct store;
struct tlog;
struct turn;

/* All borrowed. */
struct turn_parts {
	struct clock clock;
	struct front *front;
	struct keyring *keyring;
	struct admitted *admitted;
	struct store *store;
	struct tlog *tree;
	struct signer *signer;
	struct group *group;
	struct heads *heads;
	struct quota *quota;
	struct admit *admit;
	struct cosign *cosign;
	struct park *park;
	struct fetched *fetched;
	struct expire *expire;
	struct passes *passes;
	struct id agency;	/* the relay's own */
	const char *home;	/* whose disk is watched */
	unsigned disk_floor;	/* percent that must stay free for runs */
	int64_t expire_ms;	/* how often keeping is looked at */
};

/* Since the start; what `status` shows. */
struct turn_counts {
	uint64_t turns;
	uint64_t commits;
	uint64_t frames;
	uint64_t runs;
	uint64_t envelopes;
	uint64_t statements;
	uint64_t duplicates;
	uint64_t refused;
	uint64_t dropped;	/* replies nobody could take */
};

enum err
turn_new(struct turn **out, const struct turn_parts *parts);
void
turn_free(struct turn **t);

/* turn_run(t): one turn.  Any error is fatal: stop answering and exit. */
enum err
turn_run(struct turn *t);
/* turn_due(t): ms until turn_run is due though no frame came. */
int64_t
turn_due(const struct turn *t);
/* turn_drain(t): from now on every request is ERR_DRAINING, waiting ones
 * too, and owed receipts go into the next turn. */
void
turn_drain(struct turn *t);
bool
turn_disk_low(const struct turn *t);
const struct turn_counts *
turn_counts(const struct turn *t);

#endif
