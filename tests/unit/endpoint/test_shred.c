/*
 * shred and holds: never an open case, never one on hold, never mail under
 * way; every envelope that carried a message; by time in slices.
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
#include "endpoint/casejson.h"
#include "endpoint/caserows.h"
#include "endpoint/files.h"
#include "endpoint/holds.h"
#include "endpoint/mail.h"
#include "endpoint/opencases.h"
#include "endpoint/shred.h"
#include "tests/unit/endpoint/desk_help.h"
#include "tests/unit/endpoint/fake_agent.h"

#define DAY_MS 86400000LL

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

/* A case that was withdrawn. */
static struct id
over(void)
{
	struct id c = desk_open_case(a);

	fake_carry(a);
	desk_write_ok(a, &c, "withdraw", "\"reason\": \"settled\"");
	fake_carry(a);
	return c;
}

static bool
readable(struct agent *agent, const struct id *c)
{
	struct mail_content content;
	struct caserows_msg *list;
	bool readable = false;
	size_t n;

	assert_int_equal(
	    caserows_load(agent_book(agent), c, 0, &list, &n), ERR_OK);
	for (size_t i = 0; i < n; i++) {
		enum err err = mail_content(
		    agent_book(agent), list[i].mail, &content);

		readable |= err == ERR_OK;
		mail_content_free(&content);
		assert_int_equal(
		    shred_at(agent_book(agent), list[i].mail) != 0,
		    err != ERR_OK);
	}
	free(list);
	return readable;
}

static void
test_refusals(void **state)
{
	struct id c = desk_open_case(a), unknown = {{9}};
	int64_t bodies;

	(void)state;
	assert_int_equal(shred_case(a, &unknown, &bodies), ERR_MISSING_CASE);
	fake_carry(a);
	assert_int_equal(shred_case(a, &c, &bodies), ERR_STATE);
	assert_int_equal(shred_case(b, &c, &bodies), ERR_STATE);
	desk_write_ok(a, &c, "withdraw", "\"reason\": \"settled\"");
	assert_int_equal(shred_case(a, &c, &bodies), ERR_BUSY);
	fake_carry(a);
	assert_int_equal(holds_set(a, &c, true, "order", "u"), ERR_OK);
	assert_int_equal(shred_case(a, &c, &bodies), ERR_PERMIT);
	assert_true(readable(a, &c));
	assert_int_equal(holds_set(a, &c, false, "lifted", "u"), ERR_OK);
	assert_int_equal(shred_case(a, &c, &bodies), ERR_OK);
	assert_int_equal(bodies, 2);
	assert_false(readable(a, &c));
	assert_true(readable(b, &c));
	assert_int_equal(shred_case(a, &c, &bodies), ERR_OK);
	assert_int_equal(bodies, 0);
}

static enum err
count_hold(void *ctx, const struct holds_one *hold)
{
	size_t *n = ctx;

	assert_string_equal(hold->reason, *n == 0 ? "first" : "second");
	assert_int_equal(hold->until_at != 0, *n == 0);
	assert_string_equal(hold->end_reason, *n == 0 ? "enough" : "");
	assert_string_equal(hold->who, "u");
	assert_false(hash_is_zero(&hold->head[CASE_REQUESTING]));
	(*n)++;
	return ERR_OK;
}

static void
test_holds(void **state)
{
	char much[HOLD_REASON_MAX + 2];
	struct id c = over(), unknown = {{9}};
	size_t n = 0;

	(void)state;
	memset(much, 'x', sizeof(much) - 1);
	much[sizeof(much) - 1] = '\0';
	assert_int_equal(
	    holds_set(a, &unknown, true, "r", "u"), ERR_MISSING_CASE);
	assert_int_equal(holds_set(a, &c, true, "", "u"), ERR_REQUIRED);
	assert_int_equal(holds_set(a, &c, true, much, "u"), ERR_TOO_BIG);
	assert_int_equal(holds_set(a, &c, false, "r", "u"), ERR_STATE);
	assert_int_equal(holds_set(a, &c, true, "first", "u"), ERR_OK);
	assert_int_equal(holds_set(a, &c, true, "again", "u"), ERR_STATE);
	assert_int_equal(holds_count(agent_book(a)), 1);
	assert_int_equal(holds_set(a, &c, false, "enough", "v"), ERR_OK);
	assert_int_equal(holds_count(agent_book(a)), 0);
	assert_int_equal(holds_set(a, &c, true, "second", "u"), ERR_OK);
	assert_int_equal(
	    holds_each(agent_book(a), NULL, count_hold, &n), ERR_OK);
	assert_int_equal(n, 2);
}

