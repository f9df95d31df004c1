#include <string.h>

#include "audit/verify.h"
#include "base/db.h"
#include "base/diag.h"
#include "endpoint/agent_priv.h"
#include "endpoint/alarm.h"
#include "endpoint/evidence.h"
#include "endpoint/inbox_items.h"
#include "endpoint/logs.h"
#include "endpoint/outbox_rows.h"
#include "endpoint/recover.h"
#include "endpoint/relays.h"
#include "endpoint/replies.h"
#include "keys/pubkey.h"
#include "proto/arena.h"
#include "proto/request.h"
#include "proto/statement.h"

static bool
replies_fatal(enum err err)
{
	return err == ERR_STORAGE || err == ERR_NOMEM;
}

static enum err
replies_bad(struct agent *agent, struct relay *relay, enum err err,
    const char *what)
{
	if (replies_fatal(err))
		return err;
	if (err != ERR_LOG_SPLIT)
		alarm_raise(agent->book, agent->now, err, 0,
		    "relay %s: %s does not hold", relay->name, what);
	return ERR_OK;
}

static void
replies_standings(const struct reply_hello *hello, const struct relay *relay)
{
	const struct reply_standing *st;
	size_t i;

	for (i = 0; i < hello->standing_count; i++) {
		st = &hello->standing[i];
		if (st->status != ERR_OK)
			diag_warn("replies", "relay %s does not serve a pair "
			    "status=%s", relay->name,
			    err_name((enum err)st->status));
	}
}

/* Ask once a session for the news of everybody we deal with there. */
static void
replies_wishes(struct agent *agent, struct relay *relay)
{
	const struct pair *pair;
	size_t i;

	for (i = 0; i < pairs_count(agent->pairs); i++) {
		pair = pairs_at(agent->pairs, i);
		if (!relays_serves(relay, pair))
			continue;
		relays_wish(agent, &agent->agency, &pair->pair_id);
		relays_wish(agent, &pair->peer_agency, &pair->pair_id);
	}
}

static enum err
replies_hello(struct agent *agent, struct relay *relay,
    const struct reply_hello *hello)
{
	struct verify_checkpoint cp;
	enum err err;

	relay->server_time_at = (int64_t)hello->server_time_at;
	err = logs_checkpoint(agent, relay, hello->checkpoint, &cp);
	if (err == ERR_NOTFOUND) {
		/* A new log key: learn it by KEYS, then greet again. */
		relay->greet_again = true;
		relays_wish(agent, &relay->agency, NULL);
		uplink_greeted(&relay->up);
		return ERR_OK;
	}
	if (err != ERR_OK) {
		uplink_refuse(&relay->up, err, agent->mono);
		return replies_bad(agent, relay, err, "its checkpoint");
	}
	replies_standings(hello, relay);
	err = recover_compare(agent, relay, hello);
	if (err == ERR_OK)
		err = outbox_restored(agent, relay, hello);
	if (err != ERR_OK)
		return err;
	replies_wishes(agent, relay);
	err = logs_prior_start(agent, relay);
	if (err != ERR_OK)
		return err;
	relay->greeted = true;
	uplink_greeted(&relay->up);
	diag_info("replies", "relay %s is up, log size %llu", relay->name,
	    (unsigned long long)relay->log.size);
	return ERR_OK;
}

static enum err
replies_submit(struct agent *agent, struct relay *relay,
    const struct reply_submit *reply)
{
	struct verify_checkpoint cp;
	enum err err;

	err = logs_checkpoint(agent, relay, reply->checkpoint, &cp);
	if (err != ERR_OK) {
		relay->up.submit_at = agent->mono + UPLINK_RETRY_MS;
		return replies_bad(agent, relay, err, "its checkpoint");
	}
	err = outbox_placed(agent, relay, reply, &cp);
	if (err == ERR_OK)
		err = evidence_put_checkpoint(agent->book, &cp.log->log_id,
		    cp.size, reply->checkpoint);
	return err;
}

