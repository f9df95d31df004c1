/*
 * witness: one log followed, and every checkpoint of it cosigned.
 *
 * Owns a folder: the mirror's copy of the log, `state` (what was cosigned
 * last, durable before each signature), `cosigned` (that note with the
 * witness's line, for anybody) and, after a split view, `stopped`.  Signs
 * only what its own mirror hashed up to the signed root and what extends
 * state, whatever became of the copy; never an older size, another root at a
 * size, or an earlier time.  Borrows the key; opens no socket.  The one part
 * of audit/ that signs: casewire-witness only, one process a folder.
 * PROTOCOL.md section 13.10.
 */
#ifndef AUDIT_WITNESS_H
#define AUDIT_WITNESS_H

#include <stdbool.h>

#include "audit/mirror.h"
#include "audit/witness_state.h"
#include "base/clock.h"

struct sign_key;
struct witness;

#define WITNESS_STATE "state"
#define WITNESS_COSIGNED "cosigned"
#define WITNESS_STOPPED "stopped"

/* Bring the relay a note; *status is HTTP's, its answer goes to out.  Any
 * error: nobody took it. */
typedef enum err witness_bring(void *ctx, struct view note, unsigned *status,
    struct buf *out);

/* All borrowed for the witness's life. */
struct witness_conf {
	struct mirror_conf log;	/* dir: the folder; fetch's ctx is bring's */
	const char *origin;	/* the log this folder is of, and no other */
	witness_bring *bring;
	const struct sign_key *key;
	const char *name;	/* as charters write it */
	struct clock clock;
};

/* What one look brought. */
struct witness_news {
	char origin[NOTE_NAME_MAX + 1];
	uint64_t size;		/* cosigned; 0: nothing yet */
	uint64_t time_s;
	bool fresh;		/* in this look */
	bool brought;		/* the relay has it */
	enum mirror_alarm alarm;
	char detail[MIRROR_DETAIL_BYTES];	/* what is wrong, or empty */
	char proof[MIRROR_DETAIL_BYTES];	/* folder of the alarm */
};

/*
 * witness_open(out, conf):
 * Take up the folder.  ERR_ROLLBACK: `cosigned` is newer than `state`, so
 * the folder, or a part of it, was put back.  ERR_KEY_FOREIGN: state is of
 * another witness.  Errors of mirror_open and of witness_state_load.
 */
enum err
witness_open(struct witness **out, const struct witness_conf *conf);
void
witness_free(struct witness **w);

/*
 * witness_step(w, news):
 * Look, check, sign if there is more, bring it.  ERR_OK: all that is there
 * is cosigned and brought.  For good, until the program is started again:
 * ERR_VERIFY	the log contradicts itself; news->alarm, news->proof.  After
 *		a split view also later, until a person removes `stopped`
 * ERR_ROLLBACK	the log shows a line of this key that is newer than state:
 *		the folder was put back, or another process has the key
 * and to be tried again:
 * ERR_CLONE	the relay says, which proves nothing, that it holds such a
 *		line: nothing more is signed until it takes this one
 * ERR_BUSY	the clock stands before the last signature: nothing signed
 * ERR_NOT_ADMITTED	the relay knows no charter that names this witness
 * ERR_UNREACHABLE, ERR_TIMEOUT, ERR_NOTFOUND, ERR_INCOMPLETE and others of
 * mirror_step; ERR_FAIL: the relay refused it (news->detail).
 * ERR_STORAGE, ERR_IO: nothing was signed that is not in state.
 */
enum err
witness_step(struct witness *w, struct witness_news *news);

#endif
