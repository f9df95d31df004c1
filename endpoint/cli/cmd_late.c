#include "endpoint/cli/cmd_late.h"

#include <stdio.h>
#include <string.h>

#include "base/httpc.h"
#include "base/json.h"
#include "base/show.h"
#include "base/text.h"
#include "endpoint/cli/call.h"

#define DAYS_MAX 3650

const struct cli_opt cmd_late_opts[] = {
    {"peer", 'p', "NAME", N_("only of this peer")},
    {"days", 'd', "N", N_("also what is due within N days (7)")},
    {"csv", 0, NULL, N_("as CSV, for a spreadsheet")}, {NULL, 0, NULL, NULL}};

/* ---- how far away ---- */

/* "3 d", of either sign. */
static void
put_length(struct buf *out, int64_t ms)
{
	int64_t s = (ms < 0 ? -ms : ms) / 1000;

	if (s >= 2 * 86400)
		buf_fmt(out, _("%lld d"), (long long)(s / 86400));
	else if (s >= 2 * 3600)
		buf_fmt(out, _("%lld h"), (long long)(s / 3600));
	else if (s >= 2 * 60)
		buf_fmt(out, _("%lld min"), (long long)(s / 60));
	else
		buf_fmt(out, _("%lld s"), (long long)s);
}

static bool
has_due(const struct json_cur *c)
{
	return json_has(c, "remaining_ms");
}

/* "2026-12-01 17:00 Beijing / 2026-12-01 04:00 Washington". */
static void
put_walls(struct buf *out, const struct json_cur *c)
{
	struct json_cur list = json_get(c, "local_due");

	for (size_t i = 0; i < json_len(&list); i++) {
		struct json_cur w = json_at(&list, i);

		buf_fmt(out, "%s%s %s", i == 0 ? "" : " / ",
		    call_text(&w, "time"), call_text(&w, "place"));
	}
}

/* "in 3 d (2 working days)", "2 h ago". */
static void
put_left(struct buf *out, const struct json_cur *c)
{
	int64_t left = json_int_or(c, "remaining_ms", 0);
	struct buf length = buf_init(64);

	put_length(&length, left);
	if (left < 0)
		buf_fmt(out, _("%s ago"), buf_text(&length));
	else if (left < 86400000)
		buf_fmt(out, _("in %s"), buf_text(&length));
	else
		buf_fmt(out, _("in %s (%lld working days)"),
		    buf_text(&length),
		    (long long)json_int_or(c, "working_days", 0));
	buf_free(&length);
}

/* What else there is to say of a clock. */
static void
put_notes(struct buf *out, const struct json_cur *c)
{
	struct json_cur stop = json_get(c, "stopped_by");
	const char *extended = call_text(c, "extended");

	if (json_bool_or(c, "paused", false))
		buf_fmt(out, ", %s", _("paused"));
	if (strcmp(extended, "yes") == 0)
		buf_fmt(out, ", %s", _("extended"));
	if (strcmp(extended, "maybe") == 0)
		buf_fmt(out, ", %s", _("perhaps extended"));
	if (json_bool_or(c, "explained", false))
		buf_fmt(out, ", %s", _("explained"));
	if (json_has(c, "stopped_by"))
		buf_fmt(out, _(", by message %lld"),
		    (long long)json_int_or(&stop, "n", 0));
}

static const char *
owing(const struct json_cur *c)
{
	return json_bool_or(c, "ours", false) ? _("us") : _("the peer");
}

/* ---- in case show ---- */

static void
show_clock(const struct json_cur *c)
{
	struct buf when = buf_init(4096);

	if (has_due(c)) {
		buf_str(&when, _(", due "));
		put_left(&when, c);
		buf_str(&when, ", ");
		put_walls(&when, c);
	}
	put_notes(&when, c);
	call_line(_("  %s, owed by %s: %s%s"), call_code(c, "clock"),
	    owing(c), call_code(c, "verdict"), buf_text(&when));
	buf_free(&when);
}

static void
show_proposals(const struct json_cur *root)
{
	struct json_cur ladder = json_get(root, "ladder");
	struct json_cur list = json_get(&ladder, "may_raise");

	for (size_t i = 0; i < json_len(&list); i++) {
		struct json_cur p = json_at(&list, i);

		call_line(_("  may be raised at tier %lld: %s"),
		    (long long)json_int_or(&p, "tier", 0),
		    json_has(&p, "clock") ? call_code(&p, "clock")
					  : call_code(&p, "about"));
	}
}

