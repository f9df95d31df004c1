/*
 * peering: one pair's moving parts in memory.
 *
 * What struct pair does not show: the heads of our channels with their
 * sending epochs, how far the peer's channels are settled with their newest
 * epochs, the peer's prekey, and why nothing may be sent.  Everything but
 * the chains lies in the book too (tables channel and pair) and is written
 * in the turn that changed it.  Shared by the modules of the agent core;
 * pairs owns the objects.
 */
#ifndef ENDPOINT_PEERING_H
#define ENDPOINT_PEERING_H

#include "endpoint/pairs.h"
#include "keys/epoch.h"
#include "proto/charter.h"
#include "proto/envelope.h"
#include "proto/run.h"
#include "proto/statement.h"

/* A channel of ours. */
struct own_lane {
	uint64_t seq;			/* head; 0: nothing sent */
	struct hash env;
	uint64_t acked;			/* the peer's ack_seq */
	int64_t acked_at;		/* when it last moved */
	int64_t out_at;			/* wall ms of the last envelope */
	struct epoch *epoch;		/* NULL: open one first */
	struct epoch_public pub;
	uint16_t charter;		/* number the epoch belongs to */
	int64_t opened_at;		/* monotonic ms */
};

/* What is constant within one epoch of the peer, at the newest seq. */
struct peer_epoch {
	uint8_t e[KEY_BYTES];
	uint64_t prekey_id;
	uint32_t psk_day;
	uint32_t n;
	uint16_t charter;
	struct id kid;
	struct incarnation incarnation;
};

/* A run of envelopes of one outcome in this turn: one receipt. */
struct stretch {
	uint8_t event;			/* 0: none */
	uint16_t reason;
	uint64_t first_seq;
	uint64_t last_seq;
	struct hash env_id;
	struct hash log_id;
	uint64_t index;
};

/* A channel of the peer. */
struct peer_lane {
	uint64_t settled;		/* our ack_seq */
	struct hash settled_env;
	uint64_t top;			/* highest seq known */
	struct hash top_env;
	uint64_t told;			/* highest seq its heartbeats signed
					 * since our start; not in the book */
	struct peer_epoch top_epoch;
	bool stopped;			/* equivocation, until a recovery */
	int64_t gap_at;			/* wall ms the gap was seen; 0: none */
	int64_t asked_at;		/* wall ms it was asked for again */
	struct epoch *epoch;		/* receiving chain, or NULL */
	uint8_t epoch_e[KEY_BYTES];
	struct stretch stretch;
	bool dirty;			/* to be written at the turn's end */
};

/* What this process did last about an alarm that comes and goes. */
enum peering_alarm {
	PEERING_ALARM_UNKNOWN,		/* it may stand from before */
	PEERING_ALARM_CLEARED,
	PEERING_ALARM_RAISED,
};

struct peering {
	struct pair p;			/* first: const struct pair * is it */
	struct charter *charter;	/* in force, as p.charter */
	int64_t next_from_at;		/* wall ms its renewal begins; 0 */
	struct own_lane own[LANE_COUNT];
	struct peer_lane peer[LANE_COUNT];
	bool waits;			/* rows may wait to be sealed */
	bool compared;			/* with HELLOs since the start */
	int64_t shown_at;		/* monotonic ms of the first; 0: none */
	enum err refused;		/* ERR_ROLLBACK, ERR_CLONE, else OK */
	bool has_prekey;		/* the peer's newest */
	struct statement_prekey prekey;
	bool prekey_known;		/* a relay told our newest id */
	bool erase;			/* after this turn's commit: */
	uint64_t erase_prekey;		/* ours below this */
	uint32_t erase_psk_day;		/* and courier days below this */
	uint16_t erase_charter;		/* and courier secrets of charters
					 * below this */
	uint64_t own_prekey;		/* highest id of ours known */
	int64_t prekey_made_at;		/* wall ms: own, newest published */
	unsigned wanted;		/* relays that get our runs; 0: the
					 * charter's copies */
	int64_t further_at;		/* wall ms `wanted` last grew */
	int64_t beat_at;		/* wall ms of our last heartbeat */
	int64_t heard_at;		/* wall ms of the peer's last run */
	enum peering_alarm silent;	/* nothing came for two intervals */
	enum peering_alarm stuck;	/* nothing arrived for as long */
	struct run_seen newest;		/* checkpoint of our last proof */
	struct run_seen quote;		/* newest cosigned one; else zeros */
	uint64_t quote_stamp;		/* agent->cosigned_stamp it is of */
	uint16_t quote_charter;
};

/* peering_of(pair): pair as pairs owns it. */
static inline struct peering *
peering_of(const struct pair *pair)
{
	return (struct peering *)(uintptr_t)pair;
}

/* peering_keep_ms(pg, keep_ms): how long a relay keeps the ciphertext of an
 * envelope whose header says so (0: as the charter does). */
static inline uint64_t
peering_keep_ms(const struct peering *pg, uint64_t keep_ms)
{
	uint64_t most = (uint64_t)pg->charter->keep_days * 86400000;

	return keep_ms == 0 || keep_ms > most ? most : keep_ms;
}

#endif
