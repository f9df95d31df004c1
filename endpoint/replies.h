/*
 * replies: what a relay's answers mean.
 *
 * Decodes one frame, has its checkpoint held against all seen of that log
 * (endpoint/logs.h), and hands the parts on: HELLO to recover, SUBMIT to outbox, FETCH to inbox, KEYS to pairs.
 * What a relay says wrongly is an alarm, never a stop.  Agent core.
 */
#ifndef ENDPOINT_REPLIES_H
#define ENDPOINT_REPLIES_H

#include "base/bytes.h"
#include "base/err.h"

struct agent;
struct relay;

/* replies_in(agent, relay, frame): fatal errors only. */
enum err
replies_in(struct agent *agent, struct relay *relay, struct view frame);

#endif
