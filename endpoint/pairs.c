#include <stdlib.h>
#include <string.h>

#include "audit/keyring.h"
#include "audit/verify.h"
#include "base/db.h"
#include "base/diag.h"
#include "endpoint/agent_priv.h"
#include "endpoint/lanes.h"
#include "endpoint/pairs.h"
#include "keys/pubkey.h"
#include "proto/statement.h"

#define PAIRS_MAX 256		/* charters one endpoint serves */

struct pairs {
	struct keyring *keyring;
	size_t n;
	struct peering *v[PAIRS_MAX];
};

static const char pairs_sql[] =
    "CREATE TABLE pair ("
    " number INTEGER PRIMARY KEY,"
    " pair_id BLOB NOT NULL UNIQUE,"
    " direction INTEGER NOT NULL,"
    " refused INTEGER NOT NULL,"
    " own_prekey INTEGER NOT NULL,"
    " prekey_made_at INTEGER NOT NULL,"
    " beat_at INTEGER NOT NULL,"
    " heard_at INTEGER NOT NULL) STRICT;\n"
    "CREATE TABLE charter ("
    " charter_id BLOB PRIMARY KEY,"
    " pair INTEGER NOT NULL,"
    " number INTEGER NOT NULL,"
    " text BLOB NOT NULL,"
    " sig_a BLOB NOT NULL,"
    " sig_b BLOB NOT NULL,"
    " installed_at INTEGER NOT NULL) STRICT;\n"
    "CREATE TABLE keystatement ("
    " hash BLOB PRIMARY KEY,"
    " agency BLOB NOT NULL,"
    " ks_seq INTEGER NOT NULL,"
    " entry BLOB NOT NULL,"
    " log_id BLOB,"
    " idx INTEGER) STRICT;\n"
    "CREATE TABLE certificate ("
    " hash BLOB PRIMARY KEY,"
    " entry BLOB NOT NULL,"
    " log_id BLOB,"
    " idx INTEGER) STRICT;\n"
    "CREATE TABLE peer_prekey ("
    " pair INTEGER PRIMARY KEY,"
    " entry BLOB NOT NULL) STRICT;\n";

const char *
pairs_schema(void)
{
	return pairs_sql;
}

static void
peering_free(struct peering *pg)
{
	if (pg == NULL)
		return;
	lanes_forget(pg);
	free(pg->charter);
	free(pg);
}

void
pairs_free(struct pairs **pairs)
{
	size_t i;

	if (*pairs == NULL)
		return;
	for (i = 0; i < (*pairs)->n; i++)
		peering_free((*pairs)->v[i]);
	keyring_free((*pairs)->keyring);
	free(*pairs);
	*pairs = NULL;
}

static enum err
pairs_load_charters(struct agent *agent, struct keyring *kr)
{
	struct db_stmt *s;
	struct view text, a, b;
	enum err err = ERR_OK, done;

	s = db_prepare(book_db(agent->book), "SELECT text, sig_a, sig_b"
	    " FROM charter ORDER BY pair, number");
	while (err == ERR_OK && db_row(s)) {
		text = db_col_blob(s, 0);
		a = db_col_blob(s, 1);
		b = db_col_blob(s, 2);
		if (a.len != SIG_BYTES || b.len != SIG_BYTES)
			err = ERR_STORAGE;
		else
			err = keyring_add_charter(kr, text.p, text.len, a.p,
			    b.p, NULL);
	}
	done = db_done(s);
	return err != ERR_OK ? err : done;
}

static const struct keyring_place *
pairs_place(struct db_stmt *s, int c, struct keyring_place *place)
{
	if (db_col_null(s, c))
		return NULL;
	db_col_hash(s, c, &place->log_id);
	place->index = db_col_u64(s, c + 1);
	return place;
}

/* What was good when it came, but is not any more beside what came since (a
 * certificate whose custodian was revoked): it no longer counts, and that
 * must not keep the agent from starting. */
