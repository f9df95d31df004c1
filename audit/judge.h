/*
 * judge: what a bundle proves, what it contradicts, what it lacks.
 *
 * Takes one parsed bundle through every check: charters, key statements,
 * logs and proofs, runs, chains of both directions, receipts, openings.
 * Nothing in the bundle is believed; the one thing taken from outside is the
 * charter's id.  Never stops at the first fault: it lists findings (each
 * with its code, audit/findings.h) and keeps what did verify.  No secret, no
 * file, no clock.  The auditor's process; also tests and fuzzers.
 */
#ifndef AUDIT_JUDGE_H
#define AUDIT_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/bundle.h"
#include "audit/findings.h"
#include "audit/keyring.h"
#include "audit/timeline.h"
#include "proto/fields.h"
#include "proto/notice.h"
#include "proto/run.h"

#define JUDGE_FINDINGS_MAX 1000	/* more are counted, not kept */
#define JUDGE_WORD_CHARTERS 8	/* whose words are computed, 0.5 s each */

struct judge;

/* How the auditor knows the pair, from outside the bundle. */
enum judge_pin_kind {
	JUDGE_UNPINNED,
	JUDGE_BY_ID,
	JUDGE_BY_WORDS,
};
struct judge_pin {
	enum judge_pin_kind kind;
	struct hash id;				/* a charter_id of the pair */
	uint16_t word[CHARTER_WORDS];
};

/* Ordered from best to worst. */
enum judge_verdict {
	JUDGE_VERIFIED,
	JUDGE_INCOMPLETE,
	JUDGE_FAILED,
	JUDGE_MISMATCH,
};

struct judge_finding {
	enum findings_code code;
	enum err err;		/* what the check returned, ERR_OK if none */
	char where[96];		/* "a0 seq 3 to 5"; the member or object */
	char detail[128];	/* or "" */
};

/* What happened to a message, best known. */
enum judge_fate {
	JUDGE_NO_FATE,
	JUDGE_EXPIRED,
	JUDGE_UNDECRYPTABLE,
	JUDGE_ACKED,		/* covered by a later ack_seq */
	JUDGE_DELIVERED,	/* a receipt names it */
};

/* One run that verified: what its messages have in common. */
struct judge_run {
	struct view bytes;	/* the container, in the bundle's own bytes */
	uint64_t first_seq;
	uint8_t direction;
	uint8_t lane;
	bool logged;
	bool witnessed;		/* its charter names witnesses */
	enum keyring_standing standing;
	const struct keyring_key *signer;
	struct hash log_id;	/* where it stands, if logged */
	uint64_t index;
	struct timeline_bounds bounds;
};

/* What was opened of a message. */
struct judge_shown {
	const struct fields *fields;	/* the whole message, or NULL */
	struct fields *some;	/* fields opened one by one, the outline
				 * apart; NULL: none */
	struct view outline;	/* its field 1, opened either way */
};

/*
 * One envelope that verified.  A bundle holds millions, so this is all that
 * is kept of each, and its header stays where it stands in the bundle.
 */
struct judge_message {
	const struct judge_run *run;
	struct hash env_id;
	struct judge_shown *shown;	/* never NULL */
	uint64_t fate_at;	/* the receipt signer's claim; 0: none */
	uint32_t fetched;	/* 1 + the receipt that says so; 0: none */
	uint16_t place;		/* in its run */
	uint8_t fate;		/* enum judge_fate */
	bool off_chain : 1;	/* the branch of a fork that does not count */
	bool named : 1;		/* on the branch that a recovery continues */
};
_Static_assert(sizeof(struct judge_message) == 64, "EVIDENCE.md says so");

/* judge_seq(m): its number in its channel. */
uint64_t
judge_seq(const struct judge_message *m);
/* judge_header(m): read anew from the bundle; keep it rather than ask twice. */
struct envelope_header
judge_header(const struct judge_message *m);

/* An open case that a heartbeat's own root holds. */
struct judge_case {
	const struct judge_message *beat;
	struct id case_id;
	struct hash own;	/* newest of the heartbeat's side in it */
	struct hash peer;	/* of the other side; zeros: none */
	uint32_t index;
};

