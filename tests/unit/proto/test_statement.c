/* statement: kinds, the key statement's rules, the smaller layouts. */
#include "helper.h"
#include "proto/label.h"
#include "proto/statement.h"

static const uint8_t k1[KEY_BYTES] = {1}, k2[KEY_BYTES] = {2},
	k3[KEY_BYTES] = {3};

static struct statement_keys
agency(void)
{
	struct statement_keys ks = {
		.kid = id_filled(1), .agency = id_filled(2), .ks_seq = 1,
		.not_before = 100, .not_after = 200,
	};

	assert_int_equal(statement_keys_add(&ks, KEY_TRANSPORT, k3), ERR_OK);
	assert_int_equal(statement_keys_add(&ks, KEY_IDENTITY, k2), ERR_OK);
	assert_int_equal(statement_keys_add(&ks, KEY_SIGN, k1), ERR_OK);
	return ks;
}

static enum err
again(const struct statement_keys *ks, struct statement_keys *back)
{
	struct buf out = buf_init(STATEMENT_MAX);
	enum err err = statement_keys_encode(&out, ks);

	if (!err)
		err = statement_keys_decode(back, buf_view(&out));
	buf_free(&out);
	return err;
}

static void
keys_are_kept_in_order(void **state)
{
	struct statement_keys ks = agency(), back;

	(void)state;
	assert_int_equal(statement_keys_add(&ks, KEY_TRANSPORT, k1), ERR_OK);
	assert_int_equal(statement_keys_add(&ks, KEY_TRANSPORT, k1),
	    ERR_EXISTS);
	assert_int_equal(statement_keys_add(&ks, KEY_SIGN, k2), ERR_COUNT);
	assert_int_equal(statement_keys_add(&ks, 6, k2), ERR_COUNT);
	assert_int_equal(again(&ks, &back), ERR_OK);
	assert_int_equal(back.key_count, 4);
	assert_int_equal(back.key[0].type, KEY_SIGN);
	assert_int_equal(back.key[2].type, KEY_TRANSPORT);
	assert_memory_equal(back.key[2].key, k1, KEY_BYTES);
	assert_memory_equal(back.key[3].key, k3, KEY_BYTES);
}

static void
revocations_with_cuts(void **state)
{
	struct statement_keys ks = agency(), back;
	struct id high = id_filled(9), low = id_filled(3);
	struct hash log9 = hash_filled(9), log4 = hash_filled(4);

	(void)state;
	assert_int_equal(statement_keys_cut(&ks, &log9, 1), ERR_COUNT);
	assert_int_equal(statement_keys_revoke(&ks, &high, REVOKED_LOST),
	    ERR_OK);
	assert_int_equal(statement_keys_cut(&ks, &log9, 5), ERR_OK);
	assert_int_equal(statement_keys_cut(&ks, &log9, 6), ERR_EXISTS);
	assert_int_equal(statement_keys_revoke(&ks, &low, REVOKED_STOLEN),
	    ERR_OK);
	assert_int_equal(statement_keys_cut(&ks, &log9, 7), ERR_OK);
	assert_int_equal(statement_keys_cut(&ks, &log4, 8), ERR_OK);
	assert_int_equal(statement_keys_revoke(&ks, &low, REVOKED_OTHER),
	    ERR_EXISTS);
	assert_int_equal(again(&ks, &back), ERR_OK);
	assert_int_equal(back.revocation_count, 2);
	assert_true(id_eq(&back.revocation[0].kid, &low));
	assert_int_equal(back.revocation[0].cut_count, 2);
	assert_int_equal(back.cut[back.revocation[0].cut_first].cut, 8);
	assert_int_equal(back.cut[back.revocation[1].cut_first].cut, 5);
	assert_int_equal(back.revocation[1].reason, REVOKED_LOST);
}

static void
an_agency_or_a_relay(void **state)
{
	struct statement_keys ks = agency(), back;

	(void)state;
	assert_int_equal(statement_keys_add(&ks, KEY_CUSTODIAN, k1), ERR_OK);
	assert_int_equal(again(&ks, &back), ERR_OK);
	ks = agency();
	assert_int_equal(statement_keys_add(&ks, KEY_LOG, k1), ERR_OK);
	assert_int_equal(again(&ks, &back), ERR_COUNT);
	ks = agency();
	ks.key[1] = ks.key[2];		/* S and T, neither I nor log */
	ks.key_count = 2;
	assert_int_equal(again(&ks, &back), ERR_COUNT);
	assert_int_equal(statement_keys_add(&ks, KEY_LOG, k1), ERR_OK);
	assert_int_equal(again(&ks, &back), ERR_OK);
	assert_int_equal(statement_keys_add(&ks, KEY_CUSTODIAN, k1), ERR_OK);
	assert_int_equal(again(&ks, &back), ERR_COUNT);
}

