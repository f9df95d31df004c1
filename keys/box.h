/*
 * box: the two keys of one message, and the sealing done with them.
 *
 * Owns K_e || K_f in locked memory, filled by epoch and used once: sealing
 * or opening wipes K_e, so a key cannot seal twice.  K_f stays until
 * box_wipe, for the salts and for whoever stores it to open this message to
 * an auditor later.  Knows nothing of fields: the caller computes leaves and
 * C from the salts.  One box is reused for many messages.  PROTOCOL.md
 * section 4.
 */
#ifndef KEYS_BOX_H
#define KEYS_BOX_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "proto/limits.h"

struct box;

/* box_new(&box): an empty one.  ERR_NOMEM when locked memory is used up. */
enum err
box_new(struct box **box);

/* box_set(box, keys): load K_e || K_f (64 bytes, wiped by the caller);
 * for epoch, vectors and tests. */
void
box_set(struct box *box, const uint8_t keys[2 * KEY_BYTES]);

/* box_disclose(box): K_f, 32 bytes in locked memory, until box_wipe or the
 * next epoch_keys. */
const uint8_t *
box_disclose(const struct box *box);

/* box_salts(box, salts, k): salt_0 .. salt_{k-1} (keys/salt.h). */
void
box_salts(const struct box *box, uint8_t (*salts)[SALT_BYTES], size_t k);

/*
 * box_seal(box, ct, plain, len, c, header, header_len):
 * ct takes len + TAG_BYTES bytes and may not overlap plain, which holds the
 * padded fields (len a bucket).  The nonce is C[0..23], the whole header is
 * AD.  ERR_EPOCH if box holds no unused key.  Wipes K_e.
 */
enum err
box_seal(struct box *box, uint8_t *ct, const uint8_t *plain, size_t len,
    const struct hash *c, const void *header, size_t header_len);

/*
 * box_open(box, plain, ct, ct_len, c, header, header_len):
 * plain takes ct_len - TAG_BYTES bytes.  ERR_DECRYPT, plain zeroed, if ct is
 * not authentic (or shorter than a tag); ERR_EPOCH if box holds no unused
 * key.  Wipes K_e.  The caller must then recompute C from the fields: the
 * AEAD alone does not bind one plaintext.
 */
enum err
box_open(struct box *box, uint8_t *plain, const uint8_t *ct, size_t ct_len,
    const struct hash *c, const void *header, size_t header_len);

/* box_wipe(box): forget both keys. */
void
box_wipe(struct box *box);

/* box_free(&box): wipe, leave it NULL; NULL within is fine. */
void
box_free(struct box **box);

#endif
