#include "endpoint/caseclocks.h"

#include <stdlib.h>
#include <string.h>

#include "cases/told.h"
#include "endpoint/agent.h"
#include "endpoint/book.h"
#include "endpoint/mail.h"
#include "endpoint/pairs.h"
#include "endpoint/timebound.h"
#include "proto/envelope.h"
#include "proto/notice.h"

/* ---- times ---- */

static uint64_t
between(int64_t at, int64_t low, int64_t high)
{
	if (at < low)
		at = low;
	return (uint64_t)(at > high ? high : at);
}

static struct clocks_bounds
both(uint64_t at)
{
	return (struct clocks_bounds){at, at};
}

/* What witnesses bound on both sides no clock of a party has a say in.
 * Until their lines are here that is nothing: the claim stands in. */
static bool
witnessed(struct agent *agent, int64_t mail, struct clocks_bounds *sent)
{
	struct timebound t;

	if (timebound_of(agent, mail, &t) != ERR_OK || !t.witnessed ||
	    t.after_at <= 0 || t.before_at <= 0)
		return false;
	sent->after_at = (uint64_t)t.after_at;
	sent->before_at = (uint64_t)t.before_at;
	return true;
}

unsigned
caseclocks_bounds(struct agent *agent, const struct caserows_msg *row,
    struct clocks_msg *msg, uint64_t *claimed_at)
{
	int64_t now = agent_now(agent), handed = row->evidence_at[2];
	unsigned claimed = CASECLOCKS_SENT | CASECLOCKS_DELIVERED;
	struct mail mail;
	uint64_t sent;

	if (mail_get(agent_book(agent), row->mail, &mail) != ERR_OK ||
	    mail.signed_at == 0)
		mail.signed_at = row->at;
	/* What was signed was there before it came in, whatever it says. */
	sent = between(mail.signed_at, 1, row->own ? now : row->at);
	*claimed_at = sent;
	msg->sent = both(sent);
	if (witnessed(agent, row->mail, &msg->sent))
		claimed &= ~CASECLOCKS_SENT;
	msg->has_delivered = row->m.evidence & CASE_EVIDENCE_DELIVERED;
	if (msg->has_delivered)
		msg->delivered = both(between(handed != 0 ? handed : row->at,
		    (int64_t)msg->sent.after_at, now));
	return claimed;
}

/* ---- terms ---- */

static void
fill_terms(struct agent *agent, const struct pair *pair,
    const struct caserows_case *c, const struct caserows_msg *row,
    const struct profiles *profiles, struct clocks_terms *t)
{
	const struct profile *p = profiles_at(profiles, row->at);
	int own = pair->direction == FROM_A ? 0 : 1;
	struct mail mail;
	struct hash id;

	if (mail_get(agent_book(agent), row->mail, &mail) == ERR_OK &&
	    mail.charter >= 0)
		t->charter = pairs_charter_of(
		    agent, pair, (uint16_t)mail.charter, &id);
	if (t->charter == NULL)
		t->charter = pair->charter;
	if (p == NULL)
		return;
	t->calendar[c->ours] = &p->side[own];
	t->calendar[1 - (int)c->ours] = &p->side[1 - own];
}

/* ---- what outline and body say ---- */

static unsigned
officers_of(const struct fields *fields, struct arena *arena)
{
	const struct field *f = fields_find(fields, FIELD_OFFICERS);
	struct notice_officers officers = {.n = 0};

	if (f == NULL ||
	    notice_officers_decode(&officers, f->value, arena) != ERR_OK)
		return 0;
	return officers.n;
}

/* The move is the row's own: it was read when the message came. */
static enum err
take_content(struct clocks_msg *msg, struct ledger_said *said,
    const struct fields *fields, struct arena *arena)
{
	const struct field *outline = fields_find(fields, FIELD_OUTLINE);
	const struct field *body = fields_find(fields, FIELD_BODY);
	struct case_move unused;
	struct notice_outline o;
	struct notice_body b;
	enum err err;

	if (outline == NULL)
		return ERR_MESSAGE;
	err = notice_outline_decode(&o, outline->value, arena);
	if (err != ERR_OK)
		return err;
	told_outline(msg, &unused, said, &o);
	msg->single = told_single(
	    msg->terms->charter, &o, officers_of(fields, arena));
	if (body == NULL)
		return ERR_MESSAGE;
	err = notice_body_decode(&b, o.type, body->value, arena);
	if (err == ERR_OK)
		told_body(msg, &unused, said, &b);
	return err;
}