static enum err
pairs_loaded(enum err err, const char *what)
{
	if (err == ERR_OK || err == ERR_NOMEM)
		return err;
	diag_warn("pairs", "%s no longer counts err=%s", what, err_name(err));
	return ERR_OK;
}

static enum err
pairs_load_officers(struct agent *agent, struct keyring *kr)
{
	struct keyring_place place;
	enum err err = ERR_OK, done;
	struct db_stmt *s;
	struct view entry;

	s = db_prepare(book_db(agent->book),
	    "SELECT entry, log_id, idx FROM certificate ORDER BY rowid");
	while (err == ERR_OK && db_row(s)) {
		entry = db_col_blob(s, 0);
		err = pairs_loaded(keyring_add_officer(kr, entry.p,
		    entry.len, pairs_place(s, 1, &place)),
		    "an officer's certificate");
	}
	done = db_done(s);
	return err != ERR_OK ? err : done;
}

static enum err
pairs_load_keys(struct agent *agent, struct keyring *kr)
{
	struct keyring_place place;
	bool start = agent->pairs == NULL;
	enum err err = ERR_OK, done;
	struct db_stmt *s;
	struct view entry;

	s = db_prepare(book_db(agent->book), "SELECT entry, log_id, idx"
	    " FROM keystatement ORDER BY agency, ks_seq");
	while (err == ERR_OK && db_row(s)) {
		entry = db_col_blob(s, 0);
		err = keyring_add_keys(kr, entry.p, entry.len,
		    pairs_place(s, 1, &place));
		/* An operator who installs a charter is to be told. */
		if (start)
			err = pairs_loaded(err, "a key statement");
	}
	done = db_done(s);
	if (err == ERR_OK)
		err = done;
	return err != ERR_OK ? err : pairs_load_officers(agent, kr);
}

/* The moving parts of a pair known before are taken along. */
static struct peering *
pairs_take(struct pairs *from, const struct hash *pair_id)
{
	struct peering *pg;
	size_t i;

	for (i = 0; from != NULL && i < from->n; i++) {
		pg = from->v[i];
		if (pg != NULL && hash_eq(&pg->p.pair_id, pair_id)) {
			from->v[i] = NULL;
			return pg;
		}
	}
	return calloc(1, sizeof(*pg));
}

static void
pairs_name(struct agent *agent, struct peering *pg)
{
	const struct charter *c = pg->charter;
	uint8_t own = pg->p.direction, lane;

	pg->p.charter = c;
	pg->p.own_name = c->party[own].name;
	pg->p.peer_name = c->party[!own].name;
	pg->p.own_agency = agent->agency;
	pg->p.peer_agency = pubkey_agency(c->party[!own].root);
	for (lane = 0; lane < LANE_COUNT; lane++) {
		pg->p.own_channel[lane] = envelope_channel(&pg->p.pair_id,
		    own, lane);
		pg->p.peer_channel[lane] = envelope_channel(&pg->p.pair_id,
		    !own, lane);
	}
}

/*
 * The charter in force: the newest that has begun, else the first; and when
 * the one after it begins.
 */
static enum err
pairs_in_force(struct agent *agent, struct peering *pg, struct charter *c)
{
	struct db_stmt *s;
	enum err err = ERR_OK, done;
	bool found = false;

	pg->next_from_at = 0;
	s = db_prepare(book_db(agent->book), "SELECT charter_id, text"
	    " FROM charter WHERE pair = ?1 ORDER BY number DESC");
	db_bind_int(s, 1, pg->p.number);
	while (err == ERR_OK && !found && db_row(s)) {
		err = charter_parse(c, db_col_blob(s, 1), NULL);
		if (err != ERR_OK)
			break;
		db_col_hash(s, 0, &pg->p.charter_id);
		found = c->from_at <= (uint64_t)agent->now || c->number == 0;
		if (!found)
			pg->next_from_at = (int64_t)c->from_at;
	}
	done = db_done(s);
	if (err == ERR_OK)
		err = done;
	return err == ERR_OK && !found ? ERR_STORAGE : err;
}

