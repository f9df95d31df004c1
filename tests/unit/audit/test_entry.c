/*
 * entry: every kind of log entry before a keyring that knows all, one that
 * learns as it reads, one that knows too little, and none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "audit/entry.h"
#include "base/json.h"
#include "tests/unit/audit/world.h"

static struct world w;

static int
setup(void **state)
{
	(void)state;
	world_story(&w);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	world_stop(&w);
	return (0);
}

static struct keyring *
with_charter(void)
{
	struct keyring *kr = keyring_new();

	assert_non_null(kr);
	MUST(keyring_add_charter(kr, w.charter.p, w.charter.len,
	    w.charter_sig[0], w.charter_sig[1], NULL));
	return (kr);
}

static struct keyring_place
place_of(const struct item *item)
{
	return ((struct keyring_place){ w.log_id, item->index });
}

/* In the order of the log, so that key statements come before what they
 * explain. */
static void
test_a_log_explains_itself(void **state)
{
	struct keyring *kr = with_charter();
	unsigned seen[STATEMENT_PRIOR + 1] = { 0 };
	struct keyring_place place;
	struct entry e;
	size_t i;

	(void)state;
	for (i = 0; i < w.items; i++) {
		if (!w.item[i].logged)
			continue;
		place = place_of(&w.item[i]);
		MUST(entry_read(&e, kr, buf_view(&w.item[i].entry), &place));
		if (e.standing != ENTRY_GOOD || e.why != ERR_OK)
			fail_msg("item %zu, %s: %s", i,
			    statement_kind_name(e.kind), err_name(e.why));
		assert_non_null(e.signer);
		seen[e.kind]++;
		assert_int_equal(e.on_channel, e.kind == STATEMENT_RUN ||
		    e.kind == STATEMENT_RECEIPT);
		assert_true(!e.on_channel || e.first_seq > 0);
	}
	assert_true(seen[STATEMENT_RUN] > 0 && seen[STATEMENT_RECEIPT] > 0 &&
	    seen[STATEMENT_KEYS] == 3);
	keyring_free(kr);
}

static const struct item *
first_of(enum item_kind kind)
{
	size_t i;

	for (i = 0; i < w.items; i++)
		if (w.item[i].kind == kind && w.item[i].logged)
			return (&w.item[i]);
	fail_msg("no such item");
	return (NULL);
}

/* Nobody known, or not this one: said, and nothing held against it. */
static void
test_unknown_signers(void **state)
{
	const struct item *run = first_of(ITEM_RUN);
	struct keyring_place place = place_of(run);
	struct keyring *kr = with_charter(), *none = keyring_new();
	struct buf line = buf_init(1024);
	struct json *o;
	struct entry e;

	(void)state;
	MUST(entry_read(&e, NULL, buf_view(&run->entry), NULL));
	assert_int_equal(e.standing, ENTRY_UNCHECKED);
	assert_int_equal(e.why, ERR_OK);
	MUST(entry_read(&e, kr, buf_view(&run->entry), &place));
	assert_int_equal(e.standing, ENTRY_UNCHECKED);
	assert_int_equal(e.why, ERR_KID_UNKNOWN);
	MUST(entry_read(&e, none, buf_view(&run->entry), &place));
	assert_int_equal(e.standing, ENTRY_UNCHECKED);
	entry_text(&line, &e);
	assert_non_null(strstr(buf_text(&line), "run of channel "));
	assert_non_null(strstr(buf_text(&line), "(unchecked: kid_unknown)"));
	o = entry_json(&e);
	assert_non_null(o);
	json_free(&o);
	buf_free(&line);
	keyring_free(kr);
	keyring_free(none);
}

/* Any byte changed: no entry, or wrong, or by nobody known; never good. */
static void
test_bent(void **state)
{
	struct keyring *kr = with_charter();
	const enum item_kind kinds[] = { ITEM_STATEMENT, ITEM_RUN,
		ITEM_RECEIPT };
	const struct item *item;
	struct keyring_place place;
	struct entry e;
	uint8_t *p;
	size_t i, k;

	(void)state;
	for (i = 0; i < w.items; i++)
		if (w.item[i].logged && w.item[i].kind == ITEM_STATEMENT) {
			place = place_of(&w.item[i]);
			MUST(entry_read(&e, kr, buf_view(&w.item[i].entry),
			    &place));
		}
	for (k = 0; k < 3; k++) {
		item = first_of(kinds[k]);
		place = place_of(item);
		p = item->entry.p;
		for (i = 0; i < item->entry.len; i++) {
			p[i] ^= 0x40;
			if (entry_read(&e, kr, buf_view(&item->entry),
			    &place) == ERR_OK && e.standing != ENTRY_WRONG &&
			    e.standing != ENTRY_UNCHECKED)
				fail_msg("kind %zu, byte %zu", k, i);
			p[i] ^= 0x40;
		}
		assert_int_not_equal(entry_read(&e, kr,
		    (struct view){ p, 60 }, &place), ERR_OK);
	}
	assert_int_equal(entry_read(&e, kr, (struct view){ NULL, 0 }, NULL),
	    ERR_MAGIC);
	keyring_free(kr);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_log_explains_itself),
		cmocka_unit_test(test_unknown_signers),
		cmocka_unit_test(test_bent),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
