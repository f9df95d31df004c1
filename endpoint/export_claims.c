#include "endpoint/export_claims.h"

#include <string.h>

#include "endpoint/agent.h"
#include "endpoint/caserows.h"
#include "endpoint/export_open.h"
#include "endpoint/holds.h"
#include "endpoint/mail.h"
#include "endpoint/pairs.h"
#include "endpoint/shred.h"

struct claiming {
	struct agent *agent;
	const struct pair *pair;
	const struct id *case_id;	/* NULL: every case of the pair */
	struct bundle *bundle;
};

/* A case of this pair that is shown. */
static enum err
is_shown(const struct claiming *x, const struct id *case_id,
    struct caserows_case *c, bool *shown)
{
	enum err err;

	*shown = x->case_id == NULL || id_eq(x->case_id, case_id);
	if (!*shown)
		return ERR_OK;
	err = caserows_get(agent_book(x->agent), case_id, c);
	*shown = err == ERR_OK && c->pair == x->pair->number;
	return err == ERR_MISSING_CASE ? ERR_OK : err;
}

static enum err
add_hold(void *ctx, const struct holds_one *hold)
{
	struct claiming *x = ctx;
	struct bundle_hold out = {.case_id = hold->case_id,
	    .from_at = (uint64_t)hold->from_at,
	    .until_at = (uint64_t)hold->until_at,
	    .reason = {(const uint8_t *)hold->reason, strlen(hold->reason)}};
	struct caserows_case c;
	bool shown, by_a;
	enum err err = is_shown(x, &hold->case_id, &c, &shown);

	if (err != ERR_OK || !shown)
		return err;
	/* Is party a the asker? */
	by_a = (x->pair->direction == FROM_A) == (c.ours == CASE_REQUESTING);
	out.head_a = hold->head[by_a ? CASE_REQUESTING : CASE_REQUESTED];
	out.head_b = hold->head[by_a ? CASE_REQUESTED : CASE_REQUESTING];
	return bundle_add_hold(x->bundle, &out);
}

static enum err
add_shredded(void *ctx, int64_t id, const struct id *case_id, int64_t at)
{
	struct claiming *x = ctx;
	struct caserows_case c;
	struct mail mail;
	bool shown;
	enum err err = is_shown(x, case_id, &c, &shown);

	if (err != ERR_OK || !shown)
		return err;
	err = mail_get(agent_book(x->agent), id, &mail);
	if (err != ERR_OK)
		return err == ERR_NOTFOUND ? ERR_OK : err;
	return bundle_add_shredded(x->bundle, &mail.env_id, (uint64_t)at);
}

enum err
export_claims_add(struct agent *agent, const struct pair *pair,
    const struct export_choice *choice, struct bundle *bundle)
{
	struct claiming x = {.agent = agent, .pair = pair,
	    .case_id = choice->case_id, .bundle = bundle};
	enum err err;

	if (choice->level == BUNDLE_SEALED)
		return ERR_OK;
	err = holds_each(
	    agent_book(agent), choice->case_id, add_hold, &x);
	return err == ERR_OK
	    ? shred_each(agent_book(agent), add_shredded, &x)
	    : err;
}
