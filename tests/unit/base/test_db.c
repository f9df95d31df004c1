#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/db.h"
#include "base/file.h"

static const char *const one[] = {
	"CREATE TABLE t (k INTEGER PRIMARY KEY, v BLOB, s TEXT UNIQUE) STRICT",
	NULL };
static const char *const two[] = {
	"CREATE TABLE t (k INTEGER PRIMARY KEY, v BLOB, s TEXT UNIQUE) STRICT",
	"ALTER TABLE t ADD COLUMN n INTEGER; UPDATE t SET n = k * 2", NULL };
static const char *const broken[] = {
	"CREATE TABLE t (k INTEGER PRIMARY KEY, v BLOB, s TEXT UNIQUE) STRICT",
	"UPDATE t SET s = 'spoilt'; SELECT nonsense", NULL };

static const struct db_schema format1 = { "test store", 0x43570001, one };
static const struct db_schema format2 = { "test store", 0x43570001, two };
static const struct db_schema format2_bad = { "test store", 0x43570001,
	broken };
static const struct db_schema other = { "other store", 0x43570002, one };

static char *dir;
static char path[512];
static struct db *db;

static void
insert(int64_t k, const char *v, const char *s, enum err want)
{
	struct db_stmt *st = db_prepare(db, "INSERT INTO t (k, v, s) "
	    "VALUES (?1, ?2, ?3)");

	db_bind_int(st, 1, k);
	db_bind_blob(st, 2, v, v == NULL ? 0 : strlen(v));
	db_bind_text(st, 3, s);
	assert_int_equal(db_run(st), want);
}

static int64_t
count(void)
{
	struct db_stmt *s = db_prepare(db, "SELECT count(*) FROM t");
	int64_t n;

	assert_int_equal(db_one(s), ERR_OK);
	n = db_col_int(s, 0);
	assert_int_equal(db_done(s), ERR_OK);
	return n;
}

static int
set_up(void **state)
{
	(void)state;
	dir = unit_folder();
	snprintf(path, sizeof(path), "%s/store.db", dir);
	return db_open(&db, path, &format1) != ERR_OK;
}

static int
tear_down(void **state)
{
	(void)state;
	db_close(&db);
	unit_folder_remove(dir);
	return 0;
}

