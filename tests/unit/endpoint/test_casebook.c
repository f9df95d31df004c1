/*
 * casebook: moved heads, crossings, what is answered by REJECT, mail sealed
 * again, what a restore lost, the open cases both sides agree on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/db.h"
#include "base/file.h"
#include "endpoint/agent.h"
#include "endpoint/book.h"
#include "endpoint/casebook.h"
#include "endpoint/casejson.h"
#include "endpoint/caserows.h"
#include "endpoint/files.h"
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

static void
test_two_officers_at_once(void **state)
{
	struct desk_fault fault;
	struct id c = desk_open_case(a);
	struct json *since;
	struct json_fault f = {0};
	struct json_cur list;

	(void)state;
	fake_carry(a);
	assert_int_equal(desk_write_at(b, &c, "ack", ACK, 1, &fault), ERR_OK);
	assert_int_equal(
	    desk_write_at(b, &c, "decide", ACCEPT, 1, &fault), ERR_HEAD_MOVED);
	since = casejson_since(b, &c, 1);
	list = json_root(since, &f);
	assert_int_equal(json_len(&list), 1);
	json_free(&since);
}

static void
test_crossing(void **state)
{
	struct id c = desk_open_case(a);
	struct caserows_msg *list;
	struct desk_fault fault;
	size_t n;

	(void)state;
	fake_carry(a);
	desk_write_ok(b, &c, "ack", ACK);
	desk_write_ok(b, &c, "decide", ACCEPT);
	fake_carry(b);
	/* The result and the withdrawal meet on the way. */
	desk_write_ok(b, &c, "result", RESULT);
	desk_write_ok(a, &c, "withdraw", "\"reason\": \"settled\"");
	assert_int_equal(desk_state(a, &c), CASE_WITHDRAWN);
	fake_seal(b);
	fake_carry(a);
	fake_carry(b);	/* the result, and a REJECT of the withdrawal */
	assert_int_equal(desk_state(a, &c), CASE_RESULT);
	assert_int_equal(desk_state(b, &c), CASE_RESULT);
	assert_int_equal(
	    caserows_load(agent_book(a), &c, 0, &list, &n), ERR_OK);
	for (size_t i = 0; i < n; i++)
		if (list[i].m.move.event == NOTICE_WITHDRAW) {
			assert_int_equal(list[i].m.standing, CASE_CROSSED);
			assert_int_equal(list[i].peer_code, ERR_CROSSED);
		}
	free(list);
	/* Both go on from there. */
	assert_int_equal(desk_write_at(a, &c, "close", "",
			     desk_head(a, &c), &fault),
	    ERR_OK);
	fake_carry(a);
	assert_int_equal(desk_state(b, &c), CASE_CLOSED);
	assert_int_equal(fake_carry(b), 0);
}

static void
put_outline(struct buf *list, const struct notice_outline *o,
    const struct notice_body *body)
{
	struct buf outline = buf_init(OUTLINE_MAX), value = buf_init(BODY_MAX);
	struct fields fields = {0};
	uint8_t *p;
	struct wr wr;

	assert_int_equal(notice_outline_encode(&outline, o), ERR_OK);
	assert_int_equal(fields_add(&fields, FIELD_OUTLINE,
			     buf_view(&outline)),
	    ERR_OK);
	if (body != NULL) {
		assert_int_equal(notice_body_encode(&value, body), ERR_OK);
		assert_int_equal(
		    fields_add(&fields, FIELD_BODY, buf_view(&value)),
		    ERR_OK);
	}
	p = buf_room(list, fields_len(&fields));
	wr = wr_init(p, fields_len(&fields));
	fields_encode(&wr, &fields);
	buf_free(&value);
	buf_free(&outline);
}

static void
test_illegal_gets_one_reject(void **state)
{
	struct notice_outline o = {.type = NOTICE_CLOSE};
	struct notice_body body = {.type = NOTICE_CLOSE, .close = "x"};
	struct caserows_msg row = {.m.move.holds = CASE_GUARD_COMPLETE};
	struct id id = desk_open_case(a);
	struct caserows_case c;

	(void)state;
	fake_carry(a);
	/* A close that the table forbids, from an agent that ignores it. */
	assert_int_equal(caserows_get(agent_book(a), &id, &c), ERR_OK);
	o.case_id = id;
	o.seen_requesting = c.file.head[CASE_REQUESTING];
	refold_own(a, &row, &c, &o, 0);
	assert_int_equal(
	    refold_send(a, fake_the_pair(a), &row, &o, &body), ERR_OK);
	assert_int_equal(refold_note(a, &c, &row), ERR_OK);
	assert_int_equal(fake_carry(a), 1);
	assert_int_equal(desk_state(b, &id), CASE_HANDED_OVER);
	assert_int_equal(fake_carry(b), 1);
	assert_int_equal(caserows_msg(agent_book(a), row.id, &row), ERR_OK);
	assert_int_equal(row.peer_code, ERR_STATE);
	assert_int_equal(fake_carry(a), 0);	/* never itself rejected */
	desk_write_ok(b, &id, "ack", ACK);
	assert_int_equal(fake_carry(b), 1);	/* the ack, no second REJECT */
	assert_int_equal(desk_state(a, &id), CASE_ACKED);
	assert_int_equal(desk_state(b, &id), CASE_ACKED);
}

