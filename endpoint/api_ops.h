/*
 * api_ops: what an operator asks of the agent, from JSON to calls and back.
 *
 * Charters, recovery, status, backup and export, apart from HTTP (endpoint/
 * api.c owns routes and answers).  Paths come from the socket's owner, who is
 * the agent's own user, and must be absolute.  Runs in casewired's core.
 */
#ifndef ENDPOINT_API_OPS_H
#define ENDPOINT_API_OPS_H

#include "base/err.h"
#include "base/json.h"

struct agent;

#define API_OPS_DETAIL 320

/* api_ops_read(agent, path, out): GET of /v1/status or /v1/charters. */
enum err
api_ops_read(struct agent *agent, const char *path, struct json **out);

/*
 * api_ops_write(agent, path, in, out, detail):
 * POST to /v1/charters ({"dir", "keys": [...], "psk"}) or /v1/recover
 * ({"adopt": true} or {"statement": base64}), inside a turn.
 */
enum err
api_ops_write(struct agent *agent, const char *path,
    const struct json_cur *in, struct json **out,
    char detail[API_OPS_DETAIL]);

/* api_ops_backup: {"path"}.  api_ops_export: {"path", "level", "peer",
 * "case", "messages": [...], "field", "silence", "at", "own"}, or for a
 * .tlog-proof {"path", "peer", "case", "proof"}; ERR_EXISTS if path is
 * there. */
enum err
api_ops_backup(struct agent *agent, const struct json_cur *in,
    struct json **out, char detail[API_OPS_DETAIL]);
enum err
api_ops_export(struct agent *agent, const struct json_cur *in,
    struct json **out, char detail[API_OPS_DETAIL]);

#endif
