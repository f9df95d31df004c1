#include <stdlib.h>
#include <string.h>

#include "base/db.h"
#include "base/diag.h"
#include "endpoint/agent_priv.h"
#include "endpoint/alarm.h"
#include "endpoint/link.h"
#include "endpoint/logs.h"
#include "endpoint/outbox_rows.h"
#include "endpoint/relays.h"
#include "endpoint/replies.h"
#include "keys/pubkey.h"
#include "proto/request.h"

#define RELAYS_PAIRS_A_FETCH (FETCH_CHANNELS_MAX / (2 * LANE_COUNT))

static const char relays_sql[] =
    "CREATE TABLE relay ("
    " number INTEGER PRIMARY KEY,"
    " agency BLOB NOT NULL UNIQUE) STRICT;\n"
    "CREATE TABLE cursor ("
    " log_id BLOB NOT NULL,"
    " channel BLOB NOT NULL,"
    " idx INTEGER NOT NULL,"
    " PRIMARY KEY (log_id, channel)) STRICT, WITHOUT ROWID;\n";

const char *
relays_schema(void)
{
	return relays_sql;
}

static enum err
relays_row(struct agent *agent, struct relay *relay)
{
	struct db_stmt *s;
	enum err err;

	s = db_prepare(book_db(agent->book), "INSERT INTO relay (agency)"
	    " VALUES (?1) ON CONFLICT DO NOTHING");
	db_bind_id(s, 1, &relay->agency);
	err = db_run(s);
	if (err != ERR_OK)
		return err;
	s = db_prepare(book_db(agent->book),
	    "SELECT number FROM relay WHERE agency = ?1");
	db_bind_id(s, 1, &relay->agency);
	err = db_one(s);
	if (err != ERR_OK)
		return err;
	relay->number = db_col_int(s, 0);
	err = db_done(s);
	return err != ERR_OK ? err : logs_load(agent, relay);
}

static struct relay *
relays_find(struct agent *agent, const struct id *agency)
{
	size_t i;

	for (i = 0; i < agent->relay_count; i++)
		if (memcmp(agent->relay[i].agency.b, agency->b,
		    ID_BYTES) == 0)
			return &agent->relay[i];
	return NULL;
}

static enum err
relays_add(struct agent *agent, const struct id *agency, struct relay **out)
{
	struct relay *relay;

	if (agent->relay_count == AGENT_RELAYS_MAX)
		return ERR_COUNT;
	relay = &agent->relay[agent->relay_count];
	memset(relay, 0, sizeof(*relay));
	relay->slot = (uint8_t)agent->relay_count;
	relay->agency = *agency;
	relay->rtt_ms = -1;
	relay->silent_at = agent->now;
	relay->gossip.look = true;
	uplink_init(&relay->up);
	agent->relay_count++;
	*out = relay;
	return relays_row(agent, relay);
}

static enum err
relays_refresh_one(struct agent *agent, const struct charter_relay *named)
{
	struct id agency = pubkey_agency(named->root);
	struct relay *relay = relays_find(agent, &agency);
	const uint8_t *server;
	enum err err = ERR_OK;

	if (relay == NULL)
		err = relays_add(agent, &agency, &relay);
	if (err != ERR_OK)
		return err;
	server = keyring_transport_at(pairs_keyring(agent->pairs), &agency,
	    0);
	if (server == NULL)
		return ERR_OK;
	if (strcmp(relay->endpoint, named->endpoint) != 0 ||
	    memcmp(relay->server, server, KEY_BYTES) != 0)
		relay->told = false;
	memcpy(relay->root, named->root, KEY_BYTES);
	memcpy(relay->server, server, KEY_BYTES);
	memcpy(relay->name, named->name, sizeof(relay->name));
	memcpy(relay->endpoint, named->endpoint, sizeof(relay->endpoint));
	return ERR_OK;
}

enum err
relays_refresh_keys(struct agent *agent)
{
	const struct charter *c;
	enum err err = ERR_OK;
	size_t i, k;

	for (i = 0; i < pairs_count(agent->pairs); i++) {
		c = pairs_at(agent->pairs, i)->charter;
		for (k = 0; err == ERR_OK && k < c->relay_count; k++)
			err = relays_refresh_one(agent, &c->relay[k]);
	}
	return err;
}

enum err
relays_refresh(struct agent *agent)
{
	enum err err = relays_refresh_keys(agent);
	size_t i;

	/* Greet again: a new pair is to be compared before it is used. */
	for (i = 0; i < agent->relay_count; i++)
		if (agent->relay[i].up.state == UPLINK_READY)
			uplink_link(&agent->relay[i].up, true, agent->mono);
	return err;
}

