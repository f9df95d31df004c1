/*
 * desk, casebook and files: two desks over a wire in the test's hand.  The
 * whole story; required fields one by one; moved heads; crossings; what is
 * answered by REJECT; files of awkward sizes; mail sealed again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/json.h"
#include "endpoint/agent.h"
#include "endpoint/book.h"
#include "endpoint/casebook.h"
#include "endpoint/casejson.h"
#include "endpoint/caserows.h"
#include "endpoint/desk.h"
#include "endpoint/files.h"
#include "endpoint/refold.h"
#include "proto/chunk.h"
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

/* ---- helpers ---- */

static struct json *
parse(const char *text)
{
	struct json_fault fault = {0};
	struct json *doc = NULL;
	enum err err = json_parse(&doc, text, strlen(text), 65536, &fault);

	if (err != ERR_OK)
		fail_msg("%s: %s", text, fault.why);
	return doc;
}

/* The example, less one member (NULL: none) and its attachments. */
static struct json *
example(const char *file, const char *without)
{
	struct buf text = buf_init(65536);
	struct json_fault fault = {0};
	struct json *doc = NULL, *out = json_new_obj();
	struct json_cur root;

	assert_int_equal(file_load(file, 65536, &text), ERR_OK);
	assert_int_equal(
	    json_parse(&doc, text.p, text.len, 65536, &fault), ERR_OK);
	root = json_root(doc, &fault);
	for (size_t i = 0; i < json_len(&root); i++) {
		const char *key = json_key(&root, i);
		struct json_cur v = json_get(&root, key);

		if (strcmp(key, "attachments") != 0 &&
		    (without == NULL || strcmp(key, without) != 0))
			json_put_copy(out, key, v.v);
	}
	json_free(&doc);
	buf_free(&text);
	return out;
}

static enum err
open_with(struct json *doc, struct id *case_id, struct desk_fault *fault)
{
	struct json_fault unused = {0};
	struct json_cur root = json_root(doc, &unused);
	struct desk_done done = {0};
	enum err err = desk_open(a, &root, &done, fault);

	*case_id = done.case_id;
	json_free(&doc);
	return err;
}

static struct id
open_case(void)
{
	struct desk_fault fault;
	struct id case_id;
	enum err err;

	err = open_with(
	    example("examples/request.en.json", NULL), &case_id, &fault);
	if (err != ERR_OK)
		fail_msg("%s: %s", err_name(err), fault.detail);
	return case_id;
}

static int64_t
head_of(struct agent *agent, const struct id *case_id)
{
	struct caserows_case c;

	assert_int_equal(caserows_get(agent_book(agent), case_id, &c), ERR_OK);
	return c.revision;
}

static enum case_state
state_of(struct agent *agent, const struct id *case_id)
{
	struct caserows_case c;

	assert_int_equal(caserows_get(agent_book(agent), case_id, &c), ERR_OK);
	return c.file.state;
}

/* members: JSON members without head, e.g. "\"reason\": \"x\"". */
static enum err
write_at(struct agent *agent, const struct id *case_id, const char *verb,
    const char *members, int64_t head, struct desk_fault *fault)
{
	struct json_fault unused = {0};
	struct desk_done done;
	struct json_cur root;
	struct json *doc;
	char text[4096];
	enum err err;

	snprintf(text, sizeof(text), "{\"head\": %lld%s%s}", (long long)head,
	    members[0] != '\0' ? ", " : "", members);
	doc = parse(text);
	root = json_root(doc, &unused);
	err = desk_write(agent, case_id, verb, &root, &done, fault);
	json_free(&doc);
	return err;
}

static void
write_ok(struct agent *agent, const struct id *case_id, const char *verb,
    const char *members)
{
	struct desk_fault fault;
	enum err err = write_at(agent, case_id, verb, members,
	    head_of(agent, case_id), &fault);

	if (err != ERR_OK)
		fail_msg("%s: %s %s", verb, err_name(err), fault.detail);
}

