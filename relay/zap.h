/*
 * zap: whose transport key may open a connection (ZeroMQ RFC 27).
 *
 * Owns the authentication socket of the process's ZeroMQ context.  A CURVE
 * handshake waits in libzmq until an answer comes from here; without this
 * module none is answered and nobody gets in, so its failure closes the
 * door.  Knows keys only by asking its caller.  Relay loop only.
 */
#ifndef RELAY_ZAP_H
#define RELAY_ZAP_H

#include <stdint.h>

#include "base/err.h"
#include "proto/limits.h"

#define ZAP_DOMAIN_NAME "casewire"
/* The User-Id of a message: the transport key in lower-case hex, a NUL. */
#define ZAP_USER_BYTES (2 * KEY_BYTES + 1)

struct zap;

/* zap_allow: ERR_OK lets t in; any other error keeps it out. */
typedef enum err zap_allow(void *ctx, const uint8_t t[KEY_BYTES]);

/* zap_open(out, zmq, allow, ctx): zmq is a ZeroMQ context; before any other
 * socket is bound there.  ERR_IO. */
enum err
zap_open(struct zap **out, void *zmq, zap_allow *allow, void *ctx);
void
zap_close(struct zap **z);
/* zap_socket(z): readable when zap_serve has work. */
void *
zap_socket(const struct zap *z);
/* zap_serve(z): answer every request that waits.  ERR_IO: the socket is
 * broken and the process must end. */
enum err
zap_serve(struct zap *z);

#endif
