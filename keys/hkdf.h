/*
 * hkdf: HKDF-SHA-512 (RFC 5869) and HMAC-SHA-512.
 *
 * Built on libsodium's multi-part HMAC, since 1.0.18 has no HKDF and its
 * one-shot HMAC takes 32-byte keys while a PRK has 64.  Outputs are secret:
 * the caller wipes them.  Pure; any thread.
 */
#ifndef KEYS_HKDF_H
#define KEYS_HKDF_H

#include <stddef.h>
#include <stdint.h>

#define HKDF_PRK_BYTES 64
#define HKDF_OKM_MAX (255 * 64)

/* hkdf_hmac(out, key, key_len, p, len): HM(key, p), 64 bytes. */
void
hkdf_hmac(uint8_t out[64], const uint8_t *key, size_t key_len, const void *p,
    size_t len);

/* hkdf_extract(prk, salt, salt_len, ikm, ikm_len): salt_len 0 is allowed. */
void
hkdf_extract(uint8_t prk[HKDF_PRK_BYTES], const uint8_t *salt,
    size_t salt_len, const uint8_t *ikm, size_t ikm_len);

/* hkdf_expand(okm, okm_len, prk, info, info_len): okm_len at most
 * HKDF_OKM_MAX (our own bug otherwise). */
void
hkdf_expand(uint8_t *okm, size_t okm_len, const uint8_t prk[HKDF_PRK_BYTES],
    const void *info, size_t info_len);

#endif
