/* REQUEST and RESULT, the bodies with parts; smaller ones: notice_small.c. */
#include <string.h>

#include "proto/chunk.h"
#include "proto/content.pb-c.h"
#include "proto/notice_small.h"
#include "proto/wire.h"

typedef Casewire__Content__Request Request;
typedef Casewire__Content__Attachment Attachment;
typedef Casewire__Content__Handling Handling;
typedef Casewire__Content__Result__Item Item;
typedef Casewire__Content__Identifier Identifier;

/* ---- parts several bodies have ---- */

static enum err
texts_in(struct notice_texts *texts, size_t n, char **v)
{
	if (n > NOTICE_TEXTS_MAX)
		return ERR_COUNT;
	*texts = (struct notice_texts){n, (const char *const *)v};
	return ERR_OK;
}

static char **
texts_out(const struct notice_texts *texts)
{
	return (char **)(uintptr_t)texts->v;
}

/*
 * list_out(arena, n, size, each, err):
 * n structs of size for one repeated field, and the pointers protobuf-c
 * wants in front; *each is the first struct.
 */
static void *
list_out(struct arena *arena, size_t n, size_t size, void *each,
    enum err *err)
{
	char **list, *block;

	*err = ERR_OK;
	if (n > NOTICE_LIST_MAX) {
		*err = ERR_COUNT;
		return NULL;
	}
	list = arena_array(arena, n, sizeof(*list));
	block = arena_array(arena, n, size);
	if (!list || !block) {
		*err = ERR_NOMEM;
		return NULL;
	}
	for (size_t i = 0; i < n; i++)
		list[i] = block + i * size;
	memcpy(each, &block, sizeof(block));
	return list;
}

/* An array of n for a decoded list. */
static void *
list_in(struct arena *arena, size_t n, size_t size, enum err *err)
{
	void *list = NULL;

	*err = ERR_COUNT;
	if (n <= NOTICE_LIST_MAX) {
		list = arena_array(arena, n, size);
		*err = list ? ERR_OK : ERR_NOMEM;
	}
	return list;
}

static Attachment **
attachments_out(struct arena *arena, const struct notice_attachment *a,
    size_t n, enum err *err)
{
	Attachment *m;
	Attachment **list = list_out(arena, n, sizeof(*m), &m, err);

	for (size_t i = 0; list && i < n; i++) {
		casewire__content__attachment__init(&m[i]);
		if (!a[i].name || !chunk_name_ok(a[i].name))
			*err = ERR_MESSAGE;
		m[i].file_id = (ProtobufCBinaryData)
		    WIRE_BYTES(a[i].file_id.b, ID_BYTES);
		m[i].name = wire_text(a[i].name);
		m[i].size = a[i].size;
		m[i].sha256 = (ProtobufCBinaryData)
		    WIRE_BYTES(a[i].sha256.b, HASH_BYTES);
		m[i].media_type = wire_text(a[i].media_type);
		m[i].source = wire_text(a[i].source);
	}
	return list;
}

static enum err
attachments_in(const struct notice_attachment **out, size_t *count,
    Attachment *const *m, size_t n, struct arena *arena)
{
	enum err err;
	struct notice_attachment *a = list_in(arena, n, sizeof(*a), &err);

	for (size_t i = 0; !err && i < n; i++) {
		a[i].name = m[i]->name;
		a[i].size = m[i]->size;
		a[i].media_type = m[i]->media_type;
		a[i].source = m[i]->source;
		if (!chunk_name_ok(m[i]->name))
			err = ERR_MESSAGE;
		if (!err)
			err = wire_fixed(a[i].file_id.b, ID_BYTES,
			    m[i]->file_id.data, m[i]->file_id.len);
		if (!err)
			err = wire_fixed(a[i].sha256.b, HASH_BYTES,
			    m[i]->sha256.data, m[i]->sha256.len);
	}
	*out = a;
	*count = n;
	return err;
}

/* The message for h in *m, or NULL where it is not present. */
static Handling *
handling_out(const struct notice_handling *h, Handling *m, enum err *err)
{
	casewire__content__handling__init(m);
	if (!h->present)
		return NULL;
	if (h->code > HANDLING_MAX)
		*err = ERR_CODE;
	m->code = h->code;
	m->text = wire_text(h->text);
	m->use_limits = wire_text(h->use_limits);
	return m;
}

static enum err
handling_in(struct notice_handling *h, const Handling *m)
{
	*h = (struct notice_handling){.text = "", .use_limits = ""};
	if (!m)
		return ERR_OK;
	h->present = true;
	h->code = m->code;
	h->text = m->text;
	h->use_limits = m->use_limits;
	return h->code > HANDLING_MAX ? ERR_CODE : ERR_OK;
}

/* ---- request ---- */

static Identifier **
identifiers_out(struct arena *arena, const struct notice_request *r,
    enum err *err)
{
	Identifier *m;
	Identifier **list = list_out(arena, r->identifier_count, sizeof(*m),
	    &m, err);

