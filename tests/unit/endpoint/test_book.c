/* book: an older format is brought up, its rows kept, a copy laid aside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/db.h"
#include "base/file.h"
#include "endpoint/book.h"

#define APPLICATION 0x43574231	/* "CWB1" */
#define VALUE_SQL \
	"CREATE TABLE value (name TEXT PRIMARY KEY, v INTEGER NOT NULL)" \
	" STRICT;"
#define OLD_SQL "CREATE TABLE old (a INTEGER NOT NULL) STRICT;"

static const char *const format1[] = {OLD_SQL, NULL};
static const char *const format2[] = {
	"ALTER TABLE old ADD COLUMN b INTEGER NOT NULL DEFAULT 7;",
	"CREATE TABLE late (c INTEGER NOT NULL) STRICT;", NULL};

static void
write_format1(const char *path)
{
	const char *steps[] = {VALUE_SQL OLD_SQL, NULL};
	const struct db_schema schema = {.what = "book",
	    .application = APPLICATION, .steps = steps};
	struct db *db;

	assert_int_equal(db_open(&db, path, &schema), ERR_OK);
	assert_int_equal(db_begin(db), ERR_OK);
	assert_int_equal(db_exec(db, "INSERT INTO old VALUES (41)"), ERR_OK);
	assert_int_equal(db_commit(db), ERR_OK);
	db_close(&db);
}

static int64_t
number(struct book *book, const char *sql)
{
	struct db_stmt *s = db_prepare(book_db(book), sql);
	int64_t n = -1;

	if (db_row(s))
		n = db_col_int(s, 0);
	assert_int_equal(db_done(s), ERR_OK);
	return n;
}

static void
an_older_book_is_brought_up(void **state)
{
	char dir[] = "/tmp/test_book.XXXXXX", path[64], aside[64];
	struct book *book;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/book.db", dir);
	snprintf(aside, sizeof(aside), "%s/book.db.format1", dir);
	write_format1(path);
	for (unsigned again = 0; again < 2; again++) {
		assert_int_equal(book_open(&book, path, NULL, format1,
		    format2), ERR_OK);
		assert_int_equal(number(book, "SELECT a FROM old"), 41);
		assert_int_equal(number(book, "SELECT b FROM old"), 7);
		assert_int_equal(number(book, "SELECT count(*) FROM late"),
		    0);
		book_close(&book);
		assert_true(file_exists(aside));
	}
	unlink(path);
	unlink(aside);
	rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_older_book_is_brought_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
