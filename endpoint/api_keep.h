/*
 * api_keep: holds and shredding as the desk asks for them, JSON both ways.
 *
 * Apart from HTTP (endpoint/api.c owns routes and answers).  Runs in
 * casewired's core.
 */
#ifndef ENDPOINT_API_KEEP_H
#define ENDPOINT_API_KEEP_H

#include "base/err.h"
#include "base/hash.h"
#include "endpoint/api_ops.h"

struct agent;
struct json;
struct json_cur;

/*
 * api_keep_write(agent, case_id, verb, in, who, out, detail):
 * Inside a turn: "hold" and "unhold" ({"reason"}), "shred" ({}).  who: the
 * client's user.  Errors of holds_set and shred_case, told in detail.
 */
enum err
api_keep_write(struct agent *agent, const struct id *case_id,
    const char *verb, const struct json_cur *in, const char *who,
    struct json **out, char detail[API_OPS_DETAIL]);

/* api_keep_holds(agent, case_id): every hold of a case, or of all (NULL), as
 * an array; the caller frees it. */
struct json *
api_keep_holds(struct agent *agent, const struct id *case_id);

#endif
