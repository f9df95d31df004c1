/*
 * reckon: a bundle's cases, folded, timed and counted as the parties do.
 *
 * Turns the outlines and bodies a bundle shows into what cases/ asks for:
 * fold, clocks, ladder, ledger.  Times are the bounds of the charter's
 * witnesses, durations those of the charter each message names, calendars
 * those of PROFILEs that both sides signed and that are open here.  Decides
 * nothing itself, believes no clock.  The auditor's process.  EVIDENCE.md
 * "How the auditor counts".
 */
#ifndef AUDIT_RECKON_H
#define AUDIT_RECKON_H

#include "audit/outline.h"
#include "cases/dossier.h"

struct reckon {
	uint64_t from_at;
	uint64_t until_at;	/* not in it */
	uint64_t as_of_at;	/* not before until_at */
};

/*
 * reckon_bundle(d, hidden, o, j, period):
 * The dossier of what is open here.  *hidden: messages on case channels of
 * which not even the outline is: figures are then a part.  ERR_NOMEM,
 * ERR_TOO_BIG (a case, or the period, over the limits of cases/).  The caller
 * frees *d with dossier_free, on an error too.
 */
enum err
reckon_bundle(struct dossier *d, size_t *hidden, const struct outline *o,
    const struct judge *j, const struct reckon *period);

#endif
