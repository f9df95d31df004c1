#include "endpoint/verbs.h"

#include <string.h>

#include "cases/clocks.h"

static const struct verbs_verb verbs[] = {
    {"request", NOTICE_REQUEST, NULL, OUTCOME_NONE, true},
    {"ack", NOTICE_ACK, NULL, OUTCOME_NONE, false},
    {"clarify", NOTICE_CLARIFY, NULL, OUTCOME_NONE, false},
    {"clarified", NOTICE_CLARIFIED, NULL, OUTCOME_NONE, false},
    {"decide", NOTICE_DECISION, "outcome", OUTCOME_NONE, false},
    {"status", NOTICE_STATUS, "phase", OUTCOME_NONE, false},
    {"query", NOTICE_STATUS_QUERY, NULL, OUTCOME_NONE, false},
    {"delay", NOTICE_DELAY, NULL, OUTCOME_NONE, false},
    {"result", NOTICE_RESULT, "outcome", OUTCOME_FINAL, false},
    {"feedback", NOTICE_FEEDBACK, "outcome", OUTCOME_NONE, false},
    {"supplement", NOTICE_SUPPLEMENT, NULL, OUTCOME_NONE, false},
    {"correct", NOTICE_CORRECT, NULL, OUTCOME_NONE, false},
    {"transfer", NOTICE_TRANSFER, NULL, OUTCOME_NONE, false},
    {"close", NOTICE_CLOSE, NULL, OUTCOME_NONE, false},
    {"withdraw", NOTICE_WITHDRAW, NULL, OUTCOME_NONE, false},
    {"reopen", NOTICE_REOPEN, NULL, OUTCOME_NONE, false},
    {"lead", NOTICE_LEAD, NULL, OUTCOME_NONE, true},
    {"consent-ask", NOTICE_CONSENT_ASK, NULL, OUTCOME_NONE, false},
    {"consent", NOTICE_CONSENT, "outcome", OUTCOME_NONE, false},
    {"consult", NOTICE_CONSULT, NULL, OUTCOME_NONE, true},
    {"publicity", NOTICE_PUBLICITY_NOTICE, NULL, OUTCOME_NONE, true},
    {"reply", NOTICE_REPLY, "outcome", OUTCOME_NONE, false},
    {"escalate", NOTICE_ESCALATE, NULL, OUTCOME_NONE, true},
    {"esc-ack", NOTICE_ESC_ACK, NULL, OUTCOME_NONE, false},
    {"esc-answer", NOTICE_ESC_ANSWER, NULL, OUTCOME_NONE, false},
    {"esc-return", NOTICE_ESC_RETURN, NULL, OUTCOME_NONE, false},
    {"call-record", NOTICE_CALL_RECORD, "outcome", OUTCOME_RECORDED, false},
    {"priorities", NOTICE_PRIORITY_LIST, NULL, OUTCOME_NONE, true},
    {"dossier", NOTICE_DOSSIER, NULL, OUTCOME_NONE, true},
    {"dossier-sign", NOTICE_DOSSIER_SIGN, NULL, OUTCOME_NONE, false},
    {"dossier-dissent", NOTICE_DOSSIER_DISSENT, NULL, OUTCOME_NONE, false},
    {"session", NOTICE_SESSION, "outcome", OUTCOME_PROPOSED, true},
    {"profile", NOTICE_PROFILE, NULL, OUTCOME_NONE, true},
    {"contacts", NOTICE_CONTACTS, NULL, OUTCOME_NONE, true},
};
#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

const struct verbs_verb *
verbs_find(const char *word)
{
	for (size_t i = 0; i < VERBS; i++)
		if (strcmp(verbs[i].verb, word) == 0)
			return &verbs[i];
	return NULL;
}

const struct verbs_verb *
verbs_of(enum notice_type type)
{
	for (size_t i = 0; i < VERBS; i++)
		if (verbs[i].type == type)
			return &verbs[i];
	return NULL;
}

static bool
in_list(const struct clocks_on *list, uint16_t event)
{
	for (size_t i = 0; i < CLOCKS_ON_MAX && list[i].event != 0; i++)
		if (list[i].event == event)
			return true;
	return false;
}

/* Named clocks run only where somebody asks for them. */
static bool
asked_for(enum clocks_kind kind, const struct notice_body *b)
{
	switch (kind) {
	case CLOCKS_DATA:
		return b->type == NOTICE_REQUEST && b->request.at_hand;
	case CLOCKS_PRESERVATION:
		return (b->type == NOTICE_REQUEST &&
		    b->request.kind == KIND_PRESERVE) ||
		    (b->type == NOTICE_SUPPLEMENT &&
		    (b->supplement.renew || b->supplement.release));
	case CLOCKS_LEAD:
		return b->type == NOTICE_LEAD && b->lead.feedback_wished;
	default:
		return false;
	}
}

static bool
touches(enum clocks_kind kind, const struct notice_outline *o,
    const struct notice_body *b)
{
	const struct clocks_row *row = clocks_row(kind);

	if (row->rules & CLOCKS_NAMED)
		return asked_for(kind, b);
	return in_list(row->start, (uint16_t)o->type) ||
	    in_list(row->stop, (uint16_t)o->type);
}

size_t
verbs_clocks(const struct notice_outline *o, const struct notice_body *b,
    const char *names[VERBS_CLOCKS_MAX])
{
	const char *own = o->type == NOTICE_DELAY ? b->delay.clock :
	    o->type == NOTICE_ESCALATE ? b->escalate.clock : NULL;
	size_t n = 0;

	if (own != NULL && own[0] != '\0')
		names[n++] = own;
	if (o->type == NOTICE_DELAY || o->type == NOTICE_ESCALATE)
		return n;
	for (unsigned k = 0; k < CLOCKS_KINDS && n < VERBS_CLOCKS_MAX; k++)
		if (touches((enum clocks_kind)k, o, b))
			names[n++] = clocks_row((enum clocks_kind)k)->name;
	return n;
}
