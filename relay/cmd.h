/*
 * cmd: what the command files of casewire-relay share.
 *
 * The table is in main.c.  Program casewire-relay only.
 */
#ifndef RELAY_CMD_H
#define RELAY_CMD_H

#include "base/cli.h"
#include "base/json.h"

/* cmd_home(cli): --home, or where the package keeps it. */
const char *
cmd_home(const struct cli *cli);
/* cmd_tell(cli, print, out): as JSON if asked for, else as text; takes out. */
int
cmd_tell(const struct cli *cli, void (*print)(const struct json *v),
    struct json **out);

struct secret;

/* cmd_passphrase(cli, out): of relay.key, from where `run` takes it. */
enum err
cmd_passphrase(const struct cli *cli, struct secret **out);

/* cmd_restore.c, cmd_newlog.c */
extern const struct cli_opt cmd_restore_opts[];
int
cmd_restore(struct cli *cli);
extern const struct cli_opt cmd_newlog_opts[];
int
cmd_newlog(struct cli *cli);

#endif
