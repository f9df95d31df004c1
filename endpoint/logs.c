#include <stdio.h>
#include <string.h>

#include "base/db.h"
#include "base/diag.h"
#include "base/merkle.h"
#include "base/secret.h"
#include "endpoint/agent_priv.h"
#include "endpoint/alarm.h"
#include "endpoint/cosigned.h"
#include "endpoint/evidence.h"
#include "endpoint/gossip.h"
#include "endpoint/logs.h"
#include "endpoint/relays.h"
#include "endpoint/splits.h"
#include "proto/statement.h"

/* At most one LOG a relay in this time: a busy log grows every turn. */
#define LOGS_ASK_MS 10000
#define LOGS_ASKS 3
/* How often to look for a checkpoint that entry 0 may be proved in, and how
 * long to leave a relay alone that did not prove it. */
#define LOGS_FIRST_MS 2000
#define LOGS_FIRST_AGAIN_MS 3600000

static const char logs_sql[] =
    "CREATE TABLE log ("
    " log_id BLOB PRIMARY KEY,"
    " relay INTEGER NOT NULL,"
    " size INTEGER NOT NULL,"
    " root BLOB NOT NULL,"
    " joined_size INTEGER NOT NULL,"
    " joined_root BLOB NOT NULL,"
    " seen_at INTEGER NOT NULL) STRICT;\n";

const char *
logs_schema(void)
{
	return logs_sql;
}

