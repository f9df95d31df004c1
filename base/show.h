/*
 * show: other people's text made safe to look at; tables, CSV, HTML.
 *
 * Control, escape and bidi characters become visible as \u{202E}, so that
 * text from a counterpart can neither move the cursor nor reorder a line.
 */
#ifndef BASE_SHOW_H
#define BASE_SHOW_H

#include <stddef.h>
#include <stdio.h>

#include "base/bytes.h"

/* show_text(out, s, len): append, escaped; line breaks too.  Bytes that are
 * no UTF-8 become \x{FF}; a backslash stays as it is. */
void
show_text(struct buf *out, const char *s, size_t len);
/* show_lines(out, s, len, indent): the same with real line breaks, each line
 * after the first indented by indent spaces. */
void
show_lines(struct buf *out, const char *s, size_t len, unsigned indent);
/* show_csv(out, s): append one quoted cell, no comma; what a spreadsheet
 * would run as a formula (= + - @ tab, return) gets an apostrophe in front. */
void
show_csv(struct buf *out, const char *s);
/* show_html(out, s, len): append, escaped for element text and attributes. */
void
show_html(struct buf *out, const char *s, size_t len);
/* show_columns(s): how wide escaped text is on a terminal. */
size_t
show_columns(const char *s);

/* A table: cells left to right, a row is full after as many as heads. */
struct show_table;

/* show_table_new(heads, n): heads outlive it. */
struct show_table *
show_table_new(const char *const *heads, size_t n);
/* show_cell(t, fmt, ...): the next cell; shown escaped. */
void
show_cell(struct show_table *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* show_table_print(t, f): aligned by display width. */
void
show_table_print(const struct show_table *t, FILE *f);
void
show_table_free(struct show_table **t);

#endif
