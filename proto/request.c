/* Requests; replies are in request_reply.c. */
#include <string.h>

#include "proto/relay.pb-c.h"
#include "proto/request.h"
#include "proto/run.h"
#include "proto/wire.h"

#define SOFTWARE_MAX 128

typedef Casewire__Relay__Request Request;

const char *
request_kind_name(enum request_kind kind)
{
	switch (kind) {
	case REQUEST_HELLO:
		return "HELLO";
	case REQUEST_SUBMIT:
		return "SUBMIT";
	case REQUEST_FETCH:
		return "FETCH";
	case REQUEST_KEYS:
		return "KEYS";
	case REQUEST_LOG:
		return "LOG";
	case REQUEST_PING:
		return "PING";
	case REQUEST_PASS:
		return "PASS";
	default:
		return "unknown";
	}
}

/* ---- encoding ---- */

/* Everything a request may point to while it is packed. */
struct packing {
	Casewire__Relay__Hello hello;
	Casewire__Relay__Submit submit;
	Casewire__Relay__Fetch fetch;
	Casewire__Relay__Keys keys;
	Casewire__Relay__Log log;
	Casewire__Relay__Log__Inclusion inclusion;
	Casewire__Relay__Log__Consistency consistency;
	Casewire__Relay__Log__Tile tile;
	Casewire__Relay__Log__Inclusions inclusions;
	Casewire__Relay__Ping ping;
	Casewire__Relay__Pass pass;
	Casewire__Relay__Pass__Issue issue;
};

static void
hello_out(Request *m, struct packing *p, const struct request *r)
{
	casewire__relay__hello__init(&p->hello);
	p->hello.version = r->hello.version;
	p->hello.suite = r->hello.suite;
	p->hello.software = wire_text(r->hello.software);
	m->hello = &p->hello;
}

/* Views as protobuf-c's bytes, each 1 to max. */
static enum err
views_out(ProtobufCBinaryData **out, const struct view *v, size_t n,
    size_t n_max, size_t max, struct arena *arena)
{
	ProtobufCBinaryData *list;

	if (n > n_max)
		return ERR_COUNT;
	list = arena_array(arena, n, sizeof(*list));
	if (!list)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		if (v[i].len == 0 || v[i].len > max)
			return v[i].len ? ERR_TOO_BIG : ERR_MESSAGE;
		list[i] = (ProtobufCBinaryData)WIRE_BYTES(v[i].p, v[i].len);
	}
	*out = list;
	return ERR_OK;
}

static enum err
submit_out(Request *m, struct packing *p, const struct request *r,
    struct arena *arena)
{
	const struct request_submit *s = &r->submit;
	enum err err;

	casewire__relay__submit__init(&p->submit);
	if (s->run_count == 0 && s->statement_count == 0)
		return ERR_COUNT;
	p->submit.n_runs = s->run_count;
	err = views_out(&p->submit.runs, s->run, s->run_count,
	    FRAME_RUNS_MAX, RUN_CONTAINER_MAX, arena);
	if (err)
		return err;
	p->submit.n_statements = s->statement_count;
	m->submit = &p->submit;
	return views_out(&p->submit.statements, s->statement,
	    s->statement_count, FRAME_STATEMENTS_MAX, STATEMENT_MAX, arena);
}

static enum err
fetch_out(Request *m, struct packing *p, const struct request *r,
    struct arena *arena)
{
	const struct request_fetch *f = &r->fetch;
	Casewire__Relay__Cursor *c, **list;

	casewire__relay__fetch__init(&p->fetch);
	if (f->cursor_count == 0 || f->cursor_count > FETCH_CHANNELS_MAX)
		return ERR_COUNT;
	c = arena_array(arena, f->cursor_count, sizeof(*c));
	list = arena_array(arena, f->cursor_count, sizeof(*list));
	if (!c || !list)
		return ERR_NOMEM;
	for (size_t i = 0; i < f->cursor_count; i++) {
		casewire__relay__cursor__init(&c[i]);
		c[i].channel = (ProtobufCBinaryData)
		    WIRE_BYTES(f->cursor[i].channel.b, ID_BYTES);
		c[i].from_start = f->cursor[i].from_start;
		c[i].after = f->cursor[i].after;
		list[i] = &c[i];
	}
	p->fetch.n_cursors = f->cursor_count;
	p->fetch.cursors = list;
	p->fetch.max_bytes = f->max_bytes;
	p->fetch.wait_ms = f->wait_ms;
	m->fetch = &p->fetch;
	return ERR_OK;
}

