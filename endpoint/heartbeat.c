#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "endpoint/agent_priv.h"
#include "endpoint/alarm.h"
#include "endpoint/cosigned.h"
#include "endpoint/heartbeat.h"
#include "endpoint/inbox_items.h"
#include "endpoint/mail.h"
#include "endpoint/outbox_rows.h"
#include "endpoint/recover.h"
#include "endpoint/relays.h"
#include "endpoint/seal.h"
#include "endpoint/settle.h"
#include "endpoint/statements.h"
#include "proto/notice.h"

#define HOUR_MS 3600000
#define DAY_MS 86400000

static struct hash
heartbeat_keys(struct agent *agent, const struct id *agency)
{
	const struct keyring_agency *a;
	const struct hash none = { { 0 } };

	a = keyring_agency(pairs_keyring(agent->pairs), agency);
	return a == NULL ? none : a->ks_hash;
}

/* It is signed, and shown to auditors: none is sent without it. */
static enum err
heartbeat_open_cases(struct agent *agent, const struct pair *pair,
    struct notice_link *link)
{
	link->open_cases = 0;
	link->open_root = hash_of("", 0);
	if (agent->hooks == NULL || agent->hooks->open_cases == NULL)
		return ERR_OK;
	return agent->hooks->open_cases(agent, pair, link);
}

static uint32_t
heartbeat_psk_day(const struct peering *pg)
{
	uint32_t day = 0;
	unsigned i;

	/* Days only rise on a lane; the lowest of those in use binds. */
	for (i = 0; i < LANE_COUNT; i++)
		if (pg->own[i].epoch != NULL &&
		    (day == 0 || pg->own[i].pub.psk_day < day))
			day = pg->own[i].pub.psk_day;
	return day;
}

static enum err
heartbeat_link(struct agent *agent, const struct peering *pg,
    struct notice_link *link)
{
	unsigned i;

	memset(link, 0, sizeof(*link));
	link->own_keys = heartbeat_keys(agent, &agent->agency);
	link->peer_keys = heartbeat_keys(agent, &pg->p.peer_agency);
	link->own_prekey = pg->own_prekey;
	link->peer_prekey = pg->prekey.prekey_id;
	for (i = 0; i < LANE_COUNT; i++) {
		link->own[i].seq = pg->own[i].seq;
		link->own[i].env_id = pg->own[i].env;
		link->peer[i].seq = pg->peer[i].settled;
		link->peer[i].env_id = pg->peer[i].settled_env;
	}
	/* A new epoch always takes the newest prekey, and one with an older
	 * prekey is not used again: nothing lower will come. */
	link->floor_prekey = pg->prekey.prekey_id;
	link->floor_charter = pg->charter->number;
	link->floor_psk_day = heartbeat_psk_day(pg);
	return heartbeat_open_cases(agent, &pg->p, link);
}

static enum err
heartbeat_send(struct agent *agent, struct peering *pg)
{
	struct notice_outline outline = {
		.type = NOTICE_HEARTBEAT,
		.as_of_at = (uint64_t)agent->now,
	};
	uint8_t link_bytes[NOTICE_LINK_BYTES];
	struct buf buf = buf_init(OUTLINE_MAX);
	struct fields fields = { 0 };
	struct outgoing out = {
		.pair_id = pg->p.pair_id,
		.lane = LANE_NOTICE,
		.fields = &fields,
	};
	struct notice_link link;
	enum err err;

	err = heartbeat_link(agent, pg, &link);
	notice_link_encode(link_bytes, &link);
	if (err == ERR_OK)
		err = notice_outline_encode(&buf, &outline);
	if (err == ERR_OK)
		err = fields_add(&fields, FIELD_OUTLINE, buf_view(&buf));
	if (err == ERR_OK)
		err = fields_add(&fields, FIELD_LINK,
		    (struct view){ link_bytes, sizeof(link_bytes) });
	if (err == ERR_OK)
		err = outbox_put(agent, &out, NULL);
	buf_free(&buf);
	if (err != ERR_OK)
		return err;
	pg->beat_at = agent->now;
	return pairs_save(agent, &pg->p);
}

