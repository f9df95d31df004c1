/*
 * entries: casewire-audit's command that lists a mirror's entries.
 *
 * Reads a folder that `follow` keeps, each entry checked anew up to the
 * checkpoint, and says what it is and whether its signer may say it.  Opens
 * no socket.  Part of the program.
 */
#ifndef AUDIT_ENTRIES_H
#define AUDIT_ENTRIES_H

#include "base/cli.h"

extern const struct cli_opt entries_opts[];

/* entries_run(cli): 3 if the copy, or an entry, contradicts itself. */
int
entries_run(struct cli *cli);

#endif