static enum err
pairs_newest(struct agent *agent, struct peering *pg)
{
	struct charter *c;
	enum err err;

	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return ERR_NOMEM;
	err = pairs_in_force(agent, pg, c);
	if (err != ERR_OK) {
		free(c);
		return err;
	}
	free(pg->charter);
	pg->charter = c;
	pairs_name(agent, pg);
	return ERR_OK;
}

static enum err
pairs_load_prekey(struct agent *agent, struct peering *pg)
{
	struct statement st;
	struct db_stmt *s;
	enum err err;

	s = db_prepare(book_db(agent->book),
	    "SELECT entry FROM peer_prekey WHERE pair = ?1");
	db_bind_int(s, 1, pg->p.number);
	err = db_one(s);
	if (err == ERR_NOTFOUND)
		return ERR_OK;
	if (err != ERR_OK)
		return err;
	err = statement_split(&st, db_col_blob(s, 0));
	if (err == ERR_OK)
		err = statement_prekey_decode(&pg->prekey, st.body);
	pg->has_prekey = err == ERR_OK;
	(void)db_done(s);
	return err;
}

static enum err
pairs_load_pair(struct agent *agent, struct pairs *new, struct db_stmt *s)
{
	struct hash pair_id;
	struct peering *pg;
	bool known;

	if (new->n == PAIRS_MAX)
		return ERR_COUNT;
	db_col_hash(s, 1, &pair_id);
	pg = pairs_take(agent->pairs, &pair_id);
	if (pg == NULL)
		return ERR_NOMEM;
	new->v[new->n++] = pg;
	known = pg->p.number != 0;
	pg->p.number = db_col_int(s, 0);
	pg->p.pair_id = pair_id;
	pg->p.direction = (uint8_t)db_col_int(s, 2);
	if (known)
		return ERR_OK;
	pg->refused = (enum err)db_col_int(s, 3);
	pg->prekey_made_at = db_col_int(s, 4);
	pg->beat_at = db_col_int(s, 5);
	pg->heard_at = db_col_int(s, 6);
	pg->own_prekey = db_col_u64(s, 7);
	pg->waits = true;
	return lanes_load(agent->book, pg);
}

static enum err
pairs_load_pairs(struct agent *agent, struct pairs *new)
{
	enum err err = ERR_OK, done;
	struct db_stmt *s;
	size_t i;

	s = db_prepare(book_db(agent->book), "SELECT number, pair_id,"
	    " direction, refused, prekey_made_at, beat_at, heard_at,"
	    " own_prekey FROM pair ORDER BY number");
	while (err == ERR_OK && db_row(s))
		err = pairs_load_pair(agent, new, s);
	done = db_done(s);
	if (err == ERR_OK)
		err = done;
	for (i = 0; err == ERR_OK && i < new->n; i++) {
		err = pairs_newest(agent, new->v[i]);
		if (err == ERR_OK)
			err = pairs_load_prekey(agent, new->v[i]);
	}
	return err;
}

enum err
pairs_load(struct agent *agent)
{
	struct pairs *new;
	enum err err;

	new = calloc(1, sizeof(*new));
	if (new == NULL)
		return ERR_NOMEM;
	new->keyring = keyring_new();
	err = new->keyring == NULL ? ERR_NOMEM :
	    pairs_load_charters(agent, new->keyring);
	if (err == ERR_OK)
		err = pairs_load_keys(agent, new->keyring);
	if (err != ERR_OK) {
		pairs_free(&new);
		return err;
	}
	/* From here on only the store or memory can fail: fatal anyway. */
	err = pairs_load_pairs(agent, new);
	pairs_free(&agent->pairs);
	agent->pairs = new;
	return err;
}

enum err
pairs_save(struct agent *agent, const struct pair *pair)
{
	const struct peering *pg = peering_of(pair);
	struct db_stmt *s;

	s = db_prepare(book_db(agent->book), "UPDATE pair SET refused = ?2,"
	    " prekey_made_at = ?3, beat_at = ?4, heard_at = ?5,"
	    " own_prekey = ?6 WHERE number = ?1");
	db_bind_int(s, 1, pair->number);
	db_bind_int(s, 2, pg->refused);
	db_bind_int(s, 3, pg->prekey_made_at);
	db_bind_int(s, 4, pg->beat_at);
	db_bind_int(s, 5, pg->heard_at);
	db_bind_u64(s, 6, pg->own_prekey);
	return db_run(s);
}

