/*
 * cli: a program's commands as one table, and all that follows from it.
 *
 * From the table come dispatch, options, --help with an example, --json,
 * --version, "completions bash", and what to say for a mistyped command.
 * stdout is data, stderr is talk.  One cli_main a process.
 */
#ifndef BASE_CLI_H
#define BASE_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct buf;
struct cli;
struct json;

/* A table of options ends with a row whose name is NULL. */
struct cli_opt {
	const char *name;	/* long name without the dashes */
	char letter;		/* short form, or 0 */
	const char *arg;	/* "FILE", or NULL for a switch */
	const char *help;	/* one line */
};

/* A table of commands ends with a row whose name is NULL.  A program with
 * one thing to do has a single command named "". */
struct cli_cmd {
	const char *name;	/* "inbox" or "case open" */
	const char *args;	/* "CASE [TEXT]": what may follow, for help */
	unsigned min_args, max_args;
	const char *help;	/* one line */
	const char *example;	/* a whole command line that works */
	const struct cli_opt *opts;	/* or NULL */
	int (*run)(struct cli *cli);	/* returns the exit code */
};

struct cli_program {
	const char *name;
	const char *about;	/* one sentence */
	const struct cli_opt *globals;	/* besides json, help, version */
	const struct cli_cmd *cmds;
};

/*
 * cli_main(program, argc, argv):
 * Starts text, runs one command, returns the process's exit code (stack's
 * CLI contract).
 */
int
cli_main(const struct cli_program *program, int argc, char **argv);

/* What was typed.  Options are named without dashes and must be in a table
 * (asserted). */
bool
cli_json(const struct cli *cli);
bool
cli_has(const struct cli *cli, const char *opt);
/* cli_opt(cli, opt): its last value, or NULL. */
const char *
cli_opt(const struct cli *cli, const char *opt);
/* cli_opt_nth(cli, opt, i): of an option given several times; NULL past. */
const char *
cli_opt_nth(const struct cli *cli, const char *opt, size_t i);
/* cli_opt_int(cli, opt, def, min, max, out): decimal; ERR_USAGE, said. */
enum err
cli_opt_int(const struct cli *cli, const char *opt, int64_t def, int64_t min,
    int64_t max, int64_t *out);
size_t
cli_args(const struct cli *cli);
const char *
cli_arg(const struct cli *cli, size_t i);
/* cli_self(cli): the command's name, for messages. */
const char *
cli_self(const struct cli *cli);

/*
 * cli_fail(cli, err, fmt, ...):
 * Tell err and what to do next, with a detail ("" for none): three lines on
 * stderr, or with --json one object on stdout.  Returns the exit code.
 */
int
cli_fail(const struct cli *cli, enum err err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* cli_data(cli, &v): print v as JSON on stdout, take it, return 0. */
int
cli_data(const struct cli *cli, struct json **v);
/* cli_flush(): exit code 0, or 74 if stdout did not take all of the data. */
int
cli_flush(void);
/* cli_say(fmt, ...): a line of talk on stderr. */
void
cli_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* cli_explain: run function for "explain CODE"; without one, lists all. */
int
cli_explain(struct cli *cli);

/* cli_error_json(err, detail): {"error": {code, name, text, next, detail}},
 * the same from the tools and from the API. */
struct json *
cli_error_json(enum err err, const char *detail);

#endif
