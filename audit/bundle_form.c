#include <stdio.h>
#include <string.h>

#include "audit/bundle_priv.h"
#include "proto/charter.h"
#include "proto/run.h"

#define HEAD_MAX 256
#define HEAD_FIRST "casewire/1 evidence\n"
#define WHY_ORDER "its records are not in canonical order, or one is twice"
#define WHY_FORM "its records do not parse"

static const char *const level_names[] = {
	[BUNDLE_SEALED] = "sealed",
	[BUNDLE_OUTLINE] = "outline",
	[BUNDLE_OPEN] = "open",
};

const char *
bundle_level_name(enum bundle_level level)
{
	return (level_names[level]);
}

enum bundle_level
bundle_level_find(const char *word)
{
	unsigned level;

	for (level = BUNDLE_SEALED; level <= BUNDLE_OPEN; level++)
		if (strcmp(level_names[level], word) == 0)
			return ((enum bundle_level)level);
	return ((enum bundle_level)0);
}

static void
sort_all(struct bundle *b)
{
	unsigned d, l;

	bundle_sort(&b->charters);
	bundle_sort(&b->statements);
	bundle_sort(&b->receipts);
	bundle_sort(&b->proofs);
	bundle_sort(&b->openings);
	bundle_sort(&b->holds);
	bundle_sort(&b->shredded);
	bundle_sort(&b->joins);
	bundle_sort(&b->notes);
	for (d = 0; d < DIRECTION_COUNT; d++)
		for (l = 0; l < LANE_COUNT; l++)
			bundle_sort(&b->runs[d][l]);
}

static enum err
emit(struct buf *buf, const char *name, bundle_emit *fn, void *ctx)
{
	enum err err = buf->err;

	if (err == ERR_OK)
		err = fn(ctx, name, buf);
	buf_reset(buf);
	return (err);
}

static enum err
each_charter(struct bundle *b, struct buf *buf, bundle_emit *fn, void *ctx)
{
	char name[BUNDLE_MEMBER_NAME_MAX + 1];
	struct bundle_charter c;
	enum err err = ERR_OK;
	size_t i;

	for (i = 0; err == ERR_OK && i < b->charters.n; i++) {
		c = bundle_charter_at(b, i);
		snprintf(name, sizeof(name), "charter/%05u", c.number);
		buf_put(buf, c.text.p, c.text.len);
		if ((err = emit(buf, name, fn, ctx)) != ERR_OK)
			break;
		snprintf(name, sizeof(name), "charter/%05u.a.sig", c.number);
		buf_put(buf, c.sig_a, SIG_BYTES);
		if ((err = emit(buf, name, fn, ctx)) != ERR_OK)
			break;
		snprintf(name, sizeof(name), "charter/%05u.b.sig", c.number);
		buf_put(buf, c.sig_b, SIG_BYTES);
		err = emit(buf, name, fn, ctx);
	}
	return (err);
}

static enum err
each_head(struct bundle *b, struct buf *buf, bundle_emit *fn, void *ctx)
{
	char hex[2 * HASH_BYTES + 1];

	hex_encode(hex, b->pair_id.b, HASH_BYTES);
	buf_fmt(buf, HEAD_FIRST "level %s\npair %s\n", level_names[b->level],
	    hex);
	return (emit(buf, "evidence", fn, ctx));
}

static bool
same_key(const struct view *a, const struct view *b)
{
	return (a->len == b->len &&
	    (a->p == b->p || memcmp(a->p, b->p, a->len) == 0));
}

/* Proofs are sorted by log, then checkpoint: one member a log, in it one
 * group a checkpoint: u32 length | note | u32 count | proofs. */
static enum err
each_log(struct bundle *b, struct buf *buf, bundle_emit *fn, void *ctx)
{
	const struct bundle_record *rec = b->proofs.rec;
	char name[BUNDLE_MEMBER_NAME_MAX + 1] = "log/";
	size_t i, k, end;
	enum err err = ERR_OK;

	for (i = 0; err == ERR_OK && i < b->proofs.n; i = end) {
		for (end = i + 1; end < b->proofs.n &&
		     same_key(&rec[i].key, &rec[end].key); end++)
			;
		buf_put(buf, rec[i].key.p + HASH_BYTES,
		    rec[i].key.len - HASH_BYTES);
		buf_u32(buf, (uint32_t)(end - i));
		for (k = i; k < end; k++)
			buf_put(buf, rec[k].bytes.p, rec[k].bytes.len);
		if (end < b->proofs.n && memcmp(rec[i].key.p, rec[end].key.p,
					     HASH_BYTES) == 0)
			continue;
		hex_encode(name + 4, rec[i].key.p, HASH_BYTES);
		err = emit(buf, name, fn, ctx);
	}
	return (err);
}