	for (size_t i = 0; list && i < r->identifier_count; i++) {
		casewire__content__identifier__init(&m[i]);
		m[i].kind = wire_text(r->identifier[i].kind);
		m[i].value = wire_text(r->identifier[i].value);
		m[i].link = wire_text(r->identifier[i].link);
	}
	return list;
}

static enum err
identifiers_in(struct notice_request *r, const Request *m,
    struct arena *arena)
{
	enum err err;
	struct notice_identifier *id = list_in(arena, m->n_identifiers,
	    sizeof(*id), &err);

	for (size_t i = 0; !err && i < m->n_identifiers; i++) {
		id[i].kind = m->identifiers[i]->kind;
		id[i].value = m->identifiers[i]->value;
		id[i].link = m->identifiers[i]->link;
	}
	r->identifier = id;
	r->identifier_count = m->n_identifiers;
	return err;
}

static void
request_texts_out(Request *m, const struct notice_request *r)
{
	m->request_ref = wire_text(r->request_ref);
	m->kind = (Casewire__Content__Request__Kind)r->kind;
	m->formal_ref = wire_text(r->formal_ref);
	m->requested_authority = wire_text(r->requested_authority);
	m->legal_basis = wire_text(r->legal_basis);
	m->channel = wire_text(r->channel);
	m->facts = wire_text(r->facts);
	m->law = wire_text(r->law);
	m->purpose = wire_text(r->purpose);
	m->assistance = wire_text(r->assistance);
	m->grounds = wire_text(r->grounds);
	m->confidentiality = wire_text(r->confidentiality);
	m->confidentiality_reason = wire_text(r->confidentiality_reason);
	m->wanted_by_ms = r->wanted_by_at;
	m->wanted_by_reason = wire_text(r->wanted_by_reason);
	m->urgency_ground = wire_text(r->urgency_ground);
	m->n_formalities = r->formalities.n;
	m->formalities = texts_out(&r->formalities);
	m->n_related = r->related.n;
	m->related = texts_out(&r->related);
	m->language = wire_text(r->language);
	m->at_hand = r->at_hand;
}

static enum err
request_encode(struct buf *out, const struct notice_body *b,
    struct arena *arena)
{
	const struct notice_request *r = &b->request;
	Request m = CASEWIRE__CONTENT__REQUEST__INIT;
	Casewire__Content__Authority who = CASEWIRE__CONTENT__AUTHORITY__INIT;
	Casewire__Content__Period period = CASEWIRE__CONTENT__PERIOD__INIT;
	Casewire__Content__Preserve keep = CASEWIRE__CONTENT__PRESERVE__INIT;
	Handling handling;
	enum err err = ERR_OK;

	if (r->formalities.n > NOTICE_TEXTS_MAX ||
	    r->related.n > NOTICE_TEXTS_MAX)
		return ERR_COUNT;
	request_texts_out(&m, r);
	who.name = wire_text(r->requesting.name);
	who.desk = wire_text(r->requesting.desk);
	who.contact = wire_text(r->requesting.contact);
	who.phone = wire_text(r->requesting.phone);
	m.requesting = &who;
	period.from_ms = r->period_from_at;
	period.until_ms = r->period_until_at;
	m.period = &period;
	keep.data = wire_text(r->preserve.data);
	keep.why = wire_text(r->preserve.why);
	keep.will_request = r->preserve.will_request;
	m.preserve = r->preserve.present ? &keep : NULL;
	m.handling = handling_out(&r->handling, &handling, &err);
	m.n_identifiers = r->identifier_count;
	if (!err)
		m.identifiers = identifiers_out(arena, r, &err);
	m.n_attachments = r->attachment_count;
	if (!err)
		m.attachments = attachments_out(arena, r->attachment,
		    r->attachment_count, &err);
	return err ? err : wire_pack(out, &m.base, BODY_MAX);
}

static void
request_texts_in(struct notice_request *r, const Request *m)
{
	r->request_ref = m->request_ref;
	r->kind = (enum notice_kind)m->kind;
	r->formal_ref = m->formal_ref;
	r->requested_authority = m->requested_authority;
	r->legal_basis = m->legal_basis;
	r->channel = m->channel;
	r->facts = m->facts;
	r->law = m->law;
	r->purpose = m->purpose;
	r->assistance = m->assistance;
	r->grounds = m->grounds;
	r->confidentiality = m->confidentiality;
	r->confidentiality_reason = m->confidentiality_reason;
	r->wanted_by_at = m->wanted_by_ms;
	r->wanted_by_reason = m->wanted_by_reason;
	r->urgency_ground = m->urgency_ground;
	r->language = m->language;
	r->at_hand = m->at_hand;
}

static void
request_parts_in(struct notice_request *r, const Request *m)
{
	r->requesting.name = m->requesting ? m->requesting->name : "";
	r->requesting.desk = m->requesting ? m->requesting->desk : "";
	r->requesting.contact = m->requesting ? m->requesting->contact : "";
	r->requesting.phone = m->requesting ? m->requesting->phone : "";
	if (m->period) {
		r->period_from_at = m->period->from_ms;
		r->period_until_at = m->period->until_ms;
	}
	r->preserve.present = m->preserve != NULL;
	r->preserve.data = m->preserve ? m->preserve->data : "";
	r->preserve.why = m->preserve ? m->preserve->why : "";
	r->preserve.will_request = m->preserve && m->preserve->will_request;
}

