/* values of fields 1 to 4; the first byte tells which, or a body's type. */
#include <stdlib.h>
#include <string.h>

#include "proto/notice.h"
#include "proto/notice_rows.h"

#define OUTLINE 0
#define OFFICERS 60
#define LINK 61
#define INFO 62
#define OPEN_CASE 63

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must_fit(enum err err, const struct buf *out, struct view value)
{
	if (err != ERR_OK || out->len != value.len)
		abort();
}

/* A part that is always there is written where it was left out. */
static bool
always_parts(enum notice_type type)
{
	const struct notice_row *row = notice_rows(type);

	for (; row != NULL && row->key != NULL; row++)
		if (row->kind == ROW_PART && row->count == ROW_ALWAYS)
			return true;
	return false;
}

static void
body(enum notice_type type, struct view value, struct arena *arena)
{
	struct buf out = buf_init(BODY_MAX);
	struct notice_outline o = {.type = type};
	struct notice_body b;

	if (notice_body_decode(&b, type, value, arena) == ERR_OK) {
		notice_missing(&o, &b, NULL, NULL);
		if (!always_parts(type))
			must_fit(notice_body_encode(&out, &b), &out, value);
		else if (notice_body_encode(&out, &b) != ERR_OK)
			abort();
	}
	buf_free(&out);
}

static void
outline(struct view value, struct arena *arena)
{
	struct buf out = buf_init(OUTLINE_MAX);
	struct notice_outline o;

	if (notice_outline_decode(&o, value, arena) == ERR_OK)
		must_fit(notice_outline_encode(&out, &o), &out, value);
	buf_free(&out);
}

static void
link_field(struct view value)
{
	struct notice_link link;
	uint8_t out[NOTICE_LINK_BYTES];

	if (notice_link_decode(&link, value) != ERR_OK)
		return;
	notice_link_encode(out, &link);
	if (memcmp(out, value.p, sizeof(out)) != 0)
		abort();
}

/* What reads is written back; a root made of its path, and no other, holds
 * it. */
static void
open_case(struct view value)
{
	struct buf out = buf_init(4096);
	struct notice_link link = {.open_cases = UINT32_MAX};
	struct notice_case c;
	enum err err;

	if (notice_case_decode(&c, value) != ERR_OK)
		return;
	must_fit(notice_case_encode(&out, &c), &out, value);
	err = notice_case_check(&c, FROM_A, &link);
	if (err != ERR_COUNT && err != ERR_PATH_LENGTH && err != ERR_ROOT)
		abort();
	link.open_cases = 1;
	link.open_root = notice_case_leaf(&c.case_id, &c.own, &c.peer);
	err = notice_case_check(&c, FROM_A, &link);
	if ((err == ERR_OK) != (c.index == 0 && c.path.len == 0))
		abort();
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct notice_officer_info info;
	struct notice_officers officers;
	struct view value;

	if (size == 0)
		return 0;
	value = (struct view){data + 1, size - 1};
	switch (data[0] % 64) {
	case OUTLINE:
		outline(value, &arena);
		break;
	case OFFICERS:
		if (notice_officers_decode(&officers, value, &arena) ==
		    ERR_OK && (officers.n == 0 || officers.n > 2))
			abort();
		break;
	case LINK:
		link_field(value);
		break;
	case OPEN_CASE:
		open_case(value);
		break;
	case INFO:
		notice_officer_info_decode(&info, value, &arena);
		break;
	default:
		body((enum notice_type)(data[0] % 64), value, &arena);
		break;
	}
	arena_free(&arena);
	return 0;
}
