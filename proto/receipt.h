/*
 * receipt: the signed events of delivery (PROTOCOL.md section 7).
 *
 * Layout and what one receipt must obey by itself.  Verifying its signature
 * is keys/'s, judging whether its signer may say so audit/'s.  Pure.
 */
#ifndef PROTO_RECEIPT_H
#define PROTO_RECEIPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "proto/limits.h"

enum receipt_event {
	RECEIPT_REFUSED = 2,		/* relay; never logged */
	RECEIPT_FETCHED = 3,		/* relay */
	RECEIPT_DELIVERED = 4,		/* receiving agent */
	RECEIPT_UNDECRYPTABLE = 5,	/* receiving agent */
	RECEIPT_EXPIRED = 6,		/* relay */
};

/* The index of a refused receipt: never in the log. */
#define RECEIPT_NO_INDEX UINT64_MAX

struct receipt {
	struct id kid;
	uint8_t event;		/* enum receipt_event */
	uint16_t reason;	/* enum err; 0 for fetched, delivered;
				   ERR_EXPIRED for expired */
	struct id channel;
	uint64_t first_seq;
	uint64_t last_seq;
	struct hash env_id;	/* at last_seq */
	struct hash log_id;
	uint64_t index;		/* of the run that holds last_seq */
	uint64_t time_at;	/* UTC ms, the signer's clock: a claim */
};

#define RECEIPT_BYTES 150	/* 19 label, 131 fields */

/* receipt_encode(out, r): the bytes to sign. */
void
receipt_encode(uint8_t out[RECEIPT_BYTES], const struct receipt *r);

/*
 * receipt_decode(r, statement):
 * Exactly RECEIPT_BYTES.  ERR_MAGIC (label), ERR_CODE (event), ERR_ENCODING
 * (a reason where none belongs or none where one does; expired with any but
 * ERR_EXPIRED), ERR_SEQ (first_seq 0 or above last_seq), ERR_ENCODING
 * (refused with an index or another without).
 */
enum err
receipt_decode(struct receipt *r, struct view statement);

/* receipt_event_name(event): "delivered"; "unknown" for others. */
const char *
receipt_event_name(uint8_t event);

#endif
