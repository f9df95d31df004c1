#include "calendars.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"

const struct profile_side *us, *cn;

static struct arena arena;

uint64_t
calendars_at(const char *text)
{
	int64_t at;

	assert_int_equal(clock_parse(&at, text), ERR_OK);
	return (uint64_t)at;
}

static void *
room(size_t n, size_t size)
{
	void *p = arena_array(&arena, n, size);

	assert_non_null(p);
	return p;
}

static const char *
keep(const char *text)
{
	char *copy = room(strlen(text) + 1, 1);

	strcpy(copy, text);
	return copy;
}

static struct profile_days
read_days(const struct json_cur *in, const char *key)
{
	struct json_cur list = json_get(in, key);
	struct profile_days days = {.n = json_len(&list)};
	uint32_t *v = room(days.n, sizeof(*v));
	unsigned m, d;

	for (size_t i = 0; i < days.n; i++) {
		struct json_cur one = json_at(&list, i);

		assert_int_equal(
		    sscanf(json_as_str(&one), "%2u-%2u", &m, &d), 2);
		v[i] = m * 100 + d;
	}
	days.v = v;
	return days;
}

static void
read_years(struct profile_side *side, const struct json_cur *in)
{
	struct json_cur list = json_get(in, "years");
	size_t n = json_len(&list);
	struct profile_year *y = room(n, sizeof(*y));

	for (size_t i = 0; i < n; i++) {
		struct json_cur one = json_at(&list, i);

		y[i].year = (uint32_t)json_int(&one, "year");
		y[i].off = read_days(&one, "off");
		y[i].on = read_days(&one, "on");
	}
	side->year = y;
	side->year_count = n;
}

static void
read_offsets(struct profile_side *side, const struct json_cur *in)
{
	struct json_cur list = json_get(in, "offsets");
	size_t n = json_len(&list);
	struct profile_offset *o = room(n, sizeof(*o));

	for (size_t i = 0; i < n; i++) {
		struct json_cur one = json_at(&list, i);

		o[i].from_at = calendars_at(json_str(&one, "from"));
		o[i].minutes = (int32_t)json_int(&one, "minutes");
	}
	side->offset = o;
	side->offset_count = n;
}

static uint32_t
read_week(const struct json_cur *in)
{
	static const char names[] = "montuewedthufrisatsun";
	struct json_cur list = json_get(in, "working_days");
	uint32_t week = 0;

	for (size_t i = 0; i < json_len(&list); i++) {
		struct json_cur one = json_at(&list, i);
		const char *at = strstr(names, json_as_str(&one));

		assert_non_null(at);
		week |= 1u << ((at - names) / 3);
	}
	return week;
}

static const struct profile_side *
load(const char *which)
{
	struct buf text = buf_init(65536);
	struct json_fault fault = {0};
	struct json *doc = NULL;
	struct profile_side *side;
	struct json_cur root, tiers;
	char path[64];

	snprintf(path, sizeof(path), "examples/calendar.%s.json", which);
	assert_int_equal(file_load(path, 65536, &text), ERR_OK);
	assert_int_equal(
	    json_parse(&doc, text.p, text.len, 65536, &fault), ERR_OK);
	root = json_root(doc, &fault);
	side = room(1, sizeof(*side));
	side->city = keep(json_str(&root, "city"));
	tiers = json_get(&root, "tiers");
	for (size_t t = 0; t < PROFILE_TIERS; t++) {
		struct json_cur one = json_at(&tiers, t);

		side->tier[t] = keep(json_as_str(&one));
	}
	side->working_days = read_week(&root);
	read_offsets(side, &root);
	read_years(side, &root);
	assert_int_equal(fault.err, ERR_OK);
	json_free(&doc);
	buf_free(&text);
	return side;
}

int
calendars_load(void **state)
{
	(void)state;
	arena = arena_init(ARENA_MAX);
	us = load("us");
	cn = load("cn");
	return 0;
}

int
calendars_free(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}
