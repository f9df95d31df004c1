/* store: what every driver of relay/store.h must do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "relay/store.h"

static char path[64];

static int
fresh(void **state)
{
	char name[96];
	const char *const ends[] = { "", "-wal", "-shm" };
	struct store *s;
	size_t i;

	(void)snprintf(path, sizeof(path), "/tmp/casewire-store-%d.db",
	    (int)getpid());
	for (i = 0; i < 3; i++) {
		(void)snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		(void)unlink(name);
	}
	if (store_open(&s, path) != ERR_OK)
		return -1;
	*state = s;
	return 0;
}

static int
done(void **state)
{
	struct store *s = *state;
	char name[96];

	store_close(&s);
	(void)unlink(path);
	(void)snprintf(name, sizeof(name), "%s-wal", path);
	(void)unlink(name);
	(void)snprintf(name, sizeof(name), "%s-shm", path);
	(void)unlink(name);
	return 0;
}

static struct id
id_of(uint8_t b)
{
	struct id id;

	memset(id.b, b, ID_BYTES);
	return id;
}

/* Walks write what they see as one line of text. */
struct trace {
	char text[512];
	unsigned stop;		/* after so many; 0 = never */
	unsigned seen;
};

static enum err
trace(void *ctx, const struct store_seen *seen)
{
	struct trace *t = ctx;
	size_t len = strlen(t->text);

	if (t->stop > 0 && t->seen == t->stop)
		return ERR_BUSY;
	t->seen++;
	if (seen->run != NULL)
		(void)snprintf(t->text + len, sizeof(t->text) - len,
		    "%llu:run %llu-%llu %.*s%s ",
		    (unsigned long long)seen->index,
		    (unsigned long long)seen->run->first_seq,
		    (unsigned long long)seen->run->last_seq,
		    (int)seen->run->body.len, seen->run->body.p,
		    seen->run->form == STORE_BARE ? "*" : "");
	else
		(void)snprintf(t->text + len, sizeof(t->text) - len,
		    "%llu:%.*s ", (unsigned long long)seen->index,
		    (int)seen->entry.len, seen->entry.p);
	return ERR_OK;
}

static enum err
trace_fact(void *ctx, struct view key, struct view value)
{
	struct trace *t = ctx;
	size_t len = strlen(t->text);

	(void)snprintf(t->text + len, sizeof(t->text) - len, "%.*s=%.*s ",
	    (int)key.len, key.p, (int)value.len, value.p);
	return ERR_OK;
}

static void
add_run(struct store *s, uint64_t index, uint8_t channel, uint64_t first,
    uint64_t last, int64_t due, const char *body)
{
	struct store_run run = {
		.channel = id_of(channel),
		.first_seq = first,
		.last_seq = last,
		.accepted_at = 5,
		.due_at = due,
		.body = { (const uint8_t *)body, strlen(body) },
	};
	struct store_item item = {
		.index = index,
		.entry = { (const uint8_t *)"E", 1 },
		.run = &run,
		.feeds = &run.channel,
		.feed_count = 1,
	};

	assert_int_equal(store_append(s, &item), ERR_OK);
}

static void
add_said(struct store *s, uint64_t index, uint8_t channel, const char *text,
    enum store_news news, uint8_t item, uint64_t serial)
{
	struct id feed = id_of(channel);
	struct store_item it = {
		.index = index,
		.leaf = hash_of(text, strlen(text)),
		.entry = { (const uint8_t *)text, strlen(text) },
		.feeds = &feed,
		.feed_count = 1,
		.news = news,
		.news_owner = id_of(7),
		.news_item = id_of(item),
		.news_serial = serial,
	};

	assert_int_equal(store_append(s, &it), ERR_OK);
}

