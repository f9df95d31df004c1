/* Bodies both ways through protobuf, by the tables of notice_rows.h. */
#include <protobuf-c/protobuf-c.h>
#include <string.h>

#include "proto/chunk.h"
#include "proto/content.pb-c.h"
#include "proto/notice.h"
#include "proto/notice_rows.h"
#include "proto/wire.h"

static const ProtobufCMessageDescriptor *const schemas[] = {
	[NOTICE_REQUEST] = &casewire__content__request__descriptor,
	[NOTICE_ACK] = &casewire__content__ack__descriptor,
	[NOTICE_CLARIFY] = &casewire__content__clarify__descriptor,
	[NOTICE_CLARIFIED] = &casewire__content__clarified__descriptor,
	[NOTICE_DECISION] = &casewire__content__decision__descriptor,
	[NOTICE_STATUS] = &casewire__content__status__descriptor,
	[NOTICE_STATUS_QUERY] = &casewire__content__status_query__descriptor,
	[NOTICE_DELAY] = &casewire__content__delay__descriptor,
	[NOTICE_RESULT] = &casewire__content__result__descriptor,
	[NOTICE_FEEDBACK] = &casewire__content__feedback__descriptor,
	[NOTICE_LEAD] = &casewire__content__lead__descriptor,
	[NOTICE_SUPPLEMENT] = &casewire__content__supplement__descriptor,
	[NOTICE_CORRECT] = &casewire__content__correct__descriptor,
	[NOTICE_TRANSFER] = &casewire__content__transfer__descriptor,
	[NOTICE_WITHDRAW] = &casewire__content__withdraw__descriptor,
	[NOTICE_CLOSE] = &casewire__content__close__descriptor,
	[NOTICE_REOPEN] = &casewire__content__reopen__descriptor,
	[NOTICE_CONSENT_ASK] = &casewire__content__consent_ask__descriptor,
	[NOTICE_CONSENT] = &casewire__content__consent__descriptor,
	[NOTICE_CONSULT] = &casewire__content__consult__descriptor,
	[NOTICE_PUBLICITY_NOTICE] =
	    &casewire__content__publicity__descriptor,
	[NOTICE_REPLY] = &casewire__content__reply__descriptor,
	[NOTICE_ESCALATE] = &casewire__content__escalate__descriptor,
	[NOTICE_ESC_ACK] = &casewire__content__esc_ack__descriptor,
	[NOTICE_ESC_ANSWER] = &casewire__content__esc_answer__descriptor,
	[NOTICE_ESC_RETURN] = &casewire__content__esc_return__descriptor,
	[NOTICE_CALL_RECORD] = &casewire__content__call_record__descriptor,
	[NOTICE_PRIORITY_LIST] =
	    &casewire__content__priority_list__descriptor,
	[NOTICE_DOSSIER] = &casewire__content__dossier__descriptor,
	[NOTICE_DOSSIER_SIGN] = &casewire__content__dossier_sign__descriptor,
	[NOTICE_DOSSIER_DISSENT] =
	    &casewire__content__dossier_dissent__descriptor,
	[NOTICE_SESSION] = &casewire__content__session__descriptor,
	[NOTICE_CONTACTS] = &casewire__content__contacts__descriptor,
	[NOTICE_REJECT] = &casewire__content__reject__descriptor,
};

/* The schema's field of a row, or NULL. */
static const ProtobufCFieldDescriptor *
field_of(const ProtobufCMessageDescriptor *schema,
    const struct notice_row *row)
{
	char name[64];
	size_t len = strlen(row->key);

	if (row->kind == ROW_TIME && len + 4 <= sizeof(name)) {
		memcpy(name, row->key, len);
		memcpy(name + len, "_ms", 4);
		return protobuf_c_message_descriptor_get_field_by_name(
		    schema, name);
	}
	return protobuf_c_message_descriptor_get_field_by_name(schema,
	    row->key);
}

