/*
 * front: the relay's one public socket.
 *
 * Owns the ZeroMQ context, the ROUTER behind CURVE with every socket rule of
 * PROTOCOL.md section 9, and which session of a transport key is the newest.
 * A frame's sender is the key that ZAP authenticated, never a routing id or
 * a name the peer chose.  Never looks into a frame.  Relay loop only.
 */
#ifndef RELAY_FRONT_H
#define RELAY_FRONT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "proto/limits.h"
#include "relay/zap.h"

struct dh_key;
struct front;
struct loop;

/* One connection: the key it proved, and its place among that key's. */
struct front_peer {
	uint8_t key[KEY_BYTES];
	uint32_t session;
};

/* A received frame; data lives until front_release. */
struct front_frame {
	struct front_peer peer;
	struct view data;
	bool superseded;	/* sent by a session that is not the newest */
	bool replaces;		/* first of a newer session: */
	uint32_t replaced;	/* ... this one is over and is to be told */
	_Alignas(16) uint8_t msg[64];	/* front.c: zmq_msg_t */
};

/*
 * front_open(out, endpoint, t, allow, ctx):
 * Bind endpoint ("tcp://127.0.0.1:5701", port 0 or * for any) with t as the
 * server's CURVE key; allow and ctx as in zap.h.  ERR_CONF (endpoint), ERR_IO.
 */
enum err
front_open(struct front **out, const char *endpoint, const struct dh_key *t,
    zap_allow *allow, void *ctx);
/* front_close(&f): linger 0; replies not on the wire are lost. */
void
front_close(struct front **f);
/* front_endpoint(f): where it is bound, with the real port. */
const char *
front_endpoint(const struct front *f);

/* front_sessions(f): how many keys have sent a frame since front_open. */
size_t
front_sessions(const struct front *f);

/*
 * front_probe(f):
 * Connect to ourselves with a key nobody knows.  ERR_OK only if the
 * handshake was refused; ERR_NOT_ADMITTED if it succeeded, ERR_TIMEOUT if
 * nothing happened: either way the process must not serve.
 */
enum err
front_probe(struct front *f);

/* front_watch(f, loop, broken, ctx): wake loop when frames wait (its turn
 * then reads them) and answer ZAP in it; broken(ctx) if ZAP's socket died. */
enum err
front_watch(struct front *f, struct loop *loop, void (*broken)(void *ctx),
    void *ctx);

/* front_recv(f, frame): ERR_BUSY when nothing waits, ERR_MAGIC for a frame
 * that was dropped (no key, a claimed routing id, not one part). */
enum err
front_recv(struct front *f, struct front_frame *frame);
void
front_release(struct front_frame *frame);
/* front_send(f, peer, data): never blocks; ERR_UNREACHABLE if the session is
 * gone, ERR_BUSY if its queue is full; the frame is dropped then. */
enum err
front_send(struct front *f, const struct front_peer *peer, struct view data);

#endif