static enum err
replies_fetch(struct agent *agent, struct relay *relay,
    const struct reply_fetch *reply)
{
	struct verify_checkpoint cp;
	enum err err;
	size_t i;

	if (reply->item_count == 0)
		return ERR_OK;
	err = logs_checkpoint(agent, relay, reply->checkpoint, &cp);
	if (err != ERR_OK) {
		relay->up.fetch_at = agent->mono + UPLINK_RETRY_MS;
		return replies_bad(agent, relay, err, "its checkpoint");
	}
	err = evidence_put_checkpoint(agent->book, &cp.log->log_id, cp.size,
	    reply->checkpoint);
	/* Cursors first: what is found missing below sets them back. */
	for (i = 0; err == ERR_OK && i < reply->item_count; i++)
		err = relays_cursor_set(agent, &cp.log->log_id,
		    &reply->item[i].channel, reply->item[i].place);
	for (i = 0; err == ERR_OK && i < reply->item_count; i++)
		err = inbox_fetched(agent, relay, &reply->item[i], &cp);
	return err;
}

/* Our own newest, by our own signature (also of a key revoked since): a
 * restored prekey file must go on above it. */
static enum err
replies_own_prekey(struct agent *agent, struct view entry)
{
	const struct keyring_key *key;
	struct statement_prekey p;
	const struct pair *pair;
	struct statement st;
	enum err err;

	err = statement_split(&st, entry);
	if (err == ERR_OK && st.kind != STATEMENT_PREKEY)
		err = ERR_MAGIC;
	if (err == ERR_OK)
		err = statement_prekey_decode(&p, st.body);
	if (err != ERR_OK)
		return err;
	key = keyring_key(pairs_keyring(agent->pairs), &p.kid);
	if (key == NULL || memcmp(key->agency->id.b, agent->agency.b,
	    ID_BYTES) != 0)
		return ERR_KEY_FOREIGN;
	err = pubkey_verify(key->sign, st.body.p, st.body.len, st.sig.p);
	if (err != ERR_OK)
		return err;
	pair = pairs_find(agent->pairs, &p.pair_id);
	if (pair == NULL || p.prekey_id <= peering_of(pair)->own_prekey)
		return ERR_OK;
	/* A thief's last word leaves no room above it: it is left aside. */
	if (key->revoked && p.prekey_id > INT64_MAX / 2)
		return ERR_OK;
	peering_of(pair)->own_prekey = p.prekey_id;
	peering_of(pair)->prekey_made_at = 0;
	return pairs_save(agent, pair);
}

static enum err
replies_prekey(struct agent *agent, const struct relay *relay,
    struct view entry)
{
	enum err err;

	if (memcmp(relay->asking.agency.b, agent->agency.b, ID_BYTES) == 0)
		return replies_own_prekey(agent, entry);
	err = pairs_learn_prekey(agent, entry, NULL);
	return err == ERR_SEQ ? ERR_OK : err;
}

static enum err
replies_keys(struct agent *agent, struct relay *relay,
    const struct reply_keys *reply)
{
	enum err err = ERR_OK;
	size_t i;

	for (i = 0; i < reply->statement_count; i++) {
		err = pairs_learn_keys(agent, reply->statement[i], NULL);
		if (err == ERR_OK)
			agent->retry = true;
		else if (replies_fatal(err))
			return err;
	}
	for (i = 0; i < reply->certificate_count; i++) {
		err = pairs_learn_officer(agent, reply->certificate[i], NULL);
		if (replies_fatal(err))
			return err;
	}
	err = ERR_OK;
	if (reply->prekey.len > 0)
		err = replies_prekey(agent, relay, reply->prekey);
	if (err != ERR_OK)
		err = replies_bad(agent, relay, err, "a prekey");
	/* Before a new log's HELLO counts, this is about another log. */
	if (err == ERR_OK && !relay->greet_again &&
	    id_eq(&relay->asking.agency, &relay->agency))
		err = logs_prior_said(agent, relay, reply->prior);
	if (err == ERR_OK && agent->retry)
		err = relays_refresh_keys(agent);
	if (relay->greet_again) {
		relay->greet_again = false;
		uplink_link(&relay->up, true, agent->mono);
	}
	return err;
}

