#include <stdio.h>

#include "audit/content.h"
#include "base/clock.h"
#include "proto/arena.h"
#include "proto/chunk.h"
#include "proto/notice.h"

struct rows {
	content_row *row;
	void *ctx;
};

static void
put(const struct rows *r, const char *name, const char *text)
{
	if (text != NULL && text[0] != '\0')
		r->row(r->ctx, name, text);
}

static void
put_at(const struct rows *r, const char *name, uint64_t at)
{
	char text[CLOCK_TEXT_BYTES];

	if (at != 0)
		put(r, name, clock_format(text, (int64_t)at));
}

static void
put_number(const struct rows *r, const char *name, uint64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)n);
	put(r, name, text);
}

static void
put_hex(const struct rows *r, const char *name, const void *p, size_t len)
{
	char text[2 * HASH_BYTES + 1];

	hex_encode(text, p, len);
	put(r, name, text);
}

static void
put_texts(const struct rows *r, const char *name,
    const struct notice_texts *texts)
{
	char path[64];
	size_t i;

	for (i = 0; i < texts->n; i++) {
		snprintf(path, sizeof(path), "%s[%zu]", name, i);
		put(r, path, texts->v[i]);
	}
}

static void
put_attachments(const struct rows *r, const struct notice_attachment *a,
    size_t n)
{
	char path[64];
	size_t i;

	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "attachments[%zu].name", i);
		put(r, path, a[i].name);
		snprintf(path, sizeof(path), "attachments[%zu].size", i);
		put_number(r, path, a[i].size);
		snprintf(path, sizeof(path), "attachments[%zu].sha256", i);
		put_hex(r, path, a[i].sha256.b, HASH_BYTES);
	}
}

static void
put_handling(const struct rows *r, const struct notice_handling *h)
{
	char code[] = "H0";

	if (!h->present)
		return;
	code[1] = (char)('0' + h->code % 10);
	put(r, "handling.code", code);
	put(r, "handling.text", h->text);
	put(r, "handling.use_limits", h->use_limits);
}

static void
put_request(const struct rows *r, const struct notice_request *q)
{
	char path[64];
	size_t i;

	put(r, "request_ref", q->request_ref);
	put(r, "kind", notice_kind_name(q->kind));
	put(r, "formal_ref", q->formal_ref);
	put(r, "requesting.name", q->requesting.name);
	put(r, "requesting.desk", q->requesting.desk);
	put(r, "requesting.contact", q->requesting.contact);
	put(r, "requested_authority", q->requested_authority);
	put(r, "legal_basis", q->legal_basis);
	put(r, "channel", q->channel);
	put(r, "facts", q->facts);
	put(r, "law", q->law);
	put(r, "purpose", q->purpose);
	put(r, "assistance", q->assistance);
	put(r, "grounds", q->grounds);
	for (i = 0; i < q->identifier_count; i++) {
		snprintf(path, sizeof(path), "identifiers[%zu].kind", i);
		put(r, path, q->identifier[i].kind);
		snprintf(path, sizeof(path), "identifiers[%zu].value", i);
		put(r, path, q->identifier[i].value);
		snprintf(path, sizeof(path), "identifiers[%zu].link", i);
		put(r, path, q->identifier[i].link);
	}
	put_at(r, "period.from", q->period_from_at);
	put_at(r, "period.until", q->period_until_at);
	put(r, "confidentiality", q->confidentiality);
	put(r, "confidentiality_reason", q->confidentiality_reason);
	put_at(r, "wanted_by", q->wanted_by_at);
	put(r, "wanted_by_reason", q->wanted_by_reason);
	put(r, "urgency_ground", q->urgency_ground);
	put_handling(r, &q->handling);
	put_texts(r, "formalities", &q->formalities);
	put_texts(r, "related", &q->related);
	put(r, "language", q->language);
	put_attachments(r, q->attachment, q->attachment_count);
	if (q->preserve.present) {
		put(r, "preserve.data", q->preserve.data);
		put(r, "preserve.why", q->preserve.why);
	}
}

static void
put_result(const struct rows *r, const struct notice_result *q)
{
	char path[64];
	size_t i;

	put(r, "summary", q->summary);
	for (i = 0; i < q->item_count; i++) {
		snprintf(path, sizeof(path), "items[%zu].description", i);
		put(r, path, q->item[i].description);
		snprintf(path, sizeof(path), "items[%zu].custody", i);
		put(r, path, q->item[i].custody);
	}
	put_attachments(r, q->attachment, q->attachment_count);
	put_handling(r, &q->handling);
	put(r, "use_limits", q->use_limits);
}

static void
put_ack(const struct rows *r, const struct notice_ack *a)
{
	put(r, "authority", a->authority);
	put(r, "desk", a->desk);
	put(r, "handler_ref", a->handler_ref);
	put_at(r, "decision_by", a->decision_by_at);
	put(r, "remark", a->remark);
}

static void
put_decision(const struct rows *r, const struct notice_decision *d)
{
	put(r, "ground", notice_ground_name(d->ground));
	put(r, "explanation", d->explanation);
	put(r, "scope", d->scope);
	put_at(r, "next_date", d->next_date_at);
}

