/*
 * files: attachments on lane 2, split into chunks and joined again.
 *
 * Owns the tables file and file_piece of the book and the folder files/ under
 * the home: files/in/<pair>-<file_id> holds what came, complete and checked.
 * A file is one manifest (tag 7) and as many chunks (tag 5) as it needs, each
 * an envelope of its own; they may come in any order.  A file counts as there
 * only when size and SHA-256 agree with the manifest.  Names from the peer
 * are text to show, never a path.  Runs in casewired's core.
 */
#ifndef ENDPOINT_FILES_H
#define ENDPOINT_FILES_H

#include <stdbool.h>
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

/* This module's tables, a string literal (casebook_hooks joins it). */
#define FILES_SCHEMA \
	"CREATE TABLE file (" \
	" pair INTEGER NOT NULL, own INTEGER NOT NULL," \
	" file_id BLOB NOT NULL, case_id BLOB NOT NULL," \
	" size INTEGER NOT NULL, have INTEGER NOT NULL," \
	" sha256 BLOB NOT NULL," \
	" manifest INTEGER NOT NULL, at INTEGER NOT NULL," \
	" complete_at INTEGER NOT NULL, fault INTEGER NOT NULL," \
	" PRIMARY KEY (pair, own, file_id)" \
	") STRICT;" \
	"CREATE INDEX file_case ON file (case_id);" \
	"CREATE TABLE file_piece (" \
	" pair INTEGER NOT NULL, file_id BLOB NOT NULL," \
	" at_byte INTEGER NOT NULL, length INTEGER NOT NULL," \
	" mail INTEGER NOT NULL," \
	" PRIMARY KEY (pair, file_id, at_byte)" \
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

/* How much of a file is there. */
struct files_state {
	bool complete;		/* there, size and SHA-256 as promised */
	uint64_t have;		/* bytes */
	uint64_t size;		/* 0: manifest not here yet */
	enum err fault;		/* why it can never be complete, or ERR_OK */
	int64_t at;		/* when it was complete */
};

/* files_state(agent, pair, own, file_id, out): ERR_NOTFOUND. */
enum err
files_state(struct agent *agent, int64_t pair, bool own,
    const struct id *file_id, struct files_state *out);

/* files_path(agent, pair, file_id): where a complete file of the peer lies;
 * the caller frees; NULL when out of memory. */
char *
files_path(struct agent *agent, int64_t pair, const struct id *file_id);

/* files_each_mail(agent, case_id, visit, ctx) (files_shred.c): each message
 * that carried a piece or the manifest of the case's files, of either side,
 * as far as it can still be read; visit's error stops. */
typedef enum err files_visit_mail(void *ctx, int64_t mail);
enum err
files_each_mail(struct agent *agent, const struct id *case_id,
    files_visit_mail *visit, void *ctx);
/* files_drop(agent, case_id): inside a turn: remove what was joined of the
 * peer's files; they count as not here from now on.  ERR_IO, ERR_STORAGE. */
enum err
files_drop(struct agent *agent, const struct id *case_id);

/* files_list_json(agent, case_id): every file, or those of a case. */
struct json *
files_list_json(struct agent *agent, const struct id *case_id);

#endif