#define ACK \
	"\"authority\": \"Bureau\", \"handler_ref\": \"1\"," \
	" \"decision_by\": \"2026-12-20T00:00:00Z\""
#define ACCEPT "\"outcome\": \"accepted\""
#define STATUS \
	"\"phase\": \"collecting\", \"measures\": \"m\"," \
	" \"next_step\": \"n\", \"next_date\": \"2026-12-20T00:00:00Z\""
#define RESULT \
	"\"summary\": \"s\", \"use_limits\": \"u\", \"items\":" \
	" [{\"description\": \"d\", \"custody\": \"c\"}]"

/* ---- the story ---- */

static void
test_story(void **state)
{
	struct id c = open_case();

	(void)state;
	assert_int_equal(state_of(a, &c), CASE_RELEASED);
	assert_int_equal(fake_carry(a), 1);
	assert_int_equal(state_of(a, &c), CASE_HANDED_OVER);
	assert_int_equal(state_of(b, &c), CASE_HANDED_OVER);
	write_ok(b, &c, "ack", ACK);
	write_ok(b, &c, "decide", ACCEPT);
	fake_carry(b);
	assert_int_equal(state_of(a, &c), CASE_ACCEPTED);
	write_ok(b, &c, "clarify", "\"questions\": [\"which?\", \"when?\"]");
	fake_carry(b);
	assert_int_equal(state_of(a, &c), CASE_CLARIFYING);
	write_ok(a, &c, "clarified", "\"answers\": [\"that\", \"then\"]");
	fake_carry(a);
	assert_int_equal(state_of(b, &c), CASE_ACCEPTED);
	write_ok(b, &c, "status", STATUS);
	write_ok(b, &c, "status", "\"phase\": \"no_change\"");
	write_ok(b, &c, "result", RESULT);
	fake_carry(b);
	assert_int_equal(state_of(a, &c), CASE_RESULT);
	write_ok(a, &c, "feedback", "\"outcome\": \"used\"");
	write_ok(a, &c, "close", "");
	fake_carry(a);
	assert_int_equal(state_of(a, &c), CASE_CLOSED);
	assert_int_equal(state_of(b, &c), CASE_CLOSED);
	/* Nothing was answered by a REJECT on the way. */
	assert_int_equal(fake_carry(b), 0);
	assert_int_equal(head_of(a, &c), head_of(b, &c));
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
	    open_with(example("examples/request.zh.json", NULL), &c, &fault),
	    ERR_OK);
	fake_carry(a);
	assert_int_equal(state_of(b, &c), CASE_HANDED_OVER);
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
	struct id c = open_case();

	(void)state;
	fake_carry(a);
	for (size_t i = 0; i < 3; i++) {
		struct json *doc = example(rows[i].file, NULL);
		struct json_fault unused = {0};
		struct desk_fault fault;
		struct desk_done done;
		struct json_cur root;

		json_put_int(doc, "head", head_of(b, &c));
		root = json_root(doc, &unused);
		if (desk_write(b, &c, rows[i].verb, &root, &done, &fault) !=
		    ERR_OK)
			fail_msg("%s: %s", rows[i].file, fault.detail);
		json_free(&doc);
	}
	fake_carry(b);
	assert_int_equal(state_of(a, &c), CASE_IN_PROGRESS);
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
		enum err err = open_with(
		    example("examples/request.en.json", required[i]),
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
	struct json *doc = example("examples/request.en.json", NULL);

	(void)state;
	json_put_str(doc, "fakts", "misspelt");
	assert_int_not_equal(open_with(doc, &case_id, &fault), ERR_OK);
	assert_non_null(strstr(fault.detail, "fakts"));
	doc = example("examples/request.en.json", "kind");
	json_put_str(doc, "kind", "wish");
	assert_int_equal(open_with(doc, &case_id, &fault), ERR_CODE);
	assert_non_null(strstr(fault.detail, "kind"));
	doc = example("examples/request.en.json", "wanted_by");
	json_put_str(doc, "wanted_by", "tomorrow");
	assert_int_equal(open_with(doc, &case_id, &fault), ERR_SYNTAX);
	doc = example("examples/request.en.json", NULL);
	json_put_str(doc, "peer", "Agency C");
	assert_int_equal(open_with(doc, &case_id, &fault), ERR_NOTFOUND);
}

