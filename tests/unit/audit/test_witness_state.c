/* witness_state: one form for one state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "audit/witness_state.h"

#define NAME "w.example/1"
#define NOW_S 1796083300

static void
test_form(void **state)
{
	static const struct {
		const char *from, *to;
		enum err err;
	} rows[] = {
		{ "casewire/1", "casewire/2", ERR_VERSION },
		{ "casewire/1", "Casewire/1", ERR_MAGIC },
		{ "witness\n", "witness \n", ERR_VERSION },
		{ "time 1", "time 01", ERR_ENCODING },
		{ "time 1796083300", "time 0", ERR_SYNTAX },
		{ "time 1796083300", "time 99999999999999999999", ERR_SYNTAX },
		{ "time 1796083300", "time 9999999999999999999", ERR_SYNTAX },
		{ "time 1796083300", "time -1", ERR_SYNTAX },
		{ "time 1796083300", "time ", ERR_SYNTAX },
		{ "\ntime", "\ntimes", ERR_SYNTAX },
		{ " w.example/1", " ", ERR_SYNTAX },
		{ " w.example/1", " w example", ERR_SYNTAX },
		{ " w.example/1", "w.example/1", ERR_SYNTAX },
		{ "\n700\n", "\n0\n", ERR_SYNTAX },
		{ "\n\n", "\n", ERR_SYNTAX },
	};
	struct buf bytes = buf_init(2 * WITNESS_STATE_MAX);
	struct buf bent = buf_init(2 * WITNESS_STATE_MAX);
	struct witness_state st = { .name = NAME, .time_s = NOW_S,
		.cp = { .origin = "relay.example/0123abcd", .size = 700 } };
	uint8_t sig[SIG_BYTES] = { 7 }, key[KEY_BYTES] = { 8 };
	const char *text, *at;
	size_t i, len;

	(void)state;
	assert_int_equal(note_sig_set(&st.log, NOTE_ED25519, st.cp.origin,
	    key, sig, sizeof(sig)), ERR_OK);
	assert_int_equal(witness_state_encode(&bytes, &st), ERR_OK);
	assert_int_equal(witness_state_decode(&st, buf_view(&bytes)), ERR_OK);
	assert_int_equal(st.time_s, NOW_S);
	assert_string_equal(st.name, NAME);
	text = buf_text(&bytes);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		at = strstr(text, rows[i].from);
		assert_non_null(at);
		buf_reset(&bent);
		buf_put(&bent, text, (size_t)(at - text));
		buf_str(&bent, rows[i].to);
		buf_str(&bent, at + strlen(rows[i].from));
		if (witness_state_decode(&st, buf_view(&bent)) != rows[i].err)
			fail_msg("%s: %s", rows[i].to,
			    err_name(witness_state_decode(&st,
			    buf_view(&bent))));
		assert_int_equal(st.cp.size, 0);
	}
	for (len = 0; len < bytes.len; len++)
		assert_int_not_equal(witness_state_decode(&st,
		    (struct view){ bytes.p, len }), ERR_OK);
	/* A second line is nobody's business here. */
	buf_str(&bytes, strstr(text, "\n\n") + 2);
	assert_int_equal(witness_state_decode(&st, buf_view(&bytes)),
	    ERR_COUNT);
	buf_free(&bytes);
	buf_free(&bent);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
