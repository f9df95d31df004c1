/*
 * duty: a child process of our own binary for one duty.
 *
 * Starts /proc/self/exe by posix_spawn with an argument list and exactly the
 * descriptors named; never a bare fork, since keys are in memory.  The child
 * dies with its parent.  Reaps its own children only.
 */
#ifndef BASE_DUTY_H
#define BASE_DUTY_H

#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

struct duties;
struct loop;

/* Descriptor from here appears as to in the child; 0, 1 and 2 are passed on
 * by themselves unless named. */
struct duty_fd {
	int from;
	int to;
};

/* status as from waitpid(2). */
typedef void duty_ended(void *ctx, pid_t pid, int status);

/* duty_new(out, loop): takes SIGCHLD of the loop. */
enum err
duty_new(struct duties **out, struct loop *loop);
/* duty_free(&d): children still there are killed and reaped. */
void
duty_free(struct duties **d);

/*
 * duty_spawn(d, argv, fds, n, ended, ctx, pid):
 * argv[0] is for ps only; ends with NULL.  ended(ctx, ...) runs in the loop
 * once the child is gone.  The caller closes its own copies of fds.
 */
enum err
duty_spawn(struct duties *d, const char *const *argv,
    const struct duty_fd *fds, size_t n, duty_ended *ended, void *ctx,
    pid_t *pid);
/* duty_kill(d, pid, signo): only a child of d that was not reaped yet. */
void
duty_kill(struct duties *d, pid_t pid, int signo);

/*
 * duty_child_start():
 * First thing in the child: die with the parent, gain no new privileges.
 * ERR_UNREACHABLE if the parent is gone already.
 */
enum err
duty_child_start(void);

#endif
