/* The order of a peer's channel: gaps, duplicates, forks, recoveries. */
#include <string.h>

#include "base/db.h"
#include "base/diag.h"
#include "endpoint/agent_priv.h"
#include "endpoint/alarm.h"
#include "endpoint/inbox_items.h"
#include "endpoint/lanes.h"
#include "endpoint/mail.h"
#include "endpoint/relays.h"

#define INBOX_TICK_MS 1000

bool
inbox_recovered(struct agent *agent, int64_t pair, uint8_t lane,
    uint64_t next_seq, struct notice_head *old)
{
	struct db_stmt *s;
	bool found;

	s = db_prepare(book_db(agent->book), "SELECT old_seq, old_env"
	    " FROM recovery WHERE pair = ?1 AND lane = ?2 AND next_seq = ?3");
	db_bind_int(s, 1, pair);
	db_bind_int(s, 2, lane);
	db_bind_u64(s, 3, next_seq);
	found = db_row(s);
	if (found) {
		old->seq = db_col_u64(s, 0);
		db_col_hash(s, 1, &old->env_id);
	}
	(void)db_done(s);
	return found;
}

/* Does prev of env fit what was signed for the seq before it?  *gap when
 * that is not known. */
static bool
order_prev_fits(struct agent *agent, const struct peering *pg, uint8_t lane,
    const struct envelope *env, bool *gap)
{
	struct notice_head old;
	struct mail before;

	*gap = false;
	if (inbox_recovered(agent, pg->p.number, lane, env->h.seq, &old))
		return hash_eq(&env->h.prev, &old.env_id);
	if (env->h.seq == 1)
		return true;
	if (mail_at(agent->book, pg->p.number, false, lane, env->h.seq - 1,
	    &before) == ERR_OK)
		return hash_eq(&env->h.prev, &before.env_id);
	*gap = true;
	return true;
}

/* Does the envelope after env, if it came first, name env as its prev? */
static bool
order_next_fits(struct agent *agent, const struct peering *pg, uint8_t lane,
    const struct envelope *env)
{
	struct mail after;
	struct hash prev;

	if (env->h.seq >= pg->peer[lane].top)
		return true;
	if (mail_at(agent->book, pg->p.number, false, lane, env->h.seq + 1,
	    &after) != ERR_OK ||
	    mail_get_prev(agent->book, after.id, &prev) != ERR_OK)
		return true;
	return hash_eq(&prev, &env->env_id);
}

static bool
order_same_epoch(const struct peer_epoch *top, const struct envelope *env)
{
	return top->prekey_id == env->h.prekey_id &&
	    top->psk_day == env->h.psk_day &&
	    top->charter == env->h.charter &&
	    memcmp(top->kid.b, env->h.kid.b, ID_BYTES) == 0;
}

/* The epoch rule against the newest envelope known (PROTOCOL.md 13.5). */
static bool
order_epoch_fits(const struct peering *pg, const struct peer_lane *peer,
    const struct envelope *env, bool gap)
{
	const struct peer_epoch *top = &peer->top_epoch;
	/* A prekey we never made was a thief's, and binds nobody. */
	bool ours = top->prekey_id <= pg->own_prekey;

	if (peer->top == 0 || env->h.seq <= peer->top)
		return true;
	if (memcmp(top->e, env->h.e, KEY_BYTES) == 0)
		return order_same_epoch(top, env) && env->h.n > top->n &&
		    (gap || env->h.n == top->n + 1);
	if (!gap && env->h.n != 0)
		return false;
	return (env->h.prekey_id >= top->prekey_id || !ours) &&
	    env->h.charter >= top->charter &&
	    (env->h.charter > top->charter ||
	    env->h.psk_day >= top->psk_day);
}