static void
sequence_and_times(void **state)
{
	struct statement_keys ks = agency(), back;

	(void)state;
	ks.ks_seq = 0;
	assert_int_equal(again(&ks, &back), ERR_KEY_SEQ);
	ks.ks_seq = 2;
	assert_int_equal(again(&ks, &back), ERR_KEY_SEQ);
	ks.previous = hash_filled(7);
	assert_int_equal(again(&ks, &back), ERR_OK);
	ks.ks_seq = 1;
	assert_int_equal(again(&ks, &back), ERR_KEY_SEQ);
	ks = agency();
	ks.not_after = 100;
	assert_int_equal(again(&ks, &back), ERR_KEY_EXPIRED);
}

static void
key_statement_has_one_length(void **state)
{
	struct statement_keys ks = agency(), back;
	struct buf out = buf_init(STATEMENT_MAX);
	struct view v;

	(void)state;
	assert_int_equal(statement_keys_revoke(&ks, &ks.kid, REVOKED_LOST),
	    ERR_OK);
	assert_int_equal(statement_keys_cut(&ks, &ks.previous, 3), ERR_OK);
	assert_int_equal(statement_keys_encode(&out, &ks), ERR_OK);
	buf_u8(&out, 0);
	v = buf_view(&out);
	assert_int_equal(statement_keys_decode(&back, v), ERR_TRAILING);
	for (v.len = 0; v.len < out.len - 1; v.len++)
		assert_int_not_equal(statement_keys_decode(&back, v), ERR_OK);
	assert_int_equal(statement_keys_decode(&back, v), ERR_OK);
	buf_free(&out);
}

static void
the_largest_statement_fits(void **state)
{
	struct statement_keys ks = agency(), back;
	struct buf out = buf_init(1 << 20);
	struct hash log = hash_filled(1);

	(void)state;
	for (unsigned i = 0; i < REVOCATIONS_MAX; i++) {
		struct id kid = id_filled((int)i);

		assert_int_equal(statement_keys_revoke(&ks, &kid,
		    REVOKED_OTHER), ERR_OK);
		for (unsigned k = 0; k < STATEMENT_CUTS_MAX / REVOCATIONS_MAX;
		    k++) {
			log.b[0] = (uint8_t)k;
			assert_int_equal(statement_keys_cut(&ks, &log, i),
			    ERR_OK);
		}
	}
	log.b[0] = 0xff;
	assert_int_equal(statement_keys_cut(&ks, &log, 1), ERR_COUNT);
	assert_int_equal(statement_keys_revoke(&ks, &ks.agency, 1), ERR_COUNT);
	assert_int_equal(statement_keys_encode(&out, &ks), ERR_TOO_BIG);
	ks.revocation_count = 40;
	buf_reset(&out);
	assert_int_equal(statement_keys_encode(&out, &ks), ERR_OK);
	assert_int_equal(statement_keys_decode(&back, buf_view(&out)),
	    ERR_OK);
	assert_int_equal(back.revocation_count, 40);
	buf_free(&out);
}

static void
kinds_by_label(void **state)
{
	static const char *const labels[] = {LABEL_RUN, LABEL_RECEIPT,
	    LABEL_KEYS, LABEL_PREKEY, LABEL_OFFICER, LABEL_RECOVERY,
	    LABEL_PRIOR};
	static const char *const names[] = {"run", "receipt", "keys",
	    "prekey", "officer", "recovery", "prior"};
	uint8_t entry[256] = {0};
	struct statement st;

	(void)state;
	for (size_t i = 0; i < 7; i++) {
		size_t len = strlen(labels[i]) + 1;

		memset(entry, 0xab, sizeof(entry));
		memcpy(entry, labels[i], len);
		assert_int_equal(statement_split(&st,
		    (struct view){entry, sizeof(entry)}), ERR_OK);
		assert_string_equal(statement_kind_name(st.kind), names[i]);
		assert_int_equal(st.body.len, sizeof(entry) - SIG_BYTES);
		assert_ptr_equal(st.sig.p, entry + st.body.len);
		assert_int_equal(st.kid.b[15], 0xab);
		assert_int_equal(statement_split(&st, (struct view){entry,
		    len + ID_BYTES + SIG_BYTES - 1}), ERR_TRUNCATED);
		entry[len - 1] = 1;	/* not the label's NUL */
		assert_int_equal(statement_kind(
		    (struct view){entry, sizeof(entry)}), STATEMENT_UNKNOWN);
		assert_int_equal(statement_split(&st,
		    (struct view){entry, sizeof(entry)}), ERR_MAGIC);
	}
}

