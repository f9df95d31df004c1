#include "endpoint/caserows.h"

#include <stdlib.h>
#include <string.h>

#include "base/db.h"
#include "endpoint/book.h"
#include "proto/notice_codes.h"

/* ---- cases ---- */

#define CASE_COLUMNS \
	"case_id, pair, ours, state, back, questions, head_asker," \
	" head_asked, revision, urgency, exercise, opened_at, moved_at"

static void
read_case(struct db_stmt *s, struct caserows_case *c)
{
	memset(c, 0, sizeof(*c));
	db_col_id(s, 0, &c->case_id);
	c->pair = db_col_int(s, 1);
	c->ours = (enum case_side)db_col_int(s, 2);
	c->file.state = (enum case_state)db_col_int(s, 3);
	c->file.back = (enum case_state)db_col_int(s, 4);
	c->file.questions = (unsigned)db_col_int(s, 5);
	db_col_hash(s, 6, &c->file.head[CASE_REQUESTING]);
	db_col_hash(s, 7, &c->file.head[CASE_REQUESTED]);
	c->revision = db_col_int(s, 8);
	c->urgency = (uint8_t)db_col_int(s, 9);
	c->exercise = db_col_int(s, 10) != 0;
	c->opened_at = db_col_int(s, 11);
	c->moved_at = db_col_int(s, 12);
}

enum err
caserows_get(struct book *book, const struct id *case_id,
    struct caserows_case *out)
{
	struct db_stmt *s = db_prepare(book_db(book),
	    "SELECT " CASE_COLUMNS " FROM casefile WHERE case_id = ?1");
	enum err err;

	memset(out, 0, sizeof(*out));
	db_bind_id(s, 1, case_id);
	err = db_one(s);
	if (err == ERR_NOTFOUND)
		return ERR_MISSING_CASE;
	if (err != ERR_OK)
		return err;
	read_case(s, out);
	return db_done(s);
}

enum err
caserows_put(struct book *book, const struct caserows_case *c)
{
	struct db_stmt *s = db_prepare(book_db(book),
	    "INSERT OR REPLACE INTO casefile (" CASE_COLUMNS ", open)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,"
	    " ?13, ?14)");

	db_bind_id(s, 1, &c->case_id);
	db_bind_int(s, 2, c->pair);
	db_bind_int(s, 3, c->ours);
	db_bind_int(s, 4, c->file.state);
	db_bind_int(s, 5, c->file.back);
	db_bind_int(s, 6, c->file.questions);
	db_bind_hash(s, 7, &c->file.head[CASE_REQUESTING]);
	db_bind_hash(s, 8, &c->file.head[CASE_REQUESTED]);
	db_bind_int(s, 9, c->revision);
	db_bind_int(s, 10, c->urgency);
	db_bind_int(s, 11, c->exercise);
	db_bind_int(s, 12, c->opened_at);
	db_bind_int(s, 13, c->moved_at);
	db_bind_int(s, 14, casefile_open(c->file.state));
	return db_run(s);
}

static enum err
each_case(struct db_stmt *s, caserows_visit_case *visit, void *ctx)
{
	struct caserows_case c;
	enum err err = ERR_OK, done;

	while (err == ERR_OK && db_row(s)) {
		read_case(s, &c);
		err = visit(ctx, &c);
	}
	done = db_done(s);
	return err != ERR_OK ? err : done;
}

enum err
caserows_each_case(struct book *book, caserows_visit_case *visit, void *ctx)
{
	return each_case(db_prepare(book_db(book),
			     "SELECT " CASE_COLUMNS
			     " FROM casefile ORDER BY moved_at DESC, case_id"),
	    visit, ctx);
}

enum err
caserows_each_open(struct book *book, int64_t pair,
    caserows_visit_case *visit, void *ctx)
{
	struct db_stmt *s = db_prepare(book_db(book),
	    "SELECT " CASE_COLUMNS
	    " FROM casefile WHERE pair = ?1 AND open ORDER BY case_id");

	db_bind_int(s, 1, pair);
	return each_case(s, visit, ctx);
}

enum err
caserows_each_in(struct book *book, int64_t pair, enum case_state state,
    caserows_visit_case *visit, void *ctx)
{
	struct db_stmt *s = db_prepare(book_db(book),
	    "SELECT " CASE_COLUMNS
	    " FROM casefile WHERE pair = ?1 AND state = ?2 ORDER BY case_id");

	db_bind_int(s, 1, pair);
	db_bind_int(s, 2, state);
	return each_case(s, visit, ctx);
}

