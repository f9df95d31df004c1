/*
 * store_sqlite: what the two halves of the SQLite driver share.
 *
 * For store_sqlite.c (log, runs, feeds) and store_sqlite_rows.c (the rest).
 */
#ifndef RELAY_STORE_SQLITE_H
#define RELAY_STORE_SQLITE_H

#include "base/db.h"
#include "relay/store.h"

struct store {
	struct db *db;
	uint64_t hollows;		/* not filled yet */
	uint64_t fills;			/* hollow entries filled so far */
	struct store_restored restored;
};

/* The columns of a run, in the order see_run reads them. */
#define RUN_COLUMNS \
	" r.idx, r.channel, r.first_seq, r.last_seq, r.last_env," \
	" r.accepted_at, r.due_at, r.form, r.body"

/* store_sqlite_entries(q, each, ctx): rows of (idx, statement, leaf of a
 * hollow entry or NULL), db_done. */
enum err
store_sqlite_entries(struct db_stmt *q, store_each *each, void *ctx);
/* store_sqlite_runs(q, each, ctx): rows of RUN_COLUMNS, then db_done. */
enum err
store_sqlite_runs(struct db_stmt *q, store_each *each, void *ctx);

/* store_sqlite_append(s, item, place): an entry's rows, hollow before or
 * not; place: of its feeds. */
enum err
store_sqlite_append(struct store *s, const struct store_item *item,
    uint64_t place);
/* store_sqlite_number(q, out): the one number a query gives; ERR_NOTFOUND. */
enum err
store_sqlite_number(struct db_stmt *q, uint64_t *out);
/* store_sqlite_hollow_open(s): what s remembers of hollow entries. */
enum err
store_sqlite_hollow_open(struct store *s);

#endif
