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
	struct statement_revocation *r = ks->revocation;
	unsigned i = 0;
	int cmp = 1;

	if (ks->revocation_count >= REVOCATIONS_MAX)
		return ERR_COUNT;
	while (i < ks->revocation_count &&
	    (cmp = memcmp(r[i].kid.b, kid->b, ID_BYTES)) < 0)
		i++;
	if (i < ks->revocation_count && cmp == 0)
		return ERR_EXISTS;
	memmove(&r[i + 1], &r[i],
	    (ks->revocation_count - i) * sizeof(r[0]));
	r[i] = (struct statement_revocation){
		.kid = *kid,
		.reason = reason,
		.cut_first = (uint16_t)ks->cut_count,
	};
	ks->revocation_count++;
	ks->newest = i;
	return ERR_OK;
}

enum err
statement_keys_cut(struct statement_keys *ks, const struct hash *log_id,
    uint64_t cut)
{
	struct statement_revocation *r = &ks->revocation[ks->newest];
	struct statement_cut *c = &ks->cut[r->cut_first];
	unsigned i = 0;
	int cmp = 1;

	if (ks->revocation_count == 0 || r->cut_count >= CUTS_MAX ||
	    ks->cut_count >= STATEMENT_CUTS_MAX)
		return ERR_COUNT;
	while (i < r->cut_count &&
	    (cmp = memcmp(c[i].log_id.b, log_id->b, HASH_BYTES)) < 0)
		i++;
	if (i < r->cut_count && cmp == 0)
		return ERR_EXISTS;
	/* The newest revocation's cuts are the last of the array. */
	memmove(&c[i + 1], &c[i], (r->cut_count - i) * sizeof(c[0]));
	c[i] = (struct statement_cut){*log_id, cut};
	r->cut_count++;
	ks->cut_count++;
	return ERR_OK;
}

static enum err
head_check(const struct statement_keys *ks)
{
	if (ks->ks_seq == 0 || (ks->ks_seq == 1) != hash_is_zero(&ks->previous))
		return ERR_KEY_SEQ;
	return ks->not_before < ks->not_after ? ERR_OK : ERR_KEY_EXPIRED;
}

/* An agency's keys or a relay's, nothing between. */
static enum err
count_check(const struct statement_keys *ks)
{
	bool identity = type_count(ks, KEY_IDENTITY) == 1;
	bool log = type_count(ks, KEY_LOG) == 1;

	if (type_count(ks, KEY_SIGN) != 1 || type_count(ks, KEY_TRANSPORT) == 0)
		return ERR_COUNT;
	if (identity == log)
		return ERR_COUNT;
	return log && type_count(ks, KEY_CUSTODIAN) ? ERR_COUNT : ERR_OK;
}

static bool
reason_ok(uint8_t reason)
{
	return reason >= REVOKED_LOST && reason <= REVOKED_OTHER;
}

static enum err
keys_check(const struct statement_keys *ks)
{
	enum err err = head_check(ks);

	if (!err)
		err = count_check(ks);
	for (unsigned i = 0; !err && i < ks->revocation_count; i++)
		err = reason_ok(ks->revocation[i].reason) ? ERR_OK : ERR_CODE;
	return err;
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
	bool ordered = true, few = true;

	if (n == 0 || n > STATEMENT_KEYS_MAX)
		rd_fail(rd, ERR_COUNT);
	for (unsigned i = 0; i < n && !rd->err; i++) {
		key.type = rd_u8(rd);
		rd_copy(rd, key.key, KEY_BYTES);
		ordered = ordered && type_max(key.type) > 0 &&
		    (i == 0 || key_cmp(&ks->key[i - 1], &key) < 0);
		few = few && type_count(ks, key.type) < type_max(key.type);
		ks->key[ks->key_count++] = key;
	}
	if (!ordered)
		rd_fail(rd, ERR_ENCODING);
	if (!few || count_check(ks))
		rd_fail(rd, ERR_COUNT);
}

static void
read_revocation(struct rd *rd, struct statement_keys *ks)
{
	struct id kid;
	struct hash log_id;
	uint8_t reason, cuts;
	uint64_t cut;
	bool ordered;

	rd_copy(rd, kid.b, ID_BYTES);
	reason = rd_u8(rd);
	cuts = rd_u8(rd);
	if (cuts > CUTS_MAX)
		rd_fail(rd, ERR_COUNT);
	if (rd->err)
		return;
	ordered = statement_keys_revoke(ks, &kid, reason) == ERR_OK &&
	    ks->newest == ks->revocation_count - 1;
	for (unsigned i = 0; i < cuts && !rd->err; i++) {
		rd_copy(rd, log_id.b, HASH_BYTES);
		cut = rd_u64(rd);
		if (rd->err || !ordered)
			continue;
		ordered = i == 0 || memcmp(
		    ks->cut[ks->cut_count - 1].log_id.b, log_id.b,
		    HASH_BYTES) < 0;
		if (ordered && statement_keys_cut(ks, &log_id, cut))
			rd_fail(rd, ERR_COUNT);
	}
	if (!reason_ok(reason))
		rd_fail(rd, ERR_CODE);
	if (!ordered)
		rd_fail(rd, ERR_ENCODING);
}

enum err
statement_keys_decode(struct statement_keys *ks, struct view body)
{
	struct rd rd = rd_init(body.p, body.len);
	unsigned n;

	*ks = (struct statement_keys){0};
	rd_expect(&rd, LABEL_KEYS, LABEL_LEN(LABEL_KEYS), ERR_MAGIC);
	rd_copy(&rd, ks->kid.b, ID_BYTES);
	if (rd_u16(&rd) != KEYS_VERSION)
		rd_fail(&rd, ERR_VERSION);
	rd_copy(&rd, ks->agency.b, ID_BYTES);
	ks->ks_seq = rd_u64(&rd);
	rd_copy(&rd, ks->previous.b, HASH_BYTES);
	if (!rd.err && head_check(ks) == ERR_KEY_SEQ)
		rd_fail(&rd, ERR_KEY_SEQ);
	ks->not_before = rd_u64(&rd);
	ks->not_after = rd_u64(&rd);
	if (!rd.err && head_check(ks))
		rd_fail(&rd, ERR_KEY_EXPIRED);
	read_keys(&rd, ks);
	n = rd_u8(&rd);
	if (n > REVOCATIONS_MAX)
		rd_fail(&rd, ERR_COUNT);
	for (unsigned i = 0; i < n && !rd.err; i++)
		read_revocation(&rd, ks);
	return rd_end(&rd);
}
