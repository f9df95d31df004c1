/* prekeys: durable before use, erased in place, torn slots, one owner. */
#include "helper.h"

#include <sys/stat.h>

#include "keys/prekeys.h"

static struct vault *book, *other;

static int
start(void **state)
{
	uint8_t key[32] = { 1 };

	if (helper_start(state) != 0 || vault_new(&book, key) != ERR_OK)
		return 1;
	key[0] = 2;
	return vault_new(&other, key) != ERR_OK;
}

static int
stop(void **state)
{
	vault_free(&book);
	vault_free(&other);
	return helper_stop(state);
}

static struct prekeys *
fresh(const char *name)
{
	struct prekeys *pk;

	assert_int_equal(prekeys_create(helper_path(name), book), ERR_OK);
	assert_int_equal(prekeys_open(&pk, helper_path(name), book), ERR_OK);
	return pk;
}

static void
made_found_erased(void **state)
{
	struct prekeys_info info = { .pair_id = { { 1 } }, .kid = { { 8 } },
		.made_at = 1234 }, got;
	struct prekeys *pk = fresh("a");
	struct dh_key *key;
	struct id kid;
	struct stat before, after;
	uint8_t public[4][32];
	uint64_t n;

	(void)state;
	assert_int_equal(stat(helper_path("a"), &before), 0);
	assert_int_equal(prekeys_make(pk, &info, public[0]), ERR_SEQ);
	for (n = 1; n < 4; n++) {
		info.prekey_id = n;
		assert_int_equal(prekeys_make(pk, &info, public[n]), ERR_OK);
	}
	assert_int_equal(prekeys_make(pk, &info, public[0]), ERR_SEQ);
	prekeys_free(&pk);
	assert_int_equal(prekeys_open(&pk, helper_path("a"), book), ERR_OK);
	assert_int_equal(prekeys_damaged(pk), 0);
	for (n = 1; n < 4; n++) {
		assert_int_equal(prekeys_find(&key, pk, &info.pair_id, n,
		    &kid), ERR_OK);
		assert_memory_equal(dh_public(key), public[n], 32);
		assert_memory_equal(kid.b, info.kid.b, ID_BYTES);
		dh_free(&key);
	}
	assert_int_equal(prekeys_newest(&got, pk, &info.pair_id), ERR_OK);
	assert_int_equal(got.prekey_id, 3);
	assert_int_equal(got.made_at, 1234);
	assert_int_equal(prekeys_erase_below(pk, &info.pair_id, 3), ERR_OK);
	assert_int_equal(prekeys_find(&key, pk, &info.pair_id, 2, NULL),
	    ERR_PREKEY_GONE);
	assert_int_equal(prekeys_at(&got, pk, 0), ERR_OK);
	assert_int_equal(got.prekey_id, 3);
	assert_int_equal(prekeys_at(&got, pk, 1), ERR_NOTFOUND);
	prekeys_free(&pk);
	assert_int_equal(prekeys_open(&pk, helper_path("a"), book), ERR_OK);
	assert_int_equal(prekeys_find(&key, pk, &info.pair_id, 2, NULL),
	    ERR_PREKEY_GONE);
	assert_int_equal(prekeys_erase(pk, &info.pair_id, 3), ERR_OK);
	assert_int_equal(prekeys_erase(pk, &info.pair_id, 3), ERR_OK);
	assert_int_equal(prekeys_newest(&got, pk, &info.pair_id),
	    ERR_NOTFOUND);
	/* In place: the same file, the same size. */
	assert_int_equal(stat(helper_path("a"), &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(before.st_size, after.st_size);
	prekeys_free(&pk);
}

/* After an erasure the sealed bytes are nowhere in the file any more. */
static void
bytes_are_gone(void **state)
{
	struct prekeys_info info = { .prekey_id = 1 };
	struct prekeys *pk = fresh("gone");
	struct buf buf = buf_init(2 << 20);
	uint8_t public[32], was[64];

	(void)state;
	assert_int_equal(prekeys_make(pk, &info, public), ERR_OK);
	assert_int_equal(file_load(helper_path("gone"), 2 << 20, &buf),
	    ERR_OK);
	memcpy(was, buf.p + 512 + 24, sizeof(was));
	assert_non_null(memmem(buf.p, buf.len, was, sizeof(was)));
	buf_reset(&buf);
	assert_int_equal(prekeys_erase(pk, &info.pair_id, 1), ERR_OK);
	assert_int_equal(file_load(helper_path("gone"), 2 << 20, &buf),
	    ERR_OK);
	assert_null(memmem(buf.p, buf.len, was, sizeof(was)));
	buf_free(&buf);
	prekeys_free(&pk);
}

static void
foreign_locked_torn(void **state)
{
	struct prekeys_info info = { .prekey_id = 1 };
	struct prekeys *pk = fresh("torn"), *second;
	struct dh_key *key;
	uint8_t public[32], half[100] = { 7 };

	(void)state;
	assert_int_equal(prekeys_create(helper_path("torn"), book),
	    ERR_EXISTS);
	assert_int_equal(prekeys_open(&second, helper_path("torn"), book),
	    ERR_LOCKED);
	assert_null(second);
	assert_int_equal(prekeys_make(pk, &info, public), ERR_OK);
	info.prekey_id = 2;
	assert_int_equal(prekeys_make(pk, &info, public), ERR_OK);
	prekeys_free(&pk);
	assert_int_equal(prekeys_open(&pk, helper_path("torn"), other),
	    ERR_KEY_FOREIGN);
	assert_int_equal(prekeys_open(&pk, helper_path("none"), book),
	    ERR_NOTFOUND);
	/* A write of slot 0 that stopped half-way. */
	assert_int_equal(file_overwrite(helper_path("torn"), 512, half,
	    sizeof(half)), ERR_OK);
	assert_int_equal(prekeys_open(&pk, helper_path("torn"), book), ERR_OK);
	assert_int_equal(prekeys_damaged(pk), 1);
	assert_int_equal(prekeys_find(&key, pk, &info.pair_id, 1, NULL),
	    ERR_PREKEY_GONE);
	assert_int_equal(prekeys_find(&key, pk, &info.pair_id, 2, NULL),
	    ERR_OK);
	dh_free(&key);
	prekeys_free(&pk);
	assert_int_equal(prekeys_open(&pk, helper_path("torn"), book), ERR_OK);
	assert_int_equal(prekeys_damaged(pk), 0);
	prekeys_free(&pk);
}

static void
two_pairs(void **state)
{
	struct prekeys_info a = { .pair_id = { { 1 } }, .prekey_id = 5 };
	struct prekeys_info b = { .pair_id = { { 2 } }, .prekey_id = 5 };
	struct prekeys *pk = fresh("pairs");
	struct dh_key *key;
	uint8_t public[32];

	(void)state;
	assert_int_equal(prekeys_make(pk, &a, public), ERR_OK);
	assert_int_equal(prekeys_make(pk, &b, public), ERR_OK);
	assert_int_equal(prekeys_erase_below(pk, &a.pair_id, 6), ERR_OK);
	assert_int_equal(prekeys_find(&key, pk, &a.pair_id, 5, NULL),
	    ERR_PREKEY_GONE);
	assert_int_equal(prekeys_find(&key, pk, &b.pair_id, 5, NULL), ERR_OK);
	assert_memory_equal(dh_public(key), public, 32);
	dh_free(&key);
	prekeys_free(&pk);
}

static void
psk_days(void **state)
{
	uint32_t day;
	uint8_t secret[32] = { 3 };
	struct hash charter = { { 4 } };
	struct prekeys *pk = fresh("psk");
	struct psk *zero, *nine, *got;

	(void)state;
	assert_int_equal(psk_from(&zero, 0, secret), ERR_OK);
	assert_int_equal(psk_forward(&nine, zero, 9), ERR_OK);
	assert_int_equal(prekeys_psk(&got, pk, &charter, 0), ERR_NOTFOUND);
	assert_int_equal(prekeys_psk_put(pk, &charter, zero), ERR_OK);
	assert_int_equal(prekeys_psk_put(pk, &charter, zero), ERR_EXISTS);
	assert_int_equal(prekeys_psk(&got, pk, &charter, 9), ERR_OK);
	assert_memory_equal(psk_secret(got), psk_secret(nine), 32);
	psk_free(&got);
	assert_int_equal(prekeys_psk_erase_below(pk, &charter, 7), ERR_OK);
	prekeys_free(&pk);
	assert_int_equal(prekeys_open(&pk, helper_path("psk"), book), ERR_OK);
	assert_int_equal(prekeys_psk(&got, pk, &charter, 6), ERR_PREKEY_GONE);
	assert_int_equal(prekeys_psk(&got, pk, &charter, 9), ERR_OK);
	assert_memory_equal(psk_secret(got), psk_secret(nine), 32);
	psk_free(&got);
	/* A crash between writing the later day and erasing this one. */
	assert_int_equal(prekeys_psk_erase_below(pk, &charter, 3), ERR_OK);
	assert_int_equal(prekeys_psk(&got, pk, &charter, 7), ERR_OK);
	psk_free(&got);
	assert_int_equal(prekeys_psk_day(&day, pk, &charter), ERR_OK);
	assert_int_equal(day, 7);
	assert_int_equal(prekeys_psk_erase(pk, &charter), ERR_OK);
	prekeys_free(&pk);
	assert_int_equal(prekeys_open(&pk, helper_path("psk"), book), ERR_OK);
	assert_int_equal(prekeys_psk_day(&day, pk, &charter), ERR_NOTFOUND);
	assert_int_equal(prekeys_psk_erase(pk, &charter), ERR_OK);
	psk_free(&zero);
	psk_free(&nine);
	prekeys_free(&pk);
}

static void
full(void **state)
{
	struct prekeys_info info = { .prekey_id = 0 };
	struct prekeys *pk = fresh("full");
	uint8_t public[32];
	size_t i;

	(void)state;
	for (i = 0; i < PREKEYS_SLOTS; i++) {
		info.prekey_id++;
		assert_int_equal(prekeys_make(pk, &info, public), ERR_OK);
	}
	info.prekey_id++;
	assert_int_equal(prekeys_make(pk, &info, public), ERR_BUSY);
	assert_int_equal(prekeys_erase_below(pk, &info.pair_id, 3), ERR_OK);
	assert_int_equal(prekeys_make(pk, &info, public), ERR_OK);
	prekeys_free(&pk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(made_found_erased),
		cmocka_unit_test(bytes_are_gone),
		cmocka_unit_test(foreign_locked_torn),
		cmocka_unit_test(two_pairs),
		cmocka_unit_test(psk_days),
		cmocka_unit_test(full),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
