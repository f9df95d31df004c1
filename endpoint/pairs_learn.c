/* The second half of pairs.h: what comes from people and from relays. */
#include <stdlib.h>
#include <string.h>

#include "audit/keyring.h"
#include "audit/verify.h"
#include "base/db.h"
#include "base/diag.h"
#include "endpoint/agent_priv.h"
#include "endpoint/alarm.h"
#include "endpoint/pairs.h"
#include "endpoint/relays.h"
#include "endpoint/statements.h"
#include "keys/pubkey.h"
#include "proto/statement.h"

static void
learn_bind_place(struct db_stmt *s, int i, const struct keyring_place *place)
{
	if (place == NULL) {
		db_bind_null(s, i);
		db_bind_null(s, i + 1);
	} else {
		db_bind_hash(s, i, &place->log_id);
		db_bind_u64(s, i + 1, place->index);
	}
}

/* A person must look at what the key signed from the cut on. */
static void
learn_alarm(struct agent *agent, const struct statement_keys *ks)
{
	char hex[2 * ID_BYTES + 1];
	unsigned i;

	for (i = 0; i < ks->revocation_count; i++) {
		hex_encode(hex, ks->revocation[i].kid.b, ID_BYTES);
		alarm_raise(agent->book, agent->now, ERR_KEY_REVOKED, 0,
		    "signing key %s is revoked, reason %u: what it signed "
		    "from the cut on is disputed", hex,
		    (unsigned)ks->revocation[i].reason);
	}
}

static enum err
learn_write_keys(struct agent *agent, struct view entry,
    const struct keyring_place *place)
{
	struct statement_keys *ks;
	struct statement st;
	struct db_stmt *s;
	struct hash hash;
	enum err err;

	err = statement_split(&st, entry);
	if (err != ERR_OK)
		return err;
	if (st.kind != STATEMENT_KEYS)
		return ERR_MAGIC;
	ks = malloc(sizeof(*ks));
	if (ks == NULL)
		return ERR_NOMEM;
	err = statement_keys_decode(ks, st.body);
	if (err != ERR_OK)
		goto out;
	if (ks->revocation_count > 0)
		learn_alarm(agent, ks);
	hash = statement_hash(st.body);
	s = db_prepare(book_db(agent->book), "INSERT INTO keystatement (hash,"
	    " agency, ks_seq, entry, log_id, idx) VALUES (?1, ?2, ?3, ?4, ?5,"
	    " ?6) ON CONFLICT (hash) DO UPDATE SET log_id = excluded.log_id,"
	    " idx = excluded.idx WHERE keystatement.log_id IS NULL");
	db_bind_hash(s, 1, &hash);
	db_bind_id(s, 2, &ks->agency);
	db_bind_u64(s, 3, ks->ks_seq);
	db_bind_view(s, 4, entry);
	learn_bind_place(s, 5, place);
	err = db_run(s);
out:
	free(ks);
	return err;
}

enum err
pairs_learn_keys(struct agent *agent, struct view entry,
    const struct keyring_place *place)
{
	enum err err;

	err = keyring_add_keys(pairs_keyring(agent->pairs), entry.p,
	    entry.len, place);
	if (err == ERR_ROOT_EQUIVOCATION)
		alarm_raise(agent->book, agent->now, err, 0,
		    "a root signed two key statements of one number");
	if (err != ERR_OK)
		return err;
	err = learn_write_keys(agent, entry, place);
	return agent_fail(agent, err);
}

enum err
pairs_learn_officer(struct agent *agent, struct view entry,
    const struct keyring_place *place)
{
	struct statement st;
	struct db_stmt *s;
	struct hash hash;
	enum err err;

	err = keyring_add_officer(pairs_keyring(agent->pairs), entry.p,
	    entry.len, place);
	if (err != ERR_OK)
		return err;
	err = statement_split(&st, entry);
	if (err != ERR_OK)
		return err;
	hash = statement_hash(st.body);
	s = db_prepare(book_db(agent->book), "INSERT INTO certificate (hash,"
	    " entry, log_id, idx) VALUES (?1, ?2, ?3, ?4)"
	    " ON CONFLICT (hash) DO NOTHING");
	db_bind_hash(s, 1, &hash);
	db_bind_view(s, 2, entry);
	learn_bind_place(s, 3, place);
	return agent_fail(agent, db_run(s));
}

