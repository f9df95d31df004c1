/*
 * casewire-witness: follows relays' logs and cosigns what they sign.
 *
 * The one program of audit/ that holds a key, and that key signs nothing but
 * cosignatures.  It listens on no port: it reads each log over HTTP and
 * brings its line there.  run and once work; status and show read.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audit/witness_home.h"
#include "base/cli.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/show.h"
#include "base/text.h"
#include "keys/passphrase.h"

#define PROGRAM "casewire-witness"
#define HOME_DEFAULT "/var/lib/casewire-witness"

static volatile sig_atomic_t ended;

static void
on_signal(int signo)
{
	(void)signo;
	ended = 1;
}

static bool
go(void)
{
	return (ended == 0);
}

static const char *
home_of(const struct cli *cli)
{
	const char *home = cli_opt(cli, "home");

	return (home != NULL ? home : HOME_DEFAULT);
}

static const char *
time_text(char text[CLOCK_TEXT_BYTES], uint64_t time_s)
{
	return (clock_format(text, time_s < INT64_MAX / 1000 ?
	    (int64_t)time_s * 1000 : -1));
}

/* run, once */

static enum err
unlock(const struct cli *cli, struct witness_home *h)
{
	struct passphrase_from from = {
		.file = cli_opt(cli, "passphrase-file"),
		.fd = -1,
		.credential = "casewire-passphrase",
		.prompt = "Passphrase of the witness key: ",
	};
	struct secret *passphrase = NULL;
	int64_t fd = -1;
	enum err err = ERR_OK;

	if (cli_has(cli, "passphrase-fd"))
		err = cli_opt_int(cli, "passphrase-fd", -1, 0, 1 << 20, &fd);
	from.fd = (int)fd;
	if (from.file == NULL && fd < 0)
		from.file = witness_home_conf(h)->passphrase_file;
	if (err == ERR_OK)
		err = passphrase_read(&passphrase, &from);
	if (err == ERR_OK)
		err = witness_home_unlock(h, passphrase);
	secret_free(&passphrase);
	return (err);
}

static enum err
start(struct cli *cli, struct witness_home **h)
{
	struct sigaction sa = { .sa_handler = on_signal };
	enum err err = secret_start();

	(void)sigaction(SIGTERM, &sa, NULL);
	(void)sigaction(SIGINT, &sa, NULL);
	if (err == ERR_OK)
		err = witness_home_open(h, home_of(cli));
	return (err == ERR_OK ? unlock(cli, *h) : err);
}

static void
wait_s(int s)
{
	struct timespec ts = { .tv_sec = s };

	while (ended == 0 && nanosleep(&ts, &ts) != 0)
		continue;
}

static int
cmd_run(struct cli *cli)
{
	struct witness_home *h = NULL;
	enum err err;

	diag_start(cli_has(cli, "verbose") ? DIAG_DEBUG : DIAG_INFO);
	err = start(cli, &h);
	if (err != ERR_OK) {
		witness_home_free(&h);
		return (cli_fail(cli, err, "%s", home_of(cli)));
	}
	diag_info("witness", "witnessing name=%s", witness_home_name(h));
	do {
		err = witness_home_look(h, go);
		if (witness_home_ended(h))
			break;
		wait_s(witness_home_conf(h)->every_s);
	} while (ended == 0);
	/* Told to stop: that all is well is no part of the answer. */
	if (ended != 0 && !witness_home_ended(h))
		err = ERR_OK;
	witness_home_free(&h);
	return (err == ERR_OK ? 0 : cli_fail(cli, err, "%s", home_of(cli)));
}

