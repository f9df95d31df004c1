#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/judge_priv.h"

void
judge_find(struct judge *j, enum findings_code code, enum err err,
    const char *where, const char *fmt, ...)
{
	struct judge_finding *f;
	va_list ap;

	j->count[findings_info(code)->weight]++;
	if (j->findings == JUDGE_FINDINGS_MAX)
		return;
	f = &j->finding[j->findings++];
	f->code = code;
	f->err = err;
	snprintf(f->where, sizeof(f->where), "%s", where);
	va_start(ap, fmt);
	vsnprintf(f->detail, sizeof(f->detail), fmt, ap);
	va_end(ap);
}

const char *
judge_where(char text[JUDGE_WHERE_BYTES], uint8_t direction, uint8_t lane,
    uint64_t seq, uint64_t last)
{
	char side = direction == FROM_A ? 'a' : 'b';

	if (seq == last)
		snprintf(text, JUDGE_WHERE_BYTES, "%c%u seq %llu", side, lane,
		    (unsigned long long)seq);
	else
		snprintf(text, JUDGE_WHERE_BYTES, "%c%u seq %llu to %llu",
		    side, lane, (unsigned long long)seq,
		    (unsigned long long)last);
	return (text);
}

static struct judge *
judge_new(const struct bundle *b)
{
	struct judge *j = calloc(1, sizeof(*j));

	if (j == NULL)
		return (NULL);
	j->b = b;
	j->arena = arena_init(BUNDLE_MAX);
	j->kr = keyring_new();
	j->finding = calloc(JUDGE_FINDINGS_MAX, sizeof(*j->finding));
	if (j->kr == NULL || j->finding == NULL)
		judge_free(j), j = NULL;
	return (j);
}

void
judge_free(struct judge *j)
{
	if (j == NULL)
		return;
	keyring_free(j->kr);
	timeline_free(j->time);
	free(j->by_note);
	free(j->witness);
	arena_free(&j->arena);
	free(j->finding);
	free(j->place);
	free(j->tree);
	free(j->log);
	free(j->recovery);
	free(j->jump);
	free(j->run);
	free(j->ask);
	free(j->message);
	free(j->by_env);
	free(j->open_case);
	free(j);
}

/* Worst first; qsort is not stable, so the place breaks ties. */
static int
finding_cmp(const void *pa, const void *pb)
{
	const struct judge_finding *a = pa, *b = pb;
	enum findings_weight wa = findings_info(a->code)->weight;
	enum findings_weight wb = findings_info(b->code)->weight;
	int c;

	if (wa != wb)
		return (wa > wb ? -1 : 1);
	if (a->code != b->code)
		return (a->code < b->code ? -1 : 1);
	c = strcmp(a->where, b->where);
	return (c != 0 ? c : strcmp(a->detail, b->detail));
}

static void
count(struct judge_tally *t, const struct judge_message *m)
{
	if (m->shown->fields != NULL)
		t->whole++;
	else if (m->shown->some != NULL)
		t->fields++;
	else if (m->shown->outline.p != NULL)
		t->outline++;
	if (m->off_chain)
		return;
	t->all++;
	t->from[m->run->direction]++;
	t->fate[m->fate]++;
	t->logged += m->run->logged;
	t->bounded += m->run->bounds.before_at != 0;
}

enum err
judge_bundle(struct judge **out, const struct bundle *b,
    const struct judge_pin *pin)
{
	return (judge_watched(out, b, pin, NULL));
}

enum err
judge_watched(struct judge **out, const struct bundle *b,
    const struct judge_pin *pin, const struct judge_watch *watch)
{
	struct judge *j = judge_new(b);
	enum err err;
	size_t i;

	*out = NULL;
	if (j == NULL)
		return (ERR_NOMEM);
	j->pair_id = *bundle_pair(b);
	j->watch = watch;
	if ((err = judge_trust(j, pin)) != ERR_OK ||
	    (err = judge_log(j)) != ERR_OK ||
	    (err = judge_statements(j)) != ERR_OK ||
	    (err = judge_runs(j)) != ERR_OK ||
	    (err = judge_chains(j)) != ERR_OK ||
	    (err = judge_receipt(j)) != ERR_OK ||
	    (err = judge_opening(j)) != ERR_OK ||
	    (err = judge_open_cases(j)) != ERR_OK) {
		judge_free(j);
		return (err);
	}
	judge_claims(j);
	if (j->starved) {
		judge_free(j);
		return (ERR_NOMEM);
	}
	for (i = 0; i < j->messages; i++)
		count(&j->tally, &j->message[i]);
	judge_strays(j);
	if (j->messages == 0)
		judge_find(j, FINDINGS_BUNDLE_EMPTY, ERR_OK, "runs", "%s", "");
	qsort(j->finding, j->findings, sizeof(*j->finding), finding_cmp);
	*out = j;
	return (ERR_OK);
}

