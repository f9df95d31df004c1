#include "keys/hkdf.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

void
hkdf_hmac(uint8_t out[64], const uint8_t *key, size_t key_len, const void *p,
    size_t len)
{
	static const uint8_t none;	/* stands for a key of no bytes */
	crypto_auth_hmacsha512_state st;

	crypto_auth_hmacsha512_init(&st, key_len > 0 ? key : &none, key_len);
	crypto_auth_hmacsha512_update(&st, p, len);
	crypto_auth_hmacsha512_final(&st, out);
	sodium_memzero(&st, sizeof(st));
}

void
hkdf_extract(uint8_t prk[HKDF_PRK_BYTES], const uint8_t *salt,
    size_t salt_len, const uint8_t *ikm, size_t ikm_len)
{
	hkdf_hmac(prk, salt, salt_len, ikm, ikm_len);
}

void
hkdf_expand(uint8_t *okm, size_t okm_len, const uint8_t prk[HKDF_PRK_BYTES],
    const void *info, size_t info_len)
{
	crypto_auth_hmacsha512_state st;
	uint8_t t[64], i;
	size_t done, part;

	assert(okm_len <= HKDF_OKM_MAX);
	for (done = 0, i = 1; done < okm_len; done += part, i++) {
		crypto_auth_hmacsha512_init(&st, prk, HKDF_PRK_BYTES);
		if (i > 1)
			crypto_auth_hmacsha512_update(&st, t, sizeof(t));
		crypto_auth_hmacsha512_update(&st, info, info_len);
		crypto_auth_hmacsha512_update(&st, &i, 1);
		crypto_auth_hmacsha512_final(&st, t);
		part = okm_len - done < sizeof(t) ? okm_len - done : sizeof(t);
		memcpy(okm + done, t, part);
	}
	sodium_memzero(&st, sizeof(st));
	sodium_memzero(t, sizeof(t));
}
