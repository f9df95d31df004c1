#include <string.h>

#include "base/db.h"
#include "endpoint/book.h"
#include "endpoint/evidence.h"
#include "proto/arena.h"
#include "proto/run.h"
#include "proto/statement.h"

static const char evidence_sql[] =
    "CREATE TABLE evidence ("
    " id INTEGER PRIMARY KEY,"
    " log_id BLOB NOT NULL,"
    " idx INTEGER NOT NULL,"
    " kind INTEGER NOT NULL,"
    " pair INTEGER NOT NULL,"
    " channel BLOB NOT NULL,"
    " first_seq INTEGER NOT NULL,"
    " last_seq INTEGER NOT NULL,"
    " size INTEGER NOT NULL,"
    " path BLOB NOT NULL,"
    " entry BLOB NOT NULL,"
    " UNIQUE (log_id, idx)) STRICT;\n"
    "CREATE INDEX evidence_channel ON evidence (channel, last_seq);\n"
    "CREATE TABLE checkpoint ("
    " log_id BLOB NOT NULL,"
    " size INTEGER NOT NULL,"
    " note BLOB NOT NULL,"
    " PRIMARY KEY (log_id, size)) STRICT;\n";

static const char evidence_sql_2[] =
    "ALTER TABLE evidence ADD COLUMN cosigned INTEGER NOT NULL DEFAULT 0;\n"
    "CREATE INDEX evidence_lacking ON evidence (log_id, idx)"
    " WHERE cosigned = 0;\n";

/* Of one batch of entries to be proved anew, each read whole. */
#define EVIDENCE_BATCH_BYTES ((int64_t)1 << 20)

#define EVIDENCE_COLS "log_id, idx, kind, pair, channel, first_seq," \
	" last_seq, size, path, entry"

const char *
evidence_schema(void)
{
	return evidence_sql;
}

const char *
evidence_schema_2(void)
{
	return evidence_sql_2;
}

enum err
evidence_put(struct book *book, const struct evidence *e)
{
	struct db_stmt *s;

	s = db_prepare(book_db(book), "INSERT INTO evidence (" EVIDENCE_COLS
	    ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
	    " ON CONFLICT (log_id, idx) DO NOTHING");
	db_bind_hash(s, 1, &e->log_id);
	db_bind_u64(s, 2, e->index);
	db_bind_int(s, 3, e->kind);
	db_bind_int(s, 4, e->pair);
	db_bind_id(s, 5, &e->channel);
	db_bind_u64(s, 6, e->first_seq);
	db_bind_u64(s, 7, e->last_seq);
	db_bind_u64(s, 8, e->size);
	/* A NULL pointer would bind SQL NULL; an empty path is a value. */
	db_bind_blob(s, 9, e->path.h, e->path.len * HASH_BYTES);
	db_bind_view(s, 10, e->entry);
	return db_run(s);
}

enum err
evidence_put_run(struct book *book, const struct evidence *e,
    const struct run *run)
{
	struct buf bare = buf_init(RUN_CONTAINER_MAX);
	struct evidence whole = *e;
	enum err err;

	whole.kind = STATEMENT_RUN;
	whole.channel = run->st.channel;
	whole.first_seq = run->st.first_seq;
	whole.last_seq = run->last_seq;
	err = run_encode_bare(&bare, run);
	whole.entry = buf_view(&bare);
	if (err == ERR_OK)
		err = evidence_put(book, &whole);
	buf_free(&bare);
	return err;
}

enum err
evidence_put_checkpoint(struct book *book, const struct hash *log_id,
    uint64_t size, struct view note)
{
	struct db_stmt *s;

	s = db_prepare(book_db(book), "INSERT INTO checkpoint (log_id, size,"
	    " note) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING");
	db_bind_hash(s, 1, log_id);
	db_bind_u64(s, 2, size);
	db_bind_view(s, 3, note);
	return db_run(s);
}

