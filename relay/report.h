/*
 * report: what relay/operate says, as text for people.
 *
 * Reads the very JSON that --json prints; names and texts from outside are
 * shown escaped.  Never decides, never asks.  Program casewire-relay only.
 */
#ifndef RELAY_REPORT_H
#define RELAY_REPORT_H

#include "base/json.h"

/* report_facts(v): an object of plain values, one aligned line each. */
void
report_facts(const struct json *v);
/* report_list(v): operate_list's pairs, witnesses, blocks and forks. */
void
report_list(const struct json *v);
/* report_witnesses(v): operate_cosign's. */
void
report_witnesses(const struct json *v);

#endif
