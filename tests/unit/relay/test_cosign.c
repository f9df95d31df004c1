/* cosign: whose line is kept, and what it costs to be refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "audit/keyring.h"
#include "keys/pubkey.h"
#include "proto/charter.h"
#include "proto/note.h"
#include "relay/cosign.h"
#include "relay/signer.h"
#include "tests/unit/relay/rig.h"

#define TIME_S 1796083300u

struct bench {
	struct yard y;
	struct rig rig;
	struct signer *signer;
	struct cosign *cosign;
	char origin[NOTE_NAME_MAX + 1];
	struct buf note;
	uint64_t held;
	int64_t now;		/* each note comes a minute later */
};

/* A note on its way: what a test may bend before it is made. */
struct bend {
	uint64_t size;
	const char *origin;	/* NULL: ours */
	bool no_log, bad_log;	/* the log's line */
	uint8_t root_flip, line_flip;
	unsigned witness[NOTE_SIGS_MAX];
	unsigned count;
	uint64_t time_s;	/* 0: TIME_S + size */
	const char *name;	/* of the lines, NULL: the witness's own */
};

static void
grow(struct rig *rig, unsigned n)
{
	uint8_t entry[8];
	struct store_item item = { .entry = { entry, sizeof(entry) } };
	struct wr wr;

	for (; n > 0; n--) {
		wr = wr_init(entry, sizeof(entry));
		wr_u64(&wr, tlog_size(rig->tree));
		MUST(group_append(rig->group, &item));
	}
	MUST(group_end(rig->group));
}

static void
open_rooms(struct bench *b)
{
	struct cosign_parts parts;

	rig_open(&b->rig, &b->y, 0);
	MUST(signer_open(&b->signer, yard_path(&b->y, "signer.high"),
	    b->y.relay));
	group_free(&b->rig.group);
	MUST(group_new(&b->rig.group, b->rig.store, b->rig.tree, b->signer));
	if (tlog_size(b->rig.tree) > 0)
		MUST(group_sign(b->rig.group));
	parts = (struct cosign_parts){ b->rig.store, b->rig.tree,
		b->rig.group, b->rig.admitted, b->rig.keyring, "r1",
		keyfile_find(keyfile_public(b->y.relay), KEYFILE_LOG, 0) };
	MUST(cosign_open(&b->cosign, &parts));
}

static void
close_rooms(struct bench *b)
{
	cosign_free(&b->cosign);
	signer_free(&b->signer);
	rig_close(&b->rig);
}

static void
charters(struct bench *b)
{
	struct admitted_paper paper;
	unsigned i;

	MUST(group_begin(b->rig.group));
	for (i = 0; i < YARD_PAIRS; i++) {
		paper.text = buf_view(&b->y.charter[i]);
		memcpy(paper.sig_a, b->y.sig[i][0], SIG_BYTES);
		memcpy(paper.sig_b, b->y.sig[i][1], SIG_BYTES);
		MUST(admitted_add(b->rig.admitted, &paper));
	}
	MUST(group_end(b->rig.group));
}

static int
setup(void **state)
{
	static struct bench b;

	memset(&b, 0, sizeof(b));
	yard_open(&b.y);
	MUST(note_origin(b.origin, "r1", &b.y.log_id));
	b.note = buf_init(2 * NOTE_MAX);
	b.now = 1000;
	open_rooms(&b);
	charters(&b);
	grow(&b.rig, 300);
	*state = &b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	close_rooms(b);
	buf_free(&b->note);
	yard_close(&b->y);
	return 0;
}

static void
line_make(const struct bench *b, const struct bend *bend, unsigned who,
    struct view body, struct note_sig *line)
{
	const struct sign_key *key = b->y.witness[who];
	uint64_t time_s = bend->time_s != 0 ? bend->time_s :
	    TIME_S + bend->size;
	struct buf tbs = buf_init(NOTE_MAX);
	uint8_t blob[NOTE_COSIG_BYTES];
	struct wr wr = wr_init(blob, sizeof(blob));

