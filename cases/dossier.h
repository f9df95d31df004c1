/*
 * dossier: a period's ledger as bytes that both sides reach alike.
 *
 * The text `casewire/1 dossier` (PROTOCOL.md "Dossier"): exactly one for one
 * pair and ledger, LF, no locale.  It travels as an attachment of a DOSSIER,
 * whose body names its digest, SHA-256 of the bytes; nothing new is signed.
 * Read back strictly: what parses is written back to the same bytes.  Pure.
 */
#ifndef CASES_DOSSIER_H
#define CASES_DOSSIER_H

#include "base/bytes.h"
#include "cases/ledger.h"

/* LEDGER_ENTRIES_MAX and LEDGER_OPENS_MAX lines, and a counter for each. */
#define DOSSIER_MAX (64u * 1024 * 1024)

struct dossier {
	struct hash pair_id;
	struct ledger ledger;	/* ended */
};

/* dossier_write(out, d): append the bytes.  ERR_ENCODING (a time no calendar
 * has), ERR_TOO_BIG, ERR_NOMEM. */
enum err
dossier_write(struct buf *out, const struct dossier *d);

/*
 * dossier_read(d, text, line):
 * *line (may be NULL): the first wrong one, from 1; 0: none by itself, the
 * whole is not in its one form.  ERR_TOO_BIG (DOSSIER_MAX, or more entries
 * than a ledger holds), ERR_VERSION (first line), ERR_SYNTAX, ERR_ENCODING,
 * ERR_NOMEM.  The caller frees *d with dossier_free, on ERR_OK only.
 */
enum err
dossier_read(struct dossier *d, struct view text, size_t *line);
void
dossier_free(struct dossier *d);

/* dossier_digest(text): what the DOSSIER's body names. */
struct hash
dossier_digest(struct view text);

/* dossier_time_name(what): "ack"; as in the text. */
const char *
dossier_time_name(enum ledger_time what);

#endif
