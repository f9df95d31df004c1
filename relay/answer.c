/* answer: the replies of a turn.  See turn_priv.h. */
#include <string.h>

#include "audit/keyring.h"
#include "base/diag.h"
#include "proto/charter.h"
#include "proto/envelope.h"
#include "proto/receipt.h"
#include "proto/run.h"
#include "relay/admitted.h"
#include "relay/group.h"
#include "relay/heads.h"
#include "relay/quota.h"
#include "relay/signer.h"
#include "relay/store.h"
#include "relay/tlog.h"
#include "relay/turn_priv.h"

/* Tag and length of a 32-byte field, and an item's other fields. */
#define HASH_FIELD_BYTES 34
#define ITEM_FIELDS_BYTES 56

/* What KEYS returns at most; the newest statements need far less. */
#define KEYS_BYTES (FRAME_MAX / 2)

size_t
answer_item_bytes(const struct turn *t)
{
	uint64_t size = group_next(t->p.group) + TURN_ITEMS;
	size_t len = 1;

	while (size > 1) {
		size >>= 1;
		len++;
	}
	return ITEM_FIELDS_BYTES + len * HASH_FIELD_BYTES;
}

/* Encode and send; a reply nobody can take is dropped and counted. */
static enum err
send_reply(struct turn *t, const struct front_peer *peer,
    const struct reply *reply)
{
	enum err err;

	buf_reset(&t->out);
	err = request_reply_encode(&t->out, reply);
	if (err != ERR_OK) {
		diag_error("answer", "a reply does not encode: %s",
		    err_name(err));
		return err;
	}
	err = front_send(t->p.front, peer, buf_view(&t->out));
	if (err != ERR_OK)
		t->counts.dropped++;
	return err;
}

void
answer_status(struct turn *t, const struct front_peer *peer,
    uint64_t number, enum err status)
{
	struct reply reply = { .ticket = number, .status = err_wire(status),
		.detail = "" };

	(void)send_reply(t, peer, &reply);
}

/* Send what is built; t->arena held what it pointed to. */
static enum err
finish(struct turn *t, const struct front_peer *peer,
    const struct reply *reply, enum err err)
{
	if (err == ERR_OK)
		(void)send_reply(t, peer, reply);
	else if (err == ERR_NOMEM) {
		answer_status(t, peer, reply->ticket, ERR_BUSY);
		err = ERR_OK;
	}
	arena_free(&t->arena);
	return err;
}

/* arena_view(t, v): a copy that lives until the reply is sent. */
static enum err
arena_view(struct turn *t, struct view in, struct view *out)
{
	void *p = arena_alloc(&t->arena, in.len);

	if (p == NULL)
		return ERR_NOMEM;
	if (in.len > 0)
		memcpy(p, in.p, in.len);
	*out = (struct view){ p, in.len };
	return ERR_OK;
}

/* HELLO */

struct greeting {
	struct turn *t;
	struct reply_head *head;
	const struct id *channel;
	size_t count;
	struct arena scratch;	/* a run being decoded */
};

/* The path of the run's last env_id in its root: what `recover --adopt` at
 * the endpoint stands on. */
static enum err
head_path(struct greeting *g, const struct store_run *run,
    struct merkle_path *path)
{
	struct hash leaves[RUN_MAX];
	struct run r;
	unsigned i;
	enum err err;

	err = run_decode(&r, run->form == STORE_FULL ? RUN_FULL : RUN_BARE,
	    run->body, &g->scratch);
	for (i = 0; err == ERR_OK && i < r.env_count; i++)
		leaves[i] = r.env[i].env_id;
	if (err == ERR_OK)
		merkle_prove(path, leaves, r.env_count, r.env_count - 1);
	arena_free(&g->scratch);
	return err == ERR_OK || err == ERR_NOMEM ? err : ERR_STORAGE;
}

static enum err
greet_head(void *ctx, const struct store_seen *seen)
{
	struct greeting *g = ctx;
	struct reply_head *head;
	enum err err;

	if (g->count == HELLO_HEADS_MAX)
		return ERR_OK;
	head = &g->head[g->count++];
	err = head_path(g, seen->run, &head->path);
	if (err != ERR_OK)
		return err;

	head->channel = *g->channel;
	head->last_env_id = seen->run->last_env;
	head->last_seq = seen->run->last_seq;
	head->index = seen->index;
	return arena_view(g->t, seen->entry, &head->entry);
}

/* The newest run of each channel that agency sends on in this pair: where a
 * recovery left a branch, of the branch that goes on, if it has one. */
