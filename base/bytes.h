/*
 * bytes: the only way to read and write byte layouts.
 *
 * A reader or writer remembers its first error; after it every further call
 * does nothing (reads give zeros), so a decoder checks once, at its end.
 * Integers are big-endian.  Owns no memory but struct buf's.  No clock, no
 * I/O but what a buffer's sink does, any thread.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* A view of bytes somebody else owns; valid as long as theirs are. */
struct view {
	const uint8_t *p;
	size_t len;
};

/* A reading cursor over a view. */
struct rd {
	const uint8_t *p;
	size_t left;
	enum err err;
};

struct rd
rd_init(const void *p, size_t len);
uint8_t
rd_u8(struct rd *rd);
uint16_t
rd_u16(struct rd *rd);
uint32_t
rd_u32(struct rd *rd);
uint64_t
rd_u64(struct rd *rd);
/* rd_copy(rd, dst, len): copy len bytes, or zeros and ERR_TRUNCATED. */
void
rd_copy(struct rd *rd, void *dst, size_t len);
/* rd_view(rd, len): borrow len bytes; {NULL, 0} once an error stands. */
struct view
rd_view(struct rd *rd, size_t len);
/* rd_expect(rd, p, len, err): the next bytes must equal p, else err. */
void
rd_expect(struct rd *rd, const void *p, size_t len, enum err err);
/* rd_zeros(rd, len): the next bytes must be zero, else ERR_RESERVED. */
void
rd_zeros(struct rd *rd, size_t len);
/* rd_fail(rd, err): note err unless one stands already. */
void
rd_fail(struct rd *rd, enum err err);
/* rd_end(rd): the first error, or ERR_TRAILING if bytes are left. */
enum err
rd_end(struct rd *rd);

/*
 * A writer into memory of a fixed size; over its end it notes ERR_TOO_BIG
 * and writes no more.
 */
struct wr {
	uint8_t *p;
	size_t size;
	size_t len;
	enum err err;
};

struct wr
wr_init(void *p, size_t size);
void
wr_u8(struct wr *wr, uint8_t v);
void
wr_u16(struct wr *wr, uint16_t v);
void
wr_u32(struct wr *wr, uint32_t v);
void
wr_u64(struct wr *wr, uint64_t v);
void
wr_copy(struct wr *wr, const void *p, size_t len);
void
wr_zeros(struct wr *wr, size_t len);

/*
 * A growing buffer with a ceiling: past max it notes ERR_TOO_BIG, never
 * allocates.  Zero-initialise with BUF(max); free with buf_free, which also
 * accepts an empty one.  Not for secrets (base/secret.h).
 */
typedef enum err buf_sink(void *ctx, const void *p, size_t len);
struct buf {
	uint8_t *p;
	size_t len;
	size_t size;
	size_t max;
	enum err err;
	buf_sink *sink;		/* NULL: all stays here */
	void *ctx;
};

struct buf
buf_init(size_t max);
void
buf_put(struct buf *buf, const void *p, size_t len);
void
buf_u8(struct buf *buf, uint8_t v);
void
buf_u16(struct buf *buf, uint16_t v);
void
buf_u32(struct buf *buf, uint32_t v);
void
buf_u64(struct buf *buf, uint64_t v);
/* buf_str(buf, s): the characters of s without the NUL. */
void
buf_str(struct buf *buf, const char *s);
/* buf_fmt(buf, fmt, ...): printf into the buffer. */
void
buf_fmt(struct buf *buf, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* buf_text(buf): the content with a NUL behind it (not counted in len). */
const char *
buf_text(struct buf *buf);
/* buf_reserve(buf, len): memory for exactly len more bytes at once, where
 * growing by doubling would take up to twice that. */
void
buf_reserve(struct buf *buf, size_t len);
/* buf_room(buf, len): space for len more bytes at the end, len grown by it;
 * NULL with the error noted when over max. */
uint8_t *
buf_room(struct buf *buf, size_t len);
struct view
buf_view(const struct buf *buf);
/*
 * buf_spill(buf), buf_spill_rest(buf):
 * For what is written in a long loop: hand the content to buf->sink and start
 * empty again, the first once there is a good deal of it.  Nothing without a
 * sink.  The sink's error becomes the buffer's.
 */
void
buf_spill(struct buf *buf);
void
buf_spill_rest(struct buf *buf);
/* buf_reset(buf): empty it, keep its memory and max, forget the error. */
void
buf_reset(struct buf *buf);
void
buf_free(struct buf *buf);

/* Lower-case hexadecimal; dst has 2 * len + 1 bytes. */
void
hex_encode(char *dst, const void *p, size_t len);
/* hex_decode(dst, len, s): exactly 2 * len digits of either case, else
 * ERR_SYNTAX. */
enum err
hex_decode(void *dst, size_t len, const char *s);
/* Base64 with padding (RFC 4648 section 4), no line breaks, appended. */
void
b64_encode(struct buf *buf, const void *p, size_t len);
/* b64_decode(buf, s, len): canonical only, else ERR_SYNTAX. */
enum err
b64_decode(struct buf *buf, const char *s, size_t len);

#endif
