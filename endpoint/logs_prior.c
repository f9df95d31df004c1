/* What a relay's later log says of the one before.  See logs.h. */
#include <string.h>

#include "base/db.h"
#include "base/diag.h"
#include "endpoint/agent_priv.h"
#include "endpoint/alarm.h"
#include "endpoint/evidence.h"
#include "endpoint/logs.h"
#include "endpoint/outbox_rows.h"
#include "endpoint/relays.h"
#include "proto/statement.h"

#define PRIOR_INDEX 1		/* in the new log */
/* How often to look for a checkpoint that it may be proved in. */
#define PRIOR_MS 2000

/* The mark in the book: this log's prior was good. */
static void
prior_mark(char name[8 + 2 * HASH_BYTES], const struct hash *log_id)
{
	memcpy(name, "prior.", 6);
	hex_encode(name + 6, log_id->b, HASH_BYTES);
}

/* Was another log of this relay seen before? */
static bool
prior_other(struct agent *agent, const struct relay *relay)
{
	struct db_stmt *s;
	bool other;

	s = db_prepare(book_db(agent->book), "SELECT 1 FROM log"
	    " WHERE relay = ?1 AND log_id != ?2 LIMIT 1");
	db_bind_int(s, 1, relay->number);
	db_bind_hash(s, 2, &relay->log.log_id);
	other = db_row(s);
	(void)db_done(s);
	return other;
}

enum err
logs_prior_start(struct agent *agent, struct relay *relay)
{
	char name[8 + 2 * HASH_BYTES];
	struct log_view *v = &relay->log;

	v->prior = LOGS_PRIOR_NONE;
	if (!prior_other(agent, relay))
		return ERR_OK;
	prior_mark(name, &v->log_id);
	if (book_get_int(agent->book, name, 0) == 0)
		v->prior = LOGS_PRIOR_DUE;
	else if (!evidence_has(agent->book, &v->log_id, PRIOR_INDEX))
		v->prior = LOGS_PRIOR_WANTED;
	else
		v->prior = LOGS_PRIOR_PROVEN;
	if (v->prior != LOGS_PRIOR_PROVEN)
		relays_wish(agent, &relay->agency, NULL);
	return ERR_OK;
}

/* The statement is by this relay, and its note by an older log of it. */
static enum err
prior_read(struct agent *agent, const struct relay *relay, struct view entry,
    struct verify_checkpoint *cp, struct view *note)
{
	struct keyring_place place = { relay->log.log_id, PRIOR_INDEX };
	struct keyring *kr = pairs_keyring(agent->pairs);
	struct statement_prior prior;
	struct verify_who who;
	struct statement st;
	enum err err;

	err = verify_prior(&who, kr, entry.p, entry.len, &place);
	if (err == ERR_OK && !id_eq(&who.key->agency->id, &relay->agency))
		err = ERR_KEY_FOREIGN;
	if (err == ERR_OK)
		err = statement_split(&st, entry);
	if (err == ERR_OK)
		err = statement_prior_decode(&prior, st.body);
	if (err == ERR_OK)
		err = verify_checkpoint(cp, kr, prior.note.p,
		    prior.note.len);
	if (err != ERR_OK)
		return err;
	*note = prior.note;
	return id_eq(&cp->log->relay->id, &relay->agency) &&
	    !hash_eq(&cp->log->log_id, &relay->log.log_id) ? ERR_OK :
	    ERR_KEY_FOREIGN;
}

/* Does a checkpoint of that log and size that we keep say the same? */
static bool
prior_kept(struct agent *agent, const struct verify_checkpoint *cp)
{
	struct buf note = buf_init(NOTE_MAX);
	struct verify_checkpoint held;
	bool same = true;

	if (evidence_checkpoint(agent->book, &cp->log->log_id, cp->size,
	    &note) == ERR_OK && verify_checkpoint(&held,
	    pairs_keyring(agent->pairs), note.p, note.len) == ERR_OK)
		same = hash_eq(&held.root, &cp->root);
	buf_free(&note);
	return same;
}

/* What was seen of that log; size 0: nothing. */
static uint64_t
prior_seen(struct agent *agent, const struct hash *log_id, struct hash *root)
{
	struct db_stmt *s;
	uint64_t size = 0;

	s = db_prepare(book_db(agent->book),
	    "SELECT size, root FROM log WHERE log_id = ?1");
	db_bind_hash(s, 1, log_id);
	if (db_row(s)) {
		size = db_col_u64(s, 0);
		db_col_hash(s, 1, root);
	}
	(void)db_done(s);
	return size;
}

