#include "base/hash.h"

#include <string.h>

#include <nettle/sha2.h>

_Static_assert(sizeof(struct sha256_ctx) <=
	sizeof(((struct hasher *)0)->state),
    "struct hasher is too small for the library's state");

static struct sha256_ctx *
state(struct hasher *h)
{
	return (struct sha256_ctx *)(void *)h->state;
}

void
hash_init(struct hasher *h)
{
	sha256_init(state(h));
}

void
hash_add(struct hasher *h, const void *p, size_t len)
{
	if (len > 0)
		sha256_update(state(h), len, p);
}

void
hash_label(struct hasher *h, const char *label)
{
	hash_add(h, label, strlen(label) + 1);
}

struct hash
hash_final(struct hasher *h)
{
	struct hash out;

	sha256_digest(state(h), HASH_BYTES, out.b);
	return out;
}

struct hash
hash_of(const void *p, size_t len)
{
	struct hasher h;

	hash_init(&h);
	hash_add(&h, p, len);
	return hash_final(&h);
}

struct hash
hash_leaf(const void *p, size_t len)
{
	static const uint8_t tag = 0x00;
	struct hasher h;

	hash_init(&h);
	hash_add(&h, &tag, 1);
	hash_add(&h, p, len);
	return hash_final(&h);
}

struct hash
hash_node(const struct hash *l, const struct hash *r)
{
	static const uint8_t tag = 0x01;
	struct hasher h;

	hash_init(&h);
	hash_add(&h, &tag, 1);
	hash_add(&h, l->b, HASH_BYTES);
	hash_add(&h, r->b, HASH_BYTES);
	return hash_final(&h);
}

struct id
hash_id(const struct hash *h)
{
	struct id id;

	memcpy(id.b, h->b, ID_BYTES);
	return id;
}

bool
hash_eq(const struct hash *a, const struct hash *b)
{
	return memcmp(a->b, b->b, HASH_BYTES) == 0;
}

bool
hash_is_zero(const struct hash *a)
{
	static const struct hash zero;

	return hash_eq(a, &zero);
}

bool
id_eq(const struct id *a, const struct id *b)
{
	return memcmp(a->b, b->b, ID_BYTES) == 0;
}

bool
id_is_zero(const struct id *a)
{
	static const struct id zero;

	return id_eq(a, &zero);
}
