#include <stdlib.h>
#include <string.h>

#include "base/db.h"
#include "base/diag.h"
#include "base/secret.h"
#include "endpoint/agent_priv.h"
#include "endpoint/mail.h"
#include "endpoint/outbox_rows.h"
#include "endpoint/relays.h"
#include "endpoint/seal.h"
#include "proto/fields.h"
#include "proto/statement.h"

static const char outbox_sql[] =
    "CREATE TABLE run ("
    " id INTEGER PRIMARY KEY,"
    " pair INTEGER NOT NULL,"
    " lane INTEGER NOT NULL,"
    " first_seq INTEGER NOT NULL,"
    " last_seq INTEGER NOT NULL,"
    " last_env BLOB NOT NULL,"
    " full INTEGER NOT NULL,"		/* 1: run container, 0: bare */
    " bytes BLOB NOT NULL,"
    " made_at INTEGER NOT NULL) STRICT;\n"
    "CREATE INDEX run_seq ON run (pair, lane, last_seq);\n"
    "CREATE INDEX run_full ON run (pair, lane, last_seq) WHERE full = 1;\n"
    "CREATE TABLE statement ("
    " id INTEGER PRIMARY KEY,"
    " hash BLOB NOT NULL UNIQUE,"
    " pair INTEGER NOT NULL,"
    " entry BLOB NOT NULL,"
    " made_at INTEGER NOT NULL) STRICT;\n"
    "CREATE TABLE todo ("
    " relay INTEGER NOT NULL,"
    " urgency INTEGER NOT NULL,"
    " id INTEGER NOT NULL,"
    " kind INTEGER NOT NULL,"
    " pair INTEGER NOT NULL,"
    " PRIMARY KEY (relay, urgency, id, kind)) STRICT, WITHOUT ROWID;\n";

/* Order of use of a frame: an emergency, what proves, notices, files. */
static const int outbox_urgency[LANE_COUNT] = {
	[LANE_EMERGENCY] = 0, [LANE_NOTICE] = 2, [LANE_FILE] = 3,
};
#define URGENCY_STATEMENT 1

const char *
outbox_schema(void)
{
	return outbox_sql;
}

enum err
outbox_tell(struct agent *agent, const struct outbox_event *ev)
{
	enum err err;

	if (agent->hooks == NULL || agent->hooks->event == NULL)
		return ERR_OK;
	err = agent->hooks->event(agent, ev);
	if (err == ERR_STORAGE || err == ERR_NOMEM)
		return err;
	if (err != ERR_OK)
		diag_warn("outbox", "the desk did not take an event err=%s",
		    err_name(err));
	return ERR_OK;
}

static enum err
outbox_check(struct agent *agent, const struct pair *pair,
    const struct fields *fields)
{
	enum err err = seal_ready(agent, pair);

	if (err == ERR_ROLLBACK || err == ERR_CLONE ||
	    err == ERR_CHARTER_ENDED)
		return err;
	if (fields_padded_len(fields) == 0 ||
	    fields_padded_len(fields) > pair->charter->size_max)
		return ERR_TOO_BIG;
	return ERR_OK;
}

enum err
outbox_put(struct agent *agent, const struct outgoing *out, int64_t *mail)
{
	const struct pair *pair;
	struct buf list = buf_init(BUCKET_MAX);
	struct mail row = { .own = true, .state = MAIL_WAITING };
	struct wr wr;
	size_t len;
	enum err err;

	pair = pairs_find(agent->pairs, &out->pair_id);
	if (pair == NULL || out->lane >= LANE_COUNT)
		return ERR_NOTFOUND;
	err = outbox_check(agent, pair, out->fields);
	if (err != ERR_OK)
		return err;
	len = fields_len(out->fields);
	wr = wr_init(buf_room(&list, len), len);
	if (list.err != ERR_OK)
		return list.err;
	fields_encode(&wr, out->fields);
	row.pair = pair->number;
	row.lane = out->lane;
	row.message = out->message;
	row.created_at = agent->now;
	err = wr.err;
	if (err == ERR_OK)
		err = mail_put(agent->book, &row, out->keep_ms,
		    buf_view(&list), NULL);
	secret_wipe(list.p, list.size);
	buf_free(&list);
	if (err != ERR_OK)
		return err;
	peering_of(pair)->waits = true;
	if (mail != NULL)
		*mail = row.id;
	return ERR_OK;
}

static enum err
outbox_todo(struct agent *agent, const struct relay *relay, int urgency,
    enum outbox_kind kind, int64_t id, int64_t pair)
{
	struct db_stmt *s;

