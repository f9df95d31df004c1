/*
 * statement: key statement, prekey, officer certificate, recovery, prior.
 *
 * A statement starts label | kid; on the wire and in a log it is followed by
 * sig[64].  This module knows the layouts and the rules each obeys by itself
 * (PROTOCOL.md sections 1, 3, 6, 8); keys/ signs and verifies, audit/keyring
 * decides who was trusted.  Pure.
 */
#ifndef PROTO_STATEMENT_H
#define PROTO_STATEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "proto/envelope.h"
#include "proto/limits.h"

enum statement_kind {
	STATEMENT_UNKNOWN = 0,
	STATEMENT_RUN,
	STATEMENT_RECEIPT,
	STATEMENT_KEYS,
	STATEMENT_PREKEY,
	STATEMENT_OFFICER,
	STATEMENT_RECOVERY,
	STATEMENT_PRIOR,
};

/* statement_kind(bytes): by its label, of a statement with or without sig. */
enum statement_kind
statement_kind(struct view bytes);
/* statement_kind_name(kind): "keys", "prekey", ... */
const char *
statement_kind_name(enum statement_kind kind);

/* A statement taken apart; all borrowed. */
struct statement {
	enum statement_kind kind;
	struct id kid;		/* of the signing key */
	struct view body;	/* what is signed, and decoded below */
	struct view sig;	/* SIG_BYTES */
};

/*
 * statement_split(st, entry):
 * entry = statement || sig.  ERR_TRUNCATED, ERR_TOO_BIG (over STATEMENT_MAX
 * with the signature), ERR_MAGIC (a label no statement has).
 */
enum err
statement_split(struct statement *st, struct view entry);

/* statement_leaf(entry): its leaf in a log. */
struct hash
statement_leaf(struct view entry);
/* statement_hash(body): H(statement), the signature left out. */
struct hash
statement_hash(struct view body);

/* Key types, ascending in a key statement. */
enum statement_key_type {
	KEY_SIGN = 1,		/* S */
	KEY_IDENTITY = 2,	/* I */
	KEY_TRANSPORT = 3,	/* T, 1 to 4 */
	KEY_LOG = 4,		/* relays */
	KEY_CUSTODIAN = 5,	/* K */
};

struct statement_key {
	uint8_t type;
	uint8_t key[KEY_BYTES];
};

enum statement_revocation_reason {
	REVOKED_LOST = 1,
	REVOKED_STOLEN = 2,
	REVOKED_OTHER = 3,
};

struct statement_cut {
	struct hash log_id;
	uint64_t cut;		/* good below */
};

/* One revoked kid and its cuts, cut[cut_first .. + cut_count). */
struct statement_revocation {
	struct id kid;
	uint8_t reason;
	uint8_t cut_count;
	uint16_t cut_first;
};

#define STATEMENT_CUTS_MAX 192	/* what STATEMENT_MAX has room for */

struct statement_keys {
	struct id kid;		/* of R */
	struct id agency;
	uint64_t ks_seq;	/* from 1 */
	struct hash previous;	/* H(previous statement); zeros for 1 */
	uint64_t not_before;	/* UTC ms */
	uint64_t not_after;
	unsigned key_count;
	struct statement_key key[STATEMENT_KEYS_MAX];
	unsigned revocation_count;
	struct statement_revocation revocation[REVOCATIONS_MAX];
	unsigned newest;	/* where statement_keys_revoke put its last */
	unsigned cut_count;
	struct statement_cut cut[STATEMENT_CUTS_MAX];
};

/*
 * statement_keys_add(ks, type, key):
 * Insert in order.  ERR_COUNT: full, or one more of its type than allowed
 * (1 S, 1 I, 4 T, 1 log key); ERR_EXISTS: there already.
 */
enum err
statement_keys_add(struct statement_keys *ks, uint8_t type,
    const uint8_t key[KEY_BYTES]);
/* statement_keys_find(ks, type): the first key of a type, or NULL. */
const struct statement_key *
statement_keys_find(const struct statement_keys *ks, uint8_t type);
/* statement_keys_revoke(ks, kid, reason): insert in order a revocation
 * without cuts (nothing of it stays good); ERR_COUNT, ERR_EXISTS. */
