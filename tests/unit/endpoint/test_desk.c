/*
 * desk: two desks over a wire in the test's hand.  The whole story, and the
 * required fields one by one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "endpoint/agent.h"
#include "endpoint/book.h"
#include "endpoint/casejson.h"
#include "endpoint/caserows.h"
#include "endpoint/timebound.h"
#include "tests/unit/endpoint/desk_help.h"
#include "tests/unit/endpoint/fake_agent.h"

static struct agent *a, *b;

static int
setup(void **state)
{
	(void)state;
	fake_pair(&a, &b);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fake_free(&a);
	fake_free(&b);
	return 0;
}

static void
test_story(void **state)
{
	struct id c = desk_open_case(a);

	(void)state;
	assert_int_equal(desk_state(a, &c), CASE_RELEASED);
	assert_int_equal(fake_carry(a), 1);
	assert_int_equal(desk_state(a, &c), CASE_HANDED_OVER);
	assert_int_equal(desk_state(b, &c), CASE_HANDED_OVER);
	desk_write_ok(b, &c, "ack", ACK);
	desk_write_ok(b, &c, "decide", ACCEPT);
	fake_carry(b);
	assert_int_equal(desk_state(a, &c), CASE_ACCEPTED);
	desk_write_ok(
	    b, &c, "clarify", "\"questions\": [\"which?\", \"when?\"]");
	fake_carry(b);
	assert_int_equal(desk_state(a, &c), CASE_CLARIFYING);
	desk_write_ok(a, &c, "clarified", "\"answers\": [\"that\", \"then\"]");
	fake_carry(a);
	assert_int_equal(desk_state(b, &c), CASE_ACCEPTED);
	desk_write_ok(b, &c, "status", STATUS);
	desk_write_ok(b, &c, "status", "\"phase\": \"no_change\"");
	desk_write_ok(b, &c, "result", RESULT);
	fake_carry(b);
	assert_int_equal(desk_state(a, &c), CASE_RESULT);
	desk_write_ok(a, &c, "feedback", "\"outcome\": \"used\"");
	desk_write_ok(a, &c, "close", "");
	fake_carry(a);
	assert_int_equal(desk_state(a, &c), CASE_CLOSED);
	assert_int_equal(desk_state(b, &c), CASE_CLOSED);
	/* Nothing was answered by a REJECT on the way. */
	assert_int_equal(fake_carry(b), 0);
	assert_int_equal(desk_head(a, &c), desk_head(b, &c));
}

static void
test_chinese_request(void **state)
{
	struct desk_fault fault;
	struct caserows_msg *list;
	struct id c;
	size_t n;

	(void)state;
	assert_int_equal(
	    desk_open_with(a, desk_example("examples/request.zh.json", NULL),
		&c, &fault),
	    ERR_OK);
	fake_carry(a);
	assert_int_equal(desk_state(b, &c), CASE_HANDED_OVER);
	assert_int_equal(
	    caserows_load(agent_book(b), &c, 0, &list, &n), ERR_OK);
	assert_int_equal(n, 1);
	assert_int_equal(list[0].m.lane, 1);	/* U2: the emergency lane */
	free(list);
}

static void
test_example_answers(void **state)
{
	static const struct {
		const char *verb, *file;
	} rows[] = {{"ack", "examples/ack.en.json"},
	    {"decide", "examples/decision.en.json"},
	    {"status", "examples/status.en.json"}};
	struct id c = desk_open_case(a);

	(void)state;
	fake_carry(a);
	for (size_t i = 0; i < 3; i++) {
		struct json *doc = desk_example(rows[i].file, NULL);
		struct json_fault unused = {0};
		struct desk_fault fault;
		struct desk_done done;
		struct json_cur root;

		json_put_int(doc, "head", desk_head(b, &c));
		root = json_root(doc, &unused);
		if (desk_write(b, &c, rows[i].verb, &root, &done, &fault) !=
		    ERR_OK)
			fail_msg("%s: %s", rows[i].file, fault.detail);
		json_free(&doc);
	}
	fake_carry(b);
	assert_int_equal(desk_state(a, &c), CASE_IN_PROGRESS);
}

/* ---- what arrives is what was written ---- */

static bool
same(const struct json_cur *x, const struct json_cur *y)
{
	struct buf one = buf_init(65536), two = buf_init(65536);
	bool equal;

	assert_int_equal(json_write(x->v, false, &one), ERR_OK);
	assert_int_equal(json_write(y->v, false, &two), ERR_OK);
	equal = one.len == two.len && memcmp(one.p, two.p, one.len) == 0;
	buf_free(&one);
	buf_free(&two);
	return equal;
}

/* Each member of the file, as the other side's API shows it. */
static void
arrives_whole(const char *file)
{
	struct json *doc = desk_example(file, NULL), *shown;
	struct json_fault fault = {0};
	struct json_cur root = json_root(doc, &fault), body, msgs, first;
	struct desk_fault why;
	struct json *copy = desk_example(file, NULL);
	struct json_cur there;
	struct id c;
	size_t compared = 0;

	assert_int_equal(desk_open_with(a, copy, &c, &why), ERR_OK);
	fake_carry(a);
	assert_int_equal(casejson_case(b, &c, &shown), ERR_OK);
	there = json_root(shown, &fault);
	msgs = json_get(&there, "messages");
	first = json_at(&msgs, 0);
	body = json_get(&first, "body");
	for (size_t i = 0; i < json_len(&root); i++) {
		const char *key = json_key(&root, i);
		struct json_cur was = json_get(&root, key);
		struct json_cur is = json_get(
		    strcmp(key, "urgency") == 0 ? &there : &body, key);

		if (json_is_arr(&was) && json_len(&was) == 0)
			continue;
		if (is.v == NULL || !same(&was, &is))
			fail_msg("%s: %s did not arrive as it was", file, key);
		compared++;
	}
	assert_true(compared >= 20);
	json_free(&shown);
	json_free(&doc);
}

