/* The key statement, in a file of its own for its length. */
#include <string.h>

#include "proto/label.h"
#include "proto/statement.h"

#define KEYS_VERSION 1

/* How many keys of a type one statement may list; 0: no such type. */
static unsigned
type_max(uint8_t type)
{
	switch (type) {
	case KEY_SIGN:
	case KEY_IDENTITY:
	case KEY_LOG:
		return 1;
	case KEY_TRANSPORT:
		return TRANSPORT_KEYS_MAX;
	case KEY_CUSTODIAN:
		return STATEMENT_KEYS_MAX;
	default:
		return 0;
	}
}

static unsigned
type_count(const struct statement_keys *ks, uint8_t type)
{
	unsigned n = 0;

	for (unsigned i = 0; i < ks->key_count; i++)
		n += ks->key[i].type == type;
	return n;
}

static int
key_cmp(const struct statement_key *a, const struct statement_key *b)
{
	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	return memcmp(a->key, b->key, KEY_BYTES);
}

enum err
statement_keys_add(struct statement_keys *ks, uint8_t type,
    const uint8_t key[KEY_BYTES])
{
	struct statement_key new = {.type = type};
	unsigned i = 0;

	memcpy(new.key, key, KEY_BYTES);
	if (ks->key_count >= STATEMENT_KEYS_MAX ||
	    type_count(ks, type) >= type_max(type))
		return ERR_COUNT;
	while (i < ks->key_count && key_cmp(&ks->key[i], &new) < 0)
		i++;
	if (i < ks->key_count && key_cmp(&ks->key[i], &new) == 0)
		return ERR_EXISTS;
	memmove(&ks->key[i + 1], &ks->key[i],
	    (ks->key_count - i) * sizeof(ks->key[0]));
	ks->key[i] = new;
	ks->key_count++;
	return ERR_OK;
}

const struct statement_key *
statement_keys_find(const struct statement_keys *ks, uint8_t type)
{
	for (unsigned i = 0; i < ks->key_count; i++) {
		if (ks->key[i].type == type)
			return &ks->key[i];
	}
	return NULL;
}

enum err
statement_keys_revoke(struct statement_keys *ks, const struct id *kid,
    uint8_t reason)
{
	if (ks->revocation_count >= REVOCATIONS_MAX)
		return ERR_COUNT;
	for (unsigned i = 0; i < ks->revocation_count; i++) {
		if (id_eq(&ks->revocation[i].kid, kid))
			return ERR_EXISTS;
	}
	ks->revocation[ks->revocation_count++] = (struct statement_revocation){
		.kid = *kid,
		.reason = reason,
		.cut_first = (uint16_t)ks->cut_count,
	};
	return ERR_OK;
}

enum err
statement_keys_cut(struct statement_keys *ks, const struct hash *log_id,
    uint64_t cut)
{
	struct statement_revocation *r;

	if (ks->revocation_count == 0 || ks->cut_count >= STATEMENT_CUTS_MAX)
		return ERR_COUNT;
	r = &ks->revocation[ks->revocation_count - 1];
	if (r->cut_count >= CUTS_MAX)
		return ERR_COUNT;
	for (unsigned i = 0; i < r->cut_count; i++) {
		if (hash_eq(&ks->cut[r->cut_first + i].log_id, log_id))
			return ERR_EXISTS;
	}
	ks->cut[ks->cut_count++] = (struct statement_cut){*log_id, cut};
	r->cut_count++;
	return ERR_OK;
}

/* What the values must obey once read, or before they are written. */
static enum err
keys_check(const struct statement_keys *ks)
{
	if (ks->ks_seq == 0 || (ks->ks_seq == 1) != hash_is_zero(&ks->previous))
		return ERR_KEY_SEQ;
	if (ks->not_before >= ks->not_after)
		return ERR_KEY_EXPIRED;
	/* S and I are one pair: a kid names both. */
	if (statement_keys_find(ks, KEY_IDENTITY) &&
	    !statement_keys_find(ks, KEY_SIGN))
		return ERR_ENCODING;
	for (unsigned i = 0; i < ks->revocation_count; i++) {
		if (ks->revocation[i].reason < REVOKED_LOST ||
		    ks->revocation[i].reason > REVOKED_OTHER)
			return ERR_CODE;
	}
	return ERR_OK;
}

