/*
 * ops_keys: PSK, epochs, chains, words, at-rest sealing.
 */
#include <stdio.h>
#include <string.h>

#include "keys/box.h"
#include "keys/dh.h"
#include "keys/epoch.h"
#include "keys/hkdf.h"
#include "keys/psk.h"
#include "keys/pubkey.h"
#include "keys/vault.h"
#include "keys/words.h"
#include "proto/envelope.h"
#include "proto/fields.h"
#include "vec.h"

static enum err
op_psk_first(struct vec *v)
{
	struct hash charter_id = vec_hash(v, "charter_id");
	struct psk *psk = NULL;
	enum err err = psk_combine(&psk, &charter_id, vec_key(v, "a"),
	    vec_key(v, "b"));

	if (err == ERR_OK)
		vec_is_hex(v, "psk", psk_secret(psk), KEY_BYTES);
	psk_free(&psk);
	return err;
}

static enum err
op_psk_at(struct vec *v)
{
	struct psk *psk = NULL, *later = NULL;
	enum err err = psk_from(&psk, 0, vec_key(v, "psk"));

	if (err == ERR_OK)
		err = psk_forward(&later, psk, (uint32_t)vec_num(v, "day"));
	if (err == ERR_OK)
		vec_is_hex(v, "psk", psk_secret(later), KEY_BYTES);
	psk_free(&later);
	psk_free(&psk);
	return err;
}

/* What the charter and the key statements tell. */
static struct epoch_public
public_of(struct vec *v)
{
	struct epoch_public pub = { .suite = 1 };

	pub.charter_id = vec_hash(v, "charter_id");
	memcpy(pub.sx, vec_key(v, "S_X"), KEY_BYTES);
	memcpy(pub.ix, vec_key(v, "I_X"), KEY_BYTES);
	memcpy(pub.iy, vec_key(v, "I_Y"), KEY_BYTES);
	memcpy(pub.py, vec_key(v, "P_Y"), KEY_BYTES);
	return pub;
}

/* What otherwise stands in a header. */
static void
header_part(struct vec *v, struct epoch_public *pub)
{
	pub->channel = vec_id(v, "channel");
	memcpy(pub->e, vec_key(v, "E"), KEY_BYTES);
	pub->prekey_id = vec_num(v, "prekey_id");
	pub->psk_day = (uint32_t)vec_num(v, "psk_day");
}

/* The case's PSK as of day, NULL for zeros. */
static enum err
psk_of(struct vec *v, uint32_t day, struct psk **psk)
{
	struct hash p = vec_hash(v, "psk");

	if (hash_is_zero(&p))
		return ERR_OK;
	return psk_from(psk, day, p.b);
}

static void
no_keys(struct dh_key **iy, struct dh_key **py, struct psk **psk)
{
	psk_free(psk);
	dh_free(py);
	dh_free(iy);
}

/* The receiver's epoch of a case; iy, py and psk live only in here. */
static enum err
accept(struct vec *v, const struct epoch_public *pub, struct epoch **epoch)
{
	struct dh_key *iy = NULL, *py = NULL;
	struct psk *psk = NULL;
	enum err err = dh_from_secret(&iy, vec_key(v, "i_Y"));

	if (err == ERR_OK)
		err = dh_from_secret(&py, vec_key(v, "p_Y"));
	if (err == ERR_OK)
		err = psk_of(v, pub->psk_day, &psk);
	if (err == ERR_OK)
		err = epoch_accept(epoch, pub, iy, py, psk);
	no_keys(&iy, &py, &psk);
	return err;
}

/* The receiver's side; epoch.c shows neither th nor CK_0, so what comes of
 * them is compared by `receive`. */
static enum err
op_epoch_receive(struct vec *v)
{
	struct epoch_public pub = public_of(v);
	struct epoch *epoch = NULL;
	enum err err;

	header_part(v, &pub);
	err = accept(v, &pub, &epoch);
	epoch_free(&epoch);
	return err;
}

/* Our sender draws e itself: it opens an epoch, our receiver accepts what it
 * says, and both must come to the same keys (dh3 and th are the case's). */
static enum err
op_epoch_send(struct vec *v)
{
	struct epoch_public pub = public_of(v);
	struct epoch *epoch = NULL;
	struct dh_key *ix = NULL;
	struct psk *psk = NULL;
	enum err err = dh_from_secret(&ix, vec_key(v, "i_X"));

	header_part(v, &pub);
	if (err == ERR_OK)
		err = psk_of(v, pub.psk_day, &psk);
	if (err == ERR_OK)
		err = epoch_open(&epoch, &pub, ix, psk);
	if (err == ERR_OK && epoch_next(epoch) != 0)
		vec_note(v, "a new epoch stands at %u", epoch_next(epoch));
	epoch_free(&epoch);
	psk_free(&psk);
	dh_free(&ix);
	return err;
}

/* Compare what a box opens with the case's fields. */
static enum err
opened(struct vec *v, struct box *box, const struct envelope *env)
{
	uint8_t salt[FIELDS_MAX][SALT_BYTES];
	uint8_t *plain = arena_alloc(&v->arena, env->ct.len);
	struct buf list = buf_init(BUCKET_MAX);
	struct fields fields;
	struct hash c;
	struct wr wr;
	enum err err = box_open(box, plain, env->ct.p, env->ct.len, &env->h.c,
	    env->header.p, env->header.len);

	if (err == ERR_OK)
		err = fields_decode_padded(&fields,
		    (struct view){ plain, env->ct.len - TAG_BYTES });
	if (err != ERR_OK)
		return err;
	box_salts(box, salt, fields.n);
	c = fields_commitment(&fields, salt[0]);
	if (!hash_eq(&c, &env->h.c))
		return ERR_COMMITMENT;
	wr = wr_init(buf_room(&list, fields_len(&fields)),
	    fields_len(&fields));
	fields_encode(&wr, &fields);
	vec_is_hex(v, "fields", list.p, list.len);
	buf_free(&list);
	return wr.err;
}

