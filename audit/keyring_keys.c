#include <stdlib.h>
#include <string.h>

#include "audit/keyring_priv.h"
#include "keys/pubkey.h"

/* The lowest index counts: a revocation is known from its first leaf on. */
static enum err
add_place(struct keyring_ks *ks, const struct keyring_place *place)
{
	struct keyring_place *grown;
	size_t i;

	if (place == NULL)
		return (ERR_OK);
	for (i = 0; i < ks->places; i++)
		if (hash_eq(&ks->place[i].log_id, &place->log_id)) {
			if (place->index < ks->place[i].index)
				ks->place[i].index = place->index;
			return (ERR_OK);
		}
	grown = reallocarray(ks->place, ks->places + 1, sizeof(*grown));
	if (grown == NULL)
		return (ERR_NOMEM);
	ks->place = grown;
	ks->place[ks->places++] = *place;
	return (ERR_OK);
}

enum err
keyring_placed(struct keyring *kr, const struct hash *statement_hash,
    const struct keyring_place *place)
{
	const struct keyring_agency_held *a;
	struct keyring_ks *ks;
	size_t i, k;

	for (i = 0; i < kr->agencies.n; i++) {
		a = kr->agencies.item[i];
		for (k = 0; k < a->ks.n; k++) {
			ks = a->ks.item[k];
			if (hash_eq(&ks->hash, statement_hash))
				return (add_place(ks, place));
		}
	}
	return (ERR_NOTFOUND);
}

static enum err
check_points(const struct statement_keys *st)
{
	const struct statement_key *k;
	enum err err = ERR_OK;
	unsigned i;

	for (i = 0; err == ERR_OK && i < st->key_count; i++) {
		k = &st->key[i];
		if (k->type == KEY_IDENTITY || k->type == KEY_TRANSPORT)
			err = pubkey_check_dh(k->key, KEY_BYTES);
		else
			err = pubkey_check(k->key, KEY_BYTES);
	}
	return (err);
}

static bool
states(const struct keyring_ks *ks, const struct statement_key *k)
{
	unsigned i;

	for (i = 0; i < ks->st.key_count; i++)
		if (ks->st.key[i].type == k->type &&
		    memcmp(ks->st.key[i].key, k->key, KEY_BYTES) == 0)
			return (true);
	return (false);
}

/* X25519 keys have no kid of their own.  Who states another's T would be
 * taken for it at a relay, who states its I would be sealed for with it.
 * Ever stated counts, not only now: else what is good in the order it came
 * in may not be good in the order it is read back. */
static enum err
check_dh(const struct keyring *kr, const struct keyring_agency *a,
    const struct statement_key *k)
{
	const struct keyring_agency_held *other;
	size_t i, n;

	for (i = 0; i < kr->agencies.n; i++) {
		other = kr->agencies.item[i];
		for (n = 0; &other->a != a && n < other->ks.n; n++)
			if (states(other->ks.item[n], k))
				return (ERR_KEY_FOREIGN);
	}
	return (ERR_OK);
}

/* A kid names one key pair of one agency and one purpose, for ever. */
static enum err
check_key(const struct keyring *kr, const struct keyring_agency *a,
    const struct statement_keys *st, const struct statement_key *k)
{
	const struct statement_key *dh;
	const struct keyring_key *old;
	const struct keyring_log *log;
	struct id kid = pubkey_kid(k->key);
	struct hash log_id;

	if (k->type == KEY_LOG) {
		log_id = pubkey_log_id(k->key);
		log = keyring_log(kr, &log_id);
		return (log == NULL || log->relay == a ? ERR_OK
						       : ERR_KEY_FOREIGN);
	}
	if (k->type == KEY_TRANSPORT || k->type == KEY_IDENTITY)
		return (check_dh(kr, a, k));
	if (memcmp(k->key, a->root, KEY_BYTES) == 0)
		return (ERR_KEY_FOREIGN);
	if ((old = keyring_key(kr, &kid)) == NULL)
		return (ERR_OK);
	if (old->agency != a || old->custodian != (k->type == KEY_CUSTODIAN))
		return (ERR_KEY_FOREIGN);
	dh = statement_keys_find(st, KEY_IDENTITY);
	if (k->type == KEY_SIGN && old->has_dh &&
	    (dh == NULL || memcmp(dh->key, old->dh, KEY_BYTES) != 0))
		return (ERR_KEY_FOREIGN);
	return (ERR_OK);
}

/* All that one statement must obey beside its place in the sequence. */
static enum err
check_keys(const struct keyring *kr, const struct keyring_agency *a,
    const struct statement *s, const struct statement_keys *st)
{
	struct id root_kid = pubkey_kid(a->root);
	enum err err;
	unsigned i;

	if (!id_eq(&root_kid, &s->kid) ||
	    a->relay != (statement_keys_find(st, KEY_LOG) != NULL))
		return (ERR_KEY_FOREIGN);
	if ((err = check_points(st)) != ERR_OK ||
	    (err = pubkey_verify(a->root, s->body.p, s->body.len, s->sig.p)) !=
		ERR_OK)
		return (err);
	for (i = 0; err == ERR_OK && i < st->key_count; i++)
		err = check_key(kr, a, st, &st->key[i]);
	return (err);
}