static void
put_revocation(struct buf *out, const struct statement_keys *ks,
    const struct statement_revocation *r)
{
	buf_put(out, r->kid.b, ID_BYTES);
	buf_u8(out, r->reason);
	buf_u8(out, r->cut_count);
	for (unsigned i = 0; i < r->cut_count; i++) {
		const struct statement_cut *cut = &ks->cut[r->cut_first + i];

		buf_put(out, cut->log_id.b, HASH_BYTES);
		buf_u64(out, cut->cut);
	}
}

enum err
statement_keys_encode(struct buf *out, const struct statement_keys *ks)
{
	size_t start = out->len;
	enum err err = keys_check(ks);

	if (err)
		return err;
	buf_put(out, LABEL_KEYS, LABEL_LEN(LABEL_KEYS));
	buf_put(out, ks->kid.b, ID_BYTES);
	buf_u16(out, KEYS_VERSION);
	buf_put(out, ks->agency.b, ID_BYTES);
	buf_u64(out, ks->ks_seq);
	buf_put(out, ks->previous.b, HASH_BYTES);
	buf_u64(out, ks->not_before);
	buf_u64(out, ks->not_after);
	buf_u8(out, (uint8_t)ks->key_count);
	for (unsigned i = 0; i < ks->key_count; i++) {
		buf_u8(out, ks->key[i].type);
		buf_put(out, ks->key[i].key, KEY_BYTES);
	}
	buf_u8(out, (uint8_t)ks->revocation_count);
	for (unsigned i = 0; i < ks->revocation_count; i++)
		put_revocation(out, ks, &ks->revocation[i]);
	if (out->err)
		return out->err;
	return out->len - start > STATEMENT_MAX - SIG_BYTES ?
	    ERR_TOO_BIG : ERR_OK;
}

/* Keys in their order, none twice, none too often. */
static void
read_keys(struct rd *rd, struct statement_keys *ks)
{
	unsigned n = rd_u8(rd);
	struct statement_key key;

	if (n > STATEMENT_KEYS_MAX)
		rd_fail(rd, ERR_COUNT);
	for (unsigned i = 0; i < n && !rd->err; i++) {
		key.type = rd_u8(rd);
		rd_copy(rd, key.key, KEY_BYTES);
		if (rd->err)
			return;
		if (type_max(key.type) == 0)
			rd_fail(rd, ERR_CODE);
		else if (type_count(ks, key.type) >= type_max(key.type))
			rd_fail(rd, ERR_COUNT);
		else if (i && key_cmp(&ks->key[i - 1], &key) >= 0)
			rd_fail(rd, ERR_ENCODING);
		ks->key[ks->key_count++] = key;
	}
}

static void
read_revocation(struct rd *rd, struct statement_keys *ks)
{
	struct id kid;
	struct hash log_id;
	uint8_t reason, cuts;
	enum err err;

	rd_copy(rd, kid.b, ID_BYTES);
	reason = rd_u8(rd);
	cuts = rd_u8(rd);
	if (rd->err)
		return;
	err = statement_keys_revoke(ks, &kid, reason);
	for (unsigned i = 0; i < cuts && !rd->err && !err; i++) {
		uint64_t cut;

		rd_copy(rd, log_id.b, HASH_BYTES);
		cut = rd_u64(rd);
		if (!rd->err)
			err = statement_keys_cut(ks, &log_id, cut);
	}
	if (err)
		rd_fail(rd, err == ERR_EXISTS ? ERR_ENCODING : err);
}

enum err
statement_keys_decode(struct statement_keys *ks, struct view body)
{
	struct rd rd = rd_init(body.p, body.len);
	unsigned n;
	enum err err;

	*ks = (struct statement_keys){0};
	rd_expect(&rd, LABEL_KEYS, LABEL_LEN(LABEL_KEYS), ERR_MAGIC);
	rd_copy(&rd, ks->kid.b, ID_BYTES);
	if (rd_u16(&rd) != KEYS_VERSION)
		rd_fail(&rd, ERR_VERSION);
	rd_copy(&rd, ks->agency.b, ID_BYTES);
	ks->ks_seq = rd_u64(&rd);
	rd_copy(&rd, ks->previous.b, HASH_BYTES);
	ks->not_before = rd_u64(&rd);
	ks->not_after = rd_u64(&rd);
	read_keys(&rd, ks);
	n = rd_u8(&rd);
	for (unsigned i = 0; i < n && !rd.err; i++)
		read_revocation(&rd, ks);
	err = rd_end(&rd);
	return err ? err : keys_check(ks);
}
