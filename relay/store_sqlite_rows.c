/* store_sqlite_rows: news, cover, keep, tiles and facts.  See store.h. */
#include <string.h>

#include "proto/limits.h"
#include "relay/store_sqlite.h"

enum err
store_news(struct store *s, enum store_news kind, const struct id *owner,
    uint64_t after, store_each *each, void *ctx)
{
	struct db_stmt *q;

	if (owner == NULL) {
		q = db_prepare(s->db, "SELECT e.idx, e.statement, NULL"
		    " FROM news n JOIN entry e ON e.idx = n.idx"
		    " WHERE n.kind = ?1 ORDER BY n.idx");
		db_bind_int(q, 1, kind);
		return store_sqlite_entries(q, each, ctx);
	}
	q = db_prepare(s->db, "SELECT e.idx, e.statement, NULL"
	    " FROM news n JOIN entry e ON e.idx = n.idx"
	    " WHERE n.kind = ?1 AND n.owner = ?2 AND n.serial > ?3"
	    " ORDER BY n.serial, n.idx");
	db_bind_int(q, 1, kind);
	db_bind_id(q, 2, owner);
	db_bind_u64(q, 3, after > INT64_MAX ? INT64_MAX : after);
	return store_sqlite_entries(q, each, ctx);
}

enum err
store_covered(struct store *s, const struct id *channel, uint64_t first,
    uint64_t last)
{
	struct db_stmt *q = db_prepare(s->db, "SELECT first_seq, last_seq"
	    " FROM cover WHERE channel = ?1 AND last_seq >= ?2"
	    " ORDER BY last_seq");
	uint64_t next = first;
	enum err err;

	db_bind_id(q, 1, channel);
	db_bind_u64(q, 2, first);
	/* A stretch passed over ends before the one that reaches next. */
	while (next <= last && db_row(q))
		if (db_col_u64(q, 0) <= next)
			next = db_col_u64(q, 1) + 1;
	err = db_done(q);
	if (err == ERR_OK && next <= last)
		err = ERR_NOTFOUND;
	return err;
}

enum err
store_due(struct store *s, int64_t now, unsigned max, store_each *each,
    void *ctx)
{
	struct db_stmt *q = db_prepare(s->db, "SELECT" RUN_COLUMNS
	    " FROM run r WHERE r.due_at <= ?1 ORDER BY r.due_at LIMIT ?2");

	db_bind_int(q, 1, now);
	db_bind_int(q, 2, max);
	return store_sqlite_runs(q, each, ctx);
}

enum err
store_prune(struct store *s, uint64_t index, struct view bare)
{
	struct db_stmt *q = db_prepare(s->db,
	    "UPDATE run SET due_at = NULL, form = 1, body = ?2"
	    " WHERE idx = ?1");

	db_bind_u64(q, 1, index);
	db_bind_view(q, 2, bare);
	return db_run(q);
}

static uint64_t
tile_place(unsigned level, uint64_t index)
{
	return (uint64_t)level << 56 | index;
}

enum err
store_tile_put(struct store *s, unsigned level, uint64_t index,
    const struct hash tile[STORE_TILE])
{
	struct db_stmt *q = db_prepare(s->db,
	    "INSERT INTO tile VALUES (?1, ?2)");

	db_bind_u64(q, 1, tile_place(level, index));
	db_bind_blob(q, 2, tile, STORE_TILE * sizeof(tile[0]));
	return db_run(q);
}

enum err
store_tile_get(struct store *s, unsigned level, uint64_t index,
    struct hash tile[STORE_TILE])
{
	struct db_stmt *q = db_prepare(s->db,
	    "SELECT hashes FROM tile WHERE place = ?1");
	enum err err;

	db_bind_u64(q, 1, tile_place(level, index));
	err = db_one(q);
	if (err != ERR_OK)
		return err;
	db_col_copy(q, 0, tile, STORE_TILE * sizeof(tile[0]));
	return db_done(q);
}

enum err
store_put(struct store *s, enum store_fact kind, struct view key,
    struct view value)
{
	struct db_stmt *q = db_prepare(s->db,
	    "INSERT OR REPLACE INTO fact VALUES (?1, ?2, ?3)");

	db_bind_int(q, 1, kind);
	db_bind_view(q, 2, key);
	db_bind_view(q, 3, value);
	return db_run(q);
}

enum err
store_drop(struct store *s, enum store_fact kind, struct view key)
{
	struct db_stmt *q = db_prepare(s->db,
	    "DELETE FROM fact WHERE kind = ?1 AND key = ?2");
	enum err err;

	db_bind_int(q, 1, kind);
	db_bind_view(q, 2, key);
	err = db_run(q);
	if (err == ERR_OK && db_changes(s->db) == 0)
		err = ERR_NOTFOUND;
	return err;
}

enum err
store_get(struct store *s, enum store_fact kind, struct view key, void *out,
    size_t len)
{
	struct db_stmt *q = db_prepare(s->db,
	    "SELECT value FROM fact WHERE kind = ?1 AND key = ?2");
	enum err err;

	db_bind_int(q, 1, kind);
	db_bind_view(q, 2, key);
	err = db_one(q);
	if (err != ERR_OK)
		return err;
	db_col_copy(q, 0, out, len);
	return db_done(q);
}

enum err
store_held(struct store *s, enum store_fact kind, struct view prefix,
    uint64_t *count)
{
	struct db_stmt *q = db_prepare(s->db,
	    "SELECT count(*) FROM fact WHERE kind = ?1 AND key >= ?2"
	    " AND substr(key, 1, ?3) = ?2 AND key < ?4");
	uint8_t end[STORE_KEY_MAX + 1];
	enum err err;

	if (prefix.len > STORE_KEY_MAX)
		return ERR_TOO_BIG;
	/* Above every key with this prefix; the compare is by bytes. */
	memcpy(end, prefix.p, prefix.len);
	memset(end + prefix.len, 0xff, sizeof(end) - prefix.len);
	db_bind_int(q, 1, kind);
	db_bind_view(q, 2, prefix);
	db_bind_u64(q, 3, prefix.len);
	db_bind_blob(q, 4, end, sizeof(end));
	err = db_one(q);
	if (err != ERR_OK)
		return err;
	*count = db_col_u64(q, 0);
	return db_done(q);
}

enum err
store_facts(struct store *s, enum store_fact kind, store_fact_fn *each,
    void *ctx)
{
	struct db_stmt *q = db_prepare(s->db,
	    "SELECT key, value FROM fact WHERE kind = ?1 ORDER BY key");
	enum err err = ERR_OK, done;

	db_bind_int(q, 1, kind);
	while (err == ERR_OK && db_row(q))
		err = each(ctx, db_col_blob(q, 0), db_col_blob(q, 1));
	done = db_done(q);
	return done != ERR_OK ? done : err;
}

enum err
store_counts(struct store *s, struct store_count *count)
{
	struct db_stmt *q = db_prepare(s->db,
	    "SELECT (SELECT count(*) FROM run),"
	    " (SELECT count(*) FROM run WHERE due_at IS NOT NULL),"
	    " (SELECT count(*) FROM fact WHERE kind = 3),"
	    " (SELECT ifnull(max(accepted_at), 0) FROM run)");
	enum err err = db_one(q);

	if (err != ERR_OK)
		return err;
	count->runs = db_col_u64(q, 0);
	count->full = db_col_u64(q, 1);
	count->forks = db_col_u64(q, 2);
	count->newest_at = db_col_int(q, 3);
	count->hollow = s->hollows;
	err = db_done(q);
	return err != ERR_OK ? err : store_size(s, &count->entries);
}
