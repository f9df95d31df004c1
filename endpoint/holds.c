#include "endpoint/holds.h"

#include <stdio.h>
#include <string.h>

#include "base/db.h"
#include "endpoint/agent.h"
#include "endpoint/book.h"
#include "endpoint/caserows.h"

enum err
holds_on(struct book *book, const struct id *case_id, bool *on)
{
	struct db_stmt *s = db_prepare(book_db(book),
	    "SELECT held FROM hold WHERE case_id = ?1"
	    " ORDER BY id DESC LIMIT 1");

	*on = false;
	db_bind_id(s, 1, case_id);
	if (db_row(s))
		*on = db_col_int(s, 0) != 0;
	return db_done(s);
}

int64_t
holds_count(struct book *book)
{
	struct db_stmt *s = db_prepare(book_db(book),
	    "SELECT coalesce(sum(iif(held, 1, -1)), 0) FROM hold");
	int64_t n = 0;

	if (db_row(s))
		n = db_col_int(s, 0);
	(void)db_done(s);
	return n;
}

static int64_t
next_id(struct book *book)
{
	struct db_stmt *s = db_prepare(book_db(book),
	    "SELECT coalesce(max(id), 0) + 1 FROM hold");
	int64_t id = 0;

	if (db_row(s))
		id = db_col_int(s, 0);
	(void)db_done(s);
	return id;
}

static enum err
add(struct agent *agent, const struct caserows_case *c, bool held,
    const char *reason, const char *who)
{
	struct book *book = agent_book(agent);
	struct view text = {(const uint8_t *)reason, strlen(reason)};
	struct buf sealed = buf_init(2 * HOLD_REASON_MAX);
	int64_t id = next_id(book);
	struct db_stmt *s;
	enum err err = book_seal(book, "hold", "reason", id, text, &sealed);

	if (err == ERR_OK) {
		s = db_prepare(book_db(book), "INSERT INTO hold VALUES"
		    " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
		db_bind_int(s, 1, id);
		db_bind_id(s, 2, &c->case_id);
		db_bind_int(s, 3, agent_now(agent));
		db_bind_int(s, 4, held);
		db_bind_blob(s, 5, sealed.p, sealed.len);
		db_bind_text(s, 6, who);
		db_bind_hash(s, 7, &c->file.head[CASE_REQUESTING]);
		db_bind_hash(s, 8, &c->file.head[CASE_REQUESTED]);
		err = db_run(s);
	}
	buf_free(&sealed);
	return err;
}

enum err
holds_set(struct agent *agent, const struct id *case_id, bool held,
    const char *reason, const char *who)
{
	struct caserows_case c;
	bool on;
	enum err err = caserows_get(agent_book(agent), case_id, &c);

	if (err == ERR_OK && reason[0] == '\0')
		err = ERR_REQUIRED;
	if (err == ERR_OK && strlen(reason) > HOLD_REASON_MAX)
		err = ERR_TOO_BIG;
	if (err == ERR_OK)
		err = holds_on(agent_book(agent), case_id, &on);
	if (err == ERR_OK && on == held)
		err = ERR_STATE;
	return err == ERR_OK ? add(agent, &c, held, reason, who) : err;
}

static enum err
read_reason(struct book *book, struct db_stmt *s,
    char reason[HOLD_REASON_MAX + 1])
{
	struct buf text = buf_init(HOLD_REASON_MAX);
	enum err err = book_unseal(book, "hold", "reason", db_col_int(s, 0),
	    db_col_blob(s, 4), &text);

	if (err == ERR_OK)
		snprintf(reason, HOLD_REASON_MAX + 1, "%s", buf_text(&text));
	buf_free(&text);
	return err;
}

/* A row that begins a hold. */
static enum err
begin(struct book *book, struct db_stmt *s, struct holds_one *hold)
{
	memset(hold, 0, sizeof(*hold));
	db_col_id(s, 1, &hold->case_id);
	hold->from_at = db_col_int(s, 2);
	snprintf(hold->who, sizeof(hold->who), "%s", db_col_text(s, 5));
	db_col_hash(s, 6, &hold->head[CASE_REQUESTING]);
	db_col_hash(s, 7, &hold->head[CASE_REQUESTED]);
	return read_reason(book, s, hold->reason);
}

static enum err
finish(struct book *book, struct db_stmt *s, struct holds_one *hold)
{
	hold->until_at = db_col_int(s, 2);
	snprintf(hold->end_who, sizeof(hold->end_who), "%s",
	    db_col_text(s, 5));
	return read_reason(book, s, hold->end_reason);
}

enum err
holds_each(struct book *book, const struct id *case_id, holds_visit *visit,
    void *ctx)
{
	struct db_stmt *s = db_prepare(book_db(book),
	    "SELECT id, case_id, at, held, reason, who, head_asker,"
	    " head_asked FROM hold WHERE ?1 IS NULL OR case_id = ?1"
	    " ORDER BY case_id, id");
	struct holds_one hold;
	bool begun = false;
	enum err err = ERR_OK, done;

	if (case_id != NULL)
		db_bind_id(s, 1, case_id);
	else
		db_bind_null(s, 1);
	while (err == ERR_OK && db_row(s)) {
		if (db_col_int(s, 3) == 0) {
			err = finish(book, s, &hold);
		} else {
			if (begun)
				err = visit(ctx, &hold);
			begun = true;
			if (err == ERR_OK)
				err = begin(book, s, &hold);
		}
	}
	done = db_done(s);
	if (err == ERR_OK)
		err = done;
	return err == ERR_OK && begun ? visit(ctx, &hold) : err;
}