struct relay *
relays_at(struct agent *agent, const struct pair *pair, unsigned position)
{
	struct id agency;

	if (position >= pair->charter->relay_count)
		return NULL;
	agency = pubkey_agency(pair->charter->relay[position].root);
	return relays_find(agent, &agency);
}

struct relay *
relays_of_log(struct agent *agent, const struct hash *log_id)
{
	size_t i;

	for (i = 0; i < agent->relay_count; i++)
		if (hash_eq(&agent->relay[i].log.log_id, log_id))
			return &agent->relay[i];
	return NULL;
}

bool
relays_serves(const struct relay *relay, const struct pair *pair)
{
	return charter_relay_find(pair->charter, relay->root) >= 0;
}

int64_t
relays_seen_at(const struct agent *agent)
{
	int64_t seen = 0;
	size_t i;

	for (i = 0; i < agent->relay_count; i++)
		if (agent->relay[i].server_time_at > seen)
			seen = agent->relay[i].server_time_at;
	return seen;
}

void
relays_wish(struct agent *agent, const struct id *agency,
    const struct hash *pair_id)
{
	struct key_wish *w;
	size_t i;

	for (i = 0; i < agent->wish_count; i++) {
		w = &agent->wish[i];
		if (memcmp(w->agency.b, agency->b, ID_BYTES) == 0 &&
		    w->has_pair == (pair_id != NULL) && (pair_id == NULL ||
		    hash_eq(&w->pair_id, pair_id))) {
			w->asked = 0;
			return;
		}
	}
	if (agent->wish_count == AGENT_WISHES_MAX)
		return;
	w = &agent->wish[agent->wish_count++];
	memset(w, 0, sizeof(*w));
	w->agency = *agency;
	w->has_pair = pair_id != NULL;
	if (pair_id != NULL)
		w->pair_id = *pair_id;
}

static struct key_wish *
relays_next_wish(struct agent *agent, const struct relay *relay)
{
	size_t i;

	for (i = 0; i < agent->wish_count; i++)
		if ((agent->wish[i].asked & (1u << relay->slot)) == 0)
			return &agent->wish[i];
	return NULL;
}

void
relays_refetch(struct agent *agent)
{
	size_t i;

	for (i = 0; i < agent->relay_count; i++)
		agent->relay[i].refetch = true;
}

enum err
relays_cursor_set(struct agent *agent, const struct hash *log_id,
    const struct id *channel, uint64_t index)
{
	struct db_stmt *s;

	s = db_prepare(book_db(agent->book), "INSERT INTO cursor (log_id,"
	    " channel, idx) VALUES (?1, ?2, ?3) ON CONFLICT (log_id, channel)"
	    " DO UPDATE SET idx = max(idx, excluded.idx)");
	db_bind_hash(s, 1, log_id);
	db_bind_id(s, 2, channel);
	db_bind_u64(s, 3, index);
	return db_run(s);
}

enum err
relays_cursor_back(struct agent *agent, const struct id *channel,
    uint64_t seq)
{
	struct db_stmt *s;
	enum err err;

	s = db_prepare(book_db(agent->book),
	    "DELETE FROM cursor WHERE channel = ?1");
	db_bind_id(s, 1, channel);
	err = db_run(s);
	if (err != ERR_OK)
		return err;
	s = db_prepare(book_db(agent->book), "INSERT INTO cursor (log_id,"
	    " channel, idx) SELECT log_id, channel, max(idx) FROM evidence"
	    " WHERE channel = ?1 AND kind = 1 AND last_seq <= ?2"
	    " GROUP BY log_id");
	db_bind_id(s, 1, channel);
	db_bind_u64(s, 2, seq);
	err = db_run(s);
	relays_refetch(agent);
	return err;
}

static void
relays_cursor(struct agent *agent, const struct relay *relay,
    const struct id *channel, struct request_cursor *out)
{
	struct db_stmt *s;

	out->channel = *channel;
	out->from_start = true;
	s = db_prepare(book_db(agent->book),
	    "SELECT idx FROM cursor WHERE log_id = ?1 AND channel = ?2");
	db_bind_hash(s, 1, &relay->log.log_id);
	db_bind_id(s, 2, channel);
	if (db_row(s)) {
		out->from_start = false;
		out->after = db_col_u64(s, 0);
	}
	(void)db_done(s);
}

/* Cursors of up to RELAYS_PAIRS_A_FETCH pairs, most urgent lane first;
 * returns how many. */
