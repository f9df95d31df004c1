/* follow: see follow.h. */
#include "audit/follow.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audit/keyring.h"
#include "audit/mirror.h"
#include "base/cli.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/httpc.h"
#include "base/json.h"
#include "base/text.h"
#include "proto/charter.h"
#include "proto/statement.h"
#include "proto/tile.h"

#define KEYS_MAX 16
#define TIMEOUT_MS 20000
#define EVERY_S 60
#define URL_MAX 1024

/* Everything of one run. */
struct follow {
	struct cli *cli;
	struct mirror_key key[KEYS_MAX];
	size_t keys;
	struct httpc *http;
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
add_key(struct follow *f, const char *origin, size_t len,
    const uint8_t key[KEY_BYTES])
{
	struct mirror_key *k = &f->key[f->keys];

	if (f->keys == KEYS_MAX)
		return (ERR_COUNT);
	if (len > NOTE_NAME_MAX)
		return (ERR_TOO_BIG);
	memcpy(k->origin, origin, len);
	k->origin[len] = '\0';
	memcpy(k->key, key, KEY_BYTES);
	f->keys++;
	return (ERR_OK);
}

/* A verifier key as C2SP signed-note writes it: name+hash+base64. */
static enum err
add_text(struct follow *f, const char *text)
{
	const char *hash = strchr(text, '+');
	const char *key = hash == NULL ? NULL : strchr(hash + 1, '+');
	struct buf raw = buf_init(1 + KEY_BYTES);
	char name[NOTE_NAME_MAX + 1], hex[9];
	uint8_t id[4], said[4];
	size_t len;
	enum err err = ERR_USAGE;

	if (key == NULL || (len = (size_t)(hash - text)) == 0 ||
	    len > NOTE_NAME_MAX || key - hash != 9)
		return (err);
	memcpy(name, text, len);
	name[len] = '\0';
	memcpy(hex, hash + 1, 8);
	hex[8] = '\0';
	if (hex_decode(said, sizeof(said), hex) == ERR_OK &&
	    b64_decode(&raw, key + 1, strlen(key + 1)) == ERR_OK &&
	    raw.len == 1 + KEY_BYTES && raw.p[0] == NOTE_ED25519) {
		note_key_id(id, NOTE_ED25519, name, raw.p + 1);
		if (memcmp(id, said, sizeof(id)) == 0)
			err = add_key(f, name, len, raw.p + 1);
	}
	buf_free(&raw);
	return (err);
}

static enum err
load_keys(struct follow *f, struct keyring *kr, const char *path)
{
	struct buf bytes = buf_init(STATEMENT_MAX);
	const struct statement_key *log;
	struct statement_keys ks;
	struct statement st;
	enum err err = file_load(path, STATEMENT_MAX, &bytes);

	if (err == ERR_OK && kr != NULL)
		err = keyring_add_keys(kr, bytes.p, bytes.len, NULL);
	else if (err == ERR_OK) {
		/* No charter says whose root this is: taken as given. */
		err = statement_split(&st, buf_view(&bytes));
		if (err == ERR_OK)
			err = statement_keys_decode(&ks, st.body);
		log = err != ERR_OK ? NULL :
		    statement_keys_find(&ks, KEY_LOG);
		if (err == ERR_OK)
			err = log == NULL ? ERR_KEY_FOREIGN :
			    add_key(f, "", 0, log->key);
	}
	if (err != ERR_OK)
		diag_error("follow", "%s: %s", path, err_name(err));
	buf_free(&bytes);
	return (err);
}

/* A charter's relays are whose statements count. */
static enum err
load_charter(struct keyring *kr, const char *path)
{
	struct buf text = buf_init(CHARTER_MAX);
	struct charter *charter = malloc(sizeof(*charter));
	unsigned i;
	enum err err = charter == NULL ? ERR_NOMEM :
	    file_load(path, CHARTER_MAX, &text);

	if (err == ERR_OK)
		err = charter_parse(charter, buf_view(&text), NULL);
	for (i = 0; err == ERR_OK && i < charter->relay_count; i++)
		err = keyring_add_root(kr, charter->relay[i].root,
		    charter->relay[i].name, true);
	if (err != ERR_OK)
		diag_error("follow", "%s: %s", path, err_name(err));
	free(charter);
	buf_free(&text);
	return (err);
}

/* The logs of all statements under a charter, by their full origin. */
static enum err
take_logs(struct follow *f, const struct keyring *kr)
{
	char origin[NOTE_NAME_MAX + 1];
	const struct keyring_log *log;
	size_t i;
	enum err err = ERR_OK;

	for (i = 0; err == ERR_OK && (log = keyring_log_at(kr, i)) != NULL;
	     i++) {
		err = note_origin(origin, log->relay->name, &log->log_id);
		if (err == ERR_OK)
			err = add_key(f, origin, strlen(origin), log->key);
	}
	return (err);
}

static enum err
gather_keys(struct follow *f)
{
	const char *charter = cli_opt(f->cli, "charter"), *arg;
	struct keyring *kr = NULL;
	size_t i;
	enum err err = ERR_OK;

	if (charter != NULL)
		err = (kr = keyring_new()) == NULL ? ERR_NOMEM :
		    load_charter(kr, charter);
	for (i = 0; err == ERR_OK &&
	     (arg = cli_opt_nth(f->cli, "keys", i)) != NULL; i++)
		err = load_keys(f, kr, arg);
	if (err == ERR_OK && kr != NULL)
		err = take_logs(f, kr);
	for (i = 0; err == ERR_OK &&
	     (arg = cli_opt_nth(f->cli, "key", i)) != NULL; i++)
		err = add_text(f, arg);
	keyring_free(kr);
	return (err == ERR_OK && f->keys == 0 ? ERR_USAGE : err);
}

static enum err
fetch(void *ctx, const char *path, struct buf *out)
{
	struct follow *f = ctx;
	struct view none = { NULL, 0 };
	char what[TILE_PATH_BYTES + 1];
	unsigned status = 0;
	enum err err;

	(void)snprintf(what, sizeof(what), "/%s", path);
	err = httpc_request(f->http, "GET", what, none, &status, out);
	if (err != ERR_OK || status == 200)
		return (err);
	buf_reset(out);
	return (status == 404 || status == 410 ? ERR_NOTFOUND :
	    ERR_UNREACHABLE);
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
	struct mirror_conf conf = { cli_opt(f->cli, "dir"), f->key, f->keys,
		fetch, f };
	const char *url = cli_arg(f->cli, 0);
	char where[URL_MAX];
	size_t len = strlen(url);
	enum err err;

	if (len >= sizeof(where))
		return (ERR_TOO_BIG);
	memcpy(where, url, len + 1);
	while (len > 0 && where[len - 1] == '/')
		where[--len] = '\0';
	err = httpc_new(&f->http, where, TIMEOUT_MS);
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
	if (err == ERR_OK && (err = gather_keys(&f)) == ERR_USAGE)
		return (cli_fail(cli, err, "name the log's key: --keys FILE "
		    "or --key NAME+HASH+KEY"));
	if (err == ERR_OK)
		err = open_all(&f);
	if (err != ERR_OK)
		code = cli_fail(cli, err, "%s", cli_opt(cli, "dir"));
	else
		code = watch(&f);
	mirror_free(&f.mirror);
	httpc_free(&f.http);
	return (code);
}
