#include "cases/ledger.h"

#include <stdlib.h>
#include <string.h>

void
ledger_begin(struct ledger *ledger, uint64_t from_at, uint64_t until_at,
    uint64_t as_of_at)
{
	*ledger = (struct ledger){.from_at = from_at, .until_at = until_at,
	    .as_of_at = as_of_at};
}

void
ledger_free(struct ledger *ledger)
{
	free(ledger->entry);
	free(ledger->open);
	free(ledger->took);
	*ledger = (struct ledger){0};
}

/* A list with room for one more of `each` bytes; NULL for want of memory. */
static void *
roomy(void *list, size_t n, size_t *size, size_t each)
{
	size_t more = *size == 0 ? 64 : 2 * *size;

	if (n < *size)
		return list;
	list = reallocarray(list, more, each);
	if (list != NULL)
		*size = more;
	return list;
}

enum err
ledger_put(struct ledger *ledger, const struct ledger_entry *entry)
{
	struct ledger_entry *grown;

	if (ledger->entries >= LEDGER_ENTRIES_MAX)
		return ERR_TOO_BIG;
	grown = roomy(ledger->entry, ledger->entries, &ledger->entries_size,
	    sizeof(*grown));
	if (grown == NULL)
		return ERR_NOMEM;
	ledger->entry = grown;
	grown[ledger->entries++] = *entry;
	return ERR_OK;
}

enum err
ledger_put_open(struct ledger *ledger, const struct ledger_open *open)
{
	struct ledger_open *grown;

	if (ledger->opens >= LEDGER_OPENS_MAX)
		return ERR_TOO_BIG;
	grown = roomy(ledger->open, ledger->opens, &ledger->opens_size,
	    sizeof(*grown));
	if (grown == NULL)
		return ERR_NOMEM;
	ledger->open = grown;
	grown[ledger->opens++] = *open;
	return ERR_OK;
}

enum err
ledger_put_took(struct ledger *ledger, const struct ledger_took *took)
{
	struct ledger_took *grown;

	if (ledger->tooks >= LEDGER_ENTRIES_MAX)
		return ERR_TOO_BIG;
	grown = roomy(ledger->took, ledger->tooks, &ledger->tooks_size,
	    sizeof(*grown));
	if (grown == NULL)
		return ERR_NOMEM;
	ledger->took = grown;
	grown[ledger->tooks++] = *took;
	return ERR_OK;
}

static int
entry_cmp(const void *pa, const void *pb)
{
	const struct ledger_entry *a = pa, *b = pb;

	if (a->party != b->party)
		return a->party < b->party ? -1 : 1;
	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	if (a->word != b->word)
		return a->word < b->word ? -1 : 1;
	return memcmp(a->env_id.b, b->env_id.b, HASH_BYTES);
}

static int
open_cmp(const void *pa, const void *pb)
{
	const struct ledger_open *a = pa, *b = pb;

	if (a->party != b->party)
		return a->party < b->party ? -1 : 1;
	return memcmp(a->case_id.b, b->case_id.b, ID_BYTES);
}

/* Sort, and keep one of each; returns how many are left. */
static size_t
sort_once(void *list, size_t n, size_t each,
    int (*cmp)(const void *, const void *))
{
	uint8_t *p = list;
	size_t kept = 0;

	if (n > 1)
		qsort(list, n, each, cmp);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 ||
		    cmp(p + (kept - 1) * each, p + i * each) != 0)
			memmove(p + kept++ * each, p + i * each, each);
	return kept;
}

static int
took_cmp(const void *pa, const void *pb)
{
	const struct ledger_took *a = pa, *b = pb;

	if (a->party != b->party)
		return a->party < b->party ? -1 : 1;
	if (a->what != b->what)
		return a->what < b->what ? -1 : 1;
	return memcmp(a->env_id.b, b->env_id.b, HASH_BYTES);
}

static int
ms_cmp(const void *pa, const void *pb)
{
	uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;

	return a < b ? -1 : a > b;
}

/* The smallest that at least `percent` of a hundred do not exceed. */
static uint64_t
percentile(const uint64_t *ms, size_t n, unsigned percent)
{
	return ms[(n * percent + 99) / 100 - 1];
}

