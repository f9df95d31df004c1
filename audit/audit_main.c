/*
 * casewire-audit: what a bundle of evidence proves, offline.
 *
 * Holds no secret.  verify reads one file and opens no socket; follow alone
 * asks a relay for its public tiles.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "audit/bundle.h"
#include "audit/findings.h"
#include "audit/entries.h"
#include "audit/follow.h"
#include "audit/judge.h"
#include "audit/outline_show.h"
#include "audit/proof.h"
#include "audit/reckon.h"
#include "audit/review.h"
#include "audit/verdict.h"
#include "audit/verdict_html.h"
#include "base/cli.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/json.h"
#include "base/progress.h"
#include "base/show.h"
#include "base/text.h"
#include "keys/pubkey.h"
#include "keys/words.h"
#include "proto/charter.h"

/* Of a report between two spills: one opened message, each byte escaped. */
#define REPORT_PART_MAX (16u * 1024 * 1024)

static enum err
pin_text(struct judge_pin *pin, const char *text)
{
	if (pubkey_charter_uri_parse(&pin->id, text) == ERR_OK) {
		pin->kind = JUDGE_BY_ID;
		return (ERR_OK);
	}
	if (words_parse(pin->word, CHARTER_WORDS, text) == ERR_OK) {
		pin->kind = JUDGE_BY_WORDS;
		return (ERR_OK);
	}
	return (ERR_USAGE);
}

/* A file: the charter itself, or its id or words written down. */
static enum err
pin_file(struct judge_pin *pin, const char *path)
{
	struct buf buf = buf_init(CHARTER_MAX + 1);
	char text[WORDS_TEXT_MAX + 1];
	size_t len;
	enum err err;

	err = file_load(path, CHARTER_MAX, &buf);
	if (err != ERR_OK)
		goto out;
	if (buf.len > 18 && memcmp(buf.p, "casewire/1 charter", 18) == 0) {
		pin->kind = JUDGE_BY_ID;
		pin->id = charter_id(buf_view(&buf));
		goto out;
	}
	len = buf.len < WORDS_TEXT_MAX ? buf.len : WORDS_TEXT_MAX;
	memcpy(text, buf.p, len);
	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	text[len] = '\0';
	err = pin_text(pin, text);
out:
	buf_free(&buf);
	return (err);
}

static enum err
pin_from(struct judge_pin *pin, const char *arg)
{
	memset(pin, 0, sizeof(*pin));
	if (arg == NULL)
		return (ERR_OK);
	if (pin_text(pin, arg) == ERR_OK)
		return (ERR_OK);
	return (file_exists(arg) ? pin_file(pin, arg) : ERR_USAGE);
}

static void
show_progress(void *ctx, size_t done, size_t all)
{
	progress_at(ctx, done, all);
}

static enum err
judge_file(struct judge **j, struct bundle **b, const char *path,
    const struct judge_pin *pin)
{
	struct buf zip = buf_init(BUNDLE_MAX);
	struct progress progress;
	const struct judge_watch watch = { show_progress, &progress };
	struct bundle_fault fault;
	enum err err;

	progress_begin(&progress, _("judging"), clock_real(), stderr);
	err = file_load(path, BUNDLE_MAX, &zip);
	if (err == ERR_OK) {
		err = bundle_read(b, buf_view(&zip), &fault);
		if (err == ERR_OK) {
			bundle_adopt(*b, &zip);
			err = judge_watched(j, *b, pin, &watch);
		} else
			err = judge_damaged(j, &fault);
	}
	progress_end(&progress);
	buf_free(&zip);
	return (err);
}

static enum err
to_stdout(void *ctx, const void *p, size_t len)
{
	(void)ctx;
	return (fwrite(p, 1, len, stdout) == len ? ERR_OK : ERR_IO);
}

/* Print what is left; the first error of all. */
static enum err
printed(struct buf *out)
{
	enum err err;

	buf_spill_rest(out);
	err = out->err;
	buf_free(out);
	return (err);
}

/* One finding of the file. */
static void
explain_here(const struct judge *j, const struct findings_info *info,
    bool as_json, struct buf *out)
{
	struct json *o;

	if (!as_json) {
		verdict_finding(j, info, out);
		return;
	}
	o = verdict_finding_json(j, info);
	json_write(o, true, out);
	json_free(&o);
}

