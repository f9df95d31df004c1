/* request: every frame there and back, and the limits of its lists. */
#include "helper.h"
#include "proto/request.h"
#include "proto/run.h"

struct pass {
	struct buf out;
	struct arena arena;
	struct request request;
	struct reply reply;
};

static enum err
ask(struct pass *p, const struct request *r)
{
	enum err err;

	arena_free(&p->arena);
	buf_reset(&p->out);
	err = request_encode(&p->out, r);
	return err ? err : request_decode(&p->request, buf_view(&p->out),
	    &p->arena);
}

static enum err
answer(struct pass *p, const struct reply *r)
{
	enum err err;

	arena_free(&p->arena);
	buf_reset(&p->out);
	err = request_reply_encode(&p->out, r);
	return err ? err : request_reply_decode(&p->reply, buf_view(&p->out),
	    &p->arena);
}

static int
begin(void **state)
{
	static struct pass pass;

	pass.out = buf_init(2 * FRAME_MAX);
	pass.arena = arena_init(ARENA_MAX);
	*state = &pass;
	return 0;
}

static int
end(void **state)
{
	struct pass *p = *state;

	arena_free(&p->arena);
	buf_free(&p->out);
	return 0;
}

static void
requests_come_back(void **state)
{
	struct pass *p = *state;
	struct view parts[2] = {view_of("first"), view_of("second")};
	struct request_cursor cursors[2] = {
		{id_filled(1), true, 0}, {id_filled(2), false, 77}};
	struct request r = {.ticket = 9, .kind = REQUEST_HELLO,
	    .hello = {1, 1, "casewire 0.1.0"}};

	assert_int_equal(ask(p, &r), ERR_OK);
	assert_int_equal(p->request.ticket, 9);
	assert_string_equal(p->request.hello.software, "casewire 0.1.0");
	r = (struct request){.ticket = 10, .kind = REQUEST_SUBMIT,
	    .submit = {2, parts, 1, parts}};
	assert_int_equal(ask(p, &r), ERR_OK);
	assert_int_equal(p->request.submit.run_count, 2);
	assert_memory_equal(p->request.submit.run[1].p, "second", 6);
	r = (struct request){.kind = REQUEST_FETCH,
	    .fetch = {2, cursors, 4096, 1000}};
	assert_int_equal(ask(p, &r), ERR_OK);
	assert_true(p->request.fetch.cursor[0].from_start);
	assert_int_equal(p->request.fetch.cursor[1].after, 77);
	r = (struct request){.kind = REQUEST_KEYS,
	    .keys = {id_filled(3), 4, true, hash_filled(5)}};
	assert_int_equal(ask(p, &r), ERR_OK);
	assert_true(p->request.keys.has_pair);
	assert_true(hash_eq(&p->request.keys.pair_id, &r.keys.pair_id));
	r.keys.has_pair = false;
	assert_int_equal(ask(p, &r), ERR_OK);
	assert_false(p->request.keys.has_pair);
	r = (struct request){.kind = REQUEST_PING, .ping = {42}};
	assert_int_equal(ask(p, &r), ERR_OK);
	assert_int_equal(p->request.ping.sent_at, 42);
}

static void
log_requests_come_back(void **state)
{
	struct pass *p = *state;
	struct request r = {.kind = REQUEST_LOG,
	    .log = {.kind = LOG_INCLUSION, .inclusion = {3, 9}}};

	assert_int_equal(ask(p, &r), ERR_OK);
	assert_int_equal(p->request.log.inclusion.size, 9);
	r.log.kind = LOG_CONSISTENCY;
	assert_int_equal(ask(p, &r), ERR_OK);
	assert_int_equal(p->request.log.consistency.first, 3);
	r.log = (struct request_log){.kind = LOG_TILE, .tile = {1, 2, 256}};
	assert_int_equal(ask(p, &r), ERR_OK);
	assert_int_equal(p->request.log.tile.width, 256);
	r.log = (struct request_log){.kind = LOG_CHECKPOINT};
	assert_int_equal(ask(p, &r), ERR_OK);
	assert_int_equal(p->request.log.kind, LOG_CHECKPOINT);
	r.log = (struct request_log){.kind = LOG_COSIGNED};
	assert_int_equal(ask(p, &r), ERR_OK);
	assert_int_equal(p->request.log.kind, LOG_COSIGNED);
	r.log.kind = 0;
	assert_int_equal(ask(p, &r), ERR_MESSAGE);
}

