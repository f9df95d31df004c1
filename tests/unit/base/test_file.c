#include "unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/file.h"
#include "base/secret.h"

static char *dir;

static int
set_up(void **state)
{
	(void)state;
	dir = unit_folder();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	unit_folder_remove(dir);
	return 0;
}

static char *
in(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void
holds(const char *path, const char *text)
{
	struct buf buf = buf_init(100000);

	assert_int_equal(file_load(path, 100000, &buf), ERR_OK);
	assert_string_equal(buf_text(&buf), text);
	buf_free(&buf);
}

static size_t
entries(void)
{
	DIR *d = opendir(dir);
	size_t n = 0;

	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n - 2;
}

static void
replace_is_whole(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(file_replace(in("f"), "one", 3, 0600), ERR_OK);
	holds(in("f"), "one");
	assert_int_equal(file_replace(in("f"), "second", 6, 0640), ERR_OK);
	holds(in("f"), "second");
	assert_int_equal(stat(in("f"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	/* No temporary file is left behind. */
	assert_int_equal(entries(), 1);
	assert_int_equal(file_replace(in("no/such"), "x", 1, 0600),
	    ERR_NOTFOUND);
}

/* Killed at any moment, a reader sees the old or the new, never a part. */
static void
replace_survives_kill(void **state)
{
	static char a[50001], b[50001];
	struct buf buf = buf_init(100000);
	pid_t pid;
	int i;

	(void)state;
	memset(a, 'a', 50000);
	memset(b, 'b', 50000);
	assert_int_equal(file_replace(in("k"), a, 50000, 0600), ERR_OK);
	for (i = 0; i < 10; i++) {
		pid = fork();
		if (pid == 0)
			for (;;) {
				file_replace(in("k"), b, 50000, 0600);
				file_replace(in("k"), a, 50000, 0600);
			}
		usleep((useconds_t)(2000 + i * 1300));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		buf_reset(&buf);
		assert_int_equal(file_load(in("k"), 100000, &buf), ERR_OK);
		assert_int_equal(buf.len, 50000);
		assert_true(strcmp(buf_text(&buf), a) == 0 ||
		    strcmp(buf_text(&buf), b) == 0);
	}
	buf_free(&buf);
}

/* A write that fails half-way: the old content stays, nothing is left. */
static void
a_failed_write_keeps_the_old(void **state)
{
	static char big[100000];
	struct rlimit lim = { 1000, 1000 };
	pid_t pid;
	int status;

	(void)state;
	assert_int_equal(file_replace(in("w"), "old", 3, 0600), ERR_OK);
	pid = fork();
	if (pid == 0) {
		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &lim);
		_exit((int)file_replace(in("w"), big, sizeof(big), 0600));
	}
	waitpid(pid, &status, 0);
	assert_int_equal(WEXITSTATUS(status), ERR_IO);
	holds(in("w"), "old");
	assert_int_equal(entries(), 1);
}

static void
create_never_replaces(void **state)
{
	(void)state;
	assert_int_equal(file_create(in("c"), "one", 3, 0600), ERR_OK);
	assert_int_equal(file_create(in("c"), "two", 3, 0600), ERR_EXISTS);
	holds(in("c"), "one");
	assert_int_equal(entries(), 1);
	assert_true(file_exists(in("c")));
	assert_int_equal(file_remove(in("c")), ERR_OK);
	assert_int_equal(file_remove(in("c")), ERR_NOTFOUND);
	assert_false(file_exists(in("c")));
}

static void
written_in_parts(void **state)
{
	struct file_out *out;

	(void)state;
	assert_int_equal(file_out_begin(&out, in("p"), 0600), ERR_OK);
	assert_int_equal(file_out_write(out, "on", 2), ERR_OK);
	assert_false(file_exists(in("p")));
	assert_int_equal(file_out_write(out, "e", 1), ERR_OK);
	assert_int_equal(file_out_create(out), ERR_OK);
	file_out_free(&out);
	assert_null(out);
	holds(in("p"), "one");
	/* Left, or where there is one already: nothing of it stays. */
	assert_int_equal(file_out_begin(&out, in("p"), 0600), ERR_OK);
	assert_int_equal(file_out_write(out, "two", 3), ERR_OK);
	assert_int_equal(file_out_create(out), ERR_EXISTS);
	file_out_free(&out);
	assert_int_equal(file_out_begin(&out, in("q"), 0600), ERR_OK);
	file_out_free(&out);
	file_out_free(&out);
	assert_false(file_exists(in("q")));
	holds(in("p"), "one");
	assert_int_equal(entries(), 1);
	assert_int_equal(file_remove(in("p")), ERR_OK);
}

static void
overwrite_in_place(void **state)
{
	struct stat before, after;

	(void)state;
	file_replace(in("o"), "abcdef", 6, 0600);
	stat(in("o"), &before);
	assert_int_equal(file_overwrite(in("o"), 2, "XY", 2), ERR_OK);
	stat(in("o"), &after);
	assert_true(before.st_ino == after.st_ino);
	holds(in("o"), "abXYef");
	assert_int_equal(file_overwrite(in("none"), 0, "x", 1), ERR_NOTFOUND);
}

static void
loading_has_a_limit(void **state)
{
	struct buf buf = buf_init(1000000);
	struct secret *s = NULL;

	(void)state;
	file_replace(in("l"), "12345", 5, 0600);
	assert_int_equal(file_load(in("l"), 4, &buf), ERR_TOO_BIG);
	buf_reset(&buf);
	assert_int_equal(file_load(in("l"), 5, &buf), ERR_OK);
	assert_int_equal(file_load(in("x"), 5, &buf), ERR_NOTFOUND);
	assert_int_equal(file_load(dir, 5, &buf), ERR_IO);
	/* A file without an end. */
	buf_reset(&buf);
	assert_int_equal(file_load("/dev/zero", 70000, &buf), ERR_TOO_BIG);
	assert_int_equal(file_load_secret("/dev/zero", 70, &s), ERR_TOO_BIG);
	assert_null(s);
	buf_free(&buf);
}

static void
secrets_from_files(void **state)
{
	struct secret *s;
	int fd;

	(void)state;
	file_replace(in("p"), "open sesame\n", 12, 0600);
	assert_int_equal(file_load_secret(in("p"), 12, &s), ERR_OK);
	assert_int_equal(secret_len(s), 12);
	secret_free(&s);
	assert_int_equal(file_load_secret(in("p"), 11, &s), ERR_TOO_BIG);
	assert_int_equal(file_load_line(in("p"), 100, &s), ERR_OK);
	assert_int_equal(secret_len(s), 11);
	assert_memory_equal(secret_read(s), "open sesame", 11);
	secret_free(&s);
	fd = open(in("p"), O_RDONLY);
	assert_int_equal(file_read_fd_secret(fd, 100, &s), ERR_OK);
	assert_int_equal(secret_len(s), 12);
	secret_free(&s);
	close(fd);
	file_replace(in("e"), "", 0, 0600);
	assert_int_equal(file_load_secret(in("e"), 10, &s), ERR_TRUNCATED);
	file_replace(in("e"), "\n", 1, 0600);
	assert_int_equal(file_load_line(in("e"), 10, &s), ERR_TRUNCATED);
	assert_null(s);
}

static void
folders_and_locks(void **state)
{
	struct stat st;
	char *path;
	int fd, fd2, status;
	pid_t pid;

	(void)state;
	assert_int_equal(file_mkdirs(in("a/b//c"), 0700), ERR_OK);
	assert_int_equal(file_mkdirs(in("a/b/c/"), 0700), ERR_OK);
	assert_int_equal(stat(in("a/b/c"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	file_replace(in("f"), "x", 1, 0600);
	assert_int_not_equal(file_mkdirs(in("f/g"), 0700), ERR_OK);
	assert_int_equal(file_lock(dir, &fd), ERR_OK);
	pid = fork();
	if (pid == 0)
		_exit((int)file_lock(dir, &fd2));
	waitpid(pid, &status, 0);
	assert_int_equal(WEXITSTATUS(status), ERR_LOCKED);
	close(fd);
	assert_int_equal(file_lock(dir, &fd), ERR_OK);
	close(fd);
	path = file_join("/a", "b");
	assert_string_equal(path, "/a/b");
	free(path);
	path = file_join("/a", "/b");
	assert_string_equal(path, "/b");
	free(path);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(replace_is_whole),
		T(replace_survives_kill),
		T(a_failed_write_keeps_the_old),
		T(create_never_replaces),
		T(written_in_parts),
		T(overwrite_in_place),
		T(loading_has_a_limit),
		T(secrets_from_files),
		T(folders_and_locks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
