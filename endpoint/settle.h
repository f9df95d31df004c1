/*
 * settle: what receipts and proofs mean for our own messages.
 *
 * Nothing counts before its proof was checked: a row is `submitted` by an
 * inclusion proof, `delivered` by the peer's receipt or ack_seq.  Delivered
 * runs lose their bytes; `undecryptable` ones are queued anew, naming the
 * old env_id.  Agent core, inside a turn.  PROTOCOL.md sections 6 and 7.
 */
#ifndef ENDPOINT_SETTLE_H
#define ENDPOINT_SETTLE_H

#include "audit/verify.h"
#include "base/bytes.h"
#include "base/err.h"
#include "endpoint/peering.h"
#include "proto/request.h"
#include "proto/run.h"

struct agent;

/* settle_own_run(agent, pair, run, placed, cp): check the proof, keep it,
 * mark the messages submitted.  ERR_PROOF, ERR_PATH_LENGTH. */
enum err
settle_own_run(struct agent *agent, int64_t pair, const struct run *run,
    const struct reply_placed *placed, const struct verify_checkpoint *cp);

/* settle_statement(agent, pair, entry, index, path, cp): check the proof of
 * any statement and keep it as evidence.  ERR_PROOF, ERR_PATH_LENGTH. */
enum err
settle_statement(struct agent *agent, int64_t pair, struct view entry,
    uint64_t index, const struct merkle_path *path,
    const struct verify_checkpoint *cp);

/* settle_receipt(agent, entry, place): a receipt from a log about a channel
 * of ours; verified here.  Errors of verify_receipt. */
enum err
settle_receipt(struct agent *agent, struct view entry,
    const struct keyring_place *place);

/* settle_acked(agent, pg, lane, seq, env): the peer's header says all up to
 * seq is settled.  ERR_ROLLBACK if we know no such envelope. */
enum err
settle_acked(struct agent *agent, struct peering *pg, uint8_t lane,
    uint64_t seq, const struct hash *env);

/* settle_refused(agent, pair, lane, first, last, reason): told to the desk. */
enum err
settle_refused(struct agent *agent, int64_t pair, uint8_t lane,
    uint64_t first, uint64_t last, uint16_t reason);

#endif
