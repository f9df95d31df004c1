/*
 * restore: the end of a log that the store no longer has, from its tiles.
 *
 * Takes leaf hashes from a copy of the relay's log (a folder of
 * casewire-audit follow, or an address that serves the same), up to the
 * last head that was signed, and appends them as hollow entries
 * (relay/store.h); whoever signed the entries brings their bytes again.
 * The copy is trusted for nothing: store and copy must together make the
 * very root that this relay's log key signed.  Signs nothing and needs no
 * passphrase; owns the home folder while it works.  PROTOCOL.md section 8.
 */
#ifndef RELAY_RESTORE_H
#define RELAY_RESTORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define RESTORE_DETAIL_BYTES 256

/* What was found and done. */
struct restore_report {
	uint64_t held;		/* entries the store had */
	uint64_t copy;		/* size of the copy's checkpoint */
	uint64_t high;		/* last signed size, by signer.high before */
	uint64_t size;		/* entries now */
	uint64_t hollow;	/* of them without their bytes */
	bool raised;		/* signer.high went up to the copy's size */
	bool high_lost;		/* ... and had not been there */
	char detail[RESTORE_DETAIL_BYTES];	/* why not; "" */
};

/*
 * restore_from(home, from, report):
 * from: "http://...", "unix:...", else a folder.  One transaction: all of it
 * or nothing, and what a kill left is done by the next call.  Nothing
 * missing is ERR_OK.  ERR_ROLLBACK, nothing changed: store, copy and
 * signer.high are not one log, or the copy ends before the last signed head
 * (detail says where, or how many leaves lack).  ERR_SIGNATURE: the copy is
 * of another log; ERR_VERIFY: its tiles do not lead to its checkpoint;
 * ERR_INCOMPLETE: it lacks one; ERR_LOCKED, ERR_UNREACHABLE, file errors.
 */
enum err
restore_from(const char *home, const char *from,
    struct restore_report *report);

#endif
