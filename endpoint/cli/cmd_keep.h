/*
 * cmd_keep: hold, unhold, hold list, shred.
 *
 * What an agency keeps and no longer keeps of what it said and was told.
 * Each returns an exit code.
 */
#ifndef ENDPOINT_CLI_CMD_KEEP_H
#define ENDPOINT_CLI_CMD_KEEP_H

#include "base/cli.h"

extern const struct cli_opt cmd_keep_hold_opts[];
extern const struct cli_opt cmd_keep_shred_opts[];

/* hold and unhold: the verb is the command's own name. */
int
cmd_keep_hold(struct cli *cli);
int
cmd_keep_list(struct cli *cli);
/* Asks on a terminal unless --yes. */
int
cmd_keep_shred(struct cli *cli);

#endif
