/*
 * files: attachments on lane 2, split into chunks and joined again.
 *
 * Owns the table file of the book and the folder files/ under
 * the home: files/in/<file_id> holds what came, complete and checked.  A file
 * is one manifest (tag 7) and as many chunks (tag 5) as it needs, each an
 * envelope of its own; they may come in any order.  A file counts as there
 * only when size and SHA-256 agree with the manifest.  Names from the peer
 * are text to show, never a path.  Runs in casewired's core.
 */
#ifndef ENDPOINT_FILES_H
#define ENDPOINT_FILES_H

#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "proto/limits.h"

struct agent;
struct json;
struct pair;
struct received;

/* The largest file this version sends or joins. */
#define FILES_SIZE_MAX (64u * 1024 * 1024)

/* This module's table, a string literal (casebook_hooks joins the two). */
#define FILES_SCHEMA \
	"CREATE TABLE file (" \
	" file_id BLOB NOT NULL PRIMARY KEY," \
	" pair INTEGER NOT NULL," \
	" own INTEGER NOT NULL," \
	" case_id BLOB," \
	" size INTEGER," \
	" sha256 BLOB," \
	" name BLOB," \
	" media_type BLOB," \
	" at INTEGER NOT NULL," \
	" complete_at INTEGER NOT NULL DEFAULT 0," \
	" fault INTEGER NOT NULL DEFAULT 0" \
	") STRICT;" \
	"CREATE TABLE file_piece (" \
	" file_id BLOB NOT NULL," \
	" at_byte INTEGER NOT NULL," \
	" length INTEGER NOT NULL," \
	" message INTEGER NOT NULL," \
	" PRIMARY KEY (file_id, at_byte)" \
	") STRICT, WITHOUT ROWID;"

/*
 * files_received(agent, in):
 * An opened lane 2 message: note manifest or chunk inside the turn's
 * transaction, and join the file when it is whole.  What a peer wrote
 * wrongly is shown with the file, never an error: ERR_STORAGE, ERR_NOMEM.
 */
enum err
files_received(struct agent *agent, const struct received *in);

/* What a message says of a file. */
struct files_ref {
	struct id file_id;
	uint64_t size;
	struct hash sha256;
	char name[FILE_NAME_MAX + 1];
};

/*
 * files_send(agent, pair, case_id, path, media_type, ref):
 * Inside a turn: read path, split it into envelopes on lane 2, fill ref.
 * ERR_NOTFOUND, ERR_IO, ERR_TOO_BIG over FILES_SIZE_MAX, ERR_ENCODING for an
 * empty file, the outbox's errors, ERR_STORAGE.
 */
enum err
files_send(struct agent *agent, const struct pair *pair,
    const struct id *case_id, const char *path, const char *media_type,
    struct files_ref *ref);

/* files_list_json(agent, case_id): every file, or those of a case, with how
 * much of it is there. */
struct json *
files_list_json(struct agent *agent, const struct id *case_id);

#endif
