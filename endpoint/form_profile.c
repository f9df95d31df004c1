#include "endpoint/form_profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

static const char *const weekdays[] = {
    "mon", "tue", "wed", "thu", "fri", "sat", "sun"};
static const char *const sides[] = {"a", "b"};

#define KEYS_MAX 16

/* ---- reading ---- */

/* An array of n things of a list, NULL (noted) if it is none or too long. */
static void *
room_for(const struct json_cur *list, size_t max, size_t size,
    struct arena *arena)
{
	size_t n = json_len(list);
	void *room = NULL;

	if (!json_is_arr(list))
		json_fail(list, ERR_SYNTAX, "not a list");
	else if (n > max)
		json_fail(list, ERR_COUNT, "too many");
	else if ((room = arena_array(arena, n, size)) == NULL)
		json_fail(list, ERR_NOMEM, "");
	return room;
}

static void
read_offsets(struct profile_side *side, const struct json_cur *in,
    struct arena *arena)
{
	struct json_cur list = json_get(in, "offsets");
	struct profile_offset *v = room_for(&list, PROFILE_OFFSETS_MAX,
	    sizeof(*v), arena);
	int64_t at, minutes;

	if (v == NULL)
		return;
	for (size_t i = 0; i < json_len(&list); i++) {
		struct json_cur one = json_at(&list, i);
		static const char *const keys[] = {"from", "minutes", NULL};

		json_only(&one, keys);
		if (clock_parse(&at, json_str(&one, "from")) != ERR_OK ||
		    at < 0)
			json_fail(&one, ERR_SYNTAX,
			    "from: not a time like 2026-03-08T07:00:00Z");
		minutes = json_int(&one, "minutes");
		if (minutes < -PROFILE_MINUTES_MAX ||
		    minutes > PROFILE_MINUTES_MAX)
			json_fail(&one, ERR_CODE, "minutes: too far from UTC");
		v[i].from_at = (uint64_t)at;
		v[i].minutes = (int32_t)minutes;
	}
	side->offset = v;
	side->offset_count = json_len(&list);
}

static void
read_week(struct profile_side *side, const struct json_cur *in)
{
	struct json_cur list = json_get(in, "working_days");

	for (size_t i = 0; i < json_len(&list); i++) {
		struct json_cur one = json_at(&list, i);
		const char *word = json_as_str(&one);
		unsigned d = 0;

		while (d < 7 && strcmp(weekdays[d], word) != 0)
			d++;
		if (d == 7)
			json_fail(&one, ERR_CODE, "not mon, tue ... sun");
		else
			side->working_days |= 1u << d;
	}
}

/* "02-14" is 214. */
static void
read_days(struct profile_days *days, const struct json_cur *in,
    const char *key, struct arena *arena)
{
	struct json_cur list = json_get(in, key);
	uint32_t *v;

	if (!json_has(in, key) || (v = room_for(&list, PROFILE_DAYS_MAX,
	    sizeof(*v), arena)) == NULL)
		return;
	for (size_t i = 0; i < json_len(&list); i++) {
		struct json_cur one = json_at(&list, i);
		const char *text = json_as_str(&one);

		if (strlen(text) != 5 || text[2] != '-' ||
		    strspn(text, "0123456789") != 2 ||
		    strspn(text + 3, "0123456789") != 2)
			json_fail(&one, ERR_SYNTAX, "not a day like 02-14");
		else
			v[i] = (uint32_t)(100 * atoi(text) + atoi(text + 3));
	}
	days->v = v;
	days->n = json_len(&list);
}

static void
read_years(struct profile_side *side, const struct json_cur *in,
    struct arena *arena)
{
	static const char *const keys[] = {"year", "off", "on", NULL};
	struct json_cur list = json_get(in, "years");
	struct profile_year *v;
	int64_t year;

	if (!json_has(in, "years") || (v = room_for(&list, PROFILE_YEARS_MAX,
	    sizeof(*v), arena)) == NULL)
		return;
	for (size_t i = 0; i < json_len(&list); i++) {
		struct json_cur one = json_at(&list, i);

		json_only(&one, keys);
		year = json_int(&one, "year");
		if (year < 0 || year > UINT16_MAX)
			json_fail(&one, ERR_CODE, "year: no such year");
		v[i].year = (uint32_t)year;
		read_days(&v[i].off, &one, "off", arena);
		read_days(&v[i].on, &one, "on", arena);
	}
	side->year = v;
	side->year_count = json_len(&list);
}