static void
put_body(const struct rows *r, const struct notice_body *b)
{
	switch (b->type) {
	case NOTICE_REQUEST:
		put_request(r, &b->request);
		break;
	case NOTICE_ACK:
		put_ack(r, &b->ack);
		break;
	case NOTICE_CLARIFY:
		put_texts(r, "questions", &b->clarify);
		break;
	case NOTICE_CLARIFIED:
		put_texts(r, "answers", &b->clarified);
		break;
	case NOTICE_DECISION:
		put_decision(r, &b->decision);
		break;
	case NOTICE_STATUS:
		put(r, "measures", b->status.measures);
		put(r, "next_step", b->status.next_step);
		put_at(r, "next_date", b->status.next_date_at);
		break;
	case NOTICE_RESULT:
		put_result(r, &b->result);
		break;
	case NOTICE_FEEDBACK:
		put(r, "text", b->feedback.text);
		put(r, "use", b->feedback.use);
		break;
	case NOTICE_WITHDRAW:
		put(r, "reason", b->withdraw);
		break;
	case NOTICE_CLOSE:
		put(r, "reason", b->close);
		break;
	case NOTICE_REJECT:
		put(r, "rejects", err_name((enum err)b->reject.code));
		put_hex(r, "rejected", b->reject.env_id.b, HASH_BYTES);
		put(r, "detail", b->reject.detail);
		break;
	default:
		break;
	}
}

static void
put_outline(const struct rows *r, const struct notice_outline *o)
{
	put(r, "type", notice_type_name(o->type));
	if (o->outcome != OUTCOME_NONE)
		put(r, "outcome", notice_outcome_name(o->outcome));
	if (!id_is_zero(&o->case_id))
		put_hex(r, "case_id", o->case_id.b, ID_BYTES);
	if (!hash_is_zero(&o->answers))
		put_hex(r, "answers", o->answers.b, HASH_BYTES);
	put_number(r, "urgency", o->urgency);
	put_texts(r, "clocks", &o->clocks);
	put_at(r, "as_of", o->as_of_at);
	if (o->exercise)
		put(r, "exercise", "yes");
}

/* A file's manifest or a piece of it. */
static void
put_file(const struct rows *r, const struct fields *fields,
    struct arena *arena)
{
	const struct field *f = fields_find(fields, FIELD_MANIFEST);
	struct chunk_manifest m;
	struct chunk c;

	if (f != NULL && chunk_manifest_decode(&m, f->value, arena) == ERR_OK) {
		put_hex(r, "file_id", m.file_id.b, ID_BYTES);
		put(r, "name", m.name);
		put_number(r, "size", m.size);
		put_hex(r, "sha256", m.sha256.b, HASH_BYTES);
	}
	f = fields_find(fields, FIELD_CHUNK);
	if (f != NULL && chunk_decode(&c, f->value) == ERR_OK) {
		put_hex(r, "piece_of", c.file_id.b, ID_BYTES);
		put_number(r, "offset", c.offset);
		put_number(r, "length", c.bytes.len);
	}
}

/* What a heartbeat says of both sides' last messages and open cases. */
static void
put_link(const struct rows *r, struct view value)
{
	struct notice_link link;
	char name[32];
	unsigned l;

	if (notice_link_decode(&link, value) != ERR_OK) {
		put(r, "link", err_name(ERR_ENCODING));
		return;
	}
	for (l = 0; l < LANE_COUNT; l++) {
		snprintf(name, sizeof(name), "own[%u].seq", l);
		put_number(r, name, link.own[l].seq);
		snprintf(name, sizeof(name), "peer[%u].seq", l);
		put_number(r, name, link.peer[l].seq);
	}
	put_number(r, "open_cases", link.open_cases);
	put_hex(r, "open_root", link.open_root.b, HASH_BYTES);
}

/* Fields other than outline and body; what is signed over all fields can be
 * checked only where all are open. */
static void
put_fields(const struct rows *r, const struct fields *fields, bool whole,
    struct arena *arena)
{
	const struct field *f;

	put_file(r, fields, arena);
	if ((f = fields_find(fields, FIELD_LINK)) != NULL)
		put_link(r, f->value);
	if ((f = fields_find(fields, FIELD_AGAIN)) != NULL)
		put_hex(r, "again", f->value.p, f->value.len < HASH_BYTES
						    ? f->value.len
						    : HASH_BYTES);
	if (!whole && fields_find(fields, FIELD_OFFICERS) != NULL)
		put(r, "officers", "not checked, the rest is closed");
}

static void
put_unread(const struct rows *r, const struct fields *fields)
{
	if (fields != NULL && fields_find(fields, FIELD_BODY) != NULL)
		put(r, "body", "not read, the outline is closed");
}

void
content_each(const struct judge_message *m, content_row *row, void *ctx)
{
	const struct fields *fields = m->fields != NULL ? m->fields : m->some;
	struct arena arena = arena_init(ARENA_MAX);
	struct rows r = { row, ctx };
	const struct field *f = NULL;
	struct notice_outline o;
	struct notice_body body;
	enum err err;

	if (fields != NULL)
		put_fields(&r, fields, m->fields != NULL, &arena);
	if (m->outline.p == NULL) {
		put_unread(&r, fields);
		goto out;
	}
	err = notice_outline_decode(&o, m->outline, &arena);
	if (err != ERR_OK) {
		put(&r, "outline", err_name(err));
		goto out;
	}
	put_outline(&r, &o);
	if (fields != NULL)
		f = fields_find(fields, FIELD_BODY);
	if (f == NULL)
		goto out;
	err = notice_body_decode(&body, o.type, f->value, &arena);
	if (err == ERR_OK)
		put_body(&r, &body);
	else
		put(&r, "body", err_name(err));
out:
	arena_free(&arena);
}