static enum err
enter_sign(struct keyring *kr, const struct keyring_agency *a,
    const struct statement_keys *st, const struct statement_key *k)
{
	struct id kid = pubkey_kid(k->key);
	const struct statement_key *dh;
	struct keyring_key *key;

	if (keyring_key(kr, &kid) != NULL)
		return (ERR_OK);
	if ((key = calloc(1, sizeof(*key))) == NULL)
		return (ERR_NOMEM);
	key->kid = kid;
	key->agency = a;
	key->ks_seq = st->ks_seq;
	key->not_before = st->not_before;
	key->not_after = st->not_after;
	memcpy(key->sign, k->key, KEY_BYTES);
	key->custodian = k->type == KEY_CUSTODIAN;
	dh = statement_keys_find(st, KEY_IDENTITY);
	if (!key->custodian && dh != NULL) {
		memcpy(key->dh, dh->key, KEY_BYTES);
		key->has_dh = true;
	}
	if (keyring_list_add(&kr->keys, key) != ERR_OK) {
		free(key);
		return (ERR_NOMEM);
	}
	return (keyring_table_put(&kr->key, &kid, key));
}

static enum err
enter_log(struct keyring *kr, const struct keyring_agency *a,
    const struct statement_key *k)
{
	struct hash log_id = pubkey_log_id(k->key);
	struct id half = hash_id(&log_id);
	struct keyring_log *log;

	if (keyring_log(kr, &log_id) != NULL)
		return (ERR_OK);
	if ((log = calloc(1, sizeof(*log))) == NULL)
		return (ERR_NOMEM);
	log->log_id = log_id;
	memcpy(log->key, k->key, KEY_BYTES);
	log->relay = a;
	if (keyring_list_add(&kr->logs, log) != ERR_OK) {
		free(log);
		return (ERR_NOMEM);
	}
	return (keyring_table_put(&kr->log, &half, log));
}

/* An agency revokes its own kids only; another's number does nothing. */
static void
mark_revoked(struct keyring *kr, const struct keyring_agency *a,
    const struct statement_keys *st)
{
	struct keyring_key *key;
	unsigned i;

	for (i = 0; i < st->revocation_count; i++) {
		key = keyring_table_get(&kr->key, &st->revocation[i].kid);
		if (key != NULL && key->agency == a)
			key->revoked = true;
	}
}

static enum err
enter(struct keyring *kr, struct keyring_agency_held *a,
    struct keyring_ks *ks)
{
	const struct statement_key *k;
	enum err err;
	unsigned i;

	if ((err = keyring_list_add(&a->ks, ks)) != ERR_OK)
		return (err);
	a->a.ks_seq = ks->st.ks_seq;
	a->a.ks_hash = ks->hash;
	for (i = 0; err == ERR_OK && i < ks->st.key_count; i++) {
		k = &ks->st.key[i];
		if (k->type == KEY_SIGN || k->type == KEY_CUSTODIAN)
			err = enter_sign(kr, &a->a, &ks->st, k);
		else if (k->type == KEY_LOG)
			err = enter_log(kr, &a->a, k);
	}
	mark_revoked(kr, &a->a, &ks->st);
	return (err);
}

/* Its place in the sequence: known, next, or not acceptable. */
static enum err
sequence(const struct keyring_agency_held *a, const struct keyring_ks *ks,
    struct keyring_ks **known)
{
	struct keyring_ks *old;

	*known = NULL;
	if (ks->st.ks_seq <= a->ks.n) {
		old = a->ks.item[ks->st.ks_seq - 1];
		if (!hash_eq(&old->hash, &ks->hash))
			return (ERR_ROOT_EQUIVOCATION);
		*known = old;
		return (ERR_OK);
	}
	if (ks->st.ks_seq != a->ks.n + 1 ||
	    !hash_eq(&ks->st.previous, &a->a.ks_hash))
		return (ERR_KEY_SEQ);
	return (ERR_OK);
}

static void
ks_drop(struct keyring_ks *ks)
{
	free((void *)(uintptr_t)ks->bytes.p);
	free(ks->place);
	free(ks);
}

