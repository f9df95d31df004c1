/* vault: a value opens where it was sealed and nowhere else. */
#include "helper.h"

#include "keys/vault.h"

static void
places(void **state)
{
	uint8_t key[32] = { 1 }, row1[8], row2[8];
	uint8_t sealed[5 + VAULT_OVERHEAD], again[5 + VAULT_OVERHEAD], out[5];
	struct vault *vault, *other;
	struct vault_at at = { "body", "content", vault_row(row1, 1) };
	struct vault_at elsewhere;
	size_t i;

	(void)state;
	assert_int_equal(vault_new(&vault, key), ERR_OK);
	key[0] = 2;
	assert_int_equal(vault_new(&other, key), ERR_OK);
	vault_seal(vault, &at, sealed, "hello", 5);
	vault_seal(vault, &at, again, "hello", 5);
	assert_memory_not_equal(sealed, again, sizeof(sealed));
	assert_int_equal(vault_open(vault, &at, out, sealed, sizeof(sealed)),
	    ERR_OK);
	assert_memory_equal(out, "hello", 5);
	assert_int_equal(vault_open(other, &at, out, sealed, sizeof(sealed)),
	    ERR_DECRYPT);
	assert_memory_equal(out, "\0\0\0\0\0", 5);
	elsewhere = at;
	elsewhere.row = vault_row(row2, 2);
	assert_int_equal(vault_open(vault, &elsewhere, out, sealed,
	    sizeof(sealed)), ERR_DECRYPT);
	elsewhere = at;
	elsewhere.table = "bod";	/* "bod" + "ycontent" is not it */
	elsewhere.column = "ycontent";
	assert_int_equal(vault_open(vault, &elsewhere, out, sealed,
	    sizeof(sealed)), ERR_DECRYPT);
	for (i = 0; i < sizeof(sealed); i++) {
		sealed[i] ^= 1;
		assert_int_equal(vault_open(vault, &at, out, sealed,
		    sizeof(sealed)), ERR_DECRYPT);
		sealed[i] ^= 1;
	}
	assert_int_equal(vault_open(vault, &at, out, sealed,
	    VAULT_OVERHEAD - 1), ERR_TRUNCATED);
	vault_free(&vault);
	vault_free(&other);
	assert_null(vault);
}

static void
bodies(void **state)
{
	uint8_t key[32] = { 1 }, row[8], sealed[VAULT_KEY_SEALED];
	uint8_t text[4 + VAULT_OVERHEAD], out[4];
	struct vault *book, *body, *again;
	struct vault_at at = { "body_key", "key", vault_row(row, 9) };

	(void)state;
	assert_int_equal(vault_new(&book, key), ERR_OK);
	assert_int_equal(vault_body_new(&body, book, &at, sealed), ERR_OK);
	vault_seal(body, &at, text, "text", 4);
	assert_int_equal(vault_body_open(&again, book, &at, sealed), ERR_OK);
	assert_int_equal(vault_open(again, &at, out, text, sizeof(text)),
	    ERR_OK);
	assert_int_equal(vault_open(book, &at, out, text, sizeof(text)),
	    ERR_DECRYPT);
	vault_free(&again);
	sealed[40] ^= 1;
	assert_int_equal(vault_body_open(&again, book, &at, sealed),
	    ERR_DECRYPT);
	assert_null(again);
	vault_free(&body);
	vault_free(&book);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places),
		cmocka_unit_test(bodies),
	};

	return cmocka_run_group_tests(tests, helper_start, helper_stop);
}
