/*
 * review: a name that would be a tag on a page, a formula in a spreadsheet or
 * an escape on a terminal is none of them; bars are told by label and
 * pattern; the page has no script and loads nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/review.h"
#include "proto/charter.h"
#include "tests/unit/audit/tamper.h"

#define NAME "=1+1<b>&\x1b[31m"
#define OUT_MAX (1u << 20)

/* One clock of each verdict owed by b, under a charter with such a name. */
static void
begin(struct review *r, struct dossier *d, struct bundle **b)
{
	struct ledger_entry e = { .party = 1,
		.group = (uint8_t)ledger_clock(CLOCKS_ACK, 0) };
	struct judge *j = world_judge(&w, &w.charter_id, b);
	const struct charter *c = keyring_pair_charter(judge_keyring(j),
	    judge_pair(j), KEYRING_NEWEST);

	assert_non_null(c);
	strcpy(((struct charter *)(uintptr_t)c)->party[1].name, NAME);
	*d = (struct dossier){ .pair_id = *judge_pair(j) };
	ledger_begin(&d->ledger, 0, 86400000, 86400000);
	for (e.word = 0; e.word <= CLOCKS_VERDICTS; e.word++) {
		e.env_id.b[0] = e.word;
		assert_int_equal(ledger_put(&d->ledger, &e), ERR_OK);
	}
	assert_int_equal(ledger_end(&d->ledger), ERR_OK);
	*r = (struct review){ .j = j, .d = d, .hidden = 3 };
}

static void
end(struct review *r, struct dossier *d, struct bundle *b)
{
	dossier_free(d);
	judge_free((struct judge *)(uintptr_t)r->j);
	bundle_free(b);
}

static void
has(struct buf *out, const char *text)
{
	if (strstr(buf_text(out), text) == NULL)
		fail_msg("lacks %s", text);
}

static void
lacks(struct buf *out, const char *text)
{
	if (strstr(buf_text(out), text) != NULL)
		fail_msg("holds %s", text);
}

static void
page(void **state)
{
	struct buf out = buf_init(OUT_MAX);
	struct dossier d;
	struct review r;
	struct bundle *b;

	(void)state;
	begin(&r, &d, &b);
	assert_int_equal(review_html(&r, "<script>alert(1)</script>", &out),
	    ERR_OK);
	lacks(&out, "<script");
	lacks(&out, "<b>");
	lacks(&out, "\x1b");
	lacks(&out, "href=");
	has(&out, "&lt;script");
	has(&out, "=1+1&lt;b&gt;&amp;");
	/* late and overdue, in doubt, in time, and six others. */
	has(&out, "in time 1, late 2, in doubt 1, other 6");
	has(&out, "fill=\"url(#late)\"");
	has(&out, "fill=\"url(#doubt)\"");
	has(&out, "3 messages are not open here");
	has(&out, "@media print");
	end(&r, &d, b);
	buf_free(&out);
}

static void
spreadsheet(void **state)
{
	struct buf out = buf_init(OUT_MAX);
	struct dossier d;
	struct review r;
	struct bundle *b;

	(void)state;
	begin(&r, &d, &b);
	assert_int_equal(review_csv(&r, &out), ERR_OK);
	lacks(&out, "\"=1");
	has(&out, "\"'=1+1<b>&");
	has(&out, "\"ack\",\"met\",\"1\"\r\n");
	has(&out, "\"a\",\"North Agency\",\"ack\",\"met\",\"0\"\r\n");
	end(&r, &d, b);
	buf_free(&out);
}

static void
terminal(void **state)
{
	struct buf out = buf_init(OUT_MAX);
	char *text = NULL;
	size_t len = 0;
	struct dossier d;
	struct review r;
	struct bundle *b;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	assert_non_null(f);
	begin(&r, &d, &b);
	assert_int_equal(review_text(&r, f), ERR_OK);
	fclose(f);
	assert_null(strchr(text, '\x1b'));
	assert_non_null(strstr(text, "not_taken_in"));
	free(text);
	assert_int_equal(review_json(&r, &out), ERR_OK);
	lacks(&out, "\x1b");
	has(&out, "\"word\": \"in_doubt\"");
	end(&r, &d, b);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(page),
		T(spreadsheet),
		T(terminal),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
