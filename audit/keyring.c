#include <stdlib.h>
#include <string.h>

#include "audit/keyring_priv.h"
#include "keys/pubkey.h"

struct keyring *
keyring_new(void)
{
	return (calloc(1, sizeof(struct keyring)));
}

static void
ks_free(struct keyring_ks *ks)
{
	free((void *)(uintptr_t)ks->bytes.p);
	free(ks->place);
	free(ks);
}

static void
agency_free(struct keyring_agency_held *a)
{
	size_t i;

	for (i = 0; i < a->ks.n; i++)
		ks_free(a->ks.item[i]);
	free(a->ks.item);
	free(a);
}

static void
charter_free(struct keyring_charter_held *c)
{
	free((void *)(uintptr_t)c->bytes.p);
	free(c);
}

static void
officer_free(struct keyring_officer_held *o)
{
	free(o->keys.item);
	free(o);
}

static void
pair_free(struct keyring_pair *p)
{
	free(p->charters.item);
	free(p);
}

/* Free each item by its own function, then the list. */
#define LIST_FREE(list, freeing) \
	do { \
		size_t i_; \
		for (i_ = 0; i_ < (list).n; i_++) \
			freeing((list).item[i_]); \
		free((list).item); \
	} while (0)

void
keyring_free(struct keyring *kr)
{
	if (kr == NULL)
		return;
	LIST_FREE(kr->agencies, agency_free);
	LIST_FREE(kr->charters, charter_free);
	LIST_FREE(kr->pairs, pair_free);
	LIST_FREE(kr->keys, free);
	LIST_FREE(kr->logs, free);
	LIST_FREE(kr->officers, officer_free);
	LIST_FREE(kr->blobs, free);
	free(kr->agency.slot);
	free(kr->key.slot);
	free(kr->log.slot);
	free(kr->channel.slot);
	free(kr->officer.slot);
	free(kr->charter.slot);
	free(kr->pair.slot);
	free(kr);
}

struct keyring_agency_held *
keyring_held(const struct keyring *kr, const struct id *agency)
{
	return (keyring_table_get(&kr->agency, agency));
}

struct keyring_ks *
keyring_ks_newest(const struct keyring_agency_held *a)
{
	return (a->ks.n == 0 ? NULL : a->ks.item[a->ks.n - 1]);
}

const struct keyring_key *
keyring_key(const struct keyring *kr, const struct id *kid)
{
	return (keyring_table_get(&kr->key, kid));
}

const struct keyring_agency *
keyring_agency(const struct keyring *kr, const struct id *agency)
{
	const struct keyring_agency_held *held = keyring_held(kr, agency);

	return (held == NULL ? NULL : &held->a);
}

/* Logs and charters have 32-byte names: the table finds by their first half,
 * the second is compared here. */
const struct keyring_log *
keyring_log(const struct keyring *kr, const struct hash *log_id)
{
	struct id half = hash_id(log_id);
	const struct keyring_log *log = keyring_table_get(&kr->log, &half);

	return (log != NULL && hash_eq(&log->log_id, log_id) ? log : NULL);
}

static const struct keyring_charter_held *
charter_held(const struct keyring *kr, const struct hash *id)
{
	struct id half = hash_id(id);
	const struct keyring_charter_held *c;

	c = keyring_table_get(&kr->charter, &half);
	return (c != NULL && hash_eq(&c->id, id) ? c : NULL);
}

static const struct keyring_pair *
pair_held(const struct keyring *kr, const struct hash *id)
{
	struct id half = hash_id(id);
	const struct keyring_pair *p = keyring_table_get(&kr->pair, &half);

	return (p != NULL && hash_eq(&p->id, id) ? p : NULL);
}

const struct keyring_channel *
keyring_channel(const struct keyring *kr, const struct id *channel)
{
	return (keyring_table_get(&kr->channel, channel));
}

const struct keyring_officer *
keyring_officer(const struct keyring *kr, const struct id *officer)
{
	return (keyring_table_get(&kr->officer, officer));
}

