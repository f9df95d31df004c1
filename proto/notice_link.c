/* A heartbeat's link field, a fixed layout (PROTOCOL.md section 6). */
#include "base/merkle.h"
#include "proto/notice.h"

static void
heads_write(struct wr *wr, const struct notice_head *head)
{
	for (size_t i = 0; i < LANE_COUNT; i++) {
		wr_u64(wr, head[i].seq);
		wr_copy(wr, head[i].env_id.b, HASH_BYTES);
	}
}

static void
heads_read(struct rd *rd, struct notice_head *head)
{
	for (size_t i = 0; i < LANE_COUNT; i++) {
		head[i].seq = rd_u64(rd);
		rd_copy(rd, head[i].env_id.b, HASH_BYTES);
		if ((head[i].seq == 0) != hash_is_zero(&head[i].env_id))
			rd_fail(rd, ERR_ENCODING);
	}
}

void
notice_link_encode(uint8_t out[NOTICE_LINK_BYTES],
    const struct notice_link *link)
{
	struct wr wr = wr_init(out, NOTICE_LINK_BYTES);

	wr_copy(&wr, link->own_keys.b, HASH_BYTES);
	wr_copy(&wr, link->peer_keys.b, HASH_BYTES);
	wr_u64(&wr, link->own_prekey);
	wr_u64(&wr, link->peer_prekey);
	heads_write(&wr, link->own);
	heads_write(&wr, link->peer);
	wr_u64(&wr, link->floor_prekey);
	wr_u16(&wr, link->floor_charter);
	wr_u32(&wr, link->floor_psk_day);
	wr_u32(&wr, link->open_cases);
	wr_copy(&wr, link->open_root.b, HASH_BYTES);
}

enum err
notice_link_decode(struct notice_link *link, struct view value)
{
	struct rd rd = rd_init(value.p, value.len);
	struct hash empty = merkle_root(NULL, 0);

	*link = (struct notice_link){0};
	rd_copy(&rd, link->own_keys.b, HASH_BYTES);
	rd_copy(&rd, link->peer_keys.b, HASH_BYTES);
	link->own_prekey = rd_u64(&rd);
	link->peer_prekey = rd_u64(&rd);
	heads_read(&rd, link->own);
	heads_read(&rd, link->peer);
	link->floor_prekey = rd_u64(&rd);
	link->floor_charter = rd_u16(&rd);
	link->floor_psk_day = rd_u32(&rd);
	link->open_cases = rd_u32(&rd);
	rd_copy(&rd, link->open_root.b, HASH_BYTES);
	if ((link->open_cases == 0) != hash_eq(&link->open_root, &empty))
		rd_fail(&rd, ERR_ENCODING);
	return rd_end(&rd);
}

struct hash
notice_case_leaf(const struct id *case_id, const struct hash *a,
    const struct hash *b)
{
	uint8_t entry[ID_BYTES + 2 * HASH_BYTES];
	struct wr wr = wr_init(entry, sizeof(entry));

	wr_copy(&wr, case_id->b, ID_BYTES);
	wr_copy(&wr, a->b, HASH_BYTES);
	wr_copy(&wr, b->b, HASH_BYTES);
	return hash_leaf(entry, sizeof(entry));
}
