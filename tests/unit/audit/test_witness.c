/* witness: it never signs backwards, whatever happens to its folder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "audit/witness.h"
#include "base/file.h"
#include "keys/pubkey.h"
#include "tests/unit/audit/served.h"

#define NAME "w.example/1"
#define NOW_S 1796083300

static char dir[64];
static struct sign_key *key;
static struct clock_fake fake;

/* What the relay was brought, and how it answers. */
static struct {
	unsigned status;	/* 0: nobody answers */
	const char *answer;
	unsigned times;
	struct buf note;	/* the last */
	uint64_t size, time_s;	/* of it */
} relay;

static char *
place(const char *name)
{
	static char path[4][200];
	static unsigned next;
	char *p = path[next++ % 4];

	(void)snprintf(p, sizeof(path[0]), "%s/%s", dir, name);
	return p;
}

static void
wipe(const char *what)
{
	char command[256];

	(void)snprintf(command, sizeof(command), "rm -rf '%s%s'", dir, what);
	assert_int_equal(system(command), 0);
}

/* A good line of this key and name; never older than the one before. */
static void
check_brought(void)
{
	struct buf tbs = buf_init(NOTE_MAX);
	struct note_checkpoint cp;
	const struct note_sig *line;
	struct note note;
	uint8_t id[4];

	assert_int_equal(note_parse(&note, buf_view(&relay.note)), ERR_OK);
	assert_int_equal(note_checkpoint_parse(&cp, note.body), ERR_OK);
	note_key_id(id, NOTE_COSIGNATURE, NAME, sign_public(key));
	line = note_find(&note, NAME, id);
	assert_non_null(line);
	assert_int_equal(line->sig_len, NOTE_COSIG_BYTES);
	assert_int_equal(note_cosigned(&tbs, note_cosig_time(line),
	    note.body), ERR_OK);
	assert_int_equal(pubkey_verify(sign_public(key), tbs.p, tbs.len,
	    line->sig + 8), ERR_OK);
	note_key_id(id, NOTE_ED25519, served_origin, sign_public(served_key));
	line = note_find(&note, served_origin, id);
	assert_non_null(line);
	assert_int_equal(pubkey_verify(sign_public(served_key), note.body.p,
	    note.body.len, line->sig), ERR_OK);
	assert_true(cp.size >= relay.size);
	line = &note.sig[1];
	assert_true(note_cosig_time(line) >= relay.time_s);
	relay.size = cp.size;
	relay.time_s = note_cosig_time(line);
	buf_free(&tbs);
}

static enum err
brought(void *ctx, struct view note, unsigned *status, struct buf *out)
{
	(void)ctx;
	if (relay.status == 0)
		return ERR_UNREACHABLE;
	relay.times++;
	buf_reset(&relay.note);
	buf_put(&relay.note, note.p, note.len);
	check_brought();
	*status = relay.status;
	buf_str(out, relay.answer == NULL ? "" : relay.answer);
	return ERR_OK;
}

static struct witness *
opened_as(const struct sign_key *who, const char *name, enum err want)
{
	static struct mirror_key log;
	struct witness_conf conf = {
		.log = { dir, &log, 1, served_fetch, NULL },
		.origin = served_origin,
		.bring = brought,
		.key = who,
		.name = name,
		.clock = clock_faked(&fake),
	};
	struct witness *w;

	memset(&log, 0, sizeof(log));
	memcpy(log.key, sign_public(served_key), KEY_BYTES);
	assert_int_equal(witness_open(&w, &conf), want);
	return w;
}

static struct witness *
opened(void)
{
	return opened_as(key, NAME, ERR_OK);
}

static void
again(struct witness **w)
{
	witness_free(w);
	*w = opened();
}

static void
step(struct witness *w, struct witness_news *news, enum err want)
{
	enum err err = witness_step(w, news);

	if (err != want)
		fail_msg("%s: %s", err_name(err), news->detail);
}

static int
begin(void **state)
{
	(void)state;
	served_new("relay.example");
	assert_int_equal(sign_new(&key, SIGN_WITNESS), ERR_OK);
	relay.note = buf_init(NOTE_MAX);
	(void)snprintf(dir, sizeof(dir), "/tmp/casewire-witness-%d",
	    (int)getpid());
	return 0;
}

