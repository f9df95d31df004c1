/*
 * pairs: whom this endpoint is paired with, and through which relays.
 *
 * Owns the tables of charters and of key statements, the keyring built from
 * them, and the list of pairs in memory.  A charter is installed only with
 * both signatures good and this agency's root in it.  Agent core.
 * PROTOCOL.md sections 1 and 2.
 */
#ifndef ENDPOINT_PAIRS_H
#define ENDPOINT_PAIRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "proto/envelope.h"
#include "proto/limits.h"

struct agent;
struct book;
struct charter;
struct keyring;
struct pairs;

struct pair {
	int64_t number;			/* local id, row of the book */
	struct hash pair_id;
	struct hash charter_id;		/* of the charter in force */
	const struct charter *charter;	/* the newest that has begun */
	uint8_t direction;		/* ours: FROM_A or FROM_B */
	struct id own_agency;
	struct id peer_agency;
	const char *own_name;
	const char *peer_name;
	struct id own_channel[LANE_COUNT];
	struct id peer_channel[LANE_COUNT];
};

/* pairs_schema(): the SQL of this module's tables. */
const char *
pairs_schema(void);

/*
 * pairs_load(agent): read charters and statements, verify them again, and
 * make agent->pairs anew; moving parts of pairs known already are kept.
 * On failure agent->pairs is as before.
 */
enum err
pairs_load(struct agent *agent);
void
pairs_free(struct pairs **pairs);

/* pairs_save(agent, pair): refused and the times of struct peering. */
enum err
pairs_save(struct agent *agent, const struct pair *pair);

/* A place in a log where a statement stands, or NULL (audit/keyring.h). */
struct keyring_place;

/*
 * pairs_learn_keys(agent, entry, place): a key statement from a relay; kept
 * if the keyring takes it.  pairs_learn_prekey(agent, entry, place): kept if
 * it is newer than what the pair has; ERR_SEQ for an older one.
 * pairs_learn_officer(agent, entry, place).
 */
enum err
pairs_learn_keys(struct agent *agent, struct view entry,
    const struct keyring_place *place);
enum err
pairs_learn_prekey(struct agent *agent, struct view entry,
    const struct keyring_place *place);
enum err
pairs_learn_officer(struct agent *agent, struct view entry,
    const struct keyring_place *place);

/* pairs_charter_of(agent, pair, number, id): a charter by number with its
 * id; NULL if not held. */
const struct charter *
pairs_charter_of(struct agent *agent, const struct pair *pair,
    uint16_t number, struct hash *id);

size_t
pairs_count(const struct pairs *pairs);
/* pairs_at(pairs, i): i < count; valid until the next install. */
const struct pair *
pairs_at(const struct pairs *pairs, size_t i);
/* pairs_get(pairs, number), pairs_find(pairs, pair_id): NULL if unknown. */
const struct pair *
pairs_get(const struct pairs *pairs, int64_t number);
const struct pair *
pairs_find(const struct pairs *pairs, const struct hash *pair_id);
/* pairs_named(pairs, name): by the peer's name or the start of the pair_id
 * in hex; "" if there is only one.  NULL if none or not clear. */
const struct pair *
pairs_named(const struct pairs *pairs, const char *name);
/* pairs_of_channel(pairs, channel, own, lane): whose channel it is. */
const struct pair *
pairs_of_channel(const struct pairs *pairs, const struct id *channel,
    bool *own, uint8_t *lane);
/* pairs_keyring(pairs): who was trusted when (audit/keyring.h). */
struct keyring *
pairs_keyring(struct pairs *pairs);

/* What `charter install` brings. */
struct pairs_install {
	struct view charter;
	struct view sig_a;		/* SIG_BYTES */
	struct view sig_b;
	const struct view *keys;	/* key statement || sig, any order */
	size_t key_count;		/* peer's, relays', own */
	const uint8_t *psk_a;		/* courier bytes, KEY_BYTES each, or */
	const uint8_t *psk_b;		/* both NULL; the caller wipes them */
};

/*
 * pairs_install(agent, in, pair):
 * Inside a turn.  Check both signatures, the roots, every key statement;
 * write them down; talk to the relays from the next turn on.  ERR_PAIRING,
 * ERR_CHARTER, ERR_KEY_FOREIGN (our root is not in it), ERR_KID_UNKNOWN (no
 * key statement of the peer or of a relay), ERR_EXISTS (this charter is
 * installed already), the keyring's errors.
 */
enum err
pairs_install(struct agent *agent, const struct pairs_install *in,
    const struct pair **pair);

/* A charter as it was installed, for export; borrowed for the call. */
struct pairs_charter {
	uint16_t number;
	struct view text;
	uint8_t sig_a[SIG_BYTES];
	uint8_t sig_b[SIG_BYTES];
};
typedef enum err pairs_visit_charter(void *ctx,
    const struct pairs_charter *c);
/* pairs_charters(book, pair, visit, ctx): all charters of pair.number, rising
 * number; visit's error stops. */
enum err
pairs_charters(struct book *book, int64_t pair, pairs_visit_charter *visit,
    void *ctx);

/* pairs_prekey_good(agent, pair): the peer's newest prekey is here, and the
 * key that published it is the peer's still and not revoked. */
bool
pairs_prekey_good(struct agent *agent, const struct pair *pair);

/* pairs_couriered(agent, charter_id): this charter was installed with courier
 * bytes, so nothing goes without them, whatever became of their file. */
bool
pairs_couriered(struct agent *agent, const struct hash *charter_id);

#endif