static void
test_table_and_required_of_answers(void **state)
{
	struct desk_fault fault;
	struct id c = open_case();

	(void)state;
	fake_carry(a);
	assert_int_equal(write_at(b, &c, "ack", "\"authority\": \"B\"", 1,
			     &fault),
	    ERR_REQUIRED);
	assert_string_equal(
	    fault.detail, "missing: handler_ref, decision_by");
	assert_int_equal(
	    write_at(b, &c, "decide", "\"outcome\": \"refused\"", 1, &fault),
	    ERR_REQUIRED);
	assert_int_equal(
	    write_at(b, &c, "decide", "\"outcome\": \"final\"", 1, &fault),
	    ERR_CODE);
	assert_int_equal(
	    write_at(b, &c, "result", RESULT, 1, &fault), ERR_STATE);
	assert_int_equal(write_at(a, &c, "ack", ACK, 1, &fault), ERR_STATE);
	assert_int_equal(write_at(b, &c, "dance", "", 1, &fault),
	    ERR_NOTFOUND);
	assert_int_equal(fake_carry(b), 0);
	/* A decision after a decision says why. */
	write_ok(b, &c, "decide", ACCEPT);
	assert_int_equal(
	    write_at(b, &c, "decide", ACCEPT, head_of(b, &c), &fault),
	    ERR_REQUIRED);
	assert_non_null(strstr(fault.detail, "explanation"));
}

/* ---- heads, crossings, refusals ---- */

static void
test_two_officers_at_once(void **state)
{
	struct desk_fault fault;
	struct id c = open_case();
	struct json *since;
	struct json_fault f = {0};
	struct json_cur list;

	(void)state;
	fake_carry(a);
	assert_int_equal(write_at(b, &c, "ack", ACK, 1, &fault), ERR_OK);
	assert_int_equal(
	    write_at(b, &c, "decide", ACCEPT, 1, &fault), ERR_HEAD_MOVED);
	since = casejson_since(b, &c, 1);
	list = json_root(since, &f);
	assert_int_equal(json_len(&list), 1);
	json_free(&since);
}

static void
test_crossing(void **state)
{
	struct id c = open_case();
	struct caserows_msg *list;
	struct desk_fault fault;
	size_t n;

	(void)state;
	fake_carry(a);
	write_ok(b, &c, "ack", ACK);
	write_ok(b, &c, "decide", ACCEPT);
	fake_carry(b);
	/* The result and the withdrawal meet on the way. */
	write_ok(b, &c, "result", RESULT);
	write_ok(a, &c, "withdraw", "\"reason\": \"settled\"");
	assert_int_equal(state_of(a, &c), CASE_WITHDRAWN);
	fake_seal(b);
	fake_carry(a);
	fake_carry(b);	/* the result, and a REJECT of the withdrawal */
	assert_int_equal(state_of(a, &c), CASE_RESULT);
	assert_int_equal(state_of(b, &c), CASE_RESULT);
	assert_int_equal(
	    caserows_load(agent_book(a), &c, 0, &list, &n), ERR_OK);
	for (size_t i = 0; i < n; i++)
		if (list[i].m.move.event == NOTICE_WITHDRAW) {
			assert_int_equal(list[i].m.standing, CASE_CROSSED);
			assert_int_equal(list[i].peer_code, ERR_CROSSED);
		}
	free(list);
	/* Both go on from there. */
	assert_int_equal(write_at(a, &c, "close", "", head_of(a, &c), &fault),
	    ERR_OK);
	fake_carry(a);
	assert_int_equal(state_of(b, &c), CASE_CLOSED);
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
	struct id id = open_case();
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
	assert_int_equal(state_of(b, &id), CASE_HANDED_OVER);
	assert_int_equal(fake_carry(b), 1);
	assert_int_equal(caserows_msg(agent_book(a), row.id, &row), ERR_OK);
	assert_int_equal(row.peer_code, ERR_STATE);
	assert_int_equal(fake_carry(a), 0);	/* never itself rejected */
	write_ok(b, &id, "ack", ACK);
	assert_int_equal(fake_carry(b), 1);	/* the ack, no second REJECT */
	assert_int_equal(state_of(a, &id), CASE_ACKED);
	assert_int_equal(state_of(b, &id), CASE_ACKED);
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
	struct id c = open_case();
	struct caserows_case ca, cb;

	(void)state;
	write_ok(a, &c, "withdraw", "\"reason\": \"early\"");
	fake_reseal(a, 0);	/* the REQUEST goes out again, later */
	fake_carry(a);		/* first the withdrawal, then the REQUEST */
	assert_int_equal(state_of(a, &c), CASE_WITHDRAWN);
	assert_int_equal(state_of(b, &c), CASE_WITHDRAWN);
	assert_int_equal(caserows_get(agent_book(a), &c, &ca), ERR_OK);
	assert_int_equal(caserows_get(agent_book(b), &c, &cb), ERR_OK);
	assert_memory_equal(ca.file.head, cb.file.head, sizeof(ca.file.head));
}

