/* keyfile: written, read back, tampered with, both slots. */
#include "helper.h"

#include "keys/keyfile.h"
#include "keys/keyfile_format.h"
#include "keys/pubkey.h"
#include "proto/label.h"

static const enum keyfile_kind kinds[] = { KEYFILE_ROOT, KEYFILE_ENDPOINT,
	KEYFILE_TRANSPORT, KEYFILE_CUSTODIAN, KEYFILE_OFFICER, KEYFILE_RELAY,
	KEYFILE_WITNESS };

static struct secret *pass, *wrong;
static struct keyfile_cost cheap;

static int
start(void **state)
{
	pass = wrong = NULL;
	if (helper_start(state) != 0)
		return 1;
	pass = secret_copy("correct horse", 13);
	wrong = secret_copy("correct horsf", 13);
	return keyfile_cost(&cheap, "minimum") != ERR_OK;
}

static int
stop(void **state)
{
	secret_free(&pass);
	secret_free(&wrong);
	return helper_stop(state);
}

static void
every_kind_comes_back(void **state)
{
	struct keyfile *kf, *back;
	struct keyfile_public pub;
	char name[32];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		snprintf(name, sizeof(name), "all.%zu", i);
		assert_int_equal(keyfile_new(&kf, kinds[i], NULL, "Büro 网安"),
		    ERR_OK);
		assert_int_equal(keyfile_create(kf, helper_path(name)),
		    ERR_STATE);		/* no slot yet */
		assert_int_equal(keyfile_set_passphrase(kf, pass, &cheap),
		    ERR_OK);
		assert_int_equal(keyfile_create(kf, helper_path(name)), ERR_OK);
		assert_int_equal(keyfile_create(kf, helper_path(name)),
		    ERR_EXISTS);
		assert_int_equal(keyfile_peek(&pub, helper_path(name)), ERR_OK);
		assert_memory_equal(&pub, keyfile_public(kf), sizeof(pub));
		assert_int_equal(keyfile_load(&back, helper_path(name), pass),
		    ERR_OK);
		assert_memory_equal(keyfile_public(back), &pub, sizeof(pub));
		assert_string_equal(pub.name, "Büro 网安");
		assert_string_equal(keyfile_cost_name(&pub.cost[0]), "minimum");
		keyfile_free(&back);
		assert_int_equal(keyfile_load(&back, helper_path(name), wrong),
		    ERR_PASSPHRASE);
		assert_null(back);
		keyfile_free(&kf);
		assert_null(kf);
	}
}

static void
endpoint_has_its_keys(void **state)
{
	uint8_t secrets[3][32] = { { 1 }, { 2 }, { 3 } };
	uint8_t sealed[4 + VAULT_OVERHEAD], out[4], row[8], msg[64], sig[64];
	struct vault_at at = { "t", "c", vault_row(row, 1) };
	struct keyfile *kf, *same;

	(void)state;
	assert_int_equal(keyfile_from(&kf, KEYFILE_ENDPOINT, NULL, "x",
	    secrets, 2), ERR_KEY_LENGTH);
	assert_int_equal(keyfile_from(&kf, KEYFILE_ENDPOINT, NULL, "x",
	    secrets, 3), ERR_OK);
	assert_int_equal(keyfile_from(&same, KEYFILE_ENDPOINT, NULL, "x",
	    secrets, 3), ERR_OK);
	assert_memory_equal(dh_secret(keyfile_dh(kf, KEYFILE_I, 0)),
	    secrets[1], 32);
	assert_null(keyfile_dh(kf, KEYFILE_I, 1));
	assert_null(keyfile_signer(kf, KEYFILE_R));
	memset(msg, 0, sizeof(msg));
	memcpy(msg, LABEL_RUN, LABEL_LEN(LABEL_RUN));
	assert_int_equal(sign_labelled(keyfile_signer(kf, KEYFILE_S),
	    LABEL_RUN, msg, sizeof(msg), sig), ERR_OK);
	vault_seal(keyfile_vault(kf), &at, sealed, "text", 4);
	assert_int_equal(vault_open(keyfile_vault(same), &at, out, sealed,
	    sizeof(sealed)), ERR_OK);
	keyfile_free(&kf);
	keyfile_free(&same);
	/* A relay's S signs no run: its use is another. */
	assert_int_equal(keyfile_new(&kf, KEYFILE_RELAY, NULL, "x"), ERR_OK);
	assert_int_equal(sign_labelled(keyfile_signer(kf, KEYFILE_S),
	    LABEL_RUN, msg, sizeof(msg), sig), ERR_KEY_FOREIGN);
	assert_null(keyfile_vault(kf));
	keyfile_free(&kf);
}

