#include <string.h>

#include "base/db.h"
#include "endpoint/book.h"
#include "endpoint/cosigned_rows.h"
#include "proto/charter.h"

static const char cosigned_sql[] =
    "CREATE TABLE cosigned ("
    " log_id BLOB NOT NULL,"
    " witness BLOB NOT NULL,"		/* its key */
    " size INTEGER NOT NULL,"
    " at INTEGER NOT NULL,"
    " quoted BLOB NOT NULL,"		/* as runs name it */
    " line BLOB NOT NULL,"
    " PRIMARY KEY (log_id, witness, size)) STRICT, WITHOUT ROWID;\n"
    "CREATE INDEX cosigned_quoted ON cosigned (quoted);\n"
    "CREATE TABLE cosigned_tree ("
    " log_id BLOB NOT NULL,"
    " size INTEGER NOT NULL,"
    " root BLOB NOT NULL,"
    " note BLOB NOT NULL,"
    " state INTEGER NOT NULL,"
    " PRIMARY KEY (log_id, size)) STRICT, WITHOUT ROWID;\n"
    "CREATE INDEX cosigned_tree_open ON cosigned_tree (log_id, state, size)"
    " WHERE state < 2;\n"
    "CREATE TABLE cosigned_join ("
    " log_id BLOB NOT NULL,"
    " first INTEGER NOT NULL,"
    " second INTEGER NOT NULL,"
    " path BLOB NOT NULL,"
    " PRIMARY KEY (log_id, first, second)) STRICT, WITHOUT ROWID;\n";

const char *
cosigned_rows_schema_2(void)
{
	return cosigned_sql;
}

static enum err
tree_of(struct db_stmt *s, const struct hash *log_id,
    struct cosigned_tree *out)
{
	enum err err = db_one(s);

	if (err != ERR_OK)
		return err;
	out->log_id = *log_id;
	out->size = db_col_u64(s, 0);
	db_col_hash(s, 1, &out->root);
	return db_done(s);
}

enum err
cosigned_rows_has(struct book *book, const struct cosigned_tree *tree)
{
	struct cosigned_tree had;
	struct db_stmt *s;
	enum err err;

	s = db_prepare(book_db(book), "SELECT size, root FROM cosigned_tree"
	    " WHERE log_id = ?1 AND size = ?2");
	db_bind_hash(s, 1, &tree->log_id);
	db_bind_u64(s, 2, tree->size);
	err = tree_of(s, &tree->log_id, &had);
	if (err != ERR_OK)
		return err;
	return hash_eq(&had.root, &tree->root) ? ERR_OK : ERR_LOG_SPLIT;
}

enum err
cosigned_rows_tree_put(struct book *book, const struct cosigned_tree *tree,
    struct view note)
{
	enum err err = cosigned_rows_has(book, tree);
	struct db_stmt *s;

	if (err != ERR_NOTFOUND)
		return err;
	s = db_prepare(book_db(book), "INSERT INTO cosigned_tree (log_id,"
	    " size, root, note, state) VALUES (?1, ?2, ?3, ?4, 0)");
	db_bind_hash(s, 1, &tree->log_id);
	db_bind_u64(s, 2, tree->size);
	db_bind_hash(s, 3, &tree->root);
	db_bind_view(s, 4, note);
	return db_run(s);
}

enum err
cosigned_rows_state(struct book *book, const struct cosigned_tree *tree,
    enum cosigned_state state)
{
	struct db_stmt *s;

	s = db_prepare(book_db(book), "UPDATE cosigned_tree SET state = ?3"
	    " WHERE log_id = ?1 AND size = ?2");
	db_bind_hash(s, 1, &tree->log_id);
	db_bind_u64(s, 2, tree->size);
	db_bind_int(s, 3, state);
	return db_run(s);
}

enum err
cosigned_rows_in(struct book *book, const struct hash *log_id,
    enum cosigned_state state, uint64_t most, struct cosigned_tree *out)
{
	struct db_stmt *s;

	s = db_prepare(book_db(book), "SELECT size, root FROM cosigned_tree"
	    " WHERE log_id = ?1 AND state = ?2 AND state < 2 AND size <= ?3"
	    " ORDER BY size LIMIT 1");
	db_bind_hash(s, 1, log_id);
	db_bind_int(s, 2, state);
	db_bind_u64(s, 3, most);
	return tree_of(s, log_id, out);
}