bool
evidence_has(struct book *book, const struct hash *log_id, uint64_t index)
{
	struct db_stmt *s;
	bool has;

	s = db_prepare(book_db(book),
	    "SELECT 1 FROM evidence WHERE log_id = ?1 AND idx = ?2");
	db_bind_hash(s, 1, log_id);
	db_bind_u64(s, 2, index);
	has = db_row(s);
	(void)db_done(s);
	return has;
}

static void
evidence_read(struct db_stmt *s, struct evidence *e)
{
	struct view path;

	memset(e, 0, sizeof(*e));
	db_col_hash(s, 0, &e->log_id);
	e->index = db_col_u64(s, 1);
	e->kind = (uint8_t)db_col_int(s, 2);
	e->pair = db_col_int(s, 3);
	db_col_id(s, 4, &e->channel);
	e->first_seq = db_col_u64(s, 5);
	e->last_seq = db_col_u64(s, 6);
	e->size = db_col_u64(s, 7);
	path = db_col_blob(s, 8);
	if (path.len <= sizeof(e->path.h)) {
		e->path.len = path.len / HASH_BYTES;
		if (path.len > 0)
			memcpy(e->path.h, path.p, path.len);
	}
	e->entry = db_col_blob(s, 9);
}

static enum err
evidence_visit_all(struct db_stmt *s, evidence_visit *visit, void *ctx)
{
	struct evidence e;
	enum err err = ERR_OK, done;

	while (err == ERR_OK && db_row(s)) {
		evidence_read(s, &e);
		err = visit(ctx, &e);
	}
	done = db_done(s);
	return err != ERR_OK ? err : done;
}

bool
evidence_between(struct book *book, const struct hash *log_id, int64_t pair,
    uint64_t from, uint64_t to)
{
	struct db_stmt *s;
	bool has;

	s = db_prepare(book_db(book), "SELECT 1 FROM evidence"
	    " WHERE log_id = ?1 AND idx >= ?2 AND idx < ?3"
	    " AND (?4 < 0 OR pair IN (?4, 0)) LIMIT 1");
	db_bind_hash(s, 1, log_id);
	db_bind_u64(s, 2, from);
	db_bind_u64(s, 3, to);
	db_bind_int(s, 4, pair);
	has = db_row(s);
	(void)db_done(s);
	return has;
}

enum err
evidence_lacking(struct book *book, const struct hash *log_id, uint64_t from,
    uint64_t below, uint64_t *index, size_t max, size_t *n)
{
	int64_t bytes = 0;
	struct db_stmt *s;

	*n = 0;
	s = db_prepare(book_db(book), "SELECT idx, length(entry)"
	    " FROM evidence INDEXED BY evidence_lacking WHERE log_id = ?1"
	    " AND cosigned = 0 AND idx >= ?2 AND idx < ?3 ORDER BY idx");
	db_bind_hash(s, 1, log_id);
	db_bind_u64(s, 2, from);
	db_bind_u64(s, 3, below);
	while (*n < max && bytes < EVIDENCE_BATCH_BYTES && db_row(s)) {
		index[(*n)++] = db_col_u64(s, 0);
		bytes += db_col_int(s, 1);
	}
	return db_done(s);
}

static enum err
evidence_leaf_of(uint8_t kind, struct view entry, struct hash *leaf)
{
	struct arena arena;
	struct run run;
	enum err err;

	if (kind != STATEMENT_RUN) {
		*leaf = statement_leaf(entry);
		return ERR_OK;
	}
	arena = arena_init(ARENA_MAX);
	err = run_decode(&run, RUN_BARE, entry, &arena);
	if (err == ERR_OK)
		*leaf = run_leaf(&run);
	arena_free(&arena);
	return err;
}

enum err
evidence_leaf(struct book *book, const struct hash *log_id, uint64_t index,
    struct hash *leaf)
{
	struct db_stmt *s;
	enum err err, done;