static enum err
each_list(const struct bundle_list *l, const char *name, struct buf *buf,
    bundle_emit *fn, void *ctx)
{
	size_t i;

	if (l->n == 0)
		return (ERR_OK);
	for (i = 0; i < l->n; i++) {
		buf_u32(buf, (uint32_t)l->rec[i].bytes.len);
		buf_put(buf, l->rec[i].bytes.p, l->rec[i].bytes.len);
	}
	return (emit(buf, name, fn, ctx));
}

enum err
bundle_form_each(struct bundle *b, bundle_emit *fn, void *ctx)
{
	struct buf buf = buf_init(BUNDLE_MAX);
	char name[] = "runs.a0";
	enum err err;
	unsigned d, l;

	sort_all(b);
	if ((err = each_charter(b, &buf, fn, ctx)) != ERR_OK ||
	    (err = each_head(b, &buf, fn, ctx)) != ERR_OK ||
	    (err = each_list(&b->holds, "holds", &buf, fn, ctx)) != ERR_OK ||
	    (err = each_list(&b->joins, "joins", &buf, fn, ctx)) != ERR_OK ||
	    (err = each_log(b, &buf, fn, ctx)) != ERR_OK ||
	    (err = each_list(&b->notes, "notes", &buf, fn, ctx)) != ERR_OK ||
	    (err = each_list(&b->openings, "openings", &buf, fn, ctx)) !=
		ERR_OK ||
	    (err = each_list(&b->receipts, "receipts", &buf, fn, ctx)) !=
		ERR_OK)
		goto out;
	for (d = 0; d < DIRECTION_COUNT; d++)
		for (l = 0; l < LANE_COUNT; l++) {
			name[5] = d == FROM_A ? 'a' : 'b';
			name[6] = (char)('0' + l);
			err = each_list(&b->runs[d][l], name, &buf, fn, ctx);
			if (err != ERR_OK)
				goto out;
		}
	err = each_list(&b->shredded, "shredded", &buf, fn, ctx);
	if (err == ERR_OK)
		err = each_list(&b->statements, "statements", &buf, fn, ctx);
out:
	buf_free(&buf);
	return (err);
}

static enum err
say(const char **why, enum err err, const char *text)
{
	*why = text;
	return (err);
}

static enum err
take_head(struct bundle *b, struct view data, const char **why)
{
	char text[HEAD_MAX + 1], want[HEAD_MAX], hex[2 * HASH_BYTES + 1];
	const char *pair;
	unsigned level;

	if (data.len > HEAD_MAX)
		return (say(why, ERR_ENCODING, WHY_FORM));
	memcpy(text, data.p, data.len);
	text[data.len] = '\0';
	pair = strstr(text, "\npair ");
	if (pair == NULL || strlen(pair) != 6 + 2 * HASH_BYTES + 1)
		return (say(why, ERR_ENCODING, WHY_FORM));
	memcpy(hex, pair + 6, 2 * HASH_BYTES);
	hex[2 * HASH_BYTES] = '\0';
	if (hex_decode(b->pair_id.b, HASH_BYTES, hex) != ERR_OK)
		return (say(why, ERR_ENCODING, WHY_FORM));
	hex_encode(hex, b->pair_id.b, HASH_BYTES);
	for (level = BUNDLE_SEALED; level <= BUNDLE_OPEN; level++) {
		snprintf(want, sizeof(want), HEAD_FIRST "level %s\npair %s\n",
		    level_names[level], hex);
		if (strlen(want) == data.len &&
		    memcmp(want, data.p, data.len) == 0) {
			b->level = (enum bundle_level)level;
			return (ERR_OK);
		}
	}
	return (say(why, ERR_VERSION, "names no version or level known here"));
}

/* "charter/NNNNN", then its two signatures, in the order of names. */
static enum err
take_charter(struct bundle *b, const char *name, struct view data,
    const char **why)
{
	char want[BUNDLE_MEMBER_NAME_MAX + 1];
	static const uint8_t blank[SIG_BYTES];
	struct view rec;
	unsigned number = 0;
	enum err err;

	if (b->charter_parts == 0) {
		if (sscanf(name, "charter/%5u", &number) != 1 ||
		    number > UINT16_MAX)
			return (say(why, ERR_ENCODING,
			    "no such member belongs here"));
		snprintf(want, sizeof(want), "charter/%05u", number);
		if (strcmp(want, name) != 0)
			return (say(why, ERR_ENCODING,
			    "no such member belongs here"));
		err = bundle_add_charter(b, (uint16_t)number, data, blank,
		    blank);
		if (err != ERR_OK)
			return (say(why, err, "is too long"));
		rec = b->charters.rec[b->charters.n - 1].bytes;
		b->charter_sig = (uint8_t *)(uintptr_t)rec.p + 2;
		b->charter_parts = 2;
		return (ERR_OK);
	}
	number = bundle_charter_at(b, b->charters.n - 1).number;
	snprintf(want, sizeof(want), "charter/%05u.%c.sig", number,
	    b->charter_parts == 2 ? 'a' : 'b');
	if (strcmp(want, name) != 0 || data.len != SIG_BYTES)
		return (say(why, ERR_ENCODING,
		    "is not the signature that belongs here"));
	memcpy(b->charter_sig, data.p, SIG_BYTES);
	b->charter_sig += SIG_BYTES;
	b->charter_parts--;
	return (ERR_OK);
}

