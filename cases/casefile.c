#include "cases/casefile.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cases/items.h"
#include "proto/envelope.h"
#include "proto/notice.h"

enum err
casefile_step(const struct case_row **row, enum case_state state,
    enum case_by by, const struct case_move *move)
{
	const struct case_row *r;
	enum err err = ERR_STATE;

	*row = NULL;
	for (size_t i = 0; (r = casefile_row(i)) != NULL; i++) {
		if (!(r->from & (1u << state)) || r->event != move->event)
			continue;
		if (r->outcome != 0 && r->outcome != move->outcome)
			continue;
		if (r->by != by &&
		    !(r->by == CASE_BY_EITHER && by <= CASE_BY_REQUESTED))
			continue;
		if ((r->guards & move->holds) != r->guards) {
			err = ERR_REQUIRED;
			continue;
		}
		*row = r;
		return ERR_OK;
	}
	return err;
}

bool
casefile_wants_item(enum case_state state, const struct case_move *move)
{
	const struct case_row *r;
	bool wants = false;

	for (size_t i = 0; (r = casefile_row(i)) != NULL; i++) {
		if (!(r->from & (1u << state)) || r->event != move->event ||
		    (r->outcome != 0 && r->outcome != move->outcome))
			continue;
		if (!(r->guards & CASE_GUARD_ITEM))
			return false;
		wants = true;
	}
	return wants;
}

static enum case_by
by_of(enum case_side side)
{
	return side == CASE_REQUESTING ? CASE_BY_REQUESTING
				       : CASE_BY_REQUESTED;
}

static enum case_side
side_of(enum case_by by)
{
	return by == CASE_BY_REQUESTING ? CASE_REQUESTING : CASE_REQUESTED;
}

#define FOUND_HERE (CASE_GUARD_ANSWERS | CASE_GUARD_BACK | \
    CASE_GUARD_ITEM | CASE_GUARD_MINE | CASE_GUARD_CASE)

/* The move with the guards only the case itself can tell. */
static struct case_move
move_here(const struct casefile *file, enum case_by by,
    const struct case_move *move)
{
	struct case_move here = *move;
	const struct case_row *row;

	here.holds &= ~FOUND_HERE;
	if (move->count == file->questions)
		here.holds |= CASE_GUARD_ANSWERS;
	if (file->state == CASE_CLARIFYING &&
	    casefile_step(&row, file->back, by, move) == ERR_OK)
		here.holds |= CASE_GUARD_BACK;
	if (by == CASE_BY_REQUESTING || by == CASE_BY_REQUESTED)
		here.holds |= items_guards(file, side_of(by), move);
	return here;
}

enum err
casefile_may(const struct casefile *file, enum case_side side,
    const struct case_move *move)
{
	const struct case_row *row;
	struct case_move here = move_here(file, by_of(side), move);
	enum err err = casefile_step(&row, file->state, by_of(side), &here);

	if (err == ERR_OK && !items_room(file, move))
		err = ERR_TOO_BIG;
	return err;
}

static void
change_state(struct casefile *file, const struct case_row *row,
    const struct case_move *move)
{
	switch (row->to) {
	case CASE_STAY:
		break;
	case CASE_BACK:
		file->state = file->back;
		file->questions = 0;
		break;
	case CASE_CLARIFYING:
		file->back = file->state;
		file->questions = move->count;
		file->state = CASE_CLARIFYING;
		break;
	default:
		file->state = row->to;
		file->questions = 0;
	}
}

/* Make a move, or say why not and leave the file as it is.  env_id: of the
 * message, NULL for evidence. */
static enum err
make_move(struct casefile *file, enum case_by by, const struct hash *env_id,
    const struct case_move *move)
{
	const struct case_row *row;
	struct case_move here = move_here(file, by, move);
	enum err err;

	err = casefile_step(&row, file->state, by, &here);
	if (err == ERR_OK && !items_room(file, move))
		err = ERR_TOO_BIG;
	if (err != ERR_OK)
		return err;
	change_state(file, row, move);
	if (env_id != NULL)
		items_move(file, side_of(by), env_id, move, row->guards);
	return ERR_OK;
}

