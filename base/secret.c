#include "base/secret.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <sodium.h>

#include "base/diag.h"

/* The arena is cut into cells; a secret takes consecutive ones. */
#define CELL_BYTES 64
#define CELLS (SECRET_ARENA_BYTES / CELL_BYTES)

struct secret {
	uint8_t *p;
	size_t len;
	size_t cells;
};

static struct {
	uint8_t *base;		/* NULL until secret_start */
	uint8_t used[CELLS];	/* one byte a cell: plain, and fast enough */
	size_t hint;		/* where the last search ended */
} arena;

/* Guard page, arena, guard page; locked and left out of dumps. */
static enum err
arena_start(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *map;

	map = mmap(NULL, SECRET_ARENA_BYTES + 2 * page, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		return ERR_NOMEM;
	if (mprotect(map + page, SECRET_ARENA_BYTES,
		PROT_READ | PROT_WRITE) != 0 ||
	    sodium_mlock(map + page, SECRET_ARENA_BYTES) != 0) {
		diag_error("secret", "cannot lock memory for keys: raise "
		    "RLIMIT_MEMLOCK bytes=%zu", SECRET_ARENA_BYTES);
		munmap(map, SECRET_ARENA_BYTES + 2 * page);
		return ERR_NOMEM;
	}
	/* A child made by fork would share no page of keys with us. */
	madvise(map + page, SECRET_ARENA_BYTES, MADV_DONTDUMP);
	madvise(map + page, SECRET_ARENA_BYTES, MADV_WIPEONFORK);
	arena.base = map + page;
	return ERR_OK;
}

/* The leak checker of a sanitizer build traces its own process. */
#if defined(__SANITIZE_ADDRESS__)
#define SECRET_TRACEABLE 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SECRET_TRACEABLE 1
#endif
#endif
#ifndef SECRET_TRACEABLE
#define SECRET_TRACEABLE 0
#endif

enum err
secret_start(void)
{
	const struct rlimit none = { 0, 0 };

	if (arena.base != NULL)
		return ERR_OK;
	if (sodium_init() < 0)
		return ERR_FAIL;
	if (setrlimit(RLIMIT_CORE, &none) != 0 ||
	    prctl(PR_SET_DUMPABLE, SECRET_TRACEABLE, 0, 0, 0) != 0)
		diag_warn("secret", "cannot forbid core dumps");
	return arena_start();
}

/* First fit from where the last search ended; CELLS if there is no room. */
static size_t
cells_find(size_t n)
{
	size_t at = arena.hint, run = 0, seen;

	for (seen = 0; seen < CELLS + n; seen++, at++) {
		if (at == CELLS) {
			at = 0;
			run = 0;
		}
		run = arena.used[at] ? 0 : run + 1;
		if (run == n) {
			arena.hint = (at + 1) % CELLS;
			return at + 1 - n;
		}
	}
	return CELLS;
}

struct secret *
secret_new(size_t len)
{
	struct secret *s;
	size_t cells = (len + CELL_BYTES - 1) / CELL_BYTES, at;

	if (len == 0 || len > SECRET_MAX || secret_start() != ERR_OK)
		return NULL;
	at = cells_find(cells);
	if (at == CELLS) {
		diag_error("secret", "no room for another key len=%zu", len);
		return NULL;
	}
	s = malloc(sizeof(*s));
	if (s == NULL)
		return NULL;
	memset(arena.used + at, 1, cells);
	s->p = arena.base + at * CELL_BYTES;
	s->len = len;
	s->cells = cells;
	return s;
}

struct secret *
secret_copy(const void *p, size_t len)
{
	struct secret *s = secret_new(len);

	if (s != NULL)
		memcpy(s->p, p, len);
	return s;
}

uint8_t *
secret_bytes(struct secret *s)
{
	return s == NULL ? NULL : s->p;
}

const uint8_t *
secret_read(const struct secret *s)
{
	return s == NULL ? NULL : s->p;
}

size_t
secret_len(const struct secret *s)
{
	return s == NULL ? 0 : s->len;
}

void
secret_trim(struct secret *s, size_t len)
{
	assert(len <= s->len);
	sodium_memzero(s->p + len, s->len - len);
	s->len = len;
}

void
secret_free(struct secret **sp)
{
	struct secret *s = *sp;

	*sp = NULL;
	if (s == NULL)
		return;
	sodium_memzero(s->p, s->cells * CELL_BYTES);
	memset(arena.used + (size_t)(s->p - arena.base) / CELL_BYTES, 0,
	    s->cells);
	free(s);
}

void
secret_wipe(void *p, size_t len)
{
	sodium_memzero(p, len);
}

bool
secret_eq(const void *p, const void *q, size_t len)
{
	return sodium_memcmp(p, q, len) == 0;
}

void
random_bytes(void *p, size_t len)
{
	randombytes_buf(p, len);
}

void
secret_random(void *p, size_t len)
{
	randombytes_buf(p, len);
}
