/*
 * chunk: pieces of a file on lane 2, and the manifest that names it.
 *
 * Tags 5 and 7 of PROTOCOL.md section 4.  Knows nothing of disks.  Pure.
 */
#ifndef PROTO_CHUNK_H
#define PROTO_CHUNK_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "proto/arena.h"
#include "proto/limits.h"

#define CHUNK_HEAD_BYTES 24	/* file_id, u64 offset */

struct chunk {
	struct id file_id;
	uint64_t offset;
	struct view bytes;	/* 1 to CHUNK_BYTES_MAX */
};

/* chunk_encode(wr, chunk): the field's value. */
void
chunk_encode(struct wr *wr, const struct chunk *chunk);
/* chunk_decode(chunk, value): bytes borrows.  ERR_TRUNCATED, ERR_COUNT (no
 * bytes), ERR_TOO_BIG, ERR_SEQ (offset + length overflows). */
enum err
chunk_decode(struct chunk *chunk, struct view value);

struct chunk_manifest {
	struct id file_id;
	uint64_t size;
	struct hash sha256;
	const char *name;	/* FILE_NAME_MAX; no '/', no NUL, not . .. */
	struct id case_id;
	const char *media_type;
};

/* chunk_manifest_encode(out, m): ERR_MESSAGE (name, no file_id), ERR_SYNTAX
 * (UTF-8), ERR_TOO_BIG. */
enum err
chunk_manifest_encode(struct buf *out, const struct chunk_manifest *m);
/* chunk_manifest_decode(m, value, arena): strings lie in the arena.  As
 * above, and ERR_MESSAGE (lengths), ERR_ENCODING (a case_id of zeros),
 * ERR_NOMEM. */
enum err
chunk_manifest_decode(struct chunk_manifest *m, struct view value,
    struct arena *arena);
/* chunk_name_ok(name): a name that is safe as one path component. */
int
chunk_name_ok(const char *name);

#endif
