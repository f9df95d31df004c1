/*
 * ops_content: fields, commitment, openings; sealing and opening one
 * envelope with given keys.
 */
#include <string.h>

#include "audit/commit.h"
#include "keys/box.h"
#include "keys/salt.h"
#include "keys/sign.h"
#include "proto/envelope.h"
#include "proto/fields.h"
#include "vec.h"

static enum err
op_commit(struct vec *v)
{
	struct fields fields;
	struct hash leaf[FIELDS_MAX], c;
	uint8_t salt[FIELDS_MAX][SALT_BYTES];
	enum err err = fields_decode(&fields, vec_hex(v, "fields"));

	if (err != ERR_OK)
		return err;
	salt_from(salt, fields.n, vec_key(v, "kf"));
	fields_leaves(leaf, &fields, salt[0]);
	c = fields_commitment(&fields, salt[0]);
	vec_is_num(v, "k", fields.n);
	vec_is_num(v, "bucket", fields_padded_len(&fields));
	vec_is_hex(v, "salts", salt, fields.n * SALT_BYTES);
	vec_is_hex(v, "leaves", leaf, fields.n * HASH_BYTES);
	vec_is_hash(v, "C", &c);
	return ERR_OK;
}

static enum err
op_parse_fields(struct vec *v)
{
	struct fields fields;

	return fields_decode(&fields, vec_hex(v, "fields"));
}

/* Encode fields, padded or not, into the arena. */
static struct view
encoded(struct vec *v, const struct fields *fields, bool padded)
{
	size_t len = padded ? fields_padded_len(fields) : fields_len(fields);
	uint8_t *p = arena_alloc(&v->arena, len);
	struct wr wr = wr_init(p, len);

	if (padded)
		fields_encode_padded(&wr, fields);
	else
		fields_encode(&wr, fields);
	if (wr.err != ERR_OK || wr.len != len)
		vec_note(v, "fields encode to %zu of %zu bytes", wr.len, len);
	return (struct view){ p, len };
}

static enum err
op_unpad(struct vec *v)
{
	struct fields fields;
	struct view plain = vec_hex(v, "plain"), list, again;
	enum err err = fields_decode_padded(&fields, plain);

	if (err != ERR_OK)
		return err;
	list = encoded(v, &fields, false);
	vec_is_hex(v, "fields", list.p, list.len);
	again = encoded(v, &fields, true);
	if (again.len != plain.len ||
	    memcmp(again.p, plain.p, plain.len) != 0)
		vec_note(v, "padded again it differs");
	return ERR_OK;
}

static enum err
op_bucket(struct vec *v)
{
	size_t bucket = envelope_bucket(vec_num(v, "length") + 1);

	if (bucket == 0)
		return ERR_TOO_BIG;
	vec_is_num(v, "bucket", bucket);
	return ERR_OK;
}

static enum err
op_open_field(struct vec *v)
{
	struct field field;
	struct fields_opening opening;
	struct hash c = vec_hash(v, "C");
	struct view data = vec_hex(v, "data");
	enum err err = commit_field(&field, data, &c);

	if (err != ERR_OK)
		return err;
	vec_is_num(v, "tag", field.tag);
	vec_is_hex(v, "value", field.value.p, field.value.len);
	err = fields_opening_decode(&opening, data);
	if (err == ERR_OK)
		vec_is_num(v, "i", opening.index);
	return err;
}

static enum err
op_make_opening(struct vec *v)
{
	struct fields fields;
	struct fields_opening opening;
	uint8_t salt[FIELDS_MAX][SALT_BYTES];
	struct buf out = buf_init(1 << 17);
	enum err err = fields_decode(&fields, vec_hex(v, "fields"));

	if (err == ERR_OK) {
		salt_from(salt, fields.n, vec_key(v, "kf"));
		fields_open(&opening, &fields, salt[0],
		    (unsigned)vec_num(v, "i"));
		err = fields_opening_encode(&out, &opening);
		vec_is_hex(v, "data", out.p, out.len);
	}
	buf_free(&out);
	return err;
}

static enum err
op_open_message(struct vec *v)
{
	struct fields fields;
	struct hash c = vec_hash(v, "C");
	enum err err = commit_message(&fields, vec_hex(v, "data"), &c);
	struct view list;

	if (err != ERR_OK)
		return err;
	list = encoded(v, &fields, false);
	vec_is_hex(v, "fields", list.p, list.len);
	return ERR_OK;
}

static enum err
op_officer_message(struct vec *v)
{
	struct fields fields;
	struct hash pair = vec_hash(v, "pair_id");
	uint8_t tbs[OFFICER_TBS_BYTES], sig[SIG_BYTES];
	struct sign_key *key = NULL;
	enum err err = fields_decode(&fields, vec_hex(v, "fields"));

	if (err != ERR_OK)
		return err;
	fields_officer_tbs(tbs, &pair, (uint8_t)vec_num(v, "direction"),
	    (uint8_t)vec_num(v, "role"), &fields);
	vec_is_hex(v, "message", tbs, sizeof(tbs));
	err = sign_from_seed(&key, SIGN_OFFICER, vec_key(v, "seed"));
	if (err == ERR_OK)
		err = sign_labelled(key, "casewire/1/officer", tbs,
		    sizeof(tbs), sig);
	if (err == ERR_OK)
		vec_is_hex(v, "sig", sig, sizeof(sig));
	sign_free(&key);
	return err;
}