static void
pass_requests_come_back(void **state)
{
	struct pass *p = *state;
	char name[PASS_NAME_MAX + 2];
	struct request r = {.kind = REQUEST_PASS,
	    .pass = {PASS_ISSUE, "Auditor X", 77}};

	assert_int_equal(ask(p, &r), ERR_OK);
	assert_int_equal(p->request.pass.kind, PASS_ISSUE);
	assert_string_equal(p->request.pass.name, "Auditor X");
	assert_int_equal(p->request.pass.until_at, 77);
	r.pass.kind = PASS_REVOKE;
	assert_int_equal(ask(p, &r), ERR_OK);
	assert_int_equal(p->request.pass.kind, PASS_REVOKE);
	assert_string_equal(p->request.pass.name, "Auditor X");
	memset(name, 'n', sizeof(name));
	name[PASS_NAME_MAX] = '\0';
	r.pass.name = name;
	assert_int_equal(ask(p, &r), ERR_OK);
	name[PASS_NAME_MAX] = 'n';
	name[PASS_NAME_MAX + 1] = '\0';
	assert_int_equal(ask(p, &r), ERR_TOO_BIG);
	r.pass.name = "\xff";
	assert_int_equal(ask(p, &r), ERR_SYNTAX);
	r.pass = (struct request_pass){.kind = PASS_LIST};
	assert_int_equal(ask(p, &r), ERR_OK);
	assert_int_equal(p->request.pass.kind, PASS_LIST);
	r.pass = (struct request_pass){.kind = PASS_REVOKE, .name = ""};
	assert_int_equal(ask(p, &r), ERR_MESSAGE);
	r.pass.kind = 0;
	assert_int_equal(ask(p, &r), ERR_MESSAGE);
	/* Neither asked for anything (bytes of no encoder). */
	assert_int_equal(request_decode(&p->request,
	    (struct view){(const uint8_t *)"\x42\x00", 2}, &p->arena),
	    ERR_MESSAGE);
	/* Made for nobody. */
	assert_int_equal(request_decode(&p->request,
	    (struct view){(const uint8_t *)"\x42\x02\x0a\x00", 4},
	    &p->arena), ERR_MESSAGE);
}

static void
pass_replies_come_back(void **state)
{
	struct pass *p = *state;
	struct reply_held held[PASSES_MAX + 1];
	static const uint8_t token[PASS_TOKEN_BYTES + 1] = {7};
	struct reply r = {.kind = REQUEST_PASS, .pass = {
	    {token, PASS_TOKEN_BYTES}, PASSES_MAX, held}};
	size_t i;

	for (i = 0; i <= PASSES_MAX; i++)
		held[i] = (struct reply_held){"Auditor", i, 100 + i};
	assert_int_equal(answer(p, &r), ERR_OK);
	assert_int_equal(p->reply.pass.token.len, PASS_TOKEN_BYTES);
	assert_memory_equal(p->reply.pass.token.p, token, PASS_TOKEN_BYTES);
	assert_int_equal(p->reply.pass.held_count, PASSES_MAX);
	assert_int_equal(p->reply.pass.held[3].until_at, 103);
	assert_string_equal(p->reply.pass.held[3].name, "Auditor");
	r.pass.held_count++;
	assert_int_equal(answer(p, &r), ERR_COUNT);
	r.pass.held_count = 0;
	r.pass.token.len = 0;
	assert_int_equal(answer(p, &r), ERR_OK);
	assert_int_equal(p->reply.pass.token.len, 0);
	r.pass.token.len = PASS_TOKEN_BYTES - 1;
	assert_int_equal(answer(p, &r), ERR_MESSAGE);
	r.pass.token.len = PASS_TOKEN_BYTES + 1;
	assert_int_equal(answer(p, &r), ERR_TOO_BIG);
}

