/*
 * judge_priv: a judgement under way; for judge*.c alone.
 *
 * The parts run in the order below, each using what the earlier ones found
 * good.  A part returns ERR_NOMEM or ERR_OK: what is wrong with the evidence
 * goes to judge_find().
 */
#ifndef AUDIT_JUDGE_PRIV_H
#define AUDIT_JUDGE_PRIV_H

#include "audit/judge.h"
#include "audit/verify.h"
#include "proto/arena.h"
#include "proto/receipt.h"
#include "proto/statement.h"

/* A proven place of a leaf. */
struct judge_place {
	struct hash leaf;
	struct keyring_place at;
	size_t tree;		/* number of the tree it is proven in */
	bool used;
};

/* What a log's signed checkpoint says. */
struct judge_tree {
	const struct keyring_log *log;
	struct hash log_id;
	uint64_t size;
	struct hash root;
	struct view note;
	size_t number;		/* one for all notes of the same tree */
};

struct judge_recovery {
	struct statement_recovery st;
};

/* Where one lane of a recovery that still stands leads: from old_env at
 * old_seq to next_seq; what lies between is lost or left behind. */
struct judge_jump {
	uint8_t direction;
	uint8_t lane;
	struct statement_recovery_lane at;
};

struct judge {
	const struct bundle *b;		/* NULL: bundle_read refused it */
	struct keyring *kr;
	struct timeline *time;
	struct arena arena;		/* fields of opened messages */
	struct judge_shown nothing;	/* of those not opened */
	struct hash pair_id;
	bool pinned;

	struct judge_finding *finding;
	size_t findings;
	size_t count[FINDINGS_MISMATCH + 1];

	struct judge_place *place;	/* sorted by leaf, then log, index */
	size_t places;
	struct judge_tree *tree;	/* signed checkpoints, by log, size */
	struct judge_tree **by_note;	/* the same, by note.p */
	size_t trees;
	struct charter_witness *witness;	/* of all charters here */
	size_t witnesses;
	struct judge_log *log;
	size_t logs;
	struct judge_recovery *recovery;
	size_t recoveries;
	struct judge_jump *jump;	/* by direction, lane, next_seq; in
					   one lane none reaches into another */
	size_t jumps;

	const struct judge_watch *watch;	/* NULL: nobody watches */
	size_t expected;		/* messages, at most */
	struct judge_run *run;		/* as in the bundle */
	size_t runs;
	struct judge_message *message;	/* by direction, lane, seq */
	size_t messages;
	uint32_t *by_env;		/* into message, sorted by env_id;
					   made when first asked for */
	bool starved;			/* no memory for it */
	struct judge_tally tally;
	struct judge_channel channel[DIRECTION_COUNT][LANE_COUNT];
	size_t first[DIRECTION_COUNT][LANE_COUNT + 1]; /* into message */
	uint64_t end[DIRECTION_COUNT][LANE_COUNT]; /* highest seq shown */
	uint64_t ack[DIRECTION_COUNT][LANE_COUNT]; /* highest this sender
						      acked of its peer's */
	struct timeline_ask *ask;	/* of runs whose charter names
					   witnesses: one a place */
	size_t asks;
	size_t pending;			/* messages no quorum bounds yet */
	size_t receipts;
	size_t opened;
	struct judge_case *open_case;	/* by env_id, then case_id */
	size_t open_cases;
};