static size_t
relays_cursors(struct agent *agent, struct relay *relay,
    struct request_cursor *out, bool *all)
{
	static const uint8_t order[LANE_COUNT] = {
		LANE_EMERGENCY, LANE_NOTICE, LANE_FILE,
	};
	const struct pair *mine[RELAYS_PAIRS_A_FETCH];
	size_t i, k, n = 0, count = 0, pairs = pairs_count(agent->pairs);

	for (i = 0; i < pairs && count < RELAYS_PAIRS_A_FETCH; i++) {
		k = (relay->fetch_from + i) % pairs;
		if (relays_serves(relay, pairs_at(agent->pairs, k)))
			mine[count++] = pairs_at(agent->pairs, k);
	}
	*all = i == pairs;
	relay->fetch_from = *all ? 0 : (relay->fetch_from + i) % pairs;
	for (k = 0; k < LANE_COUNT; k++) {
		for (i = 0; i < count; i++) {
			relays_cursor(agent, relay,
			    &mine[i]->peer_channel[order[k]], &out[n++]);
			relays_cursor(agent, relay,
			    &mine[i]->own_channel[order[k]], &out[n++]);
		}
	}
	return n;
}

/* Stage one request to a relay. */
static enum err
relays_say(struct agent *agent, struct relay *relay, enum uplink_act act,
    struct request *request)
{
	uint8_t head[LINK_HEAD_BYTES] = { LINK_SEND, relay->slot };
	struct buf frame = buf_init(FRAME_MAX);
	enum err err;

	request->ticket = uplink_sent(&relay->up, act, agent->mono);
	err = request_encode(&frame, request);
	if (err == ERR_OK)
		err = agent_stage(agent, (struct view){ head, sizeof(head) },
		    buf_view(&frame));
	buf_free(&frame);
	return err;
}

static enum err
relays_say_hello(struct agent *agent, struct relay *relay)
{
	struct request r = { .kind = REQUEST_HELLO };

	r.hello.version = REQUEST_VERSION;
	r.hello.suite = ENVELOPE_SUITE;
	r.hello.software = "casewire " CASEWIRE_VERSION;
	return relays_say(agent, relay, UPLINK_HELLO, &r);
}

static enum err
relays_say_keys(struct agent *agent, struct relay *relay)
{
	struct key_wish *w = relays_next_wish(agent, relay);
	struct request r = { .kind = REQUEST_KEYS };
	const struct keyring_agency *known;

	if (w == NULL)
		return ERR_OK;
	w->asked |= 1u << relay->slot;
	relay->asking = *w;
	known = keyring_agency(pairs_keyring(agent->pairs), &w->agency);
	r.keys.agency = w->agency;
	r.keys.after_ks_seq = known == NULL ? 0 : known->ks_seq;
	r.keys.has_pair = w->has_pair;
	r.keys.pair_id = w->pair_id;
	return relays_say(agent, relay, UPLINK_KEYS, &r);
}

static enum err
relays_say_submit(struct agent *agent, struct relay *relay)
{
	struct request r = { .kind = REQUEST_SUBMIT };
	struct arena arena = arena_init(ARENA_MAX);
	enum err err;

	err = outbox_gather(agent, relay, &r.submit, &arena);
	if (err == ERR_OK)
		err = relays_say(agent, relay, UPLINK_SUBMIT, &r);
	else if (err == ERR_NOTFOUND)
		err = ERR_OK;
	arena_free(&arena);
	return err;
}

static enum err
relays_say_fetch(struct agent *agent, struct relay *relay)
{
	struct request_cursor cursor[FETCH_CHANNELS_MAX];
	struct request r = { .kind = REQUEST_FETCH };
	bool all;

	r.fetch.cursor = cursor;
	r.fetch.cursor_count = relays_cursors(agent, relay, cursor, &all);
	r.fetch.max_bytes = FETCH_BYTES_MAX;
	r.fetch.wait_ms = all ? UPLINK_WAIT_MS : 500;
	relay->refetch = false;
	if (r.fetch.cursor_count == 0)
		return ERR_OK;
	return relays_say(agent, relay, UPLINK_FETCH, &r);
}

static enum err
relays_say_ping(struct agent *agent, struct relay *relay)
{
	struct request r = { .kind = REQUEST_PING };

	r.ping.sent_at = (uint64_t)agent->mono;
	return relays_say(agent, relay, UPLINK_PING, &r);
}

static enum err
relays_say_log(struct agent *agent, struct relay *relay)
{
	struct request r = { .kind = REQUEST_LOG };

	logs_ask(agent, relay, &r.log);
	return relays_say(agent, relay, UPLINK_LOG, &r);
}

static enum err
relays_say_pass(struct agent *agent, struct relay *relay)
{
	struct request r = { .kind = REQUEST_PASS };

	pass_ask_request(relay, &r);
	return relays_say(agent, relay, UPLINK_PASS, &r);
}