bool
pairs_prekey_good(struct agent *agent, const struct pair *pair)
{
	const struct peering *pg = peering_of(pair);
	const struct keyring_key *key;

	if (!pg->has_prekey)
		return false;
	key = keyring_key(pairs_keyring(agent->pairs), &pg->prekey.kid);
	return key != NULL && !key->revoked &&
	    memcmp(key->agency->id.b, pair->peer_agency.b, ID_BYTES) == 0;
}

enum err
pairs_learn_prekey(struct agent *agent, struct view entry,
    const struct keyring_place *place)
{
	struct statement_prekey prekey;
	const struct pair *pair;
	struct verify_who who;
	struct statement st;
	struct peering *pg;
	struct db_stmt *s;
	enum err err;

	err = verify_prekey(&who, pairs_keyring(agent->pairs), entry.p,
	    entry.len, place);
	if (err == ERR_OK)
		err = statement_split(&st, entry);
	if (err == ERR_OK)
		err = statement_prekey_decode(&prekey, st.body);
	if (err != ERR_OK)
		return err;
	pair = pairs_find(agent->pairs, &prekey.pair_id);
	if (pair == NULL)
		return ERR_CHANNEL;
	pg = peering_of(pair);
	if (memcmp(who.key->agency->id.b, pair->peer_agency.b, ID_BYTES) !=
	    0)
		return ERR_SENDER;
	/* Ids rise; but what a thief published binds nobody. */
	if (pairs_prekey_good(agent, pair) &&
	    prekey.prekey_id <= pg->prekey.prekey_id)
		return ERR_SEQ;
	s = db_prepare(book_db(agent->book), "INSERT OR REPLACE INTO"
	    " peer_prekey (pair, entry) VALUES (?1, ?2)");
	db_bind_int(s, 1, pair->number);
	db_bind_view(s, 2, entry);
	err = agent_fail(agent, db_run(s));
	if (err == ERR_OK) {
		pg->prekey = prekey;
		pg->has_prekey = true;
		pg->waits = true;	/* perhaps for just this one */
	}
	return err;
}

/* Which party we are; ERR_KEY_FOREIGN if neither. */
static enum err
learn_direction(const struct agent *agent, const struct charter *c,
    uint8_t *direction)
{
	struct id agency;

	for (*direction = 0; *direction < 2; (*direction)++) {
		agency = pubkey_agency(c->party[*direction].root);
		if (memcmp(agency.b, agent->agency.b, ID_BYTES) == 0)
			return ERR_OK;
	}
	return ERR_KEY_FOREIGN;
}

static enum err
learn_pair_row(struct agent *agent, const struct hash *pair_id,
    uint8_t direction, int64_t *number)
{
	struct db_stmt *s;
	enum err err;

	s = db_prepare(book_db(agent->book), "INSERT INTO pair (pair_id,"
	    " direction, refused, own_prekey, prekey_made_at, beat_at,"
	    " heard_at) VALUES (?1, ?2, 0, 0, 0, 0, 0) ON CONFLICT DO NOTHING");
	db_bind_hash(s, 1, pair_id);
	db_bind_int(s, 2, direction);
	err = db_run(s);
	if (err != ERR_OK)
		return err;
	s = db_prepare(book_db(agent->book),
	    "SELECT number FROM pair WHERE pair_id = ?1");
	db_bind_hash(s, 1, pair_id);
	err = db_one(s);
	if (err != ERR_OK)
		return err;
	*number = db_col_int(s, 0);
	return db_done(s);
}