/* judge_find(j, code, err, where, detail...): note a finding. */
void
judge_find(struct judge *j, enum findings_code code, enum err err,
    const char *where, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* judge_where(text, direction, lane, seq, last): "a0 seq 3 to 5". */
#define JUDGE_WHERE_BYTES 96
const char *
judge_where(char text[JUDGE_WHERE_BYTES], uint8_t direction, uint8_t lane,
    uint64_t seq, uint64_t last);

/* 1: charters, the pin, key statements (judge_trust.c) */
enum err
judge_trust(struct judge *j, const struct judge_pin *pin);
/* 2: checkpoints, joins, cosignatures (judge_tree.c), then proofs and places
 * (judge_log.c), which runs it */
enum err
judge_trees(struct judge *j);
enum err
judge_log(struct judge *j);
/* 3: the places of key statements, all other statements (judge_trust.c) */
enum err
judge_statements(struct judge *j);
/* judge_prior(j, entry, leaf): a `prior` that its signer may make: does it
 * stand where it must, and fit what is here of the log before? */
enum err
judge_prior(struct judge *j, struct view entry, const struct hash *leaf);
/* judge_priors(j): has every later log of a relay one? */
void
judge_priors(struct judge *j);
/* 4: runs and the messages in them (judge_run.c) */
enum err
judge_runs(struct judge *j);
/* 5: order in each channel and across the two directions (judge_chain.c) */
enum err
judge_chains(struct judge *j);
/* 6: receipts and who has none (judge_receipt.c) */
enum err
judge_receipt(struct judge *j);
/* 7: openings and officers' signatures (judge_opening.c) */
enum err
judge_opening(struct judge *j);

/* 8: open cases under the roots of opened heartbeats (judge_case.c) */
enum err
judge_open_cases(struct judge *j);

/* 9: what the exporter says of its keeping (judge_claim.c) */
void
judge_claims(struct judge *j);

/*
 * judge_place(j, leaf, i): the i-th proven place of a leaf, marked as used;
 * NULL past the last.
 */
const struct keyring_place *
judge_place(struct judge *j, const struct hash *leaf, size_t i);
/* judge_best(j, leaf, kid): where that kid's signature stands best, or NULL
 * if no place is proven. */
const struct keyring_place *
judge_best(struct judge *j, const struct hash *leaf, const struct id *kid);
/* judge_ask(j, charter, leaf, what): of each place of that leaf it is to be
 * found out when a quorum of charter's witnesses had cosigned it. */
void
judge_ask(struct judge *j, const struct charter *charter,
    const struct hash *leaf, size_t what);
/* judge_tree_of(j, note): the tree that note signs (by its address in the
 * bundle), NULL if it was refused. */
const struct judge_tree *
judge_tree_of(const struct judge *j, const uint8_t *note);
/* judge_log_name(text, log_id): "log 0a1b2c3d"; judge_log_of(j, log): its
 * counts, NULL for want of memory the first time. */
void
judge_log_name(char text[JUDGE_WHERE_BYTES], const struct hash *log_id);
struct judge_log *
judge_log_of(struct judge *j, const struct keyring_log *log);
/* judge_tree(j, log_id, size): what that log signed at that size, or NULL. */
const struct judge_tree *
judge_tree(const struct judge *j, const struct hash *log_id, uint64_t size);
/* judge_by_env(j, env_id), judge_by_seq(j, d, l, seq): the message that
 * counts, else one that does not, or NULL.  Without memory for its index the
 * first finds nothing and the judgement fails as a whole (j->starved). */
struct judge_message *
judge_by_env(struct judge *j, const struct hash *env_id);
struct judge_message *
judge_by_seq(const struct judge *j, uint8_t direction, uint8_t lane,
    uint64_t seq);
/* judge_from_seq: index of the channel's first message with at least seq, or
 * of the next channel's. */
size_t
judge_from_seq(const struct judge *j, uint8_t direction, uint8_t lane,
    uint64_t seq);
/* judge_strays(j): proofs nothing used. */
void
judge_strays(struct judge *j);

/* What recovery statements say of a channel (judge_recovery.c) */
enum err
judge_jumps(struct judge *j);
/* judge_jump(j, direction, lane, seq): the first jump whose next_seq is seq or
 * above, or NULL. */
const struct statement_recovery_lane *
judge_jump(const struct judge *j, uint8_t direction, uint8_t lane,
    uint64_t seq);
/* judge_lost(j, direction, lane, seq): declared lost by a recovery. */
bool
judge_lost(const struct judge *j, uint8_t direction, uint8_t lane,
    uint64_t seq);
/* judge_missing: seqs first to last are not here: say which of them were
 * declared lost and which are missing. */
void
judge_missing(struct judge *j, uint8_t direction, uint8_t lane,
    uint64_t first, uint64_t last);
/* judge_unlost: something names seqs first to last.  Those of them that were
 * declared lost and are not here existed all the same: missing. */
void
judge_unlost(struct judge *j, uint8_t direction, uint8_t lane,
    uint64_t first, uint64_t last, const char *by);

#endif