static int
end(void **state)
{
	(void)state;
	wipe("");
	served_free();
	sign_free(&key);
	buf_free(&relay.note);
	return 0;
}

static int
fresh(void **state)
{
	(void)state;
	wipe("");
	served_reset(700);
	fake.wall_ms = (int64_t)NOW_S * 1000;
	relay.status = 200;
	relay.answer = NULL;
	relay.times = 0;
	relay.size = relay.time_s = 0;
	return 0;
}

static void
test_cosigns(void **state)
{
	struct witness *w = opened();
	struct witness_news news;

	(void)state;
	step(w, &news, ERR_OK);
	assert_true(news.fresh && news.brought && news.size == 700);
	assert_int_equal(news.time_s, NOW_S);
	assert_int_equal(relay.times, 1);
	served_reset(900);
	clock_advance(&fake, 5000);
	step(w, &news, ERR_OK);
	assert_int_equal(relay.size, 900);
	assert_int_equal(relay.time_s, NOW_S + 5);
	again(&w);
	served_reset(901);
	step(w, &news, ERR_OK);
	assert_int_equal(relay.size, 901);
	witness_free(&w);
}

/* An empty log has nothing to say. */
static void
test_empty(void **state)
{
	struct witness *w;
	struct witness_news news;

	(void)state;
	served_reset(0);
	w = opened();
	step(w, &news, ERR_OK);
	assert_int_equal(relay.times, 0);
	assert_false(file_exists(place("state")));
	witness_free(&w);
}

/* Nobody took it, or it was cut off after `state`: the same bytes later. */
static void
test_same_bytes(void **state)
{
	struct witness *w = opened();
	struct witness_news news;
	struct buf first = buf_init(NOTE_MAX);

	(void)state;
	relay.status = 0;
	step(w, &news, ERR_UNREACHABLE);
	assert_int_equal(file_load(place("cosigned"), NOTE_MAX, &first),
	    ERR_OK);
	relay.status = 200;
	clock_advance(&fake, 60000);
	again(&w);
	assert_int_equal(unlink(place("cosigned")), 0);
	step(w, &news, ERR_OK);
	assert_true(!news.fresh && news.time_s == NOW_S);
	assert_int_equal(relay.note.len, first.len);
	assert_memory_equal(relay.note.p, first.p, first.len);
	assert_true(file_exists(place("cosigned")));
	buf_free(&first);
	witness_free(&w);
}

static void
test_clock_back(void **state)
{
	struct witness *w = opened();
	struct witness_news news;

	(void)state;
	step(w, &news, ERR_OK);
	served_reset(800);
	fake.wall_ms -= 1000;
	step(w, &news, ERR_BUSY);
	assert_int_equal(news.size, 700);
	again(&w);
	step(w, &news, ERR_BUSY);
	assert_int_equal(relay.size, 700);
	fake.wall_ms += 1000;
	step(w, &news, ERR_OK);
	assert_int_equal(relay.size, 800);
	fake.wall_ms = -5;
	served_reset(900);
	step(w, &news, ERR_BUSY);
	witness_free(&w);
}

static void
test_answers(void **state)
{
	static const struct {
		unsigned status;
		const char *answer;
		enum err err;
	} rows[] = {
		{ 403, "no", ERR_NOT_ADMITTED },
		{ 429, "", ERR_QUOTA },
		{ 500, "", ERR_FAIL },
		{ 302, "", ERR_FAIL },
		{ 409, "699\n", ERR_FAIL },
		{ 409, "700\n", ERR_FAIL },
		{ 409, "-1\n", ERR_FAIL },
		{ 409, "", ERR_FAIL },
		{ 409, "99999999999999999999999999\n", ERR_FAIL },
		{ 409, "701x\n", ERR_FAIL },
		{ 200, NULL, ERR_OK },
	};
	struct witness *w = opened();
	struct witness_news news;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		relay.status = rows[i].status;
		relay.answer = rows[i].answer;
		step(w, &news, rows[i].err);
		assert_int_equal(news.size, 700);
	}
	/* It says it has a newer line of this key: nothing more is signed. */
	served_reset(800);
	relay.status = 409;
	relay.answer = "801\n";
	step(w, &news, ERR_CLONE);
	served_reset(900);
	step(w, &news, ERR_CLONE);
	relay.status = 500;
	step(w, &news, ERR_FAIL);
	assert_int_equal(relay.size, 800);
	/* Somebody on the way had said so: it takes what there is. */
	relay.status = 200;
	step(w, &news, ERR_OK);
	assert_int_equal(relay.size, 800);
	step(w, &news, ERR_OK);
	assert_int_equal(relay.size, 900);
	witness_free(&w);
}

