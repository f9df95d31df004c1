#include "proto/tile.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define INDEX_MAX (((uint64_t)1 << 56) - 1)	/* of 2^64 leaves */
#define GROUPS_MAX 6				/* of three digits */

static const char entries[] = "entries/";

static int
digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : -1;
}

/* Exactly three digits, or -1. */
static int
group(const char *p)
{
	int i, n = 0;

	for (i = 0; i < 3; i++) {
		if (digit(p[i]) < 0)
			return -1;
		n = 10 * n + digit(p[i]);
	}
	return n;
}

/* "x001/x234/067" at *p; no leading group is x000. */
static enum err
parse_index(const char **p, uint64_t *index)
{
	unsigned groups;
	int n, more;

	*index = 0;
	for (groups = 0; groups < GROUPS_MAX; groups++) {
		more = **p == 'x';
		*p += more;
		n = group(*p);
		if (n < 0 || (groups == 0 && more && n == 0))
			return ERR_SYNTAX;
		*p += 3;
		*index = 1000 * *index + (unsigned)n;
		if (!more)
			return *index > INDEX_MAX ? ERR_TOO_BIG : ERR_OK;
		if (*(*p)++ != '/')
			return ERR_SYNTAX;
	}
	return ERR_TOO_BIG;
}

/* "" or ".p/W" with W from 1 to 255. */
static enum err
parse_width(const char *p, unsigned *width)
{
	unsigned n = 0, digits = 0;

	*width = TILE_WIDTH;
	if (*p == '\0')
		return ERR_OK;
	if (strncmp(p, ".p/", 3) != 0 || p[3] == '0')
		return ERR_SYNTAX;
	for (p += 3; digit(*p) >= 0 && digits < 3; p++, digits++)
		n = 10 * n + (unsigned)digit(*p);
	if (*p != '\0' || n == 0 || n >= TILE_WIDTH)
		return ERR_SYNTAX;
	*width = n;
	return ERR_OK;
}

enum err
tile_parse(struct tile_name *name, const char *path)
{
	int level = digit(path[0]);
	enum err err;

	if (strncmp(path, entries, sizeof(entries) - 1) == 0) {
		name->level = TILE_ENTRIES;
		path += sizeof(entries) - 1;
	} else {
		if (level < 0 || level >= TILE_LEVELS_MAX || path[1] != '/')
			return ERR_SYNTAX;
		name->level = (unsigned)level;
		path += 2;
	}
	err = parse_index(&path, &name->index);
	return err == ERR_OK ? parse_width(path, &name->width) : err;
}

void
tile_path(char out[TILE_PATH_BYTES], const struct tile_name *name)
{
	unsigned group_of[GROUPS_MAX], groups = 0;
	uint64_t n = name->index;
	int len;

	assert((name->level < TILE_LEVELS_MAX ||
	    name->level == TILE_ENTRIES) && n <= INDEX_MAX);
	assert(name->width > 0 && name->width <= TILE_WIDTH);
	do {
		group_of[groups++] = (unsigned)(n % 1000);
		n /= 1000;
	} while (n > 0);
	len = name->level == TILE_ENTRIES ?
	    snprintf(out, TILE_PATH_BYTES, "tile/entries") :
	    snprintf(out, TILE_PATH_BYTES, "tile/%u", name->level);
	while (groups-- > 0)
		len += snprintf(out + len, TILE_PATH_BYTES - (size_t)len,
		    "/%s%03u", groups > 0 ? "x" : "", group_of[groups]);
	if (name->width < TILE_WIDTH)
		(void)snprintf(out + len, TILE_PATH_BYTES - (size_t)len,
		    ".p/%u", name->width);
}

unsigned
tile_width(uint64_t size, unsigned level, uint64_t index)
{
	uint64_t nodes, from = index * TILE_WIDTH;

	if (level == TILE_ENTRIES)
		level = 0;
	if (level >= TILE_LEVELS_MAX || index > INDEX_MAX)
		return 0;
	nodes = size >> (8 * level);
	if (from >= nodes)
		return 0;
	return nodes - from < TILE_WIDTH ? (unsigned)(nodes - from) :
	    TILE_WIDTH;
}
