#include "proto/profile.h"

#include <stdbool.h>
#include <stdio.h>

#include "base/clock.h"
#include "proto/content.pb-c.h"
#include "proto/wire.h"

typedef Casewire__Content__Profile Message;
typedef Casewire__Content__Profile__Side Side;
typedef Casewire__Content__Profile__Offset Offset;
typedef Casewire__Content__Profile__Year Year;

#define YEAR_MIN 1970
#define YEAR_MAX 9999
#define AT_MAX UINT64_C(253402300799999)	/* its last ms */

/* ---- what the values must obey ---- */

static enum err
days_check(const struct profile_days *days, uint32_t year)
{
	if (days->n > PROFILE_DAYS_MAX)
		return ERR_COUNT;
	for (size_t i = 0; i < days->n; i++) {
		uint32_t day = days->v[i];

		if (day > 1231 || !clock_date_is_real((int)year,
		    (int)(day / 100), (int)(day % 100)))
			return ERR_CODE;
		if (i > 0 && day <= days->v[i - 1])
			return ERR_ENCODING;
	}
	return ERR_OK;
}

/* Both lists ascend. */
static bool
share_a_day(const struct profile_days *a, const struct profile_days *b)
{
	size_t i = 0, k = 0;

	while (i < a->n && k < b->n) {
		if (a->v[i] == b->v[k])
			return true;
		if (a->v[i] < b->v[k])
			i++;
		else
			k++;
	}
	return false;
}

static enum err
years_check(const struct profile_side *side)
{
	enum err err = ERR_OK;

	if (side->year_count > PROFILE_YEARS_MAX)
		return ERR_COUNT;
	for (size_t i = 0; !err && i < side->year_count; i++) {
		const struct profile_year *y = &side->year[i];

		if (y->year < YEAR_MIN || y->year > YEAR_MAX)
			return ERR_CODE;
		/* A hole would be a year of nothing but working days. */
		if (i > 0 && y->year != y[-1].year + 1)
			return ERR_ENCODING;
		err = days_check(&y->off, y->year);
		if (!err)
			err = days_check(&y->on, y->year);
		if (!err && share_a_day(&y->off, &y->on))
			err = ERR_ENCODING;
	}
	return err;
}

static enum err
offsets_check(const struct profile_side *side)
{
	if (side->offset_count > PROFILE_OFFSETS_MAX)
		return ERR_COUNT;
	for (size_t i = 0; i < side->offset_count; i++) {
		const struct profile_offset *o = &side->offset[i];

		if (o->minutes < -PROFILE_MINUTES_MAX ||
		    o->minutes > PROFILE_MINUTES_MAX || o->from_at > AT_MAX)
			return ERR_CODE;
		if (i == 0 ? o->from_at != 0 : o->from_at <= o[-1].from_at)
			return ERR_ENCODING;
	}
	return ERR_OK;
}

static enum err
side_check(const struct profile_side *side)
{
	enum err err = offsets_check(side);

	if (!err && side->working_days > PROFILE_WEEK)
		err = ERR_CODE;
	return err ? err : years_check(side);
}

/* ---- writing ---- */

static enum err
offsets_out(Side *m, const struct profile_side *side, struct arena *arena)
{
	size_t n = side->offset_count;
	Offset *o = arena_array(arena, n, sizeof(*o));

	m->offsets = arena_array(arena, n, sizeof(*m->offsets));
	if (!o || !m->offsets)
		return ERR_NOMEM;
	m->n_offsets = n;
	for (size_t i = 0; i < n; i++) {
		casewire__content__profile__offset__init(&o[i]);
		o[i].from_ms = side->offset[i].from_at;
		o[i].minutes = side->offset[i].minutes;
		m->offsets[i] = &o[i];
	}
	return ERR_OK;
}

static enum err
years_out(Side *m, const struct profile_side *side, struct arena *arena)
{
	size_t n = side->year_count;
	Year *y = arena_array(arena, n, sizeof(*y));

	m->years = arena_array(arena, n, sizeof(*m->years));
	if (!y || !m->years)
		return ERR_NOMEM;
	m->n_years = n;
	for (size_t i = 0; i < n; i++) {
		const struct profile_year *from = &side->year[i];

		casewire__content__profile__year__init(&y[i]);
		y[i].year = from->year;
		y[i].n_off = from->off.n;
		y[i].off = (uint32_t *)(uintptr_t)from->off.v;
		y[i].n_on = from->on.n;
		y[i].on = (uint32_t *)(uintptr_t)from->on.v;
		m->years[i] = &y[i];
	}
	return ERR_OK;
}

static enum err
side_out(Side *m, const struct profile_side *side, char *tier[PROFILE_TIERS],
    struct arena *arena)
{
	enum err err = side_check(side);

