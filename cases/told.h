/*
 * told: from what a message says to what fold, clocks and ledger ask of it.
 *
 * The one place that knows which field of which body moves the table, dates a
 * clock or names a counter's word; where the body is not open it says so
 * (closed) and presumes what a peer's agent would else have refused.  Pure.
 */
#ifndef CASES_TOLD_H
#define CASES_TOLD_H

#include "cases/ledger.h"

/* told_outline(msg, move, said, o): from an outline alone; msg->closed, and
 * the other fields of *msg that a caller filled stay. */
void
told_outline(struct clocks_msg *msg, struct case_move *move,
    struct ledger_said *said, const struct notice_outline *o);

/* told_body(msg, move, said, b): after told_outline, where the body is open;
 * msg->closed no more. */
void
told_body(struct clocks_msg *msg, struct case_move *move,
    struct ledger_said *said, const struct notice_body *b);

/* told_single(charter, o, officers): fewer signatures than the charter's
 * sign line wants in the end (permit_owed). */
bool
told_single(const struct charter *charter, const struct notice_outline *o,
    unsigned officers);

#endif
