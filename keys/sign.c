#include "keys/sign.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "keys/pubkey.h"
#include "proto/label.h"
#include "proto/note.h"

struct sign_key {
	enum sign_use use;
	struct id kid;
	uint8_t public[KEY_BYTES];
	struct secret *secret;		/* seed || public, as the library has it */
};

/* One row for each label a use may sign; the two kinds of note have none. */
static const struct {
	enum sign_use use;
	const char *label;
} allowed[] = {
	{ SIGN_ROOT, LABEL_KEYS },
	{ SIGN_ROOT, LABEL_CHARTER_SIG },
	{ SIGN_ROOT, LABEL_RECOVERY },
	{ SIGN_AGENT, LABEL_RUN },
	{ SIGN_AGENT, LABEL_RECEIPT },
	{ SIGN_AGENT, LABEL_PREKEY },
	{ SIGN_RELAY, LABEL_RECEIPT },
	{ SIGN_RELAY, LABEL_PRIOR },
	{ SIGN_CUSTODIAN, LABEL_OFFICER },
	{ SIGN_OFFICER, LABEL_OFFICER },
};

enum err
sign_from_seed(struct sign_key **out, enum sign_use use,
    const uint8_t seed[KEY_BYTES])
{
	struct sign_key *key;

	*out = NULL;
	key = calloc(1, sizeof(*key));
	if (key == NULL)
		return ERR_NOMEM;
	key->use = use;
	key->secret = secret_new(crypto_sign_SECRETKEYBYTES);
	if (key->secret == NULL)
		goto fail;
	if (crypto_sign_seed_keypair(key->public, secret_bytes(key->secret),
	    seed) != 0)
		goto fail;
	key->kid = pubkey_kid(key->public);
	*out = key;
	return ERR_OK;
fail:
	sign_free(&key);
	return ERR_NOMEM;
}

enum err
sign_new(struct sign_key **out, enum sign_use use)
{
	struct secret *seed;
	enum err err;

	*out = NULL;
	seed = secret_new(KEY_BYTES);
	if (seed == NULL)
		return ERR_NOMEM;
	secret_random(secret_bytes(seed), KEY_BYTES);
	err = sign_from_seed(out, use, secret_read(seed));
	secret_free(&seed);
	return err;
}

const uint8_t *
sign_public(const struct sign_key *key)
{
	return key->public;
}

const struct id *
sign_kid(const struct sign_key *key)
{
	return &key->kid;
}

const uint8_t *
sign_seed(const struct sign_key *key)
{
	return secret_read(key->secret);
}

static bool
may_sign(enum sign_use use, const char *label)
{
	size_t i;

	for (i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		if (allowed[i].use == use &&
		    strcmp(allowed[i].label, label) == 0)
			return true;
	return false;
}

static enum err
sign(const struct sign_key *key, const void *p, size_t len,
    uint8_t sig[SIG_BYTES])
{
	if (crypto_sign_detached(sig, NULL, p, len,
	    secret_read(key->secret)) != 0)
		return ERR_FAIL;
	return ERR_OK;
}

enum err
sign_labelled(const struct sign_key *key, const char *label, const void *p,
    size_t len, uint8_t sig[SIG_BYTES])
{
	size_t head = strlen(label) + 1;

	if (!may_sign(key->use, label) || len < head ||
	    memcmp(p, label, head) != 0)
		return ERR_KEY_FOREIGN;
	return sign(key, p, len, sig);
}

static bool
is_cosignature(const void *p, size_t len)
{
	return len >= strlen(NOTE_COSIGNED) &&
	    memcmp(p, NOTE_COSIGNED, strlen(NOTE_COSIGNED)) == 0;
}

enum err
sign_note(const struct sign_key *key, const void *p, size_t len,
    uint8_t sig[SIG_BYTES])
{
	if (key->use != SIGN_LOG && key->use != SIGN_WITNESS)
		return ERR_KEY_FOREIGN;
	if (len == 0 || memchr(p, '\0', len) != NULL ||
	    is_cosignature(p, len) != (key->use == SIGN_WITNESS))
		return ERR_KEY_FOREIGN;
	return sign(key, p, len, sig);
}

void
sign_free(struct sign_key **key)
{
	if (*key == NULL)
		return;
	secret_free(&(*key)->secret);
	free(*key);
	*key = NULL;
}
