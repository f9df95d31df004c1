/* receipt: the layout and what one receipt must obey by itself. */
#include "helper.h"
#include "proto/receipt.h"

static struct receipt
some(void)
{
	return (struct receipt){
		.kid = id_filled(1),
		.event = RECEIPT_DELIVERED,
		.channel = id_filled(2),
		.first_seq = 5,
		.last_seq = 9,
		.env_id = hash_filled(3),
		.log_id = hash_filled(4),
		.index = 1234,
		.time_at = 1790000000000,
	};
}

static enum err
again(const struct receipt *r, struct receipt *back)
{
	uint8_t bytes[RECEIPT_BYTES];

	receipt_encode(bytes, r);
	return receipt_decode(back, (struct view){bytes, sizeof(bytes)});
}

static void
keeps_every_field(void **state)
{
	struct receipt r = some(), back;

	(void)state;
	assert_int_equal(again(&r, &back), ERR_OK);
	assert_int_equal(back.event, r.event);
	assert_int_equal(back.first_seq, 5);
	assert_int_equal(back.last_seq, 9);
	assert_int_equal(back.index, 1234);
	assert_int_equal(back.time_at, 1790000000000);
	assert_true(hash_eq(&back.env_id, &r.env_id));
	assert_true(hash_eq(&back.log_id, &r.log_id));
	assert_true(id_eq(&back.channel, &r.channel));
	assert_string_equal(receipt_event_name(back.event), "delivered");
}

static void
obeys_its_rules(void **state)
{
	struct receipt r = some(), back;

	(void)state;
	r.event = 1;
	assert_int_equal(again(&r, &back), ERR_CODE);
	r.event = 7;
	assert_int_equal(again(&r, &back), ERR_CODE);
	r = some();
	r.reason = ERR_PREKEY_GONE;
	assert_int_equal(again(&r, &back), ERR_ENCODING);
	r.event = RECEIPT_UNDECRYPTABLE;
	assert_int_equal(again(&r, &back), ERR_OK);
	r.reason = 0;
	assert_int_equal(again(&r, &back), ERR_ENCODING);
	r.event = RECEIPT_EXPIRED;
	r.reason = ERR_QUOTA;
	assert_int_equal(again(&r, &back), ERR_ENCODING);
	r.reason = ERR_EXPIRED;
	assert_int_equal(again(&r, &back), ERR_OK);
	r.event = RECEIPT_REFUSED;
	r.reason = ERR_QUOTA;
	assert_int_equal(again(&r, &back), ERR_ENCODING);
	r.index = RECEIPT_NO_INDEX;
	assert_int_equal(again(&r, &back), ERR_OK);
	r = some();
	r.first_seq = 10;
	assert_int_equal(again(&r, &back), ERR_SEQ);
	r.first_seq = 0;
	assert_int_equal(again(&r, &back), ERR_SEQ);
}

static void
has_one_length(void **state)
{
	uint8_t bytes[RECEIPT_BYTES + 1] = {0};
	struct receipt r = some(), back;

	(void)state;
	receipt_encode(bytes, &r);
	for (size_t len = 0; len < RECEIPT_BYTES; len++)
		assert_int_equal(receipt_decode(&back,
		    (struct view){bytes, len}), ERR_TRUNCATED);
	assert_int_equal(receipt_decode(&back,
	    (struct view){bytes, sizeof(bytes)}), ERR_TRAILING);
	bytes[0] ^= 1;
	assert_int_equal(receipt_decode(&back,
	    (struct view){bytes, RECEIPT_BYTES}), ERR_MAGIC);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_every_field),
		cmocka_unit_test(obeys_its_rules),
		cmocka_unit_test(has_one_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
