/*
 * store_sqlite: the embedded driver of store.h, over base/db.
 *
 * Four small b-tree inserts a run: its log entry, its row, one feed entry,
 * one place by seq.  Walks hand out SQLite's own memory, never a copy.
 */
#include <stdlib.h>
#include <string.h>

#include "base/db.h"
#include "proto/limits.h"
#include "relay/store_sqlite.h"

static const char *const steps[] = {
	"CREATE TABLE entry ("
	" idx INTEGER PRIMARY KEY, statement BLOB NOT NULL) STRICT;"
	"CREATE TABLE said ("		/* statements by leaf, to find again */
	" leaf BLOB PRIMARY KEY, idx INTEGER NOT NULL)"
	" STRICT, WITHOUT ROWID;"
	"CREATE TABLE run ("
	" idx INTEGER PRIMARY KEY, channel BLOB NOT NULL,"
	" first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL,"
	" last_env BLOB NOT NULL, accepted_at INTEGER NOT NULL,"
	" due_at INTEGER, form INTEGER NOT NULL, body BLOB NOT NULL) STRICT;"
	"CREATE INDEX run_seq ON run (channel, last_seq);"
	"CREATE INDEX run_due ON run (due_at) WHERE due_at IS NOT NULL;"
	"CREATE TABLE feed ("		/* kind 0: runs, 1: statements */
	" channel BLOB NOT NULL, kind INTEGER NOT NULL, idx INTEGER NOT NULL,"
	" PRIMARY KEY (channel, kind, idx)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE cover ("
	" channel BLOB NOT NULL, last_seq INTEGER NOT NULL,"
	" first_seq INTEGER NOT NULL,"
	" PRIMARY KEY (channel, last_seq, first_seq)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE news ("
	" kind INTEGER NOT NULL, owner BLOB NOT NULL, item BLOB NOT NULL,"
	" serial INTEGER NOT NULL, idx INTEGER NOT NULL,"
	" PRIMARY KEY (kind, owner, item)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE tile (place INTEGER PRIMARY KEY, hashes BLOB NOT NULL)"
	" STRICT;"
	"CREATE TABLE fact ("
	" kind INTEGER NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL,"
	" PRIMARY KEY (kind, key)) STRICT, WITHOUT ROWID;",
	/* 2: a log restored from a copy of its tiles.  Its feeds go by
	 * place, which was the index until then. */
	"ALTER TABLE feed RENAME TO feed_1;"
	"CREATE TABLE feed ("		/* kind 0: runs, 1: statements */
	" channel BLOB NOT NULL, kind INTEGER NOT NULL,"
	" place INTEGER NOT NULL, idx INTEGER NOT NULL,"
	" PRIMARY KEY (channel, kind, place)) STRICT, WITHOUT ROWID;"
	"INSERT INTO feed SELECT channel, kind, idx, idx FROM feed_1;"
	"DROP TABLE feed_1;"
	"CREATE TABLE hollow ("
	" idx INTEGER PRIMARY KEY, leaf BLOB NOT NULL,"
	" filled INTEGER NOT NULL) STRICT;"
	"CREATE INDEX hollow_leaf ON hollow (leaf) WHERE filled = 0;",
	NULL
};

static const struct db_schema schema = {
	"relay store", 0x43575231, steps	/* "CWR1" */
};

static enum err
opened(struct store **out, const char *path,
    enum err (*how)(struct db **, const char *, const struct db_schema *))
{
	struct store *s = calloc(1, sizeof(*s));
	enum err err;

	if (s == NULL)
		return ERR_NOMEM;
	err = how(&s->db, path, &schema);
	if (err == ERR_OK)
		err = store_sqlite_hollow_open(s);
	if (err != ERR_OK) {
		store_close(&s);
		return err;
	}
	*out = s;
	return ERR_OK;
}

enum err
store_open(struct store **out, const char *path)
{
	return opened(out, path, db_open);
}

enum err
store_open_read(struct store **out, const char *path)
{
	return opened(out, path, db_open_read);
}

void
store_close(struct store **s)
{
	if (*s == NULL)
		return;
	db_close(&(*s)->db);
	free(*s);
	*s = NULL;
}

enum err
store_begin(struct store *s)
{
	return db_begin(s->db);
}

enum err
store_commit(struct store *s)
{
	return db_commit(s->db);
}

