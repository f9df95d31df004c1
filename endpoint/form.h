/*
 * form: the bodies of domain messages as JSON, both ways.
 *
 * By the tables of proto/notice_rows.h: their names, times as RFC 3339 text,
 * codes as words, ids as hex.  Says where
 * a value is wrong; what is missing is notice_missing's business.  No state,
 * no I/O.
 */
#ifndef ENDPOINT_FORM_H
#define ENDPOINT_FORM_H

#include "base/err.h"
#include "base/json.h"
#include "proto/arena.h"
#include "proto/notice.h"

/*
 * form_read(body, type, in, also, arena):
 * Read a body.  Members in the NULL-ended list `also` are the caller's, any
 * other stranger is a fault.  Strings borrow from the document, lists lie in
 * arena.  Wrong types, times and codes are noted in in->fault, which also is
 * the result: ERR_SYNTAX, ERR_CODE, ERR_COUNT, ERR_NOMEM.  An attachment's
 * "path" and an item's "file" are let pass for the caller.
 */
enum err
form_read(struct notice_body *body, enum notice_type type,
    const struct json_cur *in, const char *const *also, struct arena *arena);

/* form_write(body): what is there, as an object. */
struct json *
form_write(const struct notice_body *body);

#endif
