/* notice: every body there and back, what is refused, what is missing. */
#include <stdio.h>

#include "base/merkle.h"
#include "helper.h"
#include "proto/notice.h"

static const char *const some_texts[] = {"one", "\xe4\xba\x8c"};
static const struct notice_identifier identifiers[] = {
	{"host", "192.0.2.7", "command server"},
	{"account", "user@example", "its operator"},
};
static const struct notice_attachment attachments[] = {
	{{{7}}, "log.txt", 99, {{8}}, "text/plain", "seized disk 4"},
};

static struct notice_outline
outline(enum notice_type type)
{
	return (struct notice_outline){
		.case_id = id_filled(0xca), .type = type,
		.answers = hash_filled(1), .seen_requesting = hash_filled(2),
		.clocks = {2, some_texts}, .urgency = 1,
		.as_of_at = 1790000000000,
	};
}

static struct notice_body
request(void)
{
	return (struct notice_body){.type = NOTICE_REQUEST, .request = {
		.request_ref = "2026-17", .kind = KIND_PRESERVE,
		.requesting = {"Cyber Desk", "desk 3", "duty@example", ""},
		.requested_authority = "Network Security Bureau",
		.legal_basis = "treaty", .channel = "24/7",
		.facts = "facts", .law = "law", .purpose = "purpose",
		.assistance = "assistance", .grounds = "grounds",
		.identifier_count = 2, .identifier = identifiers,
		.period_from_at = 1000, .period_until_at = 2000,
		.confidentiality = "yes", .confidentiality_reason = "tip off",
		.wanted_by_at = 3000, .wanted_by_reason = "retention",
		.urgency_ground = "logs rotate",
		.handling = {true, 2, "text", "no onward use"},
		.formalities = {2, some_texts},
		.language = "en",
		.attachment_count = 1, .attachment = attachments,
		.at_hand = true,
		.preserve = {true, "disk", "volatile", true},
	}};
}

static enum err
again(struct notice_body *back, const struct notice_body *b,
    struct arena *arena)
{
	struct buf out = buf_init(BODY_MAX);
	enum err err = notice_body_encode(&out, b);

	if (!err)
		err = notice_body_decode(back, b->type, buf_view(&out), arena);
	buf_free(&out);
	return err;
}

static void
outline_comes_back(void **state)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct notice_outline o = outline(NOTICE_DECISION), back;
	struct buf out = buf_init(OUTLINE_MAX);

	(void)state;
	o.outcome = OUTCOME_REFUSED;
	o.exercise = true;
	assert_int_equal(notice_outline_encode(&out, &o), ERR_OK);
	assert_int_equal(notice_outline_decode(&back, buf_view(&out), &arena),
	    ERR_OK);
	assert_true(id_eq(&back.case_id, &o.case_id));
	assert_true(hash_eq(&back.answers, &o.answers));
	assert_true(hash_is_zero(&back.seen_requested));
	assert_int_equal(back.outcome, OUTCOME_REFUSED);
	assert_int_equal(back.clocks.n, 2);
	assert_string_equal(back.clocks.v[1], some_texts[1]);
	assert_true(back.exercise);
	arena_free(&arena);
	buf_free(&out);
}

static void
request_comes_back(void **state)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct notice_body b = request(), back;
	const struct notice_request *r = &back.request;

	(void)state;
	assert_int_equal(again(&back, &b, &arena), ERR_OK);
	assert_string_equal(r->request_ref, "2026-17");
	assert_int_equal(r->kind, KIND_PRESERVE);
	assert_string_equal(r->requesting.contact, "duty@example");
	assert_string_equal(r->formal_ref, "");
	assert_int_equal(r->identifier_count, 2);
	assert_string_equal(r->identifier[1].link, "its operator");
	assert_int_equal(r->period_until_at, 2000);
	assert_int_equal(r->handling.code, 2);
	assert_int_equal(r->attachment_count, 1);
	assert_int_equal(r->attachment[0].size, 99);
	assert_true(hash_eq(&r->attachment[0].sha256,
	    &attachments[0].sha256));
	assert_true(r->preserve.present && r->preserve.will_request);
	assert_int_equal(r->related.n, 0);
	arena_free(&arena);
}