/* How many of the messages that count, and what is shown of all of them. */
struct judge_tally {
	size_t all;			/* that count */
	size_t from[DIRECTION_COUNT];
	size_t logged;
	size_t fate[JUDGE_DELIVERED + 1];
	size_t bounded;			/* a witness says: before */
	size_t whole;			/* opened whole */
	size_t fields;			/* by single fields */
	size_t outline;			/* by their outline alone */
};

struct judge_channel {
	uint64_t runs;
	uint64_t messages;	/* that verified and count */
	uint64_t last_seq;
	struct hash head;	/* env_id at last_seq */
};

struct judge_log {
	const struct keyring_log *log;
	uint64_t checkpoints;
	uint64_t proofs;
	uint64_t size;		/* of the largest checkpoint */
	bool prior;		/* it says what came before it */
};

/*
 * judge_bundle(out, b, pin):
 * b outlives the judge.  ERR_NOMEM only: whatever is wrong with the evidence
 * is a finding.
 */
enum err
judge_bundle(struct judge **out, const struct bundle *b,
    const struct judge_pin *pin);

/* judge_watched(out, b, pin, watch): the same; watch->tick is told as runs
 * are taken how many messages were, of about how many. */
struct judge_watch {
	void (*tick)(void *ctx, size_t done, size_t all);
	void *ctx;
};
enum err
judge_watched(struct judge **out, const struct bundle *b,
    const struct judge_pin *pin, const struct judge_watch *watch);

/* judge_damaged(out, fault): the judgement of what bundle_read refused. */
enum err
judge_damaged(struct judge **out, const struct bundle_fault *fault);
void
judge_free(struct judge *j);

enum judge_verdict
judge_verdict(const struct judge *j);
/* judge_err(j): ERR_OK, ERR_INCOMPLETE, ERR_VERIFY or ERR_PAIRING; its exit
 * code is the program's. */
enum err
judge_err(const struct judge *j);

/* Findings, worst first; then by where they were found. */
size_t
judge_findings(const struct judge *j);
const struct judge_finding *
judge_finding_at(const struct judge *j, size_t i);
/* judge_count(j, weight): how many there were, kept or not. */
size_t
judge_count(const struct judge *j, enum findings_weight weight);
/* judge_has(j, code): true if one such was found (and kept). */
bool
judge_has(const struct judge *j, enum findings_code code);

/* What did verify. */
const struct keyring *
judge_keyring(const struct judge *j);
/* judge_pair(j): the pair, and whether the pin named it. */
const struct hash *
judge_pair(const struct judge *j);
bool
judge_pinned(const struct judge *j);
size_t
judge_messages(const struct judge *j);
const struct judge_message *
judge_message_at(const struct judge *j, size_t i);
/* judge_fetched_at(j, m): when the relay claims it was fetched; 0: never. */
uint64_t
judge_fetched_at(const struct judge *j, const struct judge_message *m);
const struct judge_tally *
judge_tally(const struct judge *j);
const struct judge_channel *
judge_channel(const struct judge *j, uint8_t direction, uint8_t lane);
size_t
judge_logs(const struct judge *j);
const struct judge_log *
judge_log_at(const struct judge *j, size_t i);
size_t
judge_receipts(const struct judge *j);	/* that verified */
size_t
judge_opened(const struct judge *j);	/* messages opened and verified */
/* judge_link(m, link): the opened link field of an opened heartbeat; false
 * if either is not shown. */
bool
judge_link(const struct judge_message *m, struct notice_link *link);
/* judge_cases(j): open cases shown under heartbeats, that verified; by
 * heartbeat (its env_id), then by case_id. */
size_t
judge_cases(const struct judge *j);
const struct judge_case *
judge_case_at(const struct judge *j, size_t i);
/* judge_bundle_of(j): what was judged, for the exporter's unsigned claims in
 * it; NULL: the file was refused. */
const struct bundle *
judge_bundle_of(const struct judge *j);
/* judge_level(j): what the exporter meant to show; 0: the file was refused. */
enum bundle_level
judge_level(const struct judge *j);

#endif