const uint8_t *
keyring_officer_key(const struct keyring *kr, const struct id *officer,
    size_t i)
{
	const struct keyring_officer_held *o;

	o = keyring_table_get(&kr->officer, officer);
	return (o == NULL ? NULL : keyring_list_at(&o->keys, i));
}

const struct charter *
keyring_charter(const struct keyring *kr, const struct hash *charter_id)
{
	const struct keyring_charter_held *c = charter_held(kr, charter_id);

	return (c == NULL ? NULL : &c->charter);
}

struct view
keyring_charter_bytes(const struct keyring *kr, const struct hash *charter_id)
{
	const struct keyring_charter_held *c = charter_held(kr, charter_id);
	struct view none = { NULL, 0 };

	return (c == NULL ? none : c->bytes);
}

const struct keyring_key *
keyring_key_now(const struct keyring *kr, const struct id *agency)
{
	const struct keyring_agency_held *a = keyring_held(kr, agency);
	const struct keyring_ks *ks = a == NULL ? NULL : keyring_ks_newest(a);
	const struct statement_key *s;
	struct id kid;

	s = ks == NULL ? NULL : statement_keys_find(&ks->st, KEY_SIGN);
	if (s == NULL)
		return (NULL);
	kid = pubkey_kid(s->key);
	return (keyring_key(kr, &kid));
}

const struct keyring_log *
keyring_log_now(const struct keyring *kr, const struct id *relay)
{
	const struct keyring_agency_held *a = keyring_held(kr, relay);
	const struct keyring_ks *ks = a == NULL ? NULL : keyring_ks_newest(a);
	const struct statement_key *log;
	struct hash log_id;

	log = ks == NULL ? NULL : statement_keys_find(&ks->st, KEY_LOG);
	if (log == NULL)
		return (NULL);
	log_id = pubkey_log_id(log->key);
	return (keyring_log(kr, &log_id));
}

const uint8_t *
keyring_transport_at(const struct keyring *kr, const struct id *agency,
    size_t i)
{
	const struct keyring_agency_held *a = keyring_held(kr, agency);
	const struct keyring_ks *ks = a == NULL ? NULL : keyring_ks_newest(a);
	unsigned k;

	for (k = 0; ks != NULL && k < ks->st.key_count; k++)
		if (ks->st.key[k].type == KEY_TRANSPORT && i-- == 0)
			return (ks->st.key[k].key);
	return (NULL);
}

const struct keyring_agency *
keyring_transport(const struct keyring *kr, const uint8_t t[KEY_BYTES])
{
	const struct keyring_agency_held *a;
	const uint8_t *key;
	size_t i, k;

	for (i = 0; i < kr->agencies.n; i++) {
		a = kr->agencies.item[i];
		for (k = 0; (key = keyring_transport_at(kr, &a->a.id, k)) !=
		    NULL; k++)
			if (memcmp(key, t, KEY_BYTES) == 0)
				return (&a->a);
	}
	return (NULL);
}

const struct charter *
keyring_pair_charter(const struct keyring *kr, const struct hash *pair_id,
    uint32_t number)
{
	const struct keyring_pair *p = pair_held(kr, pair_id);
	const struct keyring_charter_held *c;

	if (p == NULL)
		return (NULL);
	if (number == KEYRING_NEWEST)
		number = (uint32_t)(p->charters.n - 1);
	c = keyring_list_at(&p->charters, number);
	return (c == NULL ? NULL : &c->charter);
}

const struct keyring_agency *
keyring_party(const struct keyring *kr, const struct hash *pair_id,
    uint32_t number, uint8_t direction)
{
	const struct charter *c = keyring_pair_charter(kr, pair_id, number);
	struct id agency;

	if (c == NULL || direction >= DIRECTION_COUNT)
		return (NULL);
	agency = pubkey_agency(c->party[direction].root);
	return (keyring_agency(kr, &agency));
}

