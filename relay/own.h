/*
 * own: the relay's own key statements, from its home into its log.
 *
 * Reads keys.1, keys.2 ... and puts each into the log unless it stands
 * there: entry 0 is the one that names the log key, and the relay's root is
 * offline, so what counts is that the newest names the keys held here.
 * Signs nothing.  Relay start and offline commands.  PROTOCOL.md section 13.2.
 */
#ifndef RELAY_OWN_H
#define RELAY_OWN_H

#include "base/err.h"

struct admitted;
struct group;
struct keyfile_public;
struct store;

/* All borrowed. */
struct own_parts {
	const char *home;
	const struct keyfile_public *public;	/* of relay.key */
	struct store *store;
	struct group *group;
	struct admitted *admitted;
};

/*
 * own_open(p):
 * ERR_CONF, said in the diag, if no statement or not the newest names the
 * keys in relay.key; the statement's own errors; those of the store.
 */
enum err
own_open(const struct own_parts *p);

#endif
