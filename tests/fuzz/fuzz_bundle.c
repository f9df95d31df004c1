/*
 * Bundle: the zip as it stands, and the framing of each member without it
 * (a mutated zip rarely survives its sums).  What reads must judge, and must
 * write back to what reads again; what is judged can be shown, as a page and
 * as an outline.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "audit/bundle_priv.h"
#include "audit/judge.h"
#include "audit/verdict_html.h"

static const char *const names[] = { "charter/00000", "charter/00000.a.sig",
	"charter/00000.b.sig", "evidence", "log/", "openings", "receipts",
	"runs.a0", "runs.b0", "statements", "holds", "shredded", "joins",
	"notes" };
#define NAMES (sizeof(names) / sizeof(names[0]))
#define LOG 4			/* its log_id opens the bytes */

static void
judge_it(const struct bundle *b)
{
	struct buf page = buf_init(1 << 26);
	struct judge_pin pin;
	struct judge *j;

	memset(&pin, 0, sizeof(pin));
	if (judge_bundle(&j, b, &pin) == ERR_OK) {
		if (verdict_html(j, "fuzz", &page) != ERR_OK ||
		    strstr(buf_text(&page), "<script") != NULL)
			abort();
		judge_free(j);
	}
	buf_free(&page);
}

static void
as_zip(struct view in)
{
	struct buf out = buf_init(1 << 26), again = buf_init(1 << 26);
	struct bundle_fault fault;
	struct bundle *b, *c;

	if (bundle_read(&b, in, &fault) != ERR_OK)
		goto out;
	judge_it(b);
	if (bundle_write(b, &out) != ERR_OK ||
	    bundle_read(&c, buf_view(&out), &fault) != ERR_OK ||
	    bundle_write(c, &again) != ERR_OK || out.len != again.len ||
	    memcmp(out.p, again.p, out.len) != 0)
		abort();
	bundle_free(b);
	bundle_free(c);
out:
	buf_free(&out);
	buf_free(&again);
}

/* u8 member, u16 length, bytes; again and again. */
static void
as_members(struct view in)
{
	static const struct hash pair = { { 1 } };
	struct bundle *b = bundle_new(&pair, BUNDLE_SEALED);
	struct rd rd = rd_init(in.p, in.len);
	char name[BUNDLE_MEMBER_NAME_MAX + 1];
	const char *why;
	struct view data;
	size_t which;
	enum err err = ERR_OK;

	if (b == NULL)
		return;
	while (err == ERR_OK && rd.left > 3) {
		which = rd_u8(&rd) % NAMES;
		data = rd_view(&rd, rd_u16(&rd));
		if (rd.err != ERR_OK || (which == LOG && data.len < HASH_BYTES))
			break;
		strcpy(name, names[which]);
		if (which == LOG) {
			hex_encode(name + 4, data.p, HASH_BYTES);
			data.p += HASH_BYTES;
			data.len -= HASH_BYTES;
		}
		err = bundle_form_take(b, name, data, &why);
	}
	if (err == ERR_OK && bundle_form_end(b, &why) == ERR_OK)
		judge_it(b);
	bundle_free(b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct view in = { p, len };

	if (len > 3 && memcmp(p, "PK", 2) == 0)
		as_zip(in);
	else
		as_members(in);
	return (0);
}
