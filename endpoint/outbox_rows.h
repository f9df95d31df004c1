/*
 * outbox_rows: the core's side of outbox: runs, statements, what to submit.
 *
 * Tables run (one row a run of ours: its exact bytes until all of it is
 * delivered, then the bare container), statement (receipts, prekeys, keys
 * of ours) and todo (what each relay has not answered yet).  Agent core,
 * inside a turn.
 */
#ifndef ENDPOINT_OUTBOX_ROWS_H
#define ENDPOINT_OUTBOX_ROWS_H

#include "audit/verify.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "endpoint/outbox.h"
#include "proto/arena.h"
#include "proto/request.h"
#include "proto/run.h"

struct agent;
struct pair;
struct peering;
struct relay;

enum outbox_kind {
	OUTBOX_RUN = 0,
	OUTBOX_STATEMENT = 1,
};

const char *
outbox_schema(void);

/* outbox_tell(agent, ev): to the desk's hook. */
enum err
outbox_tell(struct agent *agent, const struct outbox_event *ev);

/* outbox_run_put(agent, pair, lane, st, last_env, bytes): a signed run, for
 * as many relays as are wanted now. */
enum err
outbox_run_put(struct agent *agent, const struct pair *pair, uint8_t lane,
    const struct run_statement *st, const struct hash *last_env,
    struct view bytes);

/* outbox_statement_put(agent, pair, entry): for every relay of the pair; the
 * same entry twice is one row. */
enum err
outbox_statement_put(struct agent *agent, const struct pair *pair,
    struct view entry);

/* outbox_further(agent, pg): one relay more gets what is not delivered;
 * false when all of the charter's have it. */
bool
outbox_further(struct agent *agent, struct peering *pg);

/* outbox_again(agent, relay, pair, lane, above): the relay holds nothing
 * above that seq (it lost it, or never had it): submit again. */
enum err
outbox_again(struct agent *agent, const struct relay *relay,
    const struct peering *pg, uint8_t lane, uint64_t above);

/*
 * outbox_restored(agent, relay, hello):
 * If the relay's log was restored since it was last greeted, submit there
 * again what it is proved to have logged and may hold the leaf alone of:
 * runs not delivered, and every statement of ours.
 */
enum err
outbox_restored(struct agent *agent, const struct relay *relay,
    const struct reply_hello *hello);

/*
 * outbox_new_log(agent, relay):
 * The relay began another log: submit there again what we said to others
 * lately that no run carries, within what a charter keeps, and a new prekey.
 */
enum err
outbox_new_log(struct agent *agent, const struct relay *relay);

/* outbox_has(agent, relay): anything to submit there now? */
bool
outbox_has(struct agent *agent, const struct relay *relay);

/*
 * outbox_gather(agent, relay, submit, arena):
 * Fill submit with what goes next, most urgent first, at most one frame, and
 * note it in relay->sent; views lie in arena.  ERR_NOTFOUND: nothing.
 */
enum err
outbox_gather(struct agent *agent, struct relay *relay,
    struct request_submit *submit, struct arena *arena);

/* outbox_placed(agent, relay, reply, cp, note): the answer to what was
 * gathered, in order; proofs lead to cp, whose signed text is note. */
enum err
outbox_placed(struct agent *agent, struct relay *relay,
    const struct reply_submit *reply, const struct verify_checkpoint *cp);

/* outbox_release(agent, pg, lane, first, last): free the bytes of runs in
 * that stretch of which nothing is undelivered any more. */
enum err
outbox_release(struct agent *agent, const struct peering *pg, uint8_t lane,
    uint64_t first, uint64_t last);

/* outbox_count(agent, relay): rows that relay has not answered. */
int64_t
outbox_count(struct agent *agent, const struct relay *relay);

#endif
