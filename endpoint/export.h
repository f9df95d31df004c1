/*
 * export: an evidence bundle out of the book.
 *
 * Collects what the evidence, outbox and inbox rows hold (runs, receipts,
 * proofs, checkpoints, charter, key statements), has export_open add the
 * openings chosen, and writes the zip through audit/bundle.h.  Sealed bundles
 * hold no content.
 * Reads only.  Runs in casewired's core.
 */
#ifndef ENDPOINT_EXPORT_H
#define ENDPOINT_EXPORT_H

#include "base/err.h"
#include "base/hash.h"

struct agent;
struct json;
struct pair;

struct export_choice;

/*
 * export_bundle(agent, pair, choice, path, info, wrong):
 * Write path (must not exist).  info, if not NULL, gets counts.  ERR_EXISTS,
 * ERR_IO, ERR_STORAGE; ERR_USAGE, ERR_NOTFOUND of the choice, with *wrong
 * what of it (else NULL), and no file.
 */
enum err
export_bundle(struct agent *agent, const struct pair *pair,
    const struct export_choice *choice, const char *path,
    struct json **info, const char **wrong);

#endif
