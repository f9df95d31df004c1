/*
 * cli_room: what cli.c and cli_help.c share.  Nobody else includes this.
 */
#ifndef BASE_CLI_ROOM_H
#define BASE_CLI_ROOM_H

#include <stdio.h>

#include "base/cli.h"

/* Options every program has; --help and --version are handled early. */
extern const struct cli_opt cli_common[];

void
cli_help_program(const struct cli_program *program, FILE *f);
void
cli_help_command(const struct cli_program *program, const struct cli_cmd *cmd,
    FILE *f);
/* The commands of one noun ("case"); how many were printed. */
size_t
cli_help_noun(const struct cli_program *program, const char *noun, FILE *f);
void
cli_help_bash(const struct cli_program *program);
/* The command closest to what was typed, or NULL if nothing is close. */
const struct cli_cmd *
cli_help_nearest(const struct cli_program *program, const char *typed);

#endif
