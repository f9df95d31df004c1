#include <stdlib.h>
#include <string.h>

#include "audit/reckon.h"
#include "cases/told.h"
#include "proto/arena.h"
#include "proto/notice.h"
#include "proto/profile.h"

#define CASE_LANES 2		/* lane 2 carries files */
#define PROFILES_MAX 64		/* of a pair: one a year and more */

/* What a side's runs of one lane acknowledge, in the order of seq. */
struct ack {
	uint64_t seq;
	uint64_t before_at;	/* it was signed by then; 0: not bounded */
};
struct acks {
	struct ack *v;
	size_t n;
};

/* One side's PROFILE, as received. */
struct said_profile {
	struct view value;
	struct profile profile;
	size_t at;		/* its row */
	uint8_t direction;
};

struct reckoning {
	const struct judge *j;
	const struct outline *o;
	const struct reckon *period;
	struct dossier *d;
	struct acks acks[DIRECTION_COUNT][CASE_LANES];	/* by who acks */
	struct said_profile profile[PROFILES_MAX];
	size_t profiles;
	struct id *priority;
	size_t priorities;
	struct arena arena;	/* PROFILEs live as long as this */
};

/* One case's messages: in the order of rows, then in the fold's. */
struct hand {
	size_t n;
	struct case_msg *m;
	struct clocks_msg *row, *msg;
	struct ledger_said *row_said, *said;
	struct clocks_terms *terms;
	struct hash *was;
};

static struct view
field_of(const struct judge_message *m, uint16_t tag)
{
	const struct judge_shown *shown = m->shown;
	const struct fields *fields = shown->fields != NULL ? shown->fields
							    : shown->some;
	const struct field *f = fields == NULL ? NULL :
	    fields_find(fields, tag);

	return (f != NULL ? f->value : (struct view){ NULL, 0 });
}

/* ---- what rows say of each other ---- */

static enum err
take_acks(struct reckoning *r)
{
	const struct outline_row *row;
	struct acks *a;
	size_t i;
	uint8_t d, l;

	for (d = 0; d < DIRECTION_COUNT; d++)
		for (l = 0; l < CASE_LANES; l++) {
			r->acks[d][l].v = calloc(outline_rows(r->o) + 1,
			    sizeof(struct ack));
			if (r->acks[d][l].v == NULL)
				return (ERR_NOMEM);
		}
	for (i = 0; i < outline_rows(r->o); i++) {
		row = outline_row_at(r->o, i);
		if (row->m->run->lane >= CASE_LANES || row->m->off_chain)
			continue;
		a = &r->acks[row->m->run->direction][row->m->run->lane];
		a->v[a->n].seq = judge_header(row->m).ack_seq;
		a->v[a->n++].before_at = row->bounds.before_at;
	}
	return (ERR_OK);
}

/* By when the other side surely had it: it signed so. */
static uint64_t
acked_by(const struct reckoning *r, const struct judge_message *m)
{
	const struct acks *a = &r->acks[1 - m->run->direction][m->run->lane];
	size_t lo = 0, hi = a->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (a->v[mid].seq < judge_seq(m))
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo < a->n ? a->v[lo].before_at : 0);
}

static enum err
take_profile(struct reckoning *r, size_t at)
{
	const struct judge_message *m = outline_row_at(r->o, at)->m;
	struct said_profile *p = &r->profile[r->profiles];
	struct view value = field_of(m, FIELD_BODY);
	enum err err;

	if (value.p == NULL || r->profiles == PROFILES_MAX)
		return (ERR_OK);
	err = profile_decode(&p->profile, value, &r->arena);
	if (err != ERR_OK)
		return (err == ERR_NOMEM ? err : ERR_OK);
	p->value = value;
	p->at = at;
	p->direction = m->run->direction;
	r->profiles++;
	return (ERR_OK);
}

static bool
is_agreed(const struct said_profile *a, const struct said_profile *b)
{
	return (a->direction != b->direction &&
	    a->value.len == b->value.len &&
	    memcmp(a->value.p, b->value.p, a->value.len) == 0);
}

/* The one in force where row `at` stands, or NULL. */
static const struct profile *
profile_at(const struct reckoning *r, size_t at)
{
	const struct said_profile *best = NULL, *p;
	size_t i, k;

	for (i = 0; i < r->profiles && r->profile[i].at <= at; i++) {
		p = &r->profile[i];
		for (k = 0; k < i; k++)
			if (is_agreed(p, &r->profile[k]) && (best == NULL ||
			    p->profile.number > best->profile.number))
				best = p;
	}
	return (best != NULL ? &best->profile : NULL);
}

