/*
 * secret: memory for secrets: locked, never dumped, wiped when given back.
 *
 * Owns one arena for the process (RLIMIT_MEMLOCK is 8 MiB on Debian and
 * libsodium's own allocator costs three pages a key, so keys share pages
 * here) with a guard page on either side.  Never writes a secret anywhere.
 * Every process calls secret_start first; one thread.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* The arena, and the largest single secret in it. */
#define SECRET_ARENA_BYTES ((size_t)1 << 20)
#define SECRET_MAX ((size_t)64 << 10)

struct secret;

/*
 * secret_start():
 * Start the cryptographic library, lock the arena, forbid core dumps and
 * tracing.  Harmless to repeat.  ERR_NOMEM, said in the diag, if
 * RLIMIT_MEMLOCK is too small.
 */
enum err
secret_start(void);

/*
 * secret_new(len):
 * len zero bytes, 1 to SECRET_MAX.  NULL if the arena is full (ERR_NOMEM).
 * The caller frees it.
 */
struct secret *
secret_new(size_t len);
/* secret_copy(p, len): as secret_new, filled from p, which is left alone. */
struct secret *
secret_copy(const void *p, size_t len);
/* secret_bytes(s): the bytes, as long as s lives; NULL for NULL. */
uint8_t *
secret_bytes(struct secret *s);
const uint8_t *
secret_read(const struct secret *s);
/* secret_len(s): its length; 0 for NULL. */
size_t
secret_len(const struct secret *s);
/* secret_trim(s, len): wipe and forget what lies behind len <= its length. */
void
secret_trim(struct secret *s, size_t len);
/* secret_free(&s): wipe, give back, leave s NULL. */
void
secret_free(struct secret **s);

/* secret_wipe(p, len): zeros the compiler cannot leave out; stack copies. */
void
secret_wipe(void *p, size_t len);
/* secret_eq(p, q, len): equal, in time independent of the content. */
bool
secret_eq(const void *p, const void *q, size_t len);

/* random_bytes(p, len): from the kernel's generator; cannot fail. */
void
random_bytes(void *p, size_t len);
/* secret_random(p, len): the same, for keys. */
void
secret_random(void *p, size_t len);

#endif
