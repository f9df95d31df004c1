/* newlog: see newlog.h. */
#include "relay/newlog.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "keys/keyfile.h"
#include "keys/pubkey.h"
#include "keys/sign.h"
#include "relay/newlog_priv.h"
#include "relay/relay.h"

enum err
newlog_refuse(struct newlog *n, enum err err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(n->report->detail, sizeof(n->report->detail), fmt, ap);
	va_end(ap);
	return err;
}

/* newlog_at(n, name): a path in the home; caller frees. */
char *
newlog_at(const struct newlog *n, const char *name)
{
	char *path = file_join(n->home, name);

	if (path == NULL)
		abort();
	return path;
}

bool
newlog_has(const struct newlog *n, const char *name)
{
	char *path = newlog_at(n, name);
	bool there = file_exists(path);

	free(path);
	return there;
}

/* The name something of the old log is kept under: stem.<8 hex>end. */
static void
kept_name(const struct newlog *n, char out[64], const char *stem,
    const char *end)
{
	char hex[9];

	hex_encode(hex, n->old.log_id.b, 4);
	(void)snprintf(out, 64, "%s.%s%s", stem, hex, end);
}

static enum err
open_key(struct newlog *n, const struct secret *passphrase)
{
	char *path = newlog_at(n, RELAY_KEY_FILE);
	enum err err = keyfile_load(&n->keys, path, passphrase);

	free(path);
	if (err == ERR_OK && keyfile_public(n->keys)->kind != KEYFILE_RELAY)
		err = ERR_KEY_FOREIGN;
	if (err == ERR_OK)
		n->report->new_log = pubkey_log_id(sign_public(
		    keyfile_signer(n->keys, KEYFILE_LOG)));
	return err;
}

enum err
newlog_log_key(struct view entry, struct statement_keys *ks,
    const uint8_t **key)
{
	const struct statement_key *log;
	struct statement st;
	enum err err = statement_split(&st, entry);

	if (err == ERR_OK)
		err = statement_keys_decode(ks, st.body);
	log = err == ERR_OK ? statement_keys_find(ks, KEY_LOG) : NULL;
	if (err == ERR_OK && log == NULL)
		err = ERR_KEY_FOREIGN;
	*key = log == NULL ? NULL : log->key;
	return err;
}

/* keys.1, keys.2 ...: the newest names our log, the newest before it that
 * names another names the old one. */
static enum err
load_own(struct newlog *n)
{
	const uint8_t *ours = sign_public(keyfile_signer(n->keys,
	    KEYFILE_LOG)), *key = NULL;
	struct statement_keys *ks = malloc(sizeof(*ks));
	enum err err = ks == NULL ? ERR_NOMEM : ERR_OK;
	bool rotated = false;
	char name[32];
	char *path;

	while (err == ERR_OK && n->own_count < NEWLOG_OWN_MAX) {
		struct buf *one = &n->own[n->own_count];

		(void)snprintf(name, sizeof(name), RELAY_KEYS_FILE ".%u",
		    n->own_count + 1);
		if (!newlog_has(n, name))
			break;
		path = newlog_at(n, name);
		*one = buf_init(STATEMENT_MAX);
		n->own_count++;
		err = file_load(path, STATEMENT_MAX, one);
		free(path);
		if (err == ERR_OK)
			err = newlog_log_key(buf_view(one), ks, &key);
		if (err == ERR_OK && memcmp(key, ours, KEY_BYTES) != 0) {
			memcpy(n->old.key.key, key, KEY_BYTES);
			rotated = true;
		}
	}
	if (err == ERR_OK && (key == NULL ||
	    memcmp(key, ours, KEY_BYTES) != 0))
		err = newlog_refuse(n, ERR_CONF, "the newest %s.N does not name the "
		    "log key of %s", RELAY_KEYS_FILE, RELAY_KEY_FILE);
	if (err == ERR_OK && !rotated)
		err = newlog_refuse(n, ERR_STATE, "the log key is the first; "
		    "casewire-keys rotate relay makes the next");
	free(ks);
	if (err != ERR_OK)
		return err;
	n->old.log_id = pubkey_log_id(n->old.key.key);
	n->report->old_log = n->old.log_id;
	return note_origin(n->old.key.origin, keyfile_public(n->keys)->name,
	    &n->old.log_id);
}

