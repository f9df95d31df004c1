/*
 * ops_base: names, trees, HKDF.
 */
#include <string.h>

#include "keys/hkdf.h"
#include "keys/pubkey.h"
#include "keys/sign.h"
#include "proto/envelope.h"
#include "proto/note.h"
#include "proto/notice.h"
#include "vec.h"

static enum err
op_kid(struct vec *v)
{
	struct id id = pubkey_kid(vec_key(v, "key"));

	vec_is_id(v, "id", &id);
	return ERR_OK;
}

static enum err
op_agency(struct vec *v)
{
	struct id id = pubkey_agency(vec_key(v, "root"));

	vec_is_id(v, "id", &id);
	return ERR_OK;
}

static enum err
op_log_id(struct vec *v)
{
	struct hash h = pubkey_log_id(vec_key(v, "key"));
	struct hash again = note_log_id(vec_key(v, "key"));

	vec_is_hash(v, "hash", &h);
	vec_is_hash(v, "hash", &again);
	return ERR_OK;
}

static enum err
op_channel(struct vec *v)
{
	struct hash pair = vec_hash(v, "pair_id");
	uint8_t direction = (uint8_t)vec_num(v, "direction");
	uint8_t lane = (uint8_t)vec_num(v, "lane");
	struct id id = envelope_channel(&pair, direction, lane);
	uint8_t d, l;

	vec_is_id(v, "id", &id);
	if (envelope_channel_find(&pair, &id, &d, &l) != ERR_OK ||
	    d != direction || l != lane)
		vec_note(v, "envelope_channel_find does not find it");
	return ERR_OK;
}

static enum err
op_ed25519(struct vec *v)
{
	struct sign_key *key = NULL;
	enum err err = sign_from_seed(&key, SIGN_ROOT, vec_key(v, "seed"));

	if (err == ERR_OK)
		vec_is_hex(v, "public", sign_public(key), KEY_BYTES);
	sign_free(&key);
	return err;
}

static enum err
op_check_ed25519(struct vec *v)
{
	struct view key = vec_hex(v, "key");

	return pubkey_check(key.p, key.len);
}

static enum err
op_check_x25519(struct vec *v)
{
	struct view key = vec_hex(v, "key");

	return pubkey_check_dh(key.p, key.len);
}

static enum err
op_leaf_hash(struct vec *v)
{
	struct view entry = vec_hex(v, "entry");
	struct hash h = hash_leaf(entry.p, entry.len);

	vec_is_hash(v, "hash", &h);
	return ERR_OK;
}

static enum err
op_merkle_root(struct vec *v)
{
	struct view b = vec_hex(v, "leaves");
	struct hash leaf[64], root;

	if (b.len > sizeof(leaf) || b.len % HASH_BYTES != 0)
		return ERR_COUNT;
	if (b.len != 0)
		memcpy(leaf, b.p, b.len);
	root = merkle_root(leaf, b.len / HASH_BYTES);
	vec_is_hash(v, "root", &root);
	return ERR_OK;
}

static enum err
op_merkle_included(struct vec *v)
{
	struct merkle_path path;
	struct hash leaf = vec_hash(v, "leaf"), root = vec_hash(v, "root");
	uint64_t index = vec_num(v, "index"), size = vec_num(v, "size");
	enum err err = vec_path(v, &path, "path");

	if (err == ERR_OK)
		err = merkle_included(&leaf, index, size, &path, &root);
	if (err == ERR_OK)
		vec_is_num(v, "length", merkle_path_len(index, size));
	return err;
}

static enum err
op_merkle_consistent(struct vec *v)
{
	struct merkle_path path;
	struct hash root1 = vec_hash(v, "root1"), root2 = vec_hash(v, "root2");
	enum err err = vec_path(v, &path, "path");

	if (err == ERR_OK)
		err = merkle_consistent(vec_num(v, "size1"), &root1,
		    vec_num(v, "size2"), &root2, &path);
	return err;
}