static void
test_every_field_arrives(void **state)
{
	(void)state;
	arrives_whole("examples/request.en.json");
	arrives_whole("examples/request.zh.json");
}

/* ---- required fields ---- */

static void
test_every_required_field_is_named(void **state)
{
	static const char *const required[] = {"request_ref", "kind",
	    "urgency", "urgency_ground", "requesting", "requested_authority",
	    "legal_basis", "channel", "facts", "law", "purpose", "assistance",
	    "grounds", "identifiers", "period", "confidentiality",
	    "confidentiality_reason", "wanted_by", "wanted_by_reason",
	    "handling", "language"};

	(void)state;
	for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++) {
		struct desk_fault fault;
		struct id case_id;
		enum err err = desk_open_with(a,
		    desk_example("examples/request.en.json", required[i]),
		    &case_id, &fault);

		assert_int_equal(err, ERR_REQUIRED);
		if (strstr(fault.detail, required[i]) == NULL)
			fail_msg("%s is not named in: %s", required[i],
			    fault.detail);
	}
	assert_int_equal(fake_carry(a), 0);	/* nothing was sealed */
}

static void
test_strangers_and_codes_are_refused(void **state)
{
	struct desk_fault fault;
	struct id case_id;
	struct json *doc = desk_example("examples/request.en.json", NULL);

	(void)state;
	json_put_str(doc, "fakts", "misspelt");
	assert_int_not_equal(desk_open_with(a, doc, &case_id, &fault), ERR_OK);
	assert_non_null(strstr(fault.detail, "fakts"));
	doc = desk_example("examples/request.en.json", "kind");
	json_put_str(doc, "kind", "wish");
	assert_int_equal(desk_open_with(a, doc, &case_id, &fault), ERR_CODE);
	assert_non_null(strstr(fault.detail, "kind"));
	doc = desk_example("examples/request.en.json", "wanted_by");
	json_put_str(doc, "wanted_by", "tomorrow");
	assert_int_equal(desk_open_with(a, doc, &case_id, &fault), ERR_SYNTAX);
	doc = desk_example("examples/request.en.json", NULL);
	json_put_str(doc, "peer", "Agency C");
	assert_int_equal(
	    desk_open_with(a, doc, &case_id, &fault), ERR_NOTFOUND);
}

static void
test_table_and_required_of_answers(void **state)
{
	struct desk_fault fault;
	struct id c = desk_open_case(a);

	(void)state;
	fake_carry(a);
	assert_int_equal(desk_write_at(b, &c, "ack", "\"authority\": \"B\"", 1,
			     &fault),
	    ERR_REQUIRED);
	assert_string_equal(
	    fault.detail, "missing: handler_ref, decision_by");
	assert_int_equal(
	    desk_write_at(
		b, &c, "decide", "\"outcome\": \"refused\"", 1, &fault),
	    ERR_REQUIRED);
	assert_int_equal(
	    desk_write_at(b, &c, "decide", "\"outcome\": \"final\"", 1, &fault),
	    ERR_CODE);
	assert_int_equal(
	    desk_write_at(b, &c, "result", RESULT, 1, &fault), ERR_STATE);
	assert_int_equal(
	    desk_write_at(a, &c, "ack", ACK, 1, &fault), ERR_STATE);
	assert_int_equal(desk_write_at(b, &c, "dance", "", 1, &fault),
	    ERR_NOTFOUND);
	assert_int_equal(fake_carry(b), 0);
	/* A decision after a decision says why. */
	desk_write_ok(b, &c, "decide", ACCEPT);
	assert_int_equal(
	    desk_write_at(b, &c, "decide", ACCEPT, desk_head(b, &c), &fault),
	    ERR_REQUIRED);
	assert_non_null(strstr(fault.detail, "explanation"));
}

static bool
shown_has(const struct id *c, const char *text)
{
	struct buf out = buf_init(1 << 20);
	struct json *shown;
	bool has;

	assert_int_equal(casejson_case(a, c, &shown), ERR_OK);
	assert_int_equal(json_write(shown, false, &out), ERR_OK);
	has = strstr(buf_text(&out), text) != NULL;
	json_free(&shown);
	buf_free(&out);
	return has;
}

/* Times that witnesses stand for; where the charter names none, no word. */
static void
test_bounds(void **state)
{
	struct timebound bound = {0};
	struct id c = desk_open_case(a);

	(void)state;
	fake_carry(a);
	assert_false(shown_has(&c, "time_bound"));
	bound.witnessed = true;
	fake_bound(a, &bound);
	assert_true(shown_has(&c, "\"time_bound\":\"pending\""));
	assert_false(shown_has(&c, "not_after"));
	bound.after_at = 1800000000000;
	fake_bound(a, &bound);
	assert_true(shown_has(&c, "\"not_before\":\"2027-01-15T08:00:00"));
	assert_true(shown_has(&c, "\"time_bound\":\"pending\""));
	bound.before_at = 1800000060000;
	fake_bound(a, &bound);
	assert_true(shown_has(&c, "\"not_after\":\"2027-01-15T08:01:00"));
	assert_false(shown_has(&c, "time_bound"));
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(test_story),
	    T(test_chinese_request),
	    T(test_example_answers),
	    T(test_every_field_arrives),
	    T(test_bounds),
	    T(test_every_required_field_is_named),
	    T(test_strangers_and_codes_are_refused),
	    T(test_table_and_required_of_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
