/*
 * cosigned: has every item we hold stand in a tree that witnesses cosigned.
 *
 * While items of a log are not under the trees of a quorum of their charter's
 * witnesses, asks the relay what these cosigned last, checks each line, has
 * the tree joined to the one this endpoint saw grow (a tree that does not is
 * a split), and to the cosigned one next to it; then has the items proved
 * anew towards it (PROTOCOL.md section 8).  A line that does not verify
 * is told in the diag, no more: anybody may send a relay rubbish.  Nothing
 * that is sent ever waits for it.  Agent core, inside a turn; writes through
 * endpoint/cosigned_rows.h and endpoint/evidence.h.
 */
#ifndef ENDPOINT_COSIGNED_H
#define ENDPOINT_COSIGNED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "endpoint/cosigned_rows.h"
#include "endpoint/logs.h"
#include "proto/limits.h"
#include "proto/request.h"
#include "proto/run.h"

struct agent;
struct relay;

/* What is asked of one relay, inside struct relay. */
struct cosigning {
	int64_t at;		/* not looked for items before, monotonic ms */
	int64_t again_at;	/* a question is open: not another before */
	int64_t hinted_at;	/* a peer's quote was last followed */
	bool witnessed;		/* a charter it serves names witnesses */
	bool notes;		/* to be asked what they cosigned */
	bool look;		/* there may be something to prove */
	bool open;		/* the last question has no answer yet */
	struct hash quoted;	/* a line the peer quoted, or zeros */
	enum {
		COSIGNING_NOTES,
		COSIGNING_VIEW,		/* first grew into second, our own */
		COSIGNING_CHAIN,	/* both cosigned */
		COSIGNING_PATHS,	/* items towards second */
	} step;
	struct cosigned_tree first;
	struct cosigned_tree second;
	struct logs_try owed;	/* of VIEW and CHAIN */
	uint64_t from;		/* items below: not proved this time */
	size_t count;
	uint64_t index[FRAME_PATHS_MAX];
};

/* cosigned_wants(agent, relay): a LOG is due for it; raises the alarm when a
 * proof is overdue.  cosigned_due: monotonic ms when that may turn. */
bool
cosigned_wants(struct agent *agent, struct relay *relay);
int64_t
cosigned_due(const struct relay *relay);
/* cosigned_ask(agent, relay, request): fill in what cosigned_wants found. */
void
cosigned_ask(const struct agent *agent, struct relay *relay,
    struct request_log *request);
/* cosigned_answered(agent, relay, reply, path): path is reply's hashes.
 * Fatal errors only. */
enum err
cosigned_answered(struct agent *agent, struct relay *relay,
    const struct reply_log *reply, const struct merkle_path *path);

/* cosigned_quoted(agent, relay, seen): the peer quotes that line of a witness:
 * if it is not here, ask now, while it may be that witness's newest. */
void
cosigned_quoted(struct agent *agent, struct relay *relay,
    const struct run_seen *seen);

/* cosigned_newest(agent, pair): UTC ms of the newest line that counts of the
 * pair's witnesses, by their clocks; 0: none yet. */
int64_t
cosigned_newest(struct agent *agent, const struct pair *pair);
/* cosigned_seen_at(agent, pair): UTC ms: the newest time that a relay told
 * since the start, or a witness of the pair signed; 0: none. */
int64_t
cosigned_seen_at(struct agent *agent, const struct pair *pair);
/* cosigned_missing(agent, pair, now): the pair's charter has a quorum, and not
 * that many of its witnesses have a line that counts younger than ten
 * heartbeat intervals. */
bool
cosigned_missing(struct agent *agent, const struct pair *pair, int64_t now);

#endif
