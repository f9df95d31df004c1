/*
 * export_proof: one message's run as a C2SP .tlog-proof out of the book.
 *
 * The run that carries the message (its statement and signature, no byte of
 * an envelope), its index in a relay's log, the path and the checkpoint that
 * were verified when they came: all a stranger needs besides the log's key
 * (EVIDENCE.md).  Reads only.  Runs in casewired's core.
 */
#ifndef ENDPOINT_EXPORT_PROOF_H
#define ENDPOINT_EXPORT_PROOF_H

#include "base/err.h"
#include "base/hash.h"

struct agent;
struct json;
struct pair;

/*
 * export_proof(agent, pair, case_id, word, path, info):
 * word as endpoint/export_pick reads it.  Writes path (must not exist); info
 * gets {path, log_id, index, size, channel, first_seq, last_seq, env_id}.
 * ERR_USAGE, ERR_NOTFOUND (no such message, or none of its envelopes stands
 * in a log yet), ERR_EXISTS, ERR_IO, ERR_STORAGE.
 */
enum err
export_proof(struct agent *agent, const struct pair *pair,
    const struct id *case_id, const char *word, const char *path,
    struct json **info);

#endif
