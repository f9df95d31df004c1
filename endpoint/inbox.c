#include <stdlib.h>
#include <string.h>

#include "base/db.h"
#include "base/diag.h"
#include "endpoint/agent_priv.h"
#include "endpoint/alarm.h"
#include "endpoint/evidence.h"
#include "endpoint/gossip.h"
#include "endpoint/heartbeat.h"
#include "endpoint/inbox_items.h"
#include "endpoint/lanes.h"
#include "endpoint/mail.h"
#include "endpoint/open.h"
#include "endpoint/recover.h"
#include "endpoint/relays.h"
#include "endpoint/settle.h"
#include "endpoint/statements.h"
#include "proto/receipt.h"
#include "proto/statement.h"

static const char inbox_sql[] =
    "CREATE TABLE recovery ("
    " pair INTEGER NOT NULL,"
    " lane INTEGER NOT NULL,"
    " old_seq INTEGER NOT NULL,"
    " old_env BLOB NOT NULL,"
    " next_seq INTEGER NOT NULL,"
    " PRIMARY KEY (pair, lane, next_seq)) STRICT;\n";

const char *
inbox_schema(void)
{
	return inbox_sql;
}

static bool
inbox_fatal(enum err err)
{
	return err == ERR_STORAGE || err == ERR_NOMEM;
}

/* Add one envelope's outcome to the turn's stretch of its channel. */
static enum err
inbox_note(struct agent *agent, struct peering *pg, uint8_t lane,
    const struct envelope *env, const struct keyring_place *place,
    uint8_t event, uint16_t reason)
{
	struct stretch *st = &pg->peer[lane].stretch;
	enum err err;

	if (st->event != 0 && (st->event != event || st->reason != reason ||
	    st->last_seq + 1 != env->h.seq ||
	    !hash_eq(&st->log_id, &place->log_id))) {
		err = statements_receipt(agent, pg, lane, st);
		if (err != ERR_OK)
			return err;
		st->event = 0;
	}
	if (st->event == 0) {
		st->event = event;
		st->reason = reason;
		st->first_seq = env->h.seq;
		st->log_id = place->log_id;
	}
	st->last_seq = env->h.seq;
	st->env_id = env->env_id;
	st->index = place->index;
	return ERR_OK;
}

static void
inbox_again_of(const struct fields *fields, struct hash *again)
{
	const struct field *f = fields_find(fields, FIELD_AGAIN);

	memset(again, 0, sizeof(*again));
	if (f != NULL && f->value.len == HASH_BYTES)
		memcpy(again->b, f->value.p, HASH_BYTES);
}

static enum err
inbox_hand_over(struct agent *agent, struct peering *pg,
    const struct mail *mail, const struct fields *fields)
{
	struct received in = {
		.message = mail->id,
		.pair = &pg->p,
		.lane = mail->lane,
		.seq = mail->seq,
		.env_id = mail->env_id,
		.again = mail->again,
		.created_at = mail->created_at,
		.received_at = agent->now,
		.fields = fields,
	};
	enum err err;

	if (fields_find(fields, FIELD_LINK) != NULL)
		return heartbeat_received(agent, pg, mail->lane, fields);
	if (agent->hooks == NULL || agent->hooks->received == NULL)
		return ERR_OK;
	err = agent->hooks->received(agent, &in);
	if (inbox_fatal(err))
		return err;
	if (err != ERR_OK)
		diag_warn("inbox", "the desk did not take a message err=%s",
		    err_name(err));
	return ERR_OK;
}

static struct mail
inbox_mail(const struct agent *agent, const struct peering *pg, uint8_t lane,
    const struct envelope *env, const struct keyring_place *place)
{
	struct mail mail = {
		.pair = pg->p.number,
		.lane = lane,
		.seq = env->h.seq,
		.env_id = env->env_id,
		.created_at = (int64_t)env->h.created_at,
		.charter = env->h.charter,
		.signed_at = (int64_t)env->h.created_at,
		.settled_at = agent->now,
		.log_id = place->log_id,
		.index = place->index,
	};

	return mail;
}

