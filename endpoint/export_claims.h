/*
 * export_claims: what this agency says of its own keeping, in a bundle.
 *
 * Holds of the cases shown, and which of the messages chosen it shredded.
 * Nobody signs that and it proves nothing but that it was said (EVIDENCE.md
 * section 6); sealed bundles hold none of it.  Reads only.  Agent core.
 */
#ifndef ENDPOINT_EXPORT_CLAIMS_H
#define ENDPOINT_EXPORT_CLAIMS_H

#include "base/err.h"

struct agent;
struct bundle;
struct export_choice;
struct pair;

/* export_claims_add(agent, pair, choice, bundle): ERR_NOMEM, ERR_STORAGE. */
enum err
export_claims_add(struct agent *agent, const struct pair *pair,
    const struct export_choice *choice, struct bundle *bundle);

#endif
