#include <string.h>

#include "base/db.h"
#include "endpoint/agent_priv.h"
#include "endpoint/alarm.h"
#include "endpoint/cosigned.h"
#include "endpoint/gossip.h"
#include "endpoint/relays.h"

static const char gossip_sql[] =
    "CREATE TABLE gossip ("
    " relay INTEGER NOT NULL,"
    " pair INTEGER NOT NULL,"
    " log_id BLOB NOT NULL,"
    " size INTEGER NOT NULL,"		/* 0: nothing open */
    " root BLOB NOT NULL,"
    " parted INTEGER NOT NULL,"
    " PRIMARY KEY (relay, pair)) STRICT, WITHOUT ROWID;\n";

const char *
gossip_schema_2(void)
{
	return gossip_sql;
}

enum err
gossip_start(struct agent *agent)
{
	return db_run(db_prepare(book_db(agent->book),
	    "UPDATE gossip SET parted = 0 WHERE parted = 1"));
}

/* The peer's view is another: the pair sends nothing there any more. */
static void
gossip_part(struct agent *agent, const struct relay *relay,
    const struct pair *pair)
{
	struct db_stmt *s;

	s = db_prepare(book_db(agent->book), "UPDATE gossip SET parted = 1"
	    " WHERE relay = ?1 AND pair = ?2");
	db_bind_int(s, 1, relay->number);
	db_bind_int(s, 2, pair->number);
	(void)agent_fail(agent, db_run(s));
	alarm_raise(agent->book, agent->now, ERR_LOG_SPLIT, pair->number,
	    "relay %s shows the peer another log, or the peer says so: "
	    "nothing of this pair is sent there", relay->name);
}

/* Keep it until it is joined to our view; a larger one takes its place, for
 * the peer has joined its own sizes. */
static void
gossip_keep(struct agent *agent, struct relay *relay,
    const struct pair *pair, const struct run_seen *seen)
{
	struct db_stmt *s;

	s = db_prepare(book_db(agent->book), "INSERT INTO gossip (relay, pair,"
	    " log_id, size, root, parted) VALUES (?1, ?2, ?3, ?4, ?5, 0)"
	    " ON CONFLICT (relay, pair) DO UPDATE SET"
	    " log_id = excluded.log_id, size = excluded.size,"
	    " root = excluded.root WHERE gossip.parted = 0 AND"
	    " (excluded.size > gossip.size OR"
	    " excluded.log_id <> gossip.log_id)");
	db_bind_int(s, 1, relay->number);
	db_bind_int(s, 2, pair->number);
	db_bind_hash(s, 3, &seen->log_id);
	db_bind_u64(s, 4, seen->size);
	db_bind_hash(s, 5, &seen->root);
	(void)agent_fail(agent, db_run(s));
	relay->gossip.look = true;
}

/* Is it of a size whose root we know?  *same: with that very root. */
static bool
gossip_known(const struct log_view *v, uint64_t size,
    const struct hash *root, bool *same)
{
	if (size == v->joined_size)
		*same = hash_eq(root, &v->joined_root);
	else if (size == v->size)
		*same = hash_eq(root, &v->root);
	else
		return false;
	return true;
}

void
gossip_seen(struct agent *agent, const struct pair *pair,
    const struct run_seen *seen, const struct keyring_place *place)
{
	struct relay *relay;
	bool same;

	/* A log it left, or of a relay we do not know: nothing to hold it
	 * against. */
	if (seen->size == 0 || seen->size > INT64_MAX ||
	    hash_is_zero(&seen->log_id))
		return;
	relay = relays_of_log(agent, &seen->log_id);
	if (relay == NULL || relay->split || !relays_serves(relay, pair))
		return;
	cosigned_quoted(agent, relay, seen);
	if (gossip_known(&relay->log, seen->size, &seen->root, &same) && same)
		return;
	gossip_keep(agent, relay, pair, seen);
	/* What was signed before the run cannot have had it in it. */
	if (hash_eq(&place->log_id, &seen->log_id) &&
	    seen->size > place->index)
		gossip_part(agent, relay, pair);
}

/* The next whose turn it is and that lies within our view, into
 * relay->gossip. */
