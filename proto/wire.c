#include <protobuf-c/protobuf-c.h>
#include <string.h>

#include "base/utf8.h"
#include "proto/wire.h"

static void *
arena_take(void *data, size_t size)
{
	return arena_alloc(data, size);
}

/* The arena is freed as a whole. */
static void
arena_leave(void *data, void *p)
{
	(void)data;
	(void)p;
}

char *
wire_text(const char *s)
{
	/* protobuf-c's structs are not const; packing only reads them. */
	return (char *)(uintptr_t)(s ? s : "");
}

uint64_t
wire_ticket(struct view frame)
{
	uint64_t ticket = 0;

	if (frame.len == 0 || frame.p[0] != 0x08)
		return 0;
	for (size_t i = 1; i < frame.len && i <= 10; i++) {
		ticket |= (uint64_t)(frame.p[i] & 0x7f) << (7 * (i - 1));
		if (!(frame.p[i] & 0x80))
			return ticket;
	}
	return 0;
}

enum err
wire_fixed(void *out, size_t size, const void *bytes, size_t len)
{
	memset(out, 0, size);
	if (len != size)
		return ERR_MESSAGE;
	memcpy(out, bytes, size);
	return ERR_OK;
}

enum err
wire_fixed_opt(void *out, size_t size, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	memset(out, 0, size);
	if (len == 0)
		return ERR_OK;
	if (len != size)
		return ERR_MESSAGE;
	for (size_t i = 0; i < len; i++) {
		if (p[i]) {
			memcpy(out, p, size);
			return ERR_OK;
		}
	}
	return ERR_ENCODING;
}

static enum err
message_check(const ProtobufCMessage *msg, enum wire_unknown unknown);

/* One value of a field, at p as protobuf-c lays it out. */
static enum err
value_check(const ProtobufCFieldDescriptor *f, const void *p,
    enum wire_unknown unknown)
{
	const ProtobufCMessage *msg;
	const char *text;
	int number;

	switch (f->type) {
	case PROTOBUF_C_TYPE_STRING:
		memcpy(&text, p, sizeof(text));
		return !text || utf8_valid(text, strlen(text)) ?
		    ERR_OK : ERR_SYNTAX;
	case PROTOBUF_C_TYPE_ENUM:
		memcpy(&number, p, sizeof(number));
		return protobuf_c_enum_descriptor_get_value(f->descriptor,
		    number) ? ERR_OK : ERR_CODE;
	case PROTOBUF_C_TYPE_MESSAGE:
		memcpy(&msg, p, sizeof(msg));
		return msg ? message_check(msg, unknown) : ERR_OK;
	default:
		return ERR_OK;
	}
}

static size_t
value_size(const ProtobufCFieldDescriptor *f)
{
	switch (f->type) {
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_MESSAGE:
		return sizeof(void *);
	case PROTOBUF_C_TYPE_ENUM:
		return sizeof(int);
	default:
		return 0;	/* nothing to check inside */
	}
}

static enum err
field_check(const ProtobufCMessage *msg, const ProtobufCFieldDescriptor *f,
    enum wire_unknown unknown)
{
	const char *base = (const char *)msg, *list;
	size_t n, size = value_size(f);
	uint32_t chosen;
	enum err err;

	if (size == 0)
		return ERR_OK;
	if (f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
		memcpy(&chosen, base + f->quantifier_offset, sizeof(chosen));
		if (chosen != f->id)
			return ERR_OK;
	}
	if (f->label != PROTOBUF_C_LABEL_REPEATED)
		return value_check(f, base + f->offset, unknown);
	memcpy(&n, base + f->quantifier_offset, sizeof(n));
	memcpy(&list, base + f->offset, sizeof(list));
	for (size_t i = 0; i < n; i++) {
		err = value_check(f, list + i * size, unknown);
		if (err)
			return err;
	}
	return ERR_OK;
}

/* Recursion ends with the schemas, which have none. */
static enum err
message_check(const ProtobufCMessage *msg, enum wire_unknown unknown)
{
	enum err err;

	if (msg->n_unknown_fields && unknown == WIRE_REFUSE)
		return ERR_MESSAGE;
	for (unsigned i = 0; i < msg->descriptor->n_fields; i++) {
		err = field_check(msg, &msg->descriptor->fields[i], unknown);
		if (err)
			return err;
	}
	return ERR_OK;
}

void *
wire_unpack(const struct ProtobufCMessageDescriptor *desc, struct view bytes,
    enum wire_unknown unknown, struct arena *arena, enum err *err)
{
	ProtobufCAllocator allocator = {arena_take, arena_leave, arena};
	ProtobufCMessage *msg;

	msg = protobuf_c_message_unpack(desc, &allocator, bytes.len, bytes.p);
	if (!msg) {
		*err = arena->full ? ERR_NOMEM : ERR_MESSAGE;
		return NULL;
	}
	*err = message_check(msg, unknown);
	/*
	 * A NUL would cut a C string short and show less than was signed;
	 * an overlong number or a field given twice would hide something
	 * too.  All of them pack to another length.
	 */
	if (!*err && protobuf_c_message_get_packed_size(msg) != bytes.len)
		*err = ERR_ENCODING;
	return *err ? NULL : msg;
}

enum err
wire_pack(struct buf *out, const struct ProtobufCMessage *msg, size_t max)
{
	enum err err = message_check(msg, WIRE_REFUSE);
	uint8_t *room;
	size_t len;

	if (err)
		return err;
	len = protobuf_c_message_get_packed_size(msg);
	if (len > max)
		return ERR_TOO_BIG;
	if (len == 0)
		return out->err;
	room = buf_room(out, len);
	if (!room)
		return out->err;
	protobuf_c_message_pack(msg, room);
	return ERR_OK;
}