static void
order_incarnation(struct agent *agent, const struct peering *pg,
    uint8_t lane, const struct envelope *env)
{
	const struct incarnation *top =
	    &pg->peer[lane].top_epoch.incarnation;
	const struct incarnation *now = &env->h.incarnation;

	if (pg->peer[lane].top == 0 || env->h.seq <= pg->peer[lane].top)
		return;
	if (now->start < top->start)
		alarm_raise(agent->book, agent->now, ERR_INCARNATION,
		    pg->p.number, "the peer's start count fell on lane %u",
		    lane);
	else if (now->start == top->start && now->random != top->random)
		alarm_raise(agent->book, agent->now, ERR_CLONE, pg->p.number,
		    "two copies of the peer's book send on lane %u", lane);
}

enum inbox_order
inbox_order(struct agent *agent, struct peering *pg, uint8_t lane,
    const struct envelope *env, enum keyring_standing standing, bool *gap)
{
	struct peer_lane *peer = &pg->peer[lane];
	struct mail have;

	*gap = false;
	if (mail_at(agent->book, pg->p.number, false, lane, env->h.seq,
	    &have) == ERR_OK) {
		if (hash_eq(&have.env_id, &env->env_id))
			return INBOX_SEEN;
		/* A disputed key is no partner in an equivocation. */
		return standing == KEYRING_GOOD ? INBOX_FORKED : INBOX_SEEN;
	}
	if (!order_prev_fits(agent, pg, lane, env, gap) ||
	    !order_next_fits(agent, pg, lane, env))
		return standing == KEYRING_GOOD ? INBOX_FORKED :
		    INBOX_BROKEN;
	order_incarnation(agent, pg, lane, env);
	if (!order_epoch_fits(pg, peer, env, *gap)) {
		alarm_raise(agent->book, agent->now, ERR_EPOCH, pg->p.number,
		    "the peer broke the epoch rule at lane %u seq %llu",
		    lane, (unsigned long long)env->h.seq);
		return INBOX_BROKEN;
	}
	return INBOX_NEW;
}

/* The seq after `settled`: the next, or the first of a named branch. */
static enum err
order_step(struct agent *agent, const struct peering *pg, uint8_t lane,
    struct mail *next)
{
	const struct peer_lane *peer = &pg->peer[lane];
	uint64_t next_seq = 0;
	struct db_stmt *s;
	enum err err;

	err = mail_at(agent->book, pg->p.number, false, lane,
	    peer->settled + 1, next);
	if (err != ERR_NOTFOUND)
		return err;
	s = db_prepare(book_db(agent->book), "SELECT next_seq FROM recovery"
	    " WHERE pair = ?1 AND lane = ?2 AND old_seq <= ?3"
	    " AND next_seq > ?3 ORDER BY next_seq LIMIT 1");
	db_bind_int(s, 1, pg->p.number);
	db_bind_int(s, 2, lane);
	db_bind_u64(s, 3, peer->settled);
	if (db_row(s))
		next_seq = db_col_u64(s, 0);
	err = db_done(s);
	if (err != ERR_OK)
		return err;
	if (next_seq == 0)
		return ERR_NOTFOUND;
	return mail_at(agent->book, pg->p.number, false, lane, next_seq,
	    next);
}

enum err
inbox_advance(struct agent *agent, struct peering *pg, uint8_t lane)
{
	struct peer_lane *peer = &pg->peer[lane];
	uint64_t last = peer->top > peer->told ? peer->top : peer->told;
	uint64_t was = peer->settled;
	struct mail next;
	enum err err;

	if (peer->settled == last && peer->gap_at == 0)
		return ERR_OK;
	for (;;) {
		err = order_step(agent, pg, lane, &next);
		if (err == ERR_NOTFOUND)
			break;
		if (err != ERR_OK)
			return err;
		peer->settled = next.seq;
		peer->settled_env = next.env_id;
		peer->dirty = true;
	}
	if (peer->settled >= last) {
		if (peer->gap_at != 0)
			alarm_clear(agent->book, ERR_GAP, pg->p.number);
		peer->gap_at = 0;
	} else if (peer->gap_at == 0 ||
	    (peer->settled == peer->top && peer->settled > was)) {
		peer->gap_at = agent->now;
		peer->asked_at = agent->now;
		peer->dirty = true;
		/* What was only told of may be on its way. */
		if (peer->settled < peer->top)
			return relays_cursor_back(agent,
			    &pg->p.peer_channel[lane], peer->settled);
	}
	return ERR_OK;
}