/* A box loaded with the case's ke and kf. */
static enum err
box_of(struct vec *v, struct box **box)
{
	uint8_t keys[2 * KEY_BYTES];
	enum err err = box_new(box);

	if (err != ERR_OK)
		return err;
	memcpy(keys, vec_key(v, "ke"), KEY_BYTES);
	memcpy(keys + KEY_BYTES, vec_key(v, "kf"), KEY_BYTES);
	box_set(*box, keys);
	return ERR_OK;
}

/* The header of a case, C and ct_len not yet known, field by field: it is no
 * valid header, so the decoder would refuse it. */
static struct envelope_header
header_of(struct vec *v)
{
	struct envelope_header h = { .suite = ENVELOPE_SUITE };
	struct view b = vec_hex(v, "header");
	struct rd rd = rd_init(b.p, b.len);

	(void)rd_view(&rd, 6);
	h.charter = rd_u16(&rd);
	rd_copy(&rd, h.channel.b, sizeof(h.channel.b));
	rd_copy(&rd, h.kid.b, sizeof(h.kid.b));
	h.incarnation.start = rd_u32(&rd);
	h.incarnation.random = rd_u32(&rd);
	h.seq = rd_u64(&rd);
	rd_copy(&rd, h.prev.b, sizeof(h.prev.b));
	rd_copy(&rd, h.e, sizeof(h.e));
	h.prekey_id = rd_u64(&rd);
	h.psk_day = rd_u32(&rd);
	h.n = rd_u32(&rd);
	(void)rd_view(&rd, HASH_BYTES);
	h.created_at = rd_u64(&rd);
	h.keep_ms = rd_u64(&rd);
	h.ack_seq = rd_u64(&rd);
	rd_copy(&rd, h.ack_env.b, sizeof(h.ack_env.b));
	return h;
}

static enum err
op_seal(struct vec *v)
{
	static uint8_t out[ENVELOPE_MAX];
	struct fields fields;
	struct envelope_header h = header_of(v);
	struct envelope env;
	uint8_t salt[FIELDS_MAX][SALT_BYTES];
	struct view plain;
	struct box *box = NULL;
	enum err err = fields_decode(&fields, vec_hex(v, "fields"));

	if (err == ERR_OK)
		err = box_of(v, &box);
	if (err != ERR_OK)
		goto out;
	box_salts(box, salt, fields.n);
	plain = encoded(v, &fields, true);
	h.c = fields_commitment(&fields, salt[0]);
	h.ct_len = (uint32_t)plain.len + TAG_BYTES;
	envelope_header_encode(out, &h);
	err = box_seal(box, out + HEADER_BYTES, plain.p, plain.len, &h.c, out,
	    HEADER_BYTES);
	if (err == ERR_OK)
		err = envelope_decode(&env, (struct view){ out, HEADER_BYTES },
		    (struct view){ out + HEADER_BYTES, h.ct_len });
	if (err != ERR_OK)
		goto out;
	vec_is_hex(v, "data", out, HEADER_BYTES + h.ct_len);
	vec_is_hash(v, "C", &env.h.c);
	vec_is_hash(v, "env_id", &env.env_id);
out:
	box_free(&box);
	return err;
}

/* As a receiver does: header, AEAD, padding and fields, C. */
static enum err
op_open(struct vec *v)
{
	struct view data = vec_hex(v, "data"), list;
	struct rd rd = rd_init(data.p, data.len);
	struct envelope env;
	struct fields fields;
	uint8_t salt[FIELDS_MAX][SALT_BYTES], *plain;
	struct view head = rd_view(&rd, HEADER_BYTES);
	struct view ct = rd_view(&rd, rd.left);
	struct box *box = NULL;
	struct hash c;
	enum err err = rd_end(&rd);

	if (err == ERR_OK)
		err = envelope_decode(&env, head, ct);
	if (err == ERR_OK)
		err = box_of(v, &box);
	if (err != ERR_OK)
		goto out;
	plain = arena_alloc(&v->arena, ct.len);
	err = box_open(box, plain, ct.p, ct.len, &env.h.c, head.p, head.len);
	if (err == ERR_OK)
		err = fields_decode_padded(&fields,
		    (struct view){ plain, ct.len - TAG_BYTES });
	if (err != ERR_OK)
		goto out;
	box_salts(box, salt, fields.n);
	c = fields_commitment(&fields, salt[0]);
	if (!hash_eq(&c, &env.h.c)) {
		err = ERR_COMMITMENT;
		goto out;
	}
	list = encoded(v, &fields, false);
	vec_is_hex(v, "fields", list.p, list.len);
out:
	box_free(&box);
	return err;
}

const struct vec_entry vec_ops_content[] = {
	{ "commit", op_commit },
	{ "parse_fields", op_parse_fields },
	{ "unpad", op_unpad },
	{ "bucket", op_bucket },
	{ "open_field", op_open_field },
	{ "make_opening", op_make_opening },
	{ "open_message", op_open_message },
	{ "officer_message", op_officer_message },
	{ "seal", op_seal },
	{ "open", op_open },
	{ NULL, NULL },
};
