/*
 * vec_compare: what an operation found, held against the case's `out`.
 */
#include <string.h>

#include "vec.h"

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
	want = vec_unhex(v, key, json_str(&v->out, key));
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