static enum err
open_msg(struct agent *agent, const struct caserows_msg *row,
    struct clocks_msg *msg, struct ledger_said *said)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct mail_content content;
	enum err err = mail_content(agent_book(agent), row->mail, &content);

	msg->closed = true;
	if (err == ERR_OK) {
		err = take_content(msg, said, &content.fields, &arena);
		mail_content_free(&content);
	}
	arena_free(&arena);
	return refold_fatal(err) ? err : ERR_OK;
}

/* ---- the case ---- */

static enum err
fill(struct agent *agent, const struct caserows_case *c, struct caseclocks *x)
{
	const struct pair *pair = pairs_get(agent_pairs(agent), c->pair);
	enum err err = ERR_OK;

	if (pair == NULL || pair->charter == NULL)
		return ERR_NOTFOUND;
	for (size_t i = 0; i < x->fold.n && err == ERR_OK; i++) {
		const struct caserows_msg *row = caseclocks_row(x, i);
		struct clocks_msg *msg = &x->msg[i];

		fill_terms(agent, pair, c, row, &x->profiles, &x->terms[i]);
		msg->m = &x->fold.m[i];
		msg->terms = &x->terms[i];
		msg->urgency = c->urgency;
		msg->answers = msg->m->move.answers;
		x->claimed[i] = caseclocks_bounds(
		    agent, row, msg, &x->said[i].claimed_at);
		x->said[i].exercise = c->exercise;
		err = open_msg(agent, row, msg, &x->said[i]);
	}
	return err;
}

static enum err
make_room(struct caseclocks *x)
{
	size_t n = x->fold.n + 1;

	x->terms = calloc(n, sizeof(*x->terms));
	x->msg = calloc(n, sizeof(*x->msg));
	x->claimed = calloc(n, sizeof(*x->claimed));
	x->said = calloc(n, sizeof(*x->said));
	return x->terms != NULL && x->msg != NULL && x->claimed != NULL &&
	    x->said != NULL ? ERR_OK : ERR_NOMEM;
}

enum err
caseclocks_eval(struct agent *agent, const struct caserows_case *c,
    struct caseclocks *out)
{
	enum err err;

	memset(out, 0, sizeof(*out));
	out->now.at = (uint64_t)agent_now(agent);
	err = refold_open(agent, &c->case_id, &out->fold, &out->file);
	if (err == ERR_OK)
		err = profiles_load(agent, c->pair, &out->profiles);
	if (err == ERR_OK)
		err = make_room(out);
	if (err == ERR_OK)
		err = fill(agent, c, out);
	if (err == ERR_OK)
		err = clocks_eval(
		    &out->clocks, out->msg, out->fold.n, &out->now);
	if (err == ERR_OK)
		err = ladder_eval(&out->ladder, out->msg, out->fold.n,
		    &out->clocks, out->now.at);
	return err;
}

void
caseclocks_free(struct caseclocks *x)
{
	ladder_free(&x->ladder);
	clocks_free(&x->clocks);
	free(x->said);
	free(x->claimed);
	free(x->msg);
	free(x->terms);
	profiles_free(&x->profiles);
	refold_free(&x->fold);
	memset(x, 0, sizeof(*x));
}

/* ---- questions ---- */

const struct caserows_msg *
caseclocks_row(const struct caseclocks *x, size_t i)
{
	return &x->fold.row[x->fold.m[i].id];
}

bool
caseclocks_claimed(const struct caseclocks *x,
    const struct clocks_clock *clock)
{
	unsigned start = clocks_row(clock->kind)->rules & CLOCKS_SENT
	    ? CASECLOCKS_SENT : CASECLOCKS_SENT | CASECLOCKS_DELIVERED;

	return (x->claimed[clock->start] & start) ||
	    (clock->stop != CLOCKS_NONE &&
		(x->claimed[clock->stop] & CASECLOCKS_SENT));
}

uint64_t
caseclocks_due(const struct clocks_clock *clock)
{
	return clock->due.after_at != 0 ? clock->due.after_at
					: clock->due.before_at;
}

bool
caseclocks_listed(const struct caseclocks *x,
    const struct clocks_clock *clock)
{
	switch (clock->verdict) {
	case CLOCKS_RUNNING:
	case CLOCKS_OVERDUE:
		return true;
	case CLOCKS_LATE:
	case CLOCKS_IN_DOUBT:
		return clock->stop == CLOCKS_NONE ||
		    !casefile_ended(x->file.state);
	default:
		return false;
	}
}
