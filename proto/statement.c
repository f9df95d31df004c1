#include <string.h>

#include "proto/label.h"
#include "proto/statement.h"

static const struct {
	const char *label;
	const char *name;
	enum statement_kind kind;
} kinds[] = {
	{LABEL_RUN, "run", STATEMENT_RUN},
	{LABEL_RECEIPT, "receipt", STATEMENT_RECEIPT},
	{LABEL_KEYS, "keys", STATEMENT_KEYS},
	{LABEL_PREKEY, "prekey", STATEMENT_PREKEY},
	{LABEL_OFFICER, "officer", STATEMENT_OFFICER},
	{LABEL_RECOVERY, "recovery", STATEMENT_RECOVERY},
	{LABEL_PRIOR, "prior", STATEMENT_PRIOR},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* The index in kinds[] of the label bytes start with, or KINDS. */
static size_t
label_index(struct view bytes)
{
	for (size_t i = 0; i < KINDS; i++) {
		size_t len = strlen(kinds[i].label) + 1;

		if (bytes.len >= len &&
		    memcmp(bytes.p, kinds[i].label, len) == 0)
			return i;
	}
	return KINDS;
}

enum statement_kind
statement_kind(struct view bytes)
{
	size_t i = label_index(bytes);

	return i < KINDS ? kinds[i].kind : STATEMENT_UNKNOWN;
}

const char *
statement_kind_name(enum statement_kind kind)
{
	for (size_t i = 0; i < KINDS; i++) {
		if (kinds[i].kind == kind)
			return kinds[i].name;
	}
	return "unknown";
}

enum err
statement_split(struct statement *st, struct view entry)
{
	struct rd rd = rd_init(entry.p, entry.len);
	size_t i = label_index(entry);

	*st = (struct statement){0};
	if (entry.len > STATEMENT_MAX)
		return ERR_TOO_BIG;
	if (i == KINDS)
		return ERR_MAGIC;
	rd_view(&rd, strlen(kinds[i].label) + 1);
	rd_copy(&rd, st->kid.b, ID_BYTES);
	if (rd.left < SIG_BYTES)
		return ERR_TRUNCATED;
	st->kind = kinds[i].kind;
	st->body = (struct view){entry.p, entry.len - SIG_BYTES};
	st->sig = (struct view){entry.p + st->body.len, SIG_BYTES};
	return ERR_OK;
}

struct hash
statement_leaf(struct view entry)
{
	return hash_leaf(entry.p, entry.len);
}

struct hash
statement_hash(struct view body)
{
	return hash_of(body.p, body.len);
}

/* ---- prekey ---- */

void
statement_prekey_encode(uint8_t out[PREKEY_STATEMENT_BYTES],
    const struct statement_prekey *p)
{
	struct wr wr = wr_init(out, PREKEY_STATEMENT_BYTES);

	wr_copy(&wr, LABEL_PREKEY, LABEL_LEN(LABEL_PREKEY));
	wr_copy(&wr, p->kid.b, ID_BYTES);
	wr_copy(&wr, p->pair_id.b, HASH_BYTES);
	wr_u64(&wr, p->prekey_id);
	wr_copy(&wr, p->key, KEY_BYTES);
}

enum err
statement_prekey_decode(struct statement_prekey *p, struct view body)
{
	struct rd rd = rd_init(body.p, body.len);
	enum err err;

	*p = (struct statement_prekey){0};
	rd_expect(&rd, LABEL_PREKEY, LABEL_LEN(LABEL_PREKEY), ERR_MAGIC);
	rd_copy(&rd, p->kid.b, ID_BYTES);
	rd_copy(&rd, p->pair_id.b, HASH_BYTES);
	p->prekey_id = rd_u64(&rd);
	rd_copy(&rd, p->key, KEY_BYTES);
	err = rd_end(&rd);
	if (err)
		return err;
	return p->prekey_id ? ERR_OK : ERR_SEQ;
}

/* ---- officer certificate ---- */

enum err
statement_officer_encode(struct buf *out, const struct statement_officer *o)
{
	if (o->info.len > OFFICER_INFO_MAX)
		return ERR_TOO_BIG;
	buf_put(out, LABEL_OFFICER, LABEL_LEN(LABEL_OFFICER));
	buf_put(out, o->kid.b, ID_BYTES);
	buf_put(out, o->officer.b, ID_BYTES);
	buf_put(out, o->key, KEY_BYTES);
	buf_u64(out, o->not_before);
	buf_u64(out, o->not_after);
	buf_u8(out, o->revoked ? 1 : 0);
	buf_put(out, o->info.p, o->info.len);
	return out->err;
}

enum err
statement_officer_decode(struct statement_officer *o, struct view body)
{
	struct rd rd = rd_init(body.p, body.len);
	uint8_t revoked;

	*o = (struct statement_officer){0};
	rd_expect(&rd, LABEL_OFFICER, LABEL_LEN(LABEL_OFFICER), ERR_MAGIC);
	rd_copy(&rd, o->kid.b, ID_BYTES);
	rd_copy(&rd, o->officer.b, ID_BYTES);
	rd_copy(&rd, o->key, KEY_BYTES);
	o->not_before = rd_u64(&rd);
	o->not_after = rd_u64(&rd);
	revoked = rd_u8(&rd);
	if (rd.err)
		return rd.err;
	if (rd.left > OFFICER_INFO_MAX)
		return ERR_TOO_BIG;
	o->info = rd_view(&rd, rd.left);
	o->revoked = revoked == 1;
	if (revoked > 1)
		return ERR_CODE;
	if (o->not_before >= o->not_after)
		return ERR_KEY_EXPIRED;
	return rd_end(&rd);
}

/* ---- recovery ---- */

void
statement_recovery_encode(uint8_t out[RECOVERY_STATEMENT_BYTES],
    const struct statement_recovery *r)
{
	struct wr wr = wr_init(out, RECOVERY_STATEMENT_BYTES);

	wr_copy(&wr, LABEL_RECOVERY, LABEL_LEN(LABEL_RECOVERY));
	wr_copy(&wr, r->kid.b, ID_BYTES);
	wr_copy(&wr, r->pair_id.b, HASH_BYTES);
	wr_u8(&wr, r->direction);
	wr_u32(&wr, r->incarnation.start);
	wr_u32(&wr, r->incarnation.random);
	wr_u16(&wr, r->reason);
	for (size_t i = 0; i < LANE_COUNT; i++) {
		wr_u64(&wr, r->lane[i].old_seq);
		wr_copy(&wr, r->lane[i].old_env.b, HASH_BYTES);
		wr_u64(&wr, r->lane[i].next_seq);
	}
}

static enum err
recovery_check(const struct statement_recovery *r)
{
	if (r->direction >= DIRECTION_COUNT ||
	    r->reason < RECOVERY_RESTORED || r->reason > RECOVERY_LOST)
		return ERR_CODE;
	if (r->incarnation.start == 0)
		return ERR_INCARNATION;
	for (size_t i = 0; i < LANE_COUNT; i++) {
		const struct statement_recovery_lane *lane = &r->lane[i];

		if ((lane->old_seq == 0) != hash_is_zero(&lane->old_env))
			return ERR_ENCODING;
		if (lane->next_seq <= lane->old_seq)
			return ERR_SEQ;
	}
	return ERR_OK;
}

enum err
statement_recovery_decode(struct statement_recovery *r, struct view body)
{
	struct rd rd = rd_init(body.p, body.len);
	enum err err;

	*r = (struct statement_recovery){0};
	rd_expect(&rd, LABEL_RECOVERY, LABEL_LEN(LABEL_RECOVERY), ERR_MAGIC);
	rd_copy(&rd, r->kid.b, ID_BYTES);
	rd_copy(&rd, r->pair_id.b, HASH_BYTES);
	r->direction = rd_u8(&rd);
	r->incarnation.start = rd_u32(&rd);
	r->incarnation.random = rd_u32(&rd);
	r->reason = rd_u16(&rd);
	for (size_t i = 0; i < LANE_COUNT; i++) {
		r->lane[i].old_seq = rd_u64(&rd);
		rd_copy(&rd, r->lane[i].old_env.b, HASH_BYTES);
		r->lane[i].next_seq = rd_u64(&rd);
	}
	err = rd_end(&rd);
	return err ? err : recovery_check(r);
}

/* ---- prior ---- */

enum err
statement_prior_encode(struct buf *out, const struct statement_prior *p)
{
	if (p->note.len > NOTE_MAX)
		return ERR_TOO_BIG;
	buf_put(out, LABEL_PRIOR, LABEL_LEN(LABEL_PRIOR));
	buf_put(out, p->kid.b, ID_BYTES);
	buf_u32(out, (uint32_t)p->note.len);
	buf_put(out, p->note.p, p->note.len);
	return out->err;
}

enum err
statement_prior_decode(struct statement_prior *p, struct view body)
{
	struct rd rd = rd_init(body.p, body.len);
	uint32_t len;

	*p = (struct statement_prior){0};
	rd_expect(&rd, LABEL_PRIOR, LABEL_LEN(LABEL_PRIOR), ERR_MAGIC);
	rd_copy(&rd, p->kid.b, ID_BYTES);
	len = rd_u32(&rd);
	if (!rd.err && len > NOTE_MAX)
		return ERR_TOO_BIG;
	p->note = rd_view(&rd, len);
	return rd_end(&rd);
}