static enum err
move(const struct newlog *n, const char *from, const char *to)
{
	char *a = newlog_at(n, from), *b = newlog_at(n, to);
	enum err err = file_move(a, b);

	free(a);
	free(b);
	return err;
}

/* A store at rest has no other file. */
static enum err
move_store(struct newlog *n, const char *from, const char *to)
{
	char wal[64];

	(void)snprintf(wal, sizeof(wal), "%s-wal", from);
	if (newlog_has(n, wal))
		return newlog_refuse(n, ERR_BUSY, "%s is in use", from);
	return move(n, from, to);
}

/* What a relay started in between left there belongs to neither. */
static enum err
put_next(struct newlog *n)
{
	static const char *const stray[] = {
		RELAY_STORE_FILE "-wal", RELAY_STORE_FILE "-shm",
	};
	char *path;
	size_t i;
	enum err err = ERR_OK;

	for (i = 0; i < sizeof(stray) / sizeof(stray[0]); i++) {
		path = newlog_at(n, stray[i]);
		if (err == ERR_OK && file_exists(path))
			err = file_remove(path);
		free(path);
	}
	return err == ERR_OK ? move_store(n, NEWLOG_NEXT_FILE,
	    RELAY_STORE_FILE) : err;
}

/* From the old store, whole, to the new one, whole: each step can be the
 * first of the next call. */
static enum err
put_in_place(struct newlog *n)
{
	char store[64], high[64], note[64];
	enum err err = ERR_OK;

	kept_name(n, store, "store", ".db");
	kept_name(n, high, "signer", ".high");
	kept_name(n, note, RELAY_NOTE_FILE, "");
	if (newlog_has(n, NEWLOG_NEXT_FILE) && newlog_has(n, RELAY_STORE_FILE) && !newlog_has(n, store))
		err = move_store(n, RELAY_STORE_FILE, store);
	if (err == ERR_OK && newlog_has(n, NEWLOG_NEXT_FILE))
		err = put_next(n);
	if (err == ERR_OK && newlog_has(n, RELAY_NOTE_FILE) && !newlog_has(n, note))
		err = move(n, RELAY_NOTE_FILE, note);
	if (err == ERR_OK && n->old.high.size > 0)
		err = move(n, RELAY_HIGH_FILE, high);
	if (newlog_has(n, store))
		memcpy(n->report->kept, store, sizeof(store));
	return err;
}

static enum err
begin(struct newlog *n, const char *note)
{
	char kept[64];
	bool begun;
	enum err err = newlog_old_high(n);

	kept_name(n, kept, "store", ".db");
	n->report->resumed = newlog_has(n, kept);
	if (err != ERR_OK)
		return err;
	if (n->report->resumed && newlog_has(n, NEWLOG_NEXT_FILE))
		return put_in_place(n);
	err = newlog_old_open(n, &begun);
	if (err == ERR_OK && begun) {
		newlog_old_close(n);
		if (n->old.high.size == 0)
			return newlog_refuse(n, ERR_STATE, "this log has begun");
		n->report->resumed = true;
		return put_in_place(n);
	}
	if (err == ERR_OK)
		err = newlog_old_note(n, note);
	if (err == ERR_OK)
		err = newlog_build(n);
	newlog_old_close(n);
	return err == ERR_OK ? put_in_place(n) : err;
}

enum err
newlog_begin(const char *home, const char *note,
    const struct secret *passphrase, struct newlog_report *report)
{
	struct newlog *n = calloc(1, sizeof(*n));
	unsigned i;
	enum err err;

	memset(report, 0, sizeof(*report));
	if (n == NULL)
		return ERR_NOMEM;
	n->report = report;
	n->home = home;
	n->lock = -1;
	n->old.note = buf_init(NOTE_MAX);
	err = open_key(n, passphrase);
	if (err == ERR_OK)
		err = file_lock(home, &n->lock);
	if (err == ERR_OK)
		err = load_own(n);
	if (err == ERR_OK)
		err = begin(n, note);
	newlog_old_close(n);
	keyfile_free(&n->keys);
	for (i = 0; i < n->own_count; i++)
		buf_free(&n->own[i]);
	buf_free(&n->old.note);
	if (n->lock >= 0)
		close(n->lock);
	free(n);
	return err;
}
