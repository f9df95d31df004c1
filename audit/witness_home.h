/*
 * witness_home: a witness's home folder and all the logs it follows.
 *
 * Owns witness.conf, the open key, and a folder for each log, named by the
 * SHA-256 of its origin; which log a URL serves is asked, and only what a
 * trusted log key signed counts.  One log is never followed by two URLs, and
 * one home never by two processes, so no two states speak for one log.  Part
 * of casewire-witness alone; blocks.
 */
#ifndef AUDIT_WITNESS_HOME_H
#define AUDIT_WITNESS_HOME_H

#include <stdbool.h>
#include <stddef.h>

#include "audit/witness.h"
#include "base/err.h"

struct secret;
struct witness_home;

#define WITNESS_HOME_CONF "witness.conf"
#define WITNESS_HOME_KEY "witness.key"
#define WITNESS_HOME_LOGS_MAX 64

/* What the configuration says; texts live as long as the home. */
struct witness_home_conf {
	int every_s;
	const char *passphrase_file;	/* or NULL */
};

/* One log, by its URL. */
struct witness_home_log {
	const char *url;
	enum err err;			/* of its last look */
	struct witness_news news;
};

/*
 * witness_home_open(out, dir):
 * Read the configuration and what stands in clear; no lock, no key: enough
 * for witness_home_conf and witness_home_states.  ERR_CONF, ERR_NOTFOUND,
 * ERR_KEY_FOREIGN (witness.key is of another kind).
 */
enum err
witness_home_open(struct witness_home **out, const char *dir);
void
witness_home_free(struct witness_home **h);
const struct witness_home_conf *
witness_home_conf(const struct witness_home *h);
/* witness_home_name(h), witness_home_key(h): this witness. */
const char *
witness_home_name(const struct witness_home *h);
const uint8_t *
witness_home_key(const struct witness_home *h);

/* witness_home_unlock(h, passphrase): own the folder, open the key, gather
 * the log keys.  ERR_LOCKED, ERR_PASSPHRASE, ERR_USAGE (no log key). */
enum err
witness_home_unlock(struct witness_home *h, const struct secret *passphrase);

/*
 * witness_home_look(h, go):
 * One look at every log, in turn, while go() is true.  The first error that
 * ends a log for good, else the first of any, else ERR_OK.
 */
enum err
witness_home_look(struct witness_home *h, bool (*go)(void));
/* witness_home_ended(h): no log is left that could be cosigned again. */
bool
witness_home_ended(const struct witness_home *h);
/* witness_home_log(h, i): the i-th, or NULL. */
const struct witness_home_log *
witness_home_log(const struct witness_home *h, size_t i);

/* witness_home_states(h, each, ctx): state of each log folder there is, and
 * its path; works beside a running witness. */
typedef enum err witness_home_state(void *ctx, const char *dir,
    const struct witness_state *st);
enum err
witness_home_states(const struct witness_home *h, witness_home_state *each,
    void *ctx);

#endif
