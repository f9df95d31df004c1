/* fields: order, padding, commitment and openings. */
#include "helper.h"
#include "proto/fields.h"
#include "proto/envelope.h"

static uint8_t salts[FIELDS_MAX * SALT_BYTES];

static void
salts_fill(void)
{
	for (size_t i = 0; i < sizeof(salts); i++)
		salts[i] = (uint8_t)(i * 31 + 7);
}

static struct fields
some(void)
{
	struct fields f = {0};

	assert_int_equal(fields_add(&f, 1, view_of("outline")), ERR_OK);
	assert_int_equal(fields_add(&f, 2, view_of("body")), ERR_OK);
	assert_int_equal(fields_add(&f, 3, view_of("sigs")), ERR_OK);
	assert_int_equal(fields_add(&f, 9, view_of("")), ERR_OK);
	return f;
}

static void
tags_rise_from_one(void **state)
{
	struct fields f = {0};

	(void)state;
	assert_int_equal(fields_add(&f, 2, view_of("x")), ERR_FIELD_ORDER);
	assert_int_equal(fields_add(&f, 1, view_of("x")), ERR_OK);
	assert_int_equal(fields_add(&f, 1, view_of("x")), ERR_FIELD_ORDER);
	assert_int_equal(fields_add(&f, 0x8000, view_of("x")),
	    ERR_FIELD_ORDER);
	for (uint16_t t = 2; t <= FIELDS_MAX; t++)
		assert_int_equal(fields_add(&f, t, view_of("x")), ERR_OK);
	assert_int_equal(fields_add(&f, 65, view_of("x")), ERR_FIELD_COUNT);
	assert_int_equal(fields_find(&f, 64)->value.len, 1);
	assert_null(fields_find(&f, 65));
}

static void
pads_to_the_smallest_bucket(void **state)
{
	static uint8_t value[BUCKET_MAX], plain[BUCKET_MAX + 1];
	struct fields f, back;
	struct wr wr;

	(void)state;
	for (size_t len = 480; len < 1100; len++) {
		f.n = 0;
		assert_int_equal(fields_add(&f, 1,
		    (struct view){value, len}), ERR_OK);
		wr = wr_init(plain, sizeof(plain));
		fields_encode_padded(&wr, &f);
		assert_int_equal(wr.err, ERR_OK);
		assert_int_equal(wr.len, envelope_bucket(len + 7));
		assert_int_equal(fields_decode_padded(&back,
		    (struct view){plain, wr.len}), ERR_OK);
		assert_int_equal(back.f[0].value.len, len);
	}
	f.n = 0;
	assert_int_equal(fields_add(&f, 1,
	    (struct view){value, BUCKET_MAX - 7}), ERR_OK);
	f.n = 0;
	assert_int_equal(fields_add(&f, 1,
	    (struct view){value, BUCKET_MAX - 6}), ERR_TOO_BIG);
}

static void
refuses_wrong_padding(void **state)
{
	static uint8_t plain[1024];
	struct fields f = some(), back;
	struct wr wr = wr_init(plain, sizeof(plain));
	size_t len = fields_len(&f);

	(void)state;
	fields_encode_padded(&wr, &f);
	assert_int_equal(fields_decode_padded(&back,
	    (struct view){plain, 512}), ERR_OK);
	assert_int_equal(fields_decode_padded(&back,
	    (struct view){plain, 768}), ERR_PADDING);
	assert_int_equal(fields_decode_padded(&back,
	    (struct view){plain, 511}), ERR_PADDING);
	plain[511] = 1;
	assert_int_equal(fields_decode_padded(&back,
	    (struct view){plain, 512}), ERR_PADDING);
	plain[511] = 0x80;	/* a second mark: the list has junk behind */
	assert_int_not_equal(fields_decode_padded(&back,
	    (struct view){plain, 512}), ERR_OK);
	plain[511] = 0;
	plain[len] = 0;
	assert_int_not_equal(fields_decode_padded(&back,
	    (struct view){plain, 512}), ERR_OK);
	memset(plain, 0, sizeof(plain));
	assert_int_equal(fields_decode_padded(&back,
	    (struct view){plain, 512}), ERR_PADDING);
}

static void
decodes_what_it_encodes_and_nothing_shorter(void **state)
{
	uint8_t list[256];
	struct fields f = some(), back;
	struct wr wr = wr_init(list, sizeof(list));

	(void)state;
	fields_encode(&wr, &f);
	assert_int_equal(fields_decode(&back, (struct view){list, wr.len}),
	    ERR_OK);
	assert_int_equal(back.n, 4);
	assert_memory_equal(back.f[1].value.p, "body", 4);
	assert_int_equal(fields_decode(&back, (struct view){list, 0}),
	    ERR_FIELD_COUNT);
	assert_int_equal(fields_decode(&back, (struct view){list, 12}),
	    ERR_TRUNCATED);
	list[2] = 0xff;		/* a length of 4 GiB */
	assert_int_equal(fields_decode(&back, (struct view){list, wr.len}),
	    ERR_TRUNCATED);
	list[2] = 0;
	list[14] = 1;		/* the second field's tag: 1 again */
	assert_int_equal(fields_decode(&back, (struct view){list, wr.len}),
	    ERR_FIELD_ORDER);
}

