#include <stdlib.h>
#include <string.h>

#include "audit/keyring_priv.h"
#include "keys/pubkey.h"
#include "proto/envelope.h"

static void
agency_name(struct keyring_agency *a, const char *name)
{
	size_t len = strnlen(name, NAME_MAX_BYTES);

	memset(a->name, 0, sizeof(a->name));
	memcpy(a->name, name, len);
}

enum err
keyring_add_root(struct keyring *kr, const uint8_t root[KEY_BYTES],
    const char *name, bool relay)
{
	struct id id = pubkey_agency(root);
	struct keyring_agency_held *a = keyring_held(kr, &id);
	enum err err;

	if (a != NULL) {
		agency_name(&a->a, name);
		return (a->a.relay == relay ? ERR_OK : ERR_KEY_FOREIGN);
	}
	if ((err = pubkey_check(root, KEY_BYTES)) != ERR_OK)
		return (err);
	if ((a = calloc(1, sizeof(*a))) == NULL)
		return (ERR_NOMEM);
	a->a.id = id;
	memcpy(a->a.root, root, KEY_BYTES);
	a->a.relay = relay;
	agency_name(&a->a, name);
	if (keyring_list_add(&kr->agencies, a) != ERR_OK) {
		free(a);
		return (ERR_NOMEM);
	}
	return (keyring_table_put(&kr->agency, &id, a));
}

/* The roots of a charter: parties and relays. */
static enum err
add_roots(struct keyring *kr, const struct charter *c)
{
	enum err err = ERR_OK;
	unsigned i;

	for (i = 0; err == ERR_OK && i < 2; i++)
		err = keyring_add_root(kr, c->party[i].root, c->party[i].name,
		    false);
	for (i = 0; err == ERR_OK && i < c->relay_count; i++)
		err = keyring_add_root(kr, c->relay[i].root, c->relay[i].name,
		    true);
	return (err);
}

static enum err
check_points(const struct charter *c)
{
	enum err err = ERR_OK;
	unsigned i;

	for (i = 0; err == ERR_OK && i < 2; i++)
		err = pubkey_check(c->party[i].root, KEY_BYTES);
	for (i = 0; err == ERR_OK && i < c->relay_count; i++)
		err = pubkey_check(c->relay[i].root, KEY_BYTES);
	for (i = 0; err == ERR_OK && i < c->witness_count; i++)
		err = pubkey_check(c->witness[i].key, KEY_BYTES);
	return (err);
}

/* Both must have signed exactly this text, and a renewal must renew. */
static enum err
check_charter(const struct keyring *kr, const struct keyring_charter_held *c,
    const uint8_t sig_a[SIG_BYTES], const uint8_t sig_b[SIG_BYTES])
{
	struct hash pair = charter_pair(&c->charter, &c->id);
	const struct charter *old;
	uint8_t tbs[CHARTER_TBS_BYTES];
	enum err err;

	if ((err = check_points(&c->charter)) != ERR_OK)
		return (err);
	charter_tbs(tbs, &c->id);
	if ((err = pubkey_verify(c->charter.party[0].root, tbs, sizeof(tbs),
		 sig_a)) != ERR_OK ||
	    (err = pubkey_verify(c->charter.party[1].root, tbs, sizeof(tbs),
		 sig_b)) != ERR_OK)
		return (err);
	if (c->charter.number == 0)
		return (ERR_OK);
	if (keyring_pair_charter(kr, &pair, c->charter.number) != NULL)
		return (ERR_PAIRING);
	old = keyring_charter(kr, &c->charter.replaces);
	if (old == NULL || keyring_pair_charter(kr, &pair,
				c->charter.number - 1u) != old)
		return (ERR_PAIRING);
	return (charter_renews(&c->charter, old, &c->charter.replaces));
}

static struct keyring_pair *
pair_new(struct keyring *kr, const struct hash *pair_id)
{
	struct keyring_pair *p = calloc(1, sizeof(*p));
	struct id half = hash_id(pair_id);
	struct keyring_channel *ch;
	uint8_t dir, lane;

	if (p == NULL)
		return (NULL);
	p->id = *pair_id;
	if (keyring_list_add(&kr->pairs, p) != ERR_OK) {
		free(p);
		return (NULL);
	}
	for (dir = 0; dir < DIRECTION_COUNT; dir++)
		for (lane = 0; lane < LANE_COUNT; lane++) {
			ch = &p->channel[dir][lane];
			ch->id = envelope_channel(pair_id, dir, lane);
			ch->pair_id = *pair_id;
			ch->direction = dir;
			ch->lane = lane;
			if (keyring_table_put(&kr->channel, &ch->id, ch) !=
			    ERR_OK)
				return (NULL);
		}
	if (keyring_table_put(&kr->pair, &half, p) != ERR_OK)
		return (NULL);
	return (p);
}

/* Takes c, also on failure (then it is dropped with the keyring). */
static enum err
enter(struct keyring *kr, struct keyring_charter_held *c)
{
	struct hash pair_id = charter_pair(&c->charter, &c->id);
	struct id half = hash_id(&c->id), pair_half = hash_id(&pair_id);
	struct keyring_pair *p;
	enum err err;

	if (keyring_list_add(&kr->charters, c) != ERR_OK) {
		free((void *)(uintptr_t)c->bytes.p);
		free(c);
		return (ERR_NOMEM);
	}
	if ((err = add_roots(kr, &c->charter)) != ERR_OK)
		return (err);
	p = keyring_table_get(&kr->pair, &pair_half);
	if (p == NULL && (p = pair_new(kr, &pair_id)) == NULL)
		return (ERR_NOMEM);
	if ((err = keyring_list_add(&p->charters, c)) != ERR_OK)
		return (err);
	return (keyring_table_put(&kr->charter, &half, c));
}

/* A root serves one purpose: no party of one pair is another's relay. */
static enum err
check_purpose(const struct keyring *kr, const struct charter *c)
{
	const struct keyring_agency *a;
	struct id id;
	unsigned i;

	for (i = 0; i < 2 + c->relay_count; i++) {
		id = pubkey_agency(
		    i < 2 ? c->party[i].root : c->relay[i - 2].root);
		a = keyring_agency(kr, &id);
		if (a != NULL && a->relay != (i >= 2))
			return (ERR_KEY_FOREIGN);
	}
	return (ERR_OK);
}

enum err
keyring_add_charter(struct keyring *kr, const void *p, size_t len,
    const uint8_t sig_a[SIG_BYTES], const uint8_t sig_b[SIG_BYTES],
    struct hash *id)
{
	struct keyring_charter_held *c;
	struct view text = { p, len };
	enum err err;

	if (len > CHARTER_MAX)
		return (ERR_TOO_BIG);
	if ((c = calloc(1, sizeof(*c))) == NULL)
		return (ERR_NOMEM);
	c->id = charter_id(text);
	if (id != NULL)
		*id = c->id;
	if (keyring_charter(kr, &c->id) != NULL) {
		free(c);
		return (ERR_OK);
	}
	c->bytes = keyring_copy(p, len);
	if (c->bytes.p == NULL)
		err = ERR_NOMEM;
	else if ((err = charter_parse(&c->charter, c->bytes, NULL)) == ERR_OK &&
	    (err = check_charter(kr, c, sig_a, sig_b)) == ERR_OK &&
	    (err = check_purpose(kr, &c->charter)) == ERR_OK)
		return (enter(kr, c));
	free((void *)(uintptr_t)c->bytes.p);
	free(c);
	return (err);
}