static struct json *
log_json(const struct witness_home_log *log)
{
	const struct witness_news *n = &log->news;
	struct json *o = json_new_obj();
	char at[CLOCK_TEXT_BYTES];

	json_put_str(o, "url", log->url);
	if (n->size > 0) {
		json_put_str(o, "origin", n->origin);
		json_put_int(o, "size", (int64_t)n->size);
		json_put_str(o, "at", time_text(at, n->time_s));
	}
	json_put_bool(o, "fresh", n->fresh);
	json_put_bool(o, "brought", n->brought);
	json_put_str(o, "result", err_name(log->err));
	if (n->detail[0] != '\0')
		json_put_str(o, "detail", n->detail);
	if (n->alarm != MIRROR_QUIET)
		json_put_str(o, "alarm", mirror_alarm_name(n->alarm));
	if (n->proof[0] != '\0')
		json_put_str(o, "proof", n->proof);
	return (o);
}

static int
tell_once(struct cli *cli, const struct witness_home *h)
{
	const struct witness_home_log *log;
	struct json *arr, *o;
	size_t i;

	if (cli_json(cli)) {
		arr = json_new_arr();
		for (i = 0; (log = witness_home_log(h, i)) != NULL; i++) {
			o = log_json(log);
			json_add(arr, &o);
		}
		o = json_new_obj();
		json_put(o, "logs", &arr);
		return (cli_data(cli, &o));
	}
	for (i = 0; (log = witness_home_log(h, i)) != NULL; i++)
		printf(_("%s: %llu entries cosigned: %s %s\n"), log->url,
		    (unsigned long long)log->news.size, err_name(log->err),
		    log->news.detail);
	return (cli_flush());
}

static int
cmd_once(struct cli *cli)
{
	struct witness_home *h = NULL;
	int code;
	enum err err;

	diag_plain(PROGRAM);
	err = start(cli, &h);

	if (err != ERR_OK) {
		witness_home_free(&h);
		return (cli_fail(cli, err, "%s", home_of(cli)));
	}
	err = witness_home_look(h, go);
	code = tell_once(cli, h);
	witness_home_free(&h);
	return (code != 0 ? code : err_exit(err));
}

/* status, show: without the key. */

struct states {
	struct json *arr;
	struct show_table *table;
	const char *origin;	/* show: whose note; NULL: the only one's */
	struct buf note;
	struct witness_state st;
	unsigned found;
};

static enum err
each_status(void *ctx, const char *dir, const struct witness_state *st)
{
	struct states *all = ctx;
	struct json *o = json_new_obj();
	char at[CLOCK_TEXT_BYTES];
	char *stopped = file_join(dir, WITNESS_STOPPED);
	bool ends = stopped != NULL && file_exists(stopped);

	free(stopped);
	json_put_str(o, "origin", st->cp.origin);
	json_put_int(o, "size", (int64_t)st->cp.size);
	json_put_str(o, "at", time_text(at, st->time_s));
	json_put_bool(o, "stopped", ends);
	json_put_str(o, "dir", dir);
	json_add(all->arr, &o);
	show_cell(all->table, "%s", st->cp.origin);
	show_cell(all->table, "%llu", (unsigned long long)st->cp.size);
	show_cell(all->table, "%s", at);
	show_cell(all->table, "%s", ends ? _("stopped: see its folder") : "");
	return (ERR_OK);
}

static int
tell_status(struct cli *cli, const struct witness_home *h, struct states *all)
{
	struct json *o;

	if (!cli_json(cli)) {
		printf(_("witness %s\n"), witness_home_name(h));
		show_table_print(all->table, stdout);
		return (cli_flush());
	}
	o = json_new_obj();
	json_put_str(o, "name", witness_home_name(h));
	json_put_hex(o, "key", witness_home_key(h), KEY_BYTES);
	json_put(o, "logs", &all->arr);
	return (cli_data(cli, &o));
}

static int
cmd_status(struct cli *cli)
{
	static const char *const heads[] = { "LOG", "COSIGNED", "AT", "" };
	struct states all = { .arr = json_new_arr(),
		.table = show_table_new(heads, 4) };
	struct witness_home *h = NULL;
	int code;
	enum err err;

	diag_plain(PROGRAM);
	err = witness_home_open(&h, home_of(cli));
	if (err == ERR_OK)
		err = witness_home_states(h, each_status, &all);
	code = err == ERR_OK ? tell_status(cli, h, &all) :
	    cli_fail(cli, err, "%s", home_of(cli));
	json_free(&all.arr);
	show_table_free(&all.table);
	witness_home_free(&h);
	return (code);
}

