#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/duty.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/pipe.h"
#include "base/secret.h"
#include "endpoint/link.h"
#include "keys/dh.h"
#include "keys/keyfile.h"
#include "keys/passphrase.h"
#include "proto/limits.h"

#define LINK_ENDPOINT_MAX 255
#define LINK_MSG_MAX ((int64_t)FRAME_MAX + 64)

struct link;

/* One relay's socket and the monitor that tells of its connection. */
struct link_relay {
	struct link *link;
	uint8_t slot;
	void *socket;
	void *monitor;
	uint64_t connects;	/* names the monitor */
};

struct link {
	struct loop *loop;
	struct pipe *pipe;
	void *zmq;
	struct keyfile *keys;
	struct link_relay relay[LINK_SLOTS];
};

static void
link_tell(struct link *link, uint8_t op, uint8_t slot, const void *p,
    size_t len)
{
	uint8_t small[LINK_HEAD_BYTES] = { op, slot };
	struct buf buf;

	if (len == 0) {
		(void)pipe_send(link->pipe,
		    (struct view){ small, sizeof(small) });
		return;
	}
	buf = buf_init(FRAME_MAX + 64 + LINK_HEAD_BYTES);
	buf_put(&buf, small, sizeof(small));
	buf_put(&buf, p, len);
	/* A full pipe drops the frame: the agent's deadline asks again. */
	if (buf.err != ERR_OK ||
	    pipe_send(link->pipe, buf_view(&buf)) != ERR_OK)
		diag_warn("link", "frame dropped relay=%u", slot);
	buf_free(&buf);
}

static void
link_close(struct link_relay *r)
{
	if (r->monitor != NULL) {
		loop_socket_drop(r->link->loop, r->monitor);
		(void)zmq_close(r->monitor);
		r->monitor = NULL;
	}
	if (r->socket != NULL) {
		loop_socket_drop(r->link->loop, r->socket);
		(void)zmq_socket_monitor(r->socket, NULL, 0);
		(void)zmq_close(r->socket);
		r->socket = NULL;
	}
}

/* Frames of the relay; one part each, anything else is dropped. */
static void
link_readable(void *ctx, unsigned ready)
{
	struct link_relay *r = ctx;
	zmq_msg_t msg;
	unsigned i;
	int n;

	(void)ready;
	for (i = 0; i < 64; i++) {
		(void)zmq_msg_init(&msg);
		n = zmq_msg_recv(&msg, r->socket, ZMQ_DONTWAIT);
		if (n < 0) {
			(void)zmq_msg_close(&msg);
			return;
		}
		if (zmq_msg_more(&msg) == 0 && zmq_msg_size(&msg) > 0 &&
		    zmq_msg_size(&msg) <= FRAME_MAX)
			link_tell(r->link, LINK_FRAME, r->slot,
			    zmq_msg_data(&msg), zmq_msg_size(&msg));
		(void)zmq_msg_close(&msg);
	}
}

static int
link_event(void *monitor)
{
	zmq_msg_t msg;
	uint16_t event = 0;

	(void)zmq_msg_init(&msg);
	if (zmq_msg_recv(&msg, monitor, ZMQ_DONTWAIT) < 0) {
		(void)zmq_msg_close(&msg);
		return -1;
	}
	if (zmq_msg_size(&msg) >= sizeof(event))
		memcpy(&event, zmq_msg_data(&msg), sizeof(event));
	while (zmq_msg_more(&msg) != 0) {
		(void)zmq_msg_close(&msg);
		(void)zmq_msg_init(&msg);
		if (zmq_msg_recv(&msg, monitor, ZMQ_DONTWAIT) < 0)
			break;
	}
	(void)zmq_msg_close(&msg);
	return event;
}