/* bundle_put failed while a member was read. */
static enum err
no_room(const char **why, enum err err)
{
	return (say(why, err, err == ERR_TOO_BIG
		? "more records than a bundle of this size has"
		: "too little memory"));
}

static enum err
take_list(struct bundle *b, struct bundle_list *l, struct view data, size_t min, size_t max,
    size_t key_at, const char **why)
{
	struct rd rd = rd_init(data.p, data.len);
	struct view rec, key = { NULL, 0 };
	uint32_t len;
	enum err err;

	if (rd.left == 0)
		return (say(why, ERR_ENCODING, "is empty"));
	while (rd.left > 0) {
		len = rd_u32(&rd);
		rec = rd_view(&rd, len);
		if (rd.err != ERR_OK || len < min || len > max)
			return (say(why, ERR_ENCODING, WHY_FORM));
		if (key_at > 0) {
			key.p = rec.p + key_at;
			key.len = 8;
		}
		if ((err = bundle_put(b, l, key, rec)) != ERR_OK)
			return (no_room(why, err));
	}
	if (bundle_ascending(l) != ERR_OK)
		return (say(why, ERR_ENCODING, WHY_ORDER));
	l->sorted = true;
	return (ERR_OK);
}

static enum err
take_openings(struct bundle *b, struct view data, const char **why)
{
	struct bundle_opening o;
	size_t i;
	enum err err;

	err = take_list(b, &b->openings, data, HASH_BYTES + 1,
	    HASH_BYTES + 1 + BUNDLE_OPENING_MAX, 0, why);
	for (i = 0; err == ERR_OK && i < b->openings.n; i++) {
		o = bundle_opening_at(b, i);
		if (o.kind < BUNDLE_FIELD || o.kind > BUNDLE_CASE)
			err = say(why, ERR_ENCODING, WHY_FORM);
	}
	return (err);
}

static enum err
take_joins(struct bundle *b, struct view data, const char **why)
{
	struct bundle_join join;
	struct view rec;
	size_t i;
	enum err err;

	err = take_list(b, &b->joins, data, BUNDLE_JOIN_HEAD,
	    BUNDLE_JOIN_HEAD + MERKLE_PATH_MAX * HASH_BYTES, 0, why);
	for (i = 0; err == ERR_OK && i < b->joins.n; i++) {
		rec = b->joins.rec[i].bytes;
		if (rec.len != BUNDLE_JOIN_HEAD +
		    (size_t)rec.p[BUNDLE_JOIN_HEAD - 1] * HASH_BYTES)
			return (say(why, ERR_ENCODING, WHY_FORM));
		bundle_join_at(b, i, &join);
		if (join.first >= join.second)
			return (say(why, ERR_ENCODING, WHY_FORM));
	}
	return (err);
}

/* One proof: its bytes as they stand become the record. */
static enum err
take_proof(struct bundle *b, struct rd *rd, struct view key)
{
	const uint8_t *start = rd->p;
	struct view rec;
	uint8_t n;

	rd_view(rd, BUNDLE_PROOF_HEAD - 1);
	n = rd_u8(rd);
	if (n > MERKLE_PATH_MAX)
		return (ERR_ENCODING);
	rd_view(rd, (size_t)n * HASH_BYTES);
	if (rd->err != ERR_OK)
		return (ERR_ENCODING);
	rec.p = start;
	rec.len = (size_t)(rd->p - start);
	return (bundle_put(b, &b->proofs, key, rec));
}

static enum err
take_group(struct bundle *b, struct rd *rd, const struct hash *log_id)
{
	struct view note, key;
	uint32_t count, len = rd_u32(rd);
	struct wr wr;
	uint8_t *p;
	enum err err = ERR_OK;

	note = rd_view(rd, len);
	count = rd_u32(rd);
	if (rd->err != ERR_OK || note.len == 0 || note.len > NOTE_MAX ||
	    count == 0 || count > rd->left / BUNDLE_PROOF_HEAD)
		return (ERR_ENCODING);
	key.len = HASH_BYTES + 4 + note.len;
	if ((p = arena_alloc(&b->arena, key.len)) == NULL)
		return (ERR_NOMEM);
	key.p = p;
	wr = wr_init(p, key.len);
	wr_copy(&wr, log_id->b, HASH_BYTES);
	wr_u32(&wr, (uint32_t)note.len);
	wr_copy(&wr, note.p, note.len);
	while (err == ERR_OK && count-- > 0)
		err = take_proof(b, rd, key);
	return (err);
}

