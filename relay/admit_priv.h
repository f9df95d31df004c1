/*
 * admit_priv: what the two halves of admission share.
 *
 * For admit.c (runs) and admit_statement.c (everything else) only.
 */
#ifndef RELAY_ADMIT_PRIV_H
#define RELAY_ADMIT_PRIV_H

#include "base/bytes.h"
#include "proto/arena.h"
#include "relay/admit.h"

/* Channels one statement is fed to: one a pair of its agency. */
#define ADMIT_FEEDS_MAX ((size_t)1 << 16)

struct admit {
	struct admit_parts p;
	struct arena arena;	/* the run that passes */
	struct arena beside;	/* a stored run it is held against */
	struct buf feeds;	/* struct id each */
	unsigned forks;		/* kept so far */
};

#endif
