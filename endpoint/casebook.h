/*
 * casebook: cases, the messages in them, and each case's fold kept current.
 *
 * Its tables are endpoint/caserows.h; what a message says stays in mail's.
 * State is folded anew from all messages of the case (cases/casefile.h)
 * whenever one comes or evidence about one changes, in the transaction that
 * brought it.  Never touches a socket, never begins or ends a transaction.
 * Runs in casewired's core, one thread.
 */
#ifndef ENDPOINT_CASEBOOK_H
#define ENDPOINT_CASEBOOK_H

#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "proto/notice.h"

struct agent;
struct agent_hooks;
struct pair;

/*
 * casebook_hooks():
 * What the agent is to call: received (lanes 0 and 1 here, lane 2 goes on to
 * files), event, open_cases, and the schema of both.  A message that the
 * dialogue forbids, or that cannot be read, is answered by a REJECT in the
 * same transaction; what a peer wrote is never an error of these.
 */
const struct agent_hooks *
casebook_hooks(void);

/* A message of our own desk, complete and not yet noted. */
struct casebook_out {
	const struct pair *pair;
	const struct notice_outline *outline; /* seen_*, answers: not yet */
	const struct notice_body *body;
	int64_t head;		/* revision of the case its author saw;
				 * 0 for a REQUEST */
};

/*
 * casebook_write(agent, out, message):
 * Inside a turn.  Fill in what was seen and answered, hold it against the
 * case's head and the table, hand it to the outbox, note it, fold.
 * Where the outline answers nothing, what it is meant to answer is found: the
 * peer's newest message of the type it answers, or the one open item of the
 * peer's that it answers.  ERR_HEAD_MOVED, ERR_STATE, ERR_REQUIRED, ERR_MISSING_CASE, ERR_EXISTS with
 * nothing changed; ERR_TOO_BIG for a case that is full; the outbox's errors;
 * ERR_STORAGE.
 */
enum err
casebook_write(struct agent *agent, const struct casebook_out *out,
    int64_t *message);

/*
 * casebook_message(agent, case_id, n, prefix, env_id):
 * The newest envelope of the case's message n, or where n is 0 of the one of
 * its messages whose env_id in hex starts with prefix (8 digits at least).
 * ERR_NOTFOUND, also while it is not sealed; ERR_USAGE when several do.
 */
enum err
casebook_message(struct agent *agent, const struct id *case_id, int64_t n,
    const char *prefix, struct hash *env_id);

/*
 * casebook_find(agent, prefix, case_id):
 * The one case whose hex id starts with prefix (at least 4 digits).
 * ERR_NOTFOUND, or ERR_USAGE when several do.
 */
enum err
casebook_find(struct agent *agent, const char *prefix, struct id *case_id);

#endif
