/*
 * db: the only door to SQLite.
 *
 * A store is opened in WAL with full sync, strict and defensive, by the one
 * connection that writes and checkpoints.  An I/O error or a full disk is
 * ERR_STORAGE: the caller stops, nothing is retried.  One thread.
 *
 *	s = db_prepare(db, "SELECT seq, body FROM run WHERE channel = ?1");
 *	db_bind_id(s, 1, &channel);
 *	while (db_row(s))
 *		use(db_col_int(s, 0), db_col_blob(s, 1));
 *	return db_done(s);
 *
 * A statement remembers its first error; db_done, db_run and db_one tell it,
 * so nothing between needs a check.
 */
#ifndef BASE_DB_H
#define BASE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"

struct db;
struct db_stmt;

/*
 * What a store is: steps[i] is the SQL that takes format i to i + 1, so a
 * new file runs all of them and the current format is the number of steps.
 * Tables are declared STRICT by their owner.
 */
struct db_schema {
	const char *what;		/* "relay store", for messages */
	int32_t application;		/* SQLite application_id, not 0 */
	const char *const *steps;	/* ends with NULL */
};

/*
 * db_open(out, path, schema):
 * Open or create (mode 0600) and bring to the current format; an older one
 * is first copied to "<path>.format<N>".  What an earlier process committed
 * is on the disk when this returns, however that process ended.
 * ERR_FORMAT_NEWER, ERR_MAGIC (some other program's file), ERR_STORAGE,
 * ERR_BUSY (another writer).
 */
enum err
db_open(struct db **out, const char *path, const struct db_schema *schema);
/* db_open_read(...): existing file, current format, nothing can write. */
enum err
db_open_read(struct db **out, const char *path,
    const struct db_schema *schema);
/* db_close(&db): rolls an open transaction back; after ERR_STORAGE nothing
 * more is written. */
void
db_close(struct db **db);

/* One writer at a time: begin, then commit or rollback.  A failed commit has
 * rolled back.  db_rollback outside a transaction does nothing. */
enum err
db_begin(struct db *db);
enum err
db_commit(struct db *db);
void
db_rollback(struct db *db);

/* db_exec(db, sql): run constant SQL without values. */
enum err
db_exec(struct db *db, const char *sql);

/*
 * db_prepare(db, sql):
 * sql is a string literal; the compiled statement is kept for next time.
 * Never NULL; an error comes from db_done, db_run or db_one, of which one
 * must be called before the statement is used again.  SQL that does not fit
 * the tables of this file is ERR_STORAGE: nobody goes on with such a file.
 */
struct db_stmt *
db_prepare(struct db *db, const char *sql);

/* Bind the i-th parameter (from 1).  Blobs and texts must stay until db_done
 * or db_run.  NULL text, NULL blob: SQL NULL.  u64 keeps its 64 bits, and
 * its order below 2^63. */
void
db_bind_int(struct db_stmt *s, int i, int64_t v);
void
db_bind_u64(struct db_stmt *s, int i, uint64_t v);
void
db_bind_text(struct db_stmt *s, int i, const char *text);
void
db_bind_blob(struct db_stmt *s, int i, const void *p, size_t len);
void
db_bind_view(struct db_stmt *s, int i, struct view v);
void
db_bind_id(struct db_stmt *s, int i, const struct id *id);
void
db_bind_hash(struct db_stmt *s, int i, const struct hash *h);
void
db_bind_null(struct db_stmt *s, int i);

/* db_row(s): step to the next row; false at the end or after an error. */
bool
db_row(struct db_stmt *s);
/* db_done(s): release; ERR_OK, ERR_EXISTS (a UNIQUE or PRIMARY KEY refused),
 * ERR_BUSY, ERR_STORAGE, else ERR_FAIL. */
enum err
db_done(struct db_stmt *s);
/* db_run(s): all steps of a statement that returns no row, then db_done. */
enum err
db_run(struct db_stmt *s);
/*
 * db_one(s):
 * ERR_OK with the statement on its only or first row (read it, then
 * db_done), or ERR_NOTFOUND or another error with the statement released.
 */
enum err
db_one(struct db_stmt *s);

/* Column c (from 0) of the current row; views until the next step. */
int64_t
db_col_int(struct db_stmt *s, int c);
uint64_t
db_col_u64(struct db_stmt *s, int c);
/* db_col_text: NULL for SQL NULL. */
const char *
db_col_text(struct db_stmt *s, int c);
struct view
db_col_blob(struct db_stmt *s, int c);
bool
db_col_null(struct db_stmt *s, int c);
/* db_col_copy(s, c, dst, len): a blob of exactly len bytes, else zeros and
 * ERR_STORAGE noted: the store is damaged. */
void
db_col_copy(struct db_stmt *s, int c, void *dst, size_t len);
void
db_col_id(struct db_stmt *s, int c, struct id *id);
void
db_col_hash(struct db_stmt *s, int c, struct hash *h);

/* db_last_id(db): rowid of the last INSERT; db_changes(db): rows changed by
 * the last statement. */
int64_t
db_last_id(struct db *db);
int64_t
db_changes(struct db *db);

/* db_backup(db, path): a consistent copy while in use; replaces path. */
enum err
db_backup(struct db *db, const char *path);
/* db_checkpoint(db): move the WAL into the file. */
enum err
db_checkpoint(struct db *db);
/* db_check(db): SQLite's own integrity check; ERR_STORAGE if it complains. */
enum err
db_check(struct db *db);

#endif
