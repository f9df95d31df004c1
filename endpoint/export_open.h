/*
 * export_open: which messages a bundle opens, how far, and the openings.
 *
 * One field is opened with its own salt and path, so that the K_f of its
 * message, and with it every other field, stays closed; one message is
 * opened by its K_f.  Chooses and encodes; writes no file and changes
 * nothing.  Runs in casewired's core.  PROTOCOL.md section 4; EVIDENCE.md
 * sections 1 and 2.
 */
#ifndef ENDPOINT_EXPORT_OPEN_H
#define ENDPOINT_EXPORT_OPEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/bundle.h"
#include "base/err.h"
#include "base/hash.h"

struct agent;
struct pair;

#define EXPORT_OPEN_MESSAGES_MAX 256

/* What to open; at BUNDLE_SEALED nothing may be chosen. */
struct export_choice {
	enum bundle_level level;
	const struct id *case_id;	/* NULL: every case */
	uint16_t field;		/* 0: as the level says; else, at BUNDLE_OPEN,
				 * this tag and the outline, no K_f */
	const struct id *silence;	/* NULL, or: show this case as open under
				 * one heartbeat too (export_silence) */
	int64_t at;		/* the first signed then or later by its own
				 * clock; 0: the newest */
	bool own;		/* one of ours, not of the peer's */
	size_t messages;	/* 0: every message */
	const char *message[EXPORT_OPEN_MESSAGES_MAX];
	    /* each the number of a message in case_id ("3", up to 6 digits)
	     * or at least 8 digits of an env_id */
};

/* export_open_field(name): the tag of "outline", "body", "officers", "link",
 * "chunk", "again", "manifest"; 0 for another word. */
uint16_t
export_open_field(const char *name);

struct fields;

/* export_open_fields(bundle, env_id, fields, kf, tag): open the outline, and
 * the field of that tag if there is one; salts of others are not shown. */
enum err
export_open_fields(struct bundle *bundle, const struct hash *env_id,
    const struct fields *fields, const uint8_t *kf, uint16_t tag);

/*
 * export_open_add(agent, pair, choice, bundle, wrong):
 * Add what is chosen to bundle.  A message whose content was never opened
 * here, is shredded or stands in no log yet, is left out unless it was named.  ERR_USAGE (a word
 * that is neither form, a number without a case, digits that several
 * envelopes share, something chosen at BUNDLE_SEALED) and ERR_NOTFOUND (no
 * such message here, or none with that field), with *wrong the word meant or
 * static text; ERR_NOMEM, ERR_STORAGE with *wrong NULL.
 */
enum err
export_open_add(struct agent *agent, const struct pair *pair,
    const struct export_choice *choice, struct bundle *bundle,
    const char **wrong);

#endif
