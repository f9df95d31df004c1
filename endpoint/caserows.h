/*
 * caserows: the casebook's tables, as rows in and structs out.
 *
 * Owns the tables casefile, case_message, case_envelope and case_news of the
 * book.  Knows no rule of the dialogue; only the casebook
 * writes through it, anybody in the agent's core reads.  Results of a fold
 * are kept here for lists and heads and are never the source of the next.
 */
#ifndef ENDPOINT_CASEROWS_H
#define ENDPOINT_CASEROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "cases/casefile.h"

struct book;

/* The tables, a string literal (casebook_hooks joins it with others). */
#define CASEROWS_SCHEMA \
	"CREATE TABLE casefile (" \
	" case_id BLOB NOT NULL PRIMARY KEY, pair INTEGER NOT NULL," \
	" ours INTEGER NOT NULL, state INTEGER NOT NULL," \
	" back INTEGER NOT NULL, questions INTEGER NOT NULL," \
	" head_asker BLOB NOT NULL, head_asked BLOB NOT NULL," \
	" revision INTEGER NOT NULL, urgency INTEGER NOT NULL," \
	" exercise INTEGER NOT NULL, opened_at INTEGER NOT NULL," \
	" moved_at INTEGER NOT NULL, open INTEGER NOT NULL" \
	") STRICT;" \
	"CREATE INDEX casefile_moved ON casefile (moved_at);" \
	"CREATE INDEX casefile_open ON casefile (pair, case_id) WHERE open;" \
	"CREATE TABLE case_message (" \
	" id INTEGER NOT NULL PRIMARY KEY, mail INTEGER NOT NULL," \
	" case_id BLOB NOT NULL, revision INTEGER NOT NULL," \
	" own INTEGER NOT NULL, side INTEGER NOT NULL," \
	" lane INTEGER NOT NULL, seq INTEGER NOT NULL, env_id BLOB NOT NULL," \
	" seen_asker BLOB NOT NULL, seen_asked BLOB NOT NULL," \
	" type INTEGER NOT NULL, outcome INTEGER NOT NULL," \
	" holds INTEGER NOT NULL, count INTEGER NOT NULL," \
	" evidence INTEGER NOT NULL, standing INTEGER NOT NULL," \
	" why INTEGER NOT NULL, before INTEGER NOT NULL," \
	" after INTEGER NOT NULL, at INTEGER NOT NULL," \
	" at0 INTEGER NOT NULL, at1 INTEGER NOT NULL, at2 INTEGER NOT NULL," \
	" at3 INTEGER NOT NULL, at4 INTEGER NOT NULL, at5 INTEGER NOT NULL," \
	" evidence_why INTEGER NOT NULL, broken INTEGER NOT NULL," \
	" rejected INTEGER NOT NULL, peer_code INTEGER NOT NULL," \
	" UNIQUE (case_id, revision)" \
	") STRICT;" \
	"CREATE INDEX case_message_unanswered ON case_message (at)" \
	" WHERE own = 0 AND rejected = 0 AND standing <> 0;" \
	"CREATE TABLE case_envelope (" \
	" env_id BLOB NOT NULL PRIMARY KEY, message INTEGER NOT NULL" \
	") STRICT;" \
	"CREATE INDEX case_envelope_of ON case_envelope (message);" \
	"CREATE TABLE case_news (" \
	" cursor INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT," \
	" message INTEGER NOT NULL, what INTEGER NOT NULL," \
	" at INTEGER NOT NULL, why INTEGER NOT NULL" \
	") STRICT;"

/* An env_id of zeros. */
#define CASEROWS_NONE \
	"x'0000000000000000000000000000000000000000000000000000000000000000'"
/* What format 2 of the book added. */
#define CASEROWS_SCHEMA_2 \
	"ALTER TABLE case_message ADD COLUMN answers BLOB NOT NULL" \
	" DEFAULT " CASEROWS_NONE ";" \
	"ALTER TABLE case_message ADD COLUMN corrected BLOB NOT NULL" \
	" DEFAULT " CASEROWS_NONE ";" \
	"ALTER TABLE case_message ADD COLUMN misfiles INTEGER NOT NULL" \
	" DEFAULT 0;" \
	"CREATE INDEX casefile_state ON casefile (pair, state);" \
	"CREATE INDEX case_message_profile ON case_message (own, id)" \
	" WHERE type = 33;" /* NOTICE_PROFILE */ \
	"ALTER TABLE case_news ADD COLUMN clock INTEGER NOT NULL DEFAULT 0;" \
	"ALTER TABLE case_news ADD COLUMN due_at INTEGER NOT NULL DEFAULT 0;" \
	"CREATE INDEX case_news_clock ON case_news (message, what, clock)" \
	" WHERE clock > 0;"

struct caserows_case {
	struct id case_id;
	int64_t pair;		/* pair.number */
	enum case_side ours;	/* which side we are */
	struct casefile file;
	int64_t revision;	/* messages noted: the head a write names */
	uint8_t urgency;
	bool exercise;
	int64_t opened_at;
	int64_t moved_at;
};

/* caserows_get(book, case_id, out): ERR_MISSING_CASE. */
enum err
caserows_get(struct book *book, const struct id *case_id,
    struct caserows_case *out);
/* caserows_put(book, c): insert or replace. */
enum err
caserows_put(struct book *book, const struct caserows_case *c);

