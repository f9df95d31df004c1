#include "endpoint/form.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

enum kind {
	K_STR,		/* const char * */
	K_TIME,		/* uint64_t, UTC ms */
	K_BOOL,
	K_GRADE,	/* uint32_t as "H2" */
	K_SIZE,		/* uint64_t */
	K_HASH,
	K_ID,
	K_KIND,		/* enum notice_kind */
	K_GROUND,	/* enum notice_ground */
	K_TEXTS,	/* struct notice_texts */
	K_LIST,		/* size_t n, then an array of sub */
	K_OBJ,		/* sub in place; `count` tells presence */
	K_SKIP,		/* not ours */
};

#define ALWAYS SIZE_MAX

struct row {
	const char *key;	/* NULL ends a table */
	enum kind kind;
	size_t at;
	const struct row *sub;
	size_t count;		/* K_LIST: size_t; K_OBJ: bool, or ALWAYS */
	size_t size;		/* K_LIST: of an element */
};

#define AT(type, member) offsetof(struct notice_##type, member)
#define ROW(key, kind, at) {key, kind, at, NULL, 0, 0}
#define END {NULL, K_SKIP, 0, NULL, 0, 0}

static const struct row attachment_rows[] = {
    ROW("file_id", K_ID, AT(attachment, file_id)),
    ROW("name", K_STR, AT(attachment, name)),
    ROW("size", K_SIZE, AT(attachment, size)),
    ROW("sha256", K_HASH, AT(attachment, sha256)),
    ROW("media_type", K_STR, AT(attachment, media_type)),
    ROW("source", K_STR, AT(attachment, source)),
    ROW("path", K_SKIP, 0),
    END,
};

static const struct row identifier_rows[] = {
    ROW("kind", K_STR, AT(identifier, kind)),
    ROW("value", K_STR, AT(identifier, value)),
    ROW("link", K_STR, AT(identifier, link)),
    END,
};

static const struct row handling_rows[] = {
    ROW("code", K_GRADE, AT(handling, code)),
    ROW("text", K_STR, AT(handling, text)),
    ROW("use_limits", K_STR, AT(handling, use_limits)),
    END,
};

static const struct row requesting_rows[] = {
    ROW("name", K_STR, AT(request, requesting.name)),
    ROW("desk", K_STR, AT(request, requesting.desk)),
    ROW("contact", K_STR, AT(request, requesting.contact)),
    ROW("phone", K_STR, AT(request, requesting.phone)),
    END,
};

static const struct row period_rows[] = {
    ROW("from", K_TIME, AT(request, period_from_at)),
    ROW("until", K_TIME, AT(request, period_until_at)),
    END,
};

static const struct row preserve_rows[] = {
    ROW("data", K_STR, AT(request, preserve.data)),
    ROW("why", K_STR, AT(request, preserve.why)),
    ROW("will_request", K_BOOL, AT(request, preserve.will_request)),
    END,
};

static const struct row request_rows[] = {
    ROW("request_ref", K_STR, AT(request, request_ref)),
    ROW("kind", K_KIND, AT(request, kind)),
    ROW("formal_ref", K_STR, AT(request, formal_ref)),
    {"requesting", K_OBJ, 0, requesting_rows, ALWAYS, 0},
    ROW("requested_authority", K_STR, AT(request, requested_authority)),
    ROW("legal_basis", K_STR, AT(request, legal_basis)),
    ROW("channel", K_STR, AT(request, channel)),
    ROW("facts", K_STR, AT(request, facts)),
    ROW("law", K_STR, AT(request, law)),
    ROW("purpose", K_STR, AT(request, purpose)),
    ROW("assistance", K_STR, AT(request, assistance)),
    ROW("grounds", K_STR, AT(request, grounds)),
    {"identifiers", K_LIST, AT(request, identifier), identifier_rows,
	AT(request, identifier_count), sizeof(struct notice_identifier)},
    {"period", K_OBJ, 0, period_rows, ALWAYS, 0},
    ROW("confidentiality", K_STR, AT(request, confidentiality)),
    ROW("confidentiality_reason", K_STR, AT(request, confidentiality_reason)),
    ROW("wanted_by", K_TIME, AT(request, wanted_by_at)),
    ROW("wanted_by_reason", K_STR, AT(request, wanted_by_reason)),
    ROW("urgency_ground", K_STR, AT(request, urgency_ground)),
    {"handling", K_OBJ, AT(request, handling), handling_rows,
	AT(request, handling.present), 0},
    ROW("formalities", K_TEXTS, AT(request, formalities)),
    ROW("related", K_TEXTS, AT(request, related)),
    ROW("language", K_STR, AT(request, language)),
    {"attachments", K_LIST, AT(request, attachment), attachment_rows,
	AT(request, attachment_count), sizeof(struct notice_attachment)},
    ROW("at_hand", K_BOOL, AT(request, at_hand)),
    {"preserve", K_OBJ, 0, preserve_rows, AT(request, preserve.present), 0},
    END,
};

