/*
 * Bundles that open outlines and single fields: what they show, what they
 * must not pass for, who owes an answer, and the page made of it.
 */
#include <string.h>

#include "audit/content.h"
#include "audit/outline_show.h"
#include "audit/verdict.h"
#include "audit/verdict_html.h"
#include "proto/notice.h"
#include "tests/unit/audit/tamper.h"

#define BODY 1			/* its index in the fields */

/* The story with no opening but the outlines of all messages. */
static void
open_outlines(void)
{
	size_t i;

	for (i = 0; i < w.items; i++)
		if (w.item[i].kind == ITEM_OPENING)
			w.item[i].skip = true;
	for (i = 0; i < w.envs; i++)
		world_open_field(&w, &w.env[i], 0);
}

static struct item *
opening_of(size_t env)
{
	size_t i;

	for (i = w.items; i-- > 0;)
		if (w.item[i].kind == ITEM_OPENING &&
		    hash_eq(&w.item[i].env_id, &w.env[env].e.env_id))
			return (&w.item[i]);
	fail();
	return (NULL);
}

static void
outlines_only(void **state)
{
	struct bundle *b = NULL;
	struct verdict_opened n;
	const struct judge_message *m;
	struct judge *j;
	size_t i;
	(void)state;

	open_outlines();
	j = world_judge(&w, &w.charter_id, &b);
	assert_int_equal(judge_verdict(j), JUDGE_VERIFIED);
	assert_int_equal(judge_opened(j), 0);
	n = verdict_opened(j);
	assert_int_equal(n.outline, w.envs);
	assert_int_equal(n.whole + n.fields, 0);
	for (i = 0; i < judge_messages(j); i++) {
		m = judge_message_at(j, i);
		assert_null(m->shown->fields);
		assert_null(m->shown->some);
		assert_non_null(m->shown->outline.p);
	}
	judge_free(j);
	bundle_free(b);
}

static void
outline_forged(void **state)
{
	struct item *o;
	(void)state;

	open_outlines();
	o = opening_of(2);
	o->bytes.p[12] ^= 1;		/* inside the value */
	tamper_expect(JUDGE_FAILED, FINDINGS_OPENING_WRONG);
}

static void
salt_forged(void **state)
{
	struct item *o;
	(void)state;

	open_outlines();
	o = opening_of(2);
	o->bytes.p[o->bytes.len - 1] ^= 1;	/* the path's last hash */
	tamper_expect(JUDGE_FAILED, FINDINGS_OPENING_WRONG);
}

static void
outline_under_another(void **state)
{
	struct bundle *b = NULL;
	struct judge *j;
	(void)state;

	open_outlines();
	opening_of(0)->env_id = w.env[3].e.env_id;
	tamper_expect(JUDGE_FAILED, FINDINGS_OPENING_ELSEWHERE);
	j = world_judge(&w, &w.charter_id, &b);
	assert_false(judge_has(j, FINDINGS_OPENING_WRONG));
	assert_string_equal(judge_finding_at(j, 0)->detail, "of a0 seq 1");
	judge_free(j);
	bundle_free(b);
}

/* The opening of field 2 says it were that of field 1, or of a tag it is
 * not: the tag and the place are under C. */
static void
field_as_another(void **state)
{
	struct item *o;
	(void)state;

	o = world_open_field(&w, &w.env[3], BODY);
	o->bytes.p[5] = FIELD_OFFICERS;
	tamper_expect(JUDGE_FAILED, FINDINGS_OPENING_WRONG);
	o->bytes.p[5] = FIELD_OUTLINE;	/* tag 1 stands nowhere but first */
	tamper_expect(JUDGE_FAILED, FINDINGS_OPENING_FORM);
}

static void
keep_text(void *ctx, const char *name, const char *text)
{
	if (strcmp(name, "measures") == 0 || strcmp(name, "body") == 0)
		buf_str(ctx, text);
}

