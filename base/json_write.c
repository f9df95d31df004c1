/*
 * json: builders and text.
 */
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/utf8.h"

static json_t *
lib(struct json *v)
{
	return (json_t *)(void *)v;
}

/* A reply is small: without memory for it there is nothing left to do. */
static json_t *
need(json_t *v)
{
	if (v == NULL)
		abort();
	return v;
}

struct json *
json_new_obj(void)
{
	return (struct json *)(void *)need(json_object());
}

struct json *
json_new_arr(void)
{
	return (struct json *)(void *)need(json_array());
}

static void
put(struct json *obj, const char *key, json_t *v)
{
	if (json_object_set_new(lib(obj), key, need(v)) != 0)
		abort();
}

static void
add(struct json *arr, json_t *v)
{
	if (json_array_append_new(lib(arr), need(v)) != 0)
		abort();
}

/* A text value; stray bytes become U+FFFD. */
static json_t *
text(const char *s, size_t len)
{
	struct buf clean;
	uint32_t code;
	json_t *v;
	size_t n;

	if (utf8_valid(s, len))
		return json_stringn(s, len);
	clean = buf_init(3 * len);
	while (len > 0) {
		n = utf8_next(s, len, &code);
		if (n == 0)
			buf_str(&clean, "\xef\xbf\xbd");
		else
			buf_put(&clean, s, n);
		n = n == 0 ? 1 : n;
		s += n;
		len -= n;
	}
	v = json_string(buf_text(&clean));
	buf_free(&clean);
	return v;
}

void
json_put(struct json *obj, const char *key, struct json **child)
{
	json_t *v = *child == NULL ? json_null() : lib(*child);

	*child = NULL;
	put(obj, key, v);
}

void
json_put_str(struct json *obj, const char *key, const char *s)
{
	put(obj, key, s == NULL ? json_null() : text(s, strlen(s)));
}

void
json_put_view(struct json *obj, const char *key, struct view v)
{
	put(obj, key, text(v.len == 0 ? "" : (const char *)v.p, v.len));
}

void
json_put_hex(struct json *obj, const char *key, const void *p, size_t len)
{
	char *hex = malloc(2 * len + 1);

	if (hex == NULL)
		abort();
	hex_encode(hex, p, len);
	put(obj, key, json_string(hex));
	free(hex);
}

void
json_put_int(struct json *obj, const char *key, int64_t v)
{
	put(obj, key, json_integer(v));
}

void
json_put_bool(struct json *obj, const char *key, bool v)
{
	put(obj, key, v ? json_true() : json_false());
}

void
json_put_null(struct json *obj, const char *key)
{
	put(obj, key, json_null());
}

void
json_put_time(struct json *obj, const char *key, int64_t at)
{
	char t[CLOCK_TEXT_BYTES];

	put(obj, key, at == 0 ? json_null() :
		json_string(clock_format(t, at)));
}

void
json_put_copy(struct json *obj, const char *key, const struct json *v)
{
	put(obj, key, v == NULL ? json_null() :
		json_deep_copy((const json_t *)(const void *)v));
}

void
json_add(struct json *arr, struct json **child)
{
	json_t *v = *child == NULL ? json_null() : lib(*child);

	*child = NULL;
	add(arr, v);
}

void
json_add_str(struct json *arr, const char *s)
{
	add(arr, text(s, strlen(s)));
}

void
json_add_int(struct json *arr, int64_t v)
{
	add(arr, json_integer(v));
}

static int
append(const char *p, size_t len, void *ctx)
{
	struct buf *out = ctx;

	buf_put(out, p, len);
	return out->err == ERR_OK ? 0 : -1;
}

enum err
json_write(const struct json *v, bool pretty, struct buf *out)
{
	size_t flags = JSON_ENCODE_ANY |
		(pretty ? JSON_INDENT(2) : JSON_COMPACT);

	if (json_dump_callback((const json_t *)(const void *)v, append, out,
		flags) != 0)
		return out->err != ERR_OK ? out->err : ERR_FAIL;
	if (pretty)
		buf_u8(out, '\n');
	return out->err;
}

/* What stands before each line of an element. */
#define ITEM_INDENT "    "

void
json_open(const struct json *obj, const char *key, struct buf *out)
{
	json_write(obj, true, out);
	if (out->err != ERR_OK)
		return;
	out->len -= 3;		/* "\n}\n", or of an empty one "}\n" */
	if (json_object_size((const json_t *)(const void *)obj) == 0)
		out->len++;
	else
		buf_str(out, ",");
	buf_fmt(out, "\n  \"%s\": [", key);
}

void
json_item(size_t i, struct json **v, struct buf *out)
{
	struct buf text = buf_init(out->max);
	const uint8_t *p, *end, *nl;
	enum err err = json_write(*v, true, &text);

	if (err != ERR_OK && out->err == ERR_OK)
		out->err = err;
	if (i > 0)
		buf_str(out, ",");
	end = text.p + text.len;
	for (p = text.p; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		buf_str(out, "\n" ITEM_INDENT);
		buf_put(out, p, (size_t)(nl - p));
	}
	buf_free(&text);
	json_free(v);
	buf_spill(out);
}

void
json_close(size_t n, struct buf *out)
{
	buf_str(out, n == 0 ? "]\n}\n" : "\n  ]\n}\n");
}
