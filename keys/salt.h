/*
 * salt: the salts of a message's fields, from its disclosure key.
 *
 * One pure function, part of cw_pubkey, because an auditor who is shown K_f
 * recomputes the commitment C of one opened message with it.  It holds no
 * long-term secret: K_f opens the salts of one message and nothing else.
 * The specification says "the first 16k bytes of XChaCha20-Poly1305(K_f,
 * zero nonce, no AD, 16k zero bytes)".  An AEAD's ciphertext of zeros is the
 * cipher's keystream from its block 1 on (block 0 keys Poly1305), so that
 * keystream is taken directly: the tag is never needed, and the auditor's
 * binary then shows no AEAD encryption.  A test holds both against each
 * other.  PROTOCOL.md section 4.
 */
#ifndef KEYS_SALT_H
#define KEYS_SALT_H

#include <stddef.h>
#include <stdint.h>

#include "proto/limits.h"

/*
 * salt_from(salts, k, kf):
 * Write salt_0 .. salt_{k-1}, 1 <= k <= FIELDS_MAX (our own bug otherwise).
 */
void
salt_from(uint8_t (*salts)[SALT_BYTES], size_t k, const uint8_t kf[KEY_BYTES]);

#endif
