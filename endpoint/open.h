/*
 * open: from a received envelope to its fields.
 *
 * Recomputes the receiving epoch from what the header says and our prekey,
 * keeps one chain a channel in memory, decrypts, and checks the commitment C:
 * the AEAD alone does not bind one plaintext.  The header was verified
 * before.  Agent core.  PROTOCOL.md sections 3 and 4.
 */
#ifndef ENDPOINT_OPEN_H
#define ENDPOINT_OPEN_H

#include "audit/keyring.h"
#include "base/bytes.h"
#include "base/err.h"
#include "endpoint/peering.h"
#include "proto/envelope.h"
#include "proto/fields.h"

struct agent;

/* What opening gave; open_free wipes it. */
struct opened {
	struct fields fields;		/* views into list */
	struct buf list;		/* the fields, encoded, without pad */
	uint8_t kf[KEY_BYTES];
};

/*
 * open_envelope(agent, pg, lane, env, key, opened):
 * key is the sender's (S, I).  ERR_CHARTER_NUMBER, ERR_PREKEY_GONE,
 * ERR_POINT, ERR_DECRYPT, ERR_PADDING and the field errors,
 * ERR_COMMITMENT: each means `undecryptable`.  ERR_NOMEM.
 */
enum err
open_envelope(struct agent *agent, struct peering *pg, uint8_t lane,
    const struct envelope *env, const struct keyring_key *key,
    struct opened *opened);
void
open_free(struct opened *opened);

#endif