	s = db_prepare(book_db(agent->book), "INSERT INTO todo (relay,"
	    " urgency, id, kind, pair) VALUES (?1, ?2, ?3, ?4, ?5)"
	    " ON CONFLICT DO NOTHING");
	db_bind_int(s, 1, relay->number);
	db_bind_int(s, 2, urgency);
	db_bind_int(s, 3, id);
	db_bind_int(s, 4, kind);
	db_bind_int(s, 5, pair);
	return db_run(s);
}

static unsigned
outbox_wanted(const struct peering *pg)
{
	return pg->wanted > pg->charter->copies ? pg->wanted :
	    pg->charter->copies;
}

enum err
outbox_run_put(struct agent *agent, const struct pair *pair, uint8_t lane,
    const struct run_statement *st, const struct hash *last_env,
    struct view bytes)
{
	unsigned i, wanted = outbox_wanted(peering_of(pair));
	struct relay *relay;
	struct db_stmt *s;
	enum err err;
	int64_t id;

	s = db_prepare(book_db(agent->book), "INSERT INTO run (pair, lane,"
	    " first_seq, last_seq, last_env, full, bytes, made_at)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7)");
	db_bind_int(s, 1, pair->number);
	db_bind_int(s, 2, lane);
	db_bind_u64(s, 3, st->first_seq);
	db_bind_u64(s, 4, st->first_seq + st->size - 1);
	db_bind_hash(s, 5, last_env);
	db_bind_view(s, 6, bytes);
	db_bind_int(s, 7, agent->now);
	err = db_run(s);
	id = db_last_id(book_db(agent->book));
	for (i = 0; err == ERR_OK && i < wanted; i++) {
		relay = relays_at(agent, pair, i);
		if (relay != NULL)
			err = outbox_todo(agent, relay, outbox_urgency[lane],
			    OUTBOX_RUN, id, pair->number);
	}
	return err;
}

static enum err
outbox_statement_row(struct agent *agent, int64_t pair, struct view entry,
    int64_t *id)
{
	struct hash hash = hash_of(entry.p, entry.len);
	struct db_stmt *s;
	enum err err;

	s = db_prepare(book_db(agent->book), "INSERT INTO statement (hash,"
	    " pair, entry, made_at) VALUES (?1, ?2, ?3, ?4)"
	    " ON CONFLICT (hash) DO NOTHING");
	db_bind_hash(s, 1, &hash);
	db_bind_int(s, 2, pair);
	db_bind_view(s, 3, entry);
	db_bind_int(s, 4, agent->now);
	err = db_run(s);
	if (err != ERR_OK)
		return err;
	s = db_prepare(book_db(agent->book),
	    "SELECT id FROM statement WHERE hash = ?1");
	db_bind_hash(s, 1, &hash);
	err = db_one(s);
	if (err != ERR_OK)
		return err;
	*id = db_col_int(s, 0);
	return db_done(s);
}

enum err
outbox_statement_put(struct agent *agent, const struct pair *pair,
    struct view entry)
{
	struct relay *relay;
	enum err err;
	int64_t id = 0;
	unsigned i;

	err = outbox_statement_row(agent, pair->number, entry, &id);
	for (i = 0; err == ERR_OK && i < pair->charter->relay_count; i++) {
		relay = relays_at(agent, pair, i);
		if (relay != NULL)
			err = outbox_todo(agent, relay, URGENCY_STATEMENT,
			    OUTBOX_STATEMENT, id, pair->number);
	}
	return err;
}

enum err
outbox_again(struct agent *agent, const struct relay *relay,
    const struct peering *pg, uint8_t lane, uint64_t above)
{
	struct db_stmt *s;

	s = db_prepare(book_db(agent->book), "INSERT INTO todo (relay,"
	    " urgency, id, kind, pair) SELECT ?1, ?2, id, 0, pair FROM run"
	    " WHERE pair = ?3 AND lane = ?4 AND last_seq > ?5 AND full = 1"
	    " ON CONFLICT DO NOTHING");
	db_bind_int(s, 1, relay->number);
	db_bind_int(s, 2, outbox_urgency[lane]);
	db_bind_int(s, 3, pg->p.number);
	db_bind_int(s, 4, lane);
	db_bind_u64(s, 5, above);
	return db_run(s);
}

