/* expire: see expire.h. */
#include "relay/expire.h"

#include <stdlib.h>

#include "audit/keyring.h"
#include "base/bytes.h"
#include "proto/arena.h"
#include "proto/receipt.h"
#include "proto/run.h"
#include "relay/group.h"
#include "relay/heads.h"
#include "relay/signer.h"
#include "relay/store.h"

/* A run that is due; its bare form lies in bares from start on. */
struct due {
	struct id channel;
	uint64_t index;
	uint64_t first_seq;
	uint64_t last_seq;
	struct hash last_env;
	size_t start;
	size_t len;
};

struct expire {
	struct expire_parts p;
	struct due due[EXPIRE_RUNS];
	size_t count;
	struct buf bares;
	struct arena arena;
	struct due lapsed;	/* stretch not told yet; len 0: none */
};

enum err
expire_new(struct expire **out, const struct expire_parts *parts)
{
	struct expire *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return ERR_NOMEM;
	e->p = *parts;
	e->bares = buf_init(EXPIRE_BYTES + RUN_CONTAINER_MAX);
	e->arena = arena_init(ARENA_MAX);
	*out = e;
	return ERR_OK;
}

void
expire_free(struct expire **e)
{
	if (*e == NULL)
		return;
	buf_free(&(*e)->bares);
	arena_free(&(*e)->arena);
	free(*e);
	*e = NULL;
}

static enum err
collect(void *ctx, const struct store_seen *seen)
{
	struct expire *e = ctx;
	struct due *due = &e->due[e->count];
	struct run run;
	enum err err;

	if (e->bares.len > EXPIRE_BYTES)
		return ERR_BUSY;
	due->channel = seen->run->channel;
	due->index = seen->index;
	due->first_seq = seen->run->first_seq;
	due->last_seq = seen->run->last_seq;
	due->last_env = seen->run->last_env;
	due->start = e->bares.len;
	err = run_decode(&run, RUN_FULL, seen->run->body, &e->arena);
	if (err == ERR_OK)
		err = run_encode_bare(&e->bares, &run);
	arena_free(&e->arena);
	due->len = e->bares.len - due->start;
	e->count++;
	return err == ERR_OK || err == ERR_NOMEM ? err : ERR_STORAGE;
}

/* Does the peer's newest envelope on the lane say that it settled it? */
static enum err
acked(struct expire *e, const struct due *due, bool *yes)
{
	const struct keyring_channel *ch = keyring_channel(e->p.keyring,
	    &due->channel);
	struct id back, notices;
	struct head *head;
	enum err err;

	*yes = false;
	if (ch == NULL)
		return ERR_OK;
	back = envelope_channel(&ch->pair_id, !ch->direction, ch->lane);
	notices = envelope_channel(&ch->pair_id, !ch->direction,
	    LANE_NOTICE);
	err = heads_find(e->p.heads, &back, &notices, ch->lane, &head);
	if (err == ERR_OK)
		*yes = head->has_last && head->last.ack_seq >= due->last_seq;
	return err;
}

static enum err
arrived(struct expire *e, const struct due *due, bool *yes)
{
	enum err err = store_covered(e->p.store, &due->channel,
	    due->first_seq, due->last_seq);

	*yes = err == ERR_OK;
	return err == ERR_NOTFOUND ? acked(e, due, yes) : err;
}

/* Append the receipt of the stretch that lapsed, if there is one. */
static enum err
tell(struct expire *e, int64_t wall)
{
	const struct due *due = &e->lapsed;
	uint8_t entry[SIGNER_RECEIPT_BYTES];
	struct receipt r = {
		.event = RECEIPT_EXPIRED,
		.reason = ERR_EXPIRED,
		.channel = due->channel,
		.first_seq = due->first_seq,
		.last_seq = due->last_seq,
		.env_id = due->last_env,
		.index = due->index,
		.time_at = (uint64_t)wall,
	};
	struct store_item item = {
		.entry = { entry, sizeof(entry) },
		.feeds = &due->channel,
		.feed_count = 1,
	};
	enum err err;

	if (due->len == 0)
		return ERR_OK;
	err = signer_receipt(e->p.signer, &r, entry);
	if (err == ERR_OK)
		err = group_append(e->p.group, &item);
	e->lapsed.len = 0;
	return err;
}

/* Runs that lapse one after the other share a receipt. */
static enum err
lapse(struct expire *e, const struct due *due, int64_t wall)
{
	struct due *open = &e->lapsed;
	enum err err;

	if (open->len > 0 && id_eq(&open->channel, &due->channel) &&
	    due->first_seq == open->last_seq + 1) {
		open->last_seq = due->last_seq;
		open->last_env = due->last_env;
		open->index = due->index;
		return ERR_OK;
	}
	err = tell(e, wall);
	*open = *due;
	return err;
}

static enum err
end_one(struct expire *e, const struct due *due, int64_t wall)
{
	bool yes;
	enum err err;

	err = arrived(e, due, &yes);
	if (err == ERR_OK && !yes)
		err = lapse(e, due, wall);
	if (err == ERR_OK)
		err = group_begin(e->p.group);
	if (err == ERR_OK)
		err = store_prune(e->p.store, due->index,
		    (struct view){ e->bares.p + due->start, due->len });
	return err;
}

enum err
expire_run(struct expire *e, int64_t wall, bool *more)
{
	enum err err;
	size_t i;

	e->count = 0;
	buf_reset(&e->bares);
	err = store_due(e->p.store, wall, EXPIRE_RUNS, collect, e);
	*more = err == ERR_BUSY || e->count == EXPIRE_RUNS;
	if (err == ERR_BUSY)
		err = ERR_OK;
	for (i = 0; i < e->count && err == ERR_OK; i++)
		err = end_one(e, &e->due[i], wall);
	return err != ERR_OK ? err : tell(e, wall);
}