static void
one_field(void **state)
{
	struct buf said = buf_init(1000);
	struct bundle *b = NULL;
	const struct judge_message *m;
	struct judge *j;
	(void)state;

	world_open_field(&w, &w.env[3], BODY);
	j = world_judge(&w, &w.charter_id, &b);
	assert_int_equal(judge_verdict(j), JUDGE_VERIFIED);
	m = judge_message_at(j, 2);	/* a0 3 */
	assert_null(m->shown->fields);
	assert_int_equal(m->shown->some->n, 1);
	assert_int_equal(m->shown->some->f[0].tag, FIELD_BODY);
	content_each(m, keep_text, &said);
	assert_string_equal(buf_text(&said), "not read, the outline is closed");
	judge_free(j);
	bundle_free(b);

	world_open_field(&w, &w.env[3], 0);
	j = world_judge(&w, &w.charter_id, &b);
	assert_int_equal(judge_verdict(j), JUDGE_VERIFIED);
	buf_reset(&said);
	content_each(judge_message_at(j, 2), keep_text, &said);
	assert_string_equal(buf_text(&said), "third");
	buf_free(&said);
	judge_free(j);
	bundle_free(b);
}

/* ---- order and silence ---- */

static void
rows_in_order(void **state)
{
	static const char *const want[] = { "a0 1", "a0 2", "b0 1", "a0 3",
		"b0 2" };
	struct buf cell = buf_init(200);
	struct bundle *b = NULL;
	struct outline *o;
	struct judge *j;
	size_t i;
	(void)state;

	open_outlines();
	j = world_judge(&w, &w.charter_id, &b);
	o = outline_new(j);
	assert_int_equal(outline_rows(o), 5);
	for (i = 0; i < 5; i++) {
		buf_reset(&cell);
		outline_show_cell(outline_row_at(o, i),
		    OUTLINE_SHOW_COLUMNS - 1, &cell);
		assert_memory_equal(buf_text(&cell), want[i], 4);
	}
	assert_int_equal(outline_silences(o), 0);	/* no request */
	buf_free(&cell);
	outline_free(o);
	judge_free(j);
	bundle_free(b);
}

/* a asks at the story's end; judge and see who is silent. */
static void
silence_is(size_t n, bool certain)
{
	struct bundle *b = NULL;
	struct judge *j = world_judge(&w, &w.charter_id, &b);
	const struct outline_silence *s;
	struct outline *o = outline_new(j);

	assert_int_equal(outline_silences(o), n);
	if (n > 0) {
		s = outline_silence_at(o, 0);
		assert_int_equal(s->direction, FROM_B);
		assert_int_equal(s->request->type, NOTICE_REQUEST);
		assert_int_equal(s->certain, certain);
		assert_non_null(s->end[0]);
		assert_null(s->end[1]);
	}
	outline_free(o);
	judge_free(j);
	bundle_free(b);
}

static void
request_unanswered(void **state)
{
	struct item *run;
	(void)state;

	w.knobs[FROM_A].type = NOTICE_REQUEST;
	run = world_say(&w, FROM_A, LANE_NOTICE, "please");
	world_receipt(&w, run, RECEIPT_DELIVERED, w.sign[1]);
	w.knobs[FROM_A].type = 0;
	open_outlines();
	silence_is(1, true);
	/* One outline of b's closed: it might be the answer. */
	opening_of(2)->skip = true;
	silence_is(1, false);
	opening_of(2)->skip = false;
	/* One message of b's missing: so might that. */
	tamper_nth(ITEM_RUN, 1)->skip = true;
	silence_is(1, false);
	tamper_nth(ITEM_RUN, 1)->skip = false;
	/* b's last message in no log: its place is not known. */
	tamper_nth(ITEM_RUN, 3)->skip_proof = true;
	silence_is(1, false);
	tamper_nth(ITEM_RUN, 3)->skip_proof = false;
	/* Something is forged elsewhere: nothing here is certain. */
	opening_of(0)->bytes.p[12] ^= 1;
	silence_is(1, false);
	opening_of(0)->bytes.p[12] ^= 1;
	silence_is(1, true);
	/* And now b decides. */
	w.knobs[FROM_B].type = NOTICE_DECISION;
	run = world_say(&w, FROM_B, LANE_NOTICE, "yes");
	world_open_field(&w, &w.env[w.envs - 1], 0);
	silence_is(0, true);
}