/* A recovery code opens the file; a new passphrase makes the code void. */
static void
recovery_code(void **state)
{
	uint16_t code[KEYFILE_CODE_WORDS], other[KEYFILE_CODE_WORDS];
	struct keyfile *kf, *back;
	struct keyfile_public pub;

	(void)state;
	assert_int_equal(keyfile_new(&kf, KEYFILE_TRANSPORT, NULL, "x"),
	    ERR_OK);
	assert_int_equal(keyfile_set_passphrase(kf, pass, &cheap), ERR_OK);
	assert_int_equal(keyfile_set_code(kf, code), ERR_STATE);
	keyfile_free(&kf);
	assert_int_equal(keyfile_new(&kf, KEYFILE_ENDPOINT, NULL, "x"),
	    ERR_OK);
	assert_int_equal(keyfile_set_code(kf, code), ERR_STATE);
	assert_int_equal(keyfile_set_passphrase(kf, pass, &cheap), ERR_OK);
	assert_int_equal(keyfile_set_code(kf, code), ERR_OK);
	assert_int_equal(keyfile_create(kf, helper_path("code")), ERR_OK);
	assert_int_equal(keyfile_load_code(&back, helper_path("code"), code),
	    ERR_OK);
	assert_memory_equal(keyfile_public(back), keyfile_public(kf),
	    sizeof(pub));
	memcpy(other, code, sizeof(code));
	other[3] ^= 1;
	keyfile_free(&kf);
	assert_int_equal(keyfile_load_code(&kf, helper_path("code"), other),
	    ERR_PASSPHRASE);
	assert_int_equal(keyfile_set_passphrase(back, wrong, &cheap), ERR_OK);
	assert_int_equal(keyfile_replace(back, helper_path("code")), ERR_OK);
	keyfile_free(&back);
	assert_int_equal(keyfile_load_code(&back, helper_path("code"), code),
	    ERR_PASSPHRASE);
	assert_int_equal(keyfile_load(&back, helper_path("code"), pass),
	    ERR_PASSPHRASE);
	assert_int_equal(keyfile_load(&back, helper_path("code"), wrong),
	    ERR_OK);
	keyfile_free(&back);
}

/* A relay is found by its T, which outlives its other keys. */
static void
relay_rotation(void **state)
{
	uint8_t t[KEY_BYTES], log[KEY_BYTES];
	const struct keyfile_public *pub;
	struct keyfile *kf;

	(void)state;
	assert_int_equal(keyfile_new(&kf, KEYFILE_RELAY, NULL, "r"), ERR_OK);
	pub = keyfile_public(kf);
	memcpy(t, keyfile_find(pub, KEYFILE_T, 0), KEY_BYTES);
	memcpy(log, keyfile_find(pub, KEYFILE_LOG, 0), KEY_BYTES);
	assert_int_equal(keyfile_rotate(kf), ERR_OK);
	assert_memory_equal(keyfile_find(pub, KEYFILE_T, 0), t, KEY_BYTES);
	assert_memory_not_equal(keyfile_find(pub, KEYFILE_LOG, 0), log,
	    KEY_BYTES);
	memcpy(log, keyfile_find(pub, KEYFILE_LOG, 0), KEY_BYTES);
	assert_int_equal(keyfile_rotate_transport(kf), ERR_OK);
	assert_memory_not_equal(keyfile_find(pub, KEYFILE_T, 0), t,
	    KEY_BYTES);
	assert_memory_equal(keyfile_find(pub, KEYFILE_LOG, 0), log,
	    KEY_BYTES);
	keyfile_free(&kf);
}

/* A rotation keeps the slots, the book key and the old I. */
static void
rotation(void **state)
{
	uint16_t code[KEYFILE_CODE_WORDS];
	uint8_t was[8][32], sealed[4 + VAULT_OVERHEAD], out[4], row[8];
	struct vault_at at = { "t", "c", vault_row(row, 1) };
	struct keyfile *kf, *back;
	unsigned i, age;

	(void)state;
	assert_int_equal(keyfile_new(&kf, KEYFILE_ROOT, NULL, "x"), ERR_OK);
	assert_int_equal(keyfile_rotate(kf), ERR_STATE);
	keyfile_free(&kf);
	assert_int_equal(keyfile_new(&kf, KEYFILE_ENDPOINT, NULL, "x"),
	    ERR_OK);
	assert_int_equal(keyfile_set_passphrase(kf, pass, &cheap), ERR_OK);
	assert_int_equal(keyfile_set_code(kf, code), ERR_OK);
	vault_seal(keyfile_vault(kf), &at, sealed, "text", 4);
	for (i = 0; i < 6; i++) {
		memcpy(was[i], dh_secret(keyfile_dh(kf, KEYFILE_I, 0)), 32);
		assert_int_equal(keyfile_rotate(kf), ERR_OK);
		assert_int_equal(keyfile_replace(kf, helper_path("rot")),
		    ERR_OK);
		assert_int_equal(keyfile_load(&back, helper_path("rot"), pass),
		    ERR_OK);
		for (age = 1; age <= i + 1 && age <= KEYFILE_AGES; age++)
			assert_memory_equal(dh_secret(keyfile_dh(back,
			    KEYFILE_I, age)), was[i + 1 - age], 32);
		assert_null(keyfile_dh(back, KEYFILE_I, age));
		keyfile_free(&back);
	}
	assert_int_equal(keyfile_load_code(&back, helper_path("rot"), code),
	    ERR_OK);
	assert_int_equal(vault_open(keyfile_vault(back), &at, out, sealed,
	    sizeof(sealed)), ERR_OK);
	keyfile_free(&back);
	keyfile_free(&kf);
}

