/*
 * caseclocks: what cases/clocks and cases/ladder find of a case in the book.
 *
 * Fills struct clocks_msg out of rows, contents, charters and PROFILEs, and
 * is the one place that decides which times the endpoint goes by: what
 * witnesses of the charter bound (endpoint/timebound.h), and where there are
 * none, or their lines are not here yet, the parties' own clocks, else every
 * clock would be in doubt: a message was signed when its header says, never
 * later than it came in, and handed over when its receipt says.  Such an
 * answer is marked `claimed` and proves nothing to an auditor.  Reads only.
 * Agent core.
 */
#ifndef ENDPOINT_CASECLOCKS_H
#define ENDPOINT_CASECLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "cases/clocks.h"
#include "cases/ladder.h"
#include "cases/ledger.h"
#include "endpoint/caserows.h"
#include "endpoint/profiles.h"
#include "endpoint/refold.h"

struct agent;

/* Which of a message's bounds are only what parties say. */
#define CASECLOCKS_SENT 1u
#define CASECLOCKS_DELIVERED 2u

struct caseclocks {
	struct casefile file;		/* folded now */
	struct refold fold;
	struct profiles profiles;
	struct clocks_terms *terms;	/* one a message */
	struct clocks_msg *msg;		/* fold.n, in the fold's order */
	unsigned *claimed;		/* one a message: CASECLOCKS_* */
	struct ledger_said *said;	/* one a message, for cases/ledger */
	struct clocks_now now;
	struct clocks clocks;
	struct ladder ladder;
};

/*
 * caseclocks_eval(agent, c, out):
 * All clocks and the ladder of one case, at agent_now.  The caller frees
 * *out with caseclocks_free, on an error too.  A body that is shredded or
 * cannot be read counts as closed to us.  ERR_NOTFOUND (no such pair),
 * ERR_TOO_BIG, ERR_NOMEM, ERR_STORAGE.
 */
enum err
caseclocks_eval(struct agent *agent, const struct caserows_case *c,
    struct caseclocks *out);
void
caseclocks_free(struct caseclocks *x);

/*
 * caseclocks_bounds(agent, row, msg, claimed_at):
 * When the message was signed and handed over, into msg->sent, has_delivered
 * and delivered; *claimed_at: when its own side says it was signed.  Returns
 * which of the bounds are claims.  The only place where a
 * time enters.
 */
unsigned
caseclocks_bounds(struct agent *agent, const struct caserows_msg *row,
    struct clocks_msg *msg, uint64_t *claimed_at);

/* caseclocks_row(x, i): the row of message i, 0 <= i < x->fold.n. */
const struct caserows_msg *
caseclocks_row(const struct caseclocks *x, size_t i);
/* caseclocks_claimed(x, clock): its verdict stands on claims. */
bool
caseclocks_claimed(const struct caseclocks *x,
    const struct clocks_clock *clock);
/* caseclocks_due(clock): the instant to tell a person: the earliest that the
 * bounds allow, else the latest; 0: none is known. */
uint64_t
caseclocks_due(const struct clocks_clock *clock);
/* caseclocks_listed(x, clock): somebody still has to speak about it: it runs
 * or has run out unanswered, or it was answered late or in doubt and the
 * case is not over. */
bool
caseclocks_listed(const struct caseclocks *x,
    const struct clocks_clock *clock);

#endif
