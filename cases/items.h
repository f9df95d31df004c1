/*
 * items: what is no request but waits for the other side's word.
 *
 * Owns the table of DIALOGUE.md that says which message opens an item and
 * which answers it: a LEAD and its FEEDBACK, a CONSULT and its REPLY, an
 * ESCALATE and its ESC_ANSWER.  An item is named by the env_id that opened
 * it and lives in a case, with a request or without.  For casefile.c.  Pure.
 */
#ifndef CASES_ITEMS_H
#define CASES_ITEMS_H

#include "cases/casefile.h"

struct item_row {
	uint16_t opens;		/* message type */
	uint16_t opens_as;	/* outcome; 0: any */
	uint16_t answers;	/* 0: nothing answers it */
	uint16_t answers_as;
	bool closes;		/* the answer ends it */
};

/* items_row(i): the i-th row of the table, NULL past the end. */
const struct item_row *
items_row(size_t i);

/* items_answer(item, event): may a message of that type answer it? */
bool
items_answer(const struct case_item *item, uint16_t event);

/* items_guards(file, side, move): CASE_GUARD_ITEM, _MINE or _CASE, by what
 * move->answers names. */
unsigned
items_guards(const struct casefile *file, enum case_side side,
    const struct case_move *move);

/* items_room(file, move): false if it opens an item and there is no room. */
bool
items_room(const struct casefile *file, const struct case_move *move);

/* items_move(file, side, env_id, move, guards): a message that was allowed by
 * a row with these guards opens, answers or withdraws an item, or none. */
void
items_move(struct casefile *file, enum case_side side,
    const struct hash *env_id, const struct case_move *move, unsigned guards);

#endif
