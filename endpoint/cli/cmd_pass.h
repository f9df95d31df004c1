/*
 * cmd_pass: the commands of the noun `pass`: issue, list, revoke.
 *
 * Who may read this agency's entries at a relay over HTTP.  The agent asks
 * the relay; the token is shown once and kept by nobody here.
 */
#ifndef ENDPOINT_CLI_CMD_PASS_H
#define ENDPOINT_CLI_CMD_PASS_H

#include "base/cli.h"

extern const struct cli_opt cmd_pass_issue_opts[];
extern const struct cli_opt cmd_pass_opts[];	/* of list and revoke */

int
cmd_pass_issue(struct cli *cli);
int
cmd_pass_list(struct cli *cli);
int
cmd_pass_revoke(struct cli *cli);

#endif
