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

/* Decode hex text into the arena. */
static struct view
unhex(struct vec *v, const char *key, const char *s)
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
	return unhex(v, key, json_str(&v->in, key));
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

/* The i of key in out, marked as compared; false if it is not there. */
static bool
claim(struct vec *v, const char *key)
{
	size_t i, n = json_len(&v->out);

	for (i = 0; i < n && i < VEC_OUT_MAX; i++) {
		if (strcmp(json_key(&v->out, i), key) == 0) {
			v->compared |= 1u << i;
			return true;
		}
	}
	return false;
}

void
vec_is_hex(struct vec *v, const char *key, const void *p, size_t len)
{
	struct view want;

	if (!claim(v, key))
		return;
	want = unhex(v, key, json_str(&v->out, key));
	if (want.len != len || (len != 0 && memcmp(want.p, p, len) != 0)) {
		char got[2 * 32 + 1];

		hex_encode(got, p, len < 32 ? len : 32);
		vec_note(v, "%s is %s%s (%zu bytes), not %.64s (%zu)", key,
		    got, len > 32 ? "..." : "", len,
		    json_str(&v->out, key), want.len);
	}
}

void
vec_is_hash(struct vec *v, const char *key, const struct hash *h)
{
	vec_is_hex(v, key, h->b, sizeof(h->b));
}

void
vec_is_id(struct vec *v, const char *key, const struct id *id)
{
	vec_is_hex(v, key, id->b, sizeof(id->b));
}

void
vec_is_num(struct vec *v, const char *key, uint64_t n)
{
	if (claim(v, key) && (uint64_t)json_int(&v->out, key) != n)
		vec_note(v, "%s is %llu, not %lld", key,
		    (unsigned long long)n,
		    (long long)json_int(&v->out, key));
}

void
vec_is_text(struct vec *v, const char *key, const char *s)
{
	if (claim(v, key) && strcmp(json_str(&v->out, key), s) != 0)
		vec_note(v, "%s is \"%s\", not \"%s\"", key, s,
		    json_str(&v->out, key));
}
