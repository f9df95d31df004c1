/*
 * rig: the relay's inner rooms over a real store, without socket or loop.
 */
#ifndef TESTS_RELAY_RIG_H
#define TESTS_RELAY_RIG_H

#include "relay/admit.h"
#include "relay/admitted.h"
#include "relay/group.h"
#include "relay/heads.h"
#include "relay/store.h"
#include "relay/tlog.h"
#include "tests/unit/relay/yard.h"

struct rig {
	struct yard *y;
	struct store *store;
	struct tlog *tree;
	struct keyring *keyring;
	struct admitted *admitted;
	struct heads *heads;
	struct quota *quota;
	struct group *group;
	struct admit *admit;
	struct admit_when when;
};

/* rig_open(rig, y, runs): over y's home; runs a minute, 0 = no limit. */
void
rig_open(struct rig *rig, struct yard *y, uint32_t runs);
/* rig_close(rig): what was not ended is gone; rig_open finds the rest. */
void
rig_close(struct rig *rig);
/* rig_admit(rig): both charters and all three agencies' keys, ended. */
void
rig_admit(struct rig *rig);

/* Submit by agency's transport key; the group is ended.  The status. */
enum err
rig_run(struct rig *rig, unsigned agency, const struct buf *bytes,
    struct admit_answer *answer);
enum err
rig_statement(struct rig *rig, unsigned agency, const struct buf *bytes,
    struct admit_answer *answer);
/* yard_make and rig_run by the direction's agency. */
enum err
rig_send(struct rig *rig, const struct yard_run *r, struct hash *last,
    struct admit_answer *answer);

#endif