static enum err
print_verdict(const struct judge *j, const struct cli *cli)
{
	struct buf out = buf_init(REPORT_PART_MAX);
	const char *name = cli_opt(cli, "explain");

	out.sink = to_stdout;
	if (name != NULL)
		explain_here(j, findings_find(name), cli_json(cli), &out);
	else if (cli_json(cli))
		verdict_json(j, &out);
	else
		verdict_text(j, &out);
	return (printed(&out));
}

static enum err
print_outline(const struct judge *j, const struct cli *cli)
{
	bool as_json = cli_json(cli);
	struct outline *o = outline_new(j);
	struct buf out = buf_init(REPORT_PART_MAX);
	enum err err = ERR_NOMEM;

	out.sink = to_stdout;
	if (o != NULL && as_json)
		outline_show_json(j, o, &out);
	else if (o != NULL)
		err = outline_show_text(j, o, stdout);
	outline_free(o);
	return (o != NULL && as_json ? printed(&out) : err);
}

/* The page for print; never over a file that is there. */
static enum err
write_html(const struct judge *j, const char *bundle, const char *path)
{
	struct buf out = buf_init(REPORT_PART_MAX);
	struct file_out *file;
	enum err err;

	if ((err = file_out_begin(&file, path, 0600)) != ERR_OK)
		return (err);
	out.sink = file_out_write;
	out.ctx = file;
	verdict_html(j, bundle, &out);
	err = printed(&out);
	if (err == ERR_OK)
		err = file_out_create(file);
	file_out_free(&file);
	return (err);
}

/* Judge the file named, show it by print; exit codes are the verdict's. */
static int
run_judge(struct cli *cli, const char *html,
    enum err (*print)(const struct judge *, const struct cli *))
{
	const char *path = cli_arg(cli, 0), *fault = path;
	struct bundle *b = NULL;
	struct judge *j = NULL;
	struct judge_pin pin;
	int code;
	enum err err;

	err = pin_from(&pin, cli_opt(cli, "charter"));
	if (err != ERR_OK)
		return (cli_fail(cli, err, "--charter takes an id of 64 hex "
					   "digits, the twelve words, or a "
					   "file"));
	err = judge_file(&j, &b, path, &pin);
	if (err == ERR_OK && html != NULL) {
		err = write_html(j, path, html);
		fault = html;
	}
	if (err == ERR_OK)
		err = print(j, cli);
	if (err != ERR_OK)
		code = cli_fail(cli, err, "%s", fault);
	else {
		code = err_exit(judge_err(j));
		if (cli_flush() != 0)
			code = cli_flush();
	}
	judge_free(j);
	bundle_free(b);
	return (code);
}

static int
run_verify(struct cli *cli)
{
	const char *name = cli_opt(cli, "explain");

	if (name != NULL && findings_find(name) == NULL)
		return (cli_fail(cli, ERR_USAGE, "--explain takes a finding; "
		    "casewire-audit explain lists them"));
	return (run_judge(cli, cli_opt(cli, "html"), print_verdict));
}

static int
run_outline(struct cli *cli)
{
	return (run_judge(cli, NULL, print_outline));
}

/* ---- dossier ---- */

/* A date, or a time, of an option. */
static enum err
read_at(const struct cli *cli, const char *opt, uint64_t *at)
{
	char text[CLOCK_TEXT_BYTES + 16];
	const char *arg = cli_opt(cli, opt);
	int64_t got = 0;

	if (arg == NULL)
		return (ERR_REQUIRED);
	snprintf(text, sizeof(text), "%.32s%s", arg,
	    strchr(arg, 'T') == NULL ? "T00:00:00Z" : "");
	if (clock_parse(&got, text) != ERR_OK)
		return (ERR_USAGE);
	*at = (uint64_t)got;
	return (ERR_OK);
}

static enum err
read_period(const struct cli *cli, struct reckon *period)
{
	enum err err;

	if ((err = read_at(cli, "from", &period->from_at)) != ERR_OK ||
	    (err = read_at(cli, "until", &period->until_at)) != ERR_OK)
		return (err);
	err = read_at(cli, "as-of", &period->as_of_at);
	if (err == ERR_REQUIRED) {
		period->as_of_at = period->until_at;
		err = ERR_OK;
	}
	if (err == ERR_OK && (period->from_at >= period->until_at ||
	    period->as_of_at < period->until_at))
		err = ERR_USAGE;
	return (err);
}

