/* dossier: its bytes, back and forth; every other form refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cases/dossier.h"

#define ID "00112233445566778899aabbccddeeff"
#define HEX(c) c c c c c c c c c c c c c c c c
#define ONE HEX("0001")
#define TWO HEX("0002")
#define HEAD \
	"casewire/1 dossier\n" \
	"pair " HEX("aaaa") "\n" \
	"from 2026-01-01T00:00:00Z\n" \
	"until 2026-07-01T00:00:00Z\n" \
	"as_of 2026-07-01T00:00:00.250Z\n"
#define WHOLE \
	HEAD \
	"count a requests handed_over 2\n" ONE "\n" TWO "\n" \
	"count a ack in_doubt 1\n" ONE "\n" \
	"count b leads given 1\n" TWO "\n" \
	"time a ack 2 0 5 17 -\n" \
	"open a " ID " " ONE " u1 ACKED none 2026-06-30T23:59:59.999Z\n" \
	"open b " ID " " TWO " u2 IN_PROGRESS no_change " \
	"2026-02-01T00:00:00Z\n" \
	"end\n"

static enum err
reads(const char *text, size_t *line)
{
	struct view v = {(const uint8_t *)text, strlen(text)};
	struct buf out = buf_init(DOSSIER_MAX);
	struct dossier d;
	enum err err = dossier_read(&d, v, line);

	if (err == ERR_OK) {
		assert_int_equal(dossier_write(&out, &d), ERR_OK);
		assert_int_equal(out.len, v.len);
		assert_memory_equal(out.p, v.p, v.len);
		dossier_free(&d);
	}
	buf_free(&out);
	return err;
}

static void
test_round_trip(void **state)
{
	struct view v = {(const uint8_t *)WHOLE, sizeof(WHOLE) - 1};
	struct dossier d;
	size_t line;

	(void)state;
	assert_int_equal(reads(WHOLE, &line), ERR_OK);
	assert_int_equal(reads(HEAD "end\n", NULL), ERR_OK);
	assert_int_equal(dossier_read(&d, v, &line), ERR_OK);
	assert_int_equal(d.pair_id.b[31], 0xaa);
	assert_int_equal(d.ledger.as_of_at - d.ledger.until_at, 250);
	assert_int_equal(ledger_count(&d.ledger, 0,
	    (unsigned)ledger_find("requests"), 0, NULL), 2);
	assert_int_equal(d.ledger.times[0][LEDGER_TO_ACK].n, 2);
	assert_true(d.ledger.times[0][LEDGER_TO_ACK].p90_hi ==
	    LEDGER_UNBOUNDED);
	assert_int_equal(d.ledger.opens, 2);
	assert_int_equal(d.ledger.open[1].phase, OUTCOME_NO_CHANGE);
	dossier_free(&d);
}

/* text with its first `what` made `by`. */
static char *
with(const char *what, const char *by)
{
	const char *at = strstr(WHOLE, what);
	char *out = calloc(1, sizeof(WHOLE) + strlen(by) + 1);

	assert_non_null(at);
	assert_non_null(out);
	memcpy(out, WHOLE, (size_t)(at - WHOLE));
	strcat(out, by);
	strcat(out, at + strlen(what));
	return out;
}

static void
test_refused(void **state)
{
	static const struct {
		const char *what, *by;
		enum err err;
		size_t line;
	} wrong[] = {
		{"casewire/1 dossier", "casewire/2 dossier", ERR_VERSION, 1},
		{"pair aaaa", "pair aaa", ERR_SYNTAX, 2},
		{"from 2026-01-01", "from 2026-02-30", ERR_SYNTAX, 3},
		{"until", "from", ERR_SYNTAX, 4},
		{"as_of 2026-07-01T00:00:00.250Z",
		    "as_of 2026-07-01T00:00:00.25Z", ERR_ENCODING, 0},
		{"requests handed_over", "requests taken", ERR_SYNTAX, 6},
		{"requests handed_over", "wishes handed_over", ERR_SYNTAX, 6},
		{"count a", "count c", ERR_SYNTAX, 6},
		{"handed_over 2", "handed_over 02", ERR_ENCODING, 0},
		{"handed_over 2", "handed_over 1", ERR_SYNTAX, 8},
		{"handed_over 2", "handed_over 2 ", ERR_ENCODING, 0},
		{"handed_over 2", "handed_over -2", ERR_SYNTAX, 6},
		{"handed_over 2", "handed_over 99999999999999999999",
		    ERR_SYNTAX, 6},
		{ONE "\n" TWO "\n", TWO "\n" ONE "\n", ERR_ENCODING, 0},
		{ONE "\n" TWO "\n", ONE "\n" ONE "\n", ERR_ENCODING, 0},
		{"aaaaaaaa", "AAAAAAAA", ERR_ENCODING, 0},
		{"time a ack 2 0", "time a ack 0 0", ERR_ENCODING, 0},
		{"time a ack 2 0", "time a status 2 0", ERR_SYNTAX, 13},
		{"17 -", "17 18446744073709551615", ERR_ENCODING, 0},
		{"17 -", "17 ", ERR_SYNTAX, 13},
		{"u1 ACKED", "u3 ACKED", ERR_SYNTAX, 14},
		{"u1 ACKED", "u1 STAY", ERR_SYNTAX, 14},
		{"ACKED none", "ACKED resting", ERR_SYNTAX, 14},
		{"open a ", "open b ", ERR_ENCODING, 0},
		{"count b leads given 1\n" TWO "\n", "", ERR_OK, 0},
		{"end\n", "", ERR_SYNTAX, 16},
		{"end\n", "end", ERR_SYNTAX, 16},
		{"end\n", "end\n\n", ERR_SYNTAX, 16},
		{"end\n", "end\r\n", ERR_SYNTAX, 16},
	};
	size_t line;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char *text = with(wrong[i].what, wrong[i].by);
		enum err err = reads(text, &line);

		if (err != wrong[i].err || line != wrong[i].line)
			fail_msg("%s -> %s: %s, line %zu", wrong[i].what,
			    wrong[i].by, err_name(err), line);
		free(text);
	}
	assert_int_equal(reads("", &line), ERR_SYNTAX);
	assert_int_equal(line, 1);
}

/* Nothing was said: no counter has a first message (found by the fuzzer). */
static void
test_nothing(void **state)
{
	const struct ledger_entry one = {0}, *first = &one;
	struct ledger l;

	(void)state;
	ledger_begin(&l, 0, 1, 1);
	assert_int_equal(ledger_end(&l), ERR_OK);
	assert_int_equal(ledger_count(&l, 0, 0, 0, &first), 0);
	assert_null(first);
	ledger_free(&l);
}

/* A claim out of all calendars is refused, not printed. */
static void
test_unwritable(void **state)
{
	struct dossier d = {.ledger = {.until_at = UINT64_MAX}};
	struct buf out = buf_init(DOSSIER_MAX);

	(void)state;
	assert_int_equal(dossier_write(&out, &d), ERR_ENCODING);
	buf_free(&out);
}

static void
test_too_many(void **state)
{
	const struct ledger_open open = {0};
	struct ledger l;

	(void)state;
	ledger_begin(&l, 0, 1, 1);
	for (size_t i = 0; i < LEDGER_OPENS_MAX; i++)
		assert_int_equal(ledger_put_open(&l, &open), ERR_OK);
	assert_int_equal(ledger_put_open(&l, &open), ERR_TOO_BIG);
	ledger_free(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_unwritable),
		cmocka_unit_test(test_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
