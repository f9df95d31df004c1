/* mirror: a log in memory, served truly and in every wrong way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "audit/mirror.h"
#include "base/file.h"
#include "tests/unit/audit/served.h"

static char dir[64];

static struct mirror *
opened(enum err want)
{
	static struct mirror_key key;
	struct mirror_conf conf = { dir, &key, 1, served_fetch, NULL };
	struct mirror *m;

	memset(&key, 0, sizeof(key));
	memcpy(key.key, sign_public(served_key), KEY_BYTES);
	assert_int_equal(mirror_open(&m, &conf), want);
	return m;
}

static void
wipe(void)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	assert_int_equal(system(command), 0);
}

static void
step(struct mirror *m, struct mirror_news *news, enum err want,
    enum mirror_alarm alarm)
{
	char path[400];
	enum err err = mirror_step(m, news);

	if (err != want || news->alarm != alarm)
		fail_msg("%s, alarm %s (%s)", err_name(err),
		    mirror_alarm_name(news->alarm), news->detail);
	if (alarm == MIRROR_QUIET)
		return;
	(void)snprintf(path, sizeof(path), "%s/checkpoint.shown",
	    news->proof);
	assert_true(file_exists(path));
	(void)snprintf(path, sizeof(path), "%s/reason", news->proof);
	assert_true(file_exists(path));
}

/* Everything in the folder is what the log has, and nothing else is. */
static void
assert_copy(uint64_t size)
{
	char path[200], name_text[TILE_PATH_BYTES];
	struct hash row[TILE_WIDTH];
	struct tile_name name;
	struct buf bytes = buf_init(TILE_BYTES);

	for (name.level = 0; name.level < 3; name.level++)
		for (name.index = 0; (name.width = tile_width(size,
		    name.level, name.index)) > 0; name.index++) {
			tile_path(name_text, &name);
			(void)snprintf(path, sizeof(path), "%s/%s", dir,
			    name_text);
			buf_reset(&bytes);
			assert_int_equal(file_load(path, TILE_BYTES, &bytes),
			    ERR_OK);
			served_row(name.level, name.index * TILE_WIDTH,
			    name.width, row);
			assert_int_equal(bytes.len,
			    name.width * HASH_BYTES);
			assert_memory_equal(bytes.p, row, bytes.len);
		}
	buf_free(&bytes);
}

static void
test_grows(void **state)
{
	static const uint64_t sizes[] = { 0, 1, 2, 255, 256, 257, 511, 512,
		513, 5000, 65535, 65536, 65537, 65792, LEAVES };
	struct mirror_news news;
	struct mirror *m = NULL;
	uint64_t before = 0;
	size_t i;

	(void)state;
	wipe();
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		served_reset(sizes[i]);
		served.grown = LEAVES;
		served.no_partials = i % 2 == 0;
		if (i % 3 == 0) {
			mirror_free(&m);
			m = opened(ERR_OK);
		}
		step(m, &news, ERR_OK, MIRROR_QUIET);
		assert_true(news.before == before && news.size == sizes[i]);
		before = news.size;
		assert_copy(news.size);
		/* Again: nothing is asked for. */
		served.asked = 0;
		step(m, &news, ERR_OK, MIRROR_QUIET);
		assert_int_equal(served.asked, 0);
	}
	mirror_free(&m);
	/* Old partial tiles are gone. */
	{
		char path[200];

		(void)snprintf(path, sizeof(path), "%s/tile/0/000.p", dir);
		assert_int_not_equal(access(path, F_OK), 0);
	}
}

static void
begin(struct mirror **m, uint64_t size)
{
	struct mirror_news news;

	wipe();
	served_reset(size);
	*m = opened(ERR_OK);
	step(*m, &news, ERR_OK, MIRROR_QUIET);
}

static void
test_split(void **state)
{
	static const uint64_t later[] = { 1000, 1001, 1300, 66000 };
	struct mirror_news news;
	char path[400], proof[sizeof(news.proof)];
	struct mirror *m;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
		begin(&m, 1000);
		served_reset(later[i]);
		served.fork = i % 2 == 0 ? 999 : 3;
		step(m, &news, ERR_VERIFY, MIRROR_SPLIT);
		(void)snprintf(path, sizeof(path), "%s/path", news.proof);
		assert_int_equal(file_exists(path), later[i] > 1000);
		/* Met again: the same proof; and the copy stays. */
		memcpy(proof, news.proof, sizeof(proof));
		step(m, &news, ERR_VERIFY, MIRROR_SPLIT);
		assert_string_equal(proof, news.proof);
		assert_true(news.size == 1000);
		served_reset(1400);
		step(m, &news, ERR_OK, MIRROR_QUIET);
		assert_copy(1400);
		mirror_free(&m);
	}
}