/* took, of one party and kind; ms has room for n. */
static void
sum_up(struct ledger_times *times, const struct ledger_took *took, size_t n,
    uint64_t *ms)
{
	times->n = n;
	for (size_t i = 0; i < n; i++)
		ms[i] = took[i].lo;
	qsort(ms, n, sizeof(*ms), ms_cmp);
	times->median_lo = percentile(ms, n, 50);
	times->p90_lo = percentile(ms, n, 90);
	for (size_t i = 0; i < n; i++)
		ms[i] = took[i].hi;
	qsort(ms, n, sizeof(*ms), ms_cmp);
	times->median_hi = percentile(ms, n, 50);
	times->p90_hi = percentile(ms, n, 90);
}

static enum err
sum_times(struct ledger *l)
{
	uint64_t *ms = calloc(l->tooks + 1, sizeof(*ms));
	const struct ledger_took *t = l->took;
	size_t k;

	if (ms == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < l->tooks; i = k) {
		for (k = i + 1; k < l->tooks; k++)
			if (t[k].party != t[i].party || t[k].what != t[i].what)
				break;
		sum_up(&l->times[t[i].party][t[i].what], &t[i], k - i, ms);
	}
	free(ms);
	return ERR_OK;
}

enum err
ledger_end(struct ledger *ledger)
{
	enum err err;

	ledger->entries = sort_once(ledger->entry, ledger->entries,
	    sizeof(*ledger->entry), entry_cmp);
	ledger->opens = sort_once(ledger->open, ledger->opens,
	    sizeof(*ledger->open), open_cmp);
	ledger->tooks = sort_once(ledger->took, ledger->tooks,
	    sizeof(*ledger->took), took_cmp);
	err = sum_times(ledger);
	free(ledger->took);
	ledger->took = NULL;
	ledger->tooks = ledger->tooks_size = 0;
	return err;
}

/* ---- reading ---- */

/* The first entry not before that one. */
static size_t
lower(const struct ledger *l, const struct ledger_entry *e)
{
	size_t lo = 0, hi = l->entries, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (entry_cmp(&l->entry[mid], e) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

size_t
ledger_count(const struct ledger *ledger, unsigned party, unsigned group,
    unsigned word, const struct ledger_entry **first)
{
	struct ledger_entry e = {(uint8_t)party, (uint8_t)group,
	    (uint8_t)word, {{0}}};
	size_t from = lower(ledger, &e), end;

	/* No env_id is zeros: the next word's place is this one's end. */
	e.word++;
	end = lower(ledger, &e);
	if (first != NULL)
		*first = from < end ? &ledger->entry[from] : NULL;
	return end - from;
}

/* Of two sorted lists: -1 only a has it, 1 only b, 0 both. */
static int
next_of(const void *a, size_t i, size_t n, const void *b, size_t k, size_t m,
    size_t each, int (*cmp)(const void *, const void *))
{
	if (i == n)
		return 1;
	if (k == m)
		return -1;
	return cmp((const uint8_t *)a + i * each,
	    (const uint8_t *)b + k * each);
}

static size_t
diff_entries(const struct ledger *a, const struct ledger *b,
    ledger_diff_fn *fn, void *ctx)
{
	size_t i = 0, k = 0, n = 0;
	int side;

	while (i < a->entries || k < b->entries) {
		side = next_of(a->entry, i, a->entries, b->entry, k,
		    b->entries, sizeof(*a->entry), entry_cmp);
		if (side != 0) {
			fn(ctx, side < 0 ? &a->entry[i] : &b->entry[k], NULL,
			    side < 0);
			n++;
		}
		i += side <= 0;
		k += side >= 0;
	}
	return n;
}

/* The same case, told in the same words. */
static int
told_cmp(const void *pa, const void *pb)
{
	const struct ledger_open *a = pa, *b = pb;
	int c = open_cmp(a, b);

	if (c == 0)
		c = memcmp(a->env_id.b, b->env_id.b, HASH_BYTES);
	if (c == 0 && a->since_at != b->since_at)
		c = a->since_at < b->since_at ? -1 : 1;
	if (c == 0)
		c = (a->urgency - b->urgency) * 0x10000 +
		    (a->state - b->state) * 0x100 + (a->phase - b->phase);
	return c;
}

size_t
ledger_diff(const struct ledger *a, const struct ledger *b,
    ledger_diff_fn *fn, void *ctx)
{
	size_t i = 0, k = 0, n = diff_entries(a, b, fn, ctx);
	int side;

	while (i < a->opens || k < b->opens) {
		side = next_of(a->open, i, a->opens, b->open, k, b->opens,
		    sizeof(*a->open), told_cmp);
		if (side != 0) {
			fn(ctx, NULL, side < 0 ? &a->open[i] : &b->open[k],
			    side < 0);
			n++;
		}
		i += side <= 0;
		k += side >= 0;
	}
	return n;
}
