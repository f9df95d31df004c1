/* Replies; requests are in request.c. */
#include <string.h>

#include "proto/relay.pb-c.h"
#include "proto/request.h"
#include "proto/run.h"
#include "proto/wire.h"

#define DETAIL_MAX 512
#define RUN_PATH_MAX 10	/* RUN_MAX = 2^10 */

typedef Casewire__Relay__Reply Reply;

/* ---- encoding ---- */

/* Everything a reply may point to while it is packed. */
struct packing {
	struct arena arena;
	enum err err;		/* the first */
	Casewire__Relay__HelloReply hello;
	Casewire__Relay__SubmitReply submit;
	Casewire__Relay__FetchReply fetch;
	Casewire__Relay__KeysReply keys;
	Casewire__Relay__LogReply log;
	Casewire__Relay__Pong pong;
};

static void
fail(struct packing *p, enum err err)
{
	if (!p->err)
		p->err = err;
}

/* n elements of size, 1 to n_max of them or none; NULL notes the error. */
static void *
room(struct packing *p, size_t n, size_t n_max, size_t size)
{
	void *list;

	if (n > n_max) {
		fail(p, ERR_COUNT);
		return NULL;
	}
	list = arena_array(&p->arena, n, size);
	if (!list)
		fail(p, ERR_NOMEM);
	return list;
}

/* A view as bytes of at most max. */
static ProtobufCBinaryData
bytes_out(struct packing *p, struct view v, size_t max)
{
	if (v.len > max)
		fail(p, ERR_TOO_BIG);
	return (ProtobufCBinaryData)WIRE_BYTES(v.p, v.len);
}

static ProtobufCBinaryData *
views_out(struct packing *p, const struct view *v, size_t n, size_t n_max,
    size_t max)
{
	ProtobufCBinaryData *list = room(p, n, n_max, sizeof(*list));

	for (size_t i = 0; list && i < n; i++)
		list[i] = bytes_out(p, v[i], max);
	return list;
}

static ProtobufCBinaryData *
hashes_out(struct packing *p, const struct hash *h, size_t n, size_t n_max)
{
	ProtobufCBinaryData *list = room(p, n, n_max, sizeof(*list));

	for (size_t i = 0; list && i < n; i++)
		list[i] = (ProtobufCBinaryData)WIRE_BYTES(h[i].b, HASH_BYTES);
	return list;
}

static void
heads_out(struct packing *p, const struct reply_hello *h)
{
	Casewire__Relay__Head *m;

	p->hello.n_heads = h->head_count;
	p->hello.heads = room(p, h->head_count, HELLO_HEADS_MAX,
	    sizeof(*p->hello.heads));
	m = room(p, h->head_count, HELLO_HEADS_MAX, sizeof(*m));
	for (size_t i = 0; !p->err && i < h->head_count; i++) {
		const struct reply_head *head = &h->head[i];

		casewire__relay__head__init(&m[i]);
		m[i].channel = (ProtobufCBinaryData)
		    WIRE_BYTES(head->channel.b, ID_BYTES);
		m[i].statement = bytes_out(p, head->entry, RUN_ENTRY_BYTES);
		m[i].last_env_id = (ProtobufCBinaryData)
		    WIRE_BYTES(head->last_env_id.b, HASH_BYTES);
		m[i].last_seq = head->last_seq;
		m[i].index = head->index;
		m[i].n_path = head->path.len;
		m[i].path = hashes_out(p, head->path.h, head->path.len,
		    RUN_PATH_MAX);
		p->hello.heads[i] = &m[i];
	}
}

static void
standings_out(struct packing *p, const struct reply_hello *h)
{
	Casewire__Relay__Standing *m;

	p->hello.n_standings = h->standing_count;
	p->hello.standings = room(p, h->standing_count, HELLO_HEADS_MAX,
	    sizeof(*p->hello.standings));
	m = room(p, h->standing_count, HELLO_HEADS_MAX, sizeof(*m));
	for (size_t i = 0; !p->err && i < h->standing_count; i++) {
		const struct reply_standing *s = &h->standing[i];

		casewire__relay__standing__init(&m[i]);
		m[i].pair_id = (ProtobufCBinaryData)
		    WIRE_BYTES(s->pair_id.b, HASH_BYTES);
		m[i].charter_id = (ProtobufCBinaryData)
		    WIRE_BYTES(s->charter_id.b, HASH_BYTES);
		m[i].status = s->status;
		p->hello.standings[i] = &m[i];
	}
}

