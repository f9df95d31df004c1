#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/review.h"
#include "audit/verdict.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/show.h"
#include "base/text.h"
#include "proto/charter.h"
#include "proto/notice.h"

#define PIECE_MAX 4096
#define SHORT_BYTES 4		/* of an id, shown as 8 digits */
#define NUMBER_BYTES 24

static const char *const letters[LEDGER_PARTIES] = { "a", "b" };

const char *
review_party(const struct review *r, unsigned party)
{
	const struct charter *c = keyring_pair_charter(judge_keyring(r->j),
	    judge_pair(r->j), KEYRING_NEWEST);

	return (c != NULL ? c->party[party].name : letters[party]);
}

static const char *
at_text(char text[CLOCK_TEXT_BYTES], uint64_t at)
{
	return (clock_format(text, (int64_t)at));
}

static bool
any_closed(const struct ledger *l)
{
	size_t i;

	for (i = 0; i < l->entries; i++)
		if (ledger_word(l->entry[i].group, "closed") ==
		    l->entry[i].word)
			return (true);
	return (false);
}

void
review_notes(const struct review *r, struct buf *out)
{
	const struct ledger *l = &r->d->ledger;
	char from[CLOCK_TEXT_BYTES], until[CLOCK_TEXT_BYTES];
	char as_of[CLOCK_TEXT_BYTES];

	buf_fmt(out, _("Period from %s until %s, as of %s."),
	    at_text(from, l->from_at), at_text(until, l->until_at),
	    at_text(as_of, l->as_of_at));
	if (judge_err(r->j) != ERR_OK)
		buf_fmt(out, " %s", _("The file did not verify as a whole: "
		    "these figures are marked so, and are not proven."));
	if (r->hidden > 0) {
		buf_str(out, " ");
		buf_fmt(out, _("%zu messages are not open here, not even "
			       "their outlines: these figures are a part."),
		    r->hidden);
	}
	if (any_closed(l))
		buf_fmt(out, " %s", _("\"closed\" counts what outlines alone "
		    "do not tell: it needs bodies that are not open."));
}

/* ---- text ---- */

static void
put_counts(const struct review *r, FILE *f)
{
	const char *const heads[] = { _("FIGURE"), "", letters[0],
		letters[1] };
	struct show_table *t = show_table_new(heads, 4);
	const struct ledger_group *g;
	size_t a, b;
	unsigned i, w;

	for (i = 0; (g = ledger_group(i)) != NULL; i++)
		for (w = 0; w < LEDGER_WORDS_MAX && g->word[w] != NULL; w++) {
			a = ledger_count(&r->d->ledger, 0, i, w, NULL);
			b = ledger_count(&r->d->ledger, 1, i, w, NULL);
			if (a + b == 0)
				continue;
			show_cell(t, "%s", g->name);
			show_cell(t, "%s", g->word[w]);
			show_cell(t, "%zu", a);
			show_cell(t, "%zu", b);
		}
	show_table_print(t, f);
	show_table_free(&t);
}

/* Seconds, the nearest below and above: "12 - 15 s", "12 - ? s". */
static void
show_span(struct show_table *t, uint64_t lo, uint64_t hi)
{
	if (hi == LEDGER_UNBOUNDED)
		show_cell(t, "%" PRIu64 " - ? s", lo / 1000);
	else
		show_cell(t, "%" PRIu64 " - %" PRIu64 " s", lo / 1000,
		    (hi + 999) / 1000);
}

static void
put_times(const struct review *r, FILE *f)
{
	const char *const heads[] = { _("TIME TO"), _("OWED BY"),
		_("ANSWERS"), _("MEDIAN"), _("90TH PERCENTILE") };
	struct show_table *t = show_table_new(heads, 5);
	const struct ledger_times *times;
	unsigned p, i;

	for (i = 0; i < LEDGER_TIMES; i++)
		for (p = 0; p < LEDGER_PARTIES; p++) {
			times = &r->d->ledger.times[p][i];
			if (times->n == 0)
				continue;
			show_cell(t, "%s",
			    dossier_time_name((enum ledger_time)i));
			show_cell(t, "%s", letters[p]);
			show_cell(t, "%zu", times->n);
			show_span(t, times->median_lo, times->median_hi);
			show_span(t, times->p90_lo, times->p90_hi);
		}
	show_table_print(t, f);
	show_table_free(&t);
}

