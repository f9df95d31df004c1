/*
 * inbox: what comes from relays, from a log item to an opened message.
 *
 * Verifies in the order of PROTOCOL.md sections 5 and 6 (inclusion, keys,
 * signature, order), keeps gaps, duplicates, forks and runs of unknown keys,
 * opens, hands messages to the desk's side, and answers with `delivered` or
 * `undecryptable` receipts in the same transaction.  Agent core, inside a
 * turn.
 */
#ifndef ENDPOINT_INBOX_H
#define ENDPOINT_INBOX_H

#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "proto/fields.h"

struct agent;
struct pair;

/* One opened message; borrowed for the call. */
struct received {
	int64_t message;		/* local id, for mail_get */
	const struct pair *pair;
	uint8_t lane;
	uint64_t seq;
	struct hash env_id;
	struct hash again;		/* env_id it replaces (tag 6), or 0 */
	int64_t created_at;		/* the sender's claim */
	int64_t received_at;		/* own clock */
	const struct fields *fields;
};

#endif
