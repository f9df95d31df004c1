/* notice_rows: every type by its table: whole, there and back; each required
 * part missed by its name. */
#include "helper.h"
#include "proto/notice.h"
#include "proto/notice_rows.h"

static const char *const some_texts[] = {"one", "\xe4\xba\x8c"};

static struct notice_outline
outline(enum notice_type type)
{
	return (struct notice_outline){
		.case_id = id_filled(0xca), .type = type,
		.answers = hash_filled(1), .as_of_at = 1790000000000,
	};
}

static void
fill(void *base, const struct notice_row *rows, struct arena *arena);

static void
fill_list(void *base, const struct notice_row *row, struct arena *arena)
{
	size_t n = 2;
	uint8_t *list = arena_array(arena, n, row->size);

	assert_non_null(list);
	for (size_t i = 0; i < n; i++)
		fill(list + i * row->size, row->rows, arena);
	memcpy((uint8_t *)base + row->at, &list, sizeof(list));
	memcpy((uint8_t *)base + row->count, &n, sizeof(n));
}

static void
fill_row(void *base, const struct notice_row *row, struct arena *arena)
{
	void *at = (uint8_t *)base + row->at;

	switch (row->kind) {
	case ROW_TEXT:
	case ROW_NAME:
		*(const char **)at = row->key;
		break;
	case ROW_TIME:
	case ROW_SIZE:
		*(uint64_t *)at = 1790000000000 + row->at;
		break;
	case ROW_NUMBER:
	case ROW_GRADE:
		*(uint32_t *)at = (uint32_t)row->size;
		break;
	case ROW_STATUS:
	case ROW_CODE:
		*(uint32_t *)at = 2;
		break;
	case ROW_FLAG:
		*(bool *)at = true;
		break;
	case ROW_HASH:
		memset(at, (int)row->at + 1, HASH_BYTES);
		break;
	case ROW_ID:
		memset(at, (int)row->at + 1, ID_BYTES);
		break;
	case ROW_TEXTS:
		*(struct notice_texts *)at = (struct notice_texts){2,
		    some_texts};
		break;
	case ROW_LIST:
		fill_list(base, row, arena);
		break;
	case ROW_PART:
		if (row->count != ROW_ALWAYS)
			*(bool *)((uint8_t *)base + row->count) = true;
		fill(at, row->rows, arena);
		break;
	case ROW_ASIDE:
		break;
	}
}

static void
fill(void *base, const struct notice_row *rows, struct arena *arena)
{
	for (; rows->key != NULL; rows++)
		fill_row(base, rows, arena);
}

/* An outcome that type may name, or none. */
static enum notice_outcome
some_outcome(enum notice_type type)
{
	switch (type) {
	case NOTICE_DECISION:
		return OUTCOME_POSTPONED;
	case NOTICE_RESULT:
		return OUTCOME_FINAL;
	case NOTICE_FEEDBACK:
		return OUTCOME_USED;
	case NOTICE_STATUS:
		return OUTCOME_COLLECTING;
	case NOTICE_CONSENT:
		return OUTCOME_DENIED;
	case NOTICE_REPLY:
		return OUTCOME_OBJECTED;
	case NOTICE_SESSION:
		return OUTCOME_AGREED;
	case NOTICE_CALL_RECORD:
		return OUTCOME_RECORDED;
	default:
		return OUTCOME_NONE;
	}
}

static void
each_type_comes_back_whole(void **state)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct notice_body b, back;
	struct buf first = buf_init(BODY_MAX), second = buf_init(BODY_MAX);
	unsigned tables = 0;

	(void)state;
	for (int t = 1; t <= NOTICE_TYPE_MAX; t++) {
		const struct notice_row *rows =
		    notice_rows((enum notice_type)t);

		if (rows == NULL)
			continue;
		tables++;
		b = (struct notice_body){.type = (enum notice_type)t};
		fill(&b.request, rows, &arena);
		buf_reset(&first);
		buf_reset(&second);
		assert_int_equal(notice_body_encode(&first, &b), ERR_OK);
		assert_int_equal(notice_body_decode(&back, b.type,
		    buf_view(&first), &arena), ERR_OK);
		for (; rows->key != NULL; rows++)
			assert_true(rows->kind == ROW_ASIDE ||
			    notice_rows_there(rows, &back.request));
		assert_int_equal(notice_body_encode(&second, &back), ERR_OK);
		assert_int_equal(first.len, second.len);
		assert_memory_equal(first.p, second.p, first.len);
	}
	/* All but the agents' HEARTBEAT and FILE, and PROFILE. */
	assert_true(tables >= 34);
	buf_free(&first);
	buf_free(&second);
	arena_free(&arena);
}

struct sought {
	const char *key;
	bool found;
};

static void
seek(void *ctx, const char *path)
{
	struct sought *s = ctx;
	size_t len = strlen(s->key);

	if (strncmp(path, s->key, len) == 0 &&
	    (path[len] == '\0' || path[len] == '.' || path[len] == '['))
		s->found = true;
}

