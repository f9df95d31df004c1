/*
 * arena: memory for what one decoded message points into.
 *
 * A decoder allocates here and never past the arena's limit, so a peer can
 * make us spend at most that; the caller frees everything at once.  Views
 * and pointers in decoded structs live exactly as long as the arena (or, for
 * views into the input, as long as the input too).  Not for secrets.  Any
 * thread, one at a time.
 */
#ifndef PROTO_ARENA_H
#define PROTO_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *blocks;	/* newest first */
	size_t used;			/* bytes handed out, all blocks */
	size_t max;
	bool full;			/* an arena_alloc failed */
};

/* arena_init(max): an empty arena of at most max bytes (ARENA_MAX). */
struct arena
arena_init(size_t max);

/*
 * arena_alloc(arena, len):
 * len zeroed bytes aligned for anything; NULL when over the arena's limit or
 * out of memory.  len = 0 gives a pointer that is not NULL.
 */
void *
arena_alloc(struct arena *arena, size_t len);

/* arena_array(arena, n, size): as above for n elements; NULL on overflow. */
void *
arena_array(struct arena *arena, size_t n, size_t size);

/* arena_free(arena): free all; the arena is empty and usable again. */
void
arena_free(struct arena *arena);

#endif
