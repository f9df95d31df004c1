#include <string.h>

#include "audit/bundle_priv.h"

/*
 * The constants of EVIDENCE.md section 1: what libzip writes for a stored
 * file with our date and attributes.  All else of a head follows from name,
 * sum and length, so every byte of a bundle is either content or determined.
 */
#define LOCAL_MAGIC 0x04034b50u
#define CENTRAL_MAGIC 0x02014b50u
#define END_MAGIC 0x06054b50u
#define MADE_BY 0x033f			/* unix, 6.3 */
#define NEEDS 10			/* 1.0 */
#define EXTERNAL (0100644u << 16)
#define LOCAL_BYTES 30			/* of a local head before its name */

static void
le16(struct buf *out, unsigned v)
{
	buf_u8(out, (uint8_t)v);
	buf_u8(out, (uint8_t)(v >> 8));
}

static void
le32(struct buf *out, uint32_t v)
{
	le16(out, v & 0xffff);
	le16(out, v >> 16);
}

/* What the local and the central head have in common. */
static void
common(struct buf *out, const char *name, uint32_t crc, uint32_t len)
{
	le16(out, NEEDS);
	le16(out, 0);			/* flags */
	le16(out, 0);			/* stored */
	le16(out, BUNDLE_DOS_TIME);
	le16(out, BUNDLE_DOS_DATE);
	le32(out, crc);
	le32(out, len);
	le32(out, len);
	le16(out, (unsigned)strlen(name));
	le16(out, 0);			/* no extra field */
}

struct bundle_frame
bundle_frame_init(struct view zip)
{
	struct bundle_frame f = { zip, 0, 0, buf_init(1 << 20),
		buf_init(1 << 10) };

	return (f);
}

void
bundle_frame_free(struct bundle_frame *f)
{
	buf_free(&f->central);
	buf_free(&f->local);
}

/* The zip's next bytes are those of buf. */
static bool
next_is(struct bundle_frame *f, const struct buf *buf)
{
	if (buf->err != ERR_OK || f->zip.len - f->at < buf->len ||
	    memcmp(f->zip.p + f->at, buf->p, buf->len) != 0)
		return (false);
	f->at += buf->len;
	return (true);
}

bool
bundle_frame_next(const struct bundle_frame *f, const char *name, size_t len,
    struct view *data)
{
	size_t head = LOCAL_BYTES + strlen(name), left = f->zip.len - f->at;

	if (left < head || left - head < len)
		return (false);
	data->p = f->zip.p + f->at + head;
	data->len = len;
	return (true);
}

enum err
bundle_frame_member(struct bundle_frame *f, const char *name, uint32_t crc,
    struct view data)
{
	uint32_t len = (uint32_t)data.len, start = (uint32_t)f->at;

	buf_reset(&f->local);
	le32(&f->local, LOCAL_MAGIC);
	common(&f->local, name, crc, len);
	buf_str(&f->local, name);
	if (!next_is(f, &f->local) || f->zip.len - f->at < data.len)
		return (ERR_ENCODING);
	f->at += data.len;
	le32(&f->central, CENTRAL_MAGIC);
	le16(&f->central, MADE_BY);
	common(&f->central, name, crc, len);
	le16(&f->central, 0);		/* no comment */
	le16(&f->central, 0);		/* disk */
	le16(&f->central, 0);		/* internal attributes */
	le32(&f->central, EXTERNAL);
	le32(&f->central, start);
	buf_str(&f->central, name);
	f->members++;
	return (f->central.err);
}

enum err
bundle_frame_end(struct bundle_frame *f)
{
	uint32_t start = (uint32_t)f->at, len = (uint32_t)f->central.len;
	struct buf *c = &f->central;

	le32(c, END_MAGIC);
	le16(c, 0);
	le16(c, 0);
	le16(c, f->members);
	le16(c, f->members);
	le32(c, len);
	le32(c, start);
	le16(c, 0);			/* no comment */
	if (!next_is(f, c) || f->at != f->zip.len)
		return (ERR_ENCODING);
	return (ERR_OK);
}
