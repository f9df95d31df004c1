/*
 * web_entries: the log's entries over HTTP, for whoever shows a pass.
 *
 * Answers GET and HEAD of tile/entries/... (C2SP tlog-tiles) out of
 * relay/entries for the agency whose pass stands in "Authorization: Bearer":
 * 401 without one, 403 for one that is unknown, ended or of a blocked
 * agency, 404 for what the newest checkpoint does not cover.  No answer may
 * be kept by a cache on the way.  A tile is one range read of the store: 256
 * small entries take 85 us of the loop (20 us for their hashes), and never
 * more than 2 MiB.  Changes nothing.  Relay loop only.
 */
#ifndef RELAY_WEB_ENTRIES_H
#define RELAY_WEB_ENTRIES_H

#include "base/err.h"
#include "relay/entries.h"

struct group;
struct httpd_req;
struct passes;

/* All borrowed. */
struct web_entries {
	struct entries_parts log;
	const struct passes *passes;
	const struct group *group;
};

/* web_entries_answer(e, req): replied to; path is its {path...}, behind
 * "tile/entries/".  ERR_STORAGE: the relay must end. */
enum err
web_entries_answer(const struct web_entries *e, struct httpd_req *req);

#endif
