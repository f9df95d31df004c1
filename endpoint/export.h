/*
 * export: an evidence bundle out of the book.
 *
 * Collects what the evidence, outbox and inbox rows hold (runs, receipts,
 * proofs, checkpoints, charter, key statements; openings at level open) and
 * writes the zip through audit/bundle.h.  Sealed bundles hold no content.
 * Reads only.  Runs in casewired's core.
 */
#ifndef ENDPOINT_EXPORT_H
#define ENDPOINT_EXPORT_H

#include "base/err.h"
#include "base/hash.h"

struct agent;
struct json;
struct pair;

enum export_level {
	EXPORT_SEALED,
	EXPORT_OPEN,
};

/*
 * export_bundle(agent, pair, level, case_id, path, info):
 * Write path (must not exist).  case_id: at EXPORT_OPEN only this case's
 * messages are opened; NULL opens all.  info, if not NULL, gets counts.
 * ERR_EXISTS, ERR_IO, ERR_NOTFOUND, ERR_STORAGE.
 */
enum err
export_bundle(struct agent *agent, const struct pair *pair,
    enum export_level level, const struct id *case_id, const char *path,
    struct json **info);

#endif
