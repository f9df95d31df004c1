/*
 * mirror: a checked copy of a relay's log, made from its public tiles.
 *
 * Owns one folder, laid out as the relay serves its log (checkpoint,
 * tile/...; C2SP tlog-tiles), so it can be served again as it stands.  A
 * hash gets in only after it led to the root of a checkpoint that the log's
 * key signed and that extends the one held; what contradicts it is kept
 * beside it as portable proof (alarm-*), and the copy stays as it was.
 * Never opens a socket: tiles come by a function.  Holds no secret; one
 * process a folder.  PROTOCOL.md sections 8 and 13.9.
 */
#ifndef AUDIT_MIRROR_H
#define AUDIT_MIRROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/merkle.h"
#include "proto/limits.h"
#include "proto/note.h"

struct mirror;

/* Who may sign the checkpoints: a log key, and the origin it signs for; ""
 * is any "<name>/<8 hex digits of its log_id>". */
struct mirror_key {
	char origin[NOTE_NAME_MAX + 1];
	uint8_t key[KEY_BYTES];
};

/* mirror_key_fits(key, origin): may this key sign for that log? */
bool
mirror_key_fits(const struct mirror_key *key, const char *origin);

/*
 * Append what the log has at path ("checkpoint", "tile/0/000") to out, up
 * to out->max.  ERR_NOTFOUND if it has nothing there, ERR_TOO_BIG; any
 * other error is no word about the log.
 */
typedef enum err mirror_fetch(void *ctx, const char *path, struct buf *out);

/* All borrowed for the mirror's life. */
struct mirror_conf {
	const char *dir;
	const struct mirror_key *key;
	size_t key_count;
	mirror_fetch *fetch;
	void *ctx;
};

/*
 * mirror_signed(key, count, note, cp):
 * Is note a checkpoint signed by one of the keys?  ERR_SIGNATURE, said in
 * the diag; ERR_SYNTAX and others: no checkpoint at all; ERR_TOO_BIG.
 */
enum err
mirror_signed(const struct mirror_key *key, size_t count, struct view note,
    struct note_checkpoint *cp);

enum mirror_alarm {
	MIRROR_QUIET = 0,
	MIRROR_SPLIT,		/* two signed checkpoints, no one log */
	MIRROR_ROLLBACK,	/* signed, consistent, but older than held */
	MIRROR_BAD_TILE,	/* a tile does not lead to the signed root */
	MIRROR_OTHER_LOG,	/* another log than the one followed */
};

#define MIRROR_DETAIL_BYTES 256

/* What one step brought. */
struct mirror_news {
	char origin[NOTE_NAME_MAX + 1];
	uint64_t before, size;		/* of the copy */
	struct hash root;
	uint64_t tiles;			/* fetched */
	uint64_t shown, withheld;	/* entries of the tiles of them
					 * fetched, if any are */
	enum mirror_alarm alarm;
	char detail[MIRROR_DETAIL_BYTES];
	char proof[MIRROR_DETAIL_BYTES]; /* folder of the alarm */
};

/* mirror_alarm_name(alarm): "split", "rollback" ...; stable. */
const char *
mirror_alarm_name(enum mirror_alarm alarm);

/* A split view between two sizes, as text for others (PROTOCOL.md section
 * 13.9): what was signed, and the root at the first size from which path
 * leads to the second. */
struct mirror_shown {
	char origin[NOTE_NAME_MAX + 1];
	uint64_t first, second;
	struct hash signed_first, signed_second, shown_first;
	const struct merkle_path *path;
};
/* mirror_shown_text(out, shown): append it. */
enum err
mirror_shown_text(struct buf *out, const struct mirror_shown *shown);

/*
 * mirror_open(out, conf):
 * Take up the copy in conf->dir where it stands, or begin one.  ERR_LOCKED,
 * ERR_VERIFY (what lies there does not lead to its own checkpoint),
 * ERR_SIGNATURE (or that is not signed by a key of conf), file errors.
 */
enum err
mirror_open(struct mirror **out, const struct mirror_conf *conf);
void
mirror_free(struct mirror **m);

/*
 * mirror_peek(conf, origin):
 * Which log is served there?  Fetches the checkpoint alone, touches no
 * folder; the fetch's errors, ERR_SIGNATURE, ERR_SYNTAX.
 */
enum err
mirror_peek(const struct mirror_conf *conf, char origin[NOTE_NAME_MAX + 1]);

/*
 * mirror_step(m, news):
 * Fetch the checkpoint and, if the log grew, every tile that is new; check
 * and keep them.  The copy is whole and signed for after every step, also
 * one that is cut off.  ERR_VERIFY: news->alarm says what, and the proof is
 * written.  ERR_INCOMPLETE: the log does not have a tile it signed for.
 * ERR_SIGNATURE: a checkpoint no known key signed; ERR_SYNTAX and others: no
 * checkpoint at all.  The fetch's own errors, file errors.
 */
enum err
mirror_step(struct mirror *m, struct mirror_news *news);

/*
 * mirror_contains(m, note, news):
 * Is this checkpoint, signed by a key of conf, one of the log as the copy
 * has it?  ERR_VERIFY as in mirror_step: MIRROR_SPLIT if it is not,
 * MIRROR_ROLLBACK if the copy is smaller, MIRROR_OTHER_LOG.  ERR_SIGNATURE,
 * ERR_SYNTAX; file errors.
 */
enum err
mirror_contains(struct mirror *m, struct view note,
    struct mirror_news *news);

/* mirror_note(m): the checkpoint held, as it was shown; empty: none yet. */
struct view
mirror_note(const struct mirror *m);
/* mirror_line(m): the log's own line of it, which verified. */
const struct note_sig *
mirror_line(const struct mirror *m);

/*
 * mirror_entries_from(m, fetch, ctx):
 * From now on each step also keeps the tiles of entries, as far as fetch is
 * shown them, each entry only after its leaf agreed; a wrong one is
 * MIRROR_BAD_TILE.  A full tile is fetched once, whatever of it is withheld.
 * What fetch is refused (ERR_NOT_ADMITTED) ends the step; the hashes stay.
 */
void
mirror_entries_from(struct mirror *m, mirror_fetch *fetch, void *ctx);

/*
 * mirror_entries_each(m, each, ctx):
 * Every entry of the log in its order, out of the copy, checked anew from
 * its leaf up to the checkpoint; one that is withheld, or was never fetched,
 * is empty.  each's error ends it.  ERR_VERIFY: the copy was changed.
 */
typedef enum err mirror_entry(void *ctx, uint64_t index, struct view entry);
enum err
mirror_entries_each(struct mirror *m, mirror_entry *each, void *ctx);

#endif
