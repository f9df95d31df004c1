/*
 * casewire-relay: the relay and its operator's commands.
 *
 * run serves; admit, block, cosign, list and status ask a running relay over its
 * control socket, or, if none runs, work on the home folder themselves;
 * check and backup work beside it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cli.h"
#include "base/conf.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/json.h"
#include "base/secret.h"
#include "keys/passphrase.h"
#include "proto/limits.h"
#include "relay/cmd.h"
#include "relay/control.h"
#include "relay/cosign.h"
#include "relay/relay.h"
#include "relay/report.h"
#include "relay/store.h"

#define HOME_DEFAULT "/var/lib/casewire-relay"

static const struct cli_opt globals[] = {
	{ "home", 0, "DIR", "the relay's folder (" HOME_DEFAULT ")" },
	{ NULL, 0, NULL, NULL },
};

static const struct conf_key conf_keys[] = {
	{ "", "listen", CONF_TEXT, false, 0, 0, "tcp://127.0.0.1:5701",
	    "where endpoints connect" },
	{ "", "web", CONF_TEXT, false, 0, 0, NULL,
	    "where the log is shown over HTTP; off without it" },
	{ "", "web-entries", CONF_BOOL, false, 0, 0, "no",
	    "show entries to passes there too, though it is no loopback: "
	    "TLS stands in front" },
	{ "", "passphrase-file", CONF_PATH, false, 0, 0, NULL,
	    "passphrase of relay.key" },
	{ "", "quota-runs", CONF_INT, false, 0, UINT32_MAX, "60000",
	    "runs a minute for each transport key; 0: no limit" },
	{ "", "quota-bytes", CONF_INT, false, 0, INT64_MAX / 60000,
	    "4294967296", "bytes a minute for each transport key; 0: none" },
	{ "", "disk-floor", CONF_INT, false, 0, 100, "5",
	    "percent of the disk kept free of runs" },
	{ "", "expire-every", CONF_INT, false, 1, 86400, "60",
	    "seconds between looks at what is over its keep" },
	{ NULL, NULL, CONF_TEXT, false, 0, 0, NULL, NULL },
};

/* The configuration and what it borrows from. */
struct setup {
	struct conf *conf;	/* NULL: no file, all defaults */
	struct relay_conf relay;
	const char *passphrase_file;
};

static int64_t
setting(const struct setup *s, const char *name)
{
	const struct conf_key *k;

	if (s->conf != NULL)
		return conf_int(s->conf, "", name);
	for (k = conf_keys; strcmp(k->name, name) != 0; k++)
		continue;
	return strtoll(k->def, NULL, 10);
}

static const char *
setting_text(const struct setup *s, const char *name)
{
	const struct conf_key *k;

	if (s->conf != NULL)
		return conf_text(s->conf, "", name);
	for (k = conf_keys; strcmp(k->name, name) != 0; k++)
		continue;
	return k->def;
}

const char *
cmd_home(const struct cli *cli)
{
	const char *home = cli_opt(cli, "home");

	return home != NULL ? home : HOME_DEFAULT;
}

static enum err
setup_load(const struct cli *cli, struct setup *s)
{
	char *path;
	enum err err = ERR_OK;

	memset(s, 0, sizeof(*s));
	s->relay.home = cmd_home(cli);
	path = file_join(s->relay.home, RELAY_CONF_FILE);
	if (path == NULL)
		return ERR_NOMEM;
	if (file_exists(path))
		err = conf_load(&s->conf, path, conf_keys);
	free(path);
	if (err != ERR_OK)
		return err;
	s->relay.listen = setting_text(s, "listen");
	s->relay.web = setting_text(s, "web");
	s->relay.web_entries = s->conf != NULL &&
	    conf_bool(s->conf, "", "web-entries");
	s->passphrase_file = setting_text(s, "passphrase-file");
	s->relay.quota_runs = (uint32_t)setting(s, "quota-runs");
	s->relay.quota_bytes = (uint64_t)setting(s, "quota-bytes");
	s->relay.disk_floor = (unsigned)setting(s, "disk-floor");
	s->relay.expire_ms = setting(s, "expire-every") * 1000;
	return ERR_OK;
}