static void
make_evidence(struct casefile *file, uint16_t event, enum case_by by)
{
	struct case_move move = {.event = event};

	(void)make_move(file, by, NULL, &move);
}

/* Evidence about the REQUEST, in the order in which it must have come:
 * `delivered` implies `submitted`, and beats what denies it. */
static void
apply_evidence(struct casefile *file, unsigned evidence)
{
	if (evidence & CASE_EVIDENCE_REFUSED)
		make_evidence(file, CASE_REFUSED_EV, CASE_BY_RELAY);
	if (evidence & ~CASE_EVIDENCE_REFUSED)
		make_evidence(file, CASE_SUBMITTED_EV, CASE_BY_RELAY);
	if (evidence & CASE_EVIDENCE_DELIVERED)
		make_evidence(file, CASE_DELIVERED_EV, CASE_BY_AGENT);
	else if (evidence & CASE_EVIDENCE_UNDECRYPTABLE)
		make_evidence(file, CASE_UNDECRYPTABLE_EV, CASE_BY_AGENT);
	else if (evidence & CASE_EVIDENCE_EXPIRED)
		make_evidence(file, CASE_EXPIRED_EV, CASE_BY_RELAY);
}

/* Chains: what one side said on one lane stands in the order of seq. */
#define CHAINS (2 * LANE_COUNT)
#define NONE SIZE_MAX

struct node {
	size_t pred[3];		/* chain, seen[0], seen[1]: index or NONE */
	size_t answers;		/* what it answers, index or NONE */
	bool placed;
	bool mark;
	bool misfiled;
};

struct name {
	struct hash env_id;
	size_t msg;
};

struct fold {
	struct case_msg *m;
	size_t n;
	struct node *node;
	struct name *name;
	size_t names;
	size_t *order;
};

static int
cmp_chain(const void *pa, const void *pb)
{
	const struct case_msg *a = pa, *b = pb;
	int d;

	if (a->side != b->side)
		return a->side < b->side ? -1 : 1;
	if (a->lane != b->lane)
		return a->lane < b->lane ? -1 : 1;
	if (a->seq != b->seq)
		return a->seq < b->seq ? -1 : 1;
	d = memcmp(&a->env_id, &b->env_id, sizeof(a->env_id));
	if (d != 0)
		return d;
	return a->id < b->id ? -1 : a->id > b->id;
}

static int
cmp_name(const void *pa, const void *pb)
{
	const struct name *a = pa, *b = pb;

	return memcmp(&a->env_id, &b->env_id, sizeof(a->env_id));
}

static size_t
find_name(const struct fold *f, const struct hash *env_id)
{
	struct name key = {.env_id = *env_id};
	const struct name *hit;

	if (f->names == 0 || hash_is_zero(env_id))
		return NONE;
	hit = bsearch(&key, f->name, f->names, sizeof(key), cmp_name);
	return hit != NULL ? hit->msg : NONE;
}

static void
collect_names(struct fold *f)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct case_msg *m = &f->m[i];

		if (!hash_is_zero(&m->env_id)) {
			f->name[f->names].env_id = m->env_id;
			f->name[f->names++].msg = i;
		}
		for (size_t k = 0; k < m->was_len; k++) {
			f->name[f->names].env_id = m->was[k];
			f->name[f->names++].msg = i;
		}
	}
	qsort(f->name, f->names, sizeof(*f->name), cmp_name);
}

static void
link_nodes(struct fold *f)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct case_msg *m = &f->m[i];
		struct node *node = &f->node[i];

		node->pred[0] = i > 0 && m[-1].side == m->side &&
			m[-1].lane == m->lane ? i - 1 : NONE;
		for (unsigned k = 0; k < 2; k++) {
			size_t at = find_name(f, &m->seen[k]);

			node->pred[1 + k] = at != i ? at : NONE;
		}
		node->answers = find_name(f, &m->move.answers);
		if (node->answers == i)
			node->answers = NONE;
	}
}

