#include <string.h>

#include "proto/chunk.h"
#include "proto/content.pb-c.h"
#include "proto/wire.h"

void
chunk_encode(struct wr *wr, const struct chunk *chunk)
{
	wr_copy(wr, chunk->file_id.b, ID_BYTES);
	wr_u64(wr, chunk->offset);
	wr_copy(wr, chunk->bytes.p, chunk->bytes.len);
}

enum err
chunk_decode(struct chunk *chunk, struct view value)
{
	struct rd rd = rd_init(value.p, value.len);

	*chunk = (struct chunk){0};
	rd_copy(&rd, chunk->file_id.b, ID_BYTES);
	chunk->offset = rd_u64(&rd);
	if (rd.err)
		return rd.err;
	if (rd.left == 0)
		return ERR_COUNT;
	if (rd.left > CHUNK_BYTES_MAX)
		return ERR_TOO_BIG;
	if (chunk->offset > INT64_MAX - rd.left)
		return ERR_SEQ;
	chunk->bytes = rd_view(&rd, rd.left);
	return rd_end(&rd);
}

int
chunk_name_ok(const char *name)
{
	size_t len = strnlen(name, FILE_NAME_MAX + 1);

	if (len == 0 || len > FILE_NAME_MAX || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0)
		return 0;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)name[i];

		if (c < 0x20 || c == 0x7f || c == '/' || c == '\\')
			return 0;
	}
	return 1;
}

enum err
chunk_manifest_encode(struct buf *out, const struct chunk_manifest *m)
{
	struct chunk_manifest c = *m;
	Casewire__Content__Manifest msg = CASEWIRE__CONTENT__MANIFEST__INIT;

	if (!m->name || !chunk_name_ok(m->name) || id_is_zero(&m->file_id))
		return ERR_MESSAGE;
	msg.file_id = (ProtobufCBinaryData){ID_BYTES, c.file_id.b};
	msg.size = m->size;
	msg.sha256 = (ProtobufCBinaryData){HASH_BYTES, c.sha256.b};
	msg.name = wire_text(m->name);
	if (!id_is_zero(&m->case_id))
		msg.case_id = (ProtobufCBinaryData){ID_BYTES, c.case_id.b};
	msg.media_type = wire_text(m->media_type);
	return wire_pack(out, &msg.base, OUTLINE_MAX);
}

enum err
chunk_manifest_decode(struct chunk_manifest *m, struct view value,
    struct arena *arena)
{
	const Casewire__Content__Manifest *msg;
	enum err err;

	*m = (struct chunk_manifest){.name = "", .media_type = ""};
	if (value.len > OUTLINE_MAX)
		return ERR_TOO_BIG;
	msg = wire_unpack(&casewire__content__manifest__descriptor, value,
	    WIRE_REFUSE, arena, &err);
	if (!msg)
		return err;
	err = wire_fixed(m->file_id.b, ID_BYTES, msg->file_id.data,
	    msg->file_id.len);
	if (!err)
		err = wire_fixed(m->sha256.b, HASH_BYTES, msg->sha256.data,
		    msg->sha256.len);
	if (!err)
		err = wire_fixed_opt(m->case_id.b, ID_BYTES,
		    msg->case_id.data, msg->case_id.len);
	if (err)
		return err;
	if (id_is_zero(&m->file_id) || !chunk_name_ok(msg->name))
		return ERR_MESSAGE;
	m->size = msg->size;
	m->name = msg->name;
	m->media_type = msg->media_type;
	return ERR_OK;
}
