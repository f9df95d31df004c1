/*
 * cmd: the commands of casewire-keys; main.c has the table.
 *
 * Each takes what was typed and returns the process's exit code.
 */
#ifndef KEYS_CMD_H
#define KEYS_CMD_H

struct cli;

int
cmd_init(struct cli *cli);
/* cmd_init's --witness NAME. */
int
cmd_init_witness(struct cli *cli);
int
cmd_show(struct cli *cli);
int
cmd_passphrase(struct cli *cli);
int
cmd_statement(struct cli *cli);
int
cmd_rotate(struct cli *cli);
int
cmd_revoke(struct cli *cli);
int
cmd_recover_passphrase(struct cli *cli);
int
cmd_recover_channel(struct cli *cli);
int
cmd_charter_propose(struct cli *cli);
int
cmd_charter_renew(struct cli *cli);
int
cmd_charter_sign(struct cli *cli);
int
cmd_charter_words(struct cli *cli);
int
cmd_charter_check(struct cli *cli);
int
cmd_psk_make(struct cli *cli);
int
cmd_psk_combine(struct cli *cli);
int
cmd_officer_add(struct cli *cli);
int
cmd_officer_revoke(struct cli *cli);

#endif
