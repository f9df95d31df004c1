/* casewired: the agent; `run` for people and service files, `link` for its
 * own child.  casewired.8.scd. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/cli.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/secret.h"
#include "endpoint/agent.h"
#include "endpoint/api.h"
#include "endpoint/casebook.h"
#include "endpoint/link.h"
#include "endpoint/shred.h"
#include "endpoint/tether.h"
#include "keys/passphrase.h"

#define HOME_DEFAULT "/var/lib/casewired"

struct daemon {
	struct loop *loop;
	struct agent *agent;
	struct api *api;
	struct tether *tether;
	struct timer wake;
	enum err err;
	bool stopping;
};

static void
daemon_wake(void *ctx)
{
	(void)ctx;	/* a turn follows every round of the loop */
}

static void
daemon_arm(struct daemon *d, int64_t api_due)
{
	int64_t now = loop_now(d->loop), due = agent_due(d->agent);

	if (api_due >= 0 && api_due < due)
		due = api_due;
	if (due == INT64_MAX)
		loop_disarm(d->loop, &d->wake);
	else
		(void)loop_arm(d->loop, &d->wake, due > now ? due - now : 0);
}

static void
daemon_turn(void *ctx)
{
	struct daemon *d = ctx;
	enum err err;

	err = agent_turn(d->agent);
	api_committed(d->api, err);
	if (err != ERR_OK) {
		/* Never retry a failed commit: the next start recovers. */
		diag_error("casewired", "the turn failed: %s",
		    err_info(err)->text);
		d->err = err;
		loop_stop(d->loop);
		return;
	}
	tether_pump(d->tether);
	if (d->stopping) {
		loop_stop(d->loop);
		return;
	}
	daemon_arm(d, api_tick(d->api, loop_now(d->loop)));
}

static void
daemon_signal(void *ctx, int signo)
{
	struct daemon *d = ctx;

	diag_info("casewired", "signal %d: finishing the turn", signo);
	agent_drain(d->agent);
	d->stopping = true;
}

static const struct conf_key daemon_keys[] = {
	{ "", "passphrase-file", CONF_PATH, false, 0, 0, NULL,
	    "file that holds the passphrase of the keys" },
	{ "", "api-socket", CONF_PATH, false, 0, 0, "api.sock",
	    "unix socket of the desk's interface" },
	{ "", "retain", CONF_INT, false, 0, SHRED_DAYS_MAX, "0",
	    "days bodies are kept after a case is over; 0: for ever" },
	{ NULL, NULL, CONF_TEXT, false, 0, 0, NULL, NULL },
};

struct settings {
	char *home;
	char *passphrase_file;
	char *socket;
	int64_t retain_days;
};

static void
settings_free(struct settings *s)
{
	free(s->home);
	free(s->passphrase_file);
	free(s->socket);
}

static char *
settings_copy(const char *text)
{
	return text == NULL ? NULL : strdup(text);
}

/* Options win over HOME/casewired.conf, which need not exist. */
static enum err
settings_load(struct settings *s, const struct cli *cli)
{
	const char *home = cli_opt(cli, "home");
	const char *file = cli_opt(cli, "passphrase-file");
	const char *socket = cli_opt(cli, "api-socket");
	struct conf *conf = NULL;
	char *path;
	enum err err;

	memset(s, 0, sizeof(*s));
	if (home == NULL)
		home = getenv("CASEWIRE_HOME");
	s->home = strdup(home == NULL ? HOME_DEFAULT : home);
	path = s->home == NULL ? NULL : file_join(s->home, "casewired.conf");
	if (path == NULL)
		return ERR_NOMEM;
	err = file_exists(path) ? conf_load(&conf, path, daemon_keys) :
	    ERR_OK;
	free(path);
	if (err != ERR_OK)
		return err;
	if (file == NULL && conf != NULL)
		file = conf_text(conf, "", "passphrase-file");
	if (socket == NULL && conf != NULL)
		socket = conf_text(conf, "", "api-socket");
	if (conf != NULL)
		s->retain_days = conf_int(conf, "", "retain");
	s->passphrase_file = settings_copy(file);
	s->socket = file_join(s->home, socket == NULL ? "api.sock" : socket);
	conf_free(&conf);
	return s->socket == NULL ? ERR_NOMEM : ERR_OK;
}

