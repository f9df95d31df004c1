#include <string.h>

#include "proto/envelope.h"
#include "proto/label.h"

#define VERSION 1

static const uint8_t magic[4] = {'C', 'W', 'E', '1'};

static const uint32_t buckets[BUCKET_COUNT] = {
	512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 12288, 16384,
	24576, 32768, 49152, 65536,
};

size_t
envelope_bucket(size_t len)
{
	for (size_t i = 0; i < BUCKET_COUNT; i++) {
		if (len <= buckets[i])
			return buckets[i];
	}
	return 0;
}

bool
envelope_is_bucket(size_t len)
{
	return len > 0 && envelope_bucket(len) == len;
}

void
envelope_header_encode(uint8_t out[HEADER_BYTES],
    const struct envelope_header *h)
{
	struct wr wr = wr_init(out, HEADER_BYTES);

	wr_copy(&wr, magic, sizeof(magic));
	wr_u8(&wr, VERSION);
	wr_u8(&wr, h->suite);
	wr_u16(&wr, h->charter);
	wr_copy(&wr, h->channel.b, ID_BYTES);
	wr_copy(&wr, h->kid.b, ID_BYTES);
	wr_u32(&wr, h->incarnation.start);
	wr_u32(&wr, h->incarnation.random);
	wr_u64(&wr, h->seq);
	wr_copy(&wr, h->prev.b, HASH_BYTES);
	wr_copy(&wr, h->e, KEY_BYTES);
	wr_u64(&wr, h->prekey_id);
	wr_u32(&wr, h->psk_day);
	wr_u32(&wr, h->n);
	wr_copy(&wr, h->c.b, HASH_BYTES);
	wr_u64(&wr, h->created_at);
	wr_u64(&wr, h->keep_ms);
	wr_u64(&wr, h->ack_seq);
	wr_copy(&wr, h->ack_env.b, HASH_BYTES);
	wr_u32(&wr, h->ct_len);
	wr_u32(&wr, 0);
}

/* What the values of one header must obey, whatever came before it. */
static enum err
header_check(const struct envelope_header *h)
{
	if (h->ct_len < TAG_BYTES || !envelope_is_bucket(h->ct_len - TAG_BYTES))
		return ERR_BUCKET;
	if (h->seq == 0 || h->seq == UINT64_MAX)
		return ERR_SEQ;
	if (h->incarnation.start == 0)
		return ERR_INCARNATION;
	if (h->prekey_id == 0 || h->n >= EPOCH_MAX)
		return ERR_EPOCH;
	if (h->seq == 1 && !hash_is_zero(&h->prev))
		return ERR_PREV;
	if ((h->ack_seq == 0) != hash_is_zero(&h->ack_env))
		return ERR_ENCODING;
	return ERR_OK;
}

enum err
envelope_header_decode(struct envelope_header *h, struct view bytes)
{
	struct rd rd = rd_init(bytes.p, bytes.len);
	enum err err;

	*h = (struct envelope_header){0};
	if (bytes.len != HEADER_BYTES)
		return bytes.len < HEADER_BYTES ? ERR_TRUNCATED : ERR_TRAILING;
	rd_expect(&rd, magic, sizeof(magic), ERR_MAGIC);
	if (rd_u8(&rd) != VERSION)
		rd_fail(&rd, ERR_VERSION);
	h->suite = rd_u8(&rd);
	if (h->suite != ENVELOPE_SUITE)
		rd_fail(&rd, ERR_SUITE);
	h->charter = rd_u16(&rd);
	rd_copy(&rd, h->channel.b, ID_BYTES);
	rd_copy(&rd, h->kid.b, ID_BYTES);
	h->incarnation.start = rd_u32(&rd);
	h->incarnation.random = rd_u32(&rd);
	h->seq = rd_u64(&rd);
	rd_copy(&rd, h->prev.b, HASH_BYTES);
	rd_copy(&rd, h->e, KEY_BYTES);
	h->prekey_id = rd_u64(&rd);
	h->psk_day = rd_u32(&rd);
	h->n = rd_u32(&rd);
	rd_copy(&rd, h->c.b, HASH_BYTES);
	h->created_at = rd_u64(&rd);
	h->keep_ms = rd_u64(&rd);
	h->ack_seq = rd_u64(&rd);
	rd_copy(&rd, h->ack_env.b, HASH_BYTES);
	h->ct_len = rd_u32(&rd);
	rd_zeros(&rd, 4);
	err = rd_end(&rd);
	return err ? err : header_check(h);
}

struct hash
envelope_id(const uint8_t header[HEADER_BYTES], const struct hash *ct_hash)
{
	static const uint8_t zero = 0;
	struct hasher h;

	hash_init(&h);
	hash_add(&h, &zero, 1);
	hash_label(&h, LABEL_ENV);
	hash_add(&h, header, HEADER_BYTES);
	hash_add(&h, ct_hash->b, HASH_BYTES);
	return hash_final(&h);
}

enum err
envelope_decode_bare(struct envelope *env, struct view header,
    const struct hash *ct_hash)
{
	enum err err;

	*env = (struct envelope){.header = header, .ct_hash = *ct_hash};
	err = envelope_header_decode(&env->h, header);
	if (err)
		return err;
	env->env_id = envelope_id(header.p, ct_hash);
	return ERR_OK;
}

enum err
envelope_decode(struct envelope *env, struct view header, struct view ct)
{
	enum err err;

	*env = (struct envelope){.header = header, .ct = ct};
	err = envelope_header_decode(&env->h, header);
	if (err)
		return err;
	if (ct.len != env->h.ct_len)
		return ct.len < env->h.ct_len ? ERR_TRUNCATED : ERR_TRAILING;
	env->ct_hash = hash_of(ct.p, ct.len);
	env->env_id = envelope_id(header.p, &env->ct_hash);
	return ERR_OK;
}

struct id
envelope_channel(const struct hash *pair_id, uint8_t direction, uint8_t lane)
{
	struct hasher h;
	struct hash full;

	hash_init(&h);
	hash_label(&h, LABEL_CHANNEL);
	hash_add(&h, pair_id->b, HASH_BYTES);
	hash_add(&h, &direction, 1);
	hash_add(&h, &lane, 1);
	full = hash_final(&h);
	return hash_id(&full);
}

enum err
envelope_channel_find(const struct hash *pair_id, const struct id *channel,
    uint8_t *direction, uint8_t *lane)
{
	struct id id;

	for (uint8_t d = 0; d < DIRECTION_COUNT; d++) {
		for (uint8_t l = 0; l < LANE_COUNT; l++) {
			id = envelope_channel(pair_id, d, l);
			if (!id_eq(&id, channel))
				continue;
			*direction = d;
			*lane = l;
			return ERR_OK;
		}
	}
	return ERR_CHANNEL;
}
