/*
 * sign: secret Ed25519 keys, each for one purpose.
 *
 * Owns the secret half in locked memory, and refuses to sign what does not
 * open with a label its purpose allows: no root key can sign a run, no log
 * key a key statement ("one key for two purposes" is never, PROTOCOL.md
 * section 12).  It never learns what the bytes behind the label mean.  Agent
 * core, relay, the custodian's tools; any thread, no thread of its own.
 */
#ifndef KEYS_SIGN_H
#define KEYS_SIGN_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "proto/limits.h"

struct sign_key;

/* What a key may sign. */
enum sign_use {
	SIGN_ROOT = 1,	/* keys, charter-sig, recovery */
	SIGN_AGENT,	/* S of an endpoint: run, receipt, prekey */
	SIGN_RELAY,	/* S of a relay: receipt, prior */
	SIGN_LOG,	/* log key: C2SP notes only */
	SIGN_CUSTODIAN,	/* officer (certificates) */
	SIGN_OFFICER,	/* officer (approvals inside messages) */
	SIGN_WITNESS,	/* cosignatures only (sign_note) */
};

/*
 * sign_new(&key, use): a fresh random key.
 * sign_from_seed(&key, use, seed): the key of a 32-byte seed the caller
 * wipes.  ERR_NOMEM when locked memory is used up.
 */
enum err
sign_new(struct sign_key **key, enum sign_use use);
enum err
sign_from_seed(struct sign_key **key, enum sign_use use,
    const uint8_t seed[KEY_BYTES]);

/* sign_public, sign_kid: valid as long as the key. */
const uint8_t *
sign_public(const struct sign_key *key);
const struct id *
sign_kid(const struct sign_key *key);

/* sign_seed(key): the 32 secret bytes in locked memory, for keyfile only. */
const uint8_t *
sign_seed(const struct sign_key *key);

/*
 * sign_labelled(key, label, p, len, sig):
 * Sign the len bytes at p.  ERR_KEY_FOREIGN, nothing signed, unless they
 * begin with label (LABEL_* of proto/label.h) and its NUL and the key's use
 * allows that label.
 */
enum err
sign_labelled(const struct sign_key *key, const char *label, const void *p,
    size_t len, uint8_t sig[SIG_BYTES]);

/*
 * sign_note(key, p, len, sig):
 * Sign the text of a C2SP note with a log key, of a cosignature with a
 * witness key.  ERR_KEY_FOREIGN for any other use, for the other one's text
 * (a cosignature opens with its own line), or if the text contains a NUL
 * (then it could be a labelled statement; a note never does).
 */
enum err
sign_note(const struct sign_key *key, const void *p, size_t len,
    uint8_t sig[SIG_BYTES]);

/* sign_free(&key): wipe, leave it NULL; NULL within is fine. */
void
sign_free(struct sign_key **key);

#endif
