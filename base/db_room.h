/*
 * db_room: what db.c and db_open.c share of a connection.  Nobody else
 * includes this.
 */
#ifndef BASE_DB_ROOM_H
#define BASE_DB_ROOM_H

#include <sqlite3.h>

#include "base/db.h"

/* Compiled statements kept, found by the text of their SQL. */
#define DB_CACHE_SIZE 256

struct db_stmt {
	struct db *db;
	sqlite3_stmt *sqlite;	/* NULL when it did not compile */
	struct db_stmt *next;	/* same slot */
	enum err err;		/* the first one since db_prepare */
	bool busy;		/* between db_prepare and db_done */
};

struct db {
	sqlite3 *sqlite;
	const char *what;
	struct db_stmt *cache[DB_CACHE_SIZE];
};

/* db_error(db, rc, doing): SQLite's code as ours, with a diag. */
enum err
db_error(struct db *db, int rc, const char *doing);

#endif