static void
keys_out(Request *m, struct packing *p, const struct request *r)
{
	casewire__relay__keys__init(&p->keys);
	p->keys.agency = (ProtobufCBinaryData)
	    WIRE_BYTES(r->keys.agency.b, ID_BYTES);
	p->keys.after_ks_seq = r->keys.after_ks_seq;
	if (r->keys.has_pair)
		p->keys.pair_id = (ProtobufCBinaryData)
		    WIRE_BYTES(r->keys.pair_id.b, HASH_BYTES);
	m->keys = &p->keys;
}

static enum err
inclusions_out(struct packing *p, const struct request_log *l)
{
	casewire__relay__log__inclusions__init(&p->inclusions);
	if (l->inclusions.index_count == 0 ||
	    l->inclusions.index_count > FRAME_PATHS_MAX)
		return ERR_COUNT;
	p->inclusions.size = l->inclusions.size;
	p->inclusions.n_indexes = l->inclusions.index_count;
	p->inclusions.indexes = l->inclusions.index;
	p->log.inclusions = &p->inclusions;
	return ERR_OK;
}

static enum err
log_out(Request *m, struct packing *p, const struct request *r)
{
	const struct request_log *l = &r->log;

	casewire__relay__log__init(&p->log);
	p->log.ask_case = (Casewire__Relay__Log__AskCase)l->kind;
	m->log = &p->log;
	switch (l->kind) {
	case LOG_INCLUSION:
		casewire__relay__log__inclusion__init(&p->inclusion);
		p->inclusion.index = l->inclusion.index;
		p->inclusion.size = l->inclusion.size;
		p->log.inclusion = &p->inclusion;
		return ERR_OK;
	case LOG_CONSISTENCY:
		casewire__relay__log__consistency__init(&p->consistency);
		p->consistency.first = l->consistency.first;
		p->consistency.second = l->consistency.second;
		p->log.consistency = &p->consistency;
		return ERR_OK;
	case LOG_TILE:
		casewire__relay__log__tile__init(&p->tile);
		p->tile.level = l->tile.level;
		p->tile.index = l->tile.index;
		p->tile.width = l->tile.width;
		p->log.tile = &p->tile;
		return ERR_OK;
	case LOG_CHECKPOINT:
		p->log.checkpoint = true;
		return ERR_OK;
	case LOG_COSIGNED:
		p->log.cosigned = true;
		return ERR_OK;
	case LOG_INCLUSIONS:
		return inclusions_out(p, l);
	default:
		return ERR_MESSAGE;
	}
}

/* Whom a pass is for: shown to people, so never empty. */
static enum err
pass_name(const char *name)
{
	size_t len = strlen(name);

	if (len == 0)
		return ERR_MESSAGE;
	return len > PASS_NAME_MAX ? ERR_TOO_BIG : ERR_OK;
}

static enum err
pass_out(Request *m, struct packing *p, const struct request_pass *pass)
{
	casewire__relay__pass__init(&p->pass);
	p->pass.ask_case = (Casewire__Relay__Pass__AskCase)pass->kind;
	m->pass = &p->pass;
	switch (pass->kind) {
	case PASS_ISSUE:
		casewire__relay__pass__issue__init(&p->issue);
		p->issue.name = wire_text(pass->name);
		p->issue.until_ms = pass->until_at;
		p->pass.issue = &p->issue;
		return pass_name(p->issue.name);
	case PASS_REVOKE:
		p->pass.revoke = wire_text(pass->name);
		return pass_name(p->pass.revoke);
	case PASS_LIST:
		p->pass.list = true;
		return ERR_OK;
	default:
		return ERR_MESSAGE;
	}
}

