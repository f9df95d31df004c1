/* follow: see follow.h. */
#include "audit/follow.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audit/logkeys.h"
#include "audit/mirror.h"
#include "audit/remote.h"
#include "base/cli.h"
#include "base/diag.h"
#include "base/json.h"
#include "base/text.h"

#define EVERY_S 60

/* Everything of one run. */
struct follow {
	struct cli *cli;
	struct logkeys keys;
	struct remote *remote;
	struct mirror *mirror;
	int64_t every_s;
};

static volatile sig_atomic_t ended;

static void
on_signal(int signo)
{
	(void)signo;
	ended = 1;
}

static enum err
gather_keys(struct follow *f)
{
	const char *charter = cli_opt(f->cli, "charter"), *arg;
	size_t i;
	enum err err = charter == NULL ? ERR_OK :
	    logkeys_charter(&f->keys, charter);

	for (i = 0; err == ERR_OK &&
	     (arg = cli_opt_nth(f->cli, "keys", i)) != NULL; i++)
		err = logkeys_statement(&f->keys, arg);
	for (i = 0; err == ERR_OK &&
	     (arg = cli_opt_nth(f->cli, "key", i)) != NULL; i++)
		err = logkeys_text(&f->keys, arg);
	return (err == ERR_OK ? logkeys_done(&f->keys) : err);
}

static int
tell(const struct follow *f, const struct mirror_news *news)
{
	struct json *o;

	if (!cli_json(f->cli)) {
		printf(_("%s: %llu entries, checked (%llu before)\n"),
		    news->origin, (unsigned long long)news->size,
		    (unsigned long long)news->before);
		return (cli_flush());
	}
	o = json_new_obj();
	json_put_str(o, "origin", news->origin);
	json_put_int(o, "size", (int64_t)news->size);
	json_put_int(o, "before", (int64_t)news->before);
	json_put_hex(o, "root", news->root.b, HASH_BYTES);
	json_put_int(o, "tiles", (int64_t)news->tiles);
	return (cli_data(f->cli, &o));
}

/* Worth another look later. */
static bool
passes(enum err err)
{
	return (err == ERR_UNREACHABLE || err == ERR_TIMEOUT ||
		err == ERR_NOTFOUND || err == ERR_INCOMPLETE);
}

static int
look(struct follow *f, bool first)
{
	bool once = cli_has(f->cli, "once");
	struct mirror_news news;
	enum err err = mirror_step(f->mirror, &news);

	if (err == ERR_OK)
		return (first || news.size != news.before ? tell(f, &news) :
		    0);
	if (!once && passes(err)) {
		diag_warn("follow", "%s: %s", cli_arg(f->cli, 0),
		    err_info(err)->text);
		return (0);
	}
	if (news.alarm == MIRROR_QUIET)
		return (cli_fail(f->cli, err, "%s", cli_arg(f->cli, 0)));
	return (cli_fail(f->cli, err, "ALARM %s: %s; kept in %s",
	    mirror_alarm_name(news.alarm), news.detail, news.proof));
}

static void
wait_s(int64_t s)
{
	struct timespec ts = { .tv_sec = s };

	while (ended == 0 && nanosleep(&ts, &ts) != 0)
		continue;
}

static int
watch(struct follow *f)
{
	struct sigaction sa = { .sa_handler = on_signal };
	bool once = cli_has(f->cli, "once");
	int code = look(f, true);

	(void)sigaction(SIGTERM, &sa, NULL);
	(void)sigaction(SIGINT, &sa, NULL);
	while (code == 0 && !once && ended == 0) {
		wait_s(f->every_s);
		if (ended == 0)
			code = look(f, false);
	}
	return (code);
}

static enum err
open_all(struct follow *f)
{
	struct mirror_conf conf = { cli_opt(f->cli, "dir"), f->keys.key,
		f->keys.count, remote_fetch, NULL };
	enum err err = remote_open(&f->remote, cli_arg(f->cli, 0));

	conf.ctx = f->remote;
	return (err == ERR_OK ? mirror_open(&f->mirror, &conf) : err);
}

const struct cli_opt follow_opts[] = {
	{ "dir", 'd', "DIR", N_("where the checked copy is kept") },
	{ "keys", 0, "FILE",
	    N_("a key statement of the relay; repeatable") },
	{ "charter", 'c', "FILE",
	    N_("the charter whose relay must have signed the statements") },
	{ "key", 'k', "NAME+HASH+KEY",
	    N_("the log's key as signed notes write it; repeatable") },
	{ "once", 0, NULL, N_("look once and end") },
	{ "every", 0, "SECONDS", N_("between two looks (60)") },
	{ NULL, 0, NULL, NULL },
};

int
follow_run(struct cli *cli)
{
	struct follow f = { .cli = cli };
	int code = 0;
	enum err err = ERR_USAGE;

	if (cli_opt(cli, "dir") == NULL)
		return (cli_fail(cli, err, "--dir is missing"));
	err = cli_opt_int(cli, "every", EVERY_S, 1, 86400, &f.every_s);
	if (err == ERR_OK)
		err = gather_keys(&f);
	if (err == ERR_USAGE)
		code = cli_fail(cli, err, "name the log's key: --keys FILE "
		    "or --key NAME+HASH+KEY");
	else if (err == ERR_OK)
		err = open_all(&f);
	if (err != ERR_OK && code == 0)
		code = cli_fail(cli, err, "%s", cli_opt(cli, "dir"));
	else if (code == 0)
		code = watch(&f);
	mirror_free(&f.mirror);
	remote_close(&f.remote);
	logkeys_free(&f.keys);
	return (code);
}