/* b's heartbeat signs where its lane 1 stood: nothing is hidden there, or
 * something is. */
static void
heartbeat_names_lane_1(void **state)
{
	struct buf text = buf_init(4096);
	struct bundle *b = NULL;
	struct outline *o;
	struct judge *j;
	uint64_t seq;
	(void)state;

	w.knobs[FROM_A].type = NOTICE_REQUEST;
	world_say(&w, FROM_A, LANE_NOTICE, "please");
	w.knobs[FROM_B].link = true;
	for (seq = 0; seq < 2; seq++) {
		w.knobs[FROM_B].link_seq = seq;
		world_say(&w, FROM_B, LANE_NOTICE, "beat");
		open_outlines();
		silence_is(1, true);		/* its link is closed */
		world_open_field(&w, &w.env[w.envs - 1], 2);
		silence_is(1, seq == 0);
	}
	j = world_judge(&w, &w.charter_id, &b);
	o = outline_new(j);
	assert_int_equal(outline_silence_at(o, 0)->beat_seq, 1);
	outline_show_silence(outline_silence_at(o, 0), &text);
	assert_non_null(strstr(buf_text(&text), "no proof of silence"));
	buf_free(&text);
	outline_free(o);
	judge_free(j);
	bundle_free(b);
}

/* ---- the page ---- */

static void
page_is_inert(void **state)
{
	struct buf page = buf_init(1 << 20);
	struct bundle *b = NULL;
	struct judge *j;
	struct item *run;
	(void)state;

	run = world_say(&w, FROM_A, LANE_NOTICE,
	    "<script>alert(1)</script>\n\"&' \xe2\x80\xae");
	world_receipt(&w, run, RECEIPT_DELIVERED, w.sign[1]);
	world_open(&w, &w.env[w.envs - 1]);
	j = world_judge(&w, &w.charter_id, &b);
	assert_int_equal(verdict_html(j, "a<b>.zip", &page), ERR_OK);
	assert_null(strstr(buf_text(&page), "<script"));
	assert_non_null(strstr(buf_text(&page),
	    "&lt;script&gt;alert(1)&lt;/script&gt;<br>"));
	assert_non_null(strstr(buf_text(&page), "\\u{202E}"));
	assert_non_null(strstr(buf_text(&page), "a&lt;b&gt;.zip"));
	assert_non_null(strstr(buf_text(&page), "Verified: all 6 messages"));
	judge_free(j);
	bundle_free(b);

	tamper_nth(ITEM_OPENING, 0)->bytes.p[0] ^= 1;	/* K_f */
	j = world_judge(&w, &w.charter_id, &b);
	buf_reset(&page);
	assert_int_equal(verdict_html(j, "x", &page), ERR_OK);
	assert_non_null(strstr(buf_text(&page), "Failed: "));
	assert_non_null(strstr(buf_text(&page), "opening-wrong"));
	judge_free(j);
	bundle_free(b);
	buf_free(&page);
}

static void
page_of_a_damaged_file(void **state)
{
	struct bundle_fault fault = { ERR_TRUNCATED, "", "cut short" };
	struct buf page = buf_init(1 << 16);
	struct judge *j;
	(void)state;

	assert_int_equal(judge_damaged(&j, &fault), ERR_OK);
	assert_int_equal(verdict_html(j, "x", &page), ERR_OK);
	assert_non_null(strstr(buf_text(&page), "bundle-damaged"));
	buf_free(&page);
	judge_free(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(outlines_only),
		T(outline_forged),
		T(salt_forged),
		T(outline_under_another),
		T(field_as_another),
		T(one_field),
		T(rows_in_order),
		T(request_unanswered),
		T(heartbeat_names_lane_1),
		T(page_is_inert),
		T(page_of_a_damaged_file),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
