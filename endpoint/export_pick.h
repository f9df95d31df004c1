/*
 * export_pick: which message a person means by a word.
 *
 * "3" is the number of a message in a case, at least 8 hex digits the start
 * of an env_id.  One message of the desk may have been several envelopes
 * (sealed again); each of them is it.  Reads the casebook only.  Agent's
 * side of export.
 */
#ifndef ENDPOINT_EXPORT_PICK_H
#define ENDPOINT_EXPORT_PICK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

struct book;
struct mail;

/* A word, understood. */
struct export_pick {
	int64_t message;	/* caserows_msg.id, or 0: by prefix */
	const char *prefix;	/* borrowed; NULL: by number */
	size_t found;		/* envelopes export_pick_is said yes to */
};

/* export_pick_word(book, case_id, word, pick): case_id may be NULL.
 * ERR_USAGE (neither form, or a number without a case), ERR_NOTFOUND (no
 * message of that number), ERR_STORAGE. */
enum err
export_pick_word(struct book *book, const struct id *case_id,
    const char *word, struct export_pick *pick);
/* export_pick_is(book, pick, mail): is that envelope meant?  Counts it. */
bool
export_pick_is(struct book *book, struct export_pick *pick,
    const struct mail *mail);
/* export_pick_found(pick): after all were asked: ERR_NOTFOUND for none,
 * ERR_USAGE if the digits are of several. */
enum err
export_pick_found(const struct export_pick *pick);

#endif
