/*
 * alarm: what a person must look at, kept until somebody says it is seen.
 *
 * Owns the alarm table.  The same alarm again only moves its time and count.
 * Texts hold ids and numbers, never content.  Agent core.
 */
#ifndef ENDPOINT_ALARM_H
#define ENDPOINT_ALARM_H

#include <stdint.h>

#include "base/err.h"

struct book;
struct json;

const char *
alarm_schema(void);

/* alarm_raise(book, at, code, pair, fmt, ...): pair 0: of no pair; also told
 * in the diag.  A storage error shows at the commit. */
void
alarm_raise(struct book *book, int64_t at, enum err code, int64_t pair,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* alarm_clear(book, code, pair): the cause is gone. */
void
alarm_clear(struct book *book, enum err code, int64_t pair);

/* alarm_json(book): an array of those standing, the caller frees it. */
struct json *
alarm_json(struct book *book);

#endif
