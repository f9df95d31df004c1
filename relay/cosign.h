/*
 * cosign: what witnesses cosigned of this log, and who may say so.
 *
 * Owns one fact in the store for each witness that an admitted charter
 * names: the newest checkpoint of this log it cosigned, with the log's own
 * line and that witness's.  Takes such a note from anybody who brings it,
 * since it proves itself, cheapest question first, so that a stranger makes
 * this relay work little.  Signs nothing, believes no clock, opens no
 * socket.  Relay loop, and offline commands.  PROTOCOL.md section 13.10.
 */
#ifndef RELAY_COSIGN_H
#define RELAY_COSIGN_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "proto/limits.h"

struct admitted;
struct charter;
struct cosign;
struct group;
struct keyring;
struct store;
struct tlog;

/* All borrowed. */
struct cosign_parts {
	struct store *store;
	struct tlog *tree;
	struct group *group;
	const struct admitted *admitted;
	const struct keyring *keyring;
	const char *name;	/* the relay's */
	const uint8_t *log_key;
};

/* A witness of an admitted charter. */
struct cosign_witness {
	char name[NAME_MAX_BYTES + 1];
	uint8_t key[KEY_BYTES];
	uint8_t key_id[4];
	uint64_t size;		/* 0: cosigned nothing here yet */
	uint64_t time_s;	/* of its line, by its clock */
	struct view note;	/* empty; else both lines */
};

/*
 * cosign_open(out, parts):
 * Load what is held.  What does not verify any more is left out, with a
 * warning: its witness will bring it again.  ERR_NOMEM, ERR_STORAGE.
 */
enum err
cosign_open(struct cosign **out, const struct cosign_parts *parts);
void
cosign_free(struct cosign **c);

/*
 * cosign_take(c, note, now, held):
 * Keep, durably when it returns, every line of a known witness under this
 * checkpoint; ERR_OK also if it is held already.  All or nothing:
 * ERR_SYNTAX, ERR_COUNT, ERR_TOO_BIG	no note of a checkpoint
 * ERR_KEY_FOREIGN	of another log
 * ERR_NOTFOUND		larger than what is signed (*held: that size)
 * ERR_KID_UNKNOWN	no line of a witness an admitted charter names
 * ERR_STATE		a newer one of that witness is held (*held: its size)
 * ERR_QUOTA		too many to verify; now is monotonic ms
 * ERR_ROOT		another root than this log's at that size
 * ERR_SIGNATURE	the log's line, or a known witness's
 * ERR_STORAGE and ERR_ROLLBACK are fatal; ERR_NOMEM.
 */
enum err
cosign_take(struct cosign *c, struct view note, int64_t now,
    uint64_t *held);

/* cosign_reason(err): why cosign_take refused, for people; static. */
const char *
cosign_reason(enum err err);

/* cosign_at(c, i): the i-th witness, or NULL; valid until the next call. */
const struct cosign_witness *
cosign_at(struct cosign *c, size_t i);

/*
 * cosign_checkpoint(c, out):
 * Append the newest signed checkpoint with the lines of those witnesses
 * that cosigned that very text, as many as a note may have.
 */
enum err
cosign_checkpoint(struct cosign *c, struct buf *out);

/*
 * cosign_ask(c), cosign_of(c, charter), cosign_next(c, out):
 * Begin a question; name the charters whose witnesses it is about; then
 * append the next note, largest size first, equal texts as one note, until
 * ERR_NOTFOUND.
 */
void
cosign_ask(struct cosign *c);
enum err
cosign_of(struct cosign *c, const struct charter *charter);
enum err
cosign_next(struct cosign *c, struct buf *out);

#endif
