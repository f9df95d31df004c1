/*
 * keyring_priv: how a keyring is laid out; for keyring*.c alone.
 *
 * Every object is allocated by itself and never moves or dies before the
 * keyring, so pointers to it may be handed out.
 */
#ifndef AUDIT_KEYRING_PRIV_H
#define AUDIT_KEYRING_PRIV_H

#include "audit/keyring.h"
#include "proto/charter.h"
#include "proto/statement.h"

/* A hash table from 16-byte ids (hashes, or random) to objects. */
struct keyring_slot {
	struct id id;
	void *value;		/* NULL: free */
};
struct keyring_table {
	struct keyring_slot *slot;
	size_t n;
	size_t size;		/* 0 or a power of two, at most half full */
};

/* A list in the order of adding. */
struct keyring_list {
	void **item;
	size_t n;
	size_t size;
};

/* A held key statement. */
struct keyring_ks {
	struct view bytes;	/* statement || sig, ours */
	struct hash hash;
	struct statement_keys st;
	struct keyring_place *place;
	size_t places;
};

struct keyring_agency_held {
	struct keyring_agency a;	/* first: cast back from public */
	struct keyring_list ks;		/* ks_seq 1 at 0, without a hole */
};

struct keyring_officer_held {
	struct keyring_officer o;	/* first: cast back from public */
	struct keyring_list keys;	/* of KEY_BYTES, in blobs */
};

struct keyring_charter_held {
	struct hash id;
	struct view bytes;		/* ours */
	struct charter charter;
};

struct keyring_pair {
	struct hash id;
	struct keyring_list charters;	/* number 0 at 0 */
	struct keyring_channel channel[DIRECTION_COUNT][LANE_COUNT];
};

struct keyring {
	struct keyring_table agency, key, log, channel, officer, charter,
	    pair;
	struct keyring_list agencies, keys, logs, officers, charters, pairs;
	struct keyring_list blobs;	/* what officers point into */
};

/* All return ERR_OK or ERR_NOMEM, and change nothing on failure. */
enum err
keyring_table_put(struct keyring_table *t, const struct id *id, void *value);
void *
keyring_table_get(const struct keyring_table *t, const struct id *id);
enum err
keyring_list_add(struct keyring_list *l, void *item);
void *
keyring_list_at(const struct keyring_list *l, size_t i);
struct view
keyring_copy(const void *p, size_t len);
struct keyring_agency_held *
keyring_held(const struct keyring *kr, const struct id *agency);
/* keyring_ks_newest(a): NULL if it has none. */
struct keyring_ks *
keyring_ks_newest(const struct keyring_agency_held *a);

#endif