static const struct row ack_rows[] = {
    ROW("authority", K_STR, AT(ack, authority)),
    ROW("desk", K_STR, AT(ack, desk)),
    ROW("handler_ref", K_STR, AT(ack, handler_ref)),
    ROW("decision_by", K_TIME, AT(ack, decision_by_at)),
    ROW("remark", K_STR, AT(ack, remark)),
    END,
};

static const struct row clarify_rows[] = {
    ROW("questions", K_TEXTS, 0),
    END,
};

static const struct row clarified_rows[] = {
    ROW("answers", K_TEXTS, 0),
    END,
};

static const struct row decision_rows[] = {
    ROW("ground", K_GROUND, AT(decision, ground)),
    ROW("explanation", K_STR, AT(decision, explanation)),
    ROW("scope", K_STR, AT(decision, scope)),
    ROW("next_date", K_TIME, AT(decision, next_date_at)),
    END,
};

static const struct row status_rows[] = {
    ROW("measures", K_STR, AT(status, measures)),
    ROW("next_step", K_STR, AT(status, next_step)),
    ROW("next_date", K_TIME, AT(status, next_date_at)),
    END,
};

static const struct row item_rows[] = {
    ROW("description", K_STR, AT(item, description)),
    ROW("custody", K_STR, AT(item, custody)),
    ROW("file_id", K_ID, AT(item, file_id)),
    ROW("file", K_SKIP, 0),
    END,
};

static const struct row result_rows[] = {
    {"items", K_LIST, AT(result, item), item_rows, AT(result, item_count),
	sizeof(struct notice_item)},
    ROW("summary", K_STR, AT(result, summary)),
    {"attachments", K_LIST, AT(result, attachment), attachment_rows,
	AT(result, attachment_count), sizeof(struct notice_attachment)},
    {"handling", K_OBJ, AT(result, handling), handling_rows,
	AT(result, handling.present), 0},
    ROW("use_limits", K_STR, AT(result, use_limits)),
    END,
};

static const struct row feedback_rows[] = {
    ROW("text", K_STR, AT(feedback, text)),
    ROW("use", K_STR, AT(feedback, use)),
    END,
};

static const struct row reason_rows[] = {
    ROW("reason", K_STR, 0),
    END,
};

static const struct row reject_rows[] = {
    ROW("env_id", K_HASH, AT(reject, env_id)),
    ROW("detail", K_STR, AT(reject, detail)),
    END,
};

static const struct {
	enum notice_type type;
	const struct row *rows;
} forms[] = {
    {NOTICE_REQUEST, request_rows},
    {NOTICE_ACK, ack_rows},
    {NOTICE_CLARIFY, clarify_rows},
    {NOTICE_CLARIFIED, clarified_rows},
    {NOTICE_DECISION, decision_rows},
    {NOTICE_STATUS, status_rows},
    {NOTICE_RESULT, result_rows},
    {NOTICE_FEEDBACK, feedback_rows},
    {NOTICE_CLOSE, reason_rows},
    {NOTICE_WITHDRAW, reason_rows},
    {NOTICE_REJECT, reject_rows},
};

static const struct row *
rows_of(enum notice_type type)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (forms[i].type == type)
			return forms[i].rows;
	return NULL;
}

static size_t
hex_len(const struct row *row)
{
	return row->kind == K_HASH ? HASH_BYTES : ID_BYTES;
}

/* ---- reading ---- */

static void
read_rows(void *base, const struct row *rows, const struct json_cur *in,
    const char *const *also, struct arena *arena);

#define KEYS_MAX 64

static void
only(const struct json_cur *in, const struct row *rows,
    const char *const *also)
{
	const char *keys[KEYS_MAX + 1] = {NULL};
	size_t n = 0;

	for (; rows->key != NULL && n < KEYS_MAX; rows++)
		keys[n++] = rows->key;
	for (; also != NULL && *also != NULL && n < KEYS_MAX; also++)
		keys[n++] = *also;
	json_only(in, keys);
}

static const char *
text_of(const struct json_cur *cur)
{
	const char *text = json_as_str(cur);

	return text != NULL ? text : "";
}

