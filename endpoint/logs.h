/*
 * logs: each relay's log as this endpoint saw it grow.
 *
 * Owns the table log: per log the newest checkpoint seen and the newest one
 * that was joined to the first by consistency proofs.  Equal sizes must have
 * equal roots, sizes never fall, and a relay that does not join two sizes
 * within a heartbeat interval gets nothing more (PROTOCOL.md section 8).
 * Has entry 0 proved, the relay's own key statement, which no channel feeds:
 * for bundles.  A relay answers one LOG at a time: what cosigned and gossip
 * ask goes through here, in the order of urgency.  Agent core.
 */
#ifndef ENDPOINT_LOGS_H
#define ENDPOINT_LOGS_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/verify.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/merkle.h"
#include "proto/request.h"

struct agent;
struct relay;

/* Checkpoints kept to be joined too between two that are asked for. */
#define LOGS_HOPS 8

/* A size and its root, as a relay signed them. */
struct log_head {
	uint64_t size;
	struct hash root;
};

const char *
logs_schema(void);

/* Who the LOG under way answers. */
enum logs_asking {
	LOGS_JOIN,		/* two sizes of what was shown to us */
	LOGS_FIRST,		/* entry 0 */
	LOGS_PRIOR,		/* entry 1 */
	LOGS_COSIGNED,		/* endpoint/cosigned.h */
	LOGS_GOSSIP,		/* endpoint/gossip.h */
};

/* Consistency proofs a relay owes: how often and since when it was asked. */
struct logs_try {
	unsigned asks;			/* since the last that joined */
	int64_t first_at;		/* monotonic ms of the first of them */
};

/* One log, inside struct relay. */
struct log_view {
	struct hash log_id;		/* zeros: none seen */
	uint64_t size;			/* newest checkpoint */
	struct hash root;
	uint64_t joined_size;		/* newest joined to all before */
	struct hash joined_root;
	struct logs_try owed;
	int64_t asked_at;		/* monotonic ms of the last LOG for it */
	uint64_t asked_size;		/* what it is to join */
	struct hash asked_root;
	/* Proofs led to these, and a newer one came before they were joined;
	 * of more than fit, a fair sample. */
	struct log_head hop[LOGS_HOPS];
	unsigned hop_count;
	uint32_t hops_met;		/* since there was none */
	enum {
		LOGS_FIRST_OPEN,	/* entry 0: nothing known */
		LOGS_FIRST_DUE,		/* to be proved in first_size */
		LOGS_FIRST_PROVEN,
	} first;
	enum logs_asking next;		/* what logs_wants found */
	enum logs_asking asking;	/* the LOG under way */
	int64_t first_at;		/* not looked at before, monotonic ms */
	uint64_t first_size;
	struct hash first_root;
	/* What a relay's later log says of the one before (logs_prior.c). */
	enum {
		LOGS_PRIOR_NONE,	/* its first that we know */
		LOGS_PRIOR_DUE,		/* nothing is sent before it is here */
		LOGS_PRIOR_WANTED,	/* was good; not proved for bundles */
		LOGS_PRIOR_HELD,	/* entry 1 is to be proved */
		LOGS_PRIOR_PROVEN,
	} prior;
	int64_t prior_at;		/* as first_at */
};

/* logs_load(agent, relay): the log the relay showed last; none is fine. */
enum err
logs_load(struct agent *agent, struct relay *relay);

/*
 * logs_checkpoint(agent, relay, note, cp):
 * Is note a checkpoint of this relay's log that may stand beside all seen?
 * Writes it down.  ERR_NOTFOUND: a log key not known here yet; ERR_LOG_SPLIT,
 * alarm raised and relay->split set; ERR_KEY_FOREIGN; verify_checkpoint's.
 */
enum err
logs_checkpoint(struct agent *agent, struct relay *relay, struct view note,
    struct verify_checkpoint *cp);

/* logs_split(agent, relay, how): raise the alarm; nothing more is sent there.
 * ERR_LOG_SPLIT. */
enum err
logs_split(struct agent *agent, struct relay *relay, const char *how);
/*
 * logs_apart(agent, relay, size, root, path, how):
 * As above, and the proof for others is kept: what the relay signed, against
 * the newest tree that everything before was joined to, with its own path
 * between the two; without one (NULL) against the newest it showed.
 */
enum err
logs_apart(struct agent *agent, struct relay *relay, uint64_t size,
    const struct hash *root, const struct merkle_path *path, const char *how);
/* logs_asked(agent, owed): it is asked now, again perhaps. */
void
logs_asked(const struct agent *agent, struct logs_try *owed);
/* logs_overdue(agent, relay, owed): asked often enough, so that a sleeping
 * machine or a lost line is not taken for it, and for a heartbeat interval. */
bool
logs_overdue(const struct agent *agent, const struct relay *relay,
    const struct logs_try *owed);
/* logs_pace(agent, relay): ms between two questions of one kind: 10 s, or
 * half of the shortest heartbeat it serves. */
int64_t
logs_pace(const struct agent *agent, const struct relay *relay);

/* logs_wants(agent, relay): a LOG request is due.  Raises the alarm when one
 * for consistency is overdue. */
bool
logs_wants(struct agent *agent, struct relay *relay);
/* logs_due(agent, relay): monotonic ms when logs_wants may turn. */
int64_t
logs_due(const struct relay *relay);
/* logs_ask(agent, relay, request): fill in the LOG request. */
void
logs_ask(const struct agent *agent, struct relay *relay,
    struct request_log *request);
/*
 * logs_prior_start(agent, relay): this log is the one looked at now: is its
 * prior still to come?  Wishes for it by KEYS.
 * logs_prior_said(agent, relay, entry): KEYS of the relay itself brought it,
 * or nothing (len 0).  Raises log_split and stops sending there if there is
 * none, or it is not this relay's word about a log of its own that fits all
 * that was seen of it; raises incomplete if it vouches for less than that.
 * logs_prior_holds(relay): nothing is to be sent there yet.
 * logs_prior_wants, logs_prior_proved: a LOG for entry 1 is due; its answer.
 * All but holds and wants: fatal errors only.
 */
enum err
logs_prior_start(struct agent *agent, struct relay *relay);
enum err
logs_prior_said(struct agent *agent, struct relay *relay, struct view entry);
bool
logs_prior_holds(const struct relay *relay);
bool
logs_prior_wants(struct agent *agent, struct relay *relay);
enum err
logs_prior_proved(struct agent *agent, struct relay *relay,
    const struct merkle_path *path);

/* For logs_prior.c.  logs_split(agent, relay, how): ERR_LOG_SPLIT, alarm,
 * nothing more goes there.  logs_base(agent, v): the newest checkpoint kept
 * of this log, into first_size and first_root; false: none is. */
enum err
logs_split(struct agent *agent, struct relay *relay, const char *how);
bool
logs_base(struct agent *agent, struct log_view *v);

/* logs_answered(agent, relay, reply): check the proof.  Fatal errors only. */
enum err
logs_answered(struct agent *agent, struct relay *relay,
    const struct reply_log *reply);

#endif
