#include <string.h>

#include "audit/content.h"
#include "audit/outline_show.h"
#include "audit/page.h"
#include "audit/silence.h"
#include "audit/verdict.h"
#include "audit/verdict_html.h"
#include "base/err.h"
#include "base/show.h"
#include "base/text.h"
#include "proto/charter.h"

#define PIECE_MAX 4096

static void
put_page_head(const struct judge *j, const char *name, struct buf *out)
{
	struct buf sentence = buf_init(PIECE_MAX);

	verdict_sentence(j, &sentence);
	page_begin(out, _("What this evidence proves"), "");
	buf_str(out, "\n<p class=\"sentence\"><strong>");
	page_put(out, buf_text(&sentence));
	buf_str(out, "</strong></p>\n<p>");
	page_put(out, _("File: "));
	page_put(out, name);
	buf_str(out, "</p>\n");
	buf_free(&sentence);
}

static void
put_pair(const struct judge *j, struct buf *out)
{
	const struct charter *c = keyring_pair_charter(judge_keyring(j),
	    judge_pair(j), KEYRING_NEWEST);
	char hex[2 * HASH_BYTES + 1], side[] = "a";
	struct buf level = buf_init(PIECE_MAX);

	if (c != NULL) {
		hex_encode(hex, judge_pair(j)->b, HASH_BYTES);
		page_head(out, _("The pair"));
		buf_str(out, "<p class=\"id\">");
		page_put(out, hex);
		buf_fmt(out, "</p>\n<p>");
		page_put(out, judge_pinned(j)
			? _("You named its charter from outside this file.")
			: _("Only this file names its charter; nobody "
			    "outside it does."));
		buf_fmt(out, "</p>\n<table>\n");
		for (; side[0] <= 'b'; side[0]++) {
			buf_str(out, "<tr>");
			buf_fmt(out, "<th scope=\"row\">%s</th>", side);
			page_in(out, "td", c->party[side[0] - 'a'].name);
			buf_str(out, "</tr>\n");
		}
		buf_str(out, "</table>\n");
		page_in(out, "p", _("Below, a and b are these two agencies; a0 "
		    "4 is message 4 on channel 0 of a. Channel 0 carries "
		    "notices, 1 emergencies, 2 files."));
		buf_str(out, "\n");
	}
	verdict_level(j, &level);
	if (level.len > 0) {
		page_in(out, "p", buf_text(&level));
		buf_str(out, "\n");
	}
	buf_free(&level);
}

static void
put_lines(const struct judge *j, const char *head, struct buf *out,
    bool (*line)(const struct judge *, unsigned, struct buf *))
{
	struct buf text = buf_init(PIECE_MAX);
	unsigned i;

	page_head(out, head);
	buf_str(out, "<ul>\n");
	for (i = 0; line(j, i, &text); i++) {
		page_in(out, "li", buf_text(&text));
		buf_str(out, "\n");
		buf_reset(&text);
	}
	if (i == 0)
		page_in(out, "li", _("nothing"));
	buf_str(out, "</ul>\n");
	buf_free(&text);
}

static void
put_finding(const struct judge_finding *f, struct buf *out)
{
	const struct findings_info *info = findings_info(f->code);

	buf_str(out, "<tr>");
	page_in(out, "td", info->name);
	buf_str(out, "<td>");
	page_put(out, f->where);
	if (f->detail[0] != '\0') {
		buf_str(out, " (");
		page_put(out, f->detail);
		buf_str(out, ")");
	}
	buf_str(out, "</td>");
	page_in(out, "td", _(info->text));
	page_in(out, "td", _(info->next));
	buf_str(out, "</tr>\n");
}

static void
put_findings(const struct judge *j, enum findings_weight weight,
    const char *head, struct buf *out)
{
	const char *const heads[] = { _("finding"), _("where"),
		_("what it means"), _("what to do") };
	size_t i, kept = 0;

	if (judge_count(j, weight) == 0)
		return;
	page_head(out, head);
	page_table(out, heads, 4);
	for (i = 0; i < judge_findings(j); i++)
		if (findings_info(judge_finding_at(j, i)->code)->weight ==
		    weight) {
			put_finding(judge_finding_at(j, i), out);
			kept++;
		}
	buf_str(out, "</tbody></table>\n");
	if (kept < judge_count(j, weight))
		buf_fmt(out, _("  and %zu more\n"),
		    judge_count(j, weight) - kept);
}

