/* mirror_entries: the entries of a log, as far as one is shown them. */
#include <string.h>

#include "audit/mirror_priv.h"
#include "proto/tile_entries.h"

void
mirror_entries_from(struct mirror *m, mirror_fetch *fetch, void *ctx)
{
	m->entries = fetch;
	m->entries_ctx = ctx;
	m->entries_next = 0;
}

/* The hashes of a tile the copy holds, whole or at its edge. */
static enum err
row_of(struct mirror *m, const struct tile_name *name,
    struct hash row[TILE_WIDTH])
{
	if (name->width == TILE_WIDTH)
		return (mirror_tiles_load(m, name, row));
	memcpy(row, m->held->edge[name->level],
	    name->width * sizeof(row[0]));
	return (ERR_OK);
}

/* m->bytes against the leaves; ERR_PROOF. */
static enum err
agree(const struct mirror *m, const struct hash row[TILE_WIDTH],
    unsigned width, struct view entry[TILE_WIDTH])
{
	struct hash leaf;
	unsigned i;

	if (tile_entries_decode(entry, width, buf_view(&m->bytes)) != ERR_OK)
		return (ERR_PROOF);
	for (i = 0; i < width; i++) {
		leaf = hash_leaf(entry[i].p, entry[i].len);
		if (entry[i].len > 0 && !hash_eq(&leaf, &row[i]))
			return (ERR_PROOF);
	}
	return (ERR_OK);
}

/* From the relay; a partial tile may be gone once the full one is there,
 * and that one's beginning is as good. */
static enum err
fetch(struct mirror *m, const struct tile_name *name)
{
	enum err err;

	tile_path(m->bad, name);
	buf_reset(&m->bytes);
	m->bytes.max = TILE_ENTRIES_BYTES_MAX;
	err = m->entries(m->entries_ctx, m->bad, &m->bytes);
	if (err == ERR_NOTFOUND)
		return (ERR_INCOMPLETE);
	return (err == ERR_TOO_BIG ? ERR_PROOF : err);
}

static enum err
step_tile(struct mirror *m, const struct tile_name *name,
    struct mirror_news *news)
{
	struct tile_name hashes = { 0, name->index, name->width };
	struct view entry[TILE_WIDTH];
	struct hash row[TILE_WIDTH];
	unsigned i;
	enum err err = mirror_tiles_read(m, name);

	if (err != ERR_NOTFOUND)
		return (err);
	err = fetch(m, name);
	if (err == ERR_OK)
		err = row_of(m, &hashes, row);
	if (err == ERR_OK)
		err = agree(m, row, name->width, entry);
	for (i = 0; err == ERR_OK && i < name->width; i++) {
		if (entry[i].len > 0)
			news->shown++;
		else
			news->withheld++;
	}
	return (err == ERR_OK ? mirror_tiles_put(m, name,
	    buf_view(&m->bytes)) : err);
}

enum err
mirror_entries_step(struct mirror *m, struct mirror_news *news)
{
	struct tile_name name = { TILE_ENTRIES, m->entries_next, TILE_WIDTH };
	enum err err = ERR_OK;

	m->bytes.max = TILE_ENTRIES_BYTES_MAX;
	while (err == ERR_OK && (name.width = tile_width(m->held->size,
	    TILE_ENTRIES, name.index)) > 0) {
		err = step_tile(m, &name, news);
		name.index++;
		if (err == ERR_OK && name.width == TILE_WIDTH)
			m->entries_next = name.index;
	}
	return (err);
}

/* Does a row of hashes lead to the checkpoint?  The edges do, since
 * mirror_open; a full tile by its place in the one above. */
static enum err
leads_up(struct mirror *m, const struct tile_name *name,
    const struct hash row[TILE_WIDTH])
{
	struct tile_name up = { name->level + 1, name->index / TILE_WIDTH, 0 };
	struct hash above[TILE_WIDTH], root;
	enum err err;

	if (name->width < TILE_WIDTH)
		return (ERR_OK);
	up.width = tile_width(m->held->size, up.level, up.index);
	err = row_of(m, &up, above);
	if (err != ERR_OK)
		return (err);
	root = merkle_root(row, TILE_WIDTH);
	if (!hash_eq(&root, &above[name->index % TILE_WIDTH]))
		return (ERR_VERIFY);
	return (leads_up(m, &up, above));
}

/* One tile, or as many empty entries where it was never fetched. */
static enum err
each_tile(struct mirror *m, const struct tile_name *name, mirror_entry *each,
    void *ctx)
{
	struct tile_name hashes = { 0, name->index, name->width };
	struct view entry[TILE_WIDTH] = { { NULL, 0 } };
	struct hash row[TILE_WIDTH];
	unsigned i;
	enum err err = row_of(m, &hashes, row);

	if (err == ERR_OK)
		err = leads_up(m, &hashes, row);
	if (err == ERR_OK) {
		m->bytes.max = TILE_ENTRIES_BYTES_MAX;
		err = mirror_tiles_read(m, name);
		if (err == ERR_OK)
			err = agree(m, row, name->width, entry);
		if (err == ERR_NOTFOUND)
			err = ERR_OK;
	}
	if (err == ERR_PROOF || err == ERR_TOO_BIG)
		err = ERR_VERIFY;
	for (i = 0; err == ERR_OK && i < name->width; i++)
		err = each(ctx, name->index * TILE_WIDTH + i, entry[i]);
	return (err);
}

enum err
mirror_entries_each(struct mirror *m, mirror_entry *each, void *ctx)
{
	struct tile_name name = { TILE_ENTRIES, 0, 0 };
	enum err err = ERR_OK;

	while (err == ERR_OK && (name.width = tile_width(m->held->size,
	    TILE_ENTRIES, name.index)) > 0) {
		err = each_tile(m, &name, each, ctx);
		name.index++;
	}
	return (err);
}