static enum err
chained_below(struct book *book, const struct cosigned_tree *tree,
    struct cosigned_tree *out)
{
	struct db_stmt *s;

	s = db_prepare(book_db(book), "SELECT size, root FROM cosigned_tree"
	    " WHERE log_id = ?1 AND size < ?2 AND state = 2"
	    " ORDER BY size DESC LIMIT 1");
	db_bind_hash(s, 1, &tree->log_id);
	db_bind_u64(s, 2, tree->size);
	return tree_of(s, &tree->log_id, out);
}

static enum err
chained_above(struct book *book, const struct cosigned_tree *tree,
    struct cosigned_tree *out)
{
	struct db_stmt *s;

	s = db_prepare(book_db(book), "SELECT size, root FROM cosigned_tree"
	    " WHERE log_id = ?1 AND size > ?2 AND state = 2"
	    " ORDER BY size LIMIT 1");
	db_bind_hash(s, 1, &tree->log_id);
	db_bind_u64(s, 2, tree->size);
	return tree_of(s, &tree->log_id, out);
}

static bool
has_join(struct book *book, const struct cosigned_tree *a,
    const struct cosigned_tree *b)
{
	struct db_stmt *s;
	bool has;

	s = db_prepare(book_db(book), "SELECT 1 FROM cosigned_join"
	    " WHERE log_id = ?1 AND first = ?2 AND second = ?3");
	db_bind_hash(s, 1, &a->log_id);
	db_bind_u64(s, 2, a->size < b->size ? a->size : b->size);
	db_bind_u64(s, 3, a->size < b->size ? b->size : a->size);
	has = db_row(s);
	(void)db_done(s);
	return has;
}

enum err
cosigned_rows_near(struct book *book, const struct cosigned_tree *tree,
    struct cosigned_tree *out)
{
	enum err err = chained_below(book, tree, out);

	if (err == ERR_OK && has_join(book, tree, out))
		err = ERR_NOTFOUND;
	if (err != ERR_NOTFOUND)
		return err;
	err = chained_above(book, tree, out);
	return err == ERR_OK && has_join(book, tree, out) ? ERR_NOTFOUND :
	    err;
}

enum err
cosigned_rows_over(struct book *book, const struct hash *log_id,
    uint64_t index, struct cosigned_tree *out)
{
	struct db_stmt *s;

	s = db_prepare(book_db(book), "SELECT size, root FROM cosigned_tree"
	    " WHERE log_id = ?1 AND size > ?2 AND state >= 1"
	    " ORDER BY size LIMIT 1");
	db_bind_hash(s, 1, log_id);
	db_bind_u64(s, 2, index);
	return tree_of(s, log_id, out);
}

enum err
cosigned_rows_line_put(struct book *book, const struct cosigned_tree *tree,
    const struct charter_witness *w, const struct note_sig *sig)
{
	struct hash quoted = note_cosig_hash(sig);
	struct db_stmt *s;

	s = db_prepare(book_db(book), "INSERT INTO cosigned (log_id, witness,"
	    " size, at, quoted, line) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
	    " ON CONFLICT DO NOTHING");
	db_bind_hash(s, 1, &tree->log_id);
	db_bind_blob(s, 2, w->key, KEY_BYTES);
	db_bind_u64(s, 3, tree->size);
	db_bind_u64(s, 4, note_cosig_time(sig) * 1000);
	db_bind_hash(s, 5, &quoted);
	db_bind_blob(s, 6, sig->sig, NOTE_COSIG_BYTES);
	return db_run(s);
}

uint64_t
cosigned_rows_newest(struct book *book, const struct hash *log_id,
    const struct charter_witness *w, enum cosigned_state state, int64_t *at)
{
	struct db_stmt *s;
	uint64_t size = 0;

	s = db_prepare(book_db(book), "SELECT l.size, l.at FROM cosigned l"
	    " JOIN cosigned_tree t ON t.log_id = l.log_id AND"
	    " t.size = l.size WHERE l.log_id = ?1 AND l.witness = ?2"
	    " AND t.state >= ?3 ORDER BY l.size DESC LIMIT 1");
	db_bind_hash(s, 1, log_id);
	db_bind_blob(s, 2, w->key, KEY_BYTES);
	db_bind_int(s, 3, state);
	if (db_row(s)) {
		size = db_col_u64(s, 0);
		if (at != NULL)
			*at = db_col_int(s, 1);
	}
	return db_done(s) == ERR_OK ? size : 0;
}

