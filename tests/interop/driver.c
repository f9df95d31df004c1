/*
 * interop-driver: the C side at the end of a pipe, for test_interop.py.
 *
 * One JSON line in, {"op": ..., "in": {...}}, one JSON line out,
 * {"name": "ok" or why refused, "out": {...}, "note": ...}.  Runs the very
 * operations that tests/unit/vectors holds against the vectors, and those
 * of driver_make.c, which make what Python must then accept.  Test process
 * only; never installed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "driver.h"

#define LINE_BYTES_MAX (8u << 20)
#define CASE_ARENA (32u << 20)

static const struct vec_entry *const tables[] = {
	vec_ops_base, vec_ops_content, vec_ops_keys, vec_ops_proto,
	vec_ops_note, driver_ops_make,
};

/* The answer's `out` while an operation runs. */
static struct json *found;

/* A member said twice keeps its first value. */
static bool
is_new(const char *key)
{
	struct json_cur cur = json_root(found, NULL);

	return !json_has(&cur, key);
}

void
vec_is_hex(struct vec *v, const char *key, const void *p, size_t len)
{
	(void)v;
	if (is_new(key))
		json_put_hex(found, key, p, len);
}

void
vec_is_hash(struct vec *v, const char *key, const struct hash *h)
{
	vec_is_hex(v, key, h->b, sizeof(h->b));
}

void
vec_is_id(struct vec *v, const char *key, const struct id *id)
{
	vec_is_hex(v, key, id->b, sizeof(id->b));
}

void
vec_is_num(struct vec *v, const char *key, uint64_t n)
{
	(void)v;
	if (is_new(key))
		json_put_int(found, key, (int64_t)n);
}

void
vec_is_text(struct vec *v, const char *key, const char *s)
{
	(void)v;
	if (is_new(key))
		json_put_str(found, key, s);
}

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

static void
answer(const char *name, const char *note)
{
	struct buf out = buf_init(LINE_BYTES_MAX);
	struct json *doc = json_new_obj();

	json_put_str(doc, "name", name);
	json_put(doc, "out", &found);
	if (note[0] != '\0')
		json_put_str(doc, "note", note);
	if (json_write(doc, false, &out) != ERR_OK)
		abort();
	fwrite(out.p, 1, out.len, stdout);
	putchar('\n');
	fflush(stdout);
	json_free(&doc);
	buf_free(&out);
}

static void
ask(const char *line, size_t len)
{
	struct json *doc = NULL;
	struct json_fault fault = { 0 };
	struct json_cur root;
	struct vec v = { .name = "asked" };
	vec_op *op;
	enum err err;

	found = json_new_obj();
	if (json_parse(&doc, line, len, LINE_BYTES_MAX, &fault) != ERR_OK) {
		answer("bad_line", fault.why);
		return;
	}
	root = json_root(doc, &fault);
	op = find(json_str(&root, "op"));
	v.in = json_get(&root, "in");
	v.arena = arena_init(CASE_ARENA);
	if (op == NULL) {
		answer("no_operation", json_str(&root, "op"));
	} else {
		err = op(&v);
		answer(err_name(err), v.wrong);
	}
	arena_free(&v.arena);
	json_free(&doc);
}

int
main(void)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	if (secret_start() != ERR_OK)
		return 1;
	while ((len = getline(&line, &size, stdin)) > 0)
		ask(line, (size_t)len);
	free(line);
	return 0;
}
