/*
 * refusals: a relay's signed word that it did not take a run.
 *
 * Owns the table refusal.  A `refused` receipt stands in no log, so no proof
 * and no index is kept with it; it is held against its run, its relay and
 * its signature before it is, and goes into every bundle: the first for each
 * reason, however often the relay is asked again.  Agent core.
 * PROTOCOL.md section 7.
 */
#ifndef ENDPOINT_REFUSALS_H
#define ENDPOINT_REFUSALS_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

struct agent;
struct book;
struct relay;

/* refusals_schema_2(): the SQL of the table; format 2 of the book. */
const char *
refusals_schema_2(void);

/* What it must be about. */
struct refusals_about {
	int64_t pair;			/* pair.number */
	uint8_t lane;
	uint64_t first_seq, last_seq;
	uint32_t status;		/* of the reply it came in */
};

/*
 * refusals_take(agent, relay, about, entry):
 * Keep entry (receipt || sig) if it is by that relay, about those envelopes,
 * and gives the status of the reply as its reason.  Where it is not, or
 * there is none, an alarm says so and it is not kept: the refusal itself
 * stands all the same.  ERR_STORAGE, ERR_NOMEM.
 */
enum err
refusals_take(struct agent *agent, const struct relay *relay,
    const struct refusals_about *about, struct view entry);

/* refusals_each(book, pair, visit, ctx): those of a pair; views end with the
 * call. */
typedef enum err refusals_visit(void *ctx, struct view entry);
enum err
refusals_each(struct book *book, int64_t pair, refusals_visit *visit,
    void *ctx);

#endif
