/*
 * cmd_case: the commands of the noun `case`.
 *
 * Reading is list and show; each writing verb is a row: its options, and
 * which member of the message's JSON each becomes.  An option wins over the
 * same member of --from FILE.
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

/* The options of each verb. */
extern const struct cli_opt cmd_case_open_opts[];
extern const struct cli_opt cmd_case_ack_opts[];
extern const struct cli_opt cmd_case_clarify_opts[];
extern const struct cli_opt cmd_case_clarified_opts[];
extern const struct cli_opt cmd_case_decide_opts[];
extern const struct cli_opt cmd_case_status_opts[];
extern const struct cli_opt cmd_case_result_opts[];
extern const struct cli_opt cmd_case_feedback_opts[];
extern const struct cli_opt cmd_case_reason_opts[];

#endif
