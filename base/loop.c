#include "base/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <zmq.h>

#include "base/diag.h"
#include "base/httpd.h"

/* Sleep no longer, so that a clock that jumps is noticed. */
#define LOOP_SLEEP_MAX_MS 60000

struct watch {
	void *socket;		/* ZeroMQ, or NULL */
	int fd;
	unsigned want;
	loop_ready *fn;		/* NULL: dropped, swept after the round */
	void *ctx;
};

struct catcher {
	loop_signal_fn *fn;
	void *ctx;
};

struct loop {
	struct clock clock;
	struct timers *timers;
	struct watch *watches;
	zmq_pollitem_t *items;	/* as many as watches */
	size_t len, size;
	struct catcher signals[NSIG];
	sigset_t caught;
	int signal_fd;
	void (*turn)(void *ctx);
	void *turn_ctx;
	struct httpd *httpd[LOOP_SERVERS];	/* no gaps, then NULL */
	bool stopped;
};

enum err
loop_new(struct loop **out, const struct clock *clock)
{
	struct loop *loop;

	*out = NULL;
	loop = calloc(1, sizeof(*loop));
	if (loop == NULL)
		return ERR_NOMEM;
	loop->clock = *clock;
	loop->signal_fd = -1;
	sigemptyset(&loop->caught);
	loop->timers = timer_heap_new();
	if (loop->timers == NULL) {
		free(loop);
		return ERR_NOMEM;
	}
	signal(SIGPIPE, SIG_IGN);
	*out = loop;
	return ERR_OK;
}

void
loop_free(struct loop **lp)
{
	struct loop *loop = *lp;

	*lp = NULL;
	if (loop == NULL)
		return;
	if (loop->signal_fd >= 0) {
		close(loop->signal_fd);
		sigprocmask(SIG_UNBLOCK, &loop->caught, NULL);
	}
	timer_heap_free(loop->timers);
	free(loop->watches);
	free(loop->items);
	free(loop);
}

static struct watch *
find(struct loop *loop, void *socket, int fd)
{
	size_t i;

	for (i = 0; i < loop->len; i++)
		if (loop->watches[i].fn != NULL &&
		    loop->watches[i].socket == socket &&
		    loop->watches[i].fd == fd)
			return &loop->watches[i];
	return NULL;
}

static enum err
grow(struct loop *loop)
{
	size_t size = loop->size == 0 ? 16 : 2 * loop->size;
	zmq_pollitem_t *items;
	struct watch *watches;

	watches = realloc(loop->watches, size * sizeof(*watches));
	if (watches == NULL)
		return ERR_NOMEM;
	loop->watches = watches;
	items = realloc(loop->items, size * sizeof(*items));
	if (items == NULL)
		return ERR_NOMEM;
	loop->items = items;
	loop->size = size;
	return ERR_OK;
}

static enum err
watch(struct loop *loop, void *socket, int fd, unsigned want, loop_ready *fn,
    void *ctx)
{
	struct watch *w = find(loop, socket, fd);
	enum err err;

	if (w == NULL) {
		if (loop->len == loop->size) {
			err = grow(loop);
			if (err != ERR_OK)
				return err;
		}
		w = &loop->watches[loop->len++];
	}
	*w = (struct watch){ socket, fd, want, fn, ctx };
	return ERR_OK;
}

static void
drop(struct loop *loop, void *socket, int fd)
{
	struct watch *w = find(loop, socket, fd);

	if (w != NULL)
		w->fn = NULL;
}

enum err
loop_fd(struct loop *loop, int fd, unsigned want, loop_ready *fn, void *ctx)
{
	return watch(loop, NULL, fd, want, fn, ctx);
}

void
loop_fd_drop(struct loop *loop, int fd)
{
	drop(loop, NULL, fd);
}

enum err
loop_socket(struct loop *loop, void *socket, unsigned want, loop_ready *fn,
    void *ctx)
{
	return watch(loop, socket, 0, want, fn, ctx);
}

void
loop_socket_drop(struct loop *loop, void *socket)
{
	drop(loop, socket, 0);
}

static void
on_signal(void *ctx, unsigned ready)
{
	struct loop *loop = ctx;
	struct signalfd_siginfo info;
	struct catcher *c;

	(void)ready;
	while (read(loop->signal_fd, &info, sizeof(info)) ==
	    (ssize_t)sizeof(info)) {
		c = &loop->signals[info.ssi_signo];
		if (c->fn != NULL)
			c->fn(c->ctx, (int)info.ssi_signo);
	}
}

enum err
loop_signal(struct loop *loop, int signo, loop_signal_fn *fn, void *ctx)
{
	int fd;

	sigaddset(&loop->caught, signo);
	sigprocmask(SIG_BLOCK, &loop->caught, NULL);
	fd = signalfd(loop->signal_fd, &loop->caught,
	    SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0) {
		diag_error("loop", "signalfd: %s", strerror(errno));
		return ERR_IO;
	}
	loop->signal_fd = fd;
	loop->signals[signo] = (struct catcher){ fn, ctx };
	return loop_fd(loop, fd, LOOP_READ, on_signal, loop);
}

void
loop_turn(struct loop *loop, void (*fn)(void *ctx), void *ctx)
{
	loop->turn = fn;
	loop->turn_ctx = ctx;
}

