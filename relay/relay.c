/* relay: see relay.h. */
#include "relay/relay.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/keyring.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/loop.h"
#include "keys/keyfile.h"
#include "keys/pubkey.h"
#include "relay/admit.h"
#include "relay/admitted.h"
#include "relay/control.h"
#include "relay/cosign.h"
#include "relay/expire.h"
#include "relay/fetched.h"
#include "relay/front.h"
#include "relay/group.h"
#include "relay/heads.h"
#include "relay/own.h"
#include "relay/park.h"
#include "relay/passes.h"
#include "relay/quota.h"
#include "relay/signer.h"
#include "relay/store.h"
#include "relay/tlog.h"
#include "relay/turn.h"
#include "relay/web.h"

/* Time for the last answers to leave after SIGTERM. */
#define DRAIN_MS 300

struct relay {
	const struct relay_conf *conf;
	int lock;
	struct keyfile_public public;
	struct keyfile *keys;		/* RELAY_SERVE only, as is the rest
					 * from signer on */
	struct store *store;
	struct tlog *tree;
	struct keyring *keyring;
	struct admitted *admitted;
	struct quota *quota;
	struct heads *heads;
	struct group *group;
	struct admit *admit;
	struct cosign *cosign;
	struct operate_parts parts;
	struct signer *signer;
	struct park *park;
	struct fetched *fetched;
	struct expire *expire;
	struct passes *passes;
	struct front *front;
	struct turn *turn;
	struct control *control;
	struct web *web;		/* NULL unless configured */
	struct loop *loop;
	struct timer timer;		/* the next turn without a frame */
	struct timer drained;
	enum err fatal;
};

/* in_home(r, name): caller frees; ends the process without memory. */
static char *
in_home(const struct relay_conf *conf, const char *name)
{
	char *path = file_join(conf->home, name);

	if (path == NULL)
		abort();
	return path;
}

static enum err
open_store(struct relay *r, enum relay_mode mode)
{
	char *path = in_home(r->conf, RELAY_STORE_FILE);
	enum err err;

	err = mode == RELAY_READ ? store_open_read(&r->store, path) :
	    store_open(&r->store, path);
	free(path);
	if (err == ERR_OK)
		err = tlog_open(&r->tree, r->store);
	return err;
}

/* Read before the store, so that a relay at work is never behind it. */
static enum err
read_high(const struct relay_conf *conf, struct signer_high *high)
{
	char *path = in_home(conf, RELAY_HIGH_FILE);
	enum err err = signer_peek(path, high);

	free(path);
	return err;
}

/* A log that holds runs was signed: without its high-water file nobody can
 * say how far.  Before the first start there are key statements only. */
static enum err
agree(const struct relay *r, enum err read, const struct signer_high *high)
{
	struct store_count count;
	enum err err;

	if (read == ERR_OK)
		return signer_agree(high, r->tree);
	if (read != ERR_NOTFOUND)
		return read;
	err = store_counts(r->store, &count);
	if (err == ERR_OK && count.runs + count.hollow > 0) {
		diag_error("relay", "%s is gone, and the log holds runs",
		    RELAY_HIGH_FILE);
		err = ERR_ROLLBACK;
	}
	return err;
}

static enum err
open_keys(struct relay *r, enum relay_mode mode,
    const struct secret *passphrase)
{
	char *path = in_home(r->conf, RELAY_KEY_FILE);
	enum err err;

	err = keyfile_peek(&r->public, path);
	if (err == ERR_OK && r->public.kind != KEYFILE_RELAY) {
		diag_error("relay", "%s holds no relay keys", path);
		err = ERR_KEY_FOREIGN;
	}
	if (err == ERR_OK && mode == RELAY_SERVE)
		err = keyfile_load(&r->keys, path, passphrase);
	free(path);
	return err;
}

static enum err
open_cosign(struct relay *r)
{
	struct cosign_parts parts = { r->store, r->tree, r->group,
		r->admitted, r->keyring, r->public.name,
		keyfile_find(&r->public, KEYFILE_LOG, 0) };
	enum err err = cosign_open(&r->cosign, &parts);

	r->parts.cosign = r->cosign;
	return err;
}

static enum err
open_parts(struct relay *r)
{
	struct admit_parts parts = { 0 };
	enum err err;

	parts.log_id = pubkey_log_id(keyfile_find(&r->public, KEYFILE_LOG, 0));
	r->keyring = keyring_new();
	r->quota = quota_new(r->conf->quota_runs, r->conf->quota_bytes);
	if (r->keyring == NULL || r->quota == NULL)
		return ERR_NOMEM;
	err = admitted_open(&r->admitted, r->store, r->keyring,
	    &parts.log_id);
	if (err == ERR_OK)
		err = heads_open(&r->heads, r->store);
	if (err == ERR_OK)
		err = group_new(&r->group, r->store, r->tree, r->signer);
	if (err != ERR_OK)
		return err;
	parts.keyring = r->keyring;
	parts.admitted = r->admitted;
	parts.store = r->store;
	parts.group = r->group;
	parts.heads = r->heads;
	parts.quota = r->quota;
	r->parts = (struct operate_parts){
		.store = r->store,
		.keyring = r->keyring,
		.admitted = r->admitted,
		.group = r->group,
		.name = r->public.name,
		.log_id = parts.log_id,
		.agency = r->public.agency,
	};
	err = admit_new(&r->admit, &parts);
	r->parts.admit = r->admit;
	return err == ERR_OK ? open_cosign(r) : err;
}

