#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "endpoint/agent_priv.h"
#include "endpoint/open.h"
#include "keys/box.h"
#include "keys/dh.h"

/* Our I of the pair (S, I) whose S has this kid.  Our own key statements
 * tell it; the key file keeps an older I, without its S, as long as prekeys
 * published under it may live. */
static const struct dh_key *
open_identity(struct agent *agent, const struct id *kid)
{
	const struct keyfile_public *pub = keyfile_public(agent->keys);
	const struct keyring_key *key;
	size_t i;

	key = keyring_key(pairs_keyring(agent->pairs), kid);
	if (key == NULL || !key->has_dh || memcmp(key->agency->id.b,
	    agent->agency.b, ID_BYTES) != 0)
		return NULL;
	for (i = 0; i < pub->n; i++)
		if (pub->key[i].type == KEYFILE_I &&
		    memcmp(pub->key[i].key, key->dh, KEY_BYTES) == 0)
			return keyfile_dh(agent->keys, KEYFILE_I,
			    pub->key[i].age);
	return NULL;
}

static enum err
open_psk(struct agent *agent, const struct hash *charter_id, uint32_t day,
    struct psk **psk)
{
	enum err err;

	err = prekeys_psk(psk, agent->prekeys, charter_id, day);
	if (err == ERR_NOTFOUND) {
		*psk = NULL;
		return day == 0 && !pairs_couriered(agent, charter_id) ?
		    ERR_OK : ERR_PREKEY_GONE;
	}
	return err;
}

static enum err
open_accept(struct agent *agent, struct peering *pg, uint8_t lane,
    const struct envelope_header *h, const struct keyring_key *key)
{
	struct peer_lane *peer = &pg->peer[lane];
	const struct dh_key *iy = NULL;
	struct dh_key *py = NULL;
	struct psk *psk = NULL;
	struct epoch_public pub = { .suite = h->suite };
	struct id kid;
	enum err err;

	epoch_free(&peer->epoch);
	if (pairs_charter_of(agent, &pg->p, h->charter, &pub.charter_id) ==
	    NULL)
		return ERR_CHARTER_NUMBER;
	err = prekeys_find(&py, agent->prekeys, &pg->p.pair_id, h->prekey_id,
	    &kid);
	if (err == ERR_OK && (iy = open_identity(agent, &kid)) == NULL)
		err = ERR_PREKEY_GONE;
	if (err == ERR_OK)
		err = open_psk(agent, &pub.charter_id, h->psk_day, &psk);
	if (err != ERR_OK)
		goto out;
	memcpy(pub.sx, key->sign, KEY_BYTES);
	memcpy(pub.ix, key->dh, KEY_BYTES);
	memcpy(pub.iy, dh_public(iy), KEY_BYTES);
	memcpy(pub.py, dh_public(py), KEY_BYTES);
	memcpy(pub.e, h->e, KEY_BYTES);
	pub.channel = h->channel;
	pub.prekey_id = h->prekey_id;
	pub.psk_day = h->psk_day;
	err = epoch_accept(&peer->epoch, &pub, iy, py, psk);
	memcpy(peer->epoch_e, h->e, KEY_BYTES);
out:
	psk_free(&psk);
	dh_free(&py);
	return err;
}

static enum err
open_keys(struct agent *agent, struct peering *pg, uint8_t lane,
    const struct envelope_header *h, const struct keyring_key *key)
{
	struct peer_lane *peer = &pg->peer[lane];
	enum err err;

	if (peer->epoch == NULL ||
	    memcmp(peer->epoch_e, h->e, KEY_BYTES) != 0 ||
	    h->n < epoch_next(peer->epoch)) {
		err = open_accept(agent, pg, lane, h, key);
		if (err != ERR_OK)
			return err;
	}
	return epoch_keys(peer->epoch, h->n, agent->box);
}

static enum err
open_check(struct agent *agent, const struct envelope_header *h,
    struct opened *opened)
{
	uint8_t salts[FIELDS_MAX][SALT_BYTES];
	struct hash c;
	size_t len;
	enum err err;

	err = fields_decode_padded(&opened->fields, buf_view(&opened->list));
	if (err != ERR_OK)
		return err;
	box_salts(agent->box, salts, opened->fields.n);
	c = fields_commitment(&opened->fields, salts[0]);
	secret_wipe(salts, sizeof(salts));
	if (!hash_eq(&c, &h->c))
		return ERR_COMMITMENT;
	memcpy(opened->kf, box_disclose(agent->box), KEY_BYTES);
	len = fields_len(&opened->fields);
	opened->list.len = len;
	return ERR_OK;
}

enum err
open_envelope(struct agent *agent, struct peering *pg, uint8_t lane,
    const struct envelope *env, const struct keyring_key *key,
    struct opened *opened)
{
	uint8_t *plain;
	enum err err;

	memset(opened, 0, sizeof(*opened));
	opened->list = buf_init(BUCKET_MAX);
	if (!key->has_dh)
		return ERR_KEY_FOREIGN;
	plain = buf_room(&opened->list, env->ct.len - TAG_BYTES);
	if (plain == NULL)
		return ERR_NOMEM;
	err = open_keys(agent, pg, lane, &env->h, key);
	if (err == ERR_OK)
		err = box_open(agent->box, plain, env->ct.p, env->ct.len,
		    &env->h.c, env->header.p, env->header.len);
	if (err == ERR_OK)
		err = open_check(agent, &env->h, opened);
	box_wipe(agent->box);
	if (err != ERR_OK)
		open_free(opened);
	return err;
}

void
open_free(struct opened *opened)
{
	if (opened->list.p != NULL)
		secret_wipe(opened->list.p, opened->list.size);
	buf_free(&opened->list);
	secret_wipe(opened, sizeof(*opened));
}