static void
rows_come_back(void **state)
{
	struct db_stmt *s;
	struct stat st;
	struct view v;

	(void)state;
	insert(1, "abc", "x", ERR_OK);
	assert_int_equal(db_last_id(db), 1);
	assert_int_equal(db_changes(db), 1);
	insert(2, NULL, NULL, ERR_OK);
	insert(3, "", "", ERR_OK);
	s = db_prepare(db, "SELECT k, v, s FROM t ORDER BY k");
	assert_true(db_row(s));
	assert_int_equal(db_col_int(s, 0), 1);
	v = db_col_blob(s, 1);
	assert_int_equal(v.len, 3);
	assert_memory_equal(v.p, "abc", 3);
	assert_string_equal(db_col_text(s, 2), "x");
	assert_true(db_row(s));
	assert_true(db_col_null(s, 1));
	assert_null(db_col_text(s, 2));
	assert_true(db_row(s));
	assert_false(db_col_null(s, 1));
	assert_int_equal(db_col_blob(s, 1).len, 0);
	assert_false(db_row(s));
	assert_int_equal(db_done(s), ERR_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void
ids_and_whole_numbers(void **state)
{
	struct hash h = hash_of("h", 1), got;
	struct id id = hash_id(&h), got_id;
	struct db_stmt *s;

	(void)state;
	s = db_prepare(db, "INSERT INTO t (k, v) VALUES (?1, ?2)");
	db_bind_u64(s, 1, UINT64_MAX);
	db_bind_hash(s, 2, &h);
	assert_int_equal(db_run(s), ERR_OK);
	s = db_prepare(db, "INSERT INTO t (k, v) VALUES (?1, ?2)");
	db_bind_int(s, 1, 5);
	db_bind_id(s, 2, &id);
	assert_int_equal(db_run(s), ERR_OK);
	s = db_prepare(db, "SELECT k, v FROM t ORDER BY k");
	assert_true(db_row(s));
	assert_true(db_col_u64(s, 0) == UINT64_MAX);
	db_col_hash(s, 1, &got);
	assert_true(hash_eq(&h, &got));
	assert_true(db_row(s));
	db_col_id(s, 1, &got_id);
	assert_true(id_eq(&id, &got_id));
	/* A column of another length is damage, and says so at the end. */
	db_col_hash(s, 1, &got);
	assert_true(hash_is_zero(&got));
	assert_int_equal(db_done(s), ERR_STORAGE);
	/* The statement is clean again. */
	s = db_prepare(db, "SELECT k, v FROM t ORDER BY k");
	assert_true(db_row(s));
	assert_int_equal(db_done(s), ERR_OK);
}

static void
errors_have_names(void **state)
{
	struct db_stmt *s;

	(void)state;
	insert(1, "a", "x", ERR_OK);
	insert(1, "b", "y", ERR_EXISTS);
	insert(2, "b", "x", ERR_EXISTS);
	s = db_prepare(db, "SELECT k FROM t WHERE k = 99");
	assert_int_equal(db_one(s), ERR_NOTFOUND);
	assert_int_equal(db_exec(db, "SELECT FROM"), ERR_FAIL);
	s = db_prepare(db, "no SQL");
	db_bind_int(s, 1, 1);
	assert_false(db_row(s));
	assert_int_equal(db_done(s), ERR_STORAGE);
	/* STRICT refuses another type. */
	s = db_prepare(db, "INSERT INTO t (k, v) VALUES (7, 'text')");
	assert_int_equal(db_run(s), ERR_FAIL);
	/* A text in double quotes is a mistake, not a string. */
	s = db_prepare(db, "SELECT \"nosuch\"");
	assert_int_equal(db_run(s), ERR_STORAGE);
}

static void
one_statement_inside_itself(void **state)
{
	static const char sql[] = "SELECT k FROM t WHERE k >= ?1 ORDER BY k";
	struct db_stmt *a, *b;

	(void)state;
	insert(1, "", "a", ERR_OK);
	insert(2, "", "b", ERR_OK);
	a = db_prepare(db, sql);
	db_bind_int(a, 1, 1);
	assert_true(db_row(a));
	b = db_prepare(db, sql);
	assert_ptr_not_equal(a, b);
	db_bind_int(b, 1, 2);
	assert_true(db_row(b));
	assert_int_equal(db_col_int(b, 0), 2);
	assert_int_equal(db_col_int(a, 0), 1);
	assert_int_equal(db_done(b), ERR_OK);
	assert_true(db_row(a));
	assert_int_equal(db_done(a), ERR_OK);
	assert_ptr_equal(db_prepare(db, sql), b);
	assert_int_equal(db_done(b), ERR_OK);
}

static void
rollback_and_commit(void **state)
{
	(void)state;
	assert_int_equal(db_begin(db), ERR_OK);
	insert(1, "a", "x", ERR_OK);
	db_rollback(db);
	assert_int_equal(count(), 0);
	db_rollback(db);
	assert_int_equal(db_begin(db), ERR_OK);
	insert(1, "a", "x", ERR_OK);
	insert(1, "a", "x", ERR_EXISTS);
	insert(2, "a", "y", ERR_OK);
	assert_int_equal(db_commit(db), ERR_OK);
	assert_int_equal(count(), 2);
	/* Closing in the middle of a transaction drops it. */
	assert_int_equal(db_begin(db), ERR_OK);
	insert(3, "a", "z", ERR_OK);
	db_close(&db);
	assert_int_equal(db_open(&db, path, &format1), ERR_OK);
	assert_int_equal(count(), 2);
}

/* The disk ends in the middle: ERR_STORAGE, and what was committed before is
 * still there. */
static void
full_disk_is_storage(void **state)
{
	struct rlimit lim = { 200000, 200000 };
	static uint8_t big[50000];
	struct db_stmt *s;
	enum err err = ERR_OK;
	int status, i;
	pid_t pid;

	(void)state;
	insert(1, "kept", "x", ERR_OK);
	db_close(&db);
	pid = fork();
	if (pid == 0) {
		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &lim);
		if (db_open(&db, path, &format1) != ERR_OK)
			_exit(98);
		for (i = 0; i < 20 && err == ERR_OK; i++) {
			err = db_begin(db);
			s = db_prepare(db, "INSERT INTO t (v) VALUES (?1)");
			db_bind_blob(s, 1, big, sizeof(big));
			if (db_run(s) != ERR_OK || err != ERR_OK)
				err = ERR_STORAGE;
			if (err == ERR_OK)
				err = db_commit(db);
		}
		_exit((int)err);
	}
	waitpid(pid, &status, 0);
	assert_int_equal(WEXITSTATUS(status), ERR_STORAGE);
	assert_int_equal(db_open(&db, path, &format1), ERR_OK);
	assert_int_equal(db_check(db), ERR_OK);
	assert_true(count() >= 1);
}

/* A process that was killed leaves its commits in the WAL, synced or not. */
static void
open_moves_the_wal_in(void **state)
{
	char bare[600], wal[610];
	struct buf file = buf_init(1 << 20);

	(void)state;
	snprintf(bare, sizeof(bare), "%s/bare.db", dir);
	snprintf(wal, sizeof(wal), "%s-wal", path);
	insert(1, "committed", "x", ERR_OK);
	assert_int_equal(file_load(path, 1 << 20, &file), ERR_OK);
	assert_int_equal(file_create(bare, file.p, file.len, 0600), ERR_OK);
	buf_reset(&file);
	assert_int_equal(file_load(wal, 1 << 20, &file), ERR_OK);
	assert_true(file.len > 0);
	db_close(&db);
	snprintf(wal, sizeof(wal), "%s-wal", bare);
	assert_int_equal(file_create(wal, file.p, file.len, 0600), ERR_OK);
	assert_int_equal(db_open(&db, bare, &format1), ERR_OK);
	/* Without its WAL the file alone holds it. */
	buf_reset(&file);
	assert_int_equal(file_load(bare, 1 << 20, &file), ERR_OK);
	assert_non_null(memmem(file.p, file.len, "committed", 9));
	buf_free(&file);
}

static void
formats_rise_only(void **state)
{
	struct db_stmt *s;
	char aside[600];

	(void)state;
	insert(21, "a", "x", ERR_OK);
	db_close(&db);
	/* A migration that fails changes nothing. */
	assert_int_equal(db_open(&db, path, &format2_bad), ERR_FAIL);
	assert_null(db);
	assert_int_equal(db_open(&db, path, &format1), ERR_OK);
	s = db_prepare(db, "SELECT s FROM t");
	assert_int_equal(db_one(s), ERR_OK);
	assert_string_equal(db_col_text(s, 0), "x");
	assert_int_equal(db_done(s), ERR_OK);
	db_close(&db);

	assert_int_equal(db_open_read(&db, path, &format2), ERR_VERSION);
	assert_int_equal(db_open(&db, path, &format2), ERR_OK);
	s = db_prepare(db, "SELECT n FROM t");
	assert_int_equal(db_one(s), ERR_OK);
	assert_int_equal(db_col_int(s, 0), 42);
	assert_int_equal(db_done(s), ERR_OK);
	db_close(&db);
	assert_int_equal(db_open(&db, path, &format1), ERR_FORMAT_NEWER);
	/* What was there before is still there, aside. */
	snprintf(aside, sizeof(aside), "%s.format1", path);
	assert_int_equal(db_open(&db, aside, &format1), ERR_OK);
	assert_int_equal(count(), 1);
	db_close(&db);
	assert_int_equal(db_open(&db, path, &other), ERR_MAGIC);
	assert_int_equal(file_replace(path, "not a database at all, just text"
		" that is longer than a header of one hundred bytes would be"
		" so that it is read", 111, 0600), ERR_OK);
	assert_int_equal(db_open(&db, path, &format1), ERR_STORAGE);
}

static void
reading_only(void **state)
{
	struct db *reader;
	struct db_stmt *s;
	char none[600];

	(void)state;
	insert(1, "a", "x", ERR_OK);
	assert_int_equal(db_open_read(&reader, path, &format1), ERR_OK);
	s = db_prepare(reader, "SELECT count(*) FROM t");
	assert_int_equal(db_one(s), ERR_OK);
	assert_int_equal(db_col_int(s, 0), 1);
	/* The writer goes on while somebody reads. */
	insert(2, "b", "y", ERR_OK);
	assert_int_equal(db_done(s), ERR_OK);
	assert_int_equal(db_exec(reader, "DELETE FROM t"), ERR_STORAGE);
	db_close(&reader);
	assert_int_equal(count(), 2);
	snprintf(none, sizeof(none), "%s/none.db", dir);
	assert_int_equal(db_open_read(&reader, none, &format1), ERR_NOTFOUND);
	assert_false(file_exists(none));
}

static void
backup_while_in_use(void **state)
{
	char copy[600];

	(void)state;
	insert(1, "a", "x", ERR_OK);
	snprintf(copy, sizeof(copy), "%s/copy.db", dir);
	assert_int_equal(db_backup(db, copy), ERR_OK);
	insert(2, "b", "y", ERR_OK);
	assert_int_equal(db_checkpoint(db), ERR_OK);
	db_close(&db);
	assert_int_equal(db_open(&db, copy, &format1), ERR_OK);
	assert_int_equal(count(), 1);
	assert_int_equal(db_check(db), ERR_OK);
	snprintf(copy, sizeof(copy), "%s/no/copy.db", dir);
	assert_int_not_equal(db_backup(db, copy), ERR_OK);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(rows_come_back),
		T(ids_and_whole_numbers),
		T(errors_have_names),
		T(one_statement_inside_itself),
		T(rollback_and_commit),
		T(full_disk_is_storage),
		T(open_moves_the_wal_in),
		T(formats_rise_only),
		T(reading_only),
		T(backup_while_in_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