enum err
keyring_add_keys(struct keyring *kr, const void *p, size_t len,
    const struct keyring_place *place)
{
	struct view in = { p, len };
	struct keyring_agency_held *a;
	struct keyring_ks *ks, *known;
	struct statement s;
	enum err err;

	if ((err = statement_split(&s, in)) != ERR_OK)
		return (err);
	if (s.kind != STATEMENT_KEYS)
		return (ERR_MAGIC);
	if ((ks = calloc(1, sizeof(*ks))) == NULL)
		return (ERR_NOMEM);
	if ((err = statement_keys_decode(&ks->st, s.body)) != ERR_OK)
		goto out;
	if ((a = keyring_held(kr, &ks->st.agency)) == NULL) {
		err = ERR_KEY_FOREIGN;
		goto out;
	}
	ks->hash = statement_hash(s.body);
	if ((err = check_keys(kr, &a->a, &s, &ks->st)) != ERR_OK ||
	    (err = sequence(a, ks, &known)) != ERR_OK)
		goto out;
	if (known != NULL) {
		err = add_place(known, place);
		goto out;
	}
	ks->bytes = keyring_copy(p, len);
	if (ks->bytes.p == NULL || add_place(ks, place) != ERR_OK) {
		err = ERR_NOMEM;
		goto out;
	}
	if ((err = enter(kr, a, ks)) == ERR_OK ||
	    keyring_ks_newest(a) == ks)
		return (err);
out:
	ks_drop(ks);
	return (err);
}

/* Copy bytes into the keyring; NULL for want of memory. */
static const uint8_t *
blob(struct keyring *kr, const void *p, size_t len)
{
	struct view copy = keyring_copy(p, len);

	if (copy.p == NULL)
		return (NULL);
	if (keyring_list_add(&kr->blobs, (void *)(uintptr_t)copy.p) !=
	    ERR_OK) {
		free((void *)(uintptr_t)copy.p);
		return (NULL);
	}
	return (copy.p);
}

static enum err
officer_key(struct keyring *kr, struct keyring_officer_held *o,
    const uint8_t key[KEY_BYTES])
{
	const uint8_t *copy;
	size_t i;

	for (i = 0; i < o->keys.n; i++)
		if (memcmp(o->keys.item[i], key, KEY_BYTES) == 0)
			return (ERR_OK);
	if ((copy = blob(kr, key, KEY_BYTES)) == NULL)
		return (ERR_NOMEM);
	return (keyring_list_add(&o->keys, (void *)(uintptr_t)copy));
}

static struct keyring_officer_held *
officer_new(struct keyring *kr, const struct id *id)
{
	struct keyring_officer_held *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return (NULL);
	o->o.id = *id;
	if (keyring_list_add(&kr->officers, o) != ERR_OK) {
		free(o);
		return (NULL);
	}
	return (keyring_table_put(&kr->officer, id, o) == ERR_OK ? o : NULL);
}

static void
officer_set(struct keyring_officer *o, const struct statement_officer *st,
    const struct keyring_key *custodian, struct view info,
    const struct hash *leaf)
{
	o->agency = custodian->agency;
	o->custodian = custodian;
	memcpy(o->key, st->key, KEY_BYTES);
	o->not_before = st->not_before;
	o->not_after = st->not_after;
	o->revoked = st->revoked;
	o->leaf = *leaf;
	o->info = info;
}

static enum err
enter_officer(struct keyring *kr, const struct statement_officer *st,
    const struct keyring_key *custodian, const struct hash *leaf)
{
	struct keyring_officer_held *o;
	struct view info = st->info;
	enum err err;

	o = keyring_table_get(&kr->officer, &st->officer);
	if (o != NULL && o->o.agency != custodian->agency)
		return (ERR_KEY_FOREIGN);
	info.p = blob(kr, st->info.p, st->info.len);
	if (info.p == NULL)
		return (ERR_NOMEM);
	if (o == NULL) {
		if ((o = officer_new(kr, &st->officer)) == NULL)
			return (ERR_NOMEM);
		officer_set(&o->o, st, custodian, info, leaf);
	}
	if ((err = officer_key(kr, o, st->key)) != ERR_OK)
		return (err);
	if (st->not_before < o->o.not_before ||
	    (st->not_before == o->o.not_before && o->o.revoked))
		return (ERR_OK);	/* an older one: it no longer counts */
	officer_set(&o->o, st, custodian, info, leaf);
	return (ERR_OK);
}

enum err
keyring_add_officer(struct keyring *kr, const void *p, size_t len,
    const struct keyring_place *place)
{
	const struct keyring_key *custodian;
	struct statement_officer st;
	struct view in = { p, len };
	struct statement s;
	struct hash leaf;
	enum err err;

	if ((err = statement_split(&s, in)) != ERR_OK)
		return (err);
	if (s.kind != STATEMENT_OFFICER)
		return (ERR_MAGIC);
	if ((err = statement_officer_decode(&st, s.body)) != ERR_OK)
		return (err);
	if ((custodian = keyring_key(kr, &s.kid)) == NULL)
		return (ERR_KID_UNKNOWN);
	if (!custodian->custodian)
		return (ERR_KEY_FOREIGN);
	if (keyring_standing(kr, custodian, place) == KEYRING_REFUSED)
		return (ERR_KEY_REVOKED);
	if ((err = pubkey_check(st.key, KEY_BYTES)) != ERR_OK ||
	    (err = pubkey_verify(custodian->sign, s.body.p, s.body.len,
		 s.sig.p)) != ERR_OK)
		return (err);
	leaf = statement_leaf(in);
	return (enter_officer(kr, &st, custodian, &leaf));
}
