/*
 * test_vectors: the C side is asked every question in tests/vectors.
 *
 * One test for each file; a failing case prints its story.  Never writes a
 * vector (tests/interop/make_vectors.py does, and only when told to), and
 * knows nothing of the Python that made them.  Run in the source's top
 * folder.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/secret.h"
#include "vec.h"

#define FILE_MAX (4u << 20)
#define CASE_ARENA (16u << 20)

static const struct vec_entry *const tables[] = {
	vec_ops_base, vec_ops_content, vec_ops_keys, vec_ops_proto,
	vec_ops_note,
};

static vec_op *
find(const char *name)
{
	size_t i;
	const struct vec_entry *e;

	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (e = tables[i]; e->name != NULL; e++)
			if (strcmp(e->name, name) == 0)
				return e->op;
	return NULL;
}

/* Every member of out was compared, or the case proves less than it says. */
static void
check_all_compared(struct vec *v)
{
	size_t i, n = json_len(&v->out);

	for (i = 0; i < n && i < VEC_OUT_MAX; i++)
		if ((v->compared & 1u << i) == 0)
			vec_note(v, "nobody compared %s",
			    json_key(&v->out, i));
}

static void
check_result(struct vec *v, const struct json_cur *cs, enum err err)
{
	if (!json_has(cs, "refuse")) {
		if (err != ERR_OK)
			vec_note(v, "refused as %s", err_name(err));
		else
			check_all_compared(v);
	} else if (err == ERR_OK) {
		vec_note(v, "accepted, should be refused as %s",
		    json_str(cs, "refuse"));
	} else if (strcmp(err_name(err), json_str(cs, "refuse")) != 0 ||
	    (int64_t)err != json_int(cs, "status")) {
		vec_note(v, "refused as %s, not %s", err_name(err),
		    json_str(cs, "refuse"));
	}
}

/* 1 if the case fails. */
static unsigned
check_case(const char *file, const struct json_cur *cs)
{
	struct vec v = { .name = json_str(cs, "name") };
	vec_op *op = find(json_str(cs, "op"));

	v.in = json_get(cs, "in");
	v.out = json_get(cs, "out");
	v.arena = arena_init(CASE_ARENA);
	if (op == NULL)
		vec_note(&v, "no operation %s here", json_str(cs, "op"));
	else
		check_result(&v, cs, op(&v));
	arena_free(&v.arena);
	if (v.wrong[0] == '\0')
		return 0;
	print_error("%s: %s: %s\n    %s\n", file, v.name, v.wrong,
	    json_str(cs, "story"));
	return 1;
}

static void
check_file(const char *name)
{
	char path[128];
	struct buf text = buf_init(FILE_MAX);
	struct json *doc = NULL;
	struct json_fault fault = { 0 };
	struct json_cur root, cases;
	unsigned wrong = 0;
	size_t i;

	snprintf(path, sizeof(path), "tests/vectors/%s.json", name);
	assert_int_equal(file_load(path, FILE_MAX, &text), ERR_OK);
	assert_int_equal(json_parse(&doc, text.p, text.len, FILE_MAX, &fault),
	    ERR_OK);
	root = json_root(doc, &fault);
	cases = json_get(&root, "cases");
	assert_true(json_len(&cases) > 0);
	for (i = 0; i < json_len(&cases); i++) {
		struct json_cur cs = json_at(&cases, i);

		wrong += check_case(name, &cs);
	}
	if (fault.err != ERR_OK)
		print_error("%s: %s\n", fault.at, fault.why);
	print_message("%s: %zu cases, %u wrong\n", name, i, wrong);
	json_free(&doc);
	buf_free(&text);
	assert_int_equal(wrong, 0);
}

static void
test_file(void **state)
{
	check_file(*state);
}

#define FILE_TEST(name) { name, test_file, NULL, NULL, (void *)(uintptr_t)name }

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FILE_TEST("names"), FILE_TEST("merkle"), FILE_TEST("hkdf"),
		FILE_TEST("keys"), FILE_TEST("standing"),
		FILE_TEST("statements"), FILE_TEST("charter"),
		FILE_TEST("psk"), FILE_TEST("epoch"), FILE_TEST("fields"),
		FILE_TEST("openings"), FILE_TEST("envelope"),
		FILE_TEST("run"), FILE_TEST("note"), FILE_TEST("book"),
		FILE_TEST("heartbeat"),
		FILE_TEST("opencase"), FILE_TEST("tlog_proof"),
		FILE_TEST("dossier"),
	};

	if (secret_start() != ERR_OK)
		return 1;
	return cmocka_run_group_tests_name("vectors", tests, NULL, NULL);
}
