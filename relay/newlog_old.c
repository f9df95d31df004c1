/* newlog_old: what is known of the log before.  See newlog_priv.h. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "keys/pubkey.h"
#include "relay/newlog_priv.h"
#include "relay/relay.h"
#include "relay/store.h"
#include "relay/tlog.h"

/* Take note if it is the old log's, and vouches for more than what is held. */
static enum err
consider(struct newlog *n, struct view note)
{
	struct old *old = &n->old;
	struct note_checkpoint cp;
	struct hash root;
	enum err err = mirror_signed(&old->key, 1, note, &cp);

	if (err != ERR_OK)
		return err;
	if (old->tree != NULL && cp.size <= tlog_size(old->tree)) {
		err = tlog_root(old->tree, cp.size, &root);
		if (err == ERR_OK && !hash_eq(&root, &cp.root))
			err = ERR_ROLLBACK;
	}
	if (err == ERR_OK && cp.size == old->high.size &&
	    !hash_eq(&old->high.root, &cp.root))
		err = ERR_ROLLBACK;
	if (err == ERR_ROLLBACK)
		return newlog_refuse(n, err, "a checkpoint the old log signed, size "
		    "%llu, is not of the log that is here",
		    (unsigned long long)cp.size);
	if (err == ERR_OK && (old->note.len == 0 || cp.size > old->cp.size ||
	    (cp.size == old->cp.size && note.len > old->note.len))) {
		buf_reset(&old->note);
		buf_put(&old->note, note.p, note.len);
		old->cp = cp;
		err = old->note.err;
	}
	return err;
}

static enum err
consider_file(struct newlog *n, const char *path)
{
	struct buf note = buf_init(NOTE_MAX);
	enum err err = file_load(path, NOTE_MAX, &note);

	if (err == ERR_OK)
		err = consider(n, buf_view(&note));
	buf_free(&note);
	return err;
}

static enum err
consider_fact(void *ctx, struct view key, struct view value)
{
	(void)key;
	return consider(ctx, value);
}

enum err
newlog_old_note(struct newlog *n, const char *given)
{
	char *path = newlog_at(n, RELAY_NOTE_FILE);
	enum err err = ERR_OK;
	struct note note;

	if (given != NULL)
		err = consider_file(n, given);
	if (err == ERR_OK && file_exists(path))
		err = consider_file(n, path);
	free(path);
	if (err == ERR_OK && n->old.store != NULL)
		err = store_facts(n->old.store, STORE_COSIGNED,
		    consider_fact, n);
	if (err == ERR_OK && n->old.note.len == 0)
		return newlog_refuse(n, ERR_NOTFOUND, "no checkpoint of the old log "
		    "is here: give one with --note, of a mirror or a witness");
	if (err == ERR_OK)
		err = note_parse(&note, buf_view(&n->old.note));
	if (err != ERR_OK)
		return err;
	n->report->prior = n->old.cp.size;
	n->report->cosigned = note.sig_count - 1;
	n->report->signed_size = n->old.cp.size > n->old.high.size ?
	    n->old.cp.size : n->old.high.size;
	return ERR_OK;
}

static enum err
first_log(void *ctx, const struct store_seen *seen)
{
	struct statement_keys *ks = malloc(sizeof(*ks));
	const uint8_t *key;
	struct hash *log_id = ctx;
	enum err err = ks == NULL ? ERR_NOMEM : ERR_OK;

	if (err == ERR_OK && !seen->hollow)
		err = newlog_log_key(seen->entry, ks, &key);
	if (err == ERR_OK && !seen->hollow)
		*log_id = pubkey_log_id(key);
	free(ks);
	return err == ERR_OK ? ERR_BUSY : err;	/* one is enough */
}

/* Whose store is that?  An empty one, and one restored whole, is taken to be
 * the old log's. */
static enum err
store_log(struct newlog *n, struct store *store, struct hash *log_id)
{
	enum err err;

	*log_id = n->old.log_id;
	err = store_entries(store, 0, first_log, log_id);
	return err == ERR_BUSY ? ERR_OK : err;
}

enum err
newlog_old_high(struct newlog *n)
{
	char *path = newlog_at(n, RELAY_HIGH_FILE);
	struct signer_high high;
	enum err err = signer_peek(path, &high);

	free(path);
	if (err == ERR_OK && hash_eq(&high.log_id, &n->old.log_id))
		n->old.high = high;
	return err == ERR_NOTFOUND ? ERR_OK : err;
}

enum err
newlog_old_open(struct newlog *n, bool *begun)
{
	char *path = newlog_at(n, RELAY_STORE_FILE);
	struct store_count count;
	struct hash log_id;
	enum err err;

	*begun = false;
	if (!file_exists(path)) {
		free(path);
		return ERR_OK;
	}
	err = store_open(&n->old.store, path);
	free(path);
	if (err == ERR_OK)
		err = store_log(n, n->old.store, &log_id);
	if (err != ERR_OK)
		return err;
	*begun = hash_eq(&log_id, &n->report->new_log);
	if (*begun)
		return ERR_OK;
	if (!hash_eq(&log_id, &n->old.log_id))
		return newlog_refuse(n, ERR_STATE, "%s is of neither log",
		    RELAY_STORE_FILE);
	err = tlog_open(&n->old.tree, n->old.store);
	if (err == ERR_OK)
		err = store_counts(n->old.store, &count);
	if (err != ERR_OK)
		return err;
	n->report->held = count.entries;
	n->report->newest_at = count.newest_at;
	return ERR_OK;
}

void
newlog_old_close(struct newlog *n)
{
	tlog_free(&n->old.tree);
	store_close(&n->old.store);
}

