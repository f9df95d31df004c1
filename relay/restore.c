/* restore: see restore.h. */
#include "relay/restore.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/mirror.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/httpc.h"
#include "keys/keyfile.h"
#include "keys/pubkey.h"
#include "proto/note.h"
#include "proto/tile.h"
#include "relay/relay.h"
#include "relay/signer.h"
#include "relay/store.h"
#include "relay/tlog.h"

#define TIMEOUT_MS 20000
#define PATH_BYTES (TILE_PATH_BYTES + 1)

struct restore {
	struct restore_report *report;
	char *high_path;
	int lock;
	struct mirror_key key;
	struct hash log_id;
	struct signer_high high;
	struct store *store;
	struct tlog *tree;
	const char *dir;	/* the copy: a folder, or http */
	struct httpc *http;
	struct note_checkpoint cp;
};

static enum err __attribute__((format(printf, 3, 4)))
refuse(struct restore *r, enum err err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(r->report->detail, sizeof(r->report->detail), fmt, ap);
	va_end(ap);
	return err;
}

/* in(dir, name): caller frees; ends the process without memory. */
static char *
in(const char *dir, const char *name)
{
	char *path = file_join(dir, name);

	if (path == NULL)
		abort();
	return path;
}

/* The log's key and origin, from what stands in the key file in clear. */
static enum err
open_key(struct restore *r, const char *home)
{
	char *path = in(home, RELAY_KEY_FILE);
	struct keyfile_public public;
	const uint8_t *key = NULL;
	enum err err = keyfile_peek(&public, path);

	if (err == ERR_OK)
		key = keyfile_find(&public, KEYFILE_LOG, 0);
	if (err == ERR_OK && key == NULL)
		err = ERR_KEY_FOREIGN;
	if (err == ERR_OK) {
		memcpy(r->key.key, key, KEY_BYTES);
		r->log_id = pubkey_log_id(key);
		err = note_origin(r->key.origin, public.name, &r->log_id);
	}
	free(path);
	return err;
}

static enum err
open_high(struct restore *r)
{
	enum err err = signer_peek(r->high_path, &r->high);

	r->report->high_lost = err == ERR_NOTFOUND;
	if (err == ERR_NOTFOUND)
		return ERR_OK;
	r->report->high = r->high.size;
	if (err == ERR_OK && r->high.size > 0 &&
	    !hash_eq(&r->high.log_id, &r->log_id))
		err = refuse(r, ERR_ROLLBACK, "%s is of another log than %s",
		    RELAY_HIGH_FILE, RELAY_KEY_FILE);
	return err;
}

static enum err
open_store(struct restore *r, const char *home)
{
	char *path = in(home, RELAY_STORE_FILE);
	enum err err = store_open(&r->store, path);

	free(path);
	if (err == ERR_OK)
		err = tlog_open(&r->tree, r->store);
	if (err == ERR_OK)
		r->report->held = tlog_size(r->tree);
	return err;
}

static enum err
open_copy(struct restore *r, const char *from)
{
	if (strncmp(from, "http://", 7) == 0 || strncmp(from, "unix:", 5) == 0)
		return httpc_new(&r->http, from, TIMEOUT_MS);
	r->dir = from;
	return ERR_OK;
}

static enum err
fetch(struct restore *r, const char *name, struct buf *out)
{
	char what[PATH_BYTES];
	unsigned status = 0;
	char *path;
	enum err err;

	buf_reset(out);
	if (r->dir != NULL) {
		path = in(r->dir, name);
		err = file_exists(path) ? file_load(path, out->max, out) :
		    ERR_NOTFOUND;
		free(path);
		return err;
	}
	(void)snprintf(what, sizeof(what), "/%s", name);
	err = httpc_request(r->http, "GET", what, (struct view){ NULL, 0 },
	    &status, out);
	if (err == ERR_OK && status != 200)
		err = status == 404 || status == 410 ? ERR_NOTFOUND :
		    ERR_UNREACHABLE;
	return err;
}