static void
heartbeat_sooner(struct agent *agent, int64_t at)
{
	if (at > agent->now && at < agent->beat_due)
		agent->beat_due = at;
}

static int64_t
heartbeat_quiet_due(const struct peering *pg)
{
	int64_t beat = (int64_t)pg->charter->heartbeat_s * 1000;
	int64_t quiet = pg->own[LANE_NOTICE].out_at > pg->beat_at ?
	    pg->own[LANE_NOTICE].out_at : pg->beat_at;
	int64_t hour = pg->beat_at + HOUR_MS;

	return quiet + beat < hour ? quiet + beat : hour;
}

/* Raised and cleared once: ticks come often. */
static void
heartbeat_alarm(struct agent *agent, const struct peering *pg,
    enum peering_alarm *was, bool stands, enum err code, const char *text)
{
	enum peering_alarm now = stands ? PEERING_ALARM_RAISED :
	    PEERING_ALARM_CLEARED;

	if (*was == now)
		return;
	*was = now;
	if (stands)
		alarm_raise(agent->book, agent->now, code, pg->p.number,
		    "%s", text);
	else
		alarm_clear(agent->book, code, pg->p.number);
}

/* A peer says something each interval.  Without a word for two, while relays
 * are asked, it is away or kept from us: nobody can tell which. */
static void
heartbeat_silence(struct agent *agent, struct peering *pg)
{
	int64_t limit = 2 * (int64_t)pg->charter->heartbeat_s * 1000;

	if (!pg->compared || pg->heard_at == 0 ||
	    agent->mono - pg->shown_at < limit)
		return;
	heartbeat_alarm(agent, pg, &pg->silent,
	    agent->now - pg->heard_at >= limit, ERR_TIMEOUT,
	    "nothing came from the peer for two heartbeat intervals: it is "
	    "away, or withheld");
	heartbeat_sooner(agent, pg->heard_at + limit);
}

/* No answer of a first relay, or messages that stay undelivered: one more
 * relay gets the same rows, until all is well again. */
static void
heartbeat_further(struct agent *agent, struct peering *pg)
{
	int64_t beat = (int64_t)pg->charter->heartbeat_s * 1000, since;
	const struct relay *relay;
	bool stuck;
	unsigned i;

	if (agent->now - pg->further_at < beat)
		return;
	pg->further_at = agent->now;
	since = mail_undelivered_since(agent->book, pg->p.number);
	stuck = since != 0 && agent->now - since >= 2 * beat;
	heartbeat_alarm(agent, pg, &pg->stuck, stuck, ERR_UNREACHABLE,
	    "messages of ours stay undelivered for two heartbeat intervals: "
	    "the peer is away, or they are withheld");
	for (i = 0; i < pg->charter->copies; i++) {
		relay = relays_at(agent, &pg->p, i);
		if (relay != NULL && relay->silent_at != 0 &&
		    agent->now - relay->silent_at >= beat)
			stuck = true;
	}
	if (!stuck) {
		pg->wanted = 0;
		return;
	}
	if (outbox_further(agent, pg))
		diag_info("heartbeat", "sending further to one more relay "
		    "pair=%lld", (long long)pg->p.number);
}

static int
heartbeat_by_id(const void *pa, const void *pb)
{
	const struct prekeys_info *a = pa, *b = pb;

	return a->prekey_id < b->prekey_id ? -1 :
	    a->prekey_id > b->prekey_id;
}

/* The pair's prekeys by rising id; the caller frees them, NULL: no memory. */
static struct prekeys_info *
heartbeat_prekeys(const struct agent *agent, const struct peering *pg,
    size_t *n)
{
	struct prekeys_info *all = calloc(PREKEYS_SLOTS, sizeof(*all));
	size_t i;

	*n = 0;
	if (all == NULL)
		return NULL;
	for (i = 0; i < PREKEYS_SLOTS; i++) {
		if (prekeys_at(&all[*n], agent->prekeys, i) != ERR_OK)
			break;
		if (hash_eq(&all[*n].pair_id, &pg->p.pair_id))
			(*n)++;
	}
	qsort(all, *n, sizeof(*all), heartbeat_by_id);
	return all;
}

