/*
 * outline: who told whom what when, as far as a bundle shows it.
 *
 * Puts what was judged into one order, reads the opened outlines, and
 * tightens the bounds of time along each unbroken chain: a message was
 * signed after what it follows and before what follows it.  States where
 * a request has no answer, and up to which message that is certain.  Decides
 * no verdict, believes no clock.  Pure; the auditor's process.  Domain:
 * "Three levels", PROTOCOL.md sections 6 (Silence) and 8.
 */
#ifndef AUDIT_OUTLINE_H
#define AUDIT_OUTLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/judge.h"

struct outline;

struct outline_row {
	const struct judge_message *m;
	bool opened;		/* the outline; what follows says nothing
				 * else */
	struct id case_id;	/* zeros: about no case */
	unsigned type;		/* enum notice_type */
	unsigned outcome;	/* enum notice_outcome */
	unsigned urgency;
	struct timeline_bounds bounds;	/* at least as tight as m's */
};

/* A request that nobody decided on here. */
struct outline_silence {
	const struct outline_row *request;
	uint8_t direction;	/* who owes the answer */
	const struct outline_row *last;	/* its last word in the case, or
					 * NULL */
	bool certain;		/* all it signed on lanes 0 and 1 up to end
				 * is here and open, and is no answer; its
				 * last heartbeat names no more, and no
				 * finding is bad */
	const struct outline_row *end[2]; /* NULL: nothing on that lane */
	const struct outline_row *beat;	/* its last heartbeat whose link is
					 * open, or NULL: what it signed of
					 * where its lane 1 stood */
	uint64_t beat_seq;	/* there; 0: nothing was on it */
};

/* outline_new(j): NULL for want of memory.  j outlives it. */
struct outline *
outline_new(const struct judge *j);
void
outline_free(struct outline *o);

/* Rows: each channel in the order of seq; across channels by log index where
 * one log holds both, else by the times claimed. */
size_t
outline_rows(const struct outline *o);
const struct outline_row *
outline_row_at(const struct outline *o, size_t i);

/* Silences, one a case, in the order of case_id. */
size_t
outline_silences(const struct outline *o);
const struct outline_silence *
outline_silence_at(const struct outline *o, size_t i);

/* outline_answers(type): a DECISION, RESULT or TRANSFER. */
bool
outline_answers(unsigned type);

#endif
