#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/db.h"
#include "base/secret.h"
#include "endpoint/book.h"
#include "endpoint/mail.h"
#include "keys/vault.h"
#include "proto/envelope.h"

static const char mail_sql[] =
    "CREATE TABLE mail ("
    " id INTEGER PRIMARY KEY,"
    " pair INTEGER NOT NULL,"
    " own INTEGER NOT NULL,"
    " lane INTEGER NOT NULL,"
    " state INTEGER NOT NULL,"
    " reason INTEGER NOT NULL,"
    " seq INTEGER NOT NULL,"		/* 0: waiting */
    " env_id BLOB,"
    " again BLOB,"
    " prev BLOB,"		/* only where seq - 1 was unknown */
    " message INTEGER NOT NULL,"
    " tries INTEGER NOT NULL,"
    " prekey INTEGER NOT NULL,"		/* own: sealed to; 0: not yet */
    " prekey_above INTEGER NOT NULL,"
    " keep_ms INTEGER NOT NULL,"
    " created_at INTEGER NOT NULL,"
    " settled_at INTEGER NOT NULL,"
    " log_id BLOB,"
    " idx INTEGER) STRICT;\n"
    "CREATE INDEX mail_seq ON mail (pair, own, lane, seq);\n"
    "CREATE UNIQUE INDEX mail_own ON mail (pair, lane, seq)"
    " WHERE own = 1 AND seq > 0 AND state != 8;\n"
    "CREATE INDEX mail_env ON mail (env_id) WHERE env_id IS NOT NULL;\n"
    "CREATE INDEX mail_waiting ON mail (pair, lane, id) WHERE state = 1;\n"
    "CREATE INDEX mail_undelivered ON mail (pair, created_at)"
    " WHERE own = 1 AND state IN (2, 3);\n"
    "CREATE INDEX mail_open ON mail (pair, lane, seq)"
    " WHERE own = 1 AND state IN (2, 3, 6);\n"
    "CREATE TABLE mail_key ("		/* deleting the row shreds the body */
    " id INTEGER PRIMARY KEY,"
    " key BLOB NOT NULL,"
    " kf BLOB) STRICT;\n"
    "CREATE TABLE mail_body ("
    " id INTEGER PRIMARY KEY,"
    " body BLOB NOT NULL) STRICT;\n";

#define MAIL_COLS "id, pair, own, lane, state, reason, seq, env_id, again," \
	" message, created_at, settled_at, log_id, idx, charter, signed_at"

const char *
mail_schema(void)
{
	return mail_sql;
}

const char *
mail_schema_2(void)
{
	return "CREATE INDEX mail_again ON mail (again)"
	    " WHERE again IS NOT NULL;\n"
	    "ALTER TABLE mail ADD COLUMN charter INTEGER NOT NULL"
	    " DEFAULT -1;\n"
	    "ALTER TABLE mail ADD COLUMN signed_at INTEGER NOT NULL"
	    " DEFAULT 0;\n";
}

static void
mail_hash_or_zero(struct db_stmt *s, int c, struct hash *h)
{
	if (db_col_null(s, c))
		memset(h, 0, sizeof(*h));
	else
		db_col_hash(s, c, h);
}

static void
mail_read(struct db_stmt *s, struct mail *mail)
{
	mail->id = db_col_int(s, 0);
	mail->pair = db_col_int(s, 1);
	mail->own = db_col_int(s, 2) != 0;
	mail->lane = (uint8_t)db_col_int(s, 3);
	mail->state = (enum mail_state)db_col_int(s, 4);
	mail->reason = (uint16_t)db_col_int(s, 5);
	mail->seq = db_col_u64(s, 6);
	mail_hash_or_zero(s, 7, &mail->env_id);
	mail_hash_or_zero(s, 8, &mail->again);
	mail->message = db_col_int(s, 9);
	mail->created_at = db_col_int(s, 10);
	mail->settled_at = db_col_int(s, 11);
	mail_hash_or_zero(s, 12, &mail->log_id);
	mail->index = db_col_null(s, 13) ? 0 : db_col_u64(s, 13);
	mail->charter = (int)db_col_int(s, 14);
	mail->signed_at = db_col_int(s, 15);
}