static void
hello_out(Reply *m, struct packing *p, const struct reply_hello *h)
{
	casewire__relay__hello_reply__init(&p->hello);
	p->hello.version = h->version;
	p->hello.log_id = (ProtobufCBinaryData)
	    WIRE_BYTES(h->log_id.b, HASH_BYTES);
	p->hello.checkpoint = bytes_out(p, h->checkpoint, NOTE_MAX);
	p->hello.server_time_ms = h->server_time_at;
	p->hello.frame_max = h->frame_max;
	p->hello.quota_runs = h->quota_runs;
	p->hello.quota_bytes = h->quota_bytes;
	heads_out(p, h);
	standings_out(p, h);
	m->hello = &p->hello;
}

static Casewire__Relay__Placed **
placed_out(struct packing *p, const struct reply_placed *r, size_t n,
    size_t n_max)
{
	Casewire__Relay__Placed *m = room(p, n, n_max, sizeof(*m));
	Casewire__Relay__Placed **list = room(p, n, n_max, sizeof(*list));

	for (size_t i = 0; !p->err && i < n; i++) {
		casewire__relay__placed__init(&m[i]);
		m[i].status = r[i].status;
		m[i].index = r[i].index;
		m[i].n_path = r[i].path.len;
		m[i].path = hashes_out(p, r[i].path.h, r[i].path.len,
		    TREE_PATH_MAX);
		m[i].refusal = bytes_out(p, r[i].refusal, STATEMENT_MAX);
		list[i] = &m[i];
	}
	return list;
}

static void
submit_out(Reply *m, struct packing *p, const struct reply_submit *s)
{
	casewire__relay__submit_reply__init(&p->submit);
	p->submit.n_runs = s->run_count;
	p->submit.runs = placed_out(p, s->run, s->run_count, FRAME_RUNS_MAX);
	p->submit.n_statements = s->statement_count;
	p->submit.statements = placed_out(p, s->statement,
	    s->statement_count, FRAME_STATEMENTS_MAX);
	p->submit.checkpoint = bytes_out(p, s->checkpoint, NOTE_MAX);
	m->submit = &p->submit;
}

static void
item_out(struct packing *p, Casewire__Relay__Item *m,
    const struct reply_item *item)
{
	size_t max = item->kind == ITEM_STATEMENT ? STATEMENT_MAX :
	    RUN_CONTAINER_MAX;

	casewire__relay__item__init(m);
	m->channel = (ProtobufCBinaryData)
	    WIRE_BYTES(item->channel.b, ID_BYTES);
	m->index = item->index;
	m->what_case = (Casewire__Relay__Item__WhatCase)item->kind;
	m->n_path = item->path.len;
	m->path = hashes_out(p, item->path.h, item->path.len, TREE_PATH_MAX);
	switch (item->kind) {
	case ITEM_RUN:
		m->run = bytes_out(p, item->bytes, max);
		break;
	case ITEM_BARE:
		m->bare = bytes_out(p, item->bytes, max);
		break;
	case ITEM_STATEMENT:
		m->statement = bytes_out(p, item->bytes, max);
		break;
	default:
		fail(p, ERR_MESSAGE);
		break;
	}
}

static void
fetch_out(Reply *m, struct packing *p, const struct reply_fetch *f)
{
	Casewire__Relay__Item *item = room(p, f->item_count, FETCH_ITEMS_MAX,
	    sizeof(*item));

	casewire__relay__fetch_reply__init(&p->fetch);
	p->fetch.n_items = f->item_count;
	p->fetch.items = room(p, f->item_count, FETCH_ITEMS_MAX,
	    sizeof(*p->fetch.items));
	for (size_t i = 0; !p->err && i < f->item_count; i++) {
		item_out(p, &item[i], &f->item[i]);
		p->fetch.items[i] = &item[i];
	}
	p->fetch.checkpoint = bytes_out(p, f->checkpoint, NOTE_MAX);
	p->fetch.more = f->more;
	m->fetch = &p->fetch;
}