static void
put_opens(const struct review *r, FILE *f)
{
	const char *const heads[] = { _("OPEN CASE"), _("WAITS FOR"),
		_("URGENCY"), _("STATE"), _("LAST PHASE"), _("SINCE") };
	struct show_table *t = show_table_new(heads, 6);
	const struct ledger *l = &r->d->ledger;
	char hex[2 * SHORT_BYTES + 1], since[CLOCK_TEXT_BYTES];
	const struct ledger_open *o;
	size_t i;

	for (i = 0; i < l->opens; i++) {
		o = &l->open[i];
		hex_encode(hex, o->case_id.b, SHORT_BYTES);
		show_cell(t, "%s", hex);
		show_cell(t, "%s", letters[o->party]);
		show_cell(t, "U%u", o->urgency);
		show_cell(t, "%s",
		    casefile_state_name((enum case_state)o->state));
		show_cell(t, "%s", o->phase == OUTCOME_NONE ? "-" :
		    notice_outcome_name((enum notice_outcome)o->phase));
		show_cell(t, "%s", at_text(since, o->since_at));
	}
	show_table_print(t, f);
	show_table_free(&t);
}

enum err
review_text(const struct review *r, FILE *f)
{
	struct buf out = buf_init(PIECE_MAX);
	const char *name;
	unsigned p;
	enum err err;

	verdict_sentence(r->j, &out);
	buf_str(&out, "\n");
	for (p = 0; p < LEDGER_PARTIES; p++) {
		name = review_party(r, p);
		buf_fmt(&out, "  %s: ", letters[p]);
		show_text(&out, name, strlen(name));
		buf_str(&out, "\n");
	}
	review_notes(r, &out);
	err = out.err;
	fprintf(f, "%s\n\n", buf_text(&out));
	buf_free(&out);
	put_counts(r, f);
	fputs("\n", f);
	put_times(r, f);
	if (r->d->ledger.opens > 0) {
		fputs("\n", f);
		put_opens(r, f);
	}
	return (err == ERR_OK && ferror(f) ? ERR_IO : err);
}

/* ---- CSV ---- */

static void
csv_cell(struct buf *out, const char *text)
{
	if (out->len > 0 && out->p[out->len - 1] != '\n')
		buf_str(out, ",");
	show_csv(out, text);
}

static void
csv_row(struct buf *out, const struct review *r, unsigned party,
    const char *figure, const char *word, const char *value)
{
	csv_cell(out, letters[party]);
	csv_cell(out, review_party(r, party));
	csv_cell(out, figure);
	csv_cell(out, word);
	csv_cell(out, value);
	buf_str(out, "\r\n");
}

static void
csv_ms(struct buf *out, const struct review *r, unsigned party,
    const char *what, const char *word, uint64_t ms)
{
	char figure[64], value[NUMBER_BYTES] = "";

	snprintf(figure, sizeof(figure), "time_to_%s", what);
	if (ms != LEDGER_UNBOUNDED)
		snprintf(value, sizeof(value), "%" PRIu64, ms);
	csv_row(out, r, party, figure, word, value);
}

static void
csv_party(struct buf *out, const struct review *r, unsigned p)
{
	const struct ledger_times *times;
	const struct ledger_group *g;
	char value[NUMBER_BYTES];
	const char *what;
	unsigned i, w;

	for (i = 0; (g = ledger_group(i)) != NULL; i++)
		for (w = 0; w < LEDGER_WORDS_MAX && g->word[w] != NULL; w++) {
			snprintf(value, sizeof(value), "%zu",
			    ledger_count(&r->d->ledger, p, i, w, NULL));
			csv_row(out, r, p, g->name, g->word[w], value);
		}
	for (i = 0; i < LEDGER_TIMES; i++) {
		times = &r->d->ledger.times[p][i];
		if (times->n == 0)
			continue;
		what = dossier_time_name((enum ledger_time)i);
		csv_ms(out, r, p, what, "median_lo_ms", times->median_lo);
		csv_ms(out, r, p, what, "median_hi_ms", times->median_hi);
		csv_ms(out, r, p, what, "p90_lo_ms", times->p90_lo);
		csv_ms(out, r, p, what, "p90_hi_ms", times->p90_hi);
	}
}

enum err
review_csv(const struct review *r, struct buf *out)
{
	unsigned p;

	buf_str(out, "\"party\",\"name\",\"figure\",\"word\",\"value\"\r\n");
	for (p = 0; p < LEDGER_PARTIES; p++)
		csv_party(out, r, p);
	return (out->err);
}

/* ---- JSON ---- */

static struct json *
counter_json(const struct review *r, unsigned p, unsigned group, unsigned w)
{
	const struct ledger_entry *e;
	size_t n = ledger_count(&r->d->ledger, p, group, w, &e);
	struct json *o = json_new_obj(), *ids = json_new_arr();
	char hex[2 * HASH_BYTES + 1];

	json_put_str(o, "party", letters[p]);
	json_put_str(o, "figure", ledger_group(group)->name);
	json_put_str(o, "word", ledger_group(group)->word[w]);
	json_put_int(o, "count", (int64_t)n);
	for (; n > 0; n--, e++) {
		hex_encode(hex, e->env_id.b, HASH_BYTES);
		json_add_str(ids, hex);
	}
	json_put(o, "messages", &ids);
	return (o);
}

