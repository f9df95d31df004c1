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
};

/* The columns of a run, in the order see_run reads them. */
#define RUN_COLUMNS \
	" r.idx, r.channel, r.first_seq, r.last_seq, r.last_env," \
	" r.accepted_at, r.due_at, r.form, r.body"

/* store_sqlite_entries(q, each, ctx): rows of (idx, statement), db_done. */
enum err
store_sqlite_entries(struct db_stmt *q, store_each *each, void *ctx);
/* store_sqlite_runs(q, each, ctx): rows of RUN_COLUMNS, then db_done. */
enum err
store_sqlite_runs(struct db_stmt *q, store_each *each, void *ctx);

#endif
