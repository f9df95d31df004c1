#include "endpoint/refold.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "endpoint/agent.h"
#include "endpoint/book.h"
#include "endpoint/mail.h"
#include "endpoint/pairs.h"
#include "endpoint/watch.h"

#define BODY_ROOM (BODY_MAX + 64)

bool
refold_fatal(enum err err)
{
	return err == ERR_STORAGE || err == ERR_NOMEM;
}

enum err
refold_tell(struct agent *agent, int64_t message, int what, enum err why)
{
	struct caserows_news news = {.message = message, .what = what,
	    .at = agent_now(agent), .why = why};

	return caserows_tell(agent_book(agent), &news);
}

enum err
refold_send(struct agent *agent, const struct pair *pair,
    struct caserows_msg *row, const struct notice_outline *o,
    const struct notice_body *body)
{
	struct buf outline = buf_init(OUTLINE_MAX);
	struct buf value = buf_init(BODY_ROOM);
	struct fields fields = {0};
	struct outgoing out = {.pair_id = pair->pair_id,
	    .lane = row->m.lane, .fields = &fields, .message = row->id};
	enum err err;

	err = notice_outline_encode(&outline, o);
	if (err == ERR_OK)
		err = notice_body_encode(&value, body);
	if (err == ERR_OK)
		err = fields_add(&fields, FIELD_OUTLINE, buf_view(&outline));
	if (err == ERR_OK)
		err = fields_add(&fields, FIELD_BODY, buf_view(&value));
	if (err == ERR_OK)
		err = outbox_put(agent, &out, &row->mail);
	buf_free(&value);
	buf_free(&outline);
	return err;
}

void
refold_own(struct agent *agent, struct caserows_msg *row,
    const struct caserows_case *c, const struct notice_outline *o,
    uint8_t lane)
{
	row->id = caserows_next_id(agent_book(agent));
	row->case_id = c->case_id;
	row->own = true;
	row->at = agent_now(agent);
	row->m.id = (uint64_t)row->id;
	row->m.side = c->ours;
	row->m.lane = lane;
	row->m.seq = UINT64_MAX;
	row->m.seen[CASE_REQUESTING] = o->seen_requesting;
	row->m.seen[CASE_REQUESTED] = o->seen_requested;
	row->m.move.event = (uint16_t)o->type;
	row->m.move.outcome = (uint16_t)o->outcome;
}

enum err
refold_note(struct agent *agent, struct caserows_case *c,
    struct caserows_msg *row)
{
	struct book *book = agent_book(agent);
	enum err err;

	row->revision = ++c->revision;
	c->moved_at = agent_now(agent);
	err = caserows_put(book, c);
	if (err == ERR_OK)
		err = caserows_put_msg(book, row);
	if (err == ERR_OK && !hash_is_zero(&row->m.env_id))
		err = caserows_name(book, &row->m.env_id, row->id);
	if (err == ERR_OK)
		err = refold_tell(agent, row->id, 0, ERR_OK);
	return err;
}

void
refold_move(struct case_move *move, const struct notice_outline *o,
    const struct notice_body *body)
{
	move->event = (uint16_t)o->type;
	move->outcome = (uint16_t)o->outcome;
	move->answers = o->answers;
	move->misfiles = o->type == NOTICE_CORRECT && body->correct.misfiled;
	move->holds = CASE_GUARD_COMPLETE;
	if (o->type == NOTICE_DECISION && body->decision.explanation != NULL &&
	    body->decision.explanation[0] != '\0')
		move->holds |= CASE_GUARD_REVISION;
	if (o->type == NOTICE_CLARIFY)
		move->count = (unsigned)body->clarify.n;
	if (o->type == NOTICE_CLARIFIED)
		move->count = (unsigned)body->clarified.n;
}

/* ---- the fold over rows ---- */

void
refold_free(struct refold *r)
{
	free(r->known);
	free(r->was);
	free(r->m);
	free(r->row);
}

static int
cmp_hash(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct hash));
}

static bool
is_left_out(const struct refold *r, int64_t id)
{
	for (size_t i = r->n; i < r->rows; i++)
		if (r->row[i].id == id)
			return true;
	return false;
}

