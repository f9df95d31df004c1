#include "unit.h"

#include <sys/socket.h>

#include "base/loop.h"
#include "base/pipe.h"

struct end {
	struct pipe *pipe;
	size_t frames, bytes;
	uint64_t sum;
	int closed;
	enum err why;
	int room;
	bool free_inside, pause_inside;
};

static struct loop *loop;
static struct end a, b;

static void
on_frame(void *ctx, struct view frame)
{
	struct end *e = ctx;
	size_t i;

	e->frames++;
	e->bytes += frame.len;
	for (i = 0; i < frame.len; i++)
		e->sum = e->sum * 31 + frame.p[i];
	if (e->free_inside)
		pipe_free(&e->pipe);
	else if (e->pause_inside)
		pipe_pause(e->pipe, true);
}

static void
on_closed(void *ctx, enum err err)
{
	struct end *e = ctx;

	e->closed++;
	e->why = err;
	if (e->free_inside)
		pipe_free(&e->pipe);
}

static void
on_room(void *ctx)
{
	((struct end *)ctx)->room++;
}

static void
attach(struct end *e, int *fd)
{
	const struct pipe_events ev = { on_frame, on_closed, on_room, e };

	*e = (struct end){ 0 };
	assert_int_equal(pipe_new(&e->pipe, loop, fd, &ev), ERR_OK);
	assert_int_equal(*fd, -1);
}

static int
set_up(void **state)
{
	struct clock clock = clock_real();
	int fds[2];

	(void)state;
	assert_int_equal(loop_new(&loop, &clock), ERR_OK);
	assert_int_equal(pipe_pair(fds), ERR_OK);
	attach(&a, &fds[0]);
	attach(&b, &fds[1]);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	pipe_free(&a.pipe);
	pipe_free(&b.pipe);
	loop_free(&loop);
	return 0;
}

static void
spin(int rounds)
{
	while (rounds-- > 0)
		loop_once(loop, 0);
}

static struct view
view(const void *p, size_t len)
{
	return (struct view){ p, len };
}

static void
frames_keep_their_borders(void **state)
{
	(void)state;
	assert_int_equal(pipe_send(a.pipe, view("abc", 3)), ERR_OK);
	assert_int_equal(pipe_send(a.pipe, view(NULL, 0)), ERR_OK);
	assert_int_equal(pipe_send(a.pipe, view("d", 1)), ERR_OK);
	assert_int_equal(pipe_send(b.pipe, view("xy", 2)), ERR_OK);
	spin(5);
	assert_int_equal(b.frames, 3);
	assert_int_equal(b.bytes, 4);
	assert_int_equal(a.frames, 1);
	assert_int_equal(a.bytes, 2);
}

static void
largest_frame_and_one_more(void **state)
{
	uint8_t *big = calloc(1, PIPE_FRAME_MAX + 1);

	(void)state;
	assert_int_equal(pipe_send(a.pipe, view(big, PIPE_FRAME_MAX + 1)),
	    ERR_TOO_BIG);
	assert_int_equal(pipe_send(a.pipe, view(big, PIPE_FRAME_MAX)), ERR_OK);
	assert_int_equal(pipe_send(a.pipe, view("z", 1)), ERR_OK);
	spin(300);
	assert_int_equal(b.frames, 2);
	assert_int_equal(b.bytes, PIPE_FRAME_MAX + 1);
	free(big);
}

static void
a_full_queue_says_so(void **state)
{
	uint8_t *big = calloc(1, PIPE_FRAME_MAX);
	size_t sent = 0;

	(void)state;
	while (pipe_send(a.pipe, view(big, PIPE_FRAME_MAX)) == ERR_OK)
		assert_true(++sent < 20);
	assert_true(pipe_queued(a.pipe) >= PIPE_QUEUE_MAX);
	assert_int_equal(a.room, 0);
	spin(3000);
	assert_int_equal(pipe_queued(a.pipe), 0);
	assert_int_equal(a.room, 1);
	assert_int_equal(b.frames, sent);
	assert_int_equal(pipe_send(a.pipe, view(big, 1)), ERR_OK);
	free(big);
}

static void
the_end_is_told_once_after_the_last_frame(void **state)
{
	(void)state;
	pipe_send(a.pipe, view("last", 4));
	pipe_free(&a.pipe);
	spin(5);
	assert_int_equal(b.frames, 1);
	assert_int_equal(b.closed, 1);
	assert_int_equal(b.why, ERR_UNREACHABLE);
	assert_int_equal(pipe_send(b.pipe, view("x", 1)), ERR_UNREACHABLE);
	spin(5);
	assert_int_equal(b.closed, 1);
}

static void
freeing_inside_a_handler(void **state)
{
	(void)state;
	a.free_inside = b.free_inside = true;
	pipe_send(a.pipe, view("1", 1));
	pipe_send(a.pipe, view("2", 1));
	spin(3);
	assert_int_equal(b.frames, 1);
	assert_null(b.pipe);
	assert_int_equal(a.closed, 1);
	assert_null(a.pipe);
}

static void
pausing_holds_frames_back(void **state)
{
	(void)state;
	b.pause_inside = true;
	pipe_send(a.pipe, view("1", 1));
	pipe_send(a.pipe, view("2", 1));
	pipe_send(a.pipe, view("3", 1));
	spin(5);
	assert_int_equal(b.frames, 1);
	pipe_pause(b.pipe, false);
	spin(5);
	assert_int_equal(b.frames, 2);
	b.pause_inside = false;
	pipe_pause(b.pipe, false);
	spin(5);
	assert_int_equal(b.frames, 3);
	/* Also a paused end learns of the other's death. */
	pipe_pause(b.pipe, true);
	pipe_free(&a.pipe);
	spin(5);
	assert_int_equal(b.closed, 1);
}

static void
a_bad_length_ends_it(void **state)
{
	int fds[2];

	(void)state;
	assert_int_equal(pipe_pair(fds), ERR_OK);
	pipe_free(&b.pipe);
	attach(&b, &fds[1]);
	assert_int_equal(write(fds[0], "\x00\x40\x00\x01", 4), 4);
	spin(5);
	assert_int_equal(b.closed, 1);
	assert_int_equal(b.why, ERR_TOO_BIG);
	close(fds[0]);
}

static void
cutting(void **state)
{
	static const uint8_t in[] = { 0, 0, 0, 2, 'a', 'b', 0, 0, 0, 0, 9 };
	struct view frame;
	size_t used, i;

	(void)state;
	for (i = 0; i < 6; i++) {
		assert_int_equal(pipe_cut(view(in, i), &frame, &used), ERR_OK);
		assert_int_equal(used, 0);
	}
	assert_int_equal(pipe_cut(view(in, 11), &frame, &used), ERR_OK);
	assert_int_equal(used, 6);
	assert_memory_equal(frame.p, "ab", 2);
	assert_int_equal(pipe_cut(view(in + 6, 5), &frame, &used), ERR_OK);
	assert_int_equal(used, 4);
	assert_int_equal(frame.len, 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(frames_keep_their_borders),
		T(largest_frame_and_one_more),
		T(a_full_queue_says_so),
		T(the_end_is_told_once_after_the_last_frame),
		T(freeing_inside_a_handler),
		T(pausing_holds_frames_back),
		T(a_bad_length_ends_it),
		T(cutting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