/* A peer that is away, or never says a floor, gets no more than its share:
 * the others must go on. */
static bool
heartbeat_prekey_room(const struct agent *agent, const struct peering *pg)
{
	size_t n, share = PREKEYS_SLOTS / 2 / pairs_count(agent->pairs);
	struct prekeys_info *all = heartbeat_prekeys(agent, pg, &n);

	free(all);
	return all == NULL || n < (share < 4 ? 4 : share);
}

/* An hour is over, or the secret of the newest one is lost. */
static bool
heartbeat_prekey_due(const struct agent *agent, const struct peering *pg)
{
	struct prekeys_info newest;

	if (agent->now - pg->prekey_made_at >= PREKEY_MS)
		return true;
	/* Also after a rotation: an old S publishes nothing new. */
	return prekeys_newest(&newest, agent->prekeys, &pg->p.pair_id) !=
	    ERR_OK || newest.prekey_id < pg->own_prekey ||
	    memcmp(newest.kid.b, sign_kid(keyfile_signer(agent->keys,
	    KEYFILE_S))->b, ID_BYTES) != 0;
}

static enum err
heartbeat_prekey(struct agent *agent, struct peering *pg)
{
	enum err err;

	/* Above every id a relay saw of us, even after a restore. */
	if (pg->refused != ERR_OK || !pg->prekey_known ||
	    !heartbeat_prekey_due(agent, pg))
		return ERR_OK;
	pg->erase = true;		/* by age: once an hour is enough */
	err = heartbeat_prekey_room(agent, pg) ?
	    statements_prekey(agent, pg, 0) : ERR_BUSY;
	if (err == ERR_BUSY) {
		alarm_raise(agent->book, agent->now, err, pg->p.number,
		    "no room for another prekey: the peer is away too long");
		pg->prekey_made_at = agent->now;
		return ERR_OK;
	}
	return err;
}

/* A clock that was set back must not silence us until it caught up. */
static void
heartbeat_clamp(const struct agent *agent, struct peering *pg)
{
	unsigned i;

	if (pg->beat_at > agent->now)
		pg->beat_at = agent->now;
	if (pg->further_at > agent->now)
		pg->further_at = agent->now;
	if (pg->prekey_made_at > agent->now)
		pg->prekey_made_at = agent->now;
	for (i = 0; i < LANE_COUNT; i++)
		if (pg->own[i].out_at > agent->now)
			pg->own[i].out_at = agent->now;
}

/* The renewal installed ahead of its time begins. */
static enum err
heartbeat_renewal(struct agent *agent, const struct peering *pg)
{
	enum err err;

	if (pg->next_from_at == 0 || agent->now < pg->next_from_at)
		return ERR_OK;
	err = pairs_load(agent);
	return err != ERR_OK ? err : relays_refresh(agent);
}

static enum err
heartbeat_pair(struct agent *agent, struct peering *pg)
{
	int64_t beat = (int64_t)pg->charter->heartbeat_s * 1000;
	int64_t patience = recover_patience(agent, pg);
	enum err err = ERR_OK;

	if (patience != 0)
		heartbeat_sooner(agent, patience);
	if (pg->compared)
		err = heartbeat_prekey(agent, pg);
	if (err == ERR_OK && seal_ready(agent, &pg->p) == ERR_OK) {
		if (agent->now >= heartbeat_quiet_due(pg))
			err = heartbeat_send(agent, pg);
		heartbeat_sooner(agent, heartbeat_quiet_due(pg));
	}
	heartbeat_further(agent, pg);
	heartbeat_silence(agent, pg);
	heartbeat_sooner(agent, agent->now + beat);
	if (pg->next_from_at != 0)
		heartbeat_sooner(agent, pg->next_from_at);
	if (pg->compared)
		heartbeat_sooner(agent, pg->prekey_made_at + PREKEY_MS);
	return err;
}