/* Runs of one lane that stand in the part of the log that was lost. */
static enum err
outbox_restored_runs(struct agent *agent, const struct relay *relay,
    const struct peering *pg, uint8_t lane, const struct reply_hello *hello)
{
	struct db_stmt *s;

	s = db_prepare(book_db(agent->book), "INSERT INTO todo (relay,"
	    " urgency, id, kind, pair) SELECT ?1, ?2, r.id, ?3, r.pair"
	    " FROM run r JOIN evidence e ON e.channel = ?4 AND e.kind = ?5"
	    " AND e.first_seq = r.first_seq AND e.last_seq = r.last_seq"
	    " WHERE r.pair = ?6 AND r.lane = ?7 AND r.full = 1"
	    " AND e.log_id = ?8 AND e.idx >= ?9 AND e.idx < ?10"
	    " ON CONFLICT DO NOTHING");
	db_bind_int(s, 1, relay->number);
	db_bind_int(s, 2, outbox_urgency[lane]);
	db_bind_int(s, 3, OUTBOX_RUN);
	db_bind_id(s, 4, &pg->p.own_channel[lane]);
	db_bind_int(s, 5, STATEMENT_RUN);
	db_bind_int(s, 6, pg->p.number);
	db_bind_int(s, 7, lane);
	db_bind_hash(s, 8, &relay->log.log_id);
	db_bind_u64(s, 9, hello->restored_first);
	db_bind_u64(s, 10, hello->restored_end);
	return db_run(s);
}

/* The statement of that entry, if it is one of ours. */
static enum err
outbox_restored_one(struct agent *agent, const struct relay *relay,
    struct view entry)
{
	struct hash hash = hash_of(entry.p, entry.len);
	struct db_stmt *s;

	s = db_prepare(book_db(agent->book), "INSERT INTO todo (relay,"
	    " urgency, id, kind, pair) SELECT ?1, ?2, id, ?3, pair"
	    " FROM statement WHERE hash = ?4 ON CONFLICT DO NOTHING");
	db_bind_int(s, 1, relay->number);
	db_bind_int(s, 2, URGENCY_STATEMENT);
	db_bind_int(s, 3, OUTBOX_STATEMENT);
	db_bind_hash(s, 4, &hash);
	return db_run(s);
}

static enum err
outbox_restored_statements(struct agent *agent, const struct relay *relay,
    const struct reply_hello *hello)
{
	struct db_stmt *s;
	enum err err = ERR_OK, done;

	s = db_prepare(book_db(agent->book), "SELECT entry FROM evidence"
	    " WHERE log_id = ?1 AND idx >= ?2 AND idx < ?3 AND kind != ?4");
	db_bind_hash(s, 1, &relay->log.log_id);
	db_bind_u64(s, 2, hello->restored_first);
	db_bind_u64(s, 3, hello->restored_end);
	db_bind_int(s, 4, STATEMENT_RUN);
	while (err == ERR_OK && db_row(s))
		err = outbox_restored_one(agent, relay, db_col_blob(s, 0));
	done = db_done(s);
	return err != ERR_OK ? err : done;
}

enum err
outbox_restored(struct agent *agent, const struct relay *relay,
    const struct reply_hello *hello)
{
	char name[sizeof("restored.") + 2 * HASH_BYTES] = "restored.";
	const struct peering *pg;
	enum err err = ERR_OK;
	uint8_t lane;
	size_t i;

	hex_encode(name + strlen(name), relay->log.log_id.b, HASH_BYTES);
	if (hello->restored_at == 0 || (int64_t)hello->restored_at ==
	    book_get_int(agent->book, name, 0))
		return ERR_OK;
	diag_warn("outbox", "relay %s was restored, submitting again what it "
	    "lost first=%llu end=%llu", relay->name,
	    (unsigned long long)hello->restored_first,
	    (unsigned long long)hello->restored_end);
	for (i = 0; i < pairs_count(agent->pairs); i++) {
		pg = peering_of(pairs_at(agent->pairs, i));
		for (lane = 0; err == ERR_OK && lane < LANE_COUNT; lane++)
			err = outbox_restored_runs(agent, relay, pg, lane,
			    hello);
	}
	if (err == ERR_OK)
		err = outbox_restored_statements(agent, relay, hello);
	return err != ERR_OK ? err : book_set_int(agent->book, name,
	    (int64_t)hello->restored_at);
}

/* Key statements and the newest prekey the relay carried over itself. */
static bool
outbox_new_log_needs(struct view entry)
{
	struct statement st;

	return statement_split(&st, entry) == ERR_OK &&
	    (st.kind == STATEMENT_RECEIPT || st.kind == STATEMENT_RECOVERY ||
	    st.kind == STATEMENT_OFFICER);
}

static enum err
outbox_new_log_pair(struct agent *agent, const struct relay *relay,
    struct peering *pg)
{
	struct db_stmt *s;
	enum err err = ERR_OK, done;

