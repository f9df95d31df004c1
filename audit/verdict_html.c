#include <string.h>

#include "audit/content.h"
#include "audit/outline_show.h"
#include "audit/silence.h"
#include "audit/verdict.h"
#include "audit/verdict_html.h"
#include "base/err.h"
#include "base/show.h"
#include "base/text.h"
#include "proto/charter.h"

#define PIECE_MAX 4096

static const char style[] =
    "body{font:11pt/1.45 serif;color:#000;background:#fff;max-width:60em;"
    "margin:2em auto;padding:0 1em}"
    "h1{font-size:1.4em}h2{font-size:1.15em;margin-top:1.6em}"
    ".sentence{font-size:1.2em;border:2px solid #000;padding:.6em}"
    "table{border-collapse:collapse;width:100%;font-size:.85em}"
    "th,td{border:1px solid #444;padding:.25em .4em;text-align:left;"
    "vertical-align:top;overflow-wrap:anywhere}"
    "th{overflow-wrap:normal}thead th{border-bottom:2px solid #000}"
    "tbody td:first-child{white-space:nowrap}"
    "thead{display:table-header-group}"
    "tr{break-inside:avoid}h2,h3{break-after:avoid}"
    ".id{font-family:monospace;overflow-wrap:anywhere}"
    ".wide{white-space:pre-wrap}"
    "@page{size:A4 landscape;margin:1.5cm;"
    "@bottom-right{content:counter(page) \" / \" counter(pages)}}"
    "@media print{body{max-width:none;margin:0}}";

static void
put(struct buf *out, const char *s)
{
	show_html(out, s, strlen(s));
}

static void
put_in(struct buf *out, const char *tag, const char *s)
{
	buf_fmt(out, "<%s>", tag);
	put(out, s);
	buf_fmt(out, "</%s>", tag);
}

static void
put_head(struct buf *out, const char *text)
{
	put_in(out, "h2", text);
	buf_str(out, "\n");
}

static void
put_page_head(const struct judge *j, const char *name, struct buf *out)
{
	struct buf sentence = buf_init(PIECE_MAX);

	verdict_sentence(j, &sentence);
	buf_fmt(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n"
		     "<meta charset=\"utf-8\">\n"
		     "<meta name=\"viewport\" content=\"width=device-width\">\n"
		     "<title>",
	    /* the page's language; translators: your language's tag */
	    _("en"));
	put(out, _("What this evidence proves"));
	buf_fmt(out, "</title>\n<style>%s</style>\n</head>\n<body>\n<main>\n",
	    style);
	put_in(out, "h1", _("What this evidence proves"));
	buf_str(out, "\n<p class=\"sentence\"><strong>");
	put(out, buf_text(&sentence));
	buf_str(out, "</strong></p>\n<p>");
	put(out, _("File: "));
	put(out, name);
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
		put_head(out, _("The pair"));
		buf_str(out, "<p class=\"id\">");
		put(out, hex);
		buf_fmt(out, "</p>\n<p>");
		put(out, judge_pinned(j)
			? _("You named its charter from outside this file.")
			: _("Only this file names its charter; nobody "
			    "outside it does."));
		buf_fmt(out, "</p>\n<table>\n");
		for (; side[0] <= 'b'; side[0]++) {
			buf_str(out, "<tr>");
			buf_fmt(out, "<th scope=\"row\">%s</th>", side);
			put_in(out, "td", c->party[side[0] - 'a'].name);
			buf_str(out, "</tr>\n");
		}
		buf_str(out, "</table>\n");
		put_in(out, "p", _("Below, a and b are these two agencies; a0 "
		    "4 is message 4 on channel 0 of a. Channel 0 carries "
		    "notices, 1 emergencies, 2 files."));
		buf_str(out, "\n");
	}
	verdict_level(j, &level);
	if (level.len > 0) {
		put_in(out, "p", buf_text(&level));
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

	put_head(out, head);
	buf_str(out, "<ul>\n");
	for (i = 0; line(j, i, &text); i++) {
		put_in(out, "li", buf_text(&text));
		buf_str(out, "\n");
		buf_reset(&text);
	}
	if (i == 0)
		put_in(out, "li", _("nothing"));
	buf_str(out, "</ul>\n");
	buf_free(&text);
}

static void
put_finding(const struct judge_finding *f, struct buf *out)
{
	const struct findings_info *info = findings_info(f->code);

	buf_str(out, "<tr>");
	put_in(out, "td", info->name);
	buf_str(out, "<td>");
	put(out, f->where);
	if (f->detail[0] != '\0') {
		buf_str(out, " (");
		put(out, f->detail);
		buf_str(out, ")");
	}
	buf_str(out, "</td>");
	put_in(out, "td", _(info->text));
	put_in(out, "td", _(info->next));
	buf_str(out, "</tr>\n");
}

static void
put_heads(struct buf *out, const char *const *heads, size_t n)
{
	size_t i;

	buf_str(out, "<table>\n<thead><tr>");
	for (i = 0; i < n; i++) {
		buf_str(out, "<th scope=\"col\">");
		put(out, heads[i]);
		buf_str(out, "</th>");
	}
	buf_str(out, "</tr></thead>\n<tbody>\n");
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
	put_head(out, head);
	put_heads(out, heads, 4);
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
	put_head(out, _("Who told whom what when"));
	put_in(out, "p",
	    _("Only a witness bounds time (not before, not after); other "
	      "times are claims of those who signed."));
	for (c = 0; c < OUTLINE_SHOW_COLUMNS; c++)
		heads[c] = outline_show_head(c);
	put_heads(out, heads, OUTLINE_SHOW_COLUMNS);
	for (i = 0; i < outline_rows(o); i++) {
		buf_str(out, "<tr>");
		for (c = 0; c < OUTLINE_SHOW_COLUMNS; c++) {
			buf_reset(&cell);
			outline_show_cell(outline_row_at(o, i), c, &cell);
			put_in(out, "td", buf_text(&cell));
		}
		buf_str(out, "</tr>\n");
		buf_spill(out);
	}
	buf_str(out, "</tbody></table>\n");
	for (i = 0; i < outline_silences(o); i++) {
		buf_reset(&cell);
		outline_show_silence(outline_silence_at(o, i), &cell);
		put_in(out, "p", buf_text(&cell));
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
		put_head(out, _("What heartbeats say of open cases"));
	for (i = 0; i < judge_cases(j) && i < SILENCE_SHOWN_MAX; i++) {
		buf_reset(&text);
		silence_read(&s, j, o, i);
		silence_show(&s, &text);
		put_in(out, "p", buf_text(&text));
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
	put(out, text);
}

static void
put_row(void *ctx, const char *name, const char *text)
{
	struct buf *out = ctx;

	buf_str(out, "<tr><th scope=\"row\">");
	put(out, name);
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
			put_head(out, _("What the opened messages say"));
		any = true;
		buf_reset(&place);
		outline_show_cell(row, OUTLINE_SHOW_COLUMNS - 1, &place);
		put_in(out, "h3", buf_text(&place));
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
		put_head(out, _("What is missing"));
		put_in(out, "p", _("Nothing that this file refers to."));
		buf_str(out, "\n");
	}
	put_findings(j, FINDINGS_GAP, _("What is missing"), out);
	put_findings(j, FINDINGS_NOTE, _("Notes"), out);
	if (verdict_claim(j, 0, &probe))
		put_lines(j, verdict_claims_head(), out, verdict_claim);
	buf_free(&probe);
	put_messages(o, out);
	put_contents(o, out);
	buf_str(out, "</main>\n</body>\n</html>\n");
	outline_free(o);
	return (out->err);
}
