#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/mirror.h"
#include "base/db.h"
#include "base/diag.h"
#include "base/file.h"
#include "endpoint/agent_priv.h"
#include "endpoint/relays.h"
#include "endpoint/splits.h"

#define TEXT_MAX 8192

static const char splits_sql[] =
    "CREATE TABLE log_note ("
    " log_id BLOB NOT NULL,"
    " size INTEGER NOT NULL,"
    " root BLOB NOT NULL,"
    " note BLOB NOT NULL,"
    " PRIMARY KEY (log_id, size, root)) STRICT;\n";

const char *
splits_schema_2(void)
{
	return splits_sql;
}

enum err
splits_note(struct agent *agent, const struct hash *log_id,
    const struct splits_tree *tree, struct view note)
{
	struct db_stmt *s;

	s = db_prepare(book_db(agent->book), "INSERT OR IGNORE INTO log_note"
	    " (log_id, size, root, note) VALUES (?1, ?2, ?3, ?4)");
	db_bind_hash(s, 1, log_id);
	db_bind_u64(s, 2, tree->size);
	db_bind_hash(s, 3, &tree->root);
	db_bind_view(s, 4, note);
	return agent_fail(agent, db_run(s));
}

enum err
splits_joined(struct agent *agent, const struct hash *log_id, uint64_t size)
{
	struct db_stmt *s;

	s = db_prepare(book_db(agent->book),
	    "DELETE FROM log_note WHERE log_id = ?1 AND size < ?2");
	db_bind_hash(s, 1, log_id);
	db_bind_u64(s, 2, size);
	return agent_fail(agent, db_run(s));
}

static enum err
note_of(struct agent *agent, const struct hash *log_id,
    const struct splits_tree *tree, struct buf *note)
{
	struct db_stmt *s;
	struct view v;
	enum err err;

	s = db_prepare(book_db(agent->book), "SELECT note FROM log_note"
	    " WHERE log_id = ?1 AND size = ?2 AND root = ?3");
	db_bind_hash(s, 1, log_id);
	db_bind_u64(s, 2, tree->size);
	db_bind_hash(s, 3, &tree->root);
	err = db_one(s);
	if (err != ERR_OK)
		return err;
	v = db_col_blob(s, 0);
	buf_put(note, v.p, v.len);
	err = db_done(s);
	return err != ERR_OK ? err : note->err;
}

static enum err
put(const char *folder, const char *name, struct view bytes)
{
	char *path = file_join(folder, name);
	enum err err = ERR_NOMEM;

	if (path != NULL)
		err = file_replace(path, bytes.p, bytes.len, 0600);
	free(path);
	return err;
}

/* The relay's own path, where it leads to the tree it signed last from
 * another than it signed first: that is proof. */
static enum err
put_path(const char *folder, const struct relay *relay,
    const struct splits_tree *first, const struct splits_tree *second,
    const struct merkle_path *path)
{
	struct mirror_shown shown = { .first = first->size,
	    .second = second->size, .signed_first = first->root,
	    .signed_second = second->root, .path = path };
	struct buf text = buf_init(TEXT_MAX);
	struct hash end;
	enum err err;

	err = merkle_ends(first->size, &first->root, second->size, path,
	    &shown.shown_first, &end);
	if (err != ERR_OK || !hash_eq(&end, &second->root) ||
	    hash_eq(&shown.shown_first, &first->root))
		return ERR_OK;
	err = note_origin(shown.origin, relay->name, &relay->log.log_id);
	if (err == ERR_OK)
		err = mirror_shown_text(&text, &shown);
	if (err == ERR_OK)
		err = put(folder, "path", buf_view(&text));
	buf_free(&text);
	return err;
}

static enum err
write_all(const char *folder, const struct relay *relay,
    const struct splits_tree *tree[2], const struct buf note[2],
    const struct merkle_path *path)
{
	enum err err = file_mkdirs(folder, 0700);

	if (err == ERR_OK && note[0].len > 0)
		err = put(folder, "checkpoint.held", buf_view(&note[0]));
	if (err == ERR_OK && note[1].len > 0)
		err = put(folder, "checkpoint.shown", buf_view(&note[1]));
	if (err == ERR_OK && path != NULL)
		err = tree[0]->size < tree[1]->size ?
		    put_path(folder, relay, tree[0], tree[1], path) :
		    put_path(folder, relay, tree[1], tree[0], path);
	return err;
}

/* Named by what it holds: one contradiction, one folder. */
static void
name_folder(char where[SPLITS_WHERE_BYTES], const struct splits_tree *a,
    const struct splits_tree *b)
{
	char hex[2 * HASH_BYTES + 1];
	struct hasher h;
	struct hash hash;

	hash_init(&h);
	hash_add(&h, a->root.b, HASH_BYTES);
	hash_add(&h, b->root.b, HASH_BYTES);
	hash = hash_final(&h);
	hex_encode(hex, hash.b, HASH_BYTES);
	snprintf(where, SPLITS_WHERE_BYTES, "proofs/split-%.16s", hex);
}

void
splits_keep(struct agent *agent, const struct relay *relay,
    const struct splits_tree *a, const struct splits_tree *b,
    const struct merkle_path *path, char where[SPLITS_WHERE_BYTES])
{
	const struct splits_tree *tree[2] = { a, b };
	struct buf note[2];
	char *folder;
	enum err err = ERR_NOMEM;
	unsigned i;

	name_folder(where, a, b);
	folder = file_join(agent->home, where);
	for (i = 0; i < 2; i++) {
		note[i] = buf_init(NOTE_MAX);
		(void)note_of(agent, &relay->log.log_id, tree[i], &note[i]);
	}
	if (note[0].len + note[1].len == 0)
		where[0] = '\0';
	else if (folder != NULL)
		err = write_all(folder, relay, tree, note, path);
	if (where[0] != '\0' && err != ERR_OK) {
		diag_error("splits", "the proof against relay %s could not "
		    "be kept folder=%s: %s", relay->name, where,
		    err_name(err));
		where[0] = '\0';
	}
	for (i = 0; i < 2; i++)
		buf_free(&note[i]);
	free(folder);
}
