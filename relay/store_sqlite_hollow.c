/* store_sqlite_hollow: entries of which only the leaf is here. See store.h. */
#include "relay/store_sqlite.h"

#define RESTORED_BYTES (3 * 8)

static enum err
restored_load(struct store *s)
{
	uint8_t value[RESTORED_BYTES] = { 0 };
	struct rd rd = rd_init(value, sizeof(value));
	enum err err;

	err = store_get(s, STORE_RESTORED, (struct view){ value, 0 }, value,
	    sizeof(value));
	s->restored.first = rd_u64(&rd);
	s->restored.end = rd_u64(&rd);
	s->restored.at = rd_u64(&rd);
	return err == ERR_NOTFOUND ? ERR_OK : err;
}

enum err
store_sqlite_hollow_open(struct store *s)
{
	struct db_stmt *q = db_prepare(s->db, "SELECT"
	    " (SELECT count(*) FROM hollow WHERE filled = 0),"
	    " (SELECT count(*) FROM hollow WHERE filled = 1)");
	enum err err = db_one(q);

	if (err != ERR_OK)
		return err;
	s->hollows = db_col_u64(q, 0);
	s->fills = db_col_u64(q, 1);
	err = db_done(q);
	return err != ERR_OK ? err : restored_load(s);
}

enum err
store_hollow_add(struct store *s, uint64_t index, const struct hash *leaf)
{
	struct db_stmt *q = db_prepare(s->db,
	    "INSERT INTO hollow VALUES (?1, ?2, 0)");
	enum err err;

	db_bind_u64(q, 1, index);
	db_bind_hash(q, 2, leaf);
	err = db_run(q);
	if (err == ERR_OK)
		s->hollows++;
	return err;
}

enum err
store_hollow(struct store *s, const struct hash *leaf, uint64_t *index)
{
	struct db_stmt *q;

	if (s->hollows == 0)
		return ERR_NOTFOUND;	/* a relay's whole life, mostly */
	q = db_prepare(s->db, "SELECT idx FROM hollow"
	    " WHERE leaf = ?1 AND filled = 0 ORDER BY idx LIMIT 1");
	db_bind_hash(q, 1, leaf);
	return store_sqlite_number(q, index);
}

enum err
store_fill(struct store *s, const struct store_item *item)
{
	struct db_stmt *q = db_prepare(s->db, "UPDATE hollow SET filled = 1"
	    " WHERE idx = ?1 AND leaf = ?2 AND filled = 0");
	uint64_t size;
	enum err err;

	db_bind_u64(q, 1, item->index);
	db_bind_hash(q, 2, &item->leaf);
	err = db_run(q);
	if (err == ERR_OK && db_changes(s->db) == 0)
		err = ERR_NOTFOUND;
	if (err == ERR_OK)
		err = store_size(s, &size);
	if (err == ERR_OK)
		err = store_sqlite_append(s, item, size + s->restored.at +
		    s->fills);
	if (err != ERR_OK)
		return err;
	/* Its own place is used up: the next append's is above it. */
	s->fills++;
	s->hollows--;
	return ERR_OK;
}

uint64_t
store_hollows(const struct store *s)
{
	return s->hollows;
}

enum err
store_restore(struct store *s, const struct store_restored *r)
{
	uint8_t value[RESTORED_BYTES];
	struct wr wr = wr_init(value, sizeof(value));
	enum err err;

	wr_u64(&wr, r->first);
	wr_u64(&wr, r->end);
	wr_u64(&wr, r->at);
	err = store_put(s, STORE_RESTORED, (struct view){ value, 0 },
	    (struct view){ value, sizeof(value) });
	if (err == ERR_OK)
		s->restored = *r;
	return err;
}

const struct store_restored *
store_restored(const struct store *s)
{
	return &s->restored;
}
