/*
 * desk: what is no request.  Leads, consultations, the hotline, corrections,
 * each from one desk to the other and back; what a message answers is found
 * or named, and refused where it is neither.
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
#include "endpoint/casebook.h"
#include "endpoint/casejson.h"
#include "endpoint/caserows.h"
#include "endpoint/refold.h"
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

#define FROM \
	"\"from\": {\"name\": \"Cyber desk\", \"contact\": \"duty@a\"}"
#define LEAD \
	"{\"type\": \"lead\", \"lead_ref\": \"L-1\", " FROM "," \
	" \"subject\": \"s\", \"facts\": \"f\", \"source\": \"B\"," \
	" \"information\": 2, \"feedback_wished\": true," \
	" \"language\": \"en\", \"handling\":" \
	" {\"code\": \"H1\", \"use_limits\": \"police\"}}"
#define CONSULT \
	"\"step\": \"arrest\", \"reason\": \"flight\"," \
	" \"hold_until\": \"2026-12-20T00:00:00Z\""

static struct json *
doc(const char *text)
{
	struct json_fault fault = {0};
	struct json *v;

	assert_int_equal(json_parse(&v, text, strlen(text), 65536, &fault),
	    ERR_OK);
	return v;
}

static void
fold(struct agent *agent, const struct id *c, struct casefile *file)
{
	assert_int_equal(refold_now(agent, c, file), ERR_OK);
}

static void
test_a_lead_and_its_feedback(void **state)
{
	struct desk_fault fault;
	struct casefile at_a, at_b;
	struct id c;

	(void)state;
	assert_int_equal(desk_open_with(a, doc(LEAD), &c, &fault), ERR_OK);
	assert_int_equal(desk_state(a, &c), CASE_ITEM);
	assert_int_equal(fake_carry(a), 1);
	assert_int_equal(desk_state(b, &c), CASE_ITEM);
	/* The one open item is found. */
	desk_write_ok(b, &c, "feedback", "\"outcome\": \"used\"");
	assert_int_equal(fake_carry(b), 1);
	fold(a, &c, &at_a);
	fold(b, &c, &at_b);
	assert_int_equal(at_a.items, 1);
	assert_int_equal(at_a.item[0].state, CASE_ITEM_ANSWERED);
	assert_int_equal(at_b.item[0].state, CASE_ITEM_ANSWERED);
	/* Once. */
	assert_int_equal(desk_write_at(b, &c, "feedback",
	    "\"outcome\": \"used\"", desk_head(b, &c), &fault),
	    ERR_REQUIRED);
	assert_int_equal(fake_carry(b) + fake_carry(a), 0);
}

static void
test_which_of_two_must_be_named(void **state)
{
	struct id c = desk_open_case(a);
	struct desk_fault fault;
	struct casefile file;

	(void)state;
	fake_carry(a);
	desk_write_ok(a, &c, "consult", CONSULT);
	desk_write_ok(a, &c, "consult", CONSULT);
	fake_carry(a);
	assert_int_equal(desk_write_at(b, &c, "reply",
	    "\"outcome\": \"agreed\"", desk_head(b, &c), &fault),
	    ERR_REQUIRED);
	assert_non_null(strstr(fault.detail, "answers"));
	/* The request is no item; nor is a number past the end. */
	assert_int_equal(desk_write_at(b, &c, "reply",
	    "\"outcome\": \"agreed\", \"answers\": 1", desk_head(b, &c),
	    &fault), ERR_REQUIRED);
	assert_int_equal(desk_write_at(b, &c, "reply",
	    "\"outcome\": \"agreed\", \"answers\": 9", desk_head(b, &c),
	    &fault), ERR_NOTFOUND);
	desk_write_ok(b, &c, "reply",
	    "\"outcome\": \"objected\", \"answers\": 3");
	fake_carry(b);
	fold(a, &c, &file);
	assert_int_equal(file.items, 2);
	assert_int_equal(file.item[0].state, CASE_ITEM_OPEN);
	assert_int_equal(file.item[1].state, CASE_ITEM_ANSWERED);
	/* Now one is left, and may be taken back by who opened it. */
	desk_write_ok(a, &c, "withdraw",
	    "\"reason\": \"done\", \"answers\": 2");
	fake_carry(a);
	fold(b, &c, &file);
	assert_int_equal(file.item[0].state, CASE_ITEM_WITHDRAWN);
	assert_int_equal(file.state, CASE_HANDED_OVER);
	assert_int_equal(fake_carry(b), 0);
}

