/* group: see group.h. */
#include "relay/group.h"

#include <stdbool.h>
#include <stdlib.h>

#include "proto/limits.h"
#include "relay/signer.h"
#include "relay/store.h"
#include "relay/tlog.h"

/* Channels a turn can touch: its bounded runs and statements, each fed to
 * few; past it buf notes the error and the turn fails loudly. */
#define TOUCHED_MAX ((size_t)1 << 24)

/* A turn's worth of entries filled, bounded as what it touches is. */
#define FILLED_MAX ((size_t)1 << 24)

struct group {
	struct store *store;
	struct tlog *tree;
	struct signer *signer;
	struct buf note;
	struct buf touched;	/* struct id each */
	struct buf filled;	/* u64 index each, to be read back */
	uint64_t signed_size;
	bool open;
};

enum err
group_new(struct group **out, struct store *store, struct tlog *tree,
    struct signer *signer)
{
	struct group *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return ERR_NOMEM;
	g->store = store;
	g->tree = tree;
	g->signer = signer;
	g->note = buf_init(NOTE_MAX);
	g->touched = buf_init(TOUCHED_MAX);
	g->filled = buf_init(FILLED_MAX);
	g->signed_size = tlog_size(tree);
	*out = g;
	return ERR_OK;
}

void
group_free(struct group **g)
{
	if (*g == NULL)
		return;
	if ((*g)->open)
		store_rollback((*g)->store);
	buf_free(&(*g)->note);
	buf_free(&(*g)->touched);
	buf_free(&(*g)->filled);
	free(*g);
	*g = NULL;
}

enum err
group_begin(struct group *g)
{
	enum err err;

	if (g->open)
		return ERR_OK;
	err = store_begin(g->store);
	g->open = err == ERR_OK;
	return err;
}

uint64_t
group_next(const struct group *g)
{
	return tlog_size(g->tree);
}

/* A channel fed many times in a row is one touch. */
static void
touch(struct group *g, const struct id *channel)
{
	size_t len = g->touched.len;

	if (len >= sizeof(*channel) && id_eq(channel,
	    (const struct id *)(g->touched.p + len - sizeof(*channel))))
		return;
	buf_put(&g->touched, channel, sizeof(*channel));
}

enum err
group_place(struct group *g, const struct hash *leaf, uint64_t *index)
{
	enum err err = store_hollow(g->store, leaf, index);

	if (err != ERR_NOTFOUND)
		return err;
	*index = tlog_size(g->tree);
	return ERR_OK;
}

/* The tree holds the leaf already. */
static enum err
fill(struct group *g, const struct store_item *item)
{
	enum err err = store_fill(g->store, item);

	if (err != ERR_OK)
		return err == ERR_NOTFOUND ? ERR_STORAGE : err;
	buf_put(&g->filled, &item->index, sizeof(item->index));
	return g->filled.err;
}

static enum err
append(struct group *g, const struct store_item *item)
{
	enum err err = store_append(g->store, item);

	return err == ERR_OK ? tlog_append(g->tree, &item->leaf) : err;
}

enum err
group_append(struct group *g, struct store_item *item)
{
	enum err err = group_begin(g);
	size_t i;

	if (err != ERR_OK)
		return err;
	item->leaf = hash_leaf(item->entry.p, item->entry.len);
	err = group_place(g, &item->leaf, &item->index);
	if (err == ERR_OK)
		err = item->index < tlog_size(g->tree) ? fill(g, item) :
		    append(g, item);
	for (i = 0; i < item->feed_count; i++)
		touch(g, &item->feeds[i]);
	return err != ERR_OK ? err : g->touched.err;
}

enum err
group_sign(struct group *g)
{
	enum err err = ERR_OK;

	if (g->signer != NULL)
		err = signer_checkpoint(g->signer, g->tree, &g->note);
	if (err == ERR_OK)
		g->signed_size = tlog_size(g->tree);
	return err;
}

static enum err
reread_filled(struct group *g)
{
	const uint64_t *index = (const uint64_t *)(const void *)g->filled.p;
	size_t i, n = g->filled.len / sizeof(*index);
	enum err err = ERR_OK;

	for (i = 0; i < n && err == ERR_OK; i++)
		err = tlog_reread_filled(g->tree, index[i]);
	buf_reset(&g->filled);
	return err;
}

enum err
group_end(struct group *g)
{
	enum err err;

	if (!g->open)
		return ERR_OK;
	err = store_commit(g->store);
	g->open = false;
	if (err == ERR_OK)
		err = reread_filled(g);
	if (err != ERR_OK || g->signed_size == tlog_size(g->tree))
		return err;
	err = tlog_reread(g->tree, g->signed_size);
	return err != ERR_OK ? err : group_sign(g);
}

struct view
group_note(const struct group *g)
{
	return buf_view(&g->note);
}

uint64_t
group_size(const struct group *g)
{
	return g->signed_size;
}

const struct id *
group_touched(const struct group *g, size_t i)
{
	if ((i + 1) * sizeof(struct id) > g->touched.len)
		return NULL;
	return (const struct id *)(g->touched.p + i * sizeof(struct id));
}

void
group_rest(struct group *g)
{
	buf_reset(&g->touched);
}
