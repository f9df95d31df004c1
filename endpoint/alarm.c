#include <stdarg.h>
#include <stdio.h>

#include "base/db.h"
#include "base/diag.h"
#include "base/json.h"
#include "endpoint/alarm.h"
#include "endpoint/book.h"

#define ALARM_MAX 64		/* of one code: texts name what others chose */

static const char alarm_sql[] =
    "CREATE TABLE alarm ("
    " id INTEGER PRIMARY KEY,"
    " code INTEGER NOT NULL,"
    " pair INTEGER NOT NULL,"
    " text TEXT NOT NULL,"
    " first_at INTEGER NOT NULL,"
    " last_at INTEGER NOT NULL,"
    " count INTEGER NOT NULL,"
    " UNIQUE (code, pair, text)) STRICT;\n";

const char *
alarm_schema(void)
{
	return alarm_sql;
}

void
alarm_raise(struct book *book, int64_t at, enum err code, int64_t pair,
    const char *fmt, ...)
{
	struct db_stmt *s;
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	diag_warn("alarm", "%s code=%s pair=%lld", text, err_name(code),
	    (long long)pair);
	s = db_prepare(book_db(book), "INSERT INTO alarm (code, pair, text,"
	    " first_at, last_at, count) VALUES (?1, ?2, ?3, ?4, ?4, 1)"
	    " ON CONFLICT (code, pair, text) DO UPDATE SET"
	    " last_at = excluded.last_at, count = count + 1");
	db_bind_int(s, 1, code);
	db_bind_int(s, 2, pair);
	db_bind_text(s, 3, text);
	db_bind_int(s, 4, at);
	(void)db_run(s);
	s = db_prepare(book_db(book), "DELETE FROM alarm WHERE code = ?1 AND"
	    " id NOT IN (SELECT id FROM alarm WHERE code = ?1"
	    " ORDER BY last_at DESC, id DESC LIMIT ?2)");
	db_bind_int(s, 1, code);
	db_bind_int(s, 2, ALARM_MAX);
	(void)db_run(s);
}

void
alarm_clear(struct book *book, enum err code, int64_t pair)
{
	struct db_stmt *s;

	s = db_prepare(book_db(book),
	    "DELETE FROM alarm WHERE code = ?1 AND pair = ?2");
	db_bind_int(s, 1, code);
	db_bind_int(s, 2, pair);
	(void)db_run(s);
}

struct json *
alarm_json(struct book *book)
{
	struct json *arr, *one;
	struct db_stmt *s;

	arr = json_new_arr();
	s = db_prepare(book_db(book), "SELECT code, pair, text, first_at,"
	    " last_at, count FROM alarm ORDER BY last_at DESC LIMIT 100");
	while (db_row(s)) {
		one = json_new_obj();
		json_put_str(one, "code",
		    err_name((enum err)db_col_int(s, 0)));
		json_put_int(one, "pair", db_col_int(s, 1));
		json_put_str(one, "text", db_col_text(s, 2));
		json_put_time(one, "first_at", db_col_int(s, 3));
		json_put_time(one, "last_at", db_col_int(s, 4));
		json_put_int(one, "count", db_col_int(s, 5));
		json_add(arr, &one);
	}
	(void)db_done(s);
	return arr;
}
