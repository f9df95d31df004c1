/*
 * ledger: who owed whom what in a period, and what came of it.
 *
 * Owns DIALOGUE.md's table of counters as data, and adds up what fold, clocks
 * and ladder say of each case, for both parties by the same rules.  A counter
 * is a set of messages, so that two sides that differ find out by which; what
 * needs a body that is not open is counted as "closed", never as nothing.
 * Decides no verdict.  Pure; both endpoints and the auditor run it.
 */
#ifndef CASES_LEDGER_H
#define CASES_LEDGER_H

#include "cases/ladder.h"

/* More than two agencies say in ten years; bounds memory (20 MiB) and, at 65
 * bytes each, the dossier. */
#define LEDGER_ENTRIES_MAX (1u << 19)
#define LEDGER_OPENS_MAX (1u << 16)
#define LEDGER_PARTIES 2		/* the charter's a, b */
#define LEDGER_WORDS_MAX 12		/* of one group */

/* ---- the table ---- */

/* Of the two parties, whose figure it is. */
enum ledger_whose {
	LEDGER_ASKED,		/* the requested side of the case */
	LEDGER_AUTHOR,		/* who wrote the message counted */
	LEDGER_OTHER,		/* the other one */
	LEDGER_OWING,		/* who owes the clock */
};

/* What a counter's figure needs besides outlines; told by "closed". */
enum ledger_needs {
	LEDGER_OUTLINES,	/* nothing */
	LEDGER_BODIES,		/* each message's body */
	LEDGER_DATES,		/* bodies where a date or a DELAY decides */
};

struct ledger_group {
	const char *name;	/* "refusals" */
	enum ledger_whose whose;
	enum ledger_needs needs;
	const char *word[LEDGER_WORDS_MAX];	/* NULL after the last */
};

/* ledger_group(i): the i-th, NULL past the last.  Those of clocks follow all
 * others, their words are the verdicts'. */
const struct ledger_group *
ledger_group(unsigned i);
/* ledger_find(name): a group's place, or -1; ledger_word(group, word): a
 * word's place in it, or -1. */
int
ledger_find(const char *name);
int
ledger_word(unsigned group, const char *word);
/* ledger_clock(kind, event): the group of a clock that was started by that
 * message type: a reply is owed to a CONSULT or to a PUBLICITY_NOTICE. */
unsigned
ledger_clock(enum clocks_kind kind, uint16_t event);

/* ---- what comes out ---- */

struct ledger_entry {
	uint8_t party;
	uint8_t group;
	uint8_t word;
	struct hash env_id;
};

/* A case that waits for `party`. */
struct ledger_open {
	uint8_t party;		/* whose case it is to answer */
	uint8_t urgency;
	uint8_t state;		/* enum case_state */
	uint8_t phase;		/* enum notice_outcome of its last STATUS */
	struct id case_id;
	struct hash env_id;	/* of its REQUEST */
	uint64_t since_at;	/* ledger_at of it */
};

enum ledger_time {
	LEDGER_TO_ACK,
	LEDGER_TO_DECISION,
	LEDGER_TO_RESULT,
	LEDGER_TIMES,
};
/* From a clock's start to what ended it, in ms; lo by the nearest bounds of
 * evidence, hi by the farthest, LEDGER_UNBOUNDED where there is none. */
#define LEDGER_UNBOUNDED CALENDAR_NEVER
struct ledger_times {
	size_t n;
	uint64_t median_lo, median_hi;
	uint64_t p90_lo, p90_hi;
};

/* How long one answer took. */
struct ledger_took {
	uint8_t party;
	uint8_t what;		/* enum ledger_time */
	struct hash env_id;	/* of the message that started the clock */
	uint64_t lo, hi;
};

struct ledger {
	uint64_t from_at;	/* the period */
	uint64_t until_at;	/* is not in it */
	uint64_t as_of_at;	/* up to where messages were taken */
	struct ledger_entry *entry;	/* once ended: by party, group, word,
					 * env_id, each once */
	size_t entries, entries_size;
	struct ledger_open *open;	/* by party, then case_id */
	size_t opens, opens_size;
	struct ledger_times times[LEDGER_PARTIES][LEDGER_TIMES];
	struct ledger_took *took;	/* until ended */
	size_t tooks, tooks_size;
};

/* ---- what goes in ---- */

/* What a message says besides its struct clocks_msg. */
struct ledger_said {
	uint64_t claimed_at;	/* its header's time */
	bool exercise;
	unsigned kind;		/* REQUEST: enum notice_kind */
	unsigned ground;	/* DECISION: enum notice_ground */
};

struct ledger_file {
	struct id case_id;
	uint8_t asker;		/* the party that is CASE_REQUESTING */
	bool priority;		/* on a PRIORITY_LIST that stands */
	const struct casefile *file;
	const struct clocks_msg *msgs;	/* as clocks_eval had them */
	const struct ledger_said *said;	/* one for each of them */
	size_t n;
	const struct clocks *clocks;
	const struct ladder *ladder;
};

/*
 * ledger_at(msg, said):
 * The one time by which a message belongs to a period: the upper bound of
 * its being handed over, else of its signing, else its sender's own claim.
 */
uint64_t
ledger_at(const struct clocks_msg *msg, const struct ledger_said *said);

/* ledger_begin(ledger, from_at, until_at, as_of_at): empty. */
void
ledger_begin(struct ledger *ledger, uint64_t from_at, uint64_t until_at,
    uint64_t as_of_at);
void
ledger_free(struct ledger *ledger);

/*
 * ledger_case(ledger, c):
 * Add one case, folded and evaluated at as_of_at.  Cases come in any order;
 * one that comes twice counts once.  An exercise adds nothing.  ERR_NOMEM,
 * ERR_TOO_BIG.
 */
enum err
ledger_case(struct ledger *ledger, const struct ledger_file *c);

/* ledger_put(ledger, entry), _open, _took: one by one, in any order: for
 * ledger_case, and for whoever reads a dossier.  ERR_TOO_BIG, ERR_NOMEM. */
enum err
ledger_put(struct ledger *ledger, const struct ledger_entry *entry);
enum err
ledger_put_open(struct ledger *ledger, const struct ledger_open *open);
enum err
ledger_put_took(struct ledger *ledger, const struct ledger_took *took);

/* ledger_end(ledger): no more cases; what stands above can be read.
 * ERR_NOMEM. */
enum err
ledger_end(struct ledger *ledger);

/* ledger_count(ledger, party, group, word): how many; *first (may be NULL)
 * points at that many entries, NULL at none. */
size_t
ledger_count(const struct ledger *ledger, unsigned party, unsigned group,
    unsigned word, const struct ledger_entry **first);

/*
 * ledger_diff(a, b, fn, ctx):
 * Call fn for what only one of two ended ledgers has (in_a tells which): a
 * counter's message, or an open case (entry NULL).  Returns how many.
 */
typedef void ledger_diff_fn(void *ctx, const struct ledger_entry *entry,
    const struct ledger_open *open, bool in_a);
size_t
ledger_diff(const struct ledger *a, const struct ledger *b,
    ledger_diff_fn *fn, void *ctx);

#endif
