#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/db.h"
#include "base/err.h"
#include "endpoint/book.h"
#include "keys/vault.h"

#define BOOK_APPLICATION 0x43574231	/* "CWB1" */
#define BOOK_SCHEMA_MAX ((size_t)1 << 20)

struct book {
	struct db *db;
	const struct vault *vault;
	struct buf sql[2];		/* a step of the format each */
	const char *steps[3];
	struct db_schema schema;
};

static const char book_sql[] =
    "CREATE TABLE value ("
    " name TEXT PRIMARY KEY,"
    " v INTEGER NOT NULL) STRICT;\n";

/* One step: what several modules add to the format. */
static enum err
book_step(struct book *book, unsigned step, const char *const *schemas)
{
	struct buf *sql = &book->sql[step];

	*sql = buf_init(BOOK_SCHEMA_MAX);
	if (step == 0)
		buf_str(sql, book_sql);
	for (; *schemas != NULL; schemas++)
		buf_str(sql, *schemas);
	book->steps[step] = buf_text(sql);
	return sql->err;
}

enum err
book_open(struct book **out, const char *path, const struct vault *vault,
    const char *const *schemas, const char *const *schemas_2)
{
	struct book *book;
	enum err err;

	*out = NULL;
	book = calloc(1, sizeof(*book));
	if (book == NULL)
		return ERR_NOMEM;
	book->vault = vault;
	err = book_step(book, 0, schemas);
	if (err == ERR_OK)
		err = book_step(book, 1, schemas_2);
	book->schema.what = "book";
	book->schema.application = BOOK_APPLICATION;
	book->schema.steps = book->steps;
	if (err == ERR_OK)
		err = db_open(&book->db, path, &book->schema);
	if (err == ERR_OK)
		err = db_exec(book->db, "PRAGMA secure_delete = ON");
	if (err != ERR_OK) {
		book_close(&book);
		return err;
	}
	*out = book;
	return ERR_OK;
}

void
book_close(struct book **book)
{
	if (*book == NULL)
		return;
	db_close(&(*book)->db);
	buf_free(&(*book)->sql[0]);
	buf_free(&(*book)->sql[1]);
	free(*book);
	*book = NULL;
}

struct db *
book_db(struct book *book)
{
	return book->db;
}

const struct vault *
book_vault(const struct book *book)
{
	return book->vault;
}

enum err
book_begin(struct book *book)
{
	return db_begin(book->db);
}

enum err
book_commit(struct book *book)
{
	return db_commit(book->db);
}

void
book_rollback(struct book *book)
{
	db_rollback(book->db);
}

enum err
book_save(struct book *book)
{
	return db_exec(book->db, "SAVEPOINT part");
}

enum err
book_keep(struct book *book)
{
	return db_exec(book->db, "RELEASE part");
}

enum err
book_undo(struct book *book)
{
	enum err err;

	err = db_exec(book->db, "ROLLBACK TO part");
	return err != ERR_OK ? err : db_exec(book->db, "RELEASE part");
}

enum err
book_set_int(struct book *book, const char *name, int64_t v)
{
	struct db_stmt *s;

	s = db_prepare(book->db, "INSERT INTO value (name, v) VALUES (?1, ?2)"
	    " ON CONFLICT (name) DO UPDATE SET v = excluded.v");
	db_bind_text(s, 1, name);
	db_bind_int(s, 2, v);
	return db_run(s);
}

int64_t
book_get_int(struct book *book, const char *name, int64_t def)
{
	struct db_stmt *s;

	s = db_prepare(book->db, "SELECT v FROM value WHERE name = ?1");
	db_bind_text(s, 1, name);
	if (db_row(s))
		def = db_col_int(s, 0);
	(void)db_done(s);
	return def;
}

enum err
book_seal(struct book *book, const char *table, const char *column,
    int64_t rowid, struct view p, struct buf *out)
{
	uint8_t row[8];
	struct vault_at at = { table, column, vault_row(row, rowid) };
	uint8_t *room;

	room = buf_room(out, p.len + VAULT_OVERHEAD);
	if (room == NULL)
		return out->err;
	vault_seal(book->vault, &at, room, p.p, p.len);
	return ERR_OK;
}

enum err
book_unseal(struct book *book, const char *table, const char *column,
    int64_t rowid, struct view sealed, struct buf *out)
{
	uint8_t row[8];
	struct vault_at at = { table, column, vault_row(row, rowid) };
	uint8_t *room;

	if (sealed.len < VAULT_OVERHEAD)
		return ERR_TRUNCATED;
	room = buf_room(out, sealed.len - VAULT_OVERHEAD);
	if (room == NULL)
		return out->err;
	return vault_open(book->vault, &at, room, sealed.p, sealed.len);
}

enum err
book_backup(struct book *book, const char *path)
{
	return db_backup(book->db, path);
}