	wr_u64(&wr, time_s);
	MUST(note_cosigned(&tbs, time_s, body));
	MUST(sign_note(key, tbs.p, tbs.len, blob + 8));
	blob[70] ^= bend->line_flip;
	MUST(note_sig_set(line, NOTE_COSIGNATURE, bend->name != NULL ?
	    bend->name : yard_witness(who), sign_public(key), blob,
	    sizeof(blob)));
	buf_free(&tbs);
}

static void
note_make(struct bench *b, const struct bend *bend)
{
	const struct sign_key *key = keyfile_signer(b->y.relay, KEYFILE_LOG);
	struct note_checkpoint cp = { .size = bend->size };
	struct note_sig lines[NOTE_SIGS_MAX];
	struct buf body = buf_init(NOTE_MAX);
	uint8_t sig[SIG_BYTES];
	unsigned i, n = 0;

	strcpy(cp.origin, bend->origin != NULL ? bend->origin : b->origin);
	if (bend->size <= tlog_size(b->rig.tree))
		MUST(tlog_root(b->rig.tree, bend->size, &cp.root));
	cp.root.b[0] ^= bend->root_flip;
	MUST(note_checkpoint_write(&body, &cp));
	MUST(sign_note(key, body.p, body.len, sig));
	sig[9] ^= bend->bad_log;
	if (!bend->no_log)
		MUST(note_sig_set(&lines[n++], NOTE_ED25519, cp.origin,
		    sign_public(key), sig, SIG_BYTES));
	for (i = 0; i < bend->count; i++)
		line_make(b, bend, bend->witness[i], buf_view(&body),
		    &lines[n++]);
	buf_reset(&b->note);
	MUST(note_write(&b->note, buf_view(&body), lines, n));
	buf_free(&body);
}

static enum err
bring(struct bench *b, const struct bend *bend)
{
	note_make(b, bend);
	b->now += 60000;
	return cosign_take(b->cosign, buf_view(&b->note), b->now, &b->held);
}

static uint64_t
held_of(struct bench *b, unsigned who)
{
	const struct cosign_witness *w;
	size_t i;

	for (i = 0; (w = cosign_at(b->cosign, i)) != NULL; i++)
		if (strcmp(w->name, yard_witness(who)) == 0)
			return w->size;
	fail_msg("witness %u is not known", who);
	return 0;
}

/* The lines of the newest checkpoint as it is shown. */
static unsigned
shown(struct bench *b)
{
	struct note note;

	buf_reset(&b->note);
	MUST(cosign_checkpoint(b->cosign, &b->note));
	MUST(note_parse(&note, buf_view(&b->note)));
	return note.sig_count;
}

static void
test_taken(void **state)
{
	struct bench *b = *state;
	struct bend one = { .size = 300, .witness = { 0 }, .count = 1 };
	struct bend two = { .size = 300, .witness = { 2, 1 }, .count = 2 };
	size_t n = 0;

	while (cosign_at(b->cosign, n) != NULL)
		n++;
	assert_int_equal(n, 3);	/* 1 is named twice */
	assert_int_equal(shown(b), 1);
	assert_int_equal(bring(b, &one), ERR_OK);
	assert_int_equal(held_of(b, 0), 300);
	assert_int_equal(shown(b), 2);
	assert_int_equal(bring(b, &two), ERR_OK);
	assert_int_equal(shown(b), 4);
	grow(&b->rig, 1);	/* that is no newest checkpoint any more */
	assert_int_equal(shown(b), 1);
	one.size = 301;
	assert_int_equal(bring(b, &one), ERR_OK);
	assert_int_equal(shown(b), 2);
	assert_int_equal(held_of(b, 1), 300);
}

