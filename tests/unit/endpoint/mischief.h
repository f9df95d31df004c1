/*
 * mischief: what the tests of a hostile peer or relay have in common.
 *
 * Over two_agents.
 */
#ifndef TESTS_UNIT_ENDPOINT_MISCHIEF_H
#define TESTS_UNIT_ENDPOINT_MISCHIEF_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "endpoint/peering.h"
#include "two_agents.h"

/* How many messages party's desk got; how many alarms of code stand. */
size_t
mischief_received(const struct two_agents *two, int party);
int64_t
mischief_alarms(struct two_agents *two, int party, enum err code);
/* A notice of party, and all that follows from it. */
void
mischief_say(struct two_agents *two, int party, const char *text);
/* One message of each; time for whoever looks around now and then. */
void
mischief_talk(struct two_agents *two);
#define MISCHIEF_LOOK_MS 10000
void
mischief_looks(struct two_agents *two);
struct peering *
mischief_peering(struct two_agents *two, int party);
/* Put into the first relay's log whatever it is told to. */
struct two_item *
mischief_log(struct two_agents *two, int from, const struct id *channel,
    const uint8_t *p, size_t len);

#endif