static enum err
greet_pair(struct greeting *g, const struct hash *pair_id, uint8_t d)
{
	struct id channel, notices;
	struct head *head;
	size_t before = g->count;
	uint8_t lane;
	enum err err = ERR_OK;

	notices = envelope_channel(pair_id, d, LANE_NOTICE);
	for (lane = 0; lane < LANE_COUNT && err == ERR_OK; lane++) {
		channel = envelope_channel(pair_id, d, lane);
		g->channel = &channel;
		before = g->count;
		err = heads_find(g->t->p.heads, &channel, &notices, lane,
		    &head);
		if (err == ERR_OK && head->recovered)
			err = store_head(g->t->p.store, &channel,
			    head->recovery_index, greet_head, g);
		if (err == ERR_OK && g->count == before)
			err = store_head(g->t->p.store, &channel, 0,
			    greet_head, g);
	}
	return err;
}

/* Why a pair is not served now; suite: the highest the endpoint speaks. */
static enum err
standing_of(struct turn *t, const struct admitted_charter *row,
    uint32_t suite)
{
	const struct charter *charter = keyring_charter(t->p.keyring,
	    &row->charter_id);
	struct id pair = hash_id(&row->pair_id);

	if (admitted_blocked(t->p.admitted, &pair))
		return ERR_BLOCKED;
	if (charter == NULL || suite < charter->suite[0] ||
	    charter->suite[0] > ENVELOPE_SUITE)
		return ERR_SUITE;
	return ERR_OK;
}

static size_t
count_pairs(const struct turn *t)
{
	size_t n = 0;

	while (admitted_pair(t->p.admitted, n) != NULL)
		n++;
	return n;
}

/* Is agency a party of the pair?  Sets its direction. */
static bool
is_party(const struct turn *t, const struct hash *pair_id,
    const struct id *agency, uint8_t *d)
{
	for (*d = 0; *d < DIRECTION_COUNT; (*d)++)
		if (keyring_is_party(t->p.keyring, pair_id, *d, agency))
			return true;
	return false;
}

static enum err
greet(struct turn *t, struct job *job, struct reply_hello *hello)
{
	const struct admitted_charter *row;
	struct greeting g = { .t = t, .scratch = arena_init(ARENA_MAX) };
	size_t i, n = count_pairs(t);
	struct reply_standing *st;
	uint8_t d;
	enum err err = ERR_OK;

	g.head = arena_array(&t->arena, n * LANE_COUNT, sizeof(*g.head));
	st = arena_array(&t->arena, n, sizeof(*st));
	if (g.head == NULL || st == NULL)
		return ERR_NOMEM;
	hello->head = g.head;
	hello->standing = st;
	for (i = 0; i < n && err == ERR_OK &&
	    (size_t)(st - hello->standing) < HELLO_HEADS_MAX; i++) {
		row = admitted_pair(t->p.admitted, i);
		if (!is_party(t, &row->pair_id, &job->party.agency, &d))
			continue;
		st->pair_id = row->pair_id;
		st->charter_id = row->charter_id;
		st->status = standing_of(t, row, job->req.hello.suite);
		st++;
		err = greet_pair(&g, &row->pair_id, d);
	}
	hello->head_count = g.count;
	hello->standing_count = (size_t)(st - hello->standing);
	return err;
}

static enum err
answer_hello(struct turn *t, struct job *job)
{
	struct reply reply = { .ticket = job->req.ticket, .detail = "",
		.kind = REQUEST_HELLO };
	struct reply_hello *hello = &reply.hello;

	if (job->req.hello.version != REQUEST_VERSION) {
		answer_status(t, &job->frame.peer, job->req.ticket,
		    ERR_VERSION);
		return ERR_OK;
	}
	hello->version = REQUEST_VERSION;
	hello->log_id = *signer_log_id(t->p.signer);
	hello->checkpoint = group_note(t->p.group);
	hello->server_time_at = (uint64_t)clock_wall(&t->p.clock);
	hello->frame_max = FRAME_MAX;
	hello->quota_runs = quota_runs(t->p.quota);
	hello->quota_bytes = quota_bytes(t->p.quota);
	return finish(t, &job->frame.peer, &reply, greet(t, job, hello));
}

/* SUBMIT */

/* A signed refusal, for what was refused of a party's own channel; what may
 * succeed a moment later needs none. */
static enum err
refusal(struct turn *t, const struct admit_answer *a, struct view *out)
{
	uint8_t *entry;
	struct receipt r = {
		.event = RECEIPT_REFUSED,
		.reason = (uint16_t)err_wire(a->status),
		.channel = a->channel,
		.first_seq = a->first_seq,
		.last_seq = a->last_seq,
		.env_id = a->last_env,
		.index = RECEIPT_NO_INDEX,
		.time_at = (uint64_t)clock_wall(&t->p.clock),
	};

	if (!a->named || a->status == ERR_QUOTA || a->status == ERR_BUSY)
		return ERR_OK;
	entry = arena_alloc(&t->arena, SIGNER_RECEIPT_BYTES);
	if (entry == NULL)
		return ERR_NOMEM;
	*out = (struct view){ entry, SIGNER_RECEIPT_BYTES };
	return signer_receipt(t->p.signer, &r, entry);
}

