#include "keys/box.h"

#include <assert.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "keys/salt.h"

struct box {
	bool unused;			/* K_e is there and unused */
	struct secret *keys;		/* K_e || K_f */
};

static_assert(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES <= HASH_BYTES,
    "the nonce is the beginning of C");
static_assert(crypto_aead_xchacha20poly1305_ietf_ABYTES == TAG_BYTES,
    "tag length");

enum err
box_new(struct box **out)
{
	struct box *box;

	*out = NULL;
	box = calloc(1, sizeof(*box));
	if (box == NULL)
		return ERR_NOMEM;
	box->keys = secret_new(2 * KEY_BYTES);
	if (box->keys == NULL) {
		box_free(&box);
		return ERR_NOMEM;
	}
	*out = box;
	return ERR_OK;
}

void
box_set(struct box *box, const uint8_t keys[2 * KEY_BYTES])
{
	memcpy(secret_bytes(box->keys), keys, 2 * KEY_BYTES);
	box->unused = true;
}

const uint8_t *
box_disclose(const struct box *box)
{
	return secret_read(box->keys) + KEY_BYTES;
}

void
box_salts(const struct box *box, uint8_t (*salts)[SALT_BYTES], size_t k)
{
	salt_from(salts, k, box_disclose(box));
}

/* After this no call can use K_e again. */
static void
use_up(struct box *box)
{
	secret_wipe(secret_bytes(box->keys), KEY_BYTES);
	box->unused = false;
}

enum err
box_seal(struct box *box, uint8_t *ct, const uint8_t *plain, size_t len,
    const struct hash *c, const void *header, size_t header_len)
{
	int rc;

	if (!box->unused)
		return ERR_EPOCH;
	rc = crypto_aead_xchacha20poly1305_ietf_encrypt(ct, NULL, plain, len,
	    header, header_len, NULL, c->b, secret_read(box->keys));
	use_up(box);
	return rc == 0 ? ERR_OK : ERR_FAIL;
}

enum err
box_open(struct box *box, uint8_t *plain, const uint8_t *ct, size_t ct_len,
    const struct hash *c, const void *header, size_t header_len)
{
	int rc;

	if (!box->unused)
		return ERR_EPOCH;
	if (ct_len < TAG_BYTES) {
		use_up(box);
		return ERR_DECRYPT;
	}
	rc = crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, ct,
	    ct_len, header, header_len, c->b, secret_read(box->keys));
	use_up(box);
	if (rc != 0) {
		memset(plain, 0, ct_len - TAG_BYTES);
		return ERR_DECRYPT;
	}
	return ERR_OK;
}

void
box_wipe(struct box *box)
{
	secret_wipe(secret_bytes(box->keys), 2 * KEY_BYTES);
	box->unused = false;
}

void
box_free(struct box **box)
{
	if (*box == NULL)
		return;
	secret_free(&(*box)->keys);
	free(*box);
	*box = NULL;
}