	s = db_prepare(book_db(book), "SELECT kind, entry FROM evidence"
	    " WHERE log_id = ?1 AND idx = ?2");
	db_bind_hash(s, 1, log_id);
	db_bind_u64(s, 2, index);
	err = db_one(s);
	if (err != ERR_OK)
		return err;
	err = evidence_leaf_of((uint8_t)db_col_int(s, 0), db_col_blob(s, 1),
	    leaf);
	done = db_done(s);
	return done != ERR_OK ? done : err;
}

enum err
evidence_reprove(struct book *book, const struct hash *log_id,
    uint64_t index, uint64_t size, const struct merkle_path *path)
{
	struct db_stmt *s;

	s = db_prepare(book_db(book), "UPDATE evidence SET size = ?3,"
	    " path = ?4, cosigned = 1 WHERE log_id = ?1 AND idx = ?2");
	db_bind_hash(s, 1, log_id);
	db_bind_u64(s, 2, index);
	db_bind_u64(s, 3, size);
	db_bind_blob(s, 4, path->h, path->len * HASH_BYTES);
	return db_run(s);
}

enum err
evidence_each(struct book *book, int64_t pair, evidence_visit *visit,
    void *ctx)
{
	struct db_stmt *s;

	s = db_prepare(book_db(book), "SELECT " EVIDENCE_COLS " FROM evidence"
	    " WHERE pair = ?1 OR kind IN (?2, ?3) ORDER BY log_id, idx");
	db_bind_int(s, 1, pair);
	db_bind_int(s, 2, STATEMENT_KEYS);
	db_bind_int(s, 3, STATEMENT_PRIOR);
	return evidence_visit_all(s, visit, ctx);
}

enum err
evidence_of(struct book *book, int64_t pair, const struct id *channel,
    uint64_t seq, evidence_visit *visit, void *ctx)
{
	struct db_stmt *s;

	s = db_prepare(book_db(book), "SELECT " EVIDENCE_COLS " FROM evidence"
	    " WHERE channel = ?1 AND last_seq >= ?2"
	    " AND first_seq <= ?2 AND pair = ?3 ORDER BY log_id, idx");
	db_bind_id(s, 1, channel);
	db_bind_u64(s, 2, seq);
	db_bind_int(s, 3, pair);
	return evidence_visit_all(s, visit, ctx);
}

static enum err
evidence_note(struct db_stmt *s, struct buf *note)
{
	struct view v;
	enum err err;

	err = db_one(s);
	if (err != ERR_OK)
		return err;
	v = db_col_blob(s, 0);
	buf_put(note, v.p, v.len);
	err = db_done(s);
	return err != ERR_OK ? err : note->err;
}

enum err
evidence_checkpoint(struct book *book, const struct hash *log_id,
    uint64_t size, struct buf *note)
{
	struct db_stmt *s;

	s = db_prepare(book_db(book),
	    "SELECT note FROM checkpoint WHERE log_id = ?1 AND size = ?2");
	db_bind_hash(s, 1, log_id);
	db_bind_u64(s, 2, size);
	return evidence_note(s, note);
}

enum err
evidence_newest(struct book *book, const struct hash *log_id,
    struct buf *note)
{
	struct db_stmt *s;

	s = db_prepare(book_db(book), "SELECT note FROM checkpoint"
	    " WHERE log_id = ?1 ORDER BY size DESC LIMIT 1");
	db_bind_hash(s, 1, log_id);
	return evidence_note(s, note);
}

enum err
evidence_checkpoints(struct book *book, evidence_visit_note *visit, void *ctx)
{
	enum err err = ERR_OK, done;
	struct db_stmt *s;
	struct hash log_id;

	s = db_prepare(book_db(book), "SELECT log_id, size, note"
	    " FROM checkpoint ORDER BY log_id, size");
	while (err == ERR_OK && db_row(s)) {
		db_col_hash(s, 0, &log_id);
		err = visit(ctx, &log_id, db_col_u64(s, 1),
		    db_col_blob(s, 2));
	}
	done = db_done(s);
	return err != ERR_OK ? err : done;
}