static enum err
mail_one(struct db_stmt *s, struct mail *mail)
{
	enum err err;

	err = db_one(s);
	if (err != ERR_OK)
		return err;
	mail_read(s, mail);
	return db_done(s);
}

enum err
mail_get(struct book *book, int64_t id, struct mail *mail)
{
	struct db_stmt *s;

	s = db_prepare(book_db(book),
	    "SELECT " MAIL_COLS " FROM mail WHERE id = ?1");
	db_bind_int(s, 1, id);
	return mail_one(s, mail);
}

enum err
mail_find(struct book *book, const struct hash *env_id, struct mail *mail)
{
	struct db_stmt *s;

	s = db_prepare(book_db(book), "SELECT " MAIL_COLS
	    " FROM mail WHERE env_id = ?1 ORDER BY id LIMIT 1");
	db_bind_hash(s, 1, env_id);
	return mail_one(s, mail);
}

enum err
mail_at(struct book *book, int64_t pair, bool own, uint8_t lane, uint64_t seq,
    struct mail *mail)
{
	struct db_stmt *s;

	if (seq == 0)
		return ERR_NOTFOUND;
	/* state 8 is the other side of a fork: never the good one, of which
	 * there is one at most. */
	s = db_prepare(book_db(book), "SELECT " MAIL_COLS " FROM mail"
	    " WHERE pair = ?1 AND own = ?2 AND lane = ?3 AND seq = ?4"
	    " AND state != 8");
	db_bind_int(s, 1, pair);
	db_bind_int(s, 2, own);
	db_bind_int(s, 3, lane);
	db_bind_u64(s, 4, seq);
	return mail_one(s, mail);
}

enum err
mail_before(struct book *book, int64_t pair, bool own, uint8_t lane,
    uint64_t seq, struct mail *mail)
{
	struct db_stmt *s;

	s = db_prepare(book_db(book), "SELECT " MAIL_COLS " FROM mail"
	    " WHERE pair = ?1 AND own = ?2 AND lane = ?3 AND seq < ?4"
	    " AND seq > 0 AND state != 8 ORDER BY seq DESC LIMIT 1");
	db_bind_int(s, 1, pair);
	db_bind_int(s, 2, own);
	db_bind_int(s, 3, lane);
	db_bind_u64(s, 4, seq);
	return mail_one(s, mail);
}

enum err
mail_anew(struct book *book, const struct hash *env_id, struct mail *mail)
{
	struct db_stmt *s;

	s = db_prepare(book_db(book), "SELECT " MAIL_COLS " FROM mail"
	    " WHERE again = ?1 ORDER BY id LIMIT 1");
	db_bind_hash(s, 1, env_id);
	return mail_one(s, mail);
}

static void
mail_bind_hash(struct db_stmt *s, int i, const struct hash *h)
{
	if (hash_is_zero(h))
		db_bind_null(s, i);
	else
		db_bind_hash(s, i, h);
}

static enum err
mail_insert(struct book *book, struct mail *mail, uint64_t keep_ms,
    int64_t tries, uint64_t prekey_above)
{
	struct db_stmt *s;
	enum err err;

	s = db_prepare(book_db(book), "INSERT INTO mail (pair, own, lane,"
	    " state, reason, seq, env_id, again, message, tries,"
	    " prekey_above, keep_ms, created_at, settled_at, log_id, idx,"
	    " prekey, charter, signed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,"
	    " ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, 0, ?17, ?18)");
	db_bind_int(s, 1, mail->pair);
	db_bind_int(s, 2, mail->own);
	db_bind_int(s, 3, mail->lane);
	db_bind_int(s, 4, mail->state);
	db_bind_int(s, 5, mail->reason);
	db_bind_u64(s, 6, mail->seq);
	mail_bind_hash(s, 7, &mail->env_id);
	mail_bind_hash(s, 8, &mail->again);
	db_bind_int(s, 9, mail->message);
	db_bind_int(s, 10, tries);
	db_bind_u64(s, 11, prekey_above);
	db_bind_u64(s, 12, keep_ms);
	db_bind_int(s, 13, mail->created_at);
	db_bind_int(s, 14, mail->settled_at);
	mail_bind_hash(s, 15, &mail->log_id);
	if (hash_is_zero(&mail->log_id))
		db_bind_null(s, 16);
	else
		db_bind_u64(s, 16, mail->index);
	db_bind_int(s, 17, mail->charter);
	db_bind_int(s, 18, mail->signed_at);
	err = db_run(s);
	if (err == ERR_OK)
		mail->id = db_last_id(book_db(book));
	return err;
}