static void
small_bodies_come_back(void **state)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct notice_body b, back;

	(void)state;
	b = (struct notice_body){.type = NOTICE_ACK, .ack = {"authority",
	    "desk", "ref", 7, NULL}};
	assert_int_equal(again(&back, &b, &arena), ERR_OK);
	assert_string_equal(back.ack.handler_ref, "ref");
	assert_string_equal(back.ack.remark, "");
	b = (struct notice_body){.type = NOTICE_CLARIFY,
	    .clarify = {2, some_texts}};
	assert_int_equal(again(&back, &b, &arena), ERR_OK);
	assert_string_equal(back.clarify.v[0], "one");
	b.type = NOTICE_CLARIFIED;
	assert_int_equal(again(&back, &b, &arena), ERR_OK);
	assert_int_equal(back.clarified.n, 2);
	b = (struct notice_body){.type = NOTICE_DECISION,
	    .decision = {GROUND_THIRD_PARTY, "why", "scope", 9}};
	assert_int_equal(again(&back, &b, &arena), ERR_OK);
	assert_int_equal(back.decision.ground, GROUND_THIRD_PARTY);
	b = (struct notice_body){.type = NOTICE_STATUS,
	    .status = {"measures", "next", 11}};
	assert_int_equal(again(&back, &b, &arena), ERR_OK);
	assert_int_equal(back.status.next_date_at, 11);
	b = (struct notice_body){.type = NOTICE_FEEDBACK,
	    .feedback = {"text", "use"}};
	assert_int_equal(again(&back, &b, &arena), ERR_OK);
	assert_string_equal(back.feedback.use, "use");
	b = (struct notice_body){.type = NOTICE_WITHDRAW, .withdraw = "r"};
	assert_int_equal(again(&back, &b, &arena), ERR_OK);
	assert_string_equal(back.withdraw, "r");
	b = (struct notice_body){.type = NOTICE_CLOSE, .close = NULL};
	assert_int_equal(again(&back, &b, &arena), ERR_OK);
	assert_string_equal(back.close, "");
	b = (struct notice_body){.type = NOTICE_REJECT,
	    .reject = {ERR_CROSSED, hash_filled(5), "crossed"}};
	assert_int_equal(again(&back, &b, &arena), ERR_OK);
	assert_int_equal(back.reject.code, ERR_CROSSED);
	b.type = NOTICE_HEARTBEAT;
	assert_int_equal(again(&back, &b, &arena), ERR_CODE);
	arena_free(&arena);
}

static void
result_comes_back(void **state)
{
	static const struct notice_item items[] = {
		{"disk image", "sealed bag 12", {{7}}},
		{"statement", "paper", {{0}}},
	};
	struct arena arena = arena_init(ARENA_MAX);
	struct notice_body b = {.type = NOTICE_RESULT, .result = {
		.item_count = 2, .item = items, .summary = "sum",
		.attachment_count = 1, .attachment = attachments,
		.use_limits = "this case only"}}, back;

	(void)state;
	assert_int_equal(again(&back, &b, &arena), ERR_OK);
	assert_int_equal(back.result.item_count, 2);
	assert_true(id_eq(&back.result.item[0].file_id, &items[0].file_id));
	assert_true(id_is_zero(&back.result.item[1].file_id));
	assert_false(back.result.handling.present);
	arena_free(&arena);
}

/* Bytes by hand, as a peer might send them. */
static enum err
outline_bytes(const char *bytes, size_t len)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct notice_outline o;
	enum err err = notice_outline_decode(&o,
	    (struct view){(const uint8_t *)bytes, len}, &arena);

	arena_free(&arena);
	return err;
}
#define BYTES(s) outline_bytes((s), sizeof(s) - 1)

