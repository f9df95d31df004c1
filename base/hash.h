/*
 * hash: SHA-256 and the two kinds of tree hash, behind one door.
 *
 * Everything that hashes goes through here (PROTOCOL.md "Notation"; RFC 6962
 * section 2.1).  Behind it is nettle, which uses the SHA instructions of a
 * processor that has them and plain assembly elsewhere.  Also the two
 * fixed-size value types the whole tree speaks in.  No secrets (a state is
 * not wiped), any thread.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HASH_BYTES 32
#define ID_BYTES 16

/* A SHA-256 value: env_id, root, log_id, charter_id, pair_id. */
struct hash {
	uint8_t b[HASH_BYTES];
};

/* A 16-byte name: kid, agency, channel, officer, case_id. */
struct id {
	uint8_t b[ID_BYTES];
};

/* A running hash; size checked in hash.c against the library's state. */
struct hasher {
	_Alignas(16) uint8_t state[128];
};

void
hash_init(struct hasher *h);
void
hash_add(struct hasher *h, const void *p, size_t len);
/* hash_label(h, label): the label's characters and its NUL (proto/label.h) */
void
hash_label(struct hasher *h, const char *label);
struct hash
hash_final(struct hasher *h);

struct hash
hash_of(const void *p, size_t len);
/* hash_leaf: H(0x00 || p); hash_node: H(0x01 || l || r). */
struct hash
hash_leaf(const void *p, size_t len);
struct hash
hash_node(const struct hash *l, const struct hash *r);

/* hash_id(h): the first 16 bytes. */
struct id
hash_id(const struct hash *h);
bool
hash_eq(const struct hash *a, const struct hash *b);
bool
hash_is_zero(const struct hash *a);
bool
id_eq(const struct id *a, const struct id *b);
bool
id_is_zero(const struct id *a);

#endif
