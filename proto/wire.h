/*
 * wire: the one way into and out of protobuf-c, for this folder alone.
 *
 * Unpacks into a bounded arena and checks by the message's own description
 * what no caller may forget: strings are UTF-8 without NUL, enum numbers are
 * in their closed list, encoding is the shortest.  Pure.
 */
#ifndef PROTO_WIRE_H
#define PROTO_WIRE_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "proto/arena.h"

struct ProtobufCMessage;
struct ProtobufCMessageDescriptor;

/* Whether fields this version does not know are an error.  In content they
 * are: officers sign what they were shown.  In relay frames they are not. */
enum wire_unknown {
	WIRE_REFUSE,
	WIRE_IGNORE,
};

/*
 * wire_unpack(desc, bytes, unknown, arena, err):
 * The message, in the arena, or NULL with *err: ERR_MESSAGE (does not parse,
 * unknown field), ERR_ENCODING (not the shortest form, or a NUL in a
 * string), ERR_SYNTAX (UTF-8), ERR_CODE (enum), ERR_NOMEM.
 */
void *
wire_unpack(const struct ProtobufCMessageDescriptor *desc, struct view bytes,
    enum wire_unknown unknown, struct arena *arena, enum err *err);

/* wire_pack(out, msg, max): check as above and append; ERR_TOO_BIG. */
enum err
wire_pack(struct buf *out, const struct ProtobufCMessage *msg, size_t max);

/*
 * wire_fixed(out, size, bytes, len): exactly size bytes, else ERR_MESSAGE.
 * wire_fixed_opt: or none, which leaves zeros; zeros spelled out are
 * ERR_ENCODING, so that none has one form.
 */
enum err
wire_fixed(void *out, size_t size, const void *bytes, size_t len);
enum err
wire_fixed_opt(void *out, size_t size, const void *bytes, size_t len);

/* An initialiser of protobuf-c's bytes, which packing only reads. */
#define WIRE_BYTES(p, n) {(n), (uint8_t *)(uintptr_t)(p)}
/* The same for an id or hash that is left out when zero. */
#define WIRE_OPT(x, is_zero) {(is_zero) ? 0 : sizeof((x)->b), \
    (uint8_t *)(uintptr_t)(x)->b}

/*
 * wire_ticket(frame):
 * Field 1 of a frame that may not parse otherwise, if it comes first, so
 * that even a broken request gets its answer; else 0.
 */
uint64_t
wire_ticket(struct view frame);

/* wire_text(s): s for a protobuf-c struct; "" for NULL. */
char *
wire_text(const char *s);

#endif
