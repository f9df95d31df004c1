#include <stdlib.h>
#include <string.h>

#include "audit/bundle_priv.h"
#include "proto/run.h"

struct bundle *
bundle_new(const struct hash *pair_id, enum bundle_level level)
{
	struct bundle *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return (NULL);
	b->arena = arena_init(BUNDLE_MAX);
	b->pair_id = *pair_id;
	b->level = level;
	return (b);
}

void
bundle_free(struct bundle *b)
{
	unsigned d, l;

	if (b == NULL)
		return;
	for (d = 0; d < DIRECTION_COUNT; d++)
		for (l = 0; l < LANE_COUNT; l++)
			free(b->runs[d][l].rec);
	free(b->charters.rec);
	free(b->statements.rec);
	free(b->receipts.rec);
	free(b->proofs.rec);
	free(b->openings.rec);
	free(b->holds.rec);
	free(b->shredded.rec);
	free(b->joins.rec);
	free(b->notes.rec);
	arena_free(&b->arena);
	buf_free(&b->zip);
	free(b);
}

void
bundle_adopt(struct bundle *b, struct buf *zip)
{
	b->zip = *zip;
	*zip = buf_init(zip->max);
}

struct view
bundle_copy(struct bundle *b, const void *p, size_t len)
{
	struct view v = { NULL, 0 };
	uint8_t *copy = arena_alloc(&b->arena, len);

	if (copy == NULL)
		return (v);
	if (len > 0)
		memcpy(copy, p, len);
	v.p = copy;
	v.len = len;
	return (v);
}

enum err
bundle_put(struct bundle *b, struct bundle_list *l, struct view key,
    struct view bytes)
{
	size_t size = l->size == 0 ? 64 : 2 * l->size;
	struct bundle_record *grown;

	if (b->records == BUNDLE_RECORDS_MAX)
		return (ERR_TOO_BIG);
	if (l->n == l->size) {
		grown = reallocarray(l->rec, size, sizeof(*grown));
		if (grown == NULL)
			return (ERR_NOMEM);
		l->rec = grown;
		l->size = size;
	}
	l->rec[l->n].key = key;
	l->rec[l->n].bytes = bytes;
	l->n++;
	b->records++;
	l->sorted = false;
	return (ERR_OK);
}

/* Bytewise, the shorter first where one opens the other. */
static int
view_cmp(struct view a, struct view b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int c = len == 0 ? 0 : memcmp(a.p, b.p, len);

	if (c != 0)
		return (c);
	return (a.len < b.len ? -1 : a.len > b.len);
}

static int
record_cmp(const void *pa, const void *pb)
{
	const struct bundle_record *a = pa, *b = pb;
	int c = a->key.p == b->key.p ? 0 : view_cmp(a->key, b->key);

	return (c != 0 ? c : view_cmp(a->bytes, b->bytes));
}

void
bundle_sort(struct bundle_list *l)
{
	size_t i, kept = 0;

	if (l->sorted)
		return;
	if (l->n > 1)
		qsort(l->rec, l->n, sizeof(*l->rec), record_cmp);
	for (i = 0; i < l->n; i++)
		if (kept == 0 || record_cmp(&l->rec[kept - 1], &l->rec[i]) != 0)
			l->rec[kept++] = l->rec[i];
	l->n = kept;
	l->sorted = true;
}

enum err
bundle_ascending(const struct bundle_list *l)
{
	size_t i;

	for (i = 1; i < l->n; i++)
		if (record_cmp(&l->rec[i - 1], &l->rec[i]) >= 0)
			return (ERR_ENCODING);
	return (ERR_OK);
}

enum err
bundle_put_copy(struct bundle *b, struct bundle_list *l, struct view in,
    size_t max)
{
	struct view none = { NULL, 0 }, copy;

	if (in.len > max)
		return (ERR_TOO_BIG);
	copy = bundle_copy(b, in.p, in.len);
	return (copy.p == NULL ? ERR_NOMEM : bundle_put(b, l, none, copy));
}

enum err
bundle_add_charter(struct bundle *b, uint16_t number, struct view text,
    const uint8_t sig_a[SIG_BYTES], const uint8_t sig_b[SIG_BYTES])
{
	struct view none = { NULL, 0 }, rec;
	struct wr wr;
	uint8_t *p;

	if (text.len > CHARTER_MAX)
		return (ERR_TOO_BIG);
	rec.len = BUNDLE_CHARTER_HEAD + text.len;
	if ((p = arena_alloc(&b->arena, rec.len)) == NULL)
		return (ERR_NOMEM);
	rec.p = p;
	wr = wr_init(p, rec.len);
	wr_u16(&wr, number);
	wr_copy(&wr, sig_a, SIG_BYTES);
	wr_copy(&wr, sig_b, SIG_BYTES);
	wr_copy(&wr, text.p, text.len);
	return (bundle_put(b, &b->charters, none, rec));
}

enum err
bundle_add_statement(struct bundle *b, struct view entry)
{
	return (bundle_put_copy(b, &b->statements, entry, STATEMENT_MAX));
}