static void
many_inclusions_in_one_request(void **state)
{
	struct pass *p = *state;
	static uint64_t indexes[FRAME_PATHS_MAX + 1];
	struct request r = {.kind = REQUEST_LOG,
	    .log = {.kind = LOG_INCLUSIONS, .inclusions = {1000,
	    FRAME_PATHS_MAX, indexes}}};

	for (size_t i = 0; i <= FRAME_PATHS_MAX; i++)
		indexes[i] = UINT64_MAX - 3 * i;
	assert_int_equal(ask(p, &r), ERR_OK);
	assert_int_equal(p->request.log.inclusions.size, 1000);
	assert_int_equal(p->request.log.inclusions.index_count,
	    FRAME_PATHS_MAX);
	assert_memory_equal(p->request.log.inclusions.index, indexes,
	    FRAME_PATHS_MAX * sizeof(indexes[0]));
	r.log.inclusions.index_count++;
	assert_int_equal(ask(p, &r), ERR_COUNT);
	r.log.inclusions.index_count = 0;
	assert_int_equal(ask(p, &r), ERR_COUNT);
}

/* The decoder counts for itself: what an encoder would not make. */
static void
counts_of_foreign_frames(void **state)
{
	struct pass *p = *state;
	static const uint8_t none[] = {0x32, 0x02, 0x32, 0x00};
	uint8_t many[9 + FRAME_PATHS_MAX + 1] = {
		0x32, 0x87, 0x02,	/* log, 263 bytes */
		0x32, 0x84, 0x02,	/* inclusions, 260 */
		0x12, 0x81, 0x02,	/* indexes, 257 of a byte each */
	};

	assert_int_equal(request_decode(&p->request,
	    (struct view){none, sizeof(none)}, &p->arena), ERR_COUNT);
	assert_int_equal(request_decode(&p->request,
	    (struct view){many, sizeof(many)}, &p->arena), ERR_COUNT);
}

static void
requests_are_bounded(void **state)
{
	struct pass *p = *state;
	static struct view many[FRAME_STATEMENTS_MAX + 1];
	static struct request_cursor cursors[FETCH_CHANNELS_MAX + 1];
	struct request r = {.kind = REQUEST_SUBMIT};
	static uint8_t large[RUN_CONTAINER_MAX + 1];

	for (size_t i = 0; i <= FRAME_STATEMENTS_MAX; i++)
		many[i] = view_of("x");
	assert_int_equal(ask(p, &r), ERR_COUNT);	/* nothing at all */
	r.submit = (struct request_submit){.run = many,
	    .run_count = FRAME_RUNS_MAX};
	assert_int_equal(ask(p, &r), ERR_OK);
	r.submit.run_count++;
	assert_int_equal(ask(p, &r), ERR_COUNT);
	r.submit = (struct request_submit){.statement = many,
	    .statement_count = FRAME_STATEMENTS_MAX + 1};
	assert_int_equal(ask(p, &r), ERR_COUNT);
	many[0] = (struct view){large, sizeof(large)};
	r.submit = (struct request_submit){.run = many, .run_count = 1};
	assert_int_equal(ask(p, &r), ERR_TOO_BIG);
	many[0].len--;
	assert_int_equal(ask(p, &r), ERR_OK);
	many[0].len = 0;
	assert_int_equal(ask(p, &r), ERR_MESSAGE);
	for (size_t i = 0; i < 4; i++)
		many[i] = (struct view){large, RUN_CONTAINER_MAX};
	r.submit.run_count = 3;		/* a frame holds three */
	assert_int_equal(ask(p, &r), ERR_OK);
	r.submit.run_count = 4;
	assert_int_equal(ask(p, &r), ERR_TOO_BIG);
	r = (struct request){.kind = REQUEST_FETCH,
	    .fetch = {FETCH_CHANNELS_MAX + 1, cursors, 1, 1}};
	assert_int_equal(ask(p, &r), ERR_COUNT);
	r.fetch.cursor_count = 0;
	assert_int_equal(ask(p, &r), ERR_COUNT);
}

