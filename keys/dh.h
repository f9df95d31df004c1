/*
 * dh: secret X25519 keys: identity I, prekey P, ephemeral e, transport T.
 *
 * Owns the secret half in locked memory and the rule that a product of zero
 * stops everything.  Never turns an Ed25519 key into one of these.  Any
 * thread.  PROTOCOL.md sections 1 and 3.
 */
#ifndef KEYS_DH_H
#define KEYS_DH_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "proto/limits.h"

struct dh_key;

/*
 * dh_new(&key): fresh random; dh_from_secret(&key, secret): the caller
 * wipes its copy.  ERR_NOMEM when locked memory is used up.
 */
enum err
dh_new(struct dh_key **key);
enum err
dh_from_secret(struct dh_key **key, const uint8_t secret[KEY_BYTES]);

/* dh_public(key): 32 bytes, valid as long as the key. */
const uint8_t *
dh_public(const struct dh_key *key);

/*
 * dh_secret(key): the 32 bytes in locked memory: for key files, prekeys and
 * the CURVE options of a transport socket, nobody else.
 */
const uint8_t *
dh_secret(const struct dh_key *key);

/*
 * dh_shared(out, key, peer):
 * X25519 into out, which the caller wipes.  ERR_POINT, out zeroed, if the
 * product is zero (peer of small order).
 */
enum err
dh_shared(uint8_t out[KEY_BYTES], const struct dh_key *key,
    const uint8_t peer[KEY_BYTES]);

/* dh_free(&key): wipe, leave it NULL; NULL within is fine. */
void
dh_free(struct dh_key **key);

#endif