/* What the peer never said a floor for goes `keep` after it was superseded,
 * by our clock and by a relay's. */
static enum err
heartbeat_erase_old(struct agent *agent, struct peering *pg)
{
	int64_t keep = (int64_t)pg->charter->keep_days * DAY_MS;
	int64_t now = agent->now, seen = relays_seen_at(agent);
	struct prekeys_info *all;
	enum err err = ERR_OK;
	size_t i, n;

	if (seen < now)
		now = seen;
	all = heartbeat_prekeys(agent, pg, &n);
	if (all == NULL)
		return ERR_NOMEM;
	for (i = 0; err == ERR_OK && i + 1 < n; i++)
		if (all[i + 1].made_at + keep <= now)
			err = prekeys_erase(agent->prekeys, &pg->p.pair_id,
			    all[i].prekey_id);
	free(all);
	return err;
}

enum err
heartbeat_tick(struct agent *agent)
{
	struct peering *pg;
	enum err err = ERR_OK;
	size_t i;

	agent->beat_due = INT64_MAX;
	for (i = 0; err == ERR_OK && i < pairs_count(agent->pairs); i++) {
		pg = peering_of(pairs_at(agent->pairs, i));
		heartbeat_clamp(agent, pg);
		err = heartbeat_renewal(agent, pg);
		if (err == ERR_OK)
			err = heartbeat_pair(agent, pg);
		if (err != ERR_OK && err != ERR_STORAGE &&
		    err != ERR_NOMEM) {
			diag_warn("heartbeat", "not sent err=%s",
			    err_name(err));
			err = ERR_OK;
		}
	}
	return err;
}

/* No sender may be past it: the day after the newest time known. */
static uint32_t
heartbeat_day_max(struct agent *agent, const struct peering *pg)
{
	int64_t seen = cosigned_seen_at(agent, &pg->p);
	int64_t at = seen > agent->now ? seen : agent->now;
	int64_t day = at / DAY_MS + 1 -
	    (int64_t)(pg->charter->from_at / DAY_MS);

	return day < 0 ? 0 : (uint32_t)day;
}

/* Once every lane is settled up to the heads the floor was said with, what
 * lies below it may go: after the commit, since it cannot be undone. */
static enum err
heartbeat_floor(struct agent *agent, struct peering *pg,
    const struct notice_link *link)
{
	unsigned i;
	enum err err;

	/* The run that brought the heartbeat is still being taken in. */
	err = inbox_advance(agent, pg, LANE_NOTICE);
	pg->erase = true;
	for (i = 0; i < LANE_COUNT; i++)
		if (pg->peer[i].settled < link->own[i].seq)
			return err;
	if (link->floor_prekey > pg->own_prekey ||
	    link->floor_psk_day > heartbeat_day_max(agent, pg)) {
		alarm_raise(agent->book, agent->now, ERR_EPOCH, pg->p.number,
		    "the peer's heartbeat names a prekey or day that does "
		    "not exist yet: nothing is erased by it");
		return err;
	}
	if (link->floor_prekey > pg->erase_prekey)
		pg->erase_prekey = link->floor_prekey;
	if (link->floor_charter == pg->charter->number)
		pg->erase_psk_day = link->floor_psk_day;
	/* Past a renewal on both sides; ours seals under the newest too. */
	if (link->floor_charter <= pg->charter->number)
		pg->erase_charter = link->floor_charter;
	return err;
}

/* Courier secrets of the charters that a renewal left behind. */
static enum err
heartbeat_erase_charters(struct agent *agent, struct peering *pg)
{
	enum err err = ERR_OK;
	struct hash id;
	uint16_t n;

	for (n = 0; err == ERR_OK && n < pg->erase_charter; n++)
		if (pairs_charter_of(agent, &pg->p, n, &id) != NULL)
			err = prekeys_psk_erase(agent->prekeys, &id);
	return err;
}

