/*
 * newlog: the next log of a relay whose log key was rotated.
 *
 * Yearly, or when a store was lost and nobody has the end of its log.  Sets
 * the old log aside (store, high-water mark and last checkpoint, named by
 * its log_id) and begins one whose entry 0 is the newest key statement and
 * entry 1 the `prior`: the newest signed checkpoint of the old log that is
 * known, with whatever cosignatures stand on it.  Charters, blocks, passes,
 * key statements, officer certificates, recoveries and the newest prekeys
 * are carried over; runs and receipts are not: what was not delivered is
 * submitted again by who signed it.  Owns the home folder while it works.
 * PROTOCOL.md section 8.
 */
#ifndef RELAY_NEWLOG_H
#define RELAY_NEWLOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

struct secret;

#define NEWLOG_DETAIL_BYTES 256

struct newlog_report {
	struct hash old_log;
	struct hash new_log;
	char kept[64];		/* the old store's name in the home; or "" */
	uint64_t held;		/* entries of the old log in it */
	uint64_t signed_size;	/* of the old log, as far as is known */
	uint64_t prior;		/* size the prior vouches for */
	unsigned cosigned;	/* lines on it beside the log's own */
	int64_t newest_at;	/* UTC ms of the newest run held; 0: none */
	uint64_t carried;	/* statements */
	uint64_t left;		/* statements that no longer stand */
	bool resumed;		/* all but the last step was done before */
	char detail[NEWLOG_DETAIL_BYTES];	/* why not; "" */
};

/*
 * newlog_begin(home, note, passphrase, report):
 * note: a file with a signed checkpoint of the old log (a mirror's
 * `checkpoint`, a witness's), or NULL: what the home holds.  A call that was
 * killed is given again.  ERR_STATE: the log key was not rotated, or this
 * log has begun; ERR_NOTFOUND: no checkpoint of the old log is known;
 * ERR_SIGNATURE: note is not one; ERR_ROLLBACK: it contradicts the store or
 * the high-water mark; ERR_CONF, ERR_PASSPHRASE, ERR_LOCKED, errors of
 * files and stores.
 */
enum err
newlog_begin(const char *home, const char *note,
    const struct secret *passphrase, struct newlog_report *report);

#endif