static void
test_the_hotline_both_ways(void **state)
{
	struct id c = desk_open_case(a);
	struct desk_fault fault;
	struct casefile file;

	(void)state;
	fake_carry(a);
	assert_int_equal(desk_write_at(a, &c, "escalate",
	    "\"tier\": 4, \"clock\": \"ack\", \"answers\": 1,"
	    " \"grounds\": \"g\", \"wanted\": \"w\", " FROM, 1, &fault),
	    ERR_CODE);
	desk_write_ok(a, &c, "escalate",
	    "\"tier\": 1, \"clock\": \"ack\", \"answers\": 1,"
	    " \"grounds\": \"g\", \"wanted\": \"w\", " FROM);
	fake_carry(a);
	desk_write_ok(b, &c, "esc-ack",
	    "\"office\": \"o\", \"contact\": \"c\","
	    " \"answer_by\": \"2026-12-20T00:00:00Z\"");
	desk_write_ok(b, &c, "esc-answer", "\"answer\": \"soon\"");
	fake_carry(b);
	desk_write_ok(b, &c, "call-record",
	    "\"tier\": 1, \"held\": \"2026-12-01T00:00:00Z\","
	    " \"participants\": [\"x\", \"y\"], \"summary\": \"s\","
	    " \"agreed\": \"by Friday\"");
	fake_carry(b);
	desk_write_ok(a, &c, "call-record",
	    "\"outcome\": \"confirmed\", \"tier\": 1,"
	    " \"held\": \"2026-12-01T00:00:00Z\","
	    " \"participants\": [\"x\", \"y\"], \"summary\": \"s\","
	    " \"agreed\": \"by Friday\"");
	fake_carry(a);
	fold(b, &c, &file);
	assert_int_equal(file.items, 2);
	assert_int_equal(file.item[0].state, CASE_ITEM_ANSWERED);
	assert_int_equal(file.item[1].state, CASE_ITEM_ANSWERED);
	assert_int_equal(fake_carry(b), 0);
}

static void
test_a_misfiled_result(void **state)
{
	struct id c = desk_open_case(a);
	struct desk_fault fault;
	struct casefile file;

	(void)state;
	fake_carry(a);
	desk_write_ok(b, &c, "ack", ACK);
	desk_write_ok(b, &c, "decide", ACCEPT);
	desk_write_ok(b, &c, "result", RESULT);
	fake_carry(b);
	assert_int_equal(desk_state(a, &c), CASE_RESULT);
	/* Nobody corrects the other's, and not without naming it. */
	assert_int_equal(desk_write_at(a, &c, "correct",
	    "\"reason\": \"r\", \"text\": \"t\", \"answers\": 4",
	    desk_head(a, &c), &fault), ERR_REQUIRED);
	assert_int_equal(desk_write_at(b, &c, "correct",
	    "\"reason\": \"r\", \"misfiled\": true", desk_head(b, &c),
	    &fault), ERR_REQUIRED);
	desk_write_ok(b, &c, "correct", "\"reason\": \"wrong case\","
	    " \"misfiled\": true, \"answers\": 4,"
	    " \"right_case\": \"000102030405060708090a0b0c0d0e0f\"");
	fake_carry(b);
	assert_int_equal(desk_state(a, &c), CASE_ACCEPTED);
	assert_int_equal(desk_state(b, &c), CASE_ACCEPTED);
	fold(a, &c, &file);
	assert_int_equal(file.state, CASE_ACCEPTED);
	/* It is not answered by a REJECT, now or a day later. */
	fake_wait(a, 2 * 86400000LL);
	assert_int_equal(fake_carry(a), 0);
}

