/*
 * agent: the endpoint's core; the only file that wires its parts.
 *
 * Owns the keys (S, I, the book key), the book and every pair's state, and
 * takes turns: gather what came from relays, desks and timers, handle all of
 * it inside ONE transaction, seal and sign what is to go out, commit, and
 * only then let effects out (frames to relays, answers to desks).  Never
 * opens a socket: frames go in and out through agent_link_*, so the daemon,
 * the tests and a simulator run the same code.  One thread of casewired.
 */
#ifndef ENDPOINT_AGENT_H
#define ENDPOINT_AGENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/hash.h"
#include "endpoint/inbox.h"
#include "endpoint/outbox.h"

struct agent;
struct book;
struct db;
struct json;
struct notice_link;
struct pair;
struct pairs;
struct secret;
struct vault;

/*
 * What the desk's side (casebook, files) hangs in.  All run inside the
 * turn's transaction and may use the book; ERR_STORAGE stops the agent, any
 * other error is told in the diag and the message stays as received.
 */
struct agent_hooks {
	/* An opened message of the peer, in the order of arrival. */
	enum err (*received)(struct agent *agent, const struct received *in);
	/* Something became known of an own message. */
	enum err (*event)(struct agent *agent, const struct outbox_event *ev);
	/* Count and root over a pair's open cases into a heartbeat's link,
	 * whose heads are filled in (PROTOCOL.md sections 6 and 13.4). */
	enum err (*open_cases)(struct agent *agent, const struct pair *pair,
	    struct notice_link *link);
	/* A cheap look at clocks and files at the end of each turn; puts the
	 * wall time it wants to be called again into *due (INT64_MAX: when
	 * agent_wake says). */
	enum err (*tick)(struct agent *agent, int64_t *due);
	/* SQL that makes the desk's tables (STRICT), or NULL. */
	const char *schema;
	const char *schema_2;	/* what format 2 of the book added, or NULL */
};

struct agent_conf {
	const char *home;		/* outlives the agent */
	struct secret *passphrase;	/* of keys/endpoint.key; borrowed */
	struct clock clock;
	const struct agent_hooks *hooks; /* NULL: none; outlives the agent */
	int64_t retain_days;		/* after a case is over; 0: for ever */
};

/*
 * agent_open(out, conf):
 * Load keys and book, count this start durably, read the pairs.  ERR_LOCKED
 * when another process owns home; ERR_PASSPHRASE, ERR_KEYFILE, ERR_STORAGE,
 * ERR_FORMAT_NEWER.  No message is sealed before a relay's HELLO has been
 * compared with the book.
 */
enum err
agent_open(struct agent **out, const struct agent_conf *conf);
/* agent_free(&agent): wipe; what was not committed never happened. */
void
agent_free(struct agent **agent);

/*
 * agent_touch(agent):
 * A desk is about to write: open the turn's transaction if it is not open
 * yet.  What may fail alone goes between book_save and book_keep or
 * book_undo.  The answer to the desk waits for agent_turn's result.
 * ERR_DRAINING after SIGTERM; ERR_STORAGE.
 */
enum err
agent_touch(struct agent *agent);

/* The parts, for reading at any time; writes only inside a turn. */
struct book *
agent_book(struct agent *agent);
struct pairs *
agent_pairs(struct agent *agent);
/* Shorthands: book_db(agent_book()), the book key, pairs_find, pairs_at. */
struct db *
agent_db(struct agent *agent);
const struct vault *
agent_vault(struct agent *agent);
const struct pair *
agent_pair(struct agent *agent, const struct hash *pair_id);
const struct pair *
agent_pair_at(struct agent *agent, size_t i);
const struct clock *
agent_clock(const struct agent *agent);
const char *
agent_home(const struct agent *agent);
/* agent_agency(agent): this endpoint's agency. */
const struct id *
agent_agency(const struct agent *agent);
/* agent_now(agent): wall ms; stands still within a turn. */
int64_t
agent_now(const struct agent *agent);

/* agent_wake(agent, at): the desk's tick is wanted at that wall time, if it
 * is not called sooner; in the past: before this turn ends. */
void
agent_wake(struct agent *agent, int64_t at);

/*
 * agent_status(agent, out):
 * Everything `doctor` shows, as a JSON object the caller frees: agency,
 * incarnation, relays (state, last round trip, log, size), pairs (charter,
 * ready or why not, prekeys), channels (heads, settled, gaps, stopped),
 * outbox counts, alarms.
 */
enum err
agent_status(struct agent *agent, struct json **out);

/*
 * agent_health(agent):
 * The one error that a person must act on first: ERR_ROLLBACK, ERR_CLONE,
 * ERR_FORK, ERR_LOG_SPLIT, ERR_UNREACHABLE, else ERR_OK.
 */
enum err
agent_health(struct agent *agent);

/*
 * Writes an operator asks for; call inside a turn (agent_touch).
 *
 * agent_recover_adopt(agent): take over the highest heads that own
 * signatures prove (PROTOCOL.md section 6, "Restore or clone").
 * ERR_UNREACHABLE if no relay was compared since the start; ERR_STATE if
 * nothing is wrong; ERR_FORK if only a recovery statement helps.
 *
 * agent_recover_statement(agent, entry): install a recovery statement signed
 * by our root and publish it.
 */
enum err
agent_recover_adopt(struct agent *agent);
enum err
agent_recover_statement(struct agent *agent, struct view entry);

/*
 * agent_charter_install(agent, dir, keys, n, psk):
 * pairs_install from files: dir/charter, charter.a.sig, charter.b.sig, n key
 * statement files, and the two courier halves or NULL.
 */
enum err
agent_charter_install(struct agent *agent, const char *dir,
    const char *const *keys, size_t n, const char *psk_file);

/* agent_backup(agent, path): book_backup; between turns or in one. */
enum err
agent_backup(struct agent *agent, const char *path);

/*
 * For the process around it (casewired_main.c) and for tests.
 *
 * agent_turn(agent): handle all that is queued.  ERR_STORAGE: exit now, with
 * its own code; nothing of the turn happened and nothing was let out.
 * agent_due(agent): monotonic ms at which a turn is wanted anyway.
 * agent_drain(agent): refuse further writes, for SIGTERM.
 */
enum err
agent_turn(struct agent *agent);
int64_t
agent_due(const struct agent *agent);
void
agent_drain(struct agent *agent);

/* What the link child is told, in order; see endpoint/link.h for the bytes.
 * agent_link_out(agent, frame): the oldest, false when there is none; it
 * stays until agent_link_pop. */
bool
agent_link_out(struct agent *agent, struct view *frame);
void
agent_link_pop(struct agent *agent);
/* agent_link_in(agent, frame): a frame of the link child; copied, handled in
 * the next turn.  ERR_BUSY: taken, but pause the pipe until then. */
enum err
agent_link_in(struct agent *agent, struct view frame);
/* agent_link_reset(agent): the child was started anew: connect again. */
void
agent_link_reset(struct agent *agent);

#endif
