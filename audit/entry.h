/*
 * entry: what one log entry says, and whether its signer may say it.
 *
 * statement || sig, by itself: kind, signer, channel and seqs, and, against
 * a keyring, whose it is and whether the signature holds.  Key statements
 * and officer certificates that hold are learnt by the keyring, so a log
 * read in its order explains itself.  Shows it as a line and as JSON.  Holds
 * no secret; no file, no socket.  PROTOCOL.md sections 1, 5 and 7.
 */
#ifndef AUDIT_ENTRY_H
#define AUDIT_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/keyring.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "proto/statement.h"

struct json;

enum entry_standing {
	ENTRY_UNCHECKED = 0,	/* no keyring, or it knows no such key */
	ENTRY_GOOD,
	ENTRY_DISPUTED,		/* by a key revoked, above its cut */
	ENTRY_WRONG,		/* why says how */
};

struct entry {
	enum statement_kind kind;
	struct id kid;
	bool on_channel;	/* run, receipt: */
	struct id channel;
	uint64_t first_seq;
	uint64_t last_seq;
	uint8_t event;		/* receipt; else 0 */
	enum entry_standing standing;
	enum err why;		/* ERR_OK when GOOD or DISPUTED */
	const struct keyring_agency *signer;	/* NULL: not known */
};

/*
 * entry_read(e, kr, bytes, place):
 * kr NULL: nobody is known.  place: where the log that shows it holds it.
 * ERR_MAGIC, ERR_TRUNCATED, ERR_TOO_BIG and others: no entry of ours; a
 * signature that does not hold is no error but e->standing.  ERR_NOMEM.
 */
enum err
entry_read(struct entry *e, struct keyring *kr, struct view bytes,
    const struct keyring_place *place);

/* entry_standing_name(s): "unchecked", "good", "disputed", "wrong". */
const char *
entry_standing_name(enum entry_standing standing);
/* entry_json(e): {kind, kid, channel, first_seq, last_seq, signer, standing,
 * why}, what it has of them. */
struct json *
entry_json(const struct entry *e);
/* entry_text(out, e): the same in one line of words, appended. */
void
entry_text(struct buf *out, const struct entry *e);

#endif