static bool
gossip_next(struct agent *agent, struct relay *relay)
{
	struct gossiping *g = &relay->gossip;
	struct db_stmt *s;
	bool has;

	s = db_prepare(book_db(agent->book), "SELECT pair, size, root"
	    " FROM gossip WHERE relay = ?1 AND log_id = ?2 AND parted = 0"
	    " AND size > 0 AND size <= ?3 AND pair > ?4"
	    " ORDER BY pair LIMIT 1");
	db_bind_int(s, 1, relay->number);
	db_bind_hash(s, 2, &relay->log.log_id);
	db_bind_u64(s, 3, relay->log.joined_size);
	db_bind_int(s, 4, g->after);
	has = db_row(s);
	if (has) {
		/* Another pair's turn, or a new quote: of its patience only
		 * the same pair's counts. */
		if (g->pair != db_col_int(s, 0))
			g->owed.asks = 0;
		g->pair = db_col_int(s, 0);
		g->size = db_col_u64(s, 1);
		db_col_hash(s, 2, &g->root);
	}
	return agent_fail(agent, db_done(s)) == ERR_OK && has;
}

/* It is joined to our view: forget it, unless a newer one came. */
static enum err
gossip_done(struct agent *agent, struct relay *relay)
{
	struct gossiping *g = &relay->gossip;
	struct db_stmt *s;

	g->owed.asks = 0;
	g->after = g->pair;
	s = db_prepare(book_db(agent->book), "DELETE FROM gossip WHERE"
	    " relay = ?1 AND pair = ?2 AND size = ?3 AND parted = 0");
	db_bind_int(s, 1, relay->number);
	db_bind_int(s, 2, g->pair);
	db_bind_u64(s, 3, g->size);
	return agent_fail(agent, db_run(s));
}

static enum err
gossip_apart(struct agent *agent, struct relay *relay)
{
	struct gossiping *g = &relay->gossip;
	const struct pair *pair = pairs_get(agent->pairs, g->pair);

	g->owed.asks = 0;
	g->after = g->pair;
	if (pair == NULL)
		return gossip_done(agent, relay);
	gossip_part(agent, relay, pair);
	return agent->failed;
}

/* One round over the pairs: what needs no proof is decided here, the first
 * that does is to be asked about. */
static bool
gossip_find(struct agent *agent, struct relay *relay)
{
	struct gossiping *g = &relay->gossip;
	bool same;

	while (agent->failed == ERR_OK && gossip_next(agent, relay)) {
		if (!gossip_known(&relay->log, g->size, &g->root, &same)) {
			if (!logs_overdue(agent, relay, &g->owed))
				return true;
			same = false;
		}
		if (same)
			(void)gossip_done(agent, relay);
		else
			(void)gossip_apart(agent, relay);
	}
	return false;
}

/* Each pair has one question in a pace, however much its peer quotes. */
static bool
gossip_round(struct agent *agent, struct relay *relay)
{
	struct gossiping *g = &relay->gossip;

	if (gossip_find(agent, relay))
		return true;
	g->look = g->after != 0;
	if (g->look)
		g->again_at = g->asked_at + logs_pace(agent, relay);
	g->after = 0;
	return false;
}

bool
gossip_wants(struct agent *agent, struct relay *relay)
{
	struct gossiping *g = &relay->gossip;

	return g->look && !relay->split && agent->mono >= g->again_at &&
	    relay->up.state == UPLINK_READY &&
	    relay->up.slot[UPLINK_LOG].ticket == 0 &&
	    gossip_round(agent, relay);
}

int64_t
gossip_due(const struct relay *relay)
{
	return relay->gossip.look ? relay->gossip.again_at : INT64_MAX;
}

void
gossip_ask(const struct agent *agent, struct relay *relay,
    struct request_log *request)
{
	struct gossiping *g = &relay->gossip;

	g->asked_at = agent->mono;
	g->again_at = agent->mono + logs_pace(agent, relay);
	logs_asked(agent, &g->owed);
	g->second_size = relay->log.joined_size;
	g->second_root = relay->log.joined_root;
	request->kind = LOG_CONSISTENCY;
	request->consistency.first = g->size;
	request->consistency.second = g->second_size;
}

enum err
gossip_answered(struct agent *agent, struct relay *relay,
    const struct merkle_path *path)
{
	struct gossiping *g = &relay->gossip;

	g->again_at = agent->mono;
	if (merkle_consistent(g->size, &g->root, g->second_size,
	    &g->second_root, path) != ERR_OK)
		return gossip_apart(agent, relay);
	return gossip_done(agent, relay);
}
