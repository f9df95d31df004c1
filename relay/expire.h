/*
 * expire: ends the keeping of ciphertext.
 *
 * When a run's keep is over its CT is pruned, the bare run stays; if no
 * receipt and no ack_seq of the recipient in this log says it arrived, an
 * `expired` receipt (event 6) goes into the same commit group.  Never
 * touches headers, signatures or proofs.  Relay loop only.  PROTOCOL.md
 * sections 7 and 8.
 */
#ifndef RELAY_EXPIRE_H
#define RELAY_EXPIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct expire;
struct group;
struct heads;
struct keyring;
struct signer;
struct store;

/* Runs one turn prunes at most, and the bytes it holds for that. */
#define EXPIRE_RUNS 256
#define EXPIRE_BYTES ((size_t)16 << 20)

struct expire_parts {
	struct store *store;
	struct group *group;
	struct signer *signer;
	struct heads *heads;
	struct keyring *keyring;
};

enum err
expire_new(struct expire **out, const struct expire_parts *parts);
void
expire_free(struct expire **e);
/* expire_run(e, wall, more): prune what is due at wall, UTC ms; *more: there
 * is more.  Any error is fatal. */
enum err
expire_run(struct expire *e, int64_t wall, bool *more);

#endif