/* Into a new file, as far as the option is given. */
static enum err
write_part(const struct review *r, const struct cli *cli, const char *opt,
    enum err (*part)(const struct review *, const struct cli *, struct buf *))
{
	const char *path = cli_opt(cli, opt);
	struct buf out = buf_init(DOSSIER_MAX);
	struct file_out *file;
	enum err err;

	if (path == NULL)
		return (ERR_OK);
	if ((err = file_out_begin(&file, path, 0600)) != ERR_OK)
		return (err);
	out.sink = file_out_write;
	out.ctx = file;
	part(r, cli, &out);
	err = printed(&out);
	if (err == ERR_OK)
		err = file_out_create(file);
	file_out_free(&file);
	return (err);
}

static enum err
part_html(const struct review *r, const struct cli *cli, struct buf *out)
{
	return (review_html(r, cli_arg(cli, 0), out));
}

static enum err
part_csv(const struct review *r, const struct cli *cli, struct buf *out)
{
	(void)cli;
	return (review_csv(r, out));
}

static enum err
part_bytes(const struct review *r, const struct cli *cli, struct buf *out)
{
	(void)cli;
	return (dossier_write(out, r->d));
}

static enum err
show_review(const struct review *r, const struct cli *cli)
{
	struct buf out = buf_init(REPORT_PART_MAX);
	enum err err;

	if ((err = write_part(r, cli, "html", part_html)) != ERR_OK ||
	    (err = write_part(r, cli, "csv", part_csv)) != ERR_OK ||
	    (err = write_part(r, cli, "out", part_bytes)) != ERR_OK)
		return (err);
	if (!cli_json(cli))
		return (review_text(r, stdout));
	out.sink = to_stdout;
	review_json(r, &out);
	return (printed(&out));
}

static enum err
print_dossier(const struct judge *j, const struct cli *cli)
{
	struct outline *o = outline_new(j);
	struct buf bytes = buf_init(DOSSIER_MAX);
	struct dossier d = { .ledger = { .entry = NULL } };
	struct review r = { .j = j, .d = &d };
	struct reckon period;
	enum err err = o != NULL ? read_period(cli, &period) : ERR_NOMEM;

	if (err == ERR_OK)
		err = reckon_bundle(&d, &r.hidden, o, j, &period);
	if (err == ERR_OK)
		err = dossier_write(&bytes, &d);
	if (err == ERR_OK) {
		r.digest = dossier_digest(buf_view(&bytes));
		err = show_review(&r, cli);
	}
	/* The figures stand there; that they are a part, the code says. */
	if (err == ERR_OK && r.hidden > 0 && judge_err(j) == ERR_OK)
		err = ERR_INCOMPLETE;
	dossier_free(&d);
	buf_free(&bytes);
	outline_free(o);
	return (err);
}

static int
run_dossier(struct cli *cli)
{
	struct reckon period;

	if (read_period(cli, &period) != ERR_OK)
		return (cli_fail(cli, ERR_USAGE, "--from, --until and --as-of "
		    "take a date or a time in UTC (2026-07-01, "
		    "2026-07-01T08:00:00Z), in this order"));
	return (run_judge(cli, NULL, print_dossier));
}

static void
list_findings(void)
{
	static const char *const heads[] = { "finding", "weight", "means" };
	struct show_table *t = show_table_new(heads, 3);
	const struct findings_info *info;
	int code;

	for (code = 1; code < FINDINGS_COUNT; code++) {
		info = findings_info((enum findings_code)code);
		show_cell(t, "%s", info->name);
		show_cell(t, "%s", findings_weight_name(info->weight));
		show_cell(t, "%s", _(info->text));
	}
	show_table_print(t, stdout);
	show_table_free(&t);
}

static struct json *
info_json(const struct findings_info *info)
{
	struct json *o = json_new_obj();

	json_put_str(o, "code", info->name);
	json_put_str(o, "weight", findings_weight_name(info->weight));
	json_put_str(o, "text", info->text);
	json_put_str(o, "next", info->next);
	return (o);
}

