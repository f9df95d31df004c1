#include "keys/psk.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "keys/hkdf.h"
#include "proto/label.h"

struct psk {
	uint32_t day;
	struct secret *secret;
};

enum err
psk_from(struct psk **out, uint32_t day, const uint8_t secret[KEY_BYTES])
{
	struct psk *psk;

	*out = NULL;
	psk = calloc(1, sizeof(*psk));
	if (psk == NULL)
		return ERR_NOMEM;
	psk->day = day;
	psk->secret = secret_copy(secret, KEY_BYTES);
	if (psk->secret == NULL) {
		psk_free(&psk);
		return ERR_NOMEM;
	}
	*out = psk;
	return ERR_OK;
}

enum err
psk_combine(struct psk **psk, const struct hash *charter_id,
    const uint8_t a[KEY_BYTES], const uint8_t b[KEY_BYTES])
{
	struct secret *work;
	uint8_t *prk, *ikm;
	enum err err;

	*psk = NULL;
	if (secret_eq(a, b, KEY_BYTES))
		return ERR_KEY_FOREIGN;
	work = secret_new(HKDF_PRK_BYTES + 2 * KEY_BYTES);
	if (work == NULL)
		return ERR_NOMEM;
	prk = secret_bytes(work);
	ikm = prk + HKDF_PRK_BYTES;
	memcpy(ikm, a, KEY_BYTES);
	memcpy(ikm + KEY_BYTES, b, KEY_BYTES);
	hkdf_extract(prk, charter_id->b, HASH_BYTES, ikm, 2 * KEY_BYTES);
	hkdf_expand(ikm, KEY_BYTES, prk, LABEL_PSK, LABEL_LEN(LABEL_PSK));
	err = psk_from(psk, 0, ikm);
	secret_free(&work);
	return err;
}

enum err
psk_forward(struct psk **later, const struct psk *psk, uint32_t day)
{
	struct secret *work;
	uint8_t *next;
	uint32_t d;
	enum err err;

	*later = NULL;
	if (day < psk->day || day - psk->day > PSK_DAYS_MAX)
		return ERR_EPOCH;
	work = secret_new(64);
	if (work == NULL)
		return ERR_NOMEM;
	next = secret_bytes(work);
	memcpy(next, secret_read(psk->secret), KEY_BYTES);
	for (d = psk->day; d < day; d++)
		hkdf_hmac(next, next, KEY_BYTES, LABEL_PSK_NEXT,
		    LABEL_LEN(LABEL_PSK_NEXT));
	err = psk_from(later, day, next);
	secret_free(&work);
	return err;
}

uint32_t
psk_day(const struct psk *psk)
{
	return psk->day;
}

const uint8_t *
psk_secret(const struct psk *psk)
{
	return secret_read(psk->secret);
}

void
psk_free(struct psk **psk)
{
	if (*psk == NULL)
		return;
	secret_free(&(*psk)->secret);
	free(*psk);
	*psk = NULL;
}