enum err
judge_damaged(struct judge **out, const struct bundle_fault *fault)
{
	struct judge *j;

	*out = NULL;
	if (fault->err == ERR_NOMEM || (j = judge_new(NULL)) == NULL)
		return (ERR_NOMEM);
	judge_find(j,
	    fault->err == ERR_TRUNCATED ? FINDINGS_BUNDLE_DAMAGED
					: FINDINGS_BUNDLE_FORM,
	    fault->err, fault->member[0] == '\0' ? "zip" : fault->member,
	    "%s", fault->why);
	*out = j;
	return (ERR_OK);
}

enum judge_verdict
judge_verdict(const struct judge *j)
{
	if (j->count[FINDINGS_MISMATCH] > 0)
		return (JUDGE_MISMATCH);
	if (j->count[FINDINGS_BAD] > 0)
		return (JUDGE_FAILED);
	if (j->count[FINDINGS_GAP] > 0)
		return (JUDGE_INCOMPLETE);
	return (JUDGE_VERIFIED);
}

enum err
judge_err(const struct judge *j)
{
	static const enum err errs[] = {
		[JUDGE_VERIFIED] = ERR_OK,
		[JUDGE_INCOMPLETE] = ERR_INCOMPLETE,
		[JUDGE_FAILED] = ERR_VERIFY,
		[JUDGE_MISMATCH] = ERR_PAIRING,
	};

	return (errs[judge_verdict(j)]);
}

size_t
judge_findings(const struct judge *j)
{
	return (j->findings);
}

const struct judge_finding *
judge_finding_at(const struct judge *j, size_t i)
{
	return (&j->finding[i]);
}

size_t
judge_count(const struct judge *j, enum findings_weight weight)
{
	return (j->count[weight]);
}

bool
judge_has(const struct judge *j, enum findings_code code)
{
	size_t i;

	for (i = 0; i < j->findings; i++)
		if (j->finding[i].code == code)
			return (true);
	return (false);
}

const struct keyring *
judge_keyring(const struct judge *j)
{
	return (j->kr);
}

const struct hash *
judge_pair(const struct judge *j)
{
	return (&j->pair_id);
}

bool
judge_pinned(const struct judge *j)
{
	return (j->pinned);
}

size_t
judge_messages(const struct judge *j)
{
	return (j->messages);
}

const struct judge_message *
judge_message_at(const struct judge *j, size_t i)
{
	return (&j->message[i]);
}

const struct judge_tally *
judge_tally(const struct judge *j)
{
	return (&j->tally);
}

const struct judge_channel *
judge_channel(const struct judge *j, uint8_t direction, uint8_t lane)
{
	return (&j->channel[direction][lane]);
}

size_t
judge_logs(const struct judge *j)
{
	return (j->logs);
}

const struct judge_log *
judge_log_at(const struct judge *j, size_t i)
{
	return (&j->log[i]);
}

size_t
judge_receipts(const struct judge *j)
{
	return (j->receipts);
}

size_t
judge_opened(const struct judge *j)
{
	return (j->opened);
}

size_t
judge_cases(const struct judge *j)
{
	return (j->open_cases);
}

const struct judge_case *
judge_case_at(const struct judge *j, size_t i)
{
	return (&j->open_case[i]);
}

const struct bundle *
judge_bundle_of(const struct judge *j)
{
	return (j->b);
}

enum bundle_level
judge_level(const struct judge *j)
{
	return (j->b == NULL ? (enum bundle_level)0 : bundle_level(j->b));
}
