#include "base/pipe.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/loop.h"

#define HEAD_BYTES 4
/* One read; also how much is read before others get their turn. */
#define PIPE_READ_BYTES ((size_t)256 << 10)

struct pipe {
	struct loop *loop;
	int fd;
	struct pipe_events ev;
	struct buf in;		/* not yet a whole frame */
	struct buf out;		/* from out_at on: not yet written */
	size_t out_at;
	struct timer again;	/* frames read before a pause ended */
	bool paused;
	bool full;		/* pipe_send said ERR_BUSY */
	bool broken;		/* the other end takes nothing any more */
	bool closed;		/* said so; nothing is watched */
	bool inside;		/* a handler is running */
	bool freed;		/* pipe_free came from inside a handler */
};

enum err
pipe_pair(int fds[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
		return ERR_IO;
	return ERR_OK;
}

enum err
pipe_cut(struct view in, struct view *frame, size_t *used)
{
	struct rd rd = rd_init(in.p, in.len);
	uint32_t len;

	*used = 0;
	if (in.len < HEAD_BYTES)
		return ERR_OK;
	len = rd_u32(&rd);
	if (len > PIPE_FRAME_MAX)
		return ERR_TOO_BIG;
	if (len > rd.left)
		return ERR_OK;
	*frame = rd_view(&rd, len);
	*used = HEAD_BYTES + (size_t)len;
	return ERR_OK;
}

static void on_ready(void *ctx, unsigned ready);

static enum err
rewatch(struct pipe *p)
{
	unsigned want = 0;

	if (p->closed)
		return ERR_OK;
	if (!p->paused)
		want |= LOOP_READ;
	if (pipe_queued(p) > 0)
		want |= LOOP_WRITE;
	return loop_fd(p->loop, p->fd, want, on_ready, p);
}

static void
destroy(struct pipe *p)
{
	loop_disarm(p->loop, &p->again);
	if (!p->closed)
		loop_fd_drop(p->loop, p->fd);
	close(p->fd);
	buf_free(&p->in);
	buf_free(&p->out);
	free(p);
}

static void
say_closed(struct pipe *p, enum err err)
{
	if (p->closed)
		return;
	p->broken = true;
	p->closed = true;
	loop_fd_drop(p->loop, p->fd);
	p->ev.closed(p->ev.ctx, err);
}

/* Hand over whole frames until paused or freed; keep the rest. */
static void
deliver(struct pipe *p)
{
	struct view frame = { NULL, 0 };
	size_t at = 0, used;
	enum err err;

	while (!p->paused && !p->freed && !p->closed) {
		err = pipe_cut((struct view){ p->in.p + at, p->in.len - at },
		    &frame, &used);
		if (err != ERR_OK) {
			say_closed(p, err);
			return;
		}
		if (used == 0)
			break;
		at += used;
		p->ev.frame(p->ev.ctx, frame);
	}
	if (at > 0) {
		memmove(p->in.p, p->in.p + at, p->in.len - at);
		p->in.len -= at;
	}
}

static void
read_some(struct pipe *p)
{
	uint8_t *room;
	size_t before = p->in.len;
	ssize_t n;
	int e;

	room = buf_room(&p->in, PIPE_READ_BYTES);
	if (room == NULL) {
		say_closed(p, p->in.err);
		return;
	}
	n = recv(p->fd, room, PIPE_READ_BYTES, MSG_DONTWAIT);
	e = errno;
	p->in.len = before + (n > 0 ? (size_t)n : 0);
	if (n > 0)
		deliver(p);
	else if (n == 0 || (e != EAGAIN && e != EWOULDBLOCK && e != EINTR))
		say_closed(p, ERR_UNREACHABLE);
}

static void
write_some(struct pipe *p)
{
	ssize_t n;

	while (pipe_queued(p) > 0 && !p->broken) {
		n = send(p->fd, p->out.p + p->out_at, pipe_queued(p),
		    MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0) {
			p->out_at += (size_t)n;
			continue;
		}
		if (errno == EINTR)
			continue;
		/* What was sent to us before the end is still read; the
		 * reading side reports the end. */
		if (errno != EAGAIN && errno != EWOULDBLOCK)
			p->broken = true;
		break;
	}
	if (p->broken || p->out_at == p->out.len) {
		buf_reset(&p->out);
		p->out_at = 0;
	}
}

static void
make_room(struct pipe *p)
{
	if (!p->full || p->broken || pipe_queued(p) > PIPE_QUEUE_MAX / 2)
		return;
	p->full = false;
	if (p->ev.room != NULL)
		p->ev.room(p->ev.ctx);
}

static void
leave(struct pipe *p)
{
	p->inside = false;
	if (p->freed)
		destroy(p);
	else
		rewatch(p);
}

static void
on_ready(void *ctx, unsigned ready)
{
	struct pipe *p = ctx;

	p->inside = true;
	if ((ready & LOOP_WRITE) != 0) {
		write_some(p);
		make_room(p);
	}
	/* Ready although paused: the other end is gone. */
	if (p->paused && !p->freed && (ready & LOOP_READ) != 0)
		say_closed(p, ERR_UNREACHABLE);
	else if (!p->freed && !p->closed && (ready & LOOP_READ) != 0)
		read_some(p);
	leave(p);
}

static void
on_again(void *ctx)
{
	struct pipe *p = ctx;

	p->inside = true;
	deliver(p);
	leave(p);
}

enum err
pipe_new(struct pipe **out, struct loop *loop, int *fd,
    const struct pipe_events *events)
{
	struct pipe *p;
	enum err err;

	*out = NULL;
	p = calloc(1, sizeof(*p));
	if (p == NULL) {
		close(*fd);
		*fd = -1;
		return ERR_NOMEM;
	}
	p->loop = loop;
	p->fd = *fd;
	*fd = -1;
	p->ev = *events;
	p->in = buf_init(HEAD_BYTES + PIPE_FRAME_MAX + PIPE_READ_BYTES);
	p->out = buf_init(2 * PIPE_QUEUE_MAX + HEAD_BYTES + PIPE_FRAME_MAX);
	timer_init(&p->again, on_again, p);
	err = rewatch(p);
	if (err != ERR_OK) {
		p->closed = true;
		destroy(p);
		return err;
	}
	*out = p;
	return ERR_OK;
}

void
pipe_free(struct pipe **pp)
{
	struct pipe *p = *pp;

	*pp = NULL;
	if (p == NULL)
		return;
	if (p->inside)
		p->freed = true;
	else
		destroy(p);
}

/* Forget what is written once it is the larger part of the buffer. */
static void
compact(struct pipe *p)
{
	if (p->out_at < PIPE_QUEUE_MAX)
		return;
	memmove(p->out.p, p->out.p + p->out_at, pipe_queued(p));
	p->out.len -= p->out_at;
	p->out_at = 0;
}

enum err
pipe_send(struct pipe *p, struct view frame)
{
	if (frame.len > PIPE_FRAME_MAX)
		return ERR_TOO_BIG;
	if (p->broken)
		return ERR_UNREACHABLE;
	if (pipe_queued(p) > PIPE_QUEUE_MAX) {
		p->full = true;
		return ERR_BUSY;
	}
	compact(p);
	buf_u32(&p->out, (uint32_t)frame.len);
	buf_put(&p->out, frame.p, frame.len);
	if (p->out.err != ERR_OK) {
		/* Half a frame may be queued: the stream is lost. */
		p->broken = true;
		shutdown(p->fd, SHUT_WR);
		return p->out.err;
	}
	write_some(p);
	return p->inside ? ERR_OK : rewatch(p);
}

void
pipe_pause(struct pipe *p, bool paused)
{
	if (p->paused == paused)
		return;
	p->paused = paused;
	if (!paused && p->in.len > 0)
		loop_arm(p->loop, &p->again, 0);
	if (!p->inside)
		rewatch(p);
}

size_t
pipe_queued(const struct pipe *p)
{
	return p->out.len - p->out_at;
}
