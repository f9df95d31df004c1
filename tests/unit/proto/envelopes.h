/*
 * envelopes: a chain of envelopes with random-looking content, for tests.
 */
#ifndef UNIT_PROTO_ENVELOPES_H
#define UNIT_PROTO_ENVELOPES_H

#include "helper.h"
#include "proto/envelope.h"

#define CHAIN_MAX 8

struct chain {
	uint8_t header[CHAIN_MAX][HEADER_BYTES];
	uint8_t ct[CHAIN_MAX][BUCKET_MIN + TAG_BYTES];
	struct envelope env[CHAIN_MAX];
	struct envelope_header h[CHAIN_MAX];
};

/* Encode h[i] as it now stands and decode it into env[i]. */
static inline enum err
chain_seal(struct chain *c, size_t i)
{
	envelope_header_encode(c->header[i], &c->h[i]);
	return envelope_decode(&c->env[i],
	    (struct view){c->header[i], HEADER_BYTES},
	    (struct view){c->ct[i], sizeof(c->ct[i])});
}

static inline void
chain_make(struct chain *c)
{
	memset(c, 0, sizeof(*c));
	for (size_t i = 0; i < CHAIN_MAX; i++) {
		struct envelope_header *h = &c->h[i];

		*h = (struct envelope_header){
			.suite = ENVELOPE_SUITE,
			.charter = 3,
			.channel = id_filled(0xc1),
			.kid = id_filled(0x51),
			.incarnation = {.start = 7, .random = 0xabcdef01},
			.seq = 40 + i,
			.prev = i ? c->env[i - 1].env_id : hash_filled(0x77),
			.prekey_id = 5,
			.psk_day = 2,
			.n = (uint32_t)i,
			.c = hash_filled((int)i + 1),
			.created_at = 1790000000000 + i,
			.ack_seq = 9,
			.ack_env = hash_filled(0x99),
			.ct_len = BUCKET_MIN + TAG_BYTES,
		};
		memset(h->e, 0xee, sizeof(h->e));
		memset(c->ct[i], (int)i + 0x30, sizeof(c->ct[i]));
		assert_int_equal(chain_seal(c, i), ERR_OK);
	}
}

#endif
