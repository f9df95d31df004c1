#include "base/bytes.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first allocation of a buffer; it doubles from there. */
#define BUF_FIRST_BYTES 256
#define BUF_SPILL_BYTES 65536

struct rd
rd_init(const void *p, size_t len)
{
	return (struct rd){ .p = p, .left = len };
}

struct view
rd_view(struct rd *rd, size_t len)
{
	struct view v = { NULL, 0 };

	if (rd->err != ERR_OK)
		return v;
	if (len > rd->left) {
		rd->err = ERR_TRUNCATED;
		return v;
	}
	v.p = rd->p;
	v.len = len;
	if (len > 0)
		rd->p += len;
	rd->left -= len;
	return v;
}

static uint64_t
rd_int(struct rd *rd, size_t len)
{
	struct view v = rd_view(rd, len);
	uint64_t n = 0;
	size_t i;

	if (v.p == NULL)
		return 0;
	for (i = 0; i < len; i++)	/* a constant: one load and a swap */
		n = n << 8 | v.p[i];
	return n;
}

uint8_t
rd_u8(struct rd *rd)
{
	return (uint8_t)rd_int(rd, 1);
}

uint16_t
rd_u16(struct rd *rd)
{
	return (uint16_t)rd_int(rd, 2);
}

uint32_t
rd_u32(struct rd *rd)
{
	return (uint32_t)rd_int(rd, 4);
}

uint64_t
rd_u64(struct rd *rd)
{
	return rd_int(rd, 8);
}

void
rd_copy(struct rd *rd, void *dst, size_t len)
{
	struct view v = rd_view(rd, len);

	if (len == 0)
		return;
	if (v.p != NULL)
		memcpy(dst, v.p, len);
	else
		memset(dst, 0, len);
}

void
rd_expect(struct rd *rd, const void *p, size_t len, enum err err)
{
	struct view v = rd_view(rd, len);

	if (v.len > 0 && memcmp(v.p, p, len) != 0)
		rd_fail(rd, err);
}

void
rd_zeros(struct rd *rd, size_t len)
{
	struct view v = rd_view(rd, len);
	size_t i;

	for (i = 0; i < v.len; i++)
		if (v.p[i] != 0)
			rd_fail(rd, ERR_RESERVED);
}

void
rd_fail(struct rd *rd, enum err err)
{
	if (rd->err == ERR_OK)
		rd->err = err;
}

enum err
rd_end(struct rd *rd)
{
	if (rd->err == ERR_OK && rd->left > 0)
		rd->err = ERR_TRAILING;
	return rd->err;
}

struct wr
wr_init(void *p, size_t size)
{
	return (struct wr){ .p = p, .size = size };
}

void
wr_copy(struct wr *wr, const void *p, size_t len)
{
	if (wr->err != ERR_OK || len == 0)
		return;
	if (len > wr->size - wr->len) {
		wr->err = ERR_TOO_BIG;
		return;
	}
	memcpy(wr->p + wr->len, p, len);
	wr->len += len;
}

void
wr_zeros(struct wr *wr, size_t len)
{
	if (wr->err != ERR_OK || len == 0)
		return;
	if (len > wr->size - wr->len) {
		wr->err = ERR_TOO_BIG;
		return;
	}
	memset(wr->p + wr->len, 0, len);
	wr->len += len;
}

/* The len low bytes of v, most significant first. */
static void
put_int(uint8_t *dst, uint64_t v, size_t len)
{
	while (len-- > 0) {
		dst[len] = (uint8_t)v;
		v >>= 8;
	}
}

static void
wr_int(struct wr *wr, uint64_t v, size_t len)
{
	uint8_t b[8];

	put_int(b, v, len);
	wr_copy(wr, b, len);
}

void
wr_u8(struct wr *wr, uint8_t v)
{
	wr_int(wr, v, 1);
}

void
wr_u16(struct wr *wr, uint16_t v)
{
	wr_int(wr, v, 2);
}

void
wr_u32(struct wr *wr, uint32_t v)
{
	wr_int(wr, v, 4);
}

void
wr_u64(struct wr *wr, uint64_t v)
{
	wr_int(wr, v, 8);
}

struct buf
buf_init(size_t max)
{
	return (struct buf){ .max = max };
}

static bool
buf_resize(struct buf *buf, size_t size)
{
	uint8_t *p = realloc(buf->p, size);

	if (p == NULL) {
		buf->err = ERR_NOMEM;
		return false;
	}
	buf->p = p;
	buf->size = size;
	return true;
}

/* Room for len more bytes and the NUL of buf_text behind them. */
static bool
buf_grow(struct buf *buf, size_t len)
{
	size_t size = buf->size;

	if (buf->err != ERR_OK)
		return false;
	if (buf->len > buf->max || len > buf->max - buf->len) {
		buf->err = ERR_TOO_BIG;
		return false;
	}
	if (size > 0 && len < size - buf->len)
		return true;
	if (size == 0)
		size = BUF_FIRST_BYTES;
	while (size - buf->len <= len)
		size *= 2;
	return buf_resize(buf, size);
}

void
buf_reserve(struct buf *buf, size_t len)
{
	if (buf->err != ERR_OK || buf->len > buf->max ||
	    len > buf->max - buf->len)
		return;		/* whoever adds that much is told */
	if (len >= buf->size - buf->len)
		buf_resize(buf, buf->len + len + 1);
}

uint8_t *
buf_room(struct buf *buf, size_t len)
{
	uint8_t *p;

	if (!buf_grow(buf, len))
		return NULL;
	p = buf->p + buf->len;
	buf->len += len;
	return p;
}