static void
refuses_what_would_show_less_than_was_signed(void **state)
{
	(void)state;
	assert_int_equal(BYTES("\x10\x05"), ERR_OK);	/* type 5 */
	assert_int_equal(BYTES(""), ERR_CODE);		/* no type */
	assert_int_equal(BYTES("\x10\x26"), ERR_CODE);	/* type 38 */
	assert_int_equal(BYTES("\x10\x05\x38\x03"), ERR_CODE); /* U3 */
	assert_int_equal(BYTES("\x10\x05\x40\x05"), ERR_CODE); /* outcome */
	assert_int_equal(BYTES("\x10\x05\x0a\x01x"), ERR_MESSAGE);
	assert_int_equal(BYTES("\x10\x05\x32\x03" "a\0b"), ERR_ENCODING);
	assert_int_equal(BYTES("\x10\x05\x32\x02\xff\xff"), ERR_SYNTAX);
	assert_int_equal(BYTES("\x10\x85\x00"), ERR_ENCODING);
	assert_int_equal(BYTES("\x10\x04\x10\x05"), ERR_ENCODING);
	assert_int_equal(BYTES("\x10\x05\x38\x00"), ERR_ENCODING);
	assert_int_equal(BYTES("\x10\x05\x78\x01"), ERR_MESSAGE);
	assert_int_equal(BYTES("\x10\x05\x32"), ERR_MESSAGE);
	assert_int_equal(BYTES("\x10\x05\x1a\x20"
	    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
	    ERR_ENCODING);
}

static void
refuses_over_limit(void **state)
{
	static const char *many[NOTICE_TEXTS_MAX + 1];
	static struct notice_identifier ids[NOTICE_LIST_MAX + 1];
	static char large[BODY_MAX + 1];
	struct arena arena = arena_init(ARENA_MAX);
	struct notice_body b = request(), back;

	(void)state;
	for (size_t i = 0; i <= NOTICE_TEXTS_MAX; i++)
		many[i] = "t";
	b.request.related = (struct notice_texts){NOTICE_TEXTS_MAX + 1, many};
	assert_int_equal(again(&back, &b, &arena), ERR_COUNT);
	b.request.related.n--;
	assert_int_equal(again(&back, &b, &arena), ERR_OK);
	b.request.identifier = ids;
	b.request.identifier_count = NOTICE_LIST_MAX + 1;
	assert_int_equal(again(&back, &b, &arena), ERR_COUNT);
	b.request.identifier_count--;
	assert_int_equal(again(&back, &b, &arena), ERR_OK);
	memset(large, 'x', BODY_MAX);
	b.request.facts = large;
	assert_int_equal(again(&back, &b, &arena), ERR_TOO_BIG);
	b = request();
	b.request.handling.code = 4;
	assert_int_equal(again(&back, &b, &arena), ERR_CODE);
	b = request();
	b.request.law = "\xc0\x80";
	assert_int_equal(again(&back, &b, &arena), ERR_SYNTAX);
	arena_free(&arena);
}

struct missing {
	unsigned n;
	char paths[64][64];
};

static void
note_missing(void *ctx, const char *path)
{
	struct missing *m = ctx;

	assert_true(m->n < 64);
	snprintf(m->paths[m->n++], 64, "%s", path);
}

static void
names_each_missing_field(void **state)
{
	struct notice_identifier ids[2];
	struct notice_outline o = outline(NOTICE_REQUEST);
	struct notice_body b = request();
	struct missing m = {0};

	(void)state;
	assert_int_equal(notice_missing(&o, &b, note_missing, &m), ERR_OK);
	assert_int_equal(m.n, 0);
	memcpy(ids, identifiers, sizeof(ids));
	ids[1].link = "";
	b.request.identifier = ids;
	b.request.requesting.contact = NULL;
	b.request.preserve.why = "";
	o.case_id = id_filled(0);
	assert_int_equal(notice_missing(&o, &b, note_missing, &m),
	    ERR_REQUIRED);
	assert_int_equal(m.n, 4);
	assert_string_equal(m.paths[0], "case_id");
	assert_string_equal(m.paths[1], "requesting.contact");
	assert_string_equal(m.paths[2], "identifiers[1].link");
	assert_string_equal(m.paths[3], "preserve.why");
	b = (struct notice_body){.type = NOTICE_REQUEST};
	m.n = 0;
	assert_int_equal(notice_missing(&o, &b, note_missing, &m),
	    ERR_REQUIRED);
	assert_int_equal(m.n, 24);
	assert_int_equal(notice_missing(&o, &b, NULL, NULL), ERR_REQUIRED);
}

static void
outcomes_fit_their_type(void **state)
{
	struct notice_outline o = outline(NOTICE_DECISION);
	struct notice_body b = {.type = NOTICE_DECISION};
	struct missing m = {0};

	(void)state;
	assert_int_equal(notice_missing(&o, &b, note_missing, &m),
	    ERR_REQUIRED);
	assert_string_equal(m.paths[0], "outcome");
	o.outcome = OUTCOME_FINAL;
	assert_int_equal(notice_missing(&o, &b, note_missing, &m), ERR_CODE);
	o.outcome = OUTCOME_ACCEPTED;
	assert_int_equal(notice_missing(&o, &b, note_missing, &m), ERR_OK);
	o.outcome = OUTCOME_POSTPONED;
	m.n = 0;
	assert_int_equal(notice_missing(&o, &b, note_missing, &m),
	    ERR_REQUIRED);
	assert_int_equal(m.n, 3);
	assert_string_equal(m.paths[2], "next_date");
	o = outline(NOTICE_REJECT);
	o.case_id = id_filled(0);
	b = (struct notice_body){.type = NOTICE_REJECT,
	    .reject = {ERR_STATE, hash_filled(1), ""}};
	assert_int_equal(notice_missing(&o, &b, note_missing, &m), ERR_OK);
	o = outline(NOTICE_REQUEST);
	o.outcome = OUTCOME_ACCEPTED;
	b = request();
	assert_int_equal(notice_missing(&o, &b, note_missing, &m), ERR_CODE);
}

static void
officers_are_two_persons(void **state)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct notice_officers o = {.n = 2}, back;
	struct buf out = buf_init(OUTLINE_MAX);

	(void)state;
	o.v[0] = (struct notice_signature){id_filled(1), OFFICER_AUTHOR, {1}};
	o.v[1] = (struct notice_signature){id_filled(2), OFFICER_RELEASER,
	    {2}};
	assert_int_equal(notice_officers_encode(&out, &o), ERR_OK);
	assert_int_equal(notice_officers_decode(&back, buf_view(&out), &arena),
	    ERR_OK);
	assert_int_equal(back.n, 2);
	assert_memory_equal(back.v[1].sig, o.v[1].sig, SIG_BYTES);
	o.v[1].officer = id_filled(1);
	assert_int_equal(notice_officers_encode(&out, &o), ERR_COUNT);
	o.v[1].officer = id_filled(2);
	o.v[1].role = OFFICER_AUTHOR;
	assert_int_equal(notice_officers_encode(&out, &o), ERR_COUNT);
	o.v[1].role = 3;
	assert_int_equal(notice_officers_encode(&out, &o), ERR_CODE);
	assert_int_equal(notice_officers_decode(&back, view_of(""), &arena),
	    ERR_COUNT);
	arena_free(&arena);
	buf_free(&out);
}