static void
broken_frames_keep_their_ticket(void **state)
{
	struct pass *p = *state;
	static const uint8_t no_body[] = {0x08, 0xac, 0x02};
	static const uint8_t cut[] = {0x08, 0x07, 0x12, 0x05};
	struct view v = {no_body, sizeof(no_body)};

	assert_int_equal(request_decode(&p->request, v, &p->arena),
	    ERR_MESSAGE);
	assert_int_equal(p->request.ticket, 300);
	v = (struct view){cut, sizeof(cut)};
	assert_int_equal(request_decode(&p->request, v, &p->arena),
	    ERR_MESSAGE);
	assert_int_equal(p->request.ticket, 7);
	assert_int_equal(request_decode(&p->request, view_of("garbage"),
	    &p->arena), ERR_MESSAGE);
	assert_int_equal(p->request.ticket, 0);
	v.len = FRAME_MAX + 1;
	assert_int_equal(request_decode(&p->request, v, &p->arena),
	    ERR_TOO_BIG);
}

/* Half a million empty elements cost no more than the arena allows. */
static void
amplification_ends_at_the_arena(void **state)
{
	struct pass *p = *state;
	uint8_t *room;

	buf_reset(&p->out);
	room = buf_room(&p->out, FRAME_MAX);
	assert_non_null(room);
	for (size_t i = 0; i < FRAME_MAX; i += 2) {
		room[i] = 0x7a;		/* field 15, unknown: kept aside */
		room[i + 1] = 0;
	}
	assert_int_equal(request_decode(&p->request, buf_view(&p->out),
	    &p->arena), ERR_NOMEM);
	assert_true(p->arena.used <= ARENA_MAX);
}

static void
hello_reply(void **state)
{
	struct pass *p = *state;
	static uint8_t entry[RUN_ENTRY_BYTES];
	struct reply_head head = {id_filled(1), {entry, sizeof(entry)},
	    hash_filled(2), 10, 11, {.len = 2, .h = {{{3}}, {{4}}}}};
	struct reply_standing standing = {hash_filled(5), hash_filled(6),
	    ERR_CHARTER_ENDED};
	struct reply r = {.ticket = 1, .kind = REQUEST_HELLO, .hello = {
		.version = 1, .log_id = hash_filled(7),
		.checkpoint = view_of("note"), .server_time_at = 99,
		.head_count = 1, .head = &head,
		.standing_count = 1, .standing = &standing}};

	assert_int_equal(answer(p, &r), ERR_OK);
	assert_int_equal(p->reply.hello.head_count, 1);
	assert_int_equal(p->reply.hello.head[0].last_seq, 10);
	assert_int_equal(p->reply.hello.head[0].path.len, 2);
	assert_int_equal(p->reply.hello.head[0].path.h[1].b[0], 4);
	assert_int_equal(p->reply.hello.standing[0].status,
	    ERR_CHARTER_ENDED);
	assert_string_equal(p->reply.detail, "");
	assert_int_equal(p->reply.hello.restored_at, 0);
	r.hello.restored_first = 3;
	r.hello.restored_end = 9;
	r.hello.restored_at = 1790000000000000;
	assert_int_equal(answer(p, &r), ERR_OK);
	assert_int_equal(p->reply.hello.restored_first, 3);
	assert_int_equal(p->reply.hello.restored_end, 9);
	assert_int_equal(p->reply.hello.restored_at, 1790000000000000);
	r.hello.restored_end = 3;
	assert_int_equal(answer(p, &r), ERR_MESSAGE);
	r.hello.restored_at = 0;
	head.entry.len--;
	assert_int_equal(answer(p, &r), ERR_MESSAGE);
	head.entry.len++;
	head.path.len = 11;
	assert_int_equal(answer(p, &r), ERR_COUNT);
}

