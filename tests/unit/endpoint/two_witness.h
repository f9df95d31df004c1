/*
 * two_witness: what the relay of two_agents has of witnesses.
 */
#ifndef TESTS_UNIT_ENDPOINT_TWO_WITNESS_H
#define TESTS_UNIT_ENDPOINT_TWO_WITNESS_H

#include <stdbool.h>

#include "proto/request.h"
#include "two_agents.h"

/* two_witness_log(r, q, reply): answer LOG cosigned or inclusions; false: it
 * asks for something else.  two_witness_done frees what it took. */
bool
two_witness_log(struct two_relay *r, const struct request *q,
    struct reply *reply);
void
two_witness_done(struct reply *reply);

#endif