static void
read_hex(void *dst, size_t len, const struct json_cur *cur)
{
	if (hex_decode(dst, len, text_of(cur)) != ERR_OK)
		json_fail(cur, ERR_SYNTAX, "not this many hex digits");
}

static void
read_time(uint64_t *dst, const struct json_cur *cur)
{
	int64_t at = 0;

	if (clock_parse(&at, text_of(cur)) != ERR_OK || at <= 0)
		json_fail(cur, ERR_SYNTAX,
		    "not a time like 2026-12-01T08:00:00Z");
	else
		*dst = (uint64_t)at;
}

static void
read_grade(uint32_t *dst, const struct json_cur *cur)
{
	const char *text = text_of(cur);

	if ((text[0] | 0x20) != 'h' || text[1] < '0' ||
	    text[1] > '0' + HANDLING_MAX || text[2] != '\0')
		json_fail(cur, ERR_CODE, "not H0, H1, H2 or H3");
	else
		*dst = (uint32_t)(text[1] - '0');
}

static int
read_code(int (*find)(const char *word), const struct json_cur *cur)
{
	int code = find(text_of(cur));

	if (code > 0)
		return code;
	json_fail(cur, ERR_CODE, "not in the closed list");
	return 0;
}

static bool
fits(const struct json_cur *cur, size_t n, size_t max)
{
	if (!json_is_arr(cur)) {
		json_fail(cur, ERR_SYNTAX, "not a list");
		return false;
	}
	if (n > max)
		json_fail(cur, ERR_COUNT, "too many");
	return n > 0 && n <= max;
}

static void
read_texts(struct notice_texts *dst, const struct json_cur *cur,
    struct arena *arena)
{
	size_t n = json_len(cur);
	const char **v;

	if (!fits(cur, n, NOTICE_TEXTS_MAX))
		return;
	v = arena_array(arena, n, sizeof(*v));
	if (v == NULL) {
		json_fail(cur, ERR_NOMEM, "");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct json_cur at = json_at(cur, i);

		v[i] = text_of(&at);
	}
	dst->n = n;
	dst->v = v;
}

static void
read_list(void *base, const struct row *row, const struct json_cur *cur,
    struct arena *arena)
{
	size_t n = json_len(cur);
	uint8_t *v;

	if (!fits(cur, n, NOTICE_LIST_MAX))
		return;
	v = arena_array(arena, n, row->size);
	if (v == NULL) {
		json_fail(cur, ERR_NOMEM, "");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct json_cur at = json_at(cur, i);

		read_rows(v + i * row->size, row->sub, &at, NULL, arena);
	}
	memcpy((uint8_t *)base + row->count, &n, sizeof(n));
	memcpy((uint8_t *)base + row->at, &v, sizeof(v));
}

static void
read_object(void *base, const struct row *row, const struct json_cur *cur,
    struct arena *arena)
{
	if (!json_is_obj(cur)) {
		json_fail(cur, ERR_SYNTAX, "not an object");
		return;
	}
	/* Rows of an object without a struct of its own count from base. */
	read_rows((uint8_t *)base + row->at, row->sub, cur, NULL, arena);
	if (row->count != ALWAYS)
		*((bool *)base + row->count) = true;
}

static void
read_row(void *base, const struct row *row, const struct json_cur *cur,
    struct arena *arena)
{
	void *dst = (uint8_t *)base + row->at;

	switch (row->kind) {
	case K_STR:
		*(const char **)dst = text_of(cur);
		break;
	case K_TIME:
		read_time(dst, cur);
		break;
	case K_BOOL:
		if (!json_is_bool(cur))
			json_fail(cur, ERR_SYNTAX, "not true or false");
		else
			*(bool *)dst = json_bool(cur->up, row->key);
		break;
	case K_GRADE:
		read_grade(dst, cur);
		break;
	case K_SIZE:
		*(uint64_t *)dst = (uint64_t)json_as_int(cur);
		break;
	case K_HASH:
	case K_ID:
		read_hex(dst, hex_len(row), cur);
		break;
	case K_KIND:
		*(enum notice_kind *)dst =
		    (enum notice_kind)read_code(notice_kind_find, cur);
		break;
	case K_GROUND:
		*(enum notice_ground *)dst =
		    (enum notice_ground)read_code(notice_ground_find, cur);
		break;
	case K_TEXTS:
		read_texts(dst, cur, arena);
		break;
	case K_LIST:
		read_list(base, row, cur, arena);
		break;
	case K_OBJ:
		read_object(base, row, cur, arena);
		break;
	case K_SKIP:
		break;
	}
}