void
cmd_late_clocks(const struct json_cur *root)
{
	struct json_cur list;
	bool claimed = false;

	if (!json_has(root, "clocks"))
		return;
	list = json_get(root, "clocks");
	if (json_len(&list) > 0)
		printf("\n%s\n", _("Clocks"));
	for (size_t i = 0; i < json_len(&list); i++) {
		struct json_cur c = json_at(&list, i);

		show_clock(&c);
		claimed |= json_bool_or(&c, "claimed", false);
	}
	if (claimed)
		call_line("  %s",
		    _("by the parties' own clocks, no witness"));
	show_proposals(root);
}

/* ---- late ---- */

#define COLUMNS 9

/* The cells of one item, in the order of the heads. */
static void
make_cells(const struct json_cur *c, struct buf cell[COLUMNS])
{
	for (size_t i = 0; i < COLUMNS; i++)
		cell[i] = buf_init(4096);
	buf_str(&cell[0], call_text(c, "urgency"));
	buf_fmt(&cell[1], "%.12s", call_text(c, "case_id"));
	buf_fmt(&cell[2], "%s%s", call_text(c, "request_ref"),
	    json_bool_or(c, "exercise", false) ? _("  (EXERCISE)") : "");
	buf_str(&cell[3], call_text(c, "peer"));
	buf_str(&cell[4], call_code(c, "clock"));
	buf_str(&cell[5], owing(c));
	buf_str(&cell[6], call_code(c, "verdict"));
	put_notes(&cell[6], c);
	put_left(&cell[7], c);
	put_walls(&cell[8], c);
}

static void
print_csv(struct buf *out, struct buf cell[COLUMNS])
{
	for (size_t i = 0; i < COLUMNS; i++) {
		if (i > 0)
			buf_str(out, ",");
		show_csv(out, buf_text(&cell[i]));
	}
	buf_str(out, "\r\n");
}

static void
show_late(const struct json_cur *list, bool csv)
{
	const char *const heads[COLUMNS] = {_("URG"), _("CASE"),
	    _("REFERENCE"), _("PEER"), _("CLOCK"), _("OWED BY"),
	    _("VERDICT"), _("DUE"), _("WHEN")};
	struct show_table *table = show_table_new(heads, COLUMNS);
	struct buf out = buf_init(CALL_ANSWER_MAX), cell[COLUMNS];

	for (size_t i = 0; i < COLUMNS; i++) {
		buf_str(&out, i > 0 ? "," : "");
		show_csv(&out, heads[i]);
	}
	buf_str(&out, "\r\n");
	for (size_t i = 0; i < json_len(list); i++) {
		struct json_cur c = json_at(list, i);

		make_cells(&c, cell);
		print_csv(&out, cell);
		for (size_t k = 0; k < COLUMNS; k++) {
			show_cell(table, "%s", buf_text(&cell[k]));
			buf_free(&cell[k]);
		}
	}
	if (csv)
		fwrite(out.p, 1, out.len, stdout);
	else if (json_len(list) > 0)
		show_table_print(table, stdout);
	else
		cli_say(_("nothing is late or soon due"));
	buf_free(&out);
	show_table_free(&table);
}

static bool
any_claimed(const struct json_cur *list)
{
	for (size_t i = 0; i < json_len(list); i++) {
		struct json_cur c = json_at(list, i);

		if (json_bool_or(&c, "claimed", false))
			return true;
	}
	return false;
}

static int
get_late(struct cli *cli, struct json **answer)
{
	const char *peer = cli_opt(cli, "peer");
	struct buf path = buf_init(4096);
	int64_t days;
	int code;

	if (cli_opt_int(cli, "days", 7, 0, DAYS_MAX, &days) != ERR_OK)
		return err_exit(ERR_USAGE);
	buf_fmt(&path, "/v1/late?days=%lld", (long long)days);
	if (peer != NULL) {
		buf_str(&path, "&peer=");
		httpc_escape(&path, peer);
	}
	code = call_get(cli, buf_text(&path), answer);
	buf_free(&path);
	return code;
}

int
cmd_late(struct cli *cli)
{
	struct json_fault fault = {0};
	struct json *answer = NULL;
	struct json_cur root, list;
	int code = get_late(cli, &answer);

	if (code != 0)
		return code;
	if (cli_json(cli))
		return cli_data(cli, &answer);
	root = json_root(answer, &fault);
	list = json_get(&root, "items");
	show_late(&list, cli_has(cli, "csv"));
	if (any_claimed(&list))
		cli_say("%s", _("by the parties' own clocks, no witness"));
	if (json_bool_or(&root, "truncated", false))
		cli_say(_("only the cases due first were looked at; ask for "
			  "fewer days"));
	json_free(&answer);
	return cli_flush();
}
