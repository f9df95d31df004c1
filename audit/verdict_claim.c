/* What the exporter says, unsigned, of its own keeping. */
#include <string.h>

#include "audit/verdict.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"

const char *
verdict_claims_head(void)
{
	return (_("What the exporter says of its own keeping (signed by "
		  "nobody: it proves only that it was said)"));
}

static void
put_hold(const struct bundle_hold *h, struct buf *out)
{
	char hex[2 * ID_BYTES + 1], from[CLOCK_TEXT_BYTES];
	char until[CLOCK_TEXT_BYTES];

	hex_encode(hex, h->case_id.b, ID_BYTES);
	clock_format(from, (int64_t)h->from_at);
	if (h->until_at == 0)
		buf_fmt(out, _("Case %s has been on hold since %s: "), hex,
		    from);
	else
		buf_fmt(out, _("Case %s was on hold from %s until %s: "), hex,
		    from, clock_format(until, (int64_t)h->until_at));
	buf_put(out, h->reason.p, h->reason.len);
}

bool
verdict_claim(const struct judge *j, unsigned i, struct buf *out)
{
	const struct bundle *b = judge_bundle_of(j);
	struct bundle_hold h;
	size_t gone;

	if (b == NULL)
		return (false);
	if (i < bundle_holds(b)) {
		h = bundle_hold_at(b, i);
		put_hold(&h, out);
		return (true);
	}
	gone = bundle_shreddeds(b);
	if (i > bundle_holds(b) || gone == 0)
		return (false);
	buf_fmt(out, _("It shredded the text of %zu messages and pieces of "
		       "files (finding body-shredded)."), gone);
	return (true);
}

static struct json *
hold_json(const struct bundle_hold *h)
{
	struct buf reason = buf_init(HOLD_REASON_MAX + 1);
	struct json *o = json_new_obj();

	buf_put(&reason, h->reason.p, h->reason.len);
	json_put_hex(o, "case_id", h->case_id.b, ID_BYTES);
	json_put_time(o, "from", (int64_t)h->from_at);
	json_put_time(o, "until", (int64_t)h->until_at);
	json_put_str(o, "reason", buf_text(&reason));
	json_put_hex(o, "head_a", h->head_a.b, HASH_BYTES);
	json_put_hex(o, "head_b", h->head_b.b, HASH_BYTES);
	buf_free(&reason);
	return (o);
}

struct json *
verdict_claims_json(const struct judge *j)
{
	const struct bundle *b = judge_bundle_of(j);
	struct json *o = json_new_obj(), *holds = json_new_arr();
	struct json *gone = json_new_arr(), *one;
	struct bundle_shredded s;
	struct bundle_hold h;
	size_t i;

	for (i = 0; b != NULL && i < bundle_holds(b); i++) {
		h = bundle_hold_at(b, i);
		one = hold_json(&h);
		json_add(holds, &one);
	}
	for (i = 0; b != NULL && i < bundle_shreddeds(b); i++) {
		s = bundle_shredded_at(b, i);
		one = json_new_obj();
		json_put_hex(one, "env_id", s.env_id.b, HASH_BYTES);
		json_put_time(one, "at", (int64_t)s.at);
		json_add(gone, &one);
	}
	json_put_bool(o, "signed", false);
	json_put(o, "holds", &holds);
	json_put(o, "shredded", &gone);
	return (o);
}
