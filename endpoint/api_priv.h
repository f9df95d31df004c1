/*
 * api_priv: what api.c, api_reply.c, api_late.c and api_pass.c share; nobody else
 * includes it.
 */
#ifndef ENDPOINT_API_PRIV_H
#define ENDPOINT_API_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "endpoint/agent.h"

struct api_pass_waiter;
struct httpd;
struct httpd_req;
struct json;
struct pending;
struct watcher;

#define API_BODY_MAX (1024u * 1024)

struct api {
	struct agent *agent;
	struct httpd *httpd;
	struct pending *pending;
	struct watcher *watchers;
	unsigned watching;
	struct api_pass_waiter *passes;
};

/* api_reply(req, status, v): takes *v; *req is NULL after. */
void
api_reply(struct httpd_req **req, unsigned status, struct json **v);
/* api_reply_status(err): the HTTP status of an error. */
unsigned
api_reply_status(enum err err);
void
api_reply_err(struct httpd_req **req, enum err err, const char *detail);
/* api_reply_parsed(req, doc): read the body, "" as {}; false: answered. */
bool
api_reply_parsed(struct httpd_req **req, struct json **doc);
/* api_reply_int(req, name, def): a number from the query; def when absent or
 * no number. */
int64_t
api_reply_int(struct httpd_req *req, const char *name, int64_t def);

/* Handler of /v1/late. */
void
api_late_get(void *ctx, struct httpd_req *req);

/* Handlers of /v1/passes and /v1/passes/revoke: parked until the relay
 * answered. */
void
api_pass_get(void *ctx, struct httpd_req *req);
void
api_pass_post(void *ctx, struct httpd_req *req);
void
api_pass_revoke(void *ctx, struct httpd_req *req);
/* api_pass_tick(api, now): as api_tick, for who waits for a relay. */
int64_t
api_pass_tick(struct api *api, int64_t now);
/* api_pass_free(api): after httpd_free. */
void
api_pass_free(struct api *api);

#endif