/* Every single changed byte of a file is noticed, whatever it says. */
static void
tampering(void **state)
{
	uint16_t code[KEYFILE_CODE_WORDS];
	struct buf buf = buf_init(KEYFILE_MAX + 1);
	struct keyfile *kf;
	enum err err;
	size_t i, second;

	(void)state;
	assert_int_equal(keyfile_new(&kf, KEYFILE_ENDPOINT, NULL, "x"),
	    ERR_OK);
	assert_int_equal(keyfile_set_passphrase(kf, pass, &cheap), ERR_OK);
	assert_int_equal(keyfile_set_code(kf, code), ERR_OK);
	assert_int_equal(keyfile_create(kf, helper_path("tamper")), ERR_OK);
	keyfile_free(&kf);
	assert_int_equal(file_load(helper_path("tamper"), KEYFILE_MAX, &buf),
	    ERR_OK);
	/* The other slot (29 + 24 + 48) is not looked at: left out. */
	second = 8 + 32 + 2 + 3 * 34 + 101;
	for (i = 0; i < buf.len; i++) {
		if (i >= second && i < second + 101)
			continue;
		buf.p[i] ^= 0x01;
		err = keyfile_open(&kf, buf.p, buf.len, pass);
		assert_int_not_equal(err, ERR_OK);
		assert_null(kf);
		buf.p[i] ^= 0x01;
	}
	for (i = 0; i < buf.len; i++)
		assert_int_equal(keyfile_open(&kf, buf.p, i, pass),
		    ERR_TRUNCATED);
	buf_u8(&buf, 0);
	assert_int_equal(keyfile_open(&kf, buf.p, buf.len, pass),
	    ERR_TRAILING);
	assert_int_equal(keyfile_open(&kf, buf.p, buf.len - 1, pass), ERR_OK);
	keyfile_free(&kf);
	buf_free(&buf);
}

static void
forms(void **state)
{
	struct buf buf = buf_init(KEYFILE_MAX + 1);
	struct keyfile_public pub;
	struct keyfile *kf;
	static const uint8_t huge[] = { 0xff, 0xff, 0xff, 0xff };
	size_t slot = 8 + 32 + 2 + 34;

	(void)state;
	assert_int_equal(keyfile_new(&kf, KEYFILE_ROOT, NULL, ""), ERR_SYNTAX);
	assert_int_equal(keyfile_new(&kf, KEYFILE_ROOT, NULL, "a\nb"),
	    ERR_SYNTAX);
	assert_int_equal(keyfile_new(&kf, KEYFILE_ROOT, NULL, "\xff"),
	    ERR_SYNTAX);
	assert_int_equal(keyfile_new(&kf, KEYFILE_ROOT, NULL, "x"), ERR_OK);
	assert_int_equal(keyfile_set_passphrase(kf, pass, &cheap), ERR_OK);
	assert_int_equal(keyfile_create(kf, helper_path("form")), ERR_OK);
	keyfile_free(&kf);
	assert_int_equal(file_load(helper_path("form"), KEYFILE_MAX, &buf),
	    ERR_OK);
	assert_int_equal(keyfile_decode(&pub, buf.p, buf.len), ERR_OK);
	buf.p[4] = 2;
	assert_int_equal(keyfile_decode(&pub, buf.p, buf.len), ERR_VERSION);
	buf.p[4] = 1;
	buf.p[0] = 'X';
	assert_int_equal(keyfile_decode(&pub, buf.p, buf.len), ERR_MAGIC);
	buf.p[0] = 'C';
	buf.p[5] = KEYFILE_CUSTODIAN;	/* another kind's keys */
	assert_int_equal(keyfile_decode(&pub, buf.p, buf.len), ERR_KEYFILE);
	buf.p[5] = KEYFILE_ROOT;
	buf.p[6] = 3;
	assert_int_equal(keyfile_decode(&pub, buf.p, buf.len), ERR_COUNT);
	buf.p[6] = 1;
	buf.p[7] = 17;
	assert_int_equal(keyfile_decode(&pub, buf.p, buf.len), ERR_COUNT);
	buf.p[7] = 1;
	assert_int_equal(keyfile_decode(&pub, buf.p, buf.len), ERR_OK);
	/* A file cannot make Argon2id eat the machine. */
	memcpy(buf.p + slot + 1, huge, 4);
	assert_int_equal(keyfile_decode(&pub, buf.p, buf.len), ERR_TOO_BIG);
	memset(buf.p + slot + 1, 0, 4);
	assert_int_equal(keyfile_decode(&pub, buf.p, buf.len), ERR_KEYFILE);
	buf_free(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_comes_back),
		cmocka_unit_test(endpoint_has_its_keys),
		cmocka_unit_test(recovery_code),
		cmocka_unit_test(rotation),
		cmocka_unit_test(relay_rotation),
		cmocka_unit_test(tampering),
		cmocka_unit_test(forms),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
