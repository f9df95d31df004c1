/*
 * follow: casewire-audit's command that watches a relay's log.
 *
 * Owns the HTTP client of audit/mirror, the keys named on the command line
 * and the waiting between two looks.  Part of the program, not of the
 * library: nothing else of audit/ opens a socket.
 */
#ifndef AUDIT_FOLLOW_H
#define AUDIT_FOLLOW_H

#include "base/cli.h"

extern const struct cli_opt follow_opts[];

/* follow_run(cli): the exit code. */
int
follow_run(struct cli *cli);

#endif