static void
keys_out(Reply *m, struct packing *p, const struct reply_keys *k)
{
	casewire__relay__keys_reply__init(&p->keys);
	p->keys.n_statements = k->statement_count;
	p->keys.statements = views_out(p, k->statement, k->statement_count,
	    FRAME_STATEMENTS_MAX, STATEMENT_MAX);
	p->keys.prekey = bytes_out(p, k->prekey, STATEMENT_MAX);
	p->keys.n_certificates = k->certificate_count;
	p->keys.certificates = views_out(p, k->certificate,
	    k->certificate_count, FRAME_STATEMENTS_MAX, STATEMENT_MAX);
	if (k->index_count > FRAME_STATEMENTS_MAX)
		fail(p, ERR_COUNT);
	p->keys.n_indexes = k->index_count;
	p->keys.indexes = (uint64_t *)(uintptr_t)k->index;
	m->keys = &p->keys;
}

static void
body_out(Reply *m, struct packing *p, const struct reply *r)
{
	switch (r->kind) {
	case REQUEST_HELLO:
		m->body_case = CASEWIRE__RELAY__REPLY__BODY_HELLO;
		hello_out(m, p, &r->hello);
		break;
	case REQUEST_SUBMIT:
		m->body_case = CASEWIRE__RELAY__REPLY__BODY_SUBMIT;
		submit_out(m, p, &r->submit);
		break;
	case REQUEST_FETCH:
		m->body_case = CASEWIRE__RELAY__REPLY__BODY_FETCH;
		fetch_out(m, p, &r->fetch);
		break;
	case REQUEST_KEYS:
		m->body_case = CASEWIRE__RELAY__REPLY__BODY_KEYS;
		keys_out(m, p, &r->keys);
		break;
	case REQUEST_LOG:
		m->body_case = CASEWIRE__RELAY__REPLY__BODY_LOG;
		casewire__relay__log_reply__init(&p->log);
		p->log.n_hashes = r->log.hash_count;
		p->log.hashes = hashes_out(p, r->log.hash, r->log.hash_count,
		    REQUEST_HASHES_MAX);
		p->log.checkpoint = bytes_out(p, r->log.checkpoint, NOTE_MAX);
		m->log = &p->log;
		break;
	case REQUEST_PING:
		m->body_case = CASEWIRE__RELAY__REPLY__BODY_PONG;
		casewire__relay__pong__init(&p->pong);
		p->pong.sent_ms = r->pong.sent_at;
		p->pong.server_time_ms = r->pong.server_time_at;
		m->pong = &p->pong;
		break;
	default:
		if (r->status == 0)
			fail(p, ERR_MESSAGE);
		break;
	}
}

enum err
request_reply_encode(struct buf *out, const struct reply *reply)
{
	Reply m = CASEWIRE__RELAY__REPLY__INIT;
	struct packing p = {.arena = arena_init(ARENA_MAX)};

	m.ticket = reply->ticket;
	m.status = reply->status;
	m.detail = wire_text(reply->detail);
	if (strlen(m.detail) > DETAIL_MAX)
		fail(&p, ERR_TOO_BIG);
	body_out(&m, &p, reply);
	if (!p.err)
		p.err = wire_pack(out, &m.base, FRAME_MAX);
	arena_free(&p.arena);
	return p.err;
}

/* ---- decoding ---- */

/* An array of n for a decoded list of at most n_max. */
static enum err
list_in(void *list, size_t n, size_t n_max, size_t size,
    struct arena *arena)
{
	void *p;

	if (n > n_max)
		return ERR_COUNT;
	p = arena_array(arena, n, size);
	memcpy(list, &p, sizeof(p));
	return p ? ERR_OK : ERR_NOMEM;
}

static enum err
view_in(struct view *out, const ProtobufCBinaryData *m, size_t max)
{
	*out = (struct view){m->len ? m->data : NULL, m->len};
	return m->len > max ? ERR_TOO_BIG : ERR_OK;
}

static enum err
views_in(struct view **out, size_t *count, const ProtobufCBinaryData *m,
    size_t n, struct arena *arena)
{
	enum err err = list_in(out, n, FRAME_STATEMENTS_MAX, sizeof(**out),
	    arena);

	for (size_t i = 0; !err && i < n; i++)
		err = m[i].len ? view_in(&(*out)[i], &m[i], STATEMENT_MAX) :
		    ERR_MESSAGE;
	*count = err ? 0 : n;
	return err;
}

static enum err
hash_in(struct hash *out, const ProtobufCBinaryData *m)
{
	return wire_fixed(out->b, HASH_BYTES, m->data, m->len);
}

