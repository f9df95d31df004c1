/* A desk's own messages into the casebook: casebook_write of casebook.h. */
#include <stdlib.h>
#include <string.h>

#include "endpoint/agent.h"
#include "endpoint/book.h"
#include "endpoint/casebook.h"
#include "endpoint/caserows.h"
#include "endpoint/pairs.h"
#include "endpoint/refold.h"
#include "endpoint/verbs.h"

/* What a message of a type answers: the peer's newest of another. */
static const struct {
	enum notice_type type, answers;
} answering[] = {
    {NOTICE_ACK, NOTICE_REQUEST},
    {NOTICE_DECISION, NOTICE_REQUEST},
    {NOTICE_STATUS, NOTICE_REQUEST},
    {NOTICE_RESULT, NOTICE_REQUEST},
    {NOTICE_CLARIFY, NOTICE_REQUEST},
    {NOTICE_CLARIFIED, NOTICE_CLARIFY},
    {NOTICE_FEEDBACK, NOTICE_RESULT},
};

/* The one open item of the peer's that it answers, where it is just one. */
static void
find_item(const struct casefile *file, enum case_side ours,
    const struct case_move *move, struct hash *answers)
{
	struct case_move probe = *move;
	size_t hits = 0, at = 0;

	for (size_t i = 0; i < file->items; i++) {
		probe.answers = file->item[i].env_id;
		if (file->item[i].side == ours ||
		    file->item[i].state != CASE_ITEM_OPEN ||
		    casefile_may(file, ours, &probe) != ERR_OK)
			continue;
		hits++;
		at = i;
	}
	if (hits == 1)
		*answers = file->item[at].env_id;
}

/* What it answers by its type alone: the peer's newest of another. */
static enum err
fill_answers(struct agent *agent, const struct caserows_case *c,
    struct notice_outline *o)
{
	struct caserows_msg *list;
	size_t n;
	enum err err;

	err = caserows_load(agent_book(agent), &c->case_id, 0, &list, &n);
	for (size_t i = 0; i < sizeof(answering) / sizeof(answering[0]); i++)
		for (size_t k = 0; k < n; k++)
			if (answering[i].type == o->type &&
			    answering[i].answers == list[k].m.move.event &&
			    list[k].m.standing == CASE_STANDS)
				o->answers = list[k].m.env_id;
	free(list);
	return err;
}

static enum err
case_to_write(struct agent *agent, const struct casebook_out *out,
    struct caserows_case *c)
{
	const struct notice_outline *o = out->outline;
	const struct verbs_verb *verb = verbs_of(o->type);
	enum err err = caserows_get(agent_book(agent), &o->case_id, c);

	if (out->head != 0 || verb == NULL || !verb->opens)
		return err;
	if (err == ERR_OK)
		return ERR_EXISTS;
	if (err != ERR_MISSING_CASE)
		return err;
	memset(c, 0, sizeof(*c));
	c->case_id = o->case_id;
	c->pair = out->pair->number;
	c->ours = CASE_REQUESTING;
	c->urgency = (uint8_t)o->urgency;
	c->exercise = o->exercise;
	c->opened_at = agent_now(agent);
	return ERR_OK;
}

static enum err
is_own(struct agent *agent, const struct caserows_case *c,
    const struct hash *env_id, bool *own)
{
	struct caserows_msg row;
	int64_t id;
	enum err err = caserows_named(agent_book(agent), env_id, &id);

	*own = false;
	if (err == ERR_OK)
		err = caserows_msg(agent_book(agent), id, &row);
	if (err == ERR_OK)
		*own = row.own && id_eq(&row.case_id, &c->case_id);
	return err == ERR_NOTFOUND ? ERR_OK : err;
}

/* Find what it answers, then hold it against the table.  Items are not kept
 * with the case: they are folded where they matter. */
static enum err
may_write(struct agent *agent, struct caserows_case *c,
    struct case_move *move, struct notice_outline *o)
{
	bool item = casefile_wants_item(c->file.state, move), own = false;
	enum err err = ERR_OK;

	if (item || !hash_is_zero(&o->answers))
		err = refold_now(agent, &c->case_id, &c->file);
	if (err == ERR_OK && item && hash_is_zero(&o->answers))
		find_item(&c->file, c->ours, move, &o->answers);
	if (err == ERR_OK && hash_is_zero(&o->answers))
		err = fill_answers(agent, c, o);
	if (err == ERR_OK && !hash_is_zero(&o->answers))
		err = is_own(agent, c, &o->answers, &own);
	if (err != ERR_OK)
		return err;
	move->answers = o->answers;
	if (own)
		move->holds |= CASE_GUARD_OWN;
	return casefile_may(&c->file, c->ours, move);
}

/* Emergencies, and what goes to the principals, pass on a lane of their own
 * (domain: section 6). */
static uint8_t
lane_of(const struct caserows_case *c, const struct notice_body *body)
{
	bool top = body->type == NOTICE_ESCALATE &&
	    body->escalate.tier == TIERS_MAX;

	return c->urgency == URGENCY_MAX || top ? LANE_EMERGENCY :
	    LANE_NOTICE;
}

enum err
casebook_write(struct agent *agent, const struct casebook_out *out,
    int64_t *message)
{
	struct notice_outline o = *out->outline;
	struct caserows_msg row = {0};
	struct caserows_case c;
	enum err err;

	err = case_to_write(agent, out, &c);
	if (err == ERR_OK && out->head != c.revision)
		err = ERR_HEAD_MOVED;
	if (err == ERR_OK && c.revision >= CASE_MESSAGES_MAX)
		err = ERR_TOO_BIG;
	if (err != ERR_OK)
		return err;
	o.urgency = c.urgency;
	o.exercise = c.exercise;
	o.seen_requesting = c.file.head[CASE_REQUESTING];
	o.seen_requested = c.file.head[CASE_REQUESTED];
	refold_move(&row.m.move, &o, out->body);
	err = may_write(agent, &c, &row.m.move, &o);
	if (err != ERR_OK)
		return err;
	refold_own(agent, &row, &c, &o, lane_of(&c, out->body));
	err = refold_send(agent, out->pair, &row, &o, out->body);
	if (err != ERR_OK)
		return err;
	*message = row.id;
	err = refold_note(agent, &c, &row);
	return err == ERR_OK ? refold_case(agent, &c) : err;
}