static enum err
place(struct turn *t, const struct admit_answer *a, bool run,
    struct reply_placed *out)
{
	memset(out, 0, sizeof(*out));
	out->status = err_wire(a->status);
	if (a->status != ERR_OK)
		return run ? refusal(t, a, &out->refusal) : ERR_OK;
	out->index = a->index;
	return tlog_prove(t->p.tree, &out->path, a->index,
	    group_size(t->p.group));
}

static enum err
answer_submit(struct turn *t, struct job *job)
{
	const struct request_submit *s = &job->req.submit;
	struct reply_placed *out = t->scratch.placed;
	struct reply reply = { .ticket = job->req.ticket, .detail = "",
		.kind = REQUEST_SUBMIT };
	size_t i;
	enum err err = ERR_OK;

	reply.submit.run = out;
	reply.submit.run_count = s->run_count;
	reply.submit.statement = out + s->run_count;
	reply.submit.statement_count = s->statement_count;
	reply.submit.checkpoint = group_note(t->p.group);
	for (i = 0; i < s->run_count && err == ERR_OK; i++)
		err = place(t, &job->run[i], true, &reply.submit.run[i]);
	for (i = 0; i < s->statement_count && err == ERR_OK; i++)
		err = place(t, &job->statement[i], false,
		    &reply.submit.statement[i]);
	return finish(t, &job->frame.peer, &reply, err);
}

/* FETCH */

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
	item->kind = seen->run == NULL ? ITEM_STATEMENT :
	    seen->run->form == STORE_FULL ? ITEM_RUN : ITEM_BARE;
	f->t->sent[f->count].head = NULL;
	if (seen->run != NULL)
		f->t->sent[f->count] = (struct fetched_run){ f->head,
			seen->index, seen->run->first_seq,
			seen->run->last_seq, seen->run->last_env };
	f->count++;
	f->bytes += cost;
	return arena_view(f->t, bytes, &item->bytes);
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
	sender = keyring_is_party(t->p.keyring, &ch->pair_id, ch->direction,
	    agency);
	if (admitted_blocked(t->p.admitted, &pair) || (!sender &&
	    !keyring_is_party(t->p.keyring, &ch->pair_id, !ch->direction,
	    agency)))
		return ERR_OK;
	notices = envelope_channel(&ch->pair_id, ch->direction, LANE_NOTICE);
	err = heads_find(t->p.heads, &ch->id, &notices, ch->lane, &f->head);
	if (err != ERR_OK)
		return err;
	f->channel = &cursor->channel;
	err = store_feed(t->p.store, &cursor->channel, cursor->from_start,
	    cursor->after_index, !sender, fetch_item, f);
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
		if (send_reply(t, fetch->peer, &reply) == ERR_OK)
			fetch_note(&f);
	}
	arena_free(&t->arena);
	if (err != ERR_NOMEM)
		return err;
	answer_status(t, fetch->peer, fetch->number, ERR_BUSY);
	return ERR_OK;
}

/* KEYS */

struct keys {
	struct turn *t;
	struct view *statement;
	uint64_t *index;
	size_t count;
	size_t max;
	size_t bytes;
};

static enum err
keys_one(void *ctx, const struct store_seen *seen)
{
	struct keys *k = ctx;

	if (k->count == k->max || k->bytes + seen->entry.len > KEYS_BYTES)
		return ERR_BUSY;
	k->bytes += seen->entry.len;
	if (k->index != NULL)
		k->index[k->count] = seen->index;
	return arena_view(k->t, seen->entry, &k->statement[k->count++]);
}

#define KEYS_ITEMS 512

/* Up to KEYS_ITEMS of one kind; what does not fit is asked for again with
 * a later after_ks_seq. */
static enum err
keys_collect(struct keys *k, enum store_news kind, const struct id *owner,
    uint64_t after)
{
	enum err err;

	k->count = 0;
	k->max = KEYS_ITEMS;
	k->statement = arena_array(&k->t->arena, k->max,
	    sizeof(*k->statement));
	if (k->statement == NULL)
		return ERR_NOMEM;
	err = store_news(k->t->p.store, kind, owner, after, keys_one, k);
	return err == ERR_BUSY ? ERR_OK : err;
}

