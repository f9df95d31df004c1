#include "base/duty.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/loop.h"

#define DUTY_FDS_MAX 16
/* Where named descriptors wait between dup and dup2, out of their way. */
#define DUTY_FD_HIGH 64
#define DUTY_PARENT_ENV "CASEWIRE_PARENT"

extern char **environ;

struct child {
	struct child *next;
	pid_t pid;
	duty_ended *ended;
	void *ctx;
};

struct duties {
	struct loop *loop;
	struct child *children;
};

/* Ask about our own children one by one: others may belong to a library. */
static void
reap(void *ctx, int signo)
{
	struct duties *d = ctx;
	struct child **at, *c;
	int status;

	(void)signo;
	for (at = &d->children; *at != NULL;) {
		c = *at;
		if (waitpid(c->pid, &status, WNOHANG) != c->pid) {
			at = &c->next;
			continue;
		}
		*at = c->next;
		c->ended(c->ctx, c->pid, status);
		free(c);
		/* ended may have spawned: the list changed at its head. */
		at = &d->children;
	}
}

enum err
duty_new(struct duties **out, struct loop *loop)
{
	struct duties *d;
	enum err err;

	*out = NULL;
	d = calloc(1, sizeof(*d));
	if (d == NULL)
		return ERR_NOMEM;
	d->loop = loop;
	err = loop_signal(loop, SIGCHLD, reap, d);
	if (err != ERR_OK) {
		free(d);
		return err;
	}
	*out = d;
	return ERR_OK;
}

static void
no_signal(void *ctx, int signo)
{
	(void)ctx;
	(void)signo;
}

void
duty_free(struct duties **dp)
{
	struct duties *d = *dp;
	struct child *c;

	*dp = NULL;
	if (d == NULL)
		return;
	while ((c = d->children) != NULL) {
		d->children = c->next;
		kill(c->pid, SIGKILL);
		while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
			continue;
		free(c);
	}
	loop_signal(d->loop, SIGCHLD, no_signal, NULL);
	free(d);
}

static bool
named(const struct duty_fd *fds, size_t n, int to)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (fds[i].to == to)
			return true;
	return false;
}

/* In the child: exactly 0, 1, 2 and the named ones stay open. */
static int
plan_fds(posix_spawn_file_actions_t *plan, const struct duty_fd *fds,
    size_t n, const int *high)
{
	int last = 2, fd, rc = 0;
	size_t i;

	for (i = 0; rc == 0 && i < n; i++) {
		rc = posix_spawn_file_actions_adddup2(plan, high[i],
		    fds[i].to);
		if (fds[i].to > last)
			last = fds[i].to;
	}
	for (fd = 3; rc == 0 && fd < last; fd++)
		if (!named(fds, n, fd))
			rc = posix_spawn_file_actions_addclose(plan, fd);
	if (rc == 0)
		rc = posix_spawn_file_actions_addclosefrom_np(plan, last + 1);
	return rc;
}

static int
plan_signals(posix_spawnattr_t *attr)
{
	sigset_t all, none;
	int rc;

	sigfillset(&all);
	sigemptyset(&none);
	rc = posix_spawnattr_setsigdefault(attr, &all);
	if (rc == 0)
		rc = posix_spawnattr_setsigmask(attr, &none);
	if (rc == 0)
		rc = posix_spawnattr_setflags(attr,
		    POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	return rc;
}

/* Our environment and who the parent is; entry is the memory for that. */
static char **
environment(char entry[48])
{
	size_t n = 0, out = 0, i;
	char **env;

	while (environ != NULL && environ[n] != NULL)
		n++;
	env = calloc(n + 2, sizeof(char *));
	if (env == NULL)
		return NULL;
	snprintf(entry, 48, DUTY_PARENT_ENV "=%ld", (long)getpid());
	for (i = 0; i < n; i++)
		if (strncmp(environ[i], DUTY_PARENT_ENV "=",
			sizeof(DUTY_PARENT_ENV)) != 0)
			env[out++] = environ[i];
	env[out] = entry;
	return env;
}

static int
spawn(pid_t *pid, const char *const *argv, const struct duty_fd *fds,
    size_t n, const int *high)
{
	posix_spawn_file_actions_t plan;
	posix_spawnattr_t attr;
	char entry[48], **env;
	int rc;

	env = environment(entry);
	if (env == NULL)
		return ENOMEM;
	posix_spawn_file_actions_init(&plan);
	posix_spawnattr_init(&attr);
	rc = plan_fds(&plan, fds, n, high);
	if (rc == 0)
		rc = plan_signals(&attr);
	if (rc == 0)
		rc = posix_spawn(pid, "/proc/self/exe", &plan, &attr,
		    (char *const *)(uintptr_t)argv, env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&plan);
	free(env);
	return rc;
}

enum err
duty_spawn(struct duties *d, const char *const *argv,
    const struct duty_fd *fds, size_t n, duty_ended *ended, void *ctx,
    pid_t *pid)
{
	int high[DUTY_FDS_MAX] = { 0 }, rc = 0;
	struct child *c;
	size_t i, have = 0;

	assert(n <= DUTY_FDS_MAX);
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return ERR_NOMEM;
	for (; rc == 0 && have < n; have++) {
		high[have] = fcntl(fds[have].from, F_DUPFD_CLOEXEC,
		    DUTY_FD_HIGH);
		if (high[have] < 0) {
			rc = errno;
			break;
		}
	}
	if (rc == 0)
		rc = spawn(&c->pid, argv, fds, n, high);
	for (i = 0; i < have; i++)
		close(high[i]);
	if (rc != 0) {
		diag_error("duty", "cannot start: %s duty=%s", strerror(rc),
		    argv[0]);
		free(c);
		return ERR_FAIL;
	}
	c->ended = ended;
	c->ctx = ctx;
	c->next = d->children;
	d->children = c;
	*pid = c->pid;
	return ERR_OK;
}

void
duty_kill(struct duties *d, pid_t pid, int signo)
{
	struct child *c;

	for (c = d->children; c != NULL; c = c->next)
		if (c->pid == pid)
			kill(pid, signo);
}

enum err
duty_child_start(void)
{
	const char *parent = getenv(DUTY_PARENT_ENV);

	if (parent == NULL)
		return ERR_USAGE;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return ERR_FAIL;
	/* It may have died before the kernel knew our wish. */
	return atol(parent) == (long)getppid() ? ERR_OK : ERR_UNREACHABLE;
}