	if (err)
		return err;
	casewire__content__profile__side__init(m);
	m->city = wire_text(side->city);
	m->working_days = side->working_days;
	for (unsigned t = 0; t < PROFILE_TIERS; t++)
		tier[t] = wire_text(side->tier[t]);
	m->n_tiers = PROFILE_TIERS;
	m->tiers = tier;
	err = offsets_out(m, side, arena);
	return err ? err : years_out(m, side, arena);
}

enum err
profile_encode(struct buf *out, const struct profile *profile)
{
	struct arena arena = arena_init(ARENA_MAX);
	Message m = CASEWIRE__CONTENT__PROFILE__INIT;
	char *tier[2][PROFILE_TIERS];
	Side side[2], *sides[2] = {&side[0], &side[1]};
	enum err err = ERR_OK;

	m.number = profile->number;
	m.n_sides = 2;
	m.sides = sides;
	for (unsigned s = 0; !err && s < 2; s++)
		err = side_out(&side[s], &profile->side[s], tier[s], &arena);
	if (!err)
		err = wire_pack(out, &m.base, BODY_MAX);
	arena_free(&arena);
	return err;
}

/* ---- reading ---- */

static enum err
offsets_in(struct profile_side *side, const Side *m, struct arena *arena)
{
	struct profile_offset *o = arena_array(arena, m->n_offsets,
	    sizeof(*o));

	if (!o)
		return ERR_NOMEM;
	for (size_t i = 0; i < m->n_offsets; i++)
		o[i] = (struct profile_offset){m->offsets[i]->from_ms,
		    m->offsets[i]->minutes};
	side->offset = o;
	side->offset_count = m->n_offsets;
	return ERR_OK;
}

static enum err
years_in(struct profile_side *side, const Side *m, struct arena *arena)
{
	struct profile_year *y = arena_array(arena, m->n_years, sizeof(*y));

	if (!y)
		return ERR_NOMEM;
	for (size_t i = 0; i < m->n_years; i++)
		y[i] = (struct profile_year){m->years[i]->year,
		    {m->years[i]->n_off, m->years[i]->off},
		    {m->years[i]->n_on, m->years[i]->on}};
	side->year = y;
	side->year_count = m->n_years;
	return ERR_OK;
}

static enum err
side_in(struct profile_side *side, const Side *m, struct arena *arena)
{
	enum err err;

	if (m->n_tiers != PROFILE_TIERS)
		return ERR_MESSAGE;
	/* Before anything is copied. */
	if (m->n_offsets > PROFILE_OFFSETS_MAX ||
	    m->n_years > PROFILE_YEARS_MAX)
		return ERR_COUNT;
	side->city = m->city;
	side->working_days = m->working_days;
	for (unsigned t = 0; t < PROFILE_TIERS; t++)
		side->tier[t] = m->tiers[t];
	err = offsets_in(side, m, arena);
	if (!err)
		err = years_in(side, m, arena);
	return err ? err : side_check(side);
}

enum err
profile_decode(struct profile *profile, struct view value,
    struct arena *arena)
{
	const Message *m;
	enum err err;

	*profile = (struct profile){0};
	if (value.len > BODY_MAX)
		return ERR_TOO_BIG;
	m = wire_unpack(&casewire__content__profile__descriptor, value,
	    WIRE_REFUSE, arena, &err);
	if (!m)
		return err;
	if (m->n_sides != 2)
		return ERR_MESSAGE;
	profile->number = m->number;
	for (unsigned s = 0; !err && s < 2; s++)
		err = side_in(&profile->side[s], m->sides[s], arena);
	return err;
}

/* ---- required fields ---- */

struct finding {
	profile_missing_fn *tell;
	void *ctx;
	bool any;
};

static void
need(struct finding *f, bool there, unsigned side, const char *field)
{
	char path[32];

	if (there)
		return;
	f->any = true;
	snprintf(path, sizeof(path), "sides[%u].%s", side, field);
	if (f->tell)
		f->tell(f->ctx, path);
}

static bool
said(const char *text)
{
	return text && text[0] != '\0';
}

enum err
profile_missing(const struct profile *profile, profile_missing_fn *missing,
    void *ctx)
{
	static const char *const tier[PROFILE_TIERS] = {
		"tiers[0]", "tiers[1]", "tiers[2]"};
	struct finding f = {missing, ctx, false};

	for (unsigned s = 0; s < 2; s++) {
		const struct profile_side *side = &profile->side[s];

		need(&f, said(side->city), s, "city");
		need(&f, side->offset_count > 0, s, "offsets");
		need(&f, side->working_days != 0, s, "working_days");
		for (unsigned t = 0; t < PROFILE_TIERS; t++)
			need(&f, said(side->tier[t]), s, tier[t]);
	}
	return f.any ? ERR_REQUIRED : ERR_OK;
}
