/* hkdf, psk, epoch, box: from keys to sealed bytes and back. */
#include "helper.h"

#include <sodium.h>

#include "keys/box.h"
#include "keys/epoch.h"
#include "keys/hkdf.h"
#include "keys/psk.h"

/* RFC 4231 test case 2 (HMAC-SHA-512, key "Jefe"). */
static void
hmac_rfc4231(void **state)
{
	uint8_t out[64], want[64];

	(void)state;
	unhex(want, 64, "164b7a7bfcf819e2e395fbe73b56e0a3"
	    "87bd64222e831fd610270cd7ea250554"
	    "9758bf75c05a994a6d034f65f8f0e6fd"
	    "caeab1a34d4a6b4b636e070a38bce737");
	hkdf_hmac(out, (const uint8_t *)"Jefe", 4,
	    "what do ya want for nothing?", 28);
	assert_memory_equal(out, want, 64);
}

/* The inputs of RFC 5869 A.1 and A.2 under SHA-512, from another HMAC. */
static void
hkdf_rfc5869_inputs(void **state)
{
	uint8_t ikm[80], salt[80], info[80], prk[64], okm[82], want[82];
	size_t i;

	(void)state;
	memset(ikm, 0x0b, 22);
	for (i = 0; i < 80; i++) {
		salt[i] = (uint8_t)i;
		info[i] = (uint8_t)(0xf0 + i);
	}
	hkdf_extract(prk, salt, 13, ikm, 22);
	hkdf_expand(okm, 42, prk, info, 10);
	unhex(want, 42, "832390086cda71fb47625bb5ceb168e4"
	    "c8e26a1a16ed34d9fc7fe92c14815793"
	    "38da362cb8d9f925d7cb");
	assert_memory_equal(okm, want, 42);
	for (i = 0; i < 80; i++) {
		ikm[i] = (uint8_t)i;
		salt[i] = (uint8_t)(0x60 + i);
		info[i] = (uint8_t)(0xb0 + i);
	}
	hkdf_extract(prk, salt, 80, ikm, 80);
	hkdf_expand(okm, 82, prk, info, 80);
	unhex(want, 82, "ce6c97192805b346e6161e821ed16567"
	    "3b84f400a2b514b2fe23d84cd189ddf1"
	    "b695b48cbd1c8388441137b3ce28f16a"
	    "a64ba33ba466b24df6cfcb021ecff235"
	    "f6a2056ce3af1de44d572097a8505d9e"
	    "7a93");
	assert_memory_equal(okm, want, 82);
	hkdf_extract(prk, NULL, 0, ikm, 80);	/* an empty salt is allowed */
}

static void
psk_ratchet(void **state)
{
	uint8_t a[32] = { 1 }, b[32] = { 2 };
	struct hash charter = { { 9 } };
	struct psk *zero, *three, *five, *also;

	(void)state;
	assert_int_equal(psk_combine(&zero, &charter, a, a), ERR_KEY_FOREIGN);
	assert_null(zero);
	assert_int_equal(psk_combine(&zero, &charter, a, b), ERR_OK);
	assert_int_equal(psk_forward(&three, zero, 3), ERR_OK);
	assert_int_equal(psk_forward(&five, three, 5), ERR_OK);
	assert_int_equal(psk_forward(&also, zero, 5), ERR_OK);
	assert_int_equal(psk_day(five), 5);
	assert_memory_equal(psk_secret(five), psk_secret(also), 32);
	assert_memory_not_equal(psk_secret(five), psk_secret(three), 32);
	psk_free(&also);
	assert_int_equal(psk_forward(&also, five, 4), ERR_EPOCH);
	assert_int_equal(psk_forward(&also, zero, PSK_DAYS_MAX + 1),
	    ERR_EPOCH);
	assert_null(also);
	psk_free(&zero);
	/* The halves are not interchangeable, and belong to one charter. */
	assert_int_equal(psk_combine(&zero, &charter, b, a), ERR_OK);
	assert_int_equal(psk_forward(&also, zero, 5), ERR_OK);
	assert_memory_not_equal(psk_secret(five), psk_secret(also), 32);
	psk_free(&zero);
	psk_free(&also);
	psk_free(&three);
	psk_free(&five);
}

static void
psk_text(void **state)
{
	struct psk_halves in = { .charter_id = { { 7 } }, .has = { true, true },
		.bytes = { { 1 }, { 2 } } }, out;
	char text[PSK_TEXT_MAX];
	size_t len, i;

	(void)state;
	len = psk_encode(text, &in);
	assert_int_equal(psk_decode(&out, text, len), ERR_OK);
	assert_memory_equal(&in, &out, sizeof(in));
	for (i = 0; i < len; i++)
		if (i != len - 67)	/* a half alone is a file too */
			assert_int_not_equal(psk_decode(&out, text, i),
			    ERR_OK);
	assert_int_equal(psk_decode(&out, text, len - 67), ERR_OK);
	assert_false(out.has[1]);
	text[23] = 'A';			/* hex is lower-case */
	assert_int_equal(psk_decode(&out, text, len), ERR_SYNTAX);
	text[23] = '0';
	text[0] = 'C';
	assert_int_equal(psk_decode(&out, text, len), ERR_MAGIC);
	text[0] = 'c';
	in.has[0] = in.has[1] = false;
	len = psk_encode(text, &in);
	assert_int_equal(psk_decode(&out, text, len), ERR_SYNTAX);
	assert_true(sodium_is_zero((void *)&out, sizeof(out)));
}

