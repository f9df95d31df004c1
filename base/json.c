#include "base/json.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

/* struct json is jansson's value under another name. */
static const json_t *
in_of(const struct json *v)
{
	return (const json_t *)(const void *)v;
}

static const struct json *
out_of(const json_t *v)
{
	return (const struct json *)(const void *)v;
}

/* Deepest nesting of brackets outside strings, before jansson recurses. */
static bool
depth_ok(const char *p, size_t len)
{
	bool text = false;
	size_t depth = 0, i;

	for (i = 0; i < len; i++) {
		if (text && p[i] == '\\') {
			i++;
		} else if (p[i] == '"') {
			text = !text;
		} else if (!text && (p[i] == '{' || p[i] == '[')) {
			if (++depth > JSON_DEPTH_MAX)
				return false;
		} else if (!text && depth > 0 && (p[i] == '}' || p[i] == ']')) {
			depth--;
		}
	}
	return true;
}

static enum err
parse_fault(struct json_fault *fault, enum err err, const char *why, int line)
{
	if (fault != NULL && fault->err == ERR_OK) {
		fault->err = err;
		fault->at[0] = '\0';
		if (line > 0)
			snprintf(fault->why, sizeof(fault->why),
			    "line %d: %.70s", line, why);
		else
			snprintf(fault->why, sizeof(fault->why), "%.95s", why);
	}
	return err;
}

enum err
json_parse(struct json **out, const void *p, size_t len, size_t max,
    struct json_fault *fault)
{
	json_error_t e;
	json_t *v;

	*out = NULL;
	if (len > max)
		return parse_fault(fault, ERR_TOO_BIG, "too long", 0);
	if (len == 0)
		return parse_fault(fault, ERR_SYNTAX, "empty", 0);
	if (!depth_ok(p, len))
		return parse_fault(fault, ERR_TOO_BIG, "nested too deep", 0);
	v = json_loadb(p, len, JSON_REJECT_DUPLICATES, &e);
	if (v == NULL && json_error_code(&e) == json_error_out_of_memory)
		return ERR_NOMEM;
	if (v == NULL)
		return parse_fault(fault, ERR_SYNTAX, e.text, e.line);
	*out = (struct json *)(void *)v;
	return ERR_OK;
}

void
json_free(struct json **v)
{
	json_t *old = (json_t *)(void *)*v;

	*v = NULL;
	json_decref(old);
}

/* The pointer to a place (RFC 6901), built from the outside in; "~1" for a
 * slash keeps "/a/b" unambiguous. */
static size_t
place(const struct json_cur *cur, char *dst, size_t size)
{
	const char *s;
	size_t len;

	if (cur->up == NULL) {
		dst[0] = '\0';
		return 0;
	}
	len = place(cur->up, dst, size);
	if (cur->key == NULL)
		len += (size_t)snprintf(dst + len, size - len, "/%zu",
		    cur->index);
	else if (len + 1 < size)
		dst[len++] = '/';
	for (s = cur->key; s != NULL && *s != '\0' && len + 2 < size; s++) {
		if (*s == '/' || *s == '~')
			dst[len++] = '~';
		dst[len++] = *s == '~' ? '0' : *s == '/' ? '1' : *s;
	}
	if (len >= size)
		len = size - 1;
	dst[len] = '\0';
	return len;
}

void
json_fail(const struct json_cur *in, enum err err, const char *why)
{
	struct json_fault *fault = in->fault;

	if (fault == NULL || fault->err != ERR_OK)
		return;
	fault->err = err;
	place(in, fault->at, sizeof(fault->at));
	snprintf(fault->why, sizeof(fault->why), "%s", why);
}

struct json_cur
json_root(const struct json *v, struct json_fault *fault)
{
	return (struct json_cur){ .v = v, .fault = fault };
}

struct json_cur
json_get(const struct json_cur *in, const char *key)
{
	struct json_cur cur = { .up = in, .key = key, .fault = in->fault };

	if (in->v == NULL)
		return cur;
	if (!json_is_object(in_of(in->v)))
		json_fail(in, ERR_SYNTAX, "must be an object");
	else
		cur.v = out_of(json_object_get(in_of(in->v), key));
	if (cur.v != NULL && json_is_null(in_of(cur.v)))
		cur.v = NULL;
	return cur;
}

struct json_cur
json_at(const struct json_cur *in, size_t i)
{
	return (struct json_cur){ .up = in, .index = i, .fault = in->fault,
		.v = in->v == NULL ? NULL :
			out_of(json_array_get(in_of(in->v), i)) };
}

