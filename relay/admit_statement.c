/* admit_statement: statements other than runs.  See admit.h. */
#include <string.h>

#include "audit/keyring.h"
#include "audit/verify.h"
#include "proto/receipt.h"
#include "proto/statement.h"
#include "relay/admit_priv.h"
#include "relay/admitted.h"
#include "relay/group.h"
#include "relay/heads.h"
#include "relay/quota.h"
#include "relay/store.h"

/* A statement while it passes. */
struct saying {
	struct admit *a;
	const struct id *agency;	/* who brings it; NULL: the operator */
	struct statement st;
	struct view bytes;
	struct keyring_place place;	/* the place it would get */
	bool fills;			/* a hollow one: judged once already */
	struct store_item item;
	struct statement_recovery recovery;
};

static bool
is_own(const struct saying *s, const struct id *agency)
{
	return s->agency == NULL || id_eq(s->agency, agency);
}

/* Its own, and still the sender (or receiver) of the channel's pair. */
static bool
is_party(const struct saying *s, const struct verify_who *who, bool sender)
{
	const struct keyring_channel *ch = who->channel;

	return is_own(s, &who->key->agency->id) &&
	    admitted_party(s->a->p.admitted, &ch->pair_id,
	    sender ? ch->direction : !ch->direction, &who->key->agency->id);
}

static void
feed_one(struct saying *s, const struct id *channel)
{
	buf_put(&s->a->feeds, channel, sizeof(*channel));
}

/* The publisher's lane 0 toward each of its peers (section 13.7). */
static void
feed_pairs(struct saying *s, const struct id *agency)
{
	const struct admitted_charter *row;
	struct id channel;
	uint8_t d;
	size_t i;

	for (i = 0; (row = admitted_pair(s->a->p.admitted, i)) != NULL; i++) {
		for (d = 0; d < DIRECTION_COUNT; d++) {
			if (!admitted_party(s->a->p.admitted, &row->pair_id,
			    d, agency))
				continue;
			channel = envelope_channel(&row->pair_id, d,
			    LANE_NOTICE);
			feed_one(s, &channel);
		}
	}
}

static enum err
say_receipt(struct saying *s)
{
	struct verify_who who;
	struct receipt r;
	enum err err;

	err = receipt_decode(&r, s->st.body);
	if (err != ERR_OK)
		return err;
	/* A relay's receipts are its own to log. */
	if (r.event != RECEIPT_DELIVERED && r.event != RECEIPT_UNDECRYPTABLE)
		return ERR_CODE;
	err = verify_receipt(&who, s->a->p.keyring, s->bytes.p, s->bytes.len,
	    &s->place);
	if (err != ERR_OK)
		return err;
	if (!is_party(s, &who, false))
		return ERR_SENDER;
	if (r.last_seq > INT64_MAX)
		return ERR_SEQ;
	feed_one(s, &r.channel);
	s->item.covers = true;
	s->item.cover_first = r.first_seq;
	s->item.cover_last = r.last_seq;
	return ERR_OK;
}

/* The newest prekey here, less one whose signer was revoked since: a thief
 * must not use up the ids for ever. */
struct newest {
	const struct keyring *keyring;
	uint64_t id;		/* 0: none that counts */
	bool revoked;
};

static enum err
newest_prekey(void *ctx, const struct store_seen *seen)
{
	struct newest *n = ctx;
	const struct keyring_key *key;
	struct statement_prekey pk;
	struct statement st;

	if (statement_split(&st, seen->entry) != ERR_OK ||
	    statement_prekey_decode(&pk, st.body) != ERR_OK)
		return ERR_STORAGE;
	key = keyring_key(n->keyring, &pk.kid);
	n->revoked = key == NULL || key->revoked;
	n->id = n->revoked ? 0 : pk.prekey_id;
	return ERR_OK;
}

static enum err
say_prekey(struct saying *s)
{
	struct statement_prekey pk;
	struct verify_who who;
	struct newest newest = { .keyring = s->a->p.keyring };
	enum err err;

	err = statement_prekey_decode(&pk, s->st.body);
	if (err == ERR_OK)
		err = verify_prekey(&who, s->a->p.keyring, s->bytes.p,
		    s->bytes.len, &s->place);
	if (err != ERR_OK)
		return err;
	if (!is_party(s, &who, true))
		return ERR_SENDER;
	err = store_news(s->a->p.store, STORE_PREKEY, &who.channel->id, 0,
	    newest_prekey, &newest);
	if (err != ERR_OK)
		return err;
	/* Ids rise (section 3), from where it stands in the log. */
	if ((pk.prekey_id <= newest.id && !s->fills) ||
	    pk.prekey_id > INT64_MAX)
		return ERR_SEQ;
	feed_one(s, &who.channel->id);
	s->item.news = STORE_PREKEY;
	s->item.news_owner = who.channel->id;
	s->item.news_serial = pk.prekey_id;
	s->item.news_replaces = newest.revoked && !s->fills;
	return ERR_OK;
}

/* The keyring learns it with the place it gets: the append follows at once
 * and nothing between can fail but fatally. */
static enum err
say_keys(struct saying *s)
{
	struct statement_keys ks;
	const struct keyring_agency *agency;
	enum err err;

	err = statement_keys_decode(&ks, s->st.body);
	if (err != ERR_OK)
		return err;
	agency = keyring_agency(s->a->p.keyring, &ks.agency);
	if (agency == NULL)
		return ERR_KEY_FOREIGN;
	if (!is_own(s, &ks.agency))
		return ERR_SENDER;
	if (ks.ks_seq > INT64_MAX)
		return ERR_KEY_SEQ;
	err = keyring_add_keys(s->a->p.keyring, s->bytes.p, s->bytes.len,
	    &s->place);
	if (err != ERR_OK)
		return err;
	feed_pairs(s, &ks.agency);
	s->item.news = STORE_KEYS;
	s->item.news_owner = ks.agency;
	s->item.news_serial = ks.ks_seq;
	return ERR_OK;
}