static void
setup_free(struct setup *s)
{
	conf_free(&s->conf);
}

int
cmd_tell(const struct cli *cli, void (*print)(const struct json *v),
    struct json **out)
{
	if (cli_json(cli))
		return cli_data(cli, out);
	print(*out);
	json_free(out);
	return cli_flush();
}

/* run */

static enum err
run_passphrase(const struct cli *cli, const struct setup *s,
    struct secret **out)
{
	struct passphrase_from from = {
		.file = cli_opt(cli, "passphrase-file"),
		.fd = -1,
		.credential = "casewire-passphrase",
	};
	int64_t fd = -1;
	enum err err = ERR_OK;

	if (cli_has(cli, "passphrase-fd"))
		err = cli_opt_int(cli, "passphrase-fd", -1, 0, 1 << 20, &fd);
	if (err != ERR_OK)
		return err;
	from.fd = (int)fd;
	if (from.file == NULL && fd < 0)
		from.file = s->passphrase_file;
	err = passphrase_read(out, &from);
	if (err == ERR_NO_TERMINAL)
		diag_error("relay", "no passphrase: give --passphrase-file, "
		    "or passphrase-file in %s", RELAY_CONF_FILE);
	return err;
}

enum err
cmd_passphrase(const struct cli *cli, struct secret **out)
{
	struct setup s;
	enum err err = setup_load(cli, &s);

	if (err == ERR_OK)
		err = run_passphrase(cli, &s, out);
	setup_free(&s);
	return err;
}

/* The table's advice on a rollback is for an agency's book. */
static const char *
advice(enum err err)
{
	return err == ERR_ROLLBACK ? "put the newest " RELAY_STORE_FILE
	    " back, or take the end from a copy of the log: casewire-relay "
	    "restore; never an older " RELAY_HIGH_FILE : "";
}

static enum err
serve(const struct cli *cli, struct setup *s)
{
	struct secret *passphrase = NULL;
	struct relay *r = NULL;
	enum err err;

	diag_start(cli_has(cli, "verbose") ? DIAG_DEBUG : DIAG_INFO);
	if (cli_opt(cli, "listen") != NULL)
		s->relay.listen = cli_opt(cli, "listen");
	err = secret_start();
	if (err == ERR_OK)
		err = run_passphrase(cli, s, &passphrase);
	if (err == ERR_OK)
		err = relay_open(&r, &s->relay, RELAY_SERVE, passphrase);
	secret_free(&passphrase);
	if (err == ERR_OK)
		err = relay_run(r);
	relay_close(&r);
	return err;
}

static int
cmd_run(struct cli *cli)
{
	struct setup s;
	enum err err = setup_load(cli, &s);

	if (err == ERR_OK)
		err = serve(cli, &s);
	setup_free(&s);
	return err == ERR_OK ? 0 : cli_fail(cli, err, "%s", advice(err));
}

/* admit, block, cosign, list, status: of a running relay, or of its folder. */

typedef enum err operation(const struct operate_parts *p,
    const struct json_cur *in, struct json **out);

static enum err
op_list(const struct operate_parts *p, const struct json_cur *in,
    struct json **out)
{
	(void)in;
	return operate_list(p, out);
}

static enum err
op_status(const struct operate_parts *p, const struct json_cur *in,
    struct json **out)
{
	(void)in;
	return operate_status(p, out);
}

struct ask {
	const char *method;
	const char *what;
	operation *op;
	enum relay_mode mode;
	const struct json *in;	/* or NULL */
};

