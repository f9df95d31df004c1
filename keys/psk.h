/*
 * psk: the courier secret of a charter and its daily ratchet.
 *
 * Owns PSK_d in locked memory for one day d; forward is a step, backward
 * does not exist.  Which day may be used is the caller's rule (PROTOCOL.md
 * sections 2, point 3, and 6); where it lies on disk is prekeys' business.
 */
#ifndef KEYS_PSK_H
#define KEYS_PSK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "proto/limits.h"

#define PSK_DAYS_MAX 36600	/* a hundred years of steps: 40 ms */

struct psk;

/*
 * psk_combine(&psk, charter_id, a, b):
 * PSK_0 from party a's and party b's 32 courier bytes, which the caller
 * wipes.  ERR_KEY_FOREIGN if both are equal: one half was carried twice.
 */
enum err
psk_combine(struct psk **psk, const struct hash *charter_id,
    const uint8_t a[KEY_BYTES], const uint8_t b[KEY_BYTES]);

/* psk_from(&psk, day, secret): PSK_day read back; caller wipes secret. */
enum err
psk_from(struct psk **psk, uint32_t day, const uint8_t secret[KEY_BYTES]);

/*
 * psk_forward(&later, psk, day):
 * PSK_day as a new object; psk stays as it is.  ERR_EPOCH if day is before
 * psk's or more than PSK_DAYS_MAX after it.
 */
enum err
psk_forward(struct psk **later, const struct psk *psk, uint32_t day);

uint32_t
psk_day(const struct psk *psk);

/* psk_secret(psk): 32 bytes in locked memory, valid as long as psk. */
const uint8_t *
psk_secret(const struct psk *psk);

/*
 * What a courier carries: a text file that names its charter and holds one
 * half, or, once combined, both.  Secret: keep it in a struct secret.
 *
 *	casewire/1 psk
 *	charter <64 hex>
 *	a <64 hex>
 *	b <64 hex>
 */
struct psk_halves {
	struct hash charter_id;
	bool has[2];			/* a, b */
	uint8_t bytes[2][KEY_BYTES];
};

#define PSK_TEXT_MAX 256

/*
 * psk_decode(halves, p, len):
 * Exactly that form, with an a line, a b line or both.  ERR_TOO_BIG,
 * ERR_MAGIC, ERR_SYNTAX; halves is wiped on failure.
 */
enum err
psk_decode(struct psk_halves *halves, const void *p, size_t len);

/* psk_encode(text, halves): writes the same, returns its length. */
size_t
psk_encode(char text[PSK_TEXT_MAX], const struct psk_halves *halves);

/* psk_free(&psk): wipe, leave it NULL; NULL within is fine. */
void
psk_free(struct psk **psk);

#endif