int64_t
cosigned_rows_first(struct book *book, const struct hash *log_id,
    const struct charter_witness *w, uint64_t index)
{
	struct db_stmt *s;
	int64_t at = 0;

	/* A witness's time never falls, so the smallest is the earliest. */
	s = db_prepare(book_db(book), "SELECT l.at FROM cosigned l"
	    " JOIN cosigned_tree t ON t.log_id = l.log_id AND"
	    " t.size = l.size WHERE l.log_id = ?1 AND l.witness = ?2"
	    " AND l.size > ?3 AND t.state >= 1 ORDER BY l.size LIMIT 1");
	db_bind_hash(s, 1, log_id);
	db_bind_blob(s, 2, w->key, KEY_BYTES);
	db_bind_u64(s, 3, index);
	if (db_row(s))
		at = db_col_int(s, 0);
	return db_done(s) == ERR_OK ? at : 0;
}

enum err
cosigned_rows_quote(struct book *book, const struct hash *log_id,
    const struct charter_witness *w, struct run_seen *seen)
{
	struct db_stmt *s;
	enum err err;

	s = db_prepare(book_db(book), "SELECT l.size, t.root, l.quoted"
	    " FROM cosigned l JOIN cosigned_tree t ON t.log_id = l.log_id"
	    " AND t.size = l.size WHERE l.log_id = ?1 AND l.witness = ?2"
	    " AND t.state >= 1 ORDER BY l.size DESC LIMIT 1");
	db_bind_hash(s, 1, log_id);
	db_bind_blob(s, 2, w->key, KEY_BYTES);
	err = db_one(s);
	if (err != ERR_OK)
		return err;
	seen->log_id = *log_id;
	seen->size = db_col_u64(s, 0);
	db_col_hash(s, 1, &seen->root);
	db_col_hash(s, 2, &seen->witness);
	return db_done(s);
}

enum err
cosigned_rows_quoted(struct book *book, const struct run_seen *seen,
    const struct charter_witness *w, int64_t *at)
{
	struct db_stmt *s;
	enum err err;

	s = db_prepare(book_db(book), "SELECT l.at FROM cosigned l"
	    " JOIN cosigned_tree t ON t.log_id = l.log_id AND"
	    " t.size = l.size WHERE l.quoted = ?1 AND l.witness = ?2"
	    " AND l.log_id = ?3 AND l.size = ?4 AND t.root = ?5"
	    " AND t.state >= 1");
	db_bind_hash(s, 1, &seen->witness);
	db_bind_blob(s, 2, w->key, KEY_BYTES);
	db_bind_hash(s, 3, &seen->log_id);
	db_bind_u64(s, 4, seen->size);
	db_bind_hash(s, 5, &seen->root);
	err = db_one(s);
	if (err != ERR_OK)
		return err;
	*at = db_col_int(s, 0);
	return db_done(s);
}

bool
cosigned_rows_have(struct book *book, const struct hash *quoted)
{
	struct db_stmt *s;
	bool has;

	s = db_prepare(book_db(book),
	    "SELECT 1 FROM cosigned WHERE quoted = ?1");
	db_bind_hash(s, 1, quoted);
	has = db_row(s);
	(void)db_done(s);
	return has;
}

enum err
cosigned_rows_join_put(struct book *book, const struct hash *log_id,
    uint64_t first, uint64_t second, const struct merkle_path *path)
{
	struct db_stmt *s;

	s = db_prepare(book_db(book), "INSERT INTO cosigned_join (log_id,"
	    " first, second, path) VALUES (?1, ?2, ?3, ?4)"
	    " ON CONFLICT DO NOTHING");
	db_bind_hash(s, 1, log_id);
	db_bind_u64(s, 2, first);
	db_bind_u64(s, 3, second);
	db_bind_blob(s, 4, path->h, path->len * HASH_BYTES);
	return db_run(s);
}