static enum err
op_hkdf(struct vec *v)
{
	struct view salt = vec_hex(v, "salt"), ikm = vec_hex(v, "ikm");
	struct view info = vec_hex(v, "info");
	size_t len = vec_num(v, "length");
	uint8_t prk[HKDF_PRK_BYTES], okm[256];

	if (len > sizeof(okm))
		return ERR_TOO_BIG;
	hkdf_extract(prk, salt.p, salt.len, ikm.p, ikm.len);
	hkdf_expand(okm, len, prk, info.p, info.len);
	vec_is_hex(v, "prk", prk, sizeof(prk));
	vec_is_hex(v, "okm", okm, len);
	return ERR_OK;
}

static enum err
op_case_root(struct vec *v)
{
	struct view b = vec_hex(v, "cases");
	struct rd rd = rd_init(b.p, b.len);
	struct hash leaf[16], root;
	size_t n = 0;

	while (rd.left != 0 && n < 16) {
		struct id id;
		struct hash x, y;

		rd_copy(&rd, id.b, sizeof(id.b));
		rd_copy(&rd, x.b, sizeof(x.b));
		rd_copy(&rd, y.b, sizeof(y.b));
		leaf[n++] = notice_case_leaf(&id, &x, &y);
	}
	root = merkle_root(leaf, n);
	vec_is_hex(v, "leaves", leaf, n * HASH_BYTES);
	vec_is_hash(v, "root", &root);
	return rd_end(&rd);
}

static enum err
op_link(struct vec *v)
{
	struct notice_link k;
	enum err err = notice_link_decode(&k, vec_hex(v, "data"));
	uint8_t again[NOTICE_LINK_BYTES];

	if (err != ERR_OK)
		return err;
	vec_is_hash(v, "own_ks", &k.own_keys);
	vec_is_hash(v, "peer_ks", &k.peer_keys);
	vec_is_num(v, "prekey_own", k.own_prekey);
	vec_is_num(v, "prekey_peer", k.peer_prekey);
	vec_is_num(v, "own_seq_0", k.own[0].seq);
	vec_is_hash(v, "own_env_0", &k.own[0].env_id);
	vec_is_num(v, "own_seq_2", k.own[2].seq);
	vec_is_num(v, "peer_seq_0", k.peer[0].seq);
	vec_is_hash(v, "peer_env_1", &k.peer[1].env_id);
	vec_is_num(v, "floor_prekey", k.floor_prekey);
	vec_is_num(v, "floor_charter", k.floor_charter);
	vec_is_num(v, "floor_day", k.floor_psk_day);
	vec_is_num(v, "open_cases", k.open_cases);
	vec_is_hash(v, "root", &k.open_root);
	notice_link_encode(again, &k);
	if (memcmp(again, vec_hex(v, "data").p, sizeof(again)) != 0)
		vec_note(v, "encoded again it differs");
	return ERR_OK;
}

static enum err
op_open_case(struct vec *v)
{
	struct buf again = buf_init(4096);
	struct view data = vec_hex(v, "data");
	struct notice_link link;
	struct notice_case c;
	enum err err = notice_link_decode(&link, vec_hex(v, "link"));

	if (err == ERR_OK)
		err = notice_case_decode(&c, data);
	if (err == ERR_OK)
		err = notice_case_check(&c, (uint8_t)vec_num(v, "direction"),
		    &link);
	if (err != ERR_OK)
		return err;
	vec_is_id(v, "case_id", &c.case_id);
	vec_is_hash(v, "own", &c.own);
	vec_is_hash(v, "peer", &c.peer);
	vec_is_num(v, "index", c.index);
	if (notice_case_encode(&again, &c) != ERR_OK ||
	    again.len != data.len || memcmp(again.p, data.p, data.len) != 0)
		vec_note(v, "encoded again it differs");
	buf_free(&again);
	return ERR_OK;
}

const struct vec_entry vec_ops_base[] = {
	{ "kid", op_kid },
	{ "agency", op_agency },
	{ "log_id", op_log_id },
	{ "channel", op_channel },
	{ "ed25519", op_ed25519 },
	{ "check_ed25519", op_check_ed25519 },
	{ "check_x25519", op_check_x25519 },
	{ "leaf_hash", op_leaf_hash },
	{ "merkle_root", op_merkle_root },
	{ "merkle_included", op_merkle_included },
	{ "merkle_consistent", op_merkle_consistent },
	{ "hkdf", op_hkdf },
	{ "case_root", op_case_root },
	{ "link", op_link },
	{ "open_case", op_open_case },
	{ NULL, NULL },
};
