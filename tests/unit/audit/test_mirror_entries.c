/* mirror_entries: what a pass shows of a log, kept, forged, refused, and
 * damaged on the disk of who keeps it. */
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
#include "base/merkle.h"
#include "keys/sign.h"
#include "proto/tile_entries.h"

#define LEAVES 66000		/* past a second level's first hash */

static struct hash leaf[LEAVES];
static struct sign_key *log_key;
static char dir[64], origin[NOTE_NAME_MAX + 1];
static uint64_t size;		/* of the log as it is served */

static void
checkpoint(struct buf *out)
{
	struct note_checkpoint cp = { .size = size };
	struct buf text = buf_init(NOTE_MAX);
	struct note_sig line;
	uint8_t sig[SIG_BYTES];

	(void)snprintf(cp.origin, sizeof(cp.origin), "%s", origin);
	cp.root = merkle_root(leaf, size);
	assert_int_equal(note_checkpoint_write(&text, &cp), ERR_OK);
	assert_int_equal(sign_note(log_key, text.p, text.len, sig), ERR_OK);
	assert_int_equal(note_sig_set(&line, NOTE_ED25519, origin,
	    sign_public(log_key), sig, sizeof(sig)), ERR_OK);
	assert_int_equal(note_write(out, buf_view(&text), &line, 1), ERR_OK);
	buf_free(&text);
}

static enum err
fetch(void *ctx, const char *path, struct buf *out)
{
	struct tile_name name;
	struct hash node;
	size_t step;
	unsigned i;

	(void)ctx;
	if (strcmp(path, "checkpoint") == 0) {
		checkpoint(out);
		return ERR_OK;
	}
	assert_int_equal(tile_parse(&name, path + 5), ERR_OK);
	step = (size_t)1 << (8 * name.level);
	for (i = 0; i < name.width; i++) {
		node = merkle_root(leaf + (name.index * TILE_WIDTH + i) *
		    step, step);
		buf_put(out, node.b, HASH_BYTES);
	}
	return out->err;
}

static struct mirror *
opened(void)
{
	static struct mirror_key key;
	struct mirror_conf conf = { dir, &key, 1, fetch, NULL };
	struct mirror *m;

	memset(&key, 0, sizeof(key));
	memcpy(key.key, sign_public(log_key), KEY_BYTES);
	assert_int_equal(mirror_open(&m, &conf), ERR_OK);
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
	enum err err = mirror_step(m, news);

	if (err != want || news->alarm != alarm)
		fail_msg("%s, alarm %s (%s)", err_name(err),
		    mirror_alarm_name(news->alarm), news->detail);
}

/* Who bears this pass sees two entries of three. */
static struct {
	uint64_t forged;	/* another entry at this index; UINT64_MAX */
	bool refused;		/* the pass opens nothing */
	unsigned asked;
} pass;

static enum err
fetch_entries(void *ctx, const char *path, struct buf *out)
{
	const struct view none = { NULL, 0 };
	struct tile_name name;
	uint64_t i, said;

	(void)ctx;
	pass.asked++;
	if (pass.refused)
		return ERR_NOT_ADMITTED;
	assert_int_equal(tile_parse(&name, path + 5), ERR_OK);
	assert_int_equal(name.level, TILE_ENTRIES);
	for (i = name.index * TILE_WIDTH; i < name.index * TILE_WIDTH +
	    name.width; i++) {
		said = i == pass.forged ? i + 1 : i;
		assert_int_equal(tile_entries_put(out, i % 3 == 0 ? none :
		    (struct view){ (const uint8_t *)&said, sizeof(said) }),
		    ERR_OK);
	}
	return out->err;
}

static enum err
entry_each(void *ctx, uint64_t index, struct view entry)
{
	uint64_t *next = ctx;

	assert_true(index == (*next)++);
	if (index % 3 == 0)
		assert_int_equal(entry.len, 0);
	else
		assert_memory_equal(entry.p, &index, sizeof(index));
	return ERR_OK;
}

/* Every entry again out of the copy, in order. */
static void
assert_entries(struct mirror *m, enum err want)
{
	uint64_t next = 0;

	assert_int_equal(mirror_entries_each(m, entry_each, &next), want);
	if (want == ERR_OK)
		assert_true(next == size);
}

static bool
in_copy(const char *name)
{
	char path[200];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	return file_exists(path);
}

