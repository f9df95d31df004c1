/* Replies on their way out; in: request_reply_decode.c. */
#include <string.h>

#include "proto/relay.pb-c.h"
#include "proto/request.h"
#include "proto/run.h"
#include "proto/wire.h"

typedef Casewire__Relay__Reply Reply;

/* Everything a reply may point to while it is packed. */
struct packing {
	struct arena arena;
	enum err err;		/* the first */
	Casewire__Relay__HelloReply hello;
	Casewire__Relay__Restored restored;
	Casewire__Relay__SubmitReply submit;
	Casewire__Relay__FetchReply fetch;
	Casewire__Relay__KeysReply keys;
	Casewire__Relay__LogReply log;
	Casewire__Relay__Pong pong;
	Casewire__Relay__PassReply pass;
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
	if (h->restored_at != 0) {
		casewire__relay__restored__init(&p->restored);
		p->restored.first = h->restored_first;
		p->restored.end = h->restored_end;
		p->restored.at = h->restored_at;
		p->hello.restored = &p->restored;
	}
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
	m->place = item->place == item->index ? 0 : item->place;
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
	p->keys.prior = bytes_out(p, k->prior, STATEMENT_MAX);
	m->keys = &p->keys;
}

static Casewire__Relay__Path **
paths_out(struct packing *p, const struct reply_log *l)
{
	Casewire__Relay__Path *m = room(p, l->path_count, FRAME_PATHS_MAX,
	    sizeof(*m));
	Casewire__Relay__Path **list = room(p, l->path_count,
	    FRAME_PATHS_MAX, sizeof(*list));

	for (size_t i = 0; !p->err && i < l->path_count; i++) {
		casewire__relay__path__init(&m[i]);
		m[i].n_hashes = l->path[i].len;
		m[i].hashes = hashes_out(p, l->path[i].h, l->path[i].len,
		    TREE_PATH_MAX);
		list[i] = &m[i];
	}
	return list;
}

static void
log_out(Reply *m, struct packing *p, const struct reply_log *l)
{
	casewire__relay__log_reply__init(&p->log);
	p->log.n_hashes = l->hash_count;
	p->log.hashes = hashes_out(p, l->hash, l->hash_count,
	    REQUEST_HASHES_MAX);
	p->log.checkpoint = bytes_out(p, l->checkpoint, NOTE_MAX);
	p->log.n_notes = l->note_count;
	p->log.notes = views_out(p, l->note, l->note_count,
	    COSIGNED_NOTES_MAX, NOTE_MAX);
	p->log.n_paths = l->path_count;
	p->log.paths = paths_out(p, l);
	m->log = &p->log;
}

static void
pass_out(Reply *m, struct packing *p, const struct reply_pass *r)
{
	Casewire__Relay__PassReply__Held *held = room(p, r->held_count,
	    PASSES_MAX, sizeof(*held));

	casewire__relay__pass_reply__init(&p->pass);
	p->pass.token = bytes_out(p, r->token, PASS_TOKEN_BYTES);
	p->pass.n_passes = r->held_count;
	p->pass.passes = room(p, r->held_count, PASSES_MAX,
	    sizeof(*p->pass.passes));
	for (size_t i = 0; !p->err && i < r->held_count; i++) {
		casewire__relay__pass_reply__held__init(&held[i]);
		held[i].name = wire_text(r->held[i].name);
		held[i].issued_ms = r->held[i].issued_at;
		held[i].until_ms = r->held[i].until_at;
		p->pass.passes[i] = &held[i];
	}
	m->pass = &p->pass;
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
		log_out(m, p, &r->log);
		break;
	case REQUEST_PING:
		m->body_case = CASEWIRE__RELAY__REPLY__BODY_PONG;
		casewire__relay__pong__init(&p->pong);
		p->pong.sent_ms = r->pong.sent_at;
		p->pong.server_time_ms = r->pong.server_time_at;
		m->pong = &p->pong;
		break;
	case REQUEST_PASS:
		m->body_case = CASEWIRE__RELAY__REPLY__BODY_PASS;
		pass_out(m, p, &r->pass);
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
	if (strlen(m.detail) > FRAME_DETAIL_MAX)
		fail(&p, ERR_TOO_BIG);
	body_out(&m, &p, reply);
	if (!p.err)
		p.err = wire_pack(out, &m.base, FRAME_MAX);
	arena_free(&p.arena);
	return p.err;
}
