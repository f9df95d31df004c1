/* cmd_restore: the command `restore`. */
#include "base/diag.h"
#include "base/secret.h"
#include "relay/cmd.h"
#include "relay/report.h"
#include "relay/restore.h"

const struct cli_opt cmd_restore_opts[] = {
	{ "from", 0, "MIRROR", "a checked copy of this log: a folder, or "
	    "http://HOST:PORT" },
	{ NULL, 0, NULL, NULL },
};

static struct json *
facts(const struct restore_report *r)
{
	struct json *o = json_new_obj();

	json_put_int(o, "held", (int64_t)r->held);
	json_put_int(o, "copy", (int64_t)r->copy);
	json_put_int(o, "signed_before", (int64_t)r->high);
	json_put_int(o, "entries", (int64_t)r->size);
	json_put_int(o, "taken", (int64_t)(r->size - r->held));
	json_put_int(o, "hollow", (int64_t)r->hollow);
	json_put_bool(o, "signer_raised", r->raised);
	return o;
}

int
cmd_restore(struct cli *cli)
{
	const char *from = cli_opt(cli, "from");
	struct restore_report report = { .held = 0 };
	struct json *out;
	enum err err;

	diag_plain("casewire-relay");
	if (from == NULL)
		return cli_fail(cli, ERR_USAGE, "--from is missing");
	err = secret_start();
	if (err == ERR_OK)
		err = restore_from(cmd_home(cli), from, &report);
	if (err != ERR_OK)
		return cli_fail(cli, err, "%s", report.detail[0] != '\0' ?
		    report.detail : from);
	if (!cli_json(cli) && report.high_lost)
		cli_say("signer.high was not there: the copy's head is taken "
		    "for the last that was signed");
	if (!cli_json(cli) && report.size == report.held)
		cli_say("nothing is missing");
	out = facts(&report);
	return cmd_tell(cli, report_facts, &out);
}