static enum err
take_log(struct bundle *b, const char *name, struct view data,
    const char **why)
{
	struct rd rd = rd_init(data.p, data.len);
	char hex[2 * HASH_BYTES + 1];
	struct hash log_id;
	enum err err = ERR_OK;

	if (strlen(name) != 4 + 2 * HASH_BYTES ||
	    hex_decode(log_id.b, HASH_BYTES, name + 4) != ERR_OK)
		return (say(why, ERR_ENCODING, "no such member belongs here"));
	hex_encode(hex, log_id.b, HASH_BYTES);
	if (strcmp(hex, name + 4) != 0 || rd.left == 0)
		return (say(why, ERR_ENCODING, "no such member belongs here"));
	while (err == ERR_OK && rd.left > 0)
		err = take_group(b, &rd, &log_id);
	if (err == ERR_TOO_BIG || err == ERR_NOMEM)
		return (no_room(why, err));
	return (err == ERR_OK ? ERR_OK : say(why, err, WHY_FORM));
}

/* The exporter's own, unsigned members. */
static enum err
take_claims(struct bundle *b, const char *name, struct view data,
    const char **why)
{
	enum err err;

	if (strcmp(name, "holds") == 0)
		err = take_list(b, &b->holds, data, BUNDLE_HOLD_FIXED + 1,
		    BUNDLE_HOLD_FIXED + HOLD_REASON_MAX, 0, why);
	else
		err = take_list(b, &b->shredded, data, BUNDLE_SHREDDED_BYTES,
		    BUNDLE_SHREDDED_BYTES, 0, why);
	if (err == ERR_OK && bundle_claims_ok(b) != ERR_OK)
		err = say(why, ERR_ENCODING, WHY_FORM);
	return (err);
}

enum err
bundle_form_take(struct bundle *b, const char *name, struct view data,
    const char **why)
{
	unsigned d, l;

	if (b->charter_parts > 0 || strncmp(name, "charter/", 8) == 0)
		return (take_charter(b, name, data, why));
	if (strcmp(name, "evidence") == 0)
		return (take_head(b, data, why));
	if (strncmp(name, "log/", 4) == 0)
		return (take_log(b, name, data, why));
	if (strcmp(name, "holds") == 0 || strcmp(name, "shredded") == 0)
		return (take_claims(b, name, data, why));
	if (strcmp(name, "joins") == 0)
		return (take_joins(b, data, why));
	if (strcmp(name, "notes") == 0)
		return (take_list(b, &b->notes, data, HASH_BYTES + 1,
		    HASH_BYTES + NOTE_MAX, 0, why));
	if (strcmp(name, "openings") == 0)
		return (take_openings(b, data, why));
	if (strcmp(name, "receipts") == 0)
		return (take_list(b, &b->receipts, data, 1, STATEMENT_MAX, 0,
		    why));
	if (strcmp(name, "statements") == 0)
		return (take_list(b, &b->statements, data, 1, STATEMENT_MAX, 0,
		    why));
	if (strlen(name) == 7 && strncmp(name, "runs.", 5) == 0 &&
	    (name[5] == 'a' || name[5] == 'b') && name[6] >= '0' &&
	    name[6] < '0' + LANE_COUNT) {
		d = name[5] == 'a' ? FROM_A : FROM_B;
		l = (unsigned)(name[6] - '0');
		return (take_list(b, &b->runs[d][l], data, BUNDLE_RUN_SEQ_AT + 8,
		    RUN_CONTAINER_MAX, BUNDLE_RUN_SEQ_AT, why));
	}
	return (say(why, ERR_ENCODING, "no such member belongs here"));
}

enum err
bundle_form_end(struct bundle *b, const char **why)
{
	static const struct hash none;

	if (b->charter_parts > 0)
		return (say(why, ERR_ENCODING, "a charter lacks a signature"));
	if (hash_eq(&b->pair_id, &none))
		return (say(why, ERR_ENCODING,
		    "the member evidence is missing"));
	if (bundle_ascending(&b->proofs) != ERR_OK)
		return (say(why, ERR_ENCODING, WHY_ORDER));
	b->proofs.sorted = true;
	b->charters.sorted = true;
	return (ERR_OK);
}
