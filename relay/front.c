/* front: see front.h. */
#include "relay/front.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "base/diag.h"
#include "base/loop.h"
#include "keys/dh.h"

#define ZAP_ENFORCE_DOMAIN 93	/* a number: zmq.h hides it as a draft */
#define HWM 32			/* frames a peer may leave waiting */
#define HANDSHAKE_MS 3000
#define BEAT_MS 5000
#define BEAT_TIMEOUT_MS 15000
#define RECONNECT_MAX_MS 10000
#define PROBE_MS 5000
#define SESSIONS 1024		/* heads of the table, not a limit */

/* ROUTER makes routing ids of a zero byte and a rising u32. */
#define ROUTING_BYTES 5

_Static_assert(sizeof(zmq_msg_t) <= 64, "front_frame.msg is too small");

/* The newest session of a key; as many as keys that ever came in. */
struct session {
	struct front_peer peer;
	struct session *next;
};

struct front {
	void *zmq;
	void *router;
	struct zap *zap;
	char endpoint[256];
	struct session *sessions[SESSIONS];
	size_t session_count;
	void (*broken)(void *ctx);
	void *ctx;
	struct loop *loop;
};

static bool
set_int(void *socket, int option, int value)
{
	return zmq_setsockopt(socket, option, &value, sizeof(value)) == 0;
}

/* The rules both ends of a connection follow (section 9). */
static bool
set_common(void *socket)
{
	int64_t most = FRAME_MAX + 64;

	return zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &most,
	    sizeof(most)) == 0 &&
	    set_int(socket, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS) &&
	    set_int(socket, ZMQ_HEARTBEAT_IVL, BEAT_MS) &&
	    set_int(socket, ZMQ_HEARTBEAT_TIMEOUT, BEAT_TIMEOUT_MS) &&
	    set_int(socket, ZMQ_SNDHWM, HWM) &&
	    set_int(socket, ZMQ_RCVHWM, HWM) &&
	    set_int(socket, ZMQ_IMMEDIATE, 1) &&
	    set_int(socket, ZMQ_RECONNECT_IVL_MAX, RECONNECT_MAX_MS) &&
	    set_int(socket, ZMQ_LINGER, 0);
}

static bool
set_server(void *socket, const struct dh_key *t)
{
	return set_common(socket) &&
	    set_int(socket, ZMQ_ROUTER_MANDATORY, 1) &&
	    set_int(socket, ZMQ_CURVE_SERVER, 1) &&
	    /* libzmq does not derive it, and the probe reads it back. */
	    zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, dh_public(t),
	    KEY_BYTES) == 0 &&
	    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, dh_secret(t),
	    KEY_BYTES) == 0 &&
	    zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, dh_public(t),
	    KEY_BYTES) == 0 &&
	    zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, ZAP_DOMAIN_NAME,
	    strlen(ZAP_DOMAIN_NAME)) == 0 &&
	    set_int(socket, ZAP_ENFORCE_DOMAIN, 1);
}

static enum err
router_bind(struct front *f, const char *endpoint, const struct dh_key *t)
{
	size_t len = sizeof(f->endpoint);

	f->router = zmq_socket(f->zmq, ZMQ_ROUTER);
	if (f->router == NULL || !set_server(f->router, t) ||
	    !set_int(f->router, ZMQ_IPV6, strchr(endpoint, '[') != NULL)) {
		diag_error("front", "socket: %s", zmq_strerror(errno));
		return ERR_IO;
	}
	if (zmq_bind(f->router, endpoint) != 0) {
		diag_error("front", "cannot listen on %s: %s", endpoint,
		    zmq_strerror(errno));
		return errno == EINVAL || errno == EPROTONOSUPPORT ?
		    ERR_CONF : ERR_IO;
	}
	if (zmq_getsockopt(f->router, ZMQ_LAST_ENDPOINT, f->endpoint,
	    &len) != 0)
		return ERR_IO;
	return ERR_OK;
}

enum err
front_open(struct front **out, const char *endpoint, const struct dh_key *t,
    zap_allow *allow, void *ctx)
{
	struct front *f = calloc(1, sizeof(*f));
	enum err err = ERR_IO;

	if (f == NULL)
		return ERR_NOMEM;
	f->zmq = zmq_ctx_new();
	if (f->zmq != NULL)
		err = zap_open(&f->zap, f->zmq, allow, ctx);
	if (err == ERR_OK)
		err = router_bind(f, endpoint, t);
	if (err != ERR_OK) {
		front_close(&f);
		return err;
	}
	*out = f;
	return ERR_OK;
}