/* The first name->width hashes of a tile; a partial one may have become
 * full meanwhile. */
static enum err
fetch_tile(struct restore *r, const struct tile_name *name,
    struct hash row[TILE_WIDTH])
{
	struct tile_name full = { name->level, name->index, TILE_WIDTH };
	size_t len = name->width * HASH_BYTES;
	struct buf bytes = buf_init(TILE_BYTES);
	char path[TILE_PATH_BYTES];
	enum err err;

	tile_path(path, name);
	err = fetch(r, path, &bytes);
	if (err == ERR_NOTFOUND) {
		tile_path(path, &full);
		err = fetch(r, path, &bytes);
	}
	if (err == ERR_NOTFOUND)
		err = refuse(r, ERR_INCOMPLETE, "the copy has no %s", path);
	else if (err == ERR_OK && bytes.len < len)
		err = refuse(r, ERR_VERIFY, "%s of the copy is cut", path);
	if (err == ERR_OK)
		memcpy(row, bytes.p, len);
	buf_free(&bytes);
	return err;
}

static enum err
fetch_checkpoint(struct restore *r)
{
	struct buf note = buf_init(NOTE_MAX);
	enum err err = fetch(r, "checkpoint", &note);

	if (err == ERR_NOTFOUND)
		err = refuse(r, err, "the copy has no checkpoint");
	if (err == ERR_OK)
		err = mirror_signed(&r->key, 1, buf_view(&note), &r->cp);
	if (err == ERR_SIGNATURE)
		(void)refuse(r, err, "the copy is not of %s", r->key.origin);
	r->report->copy = err == ERR_OK ? r->cp.size : 0;
	buf_free(&note);
	return err;
}

/* Every leaf the copy has and the store has not, hollow. */
static enum err
take_leaves(struct restore *r)
{
	struct tile_name name = { 0, tlog_size(r->tree) / TILE_WIDTH, 0 };
	struct hash row[TILE_WIDTH];
	uint64_t at = tlog_size(r->tree);
	enum err err = ERR_OK;

	for (; err == ERR_OK && at < r->cp.size; name.index++) {
		name.width = tile_width(r->cp.size, 0, name.index);
		err = fetch_tile(r, &name, row);
		while (err == ERR_OK && at < r->cp.size &&
		    at / TILE_WIDTH == name.index) {
			const struct hash *leaf = &row[at % TILE_WIDTH];

			err = store_hollow_add(r->store, at, leaf);
			if (err == ERR_OK)
				err = tlog_append(r->tree, leaf);
			at++;
		}
	}
	return err;
}

/* The first of both's hashes at a level, from a tile on, that differs:
 * its index, or the first that one of them lacks. */
static enum err
first_apart(struct restore *r, unsigned level, uint64_t *at)
{
	uint64_t both = r->report->held < r->cp.size ? r->report->held :
	    r->cp.size;
	struct tile_name name = { level, *at, tile_width(r->cp.size, level,
	    *at) };
	struct hash theirs[TILE_WIDTH], ours[TILE_WIDTH];
	unsigned i, width = tile_width(both, level, *at);
	enum err err = ERR_OK;

	if (width > 0)
		err = fetch_tile(r, &name, theirs);
	if (err == ERR_OK && width > 0)
		err = tlog_tile(r->tree, level, *at, width, ours);
	for (i = 0; err == ERR_OK && i < width; i++)
		if (!hash_eq(&theirs[i], &ours[i]))
			break;
	*at = *at * TILE_WIDTH + i;
	return err;
}

/* Store and copy do not make the root that was signed: where do they part? */
static enum err
apart(struct restore *r)
{
	uint64_t both = r->report->held < r->cp.size ? r->report->held :
	    r->cp.size;
	unsigned level = TILE_LEVELS_MAX;
	uint64_t at = 0;
	enum err err = ERR_OK;

	while (err == ERR_OK && level-- > 0)
		err = first_apart(r, level, &at);
	if (err != ERR_OK)
		return err;
	if (at >= both)
		return refuse(r, ERR_VERIFY, "the copy's tiles do not lead to "
		    "the checkpoint it shows, size %llu",
		    (unsigned long long)r->cp.size);
	return refuse(r, ERR_ROLLBACK, "the store is no part of the copy's "
	    "log: they part from size %llu on", (unsigned long long)at + 1);
}

