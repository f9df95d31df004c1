/* What a message says, in memory for as long as somebody looks at it. */
#include <string.h>

#include "base/secret.h"
#include "endpoint/book.h"
#include "endpoint/mail.h"
#include "keys/vault.h"

static enum err
mail_content_key(struct book *book, int64_t id, struct mail_content *content,
    struct vault **body)
{
	uint8_t row[8];
	struct vault_at at_key = { "mail_key", "key", vault_row(row, id) };
	struct vault_at at_kf = { "mail_key", "kf", at_key.row };
	uint8_t key[VAULT_KEY_SEALED];
	struct db_stmt *s;
	struct view kf;
	enum err err, done;

	s = db_prepare(book_db(book),
	    "SELECT key, kf FROM mail_key WHERE id = ?1");
	db_bind_int(s, 1, id);
	err = db_one(s);
	if (err != ERR_OK)
		return err;
	db_col_copy(s, 0, key, sizeof(key));
	err = vault_body_open(body, book_vault(book), &at_key, key);
	kf = db_col_blob(s, 1);
	content->has_kf = kf.len == KEY_BYTES + VAULT_OVERHEAD;
	if (err == ERR_OK && content->has_kf)
		err = vault_open(book_vault(book), &at_kf, content->kf, kf.p,
		    kf.len);
	done = db_done(s);
	return err != ERR_OK ? err : done;
}

enum err
mail_content(struct book *book, int64_t id, struct mail_content *content)
{
	uint8_t row[8];
	struct vault_at at = { "mail_body", "body", vault_row(row, id) };
	struct vault *body = NULL;
	struct db_stmt *s;
	struct view sealed;
	uint8_t *room;
	enum err err;

	memset(content, 0, sizeof(*content));
	content->list = buf_init(BUCKET_MAX);
	err = mail_content_key(book, id, content, &body);
	if (err != ERR_OK)
		goto out;
	s = db_prepare(book_db(book),
	    "SELECT body FROM mail_body WHERE id = ?1");
	db_bind_int(s, 1, id);
	err = db_one(s);
	if (err != ERR_OK)
		goto out;
	sealed = db_col_blob(s, 0);
	room = sealed.len < VAULT_OVERHEAD ? NULL :
	    buf_room(&content->list, sealed.len - VAULT_OVERHEAD);
	err = room == NULL ? ERR_STORAGE :
	    vault_open(body, &at, room, sealed.p, sealed.len);
	(void)db_done(s);
	if (err == ERR_OK)
		err = fields_decode(&content->fields,
		    buf_view(&content->list));
out:
	vault_free(&body);
	if (err != ERR_OK)
		mail_content_free(content);
	return err;
}

void
mail_content_free(struct mail_content *content)
{
	if (content->list.p != NULL)
		secret_wipe(content->list.p, content->list.size);
	buf_free(&content->list);
	secret_wipe(content, sizeof(*content));
}

enum err
mail_shred(struct book *book, int64_t id, bool *had)
{
	struct db_stmt *s;
	enum err err;

	/* With its key gone nobody reads the body, wherever a copy lies. */
	s = db_prepare(book_db(book), "DELETE FROM mail_key WHERE id = ?1");
	db_bind_int(s, 1, id);
	err = db_run(s);
	*had = err == ERR_OK && db_changes(book_db(book)) > 0;
	if (err != ERR_OK)
		return err;
	s = db_prepare(book_db(book), "DELETE FROM mail_body WHERE id = ?1");
	db_bind_int(s, 1, id);
	return db_run(s);
}
