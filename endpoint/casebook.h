/*
 * casebook: messages and cases as rows, and each case's fold kept current.
 *
 * Owns the tables message, message_key, message_env and casefile of the book.
 * What a message says lies sealed under a key of its own; deleting that
 * key's row shreds it.  State is folded anew from all messages of the case
 * (cases/casefile.h) whenever one comes or evidence about one changes, in
 * the transaction that brought it.  Never touches a socket, never begins or
 * ends a transaction.  Runs in casewired's core, one thread.
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

struct agent;
struct db;
struct vault;
struct json;

/* casebook_schema(): the SQL of this module's tables (book.c joins them). */
const char *
casebook_schema(void);

/* An opened domain message of the peer. */
struct casebook_in {
	struct hash pair_id;
	uint8_t lane;
	uint64_t seq;
	struct hash env_id;
	int64_t created_at;	/* the sender's claim */
	int64_t received_at;	/* our clock */
	const struct fields *fields;
};

/*
 * casebook_received(agent, in):
 * Note an opened lane 0 or 1 message (not HEARTBEAT), inside the turn's
 * transaction; fold its case again; put a REJECT into the outbox if the
 * dialogue forbids it or it cannot be read.  What a peer wrote is never an
 * error here: ERR_STORAGE, ERR_NOMEM only, the turn must be rolled back.
 */
enum err
casebook_received(struct agent *agent, const struct casebook_in *in);

enum casebook_evidence {
	CASEBOOK_SEALED,	/* has its env_id now (first or again) */
	CASEBOOK_SUBMITTED,	/* inclusion proof checked */
	CASEBOOK_REFUSED,	/* by the relay, with a reason */
	CASEBOOK_DELIVERED,	/* receipt, or ack_seq reached it */
	CASEBOOK_UNDECRYPTABLE,	/* receipt; it will be sealed again */
	CASEBOOK_EXPIRED,
};

/* Something became known about an envelope of our own. */
struct casebook_event {
	enum casebook_evidence kind;
	int64_t message;	/* outgoing.message given to outbox_put */
	uint8_t lane;		/* SEALED: where and as what it went out */
	uint64_t seq;
	struct hash env_id;
	int64_t at;		/* the evidence's own time, else our clock */
	enum err reason;	/* REFUSED, UNDECRYPTABLE, EXPIRED */
};

/*
 * casebook_event(agent, event):
 * Inside the turn's transaction.  A message unknown here (heartbeat, file)
 * is no error.  SEALED again resets what was known of the older envelope.
 */
enum err
casebook_event(struct agent *agent, const struct casebook_event *event);

/* casebook_open_case: one leaf of a heartbeat's open-case root. */
struct casebook_open_case {
	struct id case_id;
	struct hash head_a;	/* newest env_id from party a, zeros: none */
	struct hash head_b;
};

/*
 * casebook_open_cases(agent, pair_id, out, n):
 * All open cases of a pair, sorted by case_id; the caller frees *out with
 * free(3).
 */
enum err
casebook_open_cases(struct agent *agent, const struct hash *pair_id,
    struct casebook_open_case **out, size_t *n);

/* A message of our own desk, complete and not yet noted. */
struct casebook_out {
	struct hash pair_id;
	struct id case_id;
	uint8_t lane;
	uint16_t type;
	const struct fields *fields;
	int64_t head;		/* revision of the case its author saw;
				 * 0 for a REQUEST, -1 for the agent's own */
};

/*
 * casebook_write(agent, out, message):
 * Hold it against the case's head and the table, note it, hand it to the
 * outbox, fold.  ERR_HEAD_MOVED, ERR_STATE, ERR_REQUIRED, ERR_MISSING_CASE
 * with nothing changed; ERR_STORAGE.
 */
enum err
casebook_write(struct agent *agent, const struct casebook_out *out,
    int64_t *message);

/* A case as the desk sees it. */
struct casebook_case {
	struct id case_id;
	struct hash pair_id;
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

/* JSON for the API; NULL on a storage error, said in the diag. */
/* casebook_list_json: every case, newest movement first, one line each. */
struct json *
casebook_list_json(struct agent *agent);
/* casebook_case_json: one case with its messages, receipts, next moves. */
struct json *
casebook_case_json(struct agent *agent, const struct id *case_id);
/* casebook_since_json: the messages of a case noted after revision. */
struct json *
casebook_since_json(struct agent *agent, const struct id *case_id,
    int64_t revision);
/*
 * casebook_news_json(agent, after, max, inbox):
 * Movements after cursor `after` (messages noted and evidence), oldest
 * first; inbox: only the peer's messages.  {"cursor": N, "items": [...]}.
 */
struct json *
casebook_news_json(struct agent *agent, int64_t after, size_t max,
    bool inbox);
/* casebook_cursor(agent): the newest movement's number. */
int64_t
casebook_cursor(struct agent *agent);

#endif
