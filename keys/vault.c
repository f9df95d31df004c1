#include "keys/vault.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "proto/label.h"

#define NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define AD_MAX (sizeof(LABEL_BOOK) + 2 * (VAULT_NAME_MAX + 1) + VAULT_ROW_MAX)

static_assert(VAULT_OVERHEAD == NONCE +
    crypto_aead_xchacha20poly1305_ietf_ABYTES, "overhead");

struct vault {
	struct secret *key;
};

struct view
vault_row(uint8_t bytes[8], int64_t rowid)
{
	struct wr wr = wr_init(bytes, 8);

	wr_u64(&wr, (uint64_t)rowid);
	return (struct view){ bytes, 8 };
}

enum err
vault_new(struct vault **out, const uint8_t key[KEY_BYTES])
{
	struct vault *vault;

	*out = NULL;
	vault = calloc(1, sizeof(*vault));
	if (vault == NULL)
		return ERR_NOMEM;
	vault->key = secret_copy(key, KEY_BYTES);
	if (vault->key == NULL) {
		vault_free(&vault);
		return ERR_NOMEM;
	}
	*out = vault;
	return ERR_OK;
}

/* The associated data of a place; its length. */
static size_t
place(uint8_t ad[AD_MAX], const struct vault_at *at)
{
	struct wr wr = wr_init(ad, AD_MAX);

	assert(strlen(at->table) <= VAULT_NAME_MAX);
	assert(strlen(at->column) <= VAULT_NAME_MAX);
	assert(at->row.len <= VAULT_ROW_MAX);
	wr_copy(&wr, LABEL_BOOK, LABEL_LEN(LABEL_BOOK));
	wr_copy(&wr, at->table, strlen(at->table) + 1);
	wr_copy(&wr, at->column, strlen(at->column) + 1);
	wr_copy(&wr, at->row.p, at->row.len);
	return wr.len;
}

void
vault_seal(const struct vault *vault, const struct vault_at *at, uint8_t *out,
    const void *p, size_t len)
{
	uint8_t ad[AD_MAX];
	size_t ad_len = place(ad, at);

	random_bytes(out, NONCE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(out + NONCE, NULL, p, len,
	    ad, ad_len, NULL, out, secret_read(vault->key));
}

enum err
vault_open(const struct vault *vault, const struct vault_at *at, uint8_t *out,
    const uint8_t *sealed, size_t len)
{
	uint8_t ad[AD_MAX];
	size_t ad_len = place(ad, at);

	if (len < VAULT_OVERHEAD)
		return ERR_TRUNCATED;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL,
	    sealed + NONCE, len - NONCE, ad, ad_len, sealed,
	    secret_read(vault->key)) != 0) {
		memset(out, 0, len - VAULT_OVERHEAD);
		return ERR_DECRYPT;
	}
	return ERR_OK;
}

enum err
vault_body_new(struct vault **body, const struct vault *book,
    const struct vault_at *at, uint8_t sealed[VAULT_KEY_SEALED])
{
	struct secret *key;
	enum err err;

	*body = NULL;
	key = secret_new(KEY_BYTES);
	if (key == NULL)
		return ERR_NOMEM;
	secret_random(secret_bytes(key), KEY_BYTES);
	err = vault_new(body, secret_read(key));
	if (err == ERR_OK)
		vault_seal(book, at, sealed, secret_read(key), KEY_BYTES);
	secret_free(&key);
	return err;
}

enum err
vault_body_open(struct vault **body, const struct vault *book,
    const struct vault_at *at, const uint8_t sealed[VAULT_KEY_SEALED])
{
	struct secret *key;
	enum err err;

	*body = NULL;
	key = secret_new(KEY_BYTES);
	if (key == NULL)
		return ERR_NOMEM;
	err = vault_open(book, at, secret_bytes(key), sealed,
	    VAULT_KEY_SEALED);
	if (err == ERR_OK)
		err = vault_new(body, secret_read(key));
	secret_free(&key);
	return err;
}

void
vault_free(struct vault **vault)
{
	if (*vault == NULL)
		return;
	secret_free(&(*vault)->key);
	free(*vault);
	*vault = NULL;
}
