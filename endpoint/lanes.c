#include <string.h>

#include "base/db.h"
#include "endpoint/book.h"
#include "endpoint/lanes.h"

static const char lanes_sql[] =
    "CREATE TABLE channel ("
    " pair INTEGER NOT NULL,"
    " own INTEGER NOT NULL,"
    " lane INTEGER NOT NULL,"
    " seq INTEGER NOT NULL,"		/* own: head; peer: highest known */
    " env BLOB NOT NULL,"
    " settled INTEGER NOT NULL,"	/* own: acked; peer: our ack_seq */
    " settled_env BLOB NOT NULL,"
    " at INTEGER NOT NULL,"		/* own: last out; peer: gap since */
    " moved_at INTEGER NOT NULL,"	/* own: acked moved */
    " stopped INTEGER NOT NULL,"
    " e BLOB NOT NULL,"
    " prekey_id INTEGER NOT NULL,"
    " psk_day INTEGER NOT NULL,"
    " n INTEGER NOT NULL,"
    " charter INTEGER NOT NULL,"
    " kid BLOB NOT NULL,"
    " start INTEGER NOT NULL,"
    " random INTEGER NOT NULL,"
    " PRIMARY KEY (pair, own, lane)) STRICT;\n";

const char *
lanes_schema(void)
{
	return lanes_sql;
}

static void
lanes_read_own(struct db_stmt *s, struct own_lane *own)
{
	own->seq = db_col_u64(s, 2);
	db_col_hash(s, 3, &own->env);
	own->acked = db_col_u64(s, 4);
	own->out_at = db_col_int(s, 6);
	own->acked_at = db_col_int(s, 7);
}

static void
lanes_read_peer(struct db_stmt *s, struct peer_lane *peer)
{
	struct peer_epoch *ep = &peer->top_epoch;

	peer->top = db_col_u64(s, 2);
	db_col_hash(s, 3, &peer->top_env);
	peer->settled = db_col_u64(s, 4);
	db_col_hash(s, 5, &peer->settled_env);
	peer->gap_at = db_col_int(s, 6);
	peer->stopped = db_col_int(s, 8) != 0;
	db_col_copy(s, 9, ep->e, sizeof(ep->e));
	ep->prekey_id = db_col_u64(s, 10);
	ep->psk_day = (uint32_t)db_col_int(s, 11);
	ep->n = (uint32_t)db_col_int(s, 12);
	ep->charter = (uint16_t)db_col_int(s, 13);
	db_col_id(s, 14, &ep->kid);
	ep->incarnation.start = (uint32_t)db_col_int(s, 15);
	ep->incarnation.random = (uint32_t)db_col_int(s, 16);
}

enum err
lanes_load(struct book *book, struct peering *pg)
{
	struct db_stmt *s;
	int64_t lane;

	s = db_prepare(book_db(book), "SELECT own, lane, seq, env, settled,"
	    " settled_env, at, moved_at, stopped, e, prekey_id, psk_day, n,"
	    " charter, kid, start, random FROM channel WHERE pair = ?1");
	db_bind_int(s, 1, pg->p.number);
	while (db_row(s)) {
		lane = db_col_int(s, 1);
		if (lane < 0 || lane >= LANE_COUNT)
			continue;
		if (db_col_int(s, 0) != 0)
			lanes_read_own(s, &pg->own[lane]);
		else
			lanes_read_peer(s, &pg->peer[lane]);
	}
	return db_done(s);
}

static struct db_stmt *
lanes_insert(struct book *book, const struct peering *pg, bool own,
    uint8_t lane)
{
	struct db_stmt *s;

	s = db_prepare(book_db(book), "INSERT OR REPLACE INTO channel (pair,"
	    " own, lane, seq, env, settled, settled_env, at, moved_at,"
	    " stopped, e, prekey_id, psk_day, n, charter, kid, start, random)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,"
	    " ?14, ?15, ?16, ?17, ?18)");
	db_bind_int(s, 1, pg->p.number);
	db_bind_int(s, 2, own);
	db_bind_int(s, 3, lane);
	return s;
}

static void
lanes_bind_epoch(struct db_stmt *s, const struct peer_epoch *ep)
{
	db_bind_blob(s, 11, ep->e, sizeof(ep->e));
	db_bind_u64(s, 12, ep->prekey_id);
	db_bind_int(s, 13, ep->psk_day);
	db_bind_int(s, 14, ep->n);
	db_bind_int(s, 15, ep->charter);
	db_bind_id(s, 16, &ep->kid);
	db_bind_int(s, 17, ep->incarnation.start);
	db_bind_int(s, 18, ep->incarnation.random);
}

enum err
lanes_save_own(struct book *book, const struct peering *pg, uint8_t lane)
{
	const struct own_lane *own = &pg->own[lane];
	const struct hash none = { { 0 } };
	const struct peer_epoch unused = { .n = 0 };
	struct db_stmt *s;

	s = lanes_insert(book, pg, true, lane);
	db_bind_u64(s, 4, own->seq);
	db_bind_hash(s, 5, &own->env);
	db_bind_u64(s, 6, own->acked);
	db_bind_hash(s, 7, &none);
	db_bind_int(s, 8, own->out_at);
	db_bind_int(s, 9, own->acked_at);
	db_bind_int(s, 10, 0);
	lanes_bind_epoch(s, &unused);
	return db_run(s);
}

enum err
lanes_save_peer(struct book *book, const struct peering *pg, uint8_t lane)
{
	const struct peer_lane *peer = &pg->peer[lane];
	struct db_stmt *s;

	s = lanes_insert(book, pg, false, lane);
	db_bind_u64(s, 4, peer->top);
	db_bind_hash(s, 5, &peer->top_env);
	db_bind_u64(s, 6, peer->settled);
	db_bind_hash(s, 7, &peer->settled_env);
	db_bind_int(s, 8, peer->gap_at);
	db_bind_int(s, 9, 0);
	db_bind_int(s, 10, peer->stopped);
	lanes_bind_epoch(s, &peer->top_epoch);
	return db_run(s);
}

void
lanes_forget(struct peering *pg)
{
	unsigned i;

	for (i = 0; i < LANE_COUNT; i++) {
		epoch_free(&pg->own[i].epoch);
		epoch_free(&pg->peer[i].epoch);
	}
}

void
lanes_forget_own(struct peering *pg, uint8_t lane)
{
	epoch_free(&pg->own[lane].epoch);
}