static enum err
mail_put_key(struct book *book, int64_t id,
    const uint8_t key[VAULT_KEY_SEALED], const uint8_t *kf)
{
	uint8_t sealed[KEY_BYTES + VAULT_OVERHEAD];
	uint8_t row[8];
	struct vault_at at = { "mail_key", "kf", vault_row(row, id) };
	struct db_stmt *s;

	s = db_prepare(book_db(book), "INSERT INTO mail_key (id, key, kf)"
	    " VALUES (?1, ?2, ?3)");
	db_bind_int(s, 1, id);
	db_bind_blob(s, 2, key, VAULT_KEY_SEALED);
	if (kf != NULL) {
		vault_seal(book_vault(book), &at, sealed, kf, KEY_BYTES);
		db_bind_blob(s, 3, sealed, sizeof(sealed));
	} else {
		db_bind_null(s, 3);
	}
	return db_run(s);
}

static enum err
mail_put_body(struct book *book, int64_t id, struct view list,
    const uint8_t *kf)
{
	uint8_t key[VAULT_KEY_SEALED];
	uint8_t row[8];
	struct vault_at at_key = { "mail_key", "key", vault_row(row, id) };
	struct vault_at at_body = { "mail_body", "body", at_key.row };
	struct vault *body = NULL;
	struct db_stmt *s;
	uint8_t *sealed;
	enum err err;

	sealed = malloc(list.len + VAULT_OVERHEAD);
	if (sealed == NULL)
		return ERR_NOMEM;
	err = vault_body_new(&body, book_vault(book), &at_key, key);
	if (err != ERR_OK)
		goto out;
	vault_seal(body, &at_body, sealed, list.p, list.len);
	err = mail_put_key(book, id, key, kf);
	if (err != ERR_OK)
		goto out;
	s = db_prepare(book_db(book),
	    "INSERT INTO mail_body (id, body) VALUES (?1, ?2)");
	db_bind_int(s, 1, id);
	db_bind_blob(s, 2, sealed, list.len + VAULT_OVERHEAD);
	err = db_run(s);
out:
	vault_free(&body);
	free(sealed);
	return err;
}

enum err
mail_put(struct book *book, struct mail *mail, uint64_t keep_ms,
    struct view list, const uint8_t *kf)
{
	enum err err;

	err = mail_insert(book, mail, keep_ms, 0, 0);
	if (err == ERR_OK && list.len > 0)
		err = mail_put_body(book, mail->id, list, kf);
	return err;
}

enum err
mail_sealed(struct book *book, const struct mail *mail,
    uint64_t prekey_id, const uint8_t kf[KEY_BYTES])
{
	uint8_t sealed[KEY_BYTES + VAULT_OVERHEAD];
	uint8_t row[8];
	struct vault_at at = { "mail_key", "kf", vault_row(row, mail->id) };
	struct db_stmt *s;
	enum err err;

	s = db_prepare(book_db(book), "UPDATE mail SET state = ?2, seq = ?3,"
	    " env_id = ?4, prekey = ?5, charter = ?6, signed_at = ?7"
	    " WHERE id = ?1");
	db_bind_int(s, 1, mail->id);
	db_bind_int(s, 2, MAIL_SEALED);
	db_bind_u64(s, 3, mail->seq);
	db_bind_hash(s, 4, &mail->env_id);
	db_bind_u64(s, 5, prekey_id);
	db_bind_int(s, 6, mail->charter);
	db_bind_int(s, 7, mail->signed_at);
	err = db_run(s);
	if (err != ERR_OK)
		return err;
	vault_seal(book_vault(book), &at, sealed, kf, KEY_BYTES);
	s = db_prepare(book_db(book),
	    "UPDATE mail_key SET kf = ?2 WHERE id = ?1");
	db_bind_int(s, 1, mail->id);
	db_bind_blob(s, 2, sealed, sizeof(sealed));
	return db_run(s);
}

