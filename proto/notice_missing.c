/*
 * Which required field is missing: what the tables of notice_rows.h say, and
 * what depends on something else that is said.  Where a request has none to
 * give of formalities, related requests or attachments the empty list says
 * so; a parallel treaty file and a phone are "if any".
 */
#include <stdarg.h>
#include <stdio.h>

#include "proto/notice.h"
#include "proto/notice_rows.h"

#define PATH_BYTES 64

struct finding {
	notice_missing_fn *tell;
	void *ctx;
	bool any;
};

static void __attribute__((format(printf, 3, 4)))
need(struct finding *f, bool there, const char *fmt, ...)
{
	char path[PATH_BYTES];
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
need_texts(struct finding *f, const struct notice_texts *texts,
    const char *path)
{
	need(f, texts->n > 0, "%s", path);
	for (size_t i = 0; i < texts->n; i++)
		need(f, said(texts->v[i]), "%s[%zu]", path, i);
}

/* The path of what stands in front, grown by one step.  Tables are two deep
 * and their keys short, so none is ever cut. */
static void __attribute__((format(printf, 2, 3)))
step(char path[PATH_BYTES], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(path, PATH_BYTES, fmt, ap);
	va_end(ap);
}

static void
need_rows(struct finding *f, const struct notice_row *rows, const void *base,
    const char *before);

static void
need_list(struct finding *f, const struct notice_row *row, const void *base,
    const char *path)
{
	char before[PATH_BYTES];
	const uint8_t *each;
	size_t n;

	each = notice_rows_list(row, base, &n);
	for (size_t i = 0; i < n; i++) {
		step(before, "%s[%zu].", path, i);
		need_rows(f, row->rows, each + i * row->size, before);
	}
	if (row->must)
		need(f, n > 0, "%s", path);
}

/* What is required of a part is required where the part is, or must be. */
static void
need_part(struct finding *f, const struct notice_row *row, const void *base,
    const char *path)
{
	char before[PATH_BYTES];

	step(before, "%s.", path);
	if (notice_rows_there(row, base)) {
		need_rows(f, row->rows, (const uint8_t *)base + row->at,
		    before);
		return;
	}
	for (const struct notice_row *r = row->rows; row->must && r->key;
	    r++)
		need(f, !r->must, "%s%s", before, r->key);
}

static void
need_rows(struct finding *f, const struct notice_row *rows, const void *base,
    const char *before)
{
	char path[PATH_BYTES];

	for (; rows->key; rows++) {
		step(path, "%s%s", before, rows->key);
		if (rows->kind == ROW_LIST)
			need_list(f, rows, base, path);
		else if (rows->kind == ROW_PART)
			need_part(f, rows, base, path);
		else if (rows->kind == ROW_TEXTS && rows->must)
			need_texts(f, (const void *)((const uint8_t *)base +
			    rows->at), path);
		else if (rows->must)
			need(f, notice_rows_there(rows, base), "%s", path);
	}
}

/* ---- what depends on what else is said ---- */

static void
need_request(struct finding *f, const struct notice_request *r)
{
	if (r->period_until_at > 0)
		need(f, r->period_until_at >= r->period_from_at,
		    "period.until");
	if (r->kind != KIND_PRESERVE)
		return;
	need(f, said(r->preserve.data), "preserve.data");
	need(f, said(r->preserve.why), "preserve.why");
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
	if (o->outcome == OUTCOME_NIL)
		return;
	need(f, r->item_count > 0, "items");
	need(f, said(r->use_limits), "use_limits");
}

/* It names the message whose duty was not met, or tells an incident. */
static void
need_escalate(struct finding *f, const struct notice_outline *o,
    const struct notice_escalate *e)
{
	if (said(e->incident))
		return;
	need(f, !hash_is_zero(&o->answers), "answers");
	need(f, said(e->clock), "clock");
}

static void
need_more(struct finding *f, const struct notice_outline *o,
    const struct notice_body *b)
{
	switch (o->type) {
	case NOTICE_REQUEST:
		need_request(f, &b->request);
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
	case NOTICE_CORRECT:
		if (b->correct.misfiled)
			need(f, !id_is_zero(&b->correct.right_case),
			    "right_case");
		else
			need(f, said(b->correct.text), "text");
		break;
	case NOTICE_ESCALATE:
		need_escalate(f, o, &b->escalate);
		break;
	default:
		break;
	}
}

/* The outcomes each of these types must name one of; others name none. */
static const struct {
	enum notice_type type;
	enum notice_outcome first, last, also;
} outcomes[] = {
	{NOTICE_DECISION, OUTCOME_ACCEPTED, OUTCOME_REFUSED, 0},
	{NOTICE_RESULT, OUTCOME_PARTIAL, OUTCOME_NIL, 0},
	{NOTICE_FEEDBACK, OUTCOME_USED, OUTCOME_NOT_USED, 0},
	{NOTICE_STATUS, OUTCOME_RECEIVED, OUTCOME_NO_CHANGE, 0},
	{NOTICE_CONSENT, OUTCOME_GRANTED, OUTCOME_DENIED, 0},
	{NOTICE_REPLY, OUTCOME_AGREED, OUTCOME_NOTED, 0},
	{NOTICE_SESSION, OUTCOME_PROPOSED, OUTCOME_MINUTED, OUTCOME_AGREED},
	{NOTICE_CALL_RECORD, OUTCOME_RECORDED, OUTCOME_DISPUTED, 0},
};

static enum err
need_outcome(struct finding *f, const struct notice_outline *o)
{
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
		if (outcomes[i].type != o->type)
			continue;
		if (o->outcome == OUTCOME_NONE) {
			need(f, false, "outcome");
			return ERR_OK;
		}
		return (o->outcome >= outcomes[i].first &&
		    o->outcome <= outcomes[i].last) ||
		    o->outcome == outcomes[i].also ? ERR_OK : ERR_CODE;
	}
	return o->outcome == OUTCOME_NONE ? ERR_OK : ERR_CODE;
}

/* Types that need name no case: the agents' own, and what concerns all. */
static bool
cased(enum notice_type type)
{
	return type != NOTICE_HEARTBEAT && type != NOTICE_REJECT &&
	    type != NOTICE_FILE;
}

enum err
notice_missing(const struct notice_outline *outline,
    const struct notice_body *body, notice_missing_fn *missing, void *ctx)
{
	const struct notice_row *rows = notice_rows(outline->type);
	struct finding f = {missing, ctx, false};
	enum err err = need_outcome(&f, outline);

	if (err)
		return err;
	if (cased(outline->type))
		need(&f, !id_is_zero(&outline->case_id), "case_id");
	if (notice_has_body(outline->type) &&
	    (!body || body->type != outline->type)) {
		need(&f, false, "body");
	} else if (outline->type == NOTICE_PROFILE) {
		if (profile_missing(&body->profile, missing, ctx) != ERR_OK)
			f.any = true;
	} else if (rows) {
		need_rows(&f, rows, &body->request, "");
		need_more(&f, outline, body);
	}
	return f.any ? ERR_REQUIRED : ERR_OK;
}