enum err
caserows_each_after(struct book *book, int64_t row, size_t max,
    caserows_visit_row *visit, void *ctx)
{
	struct db_stmt *s = db_prepare(book_db(book),
	    "SELECT " CASE_COLUMNS ", rowid"
	    " FROM casefile WHERE rowid > ?1 ORDER BY rowid LIMIT ?2");
	struct caserows_case c;
	enum err err = ERR_OK, done;

	db_bind_int(s, 1, row);
	db_bind_int(s, 2, (int64_t)max);
	while (err == ERR_OK && db_row(s)) {
		read_case(s, &c);
		err = visit(ctx, db_col_int(s, 13), &c);
	}
	done = db_done(s);
	return err != ERR_OK ? err : done;
}

enum err
caserows_find(struct book *book, const char *prefix, struct id *case_id)
{
	size_t len = strlen(prefix);
	struct db_stmt *s;
	unsigned hits = 0;
	enum err err;

	if (len < 4 || len > 2 * ID_BYTES ||
	    strspn(prefix, "0123456789abcdefABCDEF") != len)
		return ERR_USAGE;
	s = db_prepare(book_db(book),
	    "SELECT case_id FROM casefile"
	    " WHERE substr(hex(case_id), 1, length(?1)) = upper(?1) LIMIT 2");
	db_bind_text(s, 1, prefix);
	while (db_row(s)) {
		db_col_id(s, 0, case_id);
		hits++;
	}
	err = db_done(s);
	if (err != ERR_OK)
		return err;
	return hits == 0 ? ERR_MISSING_CASE : hits == 1 ? ERR_OK : ERR_USAGE;
}

/* ---- messages ---- */

#define MSG_COLUMNS \
	"id, mail, case_id, revision, own, side, lane, seq, env_id," \
	" seen_asker, seen_asked, type, outcome, holds, count, evidence," \
	" standing, why, before, after, at, at0, at1, at2, at3, at4, at5," \
	" evidence_why, broken, rejected, peer_code, answers, corrected," \
	" misfiles"

/* A message without an envelope yet has no place on its channel. */
static uint64_t
seq_out(int64_t stored)
{
	return stored == 0 ? UINT64_MAX : (uint64_t)stored;
}

static int64_t
seq_in(uint64_t seq)
{
	return seq == UINT64_MAX ? 0 : (int64_t)seq;
}

static void
read_msg(struct db_stmt *s, struct caserows_msg *m)
{
	memset(m, 0, sizeof(*m));
	m->id = db_col_int(s, 0);
	m->mail = db_col_int(s, 1);
	db_col_id(s, 2, &m->case_id);
	m->revision = db_col_int(s, 3);
	m->own = db_col_int(s, 4) != 0;
	m->m.id = (uint64_t)m->id;
	m->m.side = (enum case_side)db_col_int(s, 5);
	m->m.lane = (uint8_t)db_col_int(s, 6);
	m->m.seq = seq_out(db_col_int(s, 7));
	db_col_hash(s, 8, &m->m.env_id);
	db_col_hash(s, 9, &m->m.seen[CASE_REQUESTING]);
	db_col_hash(s, 10, &m->m.seen[CASE_REQUESTED]);
	m->m.move.event = (uint16_t)db_col_int(s, 11);
	m->m.move.outcome = (uint16_t)db_col_int(s, 12);
	m->m.move.holds = (unsigned)db_col_int(s, 13);
	m->m.move.count = (unsigned)db_col_int(s, 14);
	m->m.evidence = (unsigned)db_col_int(s, 15);
	m->m.standing = (enum case_standing)db_col_int(s, 16);
	m->m.why = (enum err)db_col_int(s, 17);
	m->m.before = (enum case_state)db_col_int(s, 18);
	m->m.after = (enum case_state)db_col_int(s, 19);
	m->at = db_col_int(s, 20);
	for (int i = 0; i < CASE_EVIDENCE_KINDS; i++)
		m->evidence_at[i] = db_col_int(s, 21 + i);
	m->evidence_why = (enum err)db_col_int(s, 27);
	m->broken = (enum err)db_col_int(s, 28);
	m->rejected = db_col_int(s, 29) != 0;
	m->peer_code = (enum err)db_col_int(s, 30);
	db_col_hash(s, 31, &m->m.move.answers);
	db_col_hash(s, 32, &m->m.corrected);
	m->m.move.misfiles = db_col_int(s, 33) != 0;
}

