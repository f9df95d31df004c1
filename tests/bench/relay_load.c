/*
 * relay_load: how many envelopes a relay accepts durably and hands on.
 *
 * A pre-sealed load (sealing is measured by itself, first) goes to a running
 * relay over CURVE, WINDOW submits in flight; every answer is checked to be
 * an index with an inclusion path.  Then the other party fetches everything,
 * and recomputes roots and verifies signatures, opening nothing.  Prints one
 * JSON object.  usage: bench-relay WORLD ENVELOPES RUN WINDOW
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "proto/arena.h"
#include "proto/request.h"
#include "wire.h"

#define BODY 400		/* bytes of a notice */
#define RUNS_PER_SUBMIT 4

struct load {
	struct wire_pair pair;
	struct wire_sender sender;
	size_t runs;
	unsigned run_size;
	struct buf *run;
	void *context;
};

static void
send_frame(void *socket, const struct request *request)
{
	struct buf buf = buf_init(FRAME_MAX);

	if (request_encode(&buf, request) != ERR_OK)
		wire_die("request does not encode");
	if (zmq_send(socket, buf.p, buf.len, 0) < 0)
		wire_die("send: %s", zmq_strerror(zmq_errno()));
	buf_free(&buf);
}

/* Receive one reply; it lives in the arena and in frame. */
static void
receive(void *socket, zmq_msg_t *frame, struct reply *reply,
    struct arena *arena)
{
	struct view bytes;

	zmq_msg_init(frame);
	if (zmq_msg_recv(frame, socket, 0) < 0)
		wire_die("receive: %s", zmq_strerror(zmq_errno()));
	bytes = (struct view){ zmq_msg_data(frame), zmq_msg_size(frame) };
	if (request_reply_decode(reply, bytes, arena) != ERR_OK)
		wire_die("reply does not decode");
	if (reply->status != ERR_OK)
		wire_die("relay says %s %s", err_name(reply->status),
		    reply->detail);
}

static void
greet(void *socket)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct request request = { .ticket = 1, .kind = REQUEST_HELLO };
	struct reply reply;
	zmq_msg_t frame;

	request.hello.version = REQUEST_VERSION;
	request.hello.suite = ENVELOPE_SUITE;
	request.hello.software = "casewire bench";
	send_frame(socket, &request);
	receive(socket, &frame, &reply, &arena);
	zmq_msg_close(&frame);
	arena_free(&arena);
}

static void
seal_all(struct load *load)
{
	double t = wire_now_us();
	size_t i;

	for (i = 0; i < load->runs; i++) {
		load->run[i] = buf_init(RUN_CONTAINER_MAX);
		wire_seal(&load->sender, load->run_size, BODY, &load->run[i]);
	}
	printf("\"seal_per_s\":%.0f,", (double)(load->runs * load->run_size) *
	    1e6 / (wire_now_us() - t));
	t = wire_now_us();
	for (i = 0; i < load->runs; i++)
		wire_open(&load->sender, buf_view(&load->run[i]));
	printf("\"open_per_s\":%.0f,\"envelope_bytes\":%zu,",
	    (double)(load->runs * load->run_size) * 1e6 / (wire_now_us() - t),
	    (load->run[0].len - RUN_FRAME_BYTES) / load->run_size);
}

/* Submit the runs from at on; how many went. */
static size_t
submit_some(struct load *load, void *socket, size_t at)
{
	struct view runs[RUNS_PER_SUBMIT];
	struct request request = { .ticket = at + 1, .kind = REQUEST_SUBMIT };
	size_t n;

	for (n = 0; n < RUNS_PER_SUBMIT && at + n < load->runs; n++)
		runs[n] = buf_view(&load->run[at + n]);
	request.submit.run = runs;
	request.submit.run_count = n;
	send_frame(socket, &request);
	return n;
}

