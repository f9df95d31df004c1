/*
 * outline_show: an outline as lines, as JSON, and cell by cell.
 *
 * Decides nothing.  Cells and sentences are unescaped: whoever prints them
 * escapes by base/show.  The auditor's process.
 */
#ifndef AUDIT_OUTLINE_SHOW_H
#define AUDIT_OUTLINE_SHOW_H

#include <stdio.h>

#include "audit/outline.h"
#include "base/bytes.h"
#include "base/err.h"

/* Columns: case, side, message, urgency, time claimed, not before, not
 * after, log index, what became of it, place. */
#define OUTLINE_SHOW_COLUMNS 10

/* outline_show_head(column): translated, static. */
const char *
outline_show_head(unsigned column);
/* outline_show_cell(row, column, out): append the text of one cell. */
void
outline_show_cell(const struct outline_row *row, unsigned column,
    struct buf *out);
/* outline_show_when(row, out): when it was signed: the time claimed, and the
 * bounds that witnesses set, if any. */
void
outline_show_when(const struct outline_row *row, struct buf *out);
/* outline_show_silence(s, out): append sentences about one silence. */
void
outline_show_silence(const struct outline_silence *s, struct buf *out);

/* outline_show_text(j, o, f): the verdict's sentence, the level, one line a
 * message, the silences.  ERR_IO, ERR_NOMEM. */
enum err
outline_show_text(const struct judge *j, const struct outline *o, FILE *f);
/* outline_show_json(j, o, out): the same; spills out. */
enum err
outline_show_json(const struct judge *j, const struct outline *o,
    struct buf *out);

#endif