static enum err
daemon_start(struct daemon *d, const struct settings *s,
    struct secret *passphrase)
{
	struct clock clock = clock_real();
	struct agent_conf conf = {
		.home = s->home,
		.passphrase = passphrase,
		.clock = clock,
		.hooks = casebook_hooks(),
		.retain_days = s->retain_days,
	};
	enum err err;

	timer_init(&d->wake, daemon_wake, d);
	err = agent_open(&d->agent, &conf);
	if (err == ERR_OK)
		err = loop_new(&d->loop, &clock);
	if (err == ERR_OK)
		err = loop_signal(d->loop, SIGTERM, daemon_signal, d);
	if (err == ERR_OK)
		err = loop_signal(d->loop, SIGINT, daemon_signal, d);
	if (err == ERR_OK)
		err = tether_new(&d->tether, d->loop, d->agent, s->home,
		    passphrase);
	if (err == ERR_OK)
		err = api_new(&d->api, d->agent, s->socket);
	if (err == ERR_OK)
		err = loop_serve(d->loop, api_httpd(d->api));
	if (err == ERR_OK) {
		loop_turn(d->loop, daemon_turn, d);
		err = loop_arm(d->loop, &d->wake, 0);
	}
	return err;
}

static void
daemon_free(struct daemon *d)
{
	if (d->loop != NULL)
		(void)loop_serve(d->loop, NULL);
	api_free(&d->api);
	tether_free(&d->tether);
	loop_free(&d->loop);
	agent_free(&d->agent);
}

static int
run(struct cli *cli)
{
	struct passphrase_from from = {
		.fd = -1, .credential = "casewire-passphrase",
		.prompt = "Passphrase of the endpoint's keys: ",
	};
	struct secret *passphrase = NULL;
	struct daemon d = { 0 };
	struct settings s;
	enum err err;

	diag_start(cli_has(cli, "verbose") ? DIAG_DEBUG : DIAG_INFO);
	err = settings_load(&s, cli);
	from.file = s.passphrase_file;
	if (err == ERR_OK)
		err = secret_start();
	if (err == ERR_OK)
		err = passphrase_read(&passphrase, &from);
	if (err == ERR_OK)
		err = daemon_start(&d, &s, passphrase);
	if (err == ERR_OK) {
		diag_info("casewired", "ready home=%s", s.home);
		err = loop_run(d.loop);
	}
	if (err == ERR_OK)
		err = d.err;
	daemon_free(&d);
	secret_free(&passphrase);
	settings_free(&s);
	return err == ERR_OK ? 0 : cli_fail(cli, err, "%s", "");
}

static const struct cli_opt run_opts[] = {
	{ "home", 'H', "DIR", "where keys, book and files lie" },
	{ "passphrase-file", 'p', "FILE", "passphrase of the keys" },
	{ "api-socket", 0, "PATH", "socket of the desk's interface" },
	{ "verbose", 'v', NULL, "say more on stderr" },
	{ NULL, 0, NULL, NULL },
};

static const struct cli_cmd commands[] = {
	{ "run", "", 0, 0, "Run the agent until SIGTERM",
	    "casewired run --home /var/lib/casewired "
	    "--passphrase-file /etc/casewire/passphrase", run_opts, run },
	{ "explain", "[CODE]", 0, 1, "Explain an error",
	    "casewired explain fork", NULL, cli_explain },
	{ NULL, NULL, 0, 0, NULL, NULL, NULL, NULL },
};

static const struct cli_program program = {
	"casewired",
	"The endpoint's agent: seals, sends, receives and proves.",
	NULL,
	commands,
};

int
main(int argc, char **argv)
{
	/* Our own child; its descriptors were named by tether. */
	if (argc == 2 && strcmp(argv[1], "link") == 0) {
		diag_start(DIAG_INFO);
		return link_main();
	}
	return cli_main(&program, argc, argv);
}