struct both {
	struct dh_key *ix, *iy, *py;
	struct epoch_public pub;
};

static void
both_new(struct both *b)
{
	memset(b, 0, sizeof(*b));
	assert_int_equal(dh_new(&b->ix), ERR_OK);
	assert_int_equal(dh_new(&b->iy), ERR_OK);
	assert_int_equal(dh_new(&b->py), ERR_OK);
	b->pub.suite = 1;
	b->pub.prekey_id = 7;
	memcpy(b->pub.ix, dh_public(b->ix), 32);
	memcpy(b->pub.iy, dh_public(b->iy), 32);
	memcpy(b->pub.py, dh_public(b->py), 32);
}

static void
both_free(struct both *b)
{
	dh_free(&b->ix);
	dh_free(&b->iy);
	dh_free(&b->py);
}

/* K_f of n, as the other side would disclose it. */
static void
kf_at(struct epoch *epoch, uint32_t n, uint8_t kf[32])
{
	struct box *box;

	assert_int_equal(box_new(&box), ERR_OK);
	assert_int_equal(epoch_keys(epoch, n, box), ERR_OK);
	memcpy(kf, box_disclose(box), 32);
	box_free(&box);
}

static void
epoch_both_sides(void **state)
{
	struct both b;
	struct epoch *out, *in;
	struct box *box;
	uint8_t x[32], y[32], first[32];

	(void)state;
	both_new(&b);
	assert_int_equal(epoch_open(&out, &b.pub, b.ix, NULL), ERR_OK);
	assert_int_equal(epoch_accept(&in, &b.pub, b.iy, b.py, NULL), ERR_OK);
	kf_at(out, 0, first);
	assert_int_equal(epoch_next(out), 1);
	kf_at(out, 1, x);
	kf_at(in, 1, y);		/* skips 0 */
	assert_memory_equal(x, y, 32);
	assert_memory_not_equal(x, first, 32);
	kf_at(out, EPOCH_MAX - 1, x);
	kf_at(in, EPOCH_MAX - 1, y);
	assert_memory_equal(x, y, 32);
	assert_int_equal(epoch_next(out), EPOCH_MAX);
	assert_int_equal(box_new(&box), ERR_OK);
	assert_int_equal(epoch_keys(in, 0, box), ERR_EPOCH);
	assert_int_equal(epoch_keys(in, EPOCH_MAX, box), ERR_EPOCH);
	epoch_free(&in);
	assert_int_equal(epoch_accept(&in, &b.pub, b.iy, b.py, NULL), ERR_OK);
	kf_at(in, 0, y);
	assert_memory_equal(first, y, 32);
	box_free(&box);
	epoch_free(&out);
	epoch_free(&in);
	both_free(&b);
}

/* Every public input is in the keys: change one, and K_f differs. */
static void
epoch_binds_all(void **state)
{
	struct both b;
	struct epoch *out, *in;
	struct epoch_public pub;
	uint8_t want[32], got[32];
	size_t i;

	(void)state;
	both_new(&b);
	assert_int_equal(epoch_open(&out, &b.pub, b.ix, NULL), ERR_OK);
	kf_at(out, 0, want);
	epoch_free(&out);
	for (i = 0; i < 5; i++) {
		pub = b.pub;
		switch (i) {
		case 0:
			pub.suite = 2;
			break;
		case 1:
			pub.charter_id.b[31] ^= 1;
			break;
		case 2:
			pub.sx[0] ^= 1;
			break;
		case 3:
			pub.channel.b[15] ^= 1;
			break;
		default:
			pub.prekey_id++;
		}
		assert_int_equal(epoch_accept(&in, &pub, b.iy, b.py, NULL),
		    ERR_OK);
		kf_at(in, 0, got);
		assert_memory_not_equal(want, got, 32);
		epoch_free(&in);
	}
	both_free(&b);
}

