/*
 * sha256: SHA-256 by the processor's own instructions, where it has them.
 *
 * Only the block function, for base/hash.c, which keeps the portable one of
 * the library wherever these are missing.  Hashing is half of a relay's work
 * and of sealing (PROTOCOL.md section 5), and this is about five times as
 * fast.  No secret, no memory, any thread.
 */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHA256_BLOCK 64

/* sha256_there(): has this processor the instructions? */
bool
sha256_there(void);
/* sha256_blocks(state, p, n): take n blocks in; only where sha256_there(). */
void
sha256_blocks(uint32_t state[8], const uint8_t *p, size_t n);

#endif
