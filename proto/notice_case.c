/* One open case under a heartbeat's root (PROTOCOL.md sections 6, 13.4). */
#include "base/merkle.h"
#include "proto/envelope.h"
#include "proto/notice.h"

#define FIXED_BYTES (ID_BYTES + 2 * HASH_BYTES + 4)

enum err
notice_case_encode(struct buf *out, const struct notice_case *c)
{
	buf_put(out, c->case_id.b, ID_BYTES);
	buf_put(out, c->own.b, HASH_BYTES);
	buf_put(out, c->peer.b, HASH_BYTES);
	buf_u32(out, c->index);
	for (size_t i = 0; i < c->path.len; i++)
		buf_put(out, c->path.h[i].b, HASH_BYTES);
	return out->err;
}

enum err
notice_case_decode(struct notice_case *c, struct view bytes)
{
	struct rd rd = rd_init(bytes.p, bytes.len);

	*c = (struct notice_case){0};
	if (bytes.len < FIXED_BYTES)
		return ERR_TRUNCATED;
	rd_copy(&rd, c->case_id.b, ID_BYTES);
	rd_copy(&rd, c->own.b, HASH_BYTES);
	rd_copy(&rd, c->peer.b, HASH_BYTES);
	c->index = rd_u32(&rd);
	if (rd.left % HASH_BYTES != 0 ||
	    rd.left / HASH_BYTES > MERKLE_PATH_MAX)
		return ERR_PATH_LENGTH;
	c->path.len = rd.left / HASH_BYTES;
	for (size_t i = 0; i < c->path.len; i++)
		rd_copy(&rd, c->path.h[i].b, HASH_BYTES);
	return rd_end(&rd);
}

enum err
notice_case_check(const struct notice_case *c, uint8_t direction,
    const struct notice_link *link)
{
	struct hash leaf = notice_case_leaf(&c->case_id,
	    direction == FROM_A ? &c->own : &c->peer,
	    direction == FROM_A ? &c->peer : &c->own);
	struct hash root;
	enum err err;

	if (c->index >= link->open_cases)
		return ERR_COUNT;
	err = merkle_root_from(&root, &leaf, c->index, link->open_cases,
	    &c->path);
	if (err != ERR_OK)
		return err;
	return hash_eq(&root, &link->open_root) ? ERR_OK : ERR_ROOT;
}
