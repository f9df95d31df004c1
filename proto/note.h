/*
 * note: C2SP signed notes: a log's checkpoint and a witness's cosignature.
 *
 * Text in, struct out and back (c2sp.org signed-note, tlog-checkpoint,
 * tlog-cosignature; PROTOCOL.md section 8).  Computes what is signed and
 * key ids; makes and verifies no signature.  Pure.
 */
#ifndef PROTO_NOTE_H
#define PROTO_NOTE_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "proto/limits.h"

enum note_sig_type {
	NOTE_ED25519 = 0x01,
	NOTE_COSIGNATURE = 0x04,	/* cosignature/v1 */
};

#define NOTE_NAME_MAX 127
#define NOTE_COSIG_BYTES (8 + SIG_BYTES)	/* u64 time s || sig */
#define NOTE_COSIGNED "cosignature/v1\n"	/* what a cosignature opens with */

/* One signature line. */
struct note_sig {
	char name[NOTE_NAME_MAX + 1];
	uint8_t key_id[4];
	uint8_t sig[NOTE_COSIG_BYTES];	/* 64 or, a cosignature, 72 */
	size_t sig_len;
};

struct note {
	struct view body;	/* with its last LF; what NOTE_ED25519 signs */
	unsigned sig_count;
	struct note_sig sig[NOTE_SIGS_MAX];
};

/* What a checkpoint's body says. */
struct note_checkpoint {
	char origin[NOTE_NAME_MAX + 1];
	uint64_t size;
	struct hash root;
};

/*
 * note_parse(note, text):
 * Body and signature lines; body borrows.  Lines of other signature lengths
 * are passed over, as C2SP asks for unknown algorithms.  ERR_TOO_BIG
 * (NOTE_MAX), ERR_SYNTAX, ERR_COUNT (no line, or over NOTE_SIGS_MAX).
 */
enum err
note_parse(struct note *note, struct view text);

/* note_write(out, body, sig, n): append body, blank line, n lines. */
enum err
note_write(struct buf *out, struct view body, const struct note_sig *sig,
    unsigned n);

/* note_find(note, name, key_id): the line of that key, or NULL. */
const struct note_sig *
note_find(const struct note *note, const char *name,
    const uint8_t key_id[4]);

/* note_key_id(out, type, name, key): SHA-256(name LF type key)[0..3]. */
void
note_key_id(uint8_t out[4], enum note_sig_type type, const char *name,
    const uint8_t key[KEY_BYTES]);

/* note_sig_set(sig, type, name, key, blob, len): fill one line. */
enum err
note_sig_set(struct note_sig *sig, enum note_sig_type type, const char *name,
    const uint8_t key[KEY_BYTES], const uint8_t *blob, size_t len);

/*
 * note_vkey_write(out, type, name, key), note_vkey_parse(name, key, type,
 * text): a key as signed notes write it, name+hash+base64.  ERR_SYNTAX also
 * for another type or a hash that is not the key's.
 */
void
note_vkey_write(struct buf *out, enum note_sig_type type, const char *name,
    const uint8_t key[KEY_BYTES]);
enum err
note_vkey_parse(char name[NOTE_NAME_MAX + 1], uint8_t key[KEY_BYTES],
    enum note_sig_type type, const char *text);

/* note_checkpoint_write(out, cp): append the body "origin LF size LF root". */
enum err
note_checkpoint_write(struct buf *out, const struct note_checkpoint *cp);
/* note_checkpoint_parse(cp, body): exactly three lines; ERR_SYNTAX. */
enum err
note_checkpoint_parse(struct note_checkpoint *cp, struct view body);

/* note_cosigned(out, time_s, body): append what a witness signs. */
enum err
note_cosigned(struct buf *out, uint64_t time_s, struct view body);
/* note_cosig_time(sig): a cosignature line's time in seconds, 0 if none. */
uint64_t
note_cosig_time(const struct note_sig *sig);
/* note_cosig_hash(sig): H(u64 time || sig), a run's seen.witness. */
struct hash
note_cosig_hash(const struct note_sig *sig);

/* note_log_id(log_key): H(label log || log key). */
struct hash
note_log_id(const uint8_t log_key[KEY_BYTES]);
/* note_origin(out, relay_name, log_id): "<name>/<first 8 hex>"; ERR_TOO_BIG
 * when the name is over NAME_MAX_BYTES. */
enum err
note_origin(char out[NOTE_NAME_MAX + 1], const char *relay_name,
    const struct hash *log_id);

#endif
