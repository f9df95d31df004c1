#include "keys/salt.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

void
salt_from(uint8_t (*salts)[SALT_BYTES], size_t k, const uint8_t kf[KEY_BYTES])
{
	static const uint8_t nonce[crypto_stream_xchacha20_NONCEBYTES];

	assert(k >= 1 && k <= FIELDS_MAX);
	memset(salts, 0, k * SALT_BYTES);
	crypto_stream_xchacha20_xor_ic(salts[0], salts[0], k * SALT_BYTES,
	    nonce, 1, kf);
}
