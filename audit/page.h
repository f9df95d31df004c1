/*
 * page: what the pages to print have in common.
 *
 * One file with nothing loaded from elsewhere and no script; black on white.
 * Whatever is put is escaped by base/show.  Decides nothing.
 */
#ifndef AUDIT_PAGE_H
#define AUDIT_PAGE_H

#include <stddef.h>

#include "base/bytes.h"

/* page_begin(out, title, more): head, style and h1; more: further style of
 * our own, or "".  page_end(out). */
void
page_begin(struct buf *out, const char *title, const char *more);
void
page_end(struct buf *out);

/* page_put(out, s): escaped text; page_in(out, tag, s): within an element;
 * page_head(out, s): a heading. */
void
page_put(struct buf *out, const char *s);
void
page_in(struct buf *out, const char *tag, const char *s);
void
page_head(struct buf *out, const char *s);
/* page_table(out, heads, n): up to the body's begin; ends </tbody></table>. */
void
page_table(struct buf *out, const char *const *heads, size_t n);

#endif
