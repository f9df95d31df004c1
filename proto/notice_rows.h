/*
 * notice_rows: each body as one table: its parts, their names, what is must.
 *
 * One table serves the wire (notice_body.c), JSON (endpoint/form.h), the
 * auditor's page (audit/content.h) and the check for what is missing, so a
 * new message type is a struct, a schema and a table, and no code.  A row's
 * key is its name in JSON and in schema/content.proto, where a time's ends
 * in "_ms" besides.  Data only, pure.
 */
#ifndef PROTO_NOTICE_ROWS_H
#define PROTO_NOTICE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/notice_body.h"

/* What stands at a row's place in its struct. */
enum notice_row_kind {
	ROW_TEXT,	/* const char * */
	ROW_NAME,	/* the same: a file's name, chunk_name_ok */
	ROW_TIME,	/* uint64_t, UTC ms */
	ROW_SIZE,	/* uint64_t */
	ROW_NUMBER,	/* uint32_t, at most size */
	ROW_GRADE,	/* the same, shown with an H in front */
	ROW_STATUS,	/* uint32_t, enum err; no officer writes it */
	ROW_FLAG,	/* bool */
	ROW_CODE,	/* an enum with words */
	ROW_HASH,
	ROW_ID,
	ROW_TEXTS,	/* struct notice_texts */
	ROW_LIST,	/* a pointer to size_t (at count) structs of size */
	ROW_PART,	/* a struct in place, present if the bool at count */
	ROW_ASIDE,	/* JSON knows the name, the wire does not */
};

/* A part that is always there has no bool of its own. */
#define ROW_ALWAYS SIZE_MAX

struct notice_row {
	const char *key;		/* NULL ends a table */
	enum notice_row_kind kind;
	size_t at;			/* offset in the struct */
	bool must;			/* required, where its part is; an id or
					 * hash that is must has no empty form */
	const struct notice_row *rows;	/* of a list's or part's struct */
	size_t count;			/* offset */
	size_t size;			/* of a list's struct; largest number */
	const struct notice_word *words;
};

/* notice_rows(type): the table of that type's body, whose struct begins
 * where notice_body's union does; NULL for a type without one. */
const struct notice_row *
notice_rows(enum notice_type type);

/* notice_rows_there(row, base): is anything said at row of the struct base?
 * A flag, a status or a part that is always there counts as said. */
bool
notice_rows_there(const struct notice_row *row, const void *base);

/* notice_rows_list(row, base, n): the n structs of a ROW_LIST. */
const void *
notice_rows_list(const struct notice_row *row, const void *base, size_t *n);

#endif
