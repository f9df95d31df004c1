#include "base/show.h"

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"

struct range {
	uint32_t from, to;
};

/* What a terminal or a renderer acts on instead of drawing it. */
static bool
acts(uint32_t code)
{
	static const struct range ranges[] = {
		{ 0x00, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad },
		{ 0x61c, 0x61c }, { 0x180e, 0x180e }, { 0x200b, 0x200f },
		{ 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0xfeff, 0xfeff },
		{ 0xfff9, 0xfffb }, { 0xe0000, 0xe007f },
	};
	size_t i;

	for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (code >= ranges[i].from && code <= ranges[i].to)
			return true;
	return false;
}

/* One character or stray byte; returns the bytes it took. */
static size_t
show_one(struct buf *out, const char *s, size_t len)
{
	uint32_t code;
	size_t n = utf8_next(s, len, &code);

	if (n == 0) {
		buf_fmt(out, "\\x{%02X}", (unsigned)(uint8_t)*s);
		return 1;
	}
	if (acts(code))
		buf_fmt(out, "\\u{%X}", (unsigned)code);
	else
		buf_put(out, s, n);
	return n;
}

void
show_text(struct buf *out, const char *s, size_t len)
{
	size_t n;

	while (len > 0) {
		n = show_one(out, s, len);
		s += n;
		len -= n;
	}
}

void
show_lines(struct buf *out, const char *s, size_t len, unsigned indent)
{
	size_t n;

	while (len > 0) {
		if (*s == '\n') {
			buf_fmt(out, "\n%*s", (int)indent, "");
			n = 1;
		} else {
			n = show_one(out, s, len);
		}
		s += n;
		len -= n;
	}
}

void
show_csv(struct buf *out, const char *s)
{
	buf_u8(out, '"');
	if (*s != '\0' && strchr("=+-@\t\r", *s) != NULL)
		buf_u8(out, '\'');
	for (; *s != '\0'; s++) {
		if (*s == '"')
			buf_u8(out, '"');
		buf_u8(out, (uint8_t)*s);
	}
	buf_u8(out, '"');
}

static const char *
entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void
show_html(struct buf *out, const char *s, size_t len)
{
	const char *e;
	size_t n;

	while (len > 0) {
		e = entity(*s);
		if (e != NULL)
			buf_str(out, e);
		n = e != NULL ? 1 : show_one(out, s, len);
		s += n;
		len -= n;
	}
}

size_t
show_columns(const char *s)
{
	size_t len = strlen(s), columns = 0, n;
	uint32_t code;

	while (len > 0) {
		n = utf8_next(s, len, &code);
		columns += n == 0 ? 1 : utf8_columns(code);
		n = n == 0 ? 1 : n;
		s += n;
		len -= n;
	}
	return columns;
}