static enum err
heartbeat_erase_pair(struct agent *agent, struct peering *pg)
{
	enum err err = ERR_OK;

	if (pg->erase_prekey > 0)
		err = prekeys_erase_below(agent->prekeys, &pg->p.pair_id,
		    pg->erase_prekey);
	if (err == ERR_OK && pg->erase_psk_day > 0)
		err = prekeys_psk_erase_below(agent->prekeys,
		    &pg->p.charter_id, pg->erase_psk_day);
	if (err == ERR_BUSY) {
		diag_warn("heartbeat", "no room to move the courier secret "
		    "on: kept as it is");
		err = ERR_OK;
	}
	if (err == ERR_OK)
		err = heartbeat_erase_charters(agent, pg);
	return err == ERR_OK ? heartbeat_erase_old(agent, pg) : err;
}

enum err
heartbeat_erase(struct agent *agent)
{
	struct peering *pg;
	enum err err = ERR_OK;
	size_t i;

	for (i = 0; err == ERR_OK && i < pairs_count(agent->pairs); i++) {
		pg = peering_of(pairs_at(agent->pairs, i));
		if (pg->erase)
			err = heartbeat_erase_pair(agent, pg);
		pg->erase = false;
	}
	return err;
}

/* How far the peer signs to have sent: what a relay keeps back of any lane
 * shows by this, also where nothing later comes. */
static enum err
heartbeat_told(struct agent *agent, struct peering *pg,
    const struct notice_link *link)
{
	enum err err = ERR_OK;
	uint8_t lane;

	for (lane = 0; err == ERR_OK && lane < LANE_COUNT; lane++)
		err = inbox_told(agent, pg, lane, link->own[lane].seq);
	return err;
}

/* On a lane where the peer sends nothing, this is its only ack. */
static enum err
heartbeat_acks(struct agent *agent, struct peering *pg,
    const struct notice_link *link)
{
	enum err err = ERR_OK;
	uint8_t lane;

	for (lane = 0; err == ERR_OK && lane < LANE_COUNT; lane++)
		err = settle_acked(agent, pg, lane, link->peer[lane].seq,
		    &link->peer[lane].env_id);
	if (err == ERR_ROLLBACK)
		err = recover_suspect(agent, pg, ERR_ROLLBACK,
		    "the peer acknowledges what this book does not hold");
	return err;
}

/* Does a peer that was heard of lately know no newer prekey of ours than id,
 * a day after a newer one was made? */
static bool
heartbeat_stays(const struct agent *agent, const struct peering *pg,
    uint64_t id)
{
	struct prekeys_info *all;
	bool stays = false;
	size_t i, n;

	if (id >= pg->own_prekey || agent->now - pg->heard_at > 2 * HOUR_MS)
		return false;
	all = heartbeat_prekeys(agent, pg, &n);
	for (i = 0; i < n && !stays; i++)
		stays = all[i].prekey_id > id &&
		    agent->now - all[i].made_at > DAY_MS;
	free(all);
	return stays;
}

enum err
heartbeat_received(struct agent *agent, struct peering *pg, uint8_t lane,
    const struct fields *fields)
{
	const struct field *f = fields_find(fields, FIELD_LINK);
	struct notice_link link;
	enum err err;

	err = lane != LANE_NOTICE ? ERR_MESSAGE :
	    notice_link_decode(&link, f->value);
	if (err != ERR_OK) {
		diag_warn("heartbeat", "the peer's cannot be read err=%s",
		    err_name(err));
		return ERR_OK;
	}
	if (heartbeat_stays(agent, pg, link.peer_prekey))
		alarm_raise(agent->book, agent->now, ERR_EPOCH, pg->p.number,
		    "the peer stays on an old prekey: are ours withheld?");
	err = heartbeat_acks(agent, pg, &link);
	if (err == ERR_OK)
		err = heartbeat_told(agent, pg, &link);
	if (err == ERR_OK)
		err = heartbeat_floor(agent, pg, &link);
	return err == ERR_STORAGE || err == ERR_NOMEM ? err : ERR_OK;
}