static enum err
ask_folder(const struct setup *s, const struct ask *ask, struct json **out)
{
	struct json_fault fault = { 0 };
	struct json_cur in = json_root(ask->in, &fault);
	struct relay *r = NULL;
	enum err err;

	err = secret_start();
	if (err == ERR_OK)
		err = relay_open(&r, &s->relay, ask->mode, NULL);
	if (err == ERR_OK)
		err = ask->op(relay_parts(r), &in, out);
	relay_close(&r);
	return err;
}

static enum err
ask_relay(const struct cli *cli, const struct ask *ask, struct json **out)
{
	struct setup s;
	char *path;
	enum err err = setup_load(cli, &s);

	if (err != ERR_OK)
		return err;
	path = file_join(s.relay.home, CONTROL_SOCKET);
	if (path == NULL)
		err = ERR_NOMEM;
	else
		err = control_ask(path, ask->method, ask->what, ask->in, out);
	if (err == ERR_UNREACHABLE)
		err = ask_folder(&s, ask, out);
	free(path);
	setup_free(&s);
	return err;
}

static enum err
load_sig(const char *dir, const char *name, struct json *in, const char *key)
{
	struct buf sig = buf_init(SIG_BYTES + 1);
	char *path = file_join(dir, name);
	enum err err = path == NULL ? ERR_NOMEM :
	    file_load(path, SIG_BYTES + 1, &sig);

	if (err == ERR_OK && sig.len != SIG_BYTES)
		err = ERR_KEY_LENGTH;
	if (err == ERR_OK)
		json_put_hex(in, key, sig.p, sig.len);
	free(path);
	buf_free(&sig);
	return err;
}

static enum err
load_charter(const char *dir, struct json *in)
{
	struct buf text = buf_init(CHARTER_MAX);
	char *path = file_join(dir, "charter");
	enum err err = path == NULL ? ERR_NOMEM :
	    file_load(path, CHARTER_MAX, &text);

	if (err == ERR_OK)
		json_put_view(in, "charter", buf_view(&text));
	free(path);
	buf_free(&text);
	if (err == ERR_OK)
		err = load_sig(dir, "charter.a.sig", in, "sig_a");
	if (err == ERR_OK)
		err = load_sig(dir, "charter.b.sig", in, "sig_b");
	return err;
}

static enum err
load_keys(const char *path, struct json *list)
{
	struct buf bytes = buf_init(STATEMENT_MAX);
	char *hex;
	enum err err = file_load(path, STATEMENT_MAX, &bytes);

	if (err == ERR_OK) {
		hex = malloc(2 * bytes.len + 1);
		if (hex == NULL) {
			err = ERR_NOMEM;
		} else {
			hex_encode(hex, bytes.p, bytes.len);
			json_add_str(list, hex);
		}
		free(hex);
	}
	buf_free(&bytes);
	return err;
}

/* The charter folder and every FILE of --keys, the first by the option and
 * the others as arguments behind it. */
static enum err
load_admission(const struct cli *cli, struct json *in)
{
	struct json *list = json_new_arr();
	const char *path;
	size_t i;
	enum err err = load_charter(cli_arg(cli, 0), in);

	for (i = 0; err == ERR_OK &&
	    (path = cli_opt_nth(cli, "keys", i)) != NULL; i++)
		err = load_keys(path, list);
	for (i = 1; err == ERR_OK && i < cli_args(cli); i++)
		err = load_keys(cli_arg(cli, i), list);
	json_put(in, "keys", &list);
	return err;
}

static int
cmd_admit(struct cli *cli)
{
	struct ask ask = { "POST", "/admit", operate_admit, RELAY_WRITE,
		NULL };
	struct json *in = json_new_obj(), *out = NULL;
	enum err err;

	diag_plain("casewire-relay");
	err = load_admission(cli, in);
	ask.in = in;
	if (err == ERR_OK)
		err = ask_relay(cli, &ask, &out);
	json_free(&in);
	if (err != ERR_OK)
		return cli_fail(cli, err, "%s", cli_arg(cli, 0));
	if (!cli_json(cli))
		cli_say("admitted: both agencies can connect now");
	return cmd_tell(cli, report_facts, &out);
}

