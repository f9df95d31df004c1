/*
 * verbs: what a desk writes, each word once.
 *
 * Owns the table of verbs that the API's paths, the command line and a case's
 * moves share: which message type a verb writes, how its JSON names the
 * outcome, and which clocks its outline names.  No state, no I/O.
 */
#ifndef ENDPOINT_VERBS_H
#define ENDPOINT_VERBS_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/notice.h"

struct verbs_verb {
	const char *verb;
	enum notice_type type;
	const char *outcome_key;	/* its name in JSON; NULL: none */
	enum notice_outcome usual;	/* where JSON names none */
	bool opens;			/* may be a case's first message */
};

/* verbs_find(word), verbs_of(type): NULL if there is none. */
const struct verbs_verb *
verbs_find(const char *word);
const struct verbs_verb *
verbs_of(enum notice_type type);

/*
 * verbs_clocks(outline, body, names):
 * The clock ids that the outline is to name (DIALOGUE.md, "Clocks"): those
 * that messages of its type start or stop, and of the named ones those that
 * the body asks for.  A DELAY and an ESCALATE name exactly the one they are
 * about.  Returns how many; texts are static or the body's.
 */
#define VERBS_CLOCKS_MAX 8
size_t
verbs_clocks(const struct notice_outline *outline,
    const struct notice_body *body, const char *names[VERBS_CLOCKS_MAX]);

#endif
