/* admitted: see admitted.h. */
#include "relay/admitted.h"

#include <stdlib.h>
#include <string.h>

#include "audit/keyring.h"
#include "base/diag.h"
#include "proto/charter.h"
#include "proto/envelope.h"
#include "relay/store.h"

#define SIGS (2 * SIG_BYTES)

/* Blocks are few and looked up at every request: a sorted array. */
struct admitted {
	struct store *store;
	struct keyring *keyring;
	struct keyring_place place;	/* of the statement being loaded */
	bool early;			/* one came before what it follows */
	bool again;			/* the second time round */
	struct buf charters;		/* struct admitted_charter each */
	struct buf pairs;		/* the same, newest of each pair */
	struct buf blocks;		/* struct id each, rising */
};

#define CHARTERS_MAX ((size_t)1 << 20)	/* of them, in memory */
#define BLOCKS_MAX ((size_t)1 << 16)

const struct admitted_charter *
admitted_at(const struct admitted *adm, size_t i)
{
	const struct admitted_charter *all =
	    (const struct admitted_charter *)(const void *)adm->charters.p;

	if ((i + 1) * sizeof(*all) > adm->charters.len)
		return NULL;
	return &all[i];
}

const struct admitted_charter *
admitted_pair(const struct admitted *adm, size_t i)
{
	const struct admitted_charter *all =
	    (const struct admitted_charter *)(const void *)adm->pairs.p;

	if ((i + 1) * sizeof(*all) > adm->pairs.len)
		return NULL;
	return &all[i];
}

bool
admitted_party(const struct admitted *adm, const struct hash *pair_id,
    uint8_t direction, const struct id *agency)
{
	const struct keyring_agency *party;

	party = keyring_party(adm->keyring, pair_id, KEYRING_NEWEST,
	    direction);
	return party != NULL && id_eq(&party->id, agency);
}

bool
admitted_peers(const struct admitted *adm, const struct id *agency,
    const struct id *other)
{
	const struct admitted_charter *row;
	uint8_t d;
	size_t i;

	if (id_eq(agency, other))
		return true;
	for (i = 0; (row = admitted_pair(adm, i)) != NULL; i++)
		for (d = 0; d < DIRECTION_COUNT; d++)
			if (admitted_party(adm, &row->pair_id, d, agency) &&
			    admitted_party(adm, &row->pair_id, !d, other))
				return true;
	return false;
}

/* The pair's row in pairs, to be renewed, or NULL. */
static struct admitted_charter *
pair_row(struct admitted *adm, const struct hash *pair_id)
{
	struct admitted_charter *all =
	    (struct admitted_charter *)(void *)adm->pairs.p;
	size_t i, n = adm->pairs.len / sizeof(*all);

	for (i = 0; i < n; i++)
		if (hash_eq(&all[i].pair_id, pair_id))
			return &all[i];
	return NULL;
}

static enum err
charter_take(struct admitted *adm, const struct admitted_charter *row)
{
	struct admitted_charter *pair = pair_row(adm, &row->pair_id);

	if (pair != NULL && row->number > pair->number)
		*pair = *row;
	else if (pair == NULL)
		buf_put(&adm->pairs, row, sizeof(*row));
	buf_put(&adm->charters, row, sizeof(*row));
	return adm->pairs.err != ERR_OK ? adm->pairs.err :
	    adm->charters.err;
}

static bool
charter_held(const struct admitted *adm, const struct hash *charter_id)
{
	const struct admitted_charter *row;
	size_t i;

	for (i = 0; (row = admitted_at(adm, i)) != NULL; i++)
		if (hash_eq(&row->charter_id, charter_id))
			return true;
	return false;
}

/* Into the keyring and the lists; *fresh: it was not there. */
static enum err
charter_add(struct admitted *adm, const struct admitted_paper *paper,
    struct admitted_charter *row, bool *fresh)
{
	const struct charter *charter;
	enum err err;

	err = keyring_add_charter(adm->keyring, paper->text.p,
	    paper->text.len, paper->sig_a, paper->sig_b, &row->charter_id);
	if (err != ERR_OK)
		return err;
	*fresh = !charter_held(adm, &row->charter_id);
	charter = keyring_charter(adm->keyring, &row->charter_id);
	row->number = charter->number;
	row->pair_id = charter_pair(charter, &row->charter_id);
	return *fresh ? charter_take(adm, row) : ERR_OK;
}

