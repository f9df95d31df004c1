/*
 * opencases: which cases a side signs as open in a heartbeat.
 *
 * One function for both: for our own heartbeat, and to make the peer's tree
 * again from the heads in its link field, so that one case can be shown to an
 * auditor.  A pure function of the messages those heads cover (PROTOCOL.md
 * section 6); a set that leads to another root than was signed is not shown.
 * Reads the casebook, writes nothing.  casewired's core.
 */
#ifndef ENDPOINT_OPENCASES_H
#define ENDPOINT_OPENCASES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/hash.h"
#include "proto/notice.h"

struct agent;
struct pair;

/* One leaf; heads of the heartbeat's signer and of the other side. */
struct opencases_one {
	struct id case_id;
	struct hash own;
	struct hash peer;
};

struct opencases {
	struct opencases_one *v;	/* by case_id */
	size_t n;
	size_t size;
};

/*
 * opencases_at(agent, pair, ours, link, out):
 * The cases open for the signer (us, or the peer) at the heads in link; the
 * caller frees with opencases_free, also after an error.  ERR_STORAGE,
 * ERR_NOMEM.
 */
enum err
opencases_at(struct agent *agent, const struct pair *pair, bool ours,
    const struct notice_link *link, struct opencases *out);
void
opencases_free(struct opencases *cases);

/* opencases_sum(cases, direction, link): count and root into link; direction
 * is the signer's. */
enum err
opencases_sum(const struct opencases *cases, uint8_t direction,
    struct notice_link *link);

/*
 * opencases_show(cases, direction, link, case_id, out):
 * The path of one case under link's root.  ERR_INCOMPLETE: these are not the
 * cases that were signed; ERR_NOTFOUND: they are, and it is not among them.
 */
enum err
opencases_show(const struct opencases *cases, uint8_t direction,
    const struct notice_link *link, const struct id *case_id,
    struct notice_case *out);

#endif