static void
submit_and_fetch_replies(void **state)
{
	struct pass *p = *state;
	struct reply_placed placed[2] = {
		{.index = 5, .path = {.len = 1, .h = {{{9}}}}},
		{.status = ERR_QUOTA, .refusal = view_of("receipt")}};
	struct reply_item items[3] = {
		{id_filled(1), 7, 7, ITEM_RUN, view_of("run"), {.len = 0}},
		{id_filled(1), 8, 70, ITEM_BARE, view_of("bare"), {.len = 0}},
		{id_filled(2), 9, 9, ITEM_STATEMENT, view_of("st"),
		    {.len = 1, .h = {{{1}}}}}};
	struct reply r = {.kind = REQUEST_SUBMIT, .submit = {
	    2, placed, 0, NULL, view_of("note")}};

	assert_int_equal(answer(p, &r), ERR_OK);
	assert_int_equal(p->reply.submit.run[0].path.h[0].b[0], 9);
	assert_int_equal(p->reply.submit.run[1].status, ERR_QUOTA);
	assert_memory_equal(p->reply.submit.run[1].refusal.p, "receipt", 7);
	r = (struct reply){.kind = REQUEST_FETCH, .fetch = {
	    3, items, view_of("note"), true}};
	assert_int_equal(answer(p, &r), ERR_OK);
	assert_int_equal(p->reply.fetch.item[0].place, 7);
	assert_int_equal(p->reply.fetch.item[1].place, 70);
	items[0].place = (uint64_t)INT64_MAX + 1;
	assert_int_equal(answer(p, &r), ERR_MESSAGE);
	items[0].place = 7;
	assert_int_equal(answer(p, &r), ERR_OK);
	assert_int_equal(p->reply.fetch.item[1].kind, ITEM_BARE);
	assert_memory_equal(p->reply.fetch.item[2].bytes.p, "st", 2);
	assert_true(p->reply.fetch.more);
	items[0].kind = 0;
	assert_int_equal(answer(p, &r), ERR_MESSAGE);
	items[0].kind = ITEM_RUN;
	r.fetch.item_count = FETCH_ITEMS_MAX + 1;
	assert_int_equal(answer(p, &r), ERR_COUNT);
}

/* The fullest reply a relay may send unpacks within the arena. */
static void
the_fullest_fetch_fits(void **state)
{
	struct pass *p = *state;
	static struct reply_item items[FETCH_ITEMS_MAX];
	static uint8_t bytes[200];
	struct reply r = {.kind = REQUEST_FETCH,
	    .fetch = {.item_count = FETCH_ITEMS_MAX, .item = items}};

	for (size_t i = 0; i < FETCH_ITEMS_MAX; i++) {
		items[i].kind = ITEM_STATEMENT;
		items[i].bytes = (struct view){bytes, sizeof(bytes)};
		items[i].path.len = 22;
	}
	assert_int_equal(answer(p, &r), ERR_OK);
	assert_int_equal(p->reply.fetch.item_count, FETCH_ITEMS_MAX);
}

