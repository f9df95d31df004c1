/*
 * cmd_case: the commands of the noun `case`.
 *
 * Reading is list and show; each writing verb is a row of case_verbs.h.  An
 * option wins over the same member of --from FILE.
 */
#ifndef ENDPOINT_CLI_CMD_CASE_H
#define ENDPOINT_CLI_CMD_CASE_H

#include "base/cli.h"

int
cmd_case_list(struct cli *cli);
int
cmd_case_show(struct cli *cli);
int
cmd_case_open(struct cli *cli);
/* cmd_case_write(cli): every other verb, by the command's name. */
int
cmd_case_write(struct cli *cli);

#endif
