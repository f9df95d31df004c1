/*
 * Which required field is missing: domain.md's "must carry" column and its
 * section "REQUEST: required fields".  Where a request has none to give of
 * formalities, related requests or attachments the empty list says so; a
 * parallel treaty file and a phone are "if any".
 */
#include <stdarg.h>
#include <stdio.h>

#include "proto/notice.h"

struct finding {
	notice_missing_fn *tell;
	void *ctx;
	bool any;
};

static void __attribute__((format(printf, 3, 4)))
need(struct finding *f, bool there, const char *fmt, ...)
{
	char path[64];
	va_list ap;

	if (there)
		return;
	f->any = true;
	va_start(ap, fmt);
	vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	if (f->tell)
		f->tell(f->ctx, path);
}

static bool
said(const char *text)
{
	return text && text[0] != '\0';
}

static void
need_attachments(struct finding *f, const struct notice_attachment *a,
    size_t n)
{
	for (size_t i = 0; i < n; i++) {
		need(f, !id_is_zero(&a[i].file_id),
		    "attachments[%zu].file_id", i);
		need(f, said(a[i].name), "attachments[%zu].name", i);
		need(f, !hash_is_zero(&a[i].sha256),
		    "attachments[%zu].sha256", i);
	}
}

static void
need_identifiers(struct finding *f, const struct notice_request *r)
{
	need(f, r->identifier_count > 0, "identifiers");
	for (size_t i = 0; i < r->identifier_count; i++) {
		const struct notice_identifier *id = &r->identifier[i];

		need(f, said(id->kind), "identifiers[%zu].kind", i);
		need(f, said(id->value), "identifiers[%zu].value", i);
		need(f, said(id->link), "identifiers[%zu].link", i);
	}
}

static void
need_request(struct finding *f, const struct notice_request *r)
{
	need(f, said(r->request_ref), "request_ref");
	need(f, r->kind != KIND_NONE, "kind");
	need(f, said(r->requesting.name), "requesting.name");
	need(f, said(r->requesting.contact), "requesting.contact");
	need(f, said(r->requested_authority), "requested_authority");
	need(f, said(r->legal_basis), "legal_basis");
	need(f, said(r->channel), "channel");
	need(f, said(r->facts), "facts");
	need(f, said(r->law), "law");
	need(f, said(r->purpose), "purpose");
	need(f, said(r->assistance), "assistance");
	need(f, said(r->grounds), "grounds");
	need_identifiers(f, r);
	need(f, r->period_from_at > 0, "period.from");
	need(f, r->period_until_at >= r->period_from_at &&
	    r->period_until_at > 0, "period.until");
	need(f, said(r->confidentiality), "confidentiality");
	need(f, said(r->confidentiality_reason), "confidentiality_reason");
	need(f, r->wanted_by_at > 0, "wanted_by");
	need(f, said(r->wanted_by_reason), "wanted_by_reason");
	need(f, said(r->urgency_ground), "urgency_ground");
	need(f, r->handling.present, "handling.code");
	need(f, said(r->handling.use_limits), "handling.use_limits");
	need(f, said(r->language), "language");
	need_attachments(f, r->attachment, r->attachment_count);
	if (r->kind == KIND_PRESERVE) {
		need(f, said(r->preserve.data), "preserve.data");
		need(f, said(r->preserve.why), "preserve.why");
	}
}

static void
need_texts(struct finding *f, const struct notice_texts *texts,
    const char *name)
{
	need(f, texts->n > 0, "%s", name);
	for (size_t i = 0; i < texts->n; i++)
		need(f, said(texts->v[i]), "%s[%zu]", name, i);
}

static void
need_decision(struct finding *f, const struct notice_outline *o,
    const struct notice_decision *d)
{
	if (o->outcome == OUTCOME_ACCEPTED)
		return;
	need(f, d->ground != GROUND_NONE, "ground");
	need(f, said(d->explanation), "explanation");
	if (o->outcome == OUTCOME_PARTLY)
		need(f, said(d->scope), "scope");
	if (o->outcome == OUTCOME_POSTPONED)
		need(f, d->next_date_at > 0, "next_date");
}

