/*
 * admitted: whom the operator lets in, and whom he blocked.
 *
 * Owns the charters put before this relay and the list of blocked ids (of
 * an agency, a kid, a pair, or a transport key's kid), both kept as facts in
 * the store, and fills the keyring from the store at start.  Never decides
 * about a run.  Relay loop and offline commands.
 */
#ifndef RELAY_ADMITTED_H
#define RELAY_ADMITTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "proto/limits.h"

struct admitted;
struct keyring;
struct store;

/* One charter; renewals of a pair follow each other. */
struct admitted_charter {
	struct hash charter_id;
	struct hash pair_id;
	uint16_t number;
};

/* A charter as it comes in: text and both signatures. */
struct admitted_paper {
	struct view text;
	uint8_t sig_a[SIG_BYTES];
	uint8_t sig_b[SIG_BYTES];
};

/*
 * admitted_open(out, store, keyring, log_id):
 * Load charters, then the key statements and officer certificates of the
 * log named log_id in its order, into keyring.  ERR_ROLLBACK if what was
 * admitted does not verify any more (an edited store).
 */
enum err
admitted_open(struct admitted **out, struct store *store,
    struct keyring *keyring, const struct hash *log_id);
void
admitted_free(struct admitted **adm);

/* admitted_add(adm, paper): check and take it into keyring and list, and,
 * inside a transaction, the store.  Errors of keyring_add_charter. */
enum err
admitted_add(struct admitted *adm, const struct admitted_paper *paper);
/* admitted_at(adm, i): in the order they were taken, or NULL. */
const struct admitted_charter *
admitted_at(const struct admitted *adm, size_t i);
/* admitted_pair(adm, i): the newest charter of the i-th pair, or NULL. */
const struct admitted_charter *
admitted_pair(const struct admitted *adm, size_t i);

/* admitted_own(adm, relay): the relay's own key statements of the log count
 * too, once a charter names its root: nobody may state its keys. */
enum err
admitted_own(struct admitted *adm, const struct id *relay);

/* admitted_party(adm, pair_id, direction, agency): is agency direction's
 * sender by the pair's newest charter?  One whose root was replaced is not. */
bool
admitted_party(const struct admitted *adm, const struct hash *pair_id,
    uint8_t direction, const struct id *agency);

/* admitted_peers(adm, agency, other): are they one agency, or the parties of
 * a pair by its newest charter? */
bool
admitted_peers(const struct admitted *adm, const struct id *agency,
    const struct id *other);

/* admitted_block(adm, id, on): inside a transaction.  ERR_NOTFOUND when
 * taking off what is not on. */
enum err
admitted_block(struct admitted *adm, const struct id *id, bool on);
bool
admitted_blocked(const struct admitted *adm, const struct id *id);
/* admitted_blocked_at(adm, i): or NULL. */
const struct id *
admitted_blocked_at(const struct admitted *adm, size_t i);

#endif