void
front_close(struct front **fp)
{
	struct front *f = *fp;
	struct session *s, *next;
	size_t i;

	if (f == NULL)
		return;
	if (f->loop != NULL) {
		loop_socket_drop(f->loop, f->router);
		loop_socket_drop(f->loop, zap_socket(f->zap));
	}
	for (i = 0; i < SESSIONS; i++) {
		for (s = f->sessions[i]; s != NULL; s = next) {
			next = s->next;
			free(s);
		}
	}
	if (f->router != NULL)
		zmq_close(f->router);
	zap_close(&f->zap);
	if (f->zmq != NULL)
		zmq_ctx_term(f->zmq);
	free(f);
	*fp = NULL;
}

const char *
front_endpoint(const struct front *f)
{
	return f->endpoint;
}

/* The next event of a monitored socket: its number, 0 if none waits. */
static unsigned
monitor_event(void *monitor)
{
	uint8_t event[6];
	char address[256];
	uint16_t number;

	if (zmq_recv(monitor, event, sizeof(event), ZMQ_DONTWAIT) !=
	    (int)sizeof(event))
		return 0;
	(void)zmq_recv(monitor, address, sizeof(address), 0);
	memcpy(&number, event, sizeof(number));	/* host order, by libzmq */
	return number;
}

/* Serve ZAP until the probe's handshake ended one way or the other. */
static enum err
probe_wait(struct front *f, void *monitor)
{
	zmq_pollitem_t items[] = {
		{ zap_socket(f->zap), 0, ZMQ_POLLIN, 0 },
		{ monitor, 0, ZMQ_POLLIN, 0 },
	};
	unsigned event;
	int rounds;

	for (rounds = 0; rounds < PROBE_MS / 100; rounds++) {
		if (zmq_poll(items, 2, 100) < 0 && errno != EINTR)
			return ERR_IO;
		if ((items[0].revents & ZMQ_POLLIN) != 0 &&
		    zap_serve(f->zap) != ERR_OK)
			return ERR_IO;
		while ((event = monitor_event(monitor)) != 0) {
			if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)
				return ERR_OK;
			if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
				return ERR_NOT_ADMITTED;
		}
	}
	return ERR_TIMEOUT;
}

static bool
probe_start(struct front *f, void *probe, void *monitor)
{
	static const char where[] = "inproc://front-probe";
	char public[41], secret[41], server[41];
	uint8_t raw[KEY_BYTES];
	size_t len = sizeof(raw);
	bool ok;

	ok = zmq_getsockopt(f->router, ZMQ_CURVE_PUBLICKEY, raw, &len) == 0 &&
	    zmq_z85_encode(server, raw, sizeof(raw)) != NULL &&
	    zmq_curve_keypair(public, secret) == 0 && set_common(probe) &&
	    set_int(probe, ZMQ_IPV6, strchr(f->endpoint, '[') != NULL) &&
	    zmq_setsockopt(probe, ZMQ_CURVE_SERVERKEY, server, 40) == 0 &&
	    zmq_setsockopt(probe, ZMQ_CURVE_PUBLICKEY, public, 40) == 0 &&
	    zmq_setsockopt(probe, ZMQ_CURVE_SECRETKEY, secret, 40) == 0 &&
	    zmq_socket_monitor(probe, where,
	    ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_HANDSHAKE_SUCCEEDED |
	    ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
	    ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL) == 0 &&
	    zmq_connect(monitor, where) == 0 &&
	    zmq_connect(probe, f->endpoint) == 0;
	memset(secret, 0, sizeof(secret));	/* of no worth: never admitted */
	return ok;
}

enum err
front_probe(struct front *f)
{
	void *probe = zmq_socket(f->zmq, ZMQ_DEALER);
	void *monitor = zmq_socket(f->zmq, ZMQ_PAIR);
	enum err err = ERR_IO;

	if (probe != NULL && monitor != NULL && probe_start(f, probe, monitor))
		err = probe_wait(f, monitor);
	if (probe != NULL) {
		(void)zmq_socket_monitor(probe, NULL, 0);
		zmq_close(probe);
	}
	if (monitor != NULL)
		zmq_close(monitor);
	if (err == ERR_OK)
		diag_info("front", "the start-up probe's unknown key was "
		    "refused, as it must be");
	else
		diag_error("front", "an unknown key was not refused: %s",
		    err_name(err));
	return err;
}

static void
on_zap(void *ctx, unsigned ready)
{
	struct front *f = ctx;

	(void)ready;
	if (zap_serve(f->zap) != ERR_OK)
		f->broken(f->ctx);
}

