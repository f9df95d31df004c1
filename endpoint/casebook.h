/*
 * casebook: cases, the messages in them, and each case's fold kept current.
 *
 * Owns the tables casefile, case_message, case_carrier, case_envelope and
 * case_news of the book; what a message says stays in mail's.  State is
 * folded anew from all messages of the case (cases/casefile.h) whenever one
 * comes or evidence about one changes, in the transaction that brought it.
 * Never touches a socket, never begins or ends a transaction.  Runs in
 * casewired's core, one thread.
 */
#ifndef ENDPOINT_CASEBOOK_H
#define ENDPOINT_CASEBOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "cases/casefile.h"
#include "proto/fields.h"
#include "proto/notice.h"

struct agent;
struct agent_hooks;
struct json;
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
	uint8_t lane;
	const struct notice_outline *outline;
	const struct notice_body *body;
	int64_t head;		/* revision of the case its author saw;
				 * 0 for a REQUEST */
};

/*
 * casebook_write(agent, out, message):
 * Inside a turn.  Hold it against the case's head and the table, hand it to
 * the outbox, note it, fold.  ERR_HEAD_MOVED, ERR_STATE, ERR_REQUIRED,
 * ERR_MISSING_CASE, ERR_EXISTS with nothing changed; the outbox's errors;
 * ERR_STORAGE.
 */
enum err
casebook_write(struct agent *agent, const struct casebook_out *out,
    int64_t *message);

/* A case as the desk sees it. */
struct casebook_case {
	struct id case_id;
	int64_t pair;		/* pair.number */
	enum case_side ours;	/* which side we are */
	struct casefile file;
	int64_t revision;	/* messages noted: the head a write names */
	uint8_t urgency;
	int64_t opened_at;
	int64_t moved_at;
};

/* casebook_get(agent, case_id, out): ERR_MISSING_CASE. */
enum err
casebook_get(struct agent *agent, const struct id *case_id,
    struct casebook_case *out);

/*
 * casebook_find(agent, prefix, case_id):
 * The one case whose hex id starts with prefix (at least 4 digits).
 * ERR_MISSING_CASE, or ERR_USAGE when several do.
 */
enum err
casebook_find(struct agent *agent, const char *prefix, struct id *case_id);

/*
 * casebook_newest(agent, case_id, side, type, env_id):
 * The newest sealed message of that type that stands; zeros if none.
 */
enum err
casebook_newest(struct agent *agent, const struct id *case_id,
    enum case_side side, enum notice_type type, struct hash *env_id);

/* One message, for whoever shows it (endpoint/casejson.h). */
struct casebook_message {
	int64_t message;	/* for mail_get: its newest envelope */
	int64_t first;		/* local id as given by casebook_write */
	struct id case_id;
	int64_t revision;	/* which message of the case, from 1 */
	bool own;
	struct case_msg m;	/* without was */
	int64_t at;		/* own clock: written or received */
	int64_t evidence_at[5];	/* by bit number of CASE_EVIDENCE_*; 0: not */
	enum err evidence_why;	/* of the newest negative one */
	enum err peer_code;	/* the peer's REJECT of it, or ERR_OK */
	struct hash peer_env;	/* and that REJECT's env_id */
};

/* casebook_message(agent, first, out): ERR_NOTFOUND. */
enum err
casebook_message(struct agent *agent, int64_t first,
    struct casebook_message *out);

typedef enum err casebook_visit(void *ctx, const struct casebook_message *m);
/* casebook_each(agent, case_id, after, visit, ctx): messages of a case with a
 * revision above after, in the order noted; visit's error stops. */
enum err
casebook_each(struct agent *agent, const struct id *case_id, int64_t after,
    casebook_visit *visit, void *ctx);

typedef enum err casebook_visit_case(void *ctx,
    const struct casebook_case *c);
/* casebook_each_case(agent, visit, ctx): newest movement first. */
enum err
casebook_each_case(struct agent *agent, casebook_visit_case *visit,
    void *ctx);

/* Something that moved: a message noted, or evidence about an own one. */
struct casebook_news {
	int64_t cursor;		/* rising */
	int64_t message;	/* first local id */
	int what;		/* 0: noted, else enum outbox_what */
	int64_t at;
	enum err why;
};
typedef enum err casebook_visit_news(void *ctx,
    const struct casebook_news *news);
/* casebook_each_news(agent, after, max, visit, ctx): oldest first. */
enum err
casebook_each_news(struct agent *agent, int64_t after, size_t max,
    casebook_visit_news *visit, void *ctx);
/* casebook_cursor(agent): the newest movement's number, 0: none yet. */
int64_t
casebook_cursor(struct agent *agent);

#endif
