/*
 * web: the relay's log for everybody to read, over HTTP.
 *
 * Owns one HTTP server in the relay's loop that answers GET and HEAD:
 * /checkpoint and /tile/... in the layout of C2SP tlog-tiles, which any
 * cache may keep, and, where it listens on loopback, /metrics and /healthz.
 * The one thing it takes is a witness's note, POSTed to /add-cosignature.
 * Shows what the newest signed checkpoint covers and never more: hashes to
 * anybody, entries to whom a party gave a pass (relay/web_entries.h).
 * Changes nothing itself (relay/cosign does).  Relay loop only.
 * PROTOCOL.md sections 8, 13.9 and 13.10.
 */
#ifndef RELAY_WEB_H
#define RELAY_WEB_H

#include <stdbool.h>

#include "base/err.h"
#include "relay/web_entries.h"

struct cosign;
struct front;
struct group;
struct httpd;
struct park;
struct tlog;
struct turn;
struct web;

/* All borrowed. */
struct web_parts {
	struct tlog *tree;
	const struct group *group;
	struct cosign *cosign;
	const struct turn *turn;	/* this and below: for /metrics */
	const struct park *park;
	const struct front *front;
	const char *home;		/* whose disk is shown */
	unsigned disk_floor;		/* percent */
	struct web_entries entries;
	bool entries_open;		/* also where it is not loopback:
					 * somebody puts TLS in front */
};

/*
 * web_open(out, listen, parts, broken, ctx):
 * Listen on "127.0.0.1:8701" or "[::1]:8701" (port 0: any); another address
 * of this machine serves the log alone, and no entries unless entries_open.
 * broken(ctx) is called when the
 * store failed, so that the relay must end.  ERR_CONF, ERR_IO, ERR_NOMEM.
 */
enum err
web_open(struct web **out, const char *listen, const struct web_parts *parts,
    void (*broken)(void *ctx), void *ctx);
void
web_close(struct web **w);
/* web_httpd(w): for loop_serve. */
struct httpd *
web_httpd(const struct web *w);

#endif
