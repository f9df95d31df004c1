/* witness_home: see witness_home.h. */
#include "audit/witness_home.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/logkeys.h"
#include "audit/remote.h"
#include "base/conf.h"
#include "base/diag.h"
#include "base/file.h"
#include "keys/keyfile.h"

/* A log that takes longer for one look is looked at again in the next
 * round, after the others. */
#define LOOK_MS ((int64_t)10 * 60 * 1000)

static const struct conf_key conf_keys[] = {
	{ "", "log", CONF_LIST, true, 0, 0, NULL,
	    "URL of a relay's log; repeatable" },
	{ "", "charter", CONF_LIST, false, 0, 0, NULL,
	    "a charter that names this witness; repeatable" },
	{ "", "keys", CONF_LIST, false, 0, 0, NULL,
	    "a key statement of a relay; repeatable" },
	{ "", "key", CONF_LIST, false, 0, 0, NULL,
	    "a log's key as signed notes write it; repeatable" },
	{ "", "every", CONF_INT, false, 1, 86400, "10",
	    "seconds between two looks" },
	{ "", "passphrase-file", CONF_PATH, false, 0, 0, NULL,
	    "passphrase of witness.key" },
	{ NULL, NULL, CONF_TEXT, false, 0, 0, NULL, NULL },
};

struct followed {
	struct witness_home_log log;
	struct remote *remote;
	struct witness *witness;	/* NULL: not known which log yet */
	char *dir;
	char origin[NOTE_NAME_MAX + 1];
};

struct witness_home {
	char *dir;
	struct conf *conf;
	struct witness_home_conf said;
	struct keyfile_public public;
	struct keyfile *keys;
	struct logkeys logkeys;
	int lock;
	struct followed logs[WITNESS_HOME_LOGS_MAX];
	size_t count;
};

static enum err
read_conf(struct witness_home *h)
{
	char *path = file_join(h->dir, WITNESS_HOME_CONF);
	const char *url;
	enum err err;

	err = path == NULL ? ERR_NOMEM :
	    conf_load(&h->conf, path, conf_keys);
	free(path);
	if (err != ERR_OK)
		return (err);
	h->said.every_s = (int)conf_int(h->conf, "", "every");
	h->said.passphrase_file = conf_text(h->conf, "", "passphrase-file");
	while ((url = conf_list(h->conf, "", "log", h->count)) != NULL) {
		if (h->count == WITNESS_HOME_LOGS_MAX)
			return (ERR_COUNT);
		h->logs[h->count++].log.url = url;
	}
	return (ERR_OK);
}

enum err
witness_home_open(struct witness_home **out, const char *dir)
{
	struct witness_home *h = calloc(1, sizeof(*h));
	char *path = NULL;
	enum err err = ERR_NOMEM;

	*out = NULL;
	if (h != NULL) {
		h->lock = -1;
		h->dir = strdup(dir);
		path = file_join(dir, WITNESS_HOME_KEY);
	}
	if (path != NULL && h->dir != NULL)
		err = keyfile_peek(&h->public, path);
	if (err == ERR_OK && h->public.kind != KEYFILE_WITNESS) {
		diag_error("witness", "%s holds no witness key", path);
		err = ERR_KEY_FOREIGN;
	}
	free(path);
	if (err == ERR_OK)
		err = read_conf(h);
	if (err != ERR_OK)
		witness_home_free(&h);
	*out = h;
	return (err);
}

static void
close_log(struct followed *f)
{
	witness_free(&f->witness);
	free(f->dir);
	f->dir = NULL;
	f->origin[0] = '\0';
}

void
witness_home_free(struct witness_home **hp)
{
	struct witness_home *h = *hp;
	size_t i;

	*hp = NULL;
	if (h == NULL)
		return;
	for (i = 0; i < h->count; i++) {
		close_log(&h->logs[i]);
		remote_close(&h->logs[i].remote);
	}
	logkeys_free(&h->logkeys);
	keyfile_free(&h->keys);
	conf_free(&h->conf);
	if (h->lock >= 0)
		close(h->lock);
	free(h->dir);
	free(h);
}