static void
test_feed(void **state)
{
	struct store *s = *state;
	struct id one = id_of(1), two = id_of(2);
	struct trace t = { .stop = 0 };
	uint64_t size, index;
	struct hash leaf = hash_of("rcpt", 4);

	assert_int_equal(store_begin(s), ERR_OK);
	add_run(s, 0, 1, 1, 2, 100, "r0");
	add_run(s, 1, 2, 1, 1, 100, "x");
	add_said(s, 2, 1, "rcpt", STORE_NONE, 0, 0);
	add_run(s, 3, 1, 3, 3, 50, "r3");
	assert_int_equal(store_commit(s), ERR_OK);
	assert_int_equal(store_size(s, &size), ERR_OK);
	assert_int_equal(size, 4);
	assert_int_equal(store_find(s, &leaf, &index), ERR_OK);
	assert_int_equal(index, 2);

	assert_int_equal(store_feed(s, &one, true, 0, true, trace, &t),
	    ERR_OK);
	assert_string_equal(t.text, "0:run 1-2 r0 2:rcpt 3:run 3-3 r3 ");
	t = (struct trace){ .stop = 0 };
	assert_int_equal(store_feed(s, &one, false, 0, true, trace, &t),
	    ERR_OK);
	assert_string_equal(t.text, "2:rcpt 3:run 3-3 r3 ");
	/* The sender's own view; what is past every index; the other's. */
	t = (struct trace){ .stop = 0 };
	assert_int_equal(store_feed(s, &one, true, 0, false, trace, &t),
	    ERR_OK);
	assert_int_equal(store_feed(s, &one, false, UINT64_MAX, true, trace,
	    &t), ERR_OK);
	assert_int_equal(store_feed(s, &two, true, 0, true, trace, &t),
	    ERR_OK);
	assert_string_equal(t.text, "2:rcpt 1:run 1-1 x ");
	t = (struct trace){ .stop = 1 };
	assert_int_equal(store_feed(s, &one, true, 0, true, trace, &t),
	    ERR_BUSY);
	assert_string_equal(t.text, "0:run 1-2 r0 ");
}

static void
test_runs(void **state)
{
	struct store *s = *state;
	struct id one = id_of(1);
	struct trace t = { .stop = 0 };

	assert_int_equal(store_begin(s), ERR_OK);
	add_run(s, 0, 1, 1, 4, 1, "a");
	add_run(s, 1, 1, 5, 5, 1, "b");
	add_run(s, 2, 1, 9, 1032, 1, "c");
	add_run(s, 3, 2, 5, 6, 1, "other");
	assert_int_equal(store_runs(s, &one, 4, 5, trace, &t), ERR_OK);
	assert_string_equal(t.text, "0:run 1-4 a 1:run 5-5 b ");
	t = (struct trace){ .stop = 0 };
	assert_int_equal(store_runs(s, &one, 6, 8, trace, &t), ERR_OK);
	assert_string_equal(t.text, "");
	/* The longest run is found by its first seq. */
	assert_int_equal(store_runs(s, &one, 6, 9, trace, &t), ERR_OK);
	assert_string_equal(t.text, "2:run 9-1032 c ");
	t = (struct trace){ .stop = 0 };
	assert_int_equal(store_head(s, &one, 0, trace, &t), ERR_OK);
	assert_string_equal(t.text, "2:run 9-1032 c ");
	t = (struct trace){ .stop = 0 };
	assert_int_equal(store_head(s, &one, 3, trace, &t), ERR_OK);
	assert_string_equal(t.text, "");
	assert_int_equal(store_commit(s), ERR_OK);
}

