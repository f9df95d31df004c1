#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/page.h"
#include "audit/review.h"
#include "audit/review_words.h"
#include "audit/verdict.h"
#include "base/clock.h"
#include "base/text.h"

#define PIECE_MAX 4096
#define CELL_BYTES 64
#define BAR_WIDTH 520
#define BAR_HEIGHT 22
#define MS_HOUR 3600000u
#define MS_DAY 86400000u

static const char style[] =
    "svg{display:block;max-width:100%}svg text{font:10pt serif;fill:#000}"
    ".bar{margin:.2em 0 .8em;break-inside:avoid}.n{text-align:right}";

/* What a bar is made of; told apart by pattern and by its label. */
enum part {
	IN_TIME,
	LATE,
	IN_DOUBT,
	REST,
	PARTS,
};
static const char *const fills[PARTS] = { "#555", "url(#late)",
	"url(#doubt)", "#fff" };

static const char defs[] =
    "<svg width=\"0\" height=\"0\" aria-hidden=\"true\"><defs>"
    "<pattern id=\"late\" width=\"6\" height=\"6\" "
    "patternUnits=\"userSpaceOnUse\"><rect width=\"6\" height=\"6\" "
    "fill=\"#fff\"/><path d=\"M0 6L6 0\" stroke=\"#000\" "
    "stroke-width=\"2\"/></pattern>"
    "<pattern id=\"doubt\" width=\"6\" height=\"6\" "
    "patternUnits=\"userSpaceOnUse\"><rect width=\"6\" height=\"6\" "
    "fill=\"#fff\"/><circle cx=\"3\" cy=\"3\" r=\"1.3\" fill=\"#000\"/>"
    "</pattern></defs></svg>\n";

static const char *
part_text(enum part part)
{
	static const char *const names[PARTS] = { N_("in time"), N_("late"),
		N_("in doubt"), N_("other") };

	return (_(names[part]));
}

static enum part
part_of(unsigned verdict)
{
	switch (verdict) {
	case CLOCKS_MET:
		return (IN_TIME);
	case CLOCKS_LATE:
	case CLOCKS_OVERDUE:
		return (LATE);
	case CLOCKS_IN_DOUBT:
		return (IN_DOUBT);
	default:
		return (REST);
	}
}

/* A party's clocks of one group, by part; returns their sum. */
static size_t
count_parts(const struct ledger *l, unsigned party, unsigned group,
    size_t parts[PARTS])
{
	size_t sum = 0, n;
	unsigned w;

	memset(parts, 0, PARTS * sizeof(*parts));
	for (w = 0; w <= CLOCKS_VERDICTS; w++) {
		n = ledger_count(l, party, group, w, NULL);
		parts[part_of(w)] += n;
		sum += n;
	}
	return (sum);
}

/* "Agency B, Result: in time 3, late 1" */
static void
put_label(struct buf *out, const struct review *r, unsigned party,
    unsigned group, const size_t parts[PARTS])
{
	unsigned i;
	bool first = true;

	page_put(out, review_party(r, party));
	buf_str(out, ", ");
	page_put(out, review_words_text(ledger_group(group)->name));
	for (i = 0; i < PARTS; i++) {
		if (parts[i] == 0)
			continue;
		buf_str(out, first ? ": " : ", ");
		page_put(out, part_text((enum part)i));
		buf_fmt(out, " %zu", parts[i]);
		first = false;
	}
}

