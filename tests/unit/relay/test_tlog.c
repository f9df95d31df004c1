/* tlog: held against base/merkle leaf by leaf, over a real store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/db.h"
#include "relay/store.h"
#include "relay/tlog.h"

#define LEAVES 70000		/* past a second level's first tile */
#define SMALL 700

static char path[64];
static struct hash leaves[LEAVES];

static void
wipe(void)
{
	char name[96];

	(void)unlink(path);
	(void)snprintf(name, sizeof(name), "%s-wal", path);
	(void)unlink(name);
	(void)snprintf(name, sizeof(name), "%s-shm", path);
	(void)unlink(name);
}

/* An entry that is its own number; its leaf goes into leaves. */
static void
grow(struct store *s, struct tlog *t, uint64_t n)
{
	uint8_t entry[8];
	struct store_item item = { .entry = { entry, sizeof(entry) } };
	struct wr wr;
	uint64_t i;

	assert_int_equal(store_begin(s), ERR_OK);
	for (i = tlog_size(t); i < n; i++) {
		wr = wr_init(entry, sizeof(entry));
		wr_u64(&wr, i);
		item.index = i;
		item.leaf = hash_leaf(entry, sizeof(entry));
		leaves[i] = item.leaf;
		assert_int_equal(store_append(s, &item), ERR_OK);
		assert_int_equal(tlog_append(t, &item.leaf), ERR_OK);
	}
	assert_int_equal(store_commit(s), ERR_OK);
}

static void
assert_root(struct tlog *t, uint64_t size)
{
	struct hash root, want = merkle_root(leaves, size);

	assert_int_equal(tlog_root(t, size, &root), ERR_OK);
	assert_true(hash_eq(&root, &want));
}

static void
assert_path(struct tlog *t, uint64_t index, uint64_t size)
{
	struct hash root = merkle_root(leaves, size);
	struct merkle_path path_;

	assert_int_equal(tlog_prove(t, &path_, index, size), ERR_OK);
	assert_int_equal(merkle_included(&leaves[index], index, size, &path_,
	    &root), ERR_OK);
}

static void
test_small(void **state)
{
	struct merkle_path proof;
	struct hash one, two;
	struct store *s;
	struct tlog *t;
	uint64_t n, i;

	(void)state;
	wipe();
	assert_int_equal(store_open(&s, path), ERR_OK);
	assert_int_equal(tlog_open(&t, s), ERR_OK);
	for (n = 1; n <= SMALL; n += n < 40 ? 1 : 37) {
		grow(s, t, n);
		assert_root(t, n);
		for (i = 0; i < n; i += n < 40 ? 1 : 61)
			assert_path(t, i, n);
		for (i = 1; i <= n; i += n < 40 ? 1 : 83) {
			assert_root(t, i);
			assert_int_equal(tlog_extend(t, &proof, i, n),
			    ERR_OK);
			one = merkle_root(leaves, i);
			two = merkle_root(leaves, n);
			assert_int_equal(merkle_consistent(i, &one, n, &two,
			    &proof), ERR_OK);
		}
	}
	assert_int_equal(tlog_prove(t, &proof, tlog_size(t), tlog_size(t)),
	    ERR_PROOF);
	assert_int_equal(tlog_extend(t, &proof, 1, tlog_size(t) + 1),
	    ERR_PROOF);
	tlog_free(&t);
	store_close(&s);
}

static void
test_large_and_reopened(void **state)
{
	static const uint64_t at[] = { 0, 255, 256, 65535, 65536, 69999 };
	struct hash tile[STORE_TILE], held;
	struct store *s;
	struct tlog *t;
	size_t i;

	(void)state;
	wipe();
	assert_int_equal(store_open(&s, path), ERR_OK);
	assert_int_equal(tlog_open(&t, s), ERR_OK);
	grow(s, t, 65536);
	assert_root(t, 65536);
	tlog_free(&t);
	assert_int_equal(tlog_open(&t, s), ERR_OK);
	grow(s, t, LEAVES);
	tlog_free(&t);
	assert_int_equal(tlog_open(&t, s), ERR_OK);
	assert_int_equal(tlog_size(t), LEAVES);
	assert_root(t, LEAVES);
	assert_root(t, 66000);
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		assert_path(t, at[i], LEAVES);
		assert_int_equal(tlog_leaf(t, at[i], &held), ERR_OK);
		assert_true(hash_eq(&held, &leaves[at[i]]));
	}
	assert_int_equal(tlog_tile(t, 1, 0, 256, tile), ERR_OK);
	held = merkle_root(leaves + 256, 256);
	assert_true(hash_eq(&tile[1], &held));
	assert_int_equal(tlog_tile(t, 1, 1, 17, tile), ERR_OK);
	assert_int_equal(tlog_tile(t, 1, 1, 18, tile), ERR_PROOF);
	assert_int_equal(tlog_tile(t, 0, 0, 257, tile), ERR_PROOF);
	assert_int_equal(tlog_full(t), ERR_OK);
	tlog_free(&t);
	store_close(&s);
}

/* Edit the store behind the relay's back. */
static void
edit(const char *sql)
{
	static const char *const steps[] = { "", "", NULL };
	static const struct db_schema schema = { "relay store", 0x43575231,
		steps };
	struct db *db;

	assert_int_equal(db_open(&db, path, &schema), ERR_OK);
	assert_int_equal(db_exec(db, sql), ERR_OK);
	db_close(&db);
}

static void
test_edited(void **state)
{
	struct store *s;
	struct tlog *t;

	(void)state;
	wipe();
	assert_int_equal(store_open(&s, path), ERR_OK);
	assert_int_equal(tlog_open(&t, s), ERR_OK);
	grow(s, t, 3000);
	tlog_free(&t);
	store_close(&s);

	/* Near the end: seen at every start. */
	edit("UPDATE entry SET statement = x'00' WHERE idx = 2500");
	assert_int_equal(store_open(&s, path), ERR_OK);
	assert_int_equal(tlog_open(&t, s), ERR_ROLLBACK);
	store_close(&s);
	edit("UPDATE entry SET statement = x'00000000000009c4'"
	    " WHERE idx = 2500");
	assert_int_equal(store_open(&s, path), ERR_OK);
	assert_int_equal(tlog_open(&t, s), ERR_OK);
	assert_int_equal(tlog_full(t), ERR_OK);
	tlog_free(&t);
	store_close(&s);

	/* Far back: seen by the full check. */
	edit("UPDATE entry SET statement = x'00' WHERE idx = 7");
	assert_int_equal(store_open(&s, path), ERR_OK);
	assert_int_equal(tlog_open(&t, s), ERR_OK);
	assert_int_equal(tlog_full(t), ERR_ROLLBACK);
	tlog_free(&t);
	store_close(&s);
	wipe();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_large_and_reopened),
		cmocka_unit_test(test_edited),
	};

	(void)snprintf(path, sizeof(path), "/tmp/casewire-tlog-%d.db",
	    (int)getpid());
	return cmocka_run_group_tests(tests, NULL, NULL);
}