static enum err
body_out(Request *m, struct packing *p, const struct request *r,
    struct arena *arena)
{
	switch (r->kind) {
	case REQUEST_HELLO:
		hello_out(m, p, r);
		return ERR_OK;
	case REQUEST_SUBMIT:
		return submit_out(m, p, r, arena);
	case REQUEST_FETCH:
		return fetch_out(m, p, r, arena);
	case REQUEST_KEYS:
		keys_out(m, p, r);
		return ERR_OK;
	case REQUEST_LOG:
		return log_out(m, p, r);
	case REQUEST_PING:
		casewire__relay__ping__init(&p->ping);
		p->ping.sent_ms = r->ping.sent_at;
		m->ping = &p->ping;
		return ERR_OK;
	case REQUEST_PASS:
		return pass_out(m, p, &r->pass);
	default:
		return ERR_MESSAGE;
	}
}

enum err
request_encode(struct buf *out, const struct request *request)
{
	struct arena arena = arena_init(ARENA_MAX);
	Request m = CASEWIRE__RELAY__REQUEST__INIT;
	struct packing packing;
	enum err err;

	m.ticket = request->ticket;
	m.body_case = (Casewire__Relay__Request__BodyCase)request->kind;
	err = body_out(&m, &packing, request, &arena);
	if (!err)
		err = wire_pack(out, &m.base, FRAME_MAX);
	arena_free(&arena);
	return err;
}

/* ---- decoding ---- */

static enum err
views_in(struct view **out, size_t *count, const ProtobufCBinaryData *v,
    size_t n, size_t n_max, size_t max, struct arena *arena)
{
	struct view *list;

	if (n > n_max)
		return ERR_COUNT;
	list = arena_array(arena, n, sizeof(*list));
	if (!list)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		if (v[i].len == 0 || v[i].len > max)
			return v[i].len ? ERR_TOO_BIG : ERR_MESSAGE;
		list[i] = (struct view){v[i].data, v[i].len};
	}
	*out = list;
	*count = n;
	return ERR_OK;
}

static enum err
hello_in(struct request_hello *h, const Casewire__Relay__Hello *m)
{
	if (strlen(m->software) > SOFTWARE_MAX)
		return ERR_TOO_BIG;
	*h = (struct request_hello){m->version, m->suite, m->software};
	return ERR_OK;
}

static enum err
submit_in(struct request_submit *s, const Casewire__Relay__Submit *m,
    struct arena *arena)
{
	enum err err;

	if (m->n_runs == 0 && m->n_statements == 0)
		return ERR_COUNT;
	err = views_in(&s->run, &s->run_count, m->runs, m->n_runs,
	    FRAME_RUNS_MAX, RUN_CONTAINER_MAX, arena);
	if (!err)
		err = views_in(&s->statement, &s->statement_count,
		    m->statements, m->n_statements, FRAME_STATEMENTS_MAX,
		    STATEMENT_MAX, arena);
	return err;
}

static enum err
fetch_in(struct request_fetch *f, const Casewire__Relay__Fetch *m,
    struct arena *arena)
{
	enum err err = ERR_OK;

	if (m->n_cursors == 0 || m->n_cursors > FETCH_CHANNELS_MAX)
		return ERR_COUNT;
	f->cursor = arena_array(arena, m->n_cursors, sizeof(*f->cursor));
	if (!f->cursor)
		return ERR_NOMEM;
	for (size_t i = 0; !err && i < m->n_cursors; i++) {
		const Casewire__Relay__Cursor *c = m->cursors[i];

		err = wire_fixed(f->cursor[i].channel.b, ID_BYTES,
		    c->channel.data, c->channel.len);
		f->cursor[i].from_start = c->from_start;
		f->cursor[i].after = c->after;
	}
	f->cursor_count = m->n_cursors;
	f->max_bytes = m->max_bytes;
	f->wait_ms = m->wait_ms;
	return err;
}