enum err
statement_keys_revoke(struct statement_keys *ks, const struct id *kid,
    uint8_t reason);
/* statement_keys_cut(ks, log_id, cut): insert in order a cut of the
 * revocation added last; ERR_COUNT, ERR_EXISTS. */
enum err
statement_keys_cut(struct statement_keys *ks, const struct hash *log_id,
    uint64_t cut);

/* statement_keys_encode(out, ks): append the bytes to sign.  ERR_TOO_BIG. */
enum err
statement_keys_encode(struct buf *out, const struct statement_keys *ks);
/*
 * statement_keys_decode(ks, body):
 * ERR_MAGIC, ERR_VERSION, ERR_KEY_SEQ (0; previous zero only for 1),
 * ERR_KEY_EXPIRED (not_before >= not_after), ERR_COUNT (none or too many;
 * not one S, 1 to 4 T, and either one I or, a relay, one log key and no
 * custodian), ERR_ENCODING (keys, kids or log_ids not strictly ascending),
 * ERR_CODE (reason), ERR_TRUNCATED, ERR_TRAILING.  Whether agency fits R,
 * and the points, are for keys/ to say.
 */
enum err
statement_keys_decode(struct statement_keys *ks, struct view body);

struct statement_prekey {
	struct id kid;		/* of S_Y, which tells I_Y */
	struct hash pair_id;
	uint64_t prekey_id;	/* from 1 */
	uint8_t key[KEY_BYTES];	/* P */
};
#define PREKEY_STATEMENT_BYTES 106	/* 18 label, 88 fields */
void
statement_prekey_encode(uint8_t out[PREKEY_STATEMENT_BYTES],
    const struct statement_prekey *p);
/* statement_prekey_decode: ERR_MAGIC, ERR_SEQ (id 0), lengths. */
enum err
statement_prekey_decode(struct statement_prekey *p, struct view body);

struct statement_officer {
	struct id kid;		/* of K */
	struct id officer;	/* random */
	uint8_t key[KEY_BYTES];	/* O */
	uint64_t not_before;	/* UTC ms */
	uint64_t not_after;
	bool revoked;
	struct view info;	/* OfficerInfo: notice_officer_info_decode */
};
enum err
statement_officer_encode(struct buf *out, const struct statement_officer *o);
/* statement_officer_decode: info borrows.  ERR_MAGIC, ERR_CODE (revoked not
 * 0 or 1), ERR_KEY_EXPIRED, ERR_TOO_BIG (OFFICER_INFO_MAX), lengths. */
enum err
statement_officer_decode(struct statement_officer *o, struct view body);

enum statement_recovery_reason {
	RECOVERY_RESTORED = 1,
	RECOVERY_CLONED = 2,
	RECOVERY_LOST = 3,
};

struct statement_recovery_lane {
	uint64_t old_seq;	/* the last that stands; 0: none */
	struct hash old_env;	/* zeros if none */
	uint64_t next_seq;	/* the first of the new branch */
};
struct statement_recovery {
	struct id kid;		/* of R */
	struct hash pair_id;
	uint8_t direction;
	struct incarnation incarnation;
	uint16_t reason;
	struct statement_recovery_lane lane[LANE_COUNT];
};
#define RECOVERY_STATEMENT_BYTES 223	/* 20 label, 203 fields */
void
statement_recovery_encode(uint8_t out[RECOVERY_STATEMENT_BYTES],
    const struct statement_recovery *r);
/* statement_recovery_decode: ERR_MAGIC, ERR_CODE (direction, reason),
 * ERR_INCARNATION (start count 0), ERR_ENCODING (old_env zeros exactly where
 * old_seq is 0), ERR_SEQ (next_seq <= old_seq). */
enum err
statement_recovery_decode(struct statement_recovery *r, struct view body);

struct statement_prior {
	struct id kid;		/* of the relay's S */
	struct view note;	/* proto/note.h */
};
enum err
statement_prior_encode(struct buf *out, const struct statement_prior *p);
/* statement_prior_decode: note borrows.  ERR_TOO_BIG (NOTE_MAX), lengths. */
enum err
statement_prior_decode(struct statement_prior *p, struct view body);

#endif