enum err
mail_set(struct book *book, int64_t id, enum mail_state state, uint16_t reason,
    int64_t at)
{
	struct db_stmt *s;

	s = db_prepare(book_db(book), "UPDATE mail SET state = ?2,"
	    " reason = ?3, settled_at = iif(?4 = 0, settled_at, ?4)"
	    " WHERE id = ?1");
	db_bind_int(s, 1, id);
	db_bind_int(s, 2, state);
	db_bind_int(s, 3, reason);
	db_bind_int(s, 4, at);
	return db_run(s);
}

enum err
mail_place(struct book *book, int64_t id, const struct hash *log_id,
    uint64_t index)
{
	struct db_stmt *s;

	s = db_prepare(book_db(book), "UPDATE mail SET log_id = ?2, idx = ?3"
	    " WHERE id = ?1 AND log_id IS NULL");
	db_bind_int(s, 1, id);
	db_bind_hash(s, 2, log_id);
	db_bind_u64(s, 3, index);
	return db_run(s);
}

enum err
mail_next_waiting(struct book *book, int64_t pair, uint8_t lane,
    int64_t after, struct mail_waiting *out)
{
	struct db_stmt *s;
	enum err err;

	s = db_prepare(book_db(book), "SELECT " MAIL_COLS
	    ", keep_ms, prekey_above FROM mail WHERE state = 1"
	    " AND pair = ?1 AND lane = ?2 AND id > ?3 ORDER BY id LIMIT 1");
	db_bind_int(s, 1, pair);
	db_bind_int(s, 2, lane);
	db_bind_int(s, 3, after);
	err = db_one(s);
	if (err != ERR_OK)
		return err;
	mail_read(s, &out->mail);
	out->keep_ms = db_col_u64(s, 16);
	out->prekey_above = db_col_u64(s, 17);
	return db_done(s);
}

/* The old fields with tag 6 = env_id put in (or in place of the older). */
static enum err
mail_again_list(const struct mail_content *old, const struct hash *env_id,
    struct buf *list)
{
	struct view v = { env_id->b, HASH_BYTES };
	struct fields fields = { 0 };
	bool put = false;
	struct wr wr;
	enum err err = ERR_OK;
	unsigned i;

	for (i = 0; i < old->fields.n && err == ERR_OK; i++) {
		const struct field *f = &old->fields.f[i];

		if (!put && f->tag >= FIELD_AGAIN) {
			err = fields_add(&fields, FIELD_AGAIN, v);
			put = true;
		}
		if (f->tag != FIELD_AGAIN && err == ERR_OK)
			err = fields_add(&fields, f->tag, f->value);
	}
	if (!put && err == ERR_OK)
		err = fields_add(&fields, FIELD_AGAIN, v);
	if (err != ERR_OK)
		return err;
	wr = wr_init(buf_room(list, fields_len(&fields)),
	    fields_len(&fields));
	if (list->err != ERR_OK)
		return list->err;
	fields_encode(&wr, &fields);
	return wr.err;
}

static enum err
mail_tries(struct book *book, int64_t id, int64_t *tries, uint64_t *keep_ms,
    uint64_t *prekey)
{
	struct db_stmt *s;
	enum err err;

	s = db_prepare(book_db(book),
	    "SELECT tries, keep_ms, prekey FROM mail WHERE id = ?1");
	db_bind_int(s, 1, id);
	err = db_one(s);
	if (err != ERR_OK)
		return err;
	*tries = db_col_int(s, 0);
	*keep_ms = db_col_u64(s, 1);
	*prekey = db_col_u64(s, 2);
	return db_done(s);
}

enum err
mail_keep(struct book *book, int64_t id, uint64_t *keep_ms)
{
	uint64_t prekey;
	int64_t tries;

	return mail_tries(book, id, &tries, keep_ms, &prekey);
}

