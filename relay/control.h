/*
 * control: the operator's door to a running relay.
 *
 * Owns control.sock in the relay's home (mode 0600: who may open the home
 * may operate the relay) and serves relay/operate over it as HTTP and JSON.
 * Never reachable over a network.  Relay loop only.
 */
#ifndef RELAY_CONTROL_H
#define RELAY_CONTROL_H

#include "base/err.h"
#include "relay/operate.h"

struct control;
struct httpd;
struct json;

#define CONTROL_SOCKET "control.sock"

/* control_open(out, path, parts, broken, ctx): parts is copied; broken(ctx)
 * is called when an operation failed so that the relay must end. */
enum err
control_open(struct control **out, const char *path,
    const struct operate_parts *parts, void (*broken)(void *ctx), void *ctx);
void
control_close(struct control **c);
/* control_httpd(c): for loop_serve. */
struct httpd *
control_httpd(const struct control *c);

/*
 * control_ask(path, method, what, in, out):
 * The tools' side: ask a running relay and wait.  in may be NULL.  *out is
 * the answer's JSON; ERR_UNREACHABLE if no relay runs there; a refusal is
 * the error it names.  The caller frees *out.
 */
enum err
control_ask(const char *path, const char *method, const char *what,
    const struct json *in, struct json **out);

#endif
