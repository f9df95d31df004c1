/* What the exporter says of its own keeping (EVIDENCE.md section 6). */
#include "audit/bundle_priv.h"
#include "base/utf8.h"

enum err
bundle_add_hold(struct bundle *b, const struct bundle_hold *hold)
{
	struct buf rec = buf_init(BUNDLE_HOLD_FIXED + HOLD_REASON_MAX);
	enum err err = ERR_TOO_BIG;

	if (hold->reason.len <= HOLD_REASON_MAX) {
		buf_put(&rec, hold->case_id.b, ID_BYTES);
		buf_u64(&rec, hold->from_at);
		buf_u64(&rec, hold->until_at);
		buf_u16(&rec, (uint16_t)hold->reason.len);
		buf_put(&rec, hold->reason.p, hold->reason.len);
		buf_put(&rec, hold->head_a.b, HASH_BYTES);
		buf_put(&rec, hold->head_b.b, HASH_BYTES);
		err = rec.err;
	}
	if (err == ERR_OK)
		err = bundle_put_copy(b, &b->holds, buf_view(&rec), rec.len);
	buf_free(&rec);
	return (err);
}

enum err
bundle_add_shredded(struct bundle *b, const struct hash *env_id, uint64_t at)
{
	uint8_t rec[BUNDLE_SHREDDED_BYTES];
	struct wr wr = wr_init(rec, sizeof(rec));

	wr_copy(&wr, env_id->b, HASH_BYTES);
	wr_u64(&wr, at);
	return (bundle_put_copy(b, &b->shredded,
	    (struct view){ rec, sizeof(rec) }, sizeof(rec)));
}

static enum err
read_hold(struct bundle_hold *hold, struct view rec)
{
	struct rd rd = rd_init(rec.p, rec.len);

	rd_copy(&rd, hold->case_id.b, ID_BYTES);
	hold->from_at = rd_u64(&rd);
	hold->until_at = rd_u64(&rd);
	hold->reason = rd_view(&rd, rd_u16(&rd));
	rd_copy(&rd, hold->head_a.b, HASH_BYTES);
	rd_copy(&rd, hold->head_b.b, HASH_BYTES);
	return (rd_end(&rd));
}

enum err
bundle_claims_ok(const struct bundle *b)
{
	struct bundle_hold h;
	size_t i;

	for (i = 0; i < b->holds.n; i++)
		if (read_hold(&h, b->holds.rec[i].bytes) != ERR_OK ||
		    h.from_at == 0 ||
		    (h.until_at != 0 && h.until_at < h.from_at) ||
		    h.reason.len == 0 || h.reason.len > HOLD_REASON_MAX ||
		    !utf8_valid(h.reason.p, h.reason.len))
			return (ERR_ENCODING);
	for (i = 0; i < b->shredded.n; i++)
		if (bundle_shredded_at(b, i).at == 0)
			return (ERR_ENCODING);
	return (ERR_OK);
}

size_t
bundle_holds(const struct bundle *b)
{
	return (b->holds.n);
}

struct bundle_hold
bundle_hold_at(const struct bundle *b, size_t i)
{
	struct bundle_hold hold;

	(void)read_hold(&hold, b->holds.rec[i].bytes);
	return (hold);
}

size_t
bundle_shreddeds(const struct bundle *b)
{
	return (b->shredded.n);
}

struct bundle_shredded
bundle_shredded_at(const struct bundle *b, size_t i)
{
	struct view rec = b->shredded.rec[i].bytes;
	struct rd rd = rd_init(rec.p, rec.len);
	struct bundle_shredded s;

	rd_copy(&rd, s.env_id.b, HASH_BYTES);
	s.at = rd_u64(&rd);
	return (s);
}
