/*
 * fake_agent_priv: the fake agent's members, for fake_agent.c and fake_mail.c.
 */
#ifndef TESTS_UNIT_ENDPOINT_FAKE_AGENT_PRIV_H
#define TESTS_UNIT_ENDPOINT_FAKE_AGENT_PRIV_H

#include <stdbool.h>
#include <stdlib.h>

#include "base/db.h"
#include "endpoint/agent.h"
#include "endpoint/mail.h"
#include "endpoint/pairs.h"
#include "endpoint/timebound.h"
#include "proto/charter.h"

#define MAILS_MAX 4096

/* Also where asserts are compiled out. */
static inline void
must(bool holds)
{
	if (!holds)
		abort();
}

struct letter {
	struct mail mail;
	int64_t message;
	struct buf list;
	bool carried;
};

struct book {
	struct db *db;
	struct agent *agent;
};

struct agent {
	struct book book;
	char home[64];
	struct pair pair;
	struct charter charter;
	struct agent *peer;
	struct letter *letters;
	size_t n;
	uint64_t seq[LANE_COUNT];
	int64_t now;
	int64_t cursor;		/* book_set_int: one value is used */
	struct timebound bound;
};

/* fake_letter(agent, list): a new letter with that content. */
struct letter *
fake_letter(struct agent *agent, struct view list);

#endif
