/* pubkey, salt and dh: RFC 8032 and 7748 vectors, points that are refused. */
#include "helper.h"

#include <sodium.h>

#include "keys/dh.h"
#include "keys/pubkey.h"
#include "keys/salt.h"

/* RFC 8032 section 7.1, TEST 2. */
static void
verify_rfc8032(void **state)
{
	uint8_t key[32], sig[64], msg = 0x72;

	(void)state;
	unhex(key, 32, "3d4017c3e843895a92b70aa74d1b7ebc"
	    "9c982ccf2ec4968cc0cd55f12af4660c");
	unhex(sig, 64, "92a009a9f0d4cab8720e820b5f642540"
	    "a2b27b5416503f8fb3762223ebdb69da"
	    "085ac1e43e15996e458f3613d0f11d8c"
	    "387b2eaeb4302aeeb00d291612bb0c00");
	assert_int_equal(pubkey_verify(key, &msg, 1, sig), ERR_OK);
	sig[63] ^= 1;
	assert_int_equal(pubkey_verify(key, &msg, 1, sig), ERR_SIGNATURE);
	sig[63] ^= 1;
	msg ^= 1;
	assert_int_equal(pubkey_verify(key, &msg, 1, sig), ERR_SIGNATURE);
}

static void
ed25519_points(void **state)
{
	uint8_t key[32] = { 1 }, mixed[32], order2[32];

	(void)state;
	/* The identity: small order. */
	assert_int_equal(pubkey_check(key, 32), ERR_POINT);
	unhex(key, 32, "3d4017c3e843895a92b70aa74d1b7ebc"
	    "9c982ccf2ec4968cc0cd55f12af4660c");
	assert_int_equal(pubkey_check(key, 32), ERR_OK);
	assert_int_equal(pubkey_check(key, 31), ERR_KEY_LENGTH);
	assert_int_equal(pubkey_check(key, 33), ERR_KEY_LENGTH);
	/* A good point plus the point of order 2 (0, -1): mixed order. */
	memset(order2, 0xff, 32);
	order2[0] = 0xec;
	order2[31] = 0x7f;
	assert_int_equal(pubkey_check(order2, 32), ERR_POINT);
	assert_int_equal(crypto_core_ed25519_add(mixed, key, order2), 0);
	assert_int_equal(pubkey_check(mixed, 32), ERR_POINT);
	/* Not canonical: y = p + 1. */
	memset(key, 0xff, 32);
	key[0] = 0xee;
	key[31] = 0x7f;
	assert_int_equal(pubkey_check(key, 32), ERR_POINT);
}

/* RFC 7748 section 6.1: Bob's secret, both publics, the shared secret. */
static void
x25519_rfc7748(void **state)
{
	uint8_t b[32], bpub[32], apub[32], want[32], out[32];
	struct dh_key *key;

	(void)state;
	unhex(b, 32, "5dab087e624a8a4b79e17f8b83800ee6"
	    "6f3bb1292618b6fd1c2f8b27ff88e0eb");
	unhex(bpub, 32, "de9edb7d7b7dc1b4d35b61c2ece43537"
	    "3f8343c85b78674dadfc7e146f882b4f");
	unhex(apub, 32, "8520f0098930a754748b7ddcb43ef75a"
	    "0dbf3a0d26381af4eba4a98eaa9b4e6a");
	unhex(want, 32, "4a5d9d5ba4ce2de1728e3bf480350f25"
	    "e07e21c947d19e3376f09b3c1e161742");
	assert_int_equal(dh_from_secret(&key, b), ERR_OK);
	assert_memory_equal(dh_public(key), bpub, 32);
	assert_int_equal(dh_shared(out, key, apub), ERR_OK);
	assert_memory_equal(out, want, 32);
	assert_int_equal(pubkey_check_dh(apub, 32), ERR_OK);
	assert_int_equal(pubkey_check_dh(apub, 31), ERR_KEY_LENGTH);
	dh_free(&key);
	assert_null(key);
}

static const char *const small[] = {
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
	"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
};

