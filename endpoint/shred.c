#include "endpoint/shred.h"

#include <stdlib.h>

#include "base/db.h"
#include "base/diag.h"
#include "endpoint/agent.h"
#include "endpoint/book.h"
#include "endpoint/caserows.h"
#include "endpoint/files.h"
#include "endpoint/holds.h"
#include "endpoint/mail.h"

#define DAY_MS 86400000
#define LOOK_MS 3600000
#define SOON_MS 1000
#define SCAN_MAX 256		/* cases looked at in one slice */

struct shredding {
	struct agent *agent;
	const struct id *case_id;
	bool look;		/* first: may all of it go? */
	int64_t bodies;
};

/* ---- one case ---- */

static bool
is_under_way(const struct mail *mail)
{
	return mail->own && (mail->state == MAIL_WAITING ||
	    mail->state == MAIL_SEALED || mail->state == MAIL_SUBMITTED);
}

static enum err
note(struct shredding *x, int64_t mail)
{
	struct db_stmt *s = db_prepare(agent_db(x->agent),
	    "INSERT OR IGNORE INTO shredded VALUES (?1, ?2, ?3)");

	db_bind_int(s, 1, mail);
	db_bind_id(s, 2, x->case_id);
	db_bind_int(s, 3, agent_now(x->agent));
	return db_run(s);
}

/* The envelope, and each that carried the same message anew. */
static enum err
shred_mail(void *ctx, int64_t id)
{
	struct shredding *x = ctx;
	struct book *book = agent_book(x->agent);
	struct mail mail;
	enum err err = mail_get(book, id, &mail);
	bool had;

	while (err == ERR_OK) {
		if (is_under_way(&mail))
			return ERR_BUSY;
		had = false;
		if (!x->look)
			err = mail_shred(book, mail.id, &had);
		if (err == ERR_OK && had) {
			x->bodies++;
			err = note(x, mail.id);
		}
		if (err == ERR_OK)
			err = mail_anew(book, &mail.env_id, &mail);
	}
	return err == ERR_NOTFOUND ? ERR_OK : err;
}

static enum err
shred_env(struct shredding *x, const struct hash *env_id)
{
	struct mail mail;
	enum err err = mail_find(agent_book(x->agent), env_id, &mail);

	if (err == ERR_OK)
		err = shred_mail(x, mail.id);
	return err == ERR_NOTFOUND ? ERR_OK : err;
}

static enum err
shred_messages(struct shredding *x)
{
	struct book *book = agent_book(x->agent);
	struct caserows_was *was = NULL;
	struct caserows_msg *list = NULL;
	size_t n = 0, older = 0;
	enum err err;

	err = caserows_load(book, x->case_id, 0, &list, &n);
	if (err == ERR_OK)
		err = caserows_was(book, x->case_id, &was, &older);
	for (size_t i = 0; i < n && err == ERR_OK; i++)
		err = shred_mail(x, list[i].mail);
	for (size_t i = 0; i < older && err == ERR_OK; i++)
		err = shred_env(x, &was[i].env_id);
	free(was);
	free(list);
	return err == ERR_OK
	    ? files_each_mail(x->agent, x->case_id, shred_mail, x)
	    : err;
}

enum err
shred_case(struct agent *agent, const struct id *case_id, int64_t *bodies)
{
	struct shredding x = {
	    .agent = agent, .case_id = case_id, .look = true};
	struct caserows_case c;
	bool held = false;
	enum err err = caserows_get(agent_book(agent), case_id, &c);

	*bodies = 0;
	if (err == ERR_OK && !casefile_ended(c.file.state))
		err = ERR_STATE;
	if (err == ERR_OK)
		err = holds_on(agent_book(agent), case_id, &held);
	if (err == ERR_OK && held)
		err = ERR_PERMIT;
	if (err == ERR_OK)
		err = shred_messages(&x);
	x.look = false;
	if (err == ERR_OK)
		err = shred_messages(&x);
	/* Last: no undo brings it back. */
	if (err == ERR_OK)
		err = files_drop(agent, case_id);
	*bodies = x.bodies;
	return err;
}

/* ---- by time alone ---- */

