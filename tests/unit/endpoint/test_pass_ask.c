/* pass_ask: one question a relay, told once, and what becomes of one whose
 * session ended. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "endpoint/agent_priv.h"
#include "endpoint/pass_ask.h"

static struct agent *agent;

/* Two relays of charters, with a session at the first alone. */
static int
setup(void **state)
{
	(void)state;
	agent = calloc(1, sizeof(*agent));
	if (agent == NULL)
		return -1;
	agent->relay_count = 2;
	strcpy(agent->relay[0].name, "one");
	strcpy(agent->relay[1].name, "two");
	agent->relay[1].slot = 1;
	agent->relay[0].up.state = UPLINK_READY;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	pass_ask_drop(agent, 0);
	pass_ask_drop(agent, 1);
	free(agent);
	return 0;
}

static const struct request_pass issue = { PASS_ISSUE, "Auditor", 77 };

/* Ask relay one and send it. */
static void
asked(void)
{
	struct request r = { .ticket = 0 };
	unsigned slot = 9;

	assert_int_equal(pass_ask_begin(agent, "one", &issue, &slot), ERR_OK);
	assert_int_equal(slot, 0);
	assert_true(pass_ask_wants(&agent->relay[0]));
	pass_ask_request(&agent->relay[0], &r);
	assert_int_equal(r.kind, REQUEST_PASS);
	assert_int_equal(r.pass.kind, PASS_ISSUE);
	assert_string_equal(r.pass.name, "Auditor");
	assert_int_equal(r.pass.until_at, 77);
	(void)uplink_sent(&agent->relay[0].up, UPLINK_PASS, 0);
	/* It goes out once. */
	assert_false(pass_ask_wants(&agent->relay[0]));
}

static void
whom_it_may_ask(void **state)
{
	struct request_pass longer = issue;
	char name[PASS_NAME_MAX + 2];
	unsigned slot;

	(void)state;
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	longer.name = name;
	assert_int_equal(pass_ask_begin(agent, NULL, &issue, &slot),
	    ERR_USAGE);
	assert_int_equal(pass_ask_begin(agent, "three", &issue, &slot),
	    ERR_NOTFOUND);
	assert_int_equal(pass_ask_begin(agent, "two", &issue, &slot),
	    ERR_UNREACHABLE);
	assert_int_equal(pass_ask_begin(agent, "one", &longer, &slot),
	    ERR_TOO_BIG);
	agent->relay_count = 1;
	assert_int_equal(pass_ask_begin(agent, NULL, &issue, &slot), ERR_OK);
	assert_int_equal(pass_ask_begin(agent, NULL, &issue, &slot),
	    ERR_BUSY);
	pass_ask_drop(agent, slot);
	assert_int_equal(pass_ask_begin(agent, NULL, &issue, &slot), ERR_OK);
}

static void
answered(void **state)
{
	static const uint8_t token[PASS_TOKEN_BYTES] = { 0xab };
	struct reply_held held = { "Auditor", 5, 77 };
	struct reply_pass reply = { { token, sizeof(token) }, 1, &held };
	struct json_fault fault = { 0 };
	struct json *out = NULL;
	struct json_cur root, list, one;

	(void)state;
	asked();
	assert_int_equal(pass_ask_take(agent, 0, &out), ERR_BUSY);
	agent->relay[0].up.slot[UPLINK_PASS].ticket = 0;
	pass_ask_answered(&agent->relay[0], ERR_OK, &reply);
	assert_int_equal(pass_ask_take(agent, 0, &out), ERR_OK);
	root = json_root(out, &fault);
	list = json_get(&root, "passes");
	one = json_at(&list, 0);
	assert_int_equal(json_len(&list), 1);
	assert_string_equal(json_str_or(&one, "name", ""), "Auditor");
	assert_memory_equal(json_str_or(&root, "token", ""), "ab00", 4);
	assert_string_equal(json_str_or(&root, "relay", ""), "one");
	json_free(&out);
	/* Taken: forgotten. */
	assert_int_equal(agent->relay[0].pass.state, PASS_ASK_NONE);
}

static void
refused_or_lost(void **state)
{
	struct json *out = NULL;

	(void)state;
	asked();
	agent->relay[0].up.slot[UPLINK_PASS].ticket = 0;
	pass_ask_answered(&agent->relay[0], ERR_COUNT, NULL);
	assert_int_equal(pass_ask_take(agent, 0, &out), ERR_COUNT);
	assert_null(out);
	/* The session ends: nobody may ask it again by himself. */
	asked();
	uplink_link(&agent->relay[0].up, false, 1);
	assert_false(pass_ask_wants(&agent->relay[0]));
	assert_int_equal(pass_ask_take(agent, 0, &out), ERR_UNREACHABLE);
	assert_int_equal(agent->relay[0].pass.state, PASS_ASK_NONE);
	/* Who asked has left; a late answer is for nobody. */
	agent->relay[0].up.state = UPLINK_READY;
	asked();
	pass_ask_drop(agent, 0);
	pass_ask_answered(&agent->relay[0], ERR_OK, NULL);
	assert_int_equal(agent->relay[0].pass.state, PASS_ASK_NONE);
	assert_null(agent->relay[0].pass.answer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(whom_it_may_ask, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(answered, setup, teardown),
		cmocka_unit_test_setup_teardown(refused_or_lost, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
