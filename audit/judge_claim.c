#include <stdio.h>

#include "audit/judge_priv.h"
#include "base/clock.h"

/* What is open here was not shredded by whoever opened it. */
void
judge_claims(struct judge *j)
{
	char where[JUDGE_WHERE_BYTES], at[CLOCK_TEXT_BYTES];
	const struct judge_message *m;
	struct bundle_shredded s;
	size_t i;

	for (i = 0; i < bundle_shreddeds(j->b); i++) {
		s = bundle_shredded_at(j->b, i);
		m = judge_by_env(j, &s.env_id);
		snprintf(where, sizeof(where), "shredded record %zu", i);
		if (m == NULL) {
			judge_find(j, FINDINGS_CLAIM_CONTRADICTS, ERR_OK,
			    where, "%s", "");
			continue;
		}
		judge_where(where, m->run->direction, m->run->lane,
		    judge_seq(m), judge_seq(m));
		if (m->shown->fields != NULL || m->shown->some != NULL ||
		    m->shown->outline.p != NULL)
			judge_find(j, FINDINGS_CLAIM_CONTRADICTS, ERR_OK,
			    where, "%s", "");
		else
			judge_find(j, FINDINGS_BODY_SHREDDED, ERR_OK, where,
			    "on %s", clock_format(at, (int64_t)s.at));
	}
}
