/*
 * json: any bytes either parse or leave a fault; what parses is written and
 * parses again to the same text.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

#define MAX 65536

/* Visit everything by way of cursors, as the API does. */
static void
walk(const struct json_cur *cur, unsigned depth)
{
	struct json_cur in;
	const char *key;
	size_t i, n = json_len(cur);

	if (depth > JSON_DEPTH_MAX)
		abort();
	for (i = 0; i < n; i++) {
		key = json_key(cur, i);
		in = key != NULL ? json_get(cur, key) : json_at(cur, i);
		walk(&in, depth + 1);
	}
	json_str_or(cur, "a", NULL);
	json_int(cur, "b");
	json_fail(cur, ERR_SYNTAX, "seen");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct json_fault fault = { 0 };
	struct json_cur root;
	struct buf one = buf_init(16 * MAX), two = buf_init(16 * MAX);
	struct json *v, *again;
	enum err err;

	err = json_parse(&v, data, len, MAX, &fault);
	if (err != ERR_OK) {
		if (v != NULL || fault.err != err)
			abort();
		return 0;
	}
	root = json_root(v, &fault);
	walk(&root, 0);
	if (strlen(fault.at) >= sizeof(fault.at))
		abort();
	if (json_write(v, false, &one) != ERR_OK)
		abort();
	if (json_parse(&again, one.p, one.len, 16 * MAX, NULL) != ERR_OK ||
	    json_write(again, false, &two) != ERR_OK)
		abort();
	if (one.len != two.len || memcmp(one.p, two.p, one.len) != 0)
		abort();
	json_free(&v);
	json_free(&again);
	buf_free(&one);
	buf_free(&two);
	return 0;
}