size_t
pairs_count(const struct pairs *pairs)
{
	return pairs->n;
}

const struct pair *
pairs_at(const struct pairs *pairs, size_t i)
{
	return &pairs->v[i]->p;
}

const struct pair *
pairs_get(const struct pairs *pairs, int64_t number)
{
	size_t i;

	for (i = 0; i < pairs->n; i++)
		if (pairs->v[i]->p.number == number)
			return &pairs->v[i]->p;
	return NULL;
}

const struct pair *
pairs_find(const struct pairs *pairs, const struct hash *pair_id)
{
	size_t i;

	for (i = 0; i < pairs->n; i++)
		if (hash_eq(&pairs->v[i]->p.pair_id, pair_id))
			return &pairs->v[i]->p;
	return NULL;
}

const struct pair *
pairs_named(const struct pairs *pairs, const char *name)
{
	const struct pair *found = NULL, *pair;
	char hex[2 * HASH_BYTES + 1];
	size_t i;

	for (i = 0; i < pairs->n; i++) {
		pair = &pairs->v[i]->p;
		hex_encode(hex, pair->pair_id.b, HASH_BYTES);
		if (strcmp(name, pair->peer_name) != 0 &&
		    strncmp(name, hex, strlen(name)) != 0)
			continue;
		if (found != NULL)
			return NULL;
		found = pair;
	}
	return found;
}

static bool
id_same(const struct id *a, const struct id *b)
{
	return memcmp(a->b, b->b, ID_BYTES) == 0;
}

const struct pair *
pairs_of_channel(const struct pairs *pairs, const struct id *channel,
    bool *own, uint8_t *lane)
{
	const struct pair *pair;
	size_t i;

	for (i = 0; i < pairs->n; i++) {
		pair = &pairs->v[i]->p;
		for (*lane = 0; *lane < LANE_COUNT; (*lane)++) {
			*own = id_same(channel, &pair->own_channel[*lane]);
			if (*own ||
			    id_same(channel, &pair->peer_channel[*lane]))
				return pair;
		}
	}
	return NULL;
}

struct keyring *
pairs_keyring(struct pairs *pairs)
{
	return pairs->keyring;
}

const struct charter *
pairs_charter_of(struct agent *agent, const struct pair *pair,
    uint16_t number, struct hash *id)
{
	struct db_stmt *s;

	if (number == pair->charter->number) {
		*id = pair->charter_id;
		return pair->charter;
	}
	s = db_prepare(book_db(agent->book), "SELECT charter_id FROM charter"
	    " WHERE pair = ?1 AND number = ?2");
	db_bind_int(s, 1, pair->number);
	db_bind_int(s, 2, number);
	if (db_one(s) != ERR_OK)
		return NULL;
	db_col_hash(s, 0, id);
	if (db_done(s) != ERR_OK)
		return NULL;
	return keyring_pair_charter(agent->pairs->keyring, &pair->pair_id,
	    number);
}

enum err
pairs_charters(struct book *book, int64_t pair, pairs_visit_charter *visit,
    void *ctx)
{
	struct db_stmt *s = db_prepare(book_db(book), "SELECT number, text,"
	    " sig_a, sig_b FROM charter WHERE pair = ?1 ORDER BY number");
	enum err err = ERR_OK, done;

	db_bind_int(s, 1, pair);
	while (err == ERR_OK && db_row(s)) {
		struct pairs_charter c = {
			.number = (uint16_t)db_col_int(s, 0),
			.text = db_col_blob(s, 1),
		};

		db_col_copy(s, 2, c.sig_a, SIG_BYTES);
		db_col_copy(s, 3, c.sig_b, SIG_BYTES);
		err = visit(ctx, &c);
	}
	done = db_done(s);
	return err != ERR_OK ? err : done;
}
