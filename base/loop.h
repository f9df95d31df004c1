/*
 * loop: waits for descriptors, ZeroMQ sockets, timers and signals.
 *
 * One zmq_poll; a process's main runs exactly one.  Handlers must not
 * block.  Owns none of the descriptors and sockets it watches.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/timer.h"

struct httpd;
struct loop;

enum {
	LOOP_READ = 1,
	LOOP_WRITE = 2,
};

/* ready: LOOP_READ and LOOP_WRITE bits; a broken descriptor shows as both. */
typedef void loop_ready(void *ctx, unsigned ready);
typedef void loop_signal_fn(void *ctx, int signo);

/* loop_new(out, clock): clock is copied.  Ignores SIGPIPE. */
enum err
loop_new(struct loop **out, const struct clock *clock);
void
loop_free(struct loop **loop);

/* loop_fd(loop, fd, want, fn, ctx): watch fd; again with another want (also
 * 0) to change.  loop_fd_drop before closing it. */
enum err
loop_fd(struct loop *loop, int fd, unsigned want, loop_ready *fn, void *ctx);
void
loop_fd_drop(struct loop *loop, int fd);
/* loop_socket(loop, socket, want, fn, ctx): the same for a ZeroMQ socket. */
enum err
loop_socket(struct loop *loop, void *socket, unsigned want, loop_ready *fn,
    void *ctx);
void
loop_socket_drop(struct loop *loop, void *socket);
/* loop_signal(loop, signo, fn, ctx): from now on signo is delivered here. */
enum err
loop_signal(struct loop *loop, int signo, loop_signal_fn *fn, void *ctx);
/* loop_turn(loop, fn, ctx): fn(ctx) once after each round in which a handler
 * ran: the place for one commit a turn.  At most one. */
void
loop_turn(struct loop *loop, void (*fn)(void *ctx), void *ctx);
/* loop_serve(loop, d): run an HTTP server here, LOOP_SERVERS at most (else
 * ERR_COUNT); loop_serve(loop, NULL) drops all, before they are freed. */
#define LOOP_SERVERS 2
enum err
loop_serve(struct loop *loop, struct httpd *d);

/* loop_arm(loop, t, in_ms): fire t in_ms from now; moves it if armed. */
enum err
loop_arm(struct loop *loop, struct timer *t, int64_t in_ms);
void
loop_disarm(struct loop *loop, struct timer *t);
/* loop_now(loop), loop_wall(loop): the clock, read anew. */
int64_t
loop_now(const struct loop *loop);
int64_t
loop_wall(const struct loop *loop);

/* loop_run(loop): until loop_stop; ERR_OK, or ERR_IO if polling fails. */
enum err
loop_run(struct loop *loop);
/* loop_once(loop, max_ms): one round, waiting max_ms at most; for tests. */
enum err
loop_once(struct loop *loop, int64_t max_ms);
void
loop_stop(struct loop *loop);

#endif