typedef enum err caserows_visit_case(void *ctx,
    const struct caserows_case *c);
/* caserows_each_case(book, visit, ctx): newest movement first; visit's error
 * stops. */
enum err
caserows_each_case(struct book *book, caserows_visit_case *visit, void *ctx);
/* caserows_each_open(book, pair, visit, ctx): open ones, by case_id. */
enum err
caserows_each_open(struct book *book, int64_t pair,
    caserows_visit_case *visit, void *ctx);

/* caserows_each_in(book, pair, state, visit, ctx): those in one state. */
enum err
caserows_each_in(struct book *book, int64_t pair, enum case_state state,
    caserows_visit_case *visit, void *ctx);

/* caserows_each_after(book, row, max, visit, ctx): up to max cases above a row
 * number, the longest unmoved first; a case that moves gets a higher one. */
typedef enum err caserows_visit_row(void *ctx, int64_t row,
    const struct caserows_case *c);
enum err
caserows_each_after(struct book *book, int64_t row, size_t max,
    caserows_visit_row *visit, void *ctx);

struct caserows_msg {
	int64_t id;		/* our own; outgoing.message */
	int64_t mail;		/* for mail_get: its newest envelope */
	struct id case_id;
	int64_t revision;	/* which message of the case, from 1 */
	bool own;
	struct case_msg m;	/* m.id = id; m.was by caserows_was */
	int64_t at;		/* own clock: written or received */
	int64_t evidence_at[CASE_EVIDENCE_KINDS]; /* by bit number; 0: not */
	enum err evidence_why;	/* of the newest negative one */
	enum err broken;	/* why it cannot be read, or ERR_OK */
	bool rejected;		/* our REJECT went out, or none is due */
	enum err peer_code;	/* the peer's REJECT of it, or ERR_OK */
};

/* caserows_next_id(book): for a message about to be noted. */
int64_t
caserows_next_id(struct book *book);
/* caserows_msg(book, id, out): ERR_NOTFOUND. */
enum err
caserows_msg(struct book *book, int64_t id, struct caserows_msg *out);
/* caserows_put_msg(book, m): insert or replace. */
enum err
caserows_put_msg(struct book *book, const struct caserows_msg *m);
/*
 * caserows_load(book, case_id, after, out, n):
 * Messages with a revision above after, in the order noted; the caller frees
 * *out with free(3).
 */
enum err
caserows_load(struct book *book, const struct id *case_id, int64_t after,
    struct caserows_msg **out, size_t *n);

/* caserows_name(book, env_id, id): that envelope carried the message;
 * nothing happens if the env_id is taken. */
enum err
caserows_name(struct book *book, const struct hash *env_id, int64_t id);
/* caserows_named(book, env_id, id): ERR_NOTFOUND. */
enum err
caserows_named(struct book *book, const struct hash *env_id, int64_t *id);
/* An envelope that carried a message before its newest. */
struct caserows_was {
	int64_t id;
	struct hash env_id;
};
/* caserows_was(book, case_id, out, n): all of a case, by id; the caller frees
 * *out. */
enum err
caserows_was(struct book *book, const struct id *case_id,
    struct caserows_was **out, size_t *n);

/* caserows_profiles(book, pair, own, max, out, n): the newest PROFILEs of
 * one side that stand, newest first; the caller frees *out. */
enum err
caserows_profiles(struct book *book, int64_t pair, bool own, size_t max,
    struct caserows_msg **out, size_t *n);

/* What a row of news says besides enum outbox_what. */
enum caserows_what {
	CASEROWS_NOTED = 0,
	CASEROWS_REMINDER = 32,	/* three quarters of a clock of ours over */
	CASEROWS_OVERDUE = 33,	/* a clock has run out unanswered */
};

/* Something that moved: a message noted, evidence about an own one, or a
 * clock that it started. */
struct caserows_news {
	int64_t cursor;		/* rising */
	int64_t message;	/* caserows_msg.id */
	int what;		/* enum outbox_what or enum caserows_what */
	int64_t at;
	enum err why;
	int clock;		/* enum clocks_kind + 1; 0: about no clock */
	int64_t due_at;		/* of the clock */
};
/* caserows_told(book, news, told): is there a row that says this of the same
 * message and clock? */
enum err
caserows_told(struct book *book, const struct caserows_news *news,
    bool *told);
/* caserows_tell(book, news): cursor is given by the book. */
enum err
caserows_tell(struct book *book, const struct caserows_news *news);
typedef enum err caserows_visit_news(void *ctx,
    const struct caserows_news *news);
/* caserows_each_news(book, after, max, visit, ctx): oldest first. */
enum err
caserows_each_news(struct book *book, int64_t after, size_t max,
    caserows_visit_news *visit, void *ctx);
/* caserows_cursor(book): the newest movement's number, 0: none yet. */
int64_t
caserows_cursor(struct book *book);

/* caserows_overdue(book, before, out, max, n): cases with a message of the
 * peer noted at or before then that does not stand and has no answer yet. */
enum err
caserows_overdue(struct book *book, int64_t before, struct id *out,
    size_t max, size_t *n);

/* caserows_find(book, prefix, case_id): by the start of its hex id;
 * ERR_MISSING_CASE, ERR_USAGE when several match or under 4 digits. */
enum err
caserows_find(struct book *book, const char *prefix, struct id *case_id);

#endif