static void
test_open_cases_agree(void **state)
{
	struct hash ra, rb;
	uint32_t na, nb;
	struct id c = open_case();
	const struct pair *pa = fake_the_pair(a), *pb = fake_the_pair(b);

	(void)state;
	fake_carry(a);
	write_ok(b, &c, "ack", ACK);
	fake_carry(b);
	assert_int_equal(
	    casebook_hooks()->open_cases(a, pa, &na, &ra), ERR_OK);
	assert_int_equal(
	    casebook_hooks()->open_cases(b, pb, &nb, &rb), ERR_OK);
	assert_int_equal(na, 1);
	assert_int_equal(nb, 1);
	assert_true(hash_eq(&ra, &rb));
}

/* ---- files ---- */

static struct files_ref
send_file(size_t size, struct id *case_id)
{
	uint8_t *bytes = malloc(size);
	struct files_ref ref;
	char path[128];

	memset(case_id, 7, sizeof(*case_id));
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(i * 131 + i / 251);
	snprintf(path, sizeof(path), "%s/evidence.bin", fake_home(a));
	assert_int_equal(file_replace(path, bytes, size, 0600), ERR_OK);
	assert_int_equal(files_send(a, fake_the_pair(a), case_id, path,
			     "text/plain", &ref),
	    ERR_OK);
	assert_int_equal(ref.size, size);
	assert_string_equal(ref.name, "evidence.bin");
	free(bytes);
	return ref;
}

static void
check_arrived(const struct files_ref *ref, size_t size)
{
	struct buf got = buf_init(FILES_SIZE_MAX);
	struct files_state st;
	struct hash sum;
	char *path;

	assert_int_equal(files_state(b, 1, false, &ref->file_id, &st), ERR_OK);
	assert_int_equal(st.fault, ERR_OK);
	assert_true(st.complete);
	assert_int_equal(st.have, size);
	path = files_path(b, 1, &ref->file_id);
	assert_int_equal(file_load(path, FILES_SIZE_MAX, &got), ERR_OK);
	sum = hash_of(got.p, got.len);
	assert_int_equal(got.len, size);
	assert_true(hash_eq(&sum, &ref->sha256));
	buf_free(&got);
	free(path);
}

static void
test_files_of_all_sizes(void **state)
{
	static const size_t sizes[] = {
	    1, 4000, 64000, 64512, 65000, 65536, 200001};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct id case_id;
		struct files_ref ref = send_file(sizes[i], &case_id);

		fake_carry(a);
		check_arrived(&ref, sizes[i]);
	}
}

