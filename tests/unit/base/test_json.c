#include "unit.h"

#include "base/json.h"

static enum err
parse(struct json **v, const char *text, struct json_fault *fault)
{
	return json_parse(v, text, strlen(text), 1000, fault);
}

static void
reads_members(void **state)
{
	struct json_fault f = { 0 };
	struct json_cur root, list, item;
	struct json *v;

	(void)state;
	assert_int_equal(parse(&v, "{\"a\": \"x\", \"n\": 7, \"b\": true,"
		"\"z\": null, \"list\": [{\"name\": \"one\"}, {}]}", &f),
	    ERR_OK);
	root = json_root(v, &f);
	assert_string_equal(json_str(&root, "a"), "x");
	assert_int_equal(json_int(&root, "n"), 7);
	assert_true(json_bool(&root, "b"));
	assert_string_equal(json_str_or(&root, "z", "def"), "def");
	assert_int_equal(json_int_or(&root, "none", 3), 3);
	assert_false(json_has(&root, "z"));
	assert_true(json_has(&root, "n"));
	assert_string_equal(json_key(&root, 1), "n");
	assert_null(json_key(&root, 5));
	list = json_get(&root, "list");
	assert_int_equal(json_len(&list), 2);
	item = json_at(&list, 0);
	assert_string_equal(json_str(&item, "name"), "one");
	assert_int_equal(f.err, ERR_OK);
	item = json_at(&list, 1);
	assert_string_equal(json_str(&item, "name"), "");
	assert_int_equal(f.err, ERR_REQUIRED);
	assert_string_equal(f.at, "/list/1/name");
	/* The first fault stays. */
	json_int(&root, "a");
	assert_string_equal(f.at, "/list/1/name");
	json_free(&v);
	assert_null(v);
	json_free(&v);
}

static void
faults_have_a_place(void **state)
{
	static const char *const known[] = { "a/b", "x", NULL };
	struct json_fault f = { 0 };
	struct json_cur root, x;
	struct json *v;

	(void)state;
	assert_int_equal(parse(&v, "{\"a/b\": 1, \"x\": {\"~\": \"t\"}, "
		"\"extra\": 0}", &f), ERR_OK);
	root = json_root(v, &f);
	json_str(&root, "a/b");
	assert_string_equal(f.at, "/a~1b");
	assert_int_equal(f.err, ERR_SYNTAX);
	f = (struct json_fault){ 0 };
	x = json_get(&root, "x");
	json_int(&x, "~");
	assert_string_equal(f.at, "/x/~0");
	f = (struct json_fault){ 0 };
	json_only(&root, known);
	assert_string_equal(f.at, "/extra");
	f = (struct json_fault){ 0 };
	json_fail(&root, ERR_STATE, "no");
	assert_int_equal(f.err, ERR_STATE);
	assert_string_equal(f.at, "");
	json_free(&v);
}