enum err
mail_again(struct book *book, int64_t id, bool prekey_gone,
    int64_t *again_id)
{
	struct mail_content content;
	struct mail mail;
	struct buf list = buf_init(BUCKET_MAX);
	uint64_t keep_ms = 0, prekey = 0;
	int64_t tries = 0;
	enum err err;

	*again_id = 0;
	err = mail_get(book, id, &mail);
	if (err == ERR_OK)
		err = mail_tries(book, id, &tries, &keep_ms, &prekey);
	if (err == ERR_OK && tries + 1 >= MAIL_TRIES)
		err = ERR_COUNT;
	if (err != ERR_OK)
		return err;
	err = mail_content(book, id, &content);
	if (err != ERR_OK)
		return err;
	err = mail_again_list(&content, &mail.env_id, &list);
	mail_content_free(&content);
	mail.again = mail.env_id;
	memset(&mail.env_id, 0, sizeof(mail.env_id));
	memset(&mail.log_id, 0, sizeof(mail.log_id));
	mail.seq = 0;
	mail.state = MAIL_WAITING;
	mail.reason = 0;
	mail.settled_at = 0;
	if (err == ERR_OK)
		err = mail_insert(book, &mail, keep_ms, tries + 1,
		    prekey_gone ? prekey : 0);
	if (err == ERR_OK)
		err = mail_put_body(book, mail.id, buf_view(&list), NULL);
	if (err == ERR_OK)
		*again_id = mail.id;
	if (list.p != NULL)
		secret_wipe(list.p, list.len);
	buf_free(&list);
	return err;
}

enum err
mail_set_prev(struct book *book, int64_t id, const struct hash *prev)
{
	struct db_stmt *s;

	s = db_prepare(book_db(book),
	    "UPDATE mail SET prev = ?2 WHERE id = ?1");
	db_bind_int(s, 1, id);
	db_bind_hash(s, 2, prev);
	return db_run(s);
}

enum err
mail_get_prev(struct book *book, int64_t id, struct hash *prev)
{
	struct db_stmt *s;
	enum err err;

	s = db_prepare(book_db(book),
	    "SELECT prev FROM mail WHERE id = ?1 AND prev IS NOT NULL");
	db_bind_int(s, 1, id);
	err = db_one(s);
	if (err != ERR_OK)
		return err;
	db_col_hash(s, 0, prev);
	return db_done(s);
}

int64_t
mail_undelivered_since(struct book *book, int64_t pair)
{
	struct db_stmt *s;
	int64_t at = 0;

	s = db_prepare(book_db(book), "SELECT min(created_at) FROM mail"
	    " WHERE own = 1 AND state IN (2, 3) AND pair = ?1");
	db_bind_int(s, 1, pair);
	if (db_row(s) && !db_col_null(s, 0))
		at = db_col_int(s, 0);
	(void)db_done(s);
	return at;
}

int64_t
mail_count(struct book *book, int64_t pair, bool own, enum mail_state state)
{
	struct db_stmt *s;
	int64_t n = 0;

	s = db_prepare(book_db(book), "SELECT count(*) FROM mail"
	    " WHERE pair = ?1 AND own = ?2 AND state = ?3");
	db_bind_int(s, 1, pair);
	db_bind_int(s, 2, own);
	db_bind_int(s, 3, state);
	if (db_row(s))
		n = db_col_int(s, 0);
	(void)db_done(s);
	return n;
}

enum err
mail_each(struct book *book, int64_t pair, bool own, uint8_t lane,
    uint64_t from_seq, mail_visit *visit, void *ctx)
{
	struct mail mail;
	enum err err = ERR_OK, done;
	struct db_stmt *s;

	s = db_prepare(book_db(book), "SELECT " MAIL_COLS " FROM mail"
	    " WHERE pair = ?1 AND own = ?2 AND lane = ?3 AND seq >= ?4"
	    " ORDER BY seq, id");
	db_bind_int(s, 1, pair);
	db_bind_int(s, 2, own);
	db_bind_int(s, 3, lane);
	db_bind_u64(s, 4, from_seq == 0 ? 1 : from_seq);
	while (err == ERR_OK && db_row(s)) {
		mail_read(s, &mail);
		err = visit(ctx, &mail);
	}
	done = db_done(s);
	return err != ERR_OK ? err : done;
}