/* Against all that was seen; ERR_LOG_SPLIT. */
static enum err
prior_compare(struct agent *agent, struct relay *relay,
    const struct verify_checkpoint *cp)
{
	struct hash root;
	uint64_t seen = prior_seen(agent, &cp->log->log_id, &root);

	if ((seen == cp->size && !hash_eq(&root, &cp->root)) ||
	    !prior_kept(agent, cp))
		return ERR_LOG_SPLIT;
	diag_info("logs", "relay %s began a new log, prior=%llu seen=%llu",
	    relay->name, (unsigned long long)cp->size,
	    (unsigned long long)seen);
	if (cp->size < seen)
		alarm_raise(agent->book, agent->now, ERR_INCOMPLETE, 0,
		    "relay %s began a new log that vouches for the one before "
		    "up to %llu; entries to %llu were seen here and are proved "
		    "by what is kept here alone", relay->name,
		    (unsigned long long)cp->size, (unsigned long long)seen);
	return ERR_OK;
}

/* It is good: from here on the new log is used as the old one was. */
static enum err
prior_take(struct agent *agent, struct relay *relay,
    const struct verify_checkpoint *cp, struct view entry, struct view note)
{
	char name[8 + 2 * HASH_BYTES];
	struct log_view *v = &relay->log;
	bool due = v->prior == LOGS_PRIOR_DUE;
	enum err err;

	relay->prior.max = STATEMENT_MAX;
	buf_reset(&relay->prior);
	buf_put(&relay->prior, entry.p, entry.len);
	if (relay->prior.err != ERR_OK)
		return relay->prior.err;
	v->prior = LOGS_PRIOR_HELD;
	v->prior_at = agent->mono;
	if (!due)
		return ERR_OK;
	prior_mark(name, &v->log_id);
	err = evidence_put_checkpoint(agent->book, &cp->log->log_id, cp->size,
	    note);
	if (err == ERR_OK)
		err = outbox_new_log(agent, relay);
	return err == ERR_OK ? book_set_int(agent->book, name, 1) : err;
}

enum err
logs_prior_said(struct agent *agent, struct relay *relay, struct view entry)
{
	struct log_view *v = &relay->log;
	struct verify_checkpoint cp;
	struct view note;
	enum err err;

	if (v->prior != LOGS_PRIOR_DUE && v->prior != LOGS_PRIOR_WANTED)
		return ERR_OK;
	err = entry.len == 0 ? ERR_NOTFOUND :
	    prior_read(agent, relay, entry, &cp, &note);
	if (err == ERR_OK && v->prior == LOGS_PRIOR_DUE)
		err = prior_compare(agent, relay, &cp);
	if (err == ERR_NOMEM || err == ERR_STORAGE)
		return err;
	if (err != ERR_OK) {
		(void)logs_split(agent, relay, entry.len == 0 ?
		    "began another log without a word of the one before" :
		    "began another log that does not go on from the one "
		    "before");
		return ERR_OK;
	}
	return agent_fail(agent, prior_take(agent, relay, &cp, entry, note));
}

bool
logs_prior_holds(const struct relay *relay)
{
	return relay->log.prior == LOGS_PRIOR_DUE;
}

bool
logs_prior_wants(struct agent *agent, struct relay *relay)
{
	struct log_view *v = &relay->log;

	if (v->prior != LOGS_PRIOR_HELD || relay->split ||
	    agent->mono < v->prior_at || v->first == LOGS_FIRST_DUE)
		return false;
	v->prior_at = agent->mono + PRIOR_MS;
	return logs_base(agent, v) && v->first_size > PRIOR_INDEX;
}

enum err
logs_prior_proved(struct agent *agent, struct relay *relay,
    const struct merkle_path *path)
{
	struct log_view *v = &relay->log;
	struct evidence e = { .log_id = v->log_id, .index = PRIOR_INDEX,
		.kind = STATEMENT_PRIOR, .size = v->first_size,
		.path = *path, .entry = buf_view(&relay->prior) };
	struct hash leaf;

	if (v->prior != LOGS_PRIOR_HELD)
		return ERR_OK;
	leaf = statement_leaf(e.entry);
	if (merkle_included(&leaf, e.index, e.size, path, &v->first_root) !=
	    ERR_OK) {
		(void)logs_split(agent, relay, "shows a word of the log "
		    "before that does not stand in the new one");
		return ERR_OK;
	}
	v->prior = LOGS_PRIOR_PROVEN;
	return agent_fail(agent, evidence_put(agent->book, &e));
}