static void
keys_log_and_pong_replies(void **state)
{
	struct pass *p = *state;
	struct view statements[2] = {view_of("ks1"), view_of("ks2")};
	uint64_t indexes[2] = {3, 300};
	struct hash hashes[2] = {hash_filled(1), hash_filled(2)};
	struct reply r = {.kind = REQUEST_KEYS, .keys = {2, statements,
	    view_of("prekey"), 1, statements, 2, indexes}};

	assert_int_equal(answer(p, &r), ERR_OK);
	assert_int_equal(p->reply.keys.index[1], 300);
	assert_memory_equal(p->reply.keys.prekey.p, "prekey", 6);
	r.keys.index_count = 1;
	assert_int_equal(answer(p, &r), ERR_COUNT);
	r = (struct reply){.kind = REQUEST_LOG, .log = {2, hashes,
	    view_of("")}};
	assert_int_equal(answer(p, &r), ERR_OK);
	assert_true(hash_eq(&p->reply.log.hash[1], &hashes[1]));
	assert_int_equal(p->reply.log.checkpoint.len, 0);
	assert_int_equal(p->reply.log.note_count + p->reply.log.path_count,
	    0);
	r = (struct reply){.kind = REQUEST_PING, .pong = {1, 2}};
	assert_int_equal(answer(p, &r), ERR_OK);
	assert_int_equal(p->reply.pong.server_time_at, 2);
	r = (struct reply){.status = ERR_BUSY, .detail = "later"};
	assert_int_equal(answer(p, &r), ERR_OK);
	assert_int_equal(p->reply.status, ERR_BUSY);
	assert_string_equal(p->reply.detail, "later");
	r.status = ERR_OK;
	assert_int_equal(answer(p, &r), ERR_MESSAGE);
}

static void
cosigned_notes_and_many_paths(void **state)
{
	struct pass *p = *state;
	static struct merkle_path paths[FRAME_PATHS_MAX + 1];
	static uint8_t note[NOTE_MAX + 1];
	struct view notes[COSIGNED_NOTES_MAX + 1];
	struct reply r = {.kind = REQUEST_LOG, .log = {
	    .note_count = COSIGNED_NOTES_MAX, .note = notes,
	    .path_count = FRAME_PATHS_MAX, .path = paths}};

	for (size_t i = 0; i <= COSIGNED_NOTES_MAX; i++)
		notes[i] = (struct view){note, NOTE_MAX};
	for (size_t i = 0; i <= FRAME_PATHS_MAX; i++) {
		paths[i].len = TREE_PATH_MAX;
		paths[i].h[TREE_PATH_MAX - 1].b[0] = (uint8_t)i;
	}
	paths[1].len = 0;	/* a tree of one entry has none */
	assert_int_equal(answer(p, &r), ERR_OK);
	assert_int_equal(p->reply.log.note_count, COSIGNED_NOTES_MAX);
	assert_int_equal(p->reply.log.note[7].len, NOTE_MAX);
	assert_int_equal(p->reply.log.path_count, FRAME_PATHS_MAX);
	assert_int_equal(p->reply.log.path[1].len, 0);
	assert_int_equal(p->reply.log.path[200].h[TREE_PATH_MAX - 1].b[0],
	    200);
	r.log.path_count++;
	assert_int_equal(answer(p, &r), ERR_COUNT);
	r.log.path_count = 1;
	paths[0].len = TREE_PATH_MAX + 1;
	assert_int_equal(answer(p, &r), ERR_COUNT);
	r.log.path_count = 0;
	r.log.note_count++;
	assert_int_equal(answer(p, &r), ERR_COUNT);
	r.log.note_count = 1;
	notes[0].len++;
	assert_int_equal(answer(p, &r), ERR_TOO_BIG);
	notes[0].len = 0;
	assert_int_equal(answer(p, &r), ERR_MESSAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_come_back),
		cmocka_unit_test(log_requests_come_back),
		cmocka_unit_test(pass_requests_come_back),
		cmocka_unit_test(pass_replies_come_back),
		cmocka_unit_test(many_inclusions_in_one_request),
		cmocka_unit_test(counts_of_foreign_frames),
		cmocka_unit_test(requests_are_bounded),
		cmocka_unit_test(broken_frames_keep_their_ticket),
		cmocka_unit_test(amplification_ends_at_the_arena),
		cmocka_unit_test(hello_reply),
		cmocka_unit_test(submit_and_fetch_replies),
		cmocka_unit_test(the_fullest_fetch_fits),
		cmocka_unit_test(keys_log_and_pong_replies),
		cmocka_unit_test(cosigned_notes_and_many_paths),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
