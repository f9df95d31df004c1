/*
 * follow: waiting for news of the agent (the API's long poll).
 *
 * Blocking, for the commands watch and --wait.
 */
#ifndef ENDPOINT_CLI_FOLLOW_H
#define ENDPOINT_CLI_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

struct cli;
struct json;
struct json_cur;

/* follow_known(what): a stage one can wait for. */
bool
follow_known(const char *what);

/* follow_stage(message): "delivered", "submitted", ... "waiting to be
 * sealed"; static. */
const char *
follow_stage(const struct json_cur *message);

/*
 * follow_until(cli, message, what, timeout_ms):
 * Wait until the message has that evidence; *message is replaced by its
 * newest form.  0; exit code of ERR_TIMEOUT, or of why it never will.
 */
int
follow_until(const struct cli *cli, struct json **message, const char *what,
    int64_t timeout_ms);

/* `watch`: print movements as they come, until --count or --timeout. */
int
follow_watch(struct cli *cli);

#endif
