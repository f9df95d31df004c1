/*
 * driver_make: the C side makes what the other side must accept.
 */
#include <stdio.h>
#include <string.h>

#include "driver.h"
#include "keys/box.h"
#include "keys/dh.h"
#include "keys/epoch.h"
#include "keys/psk.h"
#include "keys/sign.h"
#include "proto/envelope.h"
#include "proto/fields.h"
#include "proto/label.h"
#include "proto/receipt.h"
#include "proto/run.h"
#include "proto/statement.h"

/* Sign body and answer with statement || sig. */
static enum err
signed_statement(struct vec *v, enum sign_use use, const char *label,
    const uint8_t *body, size_t len)
{
	uint8_t *out = arena_alloc(&v->arena, len + SIG_BYTES);
	struct sign_key *key = NULL;
	enum err err = sign_from_seed(&key, use, vec_key(v, "seed"));

	memcpy(out, body, len);
	if (err == ERR_OK)
		err = sign_labelled(key, label, body, len, out + len);
	if (err == ERR_OK)
		vec_is_hex(v, "data", out, len + SIG_BYTES);
	sign_free(&key);
	return err;
}

/* The kid of the case's seed. */
static enum err
kid_of(struct vec *v, enum sign_use use, struct id *kid)
{
	struct sign_key *key = NULL;
	enum err err = sign_from_seed(&key, use, vec_key(v, "seed"));

	if (err == ERR_OK)
		*kid = *sign_kid(key);
	sign_free(&key);
	return err;
}

static enum err
op_make_receipt(struct vec *v)
{
	struct view index = vec_hex(v, "index");
	struct rd rd = rd_init(index.p, index.len);
	struct receipt r = {
		.event = (uint8_t)vec_num(v, "event"),
		.reason = (uint16_t)vec_num(v, "reason"),
		.channel = vec_id(v, "channel"),
		.first_seq = vec_num(v, "first_seq"),
		.last_seq = vec_num(v, "last_seq"),
		.env_id = vec_hash(v, "env_id"),
		.log_id = vec_hash(v, "log_id"),
		.index = rd_u64(&rd),
		.time_at = vec_num(v, "time_ms"),
	};
	uint8_t body[RECEIPT_BYTES];
	enum err err = kid_of(v, SIGN_AGENT, &r.kid);

	if (err != ERR_OK)
		return err;
	receipt_encode(body, &r);
	return signed_statement(v, SIGN_AGENT, LABEL_RECEIPT, body,
	    sizeof(body));
}

static enum err
op_make_prekey(struct vec *v)
{
	struct statement_prekey p = { .pair_id = vec_hash(v, "pair_id"),
	    .prekey_id = vec_num(v, "prekey_id") };
	uint8_t body[PREKEY_STATEMENT_BYTES];
	enum err err = kid_of(v, SIGN_AGENT, &p.kid);

	if (err != ERR_OK)
		return err;
	memcpy(p.key, vec_key(v, "P"), KEY_BYTES);
	statement_prekey_encode(body, &p);
	return signed_statement(v, SIGN_AGENT, LABEL_PREKEY, body,
	    sizeof(body));
}

/* keys: u8 type || key, end to end, in any order; the encoder sorts. */
static enum err
op_make_keys(struct vec *v)
{
	struct view list = vec_hex(v, "keys");
	struct rd rd = rd_init(list.p, list.len);
	struct buf body = buf_init(STATEMENT_MAX);
	struct statement_keys ks;
	enum err err;

	memset(&ks, 0, sizeof(ks));
	err = kid_of(v, SIGN_ROOT, &ks.kid);
	ks.agency = vec_id(v, "agency");
	ks.ks_seq = vec_num(v, "ks_seq");
	ks.previous = vec_hash(v, "previous");
	ks.not_before = vec_num(v, "not_before");
	ks.not_after = vec_num(v, "not_after");
	while (err == ERR_OK && rd.left != 0) {
		uint8_t key[KEY_BYTES], type = rd_u8(&rd);

		rd_copy(&rd, key, sizeof(key));
		err = statement_keys_add(&ks, type, key);
	}
	if (err == ERR_OK)
		err = statement_keys_encode(&body, &ks);
	if (err == ERR_OK)
		err = signed_statement(v, SIGN_ROOT, LABEL_KEYS, body.p,
		    body.len);
	buf_free(&body);
	return err;
}

/* All that a sender needs for one run. */
struct sender {
	struct sign_key *sign;
	struct dh_key *ix;
	struct psk *psk;
	struct epoch *epoch;
	struct box *box;
	struct epoch_public pub;
};

static void
sender_close(struct sender *s)
{
	box_free(&s->box);
	epoch_free(&s->epoch);
	psk_free(&s->psk);
	dh_free(&s->ix);
	sign_free(&s->sign);
}

static enum err
sender_open(struct vec *v, struct sender *s)
{
	struct hash psk = vec_hash(v, "psk");
	enum err err = sign_from_seed(&s->sign, SIGN_AGENT,
	    vec_key(v, "seed"));

	if (err == ERR_OK)
		err = dh_from_secret(&s->ix, vec_key(v, "i_X"));
	s->pub.psk_day = (uint32_t)vec_num(v, "psk_day");
	if (err == ERR_OK && !hash_is_zero(&psk))
		err = psk_from(&s->psk, s->pub.psk_day, psk.b);
	if (err == ERR_OK)
		err = box_new(&s->box);
	if (err != ERR_OK)
		return err;
	s->pub.suite = ENVELOPE_SUITE;
	s->pub.charter_id = vec_hash(v, "charter_id");
	memcpy(s->pub.sx, sign_public(s->sign), KEY_BYTES);
	memcpy(s->pub.ix, dh_public(s->ix), KEY_BYTES);
	memcpy(s->pub.iy, vec_key(v, "I_Y"), KEY_BYTES);
	s->pub.channel = vec_id(v, "channel");
	s->pub.prekey_id = vec_num(v, "prekey_id");
	memcpy(s->pub.py, vec_key(v, "P_Y"), KEY_BYTES);
	return epoch_open(&s->epoch, &s->pub, s->ix, s->psk);
}