static void
test_unknown_case_and_unreadable(void **state)
{
	static const uint8_t garbage[] = {
	    0, 1, 0, 0, 0, 3, 0xff, 0xff, 0xff};
	struct notice_outline o = {.type = NOTICE_ACK};
	struct notice_body body = {.type = NOTICE_ACK};
	struct buf list = buf_init(65536);
	struct json *cases;
	struct json_fault f = {0};
	struct json_cur root;

	(void)state;
	memset(&o.case_id, 0x55, sizeof(o.case_id));
	body.ack.authority = body.ack.handler_ref = "x";
	body.ack.decision_by_at = 1790000000000;
	put_outline(&list, &o, &body);
	fake_inject(b, 0, list.p, list.len);
	assert_int_equal(fake_carry(b), 1);
	fake_inject(b, 0, garbage, sizeof(garbage));
	assert_int_equal(fake_carry(b), 1);
	/* Neither made a case that anybody sees. */
	cases = casejson_list(b);
	root = json_root(cases, &f);
	assert_int_equal(json_len(&root), 0);
	json_free(&cases);
	buf_free(&list);
}

/* What names a message not here may wait for it, but not for ever. */
static void
test_unanswered_for_a_day_at_most(void **state)
{
	struct notice_outline o = {.type = NOTICE_CLOSE};
	struct notice_body body = {.type = NOTICE_CLOSE};
	struct buf list = buf_init(65536);

	(void)state;
	o.case_id = desk_open_case(a);
	fake_carry(a);
	memset(&o.seen_requesting, 0x77, sizeof(o.seen_requesting));
	put_outline(&list, &o, &body);
	fake_inject(b, 0, list.p, list.len);
	assert_int_equal(fake_carry(b), 0);
	fake_wait(b, REFOLD_WAIT_MS / 2);
	assert_int_equal(fake_carry(b), 0);
	fake_wait(b, REFOLD_WAIT_MS);
	assert_int_equal(fake_carry(b), 1);
	fake_wait(b, REFOLD_WAIT_MS);
	assert_int_equal(fake_carry(b), 0);
	buf_free(&list);
}

/* Two agents that cannot read each other must not answer for ever. */
static void
test_unreadable_reject_is_not_answered(void **state)
{
	struct notice_outline o = {.type = NOTICE_REJECT};
	struct buf list = buf_init(65536);
	struct id c = desk_open_case(a);

	(void)state;
	fake_carry(a);
	o.case_id = c;
	put_outline(&list, &o, NULL);
	fake_inject(b, 0, list.p, list.len);
	assert_int_equal(fake_carry(b), 0);
	buf_reset(&list);
	memset(&o.case_id, 0, sizeof(o.case_id));
	put_outline(&list, &o, NULL);
	fake_inject(b, 0, list.p, list.len);
	assert_int_equal(fake_carry(b), 0);
	buf_free(&list);
}

/* A peer that floods a case is answered, the case stays what it was. */
static void
test_flood_ends_at_the_limit(void **state)
{
	struct notice_outline o = {.type = NOTICE_FEEDBACK,
	    .outcome = OUTCOME_USED};
	struct notice_body body = {.type = NOTICE_FEEDBACK};
	struct buf list = buf_init(65536);
	struct id c = desk_open_case(a);
	char text[32];

	(void)state;
	fake_carry(a);
	o.case_id = c;
	assert_int_equal(db_begin(book_db(agent_book(b))), ERR_OK);
	for (unsigned i = 0; i < CASE_MESSAGES_MAX; i++) {
		snprintf(text, sizeof(text), "%u", i);
		body.feedback.text = text;
		buf_reset(&list);
		put_outline(&list, &o, &body);
		fake_inject(b, 0, list.p, list.len);
	}
	assert_int_equal(db_commit(book_db(agent_book(b))), ERR_OK);
	assert_true(desk_head(b, &c) < CASE_MESSAGES_MAX);
	assert_int_equal(desk_state(b, &c), CASE_HANDED_OVER);
	/* We can still say what we have to. */
	desk_write_ok(b, &c, "ack", ACK);
	assert_int_equal(desk_state(b, &c), CASE_ACKED);
	buf_free(&list);
}

static void
test_incomplete_request_is_rejected(void **state)
{
	struct notice_outline o = {.type = NOTICE_REQUEST};
	struct notice_body body = {.type = NOTICE_REQUEST};
	struct buf list = buf_init(65536);
	struct caserows_msg *msgs;
	size_t n;

	(void)state;
	memset(&o.case_id, 0x66, sizeof(o.case_id));
	put_outline(&list, &o, &body);
	fake_inject(b, 0, list.p, list.len);
	assert_int_equal(fake_carry(b), 1);
	assert_int_equal(
	    caserows_load(agent_book(b), &o.case_id, 0, &msgs, &n), ERR_OK);
	assert_int_equal(n, 2);
	assert_int_equal(msgs[0].m.why, ERR_REQUIRED);
	free(msgs);
	buf_free(&list);
}

