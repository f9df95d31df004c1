#include <stdlib.h>
#include <string.h>

#include "audit/outline.h"
#include "proto/arena.h"
#include "proto/notice.h"

#define CHANNELS (DIRECTION_COUNT * LANE_COUNT)
#define CASE_LANES 2		/* lane 2 carries files */

/* What is known of one side's case lanes. */
struct lanes {
	bool whole;
	const struct outline_row *end[CASE_LANES];
	const struct outline_row *beat;
	uint64_t beat_seq;
};

struct outline {
	const struct judge *j;
	struct outline_row *row;
	size_t rows;
	struct outline_silence *silence;
	size_t silences;
	size_t silence_room;
};

static void
read_outline(struct outline_row *row)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct notice_outline o;

	const struct view said = row->m->shown->outline;

	if (said.p != NULL && notice_outline_decode(&o, said, &arena) == ERR_OK) {
		row->opened = true;
		row->case_id = o.case_id;
		row->type = o.type;
		row->outcome = o.outcome;
		row->urgency = o.urgency;
	}
	arena_free(&arena);
}

/*
 * Time flows along a chain: next holds the hash of this, so whatever bounds
 * next from above bounds this, and the other way round.
 */
static bool
follows(const struct judge_message *next, const struct judge_message *m)
{
	struct envelope_header h;

	if (next->off_chain || m->off_chain ||
	    next->run->direction != m->run->direction ||
	    next->run->lane != m->run->lane ||
	    judge_seq(next) != judge_seq(m) + 1)
		return (false);
	h = judge_header(next);
	return (hash_eq(&h.prev, &m->env_id));
}

/* row is still in the judge's order: by direction, lane, seq. */
static void
tighten(struct outline_row *row, size_t n)
{
	struct timeline_bounds *b, *next;
	size_t i;

	for (i = 1; i < n; i++) {
		b = &row[i - 1].bounds;
		next = &row[i].bounds;
		if (follows(row[i].m, row[i - 1].m) &&
		    next->after_at < b->after_at)
			next->after_at = b->after_at;
	}
	for (i = n; i-- > 1;) {
		b = &row[i - 1].bounds;
		next = &row[i].bounds;
		if (follows(row[i].m, row[i - 1].m) && next->before_at != 0 &&
		    (b->before_at == 0 || b->before_at > next->before_at))
			b->before_at = next->before_at;
	}
}

/* Which of two channels' next messages comes first. */
static bool
comes_before(const struct judge_message *a, const struct judge_message *b)
{
	const struct judge_run *ra = a->run, *rb = b->run;

	if (ra->logged && rb->logged && hash_eq(&ra->log_id, &rb->log_id) &&
	    ra->index != rb->index)
		return (ra->index < rb->index);
	return (judge_header(a).created_at < judge_header(b).created_at);
}

/* Merge the channels, each of which keeps its own order. */
static void
merge(struct outline_row *out, const struct outline_row *in, size_t n)
{
	size_t at[CHANNELS + 1], end[CHANNELS], i, c, best, k = 0;
	unsigned channel;

	for (i = 0, c = 0; c < CHANNELS; c++) {
		at[c] = i;
		while (i < n) {
			channel = (unsigned)in[i].m->run->direction *
			    LANE_COUNT + in[i].m->run->lane;
			if (channel != c)
				break;
			i++;
		}
		end[c] = i;
	}
	while (k < n) {
		best = CHANNELS;
		for (c = 0; c < CHANNELS; c++)
			if (at[c] < end[c] && (best == CHANNELS ||
			    comes_before(in[at[c]].m, in[at[best]].m)))
				best = c;
		out[k++] = in[at[best]++];
	}
}

/* ---- silence ---- */

bool
outline_answers(unsigned type)
{
	return (type == NOTICE_DECISION || type == NOTICE_RESULT ||
	    type == NOTICE_TRANSFER);
}

/* All of the channel up to its last message is here, opened, of known
 * place, and no branch was left behind; end is that message. */
static bool
is_whole(const struct outline *o, uint8_t direction, uint8_t lane,
    const struct outline_row **end)
{
	const struct judge_channel *ch = judge_channel(o->j, direction, lane);
	const struct outline_row *row;
	uint64_t opened = 0;
	bool forked = false;
	size_t i;

	*end = NULL;
	for (i = 0; i < o->rows; i++) {
		row = &o->row[i];
		if (row->m->run->direction != direction ||
		    row->m->run->lane != lane)
			continue;
		if (row->m->off_chain) {
			forked = true;
			continue;
		}
		opened += row->opened && row->m->run->logged;
		*end = row;
	}
	return (!forked && ch->messages == ch->last_seq &&
	    opened == ch->messages);
}

static enum err
add_silence(struct outline *o, const struct outline_silence *s)
{
	size_t room = o->silence_room == 0 ? 16 : 2 * o->silence_room;
	struct outline_silence *grown;

	if (o->silences == o->silence_room) {
		grown = reallocarray(o->silence, room, sizeof(*grown));
		if (grown == NULL)
			return (ERR_NOMEM);
		o->silence = grown;
		o->silence_room = room;
	}
	o->silence[o->silences++] = *s;
	return (ERR_OK);
}

