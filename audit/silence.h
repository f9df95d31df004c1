/*
 * silence: what a side's own heartbeats say of its open cases.
 *
 * One heartbeat, the path of one case under its root, and the messages that
 * this names say together what its signer had said and had received in that
 * case when it signed: no more.  States that exactly, with the bounds of
 * time of the heartbeat.  Decides no verdict.  Pure; the auditor's process.
 * PROTOCOL.md section 6 (Silence).
 */
#ifndef AUDIT_SILENCE_H
#define AUDIT_SILENCE_H

#include <stddef.h>

#include "audit/outline.h"
#include "base/bytes.h"

struct json;

#define SILENCE_SHOWN_MAX 256	/* of one file; a person reads them */

/* What the newest word of the heartbeat's side knew of the other's newest. */
enum silence_word {
	SILENCE_NONE,		/* there was no word: nothing was answered */
	SILENCE_BEFORE,		/* it names an earlier one, or none, as seen */
	SILENCE_KNEW,		/* it names that one or a later one as seen */
	SILENCE_UNTOLD,		/* not here, not open, or names what is not */
};

struct silence {
	const struct judge_case *at;
	const struct outline_row *beat;
	const struct outline_row *own;	/* its side's newest in the case, */
	const struct outline_row *peer;	/* the other's; NULL: none, or not
					 * here (at tells which) */
	enum silence_word word;
	const struct outline_row *seen;	/* what own names, or NULL */
	const struct outline_row *later; /* the other side's first message in
					 * the case above the heads signed */
	size_t laters;
};

/* silence_read(s, j, o, i): of judge_case_at(j, i). */
void
silence_read(struct silence *s, const struct judge *j,
    const struct outline *o, size_t i);

/* silence_show(s, out): append sentences, unescaped. */
void
silence_show(const struct silence *s, struct buf *out);
/* silence_list_json(j, o): all shown, as an array; the caller frees it. */
struct json *
silence_list_json(const struct judge *j, const struct outline *o);

#endif