/* What a receipt may say: a lost prekey as it is, all else alike. */
static uint16_t
inbox_reason(enum err err)
{
	return (uint16_t)(err == ERR_PREKEY_GONE ? err : err_wire(err));
}

/* Open, write down, hand over; the same for a fork's other side, which is
 * only kept. */
static enum err
inbox_take(struct agent *agent, struct peering *pg, uint8_t lane,
    const struct envelope *env, const struct keyring_key *key,
    const struct keyring_place *place, bool fork, bool gap)
{
	struct mail mail = inbox_mail(agent, pg, lane, env, place);
	struct opened o;
	bool opened;
	enum err err, why;

	why = open_envelope(agent, pg, lane, env, key, &o);
	if (inbox_fatal(why))
		return why;
	opened = why == ERR_OK;
	mail.state = fork ? MAIL_FORK : opened ? MAIL_OPENED :
	    MAIL_UNDECRYPTABLE;
	mail.reason = opened ? 0 : inbox_reason(why);
	if (opened)
		inbox_again_of(&o.fields, &mail.again);
	err = mail_put(agent->book, &mail, 0, opened ? buf_view(&o.list) :
	    (struct view){ NULL, 0 }, opened ? o.kf : NULL);
	if (err == ERR_OK && gap)
		err = mail_set_prev(agent->book, mail.id, &env->h.prev);
	if (err == ERR_OK && !fork)
		err = inbox_note(agent, pg, lane, env, place, opened ?
		    RECEIPT_DELIVERED : RECEIPT_UNDECRYPTABLE, mail.reason);
	if (err == ERR_OK && opened && !fork)
		err = inbox_hand_over(agent, pg, &mail, &o.fields);
	if (opened)
		open_free(&o);
	else
		diag_warn("inbox", "cannot open lane=%u seq=%llu err=%s",
		    lane, (unsigned long long)env->h.seq, err_name(why));
	return err;
}

/* Not opened: its CT is gone, or it broke the epoch rule.  That it lapsed is
 * answered too: else an ack_seq over it would count as delivered wherever no
 * relay says `expired`. */
static enum err
inbox_take_closed(struct agent *agent, struct peering *pg, uint8_t lane,
    const struct envelope *env, const struct keyring_place *place,
    enum err why, bool gap)
{
	struct mail mail = inbox_mail(agent, pg, lane, env, place);
	enum err err;

	mail.state = why == ERR_FORK ? MAIL_FORK : why == ERR_EXPIRED ?
	    MAIL_EXPIRED : MAIL_UNDECRYPTABLE;
	mail.reason = inbox_reason(why);
	err = mail_put(agent->book, &mail, 0, (struct view){ NULL, 0 }, NULL);
	if (err == ERR_OK && gap)
		err = mail_set_prev(agent->book, mail.id, &env->h.prev);
	if (err == ERR_OK && why != ERR_FORK)
		err = inbox_note(agent, pg, lane, env, place,
		    RECEIPT_UNDECRYPTABLE, mail.reason);
	return err;
}

/* May a relay have let go of its CT by now?  It keeps it from its own
 * acceptance on, so never before this. */
static bool
inbox_lapsed(const struct agent *agent, const struct peering *pg,
    const struct envelope_header *h)
{
	return h->created_at <= (uint64_t)agent->now &&
	    (uint64_t)agent->now - h->created_at >=
	    peering_keep_ms(pg, h->keep_ms);
}

/* New, in its place and of good key. */
static enum err
inbox_new(struct agent *agent, struct peering *pg, uint8_t lane,
    const struct envelope *env, const struct verify_who *who,
    const struct keyring_place *place, bool gap)
{
	if (env->ct.p != NULL)
		return inbox_take(agent, pg, lane, env, who->key, place,
		    false, gap);
	return inbox_take_closed(agent, pg, lane, env, place, ERR_EXPIRED,
	    gap);
}

