/*
 * relay: the parts put together, and the process that runs them.
 *
 * The only file that wires the rooms: it opens what lies in the home folder
 * (relay.key, keys.N, store.db, signer.high, checkpoint, control.sock), refuses to
 * go on when store and high-water mark disagree, logs the relay's own key
 * statement as entry 0, and runs the loop until SIGTERM.  Owns every part;
 * decides nothing about a message.
 */
#ifndef RELAY_RELAY_H
#define RELAY_RELAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "relay/operate.h"

struct relay;
struct secret;
struct store_count;

/* File names in the home folder. */
#define RELAY_KEY_FILE "relay.key"
#define RELAY_KEYS_FILE "keys"	/* keys.1, keys.2 ... */
#define RELAY_CONF_FILE "relay.conf"
#define RELAY_STORE_FILE "store.db"
#define RELAY_HIGH_FILE "signer.high"
#define RELAY_NOTE_FILE "checkpoint"	/* the newest at start and end */

struct relay_conf {
	const char *home;
	const char *listen;	/* tcp://127.0.0.1:5701 */
	const char *web;	/* 127.0.0.1:8701, or NULL: no HTTP */
	bool web_entries;	/* also beyond loopback, behind TLS */
	uint32_t quota_runs;	/* a minute and key, 0 = no limit */
	uint64_t quota_bytes;
	unsigned disk_floor;	/* percent */
	int64_t expire_ms;
};

/* How a home is opened. */
enum relay_mode {
	RELAY_READ,		/* beside a running relay; nothing is written */
	RELAY_WRITE,		/* owns the home; signs nothing */
	RELAY_SERVE,		/* owns it and holds the keys */
};

/*
 * relay_open(out, conf, mode, passphrase):
 * conf is borrowed for the relay's life.  passphrase only for RELAY_SERVE.
 * ERR_LOCKED (another process owns the home), ERR_ROLLBACK (store older than
 * or other than what was signed), ERR_CONF (no keys.N names the keys of
 * relay.key), ERR_PASSPHRASE, ERR_NOTFOUND, ERR_STORAGE.
 */
enum err
relay_open(struct relay **out, const struct relay_conf *conf,
    enum relay_mode mode, const struct secret *passphrase);
void
relay_close(struct relay **r);

/* relay_parts(r): for relay/operate. */
const struct operate_parts *
relay_parts(const struct relay *r);

/*
 * relay_run(r):
 * Listen, prove with a self-connect that strangers are refused, serve until
 * SIGTERM or SIGINT, drain, ERR_OK.  ERR_STORAGE and ERR_ROLLBACK stop it in
 * mid turn, nobody answered.
 */
enum err
relay_run(struct relay *r);

/*
 * relay_check(conf, full, count):
 * Do the store and the high-water mark agree?  Works beside a running relay
 * and needs no passphrase.  full: every hash and every run again.
 * ERR_ROLLBACK, ERR_STORAGE.
 */
enum err
relay_check(const struct relay_conf *conf, bool full,
    struct store_count *count);

#endif