/* A CORRECT of its own side takes a message out of the case, wherever both
 * stand; a REQUEST is withdrawn instead. */
static void
find_misfiled(struct fold *f)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct case_msg *m = &f->m[i];
		size_t at = f->node[i].answers;

		if (m->move.event == NOTICE_CORRECT && m->move.misfiles &&
		    (m->move.holds & CASE_GUARD_COMPLETE) && at != NONE &&
		    f->m[at].side == m->side &&
		    f->m[at].move.event != NOTICE_REQUEST &&
		    f->m[at].move.event != NOTICE_CORRECT)
			f->node[at].misfiled = true;
	}
}

static bool
is_ready(const struct fold *f, size_t i)
{
	for (unsigned k = 0; k < 3; k++) {
		size_t pred = f->node[i].pred[k];

		if (pred != NONE && !f->node[pred].placed)
			return false;
	}
	return true;
}

/* Of two that may stand next: the requested side's, then by env_id; what is
 * not sealed yet comes after what is. */
static bool
stands_before(const struct case_msg *a, const struct case_msg *b)
{
	bool bare_a = hash_is_zero(&a->env_id);
	bool bare_b = hash_is_zero(&b->env_id);

	if (a->side != b->side)
		return a->side == CASE_REQUESTED;
	if (bare_a != bare_b)
		return bare_b;
	if (bare_a)
		return a->id < b->id;
	return memcmp(&a->env_id, &b->env_id, sizeof(a->env_id)) < 0;
}

/* The best of the chains' first unplaced messages; `ready` ones only, or any
 * when names run in a circle (only a forger can make them). */
static size_t
pick(const struct fold *f, const size_t *first, const size_t *end, bool ready)
{
	size_t best = NONE;

	for (unsigned c = 0; c < CHAINS; c++) {
		if (first[c] == end[c])
			continue;
		if (ready && !is_ready(f, first[c]))
			continue;
		if (best == NONE || stands_before(&f->m[first[c]], &f->m[best]))
			best = first[c];
	}
	return best;
}

static unsigned
chain_of(const struct case_msg *m)
{
	return (unsigned)m->side * LANE_COUNT + m->lane;
}

static void
put_in_order(struct fold *f)
{
	size_t first[CHAINS] = {0}, end[CHAINS] = {0};

	for (size_t i = f->n; i > 0; i--) {
		unsigned c = chain_of(&f->m[i - 1]);

		if (end[c] == 0)
			end[c] = i;
		first[c] = i - 1;
	}
	for (size_t k = 0; k < f->n; k++) {
		size_t next = pick(f, first, end, true);

		if (next == NONE)
			next = pick(f, first, end, false);
		f->node[next].placed = true;
		f->order[k] = next;
		first[chain_of(&f->m[next])]++;
	}
}

/* The move with what it answers by its newest name. */
static struct case_move
resolve(const struct fold *f, size_t i)
{
	const struct case_msg *m = &f->m[i];
	struct case_move move = m->move;
	size_t at = f->node[i].answers;

	move.holds &= ~CASE_GUARD_OWN;
	if (at == NONE)
		return move;
	move.answers = f->m[at].env_id;
	if (f->m[at].side == m->side && (!move.misfiles ||
	    f->node[at].misfiled))
		move.holds |= CASE_GUARD_OWN;
	return move;
}

/* One message onto the file; its standing is the caller's business. */
static enum err
apply(const struct fold *f, struct casefile *file, size_t i)
{
	const struct case_msg *m = &f->m[i];
	struct case_move move = resolve(f, i);
	enum err err;

	/* Who answers a request has it, receipt or not. */
	if (m->side == CASE_REQUESTED &&
	    f->node[i].pred[1 + CASE_REQUESTING] != NONE)
		apply_evidence(file, CASE_EVIDENCE_DELIVERED);
	err = make_move(file, by_of(m->side), &m->env_id, &move);
	if (err == ERR_OK && m->move.event == NOTICE_REQUEST)
		apply_evidence(file, m->evidence);
	return err;
}

