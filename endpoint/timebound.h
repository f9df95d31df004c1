/*
 * timebound: between which moments witnesses place a message.
 *
 * Time is bounded, not claimed (PROTOCOL.md section 8): what our runs quote
 * of a log, so that a message was signed after it, and what the cosigned
 * trees kept here say of any message.  The auditor's rule (audit/timeline.h)
 * over the rows of endpoint/cosigned_rows.h; no clock of ours, of the peer
 * or of a relay has a say.  Agent core; reads only.
 */
#ifndef ENDPOINT_TIMEBOUND_H
#define ENDPOINT_TIMEBOUND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "proto/run.h"

struct agent;
struct peering;

/*
 * timebound_quote(agent, pg):
 * What a run sealed now for that pair quotes: the newest cosigned checkpoint
 * of a relay of its charter, with the line of a witness of it; else the
 * newest checkpoint that proved something of ours there; else zeros.
 */
const struct run_seen *
timebound_quote(struct agent *agent, struct peering *pg);

/* UTC ms; 0: not bounded on that side by what is here. */
struct timebound {
	bool witnessed;		/* the message's charter names witnesses */
	int64_t after_at;	/* signed after */
	int64_t before_at;	/* and before */
};

/* timebound_of(agent, mail, out): of the message endpoint/mail.h knows by
 * that id.  ERR_NOTFOUND: no such message, or not in a log yet. */
enum err
timebound_of(struct agent *agent, int64_t mail, struct timebound *out);

#endif