const struct witness_home_conf *
witness_home_conf(const struct witness_home *h)
{
	return (&h->said);
}

const char *
witness_home_name(const struct witness_home *h)
{
	return (h->public.name);
}

const uint8_t *
witness_home_key(const struct witness_home *h)
{
	return (keyfile_find(&h->public, KEYFILE_W, 0));
}

/* Each file of one configuration key, relative to the home. */
static enum err
gather_files(struct witness_home *h, const char *name,
    enum err (*take)(struct logkeys *l, const char *path))
{
	const char *file;
	char *path;
	size_t i;
	enum err err = ERR_OK;

	for (i = 0; err == ERR_OK &&
	     (file = conf_list(h->conf, "", name, i)) != NULL; i++) {
		path = file_join(h->dir, file);
		err = path == NULL ? ERR_NOMEM : take(&h->logkeys, path);
		free(path);
	}
	return (err);
}

static enum err
gather(struct witness_home *h)
{
	const char *text;
	size_t i;
	enum err err = gather_files(h, "charter", logkeys_charter);

	if (err == ERR_OK)
		err = gather_files(h, "keys", logkeys_statement);
	for (i = 0; err == ERR_OK &&
	     (text = conf_list(h->conf, "", "key", i)) != NULL; i++)
		err = logkeys_text(&h->logkeys, text);
	if (err == ERR_OK)
		err = logkeys_done(&h->logkeys);
	if (err == ERR_USAGE) {
		diag_error("witness", "%s: name the log's key: keys = FILE "
		    "or key = NAME+HASH+KEY", WITNESS_HOME_CONF);
		err = ERR_CONF;
	}
	return (err);
}

enum err
witness_home_unlock(struct witness_home *h, const struct secret *passphrase)
{
	char *path = file_join(h->dir, WITNESS_HOME_KEY);
	size_t i;
	enum err err = path == NULL ? ERR_NOMEM : gather(h);

	if (err == ERR_OK)
		err = file_lock(h->dir, &h->lock);
	if (err == ERR_OK)
		err = keyfile_load(&h->keys, path, passphrase);
	free(path);
	for (i = 0; err == ERR_OK && i < h->count; i++) {
		err = remote_open(&h->logs[i].remote, h->logs[i].log.url);
		if (err != ERR_OK)
			diag_error("witness", "log = %s: wanted http://...",
			    h->logs[i].log.url);
	}
	return (err);
}

static enum err
bring(void *ctx, struct view note, unsigned *status, struct buf *out)
{
	return (remote_bring(ctx, "/add-cosignature", note, status, out));
}

/* Two URLs of one log would be two states of it. */
static bool
followed_already(const struct witness_home *h, const struct followed *f,
    const char *origin)
{
	size_t i;

	for (i = 0; i < h->count; i++)
		if (&h->logs[i] != f &&
		    strcmp(h->logs[i].origin, origin) == 0)
			return (true);
	return (false);
}

static char *
folder_of(const struct witness_home *h, const char *origin)
{
	struct hash hash = hash_of(origin, strlen(origin));
	char hex[2 * HASH_BYTES + 1];

	hex_encode(hex, hash.b, HASH_BYTES);
	return (file_join(h->dir, hex));
}

/* Which log is that, and where does it stand here? */
static enum err
open_log(struct witness_home *h, struct followed *f)
{
	struct witness_conf conf = {
		.log = { NULL, h->logkeys.key, h->logkeys.count,
		    remote_fetch, f->remote },
		.bring = bring,
		.key = keyfile_signer(h->keys, KEYFILE_W),
		.name = h->public.name,
		.clock = clock_real(),
	};
	char origin[NOTE_NAME_MAX + 1];
	enum err err = mirror_peek(&conf.log, origin);

	if (err == ERR_OK && followed_already(h, f, origin)) {
		diag_error("witness", "%s serves the log %s, which another "
		    "log = of %s serves too", f->log.url, origin,
		    WITNESS_HOME_CONF);
		err = ERR_CONF;
	}
	if (err != ERR_OK)
		return (err);
	memcpy(f->origin, origin, sizeof(f->origin));
	f->dir = folder_of(h, origin);
	conf.origin = f->origin;
	conf.log.dir = f->dir;
	err = f->dir == NULL ? ERR_NOMEM : witness_open(&f->witness, &conf);
	if (err != ERR_OK)
		close_log(f);
	return (err);
}

