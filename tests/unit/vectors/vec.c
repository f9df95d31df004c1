#include "vec.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
vec_note(struct vec *v, const char *fmt, ...)
{
	va_list ap;

	if (v->wrong[0] != '\0')
		return;
	va_start(ap, fmt);
	vsnprintf(v->wrong, sizeof(v->wrong), fmt, ap);
	va_end(ap);
}

bool
vec_has(const struct vec *v, const char *key)
{
	return json_has(&v->in, key);
}

struct view
vec_unhex(struct vec *v, const char *key, const char *s)
{
	size_t len = strlen(s) / 2;
	uint8_t *p = arena_alloc(&v->arena, len);

	if (p == NULL || hex_decode(p, len, s) != ERR_OK) {
		vec_note(v, "%s is no hex", key);
		return (struct view){ NULL, 0 };
	}
	return (struct view){ p, len };
}

struct view
vec_hex(struct vec *v, const char *key)
{
	if (!vec_has(v, key)) {
		vec_note(v, "input %s is missing", key);
		return (struct view){ NULL, 0 };
	}
	return vec_unhex(v, key, json_str(&v->in, key));
}

const uint8_t *
vec_key(struct vec *v, const char *key)
{
	static const uint8_t zeros[32];
	struct view b = vec_hex(v, key);

	if (b.len != 32) {
		vec_note(v, "input %s has %zu bytes", key, b.len);
		return zeros;
	}
	return b.p;
}

struct hash
vec_hash(struct vec *v, const char *key)
{
	struct hash h;

	memcpy(h.b, vec_key(v, key), sizeof(h.b));
	return h;
}

struct id
vec_id(struct vec *v, const char *key)
{
	struct id id = { { 0 } };
	struct view b = vec_hex(v, key);

	if (b.len != sizeof(id.b))
		vec_note(v, "input %s has %zu bytes", key, b.len);
	else
		memcpy(id.b, b.p, sizeof(id.b));
	return id;
}

uint64_t
vec_num(struct vec *v, const char *key)
{
	if (!vec_has(v, key))
		vec_note(v, "input %s is missing", key);
	return (uint64_t)json_int(&v->in, key);
}

const char *
vec_text(struct vec *v, const char *key)
{
	if (!vec_has(v, key))
		vec_note(v, "input %s is missing", key);
	return json_str(&v->in, key);
}

struct view
vec_text_view(struct vec *v, const char *key)
{
	const char *s = vec_text(v, key);

	return (struct view){ (const uint8_t *)s, strlen(s) };
}

enum err
vec_path(struct vec *v, struct merkle_path *path, const char *key)
{
	struct view b = vec_hex(v, key);

	path->len = b.len / HASH_BYTES;
	if (b.len % HASH_BYTES != 0 || path->len > MERKLE_PATH_MAX)
		return ERR_PATH_LENGTH;
	if (b.len != 0)
		memcpy(path->h, b.p, b.len);
	return ERR_OK;
}
