/*
 * fields: the list inside a plaintext, its padding, commitment, openings.
 *
 * PROTOCOL.md section 4.  Knows tags and lengths, not what values mean
 * (proto/notice.h, proto/chunk.h do).  Salts and K_f come from keys/ and are
 * only passed through; nothing is allocated, all views borrow.  Pure.
 */
#ifndef PROTO_FIELDS_H
#define PROTO_FIELDS_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/merkle.h"
#include "proto/limits.h"

/* The tags of section 4. */
enum field_tag {
	FIELD_OUTLINE = 1,
	FIELD_BODY = 2,
	FIELD_OFFICERS = 3,
	FIELD_LINK = 4,
	FIELD_CHUNK = 5,
	FIELD_AGAIN = 6,	/* env_id replaced, 32 bytes */
	FIELD_MANIFEST = 7,
};

struct field {
	uint16_t tag;
	struct view value;
};

struct fields {
	unsigned n;
	struct field f[FIELDS_MAX];
};

/* fields_add(fields, tag, value): append.  Borrows value.  ERR_FIELD_ORDER,
 * ERR_FIELD_COUNT, ERR_TOO_BIG (no bucket would hold the list). */
enum err
fields_add(struct fields *fields, uint16_t tag, struct view value);

/* fields_find(fields, tag): the field, or NULL. */
const struct field *
fields_find(const struct fields *fields, uint16_t tag);

/* fields_len(fields): bytes of the list without pad. */
size_t
fields_len(const struct fields *fields);

/* fields_padded_len(fields): the plaintext's length, a bucket; 0 if none. */
size_t
fields_padded_len(const struct fields *fields);

/* fields_encode(wr, fields): the list, no pad (K_f openings, officers). */
void
fields_encode(struct wr *wr, const struct fields *fields);

/* fields_encode_padded(wr, fields): the plaintext to seal. */
void
fields_encode_padded(struct wr *wr, const struct fields *fields);

/*
 * fields_decode(fields, list):
 * A list without pad, to its exact end.  ERR_FIELD_COUNT, ERR_FIELD_ORDER
 * (not strictly ascending, first not 1, tag over FIELD_TAG_MAX),
 * ERR_TRUNCATED, ERR_TOO_BIG.
 */
enum err
fields_decode(struct fields *fields, struct view list);

/*
 * fields_decode_padded(fields, plaintext):
 * Strip zeros and one 0x80, then as above.  ERR_PADDING: no 0x80, length no
 * bucket, or a smaller bucket would have held the list.
 */
enum err
fields_decode_padded(struct fields *fields, struct view plaintext);

/* fields_leaves(leaf, fields, salts): one leaf hash a field; salts holds
 * SALT_BYTES for each. */
void
fields_leaves(struct hash *leaf, const struct fields *fields,
    const uint8_t *salts);

/* fields_commitment(fields, salts): C. */
struct hash
fields_commitment(const struct fields *fields, const uint8_t *salts);

/*
 * fields_officer_tbs(out, pair_id, direction, role, fields):
 * What an officer signs: label officer || pair_id || u8 direction || u8 role
 * || H(the list without its tag 3).
 */
#define OFFICER_TBS_BYTES (19 + HASH_BYTES + 2 + HASH_BYTES)
void
fields_officer_tbs(uint8_t out[OFFICER_TBS_BYTES], const struct hash *pair_id,
    uint8_t direction, uint8_t role, const struct fields *fields);

/* The opening of one field. */
struct fields_opening {
	uint16_t index;		/* i */
	uint16_t count;		/* k */
	struct field field;
	uint8_t salt[SALT_BYTES];
	struct merkle_path path;
};

/* fields_open(opening, fields, salts, index): index < fields->n. */
void
fields_open(struct fields_opening *opening, const struct fields *fields,
    const uint8_t *salts, unsigned index);
enum err
fields_opening_encode(struct buf *out, const struct fields_opening *opening);
/* fields_opening_decode: ERR_FIELD_COUNT, ERR_PROOF (index >= count),
 * ERR_FIELD_ORDER (field 0 is not tag 1, or another is), ERR_PATH_LENGTH,
 * ERR_TRUNCATED. */
enum err
fields_opening_decode(struct fields_opening *opening, struct view bytes);
/* fields_opening_commitment(c, opening): the C it leads to; compare with the
 * signed header's. */
enum err
fields_opening_commitment(struct hash *c,
    const struct fields_opening *opening);

/* The opening of one message: K_f[32] | u32 len | list.  kf is secret until
 * the moment it is shown; the caller keeps the bytes accordingly. */
struct fields_message_opening {
	const uint8_t *kf;	/* KEY_BYTES, borrowed */
	struct view list;
};
enum err
fields_message_encode(struct wr *wr, const uint8_t kf[KEY_BYTES],
    const struct fields *fields);
/* fields_message_decode(opening, fields, bytes): also decodes the list. */
enum err
fields_message_decode(struct fields_message_opening *opening,
    struct fields *fields, struct view bytes);

#endif