static void
read_side(struct profile_side *side, const struct json_cur *in,
    struct arena *arena)
{
	static const char *const keys[] = {"city", "tiers", "working_days",
	    "offsets", "years", NULL};
	struct json_cur tiers = json_get(in, "tiers");

	json_only(in, keys);
	side->city = json_str_or(in, "city", "");
	if (json_len(&tiers) > PROFILE_TIERS)
		json_fail(&tiers, ERR_COUNT, "too many");
	for (size_t i = 0; i < json_len(&tiers) && i < PROFILE_TIERS; i++) {
		struct json_cur one = json_at(&tiers, i);

		side->tier[i] = json_as_str(&one);
	}
	read_week(side, in);
	if (json_has(in, "offsets"))
		read_offsets(side, in, arena);
	read_years(side, in, arena);
}

void
form_profile_read(struct profile *profile, const struct json_cur *in,
    const char *const *also, struct arena *arena)
{
	const char *keys[KEYS_MAX + 1] = {"number", "a", "b"};
	int64_t number = json_int_or(in, "number", 0);
	size_t n = 3;

	for (; also != NULL && *also != NULL && n < KEYS_MAX; also++)
		keys[n++] = *also;
	json_only(in, keys);
	if (number < 0 || number > UINT32_MAX)
		json_fail(in, ERR_CODE, "number: out of range");
	profile->number = (uint32_t)number;
	for (unsigned i = 0; i < 2; i++) {
		struct json_cur side = json_get(in, sides[i]);

		if (json_is_obj(&side))
			read_side(&profile->side[i], &side, arena);
		else
			json_fail(&side, ERR_REQUIRED, "a side's calendar");
	}
}

/* ---- writing ---- */

static void
write_days(struct json *obj, const char *key, const struct profile_days *days)
{
	struct json *arr = json_new_arr();
	char text[16];

	for (size_t i = 0; i < days->n; i++) {
		snprintf(text, sizeof(text), "%02u-%02u", days->v[i] / 100,
		    days->v[i] % 100);
		json_add_str(arr, text);
	}
	json_put(obj, key, &arr);
}

static struct json *
write_years(const struct profile_side *side)
{
	struct json *arr = json_new_arr();

	for (size_t i = 0; i < side->year_count; i++) {
		struct json *one = json_new_obj();

		json_put_int(one, "year", side->year[i].year);
		write_days(one, "off", &side->year[i].off);
		write_days(one, "on", &side->year[i].on);
		json_add(arr, &one);
	}
	return arr;
}

static struct json *
write_offsets(const struct profile_side *side)
{
	struct json *arr = json_new_arr();
	char at[CLOCK_TEXT_BYTES];

	for (size_t i = 0; i < side->offset_count; i++) {
		struct json *one = json_new_obj();

		/* The first is from 0, which json_put_time shows as none. */
		json_put_str(one, "from", clock_format(at,
		    (int64_t)side->offset[i].from_at));
		json_put_int(one, "minutes", side->offset[i].minutes);
		json_add(arr, &one);
	}
	return arr;
}

static struct json *
write_side(const struct profile_side *side)
{
	struct json *obj = json_new_obj(), *part = json_new_arr();

	json_put_str(obj, "city", side->city);
	for (unsigned i = 0; i < PROFILE_TIERS; i++)
		json_add_str(part, side->tier[i] != NULL ? side->tier[i] :
		    "");
	json_put(obj, "tiers", &part);
	part = json_new_arr();
	for (unsigned d = 0; d < 7; d++)
		if (side->working_days & (1u << d))
			json_add_str(part, weekdays[d]);
	json_put(obj, "working_days", &part);
	part = write_offsets(side);
	json_put(obj, "offsets", &part);
	part = write_years(side);
	json_put(obj, "years", &part);
	return obj;
}

struct json *
form_profile_write(const struct profile *profile)
{
	struct json *obj = json_new_obj();

	json_put_int(obj, "number", profile->number);
	for (unsigned i = 0; i < 2; i++) {
		struct json *side = write_side(&profile->side[i]);

		json_put(obj, sides[i], &side);
	}
	return obj;
}
