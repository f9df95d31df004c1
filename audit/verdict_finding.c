/* One finding, explained by where this file has it. */
#include <string.h>

#include "audit/verdict.h"
#include "base/json.h"
#include "base/show.h"
#include "base/text.h"

static void
put_place(const struct judge_finding *f, struct buf *out)
{
	buf_str(out, "  - ");
	show_text(out, f->where, strlen(f->where));
	if (f->detail[0] != '\0') {
		buf_str(out, " (");
		show_text(out, f->detail, strlen(f->detail));
		buf_str(out, ")");
	}
	if (f->err != ERR_OK)
		buf_fmt(out, ": %s", _(err_info(f->err)->text));
	buf_str(out, "\n");
}

enum err
verdict_finding(const struct judge *j, const struct findings_info *info,
    struct buf *out)
{
	const struct judge_finding *f;
	size_t i, n = 0;

	buf_fmt(out, "%s (%s)\n  %s\n  %s\n\n", info->name,
	    findings_weight_name(info->weight), _(info->text),
	    _(info->next));
	for (i = 0; i < judge_findings(j) && out->err == ERR_OK; i++) {
		f = judge_finding_at(j, i);
		if (f->code != info->code)
			continue;
		if (n++ == 0)
			buf_fmt(out, "%s\n", _("Where this file has it:"));
		put_place(f, out);
		buf_spill(out);
	}
	if (n == 0)
		buf_fmt(out, "%s\n", _("This file does not have it."));
	if (judge_findings(j) == JUDGE_FINDINGS_MAX)
		buf_fmt(out, _("Only the first %u findings of a file are "
			       "kept; there may be more.\n"),
		    JUDGE_FINDINGS_MAX);
	buf_str(out, "\n");
	verdict_sentence(j, out);
	buf_str(out, "\n");
	return (out->err);
}

struct json *
verdict_finding_json(const struct judge *j, const struct findings_info *info)
{
	struct json *o = json_new_obj(), *arr = json_new_arr(), *one;
	const struct judge_finding *f;
	size_t i;

	json_put_str(o, "code", info->name);
	json_put_str(o, "weight", findings_weight_name(info->weight));
	json_put_str(o, "text", info->text);
	json_put_str(o, "next", info->next);
	json_put_str(o, "verdict", verdict_name(judge_verdict(j)));
	for (i = 0; i < judge_findings(j); i++) {
		f = judge_finding_at(j, i);
		if (f->code != info->code)
			continue;
		one = json_new_obj();
		json_put_str(one, "where", f->where);
		json_put_str(one, "detail", f->detail);
		json_put_str(one, "error",
		    f->err == ERR_OK ? "" : err_name(f->err));
		json_add(arr, &one);
	}
	json_put(o, "found", &arr);
	return (o);
}