static void
entries_start(uint64_t entries)
{
	wipe();
	size = entries;
	memset(&pass, 0, sizeof(pass));
	pass.forged = UINT64_MAX;
}

static void
test_kept(void **state)
{
	struct mirror_news news;
	struct mirror *m;

	(void)state;
	entries_start(300);
	m = opened();
	mirror_entries_from(m, fetch_entries, NULL);
	step(m, &news, ERR_OK, MIRROR_QUIET);
	assert_int_equal(news.shown, 200);
	assert_int_equal(news.withheld, 100);
	assert_true(in_copy("tile/entries/001.p/44"));
	assert_entries(m, ERR_OK);
	/* Nothing new: nothing is asked. */
	pass.asked = 0;
	step(m, &news, ERR_OK, MIRROR_QUIET);
	assert_int_equal(pass.asked, 0);
	assert_int_equal(news.shown, 0);
	mirror_free(&m);

	/* A start that finds it: only what is new. */
	size = LEAVES;
	m = opened();
	mirror_entries_from(m, fetch_entries, NULL);
	step(m, &news, ERR_OK, MIRROR_QUIET);
	assert_int_equal(pass.asked, 257);
	assert_false(in_copy("tile/entries/001.p/44"));
	assert_true(in_copy("tile/entries/257.p/208"));
	assert_entries(m, ERR_OK);
	mirror_free(&m);

	/* Read without a pass: the same; without its hashes: not at all. */
	m = opened();
	assert_entries(m, ERR_OK);
	mirror_free(&m);
	wipe();
	size = 300;
	m = opened();
	step(m, &news, ERR_OK, MIRROR_QUIET);
	assert_int_equal(news.shown + news.withheld, 0);
	assert_false(in_copy("tile/entries"));
	mirror_free(&m);
}

static void
test_wrong(void **state)
{
	struct mirror_news news;
	struct mirror *m;
	char path[200];
	uint64_t i = 12345;

	(void)state;
	entries_start(600);
	pass.forged = 401;
	m = opened();
	mirror_entries_from(m, fetch_entries, NULL);
	step(m, &news, ERR_VERIFY, MIRROR_BAD_TILE);
	assert_non_null(strstr(news.detail, "tile/entries/001"));
	/* What came before it is kept, as are all hashes. */
	assert_true(in_copy("tile/entries/000"));
	assert_false(in_copy("tile/entries/001"));
	assert_true(in_copy("tile/0/002.p/88"));
	/* A pass that ended stops the look. */
	pass.forged = UINT64_MAX;
	pass.refused = true;
	step(m, &news, ERR_NOT_ADMITTED, MIRROR_QUIET);
	pass.refused = false;
	step(m, &news, ERR_OK, MIRROR_QUIET);
	assert_entries(m, ERR_OK);
	/* Somebody writes into the copy: an entry, then the hash of one
	 * that is withheld. */
	(void)snprintf(path, sizeof(path), "%s/tile/entries/000", dir);
	assert_int_equal(file_overwrite(path, 4, &i, sizeof(i)), ERR_OK);
	assert_entries(m, ERR_VERIFY);
	(void)snprintf(path, sizeof(path), "%s/tile/0/001", dir);
	mirror_free(&m);
	entries_start(600);
	m = opened();
	mirror_entries_from(m, fetch_entries, NULL);
	step(m, &news, ERR_OK, MIRROR_QUIET);
	assert_entries(m, ERR_OK);
	assert_int_equal(file_overwrite(path, (uint64_t)2 * HASH_BYTES, &i,
	    sizeof(i)), ERR_OK);
	assert_entries(m, ERR_VERIFY);
	mirror_free(&m);
}

static int
setup(void **state)
{
	struct hash id;
	uint64_t i;

	(void)state;
	for (i = 0; i < LEAVES; i++)
		leaf[i] = hash_leaf(&i, sizeof(i));
	if (sign_new(&log_key, SIGN_LOG) != ERR_OK)
		return 1;
	id = note_log_id(sign_public(log_key));
	(void)snprintf(dir, sizeof(dir), "/tmp/casewire-entries-%d",
	    (int)getpid());
	return note_origin(origin, "relay.example", &id) != ERR_OK;
}

static int
teardown(void **state)
{
	(void)state;
	wipe();
	sign_free(&log_key);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
