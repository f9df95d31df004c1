/* entries: see entries.h. */
#include "relay/entries.h"

#include <string.h>

#include "audit/keyring.h"
#include "proto/envelope.h"
#include "proto/receipt.h"
#include "proto/run.h"
#include "proto/statement.h"
#include "proto/tile_entries.h"
#include "relay/admitted.h"
#include "relay/store.h"

/* Both directions of a pair are its two parties' business. */
static bool
of_pair(const struct entries_parts *p, const struct id *agency,
    const struct hash *pair_id)
{
	struct id pair = hash_id(pair_id);

	return !admitted_blocked(p->admitted, &pair) &&
	    (admitted_party(p->admitted, pair_id, FROM_A, agency) ||
	    admitted_party(p->admitted, pair_id, FROM_B, agency));
}

static bool
of_channel(const struct entries_parts *p, const struct id *agency,
    const struct id *channel)
{
	const struct keyring_channel *ch = keyring_channel(p->keyring,
	    channel);

	return ch != NULL && of_pair(p, agency, &ch->pair_id);
}

/* News of keys, which KEYS gives too. */
static bool
of_agency(const struct entries_parts *p, const struct id *agency,
    const struct id *other)
{
	return id_eq(other, &p->relay) ||
	    admitted_peers(p->admitted, agency, other);
}

static bool
shows_keys(const struct entries_parts *p, const struct id *agency,
    struct view body)
{
	struct statement_keys ks;

	return statement_keys_decode(&ks, body) == ERR_OK &&
	    of_agency(p, agency, &ks.agency);
}

static bool
shows_officer(const struct entries_parts *p, const struct id *agency,
    const struct id *kid)
{
	const struct keyring_key *key = keyring_key(p->keyring, kid);

	return key != NULL && of_agency(p, agency, &key->agency->id);
}

bool
entries_shows(const struct entries_parts *parts, const struct id *agency,
    struct view entry)
{
	struct statement_recovery recovery;
	struct statement_prekey prekey;
	struct run_statement run;
	struct receipt receipt;
	struct statement st;

	if (statement_split(&st, entry) != ERR_OK)
		return false;
	switch (st.kind) {
	case STATEMENT_RUN:
		return run_statement_decode(&run, st.body) == ERR_OK &&
		    of_channel(parts, agency, &run.channel);
	case STATEMENT_RECEIPT:
		return receipt_decode(&receipt, st.body) == ERR_OK &&
		    of_channel(parts, agency, &receipt.channel);
	case STATEMENT_PREKEY:
		return statement_prekey_decode(&prekey, st.body) == ERR_OK &&
		    of_pair(parts, agency, &prekey.pair_id);
	case STATEMENT_RECOVERY:
		return statement_recovery_decode(&recovery, st.body) ==
		    ERR_OK && of_pair(parts, agency, &recovery.pair_id);
	case STATEMENT_KEYS:
		return shows_keys(parts, agency, st.body);
	case STATEMENT_OFFICER:
		return shows_officer(parts, agency, &st.kid);
	case STATEMENT_PRIOR:	/* the relay's own word about its log */
		return true;
	case STATEMENT_UNKNOWN:
	default:
		return false;
	}
}

struct reading {
	const struct entries_parts *p;
	const struct id *agency;
	uint64_t next;
	uint64_t end;
	struct buf *out;
};

static enum err
read_one(void *ctx, const struct store_seen *seen)
{
	struct reading *r = ctx;
	struct view none = { NULL, 0 };
	enum err err;

	if (r->next == r->end)
		return ERR_BUSY;
	if (seen->index != r->next)
		return ERR_STORAGE;
	err = tile_entries_put(r->out, entries_shows(r->p, r->agency,
	    seen->entry) ? seen->entry : none);
	r->next++;
	return err;
}

enum err
entries_tile(const struct entries_parts *parts, const struct id *agency,
    uint64_t from, unsigned width, struct buf *out)
{
	struct reading r = { parts, agency, from, from + width, out };
	enum err err = store_entries(parts->store, from, read_one, &r);

	if (err == ERR_BUSY)
		err = ERR_OK;
	return err == ERR_OK && r.next != r.end ? ERR_STORAGE : err;
}
