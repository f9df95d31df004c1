/*
 * quota: what one transport key may submit a minute.
 *
 * Owns token buckets of runs, statements, other requests and bytes for each
 * key seen, in memory only: a restart gives everybody a full bucket.  The
 * first and cheapest check of admission (PROTOCOL.md section 8).  Never
 * looks at what the bytes are.  Relay loop only.
 */
#ifndef RELAY_QUOTA_H
#define RELAY_QUOTA_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "proto/limits.h"

/* Buckets held; a key past them is over its quota. */
#define QUOTA_KEYS_MAX 65536

struct quota;

enum quota_what {
	QUOTA_RUN,
	QUOTA_STATEMENT,	/* as many a minute as runs, counted apart */
	QUOTA_ASK,		/* a request that brings nothing: the same */
};
#define QUOTA_WHATS 3

/* quota_new(runs, bytes): a minute and a key; 0 = no limit. */
struct quota *
quota_new(uint32_t runs, uint64_t bytes);
void
quota_free(struct quota **q);

/*
 * quota_take(q, key, what, bytes, now):
 * Take one of what and its bytes; now in monotonic ms.  ERR_QUOTA takes
 * nothing.
 */
enum err
quota_take(struct quota *q, const uint8_t key[KEY_BYTES],
    enum quota_what what, size_t bytes, int64_t now);

uint32_t
quota_runs(const struct quota *q);
uint64_t
quota_bytes(const struct quota *q);

#endif
