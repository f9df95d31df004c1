/*
 * files: attachments on lane 2, split into chunks and joined again.
 *
 * Owns the tables file and file_chunk of the book and the folder files/ under
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
#include "proto/fields.h"

struct agent;
struct json;

/* The largest file this version sends or joins: it is held whole in the
 * outbox until delivered. */
#define FILES_SIZE_MAX (64u * 1024 * 1024)

/* files_schema(): the SQL of this module's tables. */
const char *
files_schema(void);

/* files_received: an opened lane 2 envelope. */
struct files_in {
	struct hash pair_id;
	struct hash env_id;
	int64_t received_at;
	const struct fields *fields;
};

/*
 * files_received(agent, in):
 * Note the manifest or chunk inside the turn's transaction, and join the
 * file when it is whole.  What a peer wrote wrongly is shown with the file,
 * never an error: ERR_STORAGE, ERR_NOMEM only.
 */
enum err
files_received(struct agent *agent, const struct files_in *in);

/*
 * files_event(agent, message, kind):
 * Evidence about an envelope of lane 2 that files_send put out; kind as
 * enum casebook_evidence.
 */
struct casebook_event;
enum err
files_event(struct agent *agent, const struct casebook_event *event);

/* What a message says of a file. */
struct files_ref {
	struct id file_id;
	uint64_t size;
	struct hash sha256;
	char name[256];
	char media_type[64];
};

/*
 * files_send(agent, pair_id, case_id, path, media_type, ref):
 * Read path, split it into envelopes on lane 2 inside the turn's
 * transaction, fill ref.  ERR_NOTFOUND, ERR_IO, ERR_TOO_BIG over
 * FILES_SIZE_MAX, ERR_STORAGE.
 */
enum err
files_send(struct agent *agent, const struct hash *pair_id,
    const struct id *case_id, const char *path, const char *media_type,
    struct files_ref *ref);

/* files_list_json(agent): every file, with how much of it is there. */
struct json *
files_list_json(struct agent *agent);
/* files_json(agent, file_id): one, or NULL if unknown. */
struct json *
files_json(struct agent *agent, const struct id *file_id);

#endif
