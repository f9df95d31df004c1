/*
 * api: the agent's JSON interface on a unix socket.
 *
 * Owns the route table (endpoint/openapi.json describes it).  A request that
 * reads is answered at once; one that writes does so inside the turn, behind
 * a savepoint of its own, and is answered only after the turn's commit
 * (api_committed).  A watcher parks until something moves or its time is
 * over.  The socket's mode 0600 is the permission.  Runs in casewired's core.
 */
#ifndef ENDPOINT_API_H
#define ENDPOINT_API_H

#include <stdint.h>

#include "base/err.h"

struct agent;
struct api;
struct httpd;

/*
 * api_new(out, agent, path):
 * Listen on the unix socket path.  The caller wires api_httpd into its loop
 * and frees *out.  ERR_LOCKED if another agent answers there.
 */
enum err
api_new(struct api **out, struct agent *agent, const char *path);
void
api_free(struct api **api);

/* api_httpd(api): for the loop's wiring. */
struct httpd *
api_httpd(struct api *api);

/*
 * api_committed(api, err):
 * To be called after every turn: ERR_OK after its commit, else why nothing
 * of it happened.  Sends the answers that waited for it.
 */
void
api_committed(struct api *api, enum err err);

/*
 * api_tick(api, now):
 * To be called after api_committed: answer watchers for whom something moved or
 * whose time (monotonic ms) is over.  Returns when it wants to be called
 * anyway, or -1.
 */
int64_t
api_tick(struct api *api, int64_t now);

#endif
