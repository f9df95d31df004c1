/*
 * verdict_html: a judgement as one page to print and to file.
 *
 * The same content as verdict_text and the outline: one plain sentence,
 * headings, tables.  One file with nothing loaded from elsewhere and no
 * script; black on white, no meaning by colour alone; every text from a
 * bundle is escaped by base/show.  Decides nothing.  The auditor's process.
 */
#ifndef AUDIT_VERDICT_HTML_H
#define AUDIT_VERDICT_HTML_H

#include "audit/judge.h"
#include "base/bytes.h"

/* verdict_html(j, name, out): append the page; name is the file judged, as
 * it was given.  ERR_NOMEM, ERR_TOO_BIG. */
enum err
verdict_html(const struct judge *j, const char *name, struct buf *out);

#endif
