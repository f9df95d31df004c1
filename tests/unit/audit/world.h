/*
 * world: two agencies, a relay and a log, small and in memory, for tests.
 *
 * Real keys, real signatures, real trees: what it makes is what endpoints
 * and a relay would.  Every thing it makes is an item a test may change,
 * drop or repeat before the bundle is built.
 */
#ifndef TESTS_AUDIT_WORLD_H
#define TESTS_AUDIT_WORLD_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "audit/bundle.h"
#include "audit/judge.h"
#include "base/bytes.h"
#include "base/merkle.h"
#include "keys/dh.h"
#include "keys/sign.h"
#include "proto/envelope.h"
#include "proto/fields.h"
#include "proto/notice.h"
#include "proto/receipt.h"
#include "proto/run.h"
#include "proto/statement.h"

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

#define WORLD_ITEMS 256
#define WORLD_ENVS 64
#define WORLD_LEAVES 256

enum item_kind {
	ITEM_STATEMENT,
	ITEM_RUN,
	ITEM_RECEIPT,
	ITEM_OPENING,
};

/* bytes is what the bundle gets (a run: bare); entry what the log got. */
struct item {
	enum item_kind kind;
	uint8_t direction, lane;
	struct buf bytes;
	struct buf entry;
	bool logged;
	uint64_t index;
	struct hash env_id;		/* openings */
	enum bundle_opening_kind opening;
	bool skip;			/* leave it out of the bundle */
	bool skip_proof;
};

/* An envelope, kept with what opens it. */
struct env {
	uint8_t direction, lane;
	struct buf header, ct, list, opening;
	struct envelope e;
	struct fields fields;
	uint8_t salts[FIELDS_MAX][SALT_BYTES];
};

struct head {
	uint64_t seq;
	struct hash env_id;
};

/* What the next envelopes are made with; tests turn these knobs. */
struct knobs {
	struct incarnation incarnation;
	uint16_t charter;
	uint64_t prekey_id;
	uint32_t n;
	uint8_t e[KEY_BYTES];
	uint64_t ack_seq;
	struct hash ack_env;
	const struct sign_key *signer;	/* of its run */
	const struct sign_key *officer[2]; /* author, releaser; or NULL */
	struct id officer_id[2];
	unsigned type;			/* of the message; 0: STATUS */
	bool link;			/* with a heartbeat's link, */
	uint64_t link_seq;		/* its own head on lane 1 */
	const struct notice_link *whole_link; /* or all of it; else NULL */
	struct hash seen;		/* what the outline names of a's */
};

struct world {
	struct sign_key *root[2], *sign[2], *custodian[2];
	struct dh_key *identity[2], *transport[2];
	struct sign_key *relay_root, *relay_sign, *log_key;
	struct dh_key *relay_transport;
	struct hash log_id, charter_id, pair_id;
	struct buf charter;
	uint8_t charter_sig[2][SIG_BYTES];
	char origin[128];

	struct hash leaf[WORLD_LEAVES];
	uint64_t leaves;
	struct item item[WORLD_ITEMS];
	size_t items;
	struct env env[WORLD_ENVS];
	size_t envs;
	struct head head[DIRECTION_COUNT][LANE_COUNT];
	struct knobs knobs[DIRECTION_COUNT];
	struct run_seen seen;
	uint64_t ks_seq[3];		/* a, b, relay */
	struct hash ks_hash[3];
};

/* world_start(w): keys, charter, key statements logged at 0 (relay), 1, 2. */
void
world_start(struct world *w);
void
world_stop(struct world *w);

/* The charter's text for this world, with number and links as given. */
void
world_charter_text(const struct world *w, struct buf *out, uint16_t number,
    const struct hash *pair, const struct hash *replaces);
/* Append a log entry, give its index. */
uint64_t
world_log(struct world *w, const void *entry, size_t len);
/* A checkpoint of the log as it stands, or of its first size leaves. */
void
world_checkpoint(const struct world *w, uint64_t size, struct buf *out);

/* world_keys(w, who, sign, dh, revoke, cut): the next key statement of party
 * 0 or 1, or the relay (2); not logged yet.  revoke may be NULL. */
struct item *
world_keys(struct world *w, int who, const struct sign_key *sign,
    const struct dh_key *dh, const struct id *revoke, uint64_t cut);
void
world_log_item(struct world *w, struct item *item);

/* world_send(w, d, l, text): one envelope, in no run yet. */
struct env *
world_send(struct world *w, uint8_t direction, uint8_t lane,
    const char *text);
/* world_run(w, first, n): sign env[first .. + n) as a run and log it. */
struct item *
world_run(struct world *w, size_t first, size_t n);
/* world_say(w, d, l, text): send and run of one, logged. */
struct item *
world_say(struct world *w, uint8_t direction, uint8_t lane, const char *text);
/* A receipt about run item's messages by its right signer, logged. */
struct item *
world_receipt(struct world *w, const struct item *run, uint8_t event,
    const struct sign_key *signer);
/* Open env whole, or one field of it. */
struct item *
world_open(struct world *w, const struct env *env);
struct item *
world_open_field(struct world *w, const struct env *env, unsigned field);

/* Show c as an open case of the heartbeat env. */
struct item *
world_open_case(struct world *w, const struct env *env,
    const struct notice_case *c);

/* The story used by most tests: 3 messages from a, 2 from b, all receipted,
 * the first opened. */
void
world_story(struct world *w);

/* The bundle of all items not skipped, all proofs to one checkpoint. */
struct bundle *
world_bundle(struct world *w);
/* The same, written. */
void
world_zip(struct world *w, struct buf *zip);
/* Judge a zip with the charter's id (or none). */
struct judge *
world_judge_zip(struct view zip, const struct hash *id, struct bundle **b);
/* Judge the world; the caller frees both. */
struct judge *
world_judge(struct world *w, const struct hash *id, struct bundle **b);

#endif
