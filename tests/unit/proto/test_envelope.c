/* envelope: the layout, each refusal by name, the channel names. */
#include "envelopes.h"
#include "proto/label.h"

static void
keeps_every_field(void **state)
{
	struct envelope_header back;
	struct chain c;

	(void)state;
	chain_make(&c);
	assert_int_equal(envelope_header_decode(&back,
	    (struct view){c.header[3], HEADER_BYTES}), ERR_OK);
	assert_memory_equal(&back.prev, &c.env[2].env_id, sizeof(back.prev));
	assert_int_equal(back.seq, 43);
	assert_int_equal(back.created_at, 1790000000003);
	assert_int_equal(back.incarnation.random, 0xabcdef01);
	assert_memory_equal(c.header[3], "CWE1", 4);
}

/* One change to a good header and what it must be called. */
struct change {
	size_t at;
	uint8_t byte;
	enum err err;
};

static void
names_what_is_wrong(void **state)
{
	static const struct change changes[] = {
		{0, 'X', ERR_MAGIC},
		{4, 2, ERR_VERSION},
		{5, 2, ERR_SUITE},
		{231, 1, ERR_RESERVED},
		{227, 1, ERR_BUCKET},
		{225, 0xff, ERR_BUCKET},
	};
	struct envelope_header h;
	struct chain c;

	(void)state;
	chain_make(&c);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		uint8_t bytes[HEADER_BYTES];

		memcpy(bytes, c.header[0], sizeof(bytes));
		bytes[changes[i].at] = changes[i].byte;
		assert_int_equal(envelope_header_decode(&h,
		    (struct view){bytes, sizeof(bytes)}), changes[i].err);
	}
	assert_int_equal(envelope_header_decode(&h,
	    (struct view){c.header[0], HEADER_BYTES - 1}), ERR_TRUNCATED);
	assert_int_equal(envelope_header_decode(&h,
	    (struct view){c.header[0], HEADER_BYTES + 1}), ERR_TRAILING);
}

static void
checks_values(void **state)
{
	struct chain c;

	(void)state;
	chain_make(&c);
	c.h[0].seq = 0;
	assert_int_equal(chain_seal(&c, 0), ERR_SEQ);
	c.h[0].seq = UINT64_MAX;
	assert_int_equal(chain_seal(&c, 0), ERR_SEQ);
	c.h[0].seq = 1;
	assert_int_equal(chain_seal(&c, 0), ERR_PREV);
	c.h[0].prev = hash_filled(0);
	assert_int_equal(chain_seal(&c, 0), ERR_OK);
	c.h[0].n = EPOCH_MAX;
	assert_int_equal(chain_seal(&c, 0), ERR_EPOCH);
	c.h[0].n = EPOCH_MAX - 1;
	c.h[0].prekey_id = 0;
	assert_int_equal(chain_seal(&c, 0), ERR_EPOCH);
	c.h[0].prekey_id = 1;
	c.h[0].ack_seq = 0;
	assert_int_equal(chain_seal(&c, 0), ERR_ENCODING);
	c.h[0].ack_env = hash_filled(0);
	assert_int_equal(chain_seal(&c, 0), ERR_OK);
	c.h[0].incarnation.start = 0;
	assert_int_equal(chain_seal(&c, 0), ERR_INCARNATION);
}

static void
id_covers_header_and_ct(void **state)
{
	struct hash before;
	struct chain c;
	struct view header, ct;

	(void)state;
	chain_make(&c);
	before = c.env[0].env_id;
	c.ct[0][100] ^= 1;
	assert_int_equal(chain_seal(&c, 0), ERR_OK);
	assert_false(hash_eq(&before, &c.env[0].env_id));
	before = c.env[0].env_id;
	c.h[0].keep_ms = 1;
	assert_int_equal(chain_seal(&c, 0), ERR_OK);
	assert_false(hash_eq(&before, &c.env[0].env_id));
	header = c.env[0].header;
	ct = c.env[0].ct;
	ct.len--;
	assert_int_equal(envelope_decode(&c.env[1], header, ct),
	    ERR_TRUNCATED);
	ct.len += 2;
	assert_int_equal(envelope_decode(&c.env[1], header, ct), ERR_TRAILING);
	assert_int_equal(envelope_decode_bare(&c.env[1], header,
	    &c.env[0].ct_hash), ERR_OK);
	assert_true(hash_eq(&c.env[1].env_id, &c.env[0].env_id));
	assert_null(c.env[1].ct.p);
}

static void
buckets(void **state)
{
	size_t at = 0, n = 0;

	(void)state;
	assert_int_equal(envelope_bucket(1), 512);
	assert_int_equal(envelope_bucket(512), 512);
	assert_int_equal(envelope_bucket(513), 768);
	assert_int_equal(envelope_bucket(65536), 65536);
	assert_int_equal(envelope_bucket(65537), 0);
	assert_false(envelope_is_bucket(0));
	for (at = 0; at <= BUCKET_MAX + 1; at++)
		n += envelope_is_bucket(at);
	assert_int_equal(n, BUCKET_COUNT);
}

static void
channels_have_names_of_their_own(void **state)
{
	struct hash pair = hash_filled(1), other = hash_filled(2);
	struct id all[6];
	uint8_t d, l;

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		all[i] = envelope_channel(&pair, (uint8_t)(i / 3),
		    (uint8_t)(i % 3));
		for (unsigned k = 0; k < i; k++)
			assert_false(id_eq(&all[i], &all[k]));
		assert_int_equal(envelope_channel_find(&pair, &all[i], &d, &l),
		    ERR_OK);
		assert_int_equal(d, i / 3);
		assert_int_equal(l, i % 3);
		assert_int_equal(envelope_channel_find(&other, &all[i], &d,
		    &l), ERR_CHANNEL);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_every_field),
		cmocka_unit_test(names_what_is_wrong),
		cmocka_unit_test(checks_values),
		cmocka_unit_test(id_covers_header_and_ct),
		cmocka_unit_test(buckets),
		cmocka_unit_test(channels_have_names_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