/* The list in pubkey.c and the library agree: each product is refused. */
static void
x25519_small_order(void **state)
{
	uint8_t peer[32], out[32];
	struct dh_key *key;
	size_t i;

	(void)state;
	assert_int_equal(dh_new(&key), ERR_OK);
	for (i = 0; i < sizeof(small) / sizeof(small[0]); i++) {
		unhex(peer, 32, small[i]);
		assert_int_equal(pubkey_check_dh(peer, 32), ERR_POINT);
		memset(out, 0xaa, 32);
		assert_int_equal(dh_shared(out, key, peer), ERR_POINT);
		assert_true(sodium_is_zero(out, 32));
	}
	dh_free(&key);
	/* p and p + 2 have canonical brothers; so has a set top bit. */
	unhex(peer, 32, small[2]);
	peer[0] = 0xed;
	assert_int_equal(pubkey_check_dh(peer, 32), ERR_POINT);
	peer[0] = 0xef;
	assert_int_equal(pubkey_check_dh(peer, 32), ERR_POINT);
	memset(peer, 0, 32);
	peer[0] = 9;
	assert_int_equal(pubkey_check_dh(peer, 32), ERR_OK);
	peer[31] = 0x80;
	assert_int_equal(pubkey_check_dh(peer, 32), ERR_POINT);
}

/* PROTOCOL.md says AEAD of zeros; salt.c takes the keystream. */
static void
salts_are_the_aeads(void **state)
{
	uint8_t kf[32], salts[64][16], zeros[1024] = { 0 }, ct[1040];
	uint8_t nonce[24] = { 0 };
	size_t k;

	(void)state;
	random_bytes(kf, 32);
	for (k = 1; k <= 64; k++) {
		crypto_aead_xchacha20poly1305_ietf_encrypt(ct, NULL, zeros,
		    16 * k, NULL, 0, NULL, nonce, kf);
		memset(salts, 0xaa, sizeof(salts));
		salt_from(salts, k, kf);
		assert_memory_equal(salts, ct, 16 * k);
		if (k < 64)
			assert_int_equal(salts[k][0], 0xaa);
	}
}

static void
names_differ(void **state)
{
	uint8_t key[32] = { 7 };
	struct id kid, agency;
	struct hash log;
	char text[PUBKEY_FINGERPRINT_BYTES];

	(void)state;
	kid = pubkey_kid(key);
	agency = pubkey_agency(key);
	log = pubkey_log_id(key);
	assert_memory_not_equal(kid.b, agency.b, ID_BYTES);
	assert_memory_not_equal(kid.b, log.b, ID_BYTES);
	unhex(kid.b, 16, "000102030405060708090a0b0c0d0eff");
	pubkey_fingerprint(text, &kid);
	assert_string_equal(text, "0001 0203 0405 0607 0809 0a0b 0c0d 0eff");
}

static void
charter_uri(void **state)
{
	struct buf buf = buf_init(8192);
	struct hash id, back;

	(void)state;
	random_bytes(id.b, HASH_BYTES);
	pubkey_charter_uri(&buf, &id);
	assert_int_equal(buf.len, 19 + 64);
	assert_int_equal(pubkey_charter_uri_parse(&back, buf_text(&buf)),
	    ERR_OK);
	assert_memory_equal(id.b, back.b, HASH_BYTES);
	assert_int_equal(pubkey_charter_uri_parse(&back, buf_text(&buf) + 19),
	    ERR_OK);
	assert_int_equal(pubkey_charter_uri_parse(&back, buf_text(&buf) + 20),
	    ERR_SYNTAX);
	assert_int_equal(pubkey_charter_uri_parse(&back, ""), ERR_SYNTAX);
	buf_free(&buf);
}

static void
qr_is_square(void **state)
{
	struct buf buf = buf_init(65536);
	const char *line, *end;
	size_t rows = 0, columns, first = 0;

	(void)state;
	assert_int_equal(pubkey_qr(&buf, "casewire:1:charter:00"), ERR_OK);
	for (line = buf_text(&buf); *line != '\0'; line = end + 1) {
		end = strchr(line, '\n');
		assert_non_null(end);
		for (columns = 0; line < end; line++)
			columns += ((unsigned char)*line & 0xc0) != 0x80;
		if (rows++ == 0)
			first = columns;
		assert_int_equal(columns, first);
	}
	assert_int_equal(rows, (first + 1) / 2);
	buf_free(&buf);
	buf = buf_init(16);
	assert_int_equal(pubkey_qr(&buf, "x"), ERR_TOO_BIG);
	buf_free(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verify_rfc8032),
		cmocka_unit_test(ed25519_points),
		cmocka_unit_test(x25519_rfc7748),
		cmocka_unit_test(x25519_small_order),
		cmocka_unit_test(salts_are_the_aeads),
		cmocka_unit_test(names_differ),
		cmocka_unit_test(charter_uri),
		cmocka_unit_test(qr_is_square),
	};

	return cmocka_run_group_tests(tests, helper_start, helper_stop);
}