void
store_rollback(struct store *s)
{
	db_rollback(s->db);
	/* A store that cannot tell how it stands is not gone on with: what
	 * follows a rollback fails by itself. */
	(void)store_sqlite_hollow_open(s);
}

enum err
store_sqlite_number(struct db_stmt *q, uint64_t *out)
{
	enum err err = db_one(q);

	if (err != ERR_OK)
		return err;
	*out = db_col_u64(q, 0);
	return db_done(q);
}

enum err
store_size(struct store *s, uint64_t *size)
{
	return store_sqlite_number(db_prepare(s->db, "SELECT max("
	    "ifnull((SELECT max(idx) FROM entry), -1),"
	    " ifnull((SELECT max(idx) FROM hollow), -1)) + 1"), size);
}

static enum err
append_run(struct store *s, uint64_t index, const struct store_run *run)
{
	struct db_stmt *q = db_prepare(s->db,
	    "INSERT INTO run VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");

	db_bind_u64(q, 1, index);
	db_bind_id(q, 2, &run->channel);
	db_bind_u64(q, 3, run->first_seq);
	db_bind_u64(q, 4, run->last_seq);
	db_bind_hash(q, 5, &run->last_env);
	db_bind_int(q, 6, run->accepted_at);
	if (run->due_at > 0)
		db_bind_int(q, 7, run->due_at);
	else
		db_bind_null(q, 7);
	db_bind_int(q, 8, run->form);
	db_bind_view(q, 9, run->body);
	return db_run(q);
}

static enum err
append_feeds(struct store *s, const struct store_item *item, uint64_t place)
{
	struct db_stmt *q;
	enum err err = ERR_OK;
	size_t i;

	for (i = 0; i < item->feed_count && err == ERR_OK; i++) {
		q = db_prepare(s->db,
		    "INSERT INTO feed VALUES (?1, ?2, ?3, ?4)");
		db_bind_id(q, 1, &item->feeds[i]);
		db_bind_int(q, 2, item->run == NULL);
		db_bind_u64(q, 3, place);
		db_bind_u64(q, 4, item->index);
		err = db_run(q);
	}
	return err;
}

/* A key statement is an item of its own: none replaces another. */
static enum err
append_news(struct store *s, const struct store_item *item)
{
	struct db_stmt *q = db_prepare(s->db,
	    "INSERT INTO news VALUES (?1, ?2, ?3, ?4, ?5)"
	    " ON CONFLICT (kind, owner, item) DO UPDATE"
	    " SET serial = excluded.serial, idx = excluded.idx"
	    " WHERE excluded.serial > serial OR ?6");
	struct id each = { { 0 } };
	struct wr wr = wr_init(each.b, sizeof(each.b));

	wr_u64(&wr, item->news_serial);
	db_bind_int(q, 1, item->news);
	db_bind_id(q, 2, &item->news_owner);
	db_bind_id(q, 3, item->news == STORE_KEYS ? &each : &item->news_item);
	db_bind_u64(q, 4, item->news_serial);
	db_bind_u64(q, 5, item->index);
	db_bind_int(q, 6, item->news_replaces);
	return db_run(q);
}

static enum err
append_statement(struct store *s, const struct store_item *item)
{
	struct db_stmt *q = db_prepare(s->db,
	    "INSERT INTO said VALUES (?1, ?2)");
	enum err err;

	db_bind_hash(q, 1, &item->leaf);
	db_bind_u64(q, 2, item->index);
	err = db_run(q);
	if (err != ERR_OK || !item->covers)
		return err;
	q = db_prepare(s->db, "INSERT OR IGNORE INTO cover VALUES (?1, ?2, ?3)");
	db_bind_id(q, 1, &item->feeds[0]);
	db_bind_u64(q, 2, item->cover_last);
	db_bind_u64(q, 3, item->cover_first);
	return db_run(q);
}

enum err
store_sqlite_append(struct store *s, const struct store_item *item,
    uint64_t place)
{
	struct db_stmt *q = db_prepare(s->db,
	    "INSERT INTO entry VALUES (?1, ?2)");
	enum err err;

	db_bind_u64(q, 1, item->index);
	db_bind_view(q, 2, item->entry);
	err = db_run(q);
	if (err == ERR_OK && item->run != NULL)
		err = append_run(s, item->index, item->run);
	if (err == ERR_OK && item->run == NULL)
		err = append_statement(s, item);
	if (err == ERR_OK)
		err = append_feeds(s, item, place);
	if (err == ERR_OK && item->news != STORE_NONE)
		err = append_news(s, item);
	return err;
}

