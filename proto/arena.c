#include <stdint.h>
#include <stdlib.h>

#include "proto/arena.h"

#define BLOCK_FIRST ((size_t)16 * 1024)
#define BLOCK_MOST ((size_t)1024 * 1024)
#define ALIGN ((size_t)16)

struct arena_block {
	struct arena_block *next;
	size_t size;
	size_t len;
	_Alignas(16) unsigned char bytes[];
};

struct arena
arena_init(size_t max)
{
	return (struct arena){.max = max};
}

static struct arena_block *
block_new(struct arena *arena, size_t need)
{
	struct arena_block *block;
	size_t size = BLOCK_FIRST;

	if (arena->blocks && arena->blocks->size < BLOCK_MOST)
		size = arena->blocks->size * 2;
	if (size < need)
		size = need;
	block = calloc(1, sizeof(*block) + size);
	if (!block)
		return NULL;
	block->size = size;
	block->next = arena->blocks;
	arena->blocks = block;
	return block;
}

void *
arena_alloc(struct arena *arena, size_t len)
{
	struct arena_block *block = arena->blocks;
	void *p;

	if (len > arena->max) {
		arena->full = true;
		return NULL;
	}
	len = len ? (len + ALIGN - 1) / ALIGN * ALIGN : ALIGN;
	if (len > arena->max - arena->used) {
		arena->full = true;
		return NULL;
	}
	if (!block || block->size - block->len < len)
		block = block_new(arena, len);
	if (!block) {
		arena->full = true;
		return NULL;
	}
	p = block->bytes + block->len;
	block->len += len;
	arena->used += len;
	return p;
}

void *
arena_array(struct arena *arena, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / size) {
		arena->full = true;
		return NULL;
	}
	return arena_alloc(arena, n * size);
}

void
arena_free(struct arena *arena)
{
	struct arena_block *next;

	while (arena->blocks) {
		next = arena->blocks->next;
		free(arena->blocks);
		arena->blocks = next;
	}
	arena->used = 0;
	arena->full = false;
}