static void
inbox_top(struct peering *pg, uint8_t lane, const struct envelope *env)
{
	struct peer_lane *peer = &pg->peer[lane];
	struct peer_epoch *ep = &peer->top_epoch;

	peer->dirty = true;
	if (env->h.seq <= peer->top)
		return;
	peer->top = env->h.seq;
	peer->top_env = env->env_id;
	memcpy(ep->e, env->h.e, KEY_BYTES);
	ep->prekey_id = env->h.prekey_id;
	ep->psk_day = env->h.psk_day;
	ep->n = env->h.n;
	ep->charter = env->h.charter;
	ep->kid = env->h.kid;
	ep->incarnation = env->h.incarnation;
}

static enum err
inbox_fork(struct agent *agent, struct peering *pg, uint8_t lane,
    const struct envelope *env, const struct keyring_key *key,
    const struct keyring_place *place)
{
	struct mail have;

	pg->peer[lane].stopped = true;
	pg->peer[lane].dirty = true;
	alarm_raise(agent->book, agent->now, ERR_FORK, pg->p.number,
	    "the peer signed two envelopes for lane %u seq %llu: channel "
	    "stopped", lane, (unsigned long long)env->h.seq);
	if (mail_find(agent->book, &env->env_id, &have) == ERR_OK)
		return ERR_OK;
	if (env->ct.p == NULL)
		return inbox_take_closed(agent, pg, lane, env, place,
		    ERR_FORK, false);
	return inbox_take(agent, pg, lane, env, key, place, true, false);
}

static enum err
inbox_envelope(struct agent *agent, struct peering *pg, uint8_t lane,
    const struct envelope *env, const struct verify_who *who,
    const struct keyring_place *place)
{
	bool gap;
	enum err err;

	switch (inbox_order(agent, pg, lane, env, who->standing, &gap)) {
	case INBOX_SEEN:
		return ERR_OK;
	case INBOX_FORKED:
		return inbox_fork(agent, pg, lane, env, who->key, place);
	case INBOX_BROKEN:
		err = inbox_take_closed(agent, pg, lane, env, place,
		    ERR_EPOCH, gap);
		break;
	case INBOX_NEW:
	default:
		/* Withheld, then: a gap, asked for again of every relay. */
		if (env->ct.p == NULL && !inbox_lapsed(agent, pg, &env->h)) {
			alarm_raise(agent->book, agent->now, ERR_EXPIRED,
			    pg->p.number, "a relay shows lane %u seq %llu "
			    "without its content before its time", lane,
			    (unsigned long long)env->h.seq);
			return ERR_OK;
		}
		err = inbox_new(agent, pg, lane, env, who, place, gap);
		break;
	}
	if (err == ERR_OK)
		inbox_top(pg, lane, env);
	return err;
}

static enum err
inbox_run_evidence(struct agent *agent, const struct inbox_item *item,
    const struct run *run)
{
	struct evidence e = {
		.log_id = item->place.log_id,
		.index = item->place.index,
		.pair = item->pair->number,
		.size = item->size,
		.path = item->path,
	};

	return evidence_put_run(agent->book, &e, run);
}

static enum err
inbox_run_envelopes(struct agent *agent, const struct inbox_item *item,
    const struct run *run, const struct verify_who *who)
{
	struct peering *pg = peering_of(item->pair);
	const struct envelope *last = &run->env[run->env_count - 1];
	enum err err = ERR_OK;
	unsigned i;

	if (who->standing == KEYRING_DISPUTED)
		alarm_raise(agent->book, agent->now, ERR_KEY_REVOKED,
		    pg->p.number, "lane %u seq %llu is signed by a key its "
		    "owner revoked from there on: whose it is is disputed",
		    item->lane, (unsigned long long)run->st.first_seq);
	for (i = 0; err == ERR_OK && i < run->env_count; i++) {
		if (pg->peer[item->lane].stopped && i > 0)
			break;
		err = inbox_envelope(agent, pg, item->lane, &run->env[i],
		    who, &item->place);
	}
	if (err == ERR_OK)
		err = inbox_advance(agent, pg, item->lane);
	if (err != ERR_OK)
		return err;
	pg->heard_at = agent->now;
	err = settle_acked(agent, pg, item->lane, last->h.ack_seq,
	    &last->h.ack_env);
	if (err == ERR_ROLLBACK)
		err = recover_suspect(agent, pg, ERR_ROLLBACK,
		    "the peer acknowledges what this book does not hold");
	return err;
}

