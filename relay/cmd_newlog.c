/* cmd_newlog: the command `newlog`. */
#include "base/clock.h"
#include "base/diag.h"
#include "base/secret.h"
#include "relay/cmd.h"
#include "relay/newlog.h"
#include "relay/report.h"

const struct cli_opt cmd_newlog_opts[] = {
	{ "note", 0, "FILE", "a signed checkpoint of the old log, newer than "
	    "what lies here" },
	{ "passphrase-file", 0, "FILE", "passphrase of relay.key" },
	{ "passphrase-fd", 0, "N", "the same, read from a descriptor" },
	{ NULL, 0, NULL, NULL },
};

static struct json *
facts(const struct newlog_report *r)
{
	uint64_t unknown = r->signed_size > r->held ?
	    r->signed_size - r->held : 0;
	struct json *o = json_new_obj();

	json_put_hex(o, "log_id", r->new_log.b, HASH_BYTES);
	json_put_hex(o, "old_log_id", r->old_log.b, HASH_BYTES);
	json_put_str(o, "old_store", r->kept);
	json_put_bool(o, "resumed", r->resumed);
	if (r->resumed)
		return o;
	json_put_int(o, "old_signed", (int64_t)r->signed_size);
	json_put_int(o, "old_held", (int64_t)r->held);
	json_put_int(o, "old_unknown", (int64_t)unknown);
	if (r->newest_at > 0)
		json_put_time(o, "old_newest_run", r->newest_at);
	json_put_int(o, "prior", (int64_t)r->prior);
	json_put_int(o, "prior_cosigned", r->cosigned);
	json_put_int(o, "carried", (int64_t)r->carried);
	json_put_int(o, "left_behind", (int64_t)r->left);
	return o;
}

/* What the numbers mean. */
static void
say(const struct newlog_report *r)
{
	if (r->resumed) {
		cli_say("the new log stands; what was begun is done");
		return;
	}
	if (r->cosigned == 0)
		cli_say("no witness vouches for the old log's last word here");
	if (r->signed_size > r->held)
		cli_say("of the old log entries %llu to %llu were signed for "
		    "and are not here; their signers submit what was not "
		    "delivered", (unsigned long long)r->held,
		    (unsigned long long)r->signed_size - 1);
	if (r->prior < r->signed_size)
		cli_say("the new log vouches for the old one up to %llu only; "
		    "endpoints that saw more will say so",
		    (unsigned long long)r->prior);
}

int
cmd_newlog(struct cli *cli)
{
	struct secret *passphrase = NULL;
	struct newlog_report report = { .held = 0 };
	struct json *out;
	enum err err;

	diag_plain("casewire-relay");
	err = secret_start();
	if (err == ERR_OK)
		err = cmd_passphrase(cli, &passphrase);
	if (err == ERR_OK)
		err = newlog_begin(cmd_home(cli), cli_opt(cli, "note"),
		    passphrase, &report);
	secret_free(&passphrase);
	if (err != ERR_OK)
		return cli_fail(cli, err, "%s", report.detail[0] != '\0' ?
		    report.detail : cmd_home(cli));
	if (!cli_json(cli))
		say(&report);
	out = facts(&report);
	return cmd_tell(cli, report_facts, &out);
}