static void
test_what_a_case_begins_with(void **state)
{
	struct desk_fault fault;
	struct id c;

	(void)state;
	assert_int_equal(desk_open_with(a,
	    doc("{\"type\": \"ack\"}"), &c, &fault), ERR_CODE);
	assert_int_equal(desk_open_with(a,
	    doc("{\"type\": \"dance\"}"), &c, &fault), ERR_CODE);
	assert_int_equal(desk_open_with(a,
	    doc("{\"type\": \"lead\"}"), &c, &fault), ERR_REQUIRED);
	assert_non_null(strstr(fault.detail, "lead_ref"));
	assert_int_equal(fake_carry(a), 0);
}

/* What a profile says to be read again, less what was no part of it. */
static void
assert_same_profile(struct agent *agent, const struct id *c, size_t nth)
{
	struct json_fault fault = {0};
	struct json *shown = NULL, *want;
	struct json_cur root, list, at, body, side, meant;
	struct buf one = buf_init(65536), two = buf_init(65536);

	assert_int_equal(casejson_case(agent, c, &shown), ERR_OK);
	want = desk_example("examples/profile.json", NULL);
	root = json_root(shown, &fault);
	list = json_get(&root, "messages");
	at = json_at(&list, nth);
	body = json_get(&at, "body");
	meant = json_root(want, &fault);
	assert_int_equal(json_int(&body, "number"), 1);
	for (unsigned i = 0; i < 2; i++) {
		side = json_get(&body, i == 0 ? "a" : "b");
		buf_reset(&one);
		assert_int_equal(json_write(side.v, false, &one), ERR_OK);
		side = json_get(&meant, i == 0 ? "a" : "b");
		buf_reset(&two);
		assert_int_equal(json_write(side.v, false, &two), ERR_OK);
		assert_int_equal(one.len, two.len);
		assert_memory_equal(one.p, two.p, one.len);
	}
	json_free(&shown);
	json_free(&want);
	buf_free(&one);
	buf_free(&two);
}

static void
test_a_profile_of_both_sides(void **state)
{
	struct desk_fault fault;
	struct id c;

	(void)state;
	assert_int_equal(desk_open_with(a,
	    desk_example("examples/profile.json", NULL), &c, &fault), ERR_OK);
	fake_carry(a);
	assert_int_equal(desk_state(b, &c), CASE_ITEM);
	assert_same_profile(b, &c, 0);
	assert_int_equal(fake_carry(b), 0);
	/* Not without a side; not with a day that is none. */
	assert_int_equal(desk_open_with(a, desk_example(
	    "examples/profile.json", "b"), &c, &fault), ERR_REQUIRED);
	assert_int_equal(desk_open_with(a, doc("{\"type\": \"profile\","
	    " \"number\": 1, \"a\": {\"years\": [{\"year\": 2026,"
	    " \"off\": [\"2-30\"]}]}, \"b\": {}}"), &c, &fault),
	    ERR_SYNTAX);
	assert_int_equal(desk_open_with(a, doc("{\"type\": \"profile\","
	    " \"number\": 1, \"a\": {}, \"b\": {}}"), &c, &fault),
	    ERR_REQUIRED);
	assert_non_null(strstr(fault.detail, "sides[0].city"));
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(test_a_lead_and_its_feedback),
	    T(test_which_of_two_must_be_named),
	    T(test_the_hotline_both_ways),
	    T(test_a_misfiled_result),
	    T(test_what_a_case_begins_with),
	    T(test_a_profile_of_both_sides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
