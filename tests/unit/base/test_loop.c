#include "unit.h"

#include <signal.h>

#include <zmq.h>

#include "base/loop.h"

static struct loop *loop;
static int reads, writes, ticks, turns, signals;
static int fds[2];

static int
set_up(void **state)
{
	struct clock clock = clock_real();

	(void)state;
	reads = writes = ticks = turns = signals = 0;
	assert_int_equal(pipe(fds), 0);
	return loop_new(&loop, &clock) != ERR_OK;
}

static int
tear_down(void **state)
{
	(void)state;
	loop_free(&loop);
	close(fds[0]);
	close(fds[1]);
	return 0;
}

static void
on_pipe(void *ctx, unsigned ready)
{
	char c;

	if ((ready & LOOP_READ) != 0 && read(fds[0], &c, 1) == 1)
		reads++;
	if ((ready & LOOP_WRITE) != 0)
		writes++;
	if (ctx != NULL)
		loop_fd_drop(loop, *(int *)ctx);
}

static void
on_tick(void *ctx)
{
	ticks++;
	if (ctx != NULL)
		loop_stop(loop);
}

static void
on_turn(void *ctx)
{
	(void)ctx;
	turns++;
}

static void
descriptors(void **state)
{
	(void)state;
	loop_turn(loop, on_turn, NULL);
	assert_int_equal(loop_fd(loop, fds[0], LOOP_READ, on_pipe, NULL),
	    ERR_OK);
	assert_int_equal(loop_once(loop, 0), ERR_OK);
	assert_int_equal(reads, 0);
	assert_int_equal(turns, 0);
	assert_int_equal(write(fds[1], "ab", 2), 2);
	assert_int_equal(loop_once(loop, 1000), ERR_OK);
	assert_int_equal(reads, 1);
	assert_int_equal(turns, 1);
	/* Not wanted any more, then wanted again. */
	loop_fd(loop, fds[0], 0, on_pipe, NULL);
	loop_once(loop, 0);
	assert_int_equal(reads, 1);
	loop_fd(loop, fds[0], LOOP_READ, on_pipe, NULL);
	loop_once(loop, 0);
	assert_int_equal(reads, 2);
	loop_fd(loop, fds[1], LOOP_WRITE, on_pipe, NULL);
	loop_once(loop, 0);
	assert_int_equal(writes, 1);
}

/* Two are ready; the first drops the second, which then must not run. */
static void
dropping_in_a_handler(void **state)
{
	int other[2];

	(void)state;
	assert_int_equal(pipe(other), 0);
	assert_int_equal(write(fds[1], "a", 1), 1);
	assert_int_equal(write(other[1], "b", 1), 1);
	loop_fd(loop, fds[0], LOOP_READ, on_pipe, &other[0]);
	loop_fd(loop, other[0], LOOP_READ, on_pipe, NULL);
	loop_once(loop, 0);
	assert_int_equal(reads, 1);
	loop_once(loop, 0);
	assert_int_equal(reads, 1);
	close(other[0]);
	close(other[1]);
}

static void
timers_and_stop(void **state)
{
	struct timer a, b;
	int64_t start = loop_now(loop);

	(void)state;
	timer_init(&a, on_tick, NULL);
	timer_init(&b, on_tick, &b);
	loop_turn(loop, on_turn, NULL);
	assert_int_equal(loop_arm(loop, &a, 10), ERR_OK);
	assert_int_equal(loop_arm(loop, &b, 30), ERR_OK);
	assert_int_equal(loop_run(loop), ERR_OK);
	assert_int_equal(ticks, 2);
	assert_int_equal(turns, 2);
	assert_true(loop_now(loop) - start >= 30);
	loop_arm(loop, &a, 0);
	loop_disarm(loop, &a);
	loop_once(loop, 0);
	assert_int_equal(ticks, 2);
}

static void
on_term(void *ctx, int signo)
{
	assert_int_equal(signo, *(int *)ctx);
	signals++;
}

static void
signals_arrive_here(void **state)
{
	int term = SIGTERM, usr = SIGUSR1;

	(void)state;
	assert_int_equal(loop_signal(loop, SIGTERM, on_term, &term), ERR_OK);
	assert_int_equal(loop_signal(loop, SIGUSR1, on_term, &usr), ERR_OK);
	kill(getpid(), SIGTERM);
	kill(getpid(), SIGUSR1);
	loop_once(loop, 1000);
	assert_int_equal(signals, 2);
}

static void *zmq_b;

static void
on_zmq(void *ctx, unsigned ready)
{
	char b[8];

	(void)ctx;
	assert_int_equal(ready, LOOP_READ);
	assert_int_equal(zmq_recv(zmq_b, b, sizeof(b), ZMQ_DONTWAIT), 2);
	reads++;
}

static void
zeromq_sockets(void **state)
{
	void *zmq = zmq_ctx_new(), *a = zmq_socket(zmq, ZMQ_PAIR);
	int i;

	(void)state;
	zmq_b = zmq_socket(zmq, ZMQ_PAIR);
	assert_int_equal(zmq_bind(a, "inproc://x"), 0);
	assert_int_equal(zmq_connect(zmq_b, "inproc://x"), 0);
	assert_int_equal(loop_socket(loop, zmq_b, LOOP_READ, on_zmq, NULL),
	    ERR_OK);
	loop_once(loop, 0);
	assert_int_equal(reads, 0);
	for (i = 0; i < 3; i++)
		assert_int_equal(zmq_send(a, "hi", 2, 0), 2);
	/* One read a round: what is left is still seen, no edge is lost. */
	for (i = 0; i < 10 && reads < 3; i++)
		loop_once(loop, 1000);
	assert_int_equal(reads, 3);
	loop_socket_drop(loop, zmq_b);
	zmq_send(a, "hi", 2, 0);
	loop_once(loop, 0);
	assert_int_equal(reads, 3);
	zmq_close(a);
	zmq_close(zmq_b);
	zmq_ctx_term(zmq);
}

static void
many_watches(void **state)
{
	int many[40][2], i;

	(void)state;
	for (i = 0; i < 40; i++) {
		assert_int_equal(pipe(many[i]), 0);
		assert_int_equal(loop_fd(loop, many[i][1], LOOP_WRITE,
			on_pipe, NULL), ERR_OK);
	}
	loop_once(loop, 0);
	assert_int_equal(writes, 40);
	for (i = 0; i < 40; i++) {
		loop_fd_drop(loop, many[i][1]);
		close(many[i][0]);
		close(many[i][1]);
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(descriptors),
		T(dropping_in_a_handler),
		T(timers_and_stop),
		T(signals_arrive_here),
		T(zeromq_sockets),
		T(many_watches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
