/* keyopts: see keyopts.h. */
#include "audit/keyopts.h"

enum err
keyopts_gather(struct logkeys *l, const struct cli *cli, bool parties)
{
	const char *charter = cli_opt(cli, "charter"), *arg;
	size_t i;
	enum err err = charter == NULL ? ERR_OK :
	    logkeys_charter(l, charter);

	if (err == ERR_OK && charter != NULL && parties)
		err = logkeys_parties(l, charter);
	for (i = 0; err == ERR_OK &&
	     (arg = cli_opt_nth(cli, "keys", i)) != NULL; i++)
		err = logkeys_statement(l, arg);
	for (i = 0; err == ERR_OK &&
	     (arg = cli_opt_nth(cli, "key", i)) != NULL; i++)
		err = logkeys_text(l, arg);
	return (err == ERR_OK ? logkeys_done(l) : err);
}

int
keyopts_missing(const struct cli *cli)
{
	return (cli_fail(cli, ERR_USAGE, "name the log's key: --keys FILE "
	    "or --key NAME+HASH+KEY"));
}
