/*
 * review: a dossier as a table, as JSON, as CSV and as a page to print.
 *
 * The same figures each time, both parties side by side; what outlines do not
 * tell is marked, never shown as zero.  Texts are escaped by base/show.
 * Decides nothing.  The auditor's process, and whoever shows a dossier.
 */
#ifndef AUDIT_REVIEW_H
#define AUDIT_REVIEW_H

#include <stdio.h>

#include "audit/judge.h"
#include "cases/dossier.h"

struct review {
	const struct judge *j;		/* what it was counted from */
	const struct dossier *d;
	size_t hidden;			/* reckon_bundle's */
	struct hash digest;
};

/* review_text(r, f): ERR_IO, ERR_NOMEM. */
enum err
review_text(const struct review *r, FILE *f);
/* review_json(r, out), review_csv(r, out), review_html(r, name, out): append;
 * name is the file judged, as it was given. */
enum err
review_json(const struct review *r, struct buf *out);
enum err
review_csv(const struct review *r, struct buf *out);
enum err
review_html(const struct review *r, const char *name, struct buf *out);

/* review_party(r, party): its name in the newest charter, or "a", "b". */
const char *
review_party(const struct review *r, unsigned party);
/* review_notes(r, out): append sentences: how far these figures go. */
void
review_notes(const struct review *r, struct buf *out);

#endif