/* Do store and copy make one log, and the one that was signed to its end? */
static enum err
check_tree(struct restore *r)
{
	uint64_t size = tlog_size(r->tree);
	struct hash root;
	enum err err = tlog_root(r->tree, r->cp.size, &root);

	if (err == ERR_OK && !hash_eq(&root, &r->cp.root))
		return apart(r);
	if (err == ERR_OK && r->high.size > size)
		return refuse(r, ERR_ROLLBACK, "the last signed size is %llu "
		    "and the copy ends at %llu: %llu leaves lack; find a "
		    "newer copy, or begin anew with casewire-relay newlog",
		    (unsigned long long)r->high.size,
		    (unsigned long long)r->cp.size,
		    (unsigned long long)(r->high.size - size));
	if (err == ERR_OK)
		err = signer_agree(&r->high, r->tree);
	if (err == ERR_ROLLBACK)
		(void)refuse(r, err, "%s holds another root than the copy at "
		    "size %llu", RELAY_HIGH_FILE,
		    (unsigned long long)r->high.size);
	return err;
}

/* What was signed, and is known to be, stays so: before the store has it. */
static enum err
raise_high(struct restore *r)
{
	struct signer_high high = { .size = r->cp.size, .root = r->cp.root,
		.log_id = r->log_id };
	enum err err;

	if (r->cp.size <= r->high.size)
		return ERR_OK;
	err = signer_raise(r->high_path, &high);
	r->report->raised = err == ERR_OK;
	return err;
}

/* Named by the time, which is above every place in a feed ever given: there
 * was never more than an entry a microsecond. */
static enum err
note_restored(struct restore *r)
{
	const struct store_restored *before = store_restored(r->store);
	struct clock clock = clock_real();
	struct store_restored now = {
		.first = r->report->held,
		.end = tlog_size(r->tree),
		.at = (uint64_t)clock_wall(&clock) * 1000,
	};
	uint64_t above = before->at + 2 * now.end;

	if (before->at != 0 && before->first < now.first)
		now.first = before->first;
	if (now.at < above)
		now.at = above;
	return store_restore(r->store, &now);
}

static enum err
take(struct restore *r)
{
	enum err err = store_begin(r->store);

	if (err == ERR_OK)
		err = take_leaves(r);
	if (err == ERR_OK)
		err = check_tree(r);
	if (err == ERR_OK)
		err = raise_high(r);
	if (err == ERR_OK && tlog_size(r->tree) > r->report->held) {
		err = note_restored(r);
		if (err == ERR_OK)
			err = store_commit(r->store);
		if (err == ERR_OK)
			err = tlog_reread(r->tree, r->report->held);
	}
	if (err != ERR_OK)
		return err;
	r->report->size = tlog_size(r->tree);
	r->report->hollow = store_hollows(r->store);
	return ERR_OK;
}

enum err
restore_from(const char *home, const char *from,
    struct restore_report *report)
{
	struct restore r = { .report = report, .lock = -1 };
	enum err err;

	memset(report, 0, sizeof(*report));
	r.high_path = in(home, RELAY_HIGH_FILE);
	err = open_key(&r, home);
	if (err == ERR_OK)
		err = file_lock(home, &r.lock);
	if (err == ERR_OK)
		err = open_high(&r);
	if (err == ERR_OK)
		err = open_copy(&r, from);
	if (err == ERR_OK)
		err = fetch_checkpoint(&r);
	if (err == ERR_OK)
		err = open_store(&r, home);
	if (err == ERR_OK)
		err = take(&r);
	httpc_free(&r.http);
	tlog_free(&r.tree);
	store_close(&r.store);
	if (r.lock >= 0)
		close(r.lock);
	free(r.high_path);
	return err;
}