enum err
store_append(struct store *s, const struct store_item *item)
{
	return store_sqlite_append(s, item, item->index + s->restored.at +
	    s->fills);
}

enum err
store_find(struct store *s, const struct hash *leaf, uint64_t *index)
{
	struct db_stmt *q = db_prepare(s->db,
	    "SELECT idx FROM said WHERE leaf = ?1");

	db_bind_hash(q, 1, leaf);
	return store_sqlite_number(q, index);
}

/* see_leaf(q, col, seen): column col is a hollow entry's leaf, or NULL. */
static void
see_leaf(struct db_stmt *q, int col, struct store_seen *seen)
{
	seen->hollow = !db_col_null(q, col);
	if (seen->hollow)
		db_col_hash(q, col, &seen->leaf);
}

enum err
store_sqlite_entries(struct db_stmt *q, store_each *each, void *ctx)
{
	struct store_seen seen = { 0 };
	enum err err = ERR_OK, done;

	while (err == ERR_OK && db_row(q)) {
		seen.index = db_col_u64(q, 0);
		seen.entry = db_col_blob(q, 1);
		see_leaf(q, 2, &seen);
		err = each(ctx, &seen);
	}
	done = db_done(q);
	return done != ERR_OK ? done : err;
}

/* see_run(q, seen, run): the current row of RUN_COLUMNS. */
static void
see_run(struct db_stmt *q, struct store_seen *seen, struct store_run *run)
{
	*seen = (struct store_seen){ .index = db_col_u64(q, 0), .run = run };
	db_col_id(q, 1, &run->channel);
	run->first_seq = db_col_u64(q, 2);
	run->last_seq = db_col_u64(q, 3);
	db_col_hash(q, 4, &run->last_env);
	run->accepted_at = db_col_int(q, 5);
	run->due_at = db_col_null(q, 6) ? 0 : db_col_int(q, 6);
	run->form = (uint8_t)db_col_int(q, 7);
	run->body = db_col_blob(q, 8);
}

enum err
store_sqlite_runs(struct db_stmt *q, store_each *each, void *ctx)
{
	struct store_seen seen;
	struct store_run run;
	enum err err = ERR_OK, done;

	while (err == ERR_OK && db_row(q)) {
		see_run(q, &seen, &run);
		err = each(ctx, &seen);
	}
	done = db_done(q);
	return done != ERR_OK ? done : err;
}

enum err
store_entries(struct store *s, uint64_t from, store_each *each, void *ctx)
{
	struct db_stmt *q = db_prepare(s->db,
	    "SELECT idx, statement, NULL FROM entry WHERE idx >= ?1"
	    " UNION ALL SELECT idx, NULL, leaf FROM hollow"
	    " WHERE idx >= ?1 AND filled = 0 ORDER BY 1");

	db_bind_u64(q, 1, from);
	return store_sqlite_entries(q, each, ctx);
}

enum err
store_all(struct store *s, store_each *each, void *ctx)
{
	struct db_stmt *q = db_prepare(s->db, "SELECT" RUN_COLUMNS
	    ", e.idx, e.statement, e.leaf FROM (SELECT idx, statement,"
	    " NULL AS leaf FROM entry UNION ALL SELECT idx, NULL, leaf"
	    " FROM hollow WHERE filled = 0 ORDER BY 1) e"
	    " LEFT JOIN run r ON r.idx = e.idx ORDER BY e.idx");
	struct store_seen seen;
	struct store_run run;
	enum err err = ERR_OK, done;

	while (err == ERR_OK && db_row(q)) {
		seen = (struct store_seen){ .run = NULL };
		if (!db_col_null(q, 0))
			see_run(q, &seen, &run);
		seen.index = db_col_u64(q, 9);
		seen.entry = db_col_blob(q, 10);
		see_leaf(q, 11, &seen);
		err = each(ctx, &seen);
	}
	done = db_done(q);
	return done != ERR_OK ? done : err;
}

/* The two halves of a feed, merged by place. */
struct merge {
	struct db_stmt *runs;	/* NULL: not asked for */
	struct db_stmt *said;
	bool run_left;
	bool said_left;
};

