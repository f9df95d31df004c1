/*
 * httpc: the HTTP client of the tools, over a unix socket or http://.
 *
 * One request at a time, blocking, no redirects, no proxy, no cookies.  Not
 * for use inside a loop.
 */
#ifndef BASE_HTTPC_H
#define BASE_HTTPC_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

struct httpc;

/*
 * httpc_new(out, where, timeout_ms):
 * where is "unix:/path" or "http://host:port"; nothing is sent yet.  The
 * caller frees *out.
 */
enum err
httpc_new(struct httpc **out, const char *where, int64_t timeout_ms);
void
httpc_free(struct httpc **c);

/* httpc_bearer(c, token): show it with every request from now on. */
enum err
httpc_bearer(struct httpc *c, const char *token);

/* httpc_type(c, type): what bodies are from now on, instead of JSON. */
enum err
httpc_type(struct httpc *c, const char *type);

/*
 * httpc_request(c, method, path, body, status, out):
 * Send body, JSON unless said (an empty view: none), and append the answer
 * to out (up to out->max).  ERR_OK for whatever status came;
 * ERR_UNREACHABLE, ERR_TIMEOUT, ERR_TOO_BIG.
 */
enum err
httpc_request(struct httpc *c, const char *method, const char *path,
    struct view body, unsigned *status, struct buf *out);
/* httpc_escape(out, text): append text, percent-encoded for a path or query. */
void
httpc_escape(struct buf *out, const char *text);

#endif