/* A folder is of one log: what another signs there gets nowhere. */
static void
test_other_log(void **state)
{
	struct witness *w = opened();
	struct witness_news news;

	(void)state;
	served.origin = "relay2.example/00000000";
	step(w, &news, ERR_SIGNATURE);
	served.origin = "other.example";
	step(w, &news, ERR_SIGNATURE);
	(void)snprintf(news.detail, sizeof(news.detail), "other%s",
	    strchr(served_origin, '/'));
	served.origin = news.detail;
	assert_int_equal(witness_step(w, &(struct witness_news){ .size = 0 }),
	    ERR_SIGNATURE);
	assert_false(file_exists(place("state")));
	assert_false(file_exists(place("checkpoint")));
	witness_free(&w);
}

/* A relay that lost what it was brought is brought it again. */
static void
test_lost_there(void **state)
{
	struct witness *w = opened();
	struct witness_news news;

	(void)state;
	step(w, &news, ERR_OK);
	step(w, &news, ERR_OK);
	assert_int_equal(relay.times, 2);
	assert_false(news.fresh);
	witness_free(&w);
}

/* The copy is lost, or put back: state holds. */
static void
test_copy_lost(void **state)
{
	struct witness *w = opened();
	struct witness_news news;

	(void)state;
	step(w, &news, ERR_OK);
	witness_free(&w);
	wipe("/checkpoint");
	wipe("/tile");
	w = opened();
	served_reset(1300);
	step(w, &news, ERR_OK);
	assert_int_equal(relay.size, 1300);
	witness_free(&w);
	wipe("/checkpoint");
	wipe("/tile");
	w = opened();
	served_reset(1299);
	step(w, &news, ERR_VERIFY);
	assert_int_equal(news.alarm, MIRROR_ROLLBACK);
	assert_int_equal(relay.size, 1300);
	assert_false(file_exists(place("stopped")));
	witness_free(&w);
}

static void
split_after_loss(uint64_t size)
{
	struct witness *w = opened();
	struct witness_news news;
	char path[600];

	step(w, &news, ERR_OK);
	witness_free(&w);
	wipe("/checkpoint");
	wipe("/tile");
	w = opened();
	served_reset(size);
	served.fork = 3;
	step(w, &news, ERR_VERIFY);
	assert_int_equal(news.alarm, MIRROR_SPLIT);
	(void)snprintf(path, sizeof(path), "%s/checkpoint.shown", news.proof);
	assert_true(file_exists(path));
	(void)snprintf(path, sizeof(path), "%s/path", news.proof);
	assert_int_equal(file_exists(path), size > 700);
	assert_int_equal(relay.size, 700);
	/* For good, also where the log is itself again. */
	served_reset(900);
	step(w, &news, ERR_VERIFY);
	witness_free(&w);
	w = opened();
	step(w, &news, ERR_VERIFY);
	assert_int_equal(relay.size, 700);
	witness_free(&w);
}

static void
test_split(void **state)
{
	(void)state;
	split_after_loss(1300);
}

static void
test_split_same_size(void **state)
{
	(void)state;
	split_after_loss(700);
}

/* The copy took more and state was not written: no harm, and no older one. */
static void
test_cut_before_state(void **state)
{
	struct witness *w;
	struct witness_news news;
	struct mirror *m;
	struct mirror_key log = { .origin = "" };
	struct mirror_conf conf = { dir, &log, 1, served_fetch, NULL };
	struct mirror_news mirrored;

	(void)state;
	memcpy(log.key, sign_public(served_key), KEY_BYTES);
	assert_int_equal(mirror_open(&m, &conf), ERR_OK);
	assert_int_equal(mirror_step(m, &mirrored), ERR_OK);
	mirror_free(&m);
	w = opened();
	step(w, &news, ERR_OK);
	assert_int_equal(relay.size, 700);
	witness_free(&w);
}