/* Rows of one case, in the order of rows. */
static int
case_cmp(const void *pa, const void *pb)
{
	const struct outline_row *const *a = pa, *const *b = pb;
	int c = memcmp((*a)->case_id.b, (*b)->case_id.b, ID_BYTES);

	return (c != 0 ? c : *a < *b ? -1 : *a > *b);
}

/* The last heartbeat that shows where its sender's lane 1 stood. */
static void
find_beat(const struct outline *o, uint8_t direction, struct lanes *lanes)
{
	const struct judge_message *m;
	const struct judge_shown *shown;
	const struct field *f;
	struct notice_link link;
	size_t i;

	for (i = o->rows; i-- > 0 && lanes->beat == NULL;) {
		m = o->row[i].m;
		shown = m->shown;
		if (m->run->direction != direction ||
		    m->run->lane != LANE_NOTICE || m->off_chain ||
		    (shown->fields == NULL && shown->some == NULL))
			continue;
		f = fields_find(shown->fields != NULL ? shown->fields
						      : shown->some,
		    FIELD_LINK);
		if (f == NULL ||
		    notice_link_decode(&link, f->value) != ERR_OK)
			continue;
		lanes->beat = &o->row[i];
		lanes->beat_seq = link.own[1].seq;
	}
}

static void
read_lanes(const struct outline *o, uint8_t direction, struct lanes *lanes)
{
	uint8_t l;

	memset(lanes, 0, sizeof(*lanes));
	lanes->whole = judge_verdict(o->j) <= JUDGE_INCOMPLETE;
	for (l = 0; l < CASE_LANES; l++)
		lanes->whole &= is_whole(o, direction, l, &lanes->end[l]);
	find_beat(o, direction, lanes);
	if (lanes->beat_seq > judge_channel(o->j, direction, 1)->last_seq)
		lanes->whole = false;
}

/* The n rows of one case; lanes by direction. */
static enum err
find_silence(struct outline *o, const struct outline_row *const *row,
    size_t n, const struct lanes *lanes)
{
	struct outline_silence s = { .request = NULL };
	size_t i, l;

	for (i = 0; i < n && s.request == NULL; i++)
		if (row[i]->type == NOTICE_REQUEST)
			s.request = row[i];
	if (s.request == NULL)
		return (ERR_OK);
	s.direction = (uint8_t)(1 - s.request->m->run->direction);
	for (i = 0; i < n; i++) {
		if (row[i]->m->run->direction != s.direction)
			continue;
		if (outline_answers(row[i]->type))
			return (ERR_OK);
		s.last = row[i];
	}
	lanes += s.direction;
	s.certain = lanes->whole;
	s.beat = lanes->beat;
	s.beat_seq = lanes->beat_seq;
	for (l = 0; l < CASE_LANES; l++)
		s.end[l] = lanes->end[l];
	return (add_silence(o, &s));
}

static enum err
find_silences(struct outline *o)
{
	const struct outline_row **row;
	struct lanes lanes[DIRECTION_COUNT];
	size_t i, k, n = 0;
	uint8_t d;
	enum err err = ERR_OK;

	if ((row = calloc(o->rows + 1, sizeof(*row))) == NULL)
		return (ERR_NOMEM);
	for (d = 0; d < DIRECTION_COUNT; d++)
		read_lanes(o, d, &lanes[d]);
	for (i = 0; i < o->rows; i++)
		if (o->row[i].opened && !o->row[i].m->off_chain &&
		    !id_is_zero(&o->row[i].case_id))
			row[n++] = &o->row[i];
	qsort(row, n, sizeof(*row), case_cmp);
	for (i = 0; i < n && err == ERR_OK; i = k) {
		for (k = i + 1; k < n; k++)
			if (!id_eq(&row[k]->case_id, &row[i]->case_id))
				break;
		err = find_silence(o, &row[i], k - i, lanes);
	}
	free(row);
	return (err);
}

/* ---- */

struct outline *
outline_new(const struct judge *j)
{
	struct outline *o = calloc(1, sizeof(*o));
	size_t n = judge_messages(j), i;
	struct outline_row *in = calloc(n + 1, sizeof(*in));

	if (o == NULL || in == NULL)
		goto fail;
	o->j = j;
	o->rows = n;
	o->row = calloc(n + 1, sizeof(*o->row));
	if (o->row == NULL)
		goto fail;
	for (i = 0; i < n; i++) {
		in[i].m = judge_message_at(j, i);
		in[i].bounds = in[i].m->run->bounds;
		read_outline(&in[i]);
	}
	tighten(in, n);
	merge(o->row, in, n);
	if (find_silences(o) != ERR_OK)
		goto fail;
	free(in);
	return (o);
fail:
	free(in);
	outline_free(o);
	return (NULL);
}

void
outline_free(struct outline *o)
{
	if (o == NULL)
		return;
	free(o->row);
	free(o->silence);
	free(o);
}

size_t
outline_rows(const struct outline *o)
{
	return (o->rows);
}

const struct outline_row *
outline_row_at(const struct outline *o, size_t i)
{
	return (&o->row[i]);
}

size_t
outline_silences(const struct outline *o)
{
	return (o->silences);
}

const struct outline_silence *
outline_silence_at(const struct outline *o, size_t i)
{
	return (&o->silence[i]);
}
