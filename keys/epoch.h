/*
 * epoch: how a message key comes about.
 *
 * Owns one chain key CK_n of one channel in locked memory; nothing of it
 * ever reaches a disk, so a restored backup cannot reuse a sending key.  The
 * sender opens an epoch with a fresh E; the receiver recomputes it from what
 * a header says and its own secrets.  Which prekey, day and charter may be
 * used is the caller's rule.  PROTOCOL.md section 3.
 */
#ifndef KEYS_EPOCH_H
#define KEYS_EPOCH_H

#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "keys/box.h"
#include "keys/dh.h"
#include "keys/psk.h"
#include "proto/limits.h"

struct epoch;

/* The public inputs, X the sender, Y the receiver; th is made of these. */
struct epoch_public {
	uint8_t suite;
	struct hash charter_id;		/* of the number the header bears */
	uint8_t sx[KEY_BYTES];		/* S_X */
	uint8_t ix[KEY_BYTES];		/* I_X */
	uint8_t iy[KEY_BYTES];		/* I_Y */
	struct id channel;
	uint8_t e[KEY_BYTES];		/* E; epoch_open fills it in */
	uint64_t prekey_id;
	uint8_t py[KEY_BYTES];		/* P_Y */
	uint32_t psk_day;		/* 0 without a PSK */
};

/*
 * epoch_open(&epoch, pub, ix, psk):
 * The sender's side: draws e, writes E into pub->e and stands at n = 0.  ix
 * is I_X's secret (its public half must be pub->ix), psk is PSK_day or NULL
 * for none.  ERR_POINT if a product is zero; ERR_KEY_FOREIGN if ix or psk's
 * day is not what pub says; ERR_NOMEM.  Everything between is wiped.
 */
enum err
epoch_open(struct epoch **epoch, struct epoch_public *pub,
    const struct dh_key *ix, const struct psk *psk);

/*
 * epoch_accept(&epoch, pub, iy, py, psk):
 * The receiver's side of the same, at n = 0, from I_Y's and P_Y's secrets.
 * Errors as epoch_open.
 */
enum err
epoch_accept(struct epoch **epoch, const struct epoch_public *pub,
    const struct dh_key *iy, const struct dh_key *py, const struct psk *psk);

/* epoch_next(epoch): the n the chain stands at, EPOCH_MAX when used up. */
uint32_t
epoch_next(const struct epoch *epoch);

/*
 * epoch_keys(epoch, n, box):
 * Load box with K_e and K_f of n and step the chain to n + 1; a sender
 * passes epoch_next().  ERR_EPOCH, nothing changed, if n is before the
 * chain (a receiver then accepts the epoch anew and walks) or not below
 * EPOCH_MAX.
 */
enum err
epoch_keys(struct epoch *epoch, uint32_t n, struct box *box);

/* epoch_free(&epoch): wipe, leave it NULL; NULL within is fine. */
void
epoch_free(struct epoch **epoch);

#endif