static void
test_news(void **state)
{
	struct store *s = *state;
	struct id owner = id_of(7), nobody = id_of(8);
	struct trace t = { .stop = 0 };

	assert_int_equal(store_begin(s), ERR_OK);
	add_said(s, 0, 1, "k1", STORE_KEYS, 0, 1);
	add_said(s, 1, 1, "k2", STORE_KEYS, 0, 2);
	add_said(s, 2, 1, "p5", STORE_PREKEY, 0, 5);
	add_said(s, 3, 1, "p4", STORE_PREKEY, 0, 4);
	add_said(s, 4, 1, "o1", STORE_OFFICER, 1, 10);
	add_said(s, 5, 1, "o2", STORE_OFFICER, 2, 9);
	add_said(s, 6, 1, "o1b", STORE_OFFICER, 1, 11);
	assert_int_equal(store_commit(s), ERR_OK);
	assert_int_equal(store_news(s, STORE_KEYS, &owner, 0, trace, &t),
	    ERR_OK);
	assert_int_equal(store_news(s, STORE_KEYS, &owner, 1, trace, &t),
	    ERR_OK);
	assert_int_equal(store_news(s, STORE_KEYS, &nobody, 0, trace, &t),
	    ERR_OK);
	assert_string_equal(t.text, "0:k1 1:k2 1:k2 ");
	t = (struct trace){ .stop = 0 };
	assert_int_equal(store_news(s, STORE_PREKEY, &owner, 0, trace, &t),
	    ERR_OK);
	assert_string_equal(t.text, "2:p5 ");
	t = (struct trace){ .stop = 0 };
	assert_int_equal(store_news(s, STORE_OFFICER, NULL, 0, trace, &t),
	    ERR_OK);
	assert_string_equal(t.text, "5:o2 6:o1b ");
}

static void
cover(struct store *s, uint64_t index, uint64_t first, uint64_t last)
{
	struct id feed = id_of(1);
	struct store_item it = {
		.index = index,
		.entry = { (const uint8_t *)&index, sizeof(index) },
		.leaf = hash_of(&index, sizeof(index)),
		.feeds = &feed,
		.feed_count = 1,
		.covers = true,
		.cover_first = first,
		.cover_last = last,
	};

	assert_int_equal(store_append(s, &it), ERR_OK);
}

static void
test_covered(void **state)
{
	struct store *s = *state;
	struct id one = id_of(1);

	assert_int_equal(store_begin(s), ERR_OK);
	cover(s, 0, 5, 6);
	cover(s, 1, 1, 3);
	cover(s, 2, 2, 4);
	cover(s, 3, 9, 20);
	cover(s, 4, 9, 20);	/* twice is fine */
	assert_int_equal(store_covered(s, &one, 1, 6), ERR_OK);
	assert_int_equal(store_covered(s, &one, 3, 5), ERR_OK);
	assert_int_equal(store_covered(s, &one, 6, 7), ERR_NOTFOUND);
	assert_int_equal(store_covered(s, &one, 8, 9), ERR_NOTFOUND);
	assert_int_equal(store_covered(s, &one, 10, 12), ERR_OK);
	assert_int_equal(store_commit(s), ERR_OK);
}

static void
test_due_and_prune(void **state)
{
	struct store *s = *state;
	struct trace t = { .stop = 0 };
	struct store_count count;

	assert_int_equal(store_begin(s), ERR_OK);
	add_run(s, 0, 1, 1, 1, 300, "late");
	add_run(s, 1, 1, 2, 2, 100, "soon");
	add_run(s, 2, 1, 3, 3, 200, "next");
	assert_int_equal(store_due(s, 99, 9, trace, &t), ERR_OK);
	assert_string_equal(t.text, "");
	assert_int_equal(store_due(s, 200, 9, trace, &t), ERR_OK);
	assert_string_equal(t.text, "1:run 2-2 soon 2:run 3-3 next ");
	assert_int_equal(store_prune(s, 1,
	    (struct view){ (const uint8_t *)"bare", 4 }), ERR_OK);
	t = (struct trace){ .stop = 0 };
	assert_int_equal(store_due(s, 200, 9, trace, &t), ERR_OK);
	assert_string_equal(t.text, "2:run 3-3 next ");
	t = (struct trace){ .stop = 0 };
	assert_int_equal(store_all(s, trace, &t), ERR_OK);
	assert_string_equal(t.text,
	    "0:run 1-1 late 1:run 2-2 bare* 2:run 3-3 next ");
	assert_int_equal(store_counts(s, &count), ERR_OK);
	assert_int_equal(count.entries, 3);
	assert_int_equal(count.full, 2);
	assert_int_equal(store_commit(s), ERR_OK);
}

