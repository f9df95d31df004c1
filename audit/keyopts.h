/*
 * keyopts: --charter, --keys and --key, the same for every command that
 * believes a log.
 *
 * Part of the program casewire-audit; audit/logkeys is what they fill.
 */
#ifndef AUDIT_KEYOPTS_H
#define AUDIT_KEYOPTS_H

#include <stdbool.h>

#include "audit/logkeys.h"
#include "base/cli.h"
#include "base/text.h"

/* Rows of a table of options. */
#define KEYOPTS \
	{ "keys", 0, "FILE", \
	    N_("a key statement of the relay; repeatable") }, \
	{ "charter", 'c', "FILE", \
	    N_("the charter whose relay must have signed the statements") }, \
	{ "key", 'k', "NAME+HASH+KEY", \
	    N_("the log's key as signed notes write it; repeatable") }

/* keyopts_gather(l, cli, parties): parties: those of the charter are to be
 * known too.  ERR_USAGE: no key was named, or one that is none; the caller
 * frees l either way. */
enum err
keyopts_gather(struct logkeys *l, const struct cli *cli, bool parties);
/* keyopts_missing(cli): say so; the exit code. */
int
keyopts_missing(const struct cli *cli);

#endif
