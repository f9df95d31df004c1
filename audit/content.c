#include <stdarg.h>
#include <stdio.h>

#include "audit/content.h"
#include "base/clock.h"
#include "proto/arena.h"
#include "proto/chunk.h"
#include "proto/notice.h"
#include "proto/notice_rows.h"

#define NAME_BYTES 80

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

/* The name of what stands in front, grown by one step.  Tables are two deep
 * and their keys short, so none is ever cut. */
static void __attribute__((format(printf, 2, 3)))
step(char name[NAME_BYTES], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, NAME_BYTES, fmt, ap);
	va_end(ap);
}

static void
put_texts(const struct rows *r, const char *name,
    const struct notice_texts *texts)
{
	char path[NAME_BYTES];
	size_t i;

	for (i = 0; i < texts->n; i++) {
		step(path, "%s[%zu]", name, i);
		put(r, path, texts->v[i]);
	}
}

static void
put_rows(const struct rows *r, const struct notice_row *rows,
    const void *base, const char *before);

static void
put_list(const struct rows *r, const struct notice_row *row,
    const void *base, const char *name)
{
	char before[NAME_BYTES];
	const uint8_t *each;
	size_t i, n;

	each = notice_rows_list(row, base, &n);
	for (i = 0; i < n; i++) {
		step(before, "%s[%zu].", name, i);
		put_rows(r, row->rows, each + i * row->size, before);
	}
}

static void
put_code(const struct rows *r, const char *name,
    const struct notice_row *row, uint32_t number)
{
	char grade[] = "H0";

	switch (row->kind) {
	case ROW_GRADE:
		grade[1] = (char)('0' + number % 10);
		put(r, name, grade);
		break;
	case ROW_STATUS:
		put(r, name, err_name((enum err)number));
		break;
	case ROW_CODE:
		put(r, name, notice_words_name(row->words, (int)number));
		break;
	default:
		put_number(r, name, number);
		break;
	}
}

static void
put_row(const struct rows *r, const struct notice_row *row,
    const void *base, const char *name)
{
	const void *at = (const uint8_t *)base + row->at;
	char before[NAME_BYTES];

	switch (row->kind) {
	case ROW_TEXT:
	case ROW_NAME:
		put(r, name, *(const char *const *)at);
		break;
	case ROW_TIME:
		put_at(r, name, *(const uint64_t *)at);
		break;
	case ROW_SIZE:
		put_number(r, name, *(const uint64_t *)at);
		break;
	case ROW_FLAG:
		if (*(const bool *)at)
			put(r, name, "yes");
		break;
	case ROW_HASH:
		put_hex(r, name, at, HASH_BYTES);
		break;
	case ROW_ID:
		put_hex(r, name, at, ID_BYTES);
		break;
	case ROW_TEXTS:
		put_texts(r, name, at);
		break;
	case ROW_LIST:
		put_list(r, row, base, name);
		break;
	case ROW_PART:
		step(before, "%s.", name);
		put_rows(r, row->rows, at, before);
		break;
	case ROW_NUMBER:
	case ROW_GRADE:
	case ROW_STATUS:
	case ROW_CODE:
		put_code(r, name, row, *(const uint32_t *)at);
		break;
	case ROW_ASIDE:
		break;
	}
}

static void
put_rows(const struct rows *r, const struct notice_row *rows,
    const void *base, const char *before)
{
	char name[NAME_BYTES];

	for (; rows->key != NULL; rows++) {
		step(name, "%s%s", before, rows->key);
		if (rows->kind == ROW_SIZE || notice_rows_there(rows, base))
			put_row(r, rows, base, name);
	}
}

/* Whose wall clock and tiers; the days are data for the clocks. */
static void
put_profile(const struct rows *r, const struct profile *profile)
{
	char name[NAME_BYTES];
	unsigned i, k;

	put_number(r, "number", profile->number);
	for (i = 0; i < 2; i++) {
		snprintf(name, sizeof(name), "%c.city", 'a' + i);
		put(r, name, profile->side[i].city);
		for (k = 0; k < PROFILE_TIERS; k++) {
			snprintf(name, sizeof(name), "%c.tiers[%u]", 'a' + i,
			    k);
			put(r, name, profile->side[i].tier[k]);
		}
		snprintf(name, sizeof(name), "%c.years", 'a' + i);
		put_number(r, name, profile->side[i].year_count);
	}
}

static void
put_body(const struct rows *r, const struct notice_body *b)
{
	const struct notice_row *rows = notice_rows(b->type);

	if (rows != NULL)
		put_rows(r, rows, &b->request, "");
	else if (b->type == NOTICE_PROFILE)
		put_profile(r, &b->profile);
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
	const struct judge_shown *shown = m->shown;
	const struct fields *fields = shown->fields != NULL ? shown->fields
							    : shown->some;
	struct arena arena = arena_init(ARENA_MAX);
	struct rows r = { row, ctx };
	const struct field *f = NULL;
	struct notice_outline o;
	struct notice_body body;
	enum err err;

	if (fields != NULL)
		put_fields(&r, fields, shown->fields != NULL, &arena);
	if (shown->outline.p == NULL) {
		put_unread(&r, fields);
		goto out;
	}
	err = notice_outline_decode(&o, shown->outline, &arena);
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
