/*
 * notice_small: the bodies of a few texts and dates, for notice_body.c.
 *
 * All types of notice.h with a body but REQUEST and RESULT.  Pure.
 */
#ifndef PROTO_NOTICE_SMALL_H
#define PROTO_NOTICE_SMALL_H

#include <stdbool.h>

#include "proto/notice.h"

bool
notice_small_has(enum notice_type type);
/* As notice_body_encode and notice_body_decode; b->type tells which. */
enum err
notice_small_encode(struct buf *out, const struct notice_body *b);
enum err
notice_small_decode(struct notice_body *b, struct view value,
    struct arena *arena);

#endif