enum err
bundle_add_receipt(struct bundle *b, struct view entry)
{
	return (bundle_put_copy(b, &b->receipts, entry, STATEMENT_MAX));
}

enum err
bundle_add_run(struct bundle *b, uint8_t direction, uint8_t lane,
    struct view bare)
{
	struct view copy, key;

	if (direction >= DIRECTION_COUNT || lane >= LANE_COUNT)
		return (ERR_CHANNEL);
	if (bare.len > RUN_CONTAINER_MAX)
		return (ERR_TOO_BIG);
	if (bare.len < BUNDLE_RUN_SEQ_AT + 8)
		return (ERR_TRUNCATED);
	copy = bundle_copy(b, bare.p, bare.len);
	if (copy.p == NULL)
		return (ERR_NOMEM);
	key.p = copy.p + BUNDLE_RUN_SEQ_AT;
	key.len = 8;
	return (bundle_put(b, &b->runs[direction][lane], key, copy));
}

/* log_id | u32 length | note: shared with the proof added before, if it
 * leads to the same checkpoint. */
static struct view
proof_key(struct bundle *b, const struct hash *log_id, struct view note)
{
	struct view key = { NULL, HASH_BYTES + 4 + note.len }, last;
	struct wr wr;
	uint8_t *p;

	if (b->proofs.n > 0) {
		last = b->proofs.rec[b->proofs.n - 1].key;
		if (last.len == key.len &&
		    memcmp(last.p, log_id->b, HASH_BYTES) == 0 &&
		    memcmp(last.p + HASH_BYTES + 4, note.p, note.len) == 0)
			return (last);
	}
	if ((p = arena_alloc(&b->arena, key.len)) == NULL)
		return (key);
	key.p = p;
	wr = wr_init(p, key.len);
	wr_copy(&wr, log_id->b, HASH_BYTES);
	wr_u32(&wr, (uint32_t)note.len);
	wr_copy(&wr, note.p, note.len);
	return (key);
}

enum err
bundle_add_proof(struct bundle *b, const struct hash *log_id,
    struct view checkpoint, struct view entry, uint64_t index,
    const struct merkle_path *path)
{
	struct view key, rec;
	struct hash leaf = hash_leaf(entry.p, entry.len);
	struct wr wr;
	uint8_t *p;
	size_t i;

	if (checkpoint.len == 0)
		return (ERR_TRUNCATED);
	if (checkpoint.len > NOTE_MAX || path->len > MERKLE_PATH_MAX)
		return (ERR_TOO_BIG);
	key = proof_key(b, log_id, checkpoint);
	rec.len = BUNDLE_PROOF_HEAD + path->len * HASH_BYTES;
	p = arena_alloc(&b->arena, rec.len);
	if (key.p == NULL || p == NULL)
		return (ERR_NOMEM);
	rec.p = p;
	wr = wr_init(p, rec.len);
	wr_u64(&wr, index);
	wr_copy(&wr, leaf.b, HASH_BYTES);
	wr_u8(&wr, (uint8_t)path->len);
	for (i = 0; i < path->len; i++)
		wr_copy(&wr, path->h[i].b, HASH_BYTES);
	return (bundle_put(b, &b->proofs, key, rec));
}

enum err
bundle_add_note(struct bundle *b, const struct hash *log_id,
    struct view checkpoint)
{
	struct view none = { NULL, 0 }, rec;
	struct wr wr;
	uint8_t *p;

	if (checkpoint.len == 0)
		return (ERR_TRUNCATED);
	if (checkpoint.len > NOTE_MAX)
		return (ERR_TOO_BIG);
	rec.len = HASH_BYTES + checkpoint.len;
	if ((p = arena_alloc(&b->arena, rec.len)) == NULL)
		return (ERR_NOMEM);
	rec.p = p;
	wr = wr_init(p, rec.len);
	wr_copy(&wr, log_id->b, HASH_BYTES);
	wr_copy(&wr, checkpoint.p, checkpoint.len);
	return (bundle_put(b, &b->notes, none, rec));
}

enum err
bundle_add_join(struct bundle *b, const struct hash *log_id, uint64_t first,
    uint64_t second, const struct merkle_path *path)
{
	struct view none = { NULL, 0 }, rec;
	struct wr wr;
	uint8_t *p;
	size_t i;

	if (first >= second)
		return (ERR_PROOF);
	if (path->len > MERKLE_PATH_MAX)
		return (ERR_TOO_BIG);
	rec.len = BUNDLE_JOIN_HEAD + path->len * HASH_BYTES;
	if ((p = arena_alloc(&b->arena, rec.len)) == NULL)
		return (ERR_NOMEM);
	rec.p = p;
	wr = wr_init(p, rec.len);
	wr_copy(&wr, log_id->b, HASH_BYTES);
	wr_u64(&wr, first);
	wr_u64(&wr, second);
	wr_u8(&wr, (uint8_t)path->len);
	for (i = 0; i < path->len; i++)
		wr_copy(&wr, path->h[i].b, HASH_BYTES);
	return (bundle_put(b, &b->joins, none, rec));
}

