/* answer_fetch: what came for you.  See turn_priv.h. */
#include "audit/keyring.h"
#include "proto/envelope.h"
#include "relay/admitted.h"
#include "relay/group.h"
#include "relay/heads.h"
#include "relay/store.h"
#include "relay/tlog.h"
#include "relay/turn_priv.h"

struct fetching {
	struct turn *t;
	struct head *head;	/* the channel's; NULL: its own sender asks */
	const struct id *channel;
	size_t count;
	size_t bytes;
	size_t budget;
	size_t item_bytes;
	bool more;
};

static enum err
fetch_item(void *ctx, const struct store_seen *seen)
{
	struct fetching *f = ctx;
	struct view bytes = seen->run != NULL ? seen->run->body : seen->entry;
	size_t cost = bytes.len + f->item_bytes;
	struct reply_item *item;

	if (f->count == TURN_ITEMS ||
	    (f->count > 0 && f->bytes + cost > f->budget)) {
		f->more = true;
		return ERR_BUSY;
	}
	item = &f->t->scratch.item[f->count];
	item->channel = *f->channel;
	item->index = seen->index;
	item->place = seen->place;
	item->kind = seen->run == NULL ? ITEM_STATEMENT :
	    seen->run->form == STORE_FULL ? ITEM_RUN : ITEM_BARE;
	f->t->sent[f->count].head = NULL;
	if (seen->run != NULL)
		f->t->sent[f->count] = (struct fetched_run){ f->head,
			seen->index, seen->place, seen->run->first_seq,
			seen->run->last_seq, seen->run->last_env };
	f->count++;
	f->bytes += cost;
	return answer_keep(f->t, bytes, &item->bytes);
}

/* One cursor's channel, if agency is a party of it; others see nothing. */
static enum err
fetch_channel(struct fetching *f, const struct request_cursor *cursor,
    const struct id *agency)
{
	struct turn *t = f->t;
	const struct keyring_channel *ch;
	struct id notices, pair;
	bool sender;
	enum err err;

	ch = keyring_channel(t->p.keyring, &cursor->channel);
	if (ch == NULL)
		return ERR_OK;
	pair = hash_id(&ch->pair_id);
	sender = admitted_party(t->p.admitted, &ch->pair_id, ch->direction,
	    agency);
	if (admitted_blocked(t->p.admitted, &pair) || (!sender &&
	    !admitted_party(t->p.admitted, &ch->pair_id, !ch->direction,
	    agency)))
		return ERR_OK;
	notices = envelope_channel(&ch->pair_id, ch->direction, LANE_NOTICE);
	err = heads_find(t->p.heads, &ch->id, &notices, ch->lane, &f->head);
	if (err != ERR_OK)
		return err;
	f->channel = &cursor->channel;
	err = store_feed(t->p.store, &cursor->channel, cursor->from_start,
	    cursor->after, !sender, fetch_item, f);
	return err == ERR_BUSY ? ERR_OK : err;
}

/* The proofs come after the walks: they read the store too. */
static enum err
fetch_prove(struct fetching *f)
{
	enum err err = ERR_OK;
	size_t i;

	for (i = 0; i < f->count && err == ERR_OK; i++)
		err = tlog_prove(f->t->p.tree, &f->t->scratch.item[i].path,
		    f->t->scratch.item[i].index, group_size(f->t->p.group));
	return err;
}

static void
fetch_note(struct fetching *f)
{
	int64_t now = clock_mono(&f->t->p.clock);
	size_t i;

	for (i = 0; i < f->count; i++)
		if (f->t->sent[i].head != NULL)
			fetched_note(f->t->p.fetched, &f->t->sent[i], now);
}

enum err
answer_fetch(struct turn *t, const struct fetch *fetch)
{
	struct reply reply = { .ticket = fetch->number, .detail = "",
		.kind = REQUEST_FETCH };
	struct fetching f = { .t = t, .item_bytes = answer_item_bytes(t),
		.budget = FETCH_BYTES_MAX };
	size_t i;
	enum err err = ERR_OK;

	if (fetch->max_bytes < f.budget)
		f.budget = fetch->max_bytes;
	for (i = 0; i < fetch->cursor_count && err == ERR_OK && !f.more; i++)
		err = fetch_channel(&f, &fetch->cursor[i], &fetch->agency);
	if (err == ERR_OK)
		err = fetch_prove(&f);
	if (err == ERR_OK && f.count == 0 && !fetch->even_empty)
		err = ERR_NOTFOUND;
	if (err == ERR_OK) {
		reply.fetch.item = t->scratch.item;
		reply.fetch.item_count = f.count;
		reply.fetch.more = f.more;
		reply.fetch.checkpoint = group_note(t->p.group);
		if (answer_send(t, fetch->peer, &reply) == ERR_OK)
			fetch_note(&f);
	}
	arena_free(&t->arena);
	if (err != ERR_NOMEM)
		return err;
	answer_status(t, fetch->peer, fetch->number, ERR_BUSY);
	return ERR_OK;
}