static bool
inbox_older_key(struct agent *agent, const struct peer_lane *peer,
    const struct run *run, const struct keyring_key *key)
{
	const struct keyring_key *top;

	if (peer->top == 0 || run->st.first_seq <= peer->top)
		return false;
	top = keyring_key(pairs_keyring(agent->pairs), &peer->top_epoch.kid);
	return top != NULL && top->ks_seq > key->ks_seq;
}

static enum err
inbox_run(struct agent *agent, const struct inbox_item *item)
{
	struct peer_lane *peer = &peering_of(item->pair)->peer[item->lane];
	struct arena arena = arena_init(ARENA_MAX);
	struct verify_who who;
	struct run run;
	enum err err;

	err = run_decode(&run, item->kind == ITEM_RUN ? RUN_FULL : RUN_BARE,
	    item->bytes, &arena);
	if (err == ERR_OK && memcmp(run.st.channel.b, item->channel.b,
	    ID_BYTES) != 0)
		err = ERR_CHANNEL;
	if (err == ERR_OK && run.last_seq > INT64_MAX)
		err = ERR_SEQ;		/* the book could not order it */
	if (err == ERR_OK)
		err = verify_run(&who, pairs_keyring(agent->pairs), &run,
		    &item->pair->peer_agency, &item->place);
	if (err == ERR_OK)
		gossip_seen(agent, item->pair, &run.st.seen,
		    &item->place);
	if (err == ERR_OK && inbox_older_key(agent, peer, &run, who.key))
		err = ERR_KEY_REVOKED;
	if (err == ERR_OK && peer->stopped)
		err = ERR_STOPPED;
	if (err == ERR_OK)
		err = inbox_run_evidence(agent, item, &run);
	if (err == ERR_OK)
		err = inbox_run_envelopes(agent, item, &run, &who);
	arena_free(&arena);
	return err;
}

static enum err
inbox_statement_evidence(struct agent *agent, const struct inbox_item *item,
    const struct statement *st)
{
	struct evidence e = {
		.log_id = item->place.log_id,
		.index = item->place.index,
		.kind = (uint8_t)st->kind,
		.pair = st->kind == STATEMENT_KEYS ? 0 : item->pair->number,
		.entry = item->bytes,
		.size = item->size,
		.path = item->path,
	};
	struct receipt r;

	if (st->kind == STATEMENT_RECEIPT &&
	    receipt_decode(&r, st->body) == ERR_OK) {
		e.channel = r.channel;
		e.first_seq = r.first_seq;
		e.last_seq = r.last_seq;
	}
	return evidence_put(agent->book, &e);
}

static enum err
inbox_statement(struct agent *agent, const struct inbox_item *item)
{
	struct statement st;
	enum err err;

	err = statement_split(&st, item->bytes);
	if (err != ERR_OK)
		return err;
	switch (st.kind) {
	case STATEMENT_KEYS:
		err = pairs_learn_keys(agent, item->bytes, &item->place);
		if (err == ERR_OK)
			agent->retry = true;
		break;
	case STATEMENT_PREKEY:
		err = pairs_learn_prekey(agent, item->bytes, &item->place);
		if (err == ERR_SEQ || err == ERR_SENDER)
			err = ERR_OK;	/* older, or ours fed back */
		break;
	case STATEMENT_OFFICER:
		err = pairs_learn_officer(agent, item->bytes, &item->place);
		break;
	case STATEMENT_RECEIPT:
		err = settle_receipt(agent, item->bytes, &item->place);
		break;
	case STATEMENT_RECOVERY:
		err = inbox_recovery(agent, item);
		break;
	case STATEMENT_UNKNOWN:
	case STATEMENT_RUN:
	case STATEMENT_PRIOR:
	default:
		err = ERR_MAGIC;
	}
	return err != ERR_OK ? err :
	    inbox_statement_evidence(agent, item, &st);
}

