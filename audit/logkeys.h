/*
 * logkeys: which log keys a person trusts, from files and texts.
 *
 * Gathers the keys a mirror accepts checkpoints by: from a charter and the
 * key statements of its relays, from statements taken as given, from keys as
 * signed notes write them.  Holds no secret.  Any program that follows a
 * log, at its start.
 */
#ifndef AUDIT_LOGKEYS_H
#define AUDIT_LOGKEYS_H

#include <stddef.h>

#include "audit/mirror.h"
#include "base/err.h"

#define LOGKEYS_MAX 16

struct keyring;

/* All zeros: nothing yet. */
struct logkeys {
	struct mirror_key key[LOGKEYS_MAX];
	size_t count;
	struct keyring *keyring;	/* of the charters, if any */
};

/* logkeys_charter(l, path): from here on a statement counts only if a relay
 * of a charter named made it.  Before any statement.  Said in the diag. */
enum err
logkeys_charter(struct logkeys *l, const char *path);
/* logkeys_parties(l, path): after logkeys_charter of the same; where both
 * signatures lie beside it (PATH.a.sig, PATH.b.sig) the charter's parties
 * are known too, and their statements count.  Said in the diag. */
enum err
logkeys_parties(struct logkeys *l, const char *path);
/* logkeys_statement(l, path): a relay's key statement; without a charter
 * whose root made it is taken as given.  Said in the diag. */
enum err
logkeys_statement(struct logkeys *l, const char *path);
/* logkeys_text(l, text): name+hash+base64; ERR_USAGE if it is none. */
enum err
logkeys_text(struct logkeys *l, const char *text);
/* logkeys_done(l): after the last; ERR_USAGE if there is no key. */
enum err
logkeys_done(struct logkeys *l);
void
logkeys_free(struct logkeys *l);

#endif