enum err
admitted_add(struct admitted *adm, const struct admitted_paper *paper)
{
	struct admitted_charter row;
	struct buf value = buf_init(SIGS + CHARTER_MAX);
	bool fresh = false;
	enum err err;

	err = charter_add(adm, paper, &row, &fresh);
	if (err == ERR_OK && fresh) {
		buf_put(&value, paper->sig_a, SIG_BYTES);
		buf_put(&value, paper->sig_b, SIG_BYTES);
		buf_put(&value, paper->text.p, paper->text.len);
		err = value.err;
	}
	if (err == ERR_OK && fresh)
		err = store_put(adm->store, STORE_CHARTER,
		    (struct view){ row.charter_id.b, HASH_BYTES },
		    buf_view(&value));
	buf_free(&value);
	return err;
}

/* What the store holds, collected first: a walk may not call the store, and
 * a renewal must follow what it replaces. */
struct papers {
	struct buf values;	/* struct buf each */
};

static enum err
paper_collect(void *ctx, struct view key, struct view value)
{
	struct papers *papers = ctx;
	struct buf copy = buf_init(SIGS + CHARTER_MAX);

	(void)key;
	if (value.len < SIGS)
		return ERR_STORAGE;
	buf_put(&copy, value.p, value.len);
	buf_put(&papers->values, &copy, sizeof(copy));
	return copy.err != ERR_OK ? copy.err : papers->values.err;
}

/* Add all whose predecessor is there until no more can be added. */
static enum err
papers_add(struct admitted *adm, struct papers *papers)
{
	struct buf *all = (struct buf *)(void *)papers->values.p;
	size_t i, n = papers->values.len / sizeof(*all), left = n, before;
	struct admitted_paper paper;
	struct admitted_charter row;
	bool fresh;
	enum err err;

	do {
		before = left;
		for (i = 0; i < n; i++) {
			if (all[i].p == NULL)
				continue;
			memcpy(paper.sig_a, all[i].p, SIG_BYTES);
			memcpy(paper.sig_b, all[i].p + SIG_BYTES, SIG_BYTES);
			paper.text = (struct view){ all[i].p + SIGS,
			    all[i].len - SIGS };
			err = charter_add(adm, &paper, &row, &fresh);
			if (err == ERR_PAIRING)
				continue;
			if (err != ERR_OK)
				return err;
			buf_free(&all[i]);
			left--;
		}
	} while (left < before);
	return left == 0 ? ERR_OK : ERR_PAIRING;
}

static enum err
charters_load(struct admitted *adm)
{
	struct papers papers = { buf_init(CHARTERS_MAX * sizeof(struct buf)) };
	struct buf *all;
	size_t i;
	enum err err;

	err = store_facts(adm->store, STORE_CHARTER, paper_collect, &papers);
	if (err == ERR_OK)
		err = papers_add(adm, &papers);
	all = (struct buf *)(void *)papers.values.p;
	for (i = 0; i < papers.values.len / sizeof(*all); i++)
		buf_free(&all[i]);
	buf_free(&papers.values);
	return err;
}

/* A statement that was good when it came but no longer is beside what the
 * relay has learned since (another agency's key) is its owner's trouble; the
 * relay starts. */
static enum err
loaded(const struct admitted *adm, enum err err)
{
	if (err == ERR_OK || err == ERR_NOMEM || err == ERR_STORAGE)
		return err;
	diag_warn("admitted", "a key statement no longer counts: %s "
	    "index=%llu", err_name(err),
	    (unsigned long long)adm->place.index);
	return ERR_OK;
}

/* The relay's own statements are in the log too, and nobody's root here
 * until a charter names it. */
static enum err
keys_load(void *ctx, const struct store_seen *seen)
{
	struct admitted *adm = ctx;
	enum err err;

	adm->place.index = seen->index;
	err = keyring_add_keys(adm->keyring, seen->entry.p, seen->entry.len,
	    &adm->place);
	if (err == ERR_KEY_SEQ && !adm->again) {
		adm->early = true;
		return ERR_OK;
	}
	return err == ERR_KEY_FOREIGN ? ERR_OK : loaded(adm, err);
}

/* Entry 0 of a log that is not the relay's first stands before those it
 * follows: it is taken the second time round. */
static enum err
keys_load_all(struct admitted *adm, const struct id *owner)
{
	enum err err;

	adm->early = adm->again = false;
	err = store_news(adm->store, STORE_KEYS, owner, 0, keys_load, adm);
	adm->again = true;
	if (err == ERR_OK && adm->early)
		err = store_news(adm->store, STORE_KEYS, owner, 0, keys_load,
		    adm);
	return err;
}