static struct view
text(const char *s)
{
	return (struct view){ (const uint8_t *)s, strlen(s) };
}

static void
test_facts(void **state)
{
	struct store *s = *state;
	struct trace t = { .stop = 0 };
	uint64_t count;
	char out[2];

	assert_int_equal(store_begin(s), ERR_OK);
	assert_int_equal(store_put(s, STORE_BLOCK, text("b"), text("1")),
	    ERR_OK);
	assert_int_equal(store_put(s, STORE_BLOCK, text("a"), text("22")),
	    ERR_OK);
	assert_int_equal(store_put(s, STORE_BLOCK, text("b"), text("3")),
	    ERR_OK);
	assert_int_equal(store_put(s, STORE_FORK, text("b"), text("9")),
	    ERR_OK);
	assert_int_equal(store_facts(s, STORE_BLOCK, trace_fact, &t), ERR_OK);
	assert_string_equal(t.text, "a=22 b=3 ");
	assert_int_equal(store_get(s, STORE_BLOCK, text("a"), out, 2),
	    ERR_OK);
	assert_memory_equal(out, "22", 2);
	assert_int_equal(store_get(s, STORE_BLOCK, text("c"), out, 2),
	    ERR_NOTFOUND);
	assert_int_equal(store_put(s, STORE_BLOCK, text("ab"), text("4")),
	    ERR_OK);
	assert_int_equal(store_held(s, STORE_BLOCK, text("a"), &count),
	    ERR_OK);
	assert_int_equal(count, 2);
	assert_int_equal(store_held(s, STORE_BLOCK, text("ab"), &count),
	    ERR_OK);
	assert_int_equal(count, 1);
	assert_int_equal(store_held(s, STORE_FORK, text("a"), &count),
	    ERR_OK);
	assert_int_equal(count, 0);
	assert_int_equal(store_drop(s, STORE_BLOCK, text("a")), ERR_OK);
	assert_int_equal(store_drop(s, STORE_BLOCK, text("a")),
	    ERR_NOTFOUND);
	assert_int_equal(store_commit(s), ERR_OK);
}

/* What was not committed is gone; what was is there after a reopen. */
static void
test_commit(void **state)
{
	struct store *s = *state;
	struct hash tile[STORE_TILE], back[STORE_TILE];
	uint64_t size;

	memset(tile, 0x5a, sizeof(tile));
	assert_int_equal(store_begin(s), ERR_OK);
	add_run(s, 0, 1, 1, 1, 1, "kept");
	assert_int_equal(store_tile_put(s, 1, 3, tile), ERR_OK);
	assert_int_equal(store_commit(s), ERR_OK);
	assert_int_equal(store_begin(s), ERR_OK);
	add_run(s, 1, 1, 2, 2, 1, "lost");
	store_rollback(s);
	assert_int_equal(store_begin(s), ERR_OK);
	add_run(s, 1, 1, 2, 2, 1, "lost");
	store_close(&s);
	assert_int_equal(store_open(&s, path), ERR_OK);
	*state = s;
	assert_int_equal(store_size(s, &size), ERR_OK);
	assert_int_equal(size, 1);
	assert_int_equal(store_tile_get(s, 1, 3, back), ERR_OK);
	assert_memory_equal(tile, back, sizeof(tile));
	assert_int_equal(store_tile_get(s, 0, 3, back), ERR_NOTFOUND);
	assert_int_equal(store_check(s), ERR_OK);
}

/* A restored log: entries of which the leaf is here, filled in any order and
 * fed after all that was fed before. */
