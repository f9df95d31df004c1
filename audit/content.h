/*
 * content: what an opened message says, as names and texts to show.
 *
 * Turns the fields of a message that judge has verified into rows a person
 * can read; names are those of the JSON request form.  Texts are the
 * parties' and unescaped.  Decides nothing.  Pure.
 */
#ifndef AUDIT_CONTENT_H
#define AUDIT_CONTENT_H

#include "audit/judge.h"

typedef void content_row(void *ctx, const char *name, const char *text);

/*
 * content_each(m, row, ctx):
 * Call row for what was opened of m, the body last; empty texts are left
 * out.  A value that does not parse gives one row naming the error.
 */
void
content_each(const struct judge_message *m, content_row *row, void *ctx);

#endif