static enum err
request_decode(struct notice_body *b, struct view value, struct arena *arena)
{
	struct notice_request *r = &b->request;
	enum err err;
	const Request *m = wire_unpack(
	    &casewire__content__request__descriptor, value, WIRE_REFUSE,
	    arena, &err);

	if (!m)
		return err;
	request_texts_in(r, m);
	request_parts_in(r, m);
	err = handling_in(&r->handling, m->handling);
	if (!err)
		err = texts_in(&r->formalities, m->n_formalities,
		    m->formalities);
	if (!err)
		err = texts_in(&r->related, m->n_related, m->related);
	if (!err)
		err = identifiers_in(r, m, arena);
	if (!err)
		err = attachments_in(&r->attachment, &r->attachment_count,
		    m->attachments, m->n_attachments, arena);
	return err;
}

/* ---- result ---- */

static Item **
items_out(struct arena *arena, const struct notice_result *r, enum err *err)
{
	Item *m;
	Item **list = list_out(arena, r->item_count, sizeof(*m), &m, err);

	for (size_t i = 0; list && i < r->item_count; i++) {
		const struct notice_item *item = &r->item[i];

		casewire__content__result__item__init(&m[i]);
		m[i].description = wire_text(item->description);
		m[i].custody = wire_text(item->custody);
		m[i].file_id = (ProtobufCBinaryData)
		    WIRE_OPT(&item->file_id, id_is_zero(&item->file_id));
	}
	return list;
}

static enum err
items_in(struct notice_result *r, const Casewire__Content__Result *m,
    struct arena *arena)
{
	enum err err;
	struct notice_item *item = list_in(arena, m->n_items, sizeof(*item),
	    &err);

	for (size_t i = 0; !err && i < m->n_items; i++) {
		item[i].description = m->items[i]->description;
		item[i].custody = m->items[i]->custody;
		err = wire_fixed_opt(item[i].file_id.b, ID_BYTES,
		    m->items[i]->file_id.data, m->items[i]->file_id.len);
	}
	r->item = item;
	r->item_count = m->n_items;
	return err;
}

static enum err
result_encode(struct buf *out, const struct notice_body *b,
    struct arena *arena)
{
	const struct notice_result *r = &b->result;
	Casewire__Content__Result m = CASEWIRE__CONTENT__RESULT__INIT;
	Handling handling;
	enum err err = ERR_OK;

	m.handling = handling_out(&r->handling, &handling, &err);
	m.summary = wire_text(r->summary);
	m.use_limits = wire_text(r->use_limits);
	m.n_items = r->item_count;
	if (!err)
		m.items = items_out(arena, r, &err);
	m.n_attachments = r->attachment_count;
	if (!err)
		m.attachments = attachments_out(arena, r->attachment,
		    r->attachment_count, &err);
	return err ? err : wire_pack(out, &m.base, BODY_MAX);
}

static enum err
result_decode(struct notice_body *b, struct view value, struct arena *arena)
{
	struct notice_result *r = &b->result;
	enum err err;
	const Casewire__Content__Result *m = wire_unpack(
	    &casewire__content__result__descriptor, value, WIRE_REFUSE,
	    arena, &err);

	if (!m)
		return err;
	r->summary = m->summary;
	r->use_limits = m->use_limits;
	err = handling_in(&r->handling, m->handling);
	if (!err)
		err = items_in(r, m, arena);
	if (!err)
		err = attachments_in(&r->attachment, &r->attachment_count,
		    m->attachments, m->n_attachments, arena);
	return err;
}

/* ---- by type ---- */

bool
notice_has_body(enum notice_type type)
{
	return type == NOTICE_REQUEST || type == NOTICE_RESULT ||
	    notice_small_has(type);
}

enum err
notice_body_encode(struct buf *out, const struct notice_body *b)
{
	struct arena arena = arena_init(ARENA_MAX);
	enum err err;

	if (b->type == NOTICE_REQUEST)
		err = request_encode(out, b, &arena);
	else if (b->type == NOTICE_RESULT)
		err = result_encode(out, b, &arena);
	else
		err = notice_small_encode(out, b);
	arena_free(&arena);
	return err;
}

enum err
notice_body_decode(struct notice_body *b, enum notice_type type,
    struct view value, struct arena *arena)
{
	*b = (struct notice_body){.type = type};
	if (!notice_has_body(type))
		return ERR_CODE;
	if (value.len > BODY_MAX)
		return ERR_TOO_BIG;
	if (type == NOTICE_REQUEST)
		return request_decode(b, value, arena);
	if (type == NOTICE_RESULT)
		return result_decode(b, value, arena);
	return notice_small_decode(b, value, arena);
}
