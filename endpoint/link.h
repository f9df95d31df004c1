/*
 * link: the child process that holds the sockets and the transport key.
 *
 * One ZeroMQ DEALER a relay over CURVE, made, watched and closed on the
 * agent's word over a pipe; it reads no frame, keeps nothing, and knows no
 * key but T.  libzmq aborts its process on a broken invariant: then this one
 * dies, and the agent starts another within a second.  PROTOCOL.md section 9.
 *
 * Messages of the pipe: u8 op | u8 relay slot | rest.
 */
#ifndef ENDPOINT_LINK_H
#define ENDPOINT_LINK_H

#include <stdint.h>

#include "base/err.h"

enum link_op {
	/* agent to link */
	LINK_CONNECT = 1,	/* server key[32] | endpoint: (re)connect */
	LINK_SEND = 2,		/* one frame */
	LINK_DROP = 3,		/* close */
	/* link to agent */
	LINK_UP = 16,		/* handshake done, frames can go */
	LINK_DOWN = 17,		/* connection lost, tried again */
	LINK_FRAME = 18,	/* one frame */
	LINK_DENIED = 19,	/* the relay does not know our key */
};
#define LINK_HEAD_BYTES 2
#define LINK_SLOTS 32

/* Descriptors of the child, named at its start. */
#define LINK_FD_PIPE 3
#define LINK_FD_KEY 4		/* transport.key, open for reading */
#define LINK_FD_PASSPHRASE 5	/* its passphrase, to the end */

/* link_main(): all of the child; returns its exit code. */
int
link_main(void);

#endif
