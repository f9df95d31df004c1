/* follow: see follow.h. */
#include "audit/follow.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audit/keyopts.h"
#include "audit/mirror.h"
#include "audit/remote.h"
#include "base/cli.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

#define EVERY_S 60
#define TOKEN_CHARS ((size_t)2 * PASS_TOKEN_BYTES)

/* Everything of one run. */
struct follow {
	struct cli *cli;
	struct logkeys keys;
	struct remote *remote;
	struct remote *entries;		/* the same URL, with a pass */
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

static int
tell(const struct follow *f, const struct mirror_news *news)
{
	struct json *o;

	if (!cli_json(f->cli)) {
		printf(_("%s: %llu entries, checked (%llu before)\n"),
		    news->origin, (unsigned long long)news->size,
		    (unsigned long long)news->before);
		if (news->shown + news->withheld > 0)
			printf(_("%llu new entries shown, %llu withheld\n"),
			    (unsigned long long)news->shown,
			    (unsigned long long)news->withheld);
		return (cli_flush());
	}
	o = json_new_obj();
	json_put_str(o, "origin", news->origin);
	json_put_int(o, "size", (int64_t)news->size);
	json_put_int(o, "before", (int64_t)news->before);
	json_put_hex(o, "root", news->root.b, HASH_BYTES);
	json_put_int(o, "tiles", (int64_t)news->tiles);
	json_put_int(o, "entries_shown", (int64_t)news->shown);
	json_put_int(o, "entries_withheld", (int64_t)news->withheld);
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

/* The file a party handed over: 64 hex digits and a line's end. */
static enum err
load_pass(char token[TOKEN_CHARS + 1], const char *path)
{
	struct buf text = buf_init(TOKEN_CHARS + 2);
	uint8_t bytes[PASS_TOKEN_BYTES];
	enum err err = file_load(path, TOKEN_CHARS + 2, &text);

	while (err == ERR_OK && text.len > TOKEN_CHARS &&
	       (text.p[text.len - 1] == '\n' || text.p[text.len - 1] == '\r'))
		text.len--;
	if (err == ERR_OK && text.len != TOKEN_CHARS)
		err = ERR_SYNTAX;
	if (err == ERR_OK) {
		memcpy(token, text.p, TOKEN_CHARS);
		token[TOKEN_CHARS] = '\0';
		err = hex_decode(bytes, sizeof(bytes), token);
	}
	buf_free(&text);
	return (err);
}

/* Entries go over a connection of their own: the pass is shown for nothing
 * else. */
static enum err
open_entries(struct follow *f)
{
	const char *file = cli_opt(f->cli, "pass-file");
	char token[TOKEN_CHARS + 1];
	enum err err;

	if (file == NULL)
		return (ERR_OK);
	err = load_pass(token, file);
	if (err != ERR_OK) {
		diag_error("follow", "%s: %s", file, err_name(err));
		return (err);
	}
	err = remote_open(&f->entries, cli_arg(f->cli, 0));
	if (err == ERR_OK)
		err = remote_pass(f->entries, token);
	if (err == ERR_CONF)
		diag_error("follow", "a pass is shown to this machine alone "
		    "over plain http: put a TLS tunnel's local end as URL");
	if (err == ERR_OK)
		mirror_entries_from(f->mirror, remote_fetch, f->entries);
	return (err);
}

static enum err
open_all(struct follow *f)
{
	struct mirror_conf conf = { cli_opt(f->cli, "dir"), f->keys.key,
		f->keys.count, remote_fetch, NULL };
	enum err err = remote_open(&f->remote, cli_arg(f->cli, 0));

	conf.ctx = f->remote;
	if (err == ERR_OK)
		err = mirror_open(&f->mirror, &conf);
	return (err == ERR_OK ? open_entries(f) : err);
}

const struct cli_opt follow_opts[] = {
	{ "dir", 'd', "DIR", N_("where the checked copy is kept") },
	KEYOPTS,
	{ "pass-file", 0, "FILE",
	    N_("a pass of a party: keep the entries it shows, too") },
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
		err = keyopts_gather(&f.keys, cli, false);
	if (err == ERR_USAGE)
		code = keyopts_missing(cli);
	else if (err == ERR_OK)
		err = open_all(&f);
	if (err != ERR_OK && code == 0)
		code = cli_fail(cli, err, "%s", cli_opt(cli, "dir"));
	else if (code == 0)
		code = watch(&f);
	mirror_free(&f.mirror);
	remote_close(&f.entries);
	remote_close(&f.remote);
	logkeys_free(&f.keys);
	return (code);
}