static enum err
path_in(struct merkle_path *path, const ProtobufCBinaryData *m, size_t n)
{
	enum err err = n > TREE_PATH_MAX ? ERR_COUNT : ERR_OK;

	for (size_t i = 0; !err && i < n; i++)
		err = hash_in(&path->h[i], &m[i]);
	path->len = err ? 0 : n;
	return err;
}

static enum err
heads_in(struct reply_hello *h, const Casewire__Relay__HelloReply *m,
    struct arena *arena)
{
	enum err err = list_in(&h->head, m->n_heads, HELLO_HEADS_MAX,
	    sizeof(*h->head), arena);

	for (size_t i = 0; !err && i < m->n_heads; i++) {
		const Casewire__Relay__Head *head = m->heads[i];

		err = wire_fixed(h->head[i].channel.b, ID_BYTES,
		    head->channel.data, head->channel.len);
		if (!err && head->statement.len != RUN_ENTRY_BYTES)
			err = ERR_MESSAGE;
		if (!err)
			err = view_in(&h->head[i].entry, &head->statement,
			    RUN_ENTRY_BYTES);
		if (!err)
			err = hash_in(&h->head[i].last_env_id,
			    &head->last_env_id);
		if (!err && head->n_path > RUN_PATH_MAX)
			err = ERR_COUNT;
		if (!err)
			err = path_in(&h->head[i].path, head->path,
			    head->n_path);
		h->head[i].last_seq = head->last_seq;
		h->head[i].index = head->index;
	}
	h->head_count = err ? 0 : m->n_heads;
	return err;
}

static enum err
standings_in(struct reply_hello *h, const Casewire__Relay__HelloReply *m,
    struct arena *arena)
{
	enum err err = list_in(&h->standing, m->n_standings, HELLO_HEADS_MAX,
	    sizeof(*h->standing), arena);

	for (size_t i = 0; !err && i < m->n_standings; i++) {
		err = hash_in(&h->standing[i].pair_id,
		    &m->standings[i]->pair_id);
		if (!err)
			err = hash_in(&h->standing[i].charter_id,
			    &m->standings[i]->charter_id);
		h->standing[i].status = m->standings[i]->status;
	}
	h->standing_count = err ? 0 : m->n_standings;
	return err;
}

static enum err
hello_in(struct reply_hello *h, const Casewire__Relay__HelloReply *m,
    struct arena *arena)
{
	enum err err = hash_in(&h->log_id, &m->log_id);

	h->version = m->version;
	h->server_time_at = m->server_time_ms;
	h->frame_max = m->frame_max;
	h->quota_runs = m->quota_runs;
	h->quota_bytes = m->quota_bytes;
	if (!err)
		err = view_in(&h->checkpoint, &m->checkpoint, NOTE_MAX);
	if (!err)
		err = heads_in(h, m, arena);
	return err ? err : standings_in(h, m, arena);
}

static enum err
placed_in(struct reply_placed **out, size_t *count,
    Casewire__Relay__Placed *const *m, size_t n, size_t n_max,
    struct arena *arena)
{
	enum err err = list_in(out, n, n_max, sizeof(**out), arena);

	for (size_t i = 0; !err && i < n; i++) {
		struct reply_placed *placed = &(*out)[i];

		placed->status = m[i]->status;
		placed->index = m[i]->index;
		err = path_in(&placed->path, m[i]->path, m[i]->n_path);
		if (!err)
			err = view_in(&placed->refusal, &m[i]->refusal,
			    STATEMENT_MAX);
	}
	*count = err ? 0 : n;
	return err;
}

static enum err
submit_in(struct reply_submit *s, const Casewire__Relay__SubmitReply *m,
    struct arena *arena)
{
	enum err err = placed_in(&s->run, &s->run_count, m->runs, m->n_runs,
	    FRAME_RUNS_MAX, arena);

	if (!err)
		err = placed_in(&s->statement, &s->statement_count,
		    m->statements, m->n_statements, FRAME_STATEMENTS_MAX,
		    arena);
	return err ? err : view_in(&s->checkpoint, &m->checkpoint, NOTE_MAX);
}