static void
put_ms(struct json *o, const char *key, uint64_t ms)
{
	if (ms == LEDGER_UNBOUNDED)
		json_put_null(o, key);
	else
		json_put_int(o, key, (int64_t)ms);
}

static struct json *
times_json(const struct review *r)
{
	struct json *arr = json_new_arr(), *o;
	const struct ledger_times *t;
	unsigned p, i;

	for (p = 0; p < LEDGER_PARTIES; p++)
		for (i = 0; i < LEDGER_TIMES; i++) {
			t = &r->d->ledger.times[p][i];
			if (t->n == 0)
				continue;
			o = json_new_obj();
			json_put_str(o, "party", letters[p]);
			json_put_str(o, "to",
			    dossier_time_name((enum ledger_time)i));
			json_put_int(o, "answers", (int64_t)t->n);
			put_ms(o, "median_lo_ms", t->median_lo);
			put_ms(o, "median_hi_ms", t->median_hi);
			put_ms(o, "p90_lo_ms", t->p90_lo);
			put_ms(o, "p90_hi_ms", t->p90_hi);
			json_add(arr, &o);
		}
	return (arr);
}

static struct json *
opens_json(const struct ledger *l)
{
	struct json *arr = json_new_arr(), *o;
	const struct ledger_open *open;
	size_t i;

	for (i = 0; i < l->opens; i++) {
		open = &l->open[i];
		o = json_new_obj();
		json_put_hex(o, "case_id", open->case_id.b, ID_BYTES);
		json_put_hex(o, "request", open->env_id.b, HASH_BYTES);
		json_put_str(o, "waits_for", letters[open->party]);
		json_put_int(o, "urgency", open->urgency);
		json_put_str(o, "state",
		    casefile_state_name((enum case_state)open->state));
		json_put_str(o, "phase", notice_outcome_name(
		    (enum notice_outcome)open->phase));
		json_put_time(o, "since", (int64_t)open->since_at);
		json_put_int(o, "age_ms",
		    (int64_t)(l->as_of_at - open->since_at));
		json_add(arr, &o);
	}
	return (arr);
}

static struct json *
head_json(const struct review *r)
{
	const struct ledger *l = &r->d->ledger;
	struct buf text = buf_init(PIECE_MAX);
	struct json *o = json_new_obj(), *parties = json_new_obj(), *v;
	unsigned p;

	json_put_str(o, "verdict", verdict_name(judge_verdict(r->j)));
	json_put_int(o, "exit", err_exit(judge_err(r->j) != ERR_OK ||
	    r->hidden == 0 ? judge_err(r->j) : ERR_INCOMPLETE));
	verdict_sentence(r->j, &text);
	json_put_str(o, "sentence", buf_text(&text));
	buf_reset(&text);
	review_notes(r, &text);
	json_put_str(o, "notes", buf_text(&text));
	buf_free(&text);
	json_put_hex(o, "pair", r->d->pair_id.b, HASH_BYTES);
	for (p = 0; p < LEDGER_PARTIES; p++)
		json_put_str(parties, letters[p], review_party(r, p));
	json_put(o, "parties", &parties);
	json_put_time(o, "from", (int64_t)l->from_at);
	json_put_time(o, "until", (int64_t)l->until_at);
	json_put_time(o, "as_of", (int64_t)l->as_of_at);
	json_put_hex(o, "digest", r->digest.b, HASH_BYTES);
	json_put_int(o, "hidden", (int64_t)r->hidden);
	v = times_json(r);
	json_put(o, "times", &v);
	v = opens_json(l);
	json_put(o, "open", &v);
	return (o);
}

enum err
review_json(const struct review *r, struct buf *out)
{
	struct json *o = head_json(r), *one;
	const struct ledger_group *g;
	unsigned p, i, w;
	size_t n = 0;

	json_open(o, "counters", out);
	json_free(&o);
	for (p = 0; p < LEDGER_PARTIES; p++)
		for (i = 0; (g = ledger_group(i)) != NULL; i++)
			for (w = 0; w < LEDGER_WORDS_MAX &&
			     g->word[w] != NULL; w++) {
				if (ledger_count(&r->d->ledger, p, i, w,
				    NULL) == 0)
					continue;
				one = counter_json(r, p, i, w);
				json_item(n++, &one, out);
			}
	json_close(n, out);
	return (out->err);
}