	s = db_prepare(book_db(agent->book), "SELECT id, entry FROM statement"
	    " WHERE pair = ?1 AND made_at >= ?2");
	db_bind_int(s, 1, pg->p.number);
	db_bind_int(s, 2, agent->now -
	    (int64_t)pg->charter->keep_days * 86400000);
	while (err == ERR_OK && db_row(s))
		if (outbox_new_log_needs(db_col_blob(s, 1)))
			err = outbox_todo(agent, relay, URGENCY_STATEMENT,
			    OUTBOX_STATEMENT, db_col_int(s, 0),
			    pg->p.number);
	done = db_done(s);
	pg->prekey_made_at = 0;
	return err != ERR_OK ? err : done != ERR_OK ? done :
	    pairs_save(agent, &pg->p);
}

enum err
outbox_new_log(struct agent *agent, const struct relay *relay)
{
	struct peering *pg;
	enum err err = ERR_OK;
	size_t i;

	for (i = 0; err == ERR_OK && i < pairs_count(agent->pairs); i++) {
		pg = peering_of(pairs_at(agent->pairs, i));
		if (relays_serves(relay, &pg->p))
			err = outbox_new_log_pair(agent, relay, pg);
	}
	return err;
}

bool
outbox_further(struct agent *agent, struct peering *pg)
{
	unsigned wanted = outbox_wanted(pg);
	struct relay *relay;
	uint8_t lane;

	if (wanted >= pg->charter->relay_count)
		return false;
	relay = relays_at(agent, &pg->p, wanted);
	pg->wanted = wanted + 1;
	for (lane = 0; relay != NULL && lane < LANE_COUNT; lane++)
		(void)agent_fail(agent,
		    outbox_again(agent, relay, pg, lane, 0));
	return true;
}

bool
outbox_has(struct agent *agent, const struct relay *relay)
{
	struct db_stmt *s;
	bool has;

	s = db_prepare(book_db(agent->book), "SELECT 1 FROM todo JOIN pair"
	    " ON pair.number = todo.pair WHERE relay = ?1 AND refused = 0"
	    " AND NOT EXISTS (SELECT 1 FROM gossip WHERE"
	    " gossip.relay = ?1 AND gossip.pair = todo.pair AND parted = 1)"
	    " LIMIT 1");
	db_bind_int(s, 1, relay->number);
	has = db_row(s);
	(void)db_done(s);
	return has;
}

int64_t
outbox_count(struct agent *agent, const struct relay *relay)
{
	struct db_stmt *s;
	int64_t n = 0;

	s = db_prepare(book_db(agent->book),
	    "SELECT count(*) FROM todo WHERE relay = ?1");
	db_bind_int(s, 1, relay->number);
	if (db_row(s))
		n = db_col_int(s, 0);
	(void)db_done(s);
	return n;
}

enum err
outbox_release(struct agent *agent, const struct peering *pg, uint8_t lane,
    uint64_t first, uint64_t last)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct buf bare = buf_init(RUN_CONTAINER_MAX);
	struct db_stmt *s, *u;
	struct run run;
	int64_t id;
	enum err err = ERR_OK, done;

	/* 2 and 3: sealed or submitted, not delivered; and no bytes go
	 * before one proof of inclusion is here. */
	s = db_prepare(book_db(agent->book), "SELECT id, bytes FROM run"
	    " WHERE pair = ?1 AND lane = ?2 AND last_seq >= ?3"
	    " AND first_seq <= ?4 AND full = 1 AND NOT EXISTS (SELECT 1 FROM"
	    " mail WHERE mail.pair = ?1 AND mail.own = 1 AND mail.lane = ?2"
	    " AND mail.seq BETWEEN run.first_seq AND run.last_seq"
	    " AND (mail.state IN (2, 3) OR mail.log_id IS NULL))");
	db_bind_int(s, 1, pg->p.number);
	db_bind_int(s, 2, lane);
	db_bind_u64(s, 3, first);
	db_bind_u64(s, 4, last);
	while (err == ERR_OK && db_row(s)) {
		id = db_col_int(s, 0);
		buf_reset(&bare);
		err = run_decode(&run, RUN_FULL, db_col_blob(s, 1), &arena);
		if (err == ERR_OK)
			err = run_encode_bare(&bare, &run);
		arena_free(&arena);
		if (err != ERR_OK)
			break;
		u = db_prepare(book_db(agent->book),
		    "UPDATE run SET full = 0, bytes = ?2 WHERE id = ?1");
		db_bind_int(u, 1, id);
		db_bind_view(u, 2, buf_view(&bare));
		err = db_run(u);
	}
	done = db_done(s);
	buf_free(&bare);
	return err != ERR_OK ? err : done;
}
