/*
 * db: opening, formats and copies.
 */
#include "base/db.h"
#include "base/db_room.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/file.h"

/* How long another process's short lock (a reader, a backup) is waited for. */
#define DB_BUSY_MS 5000

enum err
db_error(struct db *db, int rc, const char *doing)
{
	int saved = sqlite3_system_errno(db->sqlite), off;

	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return ERR_OK;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_BUSY;
	case SQLITE_NOMEM:
		return ERR_NOMEM;
	case SQLITE_CONSTRAINT:
		if (rc == SQLITE_CONSTRAINT_UNIQUE ||
		    rc == SQLITE_CONSTRAINT_PRIMARYKEY ||
		    rc == SQLITE_CONSTRAINT_ROWID)
			return ERR_EXISTS;
		break;
	case SQLITE_IOERR:
	case SQLITE_FULL:
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
	case SQLITE_PERM:
		diag_error("db", "%s: %s failed: %s errno=%d", db->what, doing,
		    sqlite3_errstr(rc), saved);
		/* Closing must not sync again what failed to be: the next
		 * open reads what is truly there. */
		sqlite3_db_config(db->sqlite,
		    SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, &off);
		return ERR_STORAGE;
	default:
		break;
	}
	diag_error("db", "%s: %s failed: %s", db->what, doing,
	    sqlite3_errmsg(db->sqlite));
	return ERR_FAIL;
}

enum err
db_exec(struct db *db, const char *sql)
{
	int rc;

	rc = sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL);
	return db_error(db, rc, "exec");
}

/* The integer a pragma answers. */
static enum err
pragma_int(struct db *db, const char *pragma, int64_t *out)
{
	struct db_stmt *s = db_prepare(db, pragma);
	enum err err;

	err = db_one(s);
	if (err != ERR_OK)
		return err;
	*out = db_col_int(s, 0);
	return db_done(s);
}

static int64_t
current_format(const struct db_schema *schema)
{
	int64_t n = 0;

	while (schema->steps[n] != NULL)
		n++;
	return n;
}

/* Durable, strict, and closed to what a crafted file could make it do. */
static enum err
settings(struct db *db, bool write)
{
	enum err err;
	int off;

	sqlite3_extended_result_codes(db->sqlite, 1);
	sqlite3_busy_timeout(db->sqlite, DB_BUSY_MS);
	sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, &off);
	sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, &off);
	sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_ENABLE_FKEY, 1, &off);
	sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_DQS_DDL, 0, &off);
	sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_DQS_DML, 0, &off);
	if (!write) {
		sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
		    1, &off);
		return db_exec(db, "PRAGMA query_only = ON");
	}
	err = db_exec(db, "PRAGMA journal_mode = WAL");
	if (err == ERR_OK)
		err = db_exec(db, "PRAGMA synchronous = FULL");
	if (err == ERR_OK)
		err = db_exec(db, "PRAGMA secure_delete = ON");
	return err;
}

/* Set aside what an older casewire wrote before changing it. */
static enum err
copy_aside(struct db *db, const char *path, int64_t format)
{
	char *aside;
	enum err err;

	if (asprintf(&aside, "%s.format%lld", path, (long long)format) < 0)
		return ERR_NOMEM;
	err = db_backup(db, aside);
	if (err == ERR_OK)
		diag_warn("db", "%s: older format, copied aside file=%s",
		    db->what, aside);
	free(aside);
	return err;
}

/* All steps from format on, and the new number, in one transaction. */
static enum err
migrate(struct db *db, const struct db_schema *schema, int64_t format)
{
	char sql[64];
	enum err err;

	err = db_begin(db);
	if (err != ERR_OK)
		return err;
	for (; err == ERR_OK && schema->steps[format] != NULL; format++)
		err = db_exec(db, schema->steps[format]);
	if (err == ERR_OK) {
		snprintf(sql, sizeof(sql), "PRAGMA application_id = %d",
		    schema->application);
		err = db_exec(db, sql);
	}
	if (err == ERR_OK) {
		snprintf(sql, sizeof(sql), "PRAGMA user_version = %lld",
		    (long long)format);
		err = db_exec(db, sql);
	}
	if (err != ERR_OK) {
		db_rollback(db);
		return err;
	}
	return db_commit(db);
}

