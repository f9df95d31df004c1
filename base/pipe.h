/*
 * pipe: framed messages between a process and its child.
 *
 * Frame = u32 length, then that many bytes, over a non-blocking socketpair;
 * both ends are our own program, yet lengths are limited all the same.
 * Owns its descriptor.  Runs in the caller's loop.
 */
#ifndef BASE_PIPE_H
#define BASE_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

/* One frame; four of the largest relay messages. */
#define PIPE_FRAME_MAX ((size_t)4 << 20)
/* Bytes waiting to be written before pipe_send says ERR_BUSY. */
#define PIPE_QUEUE_MAX ((size_t)16 << 20)

struct loop;
struct pipe;

struct pipe_events {
	/* One frame; the view ends with the call. */
	void (*frame)(void *ctx, struct view frame);
	/* The other end went (ERR_UNREACHABLE) or broke the framing; the pipe
	 * is dead, and the handler may free it.  Called once. */
	void (*closed)(void *ctx, enum err err);
	/* The queue went from busy to under half (may be NULL). */
	void (*room)(void *ctx);
	void *ctx;
};

/* pipe_pair(fds): two connected ends, close-on-exec. */
enum err
pipe_pair(int fds[2]);
/* pipe_new(out, loop, fd, events): takes *fd (sets it to -1), also on error. */
enum err
pipe_new(struct pipe **out, struct loop *loop, int *fd,
    const struct pipe_events *events);
void
pipe_free(struct pipe **p);

/* pipe_send(p, frame): queue it whole.  ERR_TOO_BIG, ERR_BUSY (nothing
 * queued), ERR_UNREACHABLE once dead. */
enum err
pipe_send(struct pipe *p, struct view frame);
/* pipe_pause(p, paused): stop and resume reading: no room upstream. */
void
pipe_pause(struct pipe *p, bool paused);
/* pipe_queued(p): bytes not yet taken by the kernel. */
size_t
pipe_queued(const struct pipe *p);

/*
 * pipe_cut(in, frame, used):
 * The framing alone: the first frame in in and the bytes it took, or *used =
 * 0 if more must come.  ERR_TOO_BIG over PIPE_FRAME_MAX.
 */
enum err
pipe_cut(struct view in, struct view *frame, size_t *used);

#endif
