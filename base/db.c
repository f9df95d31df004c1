#include "base/db.h"
#include "base/db_room.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"

void
db_close(struct db **dbp)
{
	struct db *db = *dbp;
	struct db_stmt *s, *next;
	size_t i;

	*dbp = NULL;
	if (db == NULL)
		return;
	db_rollback(db);
	for (i = 0; i < DB_CACHE_SIZE; i++) {
		for (s = db->cache[i]; s != NULL; s = next) {
			next = s->next;
			sqlite3_finalize(s->sqlite);
			free(s);
		}
	}
	if (sqlite3_close(db->sqlite) != SQLITE_OK)
		diag_error("db", "%s: did not close cleanly", db->what);
	free(db);
}

enum err
db_begin(struct db *db)
{
	return db_run(db_prepare(db, "BEGIN IMMEDIATE"));
}

enum err
db_commit(struct db *db)
{
	enum err err;

	err = db_run(db_prepare(db, "COMMIT"));
	if (err != ERR_OK)
		db_rollback(db);
	return err;
}

void
db_rollback(struct db *db)
{
	if (db->sqlite == NULL || sqlite3_get_autocommit(db->sqlite) != 0)
		return;
	db_run(db_prepare(db, "ROLLBACK"));
}

static size_t
slot_of(const char *sql)
{
	uint32_t h = 2166136261u;

	for (; *sql != '\0'; sql++)
		h = (h ^ (uint8_t)*sql) * 16777619u;
	return h % DB_CACHE_SIZE;
}

struct db_stmt *
db_prepare(struct db *db, const char *sql)
{
	size_t slot = slot_of(sql);
	struct db_stmt *s;
	int rc;

	for (s = db->cache[slot]; s != NULL; s = s->next)
		if (!s->busy && s->sqlite != NULL &&
		    strcmp(sqlite3_sql(s->sqlite), sql) == 0)
			break;
	if (s == NULL) {
		s = calloc(1, sizeof(*s));
		if (s == NULL)
			abort();
		s->db = db;
		s->next = db->cache[slot];
		db->cache[slot] = s;
		rc = sqlite3_prepare_v3(db->sqlite, sql, -1,
		    SQLITE_PREPARE_PERSISTENT, &s->sqlite, NULL);
		s->err = db_error(db, rc, "prepare");
		/* Our SQL is right for our tables: these are others. */
		if (s->sqlite == NULL && s->err != ERR_NOMEM)
			s->err = ERR_STORAGE;
	}
	s->busy = true;
	return s;
}

static void
note(struct db_stmt *s, int rc, const char *doing)
{
	if (rc != SQLITE_OK && s->err == ERR_OK)
		s->err = db_error(s->db, rc, doing);
}

void
db_bind_int(struct db_stmt *s, int i, int64_t v)
{
	if (s->err == ERR_OK)
		note(s, sqlite3_bind_int64(s->sqlite, i, v), "bind");
}

void
db_bind_u64(struct db_stmt *s, int i, uint64_t v)
{
	db_bind_int(s, i, (int64_t)v);
}

void
db_bind_text(struct db_stmt *s, int i, const char *text)
{
	if (s->err == ERR_OK)
		note(s, sqlite3_bind_text64(s->sqlite, i, text,
			text == NULL ? 0 : strlen(text), SQLITE_STATIC,
			SQLITE_UTF8), "bind");
}

void
db_bind_blob(struct db_stmt *s, int i, const void *p, size_t len)
{
	/* An empty blob is not NULL, whatever its pointer. */
	if (s->err != ERR_OK)
		return;
	if (p != NULL && len == 0)
		note(s, sqlite3_bind_zeroblob(s->sqlite, i, 0), "bind");
	else
		note(s, sqlite3_bind_blob64(s->sqlite, i, p, len,
			SQLITE_STATIC), "bind");
}

void
db_bind_view(struct db_stmt *s, int i, struct view v)
{
	db_bind_blob(s, i, v.len == 0 ? (const uint8_t *)"" : v.p, v.len);
}

void
db_bind_id(struct db_stmt *s, int i, const struct id *id)
{
	db_bind_blob(s, i, id == NULL ? NULL : id->b, ID_BYTES);
}

void
db_bind_hash(struct db_stmt *s, int i, const struct hash *h)
{
	db_bind_blob(s, i, h == NULL ? NULL : h->b, HASH_BYTES);
}

void
db_bind_null(struct db_stmt *s, int i)
{
	if (s->err == ERR_OK)
		note(s, sqlite3_bind_null(s->sqlite, i), "bind");
}

bool
db_row(struct db_stmt *s)
{
	int rc;

	assert(s->busy);
	if (s->err != ERR_OK)
		return false;
	rc = sqlite3_step(s->sqlite);
	if (rc == SQLITE_ROW)
		return true;
	if (rc != SQLITE_DONE)
		note(s, rc, "step");
	return false;
}

enum err
db_done(struct db_stmt *s)
{
	enum err err = s->err;

	assert(s->busy);
	if (s->sqlite != NULL) {
		sqlite3_reset(s->sqlite);
		sqlite3_clear_bindings(s->sqlite);
		s->err = ERR_OK;
	}
	s->busy = false;
	return err;
}

enum err
db_run(struct db_stmt *s)
{
	while (db_row(s))
		continue;
	return db_done(s);
}

enum err
db_one(struct db_stmt *s)
{
	enum err err;

	if (db_row(s))
		return ERR_OK;
	err = db_done(s);
	return err == ERR_OK ? ERR_NOTFOUND : err;
}

int64_t
db_col_int(struct db_stmt *s, int c)
{
	return sqlite3_column_int64(s->sqlite, c);
}

uint64_t
db_col_u64(struct db_stmt *s, int c)
{
	return (uint64_t)sqlite3_column_int64(s->sqlite, c);
}

const char *
db_col_text(struct db_stmt *s, int c)
{
	return (const char *)sqlite3_column_text(s->sqlite, c);
}

struct view
db_col_blob(struct db_stmt *s, int c)
{
	struct view v;

	/* In this order: the pointer call may convert the value. */
	v.p = sqlite3_column_blob(s->sqlite, c);
	v.len = (size_t)sqlite3_column_bytes(s->sqlite, c);
	return v;
}

bool
db_col_null(struct db_stmt *s, int c)
{
	return sqlite3_column_type(s->sqlite, c) == SQLITE_NULL;
}

void
db_col_copy(struct db_stmt *s, int c, void *dst, size_t len)
{
	struct view v = db_col_blob(s, c);

	if (v.len == len && len > 0) {
		memcpy(dst, v.p, len);
		return;
	}
	memset(dst, 0, len);
	if (v.len == len)
		return;
	if (s->err == ERR_OK) {
		diag_error("db", "%s: damaged column=%s len=%zu want=%zu",
		    s->db->what, sqlite3_column_name(s->sqlite, c), v.len, len);
		s->err = ERR_STORAGE;
	}
}

void
db_col_id(struct db_stmt *s, int c, struct id *id)
{
	db_col_copy(s, c, id->b, ID_BYTES);
}

void
db_col_hash(struct db_stmt *s, int c, struct hash *h)
{
	db_col_copy(s, c, h->b, HASH_BYTES);
}

int64_t
db_last_id(struct db *db)
{
	return sqlite3_last_insert_rowid(db->sqlite);
}

int64_t
db_changes(struct db *db)
{
	return sqlite3_changes64(db->sqlite);
}
