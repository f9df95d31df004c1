/*
 * clocks_table: DIALOGUE.md's tables of clocks and tiers against the data,
 * and the profile that `charter propose` writes against both.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tale.h"

static const char *const owes_words[] = {
    [CLOCKS_ASKER] = "asker",
    [CLOCKS_ASKED] = "asked",
    [CLOCKS_AUTHOR] = "author",
    [CLOCKS_RECIPIENT] = "recipient",
};

static const struct {
	const char *word;
	unsigned rule;
} rule_words[] = {
    {"sent", CLOCKS_SENT},
    {"pauses", CLOCKS_PAUSES},
    {"named", CLOCKS_NAMED},
    {"answers", CLOCKS_ANSWERS},
    {"lapses", CLOCKS_LAPSES},
    {"kept", CLOCKS_KEPT},
    {"single", CLOCKS_SINGLE},
    {"tier", CLOCKS_TIER},
};

/* "DECISION:accepted,partly STATUS" or "any". */
static void
check_list(const struct clocks_on list[CLOCKS_ON_MAX], char *cell)
{
	char *save = NULL, *more = NULL;
	unsigned n = 0;

	for (char *w = strtok_r(cell, " ", &save); w != NULL;
	     w = strtok_r(NULL, " ", &save), n++) {
		char *colon = strchr(w, ':');
		unsigned o = 0;

		assert_true(n < CLOCKS_ON_MAX);
		if (colon != NULL)
			*colon++ = '\0';
		assert_int_equal(list[n].event, strcmp(w, "any") == 0
			? CLOCKS_ANY
			: tale_type(w));
		for (char *v = colon ? strtok_r(colon, ",", &more) : NULL;
		     v != NULL; v = strtok_r(NULL, ",", &more), o++)
			assert_int_equal(
			    list[n].outcome[o], notice_outcome_find(v));
		assert_true(
		    o == CLOCKS_OUTCOMES_MAX || list[n].outcome[o] == 0);
	}
	assert_true(n == CLOCKS_ON_MAX || list[n].event == 0);
}

static void
check_cell(const struct clocks_cell *got, const char *text)
{
	struct clocks_cell want;

	tale_cell(&want, text);
	assert_int_equal(got->seconds, want.seconds);
	assert_int_equal(got->unit, want.unit);
	assert_int_equal(got->dated, want.dated);
}

static void
check_extension(const struct clocks_row *row, char *cell)
{
	char *save = NULL, *w = strtok_r(cell, "/", &save);
	unsigned u = 0;

	if (strcmp(cell, "-") == 0) {
		for (u = 0; u < 3; u++)
			check_cell(&row->extension[u], "-");
		return;
	}
	for (; w != NULL; w = strtok_r(NULL, "/", &save)) {
		assert_true(u < 3);
		while (*w == ' ')
			w++;
		check_cell(&row->extension[u++], w[0] == '-' ? "-" : w);
	}
	assert_int_equal(u, 3);
}

static void
check_clock(void *ctx, char *cell[])
{
	enum clocks_kind *kind = ctx;
	const struct clocks_row *row = clocks_row(*kind);
	unsigned rules = 0;
	char *save = NULL;

	assert_non_null(row);
	assert_string_equal(row->name, cell[0]);
	assert_int_equal(clocks_find(cell[0]), *kind);
	check_list(row->start, cell[1]);
	check_list(row->stop, cell[2]);
	check_list(row->drop, cell[3]);
	assert_string_equal(owes_words[row->owes], cell[4]);
	for (unsigned u = 0; u < 3; u++)
		check_cell(&row->cell[u], cell[5 + u]);
	check_extension(row, cell[8]);
	for (char *w = strtok_r(cell[9], " ", &save); w != NULL;
	     w = strtok_r(NULL, " ", &save)) {
		unsigned i = 0, n = sizeof(rule_words) / sizeof(rule_words[0]);

		while (i < n && strcmp(rule_words[i].word, w) != 0)
			i++;
		assert_true(i < n);
		rules |= rule_words[i].rule;
	}
	assert_int_equal(row->rules, rules);
	(*kind)++;
}

