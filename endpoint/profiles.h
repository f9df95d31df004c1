/*
 * profiles: which PROFILE is in force between us and a peer, and since when.
 *
 * One is in force once each side has sent the same bytes, compared as
 * received (DIALOGUE.md "Calendars"); from then on a higher number replaces
 * it.  A message keeps the calendars that were in force when it was noted
 * here: a later PROFILE moves no due time of an earlier message.  Reads the
 * casebook's rows and opens bodies; writes nothing.  Agent core.
 */
#ifndef ENDPOINT_PROFILES_H
#define ENDPOINT_PROFILES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "proto/arena.h"
#include "proto/profile.h"

struct agent;

/* How far back each side's PROFILEs are read: there is one a year; bounds
 * what a peer can make us open at each look. */
#define PROFILES_OWN_MAX 16
#define PROFILES_PEER_MAX 64

struct profiles_one {
	int64_t agreed_at;	/* own clock: the second of the two was here */
	struct profile profile;
};
struct profiles {
	struct profiles_one v[PROFILES_OWN_MAX];
	size_t n;
	struct arena arena;	/* what they point into */
};

/* profiles_load(agent, pair, out): those both sides sent; the caller frees
 * with profiles_free, on an error too.  A shredded or unreadable one does
 * not count.  Fatal errors only. */
enum err
profiles_load(struct agent *agent, int64_t pair, struct profiles *out);
void
profiles_free(struct profiles *profiles);

/* profiles_at(profiles, at): the highest number agreed on by then, or NULL;
 * lives as long as profiles. */
const struct profile *
profiles_at(const struct profiles *profiles, int64_t at);

#endif