/* May party ask about agency: itself, this relay, or a peer of a pair? */
static bool
keys_allowed(const struct turn *t, const struct id *party,
    const struct id *agency)
{
	const struct admitted_charter *row;
	uint8_t d;
	size_t i;

	if (id_eq(party, agency) || id_eq(agency, &t->p.agency))
		return true;
	for (i = 0; (row = admitted_pair(t->p.admitted, i)) != NULL; i++)
		if (is_party(t, &row->pair_id, party, &d) &&
		    keyring_is_party(t->p.keyring, &row->pair_id, !d, agency))
			return true;
	return false;
}

static enum err
keys_fill(struct turn *t, const struct request_keys *ask,
    struct reply_keys *out)
{
	struct keys k = { .t = t };
	struct id owner;
	uint8_t d;
	enum err err;

	k.index = arena_array(&t->arena, KEYS_ITEMS, sizeof(*k.index));
	if (k.index == NULL)
		return ERR_NOMEM;
	err = keys_collect(&k, STORE_KEYS, &ask->agency, ask->after_ks_seq);
	out->statement = k.statement;
	out->statement_count = k.count;
	out->index = k.index;
	out->index_count = k.count;
	k.index = NULL;
	if (err == ERR_OK)
		err = keys_collect(&k, STORE_OFFICER, &ask->agency, 0);
	out->certificate = k.statement;
	out->certificate_count = k.count;
	if (err != ERR_OK || !ask->has_pair ||
	    !is_party(t, &ask->pair_id, &ask->agency, &d))
		return err;
	owner = envelope_channel(&ask->pair_id, d, LANE_NOTICE);
	err = keys_collect(&k, STORE_PREKEY, &owner, 0);
	if (err == ERR_OK && k.count > 0)
		out->prekey = k.statement[k.count - 1];
	return err;
}

static enum err
answer_keys(struct turn *t, struct job *job)
{
	struct reply reply = { .ticket = job->req.ticket, .detail = "",
		.kind = REQUEST_KEYS };

	if (!keys_allowed(t, &job->party.agency, &job->req.keys.agency)) {
		answer_status(t, &job->frame.peer, job->req.ticket,
		    ERR_NOT_ADMITTED);
		return ERR_OK;
	}
	return finish(t, &job->frame.peer, &reply,
	    keys_fill(t, &job->req.keys, &reply.keys));
}

/* LOG */

static enum err
answer_log(struct turn *t, struct job *job)
{
	const struct request_log *ask = &job->req.log;
	struct reply reply = { .ticket = job->req.ticket, .detail = "",
		.kind = REQUEST_LOG };
	struct merkle_path path = { 0 };
	struct hash tile[STORE_TILE];
	uint64_t size = group_size(t->p.group);
	enum err err = ERR_OK;

	reply.log.checkpoint = group_note(t->p.group);
	reply.log.hash = path.h;
	switch (ask->kind) {
	case LOG_INCLUSION:
		err = ask->inclusion.size > size ? ERR_PROOF :
		    tlog_prove(t->p.tree, &path, ask->inclusion.index,
		    ask->inclusion.size);
		break;
	case LOG_CONSISTENCY:
		err = ask->consistency.second > size ? ERR_PROOF :
		    tlog_extend(t->p.tree, &path, ask->consistency.first,
		    ask->consistency.second);
		break;
	case LOG_TILE:
		err = tlog_tile(t->p.tree, ask->tile.level, ask->tile.index,
		    ask->tile.width, tile);
		reply.log.hash = tile;
		path.len = ask->tile.width;
		break;
	case LOG_CHECKPOINT:
		break;
	}
	reply.log.hash_count = path.len;
	if (err == ERR_PROOF) {
		/* What was asked for is not there: no failed check. */
		answer_status(t, &job->frame.peer, job->req.ticket,
		    ERR_NOTFOUND);
		return ERR_OK;
	}
	return finish(t, &job->frame.peer, &reply, err);
}

static enum err
answer_ping(struct turn *t, struct job *job)
{
	struct reply reply = { .ticket = job->req.ticket, .detail = "",
		.kind = REQUEST_PING };

	reply.pong.sent_at = job->req.ping.sent_at;
	reply.pong.server_time_at = (uint64_t)clock_wall(&t->p.clock);
	return finish(t, &job->frame.peer, &reply, ERR_OK);
}

enum err
answer_job(struct turn *t, struct job *job)
{
	switch (job->req.kind) {
	case REQUEST_HELLO:
		return answer_hello(t, job);
	case REQUEST_SUBMIT:
		return answer_submit(t, job);
	case REQUEST_KEYS:
		return answer_keys(t, job);
	case REQUEST_LOG:
		return answer_log(t, job);
	case REQUEST_PING:
		return answer_ping(t, job);
	default:
		answer_status(t, &job->frame.peer, job->req.ticket,
		    ERR_MESSAGE);
		return ERR_OK;
	}
}
