/* Replies on their way in; out: request_reply.c. */
#include <string.h>

#include "proto/relay.pb-c.h"
#include "proto/request.h"
#include "proto/run.h"
#include "proto/wire.h"

typedef Casewire__Relay__Reply Reply;

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

/* n views of 1 to max bytes each, at most n_max of them. */
static enum err
views_in(struct view **out, size_t *count, const ProtobufCBinaryData *m,
    size_t n, size_t n_max, size_t max, struct arena *arena)
{
	enum err err = list_in(out, n, n_max, sizeof(**out), arena);

	for (size_t i = 0; !err && i < n; i++)
		err = m[i].len ? view_in(&(*out)[i], &m[i], max) :
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

/* Numbers a store can order. */
static enum err
restored_in(struct reply_hello *h, const Casewire__Relay__Restored *m)
{
	h->restored_first = m == NULL ? 0 : m->first;
	h->restored_end = m == NULL ? 0 : m->end;
	h->restored_at = m == NULL ? 0 : m->at;
	if (m != NULL && (m->at == 0 || m->at > INT64_MAX ||
	    m->first >= m->end || m->end > INT64_MAX))
		return ERR_MESSAGE;
	return ERR_OK;
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
	if (!err)
		err = standings_in(h, m, arena);
	return err ? err : restored_in(h, m->restored);
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
	item->place = m->place == 0 ? m->index : m->place;
	if (!err && item->place > INT64_MAX)
		err = ERR_MESSAGE;
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
	    m->statements, m->n_statements, FRAME_STATEMENTS_MAX,
	    STATEMENT_MAX, arena);

	if (!err)
		err = view_in(&k->prekey, &m->prekey, STATEMENT_MAX);
	if (!err)
		err = views_in(&k->certificate, &k->certificate_count,
		    m->certificates, m->n_certificates,
		    FRAME_STATEMENTS_MAX, STATEMENT_MAX, arena);
	if (!err)
		err = view_in(&k->prior, &m->prior, STATEMENT_MAX);
	if (!err && m->n_indexes != m->n_statements)
		err = ERR_COUNT;
	k->index = m->indexes;
	k->index_count = err ? 0 : m->n_indexes;
	return err;
}

static enum err
paths_in(struct reply_log *l, const Casewire__Relay__LogReply *m,
    struct arena *arena)
{
	enum err err = list_in(&l->path, m->n_paths, FRAME_PATHS_MAX,
	    sizeof(*l->path), arena);

	for (size_t i = 0; !err && i < m->n_paths; i++)
		err = path_in(&l->path[i], m->paths[i]->hashes,
		    m->paths[i]->n_hashes);
	l->path_count = err ? 0 : m->n_paths;
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
	if (!err)
		err = view_in(&l->checkpoint, &m->checkpoint, NOTE_MAX);
	if (!err)
		err = views_in(&l->note, &l->note_count, m->notes,
		    m->n_notes, COSIGNED_NOTES_MAX, NOTE_MAX, arena);
	return err ? err : paths_in(l, m, arena);
}

static enum err
pass_in(struct reply_pass *p, const Casewire__Relay__PassReply *m,
    struct arena *arena)
{
	enum err err = list_in(&p->held, m->n_passes, PASSES_MAX,
	    sizeof(*p->held), arena);

	for (size_t i = 0; !err && i < m->n_passes; i++) {
		p->held[i].name = m->passes[i]->name;
		p->held[i].issued_at = m->passes[i]->issued_ms;
		p->held[i].until_at = m->passes[i]->until_ms;
		if (strlen(p->held[i].name) > PASS_NAME_MAX)
			err = ERR_TOO_BIG;
	}
	p->held_count = err ? 0 : m->n_passes;
	if (!err && m->token.len != 0 && m->token.len != PASS_TOKEN_BYTES)
		err = ERR_MESSAGE;
	return err ? err : view_in(&p->token, &m->token, PASS_TOKEN_BYTES);
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
	case CASEWIRE__RELAY__REPLY__BODY_PASS:
		r->kind = REQUEST_PASS;
		return pass_in(&r->pass, m->pass, arena);
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
	if (strlen(m->detail) > FRAME_DETAIL_MAX)
		return ERR_TOO_BIG;
	return body_in(reply, m, arena);
}