/*
 * A message may name an envelope that carries nothing here: one of ours that
 * a restore lost, or one not opened yet.  Where its seq is known it stands
 * for the newest message before it on its channel.
 */
static enum err
resolve_seen(struct agent *agent, struct refold *r, struct hash *seen)
{
	const struct case_msg *best = NULL;
	struct mail mail;
	int64_t id;
	enum err err;

	if (hash_is_zero(seen) ||
	    bsearch(seen, r->known, r->n, sizeof(*r->known), cmp_hash))
		return ERR_OK;
	err = caserows_named(agent_book(agent), seen, &id);
	if (err != ERR_NOTFOUND && (err != ERR_OK || !is_left_out(r, id)))
		return err;
	err = mail_find(agent_book(agent), seen, &mail);
	if (err != ERR_OK)
		return err == ERR_NOTFOUND ? ERR_OK : err;
	for (size_t i = 0; i < r->n; i++)
		if (r->row[i].own == mail.own && r->m[i].lane == mail.lane &&
		    r->m[i].seq < mail.seq &&
		    (best == NULL || r->m[i].seq > best->seq))
			best = &r->m[i];
	if (best != NULL)
		*seen = best->env_id;
	return ERR_OK;
}

/* Give each row the envelopes of list that carried it; those of rows that
 * are left out go too. */
static enum err
give_was(struct refold *r, const struct caserows_was *list, size_t n)
{
	size_t i = 0;

	r->was = calloc(n + 1, sizeof(*r->was));
	if (r->was == NULL)
		return ERR_NOMEM;
	for (size_t k = 0; k < n; k++) {
		while (i < r->n && r->row[i].id < list[k].id)
			i++;
		if (i == r->n || r->row[i].id != list[k].id)
			continue;
		r->was[k] = list[k].env_id;
		if (r->m[i].was_len++ == 0)
			r->m[i].was = &r->was[k];
	}
	return ERR_OK;
}

static enum err
refold_ready(struct agent *agent, struct refold *r,
    const struct caserows_was *was, size_t n)
{
	enum err err;

	r->m = calloc(r->n, sizeof(*r->m));
	r->known = calloc(r->n, sizeof(*r->known));
	if (r->m == NULL || r->known == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < r->n; i++) {
		r->m[i] = r->row[i].m;
		r->m[i].id = i;
		r->known[i] = r->row[i].m.env_id;
	}
	qsort(r->known, r->n, sizeof(*r->known), cmp_hash);
	err = give_was(r, was, n);
	for (size_t i = 0; i < 2 * r->n && err == ERR_OK; i++)
		err = resolve_seen(agent, r, &r->m[i / 2].seen[i % 2]);
	return err;
}

/* ---- what the heads of a heartbeat cover ---- */

/* Did this envelope bring its message to whoever signed the heads?  at: its
 * seq. */
static enum err
is_covered(struct agent *agent, const struct refold_heads *heads,
    const struct caserows_msg *row, const struct hash *env_id, uint64_t *at,
    bool *covered)
{
	bool sent = row->own == heads->ours;	/* by the heads' signer */
	const struct notice_head *head = sent ? heads->own : heads->peer;
	struct mail mail;
	enum err err;

	*covered = false;
	*at = 0;
	if (hash_is_zero(env_id))
		return ERR_OK;		/* not sealed yet */
	err = mail_find(agent_book(agent), env_id, &mail);
	if (err == ERR_NOTFOUND)
		return ERR_OK;
	if (err != ERR_OK || mail.state == MAIL_FORK ||
	    mail.seq > head[row->m.lane].seq)
		return err;
	*at = mail.seq;
	*covered = sent || (mail.state != MAIL_UNDECRYPTABLE &&
	    mail.state != MAIL_EXPIRED);
	return ERR_OK;
}

/* The newest envelope of a row that the heads cover becomes its own; *newest
 * is 0 if none does. */
