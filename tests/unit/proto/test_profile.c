/* profile: both ways, each limit, each order, each missing field. */
#include "helper.h"
#include "proto/profile.h"

static const struct profile_offset offsets[] = {
    {0, -300}, {UINT64_C(1772953200000), -240}};
static const uint32_t off[] = {101, 229, 1231};
static const uint32_t on[] = {214};
static const struct profile_year years[] = {
    {2028, {3, off}, {1, on}}, {2029, {1, off}, {0, NULL}}};

static struct profile
good(void)
{
	struct profile p = {.number = 3};

	for (unsigned s = 0; s < 2; s++)
		p.side[s] = (struct profile_side){s ? "北京" : "Washington",
		    2, offsets, 0x1f, 2, years, {"one", "two", "three"}};
	return p;
}

static void
test_both_ways(void **state)
{
	struct profile p = good(), q;
	struct buf out = buf_init(BODY_MAX), again = buf_init(BODY_MAX);
	struct arena arena = arena_init(ARENA_MAX);

	(void)state;
	assert_int_equal(profile_encode(&out, &p), ERR_OK);
	assert_int_equal(profile_decode(&q, buf_view(&out), &arena), ERR_OK);
	assert_int_equal(q.number, 3);
	assert_string_equal(q.side[1].city, "北京");
	assert_int_equal(q.side[0].offset[0].minutes, -300);
	assert_int_equal(q.side[0].year[0].off.v[1], 229);
	assert_int_equal(q.side[0].year[1].on.n, 0);
	assert_string_equal(q.side[1].tier[2], "three");
	assert_int_equal(profile_encode(&again, &q), ERR_OK);
	assert_int_equal(out.len, again.len);
	assert_memory_equal(out.p, again.p, out.len);
	arena_free(&arena);
	buf_free(&out);
	buf_free(&again);
}

static enum err
encode(const struct profile *p)
{
	struct buf out = buf_init(BODY_MAX);
	enum err err = profile_encode(&out, p);

	buf_free(&out);
	return err;
}

static void
refuse_offsets(size_t n, const struct profile_offset *o, enum err want)
{
	struct profile p = good();

	p.side[1].offset_count = n;
	p.side[1].offset = o;
	assert_int_equal(encode(&p), want);
}

static void
refuse_year(struct profile_year year, enum err want)
{
	struct profile p = good();

	p.side[0].year_count = 1;
	p.side[0].year = &year;
	assert_int_equal(encode(&p), want);
}

static void
test_offsets_that_cannot_be(void **state)
{
	static const struct profile_offset late[] = {{1, 0}};
	static const struct profile_offset twice[] = {{0, 0}, {5, 1}, {5, 2}};
	static const struct profile_offset wide[] = {{0, 841}};
	static const struct profile_offset far[] = {
	    {0, 0}, {UINT64_C(253402300800000), 0}};
	static const struct profile_offset least[] = {{0, INT32_MIN}};
	struct profile_offset many[PROFILE_OFFSETS_MAX + 1] = {{0, 0}};

	(void)state;
	for (unsigned i = 1; i <= PROFILE_OFFSETS_MAX; i++)
		many[i].from_at = i;
	refuse_offsets(1, late, ERR_ENCODING);
	refuse_offsets(3, twice, ERR_ENCODING);
	refuse_offsets(1, wide, ERR_CODE);
	refuse_offsets(1, least, ERR_CODE);
	refuse_offsets(2, far, ERR_CODE);
	refuse_offsets(PROFILE_OFFSETS_MAX + 1, many, ERR_COUNT);
	refuse_offsets(PROFILE_OFFSETS_MAX, many, ERR_OK);
	refuse_offsets(0, many, ERR_OK);
}