static void
merge_start(struct merge *m, struct store *s, const struct id *channel,
    int64_t after, bool runs)
{
	m->runs = NULL;
	m->run_left = false;
	if (runs) {
		m->runs = db_prepare(s->db, "SELECT" RUN_COLUMNS
		    ", f.place FROM feed f JOIN run r ON r.idx = f.idx"
		    " WHERE f.channel = ?1 AND f.kind = 0 AND f.place > ?2"
		    " ORDER BY f.place");
		db_bind_id(m->runs, 1, channel);
		db_bind_int(m->runs, 2, after);
		m->run_left = db_row(m->runs);
	}
	m->said = db_prepare(s->db, "SELECT e.idx, e.statement, f.place"
	    " FROM feed f JOIN entry e ON e.idx = f.idx"
	    " WHERE f.channel = ?1 AND f.kind = 1 AND f.place > ?2"
	    " ORDER BY f.place");
	db_bind_id(m->said, 1, channel);
	db_bind_int(m->said, 2, after);
	m->said_left = db_row(m->said);
}

static enum err
merge_step(struct merge *m, store_each *each, void *ctx)
{
	struct store_seen seen = { 0 };
	struct store_run run;
	enum err err;

	if (m->run_left && (!m->said_left ||
	    db_col_u64(m->runs, 9) < db_col_u64(m->said, 2))) {
		see_run(m->runs, &seen, &run);
		seen.place = db_col_u64(m->runs, 9);
		err = each(ctx, &seen);
		m->run_left = err == ERR_OK && db_row(m->runs);
		return err;
	}
	seen.index = db_col_u64(m->said, 0);
	seen.entry = db_col_blob(m->said, 1);
	seen.place = db_col_u64(m->said, 2);
	err = each(ctx, &seen);
	m->said_left = err == ERR_OK && db_row(m->said);
	return err;
}

enum err
store_feed(struct store *s, const struct id *channel, bool from_start,
    uint64_t after, bool runs, store_each *each, void *ctx)
{
	struct merge m;
	enum err err = ERR_OK, done;
	int64_t past = -1;

	if (!from_start)
		past = after > INT64_MAX ? INT64_MAX : (int64_t)after;
	merge_start(&m, s, channel, past, runs);
	while (err == ERR_OK && (m.run_left || m.said_left))
		err = merge_step(&m, each, ctx);
	done = db_done(m.said);
	if (done != ERR_OK)
		err = done;
	if (m.runs != NULL && (done = db_done(m.runs)) != ERR_OK)
		err = done;
	return err;
}

enum err
store_runs(struct store *s, const struct id *channel, uint64_t first_seq,
    uint64_t last_seq, store_each *each, void *ctx)
{
	struct db_stmt *q = db_prepare(s->db, "SELECT" RUN_COLUMNS
	    " FROM run r WHERE r.channel = ?1 AND r.last_seq >= ?2"
	    " AND r.last_seq <= ?4 AND r.first_seq <= ?3"
	    " ORDER BY r.last_seq, r.idx");

	db_bind_id(q, 1, channel);
	db_bind_u64(q, 2, first_seq);
	db_bind_u64(q, 3, last_seq);
	/* No run is longer, so none that ends later reaches back here. */
	db_bind_u64(q, 4, last_seq + RUN_MAX);
	return store_sqlite_runs(q, each, ctx);
}

enum err
store_head(struct store *s, const struct id *channel, uint64_t from,
    store_each *each, void *ctx)
{
	struct db_stmt *q = db_prepare(s->db, "SELECT" RUN_COLUMNS
	    ", e.statement FROM run r JOIN entry e ON e.idx = r.idx"
	    " WHERE r.channel = ?1 AND r.idx >= ?2"
	    " ORDER BY r.last_seq DESC, r.idx DESC LIMIT 1");
	struct store_seen seen;
	struct store_run run;
	enum err err = ERR_OK, done;

	db_bind_id(q, 1, channel);
	db_bind_u64(q, 2, from);
	if (db_row(q)) {
		see_run(q, &seen, &run);
		seen.entry = db_col_blob(q, 9);
		err = each(ctx, &seen);
	}
	done = db_done(q);
	return done != ERR_OK ? done : err;
}

enum err
store_backup(struct store *s, const char *path)
{
	return db_backup(s->db, path);
}

enum err
store_check(struct store *s)
{
	return db_check(s->db);
}
