#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/duty.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/pipe.h"
#include "base/secret.h"
#include "base/timer.h"
#include "endpoint/agent.h"
#include "endpoint/link.h"
#include "endpoint/tether.h"

#define TETHER_AGAIN_MS 500	/* between a child's end and the next */

struct tether {
	struct loop *loop;
	struct agent *agent;
	const char *home;
	const struct secret *passphrase;
	struct duties *duties;
	struct pipe *pipe;
	struct timer again;
	bool paused;
};

static void
tether_frame(void *ctx, struct view frame)
{
	struct tether *t = ctx;

	if (agent_link_in(t->agent, frame) == ERR_BUSY) {
		pipe_pause(t->pipe, true);
		t->paused = true;
	}
}

static void
tether_closed(void *ctx, enum err err)
{
	struct tether *t = ctx;

	(void)err;
	pipe_free(&t->pipe);
}

static void
tether_room(void *ctx)
{
	tether_pump(ctx);
}

/* A pipe the child reads the passphrase from, to its end. */
static enum err
tether_passphrase(const struct secret *passphrase, int *fd)
{
	size_t len = secret_len(passphrase);
	int fds[2];
	enum err err = ERR_OK;

	if (pipe2(fds, O_CLOEXEC) != 0)
		return ERR_IO;
	/* At most PASSPHRASE_MAX bytes: a pipe takes them at once. */
	if (write(fds[1], secret_read(passphrase), len) != (ssize_t)len)
		err = ERR_IO;
	(void)close(fds[1]);
	if (err != ERR_OK)
		(void)close(fds[0]);
	else
		*fd = fds[0];
	return err;
}

static void
tether_ended(void *ctx, pid_t pid, int status)
{
	struct tether *t = ctx;

	diag_warn("tether", "the link process ended pid=%d status=%d",
	    (int)pid, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	pipe_free(&t->pipe);
	agent_link_reset(t->agent);
	(void)loop_arm(t->loop, &t->again, TETHER_AGAIN_MS);
}

static enum err
tether_spawn(struct tether *t, int pipe_fd, int key_fd, int pass_fd)
{
	static const char *const argv[] = { "casewired", "link", NULL };
	const struct duty_fd fds[] = {
		{ pipe_fd, LINK_FD_PIPE },
		{ key_fd, LINK_FD_KEY },
		{ pass_fd, LINK_FD_PASSPHRASE },
	};
	pid_t pid;

	return duty_spawn(t->duties, argv, fds, 3, tether_ended, t, &pid);
}

static enum err
tether_start(struct tether *t)
{
	struct pipe_events events = {
		.frame = tether_frame, .closed = tether_closed,
		.room = tether_room, .ctx = t,
	};
	char *path = file_join(t->home, "keys/transport.key");
	int fds[2] = { -1, -1 }, key = -1, pass = -1;
	enum err err = path == NULL ? ERR_NOMEM : pipe_pair(fds);

	if (err == ERR_OK) {
		key = open(path, O_RDONLY | O_CLOEXEC);
		if (key < 0) {
			diag_error("tether", "cannot read %s: %s", path,
			    strerror(errno));
			err = ERR_IO;
		}
	}
	if (err == ERR_OK)
		err = tether_passphrase(t->passphrase, &pass);
	if (err == ERR_OK)
		err = tether_spawn(t, fds[1], key, pass);
	if (err == ERR_OK)
		err = pipe_new(&t->pipe, t->loop, &fds[0], &events);
	if (fds[0] >= 0)
		(void)close(fds[0]);
	if (fds[1] >= 0)
		(void)close(fds[1]);
	if (key >= 0)
		(void)close(key);
	if (pass >= 0)
		(void)close(pass);
	free(path);
	return err;
}

static void
tether_again(void *ctx)
{
	struct tether *t = ctx;

	if (tether_start(t) != ERR_OK)
		(void)loop_arm(t->loop, &t->again, 2 * TETHER_AGAIN_MS);
}

enum err
tether_new(struct tether **out, struct loop *loop, struct agent *agent,
    const char *home, const struct secret *passphrase)
{
	struct tether *t;
	enum err err;

	*out = NULL;
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return ERR_NOMEM;
	t->loop = loop;
	t->agent = agent;
	t->home = home;
	t->passphrase = passphrase;
	timer_init(&t->again, tether_again, t);
	err = duty_new(&t->duties, loop);
	if (err == ERR_OK)
		err = tether_start(t);
	if (err != ERR_OK) {
		tether_free(&t);
		return err;
	}
	*out = t;
	return ERR_OK;
}

void
tether_free(struct tether **tether)
{
	struct tether *t = *tether;

	if (t == NULL)
		return;
	loop_disarm(t->loop, &t->again);
	pipe_free(&t->pipe);
	duty_free(&t->duties);
	free(t);
	*tether = NULL;
}

void
tether_pump(struct tether *t)
{
	struct view frame;

	if (t->pipe == NULL)
		return;
	if (t->paused) {
		t->paused = false;
		pipe_pause(t->pipe, false);
	}
	while (t->pipe != NULL && agent_link_out(t->agent, &frame)) {
		if (pipe_send(t->pipe, frame) == ERR_BUSY)
			break;
		agent_link_pop(t->agent);
	}
}