static enum err
relays_connect(struct agent *agent, struct relay *relay)
{
	uint8_t head[LINK_HEAD_BYTES + KEY_BYTES] = {
		LINK_CONNECT, relay->slot,
	};

	if (relay->endpoint[0] == '\0')
		return ERR_OK;
	memcpy(head + LINK_HEAD_BYTES, relay->server, KEY_BYTES);
	relay->told = true;
	uplink_link(&relay->up, false, agent->mono);
	return agent_stage(agent, (struct view){ head, sizeof(head) },
	    (struct view){ (const uint8_t *)relay->endpoint,
	    strlen(relay->endpoint) });
}

static enum err
relays_act(struct agent *agent, struct relay *relay, enum uplink_act act)
{
	switch (act) {
	case UPLINK_HELLO:
		return relays_say_hello(agent, relay);
	case UPLINK_KEYS:
		return relays_say_keys(agent, relay);
	case UPLINK_SUBMIT:
		return relays_say_submit(agent, relay);
	case UPLINK_FETCH:
		return relays_say_fetch(agent, relay);
	case UPLINK_LOG:
		return relays_say_log(agent, relay);
	case UPLINK_PASS:
		return relays_say_pass(agent, relay);
	case UPLINK_PING:
		return relays_say_ping(agent, relay);
	case UPLINK_RECONNECT:
		diag_warn("relays", "no answer, connecting anew relay=%s",
		    relay->name);
		return relays_connect(agent, relay);
	case UPLINK_NOTHING:
	default:
		return ERR_OK;
	}
}

static enum err
relays_next_one(struct agent *agent, struct relay *relay)
{
	struct uplink_needs needs;
	enum uplink_act act;
	enum err err = ERR_OK;
	unsigned i;

	if (!relay->told)
		err = relays_connect(agent, relay);
	/* Each act makes itself impossible, so this ends; the bound is for
	 * an act that had nothing to say. */
	for (i = 0; err == ERR_OK && i < UPLINK_ACTS; i++) {
		needs.submit = !relay->split &&
		    !logs_prior_holds(relay) && outbox_has(agent, relay);
		needs.keys = relays_next_wish(agent, relay) != NULL;
		needs.refetch = relay->refetch;
		needs.log = logs_wants(agent, relay);
		needs.pass = pass_ask_wants(relay);
		act = uplink_next(&relay->up, &needs, agent->mono);
		if (act == UPLINK_NOTHING)
			break;
		err = relays_act(agent, relay, act);
	}
	if (relay->up.state == UPLINK_READY)
		relay->silent_at = 0;
	else if (relay->silent_at == 0)
		relay->silent_at = agent->now;
	return err;
}

enum err
relays_next(struct agent *agent)
{
	enum err err = ERR_OK;
	size_t i;

	for (i = 0; err == ERR_OK && i < agent->relay_count; i++)
		err = relays_next_one(agent, &agent->relay[i]);
	return err;
}

enum err
relays_in(struct agent *agent, struct view frame)
{
	struct rd rd = rd_init(frame.p, frame.len);
	uint8_t op = rd_u8(&rd), slot = rd_u8(&rd);
	struct relay *relay;

	if (rd.err != ERR_OK || slot >= agent->relay_count)
		return ERR_OK;
	relay = &agent->relay[slot];
	switch (op) {
	case LINK_UP:
		uplink_link(&relay->up, true, agent->mono);
		return ERR_OK;
	case LINK_DOWN:
		uplink_link(&relay->up, false, agent->mono);
		return ERR_OK;
	case LINK_DENIED:
		diag_warn("relays", "relay %s does not know our transport "
		    "key, or its key is not the one stated", relay->name);
		relay->up.why = ERR_NOT_ADMITTED;
		return ERR_OK;
	case LINK_FRAME:
		return replies_in(agent, relay, rd_view(&rd, rd.left));
	default:
		return ERR_OK;
	}
}

int64_t
relays_due(const struct agent *agent)
{
	int64_t due = INT64_MAX, one;
	size_t i;

	for (i = 0; i < agent->relay_count; i++) {
		one = uplink_due(&agent->relay[i].up, agent->mono);
		if (one < due)
			due = one;
		one = logs_due(&agent->relay[i]);
		if (agent->relay[i].up.state == UPLINK_READY &&
		    one > agent->mono && one < due)
			due = one;
	}
	return due;
}

void
relays_reset(struct agent *agent)
{
	size_t i;

	for (i = 0; i < agent->relay_count; i++) {
		agent->relay[i].told = false;
		uplink_link(&agent->relay[i].up, false, agent->mono);
	}
}