/* ---- one message ---- */

static enum err
open_body(struct hand *h, size_t i, const struct notice_outline *o,
    const struct judge_message *m, struct arena *arena)
{
	struct view body = field_of(m, FIELD_BODY);
	struct view officers = field_of(m, FIELD_OFFICERS);
	struct notice_officers signed_by = { .n = 0 };
	struct notice_body b;
	enum err err;

	h->row[i].closed = notice_has_body(o->type);
	if (body.p == NULL || !notice_has_body(o->type))
		return (ERR_OK);
	err = notice_body_decode(&b, o->type, body, arena);
	if (err != ERR_OK)
		return (err == ERR_NOMEM ? err : ERR_OK);
	told_body(&h->row[i], &h->m[i].move, &h->row_said[i], &b);
	if (officers.p == NULL && m->shown->fields == NULL)
		return (ERR_OK);	/* not shown who signed */
	if (officers.p != NULL)
		err = notice_officers_decode(&signed_by, officers, arena);
	h->row[i].single = told_single(h->terms[i].charter, o,
	    err == ERR_OK ? signed_by.n : 0);
	return (err == ERR_NOMEM ? err : ERR_OK);
}

static unsigned
evidence_of(const struct reckoning *r, const struct judge_message *m)
{
	unsigned e = m->run->logged ? CASE_EVIDENCE_SUBMITTED : 0;

	if (judge_fetched_at(r->j, m) != 0)
		e |= CASE_EVIDENCE_FETCHED;
	if (m->fate == JUDGE_DELIVERED || m->fate == JUDGE_ACKED)
		e |= CASE_EVIDENCE_DELIVERED;
	if (m->fate == JUDGE_EXPIRED)
		e |= CASE_EVIDENCE_EXPIRED;
	return (e);
}

static void
take_times(const struct reckoning *r, const struct outline_row *row,
    struct clocks_msg *msg)
{
	const struct judge_message *m = row->m;

	msg->sent.after_at = row->bounds.after_at;
	msg->sent.before_at = row->bounds.before_at;
	msg->has_delivered = m->fate == JUDGE_DELIVERED ||
	    m->fate == JUDGE_ACKED;
	if (msg->has_delivered) {
		msg->delivered.after_at = row->bounds.after_at;
		msg->delivered.before_at = acked_by(r, m);
	}
}

static enum err
take_terms(const struct reckoning *r, size_t at, uint8_t asker,
    const struct envelope_header *header, struct clocks_terms *t)
{
	const struct keyring *kr = judge_keyring(r->j);
	const struct profile *p = profile_at(r, at);

	t->charter = keyring_pair_charter(kr, judge_pair(r->j),
	    header->charter);
	if (t->charter == NULL)
		return (ERR_INCOMPLETE);
	if (p != NULL) {
		t->calendar[CASE_REQUESTING] = &p->side[asker];
		t->calendar[CASE_REQUESTED] = &p->side[1 - asker];
	}
	return (ERR_OK);
}

/* Under which number the message went first, if an earlier envelope of it is
 * among the case's rows. */
static uint64_t
first_seq(const struct outline_row *const *row, size_t n,
    const struct outline_row *of, const struct hash *was)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (row[i]->m->run->direction == of->m->run->direction &&
		    hash_eq(&row[i]->m->env_id, was))
			return (judge_seq(row[i]->m));
	return (judge_seq(of->m));
}

static void
name_it(struct hand *h, size_t i, const struct outline_row *const *row,
    size_t n, size_t at)
{
	struct view again = field_of(row[at]->m, FIELD_AGAIN);
	struct case_msg *m = &h->m[i];

	m->env_id = row[at]->m->env_id;
	m->seq = judge_seq(row[at]->m);
	if (again.len != HASH_BYTES)
		return;
	memcpy(h->was[i].b, again.p, HASH_BYTES);
	m->was = &h->was[i];
	m->was_len = 1;
	m->seq = first_seq(row, n, row[at], &h->was[i]);
}

