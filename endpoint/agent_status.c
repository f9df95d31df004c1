/* agent_status and agent_health of agent.h. */
#include <string.h>

#include "base/db.h"
#include "base/json.h"
#include "endpoint/agent_priv.h"
#include "endpoint/alarm.h"
#include "endpoint/holds.h"
#include "endpoint/mail.h"
#include "endpoint/outbox_rows.h"
#include "endpoint/recover.h"
#include "endpoint/relays.h"
#include "endpoint/seal.h"
#include "endpoint/shred.h"
#include "keys/pubkey.h"

static const char *const lane_names[LANE_COUNT] = {
	"notice", "emergency", "file",
};

static struct json *
status_relays(struct agent *agent)
{
	struct json *arr = json_new_arr(), *one;
	const struct relay *r;
	size_t i;

	for (i = 0; i < agent->relay_count; i++) {
		r = &agent->relay[i];
		one = json_new_obj();
		json_put_str(one, "name", r->name);
		json_put_str(one, "endpoint", r->endpoint);
		json_put_str(one, "state", r->split ? "split" :
		    uplink_state_name(r->up.state));
		json_put_str(one, "why", r->up.why == ERR_OK ? "" :
		    err_name(r->up.why));
		json_put_hex(one, "log_id", r->log.log_id.b, HASH_BYTES);
		json_put_int(one, "log_size", (int64_t)r->log.size);
		json_put_int(one, "log_joined",
		    (int64_t)r->log.joined_size);
		json_put_int(one, "round_trip_ms", r->rtt_ms);
		json_put_int(one, "waiting", outbox_count(agent, r));
		json_add(arr, &one);
	}
	return arr;
}

static struct json *
status_lanes(const struct peering *pg)
{
	struct json *arr = json_new_arr(), *one;
	unsigned i;

	for (i = 0; i < LANE_COUNT; i++) {
		one = json_new_obj();
		json_put_str(one, "lane", lane_names[i]);
		json_put_int(one, "sent", (int64_t)pg->own[i].seq);
		json_put_int(one, "acked", (int64_t)pg->own[i].acked);
		json_put_int(one, "known", (int64_t)pg->peer[i].top);
		json_put_int(one, "settled", (int64_t)pg->peer[i].settled);
		json_put_bool(one, "gap", pg->peer[i].gap_at != 0);
		json_put_bool(one, "stopped", pg->peer[i].stopped);
		json_add(arr, &one);
	}
	return arr;
}

static void
status_witnesses(struct agent *agent, const struct pair *pair,
    struct json *one)
{
	json_put_int(one, "witnesses", pair->charter->witness_count);
	json_put_int(one, "quorum", pair->charter->quorum);
	if (pair->charter->witness_count > 0)
		json_put_time(one, "cosigned_at", cosigned_newest(agent,
		    pair));
	json_put_bool(one, "cosigned_missing", cosigned_missing(agent, pair,
	    agent->now));
}

static struct json *
status_pairs(struct agent *agent)
{
	struct json *arr = json_new_arr(), *one, *lanes;
	const struct peering *pg;
	enum err ready;
	size_t i;

	for (i = 0; i < pairs_count(agent->pairs); i++) {
		pg = peering_of(pairs_at(agent->pairs, i));
		ready = seal_ready(agent, &pg->p);
		lanes = status_lanes(pg);
		one = json_new_obj();
		json_put_str(one, "peer", pg->p.peer_name);
		json_put_hex(one, "pair_id", pg->p.pair_id.b, HASH_BYTES);
		json_put_hex(one, "charter_id", pg->p.charter_id.b,
		    HASH_BYTES);
		json_put_int(one, "charter_number", pg->charter->number);
		json_put_time(one, "until", (int64_t)pg->charter->until_at);
		json_put_bool(one, "ready", ready == ERR_OK);
		json_put_str(one, "why", ready == ERR_OK ? "" :
		    !pg->has_prekey && ready == ERR_NOTFOUND ?
		    "no_prekey_of_peer" : err_name(ready));
		json_put_int(one, "own_prekey", (int64_t)pg->own_prekey);
		json_put_int(one, "peer_prekey",
		    (int64_t)pg->prekey.prekey_id);
		json_put_time(one, "heard_at", pg->heard_at);
		status_witnesses(agent, &pg->p, one);
		json_put_int(one, "unsealed", mail_count(agent->book,
		    pg->p.number, true, MAIL_WAITING));
		json_put_int(one, "undelivered", mail_count(agent->book,
		    pg->p.number, true, MAIL_SEALED) + mail_count(
		    agent->book, pg->p.number, true, MAIL_SUBMITTED));
		json_put(one, "lanes", &lanes);
		if (pg->refused != ERR_OK)
			recover_show(agent, pg, one);
		json_add(arr, &one);
	}
	return arr;
}

enum err
agent_status(struct agent *agent, struct json **out)
{
	char agency[PUBKEY_FINGERPRINT_BYTES];
	struct json *obj = json_new_obj(), *part;
	enum err health = agent_health(agent);

	pubkey_fingerprint(agency, &agent->agency);
	json_put_str(obj, "agency", agency);
	json_put_str(obj, "name", keyfile_public(agent->keys)->name);
	json_put_int(obj, "starts", agent->incarnation.start);
	json_put_str(obj, "health", health == ERR_OK ? "ok" :
	    err_name(health));
	json_put_int(obj, "exit", err_exit(health));
	part = status_relays(agent);
	json_put(obj, "relays", &part);
	part = status_pairs(agent);
	json_put(obj, "pairs", &part);
	json_put_int(obj, "retain_days", agent->retain_days);
	if (agent->hooks != NULL && agent->hooks->schema_2 != NULL) {
		json_put_int(obj, "holds", holds_count(agent->book));
		json_put_int(obj, "shredded", shred_count(agent->book));
	}
	part = alarm_json(agent->book);
	json_put(obj, "alarms", &part);
	*out = obj;
	return ERR_OK;
}

static bool
health_reached(const struct agent *agent)
{
	size_t i;

	for (i = 0; i < agent->relay_count; i++)
		if (agent->relay[i].up.state == UPLINK_READY)
			return true;
	return agent->relay_count == 0;
}

enum err
agent_health(struct agent *agent)
{
	const struct peering *pg;
	enum err fork = ERR_OK;
	size_t i, lane;

	for (i = 0; i < pairs_count(agent->pairs); i++) {
		pg = peering_of(pairs_at(agent->pairs, i));
		if (pg->refused != ERR_OK)
			return pg->refused;
		for (lane = 0; lane < LANE_COUNT; lane++)
			if (pg->peer[lane].stopped)
				fork = ERR_FORK;
	}
	if (fork != ERR_OK)
		return fork;
	for (i = 0; i < agent->relay_count; i++)
		if (agent->relay[i].split)
			return ERR_LOG_SPLIT;
	return health_reached(agent) ? ERR_OK : ERR_UNREACHABLE;
}
