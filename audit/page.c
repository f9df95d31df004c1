#include "audit/page.h"

#include <string.h>

#include "base/show.h"
#include "base/text.h"

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

void
page_put(struct buf *out, const char *s)
{
	show_html(out, s, strlen(s));
}

void
page_in(struct buf *out, const char *tag, const char *s)
{
	buf_fmt(out, "<%s>", tag);
	page_put(out, s);
	buf_fmt(out, "</%s>", tag);
}

void
page_head(struct buf *out, const char *text)
{
	page_in(out, "h2", text);
	buf_str(out, "\n");
}

void
page_table(struct buf *out, const char *const *heads, size_t n)
{
	size_t i;

	buf_str(out, "<table>\n<thead><tr>");
	for (i = 0; i < n; i++) {
		buf_str(out, "<th scope=\"col\">");
		page_put(out, heads[i]);
		buf_str(out, "</th>");
	}
	buf_str(out, "</tr></thead>\n<tbody>\n");
}

void
page_begin(struct buf *out, const char *title, const char *more)
{
	buf_fmt(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n"
		     "<meta charset=\"utf-8\">\n"
		     "<meta name=\"viewport\" content=\"width=device-width\">\n"
		     "<title>",
	    /* the page's language; translators: your language's tag */
	    _("en"));
	page_put(out, title);
	buf_fmt(out, "</title>\n<style>%s%s</style>\n</head>\n<body>\n"
		     "<main>\n", style, more);
	page_in(out, "h1", title);
}

void
page_end(struct buf *out)
{
	buf_str(out, "</main>\n</body>\n</html>\n");
}