/* The line of one witness on one tree; ERR_NOTFOUND. */
static enum err
line_read(struct book *book, const struct hash *log_id, uint64_t size,
    const struct charter_witness *w, struct note_sig *sig)
{
	struct db_stmt *s;
	struct view line;
	enum err err, done;

	s = db_prepare(book_db(book), "SELECT line FROM cosigned"
	    " WHERE log_id = ?1 AND witness = ?2 AND size = ?3");
	db_bind_hash(s, 1, log_id);
	db_bind_blob(s, 2, w->key, KEY_BYTES);
	db_bind_u64(s, 3, size);
	err = db_one(s);
	if (err != ERR_OK)
		return err;
	line = db_col_blob(s, 0);
	err = note_sig_set(sig, NOTE_COSIGNATURE, w->name, w->key, line.p,
	    line.len);
	done = db_done(s);
	return done != ERR_OK ? done : err;
}

/* The note as it was kept: with the log's line alone. */
static enum err
note_read(struct book *book, const struct hash *log_id, uint64_t size,
    enum cosigned_state least, struct buf *bare)
{
	struct db_stmt *s;
	struct view v;
	enum err err;

	s = db_prepare(book_db(book), "SELECT note FROM cosigned_tree"
	    " WHERE log_id = ?1 AND size = ?2 AND state >= ?3");
	db_bind_hash(s, 1, log_id);
	db_bind_u64(s, 2, size);
	db_bind_int(s, 3, least);
	err = db_one(s);
	if (err != ERR_OK)
		return err;
	v = db_col_blob(s, 0);
	buf_put(bare, v.p, v.len);
	err = db_done(s);
	return err != ERR_OK ? err : bare->err;
}

enum err
cosigned_rows_bare(struct book *book, const struct cosigned_tree *tree,
    struct buf *note)
{
	return note_read(book, &tree->log_id, tree->size, COSIGNED_CLAIMED,
	    note);
}

enum err
cosigned_rows_note(struct book *book, const struct hash *log_id,
    uint64_t size, const struct charter_witness *w, unsigned n,
    struct buf *out)
{
	struct buf bare = buf_init(NOTE_MAX);
	struct note note;
	unsigned i;
	enum err err;

	err = note_read(book, log_id, size, COSIGNED_JOINED, &bare);
	if (err == ERR_OK)
		err = note_parse(&note, buf_view(&bare));
	for (i = 0; err == ERR_OK && i < n &&
	    note.sig_count < NOTE_SIGS_MAX; i++) {
		err = line_read(book, log_id, size, &w[i],
		    &note.sig[note.sig_count]);
		if (err == ERR_OK)
			note.sig_count++;
		else if (err == ERR_NOTFOUND)
			err = ERR_OK;
	}
	if (err == ERR_OK)
		err = note_write(out, note.body, note.sig, note.sig_count);
	buf_free(&bare);
	return err;
}

enum err
cosigned_rows_trees(struct book *book, const struct hash *log_id,
    cosigned_visit_tree *visit, void *ctx)
{
	struct cosigned_tree tree = { .log_id = *log_id };
	enum err err = ERR_OK, done;
	struct db_stmt *s;

	s = db_prepare(book_db(book), "SELECT size, root FROM cosigned_tree"
	    " WHERE log_id = ?1 AND state >= 1 ORDER BY size");
	db_bind_hash(s, 1, log_id);
	while (err == ERR_OK && db_row(s)) {
		tree.size = db_col_u64(s, 0);
		db_col_hash(s, 1, &tree.root);
		err = visit(ctx, &tree);
	}
	done = db_done(s);
	return err != ERR_OK ? err : done;
}

enum err
cosigned_rows_joins(struct book *book, const struct hash *log_id,
    cosigned_visit_join *visit, void *ctx)
{
	enum err err = ERR_OK, done;
	struct merkle_path path;
	struct db_stmt *s;
	struct view v;

	s = db_prepare(book_db(book), "SELECT first, second, path"
	    " FROM cosigned_join WHERE log_id = ?1 ORDER BY first, second");
	db_bind_hash(s, 1, log_id);
	while (err == ERR_OK && db_row(s)) {
		v = db_col_blob(s, 2);
		path.len = v.len / HASH_BYTES;
		if (path.len > MERKLE_PATH_MAX) {
			err = ERR_PATH_LENGTH;
			break;
		}
		if (path.len > 0)
			memcpy(path.h, v.p, path.len * HASH_BYTES);
		err = visit(ctx, db_col_u64(s, 0), db_col_u64(s, 1), &path);
	}
	done = db_done(s);
	return err != ERR_OK ? err : done;
}
