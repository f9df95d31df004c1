/*
 * keyfile_format: the bytes of a key file, without opening anything.
 *
 * The private half of keyfile.h's decoder: one parser and one writer of the
 * layout described there.  No secret in clear, no I/O; pure.  Only
 * keyfile.c includes it.
 */
#ifndef KEYS_KEYFILE_FORMAT_H
#define KEYS_KEYFILE_FORMAT_H

#include "keys/keyfile.h"

#define KEYFILE_SALT 16
#define KEYFILE_NONCE 24
#define KEYFILE_SLOT_HEAD 29		/* kind, cost and salt: AD of a slot */
#define KEYFILE_FIXED 6			/* magic, version, kind */
#define KEYFILE_HEAD_MAX (8 + 2 * ID_BYTES + 1 + NAME_MAX_BYTES + \
    KEYFILE_KEYS_MAX * (2 + KEY_BYTES))

struct keyfile_slot {
	uint8_t head[KEYFILE_SLOT_HEAD];
	uint8_t salt[KEYFILE_SALT];	/* also the end of head */
	uint8_t nonce[KEYFILE_NONCE];
	uint8_t sealed[KEY_BYTES + TAG_BYTES];
};

/* A parsed file; the views borrow its bytes. */
struct keyfile_layout {
	struct keyfile_public pub;
	struct view head;
	struct keyfile_slot slot[KEYFILE_SLOTS_MAX];
	struct view nonce;
	struct view body;
};

enum err
keyfile_format_parse(struct keyfile_layout *out, const void *p, size_t len);

/* keyfile_format_head(wr, pub): the head of a file of these. */
void
keyfile_format_head(struct wr *wr, const struct keyfile_public *pub);

/* keyfile_format_slot(slot, kind, cost): fill slot->head from its salt. */
void
keyfile_format_slot(struct keyfile_slot *slot, enum keyfile_slot_kind kind,
    const struct keyfile_cost *cost);

/* keyfile_format_types(kind, &n): the types of age 0, in order. */
const uint8_t *
keyfile_format_types(enum keyfile_kind kind, size_t *n);

/* keyfile_format_name(name, len): may a file bear it? */
enum err
keyfile_format_name(const char *name, size_t len);

#endif