static enum err
open_own(struct relay *r)
{
	struct own_parts parts = { r->conf->home, &r->public, r->store,
		r->group, r->admitted };

	return own_open(&parts);
}

static enum err
open_signer(struct relay *r)
{
	char *path = in_home(r->conf, RELAY_HIGH_FILE);
	enum err err = signer_open(&r->signer, path, r->keys);

	free(path);
	return err;
}

static enum err
open_all(struct relay *r, enum relay_mode mode,
    const struct secret *passphrase)
{
	struct signer_high high;
	enum err err, read;

	err = open_keys(r, mode, passphrase);
	if (err == ERR_OK && mode != RELAY_READ)
		err = file_lock(r->conf->home, &r->lock);
	if (err != ERR_OK)
		return err;
	read = read_high(r->conf, &high);
	err = open_store(r, mode);
	if (err == ERR_OK)
		err = agree(r, read, &high);
	if (err == ERR_OK && mode == RELAY_SERVE)
		err = open_signer(r);
	if (err == ERR_OK)
		err = open_parts(r);
	if (err == ERR_OK && mode != RELAY_READ)
		err = open_own(r);
	if (err == ERR_OK && mode == RELAY_SERVE)
		err = group_sign(r->group);
	return err;
}

enum err
relay_open(struct relay **out, const struct relay_conf *conf,
    enum relay_mode mode, const struct secret *passphrase)
{
	struct relay *r = calloc(1, sizeof(*r));
	enum err err;

	if (r == NULL)
		return ERR_NOMEM;
	r->conf = conf;
	r->lock = -1;
	err = open_all(r, mode, passphrase);
	if (err != ERR_OK) {
		relay_close(&r);
		return err;
	}
	*out = r;
	return ERR_OK;
}

void
relay_close(struct relay **rp)
{
	struct relay *r = *rp;

	if (r == NULL)
		return;
	if (r->loop != NULL)
		(void)loop_serve(r->loop, NULL);
	control_close(&r->control);
	web_close(&r->web);
	turn_free(&r->turn);
	front_close(&r->front);
	loop_free(&r->loop);
	expire_free(&r->expire);
	passes_free(&r->passes);
	fetched_free(&r->fetched);
	park_free(&r->park);
	cosign_free(&r->cosign);
	admit_free(&r->admit);
	group_free(&r->group);
	heads_free(&r->heads);
	quota_free(&r->quota);
	admitted_free(&r->admitted);
	keyring_free(r->keyring);
	signer_free(&r->signer);
	tlog_free(&r->tree);
	store_close(&r->store);
	keyfile_free(&r->keys);
	if (r->lock >= 0)
		close(r->lock);
	free(r);
	*rp = NULL;
}

const struct operate_parts *
relay_parts(const struct relay *r)
{
	return &r->parts;
}

/* From here on nobody is answered. */
static void
stop(struct relay *r, enum err err)
{
	if (r->fatal == ERR_OK)
		r->fatal = err;
	diag_error("relay", "stopping: %s", err_info(err)->text);
	loop_stop(r->loop);
}

static void
on_zap_broken(void *ctx)
{
	stop(ctx, ERR_IO);
}

static void
on_control_broken(void *ctx)
{
	stop(ctx, ERR_STORAGE);
}

static enum err
allow(void *ctx, const uint8_t t[KEY_BYTES])
{
	struct relay *r = ctx;
	struct admit_party party;

	return admit_party(r->admit, t, &party);
}

static void
on_turn(void *ctx)
{
	struct relay *r = ctx;
	enum err err;

	if (r->fatal != ERR_OK)
		return;
	err = turn_run(r->turn);
	if (err == ERR_OK)
		err = loop_arm(r->loop, &r->timer, turn_due(r->turn));
	if (err != ERR_OK)
		stop(r, err);
}

/* The loop runs a turn after every round in which anything ran. */
static void
on_timer(void *ctx)
{
	(void)ctx;
}

static void
on_drained(void *ctx)
{
	struct relay *r = ctx;

	loop_stop(r->loop);
}

static void
on_signal(void *ctx, int signo)
{
	struct relay *r = ctx;

	diag_info("relay", "draining signal=%d", signo);
	turn_drain(r->turn);
	r->drained.fn = on_drained;
	r->drained.ctx = r;
	if (loop_arm(r->loop, &r->drained, DRAIN_MS) != ERR_OK)
		loop_stop(r->loop);
}

