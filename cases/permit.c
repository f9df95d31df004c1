#include <string.h>

#include "cases/permit.h"

#define TYPE(type) (UINT64_C(1) << NOTICE_##type)
#define ROLE(role) (1u << PERMIT_##role)

/* The table of DIALOGUE.md, row for row; its test holds them together. */
static const struct permit_row rows[] = {
	{TYPE(REQUEST) | TYPE(DECISION) | TYPE(DELAY) | TYPE(RESULT) |
		TYPE(WITHDRAW) | TYPE(REOPEN),
	    ROLE(DESK) | ROLE(DUTY), ROLE(RELEASING) | ROLE(PRINCIPAL)},
	{TYPE(ACK) | TYPE(ESC_ACK), ROLE(DESK) | ROLE(DUTY) | ROLE(LIAISON),
	    ROLE(RELEASING) | ROLE(DUTY) | ROLE(LIAISON)},
	{TYPE(CLARIFY) | TYPE(CLARIFIED) | TYPE(STATUS) |
		TYPE(STATUS_QUERY) | TYPE(FEEDBACK) | TYPE(LEAD) |
		TYPE(SUPPLEMENT) | TYPE(CORRECT) | TYPE(TRANSFER) |
		TYPE(CLOSE),
	    ROLE(DESK) | ROLE(DUTY), ROLE(RELEASING) | ROLE(PRINCIPAL)},
	{TYPE(CONSENT_ASK) | TYPE(CONSENT) | TYPE(CONSULT) |
		TYPE(PUBLICITY_NOTICE) | TYPE(REPLY),
	    ROLE(DESK) | ROLE(LIAISON),
	    ROLE(RELEASING) | ROLE(LIAISON) | ROLE(PRINCIPAL)},
	{TYPE(ESCALATE) | TYPE(ESC_ANSWER) | TYPE(ESC_RETURN) |
		TYPE(CALL_RECORD),
	    ROLE(DESK) | ROLE(DUTY) | ROLE(LIAISON) | ROLE(PRINCIPAL),
	    ROLE(RELEASING) | ROLE(LIAISON) | ROLE(PRINCIPAL)},
	{TYPE(PRIORITY_LIST) | TYPE(DOSSIER) | TYPE(DOSSIER_SIGN) |
		TYPE(DOSSIER_DISSENT) | TYPE(SESSION) | TYPE(PROFILE) |
		TYPE(CONTACTS),
	    ROLE(LIAISON), ROLE(LIAISON) | ROLE(PRINCIPAL)},
	{TYPE(REJECT) | TYPE(HEARTBEAT) | TYPE(FILE), 0, 0},
};

const char *
permit_role_name(enum permit_role role)
{
	static const char *const name[PERMIT_ROLES] = {
		[PERMIT_DESK] = "desk",
		[PERMIT_RELEASING] = "releasing",
		[PERMIT_DUTY] = "duty",
		[PERMIT_LIAISON] = "liaison",
		[PERMIT_PRINCIPAL] = "principal",
	};

	return (unsigned)role < PERMIT_ROLES ? name[role] : NULL;
}

const struct permit_row *
permit_row(size_t i)
{
	return i < sizeof(rows) / sizeof(rows[0]) ? &rows[i] : NULL;
}

const char *
permit_why_name(enum permit_why why)
{
	static const char *const name[PERMIT_WHYS] = {
		[PERMIT_YES] = "yes",
		[PERMIT_UNKNOWN] = "unknown",
		[PERMIT_KEY] = "key",
		[PERMIT_FORGED] = "forged",
		[PERMIT_NO_ROLE] = "no_role",
		[PERMIT_OTHER_DESK] = "other_desk",
		[PERMIT_SAME_PERSON] = "same_person",
		[PERMIT_NO_AUTHOR] = "no_author",
		[PERMIT_NO_RELEASER] = "no_releaser",
	};

	return (unsigned)why < PERMIT_WHYS ? name[why] : NULL;
}