enum err
inbox_told(struct agent *agent, struct peering *pg, uint8_t lane,
    uint64_t seq)
{
	struct peer_lane *peer = &pg->peer[lane];

	if (seq > peer->told)
		peer->told = seq;
	return inbox_advance(agent, pg, lane);
}

static enum err
order_tick_lane(struct agent *agent, struct peering *pg, uint8_t lane)
{
	struct peer_lane *peer = &pg->peer[lane];
	int64_t beat = (int64_t)pg->charter->heartbeat_s * 1000;

	if (peer->gap_at == 0 || agent->now - peer->asked_at < beat)
		return ERR_OK;
	peer->asked_at = agent->now;
	if (agent->now - peer->gap_at >= beat)
		alarm_raise(agent->book, agent->now, ERR_GAP, pg->p.number,
		    "lane %u lacks what follows seq %llu: withheld or lost "
		    "on the way", lane, (unsigned long long)peer->settled);
	return relays_cursor_back(agent, &pg->p.peer_channel[lane],
	    peer->settled);
}

/* News of keys cannot be withheld unseen: a run that waits for its kid. */
static enum err
order_tick_keys(struct agent *agent)
{
	const struct pair *pair;
	struct db_stmt *s;
	struct id channel;
	uint8_t lane;
	bool own;
	int64_t beat;

	s = db_prepare(book_db(agent->book), "SELECT channel, min(since_at)"
	    " FROM aside WHERE why = ?1 GROUP BY channel");
	db_bind_int(s, 1, ERR_KID_UNKNOWN);
	while (db_row(s)) {
		db_col_id(s, 0, &channel);
		pair = pairs_of_channel(agent->pairs, &channel, &own, &lane);
		if (pair == NULL)
			continue;
		beat = (int64_t)pair->charter->heartbeat_s * 1000;
		if (agent->now - db_col_int(s, 1) < beat)
			continue;
		alarm_raise(agent->book, agent->now, ERR_KID_UNKNOWN,
		    pair->number, "keys withheld: no relay shows the key "
		    "statement of who signs lane %u", lane);
		relays_wish(agent, &pair->peer_agency, &pair->pair_id);
	}
	return db_done(s);
}

enum err
inbox_tick(struct agent *agent)
{
	enum err err = ERR_OK;
	uint8_t lane;
	size_t i;

	if (agent->mono < agent->keys_at)
		return ERR_OK;
	agent->keys_at = agent->mono + INBOX_TICK_MS;
	err = order_tick_keys(agent);
	for (i = 0; i < pairs_count(agent->pairs); i++)
		for (lane = 0; err == ERR_OK && lane < LANE_COUNT; lane++)
			err = order_tick_lane(agent, peering_of(
			    pairs_at(agent->pairs, i)), lane);
	return err;
}

/* *fresh: not taken in before. */
static enum err
recovery_put(struct agent *agent, const struct pair *pair, uint8_t lane,
    const struct statement_recovery_lane *l, bool *fresh)
{
	struct db_stmt *s;
	enum err err;

	s = db_prepare(book_db(agent->book), "INSERT INTO recovery (pair,"
	    " lane, old_seq, old_env, next_seq) VALUES (?1, ?2, ?3, ?4, ?5)"
	    " ON CONFLICT DO NOTHING");
	db_bind_int(s, 1, pair->number);
	db_bind_int(s, 2, lane);
	db_bind_u64(s, 3, l->old_seq);
	db_bind_hash(s, 4, &l->old_env);
	db_bind_u64(s, 5, l->next_seq);
	err = db_run(s);
	*fresh = err == ERR_OK && db_changes(book_db(agent->book)) > 0;
	return err;
}