/* Take one row of a filled body back. */
static void
unsay(void *base, const struct notice_row *row)
{
	static const struct {
		enum notice_row_kind kind;
		size_t size;
	} sizes[] = {
		{ROW_ID, ID_BYTES}, {ROW_HASH, HASH_BYTES},
		{ROW_NUMBER, sizeof(uint32_t)}, {ROW_CODE, sizeof(uint32_t)},
		{ROW_STATUS, sizeof(uint32_t)},
		{ROW_TEXTS, sizeof(struct notice_texts)},
	};
	size_t size = sizeof(uint64_t);

	if (row->kind == ROW_PART && row->count == ROW_ALWAYS) {
		unsay((uint8_t *)base + row->at, row->rows);
		return;
	}
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		if (sizes[i].kind == row->kind)
			size = sizes[i].size;
	if (row->kind == ROW_LIST)
		memset((uint8_t *)base + row->count, 0, sizeof(size_t));
	else if (row->kind == ROW_PART)
		*(bool *)((uint8_t *)base + row->count) = false;
	else
		memset((uint8_t *)base + row->at, 0, size);
}

static void
each_must_is_missed(void **state)
{
	struct arena arena = arena_init(ARENA_MAX);

	(void)state;
	for (int t = 1; t <= NOTICE_TYPE_MAX; t++) {
		struct notice_outline o = outline((enum notice_type)t);
		const struct notice_row *rows = notice_rows(o.type);
		struct notice_body whole = {.type = o.type}, b;

		o.outcome = some_outcome(o.type);
		if (rows == NULL)
			continue;
		fill(&whole.request, rows, &arena);
		assert_int_equal(notice_missing(&o, &whole, NULL, NULL),
		    ERR_OK);
		for (const struct notice_row *r = rows; r->key != NULL; r++) {
			struct sought s = {.key = r->key};

			if (!r->must)
				continue;
			memset(&b, 0, sizeof(b));
			b.type = o.type;
			fill(&b.request, rows, &arena);
			unsay(&b.request, r);
			assert_int_equal(notice_missing(&o, &b, seek, &s),
			    ERR_REQUIRED);
			assert_true(s.found);
		}
	}
	arena_free(&arena);
}

static void
what_depends_on_what_is_said(void **state)
{
	struct notice_outline o = outline(NOTICE_ESCALATE);
	struct notice_body b = {.type = NOTICE_ESCALATE, .escalate = {
		.tier = 1, .clock = "ACK", .grounds = "g", .wanted = "w",
		.from = {"Desk", "", "c", ""}}};

	(void)state;
	assert_int_equal(notice_missing(&o, &b, NULL, NULL), ERR_OK);
	o.answers = hash_filled(0);
	assert_int_equal(notice_missing(&o, &b, NULL, NULL), ERR_REQUIRED);
	b.escalate.incident = "a hospital is down";
	assert_int_equal(notice_missing(&o, &b, NULL, NULL), ERR_OK);
	o = outline(NOTICE_CORRECT);
	b = (struct notice_body){.type = NOTICE_CORRECT, .correct = {
		.reason = "wrong file", .misfiled = true}};
	assert_int_equal(notice_missing(&o, &b, NULL, NULL), ERR_REQUIRED);
	b.correct.right_case = id_filled(1);
	assert_int_equal(notice_missing(&o, &b, NULL, NULL), ERR_OK);
	b.correct.misfiled = false;
	assert_int_equal(notice_missing(&o, &b, NULL, NULL), ERR_REQUIRED);
	o = outline(NOTICE_CALL_RECORD);
	b = (struct notice_body){.type = NOTICE_CALL_RECORD, .call_record = {
		.tier = 2, .held_at = 5, .participants = {2, some_texts},
		.summary = "s", .agreed = "a"}};
	assert_int_equal(notice_missing(&o, &b, NULL, NULL), ERR_REQUIRED);
	o.outcome = OUTCOME_CONFIRMED;
	assert_int_equal(notice_missing(&o, &b, NULL, NULL), ERR_OK);
	o.outcome = OUTCOME_GRANTED;
	assert_int_equal(notice_missing(&o, &b, NULL, NULL), ERR_CODE);
}

static void
numbers_stay_in_their_range(void **state)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct notice_body b = {.type = NOTICE_ESC_RETURN,
	    .esc_return = {TIERS_MAX, "settled below"}}, back;
	struct buf out = buf_init(BODY_MAX);

	(void)state;
	assert_int_equal(notice_body_encode(&out, &b), ERR_OK);
	assert_int_equal(notice_body_decode(&back, b.type, buf_view(&out),
	    &arena), ERR_OK);
	assert_int_equal(back.esc_return.tier, TIERS_MAX);
	out.p[1]++;		/* field 1: the tier */
	assert_int_equal(notice_body_decode(&back, b.type, buf_view(&out),
	    &arena), ERR_CODE);
	b.esc_return.tier++;
	assert_int_equal(notice_body_encode(&out, &b), ERR_CODE);
	buf_free(&out);
	arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_type_comes_back_whole),
		cmocka_unit_test(each_must_is_missed),
		cmocka_unit_test(what_depends_on_what_is_said),
		cmocka_unit_test(numbers_stay_in_their_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