static enum err
say_officer(struct saying *s)
{
	const struct keyring_key *custodian;
	struct statement_officer o;
	enum err err;

	err = statement_officer_decode(&o, s->st.body);
	if (err != ERR_OK)
		return err;
	custodian = keyring_key(s->a->p.keyring, &o.kid);
	if (custodian == NULL)
		return ERR_KID_UNKNOWN;
	if (!is_own(s, &custodian->agency->id))
		return ERR_SENDER;
	err = keyring_add_officer(s->a->p.keyring, s->bytes.p, s->bytes.len,
	    &s->place);
	if (err != ERR_OK)
		return err;
	feed_pairs(s, &custodian->agency->id);
	s->item.news = STORE_OFFICER;
	s->item.news_owner = custodian->agency->id;
	s->item.news_item = o.officer;
	s->item.news_serial = o.not_before & INT64_MAX;
	return ERR_OK;
}

static enum err
say_recovery(struct saying *s)
{
	const struct keyring_agency *agency;
	struct id channel;
	unsigned lane;
	enum err err;

	err = statement_recovery_decode(&s->recovery, s->st.body);
	if (err == ERR_OK)
		err = verify_recovery(&agency, s->a->p.keyring, s->bytes.p,
		    s->bytes.len);
	if (err != ERR_OK)
		return err;
	if (!is_own(s, &agency->id) || !admitted_party(s->a->p.admitted,
	    &s->recovery.pair_id, s->recovery.direction, &agency->id))
		return ERR_SENDER;
	for (lane = 0; lane < LANE_COUNT; lane++)
		if (s->recovery.lane[lane].next_seq > INT64_MAX - RUN_MAX)
			return ERR_SEQ;
	channel = envelope_channel(&s->recovery.pair_id,
	    s->recovery.direction, LANE_NOTICE);
	feed_one(s, &channel);
	s->item.news = STORE_RECOVERY;
	s->item.news_owner = channel;
	s->item.news_serial = s->place.index;
	return ERR_OK;
}

static enum err
say(struct saying *s)
{
	switch (s->st.kind) {
	case STATEMENT_RECEIPT:
		return say_receipt(s);
	case STATEMENT_PREKEY:
		return say_prekey(s);
	case STATEMENT_KEYS:
		return say_keys(s);
	case STATEMENT_OFFICER:
		return say_officer(s);
	case STATEMENT_RECOVERY:
		return say_recovery(s);
	default:
		return ERR_MAGIC;	/* a run rides as a run */
	}
}

/* After the append: the three lanes start again where the root says. */
static enum err
recovered(struct saying *s)
{
	const struct statement_recovery *r = &s->recovery;
	struct head *head;
	struct id channel;
	uint8_t lane;
	enum err err = ERR_OK;

	for (lane = 0; lane < LANE_COUNT && err == ERR_OK; lane++) {
		channel = envelope_channel(&r->pair_id, r->direction, lane);
		err = heads_find(s->a->p.heads, &channel, &s->item.news_owner,
		    lane, &head);
		if (err == ERR_OK && s->fills)
			err = heads_again(s->a->p.heads, head);
		else if (err == ERR_OK)
			heads_recovery(head, r, s->item.index);
	}
	return err;
}

static enum err
append(struct saying *s)
{
	enum err err;

	if (s->a->feeds.err != ERR_OK)
		return s->a->feeds.err;
	s->item.entry = s->bytes;
	s->item.feeds = (const struct id *)(const void *)s->a->feeds.p;
	s->item.feed_count = s->a->feeds.len / sizeof(struct id);
	err = group_append(s->a->p.group, &s->item);
	if (err == ERR_OK && s->item.news == STORE_RECOVERY)
		err = recovered(s);
	return err;
}

static enum err
pass(struct admit *a, const struct id *agency, struct view bytes,
    struct admit_answer *answer)
{
	struct saying s = { .a = a, .agency = agency, .bytes = bytes };
	struct hash leaf;
	enum err err;

	answer->status = statement_split(&s.st, bytes);
	if (answer->status != ERR_OK)
		return ERR_OK;
	leaf = statement_leaf(bytes);
	err = store_find(a->p.store, &leaf, &answer->index);
	if (err != ERR_NOTFOUND)
		return err;	/* its first answer again */
	s.place.log_id = a->p.log_id;
	err = group_place(a->p.group, &leaf, &s.place.index);
	if (err != ERR_OK)
		return err;
	s.fills = s.place.index < group_next(a->p.group);
	buf_reset(&a->feeds);
	answer->status = say(&s);
	if (answer->status != ERR_OK)
		return ERR_OK;
	err = append(&s);
	answer->index = s.item.index;
	answer->filled = s.fills;
	return err;
}

enum err
admit_statement(struct admit *a, const struct admit_party *party,
    struct view bytes, const struct admit_when *when,
    struct admit_answer *answer)
{
	memset(answer, 0, sizeof(*answer));
	answer->status = quota_take(a->p.quota, party->key, QUOTA_STATEMENT,
	    bytes.len, when->mono);
	if (answer->status != ERR_OK)
		return ERR_OK;
	return pass(a, &party->agency, bytes, answer);
}

enum err
admit_keys(struct admit *a, struct view bytes, struct admit_answer *answer)
{
	memset(answer, 0, sizeof(*answer));
	return pass(a, NULL, bytes, answer);
}