/* The same again costs no signature, and nothing changes. */
static void
test_again(void **state)
{
	struct bench *b = *state;
	struct bend bend = { .size = 120, .witness = { 0 }, .count = 1 };
	const struct cosign_witness *w;
	unsigned i;

	assert_int_equal(bring(b, &bend), ERR_OK);
	note_make(b, &bend);
	for (i = 0; i < 5000; i++)
		assert_int_equal(cosign_take(b->cosign, buf_view(&b->note),
		    b->now, &b->held), ERR_OK);
	/* Another line at that size: the first stays. */
	bend.time_s = 5;
	assert_int_equal(bring(b, &bend), ERR_OK);
	w = cosign_at(b->cosign, 0);
	assert_int_equal(w->time_s, TIME_S + 120);
	bend.line_flip = 1;
	assert_int_equal(bring(b, &bend), ERR_SIGNATURE);
}

static void
test_older(void **state)
{
	struct bench *b = *state;
	struct bend bend = { .size = 200, .witness = { 0 }, .count = 1 };

	assert_int_equal(bring(b, &bend), ERR_OK);
	bend.size = 199;
	assert_int_equal(bring(b, &bend), ERR_STATE);
	assert_int_equal(b->held, 200);
	/* Together with one that would be news: nothing of both. */
	bend.witness[1] = 1;
	bend.count = 2;
	assert_int_equal(bring(b, &bend), ERR_STATE);
	assert_int_equal(held_of(b, 1), 0);
	bend.size = 301;	/* not signed by this log */
	assert_int_equal(bring(b, &bend), ERR_NOTFOUND);
	assert_int_equal(b->held, 300);
}

