#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/judge_priv.h"

bool
judge_link(const struct judge_message *m, struct notice_link *link)
{
	struct arena arena = arena_init(ARENA_MAX);
	const struct judge_shown *shown = m->shown;
	const struct fields *fields = shown->fields != NULL ? shown->fields
							    : shown->some;
	const struct field *f = NULL;
	struct notice_outline o;
	bool is;

	if (fields != NULL)
		f = fields_find(fields, FIELD_LINK);
	is = f != NULL && shown->outline.p != NULL &&
	    notice_outline_decode(&o, shown->outline, &arena) == ERR_OK &&
	    o.type == NOTICE_HEARTBEAT &&
	    notice_link_decode(link, f->value) == ERR_OK;
	arena_free(&arena);
	return (is);
}

/* Another heartbeat here, whose root this does lead to; NULL: none, or
 * nobody is told any more. */
static const struct judge_message *
find_owner(const struct judge *j, const struct notice_case *c)
{
	struct notice_link link;
	size_t i;

	if (j->findings == JUDGE_FINDINGS_MAX)
		return (NULL);
	for (i = 0; i < j->messages; i++)
		if (judge_link(&j->message[i], &link) &&
		    notice_case_check(c, j->message[i].run->direction, &link) ==
			ERR_OK)
			return (&j->message[i]);
	return (NULL);
}

static void
case_fault(struct judge *j, const struct notice_case *c, enum err err,
    const char *where)
{
	const struct judge_message *owner = find_owner(j, c);
	char other[JUDGE_WHERE_BYTES];

	if (owner != NULL)
		judge_find(j, FINDINGS_OPEN_CASE_ELSEWHERE, err, where,
		    "of %s", judge_where(other, owner->run->direction,
		    owner->run->lane, judge_seq(owner), judge_seq(owner)));
	else if (err == ERR_COUNT)
		judge_find(j, FINDINGS_OPEN_CASE_RANGE, err, where, "%s", "");
	else if (err == ERR_PATH_LENGTH)
		judge_find(j, FINDINGS_OPEN_CASE_FORM, err, where, "%s", "");
	else
		judge_find(j, FINDINGS_OPEN_CASE_WRONG, err, where, "%s", "");
}

/* Is env_id, if it is here and counts, a message of that side in the case,
 * within the heads signed beside it? */
static bool
head_fits(struct judge *j, const struct hash *env_id,
    uint8_t direction, const struct notice_head *heads,
    const struct id *case_id)
{
	struct arena arena = arena_init(ARENA_MAX);
	const struct judge_message *m = judge_by_env(j, env_id);
	struct notice_outline o;
	bool fits;

	if (m == NULL || m->off_chain)
		return (true);
	fits = m->run->direction == direction && m->run->lane != LANE_FILE &&
	    judge_seq(m) <= heads[m->run->lane].seq;
	if (fits && m->shown->outline.p != NULL &&
	    notice_outline_decode(&o, m->shown->outline, &arena) == ERR_OK)
		fits = id_eq(&o.case_id, case_id);
	arena_free(&arena);
	return (fits);
}

/* What verified, held against what else its signer signed. */
static void
hold_against(struct judge *j, const struct judge_case *now,
    const struct notice_link *link, const char *where)
{
	const struct judge_case *before = j->open_cases == 0 ? NULL : now - 1;
	uint8_t own = now->beat->run->direction, peer = (uint8_t)(1 - own);

	/* Openings ascend: those of one heartbeat by case_id. */
	if (before != NULL && before->beat == now->beat &&
	    before->index >= now->index)
		judge_find(j, FINDINGS_OPEN_CASE_ORDER, ERR_ENCODING, where,
		    "%s", "");
	if (!head_fits(j, &now->own, own, link->own, &now->case_id) ||
	    !head_fits(j, &now->peer, peer, link->peer, &now->case_id))
		judge_find(j, FINDINGS_OPEN_CASE_CONTRADICTS, ERR_OK, where,
		    "%s", "");
}

static void
take_case(struct judge *j, const struct judge_message *m,
    struct view bytes, const char *where)
{
	struct judge_case *now = &j->open_case[j->open_cases];
	struct notice_link link;
	struct notice_case c;
	enum err err = notice_case_decode(&c, bytes);

	if (err != ERR_OK) {
		judge_find(j, FINDINGS_OPEN_CASE_FORM, err, where, "%s", "");
		return;
	}
	if (!judge_link(m, &link)) {
		judge_find(j, FINDINGS_OPEN_CASE_UNLINKED, ERR_OK, where, "%s",
		    "");
		return;
	}
	err = notice_case_check(&c, m->run->direction, &link);
	if (err != ERR_OK) {
		case_fault(j, &c, err, where);
		return;
	}
	now->beat = m;
	now->case_id = c.case_id;
	now->own = c.own;
	now->peer = c.peer;
	now->index = c.index;
	hold_against(j, now, &link, where);
	j->open_cases++;
}

/* The i-th opening, if it is one of a case. */
static void
take_opening(struct judge *j, size_t i)
{
	struct bundle_opening o = bundle_opening_at(j->b, i);
	const struct judge_message *m = judge_by_env(j, &o.env_id);
	char where[JUDGE_WHERE_BYTES];

	if (o.kind != BUNDLE_CASE)
		return;
	if (m != NULL) {
		judge_where(where, m->run->direction, m->run->lane,
		    judge_seq(m), judge_seq(m));
		take_case(j, m, o.bytes, where);
		return;
	}
	snprintf(where, sizeof(where), "openings record %zu", i);
	judge_find(j, FINDINGS_OPENING_STRAY, ERR_OK, where, "%s", "");
}

enum err
judge_open_cases(struct judge *j)
{
	size_t i, n = 0;

	for (i = 0; i < bundle_openings(j->b); i++)
		n += bundle_opening_at(j->b, i).kind == BUNDLE_CASE;
	if (n == 0)
		return (ERR_OK);
	j->open_case = calloc(n, sizeof(*j->open_case));
	if (j->open_case == NULL)
		return (ERR_NOMEM);
	for (i = 0; i < bundle_openings(j->b); i++)
		take_opening(j, i);
	return (ERR_OK);
}