/* Whether the table allowed order[at] on what its author had seen. */
static bool
was_legal_there(struct fold *f, size_t at)
{
	struct casefile file = {.state = CASE_DRAFT};

	for (size_t k = 0; k < at; k++)
		f->node[f->order[k]].mark = false;
	f->node[f->order[at]].mark = true;
	for (size_t k = at + 1; k-- > 0;) {
		const struct node *node = &f->node[f->order[k]];

		for (unsigned p = 0; node->mark && p < 3; p++)
			if (node->pred[p] != NONE)
				f->node[node->pred[p]].mark = true;
	}
	for (size_t k = 0; k < at; k++)
		if (f->node[f->order[k]].mark)
			(void)apply(f, &file, f->order[k]);
	return apply(f, &file, f->order[at]) == ERR_OK;
}

static void
note_correct(struct fold *f, const struct case_msg *m, size_t at)
{
	if (m->move.event == NOTICE_CORRECT && at != NONE)
		f->m[at].corrected = m->env_id;
}

static void
judge(struct fold *f, struct casefile *file, size_t at)
{
	struct case_msg *m = &f->m[f->order[at]];

	m->before = m->after = file->state;
	m->standing = CASE_MISFILED;
	m->why = ERR_OK;
	if (f->node[f->order[at]].misfiled)
		return;
	m->why = apply(f, file, f->order[at]);
	m->after = file->state;
	m->standing = CASE_STANDS;
	if (m->why == ERR_OK) {
		note_correct(f, m, f->node[f->order[at]].answers);
		return;
	}
	m->standing = CASE_ILLEGAL;
	if (was_legal_there(f, at)) {
		m->standing = CASE_CROSSED;
		m->why = ERR_CROSSED;
	}
}

/* Sealed messages stand in the order of seq, so the last placed is newest. */
static void
find_heads(struct casefile *file, const struct fold *f)
{
	for (size_t k = 0; k < f->n; k++) {
		const struct case_msg *m = &f->m[f->order[k]];

		if (!hash_is_zero(&m->env_id))
			file->head[m->side] = m->env_id;
	}
}

/* Put the messages themselves into the order found. */
static enum err
reorder(struct fold *f)
{
	struct case_msg *sorted = calloc(f->n, sizeof(*sorted));

	if (sorted == NULL)
		return ERR_NOMEM;
	for (size_t k = 0; k < f->n; k++)
		sorted[k] = f->m[f->order[k]];
	memcpy(f->m, sorted, f->n * sizeof(*sorted));
	free(sorted);
	return ERR_OK;
}

enum err
casefile_fold(struct casefile *file, struct case_msg *msgs, size_t n)
{
	struct fold f = {.m = msgs, .n = n};
	size_t names = n;
	enum err err = ERR_NOMEM;

	memset(file, 0, sizeof(*file));
	if (n > CASE_MESSAGES_MAX)
		return ERR_TOO_BIG;
	if (n == 0)
		return ERR_OK;
	for (size_t i = 0; i < n; i++) {
		assert(msgs[i].lane < LANE_COUNT);
		msgs[i].corrected = (struct hash){{0}};
		names += msgs[i].was_len;
	}
	f.node = calloc(n, sizeof(*f.node));
	f.name = calloc(names, sizeof(*f.name));
	f.order = calloc(n, sizeof(*f.order));
	if (f.node == NULL || f.name == NULL || f.order == NULL)
		goto out;

	qsort(msgs, n, sizeof(*msgs), cmp_chain);
	collect_names(&f);
	link_nodes(&f);
	find_misfiled(&f);
	put_in_order(&f);
	for (size_t at = 0; at < n; at++)
		judge(&f, file, at);
	find_heads(file, &f);
	err = reorder(&f);
out:
	free(f.order);
	free(f.name);
	free(f.node);
	return err;
}

bool
casefile_is_named(const struct case_msg *m, const struct hash *env_id)
{
	if (hash_is_zero(env_id))
		return false;
	for (size_t i = 0; i < m->was_len; i++)
		if (hash_eq(&m->was[i], env_id))
			return true;
	return hash_eq(&m->env_id, env_id);
}