static void
test_sealed_again(void **state)
{
	struct id c = desk_open_case(a);
	struct caserows_case ca, cb;

	(void)state;
	desk_write_ok(a, &c, "withdraw", "\"reason\": \"early\"");
	fake_reseal(a, 0);	/* the REQUEST goes out again, later */
	fake_carry(a);		/* first the withdrawal, then the REQUEST */
	assert_int_equal(desk_state(a, &c), CASE_WITHDRAWN);
	assert_int_equal(desk_state(b, &c), CASE_WITHDRAWN);
	assert_int_equal(caserows_get(agent_book(a), &c, &ca), ERR_OK);
	assert_int_equal(caserows_get(agent_book(b), &c, &cb), ERR_OK);
	assert_memory_equal(ca.file.head, cb.file.head, sizeof(ca.file.head));
}

/* A restored book lost its newest message, which the peer has seen: what the
 * peer then says stands where it belongs, and is not rejected. */
static void
test_lost_own_message(void **state)
{
	struct notice_outline o = {.type = NOTICE_ACK};
	struct notice_body body = {.type = NOTICE_ACK};
	struct caserows_msg row = {.m.move.holds = CASE_GUARD_COMPLETE};
	struct id id = desk_open_case(a);
	struct caserows_case c;

	(void)state;
	fake_carry(a);
	body.ack.authority = body.ack.handler_ref = "x";
	body.ack.decision_by_at = 1790000000000;
	assert_int_equal(caserows_get(agent_book(b), &id, &c), ERR_OK);
	o.case_id = id;
	o.seen_requesting = fake_lose(a);
	refold_own(b, &row, &c, &o, 0);
	assert_int_equal(
	    refold_send(b, fake_the_pair(b), &row, &o, &body), ERR_OK);
	assert_int_equal(refold_note(b, &c, &row), ERR_OK);
	fake_carry(b);
	assert_int_equal(desk_state(a, &id), CASE_ACKED);
	assert_int_equal(fake_carry(a), 0);
}

static void
test_open_cases_agree(void **state)
{
	struct notice_link la, lb;
	struct id c = desk_open_case(a);
	const struct pair *pa = fake_the_pair(a), *pb = fake_the_pair(b);

	(void)state;
	fake_carry(a);
	desk_write_ok(b, &c, "ack", ACK);
	fake_carry(b);
	fake_heads(a, &la);
	fake_heads(b, &lb);
	assert_int_equal(casebook_hooks()->open_cases(a, pa, &la), ERR_OK);
	assert_int_equal(casebook_hooks()->open_cases(b, pb, &lb), ERR_OK);
	assert_int_equal(la.open_cases, 1);
	assert_int_equal(lb.open_cases, 1);
	assert_true(hash_eq(&la.open_root, &lb.open_root));
}

static void
test_attachment_travels_with_the_result(void **state)
{
	struct id c = desk_open_case(a);
	struct json *files;
	struct json_fault f = {0};
	struct json_cur root, one;
	char members[1024], path[128];

	(void)state;
	fake_carry(a);
	desk_write_ok(b, &c, "ack", ACK);
	desk_write_ok(b, &c, "decide", ACCEPT);
	snprintf(path, sizeof(path), "%s/log.csv", fake_home(b));
	assert_int_equal(file_replace(path, "a,b\n", 4, 0600), ERR_OK);
	snprintf(members, sizeof(members),
	    "\"summary\": \"s\", \"use_limits\": \"u\", \"items\": "
	    "[{\"description\": \"d\", \"custody\": \"c\", \"file\": "
	    "\"log.csv\"}], \"attachments\": [{\"path\": \"%s\"}]",
	    path);
	desk_write_ok(b, &c, "result", members);
	fake_carry(b);
	assert_int_equal(desk_state(a, &c), CASE_RESULT);
	files = files_list_json(a, &c);
	root = json_root(files, &f);
	assert_int_equal(json_len(&root), 1);
	one = json_at(&root, 0);
	assert_true(json_bool(&one, "complete"));
	assert_string_equal(json_str(&one, "name"), "log.csv");
	json_free(&files);
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(test_two_officers_at_once),
	    T(test_crossing),
	    T(test_illegal_gets_one_reject),
	    T(test_unknown_case_and_unreadable),
	    T(test_unanswered_for_a_day_at_most),
	    T(test_unreadable_reject_is_not_answered),
	    T(test_flood_ends_at_the_limit),
	    T(test_incomplete_request_is_rejected),
	    T(test_sealed_again),
	    T(test_lost_own_message),
	    T(test_open_cases_agree),
	    T(test_attachment_travels_with_the_result),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