static void
test_years_that_cannot_be(void **state)
{
	static const uint32_t none[] = {229}, fell[] = {305, 304},
	    twice[] = {304, 304}, month[] = {1301}, zero[] = {0},
	    day[] = {100}, big[] = {UINT32_MAX};
	uint32_t many[PROFILE_DAYS_MAX + 1];
	struct profile p = good();
	struct profile_year hole[] = {{2026, {0}, {0}}, {2028, {0}, {0}}};
	struct profile_year all[PROFILE_YEARS_MAX + 1] = {{0}};

	(void)state;
	/* 29 February of a year without one. */
	refuse_year((struct profile_year){2027, {1, none}, {0}}, ERR_CODE);
	refuse_year((struct profile_year){2028, {1, none}, {0}}, ERR_OK);
	refuse_year((struct profile_year){2026, {1, month}, {0}}, ERR_CODE);
	refuse_year((struct profile_year){2026, {0}, {1, zero}}, ERR_CODE);
	refuse_year((struct profile_year){2026, {0}, {1, day}}, ERR_CODE);
	refuse_year((struct profile_year){2026, {0}, {1, big}}, ERR_CODE);
	refuse_year((struct profile_year){1969, {0}, {0}}, ERR_CODE);
	refuse_year((struct profile_year){10000, {0}, {0}}, ERR_CODE);
	refuse_year((struct profile_year){2026, {2, fell}, {0}},
	    ERR_ENCODING);
	refuse_year((struct profile_year){2026, {0}, {2, twice}},
	    ERR_ENCODING);
	/* Off and on at once. */
	refuse_year((struct profile_year){2028, {3, off}, {1, none}},
	    ERR_ENCODING);
	for (unsigned i = 0; i <= PROFILE_DAYS_MAX; i++)
		many[i] = (i / 25 + 1) * 100 + i % 25 + 1;
	refuse_year((struct profile_year){2026,
	    {PROFILE_DAYS_MAX, many}, {0}}, ERR_OK);
	refuse_year((struct profile_year){2026,
	    {PROFILE_DAYS_MAX + 1, many}, {0}}, ERR_COUNT);
	p.side[0].year = hole;
	assert_int_equal(encode(&p), ERR_ENCODING);
	for (unsigned i = 0; i <= PROFILE_YEARS_MAX; i++)
		all[i].year = 2026 + i;
	p.side[0].year = all;
	p.side[0].year_count = PROFILE_YEARS_MAX;
	assert_int_equal(encode(&p), ERR_OK);
	p.side[0].year_count = PROFILE_YEARS_MAX + 1;
	assert_int_equal(encode(&p), ERR_COUNT);
}

static void
test_week_and_text(void **state)
{
	struct profile p = good();

	(void)state;
	p.side[1].working_days = PROFILE_WEEK + 1;
	assert_int_equal(encode(&p), ERR_CODE);
	p = good();
	p.side[1].city = "\xff";
	assert_int_equal(encode(&p), ERR_SYNTAX);
}

/* What profile_encode would never write. */
static void
test_bytes_from_outside(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		enum err want;
	} rows[] = {
	    {"", 0, ERR_MESSAGE},			/* no side */
	    {"\x12\x00", 2, ERR_MESSAGE},		/* one */
	    {"\x12\x00\x12\x00", 4, ERR_MESSAGE},	/* no tiers */
	    {"\x12\x06*\x00*\x00*\x00\x12\x06*\x00*\x00*\x00", 16, ERR_OK},
	    {"\x12\x06*\x00*\x00*\x00\x12\x06*\x00*\x00*\x00\x12\x00", 18,
		ERR_MESSAGE},
	    {"\x12\x06*\x00*\x00*\x00\x12\x06*\x00*\x00*\x00\x18\x01", 18,
		ERR_MESSAGE},			/* an unknown field */
	    {"\x08\x81\x00\x12\x06*\x00*\x00*\x00\x12\x06*\x00*\x00*\x00",
		19, ERR_ENCODING},		/* an overlong number */
	    {"\x12", 1, ERR_MESSAGE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena arena = arena_init(ARENA_MAX);
		struct profile p;
		struct view v = {(const uint8_t *)rows[i].bytes, rows[i].len};

		assert_int_equal(profile_decode(&p, v, &arena), rows[i].want);
		arena_free(&arena);
	}
}

static void
note(void *ctx, const char *path)
{
	strcat(ctx, path);
	strcat(ctx, " ");
}

static void
test_missing(void **state)
{
	struct profile p = good();
	char found[512] = "";

	(void)state;
	assert_int_equal(profile_missing(&p, note, found), ERR_OK);
	p.side[1].city = NULL;
	p.side[0].tier[1] = "";
	p.side[0].offset_count = 0;
	p.side[1].working_days = 0;
	assert_int_equal(profile_missing(&p, note, found), ERR_REQUIRED);
	assert_string_equal(found, "sides[0].offsets sides[0].tiers[1] "
	    "sides[1].city sides[1].working_days ");
	assert_int_equal(profile_missing(&p, NULL, NULL), ERR_REQUIRED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_both_ways),
	    cmocka_unit_test(test_offsets_that_cannot_be),
	    cmocka_unit_test(test_years_that_cannot_be),
	    cmocka_unit_test(test_week_and_text),
	    cmocka_unit_test(test_bytes_from_outside),
	    cmocka_unit_test(test_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