static void
put_messages(const struct outline *o, struct buf *out)
{
	const char *heads[OUTLINE_SHOW_COLUMNS];
	struct buf cell = buf_init(PIECE_MAX);
	unsigned c;
	size_t i;

	if (outline_rows(o) == 0)
		return;
	page_head(out, _("Who told whom what when"));
	page_in(out, "p",
	    _("Only a witness bounds time (not before, not after); other "
	      "times are claims of those who signed."));
	for (c = 0; c < OUTLINE_SHOW_COLUMNS; c++)
		heads[c] = outline_show_head(c);
	page_table(out, heads, OUTLINE_SHOW_COLUMNS);
	for (i = 0; i < outline_rows(o); i++) {
		buf_str(out, "<tr>");
		for (c = 0; c < OUTLINE_SHOW_COLUMNS; c++) {
			buf_reset(&cell);
			outline_show_cell(outline_row_at(o, i), c, &cell);
			page_in(out, "td", buf_text(&cell));
		}
		buf_str(out, "</tr>\n");
		buf_spill(out);
	}
	buf_str(out, "</tbody></table>\n");
	for (i = 0; i < outline_silences(o); i++) {
		buf_reset(&cell);
		outline_show_silence(outline_silence_at(o, i), &cell);
		page_in(out, "p", buf_text(&cell));
		buf_str(out, "\n");
	}
	buf_free(&cell);
}

static void
put_cases(const struct judge *j, const struct outline *o, struct buf *out)
{
	struct buf text = buf_init(PIECE_MAX);
	struct silence s;
	size_t i;

	if (judge_cases(j) > 0)
		page_head(out, _("What heartbeats say of open cases"));
	for (i = 0; i < judge_cases(j) && i < SILENCE_SHOWN_MAX; i++) {
		buf_reset(&text);
		silence_read(&s, j, o, i);
		silence_show(&s, &text);
		page_in(out, "p", buf_text(&text));
		buf_str(out, "\n");
	}
	buf_free(&text);
}

/* Breaks stay breaks, all else becomes visible. */
static void
put_said(struct buf *out, const char *text)
{
	const char *end;

	for (; (end = strchr(text, '\n')) != NULL; text = end + 1) {
		show_html(out, text, (size_t)(end - text));
		buf_str(out, "<br>");
	}
	page_put(out, text);
}

static void
put_row(void *ctx, const char *name, const char *text)
{
	struct buf *out = ctx;

	buf_str(out, "<tr><th scope=\"row\">");
	page_put(out, name);
	buf_str(out, "</th><td class=\"wide\">");
	put_said(out, text);
	buf_str(out, "</td></tr>\n");
}

static void
put_contents(const struct outline *o, struct buf *out)
{
	struct buf place = buf_init(PIECE_MAX);
	const struct outline_row *row;
	bool any = false;
	size_t i;

	for (i = 0; i < outline_rows(o); i++) {
		row = outline_row_at(o, i);
		if (row->m->shown->fields == NULL &&
		    row->m->shown->some == NULL)
			continue;
		if (!any)
			page_head(out, _("What the opened messages say"));
		any = true;
		buf_reset(&place);
		outline_show_cell(row, OUTLINE_SHOW_COLUMNS - 1, &place);
		page_in(out, "h3", buf_text(&place));
		buf_str(out, "\n<table>\n");
		content_each(row->m, put_row, out);
		buf_str(out, "</table>\n");
		buf_spill(out);
	}
	buf_free(&place);
}

enum err
verdict_html(const struct judge *j, const char *name, struct buf *out)
{
	struct buf probe = buf_init(PIECE_MAX);
	struct outline *o = outline_new(j);

	if (o == NULL)
		return (ERR_NOMEM);
	put_page_head(j, name, out);
	put_pair(j, out);
	put_findings(j, FINDINGS_MISMATCH, _("What does not match"), out);
	put_findings(j, FINDINGS_BAD, _("What is wrong"), out);
	put_lines(j, _("What is proven"), out, verdict_proven);
	put_cases(j, o, out);
	put_lines(j, _("What is not proven"), out, verdict_unproven);
	if (judge_count(j, FINDINGS_GAP) == 0 && judge_level(j) != 0) {
		page_head(out, _("What is missing"));
		page_in(out, "p", _("Nothing that this file refers to."));
		buf_str(out, "\n");
	}
	put_findings(j, FINDINGS_GAP, _("What is missing"), out);
	put_findings(j, FINDINGS_NOTE, _("Notes"), out);
	if (verdict_claim(j, 0, &probe))
		put_lines(j, verdict_claims_head(), out, verdict_claim);
	buf_free(&probe);
	put_messages(o, out);
	put_contents(o, out);
	page_end(out);
	outline_free(o);
	return (out->err);
}