static void
link_monitored(void *ctx, unsigned ready)
{
	struct link_relay *r = ctx;
	int event;

	(void)ready;
	while (r->monitor != NULL && (event = link_event(r->monitor)) >= 0) {
		switch (event) {
		case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
			link_tell(r->link, LINK_UP, r->slot, NULL, 0);
			break;
		case ZMQ_EVENT_DISCONNECTED:
			link_tell(r->link, LINK_DOWN, r->slot, NULL, 0);
			break;
		case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
		case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
		case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
			link_tell(r->link, LINK_DENIED, r->slot, NULL, 0);
			break;
		default:
			break;
		}
	}
}

static bool
link_opt_int(void *socket, int opt, int value)
{
	return zmq_setsockopt(socket, opt, &value, sizeof(value)) == 0;
}

/* The socket rules of section 9, all before connect. */
static bool
link_options(const struct link *link, void *socket, const uint8_t *server)
{
	const struct dh_key *t = keyfile_dh(link->keys, KEYFILE_T, 0);
	int64_t max = LINK_MSG_MAX;

	return link_opt_int(socket, ZMQ_LINGER, 0) &&
	    link_opt_int(socket, ZMQ_IMMEDIATE, 1) &&
	    link_opt_int(socket, ZMQ_SNDHWM, 16) &&
	    link_opt_int(socket, ZMQ_RCVHWM, 16) &&
	    link_opt_int(socket, ZMQ_HANDSHAKE_IVL, 3000) &&
	    link_opt_int(socket, ZMQ_HEARTBEAT_IVL, 5000) &&
	    link_opt_int(socket, ZMQ_HEARTBEAT_TIMEOUT, 15000) &&
	    link_opt_int(socket, ZMQ_RECONNECT_IVL, 100) &&
	    link_opt_int(socket, ZMQ_RECONNECT_IVL_MAX, 2000) &&
	    link_opt_int(socket, ZMQ_IPV6, 1) &&
	    zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &max, sizeof(max)) == 0 &&
	    zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, server,
	    KEY_BYTES) == 0 &&
	    zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, dh_public(t),
	    KEY_BYTES) == 0 &&
	    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, dh_secret(t),
	    KEY_BYTES) == 0;
}

static bool
link_watch(struct link_relay *r)
{
	char name[48];

	/* A name of its own each time: zmq_close gives the old one back only
	 * some time later, and until then a new socket could not have it. */
	(void)snprintf(name, sizeof(name), "inproc://monitor-%u-%llu",
	    (unsigned)r->slot, (unsigned long long)++r->connects);
	if (zmq_socket_monitor(r->socket, name,
	    ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED |
	    ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
	    ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
	    ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL) != 0)
		return false;
	r->monitor = zmq_socket(r->link->zmq, ZMQ_PAIR);
	return r->monitor != NULL &&
	    link_opt_int(r->monitor, ZMQ_LINGER, 0) &&
	    zmq_connect(r->monitor, name) == 0 &&
	    loop_socket(r->link->loop, r->monitor, LOOP_READ,
	    link_monitored, r) == ERR_OK;
}

static void
link_connect(struct link *link, uint8_t slot, struct rd *rd)
{
	struct link_relay *r = &link->relay[slot];
	uint8_t server[KEY_BYTES];
	char endpoint[LINK_ENDPOINT_MAX + 1] = { 0 };
	struct view v;

	rd_copy(rd, server, sizeof(server));
	v = rd_view(rd, rd->left);
	if (rd->err != ERR_OK || v.len == 0 || v.len > LINK_ENDPOINT_MAX)
		return;
	memcpy(endpoint, v.p, v.len);
	link_close(r);
	r->link = link;
	r->slot = slot;
	r->socket = zmq_socket(link->zmq, ZMQ_DEALER);
	if (r->socket != NULL && link_options(link, r->socket, server) &&
	    link_watch(r) && zmq_connect(r->socket, endpoint) == 0 &&
	    loop_socket(link->loop, r->socket, LOOP_READ, link_readable,
	    r) == ERR_OK)
		return;
	diag_error("link", "cannot connect to %s: %s", endpoint,
	    zmq_strerror(zmq_errno()));
	link_close(r);
}

