/*
 * pass_ask: passes asked of a relay, one at a time.
 *
 * A pass lets somebody read this agency's log entries over HTTP (PROTOCOL.md
 * section 13.9); the relay makes and keeps it, the agent only carries the
 * question and the answer.  Nothing of it is kept in the book: a token that
 * was lost on the way is revoked by its name.  An ask is sent once, never
 * again: whoever waits is told when the answer is not to be had.  Agent
 * core; the API asks.
 */
#ifndef ENDPOINT_PASS_ASK_H
#define ENDPOINT_PASS_ASK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "proto/request.h"

struct agent;
struct json;
struct relay;

enum pass_ask_state {
	PASS_ASK_NONE,
	PASS_ASK_WANTED,	/* goes out in the next turn */
	PASS_ASK_SENT,
	PASS_ASK_DONE,
};

/* One relay's; lives in its struct relay. */
struct pass_ask {
	enum pass_ask_state state;
	enum request_pass_kind kind;
	char name[PASS_NAME_MAX + 1];
	uint64_t until_at;
	enum err status;	/* of PASS_ASK_DONE */
	struct json *answer;	/* with the token, if one was made */
};

/* What an agency may wait for an answer. */
#define PASS_ASK_MS 20000

/*
 * pass_ask_begin(agent, relay, ask, slot):
 * relay by its name in the charter; NULL if there is but one.  Inside a
 * turn.  ERR_USAGE (which of several?), ERR_NOTFOUND, ERR_UNREACHABLE (no
 * session with it now), ERR_BUSY (another ask is under way), ERR_TOO_BIG.
 */
enum err
pass_ask_begin(struct agent *agent, const char *relay,
    const struct request_pass *ask, unsigned *slot);
/*
 * pass_ask_take(agent, slot, answer):
 * ERR_BUSY while it is under way, else how it ended, and it is forgotten:
 * ERR_OK with *answer {relay, token, passes}, the caller's; the relay's
 * status; ERR_UNREACHABLE if the session ended first (done or not: list).
 */
enum err
pass_ask_take(struct agent *agent, unsigned slot, struct json **answer);
/* pass_ask_drop(agent, slot): nobody waits any more. */
void
pass_ask_drop(struct agent *agent, unsigned slot);

/* For endpoint/relays and endpoint/replies: does it want to go out, as what,
 * and what came back. */
bool
pass_ask_wants(const struct relay *relay);
void
pass_ask_request(struct relay *relay, struct request *out);
void
pass_ask_answered(struct relay *relay, enum err status,
    const struct reply_pass *reply);

#endif
