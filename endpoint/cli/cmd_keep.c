#include "endpoint/cli/cmd_keep.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/json.h"
#include "base/show.h"
#include "base/text.h"
#include "endpoint/cli/call.h"

const struct cli_opt cmd_keep_hold_opts[] = {
    {"reason", 'r', "TEXT", N_("why")}, {NULL, 0, NULL, NULL}};
const struct cli_opt cmd_keep_shred_opts[] = {
    {"yes", 'y', NULL, N_("do not ask")}, {NULL, 0, NULL, NULL}};

/* POST to the case's verb; takes *body. */
static int
post_case(struct cli *cli, const char *verb, struct json **body,
    struct json **answer)
{
	struct buf path = buf_init(1024);
	int code;

	call_case(&path, cli_arg(cli, 0));
	buf_fmt(&path, "/%s", verb);
	code = call_post(cli, buf_text(&path), body, answer);
	buf_free(&path);
	return code;
}

int
cmd_keep_hold(struct cli *cli)
{
	bool held = strcmp(cli_self(cli), "hold") == 0;
	const char *reason = cli_opt(cli, "reason");
	struct json *body, *answer = NULL;
	int code;

	if (reason == NULL)
		return cli_fail(cli, ERR_USAGE, _("--reason is needed"));
	body = json_new_obj();
	json_put_str(body, "reason", reason);
	code = post_case(cli, cli_self(cli), &body, &answer);
	if (code != 0)
		return code;
	if (cli_json(cli))
		return cli_data(cli, &answer);
	json_free(&answer);
	cli_say(held ? _("on hold: nothing of it is shredded until casewire "
			 "unhold")
		     : _("no longer on hold"));
	return cli_flush();
}

static void
show_holds(const struct json_cur *list)
{
	const char *const heads[] = {_("CASE"), _("FROM"), _("UNTIL"),
	    _("WHO"), _("REASON")};
	struct show_table *table = show_table_new(heads, 5);

	for (size_t i = 0; i < json_len(list); i++) {
		struct json_cur h = json_at(list, i);
		const char *until = call_text(&h, "until");

		show_cell(table, "%.12s", call_text(&h, "case_id"));
		show_cell(table, "%s", call_text(&h, "from"));
		show_cell(table, "%s", until[0] != '\0' ? until
							: _("on hold"));
		show_cell(table, "%s", call_text(&h, "who"));
		show_cell(table, "%s", call_text(&h, "reason"));
	}
	if (json_len(list) > 0)
		show_table_print(table, stdout);
	else
		cli_say(_("no case was ever on hold"));
	show_table_free(&table);
}

int
cmd_keep_list(struct cli *cli)
{
	struct json_fault fault = {0};
	struct json *answer = NULL;
	struct json_cur root, list;
	int code = call_get(cli, "/v1/holds", &answer);

	if (code != 0)
		return code;
	if (cli_json(cli))
		return cli_data(cli, &answer);
	root = json_root(answer, &fault);
	list = json_get(&root, "holds");
	show_holds(&list);
	json_free(&answer);
	return cli_flush();
}

/* What cannot be undone is asked first. */
static int
ask(struct cli *cli)
{
	char line[16];

	if (cli_has(cli, "yes"))
		return 0;
	if (!isatty(STDIN_FILENO))
		return cli_fail(cli, ERR_NO_TERMINAL, "%s",
		    _("nobody to ask; --yes says so beforehand"));
	cli_say(_("Shred what the messages and files of case %s say, for "
		  "ever? Proofs stay. Type yes:"), cli_arg(cli, 0));
	if (fgets(line, sizeof(line), stdin) == NULL ||
	    strcmp(line, "yes\n") != 0)
		return cli_fail(cli, ERR_USAGE, "%s", _("nothing was done"));
	return 0;
}

int
cmd_keep_shred(struct cli *cli)
{
	struct json_fault fault = {0};
	struct json *body, *answer = NULL;
	struct json_cur root;
	int code = ask(cli);

	if (code != 0)
		return code;
	body = json_new_obj();
	code = post_case(cli, "shred", &body, &answer);
	if (code != 0)
		return code;
	if (cli_json(cli))
		return cli_data(cli, &answer);
	root = json_root(answer, &fault);
	cli_say(_("%lld bodies shredded; every proof still stands"),
	    (long long)json_int_or(&root, "bodies", 0));
	json_free(&answer);
	return cli_flush();
}