/* From received bytes and the receiver's secrets to the fields. */
static enum err
op_receive(struct vec *v)
{
	struct view data = vec_hex(v, "data");
	struct rd rd = rd_init(data.p, data.len);
	struct view head = rd_view(&rd, HEADER_BYTES);
	struct epoch_public pub = public_of(v);
	struct epoch *epoch = NULL;
	struct box *box = NULL;
	struct envelope env;
	enum err err = envelope_decode(&env, head, rd_view(&rd, rd.left));

	if (err != ERR_OK)
		return err;
	pub.channel = env.h.channel;
	memcpy(pub.e, env.h.e, KEY_BYTES);
	pub.prekey_id = env.h.prekey_id;
	pub.psk_day = env.h.psk_day;
	err = accept(v, &pub, &epoch);
	if (err == ERR_OK)
		err = box_new(&box);
	if (err == ERR_OK)
		err = epoch_keys(epoch, env.h.n, box);
	if (err == ERR_OK) {
		vec_is_hex(v, "kf", box_disclose(box), KEY_BYTES);
		err = opened(v, box, &env);
	}
	box_free(&box);
	epoch_free(&epoch);
	return err;
}

/* The chain itself, by HMAC: what epoch.c does step by step. */
static enum err
op_chain_keys(struct vec *v)
{
	uint8_t ck[KEY_BYTES], out[64];
	uint64_t i, n = vec_num(v, "n");

	memcpy(ck, vec_key(v, "ck0"), sizeof(ck));
	for (i = 0; i < n; i++) {
		hkdf_hmac(out, ck, sizeof(ck), "\2", 1);
		memcpy(ck, out, sizeof(ck));
	}
	hkdf_hmac(out, ck, sizeof(ck), "\1", 1);
	vec_is_hex(v, "ke", out, KEY_BYTES);
	vec_is_hex(v, "kf", out + KEY_BYTES, KEY_BYTES);
	return ERR_OK;
}

static enum err
op_chain_next(struct vec *v)
{
	uint8_t out[64];

	hkdf_hmac(out, vec_key(v, "ck"), KEY_BYTES, "\2", 1);
	vec_is_hex(v, "ck", out, KEY_BYTES);
	return ERR_OK;
}

static enum err
op_words(struct vec *v)
{
	struct hash id = vec_hash(v, "charter_id");
	uint16_t index[CHARTER_WORDS], again[CHARTER_WORDS];
	struct buf text = buf_init(4096), other = buf_init(4096);
	enum err err = words_of_charter(index, &id);

	if (err == ERR_OK) {
		words_put(&text, index, CHARTER_WORDS, WORDS_DIGITS);
		vec_is_text(v, "text_words", buf_text(&text));
		words_put(&other, index, CHARTER_WORDS, WORDS_ZH);
		if (words_parse(again, CHARTER_WORDS, buf_text(&other)) !=
		    ERR_OK || memcmp(index, again, sizeof(index)) != 0)
			vec_note(v, "Chinese words do not read back");
	}
	buf_free(&other);
	buf_free(&text);
	return err;
}

static enum err
op_qr(struct vec *v)
{
	struct hash id = vec_hash(v, "charter_id"), back;
	struct buf text = buf_init(256);

	pubkey_charter_uri(&text, &id);
	vec_is_text(v, "text_qr", buf_text(&text));
	if (pubkey_charter_uri_parse(&back, buf_text(&text)) != ERR_OK ||
	    !hash_eq(&back, &id))
		vec_note(v, "the URI does not read back");
	buf_free(&text);
	return ERR_OK;
}

/* Sealing draws its own nonce: the worked example is opened, and refused
 * once moved by a row. */
static enum err
op_book_open(struct vec *v)
{
	struct vault *vault = NULL;
	struct view data = vec_hex(v, "data");
	uint8_t row[8], out[256];
	struct vault_at at = {
		.table = vec_text(v, "text_table"),
		.column = vec_text(v, "text_column"),
		.row = vault_row(row, (int64_t)vec_num(v, "row")),
	};
	enum err err = vault_new(&vault, vec_key(v, "key"));

	if (err == ERR_OK && data.len > sizeof(out))
		err = ERR_TOO_BIG;
	if (err == ERR_OK)
		err = vault_open(vault, &at, out, data.p, data.len);
	if (err == ERR_OK)
		vec_is_hex(v, "secret", out, data.len - VAULT_OVERHEAD);
	vault_free(&vault);
	return err;
}

const struct vec_entry vec_ops_keys[] = {
	{ "psk_first", op_psk_first },
	{ "psk_at", op_psk_at },
	{ "epoch_receive", op_epoch_receive },
	{ "epoch_send", op_epoch_send },
	{ "receive", op_receive },
	{ "chain_keys", op_chain_keys },
	{ "chain_next", op_chain_next },
	{ "words", op_words },
	{ "qr", op_qr },
	{ "book_open", op_book_open },
	{ NULL, NULL },
};
