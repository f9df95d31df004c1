/*
 * verify: is this signed by who may sign it, and does it stand in a log?
 *
 * Judges one run, statement, checkpoint or proof against a keyring; the same
 * code in the relay (admission), the endpoint (inbox, settle) and the
 * auditor.  Never touches a secret, a store, a socket or a clock; keeps
 * nothing between calls, so order across runs (seq, prev, forks) is the
 * caller's.  PROTOCOL.md sections 5 to 8 and 13.
 *
 * Cheapest first, as section 8 orders it, for a run that proto/run.h has
 * parsed (form, header against header, env_ids):
 *	verify_run_sender	channel, charter, agency, kid, standing
 *	(the caller: chain by prev, exact duplicate)
 *	verify_run_signature	one signature
 */
#ifndef AUDIT_VERIFY_H
#define AUDIT_VERIFY_H

#include "audit/keyring.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/merkle.h"
#include "proto/limits.h"
#include "proto/note.h"

struct charter_witness;		/* proto/charter.h */
struct run;			/* proto/run.h */

/* Who signed. */
struct verify_who {
	const struct keyring_channel *channel;	/* NULL where none is meant */
	const struct keyring_key *key;
	enum keyring_standing standing;	/* GOOD or DISPUTED when ERR_OK */
};

/* A signed checkpoint of a log known here. */
struct verify_checkpoint {
	const struct keyring_log *log;
	char origin[NOTE_NAME_MAX + 1];
	uint64_t size;
	struct hash root;
};

/*
 * verify_run_sender(who, kr, run, agency, place):
 * Is the run's channel one of a charter held here (ERR_CHANNEL), its charter
 * number one of the pair (ERR_CHARTER_NUMBER), the channel's sender agency
 * (ERR_SENDER; agency NULL: any), its kid known (ERR_KID_UNKNOWN: set aside,
 * ask KEYS), the sender's S (ERR_KEY_FOREIGN) and not refused at place
 * (ERR_KEY_REVOKED; place as in keyring_standing)?
 */
enum err
verify_run_sender(struct verify_who *who, const struct keyring *kr,
    const struct run *run, const struct id *agency,
    const struct keyring_place *place);

/*
 * verify_run_signature(run, key):
 * One Ed25519 verification over the statement run_decode rebuilt from the
 * envelopes (so a changed envelope fails here too): ERR_SIGNATURE.
 */
enum err
verify_run_signature(const struct run *run, const struct keyring_key *key);

/* verify_run: both of the above, in that order. */
enum err
verify_run(struct verify_who *who, const struct keyring *kr,
    const struct run *run, const struct id *agency,
    const struct keyring_place *place);

/*
 * verify_receipt(who, kr, p, len, place):
 * A receipt (statement || sig): its form, its channel known, and its signer
 * the one its event demands: events 4 and 5 the channel's receiver, 2, 3 and
 * 6 a relay of the charter.  ERR_CHANNEL, ERR_KID_UNKNOWN, ERR_KEY_FOREIGN,
 * ERR_KEY_REVOKED, ERR_SIGNATURE, the parser's.
 */
enum err
verify_receipt(struct verify_who *who, const struct keyring *kr,
    const void *p, size_t len, const struct keyring_place *place);

/*
 * verify_prekey(who, kr, p, len, place):
 * A prekey (statement || sig) by S of a party of its pair, with a usable
 * point.  who->channel is the publisher's lane 0.  Errors as above.
 */
enum err
verify_prekey(struct verify_who *who, const struct keyring *kr,
    const void *p, size_t len, const struct keyring_place *place);

/*
 * verify_recovery(agency, kr, p, len):
 * A recovery statement by the root of the party whose direction it names.
 * ERR_CHANNEL (pair unknown), ERR_KEY_FOREIGN, ERR_SIGNATURE, the parser's.
 */
enum err
verify_recovery(const struct keyring_agency **agency,
    const struct keyring *kr, const void *p, size_t len);

/*
 * verify_prior(who, kr, p, len, place):
 * A `prior` by S of a relay, with a note that parses: what its old log's
 * last checkpoint was.  Errors as verify_receipt.
 */
enum err
verify_prior(struct verify_who *who, const struct keyring *kr,
    const void *p, size_t len, const struct keyring_place *place);

/*
 * verify_checkpoint(cp, kr, note, len):
 * A C2SP note by the log key of a relay held here.  ERR_NOTFOUND for a log
 * unknown, ERR_SIGNATURE, the parser's.  Cosignatures are not judged.
 */
enum err
verify_checkpoint(struct verify_checkpoint *cp, const struct keyring *kr,
    const void *note, size_t len);

/*
 * verify_cosignature(w, note, sig):
 * The line of a charter's witness in a note, whose signed text it vouches
 * for with its time.  ERR_NOTFOUND: it has none there; ERR_SIGNATURE;
 * ERR_ENCODING: of no time, or one past all dates (NOTE_TIME_MAX).
 */
enum err
verify_cosignature(const struct charter_witness *w, const struct note *note,
    const struct note_sig **sig);

/*
 * verify_included(cp, entry, len, index, path):
 * Does the log at cp hold entry (statement || sig) at index?  ERR_PROOF,
 * ERR_PATH_LENGTH.
 */
enum err
verify_included(const struct verify_checkpoint *cp, const void *entry,
    size_t len, uint64_t index, const struct merkle_path *path);

#endif