enum err
caserows_put_msg(struct book *book, const struct caserows_msg *m)
{
	struct db_stmt *s = db_prepare(book_db(book),
	    "INSERT OR REPLACE INTO case_message (" MSG_COLUMNS ") VALUES ("
	    "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,"
	    " ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26,"
	    " ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34)");

	db_bind_int(s, 1, m->id);
	db_bind_int(s, 2, m->mail);
	db_bind_id(s, 3, &m->case_id);
	db_bind_int(s, 4, m->revision);
	db_bind_int(s, 5, m->own);
	db_bind_int(s, 6, m->m.side);
	db_bind_int(s, 7, m->m.lane);
	db_bind_int(s, 8, seq_in(m->m.seq));
	db_bind_hash(s, 9, &m->m.env_id);
	db_bind_hash(s, 10, &m->m.seen[CASE_REQUESTING]);
	db_bind_hash(s, 11, &m->m.seen[CASE_REQUESTED]);
	db_bind_int(s, 12, m->m.move.event);
	db_bind_int(s, 13, m->m.move.outcome);
	db_bind_int(s, 14, m->m.move.holds);
	db_bind_int(s, 15, m->m.move.count);
	db_bind_int(s, 16, m->m.evidence);
	db_bind_int(s, 17, m->m.standing);
	db_bind_int(s, 18, m->m.why);
	db_bind_int(s, 19, m->m.before);
	db_bind_int(s, 20, m->m.after);
	db_bind_int(s, 21, m->at);
	for (int i = 0; i < CASE_EVIDENCE_KINDS; i++)
		db_bind_int(s, 22 + i, m->evidence_at[i]);
	db_bind_int(s, 28, m->evidence_why);
	db_bind_int(s, 29, m->broken);
	db_bind_int(s, 30, m->rejected);
	db_bind_int(s, 31, m->peer_code);
	db_bind_hash(s, 32, &m->m.move.answers);
	db_bind_hash(s, 33, &m->m.corrected);
	db_bind_int(s, 34, m->m.move.misfiles);
	return db_run(s);
}

int64_t
caserows_next_id(struct book *book)
{
	struct db_stmt *s = db_prepare(book_db(book),
	    "SELECT coalesce(max(id), 0) + 1 FROM case_message");
	int64_t id = 0;

	if (db_one(s) == ERR_OK) {
		id = db_col_int(s, 0);
		(void)db_done(s);
	}
	return id;
}

enum err
caserows_msg(struct book *book, int64_t id, struct caserows_msg *out)
{
	struct db_stmt *s = db_prepare(book_db(book),
	    "SELECT " MSG_COLUMNS " FROM case_message WHERE id = ?1");
	enum err err;

	memset(out, 0, sizeof(*out));
	db_bind_int(s, 1, id);
	err = db_one(s);
	if (err != ERR_OK)
		return err;
	read_msg(s, out);
	return db_done(s);
}

static enum err
load_rows(struct db_stmt *s, struct caserows_msg **out, size_t *n)
{
	struct caserows_msg *list = NULL;
	size_t size = 0, len = 0;
	enum err err = ERR_OK, done;

	while (err == ERR_OK && db_row(s)) {
		if (len == size) {
			size_t more = size == 0 ? 16 : 2 * size;
			void *p = realloc(list, more * sizeof(*list));

			if (p == NULL) {
				err = ERR_NOMEM;
				break;
			}
			list = p;
			size = more;
		}
		read_msg(s, &list[len++]);
	}
	done = db_done(s);
	if (err == ERR_OK)
		err = done;
	if (err != ERR_OK) {
		free(list);
		list = NULL;
		len = 0;
	}
	*out = list;
	*n = len;
	return err;
}

enum err
caserows_load(struct book *book, const struct id *case_id, int64_t after,
    struct caserows_msg **out, size_t *n)
{
	struct db_stmt *s = db_prepare(book_db(book),
	    "SELECT " MSG_COLUMNS " FROM case_message"
	    " WHERE case_id = ?1 AND revision > ?2 ORDER BY revision");

	db_bind_id(s, 1, case_id);
	db_bind_int(s, 2, after);
	return load_rows(s, out, n);
}

enum err
caserows_profiles(struct book *book, int64_t pair, bool own, size_t max,
    struct caserows_msg **out, size_t *n)
{
	/* The number stands in the text, for the index of its kind. */
	struct db_stmt *s = db_prepare(book_db(book),
	    "SELECT " MSG_COLUMNS " FROM case_message"
	    " INDEXED BY case_message_profile"
	    " WHERE type = 33 AND own = ?2 AND standing = 0 AND ?1 ="
	    " (SELECT pair FROM casefile c"
	    " WHERE c.case_id = case_message.case_id)"
	    " ORDER BY id DESC LIMIT ?3");

	_Static_assert(NOTICE_PROFILE == 33, "the index and this query");
	db_bind_int(s, 1, pair);
	db_bind_int(s, 2, own);
	db_bind_int(s, 3, (int64_t)max);
	return load_rows(s, out, n);
}