static void
test_state_put_back(void **state)
{
	struct buf old = buf_init(WITNESS_STATE_MAX);
	struct witness *w = opened();
	struct witness_news news;

	(void)state;
	step(w, &news, ERR_OK);
	assert_int_equal(file_load(place("state"), WITNESS_STATE_MAX, &old),
	    ERR_OK);
	served_reset(800);
	step(w, &news, ERR_OK);
	witness_free(&w);
	assert_int_equal(file_replace(place("state"), old.p, old.len, 0600),
	    ERR_OK);
	w = opened_as(key, NAME, ERR_ROLLBACK);
	assert_null(w);
	assert_int_equal(unlink(place("state")), 0);
	w = opened_as(key, NAME, ERR_ROLLBACK);
	assert_null(w);
	/* Damaged, or another's. */
	old.p[3] ^= 1;
	assert_int_equal(file_replace(place("state"), old.p, old.len, 0600),
	    ERR_OK);
	w = opened_as(key, NAME, ERR_MAGIC);
	assert_null(w);
	buf_free(&old);
}

/* The file says a size the log did not sign for. */
static void
test_state_edited(void **state)
{
	struct witness_state st;
	struct witness *w = opened();
	struct witness_news news;

	(void)state;
	step(w, &news, ERR_OK);
	witness_free(&w);
	assert_int_equal(witness_state_load(&st, place("state")), ERR_OK);
	st.cp.size = 5;
	assert_int_equal(witness_state_save(&st, place("state")), ERR_OK);
	assert_int_equal(unlink(place("cosigned")), 0);
	served_reset(701);
	w = opened();
	step(w, &news, ERR_SIGNATURE);
	assert_int_equal(relay.size, 700);
	witness_free(&w);
}

static void
test_other_key(void **state)
{
	struct sign_key *other;
	struct witness *w = opened();
	struct witness_news news;

	(void)state;
	step(w, &news, ERR_OK);
	(void)opened_as(key, NAME, ERR_LOCKED);
	witness_free(&w);
	assert_int_equal(sign_new(&other, SIGN_WITNESS), ERR_OK);
	(void)opened_as(other, NAME, ERR_KEY_FOREIGN);
	(void)opened_as(key, "w.example/2", ERR_KEY_FOREIGN);
	sign_free(&other);
}

/* What the log shows: our newest line is known; a forged one is nothing; one
 * that nobody here remembers is a clone, or a home put back. */
static void
test_shown(void **state)
{
	struct witness *w = opened();
	struct witness_news news;
	struct note note;
	struct note_sig line;

	(void)state;
	step(w, &news, ERR_OK);
	assert_int_equal(note_parse(&note, buf_view(&relay.note)), ERR_OK);
	line = note.sig[1];
	served.more = &line;
	step(w, &news, ERR_OK);
	assert_int_equal(relay.times, 1);
	line.sig[20] ^= 1;
	step(w, &news, ERR_OK);
	assert_int_equal(relay.times, 2);
	line.sig[20] ^= 1;
	witness_free(&w);
	wipe("/state");
	wipe("/cosigned");
	w = opened();
	step(w, &news, ERR_ROLLBACK);
	assert_false(file_exists(place("state")));
	witness_free(&w);
}

static void
test_away(void **state)
{
	struct witness *w = opened();
	struct witness_news news;

	(void)state;
	served.away = true;
	step(w, &news, ERR_UNREACHABLE);
	served.away = false;
	served.gone = "tile/0/001";
	step(w, &news, ERR_INCOMPLETE);
	served.gone = NULL;
	served.bent = "tile/0/001";
	step(w, &news, ERR_VERIFY);
	assert_int_equal(news.alarm, MIRROR_BAD_TILE);
	assert_int_equal(relay.times, 0);
	/* Somebody on the way may have done that: a new start looks again. */
	again(&w);
	served.bent = NULL;
	step(w, &news, ERR_OK);
	witness_free(&w);
}

#define TEST(f) cmocka_unit_test_setup(f, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_cosigns),
		TEST(test_empty),
		TEST(test_same_bytes),
		TEST(test_clock_back),
		TEST(test_answers),
		TEST(test_other_log),
		TEST(test_lost_there),
		TEST(test_copy_lost),
		TEST(test_split),
		TEST(test_split_same_size),
		TEST(test_cut_before_state),
		TEST(test_state_put_back),
		TEST(test_state_edited),
		TEST(test_other_key),
		TEST(test_shown),
		TEST(test_away),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