static enum err
each_show(void *ctx, const char *dir, const struct witness_state *st)
{
	struct states *all = ctx;
	char *path;
	enum err err;

	if (all->origin != NULL && strcmp(all->origin, st->cp.origin) != 0)
		return (ERR_OK);
	if (++all->found > 1)
		return (ERR_OK);
	path = file_join(dir, WITNESS_COSIGNED);
	err = path == NULL ? ERR_NOMEM :
	    file_load(path, NOTE_MAX, &all->note);
	free(path);
	all->st = *st;
	return (err);
}

static int
tell_note(struct cli *cli, struct states *all)
{
	struct json *o;

	if (!cli_json(cli)) {
		printf("%s", buf_text(&all->note));
		return (cli_flush());
	}
	o = json_new_obj();
	json_put_str(o, "origin", all->st.cp.origin);
	json_put_view(o, "note", buf_view(&all->note));
	return (cli_data(cli, &o));
}

static int
cmd_show(struct cli *cli)
{
	struct states all = { .note = buf_init(NOTE_MAX) };
	struct witness_home *h = NULL;
	int code;
	enum err err;

	diag_plain(PROGRAM);
	err = witness_home_open(&h, home_of(cli));
	all.origin = cli_args(cli) > 0 ? cli_arg(cli, 0) : NULL;
	if (err == ERR_OK)
		err = witness_home_states(h, each_show, &all);
	if (err == ERR_OK && all.found == 0)
		code = cli_fail(cli, ERR_NOTFOUND, "%s", all.origin != NULL ?
		    all.origin : home_of(cli));
	else if (err == ERR_OK && all.found > 1)
		code = cli_fail(cli, ERR_USAGE, "%s", _("several logs: name "
		    "one by its origin, as status lists them"));
	else if (err == ERR_OK)
		code = tell_note(cli, &all);
	else
		code = cli_fail(cli, err, "%s", home_of(cli));
	buf_free(&all.note);
	witness_home_free(&h);
	return (code);
}

static const struct cli_opt globals[] = {
	{ "home", 0, "DIR",
	    N_("the witness's folder (/var/lib/casewire-witness)") },
	{ NULL, 0, NULL, NULL },
};

#define PASS_OPTS \
	{ "passphrase-file", 0, "FILE", N_("passphrase of witness.key") }, \
	{ "passphrase-fd", 0, "N", \
	    N_("the same, read from a descriptor") }

static const struct cli_opt run_opts[] = {
	PASS_OPTS,
	{ "verbose", 'v', NULL, N_("say more on stderr") },
	{ NULL, 0, NULL, NULL },
};

static const struct cli_opt once_opts[] = {
	PASS_OPTS,
	{ NULL, 0, NULL, NULL },
};

static const struct cli_cmd cmds[] = {
	{ "run", "", 0, 0, N_("follow and cosign until SIGTERM"),
	    "casewire-witness run --home /srv/witness --passphrase-file pass",
	    run_opts, cmd_run },
	{ "once", "", 0, 0, N_("look at every log once"),
	    "casewire-witness once --json", once_opts, cmd_once },
	{ "status", "", 0, 0, N_("what was cosigned of each log, and when"),
	    "casewire-witness status", NULL, cmd_status },
	{ "show", "[ORIGIN]", 0, 1,
	    N_("the cosigned note of a log, to be carried by hand"),
	    "casewire-witness show relay.example/0123abcd", NULL, cmd_show },
	{ "explain", "[CODE]", 0, 1,
	    N_("what an error means and what to do"),
	    "casewire-witness explain rollback", NULL, cli_explain },
	{ NULL, NULL, 0, 0, NULL, NULL, NULL, NULL },
};

static const struct cli_program program = {
	PROGRAM,
	N_("Follows relays' logs and cosigns what they sign."),
	globals,
	cmds,
};

int
main(int argc, char **argv)
{
	return (cli_main(&program, argc, argv));
}