static enum err
keys_in(struct request_keys *k, const Casewire__Relay__Keys *m)
{
	enum err err = wire_fixed(k->agency.b, ID_BYTES, m->agency.data,
	    m->agency.len);

	k->after_ks_seq = m->after_ks_seq;
	k->has_pair = m->pair_id.len != 0;
	if (!err && k->has_pair)
		err = wire_fixed(k->pair_id.b, HASH_BYTES, m->pair_id.data,
		    m->pair_id.len);
	return err;
}

static enum err
log_in(struct request_log *l, const Casewire__Relay__Log *m)
{
	l->kind = (enum request_log_kind)m->ask_case;
	switch (m->ask_case) {
	case CASEWIRE__RELAY__LOG__ASK_INCLUSION:
		l->inclusion.index = m->inclusion->index;
		l->inclusion.size = m->inclusion->size;
		return ERR_OK;
	case CASEWIRE__RELAY__LOG__ASK_CONSISTENCY:
		l->consistency.first = m->consistency->first;
		l->consistency.second = m->consistency->second;
		return ERR_OK;
	case CASEWIRE__RELAY__LOG__ASK_TILE:
		l->tile.level = m->tile->level;
		l->tile.index = m->tile->index;
		l->tile.width = m->tile->width;
		return ERR_OK;
	case CASEWIRE__RELAY__LOG__ASK_CHECKPOINT:
	case CASEWIRE__RELAY__LOG__ASK_COSIGNED:
		return ERR_OK;
	case CASEWIRE__RELAY__LOG__ASK_INCLUSIONS:
		if (m->inclusions->n_indexes == 0 ||
		    m->inclusions->n_indexes > FRAME_PATHS_MAX)
			return ERR_COUNT;
		l->inclusions.size = m->inclusions->size;
		l->inclusions.index = m->inclusions->indexes;
		l->inclusions.index_count = m->inclusions->n_indexes;
		return ERR_OK;
	default:
		return ERR_MESSAGE;
	}
}

static enum err
pass_in(struct request_pass *p, const Casewire__Relay__Pass *m)
{
	p->kind = (enum request_pass_kind)m->ask_case;
	switch (m->ask_case) {
	case CASEWIRE__RELAY__PASS__ASK_ISSUE:
		p->name = m->issue->name;
		p->until_at = m->issue->until_ms;
		return pass_name(p->name);
	case CASEWIRE__RELAY__PASS__ASK_REVOKE:
		p->name = m->revoke;
		return pass_name(p->name);
	case CASEWIRE__RELAY__PASS__ASK_LIST:
		return ERR_OK;
	default:
		return ERR_MESSAGE;
	}
}

static enum err
body_in(struct request *r, const Request *m, struct arena *arena)
{
	switch (m->body_case) {
	case CASEWIRE__RELAY__REQUEST__BODY_HELLO:
		return hello_in(&r->hello, m->hello);
	case CASEWIRE__RELAY__REQUEST__BODY_SUBMIT:
		return submit_in(&r->submit, m->submit, arena);
	case CASEWIRE__RELAY__REQUEST__BODY_FETCH:
		return fetch_in(&r->fetch, m->fetch, arena);
	case CASEWIRE__RELAY__REQUEST__BODY_KEYS:
		return keys_in(&r->keys, m->keys);
	case CASEWIRE__RELAY__REQUEST__BODY_LOG:
		return log_in(&r->log, m->log);
	case CASEWIRE__RELAY__REQUEST__BODY_PING:
		r->ping.sent_at = m->ping->sent_ms;
		return ERR_OK;
	case CASEWIRE__RELAY__REQUEST__BODY_PASS:
		return pass_in(&r->pass, m->pass);
	default:
		return ERR_MESSAGE;
	}
}

enum err
request_decode(struct request *request, struct view frame,
    struct arena *arena)
{
	const Request *m;
	enum err err;

	*request = (struct request){0};
	if (frame.len > FRAME_MAX)
		return ERR_TOO_BIG;
	request->ticket = wire_ticket(frame);
	m = wire_unpack(&casewire__relay__request__descriptor, frame,
	    WIRE_IGNORE, arena, &err);
	if (!m)
		return err;
	request->ticket = m->ticket;
	request->kind = (enum request_kind)m->body_case;
	return body_in(request, m, arena);
}
