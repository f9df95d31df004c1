/*
 * httpd: a small HTTP server on a unix socket or loopback TCP.
 *
 * Owns its listening socket and connections, runs inside the caller's loop
 * (loop_serve in base/loop.h wires it).  Only the routes of its table
 * answer; a body has a limit; over TCP the Host header must name loopback,
 * so a web page cannot reach it by a name of its own.  Only a server that is
 * said to be open listens elsewhere, and answers any Host.
 */
#ifndef BASE_HTTPD_H
#define BASE_HTTPD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

struct httpd;
struct httpd_req;

/*
 * Answers one request: calls httpd_reply once, now or later.  When it
 * returns without having replied the request is parked, and req stays valid
 * until the reply.  A peer that leaves meanwhile is noticed at the reply
 * only, so park with a time limit.
 */
typedef void httpd_handler(void *ctx, struct httpd_req *req);

/* A table ends with a row whose method is NULL.  "{case}" matches one path
 * segment, "{path...}" at the end all that is left. */
struct httpd_route {
	const char *method;
	const char *pattern;	/* "/v1/cases/{case}/messages" */
	httpd_handler *fn;
};

struct httpd_conf {
	const char *unix_path;	/* made with mode 0600; or NULL and then */
	const char *host;	/* "127.0.0.1" or "::1" */
	bool open;		/* host may be any address: for what is
				 * public anyway */
	uint16_t port;		/* 0: any, see httpd_port */
	size_t body_max;
	const struct httpd_route *routes;
	void *ctx;		/* given to every handler */
};

/*
 * httpd_new(out, conf):
 * Listen.  ERR_LOCKED if somebody answers on unix_path (a dead socket is
 * replaced), ERR_CONF if host is not loopback (open: no address), ERR_IO.
 * Ignores SIGPIPE.
 */
enum err
httpd_new(struct httpd **out, const struct httpd_conf *conf);
/* httpd_free(&d): parked requests get 503 and are gone. */
void
httpd_free(struct httpd **d);

uint16_t
httpd_port(const struct httpd *d);
/* httpd_fd(d): readable when httpd_run has work; stays the same. */
int
httpd_fd(const struct httpd *d);
/* httpd_run(d): do all work there is, calling handlers. */
void
httpd_run(struct httpd *d);
/* httpd_timeout(d): ms until httpd_run is due anyway; -1: only by the fd. */
int64_t
httpd_timeout(struct httpd *d);

const char *
httpd_method(const struct httpd_req *req);
const char *
httpd_path(const struct httpd_req *req);
/* httpd_param(req, "case"): what {case} matched (decoded); never NULL for a
 * name in the pattern. */
const char *
httpd_param(const struct httpd_req *req, const char *name);
/* httpd_query(req, "wait"): decoded, or NULL. */
const char *
httpd_query(const struct httpd_req *req, const char *name);
/* httpd_peer_uid(req, uid): who is at the other end of a unix socket; false:
 * not one, or it cannot be told. */
bool
httpd_peer_uid(const struct httpd_req *req, uint32_t *uid);
const char *
httpd_header(const struct httpd_req *req, const char *name);
/* httpd_body(req): all of it; valid until the reply. */
struct view
httpd_body(const struct httpd_req *req);

/* httpd_reply(&req, status, type, body): copies body; req is NULL after.
 * Nobody may keep the answer. */
void
httpd_reply(struct httpd_req **req, unsigned status, const char *type,
    struct view body);
/* httpd_reply_kept: the same, with what Cache-Control is to say.  A 401 asks
 * for "Authorization: Bearer ...". */
void
httpd_reply_kept(struct httpd_req **req, unsigned status, const char *type,
    struct view body, const char *cache);

#endif