bool
keyring_is_party(const struct keyring *kr, const struct hash *pair_id,
    uint8_t direction, const struct id *agency)
{
	const struct keyring_agency *party;
	uint32_t n;

	for (n = 0; (party = keyring_party(kr, pair_id, n, direction)) != NULL;
	     n++)
		if (id_eq(&party->id, agency))
			return (true);
	return (false);
}

bool
keyring_is_relay(const struct keyring *kr, const struct hash *pair_id,
    const struct id *relay)
{
	const struct keyring_agency *a = keyring_agency(kr, relay);
	const struct charter *c;
	uint32_t n;

	for (n = 0; a != NULL &&
	     (c = keyring_pair_charter(kr, pair_id, n)) != NULL; n++)
		if (charter_relay_find(c, a->root) >= 0)
			return (true);
	return (false);
}

const struct keyring_agency *
keyring_agency_at(const struct keyring *kr, size_t i)
{
	const struct keyring_agency_held *a;

	a = keyring_list_at(&kr->agencies, i);
	return (a == NULL ? NULL : &a->a);
}

const struct charter *
keyring_charter_at(const struct keyring *kr, size_t i)
{
	const struct keyring_charter_held *c;

	c = keyring_list_at(&kr->charters, i);
	return (c == NULL ? NULL : &c->charter);
}

const struct keyring_log *
keyring_log_at(const struct keyring *kr, size_t i)
{
	return (keyring_list_at(&kr->logs, i));
}

const struct keyring_officer *
keyring_officer_at(const struct keyring *kr, size_t i)
{
	return (keyring_list_at(&kr->officers, i));
}

struct view
keyring_statement(const struct keyring *kr, const struct id *agency,
    uint64_t ks_seq)
{
	const struct keyring_agency_held *a = keyring_held(kr, agency);
	const struct keyring_ks *ks;
	struct view none = { NULL, 0 };

	if (a == NULL || ks_seq == 0 || ks_seq > a->ks.n)
		return (none);
	ks = a->ks.item[ks_seq - 1];
	return (ks->bytes);
}

static uint64_t
cut_of(const struct statement_keys *st, const struct statement_revocation *rev,
    const struct hash *log_id)
{
	unsigned i;

	for (i = 0; i < rev->cut_count; i++)
		if (hash_eq(&st->cut[rev->cut_first + i].log_id, log_id))
			return (st->cut[rev->cut_first + i].cut);
	return (0);
}

/* Where the statement stands in that log; UINT64_MAX if not known to. */
static uint64_t
index_of(const struct keyring_ks *ks, const struct hash *log_id)
{
	size_t i;

	for (i = 0; i < ks->places; i++)
		if (hash_eq(&ks->place[i].log_id, log_id))
			return (ks->place[i].index);
	return (UINT64_MAX);
}

static enum keyring_standing
standing_under(const struct keyring_ks *ks,
    const struct statement_revocation *rev, const struct keyring_place *place)
{
	if (place->index < cut_of(&ks->st, rev, &place->log_id))
		return (KEYRING_GOOD);
	if (place->index < index_of(ks, &place->log_id))
		return (KEYRING_DISPUTED);
	return (KEYRING_REFUSED);
}

enum keyring_standing
keyring_standing(const struct keyring *kr, const struct keyring_key *key,
    const struct keyring_place *place)
{
	const struct keyring_agency_held *a;
	const struct keyring_ks *ks;
	enum keyring_standing worst = KEYRING_GOOD, s;
	size_t i;
	unsigned r;

	if (!key->revoked)
		return (KEYRING_GOOD);
	if (place == NULL)
		return (KEYRING_REFUSED);
	a = keyring_held(kr, &key->agency->id);
	for (i = 0; a != NULL && i < a->ks.n; i++) {
		ks = a->ks.item[i];
		for (r = 0; r < ks->st.revocation_count; r++) {
			if (!id_eq(&ks->st.revocation[r].kid, &key->kid))
				continue;
			s = standing_under(ks, &ks->st.revocation[r], place);
			if (s > worst)
				worst = s;
		}
	}
	return (worst);
}