static void
test_hollow(void **state)
{
	struct store *s = *state;
	struct id one = id_of(1);
	struct hash leaf[3] = { hash_of("a", 1), hash_of("rcpt", 4),
		hash_of("c", 1) };
	struct store_restored r = { .first = 1, .end = 4, .at = 5000 };
	struct store_run run = { .channel = id_of(1), .first_seq = 2,
		.last_seq = 2, .due_at = 100,
		.body = { (const uint8_t *)"r3", 2 } };
	struct store_item item = { .index = 3, .leaf = leaf[2],
		.entry = { (const uint8_t *)"E", 1 }, .run = &run,
		.feeds = &run.channel, .feed_count = 1 };
	struct store_count count;
	struct trace t = { .stop = 0 };
	uint64_t i, index, size;

	assert_int_equal(store_begin(s), ERR_OK);
	add_run(s, 0, 1, 1, 1, 100, "r0");
	for (i = 0; i < 3; i++)
		assert_int_equal(store_hollow_add(s, i + 1, &leaf[i]),
		    ERR_OK);
	assert_int_equal(store_restore(s, &r), ERR_OK);
	assert_int_equal(store_commit(s), ERR_OK);
	assert_int_equal(store_size(s, &size), ERR_OK);
	assert_int_equal(size, 4);
	assert_int_equal(store_hollows(s), 3);
	assert_int_equal(store_hollow(s, &leaf[2], &index), ERR_OK);
	assert_int_equal(index, 3);
	assert_int_equal(store_find(s, &leaf[1], &index), ERR_NOTFOUND);
	assert_int_equal(store_all(s, trace, &t), ERR_OK);
	assert_string_equal(t.text, "0:run 1-1 r0 1: 2: 3: ");

	/* What was not committed is forgotten in memory too. */
	assert_int_equal(store_begin(s), ERR_OK);
	assert_int_equal(store_fill(s, &item), ERR_OK);
	store_rollback(s);
	assert_int_equal(store_hollows(s), 3);
	/* Another leaf at that place fills nothing. */
	assert_int_equal(store_begin(s), ERR_OK);
	item.leaf = leaf[0];
	assert_int_equal(store_fill(s, &item), ERR_NOTFOUND);
	item.leaf = leaf[2];
	assert_int_equal(store_fill(s, &item), ERR_OK);
	assert_int_equal(store_fill(s, &item), ERR_NOTFOUND);
	add_said(s, 4, 1, "s4", STORE_NONE, 0, 0);
	item = (struct store_item){ .index = 2, .leaf = leaf[1],
		.entry = { (const uint8_t *)"rcpt", 4 }, .feeds = &one,
		.feed_count = 1 };
	assert_int_equal(store_fill(s, &item), ERR_OK);
	assert_int_equal(store_commit(s), ERR_OK);
	assert_int_equal(store_find(s, &leaf[1], &index), ERR_OK);
	assert_int_equal(index, 2);
	assert_int_equal(store_hollow(s, &leaf[1], &index), ERR_NOTFOUND);

	store_close(&s);
	assert_int_equal(store_open(&s, path), ERR_OK);
	*state = s;
	assert_int_equal(store_hollows(s), 1);
	assert_int_equal(store_restored(s)->at, 5000);
	assert_int_equal(store_counts(s, &count), ERR_OK);
	assert_int_equal(count.entries, 5);
	assert_int_equal(count.hollow, 1);
	t = (struct trace){ .stop = 0 };
	assert_int_equal(store_feed(s, &one, false, 4, true, trace, &t),
	    ERR_OK);
	assert_string_equal(t.text, "3:run 2-2 r3 4:s4 2:rcpt ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_feed, fresh, done),
		cmocka_unit_test_setup_teardown(test_runs, fresh, done),
		cmocka_unit_test_setup_teardown(test_news, fresh, done),
		cmocka_unit_test_setup_teardown(test_covered, fresh, done),
		cmocka_unit_test_setup_teardown(test_due_and_prune, fresh,
		    done),
		cmocka_unit_test_setup_teardown(test_facts, fresh, done),
		cmocka_unit_test_setup_teardown(test_commit, fresh, done),
		cmocka_unit_test_setup_teardown(test_hollow, fresh, done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
