/* newlog_next: the new log's store.  See newlog_priv.h. */
#include <stdio.h>
#include <stdlib.h>

#include "audit/keyring.h"
#include "base/file.h"
#include "keys/keyfile.h"
#include "keys/sign.h"
#include "proto/label.h"
#include "relay/admit.h"
#include "relay/admitted.h"
#include "relay/group.h"
#include "relay/heads.h"
#include "relay/newlog_priv.h"
#include "relay/quota.h"
#include "relay/store.h"
#include "relay/tlog.h"

/* What the new one is built with. */
struct next {
	struct newlog *n;
	struct store *store;
	struct tlog *tree;
	struct group *group;
	struct keyring *keyring;
	struct admitted *admitted;
	struct heads *heads;
	struct quota *quota;
	struct admit *admit;
};

/* Facts that do not speak of an index of the old log. */
static enum err
copy_fact(struct next *x, enum store_fact kind, store_fact_fn *each)
{
	return x->n->old.store == NULL ? ERR_OK :
	    store_facts(x->n->old.store, kind, each, x->store);
}

static enum err
copy_charter(void *ctx, struct view key, struct view value)
{
	return store_put(ctx, STORE_CHARTER, key, value);
}

static enum err
copy_block(void *ctx, struct view key, struct view value)
{
	return store_put(ctx, STORE_BLOCK, key, value);
}

static enum err
copy_pass(void *ctx, struct view key, struct view value)
{
	return store_put(ctx, STORE_PASS, key, value);
}

static enum err
append_own(struct next *x, unsigned i)
{
	struct statement_keys *ks = malloc(sizeof(*ks));
	struct store_item item = { .entry = buf_view(&x->n->own[i]),
		.news = STORE_KEYS };
	const uint8_t *key;
	enum err err = ks == NULL ? ERR_NOMEM :
	    newlog_log_key(item.entry, ks, &key);

	if (err == ERR_OK) {
		item.news_owner = ks->agency;
		item.news_serial = ks->ks_seq;
		err = group_append(x->group, &item);
	}
	free(ks);
	return err;
}

static enum err
append_prior(struct next *x)
{
	const struct sign_key *s = keyfile_signer(x->n->keys, KEYFILE_S);
	struct statement_prior prior = { *sign_kid(s),
		buf_view(&x->n->old.note) };
	struct buf entry = buf_init(STATEMENT_MAX);
	struct store_item item = { .news = STORE_PRIOR,
		.news_owner = keyfile_public(x->n->keys)->agency,
		.news_serial = 1 };
	uint8_t sig[SIG_BYTES];
	enum err err = statement_prior_encode(&entry, &prior);

	if (err == ERR_OK)
		err = sign_labelled(s, LABEL_PRIOR, entry.p, entry.len, sig);
	if (err == ERR_OK) {
		buf_put(&entry, sig, sizeof(sig));
		err = entry.err;
	}
	item.entry = buf_view(&entry);
	if (err == ERR_OK)
		err = group_append(x->group, &item);
	buf_free(&entry);
	return err;
}

/* Entry 0, entry 1, and the statements that entry 0 follows. */
static enum err
append_first(struct next *x)
{
	unsigned i;
	enum err err = append_own(x, x->n->own_count - 1);

	if (err == ERR_OK)
		err = append_prior(x);
	for (i = 0; err == ERR_OK && i + 1 < x->n->own_count; i++)
		err = append_own(x, i);
	return err;
}

/* One statement of the old log, as if its owner brought it. */
static enum err
carry_one(void *ctx, const struct store_seen *seen)
{
	struct next *x = ctx;
	struct admit_answer answer;
	uint64_t size = tlog_size(x->tree);
	enum err err = admit_keys(x->admit, seen->entry, &answer);

	if (err != ERR_OK)
		return err;
	if (answer.status != ERR_OK)
		x->n->report->left++;
	else if (tlog_size(x->tree) > size)
		x->n->report->carried++;
	return ERR_OK;
}

static enum err
carry(struct next *x)
{
	static const enum store_news kinds[] = {
		STORE_KEYS, STORE_OFFICER, STORE_RECOVERY, STORE_PREKEY,
	};
	size_t i;
	enum err err = ERR_OK;

	for (i = 0; err == ERR_OK && x->n->old.store != NULL &&
	    i < sizeof(kinds) / sizeof(kinds[0]); i++)
		err = store_news(x->n->old.store, kinds[i], NULL, 0, carry_one,
		    x);
	return err;
}

static enum err
open_next(struct next *x)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	char *path = newlog_at(x->n, NEWLOG_NEXT_FILE), name[64];
	char *stale;
	size_t i;
	enum err err = ERR_OK;

	/* What a kill left of an attempt is made again from the start. */
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		(void)snprintf(name, sizeof(name), NEWLOG_NEXT_FILE "%s",
		    ends[i]);
		stale = newlog_at(x->n, name);
		if (err == ERR_OK && file_exists(stale))
			err = file_remove(stale);
		free(stale);
	}
	if (err == ERR_OK)
		err = store_open(&x->store, path);
	free(path);
	if (err == ERR_OK)
		err = tlog_open(&x->tree, x->store);
	if (err == ERR_OK)
		err = group_new(&x->group, x->store, x->tree, NULL);
	x->keyring = keyring_new();
	x->quota = quota_new(0, 0);
	if (err == ERR_OK && (x->keyring == NULL || x->quota == NULL))
		err = ERR_NOMEM;
	return err == ERR_OK ? group_begin(x->group) : err;
}

static enum err
open_admission(struct next *x)
{
	struct admit_parts parts = {
		.keyring = x->keyring,
		.store = x->store,
		.group = x->group,
		.quota = x->quota,
		.log_id = x->n->report->new_log,
	};
	enum err err = admitted_open(&x->admitted, x->store, x->keyring,
	    &x->n->report->new_log);

	if (err == ERR_OK)
		err = heads_open(&x->heads, x->store);
	if (err != ERR_OK)
		return err;
	parts.admitted = x->admitted;
	parts.heads = x->heads;
	return admit_new(&x->admit, &parts);
}

static void
close_next(struct next *x)
{
	admit_free(&x->admit);
	group_free(&x->group);
	heads_free(&x->heads);
	admitted_free(&x->admitted);
	quota_free(&x->quota);
	keyring_free(x->keyring);
	tlog_free(&x->tree);
	store_close(&x->store);
}

static enum err
copy_facts(struct next *x)
{
	enum err err = copy_fact(x, STORE_CHARTER, copy_charter);

	if (err == ERR_OK)
		err = copy_fact(x, STORE_BLOCK, copy_block);
	return err == ERR_OK ? copy_fact(x, STORE_PASS, copy_pass) : err;
}

enum err
newlog_build(struct newlog *n)
{
	struct next x = { .n = n };
	enum err err = open_next(&x);

	if (err == ERR_OK)
		err = copy_facts(&x);
	if (err == ERR_OK)
		err = append_first(&x);
	if (err == ERR_OK)
		err = open_admission(&x);
	if (err == ERR_OK)
		err = carry(&x);
	if (err == ERR_OK)
		err = group_end(x.group);
	close_next(&x);
	return err;
}
