#include "count.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

void
count_begin(struct count_rig *r)
{
	memset(r, 0, sizeof(*r));
	tale_begin(&r->t, NULL, NULL);
}

void
count_add(struct count_rig *r, uint64_t at)
{
	struct ledger_file c = {.case_id = {{7}}, .asker = r->asker,
	    .priority = r->priority, .file = &r->t.file, .msgs = r->t.msgs,
	    .said = r->folded, .n = r->t.n, .clocks = &r->t.clocks,
	    .ladder = &r->ladder};

	ladder_free(&r->ladder);
	tale_eval(&r->t, at);
	assert_int_equal(ladder_eval(&r->ladder, r->t.msgs, r->t.n,
	    &r->t.clocks, at), ERR_OK);
	for (size_t i = 0; i < r->t.n; i++)
		r->folded[i] = r->said[r->t.m[i].id];
	assert_int_equal(ledger_case(&r->l, &c), ERR_OK);
}

void
count_it(struct count_rig *r, uint64_t from, uint64_t until, uint64_t at)
{
	ledger_free(&r->l);
	ledger_begin(&r->l, from, until, at);
	count_add(r, at);
	assert_int_equal(ledger_end(&r->l), ERR_OK);
}

void
count_end(struct count_rig *r)
{
	ledger_free(&r->l);
	ladder_free(&r->ladder);
	tale_end(&r->t);
}

/* "b requests handed_over 1", ...: these counters and no other. */
void
count_is(const struct count_rig *r, const char *const *want)
{
	char got[96];
	size_t n, i = 0;

	for (unsigned p = 0; p < 2; p++)
		for (unsigned g = 0; ledger_group(g) != NULL; g++)
			for (unsigned w = 0; w < LEDGER_WORDS_MAX; w++) {
				n = ledger_count(&r->l, p, g, w, NULL);
				if (n == 0)
					continue;
				snprintf(got, sizeof(got), "%c %s %s %zu",
				    'a' + (int)p, ledger_group(g)->name,
				    ledger_group(g)->word[w], n);
				if (want[i] == NULL)
					fail_msg("counted too: %s", got);
				assert_string_equal(got, want[i]);
				i++;
			}
	if (want[i] != NULL)
		fail_msg("not counted: %s", want[i]);
}
