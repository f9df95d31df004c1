/*
 * turn_priv: what a turn and its answers share.
 *
 * For turn.c (the cycle) and answer*.c (the replies) only.
 */
#ifndef RELAY_TURN_PRIV_H
#define RELAY_TURN_PRIV_H

#include "proto/arena.h"
#include "proto/request.h"
#include "relay/admit.h"
#include "relay/fetched.h"
#include "relay/front.h"
#include "relay/park.h"
#include "relay/turn.h"

/* What one turn gathers at most: beyond it frames wait in ZeroMQ. */
#define TURN_FRAMES 64
#define TURN_BYTES ((size_t)8 << 20)

#define TURN_ITEMS FETCH_ITEMS_MAX

/* One request on its way through the turn. */
struct job {
	struct front_frame frame;
	struct arena arena;	/* the decoded request and its answers */
	struct request req;
	struct admit_party party;
	enum err status;	/* of the whole frame */
	struct admit_answer *run;	/* a SUBMIT's, in arena */
	struct admit_answer *statement;
	uint8_t *token;		/* of a pass just made, in arena; or NULL */
};

struct turn {
	struct turn_parts p;
	struct turn_counts counts;
	struct job jobs[TURN_FRAMES];
	size_t job_count;
	bool draining;
	bool disk_low;
	bool expire_more;
	int64_t expire_at;	/* monotonic */
	int64_t disk_at;	/* monotonic: when to look again */
	struct buf out;		/* the reply being sent */
	struct arena arena;	/* what it points to */
	union {
		struct reply_placed placed[FRAME_RUNS_MAX +
		    FRAME_STATEMENTS_MAX];
		struct reply_item item[TURN_ITEMS];
	} scratch;
	struct fetched_run sent[TURN_ITEMS];
};

/* A FETCH, fresh or from the park. */
struct fetch {
	const struct front_peer *peer;
	struct id agency;
	uint64_t number;
	uint32_t max_bytes;
	const struct request_cursor *cursor;
	size_t cursor_count;
	bool even_empty;	/* answer though there is nothing */
};

/*
 * answer.c: answer_send encodes and sends, counting what nobody could take;
 * answer_status sends a reply without a body; answer_keep copies a view to
 * where it lives until the reply is sent (ERR_NOMEM); answer_finish sends
 * what was built unless err stands (ERR_NOMEM becomes BUSY to the peer, any
 * other is fatal) and forgets what was kept.
 */
enum err
answer_send(struct turn *t, const struct front_peer *peer,
    const struct reply *reply);
void
answer_status(struct turn *t, const struct front_peer *peer,
    uint64_t number, enum err status);
enum err
answer_keep(struct turn *t, struct view in, struct view *out);
enum err
answer_finish(struct turn *t, const struct front_peer *peer,
    const struct reply *reply, enum err err);
/* answer_party(t, pair_id, agency, d): is agency a party of the pair, by its
 * newest charter?  Sets its direction. */
bool
answer_party(const struct turn *t, const struct hash *pair_id,
    const struct id *agency, uint8_t *d);
/* answer_item_bytes(t): what one more item takes in a reply, besides its own
 * bytes: a path and the fields around it. */
size_t
answer_item_bytes(const struct turn *t);

/* answer_job(t, job): everything but FETCH, by kind.  Errors are fatal. */
enum err
answer_job(struct turn *t, struct job *job);
enum err
answer_hello(struct turn *t, struct job *job);
enum err
answer_keys(struct turn *t, struct job *job);
enum err
answer_log(struct turn *t, struct job *job);
/* answer_pass_take(t, job): what a PASS changes, before the commit; sets
 * job->status.  Errors are fatal.  answer_pass: what there is, after it. */
enum err
answer_pass_take(struct turn *t, struct job *job);
enum err
answer_pass(struct turn *t, struct job *job);
/* answer_fetch(t, fetch): ERR_NOTFOUND, nothing sent, if there is nothing;
 * any other error is fatal. */
enum err
answer_fetch(struct turn *t, const struct fetch *fetch);

#endif