static enum err
officer_load(void *ctx, const struct store_seen *seen)
{
	struct admitted *adm = ctx;

	adm->place.index = seen->index;
	return loaded(adm, keyring_add_officer(adm->keyring, seen->entry.p,
	    seen->entry.len, &adm->place));
}

static enum err
block_load(void *ctx, struct view key, struct view value)
{
	struct admitted *adm = ctx;

	(void)value;
	if (key.len != ID_BYTES)
		return ERR_STORAGE;
	buf_put(&adm->blocks, key.p, key.len);
	return adm->blocks.err;
}

static enum err
load(struct admitted *adm)
{
	enum err err;

	err = charters_load(adm);
	if (err == ERR_OK)
		err = keys_load_all(adm, NULL);
	if (err == ERR_OK)
		err = store_news(adm->store, STORE_OFFICER, NULL, 0,
		    officer_load, adm);
	if (err == ERR_OK)
		return store_facts(adm->store, STORE_BLOCK, block_load, adm);
	if (err == ERR_NOMEM || err == ERR_STORAGE)
		return err;
	diag_error("admitted", "what was admitted does not verify: %s "
	    "index=%llu", err_name(err), (unsigned long long)adm->place.index);
	return ERR_ROLLBACK;
}

enum err
admitted_own(struct admitted *adm, const struct id *relay)
{
	return keys_load_all(adm, relay);
}

enum err
admitted_open(struct admitted **out, struct store *store,
    struct keyring *keyring, const struct hash *log_id)
{
	struct admitted *adm = calloc(1, sizeof(*adm));
	enum err err;

	if (adm == NULL)
		return ERR_NOMEM;
	adm->store = store;
	adm->keyring = keyring;
	adm->place.log_id = *log_id;
	adm->charters = buf_init(CHARTERS_MAX *
	    sizeof(struct admitted_charter));
	adm->pairs = buf_init(CHARTERS_MAX * sizeof(struct admitted_charter));
	adm->blocks = buf_init(BLOCKS_MAX * ID_BYTES);
	err = load(adm);
	if (err != ERR_OK) {
		admitted_free(&adm);
		return err;
	}
	*out = adm;
	return ERR_OK;
}

void
admitted_free(struct admitted **adm)
{
	if (*adm == NULL)
		return;
	buf_free(&(*adm)->charters);
	buf_free(&(*adm)->pairs);
	buf_free(&(*adm)->blocks);
	free(*adm);
	*adm = NULL;
}

const struct id *
admitted_blocked_at(const struct admitted *adm, size_t i)
{
	if ((i + 1) * ID_BYTES > adm->blocks.len)
		return NULL;
	return (const struct id *)(adm->blocks.p + i * ID_BYTES);
}

/* The place of the first block not below id. */
static size_t
block_place(const struct admitted *adm, const struct id *id)
{
	size_t low = 0, high = adm->blocks.len / ID_BYTES, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (memcmp(admitted_blocked_at(adm, mid)->b, id->b,
		    ID_BYTES) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool
admitted_blocked(const struct admitted *adm, const struct id *id)
{
	const struct id *at = admitted_blocked_at(adm, block_place(adm, id));

	return at != NULL && id_eq(at, id);
}

enum err
admitted_block(struct admitted *adm, const struct id *id, bool on)
{
	struct view key = { id->b, ID_BYTES };
	size_t i = block_place(adm, id) * ID_BYTES;
	size_t tail = adm->blocks.len - i;
	enum err err;

	if (admitted_blocked(adm, id) == on)
		return on ? ERR_OK : ERR_NOTFOUND;
	if (!on) {
		err = store_drop(adm->store, STORE_BLOCK, key);
		if (err != ERR_OK)
			return err;
		memmove(adm->blocks.p + i, adm->blocks.p + i + ID_BYTES,
		    tail - ID_BYTES);
		adm->blocks.len -= ID_BYTES;
		return ERR_OK;
	}
	err = store_put(adm->store, STORE_BLOCK, key, key);
	if (err == ERR_OK && buf_room(&adm->blocks, ID_BYTES) == NULL)
		err = adm->blocks.err;
	if (err != ERR_OK)
		return err;
	memmove(adm->blocks.p + i + ID_BYTES, adm->blocks.p + i, tail);
	memcpy(adm->blocks.p + i, id->b, ID_BYTES);
	return ERR_OK;
}