/* A field without a row would be signed and never shown. */
static enum err
all_rows(const ProtobufCMessage *m, unsigned n)
{
	return n == m->descriptor->n_fields ? ERR_OK : ERR_MESSAGE;
}

static size_t
fixed_size(const struct notice_row *row)
{
	return row->kind == ROW_ID ? ID_BYTES : HASH_BYTES;
}

/* ---- out ---- */

static enum err
rows_out(ProtobufCMessage *m, const struct notice_row *rows,
    const void *base, struct arena *arena);

/* An empty message of that schema in the arena, filled from base. */
static enum err
message_out(ProtobufCMessage **out, const ProtobufCMessageDescriptor *schema,
    const struct notice_row *rows, const void *base, struct arena *arena)
{
	ProtobufCMessage *m = arena_alloc(arena, schema->sizeof_message);

	if (!m)
		return ERR_NOMEM;
	protobuf_c_message_init(schema, m);
	*out = m;
	return rows_out(m, rows, base, arena);
}

static enum err
list_out(ProtobufCMessage *m, const ProtobufCFieldDescriptor *f,
    const struct notice_row *row, const void *base, struct arena *arena)
{
	const uint8_t *each;
	ProtobufCMessage **list;
	enum err err = ERR_OK;
	size_t n;

	each = notice_rows_list(row, base, &n);
	if (n > NOTICE_LIST_MAX)
		return ERR_COUNT;
	list = arena_array(arena, n, sizeof(*list));
	if (!list)
		return ERR_NOMEM;
	for (size_t i = 0; !err && i < n; i++)
		err = message_out(&list[i], f->descriptor, row->rows,
		    each + i * row->size, arena);
	memcpy((char *)m + f->quantifier_offset, &n, sizeof(n));
	memcpy((char *)m + f->offset, &list, sizeof(list));
	return err;
}

static enum err
texts_out(ProtobufCMessage *m, const ProtobufCFieldDescriptor *f,
    const struct notice_texts *texts)
{
	if (texts->n > NOTICE_TEXTS_MAX)
		return ERR_COUNT;
	memcpy((char *)m + f->quantifier_offset, &texts->n,
	    sizeof(texts->n));
	memcpy((char *)m + f->offset, &texts->v, sizeof(texts->v));
	return ERR_OK;
}

static enum err
text_out(void *to, const struct notice_row *row, const char *text)
{
	char *value = wire_text(text);

	memcpy(to, &value, sizeof(value));
	return row->kind == ROW_NAME && !chunk_name_ok(value) ?
	    ERR_MESSAGE : ERR_OK;
}

/* Bytes of an id or hash; none for zeros, unless there must be some. */
static void
fixed_out(void *to, const struct notice_row *row, const void *base)
{
	ProtobufCBinaryData bytes = WIRE_BYTES((const uint8_t *)base +
	    row->at, fixed_size(row));

	if (!row->must && !notice_rows_there(row, base))
		bytes.len = 0;
	memcpy(to, &bytes, sizeof(bytes));
}

static enum err
number_check(const struct notice_row *row, uint32_t number)
{
	return row->size > 0 && number > row->size ? ERR_CODE : ERR_OK;
}

static enum err
number_out(void *to, const struct notice_row *row, uint32_t number)
{
	memcpy(to, &number, sizeof(number));
	return number_check(row, number);
}

