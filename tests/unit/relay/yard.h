/*
 * yard: four agencies, two pairs and a relay to shout at, for tests.
 *
 * Real keys and signatures; ciphertext is noise of a bucket's length, since
 * no relay reads it.  Pair 0 is agencies 0 and 1, pair 1 agencies 0 and 2.
 * A run is described by a struct a test may bend before it is made.
 */
#ifndef TESTS_RELAY_YARD_H
#define TESTS_RELAY_YARD_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "keys/dh.h"
#include "keys/keyfile.h"
#include "keys/sign.h"
#include "proto/envelope.h"
#include "proto/run.h"
#include "proto/statement.h"

#define YARD_AGENCIES 4	/* 3 is of no pair until yard_renew */
#define YARD_PAIRS 2
#define YARD_WITNESSES 4	/* pair i names i and i + 1; nobody 3 */

/* Tests: anything unexpected is a bug of the test itself. */
#define MUST(call) \
	do { \
		enum err err_ = (call); \
		if (err_ != ERR_OK) { \
			fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, \
			    __LINE__, #call, err_name(err_)); \
			abort(); \
		} \
	} while (0)

struct yard_agency {
	struct sign_key *root;
	struct sign_key *sign;
	struct dh_key *identity;
	struct dh_key *transport;
	struct id id;
	uint64_t ks_seq;
	struct hash ks_hash;
	struct buf keys;		/* newest key statement || sig */
};

struct yard {
	struct yard_agency agency[YARD_AGENCIES];
	struct sign_key *witness[YARD_WITNESSES];
	struct sign_key *relay_root;
	struct keyfile *relay;
	struct id relay_id;
	struct hash log_id;
	struct buf relay_keys;		/* its key statement || sig */
	struct buf charter[YARD_PAIRS];
	uint8_t sig[YARD_PAIRS][2][SIG_BYTES];
	struct buf renewal;		/* of pair 0, after yard_renew */
	uint8_t renewal_sig[2][SIG_BYTES];
	struct hash pair_id[YARD_PAIRS];
	/* Whose agency speaks in each direction of a pair. */
	unsigned side[YARD_PAIRS][DIRECTION_COUNT];
	char home[64];			/* a fresh folder */
};

void
yard_open(struct yard *y);
/* yard_close(y): the folder with all in it is removed. */
void
yard_close(struct yard *y);
/* yard_home(y): write relay.key and keys.1 there. */
void
yard_home(struct yard *y, const char *passphrase);
/* yard_relay_next(y): after yard_home: new S and log key, and keys.2; log_id
 * is the new log's. */
void
yard_relay_next(struct yard *y);
/* A path in the home; static buffer of its own for each of 4 calls. */
const char *
yard_path(const struct yard *y, const char *name);

/* A witness's name; static. */
const char *
yard_witness(unsigned i);
/* yard_twins(on): while on, of a yard opened so, witnesses 0 (of pair 0) and 2
 * (of pair 1) share their name and the four bytes of their key ids. */
void
yard_twins(bool on);

/* The next key statement of agency i; revoke may be NULL, cut as given. */
void
yard_keys(struct yard *y, unsigned i, const struct id *revoke, uint64_t cut);
/* Charter 1 of pair 0: agency 3's root takes direction's place. */
void
yard_renew(struct yard *y, uint8_t direction);
/* New S, I for agency i (old ones freed); call yard_keys after. */
void
yard_rotate(struct yard *y, unsigned i);

/* One run to be made. */
struct yard_run {
	unsigned pair;
	uint8_t direction, lane;
	uint64_t first_seq;
	unsigned size;
	struct hash prev;
	uint32_t start, random;		/* incarnation */
	uint16_t charter;
	uint8_t e;			/* byte that fills E */
	uint32_t n;
	uint64_t prekey_id;
	uint64_t keep_ms;
	uint64_t ack_seq;
	uint8_t noise;			/* fills the ciphertext */
	const struct sign_key *signer;	/* NULL: the direction's agency */
	const struct id *kid;		/* NULL: the signer's */
	const struct id *channel;	/* NULL: pair, direction, lane */
};

/* The first run of a channel: size envelopes from seq 1. */
struct yard_run
yard_first(unsigned pair, uint8_t direction, uint8_t lane, unsigned size);
/* yard_make(y, r, out, last): the container; last, if not NULL, its last
 * env_id. */
void
yard_make(const struct yard *y, const struct yard_run *r, struct buf *out,
    struct hash *last);
/* yard_next(r, last, size): the run that goes on from r. */
struct yard_run
yard_next(const struct yard_run *r, const struct hash *last, unsigned size);
struct id
yard_channel(const struct yard *y, unsigned pair, uint8_t direction,
    uint8_t lane);

/* Receipt of event by agency i about (channel, first..last), and a prekey
 * of the direction's sender: statement || sig, appended to out. */
void
yard_receipt(const struct yard *y, unsigned i, uint8_t event,
    const struct id *channel, uint64_t first, uint64_t last,
    const struct hash *env, struct buf *out);
void
yard_prekey(const struct yard *y, unsigned pair, uint8_t direction,
    uint64_t prekey_id, struct buf *out);
/* Recovery by the root of pair and direction: lane 0 goes on at next. */
void
yard_recovery(const struct yard *y, unsigned pair, uint8_t direction,
    uint32_t start, uint64_t old_seq, const struct hash *old_env,
    uint64_t next, struct buf *out);

#endif