static void
read_rows(void *base, const struct row *rows, const struct json_cur *in,
    const char *const *also, struct arena *arena)
{
	only(in, rows, also);
	for (; rows->key != NULL; rows++) {
		struct json_cur cur;

		if (!json_has(in, rows->key))
			continue;
		cur = json_get(in, rows->key);
		read_row(base, rows, &cur, arena);
	}
}

enum err
form_read(struct notice_body *body, enum notice_type type,
    const struct json_cur *in, const char *const *also, struct arena *arena)
{
	const struct row *rows = rows_of(type);

	memset(body, 0, sizeof(*body));
	body->type = type;
	if (rows == NULL)
		return ERR_CODE;
	/* Every body begins where the union does. */
	read_rows(&body->request, rows, in, also, arena);
	return in->fault->err;
}

/* ---- writing ---- */

static struct json *
write_rows(const void *base, const struct row *rows);

static void
write_texts(struct json *out, const char *key,
    const struct notice_texts *texts)
{
	struct json *arr;

	if (texts->n == 0)
		return;
	arr = json_new_arr();
	for (size_t i = 0; i < texts->n; i++)
		json_add_str(arr, texts->v[i]);
	json_put(out, key, &arr);
}

static void
write_list(struct json *out, const void *base, const struct row *row)
{
	struct json *arr;
	const uint8_t *v;
	size_t n;

	memcpy(&n, (const uint8_t *)base + row->count, sizeof(n));
	memcpy(&v, (const uint8_t *)base + row->at, sizeof(v));
	if (n == 0)
		return;
	arr = json_new_arr();
	for (size_t i = 0; i < n; i++) {
		struct json *item = write_rows(v + i * row->size, row->sub);

		json_add(arr, &item);
	}
	json_put(out, row->key, &arr);
}

static void
write_object(struct json *out, const void *base, const struct row *row)
{
	struct json *obj;

	if (row->count != ALWAYS && !*((const bool *)base + row->count))
		return;
	obj = write_rows((const uint8_t *)base + row->at, row->sub);
	json_put(out, row->key, &obj);
}

static void
write_word(struct json *out, const char *key, const char *word, unsigned code)
{
	if (code != 0 && word != NULL)
		json_put_str(out, key, word);
}

static void
write_bytes(struct json *out, const char *key, const void *p, size_t len)
{
	static const uint8_t zeros[HASH_BYTES];

	if (memcmp(p, zeros, len) != 0)
		json_put_hex(out, key, p, len);
}

static void
write_scalar(struct json *out, const void *src, const struct row *row)
{
	const char *text;
	char grade[4];

	switch (row->kind) {
	case K_STR:
		text = *(const char *const *)src;
		if (text != NULL && text[0] != '\0')
			json_put_str(out, row->key, text);
		break;
	case K_TIME:
		if (*(const uint64_t *)src != 0)
			json_put_time(out, row->key,
			    (int64_t)*(const uint64_t *)src);
		break;
	case K_BOOL:
		json_put_bool(out, row->key, *(const bool *)src);
		break;
	case K_GRADE:
		snprintf(grade, sizeof(grade), "H%u",
		    *(const uint32_t *)src % 10);
		json_put_str(out, row->key, grade);
		break;
	case K_SIZE:
		json_put_int(out, row->key, (int64_t)*(const uint64_t *)src);
		break;
	case K_HASH:
	case K_ID:
		write_bytes(out, row->key, src, hex_len(row));
		break;
	default:
		break;
	}
}

static struct json *
write_rows(const void *base, const struct row *rows)
{
	struct json *out = json_new_obj();

	for (; rows->key != NULL; rows++) {
		const void *src = (const uint8_t *)base + rows->at;

		switch (rows->kind) {
		case K_KIND:
			write_word(out, rows->key,
			    notice_kind_name(*(const enum notice_kind *)src),
			    *(const enum notice_kind *)src);
			break;
		case K_GROUND:
			write_word(out, rows->key,
			    notice_ground_name(
				*(const enum notice_ground *)src),
			    *(const enum notice_ground *)src);
			break;
		case K_TEXTS:
			write_texts(out, rows->key, src);
			break;
		case K_LIST:
			write_list(out, base, rows);
			break;
		case K_OBJ:
			write_object(out, base, rows);
			break;
		default:
			write_scalar(out, src, rows);
		}
	}
	return out;
}

struct json *
form_write(const struct notice_body *body)
{
	const struct row *rows = rows_of(body->type);
	struct json *out;

	if (rows == NULL)
		return json_new_obj();
	out = write_rows(&body->request, rows);
	if (body->type == NOTICE_REJECT)
		json_put_str(out, "code",
		    err_name((enum err)body->reject.code));
	return out;
}