static enum err
cover_row(struct agent *agent, const struct refold_heads *heads,
    struct caserows_msg *row, const struct caserows_was *list, size_t n,
    uint64_t *newest)
{
	struct hash env_id = row->m.env_id;
	uint64_t at;
	bool covered;
	enum err err;

	*newest = 0;
	err = is_covered(agent, heads, row, &env_id, &at, &covered);
	if (err != ERR_OK || covered) {
		*newest = at;
		return err;
	}
	for (size_t k = 0; k < n && err == ERR_OK; k++) {
		if (list[k].id != row->id)
			continue;
		err = is_covered(
		    agent, heads, row, &list[k].env_id, &at, &covered);
		if (err == ERR_OK && covered && at > *newest) {
			*newest = at;
			row->m.env_id = list[k].env_id;
		}
	}
	return err;
}

/* Leave out what the heads do not cover.  Receipts are not in the heads: a
 * peer's message that was opened was delivered, of an own one only the
 * answers tell. */
static enum err
cover(struct agent *agent, const struct refold_heads *heads,
    struct refold *r, const struct caserows_was *list, size_t n)
{
	size_t kept = 0;
	uint64_t newest;
	enum err err = ERR_OK;

	for (size_t i = 0; i < r->n && err == ERR_OK; i++) {
		struct caserows_msg row = r->row[i];

		err = cover_row(agent, heads, &row, list, n, &newest);
		if (err != ERR_OK || newest == 0)
			continue;
		row.m.evidence = row.own == heads->ours ? 0 :
		    CASE_EVIDENCE_SUBMITTED | CASE_EVIDENCE_DELIVERED;
		r->row[i] = r->row[kept];
		r->row[kept++] = row;
	}
	r->n = kept;
	return err;
}

static enum err
refold_load(struct agent *agent, const struct id *case_id,
    const struct refold_heads *heads, struct refold *r)
{
	struct caserows_was *was = NULL;
	size_t n = 0;
	enum err err;

	memset(r, 0, sizeof(*r));
	err = caserows_load(agent_book(agent), case_id, 0, &r->row, &r->n);
	r->rows = r->n;
	if (err == ERR_OK)
		err = caserows_was(agent_book(agent), case_id, &was, &n);
	if (err == ERR_OK && heads != NULL)
		err = cover(agent, heads, r, was, n);
	if (err == ERR_OK && r->n > 0)
		err = refold_ready(agent, r, was, n);
	free(was);
	return err;
}

enum err
refold_at(struct agent *agent, const struct id *case_id,
    const struct refold_heads *heads, struct casefile *file)
{
	struct refold r;
	enum err err = refold_load(agent, case_id, heads, &r);

	if (err == ERR_OK)
		err = casefile_fold(file, r.m, r.n);
	refold_free(&r);
	return err;
}

/* ---- the fold of what is here ---- */

/* Write down what the fold found, where it differs from before. */
static enum err
refold_keep(struct agent *agent, struct refold *r, struct caserows_case *c,
    const struct casefile *file)
{
	enum err err = ERR_OK;

	for (size_t i = 0; i < r->n && err == ERR_OK; i++) {
		const struct case_msg *m = &r->m[i];
		struct caserows_msg *row = &r->row[m->id];
		enum err why = row->broken != ERR_OK ? row->broken : m->why;

		if (row->m.standing == m->standing && row->m.why == why &&
		    row->m.before == m->before && row->m.after == m->after &&
		    hash_eq(&row->m.corrected, &m->corrected))
			continue;
		row->m.standing = m->standing;
		row->m.why = why;
		row->m.before = m->before;
		row->m.after = m->after;
		row->m.corrected = m->corrected;
		err = caserows_put_msg(agent_book(agent), row);
	}
	c->file = *file;
	return err;
}