/* Only the named branch is good; the other stays on record as said. */
static enum err
recovery_branch(struct agent *agent, struct peering *pg, uint8_t lane,
    const struct statement_recovery_lane *l)
{
	struct db_stmt *s;
	enum err err;

	s = db_prepare(book_db(agent->book), "UPDATE mail SET state = 8"
	    " WHERE pair = ?1 AND own = 0 AND lane = ?2 AND state != 8"
	    " AND (seq > ?3 AND seq < ?4 OR seq = ?3 AND env_id != ?5)");
	db_bind_int(s, 1, pg->p.number);
	db_bind_int(s, 2, lane);
	db_bind_u64(s, 3, l->old_seq);
	db_bind_u64(s, 4, l->next_seq);
	db_bind_hash(s, 5, &l->old_env);
	err = db_run(s);
	if (err != ERR_OK)
		return err;
	s = db_prepare(book_db(agent->book), "UPDATE mail SET state = 7"
	    " WHERE pair = ?1 AND own = 0 AND lane = ?2 AND state = 8"
	    " AND seq = ?3 AND env_id = ?4");
	db_bind_int(s, 1, pg->p.number);
	db_bind_int(s, 2, lane);
	db_bind_u64(s, 3, l->old_seq);
	db_bind_hash(s, 4, &l->old_env);
	return db_run(s);
}

static enum err
recovery_lane(struct agent *agent, struct peering *pg, uint8_t lane,
    const struct statement_recovery_lane *l)
{
	struct peer_lane *peer = &pg->peer[lane];
	bool fresh;
	enum err err;

	/* By another relay, or logged again: it says nothing of what came
	 * after it, and must not start a channel that stopped since. */
	err = recovery_put(agent, &pg->p, lane, l, &fresh);
	if (err != ERR_OK || !fresh)
		return err;
	err = recovery_branch(agent, pg, lane, l);
	if (err != ERR_OK)
		return err;
	if (peer->top > l->old_seq && peer->top < l->next_seq) {
		peer->top = l->old_seq;
		peer->top_env = l->old_env;
	}
	if (peer->settled >= l->old_seq && peer->settled < l->next_seq) {
		peer->settled = l->old_seq;
		peer->settled_env = l->old_env;
	}
	/* Epochs begin anew: the other branch's must not bind this one. */
	memset(&peer->top_epoch, 0, sizeof(peer->top_epoch));
	epoch_free(&peer->epoch);
	peer->stopped = false;
	peer->gap_at = 0;
	return lanes_save_peer(agent->book, pg, lane);
}

enum err
inbox_recovery(struct agent *agent, const struct inbox_item *item)
{
	const struct keyring_agency *agency;
	struct peering *pg = peering_of(item->pair);
	struct statement_recovery r;
	struct statement st;
	uint8_t lane;
	enum err err;

	err = verify_recovery(&agency, pairs_keyring(agent->pairs),
	    item->bytes.p, item->bytes.len);
	if (err == ERR_OK)
		err = statement_split(&st, item->bytes);
	if (err == ERR_OK)
		err = statement_recovery_decode(&r, st.body);
	if (err != ERR_OK)
		return err;
	if (!hash_eq(&r.pair_id, &item->pair->pair_id))
		return ERR_CHANNEL;
	if (r.direction == item->pair->direction)
		return ERR_OK;			/* our own, fed back */
	for (lane = 0; err == ERR_OK && lane < LANE_COUNT; lane++)
		err = recovery_lane(agent, pg, lane, &r.lane[lane]);
	if (err != ERR_OK)
		return agent_fail(agent, err);
	alarm_raise(agent->book, agent->now, ERR_FORK, pg->p.number,
	    "the peer's root named the branch that stands (recovery "
	    "statement)");
	agent->retry = true;
	return ERR_OK;
}