/* Row `at` of the case as message h->n; left out if it came too late. */
static enum err
take_row(struct reckoning *r, struct hand *h,
    const struct outline_row *const *row, size_t n, size_t at, uint8_t asker)
{
	const struct judge_message *jm = row[at]->m;
	struct envelope_header header = judge_header(jm);
	struct arena arena = arena_init(ARENA_MAX);
	struct case_msg *m = &h->m[h->n];
	struct clocks_msg *msg = &h->row[h->n];
	struct notice_outline o;
	enum err err;

	m->id = h->n;
	m->side = jm->run->direction == asker ? CASE_REQUESTING
					      : CASE_REQUESTED;
	m->lane = jm->run->lane;
	m->evidence = evidence_of(r, jm);
	name_it(h, h->n, row, n, at);
	err = take_terms(r, (size_t)(row[at] - outline_row_at(r->o, 0)), asker,
	    &header, &h->terms[h->n]);
	if (err == ERR_OK)
		err = notice_outline_decode(&o, jm->shown->outline, &arena);
	if (err == ERR_OK) {
		msg->terms = &h->terms[h->n];
		told_outline(msg, &m->move, &h->row_said[h->n], &o);
		m->seen[CASE_REQUESTING] = o.seen_requesting;
		m->seen[CASE_REQUESTED] = o.seen_requested;
		h->row_said[h->n].claimed_at = header.created_at;
		take_times(r, row[at], msg);
		err = open_body(h, h->n, &o, jm, &arena);
	}
	arena_free(&arena);
	if (err == ERR_OK && ledger_at(msg, &h->row_said[h->n]) <
	    r->period->as_of_at)
		h->n++;
	else if (err == ERR_OK) {
		*m = (struct case_msg){ .id = 0 };
		*msg = (struct clocks_msg){ .m = NULL };
		h->terms[h->n] = (struct clocks_terms){ .charter = NULL };
	}
	return (err);
}

/* ---- one case ---- */

static void
hand_free(struct hand *h)
{
	free(h->m);
	free(h->row);
	free(h->msg);
	free(h->row_said);
	free(h->said);
	free(h->terms);
	free(h->was);
}

static enum err
hand_new(struct hand *h, size_t n)
{
	h->m = calloc(n, sizeof(*h->m));
	h->row = calloc(n, sizeof(*h->row));
	h->msg = calloc(n, sizeof(*h->msg));
	h->row_said = calloc(n, sizeof(*h->row_said));
	h->said = calloc(n, sizeof(*h->said));
	h->terms = calloc(n, sizeof(*h->terms));
	h->was = calloc(n, sizeof(*h->was));
	return (h->m != NULL && h->row != NULL && h->msg != NULL &&
	    h->row_said != NULL && h->said != NULL && h->terms != NULL &&
	    h->was != NULL ? ERR_OK : ERR_NOMEM);
}

static bool
is_priority(const struct reckoning *r, const struct id *case_id)
{
	size_t i;

	for (i = 0; i < r->priorities; i++)
		if (id_eq(&r->priority[i], case_id))
			return (true);
	return (false);
}

static enum err
count_hand(struct reckoning *r, struct hand *h, const struct id *case_id,
    uint8_t asker)
{
	const struct clocks_now now = { .at = r->period->as_of_at };
	struct casefile file;
	struct clocks clocks = { .v = NULL };
	struct ladder ladder = { .v = NULL };
	struct ledger_file c = { .case_id = *case_id, .asker = asker,
	    .priority = is_priority(r, case_id), .file = &file,
	    .msgs = h->msg, .said = h->said, .n = h->n, .clocks = &clocks,
	    .ladder = &ladder };
	size_t i;
	enum err err = casefile_fold(&file, h->m, h->n);

	for (i = 0; i < h->n && err == ERR_OK; i++) {
		h->msg[i] = h->row[h->m[i].id];
		h->msg[i].m = &h->m[i];
		h->said[i] = h->row_said[h->m[i].id];
	}
	if (err == ERR_OK)
		err = clocks_eval(&clocks, h->msg, h->n, &now);
	if (err == ERR_OK)
		err = ladder_eval(&ladder, h->msg, h->n, &clocks, now.at);
	if (err == ERR_OK)
		err = ledger_case(&r->d->ledger, &c);
	ladder_free(&ladder);
	clocks_free(&clocks);
	return (err);
}

/* Who opened it: the sender of its REQUEST, else of its first message. */
static uint8_t
asker_of(const struct outline_row *const *row, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (row[i]->type == NOTICE_REQUEST)
			return (row[i]->m->run->direction);
	return (row[0]->m->run->direction);
}

/* The n rows of one case.  What could not be read there told nobody
 * anything: it was sealed again. */
static enum err
count_case(struct reckoning *r, const struct outline_row *const *row,
    size_t n)
{
	struct hand h = { .n = 0 };
	uint8_t asker = asker_of(row, n);
	size_t i;
	enum err err = hand_new(&h, n);

	for (i = 0; i < n && err == ERR_OK; i++)
		if (row[i]->m->fate != JUDGE_UNDECRYPTABLE)
			err = take_row(r, &h, row, n, i, asker);
	if (err == ERR_OK)
		err = count_hand(r, &h, &row[0]->case_id, asker);
	hand_free(&h);
	return (err);
}

