/*
 * cmd_late: what is owed until when, for a person: the page for a meeting
 * (late) and the clocks in `case show`.
 *
 * Shows what the agent found (GET /v1/late, /v1/cases/{case}); knows no rule
 * of a clock.
 */
#ifndef ENDPOINT_CLI_CMD_LATE_H
#define ENDPOINT_CLI_CMD_LATE_H

#include "base/cli.h"

struct json_cur;

extern const struct cli_opt cmd_late_opts[];

/* late: one page, as a table, CSV or JSON.  Returns an exit code. */
int
cmd_late(struct cli *cli);

/* cmd_late_clocks(root): the clocks of a case, and what may be raised. */
void
cmd_late_clocks(const struct json_cur *root);

#endif