enum err
caserows_overdue(struct book *book, int64_t before, struct id *out,
    size_t max, size_t *n)
{
	struct db_stmt *s = db_prepare(book_db(book),
	    "SELECT DISTINCT case_id FROM case_message"
	    " WHERE own = 0 AND rejected = 0 AND standing <> 0"
	    " AND standing <> 3 AND at <= ?1"	/* misfiled */
	    " LIMIT ?2");

	*n = 0;
	db_bind_int(s, 1, before);
	db_bind_int(s, 2, (int64_t)max);
	while (db_row(s))
		db_col_id(s, 0, &out[(*n)++]);
	return db_done(s);
}

/* ---- names ---- */

enum err
caserows_name(struct book *book, const struct hash *env_id, int64_t id)
{
	struct db_stmt *s = db_prepare(book_db(book),
	    "INSERT OR IGNORE INTO case_envelope VALUES (?1, ?2)");

	db_bind_hash(s, 1, env_id);
	db_bind_int(s, 2, id);
	return db_run(s);
}

enum err
caserows_named(struct book *book, const struct hash *env_id, int64_t *id)
{
	struct db_stmt *s = db_prepare(book_db(book),
	    "SELECT message FROM case_envelope WHERE env_id = ?1");
	enum err err;

	db_bind_hash(s, 1, env_id);
	err = db_one(s);
	if (err != ERR_OK)
		return err;
	*id = db_col_int(s, 0);
	return db_done(s);
}

enum err
caserows_was(struct book *book, const struct id *case_id,
    struct caserows_was **out, size_t *n)
{
	struct db_stmt *s = db_prepare(book_db(book),
	    "SELECT m.id, e.env_id FROM case_message m"
	    " JOIN case_envelope e ON e.message = m.id"
	    " WHERE m.case_id = ?1 AND e.env_id <> m.env_id"
	    " ORDER BY m.id, e.env_id");
	struct caserows_was *list = NULL;
	size_t len = 0;
	enum err err = ERR_OK, done;

	db_bind_id(s, 1, case_id);
	while (db_row(s)) {
		void *p = realloc(list, (len + 1) * sizeof(*list));

		if (p == NULL) {
			err = ERR_NOMEM;
			break;
		}
		list = p;
		list[len].id = db_col_int(s, 0);
		db_col_hash(s, 1, &list[len++].env_id);
	}
	done = db_done(s);
	*out = list;
	*n = len;
	return err != ERR_OK ? err : done;
}

/* ---- news ---- */

enum err
caserows_tell(struct book *book, const struct caserows_news *news)
{
	struct db_stmt *s = db_prepare(book_db(book),
	    "INSERT INTO case_news (message, what, at, why, clock, due_at)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6)");

	db_bind_int(s, 1, news->message);
	db_bind_int(s, 2, news->what);
	db_bind_int(s, 3, news->at);
	db_bind_int(s, 4, news->why);
	db_bind_int(s, 5, news->clock);
	db_bind_int(s, 6, news->due_at);
	return db_run(s);
}

enum err
caserows_told(struct book *book, const struct caserows_news *news, bool *told)
{
	struct db_stmt *s = db_prepare(book_db(book),
	    "SELECT 1 FROM case_news WHERE message = ?1 AND what = ?2"
	    " AND clock = ?3 AND clock > 0 LIMIT 1");

	db_bind_int(s, 1, news->message);
	db_bind_int(s, 2, news->what);
	db_bind_int(s, 3, news->clock);
	*told = db_row(s);
	return db_done(s);
}

enum err
caserows_each_news(struct book *book, int64_t after, size_t max,
    caserows_visit_news *visit, void *ctx)
{
	struct db_stmt *s = db_prepare(book_db(book),
	    "SELECT cursor, message, what, at, why, clock, due_at"
	    " FROM case_news"
	    " WHERE cursor > ?1 ORDER BY cursor LIMIT ?2");
	enum err err = ERR_OK, done;

	db_bind_int(s, 1, after);
	db_bind_int(s, 2, (int64_t)max);
	while (err == ERR_OK && db_row(s)) {
		struct caserows_news news = {
		    .cursor = db_col_int(s, 0),
		    .message = db_col_int(s, 1),
		    .what = (int)db_col_int(s, 2),
		    .at = db_col_int(s, 3),
		    .why = (enum err)db_col_int(s, 4),
		    .clock = (int)db_col_int(s, 5),
		    .due_at = db_col_int(s, 6),
		};

		err = visit(ctx, &news);
	}
	done = db_done(s);
	return err != ERR_OK ? err : done;
}

int64_t
caserows_cursor(struct book *book)
{
	struct db_stmt *s = db_prepare(book_db(book),
	    "SELECT coalesce(max(cursor), 0) FROM case_news");
	int64_t cursor = 0;

	if (db_one(s) == ERR_OK) {
		cursor = db_col_int(s, 0);
		(void)db_done(s);
	}
	return cursor;
}