static void
prekey_officer_prior(void **state)
{
	struct statement_prekey p = {.kid = id_filled(1),
	    .pair_id = hash_filled(2), .prekey_id = 3}, pb;
	struct statement_officer o = {.kid = id_filled(1),
	    .officer = id_filled(4), .not_before = 1, .not_after = 2,
	    .revoked = true, .info = view_of("info")}, ob;
	struct statement_prior r = {.kid = id_filled(1),
	    .note = view_of("a note")}, rb;
	uint8_t bytes[PREKEY_STATEMENT_BYTES];
	struct buf out = buf_init(STATEMENT_MAX);

	(void)state;
	statement_prekey_encode(bytes, &p);
	assert_int_equal(statement_prekey_decode(&pb,
	    (struct view){bytes, sizeof(bytes)}), ERR_OK);
	assert_int_equal(pb.prekey_id, 3);
	p.prekey_id = 0;
	statement_prekey_encode(bytes, &p);
	assert_int_equal(statement_prekey_decode(&pb,
	    (struct view){bytes, sizeof(bytes)}), ERR_SEQ);
	assert_int_equal(statement_officer_encode(&out, &o), ERR_OK);
	assert_int_equal(statement_officer_decode(&ob, buf_view(&out)),
	    ERR_OK);
	assert_true(ob.revoked);
	assert_memory_equal(ob.info.p, "info", 4);
	out.p[out.len - 5] = 2;
	assert_int_equal(statement_officer_decode(&ob, buf_view(&out)),
	    ERR_CODE);
	buf_reset(&out);
	assert_int_equal(statement_prior_encode(&out, &r), ERR_OK);
	assert_int_equal(statement_prior_decode(&rb, buf_view(&out)), ERR_OK);
	assert_int_equal(rb.note.len, 6);
	out.len--;
	assert_int_equal(statement_prior_decode(&rb, buf_view(&out)),
	    ERR_TRUNCATED);
	buf_free(&out);
}

static enum err
recovered(const struct statement_recovery *r)
{
	uint8_t bytes[RECOVERY_STATEMENT_BYTES];
	struct statement_recovery back;

	statement_recovery_encode(bytes, r);
	return statement_recovery_decode(&back,
	    (struct view){bytes, sizeof(bytes)});
}

static void
recovery(void **state)
{
	struct statement_recovery r = {.kid = id_filled(1),
	    .pair_id = hash_filled(2), .direction = 1,
	    .incarnation = {.start = 3, .random = 4},
	    .reason = RECOVERY_CLONED};

	(void)state;
	for (unsigned i = 0; i < LANE_COUNT; i++)
		r.lane[i].next_seq = 1;
	r.lane[1] = (struct statement_recovery_lane){8, hash_filled(1), 12};
	assert_int_equal(recovered(&r), ERR_OK);
	r.direction = 2;
	assert_int_equal(recovered(&r), ERR_CODE);
	r.direction = 0;
	r.reason = 9;
	assert_int_equal(recovered(&r), ERR_CODE);
	r.reason = RECOVERY_LOST;
	r.incarnation.start = 0;
	assert_int_equal(recovered(&r), ERR_INCARNATION);
	r.incarnation.start = 1;
	r.lane[1].next_seq = 8;
	assert_int_equal(recovered(&r), ERR_SEQ);
	r.lane[1].next_seq = 9;
	r.lane[1].old_env = hash_filled(0);
	assert_int_equal(recovered(&r), ERR_ENCODING);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_kept_in_order),
		cmocka_unit_test(revocations_with_cuts),
		cmocka_unit_test(an_agency_or_a_relay),
		cmocka_unit_test(sequence_and_times),
		cmocka_unit_test(key_statement_has_one_length),
		cmocka_unit_test(the_largest_statement_fits),
		cmocka_unit_test(kinds_by_label),
		cmocka_unit_test(prekey_officer_prior),
		cmocka_unit_test(recovery),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