static enum err
bring_up(struct db *db, const char *path, const struct db_schema *schema,
    bool write)
{
	int64_t format = 0, application = 0, tables = 0;
	int64_t current = current_format(schema);
	enum err err;

	err = pragma_int(db, "PRAGMA user_version", &format);
	if (err == ERR_OK)
		err = pragma_int(db, "PRAGMA application_id", &application);
	if (err == ERR_OK)
		err = pragma_int(db, "SELECT count(*) FROM sqlite_schema",
		    &tables);
	if (err != ERR_OK)
		return err;
	if ((tables > 0 || application != 0) &&
	    application != schema->application) {
		diag_error("db", "this file is no %s file=%s", db->what, path);
		return ERR_MAGIC;
	}
	if (format > current) {
		diag_error("db", "%s was written by a newer casewire "
		    "format=%lld known=%lld", db->what, (long long)format,
		    (long long)current);
		return ERR_FORMAT_NEWER;
	}
	if (format == current)
		return ERR_OK;
	if (!write) {
		diag_error("db", "%s has an older format; start its own "
		    "program once", db->what);
		return ERR_VERSION;
	}
	if (format > 0)
		err = copy_aside(db, path, format);
	return err == ERR_OK ? migrate(db, schema, format) : err;
}

/* What a killed process left in the WAL was perhaps never synced, and SQLite
 * ignores a folder that fails to sync: both must last before anybody acts on
 * what is read here. */
static enum err
make_last(struct db *db, const char *path)
{
	enum err err = db_checkpoint(db);

	if (err != ERR_OK)
		return err;
	return file_sync_folder(path) == ERR_OK ? ERR_OK : ERR_STORAGE;
}

static enum err
open_as(struct db **out, const char *path, const struct db_schema *schema,
    bool write)
{
	struct db *db;
	enum err err;
	mode_t mask;
	int flags, rc;

	*out = NULL;
	db = calloc(1, sizeof(*db));
	if (db == NULL)
		return ERR_NOMEM;
	db->what = schema->what;
	flags = write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE :
		SQLITE_OPEN_READWRITE;
	if (!write && access(path, F_OK) != 0) {
		free(db);
		return ERR_NOTFOUND;
	}
	/* A reader opens for writing too, as WAL needs its shared index; it
	 * is query_only from its first statement on. */
	mask = umask(0077);
	rc = sqlite3_open_v2(path, &db->sqlite,
	    flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
	if (rc != SQLITE_OK)
		err = db_error(db, rc, "open");
	else
		err = settings(db, write);
	if (err == ERR_OK)
		err = bring_up(db, path, schema, write);
	if (err == ERR_OK && write)
		err = make_last(db, path);
	umask(mask);
	if (err != ERR_OK) {
		db_close(&db);
		return err;
	}
	*out = db;
	return ERR_OK;
}

enum err
db_open(struct db **out, const char *path, const struct db_schema *schema)
{
	return open_as(out, path, schema, true);
}

enum err
db_open_read(struct db **out, const char *path, const struct db_schema *schema)
{
	return open_as(out, path, schema, false);
}

/* Copy all pages of from into the empty database to. */
static int
copy_pages(sqlite3 *to, sqlite3 *from)
{
	sqlite3_backup *job;

	job = sqlite3_backup_init(to, "main", from, "main");
	if (job == NULL)
		return sqlite3_errcode(to);
	sqlite3_backup_step(job, -1);
	return sqlite3_backup_finish(job);
}

enum err
db_backup(struct db *db, const char *path)
{
	sqlite3 *to = NULL;
	char *part;
	enum err err;
	mode_t mask;
	int rc;

	if (asprintf(&part, "%s.part", path) < 0)
		return ERR_NOMEM;
	unlink(part);
	mask = umask(0077);
	rc = sqlite3_open_v2(part, &to, SQLITE_OPEN_READWRITE |
		SQLITE_OPEN_CREATE | SQLITE_OPEN_EXRESCODE, NULL);
	umask(mask);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(to, "PRAGMA synchronous = FULL", NULL, NULL,
		    NULL);
	if (rc == SQLITE_OK)
		rc = copy_pages(to, db->sqlite);
	/* Not WAL: a copy is one file, whole in itself. */
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL,
		    NULL, NULL);
	if (sqlite3_close(to) != SQLITE_OK && rc == SQLITE_OK)
		rc = SQLITE_IOERR;
	err = rc == SQLITE_OK ? ERR_OK : db_error(db, rc, "backup");
	if (err == ERR_OK && rename(part, path) != 0) {
		diag_error("db", "cannot rename the backup file=%s", path);
		err = ERR_IO;
	}
	if (err != ERR_OK)
		unlink(part);
	free(part);
	return err;
}

enum err
db_checkpoint(struct db *db)
{
	int rc;

	rc = sqlite3_wal_checkpoint_v2(db->sqlite, NULL,
	    SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	return db_error(db, rc, "checkpoint");
}

enum err
db_check(struct db *db)
{
	struct db_stmt *s = db_prepare(db, "PRAGMA integrity_check");
	enum err err = ERR_OK;
	const char *text;

	while (db_row(s)) {
		text = db_col_text(s, 0);
		if (text != NULL && strcmp(text, "ok") != 0) {
			diag_error("db", "%s: damaged: %s", db->what, text);
			err = ERR_STORAGE;
		}
	}
	return err != ERR_OK ? (db_done(s), err) : db_done(s);
}
