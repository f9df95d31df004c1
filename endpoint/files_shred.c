/* What a case's files leave behind: see files.h. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/db.h"
#include "endpoint/agent.h"
#include "endpoint/book.h"
#include "endpoint/files.h"
#include "endpoint/mail.h"
#include "proto/chunk.h"

/* Is it a piece of that file? */
static enum err
is_piece(struct book *book, int64_t mail, const struct id *file_id, bool *is)
{
	struct mail_content content = {0};
	const struct field *f;
	struct chunk chunk;
	enum err err = mail_content(book, mail, &content);

	*is = false;
	if (err != ERR_OK)
		return err == ERR_NOTFOUND ? ERR_OK : err;
	f = fields_find(&content.fields, FIELD_CHUNK);
	*is = f != NULL && chunk_decode(&chunk, f->value) == ERR_OK &&
	    id_eq(&chunk.file_id, file_id);
	mail_content_free(&content);
	return ERR_OK;
}

/* Our own pieces stand right behind their manifest, as files_send put them
 * out in one turn. */
static enum err
each_own(struct agent *agent, int64_t manifest, const struct id *file_id,
    files_visit_mail *visit, void *ctx)
{
	bool is = true;
	enum err err = ERR_OK;

	for (int64_t mail = manifest + 1; err == ERR_OK && is; mail++) {
		err = is_piece(agent_book(agent), mail, file_id, &is);
		if (err == ERR_OK && is)
			err = visit(ctx, mail);
	}
	return err;
}

static enum err
each_piece(struct agent *agent, int64_t pair, const struct id *file_id,
    files_visit_mail *visit, void *ctx)
{
	struct db_stmt *s = db_prepare(agent_db(agent),
	    "SELECT mail FROM file_piece WHERE pair = ?1 AND file_id = ?2");
	enum err err = ERR_OK, done;

	db_bind_int(s, 1, pair);
	db_bind_id(s, 2, file_id);
	while (err == ERR_OK && db_row(s))
		err = visit(ctx, db_col_int(s, 0));
	done = db_done(s);
	return err != ERR_OK ? err : done;
}

/* The joined copy under files/in. */
static enum err
drop_copy(struct agent *agent, int64_t pair, const struct id *file_id)
{
	char *path = files_path(agent, pair, file_id);
	enum err err = path == NULL ? ERR_NOMEM : ERR_OK;

	if (err == ERR_OK && unlink(path) != 0 && errno != ENOENT)
		err = ERR_IO;
	free(path);
	return err;
}

/* A row of the case's files. */
typedef enum err visit_file(struct agent *agent, struct db_stmt *s,
    files_visit_mail *visit, void *ctx);

static enum err
each_file(struct agent *agent, const struct id *case_id, visit_file *one,
    files_visit_mail *visit, void *ctx)
{
	struct db_stmt *s = db_prepare(agent_db(agent),
	    "SELECT pair, own, file_id, manifest FROM file"
	    " WHERE case_id = ?1");
	enum err err = ERR_OK, done;

	db_bind_id(s, 1, case_id);
	while (err == ERR_OK && db_row(s))
		err = one(agent, s, visit, ctx);
	done = db_done(s);
	return err != ERR_OK ? err : done;
}

static enum err
mails_of(struct agent *agent, struct db_stmt *s, files_visit_mail *visit,
    void *ctx)
{
	int64_t manifest = db_col_int(s, 3);
	struct id file_id;
	enum err err;

	db_col_id(s, 2, &file_id);
	err = db_col_int(s, 1) != 0
	    ? each_own(agent, manifest, &file_id, visit, ctx)
	    : each_piece(agent, db_col_int(s, 0), &file_id, visit, ctx);
	return err == ERR_OK && manifest != 0 ? visit(ctx, manifest) : err;
}

static enum err
drop_one(struct agent *agent, struct db_stmt *s, files_visit_mail *visit,
    void *ctx)
{
	struct id file_id;

	(void)visit, (void)ctx;
	db_col_id(s, 2, &file_id);
	return db_col_int(s, 1) != 0
	    ? ERR_OK
	    : drop_copy(agent, db_col_int(s, 0), &file_id);
}

enum err
files_each_mail(struct agent *agent, const struct id *case_id,
    files_visit_mail *visit, void *ctx)
{
	return each_file(agent, case_id, mails_of, visit, ctx);
}

enum err
files_drop(struct agent *agent, const struct id *case_id)
{
	struct db_stmt *s;
	enum err err = each_file(agent, case_id, drop_one, NULL, NULL);

	if (err != ERR_OK)
		return err;
	s = db_prepare(agent_db(agent), "UPDATE file SET have = 0,"
	    " complete_at = 0 WHERE case_id = ?1 AND own = 0");
	db_bind_id(s, 1, case_id);
	return db_run(s);
}
