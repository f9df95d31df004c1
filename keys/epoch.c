#include "keys/epoch.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/secret.h"
#include "keys/hkdf.h"
#include "proto/label.h"

struct epoch {
	uint32_t next;			/* the n whose CK is held */
	struct secret *ck;
};

/* What one derivation needs, all of it wiped together. */
struct work {
	uint8_t dh[3][KEY_BYTES];
	uint8_t prk[HKDF_PRK_BYTES];
};

static struct hash
transcript(const struct epoch_public *pub)
{
	uint8_t fixed[16];
	struct wr wr = wr_init(fixed, sizeof(fixed));
	static const uint8_t zeros[32];
	struct hasher h;

	hash_init(&h);
	hash_label(&h, LABEL_EPOCH);
	hash_add(&h, &pub->suite, 1);
	hash_add(&h, pub->charter_id.b, HASH_BYTES);
	hash_add(&h, pub->sx, KEY_BYTES);
	hash_add(&h, pub->ix, KEY_BYTES);
	hash_add(&h, pub->iy, KEY_BYTES);
	hash_add(&h, pub->channel.b, ID_BYTES);
	hash_add(&h, pub->e, KEY_BYTES);
	wr_u64(&wr, pub->prekey_id);
	hash_add(&h, fixed, 8);
	hash_add(&h, pub->py, KEY_BYTES);
	wr_u32(&wr, pub->psk_day);
	hash_add(&h, fixed + 8, 4);
	hash_add(&h, zeros, sizeof(zeros));
	return hash_final(&h);
}

/* From the three products to CK_0; work is the caller's to wipe. */
static enum err
begin(struct epoch **out, const struct epoch_public *pub, struct work *work,
    const struct psk *psk)
{
	static const uint8_t zeros[KEY_BYTES];
	uint8_t info[LABEL_LEN(LABEL_CHAIN) + HASH_BYTES];
	struct hash th = transcript(pub);
	struct epoch *epoch;

	epoch = calloc(1, sizeof(*epoch));
	if (epoch == NULL)
		return ERR_NOMEM;
	epoch->ck = secret_new(KEY_BYTES);
	if (epoch->ck == NULL) {
		epoch_free(&epoch);
		return ERR_NOMEM;
	}
	hkdf_extract(work->prk, psk != NULL ? psk_secret(psk) : zeros,
	    KEY_BYTES, work->dh[0], sizeof(work->dh));
	memcpy(info, LABEL_CHAIN, LABEL_LEN(LABEL_CHAIN));
	memcpy(info + LABEL_LEN(LABEL_CHAIN), th.b, HASH_BYTES);
	hkdf_expand(secret_bytes(epoch->ck), KEY_BYTES, work->prk, info,
	    sizeof(info));
	*out = epoch;
	return ERR_OK;
}

/* The PSK handed over must be the one the header names: none goes with
 * day 0 alone, so that a sender with and a receiver without differ early. */
static bool
psk_fits(const struct psk *psk, uint32_t day)
{
	return psk == NULL ? day == 0 : psk_day(psk) == day;
}

enum err
epoch_open(struct epoch **out, struct epoch_public *pub,
    const struct dh_key *ix, const struct psk *psk)
{
	struct dh_key *e = NULL;
	struct secret *s = NULL;
	struct work *work;
	enum err err;

	*out = NULL;
	if (!psk_fits(psk, pub->psk_day) ||
	    memcmp(pub->ix, dh_public(ix), KEY_BYTES) != 0)
		return ERR_KEY_FOREIGN;
	err = dh_new(&e);
	if (err != ERR_OK)
		return err;
	memcpy(pub->e, dh_public(e), KEY_BYTES);
	s = secret_new(sizeof(*work));
	if (s == NULL) {
		err = ERR_NOMEM;
		goto out;
	}
	work = (struct work *)secret_bytes(s);
	err = dh_shared(work->dh[0], e, pub->iy);
	if (err == ERR_OK)
		err = dh_shared(work->dh[1], e, pub->py);
	if (err == ERR_OK)
		err = dh_shared(work->dh[2], ix, pub->py);
	if (err == ERR_OK)
		err = begin(out, pub, work, psk);
out:
	secret_free(&s);
	dh_free(&e);
	return err;
}

enum err
epoch_accept(struct epoch **out, const struct epoch_public *pub,
    const struct dh_key *iy, const struct dh_key *py, const struct psk *psk)
{
	struct secret *s;
	struct work *work;
	enum err err;

	*out = NULL;
	if (!psk_fits(psk, pub->psk_day) ||
	    memcmp(pub->iy, dh_public(iy), KEY_BYTES) != 0 ||
	    memcmp(pub->py, dh_public(py), KEY_BYTES) != 0)
		return ERR_KEY_FOREIGN;
	s = secret_new(sizeof(*work));
	if (s == NULL)
		return ERR_NOMEM;
	work = (struct work *)secret_bytes(s);
	err = dh_shared(work->dh[0], iy, pub->e);
	if (err == ERR_OK)
		err = dh_shared(work->dh[1], py, pub->e);
	if (err == ERR_OK)
		err = dh_shared(work->dh[2], py, pub->ix);
	if (err == ERR_OK)
		err = begin(out, pub, work, psk);
	secret_free(&s);
	return err;
}

uint32_t
epoch_next(const struct epoch *epoch)
{
	return epoch->next;
}

/* CK_{n+1} = HM(CK_n, 0x02)[0..31]; tmp is 64 locked bytes. */
static void
step(struct epoch *epoch, uint8_t tmp[64])
{
	static const uint8_t two = 0x02;

	hkdf_hmac(tmp, secret_read(epoch->ck), KEY_BYTES, &two, 1);
	memcpy(secret_bytes(epoch->ck), tmp, KEY_BYTES);
	epoch->next++;
}

enum err
epoch_keys(struct epoch *epoch, uint32_t n, struct box *box)
{
	static const uint8_t one = 0x01;
	struct secret *tmp;

	if (n < epoch->next || n >= EPOCH_MAX)
		return ERR_EPOCH;
	tmp = secret_new(2 * KEY_BYTES);
	if (tmp == NULL)
		return ERR_NOMEM;
	while (epoch->next < n)
		step(epoch, secret_bytes(tmp));
	hkdf_hmac(secret_bytes(tmp), secret_read(epoch->ck), KEY_BYTES, &one,
	    1);
	box_set(box, secret_read(tmp));
	step(epoch, secret_bytes(tmp));
	secret_free(&tmp);
	return ERR_OK;
}

void
epoch_free(struct epoch **epoch)
{
	if (*epoch == NULL)
		return;
	secret_free(&(*epoch)->ck);
	free(*epoch);
	*epoch = NULL;
}
