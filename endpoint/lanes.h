/*
 * lanes: the six channels of each pair as rows.
 *
 * Owns the table channel: heads, what is settled and acked, the newest
 * epoch's public facts, whether the channel is stopped.  Agent core.
 */
#ifndef ENDPOINT_LANES_H
#define ENDPOINT_LANES_H

#include "base/err.h"
#include "endpoint/peering.h"

struct agent;
struct book;

const char *
lanes_schema(void);

/* lanes_load(book, pg): fill own[] and peer[]; missing rows are zero. */
enum err
lanes_load(struct book *book, struct peering *pg);
enum err
lanes_save_own(struct book *book, const struct peering *pg, uint8_t lane);
enum err
lanes_save_peer(struct book *book, const struct peering *pg, uint8_t lane);

/* lanes_forget(pg): wipe all chains, so the next envelope opens an epoch. */
void
lanes_forget(struct peering *pg);
/* lanes_forget_own(pg, lane): one sending chain only. */
void
lanes_forget_own(struct peering *pg, uint8_t lane);

#endif
