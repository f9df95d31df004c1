/*
 * fake_agent: two desks joined by a wire that the test holds in its hand.
 *
 * Stands in for the agent's core (agent.h, outbox.h, mail.h, pairs.h) without
 * a key: what is put out waits until the test seals it, and is carried over
 * when the test says so, in the order it says.  The desk's own tables are
 * real, in a database of its own.  For the tests of casebook, desk and files.
 */
#ifndef TESTS_UNIT_ENDPOINT_FAKE_AGENT_H
#define TESTS_UNIT_ENDPOINT_FAKE_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

struct agent;
struct pair;

/* fake_pair(a, b): two agents of one pair, a being party a. */
void
fake_pair(struct agent **a, struct agent **b);
void
fake_free(struct agent **agent);
/* fake_seal(agent): everything waiting gets its seq and env_id. */
void
fake_seal(struct agent *agent);
/* fake_carry(from): deliver all sealed and not yet delivered, in order; the
 * sender learns `submitted` and `delivered`.  Returns how many. */
size_t
fake_carry(struct agent *from);
/* fake_carry_one(from, nth): only the nth of those, 0 the oldest. */
void
fake_carry_one(struct agent *from, size_t nth);
/* fake_reseal(from, nth): the peer cannot open it: sealed anew with tag 6,
 * behind all others. */
void
fake_reseal(struct agent *from, size_t nth);
/* fake_inject(to, lane, list): a message of the peer, straight into `to`. */
void
fake_inject(struct agent *to, uint8_t lane, const void *list, size_t len);
/* fake_wait(agent, ms): time passes, then the tick. */
void
fake_wait(struct agent *agent, int64_t ms);
/* fake_lose(agent): an own envelope on lane 0 of which only the env_id and
 * the seq are known, as after a restore. */
struct hash
fake_lose(struct agent *agent);
/* fake_charter(agent): the pair's, for the test to write clocks into. */
struct charter;
struct charter *
fake_charter(struct agent *agent);
/* fake_pass(agent, ms): time passes and nothing looks. */
void
fake_pass(struct agent *agent, int64_t ms);
/* fake_restart(agent): its process ends and another opens the same book. */
void
fake_restart(struct agent *agent);
/* fake_charter(agent): the pair's, for the test to write clocks into. */
struct charter;
struct charter *
fake_charter(struct agent *agent);
/* fake_restart(agent): its process ends, another opens the same book. */
void
fake_restart(struct agent *agent);
/* fake_heads(agent, link): where its lanes 0 and 1 stand and how far it has
 * taken in the peer's without a hole, as its heartbeat would sign. */
struct notice_link;
void
fake_heads(const struct agent *agent, struct notice_link *link);
/* fake_bound(agent, bound): what witnesses say of every message. */
struct timebound;
void
fake_bound(struct agent *agent, const struct timebound *bound);
const struct pair *
fake_the_pair(const struct agent *agent);
const char *
fake_home(const struct agent *agent);

#endif