static enum err
item_in(struct reply_item *item, const Casewire__Relay__Item *m)
{
	enum err err = wire_fixed(item->channel.b, ID_BYTES, m->channel.data,
	    m->channel.len);

	item->index = m->index;
	item->kind = (enum reply_item_kind)m->what_case;
	if (!err)
		err = path_in(&item->path, m->path, m->n_path);
	if (err)
		return err;
	switch (m->what_case) {
	case CASEWIRE__RELAY__ITEM__WHAT_RUN:
		return view_in(&item->bytes, &m->run, RUN_CONTAINER_MAX);
	case CASEWIRE__RELAY__ITEM__WHAT_BARE:
		return view_in(&item->bytes, &m->bare, RUN_CONTAINER_MAX);
	case CASEWIRE__RELAY__ITEM__WHAT_STATEMENT:
		return view_in(&item->bytes, &m->statement, STATEMENT_MAX);
	default:
		return ERR_MESSAGE;
	}
}

static enum err
fetch_in(struct reply_fetch *f, const Casewire__Relay__FetchReply *m,
    struct arena *arena)
{
	enum err err = list_in(&f->item, m->n_items, FETCH_ITEMS_MAX,
	    sizeof(*f->item), arena);

	for (size_t i = 0; !err && i < m->n_items; i++)
		err = item_in(&f->item[i], m->items[i]);
	f->item_count = err ? 0 : m->n_items;
	f->more = m->more;
	return err ? err : view_in(&f->checkpoint, &m->checkpoint, NOTE_MAX);
}

static enum err
keys_in(struct reply_keys *k, const Casewire__Relay__KeysReply *m,
    struct arena *arena)
{
	enum err err = views_in(&k->statement, &k->statement_count,
	    m->statements, m->n_statements, arena);

	if (!err)
		err = view_in(&k->prekey, &m->prekey, STATEMENT_MAX);
	if (!err)
		err = views_in(&k->certificate, &k->certificate_count,
		    m->certificates, m->n_certificates, arena);
	if (!err && m->n_indexes != m->n_statements)
		err = ERR_COUNT;
	k->index = m->indexes;
	k->index_count = err ? 0 : m->n_indexes;
	return err;
}

static enum err
log_in(struct reply_log *l, const Casewire__Relay__LogReply *m,
    struct arena *arena)
{
	enum err err = list_in(&l->hash, m->n_hashes, REQUEST_HASHES_MAX,
	    sizeof(*l->hash), arena);

	for (size_t i = 0; !err && i < m->n_hashes; i++)
		err = hash_in(&l->hash[i], &m->hashes[i]);
	l->hash_count = err ? 0 : m->n_hashes;
	return err ? err : view_in(&l->checkpoint, &m->checkpoint, NOTE_MAX);
}

static enum err
body_in(struct reply *r, const Reply *m, struct arena *arena)
{
	switch (m->body_case) {
	case CASEWIRE__RELAY__REPLY__BODY_HELLO:
		r->kind = REQUEST_HELLO;
		return hello_in(&r->hello, m->hello, arena);
	case CASEWIRE__RELAY__REPLY__BODY_SUBMIT:
		r->kind = REQUEST_SUBMIT;
		return submit_in(&r->submit, m->submit, arena);
	case CASEWIRE__RELAY__REPLY__BODY_FETCH:
		r->kind = REQUEST_FETCH;
		return fetch_in(&r->fetch, m->fetch, arena);
	case CASEWIRE__RELAY__REPLY__BODY_KEYS:
		r->kind = REQUEST_KEYS;
		return keys_in(&r->keys, m->keys, arena);
	case CASEWIRE__RELAY__REPLY__BODY_LOG:
		r->kind = REQUEST_LOG;
		return log_in(&r->log, m->log, arena);
	case CASEWIRE__RELAY__REPLY__BODY_PONG:
		r->kind = REQUEST_PING;
		r->pong.sent_at = m->pong->sent_ms;
		r->pong.server_time_at = m->pong->server_time_ms;
		return ERR_OK;
	default:
		/* Only a refusal has nothing to say besides its status. */
		return m->status ? ERR_OK : ERR_MESSAGE;
	}
}

enum err
request_reply_decode(struct reply *reply, struct view frame,
    struct arena *arena)
{
	const Reply *m;
	enum err err;

	*reply = (struct reply){.detail = ""};
	if (frame.len > FRAME_MAX)
		return ERR_TOO_BIG;
	reply->ticket = wire_ticket(frame);
	m = wire_unpack(&casewire__relay__reply__descriptor, frame,
	    WIRE_IGNORE, arena, &err);
	if (!m)
		return err;
	reply->ticket = m->ticket;
	reply->status = m->status;
	reply->detail = m->detail;
	if (strlen(m->detail) > DETAIL_MAX)
		return ERR_TOO_BIG;
	return body_in(reply, m, arena);
}
