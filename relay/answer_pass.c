/* answer_pass: passes for the entries over HTTP.  See turn_priv.h. */
#include "base/secret.h"
#include "relay/group.h"
#include "relay/passes.h"
#include "relay/turn_priv.h"

static enum err
issue(struct turn *t, struct job *job)
{
	const struct request_pass *ask = &job->req.pass;
	uint8_t *token = arena_alloc(&job->arena, PASS_TOKEN_BYTES);

	if (token == NULL)
		return ERR_BUSY;
	job->token = token;
	return passes_issue(t->p.passes, &job->party.agency, ask->name,
	    ask->until_at, clock_wall(&t->p.clock), token);
}

enum err
answer_pass_take(struct turn *t, struct job *job)
{
	enum err err = ERR_OK;

	if (job->req.pass.kind == PASS_LIST)
		return ERR_OK;
	err = group_begin(t->p.group);
	if (err != ERR_OK)
		return err;
	job->status = job->req.pass.kind == PASS_ISSUE ? issue(t, job) :
	    passes_revoke(t->p.passes, &job->party.agency,
	    job->req.pass.name);
	return job->status == ERR_STORAGE || job->status == ERR_NOMEM ?
	    job->status : ERR_OK;
}

/* All the agency has, with the token of the new one. */
static enum err
fill(struct turn *t, const struct job *job, struct reply_pass *out)
{
	const struct pass *pass;
	struct reply_held *held;
	size_t n = 0;

	held = arena_array(&t->arena, PASSES_MAX, sizeof(*held));
	if (held == NULL)
		return ERR_NOMEM;
	while (n < PASSES_MAX && (pass = passes_of(t->p.passes,
	    &job->party.agency, n)) != NULL) {
		held[n].name = pass->name;
		held[n].issued_at = (uint64_t)pass->issued_at;
		held[n].until_at = (uint64_t)pass->until_at;
		n++;
	}
	out->held = held;
	out->held_count = n;
	if (job->token != NULL)
		out->token = (struct view){ job->token, PASS_TOKEN_BYTES };
	return ERR_OK;
}

enum err
answer_pass(struct turn *t, struct job *job)
{
	struct reply reply = { .ticket = job->req.ticket, .detail = "",
		.kind = REQUEST_PASS };
	enum err err = fill(t, job, &reply.pass);

	err = answer_finish(t, &job->frame.peer, &reply, err);
	if (job->token != NULL) {
		secret_wipe(job->token, PASS_TOKEN_BYTES);
		secret_wipe(t->out.p, t->out.len);
	}
	return err;
}
