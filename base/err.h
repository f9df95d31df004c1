/*
 * err: the one error enum.
 *
 * A value is at once what a function returns, the status on the wire
 * (PROTOCOL.md, "Status") and what `casewire explain CODE` explains; err.c
 * holds text, exit code and next step for each in one table.  Numbers are
 * on the wire and in signed receipts (`reason`): never renumber, only add.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdint.h>

enum err {
	ERR_OK = 0,

	/* 1-29: this machine, this call. */
	ERR_FAIL = 1,		/* failed for a reason said in the diag */
	ERR_USAGE = 2,		/* wrong option or argument */
	ERR_CONF = 3,		/* configuration file is wrong */
	ERR_NOMEM = 4,		/* out of (locked) memory */
	ERR_IO = 5,		/* file or socket operation failed */
	ERR_STORAGE = 6,	/* store, book or disk failed at commit */
	ERR_NOTFOUND = 7,	/* no such case, message, key, file */
	ERR_EXISTS = 8,		/* would overwrite what is there */
	ERR_UNREACHABLE = 9,	/* peer, relay or agent does not answer */
	ERR_BUSY = 10,		/* no room now; try again */
	ERR_DISK_LOW = 11,	/* relay keeps its last room for receipts */
	ERR_QUOTA = 12,		/* this key's quota is used up */
	ERR_DRAINING = 13,	/* stopping; try another relay or later */
	ERR_NO_TERMINAL = 14,	/* would have to ask, nobody to ask */
	ERR_FORMAT_NEWER = 15,	/* store written by a newer casewire */
	ERR_TIMEOUT = 16,	/* nothing came in time */
	ERR_LOCKED = 17,	/* another process owns this folder */

	/* 30-59: form of bytes from outside; nothing was authenticated. */
	ERR_TRUNCATED = 30,	/* ends before its own lengths say */
	ERR_TRAILING = 31,	/* bytes after the end */
	ERR_TOO_BIG = 32,	/* over a named limit */
	ERR_MAGIC = 33,		/* not this kind of object */
	ERR_VERSION = 34,	/* version not spoken here */
	ERR_SUITE = 35,		/* suite unknown or under the floor */
	ERR_RESERVED = 36,	/* a must-be-zero field is not zero */
	ERR_BUCKET = 37,	/* ciphertext length is no bucket + 16 */
	ERR_PADDING = 38,	/* padding wrong or not the smallest bucket */
	ERR_FIELD_ORDER = 39,	/* field tags not strictly ascending, no 1 */
	ERR_FIELD_COUNT = 40,	/* no field or over 64 */
	ERR_PATH_LENGTH = 41,	/* path not as long as (index, size) demand */
	ERR_SYNTAX = 42,	/* malformed text, number, UTF-8, JSON */
	ERR_MESSAGE = 43,	/* protobuf does not parse or lacks a field */
	ERR_COUNT = 44,		/* a list is empty or over its limit */
	ERR_ENCODING = 45,	/* not in canonical form */

	/* 60-79: cryptography; these look alike to a peer (err_wire). */
	ERR_SIGNATURE = 60,	/* signature does not verify */
	ERR_DECRYPT = 61,	/* AEAD refused */
	ERR_COMMITMENT = 62,	/* plaintext is not what C commits to */
	ERR_POINT = 63,		/* key of small or mixed order */
	ERR_KEY_LENGTH = 64,	/* key of the wrong length */
	ERR_KEYFILE = 65,	/* key file damaged: public != secret */
	ERR_PASSPHRASE = 66,	/* passphrase or recovery code is wrong */
	ERR_PREKEY_GONE = 67,	/* prekey erased or lost: undecryptable */
	ERR_ROOT = 68,		/* recomputed tree root differs */
	ERR_PROOF = 69,		/* inclusion or consistency proof fails */

	/* 80-99: who: keys and statements. */
	ERR_KID_UNKNOWN = 80,	/* kid in no key statement known here */
	ERR_KEY_REVOKED = 81,	/* signed from the revocation on */
	ERR_KEY_EXPIRED = 82,	/* the signer's own key is past not_after */
	ERR_KEY_SEQ = 83,	/* ks_seq out of order or wrong previous */
	ERR_KEY_FOREIGN = 84,	/* key of another agency or purpose */
	ERR_ROOT_EQUIVOCATION = 85, /* two statements of one ks_seq */
	ERR_SENDER = 86,	/* not this channel's sender */
	ERR_NOT_ADMITTED = 87,	/* charter or key not admitted here */
	ERR_BLOCKED = 88,	/* blocked by the operator */
	ERR_SUPERSEDED = 89,	/* a newer session of this key took over */

	/* 100-119: order on a channel. */
	ERR_CHANNEL = 100,	/* envelope of another channel, or no party */
	ERR_GAP = 101,		/* seq-1 not seen yet */
	ERR_PREV = 102,		/* prev is not env_id of seq-1 */
	ERR_FORK = 103,		/* equivocation: kept as evidence */
	ERR_OVERLAP = 104,	/* same envelopes, cut into other runs */
	ERR_DUPLICATE = 105,	/* seen before (first answer repeated) */
	ERR_INCARNATION = 106,	/* start count fell, or a clone */
	ERR_EPOCH = 107,	/* E, n, prekey, psk_day not constant/rising */
	ERR_SEQ = 108,		/* seq or first_seq out of range */
	ERR_CHARTER_NUMBER = 109, /* envelope names another charter */
	ERR_STOPPED = 110,	/* channel stopped after equivocation */

	/* 120-139: the dialogue's rules. */
	ERR_STATE = 120,	/* state table forbids it now */
	ERR_HEAD_MOVED = 121,	/* case moved since the head you saw */
	ERR_REQUIRED = 122,	/* required field missing */
	ERR_PERMIT = 123,	/* role or desk may not do this */
	ERR_CROSSED = 124,	/* crossed with a message that forbids it */
	ERR_CODE = 125,		/* code not in the closed list */
	ERR_CHARTER_ENDED = 126, /* charter is past its until */
	ERR_MISSING_CASE = 127,	/* names a case not known here */

	/* 140-149: pairing. */
	ERR_PAIRING = 140,	/* words, charter id or signature differ */
	ERR_CHARTER = 141,	/* charter text breaks its grammar */

	/* 150-159: older than what was signed. */
	ERR_ROLLBACK = 150,	/* store or book older than a signed head */
	ERR_CLONE = 151,	/* two copies of one book are running */
	ERR_LOG_SPLIT = 152,	/* relay showed two logs */

	/* 160-169: verdicts. */
	ERR_VERIFY = 160,	/* evidence contradicts itself */
	ERR_INCOMPLETE = 161,	/* all that is there verifies, not all is */

	/* 170-179: reasons in receipts that no call returns. */
	ERR_EXPIRED = 170,	/* not delivered within keep */
};