static void
epoch_refuses(void **state)
{
	struct both b;
	struct epoch *epoch;
	struct epoch_public pub;
	struct psk *psk;
	uint8_t secret[32] = { 5 };

	(void)state;
	both_new(&b);
	assert_int_equal(psk_from(&psk, 3, secret), ERR_OK);
	assert_int_equal(epoch_open(&epoch, &b.pub, b.iy, NULL),
	    ERR_KEY_FOREIGN);
	assert_int_equal(epoch_open(&epoch, &b.pub, b.ix, psk),
	    ERR_KEY_FOREIGN);	/* day 3, header says 0 */
	pub = b.pub;
	pub.psk_day = 3;
	assert_int_equal(epoch_open(&epoch, &pub, b.ix, NULL),
	    ERR_KEY_FOREIGN);	/* header names a day, no PSK here */
	assert_int_equal(epoch_open(&epoch, &pub, b.ix, psk), ERR_OK);
	epoch_free(&epoch);
	pub = b.pub;
	memset(pub.py, 0, 32);	/* small order: zero product */
	assert_int_equal(epoch_open(&epoch, &pub, b.ix, NULL), ERR_POINT);
	assert_null(epoch);
	pub = b.pub;
	memset(pub.iy, 0, 32);
	assert_int_equal(epoch_open(&epoch, &pub, b.ix, NULL), ERR_POINT);
	pub = b.pub;
	memset(pub.e, 0, 32);
	assert_int_equal(epoch_accept(&epoch, &pub, b.iy, b.py, NULL),
	    ERR_POINT);
	assert_null(epoch);
	memcpy(pub.e, pub.ix, 32);
	memset(pub.ix, 0, 32);
	assert_int_equal(epoch_accept(&epoch, &pub, b.iy, b.py, NULL),
	    ERR_POINT);
	assert_int_equal(epoch_accept(&epoch, &b.pub, b.py, b.iy, NULL),
	    ERR_KEY_FOREIGN);
	psk_free(&psk);
	both_free(&b);
}

static void
psk_changes_the_epoch(void **state)
{
	struct both b;
	struct epoch *out, *in;
	struct psk *psk;
	uint8_t secret[32] = { 5 }, x[32], y[32];

	(void)state;
	both_new(&b);
	assert_int_equal(psk_from(&psk, 0, secret), ERR_OK);
	assert_int_equal(epoch_open(&out, &b.pub, b.ix, psk), ERR_OK);
	assert_int_equal(epoch_accept(&in, &b.pub, b.iy, b.py, NULL), ERR_OK);
	kf_at(out, 0, x);
	kf_at(in, 0, y);
	assert_memory_not_equal(x, y, 32);
	epoch_free(&in);
	assert_int_equal(epoch_accept(&in, &b.pub, b.iy, b.py, psk), ERR_OK);
	kf_at(in, 0, y);
	assert_memory_equal(x, y, 32);
	epoch_free(&in);
	epoch_free(&out);
	psk_free(&psk);
	both_free(&b);
}

static void
box_seals_once(void **state)
{
	uint8_t keys[64], plain[512], ct[528], back[512];
	struct hash c = { { 3 } };
	struct box *box;
	size_t i;

	(void)state;
	random_bytes(keys, sizeof(keys));
	random_bytes(plain, sizeof(plain));
	assert_int_equal(box_new(&box), ERR_OK);
	assert_int_equal(box_seal(box, ct, plain, 512, &c, "head", 4),
	    ERR_EPOCH);		/* empty */
	box_set(box, keys);
	assert_int_equal(box_seal(box, ct, plain, 512, &c, "head", 4), ERR_OK);
	assert_int_equal(box_seal(box, ct, plain, 512, &c, "head", 4),
	    ERR_EPOCH);		/* used up */
	assert_memory_equal(box_disclose(box), keys + 32, 32);
	box_set(box, keys);
	assert_int_equal(box_open(box, back, ct, 528, &c, "head", 4), ERR_OK);
	assert_memory_equal(plain, back, 512);
	assert_int_equal(box_open(box, back, ct, 528, &c, "head", 4),
	    ERR_EPOCH);
	for (i = 0; i < 528; i += 31) {
		ct[i] ^= 0x10;
		box_set(box, keys);
		assert_int_equal(box_open(box, back, ct, 528, &c, "head", 4),
		    ERR_DECRYPT);
		assert_true(sodium_is_zero(back, 512));
		ct[i] ^= 0x10;
	}
	box_set(box, keys);
	assert_int_equal(box_open(box, back, ct, 528, &c, "heaD", 4),
	    ERR_DECRYPT);
	box_set(box, keys);
	c.b[23] ^= 1;		/* the last byte of the nonce */
	assert_int_equal(box_open(box, back, ct, 528, &c, "head", 4),
	    ERR_DECRYPT);
	box_set(box, keys);
	assert_int_equal(box_open(box, back, ct, 15, &c, "head", 4),
	    ERR_DECRYPT);
	box_wipe(box);
	assert_true(sodium_is_zero(box_disclose(box), 32));
	box_free(&box);
	assert_null(box);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hmac_rfc4231),
		cmocka_unit_test(hkdf_rfc5869_inputs),
		cmocka_unit_test(psk_ratchet),
		cmocka_unit_test(psk_text),
		cmocka_unit_test(epoch_both_sides),
		cmocka_unit_test(epoch_binds_all),
		cmocka_unit_test(epoch_refuses),
		cmocka_unit_test(psk_changes_the_epoch),
		cmocka_unit_test(box_seals_once),
	};

	return cmocka_run_group_tests(tests, helper_start, helper_stop);
}