static void
put_bar(struct buf *out, const struct review *r, unsigned party,
    unsigned group)
{
	size_t parts[PARTS], before = 0, x, width;
	size_t sum = count_parts(&r->d->ledger, party, group, parts);
	unsigned i;

	if (sum == 0)
		return;
	buf_str(out, "<div class=\"bar\">");
	put_label(out, r, party, group, parts);
	buf_fmt(out, "<svg viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
		     "role=\"img\"><title>",
	    BAR_WIDTH, BAR_HEIGHT, BAR_WIDTH, BAR_HEIGHT);
	put_label(out, r, party, group, parts);
	buf_str(out, "</title>");
	for (i = 0; i < PARTS; i++) {
		x = before * BAR_WIDTH / sum;
		before += parts[i];
		width = before * BAR_WIDTH / sum - x;
		if (parts[i] > 0)
			buf_fmt(out, "<rect x=\"%zu\" y=\"1\" width=\"%zu\" "
				     "height=\"%d\" fill=\"%s\" "
				     "stroke=\"#000\"/>",
			    x, width, BAR_HEIGHT - 2, fills[i]);
	}
	buf_str(out, "</svg></div>\n");
}

static void
put_legend(struct buf *out)
{
	unsigned i;

	buf_str(out, "<p>");
	for (i = 0; i < PARTS; i++) {
		buf_fmt(out, "<svg style=\"display:inline-block\" "
			     "width=\"30\" height=\"14\" aria-hidden=\"true\">"
			     "<rect x=\"1\" y=\"1\" width=\"28\" "
			     "height=\"12\" fill=\"%s\" stroke=\"#000\"/>"
			     "</svg> ",
		    fills[i]);
		page_put(out, part_text((enum part)i));
		buf_str(out, i + 1 < PARTS ? ", " : "</p>\n");
	}
	page_in(out, "p", _("Late includes overdue; other is what runs, "
	    "waits, lapsed, is no longer owed, was not taken in, or is not "
	    "from outlines. The table has each."));
}

static void
put_bars(struct buf *out, const struct review *r)
{
	unsigned group, party;

	page_head(out, _("In time, late, in doubt"));
	buf_str(out, defs);
	put_legend(out);
	for (group = ledger_clock(CLOCKS_ACK, 0);
	     ledger_group(group) != NULL; group++)
		for (party = 0; party < LEDGER_PARTIES; party++)
			put_bar(out, r, party, group);
}

static void
put_number(struct buf *out, size_t n)
{
	buf_fmt(out, "<td class=\"n\">%zu</td>", n);
}

static void
put_counts(struct buf *out, const struct review *r)
{
	const char *const heads[] = { _("what"), "", review_party(r, 0),
		review_party(r, 1) };
	const struct ledger_group *g;
	size_t a, b;
	unsigned i, w;

	page_head(out, _("Both sides, by the same rules"));
	page_table(out, heads, 4);
	for (i = 0; (g = ledger_group(i)) != NULL; i++)
		for (w = 0; w < LEDGER_WORDS_MAX && g->word[w] != NULL; w++) {
			a = ledger_count(&r->d->ledger, 0, i, w, NULL);
			b = ledger_count(&r->d->ledger, 1, i, w, NULL);
			if (a + b == 0)
				continue;
			buf_str(out, "<tr>");
			page_in(out, "td", review_words_text(g->name));
			page_in(out, "td", review_words_text(g->word[w]));
			put_number(out, a);
			put_number(out, b);
			buf_str(out, "</tr>\n");
		}
	buf_str(out, "</tbody></table>\n");
}

/* "3 d 4 h" or "2 h 10 min 5 s"; "?" where nothing bounds it. */
static void
put_length(struct buf *out, uint64_t ms)
{
	char text[CELL_BYTES];
	uint64_t s = ms / 1000;

	if (ms == LEDGER_UNBOUNDED) {
		page_put(out, _("not bounded"));
		return;
	}
	if (ms >= MS_DAY)
		snprintf(text, sizeof(text), "%" PRIu64 " d %" PRIu64 " h",
		    ms / MS_DAY, ms % MS_DAY / MS_HOUR);
	else
		snprintf(text, sizeof(text),
		    "%" PRIu64 " h %" PRIu64 " min %" PRIu64 " s", s / 3600,
		    s / 60 % 60, s % 60);
	page_put(out, text);
}

static void
put_span(struct buf *out, uint64_t lo, uint64_t hi)
{
	buf_str(out, "<td>");
	put_length(out, lo);
	page_put(out, " – ");
	put_length(out, hi);
	buf_str(out, "</td>");
}