/* ---- the bundle ---- */

/* The cases that the newest list of one side names. */
static enum err
take_priorities(struct reckoning *r, const struct outline_row *row)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct view value = field_of(row->m, FIELD_BODY);
	struct notice_body b;
	struct id *grown;
	size_t i, n;
	enum err err = ERR_OK;

	if (value.p == NULL || notice_body_decode(&b, NOTICE_PRIORITY_LIST,
	    value, &arena) != ERR_OK)
		goto out;
	n = b.priority_list.case_count;
	grown = reallocarray(r->priority, r->priorities + n + 1,
	    sizeof(*grown));
	if (grown == NULL) {
		err = ERR_NOMEM;
		goto out;
	}
	r->priority = grown;
	for (i = 0; i < n; i++)
		grown[r->priorities++] = b.priority_list.cases[i].case_id;
out:
	arena_free(&arena);
	return (err);
}

/* What holds for all cases: calendars, priorities. */
static enum err
take_common(struct reckoning *r, size_t *hidden)
{
	const struct outline_row *row, *list[DIRECTION_COUNT] = { NULL };
	size_t i;
	uint8_t d;
	enum err err = ERR_OK;

	*hidden = 0;
	for (i = 0; i < outline_rows(r->o) && err == ERR_OK; i++) {
		row = outline_row_at(r->o, i);
		if (row->m->run->lane >= CASE_LANES || row->m->off_chain)
			continue;
		*hidden += !row->opened;
		if (row->opened && row->type == NOTICE_PROFILE)
			err = take_profile(r, i);
		if (row->opened && row->type == NOTICE_PRIORITY_LIST &&
		    judge_header(row->m).created_at < r->period->as_of_at)
			list[row->m->run->direction] = row;
	}
	for (d = 0; d < DIRECTION_COUNT && err == ERR_OK; d++)
		if (list[d] != NULL)
			err = take_priorities(r, list[d]);
	return (err);
}

/* Rows of one case, in the order of rows. */
static int
case_cmp(const void *pa, const void *pb)
{
	const struct outline_row *const *a = pa, *const *b = pb;
	int c = memcmp((*a)->case_id.b, (*b)->case_id.b, ID_BYTES);

	return (c != 0 ? c : *a < *b ? -1 : *a > *b);
}

static enum err
count_cases(struct reckoning *r)
{
	const struct outline_row **row, *one;
	size_t i, k, n = 0;
	enum err err = ERR_OK;

	if ((row = calloc(outline_rows(r->o) + 1, sizeof(*row))) == NULL)
		return (ERR_NOMEM);
	for (i = 0; i < outline_rows(r->o); i++) {
		one = outline_row_at(r->o, i);
		if (one->opened && !one->m->off_chain &&
		    one->m->run->lane < CASE_LANES &&
		    !id_is_zero(&one->case_id))
			row[n++] = one;
	}
	qsort(row, n, sizeof(*row), case_cmp);
	for (i = 0; i < n && err == ERR_OK; i = k) {
		for (k = i + 1; k < n; k++)
			if (!id_eq(&row[k]->case_id, &row[i]->case_id))
				break;
		err = count_case(r, &row[i], k - i);
	}
	free(row);
	return (err);
}

enum err
reckon_bundle(struct dossier *d, size_t *hidden, const struct outline *o,
    const struct judge *j, const struct reckon *period)
{
	struct reckoning *r = calloc(1, sizeof(*r));
	uint8_t way, l;
	enum err err;

	*d = (struct dossier){ .pair_id = *judge_pair(j) };
	ledger_begin(&d->ledger, period->from_at, period->until_at,
	    period->as_of_at);
	if (r == NULL)
		return (ERR_NOMEM);
	r->j = j;
	r->o = o;
	r->period = period;
	r->d = d;
	r->arena = arena_init(ARENA_MAX);
	err = take_acks(r);
	if (err == ERR_OK)
		err = take_common(r, hidden);
	if (err == ERR_OK)
		err = count_cases(r);
	if (err == ERR_OK)
		err = ledger_end(&d->ledger);
	for (way = 0; way < DIRECTION_COUNT; way++)
		for (l = 0; l < CASE_LANES; l++)
			free(r->acks[way][l].v);
	free(r->priority);
	arena_free(&r->arena);
	free(r);
	return (err);
}