enum err
inbox_accept(struct agent *agent, const struct inbox_item *item, bool again)
{
	enum err err;

	if (item->kind == ITEM_STATEMENT)
		err = inbox_statement(agent, item);
	else
		err = item->own ? ERR_OK : inbox_run(agent, item);
	if (err == ERR_OK || inbox_fatal(err))
		return err;
	/* A key, a recovery statement, a charter still to be installed. */
	if (err == ERR_KID_UNKNOWN || err == ERR_STOPPED ||
	    err == ERR_CHARTER_NUMBER) {
		if (again)
			return ERR_BUSY;
		if (err == ERR_KID_UNKNOWN)
			relays_wish(agent, &item->pair->peer_agency,
			    &item->pair->pair_id);
		if (err == ERR_CHARTER_NUMBER)
			alarm_raise(agent->book, agent->now, err,
			    item->pair->number, "the peer sends under a "
			    "charter that is not installed here");
		return inbox_aside_put(agent, item, err);
	}
	alarm_raise(agent->book, agent->now, err, item->pair->number,
	    "an item of the log does not hold, index %llu",
	    (unsigned long long)item->place.index);
	return ERR_OK;
}

/* The leaf's bytes: a statement as it is, a run's statement || sig. */
static enum err
inbox_included(const struct reply_item *item,
    const struct verify_checkpoint *cp)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct run run;
	enum err err;

	if (item->kind == ITEM_STATEMENT)
		return verify_included(cp, item->bytes.p, item->bytes.len,
		    item->index, &item->path);
	err = run_decode(&run, item->kind == ITEM_RUN ? RUN_FULL : RUN_BARE,
	    item->bytes, &arena);
	if (err == ERR_OK)
		err = verify_included(cp, run.entry, sizeof(run.entry),
		    item->index, &item->path);
	arena_free(&arena);
	return err;
}

enum err
inbox_fetched(struct agent *agent, const struct relay *relay,
    const struct reply_item *in, const struct verify_checkpoint *cp)
{
	struct inbox_item item = {
		.channel = in->channel,
		.kind = in->kind,
		.bytes = in->bytes,
		.place = { cp->log->log_id, in->index },
		.path = in->path,
		.size = cp->size,
	};
	enum err err;

	item.pair = pairs_of_channel(agent->pairs, &in->channel, &item.own,
	    &item.lane);
	/* Only a log of the charter proves anything about its pair. */
	if (item.pair == NULL || !relays_serves(relay, item.pair))
		return ERR_OK;
	err = inbox_included(in, cp);
	if (err != ERR_OK) {
		alarm_raise(agent->book, agent->now, err, item.pair->number,
		    "relay %s sent an item whose proof does not hold",
		    relay->name);
		return ERR_OK;
	}
	return inbox_accept(agent, &item, false);
}

enum err
inbox_flush(struct agent *agent)
{
	struct peer_lane *peer;
	struct peering *pg;
	enum err err = ERR_OK;
	uint8_t lane;
	size_t i;

	for (i = 0; i < pairs_count(agent->pairs); i++) {
		pg = peering_of(pairs_at(agent->pairs, i));
		for (lane = 0; err == ERR_OK && lane < LANE_COUNT; lane++) {
			peer = &pg->peer[lane];
			if (peer->stretch.event != 0)
				err = statements_receipt(agent, pg, lane,
				    &peer->stretch);
			memset(&peer->stretch, 0, sizeof(peer->stretch));
			if (err == ERR_OK && peer->dirty)
				err = lanes_save_peer(agent->book, pg, lane);
			peer->dirty = false;
		}
	}
	return err;
}