static enum err
logs_save(struct agent *agent, const struct relay *relay)
{
	const struct log_view *v = &relay->log;
	struct db_stmt *s;

	s = db_prepare(book_db(agent->book), "INSERT OR REPLACE INTO log"
	    " (log_id, relay, size, root, joined_size, joined_root, seen_at)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
	db_bind_hash(s, 1, &v->log_id);
	db_bind_int(s, 2, relay->number);
	db_bind_u64(s, 3, v->size);
	db_bind_hash(s, 4, &v->root);
	db_bind_u64(s, 5, v->joined_size);
	db_bind_hash(s, 6, &v->joined_root);
	db_bind_int(s, 7, agent->now);
	return agent_fail(agent, db_run(s));
}

static void
logs_read(struct agent *agent, struct relay *relay, struct db_stmt *s)
{
	struct log_view *v = &relay->log;

	memset(v, 0, sizeof(*v));
	db_col_hash(s, 0, &v->log_id);
	v->size = db_col_u64(s, 1);
	db_col_hash(s, 2, &v->root);
	v->joined_size = db_col_u64(s, 3);
	db_col_hash(s, 4, &v->joined_root);
	v->asked_at = agent->mono - LOGS_ASK_MS;
}

enum err
logs_load(struct agent *agent, struct relay *relay)
{
	struct db_stmt *s;
	enum err err;

	s = db_prepare(book_db(agent->book), "SELECT log_id, size, root,"
	    " joined_size, joined_root FROM log WHERE relay = ?1"
	    " ORDER BY seen_at DESC, rowid DESC LIMIT 1");
	db_bind_int(s, 1, relay->number);
	err = db_one(s);
	if (err == ERR_NOTFOUND)
		return ERR_OK;
	if (err != ERR_OK)
		return err;
	logs_read(agent, relay, s);
	err = db_done(s);
	return err == ERR_OK ? logs_prior_start(agent, relay) : err;
}

/* Another log of the same relay: what was seen of it before still binds. */
static enum err
logs_switch(struct agent *agent, struct relay *relay,
    const struct verify_checkpoint *cp)
{
	struct db_stmt *s;
	enum err err;

	if (!hash_is_zero(&relay->log.log_id))
		diag_info("logs", "relay %s shows another log", relay->name);
	s = db_prepare(book_db(agent->book), "SELECT log_id, size, root,"
	    " joined_size, joined_root FROM log WHERE log_id = ?1");
	db_bind_hash(s, 1, &cp->log->log_id);
	err = db_one(s);
	if (err == ERR_OK) {
		(void)db_done(s);
		return logs_split(agent, relay, "went back to a log it left");
	}
	if (err == ERR_NOTFOUND) {
		/* The first of it that we see joins itself. */
		memset(&relay->log, 0, sizeof(relay->log));
		relay->log.log_id = cp->log->log_id;
		relay->log.joined_size = cp->size;
		relay->log.joined_root = cp->root;
		err = ERR_OK;
	}
	memset(&relay->cosigning, 0, sizeof(relay->cosigning));
	memset(&relay->gossip, 0, sizeof(relay->gossip));
	relay->gossip.look = true;
	agent->cosigned_stamp++;
	relays_refetch(agent);
	if (err == ERR_OK)
		err = logs_prior_start(agent, relay);
	return agent_fail(agent, err);
}

enum err
logs_split(struct agent *agent, struct relay *relay, const char *how)
{
	relay->split = true;
	alarm_raise(agent->book, agent->now, ERR_LOG_SPLIT, 0,
	    "relay %s %s: nothing is sent there", relay->name, how);
	return ERR_LOG_SPLIT;
}

enum err
logs_apart(struct agent *agent, struct relay *relay, uint64_t size,
    const struct hash *root, const struct merkle_path *path, const char *how)
{
	const struct log_view *v = &relay->log;
	struct splits_tree held = { v->joined_size, v->joined_root };
	struct splits_tree shown = { size, *root };
	char where[SPLITS_WHERE_BYTES], text[192];

	if (path == NULL)
		held = (struct splits_tree){ v->size, v->root };
	splits_keep(agent, relay, &held, &shown, path, where);
	snprintf(text, sizeof(text), "%s%s%s", how,
	    where[0] == '\0' ? "" : ", the proof is in ", where);
	return logs_split(agent, relay, text);
}

/* A newer checkpoint comes: the one it replaces must not be jumped over, or a
 * proof in a log made for us alone would never meet the true one.  A busy log
 * shows more than can be asked for: which are kept no relay can know. */
static void
logs_hop(struct log_view *v)
{
	uint32_t at = v->hop_count;

	if (v->size <= v->joined_size)
		return;
	v->hops_met++;
	if (at == LOGS_HOPS) {
		random_bytes(&at, sizeof(at));
		at %= v->hops_met;
	} else {
		v->hop_count++;
	}
	if (at < LOGS_HOPS)
		v->hop[at] = (struct log_head){ v->size, v->root };
}

/* What the next LOG is to join: the smallest hop, at last the newest. */
static struct log_head
logs_next(const struct log_view *v)
{
	struct log_head next = { v->size, v->root };
	unsigned i;

	for (i = 0; i < v->hop_count; i++)
		if (v->hop[i].size < next.size)
			next = v->hop[i];
	return next;
}

static void
logs_hopped(struct log_view *v)
{
	unsigned i = 0;

	while (i < v->hop_count)
		if (v->hop[i].size <= v->joined_size)
			v->hop[i] = v->hop[--v->hop_count];
		else
			i++;
	if (v->hop_count == 0)
		v->hops_met = 0;
}

enum err
logs_checkpoint(struct agent *agent, struct relay *relay, struct view note,
    struct verify_checkpoint *cp)
{
	struct log_view *v = &relay->log;
	enum err err;

	err = verify_checkpoint(cp, pairs_keyring(agent->pairs), note.p,
	    note.len);
	if (err != ERR_OK)
		return err;
	if (memcmp(cp->log->relay->id.b, relay->agency.b, ID_BYTES) != 0)
		return ERR_KEY_FOREIGN;
	if (!hash_eq(&cp->log->log_id, &v->log_id)) {
		err = logs_switch(agent, relay, cp);
		if (err != ERR_OK)
			return err;
	}
	if (cp->size == v->size && v->size > 0 &&
	    hash_eq(&cp->root, &v->root))
		return ERR_OK;
	err = splits_note(agent, &v->log_id, &(struct splits_tree){
	    cp->size, cp->root }, note);
	if (err != ERR_OK)
		return err;
	if (cp->size == v->size && v->size > 0)
		return logs_apart(agent, relay, cp->size, &cp->root, NULL,
		    "signed two roots of one size");
	if (cp->size < v->size)
		return logs_apart(agent, relay, cp->size, &cp->root, NULL,
		    "went back behind a size it signed");
	logs_hop(v);
	v->size = cp->size;
	v->root = cp->root;
	return logs_save(agent, relay);
}

/* The shortest heartbeat of the pairs it serves. */
static int64_t
logs_heartbeat(const struct agent *agent, const struct relay *relay)
{
	int64_t ms = 86400000, beat;
	const struct pair *pair;
	size_t i;

	for (i = 0; i < pairs_count(agent->pairs); i++) {
		pair = pairs_at(agent->pairs, i);
		beat = (int64_t)pair->charter->heartbeat_s * 1000;
		if (relays_serves(relay, pair) && beat < ms)
			ms = beat;
	}
	return ms;
}

int64_t
logs_pace(const struct agent *agent, const struct relay *relay)
{
	int64_t half = logs_heartbeat(agent, relay) / 2;

	return half < LOGS_ASK_MS ? half : LOGS_ASK_MS;
}

void
logs_asked(const struct agent *agent, struct logs_try *owed)
{
	if (owed->asks++ == 0)
		owed->first_at = agent->mono;
}

bool
logs_overdue(const struct agent *agent, const struct relay *relay,
    const struct logs_try *owed)
{
	int64_t ms;

	if (owed->asks < LOGS_ASKS)
		return false;
	/* Asking takes its time too. */
	ms = logs_heartbeat(agent, relay);
	if (ms < 3 * LOGS_ASK_MS)
		ms = 3 * LOGS_ASK_MS;
	return agent->mono - owed->first_at >= ms;
}

static bool
logs_join_due(const struct agent *agent, const struct log_view *v)
{
	return v->size > v->joined_size &&
	    agent->mono - v->asked_at >= LOGS_ASK_MS;
}

bool
logs_base(struct agent *agent, struct log_view *v)
{
	struct buf note = buf_init(NOTE_MAX);
	struct verify_checkpoint cp;
	bool is;

	is = evidence_newest(agent->book, &v->log_id, &note) == ERR_OK &&
	    verify_checkpoint(&cp, pairs_keyring(agent->pairs), note.p,
	    note.len) == ERR_OK;
	if (is) {
		v->first_size = cp.size;
		v->first_root = cp.root;
	}
	buf_free(&note);
	return is;
}

/* Is entry 0 here?  Else a proof of it is due, in a checkpoint that is kept:
 * a bundle shows both. */
static bool
logs_first_wants(struct agent *agent, struct relay *relay)
{
	struct log_view *v = &relay->log;

	if (v->first != LOGS_FIRST_OPEN || relay->split || v->size == 0 ||
	    agent->mono < v->first_at)
		return v->first == LOGS_FIRST_DUE && !relay->split;
	v->first_at = agent->mono + LOGS_FIRST_MS;
	if (evidence_has(agent->book, &v->log_id, 0))
		v->first = LOGS_FIRST_PROVEN;
	else if (logs_base(agent, v))
		v->first = LOGS_FIRST_DUE;
	return v->first == LOGS_FIRST_DUE;
}

static bool
logs_join_wants(struct agent *agent, struct relay *relay)
{
	struct log_view *v = &relay->log;

	if (v->size <= v->joined_size || relay->split)
		return false;
	if (logs_overdue(agent, relay, &v->owed)) {
		(void)logs_split(agent, relay,
		    "does not join two sizes it signed");
		return false;
	}
	return logs_join_due(agent, v);
}

bool
logs_wants(struct agent *agent, struct relay *relay)
{
	struct log_view *v = &relay->log;

	if (logs_join_wants(agent, relay))
		v->next = LOGS_JOIN;
	else if (cosigned_wants(agent, relay))
		v->next = LOGS_COSIGNED;
	else if (gossip_wants(agent, relay))
		v->next = LOGS_GOSSIP;
	else if (logs_first_wants(agent, relay))
		v->next = LOGS_FIRST;
	else if (logs_prior_wants(agent, relay))
		v->next = LOGS_PRIOR;
	else
		return false;
	return true;
}

int64_t
logs_due(const struct relay *relay)
{
	const struct log_view *v = &relay->log;
	int64_t due = INT64_MAX;

	if (relay->split || v->size == 0)
		return due;
	if (v->size > v->joined_size)
		due = v->asked_at + LOGS_ASK_MS;
	if (v->first == LOGS_FIRST_OPEN && v->first_at < due)
		due = v->first_at;
	if (v->prior == LOGS_PRIOR_HELD && v->prior_at < due)
		due = v->prior_at;
	if (cosigned_due(relay) < due)
		due = cosigned_due(relay);
	return gossip_due(relay) < due ? gossip_due(relay) : due;
}

static void
logs_ask_first(const struct agent *agent, struct log_view *v,
    struct request_log *request)
{
	v->first = LOGS_FIRST_OPEN;
	v->first_at = agent->mono + LOGS_FIRST_AGAIN_MS;
	request->kind = LOG_INCLUSION;
	request->inclusion.index = 0;
	request->inclusion.size = v->first_size;
}

static void
logs_ask_join(const struct agent *agent, struct log_view *v,
    struct request_log *request)
{
	struct log_head next = logs_next(v);

	v->asked_at = agent->mono;
	logs_asked(agent, &v->owed);
	v->asked_size = next.size;
	v->asked_root = next.root;
	request->kind = LOG_CONSISTENCY;
	request->consistency.first = v->joined_size;
	request->consistency.second = v->asked_size;
}

void
logs_ask(const struct agent *agent, struct relay *relay,
    struct request_log *request)
{
	struct log_view *v = &relay->log;

	v->asking = v->next;
	switch (v->asking) {
	case LOGS_FIRST:
		logs_ask_first(agent, v, request);
		break;
	case LOGS_PRIOR:
		request->kind = LOG_INCLUSION;
		request->inclusion.index = 1;
		request->inclusion.size = v->first_size;
		break;
	case LOGS_COSIGNED:
		cosigned_ask(agent, relay, request);
		break;
	case LOGS_GOSSIP:
		gossip_ask(agent, relay, request);
		break;
	case LOGS_JOIN:
	default:
		logs_ask_join(agent, v, request);
		break;
	}
}

static enum err
logs_joined(struct agent *agent, struct relay *relay,
    const struct merkle_path *path)
{
	struct log_view *v = &relay->log;
	enum err err;

	if (v->asked_size <= v->joined_size)
		return ERR_OK;		/* of a log left meanwhile */
	err = merkle_consistent(v->joined_size, &v->joined_root,
	    v->asked_size, &v->asked_root, path);
	if (err != ERR_OK) {
		(void)logs_apart(agent, relay, v->asked_size, &v->asked_root,
		    path, "signed two sizes that do not grow from each "
		    "other");
		return ERR_OK;
	}
	v->joined_size = v->asked_size;
	v->joined_root = v->asked_root;
	err = splits_joined(agent, &v->log_id, v->joined_size);
	if (err != ERR_OK)
		return err;
	v->owed.asks = 0;
	if (v->hop_count > 0)		/* the rest of the way at once */
		v->asked_at = agent->mono - LOGS_ASK_MS;
	logs_hopped(v);
	/* What was ahead of our view may not be any more. */
	relay->cosigning.look = true;
	relay->gossip.look = true;
	return logs_save(agent, relay);
}

/* Entry 0 is one of the key statements of the relay that are held here. */
static enum err
logs_first(struct agent *agent, struct relay *relay,
    const struct merkle_path *path)
{
	const struct keyring *kr = pairs_keyring(agent->pairs);
	struct log_view *v = &relay->log;
	struct keyring_place place = { .log_id = v->log_id };
	struct evidence e = { .log_id = v->log_id, .kind = STATEMENT_KEYS,
	    .size = v->first_size, .path = *path };
	struct hash leaf;
	uint64_t n;
	enum err err;

	for (n = 1; ; n++) {
		e.entry = keyring_statement(kr, &relay->agency, n);
		if (e.entry.len == 0)
			return ERR_OK;
		leaf = statement_leaf(e.entry);
		if (merkle_included(&leaf, 0, v->first_size, path,
		    &v->first_root) == ERR_OK)
			break;
	}
	v->first = LOGS_FIRST_PROVEN;
	err = evidence_put(agent->book, &e);
	if (err == ERR_OK)
		err = pairs_learn_keys(agent, e.entry, &place);
	return agent_fail(agent, err);
}

enum err
logs_answered(struct agent *agent, struct relay *relay,
    const struct reply_log *reply)
{
	struct merkle_path path = { .len = reply->hash_count };

	if (path.len > MERKLE_PATH_MAX) {
		(void)logs_split(agent, relay, "proves no growth of its log");
		return ERR_OK;
	}
	if (path.len > 0)
		memcpy(path.h, reply->hash, path.len * sizeof(path.h[0]));
	switch (relay->log.asking) {
	case LOGS_FIRST:
		return logs_first(agent, relay, &path);
	case LOGS_PRIOR:
		return logs_prior_proved(agent, relay, &path);
	case LOGS_COSIGNED:
		return cosigned_answered(agent, relay, reply, &path);
	case LOGS_GOSSIP:
		return gossip_answered(agent, relay, &path);
	case LOGS_JOIN:
	default:
		return logs_joined(agent, relay, &path);
	}
}