static void
link_comes_back(void **state)
{
	struct notice_link link = {.own_keys = hash_filled(1),
	    .own_prekey = 5, .floor_charter = 2, .floor_psk_day = 9}, back;
	uint8_t bytes[NOTICE_LINK_BYTES];

	(void)state;
	link.own[1] = (struct notice_head){7, hash_filled(3)};
	link.open_root = merkle_root(NULL, 0);
	notice_link_encode(bytes, &link);
	assert_int_equal(notice_link_decode(&back,
	    (struct view){bytes, sizeof(bytes)}), ERR_OK);
	assert_int_equal(back.own[1].seq, 7);
	assert_int_equal(back.floor_psk_day, 9);
	assert_int_equal(notice_link_decode(&back,
	    (struct view){bytes, sizeof(bytes) - 1}), ERR_TRUNCATED);
	link.open_cases = 1;
	notice_link_encode(bytes, &link);
	assert_int_equal(notice_link_decode(&back,
	    (struct view){bytes, sizeof(bytes)}), ERR_ENCODING);
	link.open_root = notice_case_leaf(&(struct id){{1}}, &link.own_keys,
	    &link.own_keys);
	link.own[1].seq = 0;
	notice_link_encode(bytes, &link);
	assert_int_equal(notice_link_decode(&back,
	    (struct view){bytes, sizeof(bytes)}), ERR_ENCODING);
}

static void
officer_info(void **state)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct notice_officer_info info = {"desk", {2, some_texts}, "Name"};
	struct notice_officer_info back;
	struct buf out = buf_init(OFFICER_INFO_MAX);

	(void)state;
	assert_int_equal(notice_officer_info_encode(&out, &info), ERR_OK);
	assert_int_equal(notice_officer_info_decode(&back, buf_view(&out),
	    &arena), ERR_OK);
	assert_string_equal(back.roles.v[1], some_texts[1]);
	arena_free(&arena);
	buf_free(&out);
}

static void
words_and_codes(void **state)
{
	(void)state;
	for (int t = 1; t <= NOTICE_TYPE_MAX; t++) {
		const char *word = notice_type_name((enum notice_type)t);

		assert_non_null(word);
		assert_int_equal(notice_type_find(word), t);
	}
	assert_null(notice_type_name(NOTICE_NONE));
	assert_int_equal(notice_type_find("Request"), -1);
	assert_int_equal(notice_outcome_find("no_change"), 36);
	assert_string_equal(notice_outcome_name(OUTCOME_NOT_USED), "not_used");
	assert_null(notice_outcome_name((enum notice_outcome)5));
	assert_int_equal(notice_words_find(notice_words_kind, "emergency"), KIND_EMERGENCY);
	assert_string_equal(notice_words_name(notice_words_kind, KIND_INFO), "info");
	assert_int_equal(notice_words_find(notice_words_ground, "third_party"),
	    GROUND_THIRD_PARTY);
	assert_string_equal(notice_words_name(notice_words_ground, GROUND_HARM), "harm");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outline_comes_back),
		cmocka_unit_test(request_comes_back),
		cmocka_unit_test(small_bodies_come_back),
		cmocka_unit_test(result_comes_back),
		cmocka_unit_test(refuses_what_would_show_less_than_was_signed),
		cmocka_unit_test(refuses_over_limit),
		cmocka_unit_test(names_each_missing_field),
		cmocka_unit_test(outcomes_fit_their_type),
		cmocka_unit_test(officers_are_two_persons),
		cmocka_unit_test(link_comes_back),
		cmocka_unit_test(officer_info),
		cmocka_unit_test(words_and_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