static void
need_status(struct finding *f, const struct notice_outline *o,
    const struct notice_status *s)
{
	need(f, o->as_of_at > 0, "as_of");
	if (o->outcome == OUTCOME_NO_CHANGE)
		return;
	need(f, said(s->measures), "measures");
	need(f, said(s->next_step), "next_step");
	need(f, s->next_date_at > 0, "next_date");
}

static void
need_result(struct finding *f, const struct notice_outline *o,
    const struct notice_result *r)
{
	need(f, said(r->summary), "summary");
	if (o->outcome != OUTCOME_NIL) {
		need(f, r->item_count > 0, "items");
		need(f, said(r->use_limits), "use_limits");
	}
	for (size_t i = 0; i < r->item_count; i++) {
		need(f, said(r->item[i].description),
		    "items[%zu].description", i);
		need(f, said(r->item[i].custody), "items[%zu].custody", i);
	}
	need_attachments(f, r->attachment, r->attachment_count);
}

static void
need_ack(struct finding *f, const struct notice_ack *a)
{
	need(f, said(a->authority), "authority");
	need(f, said(a->handler_ref), "handler_ref");
	need(f, a->decision_by_at > 0, "decision_by");
}

/* The outcomes each type may name; all others name none. */
static bool
outcome_fits(enum notice_type type, enum notice_outcome outcome)
{
	switch (type) {
	case NOTICE_DECISION:
		return outcome >= OUTCOME_ACCEPTED &&
		    outcome <= OUTCOME_REFUSED;
	case NOTICE_RESULT:
		return outcome >= OUTCOME_PARTIAL && outcome <= OUTCOME_NIL;
	case NOTICE_FEEDBACK:
		return outcome >= OUTCOME_USED && outcome <= OUTCOME_NOT_USED;
	case NOTICE_STATUS:
		return outcome >= OUTCOME_RECEIVED &&
		    outcome <= OUTCOME_NO_CHANGE;
	default:
		return outcome == OUTCOME_NONE;
	}
}

static bool
has_outcome(enum notice_type type)
{
	return type == NOTICE_DECISION || type == NOTICE_RESULT ||
	    type == NOTICE_FEEDBACK || type == NOTICE_STATUS;
}

static void
need_body(struct finding *f, const struct notice_outline *o,
    const struct notice_body *b)
{
	switch (o->type) {
	case NOTICE_REQUEST:
		need_request(f, &b->request);
		break;
	case NOTICE_ACK:
		need_ack(f, &b->ack);
		break;
	case NOTICE_CLARIFY:
		need_texts(f, &b->clarify, "questions");
		break;
	case NOTICE_CLARIFIED:
		need_texts(f, &b->clarified, "answers");
		break;
	case NOTICE_DECISION:
		need_decision(f, o, &b->decision);
		break;
	case NOTICE_STATUS:
		need_status(f, o, &b->status);
		break;
	case NOTICE_RESULT:
		need_result(f, o, &b->result);
		break;
	case NOTICE_WITHDRAW:
		need(f, said(b->withdraw), "reason");
		break;
	case NOTICE_REJECT:
		need(f, b->reject.code != 0, "code");
		need(f, !hash_is_zero(&b->reject.env_id), "env_id");
		break;
	default:
		break;
	}
}

enum err
notice_missing(const struct notice_outline *outline,
    const struct notice_body *body, notice_missing_fn *missing, void *ctx)
{
	struct finding f = {missing, ctx, false};
	bool cased = outline->type != NOTICE_HEARTBEAT &&
	    outline->type != NOTICE_REJECT && outline->type != NOTICE_FILE;

	if (has_outcome(outline->type))
		need(&f, outline->outcome != OUTCOME_NONE, "outcome");
	if (!f.any && !outcome_fits(outline->type, outline->outcome))
		return ERR_CODE;
	if (cased)
		need(&f, !id_is_zero(&outline->case_id), "case_id");
	if (notice_has_body(outline->type)) {
		if (body && body->type == outline->type)
			need_body(&f, outline, body);
		else
			need(&f, false, "body");
	}
	return f.any ? ERR_REQUIRED : ERR_OK;
}
