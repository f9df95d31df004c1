/*
 * keyring: who was trusted when.
 *
 * Owns, in memory only, the charters of one relay, endpoint or auditor, the
 * key statements and officer certificates signed under their roots, and the
 * log places (log_id, index) where those stand; answers whose key a kid is
 * and whether what it signed at a place in a log is good, disputed or
 * refused.  Every entry was verified when it was added.  Never holds a
 * secret, never reads a file, a socket or a clock.  One thread.
 * PROTOCOL.md sections 1, 2 and 13.2.
 *
 * Pointers handed out stay valid until keyring_free().
 */
#ifndef AUDIT_KEYRING_H
#define AUDIT_KEYRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "proto/limits.h"

struct charter;			/* proto/charter.h */
struct keyring;

/* A root and everything hung on it: a party's agency, or a relay. */
struct keyring_agency {
	struct id id;			/* H(label agency || root)[0..15] */
	uint8_t root[KEY_BYTES];
	char name[NAME_MAX_BYTES + 1];	/* of the charter that named it last */
	bool relay;
	uint64_t ks_seq;		/* newest statement; 0: none yet */
	struct hash ks_hash;		/* H(newest statement), zeros if none */
};

/* A kid and what it names: (S, I) of an agency, S of a relay, custodian K. */
struct keyring_key {
	struct id kid;
	const struct keyring_agency *agency;
	uint64_t ks_seq;		/* first statement that bears it */
	uint64_t not_before;		/* binds the signer, never a reader */
	uint64_t not_after;
	uint8_t sign[KEY_BYTES];	/* Ed25519 */
	uint8_t dh[KEY_BYTES];		/* X25519; zeros unless has_dh */
	bool has_dh;			/* a party's S with its I */
	bool custodian;			/* signs officer certificates only */
	bool revoked;			/* by any statement known here */
};

/* A log: one log key of one relay. */
struct keyring_log {
	struct hash log_id;
	uint8_t key[KEY_BYTES];
	const struct keyring_agency *relay;
};

/* One direction and lane of a pair. */
struct keyring_channel {
	struct id id;
	struct hash pair_id;
	uint8_t direction;		/* 0: from party a */
	uint8_t lane;
};

/* An officer, by the newest certificate known. */
struct keyring_officer {
	struct id id;
	const struct keyring_agency *agency;
	const struct keyring_key *custodian;
	uint8_t key[KEY_BYTES];		/* O */
	uint64_t not_before;
	uint64_t not_after;
	bool revoked;
	struct hash leaf;		/* of that certificate in a log */
	struct view info;		/* protobuf OfficerInfo, as signed */
};

enum keyring_standing {
	KEYRING_GOOD,
	KEYRING_DISPUTED,		/* shown as such, never dropped */
	KEYRING_REFUSED,
};

/* A place in a log. */
struct keyring_place {
	struct hash log_id;
	uint64_t index;
};

/* keyring_new(): an empty keyring, or NULL for want of memory. */
struct keyring *
keyring_new(void);
void
keyring_free(struct keyring *kr);

/*
 * keyring_add_charter(kr, p, len, sig_a, sig_b, charter_id):
 * Parse, check both signatures and the roots' points, and for a renewal that
 * pair and replaces name charters held here.  A renewal may name other roots
 * than the charter before it (a lost root) and is signed by those it names:
 * whoever adds one has compared its words.  Copies p.  charter_id (may be
 * NULL) is set once the text hashed, also on failure.  ERR_OK for one held
 * already; the charter grammar's errors, ERR_POINT, ERR_SIGNATURE,
 * ERR_PAIRING for a renewal of nothing held.  On failure kr is unchanged.
 */
enum err
keyring_add_charter(struct keyring *kr, const void *p, size_t len,
    const uint8_t sig_a[SIG_BYTES], const uint8_t sig_b[SIG_BYTES],
    struct hash *charter_id);

/*
 * keyring_add_root(kr, root, name, relay):
 * Trust a root no charter named (a relay's own, an agency's own before its
 * first charter).  ERR_OK if known.  ERR_POINT.
 */
enum err
keyring_add_root(struct keyring *kr, const uint8_t root[KEY_BYTES],
    const char *name, bool relay);

/*
 * keyring_add_keys(kr, p, len, place):
 * Add a key statement (statement || sig); place, or NULL, is where a log
 * holds it.  A statement held already only learns the place.  Statements
 * come in the order of ks_seq.  ERR_KEY_FOREIGN (root not named here, or a
 * key another agency has), ERR_SIGNATURE, ERR_POINT, ERR_KEY_SEQ (not the
 * next, or wrong previous), ERR_ROOT_EQUIVOCATION (another of this ks_seq:
 * alarm; the new one is not taken), parser errors, ERR_NOMEM.
 */
