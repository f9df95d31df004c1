/*
 * tlog_proof: that one entry stands in a log, as text for anybody's tools.
 *
 * C2SP tlog-proof: an index, an inclusion path and the log's signed
 * checkpoint, with the entry itself as extra data (EVIDENCE.md).  Text in,
 * struct out and back; checks the form only: whose checkpoint it is and
 * whether the path leads there is audit/verify's.  Pure.
 */
#ifndef PROTO_TLOG_PROOF_H
#define PROTO_TLOG_PROOF_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/merkle.h"
#include "proto/limits.h"

/* Extra as base64, 63 hashes of 45 characters, a note, and the words. */
#define TLOG_PROOF_MAX (4 * ((STATEMENT_MAX + 2) / 3) + 45 * TREE_PATH_MAX + \
    NOTE_MAX + 128)

struct tlog_proof {
	struct view extra;	/* a log entry; empty: none is given */
	uint64_t index;
	struct merkle_path path;
	struct view note;	/* proto/note.h; not looked into here */
};

/* tlog_proof_encode(out, proof): append the text.  ERR_TOO_BIG (extra over
 * STATEMENT_MAX, note over NOTE_MAX), ERR_COUNT (path). */
enum err
tlog_proof_encode(struct buf *out, const struct tlog_proof *proof);

/*
 * tlog_proof_decode(proof, text, extra):
 * One form for one proof.  extra (its max at least STATEMENT_MAX) is emptied
 * and gets what proof->extra shows; proof->note borrows text.  ERR_TOO_BIG
 * (TLOG_PROOF_MAX, or one of its parts), ERR_MAGIC (first line), ERR_SYNTAX,
 * ERR_COUNT (over TREE_PATH_MAX hashes), ERR_TRUNCATED (no note).
 */
enum err
tlog_proof_decode(struct tlog_proof *proof, struct view text,
    struct buf *extra);

#endif