unsigned
permit_wanted(const struct charter *charter, enum notice_type type,
    uint32_t urgency)
{
	const char *name = notice_type_name(type);
	const struct charter_sign *sign =
	    name != NULL ? charter_sign_find(charter, name) : NULL;

	if (sign == NULL)
		return 0;
	return sign->officers[urgency <= URGENCY_MAX ? urgency : 0];
}

unsigned
permit_owed(const struct charter *charter, enum notice_type type,
    uint32_t urgency)
{
	unsigned most = permit_wanted(charter, type, urgency);

	for (uint32_t u = 0; u < urgency && u <= URGENCY_MAX; u++)
		if (permit_wanted(charter, type, u) > most)
			most = permit_wanted(charter, type, u);
	return most;
}

/* The roles that let somebody sign that type so. */
static uint32_t
roles_for(enum notice_type type, uint32_t role)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if ((unsigned)type > NOTICE_TYPE_MAX ||
		    (rows[i].types & UINT64_C(1) << type) == 0)
			continue;
		if (role == OFFICER_AUTHOR)
			return rows[i].author;
		return role == OFFICER_RELEASER ? rows[i].releaser : 0;
	}
	return 0;
}

static uint32_t
roles_of(const struct permit_signer *s)
{
	uint32_t roles = 0;

	for (size_t i = 0; i < s->roles.n; i++)
		for (unsigned r = 0; r < PERMIT_ROLES; r++)
			if (strcmp(s->roles.v[i],
				permit_role_name((enum permit_role)r)) == 0)
				roles |= 1u << r;
	return roles;
}

static enum permit_why
judge_key(enum err held)
{
	switch (held) {
	case ERR_OK:
		return PERMIT_YES;
	case ERR_NOTFOUND:
		return PERMIT_UNKNOWN;
	case ERR_SIGNATURE:
		return PERMIT_FORGED;
	default:
		return PERMIT_KEY;
	}
}

static enum permit_why
judge_signer(const struct permit_act *act, size_t i)
{
	const uint32_t any_desk = ROLE(DUTY) | ROLE(LIAISON) |
	    ROLE(PRINCIPAL);
	const struct permit_signer *s = &act->signer[i];
	enum permit_why why = judge_key(s->held);
	uint32_t roles;

	if (why != PERMIT_YES)
		return why;
	if ((roles = roles_of(s) & roles_for(act->type, s->role)) == 0)
		return PERMIT_NO_ROLE;
	if ((roles & any_desk) == 0 && act->desk != NULL &&
	    (s->desk == NULL || strcmp(s->desk, act->desk) != 0))
		return PERMIT_OTHER_DESK;
	while (i-- > 0)
		if (id_eq(&s->officer, &act->signer[i].officer))
			return PERMIT_SAME_PERSON;
	return PERMIT_YES;
}

static bool
signed_as(const struct permit_act *act, uint32_t role)
{
	for (size_t i = 0; i < act->n; i++)
		if (act->signer[i].role == role)
			return true;
	return false;
}

struct permit_answer
permit_judge(const struct charter *charter, const struct permit_act *act)
{
	unsigned wanted = permit_wanted(charter, act->type, act->urgency);
	struct permit_answer answer = { .why = PERMIT_YES };
	bool author = signed_as(act, OFFICER_AUTHOR);
	bool releaser = signed_as(act, OFFICER_RELEASER);

	for (size_t i = 0; i < act->n; i++) {
		answer.why = judge_signer(act, i);
		answer.signer = i;
		if (answer.why != PERMIT_YES)
			return answer;
	}
	answer.signer = 0;
	if (!author && (wanted > 0 || releaser))
		answer.why = PERMIT_NO_AUTHOR;
	else if (!releaser && wanted > 1)
		answer.why = PERMIT_NO_RELEASER;
	else
		answer.single = !releaser && permit_owed(charter, act->type,
		    act->urgency) > 1;
	return answer;
}