/* Asked about ourselves, answered or refused: now our next id is known. */
static void
replies_asked(struct agent *agent, const struct relay *relay)
{
	const struct pair *pair;

	if (!relay->asking.has_pair || memcmp(relay->asking.agency.b,
	    agent->agency.b, ID_BYTES) != 0)
		return;
	pair = pairs_find(agent->pairs, &relay->asking.pair_id);
	if (pair != NULL)
		peering_of(pair)->prekey_known = true;
}

static enum err
replies_ok(struct agent *agent, struct relay *relay, enum uplink_act act,
    const struct reply *reply)
{
	enum err err;

	switch (act) {
	case UPLINK_HELLO:
		return reply->kind != REQUEST_HELLO ? ERR_OK :
		    replies_hello(agent, relay, &reply->hello);
	case UPLINK_SUBMIT:
		return reply->kind != REQUEST_SUBMIT ? ERR_OK :
		    replies_submit(agent, relay, &reply->submit);
	case UPLINK_FETCH:
		return reply->kind != REQUEST_FETCH ? ERR_OK :
		    replies_fetch(agent, relay, &reply->fetch);
	case UPLINK_KEYS:
		err = reply->kind != REQUEST_KEYS ? ERR_OK :
		    replies_keys(agent, relay, &reply->keys);
		replies_asked(agent, relay);
		return err;
	case UPLINK_LOG:
		return reply->kind != REQUEST_LOG ? ERR_OK :
		    logs_answered(agent, relay, &reply->log);
	case UPLINK_PASS:
		pass_ask_answered(relay, reply->kind == REQUEST_PASS ?
		    ERR_OK : ERR_MESSAGE, &reply->pass);
		return ERR_OK;
	case UPLINK_PING:
		if (reply->kind != REQUEST_PING)
			return ERR_OK;
		relay->rtt_ms = agent->mono - (int64_t)reply->pong.sent_at;
		relay->server_time_at = (int64_t)reply->pong.server_time_at;
		return ERR_OK;
	case UPLINK_NOTHING:
	case UPLINK_RECONNECT:
	default:
		return ERR_OK;
	}
}

static void
replies_refused(struct agent *agent, struct relay *relay,
    enum uplink_act act, const struct reply *reply)
{
	enum err status = (enum err)reply->status;

	diag_warn("replies", "relay %s says %s detail=%s", relay->name,
	    err_name(status), reply->detail == NULL ? "" : reply->detail);
	if (act == UPLINK_KEYS)
		replies_asked(agent, relay);
	if (act == UPLINK_PASS)
		pass_ask_answered(relay, status, NULL);
	if (status == ERR_SUPERSEDED)
		alarm_raise(agent->book, agent->now, ERR_CLONE, 0,
		    "relay %s has a newer session of our transport key",
		    relay->name);
}

enum err
replies_in(struct agent *agent, struct relay *relay, struct view frame)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct reply reply;
	enum uplink_act act;
	enum err err;

	err = request_reply_decode(&reply, frame, &arena);
	if (err != ERR_OK) {
		err = replies_bad(agent, relay, err, "a reply");
		goto out;
	}
	act = uplink_answer(&relay->up, reply.ticket,
	    (enum err)reply.status, agent->mono);
	if (reply.status != ERR_OK)
		replies_refused(agent, relay, act, &reply);
	else
		err = replies_ok(agent, relay, act, &reply);
out:
	arena_free(&arena);
	return err;
}
