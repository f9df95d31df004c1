/*
 * served: a log in memory, served truly and in every wrong way.
 *
 * One log of up to LEAVES entries; a test says how it is shown, then lets a
 * mirror or a witness look by served_fetch.
 */
#ifndef TESTS_AUDIT_SERVED_H
#define TESTS_AUDIT_SERVED_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/mirror.h"
#include "keys/sign.h"
#include "proto/tile.h"

#define LEAVES 70000		/* past a third level's first hash */

extern struct hash served_leaf[LEAVES];
extern struct sign_key *served_key;		/* the log's */
extern char served_origin[NOTE_NAME_MAX + 1];

/* The log as it is served. */
struct served {
	uint64_t size;		/* what the checkpoint says */
	const struct sign_key *signer;
	const char *origin;
	uint64_t fork;		/* this leaf is another one; UINT64_MAX: none */
	const char *bent;	/* path of a tile with one bit changed */
	const char *short_;	/* path of a tile that ends early */
	const char *gone;	/* path that is not there */
	bool no_partials;	/* of tiles that are full by now */
	uint64_t grown;		/* how far tiles are full */
	unsigned asked;
	unsigned cut;		/* nobody answers from this request on */
	bool away;		/* nor before */
	const struct note_sig *more;	/* one more line of the checkpoint */
};
extern struct served served;

/* served_new(name), served_free(): the log and its key; origin name/id. */
void
served_new(const char *name);
void
served_free(void);
/* served_reset(size): truly, at that size. */
void
served_reset(uint64_t size);
/* served_row: a tile's row, roots of 256^level leaves each. */
void
served_row(unsigned level, uint64_t first, unsigned n, struct hash *row);
/* served_checkpoint(out): append the note as it is shown. */
void
served_checkpoint(struct buf *out);
/* served_fetch: a mirror_fetch. */
enum err
served_fetch(void *ctx, const char *path, struct buf *out);

#endif