static void
refuses_bad_documents(void **state)
{
	static const char *const bad[] = { "", "{", "[1,]", "{\"a\":1,\"a\":2}",
		"{} x", "\"\xff\"", "{a:1}", "nul", "\"\\ud800\"",
		"[\"\\u0000\"]", "01", "[1e999]" };
	struct json_fault f;
	struct json *v;
	char deep[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		f = (struct json_fault){ 0 };
		assert_int_equal(parse(&v, bad[i], &f), ERR_SYNTAX);
		assert_null(v);
		assert_int_equal(f.err, ERR_SYNTAX);
		assert_true(f.why[0] != '\0');
	}
	memset(deep, '[', JSON_DEPTH_MAX);
	memset(deep + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
	assert_int_equal(json_parse(&v, deep, 2 * JSON_DEPTH_MAX, 1000, NULL),
	    ERR_OK);
	json_free(&v);
	deep[JSON_DEPTH_MAX] = '[';
	memset(deep + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
	assert_int_equal(json_parse(&v, deep, 2 * JSON_DEPTH_MAX + 2, 1000,
		NULL), ERR_TOO_BIG);
	assert_int_equal(json_parse(&v, "[1,2]", 5, 4, NULL), ERR_TOO_BIG);
	/* Brackets in a text are no depth. */
	assert_int_equal(parse(&v, "[\"[[[[[[[[[[[[[[[[[[[[\\\"[[[[\"]", NULL),
	    ERR_OK);
	json_free(&v);
}

static void
wrong_types(void **state)
{
	struct json_fault f = { 0 };
	struct json_cur root, no;
	struct json *v;

	(void)state;
	assert_int_equal(parse(&v, "{\"s\": \"x\", \"r\": 1.5}", &f), ERR_OK);
	root = json_root(v, &f);
	json_int(&root, "r");
	assert_int_equal(f.err, ERR_SYNTAX);
	f = (struct json_fault){ 0 };
	no = json_get(&root, "none");
	no = json_get(&no, "deeper");
	assert_null(no.v);
	assert_int_equal(json_len(&no), 0);
	assert_int_equal(f.err, ERR_OK);
	no = json_get(&root, "s");
	json_str(&no, "t");
	assert_int_equal(f.err, ERR_SYNTAX);
	assert_string_equal(f.at, "/s");
	assert_true(json_is_str(&no));
	assert_false(json_is_int(&no));
	assert_true(json_is_obj(&root));
	assert_false(json_is_arr(&root));
	assert_false(json_is_bool(&root));
	json_free(&v);
}

static void
builds_and_writes(void **state)
{
	struct json *v = json_new_obj(), *arr = json_new_arr(), *o, *none = NULL;
	struct buf out = buf_init(1000);

	(void)state;
	json_put_str(v, "b", "x\"\n");
	json_put_int(v, "a", -5);
	json_put_hex(v, "h", "\x01\xff", 2);
	json_put_time(v, "t", 1796083200000);
	json_put_time(v, "t0", 0);
	json_put_bool(v, "yes", true);
	json_put_view(v, "v", (struct view){ (const uint8_t *)"q\xfez", 3 });
	json_put_str(v, "nil", NULL);
	json_add_str(arr, "\xe6\xa1\x88");
	json_add_int(arr, 1);
	o = json_new_obj();
	json_add(arr, &o);
	assert_null(o);
	json_put(v, "list", &arr);
	assert_null(arr);
	json_put(v, "none", &none);
	json_put_copy(v, "copy", NULL);
	assert_int_equal(json_write(v, false, &out), ERR_OK);
	assert_string_equal(buf_text(&out), "{\"b\":\"x\\\"\\n\",\"a\":-5,"
	    "\"h\":\"01ff\",\"t\":\"2026-12-01T00:00:00Z\",\"t0\":null,"
	    "\"yes\":true,\"v\":\"q\xef\xbf\xbdz\",\"nil\":null,"
	    "\"list\":[\"\xe6\xa1\x88\",1,{}],\"none\":null,\"copy\":null}");
	buf_free(&out);
	out = buf_init(10);
	assert_int_equal(json_write(v, true, &out), ERR_TOO_BIG);
	buf_free(&out);
	json_free(&v);
}

static struct json *
element(unsigned i)
{
	struct json *o = json_new_obj(), *in = json_new_arr();

	json_put_int(o, "i", i);
	json_put_str(o, "text", "two\nlines");
	if (i % 2 == 0)
		json_add_int(in, i);
	json_put(o, "in", &in);
	return o;
}

/* In parts, an object reads as if it had been built whole. */
static void
written_in_parts_as_whole(void **state)
{
	static const unsigned counts[] = { 0, 1, 3 };
	struct buf whole = buf_init(10000), parts = buf_init(10000);
	struct json *head, *v, *arr;
	unsigned k, i, named;

	(void)state;
	for (k = 0; k < 6; k++) {
		named = k / 3;
		head = json_new_obj();
		if (named)
			json_put_str(head, "name", "n");
		json_open(head, "list", &parts);
		arr = json_new_arr();
		for (i = 0; i < counts[k % 3]; i++) {
			v = element(i);
			json_item(i, &v, &parts);
			assert_null(v);
			v = element(i);
			json_add(arr, &v);
		}
		json_close(i, &parts);
		json_put(head, "list", &arr);
		assert_int_equal(json_write(head, true, &whole), ERR_OK);
		assert_int_equal(parts.err, ERR_OK);
		assert_string_equal(buf_text(&parts), buf_text(&whole));
		json_free(&head);
		buf_reset(&whole);
		buf_reset(&parts);
	}
	buf_free(&whole);
	buf_free(&parts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_members),
		cmocka_unit_test(faults_have_a_place),
		cmocka_unit_test(refuses_bad_documents),
		cmocka_unit_test(wrong_types),
		cmocka_unit_test(builds_and_writes),
		cmocka_unit_test(written_in_parts_as_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