static void
each_field_opens_alone(void **state)
{
	struct fields f = some();
	struct fields_opening o, back;
	struct buf bytes = buf_init(1024);
	struct hash c = fields_commitment(&f, salts), got;

	(void)state;
	for (unsigned i = 0; i < f.n; i++) {
		fields_open(&o, &f, salts, i);
		buf_reset(&bytes);
		assert_int_equal(fields_opening_encode(&bytes, &o), ERR_OK);
		assert_int_equal(fields_opening_decode(&back,
		    buf_view(&bytes)), ERR_OK);
		assert_int_equal(fields_opening_commitment(&got, &back),
		    ERR_OK);
		assert_true(hash_eq(&got, &c));
		for (size_t at = 0; at < bytes.len; at++) {
			bytes.p[at] ^= 0x10;
			if (!fields_opening_decode(&back, buf_view(&bytes)) &&
			    !fields_opening_commitment(&got, &back))
				assert_false(hash_eq(&got, &c));
			bytes.p[at] ^= 0x10;
		}
		bytes.len--;
		assert_int_equal(fields_opening_decode(&back,
		    buf_view(&bytes)), ERR_PATH_LENGTH);
	}
	buf_free(&bytes);
}

static void
commitment_tells_lists_apart(void **state)
{
	struct fields f = some(), g = some();
	struct hash a = fields_commitment(&f, salts), b;

	(void)state;
	g.n--;
	b = fields_commitment(&g, salts);
	assert_false(hash_eq(&a, &b));
	g = f;
	g.f[3].tag = 10;
	b = fields_commitment(&g, salts);
	assert_false(hash_eq(&a, &b));
	g = f;
	g.f[1].value = view_of("bodi");
	b = fields_commitment(&g, salts);
	assert_false(hash_eq(&a, &b));
}

static void
officers_sign_all_but_signatures(void **state)
{
	struct fields f = some(), g = {0};
	struct hash pair = hash_filled(3);
	uint8_t a[OFFICER_TBS_BYTES], b[OFFICER_TBS_BYTES];

	(void)state;
	assert_int_equal(fields_add(&g, 1, view_of("outline")), ERR_OK);
	assert_int_equal(fields_add(&g, 2, view_of("body")), ERR_OK);
	assert_int_equal(fields_add(&g, 9, view_of("")), ERR_OK);
	fields_officer_tbs(a, &pair, 0, 1, &f);
	fields_officer_tbs(b, &pair, 0, 1, &g);
	assert_memory_equal(a, b, sizeof(a));
	fields_officer_tbs(b, &pair, 0, 2, &g);
	assert_memory_not_equal(a, b, sizeof(a));
	fields_officer_tbs(b, &pair, 1, 1, &g);
	assert_memory_not_equal(a, b, sizeof(a));
	g.f[0].value = view_of("outlinf");
	fields_officer_tbs(b, &pair, 0, 1, &g);
	assert_memory_not_equal(a, b, sizeof(a));
}

static void
message_opening(void **state)
{
	struct fields f = some(), back;
	struct fields_message_opening o;
	uint8_t kf[KEY_BYTES], bytes[256];
	struct wr wr = wr_init(bytes, sizeof(bytes));

	(void)state;
	memset(kf, 0x4b, sizeof(kf));
	assert_int_equal(fields_message_encode(&wr, kf, &f), ERR_OK);
	assert_int_equal(fields_message_decode(&o, &back,
	    (struct view){bytes, wr.len}), ERR_OK);
	assert_memory_equal(o.kf, kf, sizeof(kf));
	assert_int_equal(back.n, f.n);
	assert_int_equal(fields_message_decode(&o, &back,
	    (struct view){bytes, wr.len - 1}), ERR_TRUNCATED);
	assert_int_equal(fields_message_decode(&o, &back,
	    (struct view){bytes, wr.len + 1}), ERR_TRAILING);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags_rise_from_one),
		cmocka_unit_test(pads_to_the_smallest_bucket),
		cmocka_unit_test(refuses_wrong_padding),
		cmocka_unit_test(decodes_what_it_encodes_and_nothing_shorter),
		cmocka_unit_test(each_field_opens_alone),
		cmocka_unit_test(commitment_tells_lists_apart),
		cmocka_unit_test(officers_sign_all_but_signatures),
		cmocka_unit_test(message_opening),
	};

	salts_fill();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
