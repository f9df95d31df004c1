#include "base/hash.h"

#include <string.h>

#include <sodium.h>

#include "base/sha256.h"

_Static_assert(sizeof(crypto_hash_sha256_state) <=
	sizeof(((struct hasher *)0)->state),
    "struct hasher is too small for the library's state");

static crypto_hash_sha256_state *
state(struct hasher *h)
{
	return (crypto_hash_sha256_state *)(void *)h->state;
}

/* The same in our own layout, for the processor's instructions. */
struct fast {
	uint32_t words[8];
	uint64_t len;
	uint8_t part[SHA256_BLOCK];
};

_Static_assert(sizeof(struct fast) <= sizeof(((struct hasher *)0)->state),
    "struct hasher is too small for struct fast");

static struct fast *
fast(struct hasher *h)
{
	return (struct fast *)(void *)h->state;
}

/* Asked once; every thread would find the same. */
static bool
is_fast(void)
{
	static _Atomic int there;

	if (there == 0)
		there = sha256_there() ? 1 : -1;
	return there > 0;
}

static void
fast_init(struct fast *f)
{
	static const uint32_t first[8] = {	/* FIPS 180-4 section 5.3.3 */
		0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
		0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
	};

	memcpy(f->words, first, sizeof(first));
	f->len = 0;
}

static void
fast_add(struct fast *f, const uint8_t *p, size_t len)
{
	size_t held = f->len % SHA256_BLOCK, n;

	f->len += len;
	if (held > 0) {
		n = SHA256_BLOCK - held < len ? SHA256_BLOCK - held : len;
		memcpy(f->part + held, p, n);
		p += n;
		len -= n;
		if (held + n < SHA256_BLOCK)
			return;
		sha256_blocks(f->words, f->part, 1);
	}
	sha256_blocks(f->words, p, len / SHA256_BLOCK);
	memcpy(f->part, p + (len - len % SHA256_BLOCK), len % SHA256_BLOCK);
}

static void
fast_final(struct fast *f, uint8_t out[HASH_BYTES])
{
	static const uint8_t pad[SHA256_BLOCK] = { 0x80 };
	uint64_t bits = f->len * 8;
	size_t held = f->len % SHA256_BLOCK, i;
	uint8_t end[8];

	for (i = 0; i < 8; i++)
		end[i] = (uint8_t)(bits >> (56 - 8 * i));
	fast_add(f, pad, (held < 56 ? 56 : 120) - held);
	fast_add(f, end, sizeof(end));
	for (i = 0; i < HASH_BYTES; i++)
		out[i] = (uint8_t)(f->words[i / 4] >> (24 - 8 * (i % 4)));
}

void
hash_init(struct hasher *h)
{
	if (is_fast())
		fast_init(fast(h));
	else
		crypto_hash_sha256_init(state(h));
}

void
hash_add(struct hasher *h, const void *p, size_t len)
{
	if (len == 0)
		return;
	if (is_fast())
		fast_add(fast(h), p, len);
	else
		crypto_hash_sha256_update(state(h), p, len);
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

	if (is_fast())
		fast_final(fast(h), out.b);
	else
		crypto_hash_sha256_final(state(h), out.b);
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
