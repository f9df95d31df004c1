/*
 * inbox_items: the core's side of inbox: log items in, receipts out.
 *
 * Tables aside (verified items that wait for a key or a recovery statement)
 * and recovery (branches a root named).  Agent core, inside a turn.
 */
#ifndef ENDPOINT_INBOX_ITEMS_H
#define ENDPOINT_INBOX_ITEMS_H

#include "audit/verify.h"
#include "base/bytes.h"
#include "base/err.h"
#include "endpoint/inbox.h"
#include "endpoint/peering.h"
#include "proto/notice.h"
#include "proto/request.h"
#include "proto/run.h"

struct agent;
struct relay;

const char *
inbox_schema(void);
const char *
inbox_aside_schema(void);

/* A log item whose inclusion was proved. */
struct inbox_item {
	const struct pair *pair;
	bool own;			/* fed on a channel of ours */
	uint8_t lane;
	struct id channel;
	enum reply_item_kind kind;
	struct view bytes;
	struct keyring_place place;
	struct merkle_path path;
	uint64_t size;			/* of the proof's tree */
};

/*
 * inbox_fetched(agent, relay, item, cp):
 * One item of a FETCH reply.  A relay's or peer's mistake is an alarm and
 * ERR_OK; only what must stop the agent is returned.
 */
enum err
inbox_fetched(struct agent *agent, const struct relay *relay,
    const struct reply_item *item, const struct verify_checkpoint *cp);

/*
 * inbox_accept(agent, item, again):
 * Judge an item whose inclusion is proved; keep it aside if it must wait,
 * or, again, say ERR_BUSY.  Otherwise fatal errors only.
 */
enum err
inbox_accept(struct agent *agent, const struct inbox_item *item, bool again);

/* inbox_aside_put(agent, item, why): keep it until inbox_retry. */
enum err
inbox_aside_put(struct agent *agent, const struct inbox_item *item,
    enum err why);

/* inbox_retry(agent): items set aside, after keys or a recovery came. */
enum err
inbox_retry(struct agent *agent);

/* inbox_flush(agent): sign the turn's receipts, write the channels down. */
enum err
inbox_flush(struct agent *agent);

/* inbox_tick(agent): ask for gaps again, alarm what waits too long. */
enum err
inbox_tick(struct agent *agent);

/* inbox_recovery(agent, item): the peer's root named branches. */
enum err
inbox_recovery(struct agent *agent, const struct inbox_item *item);

/* For inbox_order.c: how one verified envelope stands in its channel. */
enum inbox_order {
	INBOX_NEW,
	INBOX_SEEN,		/* had it */
	INBOX_FORKED,		/* equivocation */
	INBOX_BROKEN,		/* epoch rule broken: not opened */
};
enum inbox_order
inbox_order(struct agent *agent, struct peering *pg, uint8_t lane,
    const struct envelope *env, enum keyring_standing standing, bool *gap);
/* inbox_advance(agent, pg, lane): move `settled` over what is there. */
enum err
inbox_advance(struct agent *agent, struct peering *pg, uint8_t lane);
/* inbox_told(agent, pg, lane, seq): the peer signed that it had sent this
 * far: what is not here is a gap, as if something later had come. */
enum err
inbox_told(struct agent *agent, struct peering *pg, uint8_t lane,
    uint64_t seq);
/* inbox_recovered(agent, pair, lane, next_seq, old): is next_seq the first
 * of a branch a root named? */
bool
inbox_recovered(struct agent *agent, int64_t pair, uint8_t lane,
    uint64_t next_seq, struct notice_head *old);

#endif