static int
list_json(struct cli *cli)
{
	struct json *arr = json_new_arr(), *o;
	int code;

	for (code = 1; code < FINDINGS_COUNT; code++) {
		o = info_json(findings_info((enum findings_code)code));
		json_add(arr, &o);
	}
	return (cli_data(cli, &arr));
}

/* A finding of ours, or else a code every casewire program explains. */
static int
run_explain(struct cli *cli)
{
	const struct findings_info *info;
	struct json *o;

	if (cli_args(cli) == 0 && cli_json(cli))
		return (list_json(cli));
	if (cli_args(cli) == 0) {
		list_findings();
		return (cli_flush());
	}
	if ((info = findings_find(cli_arg(cli, 0))) == NULL)
		return (cli_explain(cli));
	if (cli_json(cli)) {
		o = info_json(info);
		return (cli_data(cli, &o));
	}
	printf("%s (%s)\n  %s\n  %s\n", info->name,
	    findings_weight_name(info->weight), _(info->text), _(info->next));
	return (cli_flush());
}

#define OPT_CHARTER \
	{ "charter", 'c', "ID|WORDS|FILE", \
	    N_("the charter as the agencies themselves told you") }

static const struct cli_opt verify_opts[] = {
	OPT_CHARTER,
	{ "html", 0, "FILE", N_("also write the report as a page to print") },
	{ "explain", 'e', "FINDING",
	    N_("instead: where the file has this finding, and what to do") },
	{ NULL, 0, NULL, NULL },
};

static const struct cli_opt outline_opts[] = {
	OPT_CHARTER,
	{ NULL, 0, NULL, NULL },
};

static const struct cli_opt dossier_opts[] = {
	OPT_CHARTER,
	{ "from", 0, "TIME", N_("where the period begins") },
	{ "until", 0, "TIME", N_("where it ends; this is not in it") },
	{ "as-of", 0, "TIME",
	    N_("take what was said up to then; else --until") },
	{ "html", 0, "FILE", N_("also write the figures as a page to print") },
	{ "csv", 0, "FILE", N_("also write them for a spreadsheet") },
	{ "out", 'o', "FILE", N_("also write the dossier's own bytes") },
	{ NULL, 0, NULL, NULL },
};

static const struct cli_cmd cmds[] = {
	{ "verify", "BUNDLE", 1, 1, N_("say what a file of evidence proves"),
	    "casewire-audit verify case.zip --charter pair.charter",
	    verify_opts, run_verify },
	{ "follow", "URL", 1, 1,
	    N_("keep a checked copy of a relay's log, alarm if it lies"),
	    "casewire-audit follow http://127.0.0.1:8701 --dir mirror "
	    "--keys relay/keys.1",
	    follow_opts, follow_run },
	{ "entries", "DIR", 1, 1,
	    N_("list the entries that follow was shown, and who signed them"),
	    "casewire-audit entries mirror --charter pair.charter "
	    "--keys relay/keys.1",
	    entries_opts, entries_run },
	{ "proof", "FILE", 1, 1,
	    N_("check one .tlog-proof: does that log hold that entry?"),
	    "casewire-audit proof message.tlog-proof --keys relay/keys.1",
	    proof_opts, proof_run },
	{ "outline", "BUNDLE", 1, 1,
	    N_("say who told whom what when, and who did not answer"),
	    "casewire-audit outline case.zip --charter pair.charter",
	    outline_opts, run_outline },
	{ "dossier", "BUNDLE", 1, 1,
	    N_("count what each side owed the other in a period"),
	    "casewire-audit dossier pair.zip --charter pair.charter "
	    "--from 2026-01-01 --until 2026-07-01",
	    dossier_opts, run_dossier },
	{ "explain", "[FINDING]", 0, 1,
	    N_("what a finding means and what to do"),
	    "casewire-audit explain seq-gap", NULL, run_explain },
	{ NULL, NULL, 0, 0, NULL, NULL, NULL, NULL },
};

static const struct cli_program program = {
	"casewire-audit",
	N_("Says what a bundle of evidence proves; watches a log; "
	    "needs no secret."),
	NULL,
	cmds,
};

int
main(int argc, char **argv)
{
	diag_plain(program.name);
	return (cli_main(&program, argc, argv));
}