static void
put_times(struct buf *out, const struct review *r)
{
	const char *const heads[] = { _("time to"), _("owed by"),
		_("answers"), _("median"), _("90th percentile") };
	const struct ledger_times *t;
	unsigned i, p;

	page_head(out, _("How long answers took"));
	page_in(out, "p", _("Each as the shortest and the longest time that "
	    "the evidence allows."));
	page_table(out, heads, 5);
	for (i = 0; i < LEDGER_TIMES; i++)
		for (p = 0; p < LEDGER_PARTIES; p++) {
			t = &r->d->ledger.times[p][i];
			if (t->n == 0)
				continue;
			buf_str(out, "<tr>");
			page_in(out, "td", review_words_text(
			    dossier_time_name((enum ledger_time)i)));
			page_in(out, "td", review_party(r, p));
			put_number(out, t->n);
			put_span(out, t->median_lo, t->median_hi);
			put_span(out, t->p90_lo, t->p90_hi);
			buf_str(out, "</tr>\n");
		}
	buf_str(out, "</tbody></table>\n");
}

static void
put_open(struct buf *out, const struct review *r,
    const struct ledger_open *o)
{
	char hex[2 * ID_BYTES + 1], at[CLOCK_TEXT_BYTES], urgency[] = "U0";

	hex_encode(hex, o->case_id.b, ID_BYTES);
	urgency[1] = (char)('0' + o->urgency);
	buf_str(out, "<tr><td class=\"id\">");
	page_put(out, hex);
	buf_str(out, "</td>");
	page_in(out, "td", review_party(r, o->party));
	page_in(out, "td", urgency);
	page_in(out, "td", casefile_state_name((enum case_state)o->state));
	page_in(out, "td", o->phase == OUTCOME_NONE ? "-" :
	    notice_outcome_name((enum notice_outcome)o->phase));
	page_in(out, "td", clock_format(at, (int64_t)o->since_at));
	buf_str(out, "<td>");
	put_length(out, r->d->ledger.as_of_at - o->since_at);
	buf_str(out, "</td></tr>\n");
}

static void
put_opens(struct buf *out, const struct review *r)
{
	const char *const heads[] = { _("case"), _("waits for"),
		_("urgency"), _("state"), _("last phase"), _("since"),
		_("age") };
	size_t i;

	page_head(out, _("Open cases"));
	if (r->d->ledger.opens == 0) {
		page_in(out, "p", _("None."));
		return;
	}
	page_table(out, heads, 7);
	for (i = 0; i < r->d->ledger.opens; i++) {
		put_open(out, r, &r->d->ledger.open[i]);
		buf_spill(out);
	}
	buf_str(out, "</tbody></table>\n");
}

enum err
review_html(const struct review *r, const char *name, struct buf *out)
{
	struct buf text = buf_init(PIECE_MAX);
	char hex[2 * HASH_BYTES + 1];
	enum err err;

	verdict_sentence(r->j, &text);
	page_begin(out, _("Review of a period"), style);
	buf_str(out, "\n<p class=\"sentence\"><strong>");
	page_put(out, buf_text(&text));
	buf_str(out, "</strong></p>\n<p>");
	page_put(out, _("File: "));
	page_put(out, name);
	buf_str(out, "</p>\n");
	buf_reset(&text);
	review_notes(r, &text);
	page_in(out, "p", buf_text(&text));
	hex_encode(hex, r->digest.b, HASH_BYTES);
	buf_str(out, "\n<p class=\"id\">");
	page_put(out, _("Digest of the dossier: "));
	page_put(out, hex);
	buf_str(out, "</p>\n");
	put_bars(out, r);
	put_counts(out, r);
	put_times(out, r);
	put_opens(out, r);
	page_end(out);
	err = text.err;
	buf_free(&text);
	return (err != ERR_OK ? err : out->err);
}