static void
test_clocks_are_the_document(void **state)
{
	enum clocks_kind kind = CLOCKS_ACK;

	(void)state;
	assert_int_equal(
	    tale_table("Clocks", 10, check_clock, &kind), CLOCKS_KINDS);
	assert_null(clocks_row(CLOCKS_KINDS));
	/* As outlines of 0.1 write them. */
	assert_int_equal(clocks_find("DECISION"), CLOCKS_DECISION);
	assert_int_equal(clocks_find("none"), -1);
}

static void
test_names_in_an_outline(void **state)
{
	static const char *const names[] = {"DATA_AT_HAND", "weather", "ack"};
	struct notice_texts texts = {3, names};

	(void)state;
	assert_int_equal(clocks_touches(&texts),
	    1u << CLOCKS_DATA | 1u << CLOCKS_ACK);
	texts.n = 0;
	assert_int_equal(clocks_touches(&texts), 0);
}

static void
check_tier(void *ctx, char *cell[])
{
	unsigned *n = ctx;
	const struct clocks_tier *tier = clocks_tier(++*n);

	assert_non_null(tier);
	assert_int_equal(atoi(cell[0]), *n);
	for (unsigned u = 0; u < 3; u++) {
		check_cell(&tier->ack[u], cell[1 + u]);
		check_cell(&tier->answer[u], cell[4 + u]);
	}
	assert_int_equal(atoi(cell[7]), tier->signatures);
}

static void
test_tiers_are_the_document(void **state)
{
	unsigned n = 0;

	(void)state;
	assert_int_equal(
	    tale_table("Tiers", 8, check_tier, &n), CHARTER_TIERS);
	assert_null(clocks_tier(0));
	assert_null(clocks_tier(CHARTER_TIERS + 1));
}

/* The words between quotes in keys/cmd_propose.c, which may not ask cases/. */
static void
test_the_proposed_profile_is_the_table(void **state)
{
	FILE *f = fopen("keys/cmd_propose.c", "r");
	struct tale t;
	char line[256], want[256];
	unsigned clocks = 0, tiers = 0;

	(void)state;
	assert_non_null(f);
	tale_begin(&t, NULL, NULL);
	while (fgets(line, sizeof(line), f) != NULL) {
		char *p = strstr(line, "\"clock "), *q;
		char name[64];

		if (p == NULL && strstr(line, "\"tier ") != NULL) {
			const struct charter_tier *tier =
			    &t.charter.tier[tiers++];

			snprintf(want, sizeof(want),
			    "\"tier %u %u %u %u %u %u %u\\n\"", tiers,
			    (unsigned)tier->ack[0], (unsigned)tier->ack[1],
			    (unsigned)tier->ack[2],
			    (unsigned)tier->answer[0],
			    (unsigned)tier->answer[1],
			    (unsigned)tier->answer[2]);
			assert_non_null(strstr(line, want));
		}
		if (p == NULL)
			continue;
		assert_int_equal(sscanf(p, "\"clock %63s", name), 1);
		q = p + strlen("\"clock ") + strlen(name);
		assert_non_null(charter_clock_find(&t.charter, name));
		for (unsigned u = 0; u < 3; u++) {
			uint64_t s = charter_clock_find(&t.charter, name)
					 ->seconds[u];

			q += strspn(q, " ");
			if (s == CHARTER_NONE)
				assert_int_equal(*q, '-');
			else
				assert_true(strtoull(q, NULL, 10) == s);
			q += strcspn(q, " \\");
		}
		clocks++;
	}
	fclose(f);
	assert_int_equal(clocks, t.charter.clock_count);
	assert_int_equal(tiers, CHARTER_TIERS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_clocks_are_the_document),
	    cmocka_unit_test(test_names_in_an_outline),
	    cmocka_unit_test(test_tiers_are_the_document),
	    cmocka_unit_test(test_the_proposed_profile_is_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