/* Seal fields_<i> of the case into env, whose bytes lie in the arena. */
static enum err
seal_one(struct vec *v, struct sender *s, uint32_t i, struct envelope *env,
    const struct hash *prev)
{
	char key[24];
	struct fields fields;
	uint8_t salt[FIELDS_MAX][SALT_BYTES], *out, *plain;
	struct wr wr;
	size_t len;
	struct envelope_header h = {
		.suite = ENVELOPE_SUITE, .charter =
		    (uint16_t)vec_num(v, "charter"),
		.channel = s->pub.channel, .kid = *sign_kid(s->sign),
		.incarnation = { (uint32_t)vec_num(v, "start"),
		    (uint32_t)vec_num(v, "rand") },
		.seq = vec_num(v, "first_seq") + i, .prev = *prev,
		.prekey_id = s->pub.prekey_id, .psk_day = s->pub.psk_day,
		.n = i, .created_at = vec_num(v, "created_ms"),
	};
	enum err err;

	snprintf(key, sizeof(key), "fields_%u", i);
	err = fields_decode(&fields, vec_hex(v, key));
	if (err == ERR_OK)
		err = epoch_keys(s->epoch, i, s->box);
	if (err != ERR_OK)
		return err;
	len = fields_padded_len(&fields);
	memcpy(h.e, s->pub.e, KEY_BYTES);
	box_salts(s->box, salt, fields.n);
	h.c = fields_commitment(&fields, salt[0]);
	h.ct_len = (uint32_t)len + TAG_BYTES;
	plain = arena_alloc(&v->arena, len);
	out = arena_alloc(&v->arena, HEADER_BYTES + h.ct_len);
	wr = wr_init(plain, len);
	fields_encode_padded(&wr, &fields);
	envelope_header_encode(out, &h);
	err = box_seal(s->box, out + HEADER_BYTES, plain, len, &h.c, out,
	    HEADER_BYTES);
	if (err == ERR_OK)
		err = envelope_decode(env, (struct view){ out, HEADER_BYTES },
		    (struct view){ out + HEADER_BYTES, h.ct_len });
	return err;
}

/* Sign n envelopes as one run and answer with the container. */
static enum err
run_made(struct vec *v, const struct sender *s, const struct envelope *env,
    size_t n)
{
	struct view b = vec_hex(v, "seen");
	struct rd rd = rd_init(b.p, b.len);
	struct run_seen seen;
	struct run_statement st;
	uint8_t body[RUN_STATEMENT_BYTES], sig[SIG_BYTES];
	struct buf out = buf_init(RUN_CONTAINER_MAX);
	enum err err;

	rd_copy(&rd, seen.log_id.b, HASH_BYTES);
	seen.size = rd_u64(&rd);
	rd_copy(&rd, seen.root.b, HASH_BYTES);
	rd_copy(&rd, seen.witness.b, HASH_BYTES);
	err = rd_end(&rd);
	if (err == ERR_OK)
		err = run_statement_of(&st, env, n, &seen);
	if (err == ERR_OK) {
		run_statement_encode(body, &st);
		err = sign_labelled(s->sign, LABEL_RUN, body, sizeof(body),
		    sig);
	}
	if (err == ERR_OK)
		err = run_encode(&out, RUN_FULL, &seen, env, n, sig);
	if (err == ERR_OK)
		vec_is_hex(v, "data", out.p, out.len);
	buf_free(&out);
	return err;
}

/* A new epoch, count envelopes, one run: a sender's whole work. */
static enum err
op_send(struct vec *v)
{
	struct sender s = { 0 };
	struct hash prev = vec_hash(v, "prev");
	uint32_t i, count = (uint32_t)vec_num(v, "count");
	struct envelope *env = arena_array(&v->arena, count, sizeof(*env));
	enum err err = sender_open(v, &s);

	for (i = 0; i < count && err == ERR_OK; i++) {
		err = seal_one(v, &s, i, &env[i], &prev);
		prev = env[i].env_id;
	}
	if (err == ERR_OK)
		err = run_made(v, &s, env, count);
	sender_close(&s);
	return err;
}

/* A single and a bare run from a full one. */
static enum err
op_cut(struct vec *v)
{
	struct buf single = buf_init(RUN_CONTAINER_MAX);
	struct buf bare = buf_init(RUN_CONTAINER_MAX);
	struct run run;
	enum err err = run_decode(&run, RUN_FULL, vec_hex(v, "data"),
	    &v->arena);

	if (err == ERR_OK)
		err = run_encode_single(&single, &run,
		    (unsigned)vec_num(v, "i"));
	if (err == ERR_OK)
		err = run_encode_bare(&bare, &run);
	if (err == ERR_OK) {
		vec_is_hex(v, "single", single.p, single.len);
		vec_is_hex(v, "bare", bare.p, bare.len);
	}
	buf_free(&bare);
	buf_free(&single);
	return err;
}

const struct vec_entry driver_ops_make[] = {
	{ "make_receipt", op_make_receipt },
	{ "make_prekey", op_make_prekey },
	{ "make_keys", op_make_keys },
	{ "send", op_send },
	{ "cut", op_cut },
	{ NULL, NULL },
};