/* All a person or program needs to know of one error. */
struct err_info {
	enum err code;
	const char *name;	/* "fork": stable, in JSON and explain */
	int exit;		/* process exit code, see stack: 0..9,74,75 */
	const char *text;	/* one English sentence, msgid of po/ */
	const char *next;	/* what to do now, one sentence, msgid */
};

/*
 * err_info(code):
 * Never NULL; an unknown number (from a newer peer) gets a generic entry.
 * The result is static.
 */
const struct err_info *
err_info(enum err code);

/* err_name(code), err_exit(code): shorthands over err_info. */
const char *
err_name(enum err code);
int
err_exit(enum err code);

/*
 * err_find(name_or_number):
 * The entry named "fork" or "103", or NULL.
 */
const struct err_info *
err_find(const char *name_or_number);

/*
 * err_wire(code):
 * The status to show a peer: all cryptographic failures become
 * ERR_SIGNATURE and all local ones ERR_FAIL, so that a peer learns nothing
 * about which check failed (PROTOCOL.md section 12).  Those it can act on
 * (busy, disk_low, quota, draining, notfound) stay.
 */
enum err
err_wire(enum err code);

/* err_at(i): the i-th table row, or NULL past the end; for listings. */
const struct err_info *
err_at(unsigned i);

#endif