static void
test_file_pieces_in_any_order(void **state)
{
	struct files_state st;
	struct id case_id;
	struct files_ref ref = send_file(200001, &case_id);

	(void)state;
	fake_carry_one(a, 4);	/* the last chunk, before its manifest */
	fake_carry_one(a, 2);
	assert_int_equal(files_state(b, 1, false, &ref.file_id, &st), ERR_OK);
	assert_false(st.complete);
	fake_carry_one(a, 0);
	fake_carry_one(a, 0);
	assert_int_equal(files_state(b, 1, false, &ref.file_id, &st), ERR_OK);
	assert_false(st.complete);
	fake_carry_one(a, 0);
	check_arrived(&ref, 200001);
}

/* A chunk that is not what the manifest promised. */
static void
test_file_with_wrong_sum(void **state)
{
	struct notice_outline o = {.type = NOTICE_FILE};
	struct buf outline = buf_init(OUTLINE_MAX), m = buf_init(4096);
	uint8_t value[CHUNK_HEAD_BYTES + 4], out[8192];
	struct chunk_manifest manifest = {.size = 4, .name = "x.txt",
	    .media_type = "text/plain"};
	struct chunk chunk = {.bytes = {(const uint8_t *)"abcd", 4}};
	struct fields fields = {0};
	struct files_state st;
	struct wr wr;

	(void)state;
	memset(&manifest.file_id, 9, sizeof(manifest.file_id));
	memset(&manifest.sha256, 1, sizeof(manifest.sha256));
	chunk.file_id = manifest.file_id;
	wr = wr_init(value, sizeof(value));
	chunk_encode(&wr, &chunk);
	assert_int_equal(notice_outline_encode(&outline, &o), ERR_OK);
	assert_int_equal(chunk_manifest_encode(&m, &manifest), ERR_OK);
	fields_add(&fields, FIELD_OUTLINE, buf_view(&outline));
	fields_add(&fields, FIELD_CHUNK, (struct view){value, wr.len});
	fields_add(&fields, FIELD_MANIFEST, buf_view(&m));
	wr = wr_init(out, sizeof(out));
	fields_encode(&wr, &fields);
	fake_inject(b, 2, out, wr.len);
	assert_int_equal(
	    files_state(b, 1, false, &manifest.file_id, &st), ERR_OK);
	assert_false(st.complete);
	assert_int_equal(st.fault, ERR_VERIFY);
	buf_free(&m);
	buf_free(&outline);
}

static void
test_attachment_travels_with_the_result(void **state)
{
	struct id c = open_case();
	struct json *files;
	struct json_fault f = {0};
	struct json_cur root, one;
	char members[1024], path[128];

	(void)state;
	fake_carry(a);
	write_ok(b, &c, "ack", ACK);
	write_ok(b, &c, "decide", ACCEPT);
	snprintf(path, sizeof(path), "%s/log.csv", fake_home(b));
	assert_int_equal(file_replace(path, "a,b\n", 4, 0600), ERR_OK);
	snprintf(members, sizeof(members),
	    "\"summary\": \"s\", \"use_limits\": \"u\", \"items\": "
	    "[{\"description\": \"d\", \"custody\": \"c\", \"file\": "
	    "\"log.csv\"}], \"attachments\": [{\"path\": \"%s\"}]",
	    path);
	write_ok(b, &c, "result", members);
	fake_carry(b);
	assert_int_equal(state_of(a, &c), CASE_RESULT);
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
	    T(test_story),
	    T(test_chinese_request),
	    T(test_example_answers),
	    T(test_every_required_field_is_named),
	    T(test_strangers_and_codes_are_refused),
	    T(test_table_and_required_of_answers),
	    T(test_two_officers_at_once),
	    T(test_crossing),
	    T(test_illegal_gets_one_reject),
	    T(test_unknown_case_and_unreadable),
	    T(test_incomplete_request_is_rejected),
	    T(test_sealed_again),
	    T(test_open_cases_agree),
	    T(test_files_of_all_sizes),
	    T(test_file_pieces_in_any_order),
	    T(test_file_with_wrong_sum),
	    T(test_attachment_travels_with_the_result),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
