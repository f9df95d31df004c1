/*
 * cmd_agent: the commands about the agent itself: inbox, files, doctor,
 * backup, export, charter, recover.
 *
 * Each is one request and one way to show the answer.
 */
#ifndef ENDPOINT_CLI_CMD_AGENT_H
#define ENDPOINT_CLI_CMD_AGENT_H

struct cli;

int
cmd_agent_inbox(struct cli *cli);
int
cmd_agent_files(struct cli *cli);
/* cmd_agent_doctor: its exit code is the agent's health. */
int
cmd_agent_doctor(struct cli *cli);
int
cmd_agent_backup(struct cli *cli);
int
cmd_agent_export(struct cli *cli);
int
cmd_agent_charter_install(struct cli *cli);
int
cmd_agent_charter_show(struct cli *cli);
int
cmd_agent_recover(struct cli *cli);

#endif