size_t
json_len(const struct json_cur *in)
{
	if (in->v == NULL)
		return 0;
	if (json_is_array(in_of(in->v)))
		return json_array_size(in_of(in->v));
	return json_object_size(in_of(in->v));
}

bool
json_has(const struct json_cur *in, const char *key)
{
	return in->v != NULL && json_is_object(in_of(in->v)) &&
		json_get(in, key).v != NULL;
}

const char *
json_key(const struct json_cur *in, size_t i)
{
	json_t *obj;
	void *it;

	if (in->v == NULL || !json_is_object(in_of(in->v)))
		return NULL;
	obj = (json_t *)(uintptr_t)in->v;
	it = json_object_iter(obj);
	while (it != NULL && i-- > 0)
		it = json_object_iter_next(obj, it);
	return it == NULL ? NULL : json_object_iter_key(it);
}

void
json_only(const struct json_cur *in, const char *const *keys)
{
	const char *const *k, *name;
	struct json_cur cur;
	size_t i, n = json_len(in);

	if (in->v == NULL)
		return;
	if (!json_is_object(in_of(in->v))) {
		json_fail(in, ERR_SYNTAX, "must be an object");
		return;
	}
	for (i = 0; i < n; i++) {
		name = json_key(in, i);
		for (k = keys; *k != NULL && strcmp(*k, name) != 0; k++)
			continue;
		if (*k != NULL)
			continue;
		cur = (struct json_cur){ .up = in, .key = name,
			.fault = in->fault };
		json_fail(&cur, ERR_SYNTAX, "is not known");
	}
}

const char *
json_as_str(const struct json_cur *cur)
{
	if (cur->v != NULL && json_is_string(in_of(cur->v)))
		return json_string_value(in_of(cur->v));
	json_fail(cur, ERR_SYNTAX, "must be a text");
	return "";
}

int64_t
json_as_int(const struct json_cur *cur)
{
	if (cur->v != NULL && json_is_integer(in_of(cur->v)))
		return json_integer_value(in_of(cur->v));
	json_fail(cur, ERR_SYNTAX, "must be a whole number");
	return 0;
}

static bool
as_bool(const struct json_cur *cur)
{
	if (json_is_bool(cur))
		return json_is_true(in_of(cur->v));
	json_fail(cur, ERR_SYNTAX, "must be true or false");
	return false;
}

static bool
present(const struct json_cur *cur)
{
	if (cur->v != NULL)
		return true;
	json_fail(cur, ERR_REQUIRED, "is missing");
	return false;
}

const char *
json_str(const struct json_cur *in, const char *key)
{
	struct json_cur cur = json_get(in, key);

	return present(&cur) ? json_as_str(&cur) : "";
}

int64_t
json_int(const struct json_cur *in, const char *key)
{
	struct json_cur cur = json_get(in, key);

	return present(&cur) ? json_as_int(&cur) : 0;
}

bool
json_bool(const struct json_cur *in, const char *key)
{
	struct json_cur cur = json_get(in, key);

	return present(&cur) ? as_bool(&cur) : false;
}

const char *
json_str_or(const struct json_cur *in, const char *key, const char *def)
{
	struct json_cur cur = json_get(in, key);

	return cur.v == NULL ? def : json_as_str(&cur);
}

int64_t
json_int_or(const struct json_cur *in, const char *key, int64_t def)
{
	struct json_cur cur = json_get(in, key);

	return cur.v == NULL ? def : json_as_int(&cur);
}

bool
json_bool_or(const struct json_cur *in, const char *key, bool def)
{
	struct json_cur cur = json_get(in, key);

	return cur.v == NULL ? def : as_bool(&cur);
}

bool
json_is_str(const struct json_cur *cur)
{
	return cur->v != NULL && json_is_string(in_of(cur->v));
}

bool
json_is_int(const struct json_cur *cur)
{
	return cur->v != NULL && json_is_integer(in_of(cur->v));
}

bool
json_is_bool(const struct json_cur *cur)
{
	return cur->v != NULL && json_is_boolean(in_of(cur->v));
}

bool
json_is_obj(const struct json_cur *cur)
{
	return cur->v != NULL && json_is_object(in_of(cur->v));
}

bool
json_is_arr(const struct json_cur *cur)
{
	return cur->v != NULL && json_is_array(in_of(cur->v));
}
