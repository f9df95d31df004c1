/*
 * vault: secret and content columns at rest.
 *
 * Owns one 32-byte sealing key in locked memory: the book key, or the key of
 * one body, which lies sealed by the book key in a row beside it (deleting
 * that row is the body's shredding).  Never sees a database.  PROTOCOL.md
 * section 11.
 *
 * Sealed form: nonce[24] || XChaCha20-Poly1305 ciphertext and tag, AD =
 * label book || table NUL || column NUL || row id, so a value moved to
 * another table, column or row does not open.
 */
#ifndef KEYS_VAULT_H
#define KEYS_VAULT_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "proto/limits.h"

#define VAULT_OVERHEAD (24 + TAG_BYTES)
#define VAULT_KEY_SEALED (KEY_BYTES + VAULT_OVERHEAD)
#define VAULT_NAME_MAX 64	/* a table or column name */
#define VAULT_ROW_MAX 64	/* a row id */

struct vault;

/* Where a value stands.  row: a hash, an id, or vault_row()'s 8 bytes. */
struct vault_at {
	const char *table;
	const char *column;
	struct view row;
};

/* vault_row(bytes, rowid): an integer row id as 8 big-endian bytes. */
struct view
vault_row(uint8_t bytes[8], int64_t rowid);

/* vault_new(&vault, key): key is copied, the caller wipes its own. */
enum err
vault_new(struct vault **vault, const uint8_t key[KEY_BYTES]);

/*
 * vault_seal(vault, at, out, p, len):
 * out takes len + VAULT_OVERHEAD bytes and may not overlap p.  Names and row
 * within their limits (our own bug otherwise).
 */
void
vault_seal(const struct vault *vault, const struct vault_at *at, uint8_t *out,
    const void *p, size_t len);

/*
 * vault_open(vault, at, out, sealed, len):
 * out takes len - VAULT_OVERHEAD bytes.  ERR_TRUNCATED if len is shorter
 * than the overhead; ERR_DECRYPT, out zeroed, for another key, place or
 * changed bytes.
 */
enum err
vault_open(const struct vault *vault, const struct vault_at *at, uint8_t *out,
    const uint8_t *sealed, size_t len);

/*
 * vault_body_new(&body, book, at, sealed):
 * A fresh key for one body; sealed is its row, made by book for at.
 * vault_body_open(&body, book, at, sealed): the same key again.
 */
enum err
vault_body_new(struct vault **body, const struct vault *book,
    const struct vault_at *at, uint8_t sealed[VAULT_KEY_SEALED]);
enum err
vault_body_open(struct vault **body, const struct vault *book,
    const struct vault_at *at, const uint8_t sealed[VAULT_KEY_SEALED]);

/* vault_free(&vault): wipe, leave it NULL; NULL within is fine. */
void
vault_free(struct vault **vault);

#endif
