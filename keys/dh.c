#include "keys/dh.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

struct dh_key {
	uint8_t public[KEY_BYTES];
	struct secret *secret;
};

/* Take secret into a key object. */
static enum err
make(struct dh_key **out, struct secret **secret)
{
	struct dh_key *key;
	enum err err = ERR_NOMEM;

	*out = NULL;
	key = calloc(1, sizeof(*key));
	if (key == NULL || *secret == NULL)
		goto fail;
	if (crypto_scalarmult_curve25519_base(key->public,
	    secret_read(*secret)) != 0) {
		err = ERR_POINT;
		goto fail;
	}
	key->secret = *secret;
	*secret = NULL;
	*out = key;
	return ERR_OK;
fail:
	secret_free(secret);
	free(key);
	return err;
}

enum err
dh_new(struct dh_key **key)
{
	struct secret *secret = secret_new(KEY_BYTES);

	if (secret != NULL)
		secret_random(secret_bytes(secret), KEY_BYTES);
	return make(key, &secret);
}

enum err
dh_from_secret(struct dh_key **key, const uint8_t bytes[KEY_BYTES])
{
	struct secret *secret = secret_copy(bytes, KEY_BYTES);

	return make(key, &secret);
}

const uint8_t *
dh_public(const struct dh_key *key)
{
	return key->public;
}

const uint8_t *
dh_secret(const struct dh_key *key)
{
	return secret_read(key->secret);
}

/* libsodium reports an all-zero product itself; it is looked at again here,
 * because everything rests on it and the library's promise is one line. */
enum err
dh_shared(uint8_t out[KEY_BYTES], const struct dh_key *key,
    const uint8_t peer[KEY_BYTES])
{
	if (crypto_scalarmult_curve25519(out, secret_read(key->secret),
	    peer) == 0 && sodium_is_zero(out, KEY_BYTES) == 0)
		return ERR_OK;
	sodium_memzero(out, KEY_BYTES);
	return ERR_POINT;
}

void
dh_free(struct dh_key **key)
{
	if (*key == NULL)
		return;
	secret_free(&(*key)->secret);
	free(*key);
	*key = NULL;
}
