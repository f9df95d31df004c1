#include "endpoint/form.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "endpoint/form_profile.h"
#include "proto/notice_rows.h"

/* ---- reading ---- */

static void
read_rows(void *base, const struct notice_row *rows,
    const struct json_cur *in, const char *const *also, struct arena *arena);

#define KEYS_MAX 64

static void
only(const struct json_cur *in, const struct notice_row *rows,
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

static void
read_number(uint32_t *dst, const struct notice_row *row,
    const struct json_cur *cur)
{
	int64_t number = json_as_int(cur);

	if (number < 1 || (uint64_t)number > row->size)
		json_fail(cur, ERR_CODE, "not in its range");
	else
		*dst = (uint32_t)number;
}

static void
read_code(uint32_t *dst, const struct notice_row *row,
    const struct json_cur *cur)
{
	int code = notice_words_find(row->words, text_of(cur));

	if (code > 0)
		*dst = (uint32_t)code;
	else
		json_fail(cur, ERR_CODE, "not in the closed list");
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
read_list(void *base, const struct notice_row *row,
    const struct json_cur *cur, struct arena *arena)
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

		read_rows(v + i * row->size, row->rows, &at, NULL, arena);
	}
	memcpy((uint8_t *)base + row->count, &n, sizeof(n));
	memcpy((uint8_t *)base + row->at, &v, sizeof(v));
}

static void
read_object(void *base, const struct notice_row *row,
    const struct json_cur *cur, struct arena *arena)
{
	if (!json_is_obj(cur)) {
		json_fail(cur, ERR_SYNTAX, "not an object");
		return;
	}
	read_rows((uint8_t *)base + row->at, row->rows, cur, NULL, arena);
	if (row->count != ROW_ALWAYS)
		*((bool *)base + row->count) = true;
}

static void
read_row(void *base, const struct notice_row *row, const struct json_cur *cur,
    struct arena *arena)
{
	void *dst = (uint8_t *)base + row->at;

	switch (row->kind) {
	case ROW_TEXT:
	case ROW_NAME:
		*(const char **)dst = text_of(cur);
		break;
	case ROW_TIME:
		read_time(dst, cur);
		break;
	case ROW_FLAG:
		if (!json_is_bool(cur))
			json_fail(cur, ERR_SYNTAX, "not true or false");
		else
			*(bool *)dst = json_bool(cur->up, row->key);
		break;
	case ROW_GRADE:
		read_grade(dst, cur);
		break;
	case ROW_SIZE:
		*(uint64_t *)dst = (uint64_t)json_as_int(cur);
		break;
	case ROW_NUMBER:
		read_number(dst, row, cur);
		break;
	case ROW_CODE:
		read_code(dst, row, cur);
		break;
	case ROW_STATUS:
		json_fail(cur, ERR_CODE, "only an agent writes it");
		break;
	case ROW_HASH:
		read_hex(dst, HASH_BYTES, cur);
		break;
	case ROW_ID:
		read_hex(dst, ID_BYTES, cur);
		break;
	case ROW_TEXTS:
		read_texts(dst, cur, arena);
		break;
	case ROW_LIST:
		read_list(base, row, cur, arena);
		break;
	case ROW_PART:
		read_object(base, row, cur, arena);
		break;
	case ROW_ASIDE:
		break;
	}
}

static void
read_rows(void *base, const struct notice_row *rows,
    const struct json_cur *in, const char *const *also, struct arena *arena)
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
	const struct notice_row *rows = notice_rows(type);

	memset(body, 0, sizeof(*body));
	body->type = type;
	if (type == NOTICE_PROFILE) {
		form_profile_read(&body->profile, in, also, arena);
		return in->fault->err;
	}
	if (rows == NULL)
		return ERR_CODE;
	/* Every body begins where the union does. */
	read_rows(&body->request, rows, in, also, arena);
	return in->fault->err;
}

/* ---- writing ---- */

static struct json *
write_rows(const void *base, const struct notice_row *rows);

static void
write_texts(struct json *out, const char *key,
    const struct notice_texts *texts)
{
	struct json *arr = json_new_arr();

	for (size_t i = 0; i < texts->n; i++)
		json_add_str(arr, texts->v[i]);
	json_put(out, key, &arr);
}

static void
write_list(struct json *out, const void *base, const struct notice_row *row)
{
	struct json *arr = json_new_arr();
	const uint8_t *v;
	size_t n;

	v = notice_rows_list(row, base, &n);
	for (size_t i = 0; i < n; i++) {
		struct json *item = write_rows(v + i * row->size, row->rows);

		json_add(arr, &item);
	}
	json_put(out, row->key, &arr);
}

static void
write_number(struct json *out, const struct notice_row *row, uint32_t number)
{
	const char *word;
	char grade[4];

	switch (row->kind) {
	case ROW_GRADE:
		snprintf(grade, sizeof(grade), "H%u", number % 10);
		json_put_str(out, row->key, grade);
		break;
	case ROW_STATUS:
		json_put_str(out, row->key, err_name((enum err)number));
		break;
	case ROW_CODE:
		word = notice_words_name(row->words, (int)number);
		if (word != NULL)
			json_put_str(out, row->key, word);
		break;
	default:
		json_put_int(out, row->key, number);
		break;
	}
}

static void
write_row(struct json *out, const void *base, const struct notice_row *row)
{
	const void *src = (const uint8_t *)base + row->at;
	struct json *part;

	switch (row->kind) {
	case ROW_TEXT:
	case ROW_NAME:
		json_put_str(out, row->key, *(const char *const *)src);
		break;
	case ROW_TIME:
		json_put_time(out, row->key,
		    (int64_t)*(const uint64_t *)src);
		break;
	case ROW_SIZE:
		json_put_int(out, row->key, (int64_t)*(const uint64_t *)src);
		break;
	case ROW_FLAG:
		json_put_bool(out, row->key, *(const bool *)src);
		break;
	case ROW_HASH:
		json_put_hex(out, row->key, src, HASH_BYTES);
		break;
	case ROW_ID:
		json_put_hex(out, row->key, src, ID_BYTES);
		break;
	case ROW_TEXTS:
		write_texts(out, row->key, src);
		break;
	case ROW_LIST:
		write_list(out, base, row);
		break;
	case ROW_PART:
		part = write_rows(src, row->rows);
		json_put(out, row->key, &part);
		break;
	case ROW_NUMBER:
	case ROW_GRADE:
	case ROW_STATUS:
	case ROW_CODE:
		write_number(out, row, *(const uint32_t *)src);
		break;
	case ROW_ASIDE:
		break;
	}
}

static struct json *
write_rows(const void *base, const struct notice_row *rows)
{
	struct json *out = json_new_obj();

	/* A size of nothing is said too: an empty file has one. */
	for (; rows->key != NULL; rows++)
		if (rows->kind == ROW_SIZE || notice_rows_there(rows, base))
			write_row(out, base, rows);
	return out;
}

struct json *
form_write(const struct notice_body *body)
{
	const struct notice_row *rows = notice_rows(body->type);

	if (body->type == NOTICE_PROFILE)
		return form_profile_write(&body->profile);
	return rows == NULL ? json_new_obj() :
	    write_rows(&body->request, rows);
}