static size_t
settle_some(void *socket)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct reply reply;
	zmq_msg_t frame;
	size_t i, n;

	receive(socket, &frame, &reply, &arena);
	if (reply.kind != REQUEST_SUBMIT || reply.submit.checkpoint.len == 0)
		wire_die("no checkpoint in the answer");
	n = reply.submit.run_count;
	for (i = 0; i < n; i++)
		if (reply.submit.run[i].status != ERR_OK)
			wire_die("run refused: %s",
			    err_name(reply.submit.run[i].status));
	zmq_msg_close(&frame);
	arena_free(&arena);
	return n;
}

static void
accept_all(struct load *load, unsigned window)
{
	void *socket = wire_connect(load->context, &load->pair, &load->pair.a);
	size_t sent = 0, settled = 0;
	double t;

	greet(socket);
	t = wire_now_us();
	while (settled < load->runs) {
		while (sent < load->runs &&
		    sent - settled < (size_t)window * RUNS_PER_SUBMIT)
			sent += submit_some(load, socket, sent);
		settled += settle_some(socket);
	}
	printf("\"accept_per_s\":%.0f,", (double)(load->runs * load->run_size) *
	    1e6 / (wire_now_us() - t));
	zmq_close(socket);
}

/* Take one FETCH reply: check each run, count envelopes, move the cursor. */
static size_t
take(struct reply_fetch *fetch, struct request_cursor *cursor)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct run run;
	size_t i, n = 0;

	for (i = 0; i < fetch->item_count; i++) {
		cursor->from_start = false;
		cursor->after = fetch->item[i].place;
		if (fetch->item[i].kind != ITEM_RUN)
			continue;
		if (run_decode(&run, RUN_FULL, fetch->item[i].bytes, &arena) !=
		    ERR_OK)
			wire_die("fetched run does not decode");
		n += run.env_count;
		arena_free(&arena);
	}
	return n;
}

static void
deliver_all(struct load *load)
{
	void *socket = wire_connect(load->context, &load->pair, &load->pair.b);
	struct request_cursor cursor = { .channel = load->pair.channel,
		.from_start = true };
	struct request request = { .ticket = 7, .kind = REQUEST_FETCH };
	struct arena arena = arena_init(ARENA_MAX);
	struct reply reply;
	zmq_msg_t frame;
	size_t got = 0, all = load->runs * load->run_size;
	double t;

	greet(socket);
	request.fetch.cursor = &cursor;
	request.fetch.cursor_count = 1;
	request.fetch.max_bytes = FETCH_BYTES_MAX;
	request.fetch.wait_ms = 5000;
	t = wire_now_us();
	while (got < all) {
		send_frame(socket, &request);
		receive(socket, &frame, &reply, &arena);
		if (reply.fetch.item_count == 0)
			wire_die("%zu of %zu envelopes came", got, all);
		got += take(&reply.fetch, &cursor);
		zmq_msg_close(&frame);
		arena_free(&arena);
	}
	printf("\"deliver_per_s\":%.0f}\n",
	    (double)all * 1e6 / (wire_now_us() - t));
	zmq_close(socket);
}

int
main(int argc, char **argv)
{
	struct load load = { 0 };
	size_t envelopes;

	if (argc != 5) {
		fprintf(stderr,
		    "usage: bench-relay WORLD ENVELOPES RUN WINDOW\n");
		return 2;
	}
	envelopes = (size_t)atol(argv[2]);
	load.run_size = (unsigned)atoi(argv[3]);
	if (load.run_size == 0 || load.run_size > RUN_MAX ||
	    envelopes < load.run_size || atoi(argv[4]) < 1)
		wire_die("numbers out of range");
	load.runs = envelopes / load.run_size;
	load.run = calloc(load.runs, sizeof(*load.run));
	load.context = zmq_ctx_new();
	wire_load(&load.pair, argv[1]);
	wire_sender_init(&load.sender, &load.pair);
	printf("{\"envelopes\":%zu,\"run\":%u,", load.runs * load.run_size,
	    load.run_size);
	seal_all(&load);
	accept_all(&load, (unsigned)atoi(argv[4]));
	deliver_all(&load);
	return 0;
}