/* The loop's turn does the reading: one batch for one commit. */
static void
on_router(void *ctx, unsigned ready)
{
	(void)ctx;
	(void)ready;
}

enum err
front_watch(struct front *f, struct loop *loop, void (*broken)(void *ctx),
    void *ctx)
{
	enum err err;

	f->broken = broken;
	f->ctx = ctx;
	err = loop_socket(loop, zap_socket(f->zap), LOOP_READ, on_zap, f);
	if (err == ERR_OK)
		err = loop_socket(loop, f->router, LOOP_READ, on_router, f);
	if (err == ERR_OK)
		f->loop = loop;
	return err;
}

size_t
front_sessions(const struct front *f)
{
	return f->session_count;
}

/* Compare the frame's session with the newest known of its key. */
static enum err
session_note(struct front *f, struct front_frame *frame)
{
	const uint8_t *key = frame->peer.key;
	struct session **head = &f->sessions[(key[0] << 2 | key[1] >> 6) %
	    SESSIONS];
	struct session *s;

	for (s = *head; s != NULL; s = s->next)
		if (memcmp(s->peer.key, key, KEY_BYTES) == 0)
			break;
	if (s == NULL) {
		s = calloc(1, sizeof(*s));
		if (s == NULL)
			return ERR_NOMEM;
		s->peer = frame->peer;
		s->next = *head;
		*head = s;
		f->session_count++;
		return ERR_OK;
	}
	if (s->peer.session == frame->peer.session)
		return ERR_OK;
	/* The counter may wrap, so newer means less than half round ahead. */
	if ((int32_t)(frame->peer.session - s->peer.session) < 0) {
		frame->superseded = true;
		return ERR_OK;
	}
	frame->replaces = true;
	frame->replaced = s->peer.session;
	s->peer.session = frame->peer.session;
	return ERR_OK;
}

/* The sender: its key by ZAP's word, its session by the router's. */
static enum err
frame_peer(struct front_frame *frame, zmq_msg_t *id, zmq_msg_t *data)
{
	struct rd rd = rd_init(zmq_msg_data(id), zmq_msg_size(id));
	const char *user = zmq_msg_gets(data, "User-Id");

	rd_zeros(&rd, 1);
	frame->peer.session = rd_u32(&rd);
	if (rd_end(&rd) != ERR_OK || user == NULL)
		return ERR_MAGIC;
	return hex_decode(frame->peer.key, KEY_BYTES, user) == ERR_OK ?
	    ERR_OK : ERR_MAGIC;
}

/* Drop what is left of a message of too many parts. */
static void
drain_parts(struct front *f, zmq_msg_t *msg)
{
	while (zmq_msg_more(msg) && zmq_msg_recv(msg, f->router, 0) >= 0)
		continue;
}

enum err
front_recv(struct front *f, struct front_frame *frame)
{
	zmq_msg_t id, *data = (zmq_msg_t *)(void *)frame->msg;
	enum err err = ERR_MAGIC;

	memset(frame, 0, sizeof(*frame));
	zmq_msg_init(&id);
	zmq_msg_init(data);
	if (zmq_msg_recv(&id, f->router, ZMQ_DONTWAIT) < 0)
		err = ERR_BUSY;
	else if (zmq_msg_more(&id) && zmq_msg_recv(data, f->router, 0) >= 0) {
		if (zmq_msg_more(data))
			drain_parts(f, data);
		else
			err = frame_peer(frame, &id, data);
	}
	zmq_msg_close(&id);
	if (err == ERR_OK)
		err = session_note(f, frame);
	if (err != ERR_OK) {
		zmq_msg_close(data);
		return err;
	}
	frame->data = (struct view){ zmq_msg_data(data), zmq_msg_size(data) };
	return ERR_OK;
}

void
front_release(struct front_frame *frame)
{
	zmq_msg_close((zmq_msg_t *)(void *)frame->msg);
	frame->data = (struct view){ NULL, 0 };
}

enum err
front_send(struct front *f, const struct front_peer *peer, struct view data)
{
	uint8_t id[ROUTING_BYTES];
	struct wr wr = wr_init(id, sizeof(id));

	wr_zeros(&wr, 1);
	wr_u32(&wr, peer->session);
	if (zmq_send(f->router, id, sizeof(id), ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
		return errno == EAGAIN ? ERR_BUSY : ERR_UNREACHABLE;
	if (zmq_send(f->router, data.p, data.len, ZMQ_DONTWAIT) < 0)
		return errno == EAGAIN ? ERR_BUSY : ERR_UNREACHABLE;
	return ERR_OK;
}