static int
cmd_block(struct cli *cli)
{
	struct ask ask = { "POST", "/block", operate_block, RELAY_WRITE,
		NULL };
	struct json *in = json_new_obj(), *out = NULL;
	enum err err;

	diag_plain("casewire-relay");
	json_put_str(in, "id", cli_arg(cli, 0));
	json_put_bool(in, "off", cli_has(cli, "off"));
	ask.in = in;
	err = ask_relay(cli, &ask, &out);
	json_free(&in);
	if (err == ERR_SYNTAX)
		return cli_fail(cli, ERR_USAGE, "%s: no id as list shows them",
		    cli_arg(cli, 0));
	if (err != ERR_OK)
		return cli_fail(cli, err, "%s", cli_arg(cli, 0));
	return cmd_tell(cli, report_facts, &out);
}

/* A witness's note, brought by hand. */
static int
cmd_cosign(struct cli *cli)
{
	struct ask ask = { "POST", "/cosign", operate_cosign, RELAY_WRITE,
		NULL };
	struct json *in = json_new_obj(), *out = NULL;
	struct buf note = buf_init(NOTE_MAX);
	enum err err;

	diag_plain("casewire-relay");
	err = file_load(cli_arg(cli, 0), NOTE_MAX, &note);
	json_put_view(in, "note", buf_view(&note));
	ask.in = in;
	if (err == ERR_OK)
		err = ask_relay(cli, &ask, &out);
	json_free(&in);
	buf_free(&note);
	if (err != ERR_OK)
		return cli_fail(cli, err, "%s: %s", cli_arg(cli, 0),
		    cosign_reason(err));
	return cmd_tell(cli, report_witnesses, &out);
}

static int
show(struct cli *cli, const char *what, operation *op,
    void (*print)(const struct json *v))
{
	struct ask ask = { "GET", what, op, RELAY_READ, NULL };
	struct json *out = NULL;
	enum err err;

	diag_plain("casewire-relay");
	err = ask_relay(cli, &ask, &out);
	if (err != ERR_OK)
		return cli_fail(cli, err, "%s", cmd_home(cli));
	return cmd_tell(cli, print, &out);
}

static int
cmd_list(struct cli *cli)
{
	return show(cli, "/list", op_list, report_list);
}

static int
cmd_status(struct cli *cli)
{
	return show(cli, "/status", op_status, report_facts);
}

/* check, backup */

static int
cmd_check(struct cli *cli)
{
	struct setup s;
	struct json *out;
	struct store_count count;
	enum err err;

	diag_plain("casewire-relay");
	err = setup_load(cli, &s);
	if (err == ERR_OK)
		err = secret_start();
	if (err == ERR_OK)
		err = relay_check(&s.relay, cli_has(cli, "full"), &count);
	setup_free(&s);
	if (err != ERR_OK)
		return cli_fail(cli, err, "%s", err == ERR_NOTFOUND ?
		    cmd_home(cli) : advice(err));
	out = json_new_obj();
	json_put_bool(out, "agree", true);
	json_put_bool(out, "full", cli_has(cli, "full"));
	json_put_int(out, "entries", (int64_t)count.entries);
	json_put_int(out, "hollow", (int64_t)count.hollow);
	return cmd_tell(cli, report_facts, &out);
}

static enum err
backup(const struct setup *s, const char *to)
{
	char *path = file_join(s->relay.home, RELAY_STORE_FILE);
	struct store *store = NULL;
	enum err err;

	err = path == NULL ? ERR_NOMEM : store_open_read(&store, path);
	if (err == ERR_OK)
		err = file_exists(to) ? ERR_EXISTS : store_backup(store, to);
	store_close(&store);
	free(path);
	return err;
}

