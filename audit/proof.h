/*
 * proof: casewire-audit's command that checks one .tlog-proof.
 *
 * Leaf from the entry inside, path, checkpoint, the log's key; with a
 * charter also who signed the entry and which witnesses saw the log.  Part
 * of the program.  EVIDENCE.md.
 */
#ifndef AUDIT_PROOF_H
#define AUDIT_PROOF_H

#include "base/cli.h"

extern const struct cli_opt proof_opts[];

/* proof_run(cli): 0 it proves, 3 it does not, 4 something is missing. */
int
proof_run(struct cli *cli);

#endif