/* Is there no point in looking again? */
static bool
for_good(enum err err)
{
	return (err == ERR_VERIFY || err == ERR_ROLLBACK ||
	    err == ERR_KEY_FOREIGN || err == ERR_CONF);
}

static void
tell(const struct followed *f, enum err before)
{
	const struct witness_news *n = &f->log.news;
	enum err err = f->log.err;

	if (err == ERR_OK && n->fresh)
		diag_info("witness", "cosigned origin=%s size=%llu time=%llu",
		    n->origin, (unsigned long long)n->size,
		    (unsigned long long)n->time_s);
	if (err == ERR_OK || err == before)
		return;
	if (n->alarm != MIRROR_QUIET && err == ERR_VERIFY)
		diag_error("witness", "ALARM %s: %s: not cosigned any more; "
		    "kept in %s url=%s", mirror_alarm_name(n->alarm),
		    n->detail, n->proof, f->log.url);
	else if (for_good(err))
		diag_error("witness", "not cosigned any more: %s: %s url=%s",
		    err_name(err), n->detail, f->log.url);
	else
		diag_warn("witness", "%s %s url=%s", err_info(err)->text,
		    n->detail, f->log.url);
}

static void
look(struct witness_home *h, struct followed *f)
{
	enum err before = f->log.err;

	if (f->witness == NULL && for_good(before))
		return;
	memset(&f->log.news, 0, sizeof(f->log.news));
	remote_allow(f->remote, LOOK_MS);
	f->log.err = f->witness == NULL ? open_log(h, f) : ERR_OK;
	if (f->witness != NULL)
		f->log.err = witness_step(f->witness, &f->log.news);
	tell(f, before);
	/* A relay with a new log key has a new log: asked again. */
	if (f->log.err == ERR_SIGNATURE)
		close_log(f);
}

enum err
witness_home_look(struct witness_home *h, bool (*go)(void))
{
	enum err first = ERR_OK;
	size_t i;

	for (i = 0; i < h->count && go(); i++) {
		look(h, &h->logs[i]);
		if (first == ERR_OK || (for_good(h->logs[i].log.err) &&
		    !for_good(first)))
			first = h->logs[i].log.err;
	}
	return (first);
}

bool
witness_home_ended(const struct witness_home *h)
{
	size_t i;

	for (i = 0; i < h->count; i++)
		if (!for_good(h->logs[i].log.err))
			return (false);
	return (true);
}

const struct witness_home_log *
witness_home_log(const struct witness_home *h, size_t i)
{
	return (i < h->count ? &h->logs[i].log : NULL);
}

/* A folder named by a hash, with a state in it. */
static enum err
show_folder(const struct witness_home *h, const char *name,
    witness_home_state *each, void *ctx)
{
	char *dir = file_join(h->dir, name), *path = NULL;
	struct witness_state st;
	enum err err = ERR_NOMEM;

	if (dir != NULL && (path = file_join(dir, WITNESS_STATE)) != NULL)
		err = witness_state_load(&st, path);
	if (err == ERR_OK && st.cp.size > 0)
		err = each(ctx, dir, &st);
	free(path);
	free(dir);
	return (err);
}

enum err
witness_home_states(const struct witness_home *h, witness_home_state *each,
    void *ctx)
{
	static const char digits[] = "0123456789abcdef";
	DIR *d = opendir(h->dir);
	struct dirent *e;
	enum err err = d == NULL ? ERR_IO : ERR_OK;

	while (err == ERR_OK && (e = readdir(d)) != NULL)
		if (strlen(e->d_name) == 2 * HASH_BYTES &&
		    strspn(e->d_name, digits) == 2 * HASH_BYTES)
			err = show_folder(h, e->d_name, each, ctx);
	if (d != NULL)
		closedir(d);
	return (err);
}