void
buf_spill_rest(struct buf *buf)
{
	enum err err;

	if (buf->sink == NULL || buf->len == 0 || buf->err != ERR_OK)
		return;
	err = buf->sink(buf->ctx, buf->p, buf->len);
	buf->len = 0;
	buf->err = err;
}

void
buf_spill(struct buf *buf)
{
	if (buf->len >= BUF_SPILL_BYTES)
		buf_spill_rest(buf);
}

void
buf_put(struct buf *buf, const void *p, size_t len)
{
	uint8_t *dst = buf_room(buf, len);

	if (dst != NULL && len > 0)
		memcpy(dst, p, len);
}

static void
buf_int(struct buf *buf, uint64_t v, size_t len)
{
	uint8_t *dst = buf_room(buf, len);

	if (dst != NULL)
		put_int(dst, v, len);
}

void
buf_u8(struct buf *buf, uint8_t v)
{
	buf_int(buf, v, 1);
}

void
buf_u16(struct buf *buf, uint16_t v)
{
	buf_int(buf, v, 2);
}

void
buf_u32(struct buf *buf, uint32_t v)
{
	buf_int(buf, v, 4);
}

void
buf_u64(struct buf *buf, uint64_t v)
{
	buf_int(buf, v, 8);
}

void
buf_str(struct buf *buf, const char *s)
{
	buf_put(buf, s, strlen(s));
}

void
buf_fmt(struct buf *buf, const char *fmt, ...)
{
	size_t room;
	va_list ap;
	int n;

	if (!buf_grow(buf, 0))
		return;
	/* Most fits into what is there; if not, it is printed again. */
	room = buf->size - buf->len;
	va_start(ap, fmt);
	n = vsnprintf((char *)buf->p + buf->len, room, fmt, ap);
	va_end(ap);
	if (n < 0) {
		buf->err = ERR_FAIL;
		return;
	}
	if (!buf_grow(buf, (size_t)n))
		return;
	if ((size_t)n < room) {
		buf->len += (size_t)n;
		return;
	}
	va_start(ap, fmt);
	vsnprintf((char *)buf->p + buf->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	buf->len += (size_t)n;
}

const char *
buf_text(struct buf *buf)
{
	if (buf->p == NULL)
		return "";
	buf->p[buf->len] = '\0';
	return (const char *)buf->p;
}

struct view
buf_view(const struct buf *buf)
{
	return (struct view){ buf->p, buf->len };
}

void
buf_reset(struct buf *buf)
{
	buf->len = 0;
	buf->err = ERR_OK;
}

void
buf_free(struct buf *buf)
{
	if (buf == NULL)
		return;
	free(buf->p);
	*buf = (struct buf){ .max = buf->max };
}

void
hex_encode(char *dst, const void *p, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *b = p;
	size_t i;

	for (i = 0; i < len; i++) {
		dst[2 * i] = digits[b[i] >> 4];
		dst[2 * i + 1] = digits[b[i] & 15];
	}
	dst[2 * len] = '\0';
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

enum err
hex_decode(void *dst, size_t len, const char *s)
{
	uint8_t *b = dst;
	size_t i;
	int hi, lo;

	for (i = 0; i < len; i++) {
		hi = hex_digit(s[2 * i]);
		if (hi < 0)
			return ERR_SYNTAX;
		lo = hex_digit(s[2 * i + 1]);
		if (lo < 0)
			return ERR_SYNTAX;
		b[i] = (uint8_t)(hi << 4 | lo);
	}
	return s[2 * len] == '\0' ? ERR_OK : ERR_SYNTAX;
}

static const char b64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
b64_encode(struct buf *buf, const void *p, size_t len)
{
	const uint8_t *b = p;
	size_t i, left;
	uint32_t v;
	char q[4];

	for (i = 0; i < len; i += 3) {
		left = len - i;
		v = (uint32_t)b[i] << 16;
		if (left > 1)
			v |= (uint32_t)b[i + 1] << 8;
		if (left > 2)
			v |= b[i + 2];
		q[0] = b64_digits[v >> 18];
		q[1] = b64_digits[v >> 12 & 63];
		q[2] = left > 1 ? b64_digits[v >> 6 & 63] : '=';
		q[3] = left > 2 ? b64_digits[v & 63] : '=';
		buf_put(buf, q, 4);
	}
}

/* Four characters to up to three bytes; -1 if not canonical. */
static int
b64_quad(const char *s, bool last, uint8_t out[3])
{
	uint32_t v = 0;
	int i, pad = 0;
	const char *d;

	for (i = 0; i < 4; i++) {
		if (s[i] == '=' && last && i >= 2) {
			pad++;
			v <<= 6;
			continue;
		}
		if (pad > 0 || s[i] == '\0')
			return -1;
		d = strchr(b64_digits, s[i]);
		if (d == NULL)
			return -1;
		v = v << 6 | (uint32_t)(d - b64_digits);
	}
	/* Unused low bits must be zero, or one value had many texts. */
	if ((pad == 1 && (v & 0xff) != 0) || (pad == 2 && (v & 0xffff) != 0))
		return -1;
	out[0] = (uint8_t)(v >> 16);
	out[1] = (uint8_t)(v >> 8);
	out[2] = (uint8_t)v;
	return 3 - pad;
}

enum err
b64_decode(struct buf *buf, const char *s, size_t len)
{
	uint8_t out[3];
	size_t i;
	int n;

	if (len % 4 != 0)
		return ERR_SYNTAX;
	for (i = 0; i < len; i += 4) {
		n = b64_quad(s + i, i + 4 == len, out);
		if (n < 0)
			return ERR_SYNTAX;
		buf_put(buf, out, (size_t)n);
	}
	return buf->err;
}
