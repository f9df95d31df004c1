/*
 * two_relay: what two_agents.c needs of the relay that is a list.
 */
#ifndef TESTS_UNIT_ENDPOINT_TWO_RELAY_H
#define TESTS_UNIT_ENDPOINT_TWO_RELAY_H

#include "base/merkle.h"
#include "proto/note.h"
#include "two_agents.h"

/* two_relay_begin: entry 0 is its own key statement, fed to nobody. */
void
two_relay_begin(struct two_relay *r);
/* two_relay_frame: one frame of a party; the answer goes into its agent. */
void
two_relay_frame(struct two_agents *two, int relay, int party, uint8_t slot,
    struct view frame);
/* two_relay_feed: answer a parked FETCH if there is something now. */
bool
two_relay_feed(struct two_agents *two, int relay, int party, uint8_t slot);
/* two_relay_sign: the text of its log's checkpoint of that size, and the log's
 * line.  two_relay_prove: entry i in the tree of that size. */
void
two_relay_sign(const struct two_relay *r, size_t size, struct buf *body,
    struct note_sig *line);
void
two_relay_prove(const struct two_relay *r, size_t size, size_t i,
    struct merkle_path *path);
void
two_relay_free(struct two_relay *r);

#endif
