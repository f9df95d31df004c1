/*
 * remote: a relay's log over HTTP, as a mirror reads it.
 *
 * Owns one HTTP client of one URL; http only, since what is fetched is
 * public and signed, and no redirects.  Believes nothing it brings.  Blocks;
 * casewire-audit follow and casewire-witness only, never in a loop.
 */
#ifndef AUDIT_REMOTE_H
#define AUDIT_REMOTE_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

struct remote;

/* remote_open(out, url): nothing is sent yet.  ERR_CONF, ERR_TOO_BIG. */
enum err
remote_open(struct remote **out, const char *url);
void
remote_close(struct remote **r);

/* remote_allow(r, ms): from now on, what is asked for after that many ms
 * fails at once (ERR_TIMEOUT), so that a slow relay holds up nobody else. */
void
remote_allow(struct remote *r, int64_t ms);

/*
 * remote_pass(r, token): show a pass (64 hex digits) with every request.
 * ERR_CONF unless the URL is this machine's: http is plain, and a pass sent
 * in clear is anybody's.  To reach a relay elsewhere, put a TLS tunnel's
 * local end here.
 */
enum err
remote_pass(struct remote *r, const char *token);

/* remote_fetch: a mirror_fetch; ctx is the struct remote. */
enum err
remote_fetch(void *ctx, const char *path, struct buf *out);

/* remote_bring(r, path, note, status, out): POST a note; ERR_OK for whatever
 * status came. */
enum err
remote_bring(struct remote *r, const char *path, struct view note,
    unsigned *status, struct buf *out);

#endif
