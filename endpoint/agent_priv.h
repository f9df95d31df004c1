/*
 * agent_priv: struct agent as the modules of the agent core see it.
 *
 * Not for the desk's side (endpoint/agent.h is).  agent.c owns every member;
 * a module changes only what its own header says it does.
 */
#ifndef ENDPOINT_AGENT_PRIV_H
#define ENDPOINT_AGENT_PRIV_H

#include "audit/keyring.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "endpoint/agent.h"
#include "endpoint/book.h"
#include "endpoint/cosigned.h"
#include "endpoint/gossip.h"
#include "endpoint/logs.h"
#include "endpoint/pairs.h"
#include "endpoint/pass_ask.h"
#include "endpoint/peering.h"
#include "endpoint/uplink.h"
#include "keys/keyfile.h"
#include "keys/prekeys.h"
#include "keys/sign.h"
#include "proto/limits.h"
#include "proto/run.h"

#define AGENT_RELAYS_MAX 32
#define AGENT_IN_MAX 64		/* frames waiting for a turn */

/* One thing under way in a SUBMIT, in the order it was put there. */
struct relay_sent {
	uint8_t kind;		/* enum outbox_kind */
	int64_t id;
};

/* A KEYS request somebody wants answered by every relay. */
struct key_wish {
	struct id agency;
	struct hash pair_id;
	bool has_pair;
	uint32_t asked;			/* bit a relay slot */
};
/* A relay of one or more charters. */
struct relay {
	int64_t number;			/* row of the book; > 0 */
	uint8_t slot;			/* place in agent->relay, for the link */
	struct id agency;		/* of its root */
	uint8_t root[KEY_BYTES];
	char name[NAME_MAX_BYTES + 1];
	char endpoint[CHARTER_ENDPOINT_MAX + 1];
	uint8_t server[KEY_BYTES];	/* its transport key in use */
	bool told;			/* the link knows of it */
	struct uplink up;
	struct log_view log;
	struct cosigning cosigning;
	struct gossiping gossip;
	int64_t server_time_at;		/* last HELLO or PONG */
	int64_t rtt_ms;			/* last PING; -1: none */
	int64_t silent_at;		/* wall ms nothing was heard since */
	int64_t bumped_at;		/* wall ms its rows went further */
	bool greeted;			/* HELLO answered since the start */
	bool greet_again;		/* once its new log key is known */
	bool split;			/* showed two logs: nothing goes there */
	bool refetch;
	size_t sent_count;
	struct relay_sent *sent;	/* of the SUBMIT under way */
	struct key_wish asking;		/* of the KEYS under way */
	struct buf prior;		/* entry 1 of its log, to be proved */
	size_t fetch_from;		/* pair the next FETCH starts at */
	struct pass_ask pass;
};

#define AGENT_WISHES_MAX 64

/* Frames in order: u32 length in front of each. */
struct frame_queue {
	struct buf buf;
	size_t at;
	size_t count;
};

struct agent {
	const char *home;
	int lock;
	struct clock clock;
	const struct agent_hooks *hooks;
	struct keyfile *keys;
	struct id agency;
	struct prekeys *prekeys;
	struct book *book;
	struct pairs *pairs;
	struct box *box;
	struct incarnation incarnation;

	int64_t now;			/* wall ms of this turn */
	int64_t mono;
	bool turn_open;
	bool draining;
	bool retry;		/* items set aside may be judged now */
	enum err failed;		/* storage error met inside a turn */

	size_t relay_count;
	struct relay relay[AGENT_RELAYS_MAX];
	struct key_wish wish[AGENT_WISHES_MAX];
	size_t wish_count;
	uint64_t cosigned_stamp; /* rises with what a run may quote */

	struct frame_queue in;		/* from the link */
	struct frame_queue staged;	/* of this turn, not committed yet */
	struct frame_queue out;		/* to the link */
	int64_t due;			/* monotonic ms */
	int64_t keys_at;		/* monotonic ms of inbox_tick */
	int64_t hook_due;		/* wall ms the desk wants a tick */
	int64_t beat_due;		/* wall ms */
	int64_t retain_days;		/* 0: bodies are kept for ever */
	int64_t shred_due;		/* wall ms of shred_tick */
};

/* agent_fail(agent, err): note a storage error; agent_turn tells it. */
enum err
agent_fail(struct agent *agent, enum err err);

/* agent_learn_own_keys(agent): key statements laid beside our keys since
 * the last start; published to every pair. */
enum err
agent_learn_own_keys(struct agent *agent);

/* agent_stage(agent, frame): to the link, after the commit. */
enum err
agent_stage(struct agent *agent, struct view head, struct view body);

#endif