static void
link_send(struct link *link, uint8_t slot, struct view frame)
{
	struct link_relay *r = &link->relay[slot];

	if (r->socket == NULL || frame.len == 0 || frame.len > FRAME_MAX)
		return;
	/* Not connected or full: dropped, the agent's deadline resends. */
	if (zmq_send(r->socket, frame.p, frame.len, ZMQ_DONTWAIT) < 0)
		diag_debug("link", "not sent relay=%u: %s", slot,
		    zmq_strerror(zmq_errno()));
}

static void
link_told(void *ctx, struct view frame)
{
	struct link *link = ctx;
	struct rd rd = rd_init(frame.p, frame.len);
	uint8_t op = rd_u8(&rd), slot = rd_u8(&rd);

	if (rd.err != ERR_OK || slot >= LINK_SLOTS)
		return;
	if (op == LINK_CONNECT)
		link_connect(link, slot, &rd);
	else if (op == LINK_SEND)
		link_send(link, slot, rd_view(&rd, rd.left));
	else if (op == LINK_DROP)
		link_close(&link->relay[slot]);
}

static void
link_orphaned(void *ctx, enum err err)
{
	struct link *link = ctx;

	(void)err;
	loop_stop(link->loop);
}

static void
link_stopped(void *ctx, int signo)
{
	struct link *link = ctx;

	(void)signo;
	loop_stop(link->loop);
}

static enum err
link_keys(struct keyfile **keys)
{
	struct buf file = buf_init(KEYFILE_MAX);
	struct secret *passphrase = NULL;
	enum err err;

	err = file_read_fd(LINK_FD_KEY, KEYFILE_MAX, &file);
	if (err == ERR_OK)
		err = file_read_fd_secret(LINK_FD_PASSPHRASE, PASSPHRASE_MAX,
		    &passphrase);
	(void)close(LINK_FD_KEY);
	(void)close(LINK_FD_PASSPHRASE);
	if (err == ERR_OK)
		err = keyfile_open(keys, file.p, file.len, passphrase);
	if (err == ERR_OK && keyfile_dh(*keys, KEYFILE_T, 0) == NULL)
		err = ERR_KEY_FOREIGN;
	secret_free(&passphrase);
	buf_free(&file);
	return err;
}

static enum err
link_start(struct link *link)
{
	struct clock clock = clock_real();
	struct pipe_events events = {
		.frame = link_told, .closed = link_orphaned, .ctx = link,
	};
	int fd = LINK_FD_PIPE;
	enum err err;

	err = link_keys(&link->keys);
	if (err == ERR_OK)
		err = loop_new(&link->loop, &clock);
	if (err == ERR_OK)
		err = loop_signal(link->loop, SIGTERM, link_stopped, link);
	if (err == ERR_OK)
		err = loop_signal(link->loop, SIGINT, link_stopped, link);
	if (err == ERR_OK)
		err = pipe_new(&link->pipe, link->loop, &fd, &events);
	if (err != ERR_OK)
		return err;
	link->zmq = zmq_ctx_new();
	return link->zmq == NULL ? ERR_NOMEM : ERR_OK;
}

int
link_main(void)
{
	struct link *link;
	enum err err;
	unsigned i;

	link = calloc(1, sizeof(*link));
	if (link == NULL)
		return err_exit(ERR_NOMEM);
	err = duty_child_start();
	if (err == ERR_OK)
		err = secret_start();
	if (err == ERR_OK)
		err = link_start(link);
	if (err == ERR_OK)
		err = loop_run(link->loop);
	else
		diag_error("link", "cannot start: %s", err_info(err)->text);
	for (i = 0; i < LINK_SLOTS; i++)
		if (link->relay[i].link != NULL)
			link_close(&link->relay[i]);
	pipe_free(&link->pipe);
	loop_free(&link->loop);
	if (link->zmq != NULL)
		(void)zmq_ctx_term(link->zmq);
	keyfile_free(&link->keys);
	free(link);
	return err_exit(err);
}
