/*
 * call: one request of the casewire command to the agent's API.
 *
 * Owns the way from --home (or CASEWIRE_HOME) to HOME/api.sock, and how an
 * error that came back is told.  Every noun's file goes through here.  The
 * functions that return int return an exit code, said already unless 0.
 */
#ifndef ENDPOINT_CLI_CALL_H
#define ENDPOINT_CLI_CALL_H

#include <stdint.h>

#include "base/bytes.h"

struct cli;
struct json;
struct json_cur;

/* The largest answer: an export stays with the agent, lists do not. */
#define CALL_ANSWER_MAX (256u * 1024 * 1024)

/* call_get(cli, path, out): the caller frees *out. */
int
call_get(const struct cli *cli, const char *path, struct json **out);

/* call_post(cli, path, body, out): takes *body. */
int
call_post(const struct cli *cli, const char *path, struct json **body,
    struct json **out);

/* call_case(path, id): append the route of a case. */
void
call_case(struct buf *path, const char *id);

/* call_load(cli, file, out): a JSON document; "-" is standard input. */
int
call_load(const struct cli *cli, const char *file, struct json **out);

/* call_absolute(path, base): path, or base/path, as an absolute one; base
 * NULL: the working folder.  The caller frees; NULL when out of memory. */
char *
call_absolute(const char *path, const char *base);

/* call_when(cli, text, at): RFC 3339, or "+30d", "+8h", "+15m", "+10s". */
int
call_when(const struct cli *cli, const char *text, int64_t *at);

/* call_print(v, indent): an object or list for a person, escaped, member
 * names in the reader's language; those in the NULL-ended list skip are left
 * out. */
void
call_print(const struct json_cur *v, unsigned indent,
    const char *const *skip);

/* call_line(fmt, ...): one line of data on stdout, escaped. */
void
call_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* call_text(in, key): a text member or "". */
const char *
call_text(const struct json_cur *in, const char *key);
/* call_code(in, key): the same of a code, in the reader's language. */
const char *
call_code(const struct json_cur *in, const char *key);

#endif