struct sweep {
	struct agent *agent;
	int64_t before;
	int64_t cursor;
	size_t seen;
	struct id over[SHRED_SLICE];
	size_t n;
};

static enum err
is_shredded(struct book *book, const struct id *case_id, bool *is)
{
	struct db_stmt *s = db_prepare(book_db(book),
	    "SELECT 1 FROM shredded WHERE case_id = ?1 LIMIT 1");

	db_bind_id(s, 1, case_id);
	*is = db_row(s);
	return db_done(s);
}

static enum err
look(void *ctx, int64_t row, const struct caserows_case *c)
{
	struct sweep *w = ctx;
	bool held = false, gone = false;
	enum err err;

	if (w->n == SHRED_SLICE)
		return ERR_OK;		/* the cursor stays before it */
	w->cursor = row;
	w->seen++;
	if (!casefile_ended(c->file.state) || c->moved_at > w->before)
		return ERR_OK;
	err = is_shredded(agent_book(w->agent), &c->case_id, &gone);
	if (err == ERR_OK && !gone)
		err = holds_on(agent_book(w->agent), &c->case_id, &held);
	if (err == ERR_OK && !gone && !held)
		w->over[w->n++] = c->case_id;
	return err;
}

/* What fails alone is tried again in the next round. */
static enum err
shred_one(struct agent *agent, const struct id *case_id)
{
	struct book *book = agent_book(agent);
	int64_t bodies;
	enum err err = book_save(book), done;

	if (err != ERR_OK)
		return err;
	err = shred_case(agent, case_id, &bodies);
	done = err == ERR_OK ? book_keep(book) : book_undo(book);
	if (err == ERR_OK && bodies > 0)
		diag_info("shred", "a case was over long enough bodies=%lld",
		    (long long)bodies);
	return err == ERR_STORAGE || err == ERR_NOMEM ? err : done;
}

enum err
shred_tick(struct agent *agent, int64_t days, int64_t *due)
{
	struct book *book = agent_book(agent);
	struct sweep w = {.agent = agent,
	    .before = agent_now(agent) - days * DAY_MS,
	    .cursor = book_get_int(book, "shred_cursor", 0)};
	int64_t from = w.cursor;
	enum err err;

	*due = INT64_MAX;
	if (days == 0)
		return ERR_OK;
	err = caserows_each_after(book, w.cursor, SCAN_MAX, look, &w);
	for (size_t i = 0; i < w.n && err == ERR_OK; i++)
		err = shred_one(agent, &w.over[i]);
	if (w.seen < SCAN_MAX && w.n < SHRED_SLICE)
		w.cursor = 0;		/* all looked at: begin anew */
	*due = agent_now(agent) + (w.cursor == 0 ? LOOK_MS : SOON_MS);
	if (err == ERR_OK && w.cursor != from)
		err = book_set_int(book, "shred_cursor", w.cursor);
	return err;
}

/* ---- what is gone ---- */

int64_t
shred_at(struct book *book, int64_t mail)
{
	struct db_stmt *s = db_prepare(book_db(book),
	    "SELECT at FROM shredded WHERE mail = ?1");
	int64_t at = 0;

	db_bind_int(s, 1, mail);
	if (db_row(s))
		at = db_col_int(s, 0);
	(void)db_done(s);
	return at;
}

int64_t
shred_count(struct book *book)
{
	struct db_stmt *s =
	    db_prepare(book_db(book), "SELECT count(*) FROM shredded");
	int64_t n = 0;

	if (db_row(s))
		n = db_col_int(s, 0);
	(void)db_done(s);
	return n;
}

enum err
shred_each(struct book *book, shred_visit *visit, void *ctx)
{
	struct db_stmt *s = db_prepare(book_db(book),
	    "SELECT mail, case_id, at FROM shredded ORDER BY mail");
	struct id case_id;
	enum err err = ERR_OK, done;

	while (err == ERR_OK && db_row(s)) {
		db_col_id(s, 1, &case_id);
		err = visit(ctx, db_col_int(s, 0), &case_id, db_col_int(s, 2));
	}
	done = db_done(s);
	return err != ERR_OK ? err : done;
}
