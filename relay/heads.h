/*
 * heads: where each channel stands here.
 *
 * Owns in memory, read from the store at first use, what the next run of a
 * channel is held against: its newest envelope, a recovery statement that
 * names another branch, and how far its recipient was told it fetched.
 * Never decides.  Only channels of admitted charters are asked for, so the
 * table is bounded by them.  Relay loop only.
 */
#ifndef RELAY_HEADS_H
#define RELAY_HEADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "proto/envelope.h"

struct heads;
struct run;
struct statement_recovery;
struct store;

struct head {
	struct id channel;
	struct id notices;	/* lane 0 of the same direction */
	uint8_t lane;
	bool known;		/* a run or a recovery was seen */
	uint64_t index;		/* of the newest run */
	uint64_t last_seq;
	struct hash last_env;
	bool has_last;		/* last is the envelope at last_seq */
	struct envelope_header last;
	bool recovered;		/* seqs from next_seq on that were logged */
	uint64_t recovery_index; /* ... before this index do not bind */
	uint64_t next_seq;
	struct incarnation incarnation;	/* the one it names */
	bool was_fetched;
	uint64_t fetched_place;	/* told in a `fetched` receipt */
	size_t open_stretch;	/* fetched.c: its place + 1, 0 = none */
};

enum err
heads_open(struct heads **out, struct store *store);
void
heads_free(struct heads **hs);

/* heads_find(hs, channel, notices, lane, out): stays valid.  ERR_STORAGE if
 * the newest run does not decode. */
enum err
heads_find(struct heads *hs, const struct id *channel,
    const struct id *notices, uint8_t lane, struct head **out);
/* heads_run(head, run, index): a run was appended. */
void
heads_run(struct head *head, const struct run *run, uint64_t index);
/* heads_recovery(head, r, index): a recovery statement was. */
void
heads_recovery(struct head *head, const struct statement_recovery *r,
    uint64_t index);
/* heads_again(hs, head): from the store anew, after an old statement was
 * filled in.  ERR_STORAGE. */
enum err
heads_again(struct heads *hs, struct head *head);

#endif