static void
test_refused(void **state)
{
	struct bench *b = *state;
	const struct {
		const char *what;
		struct bend bend;
		enum err err;
	} rows[] = {
		{ "nothing", { .size = 0, .witness = { 0 }, .count = 1 },
		    ERR_SYNTAX },
		{ "another log", { .size = 9, .origin = "r2/00000000",
		    .witness = { 0 }, .count = 1 }, ERR_KEY_FOREIGN },
		{ "no line of the log", { .size = 9, .no_log = true,
		    .witness = { 0 }, .count = 1 }, ERR_SIGNATURE },
		{ "a forged one", { .size = 9, .bad_log = true,
		    .witness = { 0 }, .count = 1 }, ERR_SIGNATURE },
		{ "no witness", { .size = 9, .count = 0 }, ERR_KID_UNKNOWN },
		{ "a stranger", { .size = 9, .witness = { 3 }, .count = 1 },
		    ERR_KID_UNKNOWN },
		{ "a stranger by a known name", { .size = 9,
		    .witness = { 3 }, .count = 1, .name = "w.example/0" },
		    ERR_KID_UNKNOWN },
		{ "a witness by another's name", { .size = 9,
		    .witness = { 0 }, .count = 1, .name = "w.example/1" },
		    ERR_KID_UNKNOWN },
		{ "a forged line", { .size = 9, .witness = { 0 }, .count = 1,
		    .line_flip = 1 }, ERR_SIGNATURE },
		{ "another root", { .size = 9, .witness = { 0 }, .count = 1,
		    .root_flip = 1 }, ERR_ROOT },
		{ "a time no verifier takes", { .size = 9, .witness = { 0 },
		    .count = 1, .time_s = (uint64_t)1 << 63 }, ERR_SYNTAX },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (bring(b, &rows[i].bend) != rows[i].err)
			fail_msg("%s", rows[i].what);
	for (i = 0; i < 3; i++)
		assert_int_equal(held_of(b, (unsigned)i), 0);
	assert_int_equal(cosign_take(b->cosign, (struct view){ 0 }, 0,
	    &b->held), ERR_SYNTAX);
}

/* Sixteen lines, fifteen of one witness: one is looked at. */
static void
test_many_lines(void **state)
{
	struct bench *b = *state;
	struct bend bend = { .size = 50, .count = 15 };

	assert_int_equal(bring(b, &bend), ERR_OK);
	assert_int_equal(held_of(b, 0), 50);
	buf_str(&b->note, "\xe2\x80\x94 w.example/0 AAAAAAA=\n");
	assert_int_equal(cosign_take(b->cosign, buf_view(&b->note), b->now,
	    &b->held), ERR_COUNT);
	assert_int_equal(b->note.len <= NOTE_MAX, true);
}

/* Who forges is not verified without end; a minute later all is well. */
static void
test_quota(void **state)
{
	struct bench *b = *state;
	struct bend bend = { .size = 60, .witness = { 1 }, .count = 1,
		.line_flip = 1 };
	struct bend other = { .size = 60, .witness = { 0 }, .count = 1 };
	unsigned i;
	enum err err = ERR_OK;

	note_make(b, &bend);
	for (i = 0; i < 2000 && err != ERR_QUOTA; i++)
		err = cosign_take(b->cosign, buf_view(&b->note), b->now,
		    &b->held);
	assert_in_range(i, 100, 1000);
	/* Another witness is none the worse for it. */
	note_make(b, &other);
	assert_int_equal(cosign_take(b->cosign, buf_view(&b->note), b->now,
	    &b->held), ERR_OK);
	bend.line_flip = 0;
	assert_int_equal(bring(b, &bend), ERR_OK);
}

static void
test_restart(void **state)
{
	struct bench *b = *state;
	struct bend bend = { .size = 300, .witness = { 1 }, .count = 1 };

	assert_int_equal(bring(b, &bend), ERR_OK);
	close_rooms(b);
	open_rooms(b);
	assert_int_equal(held_of(b, 1), 300);
	assert_int_equal(held_of(b, 0), 0);
	assert_int_equal(shown(b), 2);
	bend.size = 20;
	assert_int_equal(bring(b, &bend), ERR_STATE);
}

/* A note edited in the store counts no more; its witness may come again. */
static void
test_edited(void **state)
{
	struct bench *b = *state;
	struct bend bend = { .size = 300, .witness = { 1 }, .count = 1 };
	struct bend forged = { .size = 300, .witness = { 1 }, .count = 1,
		.line_flip = 4 };
	uint8_t name_key[NOTE_NAME_MAX + 2 + KEY_BYTES];
	size_t len = strlen(yard_witness(1));
	struct hash id;

	memcpy(name_key, yard_witness(1), len);
	memcpy(name_key + len, "\n\x04", 2);
	memcpy(name_key + len + 2, sign_public(b->y.witness[1]), KEY_BYTES);
	id = hash_of(name_key, len + 2 + KEY_BYTES);
	assert_int_equal(bring(b, &bend), ERR_OK);
	note_make(b, &forged);
	MUST(store_begin(b->rig.store));
	MUST(store_put(b->rig.store, STORE_COSIGNED,
	    (struct view){ id.b, HASH_BYTES }, buf_view(&b->note)));
	MUST(store_commit(b->rig.store));
	close_rooms(b);
	open_rooms(b);
	assert_int_equal(held_of(b, 1), 0);
	assert_int_equal(shown(b), 1);
	assert_int_equal(bring(b, &bend), ERR_OK);
}

/* What a charter's parties are told: their witnesses, largest size first. */
static void
test_asked(void **state)
{
	struct bench *b = *state;
	struct bend all = { .size = 100, .witness = { 0, 1, 2 }, .count = 3 };
	struct bend more = { .size = 200, .witness = { 1 }, .count = 1 };
	const struct admitted_charter *row = admitted_at(b->rig.admitted, 0);
	const struct charter *charter = keyring_charter(b->rig.keyring,
	    &row->charter_id);
	struct note_checkpoint cp;
	struct note note;

	assert_int_equal(bring(b, &all), ERR_OK);
	cosign_ask(b->cosign);
	MUST(cosign_of(b->cosign, charter));
	buf_reset(&b->note);
	assert_int_equal(cosign_next(b->cosign, &b->note), ERR_OK);
	MUST(note_parse(&note, buf_view(&b->note)));
	assert_int_equal(note.sig_count, 3);	/* the log, 0 and 1 */
	assert_int_equal(cosign_next(b->cosign, &b->note), ERR_NOTFOUND);
	assert_int_equal(bring(b, &more), ERR_OK);
	cosign_ask(b->cosign);
	MUST(cosign_of(b->cosign, charter));
	buf_reset(&b->note);
	assert_int_equal(cosign_next(b->cosign, &b->note), ERR_OK);
	MUST(note_parse(&note, buf_view(&b->note)));
	MUST(note_checkpoint_parse(&cp, note.body));
	assert_int_equal(cp.size, 200);
	assert_int_equal(note.sig_count, 2);
	buf_reset(&b->note);
	assert_int_equal(cosign_next(b->cosign, &b->note), ERR_OK);
	MUST(note_parse(&note, buf_view(&b->note)));
	assert_string_equal(note.sig[1].name, yard_witness(0));
	assert_int_equal(cosign_next(b->cosign, &b->note), ERR_NOTFOUND);
}

/* The size held of a key, where names do not tell them apart. */
static uint64_t
held_by(struct bench *b, unsigned who)
{
	const struct cosign_witness *w;
	size_t i;

	for (i = 0; (w = cosign_at(b->cosign, i)) != NULL; i++)
		if (memcmp(w->key, sign_public(b->y.witness[who]),
		    KEY_BYTES) == 0)
			return w->size;
	fail_msg("witness %u is not known", who);
	return 0;
}

/* Somebody chose a key that meets another's name and key id: it makes none
 * of the other's lines old, false, or its own. */
static void
test_twins(void **state)
{
	struct bench *b = *state;
	struct bend bend = { .size = 250, .witness = { 2 }, .count = 1 };
	uint8_t id[2][4];

	note_key_id(id[0], NOTE_COSIGNATURE, yard_witness(0),
	    sign_public(b->y.witness[0]));
	note_key_id(id[1], NOTE_COSIGNATURE, yard_witness(2),
	    sign_public(b->y.witness[2]));
	assert_memory_equal(id[0], id[1], 4);
	assert_int_equal(bring(b, &bend), ERR_OK);
	assert_int_equal(held_by(b, 2), 250);
	assert_int_equal(held_by(b, 0), 0);
	bend.size = 200;
	bend.witness[0] = 0;
	assert_int_equal(bring(b, &bend), ERR_OK);
	assert_int_equal(held_by(b, 0), 200);
	/* An older one of the first changes nothing, nor does a forged one. */
	bend.size = 220;
	bend.witness[0] = 2;
	assert_int_equal(bring(b, &bend), ERR_OK);
	bend.line_flip = 1;
	assert_int_equal(bring(b, &bend), ERR_SIGNATURE);
	assert_int_equal(held_by(b, 2), 250);
	assert_int_equal(held_by(b, 0), 200);
	bend.line_flip = 0;
	bend.size = 100;
	assert_int_equal(bring(b, &bend), ERR_STATE);
	close_rooms(b);
	open_rooms(b);
	assert_int_equal(held_by(b, 2), 250);
	assert_int_equal(held_by(b, 0), 200);
}

static int
setup_twins(void **state)
{
	yard_twins(true);
	return setup(state);
}

static int
teardown_twins(void **state)
{
	yard_twins(false);
	return teardown(state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_taken),
		TEST(test_again),
		TEST(test_older),
		TEST(test_refused),
		TEST(test_many_lines),
		TEST(test_quota),
		TEST(test_restart),
		TEST(test_edited),
		TEST(test_asked),
		cmocka_unit_test_setup_teardown(test_twins, setup_twins,
		    teardown_twins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