static enum err
start_turns(struct relay *r)
{
	struct turn_parts parts = {
		.clock = clock_real(),
		.front = r->front,
		.keyring = r->keyring,
		.admitted = r->admitted,
		.store = r->store,
		.tree = r->tree,
		.signer = r->signer,
		.group = r->group,
		.heads = r->heads,
		.quota = r->quota,
		.admit = r->admit,
		.cosign = r->cosign,
		.park = r->park,
		.fetched = r->fetched,
		.expire = r->expire,
		.passes = r->passes,
		.agency = r->public.agency,
		.home = r->conf->home,
		.disk_floor = r->conf->disk_floor,
		.expire_ms = r->conf->expire_ms,
	};

	return turn_new(&r->turn, &parts);
}

/* What waits between turns, and the turn itself. */
static enum err
start_parts(struct relay *r)
{
	struct expire_parts parts = { r->store, r->group, r->signer,
		r->heads, r->keyring };
	enum err err;

	r->park = park_new();
	err = r->park == NULL ? ERR_NOMEM :
	    fetched_new(&r->fetched, r->store, r->group, r->signer);
	if (err == ERR_OK)
		err = expire_new(&r->expire, &parts);
	if (err == ERR_OK)
		err = passes_open(&r->passes, r->store);
	if (err == ERR_OK)
		err = front_open(&r->front, r->conf->listen,
		    keyfile_dh(r->keys, KEYFILE_T, 0), allow, r);
	if (err == ERR_OK)
		err = front_probe(r->front);
	return err == ERR_OK ? start_turns(r) : err;
}

static enum err
start_loop(struct relay *r)
{
	struct clock clock = clock_real();
	enum err err;

	err = loop_new(&r->loop, &clock);
	if (err == ERR_OK)
		err = loop_signal(r->loop, SIGTERM, on_signal, r);
	if (err == ERR_OK)
		err = loop_signal(r->loop, SIGINT, on_signal, r);
	if (err == ERR_OK)
		err = front_watch(r->front, r->loop, on_zap_broken, r);
	if (err != ERR_OK)
		return err;
	r->timer.fn = on_timer;
	r->timer.ctx = r;
	loop_turn(r->loop, on_turn, r);
	return loop_arm(r->loop, &r->timer, 0);
}

static enum err
start_control(struct relay *r)
{
	char *path = in_home(r->conf, CONTROL_SOCKET);
	enum err err;

	r->parts.turn = r->turn;
	r->parts.park = r->park;
	r->parts.endpoint = front_endpoint(r->front);
	err = control_open(&r->control, path, &r->parts, on_control_broken, r);
	free(path);
	if (err == ERR_OK)
		err = loop_serve(r->loop, control_httpd(r->control));
	return err;
}

static enum err
start_web(struct relay *r)
{
	struct web_parts parts = { r->tree, r->group, r->cosign, r->turn,
		r->park, r->front, r->conf->home, r->conf->disk_floor,
		{ { r->store, r->keyring, r->admitted, r->public.agency },
		r->passes, r->group }, r->conf->web_entries };
	enum err err;

	if (r->conf->web == NULL)
		return ERR_OK;
	err = web_open(&r->web, r->conf->web, &parts, on_control_broken, r);
	return err == ERR_OK ? loop_serve(r->loop, web_httpd(r->web)) : err;
}

/* The newest checkpoint beside the store: the word of this log that outlives
 * its key (PROTOCOL.md section 8, prior). */
static enum err
keep_note(const struct relay *r)
{
	struct view note = group_note(r->group);
	char *path = in_home(r->conf, RELAY_NOTE_FILE);
	enum err err = file_replace(path, note.p, note.len, 0644);

	free(path);
	return err;
}

enum err
relay_run(struct relay *r)
{
	enum err err;

	err = start_parts(r);
	if (err == ERR_OK)
		err = start_loop(r);
	if (err == ERR_OK)
		err = start_control(r);
	if (err == ERR_OK)
		err = start_web(r);
	if (err == ERR_OK)
		err = keep_note(r);
	if (err != ERR_OK)
		return err;
	diag_info("relay", "serving endpoint=%s log=%s size=%llu",
	    front_endpoint(r->front), signer_origin(r->signer),
	    (unsigned long long)tlog_size(r->tree));
	err = loop_run(r->loop);
	if (r->fatal != ERR_OK)
		return r->fatal;
	return err == ERR_OK ? keep_note(r) : err;
}

enum err
relay_check(const struct relay_conf *conf, bool full,
    struct store_count *count)
{
	struct relay *r;
	enum err err;

	err = relay_open(&r, conf, RELAY_READ, NULL);
	if (err != ERR_OK)
		return err;
	err = store_check(r->store);
	if (err == ERR_OK && full)
		err = tlog_full(r->tree);
	if (err == ERR_OK)
		err = store_counts(r->store, count);
	relay_close(&r);
	return err;
}
