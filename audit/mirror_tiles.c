/* mirror_tiles: tiles between a relay, a folder and a tree. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/mirror_priv.h"
#include "base/file.h"

/* One path of the relay into m->bytes. */
static enum err
fetch(struct mirror *m, const struct tile_name *name)
{
	char path[TILE_PATH_BYTES];
	enum err err;

	tile_path(path, name);
	buf_reset(&m->bytes);
	m->bytes.max = TILE_BYTES;
	err = m->conf.fetch(m->conf.ctx, path, &m->bytes);
	if (err == ERR_OK)
		m->fetched++;
	memcpy(m->bad, path, sizeof(path));
	return (err);
}

enum err
mirror_tiles_fetch(struct mirror *m, const struct tile_name *name,
    struct hash row[TILE_WIDTH])
{
	struct tile_name full = { name->level, name->index, TILE_WIDTH };
	size_t len = name->width * HASH_BYTES;
	enum err err = fetch(m, name);

	/* A partial tile may be gone once the full one is there. */
	if (err == ERR_NOTFOUND && name->width < TILE_WIDTH) {
		err = fetch(m, &full);
		if (err == ERR_OK && m->bytes.len == TILE_BYTES)
			m->bytes.len = len;
	}
	if (err == ERR_NOTFOUND)
		return (ERR_INCOMPLETE);
	if (err == ERR_TOO_BIG || (err == ERR_OK && m->bytes.len != len))
		return (ERR_PROOF);
	if (err == ERR_OK)
		memcpy(row, m->bytes.p, len);
	return (err);
}

/* DIR/tile/...; the caller frees it. */
static char *
place(const struct mirror *m, const struct tile_name *name)
{
	char path[TILE_PATH_BYTES];

	tile_path(path, name);
	return (file_join(m->conf.dir, path));
}

enum err
mirror_tiles_load(struct mirror *m, const struct tile_name *name,
    struct hash row[TILE_WIDTH])
{
	size_t len = name->width * HASH_BYTES;
	struct buf bytes = buf_init(TILE_BYTES);
	char *path = place(m, name);
	enum err err;

	err = path == NULL ? ERR_NOMEM :
	    file_load(path, TILE_BYTES, &bytes);
	if (err == ERR_OK && bytes.len == len)
		memcpy(row, bytes.p, len);
	else if (err == ERR_OK || err == ERR_NOTFOUND || err == ERR_TOO_BIG)
		err = ERR_VERIFY;
	free(path);
	buf_free(&bytes);
	return (err);
}

enum err
mirror_tiles_put(struct mirror *m, const struct tile_name *name,
    struct view bytes)
{
	char *path = place(m, name), *slash;
	enum err err = ERR_NOMEM;

	if (path != NULL) {
		slash = strrchr(path, '/');
		*slash = '\0';
		err = file_mkdirs(path, 0755);
		*slash = '/';
	}
	if (err == ERR_OK)
		err = file_replace(path, bytes.p, bytes.len, 0644);
	free(path);
	return (err);
}

enum err
mirror_tiles_keep(struct mirror *m, const struct tile_name *name,
    const struct hash row[TILE_WIDTH])
{
	return (mirror_tiles_put(m, name, (struct view){ row[0].b,
	    name->width * HASH_BYTES }));
}

enum err
mirror_tiles_read(struct mirror *m, const struct tile_name *name)
{
	char *path = place(m, name);
	enum err err = ERR_NOMEM;

	buf_reset(&m->bytes);
	if (path != NULL)
		err = !file_exists(path) ? ERR_NOTFOUND :
		    file_load(path, m->bytes.max, &m->bytes);
	free(path);
	return (err);
}

void
mirror_tiles_drop(struct mirror *m, const struct tile_name *name)
{
	char *path = place(m, name), *slash;

	if (path == NULL)
		return;
	(void)unlink(path);
	/* Its folder too, if that was the last in it. */
	slash = strrchr(path, '/');
	*slash = '\0';
	if (name->width < TILE_WIDTH)
		(void)rmdir(path);
	free(path);
}

struct tile_name
mirror_tiles_edge(uint64_t size, unsigned level)
{
	struct tile_name name = { .level = level };

	/* The highest level's only tile begins at 0. */
	if (level == TILE_ENTRIES)
		name.index = size >> 8;
	else if (level + 1 < TILE_LEVELS_MAX)
		name.index = size >> (8 * (level + 1));
	name.width = tile_width(size, level, name.index);
	return (name);
}

enum err
mirror_tiles_edges(struct mirror *m, struct mirror_state *state, bool remote)
{
	struct tile_name name;
	unsigned level;
	enum err err = ERR_OK;

	for (level = 0; level < TILE_LEVELS_MAX && err == ERR_OK; level++) {
		name = mirror_tiles_edge(state->size, level);
		if (name.width == 0)
			continue;
		err = remote ?
		    mirror_tiles_fetch(m, &name, state->edge[level]) :
		    mirror_tiles_load(m, &name, state->edge[level]);
	}
	return (err);
}

static enum err
full_tile(struct mirror_nodes *n, const struct tile_name *name)
{
	enum err err;

	if (n->loaded && n->name.level == name->level &&
	    n->name.index == name->index)
		return (ERR_OK);
	n->loaded = false;
	n->name = *name;
	err = n->remote ? mirror_tiles_fetch(n->m, name, n->row) :
	    mirror_tiles_load(n->m, name, n->row);
	n->loaded = err == ERR_OK;
	return (err);
}

enum err
mirror_nodes_read(void *ctx, unsigned level, uint64_t index,
    struct hash *out)
{
	struct mirror_nodes *n = ctx;
	unsigned h = level % 8;
	size_t slot = (size_t)(index & ((1u << (8 - h)) - 1)) << h;
	struct tile_name name = { level / 8, index >> (8 - h), 0 };
	const struct hash *row;
	enum err err;

	name.width = tile_width(n->state->size, name.level, name.index);
	if (slot + ((size_t)1 << h) > name.width)
		return (ERR_PROOF);
	if (name.width < TILE_WIDTH) {
		row = n->state->edge[name.level];
	} else {
		err = full_tile(n, &name);
		if (err != ERR_OK)
			return (err);
		row = n->row;
	}
	*out = merkle_root(row + slot, (size_t)1 << h);
	return (ERR_OK);
}