enum err
bundle_add_opening(struct bundle *b, const struct hash *env_id,
    enum bundle_opening_kind kind, struct view opening)
{
	struct view none = { NULL, 0 }, rec;
	struct wr wr;
	uint8_t *p;

	if (opening.len > BUNDLE_OPENING_MAX)
		return (ERR_TOO_BIG);
	rec.len = HASH_BYTES + 1 + opening.len;
	if ((p = arena_alloc(&b->arena, rec.len)) == NULL)
		return (ERR_NOMEM);
	rec.p = p;
	wr = wr_init(p, rec.len);
	wr_copy(&wr, env_id->b, HASH_BYTES);
	wr_u8(&wr, (uint8_t)kind);
	wr_copy(&wr, opening.p, opening.len);
	return (bundle_put(b, &b->openings, none, rec));
}

const struct hash *
bundle_pair(const struct bundle *b)
{
	return (&b->pair_id);
}

enum bundle_level
bundle_level(const struct bundle *b)
{
	return (b->level);
}

size_t
bundle_charters(const struct bundle *b)
{
	return (b->charters.n);
}

struct bundle_charter
bundle_charter_at(const struct bundle *b, size_t i)
{
	struct view rec = b->charters.rec[i].bytes;
	struct rd rd = rd_init(rec.p, rec.len);
	struct bundle_charter c;

	c.number = rd_u16(&rd);
	c.sig_a = rd_view(&rd, SIG_BYTES).p;
	c.sig_b = rd_view(&rd, SIG_BYTES).p;
	c.text = rd_view(&rd, rd.left);
	return (c);
}

size_t
bundle_statements(const struct bundle *b)
{
	return (b->statements.n);
}

struct view
bundle_statement_at(const struct bundle *b, size_t i)
{
	return (b->statements.rec[i].bytes);
}

size_t
bundle_runs(const struct bundle *b, uint8_t direction, uint8_t lane)
{
	return (b->runs[direction][lane].n);
}

struct view
bundle_run_at(const struct bundle *b, uint8_t direction, uint8_t lane,
    size_t i)
{
	return (b->runs[direction][lane].rec[i].bytes);
}

size_t
bundle_receipts(const struct bundle *b)
{
	return (b->receipts.n);
}

struct view
bundle_receipt_at(const struct bundle *b, size_t i)
{
	return (b->receipts.rec[i].bytes);
}

size_t
bundle_proofs(const struct bundle *b)
{
	return (b->proofs.n);
}

void
bundle_proof_at(const struct bundle *b, size_t i, struct bundle_proof *out)
{
	const struct bundle_record *rec = &b->proofs.rec[i];
	struct rd rd = rd_init(rec->key.p, rec->key.len);
	size_t k;

	memset(out, 0, sizeof(*out));
	rd_copy(&rd, out->log_id.b, HASH_BYTES);
	out->checkpoint = rd_view(&rd, rd_u32(&rd));
	rd = rd_init(rec->bytes.p, rec->bytes.len);
	out->index = rd_u64(&rd);
	rd_copy(&rd, out->leaf.b, HASH_BYTES);
	out->path.len = rd_u8(&rd);
	for (k = 0; k < out->path.len; k++)
		rd_copy(&rd, out->path.h[k].b, HASH_BYTES);
}

size_t
bundle_notes(const struct bundle *b)
{
	return (b->notes.n);
}

struct bundle_note
bundle_note_at(const struct bundle *b, size_t i)
{
	struct view rec = b->notes.rec[i].bytes;
	struct rd rd = rd_init(rec.p, rec.len);
	struct bundle_note n;

	rd_copy(&rd, n.log_id.b, HASH_BYTES);
	n.checkpoint = rd_view(&rd, rd.left);
	return (n);
}

size_t
bundle_joins(const struct bundle *b)
{
	return (b->joins.n);
}

void
bundle_join_at(const struct bundle *b, size_t i, struct bundle_join *out)
{
	struct view rec = b->joins.rec[i].bytes;
	struct rd rd = rd_init(rec.p, rec.len);
	size_t k;

	memset(out, 0, sizeof(*out));
	rd_copy(&rd, out->log_id.b, HASH_BYTES);
	out->first = rd_u64(&rd);
	out->second = rd_u64(&rd);
	out->path.len = rd_u8(&rd);
	for (k = 0; k < out->path.len; k++)
		rd_copy(&rd, out->path.h[k].b, HASH_BYTES);
}

size_t
bundle_openings(const struct bundle *b)
{
	return (b->openings.n);
}

struct bundle_opening
bundle_opening_at(const struct bundle *b, size_t i)
{
	struct view rec = b->openings.rec[i].bytes;
	struct rd rd = rd_init(rec.p, rec.len);
	struct bundle_opening o;

	rd_copy(&rd, o.env_id.b, HASH_BYTES);
	o.kind = (enum bundle_opening_kind)rd_u8(&rd);
	o.bytes = rd_view(&rd, rd.left);
	return (o);
}
