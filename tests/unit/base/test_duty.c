/*
 * The test binary is its own child: with an argument it plays the duty.
 */
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/duty.h"
#include "base/loop.h"
#include "base/pipe.h"

static struct loop *loop;
static struct duties *duties;
static int ended_count, ended_status;
static pid_t ended_pid;

static void
on_ended(void *ctx, pid_t pid, int status)
{
	(void)ctx;
	ended_count++;
	ended_pid = pid;
	ended_status = status;
	loop_stop(loop);
}

static int
set_up(void **state)
{
	struct clock clock = clock_real();

	(void)state;
	ended_count = 0;
	assert_int_equal(loop_new(&loop, &clock), ERR_OK);
	return duty_new(&duties, loop) != ERR_OK;
}

static int
tear_down(void **state)
{
	(void)state;
	duty_free(&duties);
	loop_free(&loop);
	return 0;
}

static pid_t
spawn(const char *duty, const struct duty_fd *fds, size_t n)
{
	const char *argv[] = { "test", duty, NULL };
	pid_t pid;

	assert_int_equal(duty_spawn(duties, argv, fds, n, on_ended, NULL,
		&pid), ERR_OK);
	return pid;
}

static void
a_child_ends_and_is_reaped(void **state)
{
	pid_t pid = spawn("seven", NULL, 0);

	(void)state;
	assert_int_equal(loop_run(loop), ERR_OK);
	assert_int_equal(ended_count, 1);
	assert_int_equal(ended_pid, pid);
	assert_int_equal(WEXITSTATUS(ended_status), 7);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), -1);
}

/* Only the named descriptors, at the numbers asked for, even when those are
 * each other's. */
static void
exactly_the_named_descriptors(void **state)
{
	int p[2], q[2], stray;
	char got[64] = "";
	ssize_t n;

	(void)state;
	assert_int_equal(pipe(p), 0);
	assert_int_equal(pipe(q), 0);
	stray = open("/dev/null", O_RDONLY);	/* no CLOEXEC on purpose */
	assert_true(stray >= 0);
	spawn("fds", (struct duty_fd[]){ { p[1], q[1] }, { q[1], p[1] } }, 2);
	assert_int_equal(loop_run(loop), ERR_OK);
	assert_int_equal(WEXITSTATUS(ended_status), 0);
	/* The child wrote its name to "p[1]", which is our q. */
	n = read(q[0], got, sizeof(got) - 1);
	assert_true(n > 0);
	assert_int_equal(atoi(got), 2);
	close(stray);
	close(p[0]);
	close(p[1]);
	close(q[0]);
	close(q[1]);
}

static void
killing(void **state)
{
	pid_t pid = spawn("sleep", NULL, 0);

	(void)state;
	duty_kill(duties, pid + 1, SIGKILL);
	duty_kill(duties, pid, SIGTERM);
	assert_int_equal(loop_run(loop), ERR_OK);
	assert_true(WIFSIGNALED(ended_status));
	assert_int_equal(WTERMSIG(ended_status), SIGTERM);
	/* duty_free takes those that are left with it. */
	pid = spawn("sleep", NULL, 0);
	duty_free(&duties);
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(errno, ESRCH);
	assert_int_equal(duty_new(&duties, loop), ERR_OK);
}

/* A parent killed outright takes its duty along. */
static void
the_child_dies_with_its_parent(void **state)
{
	int fds[2], status;
	pid_t middle;
	char c;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	middle = fork();
	if (middle == 0) {
		const char *argv[] = { "test", "hold", NULL };
		const struct duty_fd give = { fds[1], 3 };
		pid_t pid;

		close(fds[0]);
		duty_spawn(duties, argv, &give, 1, on_ended, NULL, &pid);
		for (;;)
			pause();
	}
	close(fds[1]);
	/* The duty says that it has started; then its parent is killed. */
	assert_int_equal(read(fds[0], &c, 1), 1);
	kill(middle, SIGKILL);
	assert_int_equal(waitpid(middle, &status, 0), middle);
	alarm(10);
	assert_int_equal(read(fds[0], &c, 1), 0);
	alarm(0);
	close(fds[0]);
}

static int
count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	struct dirent *e;
	int n = 0;

	while ((e = readdir(d)) != NULL)
		if (atoi(e->d_name) > 2 && atoi(e->d_name) != dirfd(d))
			n++;
	closedir(d);
	return n;
}

static int
play(const char *duty)
{
	int fd, n;

	if (duty_child_start() != ERR_OK)
		return 99;
	if (strcmp(duty, "seven") == 0)
		return 7;
	if (strcmp(duty, "sleep") == 0)
		for (;;)
			pause();
	if (strcmp(duty, "hold") == 0) {
		if (write(3, "x", 1) != 1)
			return 1;
		for (;;)
			pause();
	}
	/* fds: say how many there are to the lower of the two. */
	n = count_fds();
	for (fd = 3; fcntl(fd, F_GETFD) < 0; fd++)
		if (fd > 1000)
			return 2;
	return dprintf(fd, "%d", n) > 0 ? 0 : 3;
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		T(a_child_ends_and_is_reaped),
		T(exactly_the_named_descriptors),
		T(killing),
		T(the_child_dies_with_its_parent),
	};

	if (argc > 1)
		return play(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
