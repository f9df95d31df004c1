#include "endpoint/cli/cmd_pass.h"

#include <stdio.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/httpc.h"
#include "base/json.h"
#include "base/show.h"
#include "base/text.h"
#include "endpoint/cli/call.h"

const struct cli_opt cmd_pass_issue_opts[] = {
    {"name", 'n', "NAME", N_("whom the pass is for")},
    {"until", 'u', "WHEN", N_("when it ends (+30d or a time)")},
    {"relay", 'r', "NAME", N_("which relay, if there are several")},
    {NULL, 0, NULL, NULL},
};

const struct cli_opt cmd_pass_opts[] = {
    {"relay", 'r', "NAME", N_("which relay, if there are several")},
    {NULL, 0, NULL, NULL},
};

static void
put_relay(const struct cli *cli, struct json *body)
{
	if (cli_opt(cli, "relay") != NULL)
		json_put_str(body, "relay", cli_opt(cli, "relay"));
}

/* The token alone is data, so that > FILE makes a pass file. */
int
cmd_pass_issue(struct cli *cli)
{
	const char *name = cli_opt(cli, "name"), *until = cli_opt(cli, "until");
	struct json *body, *answer = NULL;
	struct json_fault fault = {0};
	char text[CLOCK_TEXT_BYTES];
	struct json_cur root;
	int64_t at = 0;
	int code;

	if (name == NULL || until == NULL)
		return cli_fail(cli, ERR_USAGE,
		    _("both --name and --until are needed"));
	code = call_when(cli, until, &at);
	if (code != 0)
		return code;
	body = json_new_obj();
	json_put_str(body, "name", name);
	json_put_str(body, "until", clock_format(text, at));
	put_relay(cli, body);
	code = call_post(cli, "/v1/passes", &body, &answer);
	if (code != 0)
		return code;
	if (cli_json(cli))
		return cli_data(cli, &answer);
	root = json_root(answer, &fault);
	call_line("%s", call_text(&root, "token"));
	cli_say(_("a pass for %s at relay %s until %s; it is shown this once: "
		  "hand it over as a secret"),
	    name, call_text(&root, "relay"), text);
	json_free(&answer);
	return cli_flush();
}

static int
show_passes(const struct cli *cli, struct json **answer)
{
	const char *const heads[] = {_("NAME"), _("ISSUED"), _("UNTIL")};
	struct json_fault fault = {0};
	struct json_cur root, list;
	struct show_table *table;

	if (cli_json(cli))
		return cli_data(cli, answer);
	root = json_root(*answer, &fault);
	list = json_get(&root, "passes");
	table = show_table_new(heads, 3);
	for (size_t i = 0; i < json_len(&list); i++) {
		struct json_cur p = json_at(&list, i);

		show_cell(table, "%s", call_text(&p, "name"));
		show_cell(table, "%s", call_text(&p, "issued_at"));
		show_cell(table, "%s", call_text(&p, "until"));
	}
	if (json_len(&list) > 0)
		show_table_print(table, stdout);
	else
		cli_say(_("no pass at relay %s"), call_text(&root, "relay"));
	show_table_free(&table);
	json_free(answer);
	return cli_flush();
}

int
cmd_pass_list(struct cli *cli)
{
	struct buf path = buf_init(1024);
	struct json *answer = NULL;
	int code;

	buf_str(&path, "/v1/passes");
	if (cli_opt(cli, "relay") != NULL) {
		buf_str(&path, "?relay=");
		httpc_escape(&path, cli_opt(cli, "relay"));
	}
	code = call_get(cli, buf_text(&path), &answer);
	buf_free(&path);
	return code != 0 ? code : show_passes(cli, &answer);
}

int
cmd_pass_revoke(struct cli *cli)
{
	struct json *body = json_new_obj(), *answer = NULL;
	int code;

	json_put_str(body, "name", cli_arg(cli, 0));
	put_relay(cli, body);
	code = call_post(cli, "/v1/passes/revoke", &body, &answer);
	return code != 0 ? code : show_passes(cli, &answer);
}