static void
test_back(void **state)
{
	struct mirror_news news;
	struct mirror *m;

	(void)state;
	begin(&m, 1000);
	served_reset(999);
	step(m, &news, ERR_VERIFY, MIRROR_ROLLBACK);
	served_reset(0);
	step(m, &news, ERR_VERIFY, MIRROR_ROLLBACK);
	served_reset(600);
	served.fork = 5;
	step(m, &news, ERR_VERIFY, MIRROR_SPLIT);
	/* A rollback is seen across restarts. */
	mirror_free(&m);
	served_reset(512);
	m = opened(ERR_OK);
	step(m, &news, ERR_VERIFY, MIRROR_ROLLBACK);
	assert_true(news.size == 1000);
	mirror_free(&m);
}

static void
test_tiles(void **state)
{
	static const char *const all[] = { "tile/0/000", "tile/0/001",
		"tile/0/005.p/20", "tile/1/000.p/5" };
	static const char *const later[] = { "tile/0/003", "tile/0/007.p/208",
		"tile/1/000.p/7", "tile/0/006" };
	struct mirror_news news;
	struct mirror *m;
	size_t i;

	(void)state;
	for (i = 0; i < 8; i++) {
		if (i % 2 == 0) {
			wipe();
			served_reset(1300);
			m = opened(ERR_OK);
		} else {
			begin(&m, 1000);
			served_reset(2000);
		}
		served.bent = i % 2 == 0 ? all[i / 2] : later[i / 2];
		step(m, &news, ERR_VERIFY, MIRROR_BAD_TILE);
		served.short_ = served.bent;
		served.bent = NULL;
		step(m, &news, ERR_VERIFY, MIRROR_BAD_TILE);
		served.gone = served.short_;
		served.short_ = NULL;
		step(m, &news, ERR_INCOMPLETE, MIRROR_QUIET);
		served.gone = NULL;
		step(m, &news, ERR_OK, MIRROR_QUIET);
		assert_copy(served.size);
		mirror_free(&m);
	}
}

/* Cut off at each request in turn: the copy is whole, and goes on. */
static void
test_cut(void **state)
{
	struct mirror_news news;
	struct mirror *m;
	unsigned cut;
	enum err err = ERR_TIMEOUT;

	(void)state;
	begin(&m, 700);
	for (cut = 1; err == ERR_TIMEOUT; cut++) {
		served_reset(3000);
		served.cut = cut;
		err = mirror_step(m, &news);
		assert_int_equal(news.alarm, MIRROR_QUIET);
		if (err != ERR_TIMEOUT)
			break;
		assert_true(news.size == 700);
		mirror_free(&m);
		m = opened(ERR_OK);
	}
	assert_int_equal(err, ERR_OK);
	assert_true(news.size == 3000 && cut > 10);
	assert_copy(3000);
	mirror_free(&m);
}

static void
test_signers(void **state)
{
	struct sign_key *other;
	struct mirror_news news;
	struct mirror *m;

	(void)state;
	begin(&m, 10);
	assert_int_equal(sign_new(&other, SIGN_LOG), ERR_OK);
	served_reset(11);
	served.signer = other;
	step(m, &news, ERR_SIGNATURE, MIRROR_QUIET);
	/* Another name than the key's log has. */
	served_reset(11);
	served.origin = "relay.example/00000000";
	step(m, &news, ERR_SIGNATURE, MIRROR_QUIET);
	/* The same log under another relay's name is another log. */
	served_reset(11);
	{
		char twin[NOTE_NAME_MAX + 1];

		(void)snprintf(twin, sizeof(twin), "twin%s",
		    strchr(served_origin, '/'));
		served.origin = twin;
		step(m, &news, ERR_VERIFY, MIRROR_OTHER_LOG);
	}
	mirror_free(&m);
	sign_free(&other);
}

/* Damage in the copy itself is found when it is taken up. */
static void
test_damaged(void **state)
{
	struct mirror *m;
	char path[200];

	(void)state;
	begin(&m, 700);
	mirror_free(&m);
	(void)snprintf(path, sizeof(path), "%s/tile/0/002.p/188", dir);
	assert_int_equal(file_overwrite(path, 77, "x", 1), ERR_OK);
	m = opened(ERR_VERIFY);
	assert_null(m);
	assert_int_equal(unlink(path), 0);
	m = opened(ERR_VERIFY);
	wipe();
	begin(&m, 700);
	mirror_free(&m);
	(void)snprintf(path, sizeof(path), "%s/checkpoint", dir);
	assert_int_equal(file_overwrite(path, 30, "x", 1), ERR_OK);
	m = NULL;
	{
		static struct mirror_key key;
		struct mirror_conf conf = { dir, &key, 1, served_fetch, NULL };

		memcpy(key.key, sign_public(served_key), KEY_BYTES);
		assert_int_not_equal(mirror_open(&m, &conf), ERR_OK);
	}
	assert_null(m);
}

static int
setup(void **state)
{
	(void)state;
	served_new("relay.example");
	(void)snprintf(dir, sizeof(dir), "/tmp/casewire-mirror-%d",
	    (int)getpid());
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	wipe();
	served_free();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grows),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_back),
		cmocka_unit_test(test_tiles),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_signers),
		cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