/* A message that names one not known here may still turn out lawful. */
static enum err
is_waiting(struct agent *agent, const struct caserows_msg *row, bool *waiting)
{
	struct mail mail;

	*waiting = false;
	if (row->at <= agent_now(agent) - REFOLD_WAIT_MS)
		return ERR_OK;
	for (unsigned k = 0; k < 2; k++) {
		int64_t id;
		enum err err;

		if (hash_is_zero(&row->m.seen[k]))
			continue;
		err = caserows_named(agent_book(agent), &row->m.seen[k], &id);
		if (err == ERR_NOTFOUND)
			err = mail_find(
			    agent_book(agent), &row->m.seen[k], &mail);
		else if (err == ERR_OK)
			continue;
		if (err == ERR_NOTFOUND || (err == ERR_OK && !mail.own))
			*waiting = true;
		else if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

/* What a REJECT of this row says. */
static enum err
code_of(const struct caserows_case *c, const struct caserows_msg *row)
{
	if (row->broken == ERR_OK && c->file.state == CASE_DRAFT &&
	    row->m.move.event != NOTICE_REQUEST)
		return ERR_MISSING_CASE;
	return row->m.why;
}

static struct notice_outline
outline_of(const struct caserows_case *c, enum notice_type type)
{
	struct notice_outline o = {
	    .case_id = c->case_id,
	    .type = type,
	    .seen_requesting = c->file.head[CASE_REQUESTING],
	    .seen_requested = c->file.head[CASE_REQUESTED],
	    .urgency = c->urgency,
	    .exercise = c->exercise,
	};

	return o;
}

/* What cannot be sent now is tried at the next fold. */
static enum err
reject(struct agent *agent, struct caserows_case *c, struct caserows_msg *bad)
{
	const struct pair *pair = pairs_get(agent_pairs(agent), c->pair);
	struct notice_outline o = outline_of(c, NOTICE_REJECT);
	struct notice_body body = {.type = NOTICE_REJECT,
	    .reject = {.code = (uint32_t)code_of(c, bad),
		.env_id = bad->m.env_id}};
	struct caserows_msg row = {0};
	enum err err = ERR_NOTFOUND;

	if (c->revision >= CASE_MESSAGES_MAX) {
		bad->rejected = true;	/* no room is left to say so */
		return caserows_put_msg(agent_book(agent), bad);
	}
	o.answers = bad->m.env_id;
	o.as_of_at = (uint64_t)agent_now(agent);
	refold_own(agent, &row, c, &o, bad->m.lane);
	if (pair != NULL)
		err = refold_send(agent, pair, &row, &o, &body);
	if (err != ERR_OK) {
		diag_warn("casebook", "a REJECT could not be queued: %s",
		    err_name(err));
		return refold_fatal(err) ? err : ERR_OK;
	}
	bad->rejected = true;
	err = caserows_put_msg(agent_book(agent), bad);
	return err == ERR_OK ? refold_note(agent, c, &row) : err;
}

enum err
refold_open(struct agent *agent, const struct id *case_id, struct refold *r,
    struct casefile *file)
{
	enum err err = refold_load(agent, case_id, NULL, r);

	return err == ERR_OK ? casefile_fold(file, r->m, r->n) : err;
}

enum err
refold_now(struct agent *agent, const struct id *case_id,
    struct casefile *file)
{
	struct refold r;
	enum err err = refold_open(agent, case_id, &r, file);

	refold_free(&r);
	return err;
}

/* Fold once; *answered says that a REJECT was added. */
static enum err
fold_once(struct agent *agent, struct caserows_case *c, bool *answered)
{
	struct casefile file;
	struct refold r;
	bool waiting;
	enum err err;

	*answered = false;
	err = refold_load(agent, &c->case_id, NULL, &r);
	if (err == ERR_OK)
		err = casefile_fold(&file, r.m, r.n);
	if (err == ERR_OK)
		err = refold_keep(agent, &r, c, &file);
	for (size_t i = 0; i < r.n && err == ERR_OK; i++) {
		struct caserows_msg *row = &r.row[i];

		if (row->own || row->rejected ||
		    row->m.standing == CASE_STANDS ||
		    row->m.standing == CASE_MISFILED)
			continue;
		err = is_waiting(agent, row, &waiting);
		if (err != ERR_OK || waiting)
			continue;
		err = reject(agent, c, row);
		*answered |= row->rejected;
	}
	refold_free(&r);
	return err;
}

enum err
refold_case(struct agent *agent, struct caserows_case *c)
{
	enum case_state was = c->file.state;
	bool answered;
	enum err err;

	err = fold_once(agent, c, &answered);
	if (err == ERR_OK && answered)	/* for the heads */
		err = fold_once(agent, c, &answered);
	if (err != ERR_OK)
		return err;
	if (c->file.state != was)
		c->moved_at = agent_now(agent);
	err = caserows_put(agent_book(agent), c);
	return err == ERR_OK ? watch_renew(agent, &c->case_id) : err;
}
