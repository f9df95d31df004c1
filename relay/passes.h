/*
 * passes: whom an agency lets read its entries over HTTP.
 *
 * Owns the passes of all agencies: H(token), agency, name and end, as facts
 * in the store and in memory.  A token is made here, told once and not kept,
 * so a stolen store opens nothing.  This is access control to what the relay
 * holds anyway, no part of the protocol's cryptography: who steals a token
 * reads sealed runs and receipts and can forge nothing (PROTOCOL.md section
 * 13.9).  Never judges an entry (relay/entries.h).  Relay loop only.
 */
#ifndef RELAY_PASSES_H
#define RELAY_PASSES_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "proto/limits.h"

struct passes;
struct store;

struct pass {
	struct hash key;	/* H(token) */
	struct id agency;
	int64_t issued_at;	/* UTC ms, this relay's clock */
	int64_t until_at;
	char name[PASS_NAME_MAX + 1];
};

/* passes_open(out, store): ERR_STORAGE also for a fact that is none. */
enum err
passes_open(struct passes **out, struct store *store);
void
passes_free(struct passes **p);

/*
 * passes_issue(p, agency, name, until_at, now, token):
 * Inside a transaction; the token may be told once it is committed, and is
 * the caller's to wipe.  The agency's passes that ended are forgotten first.
 * ERR_DUPLICATE (it has one of that name), ERR_COUNT (PASSES_MAX),
 * ERR_EXPIRED (until_at is past), ERR_TOO_BIG (further than PASS_MS_MAX).
 */
enum err
passes_issue(struct passes *p, const struct id *agency, const char *name,
    uint64_t until_at, int64_t now, uint8_t token[PASS_TOKEN_BYTES]);
/* passes_revoke(p, agency, name): inside a transaction; ERR_NOTFOUND. */
enum err
passes_revoke(struct passes *p, const struct id *agency, const char *name);

/* passes_of(p, agency, i): the agency's i-th, or NULL past the last. */
const struct pass *
passes_of(const struct passes *p, const struct id *agency, size_t i);
/*
 * passes_find(p, token, now):
 * token as the reader wrote it (64 hexadecimal digits).  NULL: none, or its
 * time is over.  Takes equally long for every token of that form.
 */
const struct pass *
passes_find(const struct passes *p, const char *token, int64_t now);

#endif