static int
cmd_backup(struct cli *cli)
{
	struct setup s;
	struct json *out;
	enum err err;

	diag_plain("casewire-relay");
	err = setup_load(cli, &s);
	if (err == ERR_OK)
		err = backup(&s, cli_arg(cli, 0));
	setup_free(&s);
	if (err != ERR_OK)
		return cli_fail(cli, err, "%s", cli_arg(cli, 0));
	out = json_new_obj();
	json_put_str(out, "backup", cli_arg(cli, 0));
	return cmd_tell(cli, report_facts, &out);
}

static const struct cli_opt run_opts[] = {
	{ "listen", 0, "ENDPOINT", "instead of the configured one" },
	{ "passphrase-file", 0, "FILE", "passphrase of relay.key" },
	{ "passphrase-fd", 0, "N", "the same, read from a descriptor" },
	{ "verbose", 'v', NULL, "say more on stderr" },
	{ NULL, 0, NULL, NULL },
};

static const struct cli_opt admit_opts[] = {
	{ "keys", 0, "FILE", "a key statement of either agency; repeatable" },
	{ NULL, 0, NULL, NULL },
};

static const struct cli_opt block_opts[] = {
	{ "off", 0, NULL, "take the block off" },
	{ NULL, 0, NULL, NULL },
};

static const struct cli_opt check_opts[] = {
	{ "full", 0, NULL, "hash every entry, tile and run again" },
	{ NULL, 0, NULL, NULL },
};

static const struct cli_cmd cmds[] = {
	{ "run", "", 0, 0, "serve until SIGTERM",
	    "casewire-relay run --home /srv/relay --passphrase-file pass",
	    run_opts, cmd_run },
	{ "admit", "CHARTER_DIR [KEYS ...]", 1, 64,
	    "serve the two agencies of a charter",
	    "casewire-relay admit pairing/ --keys a/keys.1 --keys b/keys.1",
	    admit_opts, cmd_admit },
	{ "block", "ID", 1, 1,
	    "stop serving an agency, a signing or transport kid, or a pair",
	    "casewire-relay block 3f1c9a0be2d44c6f8a7b5e2d1c0f9e8d",
	    block_opts, cmd_block },
	{ "cosign", "NOTEFILE", 1, 1,
	    "keep a witness's cosignature that came by hand",
	    "casewire-relay cosign cosigned.note", NULL, cmd_cosign },
	{ "list", "", 0, 0, "pairs, witnesses, blocks, forks kept",
	    "casewire-relay list --json", NULL, cmd_list },
	{ "status", "", 0, 0, "what the relay holds and does",
	    "casewire-relay status", NULL, cmd_status },
	{ "check", "", 0, 0,
	    "do the store and the high-water mark agree",
	    "casewire-relay check --full", check_opts, cmd_check },
	{ "backup", "FILE", 1, 1, "copy the store while it is in use",
	    "casewire-relay backup /backup/relay.db", NULL, cmd_backup },
	{ "restore", "", 0, 0,
	    "take the lost end of the log from a copy of its tiles",
	    "casewire-relay restore --from /srv/mirror", cmd_restore_opts,
	    cmd_restore },
	{ "newlog", "", 0, 0,
	    "begin the next log after casewire-keys rotate relay",
	    "casewire-relay newlog --note mirror/checkpoint",
	    cmd_newlog_opts, cmd_newlog },
	{ "explain", "[CODE]", 0, 1, "what an error means and what to do",
	    "casewire-relay explain rollback", NULL, cli_explain },
	{ NULL, NULL, 0, 0, NULL, NULL, NULL, NULL },
};

int
main(int argc, char **argv)
{
	static const struct cli_program program = {
		"casewire-relay",
		"Keep and pass on sealed runs, and prove that it did.",
		globals, cmds,
	};

	return cli_main(&program, argc, argv);
}
