/*
 * witness_state: the newest checkpoint a witness cosigned, and when.
 *
 * Owns the form of the file that is durable before the signature it is for
 * exists, and that file's writing and reading; from it the same line can be
 * made again, since Ed25519 is deterministic.  Judges nothing: the log's line
 * in it is a mirror's to verify.  casewire-witness only.  PROTOCOL.md section
 * 13.10.
 */
#ifndef AUDIT_WITNESS_STATE_H
#define AUDIT_WITNESS_STATE_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "proto/note.h"

/* "casewire/1 witness", whose, a time, a note. */
#define WITNESS_STATE_MAX (NOTE_MAX + 512)

/* cp.size is 0: nothing was cosigned yet, and the rest is empty. */
struct witness_state {
	uint8_t key[KEY_BYTES];		/* whose, as a charter names it */
	char name[NAME_MAX_BYTES + 1];
	uint64_t time_s;		/* of the cosignature, UTC */
	struct note_checkpoint cp;
	struct note_sig log;		/* the log's own line */
};

/* witness_state_encode(out, st): append the file's bytes. */
enum err
witness_state_encode(struct buf *out, const struct witness_state *st);
/*
 * witness_state_decode(st, bytes):
 * ERR_TOO_BIG, ERR_MAGIC (another file), ERR_VERSION, ERR_SYNTAX, ERR_COUNT
 * (not exactly one line), ERR_ENCODING (not as it would be written).
 */
enum err
witness_state_decode(struct witness_state *st, struct view bytes);

/* witness_state_note(out, st): append the checkpoint with the log's line. */
enum err
witness_state_note(struct buf *out, const struct witness_state *st);

/* witness_state_load(st, path): all zeros if there is no file; else the
 * decoder's errors, said in the diag, and the file's. */
enum err
witness_state_load(struct witness_state *st, const char *path);
/* witness_state_save(st, path): durable when it returns ERR_OK. */
enum err
witness_state_save(const struct witness_state *st, const char *path);

#endif