static void
test_sealed_again_goes_too(void **state)
{
	struct id c = desk_open_case(a);
	int64_t bodies;

	(void)state;
	fake_reseal(a, 0);
	fake_carry(a);
	desk_write_ok(a, &c, "withdraw", "\"reason\": \"settled\"");
	fake_carry(a);
	assert_int_equal(shred_case(b, &c, &bodies), ERR_OK);
	assert_int_equal(bodies, 2);
	assert_false(readable(b, &c));
}

static void
test_files_go_too(void **state)
{
	char members[1024], path[160];
	struct id c = desk_open_case(a);
	struct json_fault f = {0};
	struct json_cur root, one;
	struct json *files;
	int64_t bodies;

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
	desk_write_ok(a, &c, "close", "");
	fake_carry(a);
	files = files_list_json(a, &c);
	root = json_root(files, &f);
	one = json_at(&root, 0);
	snprintf(path, sizeof(path), "%s", json_str(&one, "path"));
	assert_true(file_exists(path));
	json_free(&files);
	/* request, ack, decision, result, close, manifest, one piece */
	assert_int_equal(shred_case(a, &c, &bodies), ERR_OK);
	assert_int_equal(bodies, 7);
	assert_false(file_exists(path));
	assert_int_equal(shred_case(b, &c, &bodies), ERR_OK);
	assert_int_equal(bodies, 7);
}

/* Heads and states are rows, not bodies: what a heartbeat signed is made
 * again all the same. */
static void
test_heartbeats_are_made_again(void **state)
{
	struct notice_link link = {.own_prekey = 1}, again;
	struct opencases cases;
	struct id c = desk_open_case(a);
	int64_t bodies;

	(void)state;
	fake_carry(a);
	fake_heads(b, &link);
	assert_int_equal(opencases_at(b, fake_the_pair(b), true, &link,
			     &cases),
	    ERR_OK);
	assert_int_equal(opencases_sum(&cases, FROM_B, &link), ERR_OK);
	opencases_free(&cases);
	desk_write_ok(a, &c, "withdraw", "\"reason\": \"settled\"");
	fake_carry(a);
	assert_int_equal(shred_case(a, &c, &bodies), ERR_OK);
	again = link;
	assert_int_equal(opencases_at(a, fake_the_pair(a), false, &again,
			     &cases),
	    ERR_OK);
	assert_int_equal(opencases_sum(&cases, FROM_B, &again), ERR_OK);
	opencases_free(&cases);
	assert_int_equal(again.open_cases, 1);
	assert_true(hash_eq(&again.open_root, &link.open_root));
}

#define MANY (2 * SHRED_SLICE + 3)

static size_t
count_readable(const struct id *list)
{
	size_t n = 0;

	for (size_t i = 0; i < MANY; i++)
		n += readable(a, &list[i]);
	return n;
}

static void
test_by_time_in_slices(void **state)
{
	struct id list[MANY], open;
	int64_t due;

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		list[i] = over();
	open = desk_open_case(a);
	fake_carry(a);
	assert_int_equal(holds_set(a, &list[1], true, "r", "u"), ERR_OK);
	assert_int_equal(shred_tick(a, 0, &due), ERR_OK);
	assert_true(due == INT64_MAX);
	assert_int_equal(shred_tick(a, 1, &due), ERR_OK);
	assert_int_equal(count_readable(list), MANY);
	fake_wait(a, DAY_MS + 3600000);
	assert_int_equal(shred_tick(a, 1, &due), ERR_OK);
	assert_int_equal(count_readable(list), MANY - SHRED_SLICE);
	assert_true(due <= agent_now(a) + 1000);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(shred_tick(a, 1, &due), ERR_OK);
	assert_int_equal(count_readable(list), 1);
	assert_true(readable(a, &list[1]));
	assert_true(readable(a, &open));
	/* Once let go it is found in the next round. */
	assert_int_equal(holds_set(a, &list[1], false, "r", "u"), ERR_OK);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(shred_tick(a, 1, &due), ERR_OK);
	assert_int_equal(count_readable(list), 0);
	assert_true(due > agent_now(a) + 1000);
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(test_refusals),
	    T(test_holds),
	    T(test_sealed_again_goes_too),
	    T(test_files_go_too),
	    T(test_heartbeats_are_made_again),
	    T(test_by_time_in_slices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