enum err
keyring_add_keys(struct keyring *kr, const void *p, size_t len,
    const struct keyring_place *place);

/*
 * keyring_add_officer(kr, p, len, place):
 * Add an officer certificate (statement || sig) of a custodian known here.
 * The one with the greatest not_before counts; a revoked one ends it.
 * ERR_KID_UNKNOWN, ERR_KEY_FOREIGN (not a custodian's, or another agency's
 * officer), ERR_KEY_REVOKED (at place), ERR_SIGNATURE, parser errors.
 */
enum err
keyring_add_officer(struct keyring *kr, const void *p, size_t len,
    const struct keyring_place *place);

/*
 * keyring_placed(kr, statement_hash, place):
 * Learn that a log holds the key statement with that H(statement) there:
 * from then on its revocations have their index in that log.  The lowest
 * index counts.  ERR_NOTFOUND if the statement is not held.
 */
enum err
keyring_placed(struct keyring *kr, const struct hash *statement_hash,
    const struct keyring_place *place);

/*
 * keyring_standing(kr, key, place):
 * What key signed at place: good below the cut, disputed up to the revoking
 * statement's index there, refused from it on.  A statement not known to
 * stand in that log revokes as from no index yet: disputed from the cut.
 * place NULL means now, after all that is known: refused if revoked.
 */
enum keyring_standing
keyring_standing(const struct keyring *kr, const struct keyring_key *key,
    const struct keyring_place *place);

/* Look-ups; NULL if not held. */
const struct keyring_key *
keyring_key(const struct keyring *kr, const struct id *kid);
const struct keyring_agency *
keyring_agency(const struct keyring *kr, const struct id *agency);
const struct keyring_log *
keyring_log(const struct keyring *kr, const struct hash *log_id);
const struct keyring_channel *
keyring_channel(const struct keyring *kr, const struct id *channel);
const struct keyring_officer *
keyring_officer(const struct keyring *kr, const struct id *officer);
const struct charter *
keyring_charter(const struct keyring *kr, const struct hash *charter_id);

/*
 * keyring_officer_key(kr, officer, i):
 * The i-th of all keys its certificates ever named (a message of last year
 * bears last year's), or NULL past the last.
 */
const uint8_t *
keyring_officer_key(const struct keyring *kr, const struct id *officer,
    size_t i);

/* keyring_key_now(kr, agency): (S, I) of its newest statement, or NULL. */
const struct keyring_key *
keyring_key_now(const struct keyring *kr, const struct id *agency);

/* keyring_log_now(kr, relay): the log of its newest statement, or NULL. */
const struct keyring_log *
keyring_log_now(const struct keyring *kr, const struct id *relay);

/*
 * keyring_transport(kr, t):
 * The agency or relay whose newest key statement bears transport key t.
 */
const struct keyring_agency *
keyring_transport(const struct keyring *kr, const uint8_t t[KEY_BYTES]);

/*
 * keyring_transport_at(kr, agency, i):
 * The i-th transport key of the newest statement, or NULL past the last.
 */
const uint8_t *
keyring_transport_at(const struct keyring *kr, const struct id *agency,
    size_t i);

/*
 * Pairs.  keyring_pair_charter: the charter of that number, or with
 * KEYRING_NEWEST the newest.  keyring_party: the agency of direction's
 * sender under it (direction 0: a, 1: b).
 */
#define KEYRING_NEWEST UINT32_MAX
const struct charter *
keyring_pair_charter(const struct keyring *kr, const struct hash *pair_id,
    uint32_t number);
const struct keyring_agency *
keyring_party(const struct keyring *kr, const struct hash *pair_id,
    uint32_t number, uint8_t direction);

/*
 * keyring_is_party(kr, pair_id, direction, agency):
 * True if any charter of the pair names agency as direction's sender.
 */
bool
keyring_is_party(const struct keyring *kr, const struct hash *pair_id,
    uint8_t direction, const struct id *agency);

/* keyring_is_relay: true if any charter of the pair names that relay. */
bool
keyring_is_relay(const struct keyring *kr, const struct hash *pair_id,
    const struct id *relay);

/* Listings: the i-th, in the order added, or NULL past the last. */
const struct keyring_agency *
keyring_agency_at(const struct keyring *kr, size_t i);
const struct charter *
keyring_charter_at(const struct keyring *kr, size_t i);
const struct keyring_log *
keyring_log_at(const struct keyring *kr, size_t i);
const struct keyring_officer *
keyring_officer_at(const struct keyring *kr, size_t i);
/* The bytes (statement || sig) of an agency's statement ks_seq; len 0: none */
struct view
keyring_statement(const struct keyring *kr, const struct id *agency,
    uint64_t ks_seq);
/* The bytes of a charter as added; len 0 if not held. */
struct view
keyring_charter_bytes(const struct keyring *kr, const struct hash *charter_id);

#endif
