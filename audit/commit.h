/*
 * commit: does this opening lead to the C in the signed header?
 *
 * What an auditor may be shown of an envelope: one field, or one whole
 * message with its K_f.  Recomputes C and compares; keeps nothing, decrypts
 * nothing.  Pure; any thread.  PROTOCOL.md section 4.
 */
#ifndef AUDIT_COMMIT_H
#define AUDIT_COMMIT_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "proto/fields.h"

/*
 * commit_message(fields, opening, c):
 * opening = K_f[32] | u32 len | fields without pad.  fields borrows opening.
 * ERR_COMMITMENT, or why it does not parse.
 */
enum err
commit_message(struct fields *fields, struct view opening,
    const struct hash *c);

/* commit_field(field, opening, c): the same of one field's opening. */
enum err
commit_field(struct field *field, struct view opening, const struct hash *c);

/*
 * commit_leads_to(got, whole, opening):
 * The C that an opening (of a whole message, or of one field) leads to,
 * whichever envelope bears it.  ERR_OK, or why it does not parse.
 */
enum err
commit_leads_to(struct hash *got, bool whole, struct view opening);

#endif
