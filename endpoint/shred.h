/*
 * shred: the end of what a case's messages and files say.
 *
 * Deletes the key rows of a case's bodies (endpoint/mail.h) and the files
 * received, notes which and when in its table shredded, and does so by itself
 * once a case has been over for longer than is to be kept.  Rows of messages,
 * envelopes, runs, receipts and proofs stay: everything still verifies, only
 * nothing can be opened any more.  Never a case that is open or on hold, nor
 * one with mail still under way.  Agent core.
 */
#ifndef ENDPOINT_SHRED_H
#define ENDPOINT_SHRED_H

#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

struct agent;
struct book;

/* What format 2 of the book added, a string literal. */
#define SHRED_SCHEMA_2 \
	"CREATE TABLE shredded (" \
	" mail INTEGER PRIMARY KEY, case_id BLOB NOT NULL," \
	" at INTEGER NOT NULL" \
	") STRICT;" \
	"CREATE INDEX shredded_case ON shredded (case_id);"

/* Cases in one slice of the timer's work: a turn stays short. */
#define SHRED_SLICE 8
/* Days bodies are kept at most: a century. */
#define SHRED_DAYS_MAX 36500

/*
 * shred_case(agent, case_id, bodies):
 * Inside a turn; *bodies is how many went.  ERR_MISSING_CASE; ERR_STATE: the
 * case is not over; ERR_PERMIT: it is on hold; ERR_BUSY: mail of it is still
 * to be sent or delivered; ERR_STORAGE.
 */
enum err
shred_case(struct agent *agent, const struct id *case_id, int64_t *bodies);

/*
 * shred_tick(agent, days, due):
 * A slice of the cases that were over `days` ago; 0 keeps all.  *due: wall
 * time of the next.  Fatal errors only.
 */
enum err
shred_tick(struct agent *agent, int64_t days, int64_t *due);

/* shred_at(book, mail): when that message's body was shredded; 0: it was
 * not. */
int64_t
shred_at(struct book *book, int64_t mail);
/* shred_count(book): bodies shredded so far. */
int64_t
shred_count(struct book *book);
typedef enum err shred_visit(void *ctx, int64_t mail,
    const struct id *case_id, int64_t at);
enum err
shred_each(struct book *book, shred_visit *visit, void *ctx);

#endif
