#include <stdio.h>
#include <string.h>

#include "audit/verdict.h"
#include "tests/unit/audit/tamper.h"

struct world tamper_world;

void
tamper_show(const struct judge *j)
{
	struct buf out = buf_init(1 << 20);

	(void)verdict_text(j, &out);
	fprintf(stderr, "%s\n", buf_text(&out));
	buf_free(&out);
}

void
tamper_expect(enum judge_verdict verdict, enum findings_code code)
{
	struct bundle *b = NULL;
	struct judge *j = world_judge(&w, &w.charter_id, &b);

	if (judge_verdict(j) != verdict || (code != 0 && !judge_has(j, code)))
		tamper_show(j);
	assert_int_equal(judge_verdict(j), verdict);
	if (code != 0)
		assert_true(judge_has(j, code));
	judge_free(j);
	bundle_free(b);
}

int
tamper_setup(void **state)
{
	(void)state;
	world_story(&w);
	return (0);
}

int
tamper_teardown(void **state)
{
	(void)state;
	world_stop(&w);
	return (0);
}

struct item *
tamper_nth(enum item_kind kind, size_t n)
{
	size_t i;

	for (i = 0; i < w.items; i++)
		if (w.item[i].kind == kind && n-- == 0)
			return (&w.item[i]);
	fail();
	return (NULL);
}

struct item *
tamper_sign(enum item_kind kind, const struct sign_key *signer,
    const char *label, const uint8_t *tbs, size_t len)
{
	struct item *item = &w.item[w.items++];
	uint8_t sig[SIG_BYTES];

	memset(item, 0, sizeof(*item));
	item->kind = kind;
	item->bytes = buf_init(STATEMENT_MAX);
	item->entry = buf_init(STATEMENT_MAX);
	assert_int_equal(sign_labelled(signer, label, tbs, len, sig), ERR_OK);
	buf_put(&item->bytes, tbs, len);
	buf_put(&item->bytes, sig, sizeof(sig));
	buf_put(&item->entry, item->bytes.p, item->bytes.len);
	return (item);
}