/* Its descriptor only wakes the loop; serve does the work. */
static void
on_httpd(void *ctx, unsigned ready)
{
	(void)ctx;
	(void)ready;
}

enum err
loop_serve(struct loop *loop, struct httpd *d)
{
	size_t i;

	if (d == NULL) {
		for (i = 0; i < LOOP_SERVERS && loop->httpd[i] != NULL; i++) {
			loop_fd_drop(loop, httpd_fd(loop->httpd[i]));
			loop->httpd[i] = NULL;
		}
		return ERR_OK;
	}
	for (i = 0; i < LOOP_SERVERS; i++)
		if (loop->httpd[i] == NULL) {
			loop->httpd[i] = d;
			return loop_fd(loop, httpd_fd(d), LOOP_READ, on_httpd,
			    loop);
		}
	return ERR_COUNT;
}

/* When a server has work of its own: ms from now, or -1. */
static int64_t
serve_ms(const struct loop *loop)
{
	int64_t one, ms = -1;
	size_t i;

	for (i = 0; i < LOOP_SERVERS && loop->httpd[i] != NULL; i++) {
		one = httpd_timeout(loop->httpd[i]);
		if (one >= 0 && (ms < 0 || one < ms))
			ms = one;
	}
	return ms;
}

enum err
loop_arm(struct loop *loop, struct timer *t, int64_t in_ms)
{
	return timer_arm(loop->timers, t, loop_now(loop) + in_ms);
}

void
loop_disarm(struct loop *loop, struct timer *t)
{
	timer_disarm(loop->timers, t);
}

int64_t
loop_now(const struct loop *loop)
{
	return clock_mono(&loop->clock);
}

int64_t
loop_wall(const struct loop *loop)
{
	return clock_wall(&loop->clock);
}

static int64_t
sleep_ms(struct loop *loop, int64_t max_ms)
{
	int64_t ms = max_ms < LOOP_SLEEP_MAX_MS ? max_ms : LOOP_SLEEP_MAX_MS;
	int64_t next = timer_next(loop->timers), http;

	if (next != TIMER_NEVER && next - loop_now(loop) < ms)
		ms = next - loop_now(loop);
	http = serve_ms(loop);
	if (http >= 0 && http < ms)
		ms = http;
	return ms > 0 ? ms : 0;
}

/* Ask zmq_poll about every watch; dropped ones are swept out first. */
static int
poll_all(struct loop *loop, int64_t ms)
{
	size_t i, n = 0;
	struct watch *w;

	for (i = 0; i < loop->len; i++)
		if (loop->watches[i].fn != NULL)
			loop->watches[n++] = loop->watches[i];
	loop->len = n;
	for (i = 0; i < n; i++) {
		w = &loop->watches[i];
		loop->items[i] = (zmq_pollitem_t){ .socket = w->socket,
			.fd = w->fd };
		if ((w->want & LOOP_READ) != 0)
			loop->items[i].events |= ZMQ_POLLIN;
		if ((w->want & LOOP_WRITE) != 0)
			loop->items[i].events |= ZMQ_POLLOUT;
	}
	return zmq_poll(loop->items, (int)n, (long)ms);
}

/* Handlers may add watches (behind n) and drop any (fn NULL). */
static void
dispatch(struct loop *loop, size_t n)
{
	unsigned ready;
	struct watch w;
	short ev;
	size_t i;

	for (i = 0; i < n; i++) {
		ev = loop->items[i].revents;
		w = loop->watches[i];
		if (ev == 0 || w.fn == NULL)
			continue;
		ready = 0;
		if ((ev & (ZMQ_POLLIN | ZMQ_POLLERR)) != 0)
			ready |= LOOP_READ;
		if ((ev & (ZMQ_POLLOUT | ZMQ_POLLERR)) != 0)
			ready |= LOOP_WRITE;
		w.fn(w.ctx, ready);
	}
}

enum err
loop_once(struct loop *loop, int64_t max_ms)
{
	bool http_due, ran;
	int64_t ms = sleep_ms(loop, max_ms);
	size_t i;
	int n;

	http_due = serve_ms(loop) >= 0;
	n = poll_all(loop, ms);
	if (n < 0) {
		if (zmq_errno() == EINTR)
			return ERR_OK;
		diag_error("loop", "poll: %s", zmq_strerror(zmq_errno()));
		return ERR_IO;
	}
	ran = n > 0;
	if (n > 0)
		dispatch(loop, loop->len);
	if (timer_run(loop->timers, loop_now(loop)) > 0)
		ran = true;
	/* After everybody else: a handler may have answered what is parked. */
	for (i = 0; i < LOOP_SERVERS && loop->httpd[i] != NULL; i++)
		if (ran || http_due) {
			httpd_run(loop->httpd[i]);
			ran = true;
		}
	if (ran && loop->turn != NULL)
		loop->turn(loop->turn_ctx);
	return ERR_OK;
}

enum err
loop_run(struct loop *loop)
{
	enum err err = ERR_OK;

	loop->stopped = false;
	while (!loop->stopped && err == ERR_OK)
		err = loop_once(loop, LOOP_SLEEP_MAX_MS);
	return err;
}

void
loop_stop(struct loop *loop)
{
	loop->stopped = true;
}