static enum err
row_out(ProtobufCMessage *m, const ProtobufCFieldDescriptor *f,
    const struct notice_row *row, const void *base, struct arena *arena)
{
	const void *at = (const uint8_t *)base + row->at;
	char *to = (char *)m + f->offset;
	ProtobufCMessage *part;
	protobuf_c_boolean flag;
	enum err err;

	switch (row->kind) {
	case ROW_TEXT:
	case ROW_NAME:
		return text_out(to, row, *(const char *const *)at);
	case ROW_TIME:
	case ROW_SIZE:
		memcpy(to, at, sizeof(uint64_t));
		return ERR_OK;
	case ROW_NUMBER:
	case ROW_GRADE:
	case ROW_STATUS:
	case ROW_CODE:
		return number_out(to, row, *(const uint32_t *)at);
	case ROW_FLAG:
		flag = *(const bool *)at;
		memcpy(to, &flag, sizeof(flag));
		return ERR_OK;
	case ROW_HASH:
	case ROW_ID:
		fixed_out(to, row, base);
		return ERR_OK;
	case ROW_TEXTS:
		return texts_out(m, f, at);
	case ROW_LIST:
		return list_out(m, f, row, base, arena);
	case ROW_PART:
		if (!notice_rows_there(row, base))
			return ERR_OK;
		err = message_out(&part, f->descriptor, row->rows, at, arena);
		memcpy(to, &part, sizeof(part));
		return err;
	case ROW_ASIDE:
		break;
	}
	return ERR_OK;
}

static enum err
rows_out(ProtobufCMessage *m, const struct notice_row *rows,
    const void *base, struct arena *arena)
{
	const ProtobufCFieldDescriptor *f;
	enum err err = ERR_OK;
	unsigned n = 0;

	for (; !err && rows->key; rows++) {
		if (rows->kind == ROW_ASIDE)
			continue;
		n++;
		f = field_of(m->descriptor, rows);
		err = f ? row_out(m, f, rows, base, arena) : ERR_MESSAGE;
	}
	return err ? err : all_rows(m, n);
}

/* ---- in ---- */

static enum err
rows_in(void *base, const struct notice_row *rows,
    const ProtobufCMessage *m, struct arena *arena);

/* A part that is not there reads as empty texts, never as NULL. */
static void
rows_blank(void *base, const struct notice_row *rows)
{
	static const char *const empty = "";

	for (; rows->key; rows++) {
		void *at = (uint8_t *)base + rows->at;

		if (rows->kind == ROW_TEXT || rows->kind == ROW_NAME)
			memcpy(at, &empty, sizeof(empty));
		else if (rows->kind == ROW_PART)
			rows_blank(at, rows->rows);
	}
}

static enum err
list_in(void *base, const struct notice_row *row, const ProtobufCMessage *m,
    const ProtobufCFieldDescriptor *f, struct arena *arena)
{
	ProtobufCMessage *const *from;
	enum err err = ERR_OK;
	uint8_t *list;
	size_t n;

	memcpy(&n, (const char *)m + f->quantifier_offset, sizeof(n));
	memcpy(&from, (const char *)m + f->offset, sizeof(from));
	if (n > NOTICE_LIST_MAX)
		return ERR_COUNT;
	list = arena_array(arena, n, row->size);
	if (!list)
		return ERR_NOMEM;
	for (size_t i = 0; !err && i < n; i++)
		err = rows_in(list + i * row->size, row->rows, from[i],
		    arena);
	memcpy((uint8_t *)base + row->count, &n, sizeof(n));
	memcpy((uint8_t *)base + row->at, &list, sizeof(list));
	return err;
}

static enum err
texts_in(struct notice_texts *texts, const ProtobufCMessage *m,
    const ProtobufCFieldDescriptor *f)
{
	memcpy(&texts->n, (const char *)m + f->quantifier_offset,
	    sizeof(texts->n));
	memcpy(&texts->v, (const char *)m + f->offset, sizeof(texts->v));
	return texts->n > NOTICE_TEXTS_MAX ? ERR_COUNT : ERR_OK;
}

static enum err
text_in(const char **text, const struct notice_row *row, const void *from)
{
	memcpy(text, from, sizeof(*text));
	return row->kind == ROW_NAME && !chunk_name_ok(*text) ?
	    ERR_MESSAGE : ERR_OK;
}

static enum err
fixed_in(void *at, const struct notice_row *row, const void *from)
{
	ProtobufCBinaryData bytes;

	memcpy(&bytes, from, sizeof(bytes));
	return row->must ?
	    wire_fixed(at, fixed_size(row), bytes.data, bytes.len) :
	    wire_fixed_opt(at, fixed_size(row), bytes.data, bytes.len);
}

