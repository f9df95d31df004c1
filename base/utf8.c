#include "base/utf8.h"

/* Shape of a character by its first byte: how long, and the range of its
 * second byte, which alone excludes overlong forms, surrogates and what lies
 * above U+10FFFF (Unicode 15, table 3-7). */
struct shape {
	uint8_t first_min, first_max;
	uint8_t len;
	uint8_t second_min, second_max;
};

static const struct shape shapes[] = {
	{ 0x00, 0x7f, 1, 0, 0 },
	{ 0xc2, 0xdf, 2, 0x80, 0xbf },
	{ 0xe0, 0xe0, 3, 0xa0, 0xbf },
	{ 0xe1, 0xec, 3, 0x80, 0xbf },
	{ 0xed, 0xed, 3, 0x80, 0x9f },
	{ 0xee, 0xef, 3, 0x80, 0xbf },
	{ 0xf0, 0xf0, 4, 0x90, 0xbf },
	{ 0xf1, 0xf3, 4, 0x80, 0xbf },
	{ 0xf4, 0xf4, 4, 0x80, 0x8f },
};

static const struct shape *
shape_of(uint8_t first)
{
	size_t i;

	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (first >= shapes[i].first_min &&
		    first <= shapes[i].first_max)
			return &shapes[i];
	return NULL;
}

size_t
utf8_next(const void *p, size_t len, uint32_t *code)
{
	static const uint8_t first_mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	const struct shape *shape;
	const uint8_t *b = p;
	uint32_t c;
	size_t i;

	if (len == 0)
		return 0;
	shape = shape_of(b[0]);
	if (shape == NULL || shape->len > len)
		return 0;
	c = b[0] & first_mask[shape->len];
	for (i = 1; i < shape->len; i++) {
		if ((b[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (b[i] & 0x3f);
	}
	if (shape->len > 1 &&
	    (b[1] < shape->second_min || b[1] > shape->second_max))
		return 0;
	*code = c;
	return shape->len;
}

bool
utf8_valid(const void *p, size_t len)
{
	const uint8_t *b = p;
	uint32_t code;
	size_t n;

	while (len > 0) {
		n = utf8_next(b, len, &code);
		if (n == 0)
			return false;
		b += n;
		len -= n;
	}
	return true;
}

struct range {
	uint32_t from, to;
};

static bool
in(const struct range *r, size_t n, uint32_t code)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (code >= r[i].from && code <= r[i].to)
			return true;
	return false;
}

unsigned
utf8_columns(uint32_t code)
{
	/* Blocks, not single characters: enough to keep columns straight
	 * for the scripts our users write. */
	static const struct range none[] = {
		{ 0x0300, 0x036f }, { 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff },
		{ 0x200b, 0x200d }, { 0x20d0, 0x20ff }, { 0xfe00, 0xfe0f },
		{ 0xfe20, 0xfe2f },
	};
	static const struct range wide[] = {
		{ 0x1100, 0x115f }, { 0x2e80, 0x303e }, { 0x3041, 0x33ff },
		{ 0x3400, 0x4dbf }, { 0x4e00, 0x9fff }, { 0xa000, 0xa4cf },
		{ 0xa960, 0xa97f }, { 0xac00, 0xd7a3 }, { 0xf900, 0xfaff },
		{ 0xfe30, 0xfe6f }, { 0xff00, 0xff60 }, { 0xffe0, 0xffe6 },
		{ 0x1f300, 0x1f64f }, { 0x1f900, 0x1f9ff },
		{ 0x20000, 0x3fffd },
	};

	if (code < 0x300)
		return 1;
	if (in(none, sizeof(none) / sizeof(none[0]), code))
		return 0;
	return in(wide, sizeof(wide) / sizeof(wide[0]), code) ? 2 : 1;
}
