/*
 * envelope: the 232-byte header, env_id and channel names.
 *
 * Owns the header's layout (PROTOCOL.md section 5) and the checks one header
 * allows by itself.  Never sees a key, a plaintext or another envelope; the
 * order between envelopes is proto/run.h's and the receiver's.  Pure.
 */
#ifndef PROTO_ENVELOPE_H
#define PROTO_ENVELOPE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "proto/limits.h"

#define ENVELOPE_SUITE 1	/* the only one spoken; 2 is kept */

enum envelope_lane {
	LANE_NOTICE = 0,
	LANE_EMERGENCY = 1,
	LANE_FILE = 2,
};
#define LANE_COUNT 3

/* Direction of a channel: who sends. */
enum envelope_direction {
	FROM_A = 0,
	FROM_B = 1,
};
#define DIRECTION_COUNT 2

/* Which start of the sender's process made it; see section 6. */
struct incarnation {
	uint32_t start;		/* start count, rising */
	uint32_t random;
};

/* All fields of section 5 as values. */
struct envelope_header {
	uint8_t suite;
	uint16_t charter;	/* charter number */
	struct id channel;
	struct id kid;		/* of S */
	struct incarnation incarnation;
	uint64_t seq;		/* from 1 */
	struct hash prev;	/* env_id of seq - 1 */
	uint8_t e[KEY_BYTES];	/* E, the epoch's public key */
	uint64_t prekey_id;	/* from 1 */
	uint32_t psk_day;
	uint32_t n;		/* index in the epoch, < EPOCH_MAX */
	struct hash c;		/* commitment C */
	uint64_t created_at;	/* UTC ms, a claim */
	uint64_t keep_ms;	/* 0 = the charter's */
	uint64_t ack_seq;	/* 0: none settled */
	struct hash ack_env;	/* zeros if none */
	uint32_t ct_len;	/* bucket + TAG_BYTES */
};

/* One envelope as received: its exact bytes and what follows from them. */
struct envelope {
	struct view header;	/* HEADER_BYTES */
	struct view ct;		/* {NULL, 0} where only H(CT) is held */
	struct hash ct_hash;
	struct hash env_id;
	struct envelope_header h;
};

/* envelope_header_encode(out, h): lay h out; checks nothing. */
void
envelope_header_encode(uint8_t out[HEADER_BYTES],
    const struct envelope_header *h);

/*
 * envelope_header_decode(h, bytes):
 * Exactly HEADER_BYTES.  In this order (section 13.5): ERR_TRUNCATED,
 * ERR_TRAILING, ERR_MAGIC, ERR_VERSION, ERR_SUITE, ERR_RESERVED (trailing
 * zero field), ERR_BUCKET, ERR_SEQ (seq 0, or seq 2^64-1), ERR_INCARNATION
 * (start count 0), ERR_EPOCH (prekey_id 0 or n >= EPOCH_MAX), ERR_PREV
 * (seq 1 with a prev), ERR_ENCODING (ack_seq 0 with an ack_env or the
 * reverse).
 */
enum err
envelope_header_decode(struct envelope_header *h, struct view bytes);

/*
 * envelope_decode(env, header, ct):
 * Decode the header, check ct against its ct_len (ERR_TRUNCATED or
 * ERR_TRAILING), hash.  Borrows both views.
 */
enum err
envelope_decode(struct envelope *env, struct view header, struct view ct);

/* envelope_decode_bare(env, header, ct_hash): the same without CT. */
enum err
envelope_decode_bare(struct envelope *env, struct view header,
    const struct hash *ct_hash);

/* envelope_id(header, ct_hash): H(0x00 || label env || header || H(CT)). */
struct hash
envelope_id(const uint8_t header[HEADER_BYTES], const struct hash *ct_hash);

/* envelope_channel(pair_id, direction, lane): the channel's name. */
struct id
envelope_channel(const struct hash *pair_id, uint8_t direction, uint8_t lane);

/*
 * envelope_channel_find(pair_id, channel, direction, lane):
 * Which of the pair's six channels it is; ERR_CHANNEL if none.
 */
enum err
envelope_channel_find(const struct hash *pair_id, const struct id *channel,
    uint8_t *direction, uint8_t *lane);

/* envelope_bucket(len): the smallest bucket holding len plaintext bytes, its
 * 0x80 included in len; 0 when none does. */
size_t
envelope_bucket(size_t len);

/* envelope_is_bucket(len): len is one of the BUCKET_COUNT sizes. */
bool
envelope_is_bucket(size_t len);

#endif