static enum err
part_in(void *base, const struct notice_row *row, const void *from,
    struct arena *arena)
{
	void *at = (uint8_t *)base + row->at;
	const ProtobufCMessage *part;

	memcpy(&part, from, sizeof(part));
	if (!part) {
		rows_blank(at, row->rows);
		return ERR_OK;
	}
	if (row->count != ROW_ALWAYS)
		*(bool *)((uint8_t *)base + row->count) = true;
	return rows_in(at, row->rows, part, arena);
}

static enum err
row_in(void *base, const struct notice_row *row, const ProtobufCMessage *m,
    const ProtobufCFieldDescriptor *f, struct arena *arena)
{
	const char *from = (const char *)m + f->offset;
	void *at = (uint8_t *)base + row->at;
	protobuf_c_boolean flag;

	switch (row->kind) {
	case ROW_TEXT:
	case ROW_NAME:
		return text_in(at, row, from);
	case ROW_TIME:
	case ROW_SIZE:
		memcpy(at, from, sizeof(uint64_t));
		return ERR_OK;
	case ROW_NUMBER:
	case ROW_GRADE:
	case ROW_STATUS:
	case ROW_CODE:
		memcpy(at, from, sizeof(uint32_t));
		return number_check(row, *(const uint32_t *)at);
	case ROW_FLAG:
		memcpy(&flag, from, sizeof(flag));
		*(bool *)at = flag != 0;
		return ERR_OK;
	case ROW_HASH:
	case ROW_ID:
		return fixed_in(at, row, from);
	case ROW_TEXTS:
		return texts_in(at, m, f);
	case ROW_LIST:
		return list_in(base, row, m, f, arena);
	case ROW_PART:
		return part_in(base, row, from, arena);
	case ROW_ASIDE:
		break;
	}
	return ERR_OK;
}

static enum err
rows_in(void *base, const struct notice_row *rows,
    const ProtobufCMessage *m, struct arena *arena)
{
	const ProtobufCFieldDescriptor *f;
	enum err err = ERR_OK;
	unsigned n = 0;

	for (; !err && rows->key; rows++) {
		if (rows->kind == ROW_ASIDE)
			continue;
		n++;
		f = field_of(m->descriptor, rows);
		err = f ? row_in(base, rows, m, f, arena) : ERR_MESSAGE;
	}
	return err ? err : all_rows(m, n);
}

/* ---- by type ---- */

bool
notice_has_body(enum notice_type type)
{
	return type == NOTICE_PROFILE || notice_rows(type) != NULL;
}

/* Every body begins where the union does. */
enum err
notice_body_encode(struct buf *out, const struct notice_body *b)
{
	const struct notice_row *rows = notice_rows(b->type);
	struct arena arena = arena_init(ARENA_MAX);
	ProtobufCMessage *m;
	enum err err;

	if (b->type == NOTICE_PROFILE)
		return profile_encode(out, &b->profile);
	if (!rows)
		return ERR_CODE;
	err = message_out(&m, schemas[b->type], rows, &b->request, &arena);
	if (!err)
		err = wire_pack(out, m, BODY_MAX);
	arena_free(&arena);
	return err;
}

enum err
notice_body_decode(struct notice_body *b, enum notice_type type,
    struct view value, struct arena *arena)
{
	const struct notice_row *rows = notice_rows(type);
	const ProtobufCMessage *m;
	enum err err;

	*b = (struct notice_body){.type = type};
	if (type == NOTICE_PROFILE)
		return profile_decode(&b->profile, value, arena);
	if (!rows)
		return ERR_CODE;
	if (value.len > BODY_MAX)
		return ERR_TOO_BIG;
	m = wire_unpack(schemas[type], value, WIRE_REFUSE, arena, &err);
	return m ? rows_in(&b->request, rows, m, arena) : err;
}