static enum err
learn_charter_row(struct agent *agent, const struct pairs_install *in,
    int64_t number, const struct charter *c)
{
	struct hash id = charter_id(in->charter);
	struct db_stmt *s;

	s = db_prepare(book_db(agent->book), "INSERT INTO charter"
	    " (charter_id, pair, number, text, sig_a, sig_b, installed_at)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
	db_bind_hash(s, 1, &id);
	db_bind_int(s, 2, number);
	db_bind_int(s, 3, c->number);
	db_bind_view(s, 4, in->charter);
	db_bind_view(s, 5, in->sig_a);
	db_bind_view(s, 6, in->sig_b);
	db_bind_int(s, 7, agent->now);
	return db_run(s);
}

/* Every key this pair needs to work is known? */
static enum err
learn_complete(struct agent *agent, const struct pair *pair)
{
	struct keyring *kr = pairs_keyring(agent->pairs);
	const struct charter *c = pair->charter;
	const struct keyring_key *own;
	struct id relay;
	unsigned i;

	own = keyring_key(kr,
	    sign_kid(keyfile_signer(agent->keys, KEYFILE_S)));
	if (own == NULL ||
	    memcmp(own->agency->id.b, agent->agency.b, ID_BYTES) != 0) {
		diag_error("pairs", "no key statement of this agency names "
		    "this endpoint's signing key");
		return ERR_KID_UNKNOWN;
	}
	if (keyring_key_now(kr, &pair->peer_agency) == NULL) {
		diag_error("pairs", "no key statement of %s given",
		    pair->peer_name);
		return ERR_KID_UNKNOWN;
	}
	for (i = 0; i < c->relay_count; i++) {
		relay = pubkey_agency(c->relay[i].root);
		if (keyring_log_now(kr, &relay) == NULL ||
		    keyring_transport_at(kr, &relay, 0) == NULL) {
			diag_error("pairs", "no key statement of relay %s "
			    "given", c->relay[i].name);
			return ERR_KID_UNKNOWN;
		}
	}
	return ERR_OK;
}

static enum err
learn_rows(struct agent *agent, const struct pairs_install *in,
    const struct charter *c, struct hash *pair_id)
{
	struct hash id = charter_id(in->charter);
	uint8_t direction;
	int64_t number;
	enum err err;
	size_t i;

	*pair_id = charter_pair(c, &id);
	err = learn_direction(agent, c, &direction);
	if (err == ERR_OK)
		err = learn_pair_row(agent, pair_id, direction, &number);
	if (err == ERR_OK)
		err = learn_charter_row(agent, in, number, c);
	for (i = 0; err == ERR_OK && i < in->key_count; i++)
		err = learn_write_keys(agent, in->keys[i], NULL);
	return err;
}

/* The book remembers that there is one: the prekey file may get lost. */
static void
learn_psk_name(char name[2 * HASH_BYTES + 16], const struct hash *charter_id)
{
	memcpy(name, "courier ", 8);
	hex_encode(name + 8, charter_id->b, HASH_BYTES);
}

bool
pairs_couriered(struct agent *agent, const struct hash *charter_id)
{
	char name[2 * HASH_BYTES + 16];

	learn_psk_name(name, charter_id);
	return book_get_int(agent->book, name, 0) != 0;
}

static enum err
learn_psk(struct agent *agent, const struct pairs_install *in,
    const struct pair *pair)
{
	char name[2 * HASH_BYTES + 16];
	struct psk *psk = NULL;
	enum err err;

	if (in->psk_a == NULL || in->psk_b == NULL)
		return ERR_OK;
	err = psk_combine(&psk, &pair->charter_id, in->psk_a, in->psk_b);
	if (err == ERR_OK)
		err = prekeys_psk_put(agent->prekeys, &pair->charter_id, psk);
	psk_free(&psk);
	if (err != ERR_OK && err != ERR_EXISTS)
		return err;
	learn_psk_name(name, &pair->charter_id);
	return book_set_int(agent->book, name, 1);
}

static enum err
learn_install(struct agent *agent, const struct pairs_install *in,
    const struct charter *c, const struct pair **pair)
{
	struct hash pair_id;
	enum err err;

	err = learn_rows(agent, in, c, &pair_id);
	if (err == ERR_OK)
		err = pairs_load(agent);
	if (err != ERR_OK)
		return err;
	*pair = pairs_find(agent->pairs, &pair_id);
	err = *pair == NULL ? ERR_STORAGE : learn_complete(agent, *pair);
	if (err == ERR_OK)
		err = learn_psk(agent, in, *pair);
	return err;
}

enum err
pairs_install(struct agent *agent, const struct pairs_install *in,
    const struct pair **pair)
{
	struct charter *c;
	enum err err;

	*pair = NULL;
	if (in->sig_a.len != SIG_BYTES || in->sig_b.len != SIG_BYTES)
		return ERR_TRUNCATED;
	c = malloc(sizeof(*c));
	if (c == NULL)
		return ERR_NOMEM;
	err = charter_parse(c, in->charter, NULL);
	if (err == ERR_OK)
		err = book_save(agent->book);
	if (err != ERR_OK)
		goto out;
	err = learn_install(agent, in, c, pair);
	if (err != ERR_OK) {
		*pair = NULL;
		(void)book_undo(agent->book);
		(void)pairs_load(agent);
		goto out;
	}
	err = book_keep(agent->book);
	agent->retry = true;		/* what came under it too early */
	alarm_clear(agent->book, ERR_CHARTER_NUMBER, (*pair)->number);
	if (err == ERR_OK)
		err = statements_publish_keys(agent, *pair);
	if (err == ERR_OK)
		err = relays_refresh(agent);
out:
	free(c);
	return err;
}
