#include "tests/unit/endpoint/desk_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "endpoint/agent.h"
#include "endpoint/book.h"
#include "endpoint/caserows.h"

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
struct json *
desk_example(const char *file, const char *without)
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

enum err
desk_open_with(struct agent *agent, struct json *doc, struct id *case_id,
    struct desk_fault *fault)
{
	struct json_fault unused = {0};
	struct json_cur root = json_root(doc, &unused);
	struct desk_done done = {0};
	enum err err = desk_open(agent, &root, &done, fault);

	*case_id = done.case_id;
	json_free(&doc);
	return err;
}

struct id
desk_open_case(struct agent *agent)
{
	struct desk_fault fault;
	struct id case_id;
	enum err err;

	err = desk_open_with(agent,
	    desk_example("examples/request.en.json", NULL), &case_id, &fault);
	if (err != ERR_OK)
		fail_msg("%s: %s", err_name(err), fault.detail);
	return case_id;
}

int64_t
desk_head(struct agent *agent, const struct id *case_id)
{
	struct caserows_case c;

	assert_int_equal(caserows_get(agent_book(agent), case_id, &c), ERR_OK);
	return c.revision;
}

enum case_state
desk_state(struct agent *agent, const struct id *case_id)
{
	struct caserows_case c;

	assert_int_equal(caserows_get(agent_book(agent), case_id, &c), ERR_OK);
	return c.file.state;
}

/* members: JSON members without head, e.g. "\"reason\": \"x\"". */
enum err
desk_write_at(struct agent *agent, const struct id *case_id, const char *verb,
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

void
desk_write_ok(struct agent *agent, const struct id *case_id, const char *verb,
    const char *members)
{
	struct desk_fault fault;
	enum err err = desk_write_at(agent, case_id, verb, members,
	    desk_head(agent, case_id), &fault);

	if (err != ERR_OK)
		fail_msg("%s: %s %s", verb, err_name(err), fault.detail);
}
