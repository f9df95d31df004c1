/* What is proved to be logged and must wait: for a key, for a recovery. */
#include <string.h>

#include "base/db.h"
#include "endpoint/agent_priv.h"
#include "endpoint/alarm.h"
#include "endpoint/inbox_items.h"

#define ASIDE_MAX 512		/* items set aside on one channel */

static const char aside_sql[] =
    "CREATE TABLE aside ("
    " id INTEGER PRIMARY KEY,"
    " log_id BLOB NOT NULL,"
    " idx INTEGER NOT NULL,"
    " channel BLOB NOT NULL,"
    " kind INTEGER NOT NULL,"
    " bytes BLOB NOT NULL,"
    " path BLOB NOT NULL,"
    " size INTEGER NOT NULL,"
    " why INTEGER NOT NULL,"
    " since_at INTEGER NOT NULL,"
    " UNIQUE (log_id, idx)) STRICT;\n"
    "CREATE INDEX aside_channel ON aside (channel);\n";

const char *
inbox_aside_schema(void)
{
	return aside_sql;
}

/* What waits has no signature checked yet: a relay could fill the disk with
 * it.  What is dropped leaves a gap, and gaps are asked for again. */
static bool
inbox_aside_full(struct agent *agent, const struct inbox_item *item)
{
	struct db_stmt *s;
	int64_t n = 0;

	s = db_prepare(book_db(agent->book),
	    "SELECT count(*) FROM aside WHERE channel = ?1");
	db_bind_id(s, 1, &item->channel);
	if (db_row(s))
		n = db_col_int(s, 0);
	(void)db_done(s);
	if (n == ASIDE_MAX - 1)
		alarm_raise(agent->book, agent->now, ERR_BUSY,
		    item->pair->number, "too much waits for a key or for a "
		    "recovery statement: more is dropped, to be fetched "
		    "again");
	return n >= ASIDE_MAX;
}

enum err
inbox_aside_put(struct agent *agent, const struct inbox_item *item,
    enum err why)
{
	struct db_stmt *s;

	if (inbox_aside_full(agent, item))
		return ERR_OK;
	s = db_prepare(book_db(agent->book), "INSERT INTO aside (log_id, idx,"
	    " channel, kind, bytes, path, size, why, since_at) VALUES (?1,"
	    " ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING");
	db_bind_hash(s, 1, &item->place.log_id);
	db_bind_u64(s, 2, item->place.index);
	db_bind_id(s, 3, &item->channel);
	db_bind_int(s, 4, item->kind);
	db_bind_view(s, 5, item->bytes);
	db_bind_blob(s, 6, item->path.h, item->path.len * HASH_BYTES);
	db_bind_u64(s, 7, item->size);
	db_bind_int(s, 8, why);
	db_bind_int(s, 9, agent->now);
	return db_run(s);
}

static void
inbox_read_aside(struct agent *agent, struct db_stmt *s,
    struct inbox_item *item)
{
	struct view path;

	memset(item, 0, sizeof(*item));
	db_col_hash(s, 1, &item->place.log_id);
	item->place.index = db_col_u64(s, 2);
	db_col_id(s, 3, &item->channel);
	item->kind = (enum reply_item_kind)db_col_int(s, 4);
	item->bytes = db_col_blob(s, 5);
	path = db_col_blob(s, 6);
	if (path.len <= sizeof(item->path.h)) {
		item->path.len = path.len / HASH_BYTES;
		if (path.len > 0)
			memcpy(item->path.h, path.p, path.len);
	}
	item->size = db_col_u64(s, 7);
	item->pair = pairs_of_channel(agent->pairs, &item->channel,
	    &item->own, &item->lane);
}

enum err
inbox_retry(struct agent *agent)
{
	struct inbox_item item;
	struct db_stmt *s, *d;
	enum err err = ERR_OK, done;

	agent->retry = false;
	s = db_prepare(book_db(agent->book), "SELECT id, log_id, idx,"
	    " channel, kind, bytes, path, size FROM aside ORDER BY id");
	while (err == ERR_OK && db_row(s)) {
		inbox_read_aside(agent, s, &item);
		err = item.pair == NULL ? ERR_OK :
		    inbox_accept(agent, &item, true);
		if (err == ERR_BUSY) {
			err = ERR_OK;	/* must wait on */
			continue;
		}
		if (err != ERR_OK)
			break;
		d = db_prepare(book_db(agent->book),
		    "DELETE FROM aside WHERE id = ?1");
		db_bind_int(d, 1, db_col_int(s, 0));
		err = db_run(d);
	}
	done = db_done(s);
	return err != ERR_OK ? err : done;
}
