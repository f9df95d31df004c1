/* The tables of DIALOGUE.md "Clocks" and "Tiers"; tests hold them together. */
#include <strings.h>

#include "cases/clocks.h"

#define D(n) {(n) * CALENDAR_DAY_S, CALENDAR_DAYS, false}
#define H(n) {(n) * 3600u, CALENDAR_HOURS, false}
#define MIN(n) {(n) * 60u, CALENDAR_HOURS, false}
#define NONE {0, CALENDAR_HOURS, false}
#define DATE {0, CALENDAR_HOURS, true}
#define DATE_OR_D(n) {(n) * CALENDAR_DAY_S, CALENDAR_DAYS, true}
#define ALL(cell) {cell, cell, cell}

#define ON(type) {NOTICE_##type, {0}}
#define WITH(type, ...) {NOTICE_##type, {__VA_ARGS__}}

static const struct clocks_row rows[CLOCKS_KINDS] = {
	[CLOCKS_ACK] = {"ack",
	    {ON(REQUEST), ON(REOPEN)}, {ON(ACK), ON(DECISION)}, {{0}},
	    CLOCKS_ASKED, {D(7), H(24), H(1)}, ALL(NONE), 0},
	[CLOCKS_DATA] = {"data_at_hand",
	    {ON(REQUEST)}, {ON(RESULT)},
	    {WITH(DECISION, OUTCOME_POSTPONED, OUTCOME_REFUSED)},
	    CLOCKS_ASKED, {D(7), H(8), H(8)}, ALL(NONE),
	    CLOCKS_PAUSES | CLOCKS_NAMED},
	[CLOCKS_DECISION] = {"decision",
	    {ON(REQUEST), ON(REOPEN)}, {ON(DECISION)}, {{0}},
	    CLOCKS_ASKED, {D(30), D(3), H(8)}, {D(30), D(3), NONE},
	    CLOCKS_PAUSES},
	[CLOCKS_POSTPONED] = {"postponed",
	    {WITH(DECISION, OUTCOME_POSTPONED)}, {ON(DECISION)}, {{0}},
	    CLOCKS_ASKED, ALL(DATE), ALL(NONE), CLOCKS_SENT | CLOCKS_PAUSES},
	[CLOCKS_RESULT] = {"result",
	    {WITH(DECISION, OUTCOME_ACCEPTED, OUTCOME_PARTLY)},
	    {WITH(RESULT, OUTCOME_FINAL, OUTCOME_NIL)},
	    {WITH(DECISION, OUTCOME_POSTPONED, OUTCOME_REFUSED)},
	    CLOCKS_ASKED, {D(90), DATE_OR_D(30), DATE_OR_D(3)}, ALL(NONE),
	    CLOCKS_SENT | CLOCKS_PAUSES},
	[CLOCKS_STATUS] = {"status",
	    {WITH(DECISION, OUTCOME_ACCEPTED, OUTCOME_PARTLY,
		OUTCOME_POSTPONED),
		ON(STATUS), WITH(RESULT, OUTCOME_PARTIAL)},
	    {ON(STATUS), ON(RESULT)}, {WITH(DECISION, OUTCOME_REFUSED)},
	    CLOCKS_ASKED, {D(30), D(7), H(24)}, ALL(NONE), CLOCKS_SENT},
	[CLOCKS_QUERY] = {"status_query",
	    {ON(STATUS_QUERY)}, {ON(STATUS), ON(DECISION), ON(RESULT)}, {{0}},
	    CLOCKS_ASKED, {D(5), H(24), H(2)}, ALL(NONE), 0},
	[CLOCKS_CLARIFY] = {"clarify",
	    {ON(CLARIFY)}, {ON(CLARIFIED)}, {ON(DECISION), ON(RESULT)},
	    CLOCKS_ASKER, {D(14), H(24), H(2)}, ALL(NONE), 0},
	[CLOCKS_PRESERVATION] = {"preservation",
	    {WITH(DECISION, OUTCOME_ACCEPTED, OUTCOME_PARTLY),
		ON(SUPPLEMENT)},
	    {ON(SUPPLEMENT)},
	    {WITH(DECISION, OUTCOME_POSTPONED, OUTCOME_REFUSED)},
	    CLOCKS_ASKER, ALL(D(60)), ALL(NONE),
	    CLOCKS_SENT | CLOCKS_NAMED | CLOCKS_LAPSES},
	[CLOCKS_FEEDBACK] = {"feedback",
	    {WITH(RESULT, OUTCOME_FINAL, OUTCOME_NIL)}, {ON(FEEDBACK)}, {{0}},
	    CLOCKS_ASKER, {D(60), D(30), D(30)}, ALL(NONE), CLOCKS_KEPT},
	[CLOCKS_COUNTERSIGN] = {"countersign",
	    {{CLOCKS_ANY, {0}}}, {ON(SUPPLEMENT)}, {{0}},
	    CLOCKS_AUTHOR, {NONE, NONE, H(24)}, ALL(NONE),
	    CLOCKS_SENT | CLOCKS_ANSWERS | CLOCKS_KEPT | CLOCKS_SINGLE},
	[CLOCKS_LEAD] = {"lead",
	    {ON(LEAD)}, {ON(FEEDBACK)}, {ON(WITHDRAW)},
	    CLOCKS_RECIPIENT, ALL(D(60)), ALL(NONE),
	    CLOCKS_NAMED | CLOCKS_ANSWERS | CLOCKS_LAPSES},
	[CLOCKS_CONSENT] = {"consent",
	    {ON(CONSENT_ASK)}, {ON(CONSENT)}, {ON(WITHDRAW)},
	    CLOCKS_RECIPIENT, ALL(D(5)), ALL(NONE),
	    CLOCKS_ANSWERS | CLOCKS_LAPSES},
	[CLOCKS_REPLY] = {"reply",
	    {ON(CONSULT), ON(PUBLICITY_NOTICE)}, {ON(REPLY)}, {ON(WITHDRAW)},
	    CLOCKS_RECIPIENT, ALL(DATE), ALL(NONE),
	    CLOCKS_ANSWERS | CLOCKS_LAPSES},
	[CLOCKS_SESSION] = {"session",
	    {WITH(SESSION, OUTCOME_PROPOSED)}, {ON(SESSION)}, {ON(WITHDRAW)},
	    CLOCKS_RECIPIENT, ALL(D(14)), ALL(NONE),
	    CLOCKS_ANSWERS | CLOCKS_LAPSES},
	[CLOCKS_DOSSIER] = {"dossier",
	    {ON(DOSSIER)}, {ON(DOSSIER_SIGN), ON(DOSSIER_DISSENT)},
	    {ON(WITHDRAW)},
	    CLOCKS_RECIPIENT, ALL(D(30)), ALL(NONE),
	    CLOCKS_ANSWERS | CLOCKS_LAPSES},
	[CLOCKS_ESC_ACK] = {"esc_ack",
	    {ON(ESCALATE)}, {ON(ESC_ACK), ON(ESC_ANSWER), ON(ESC_RETURN)},
	    {{0}},
	    CLOCKS_RECIPIENT, ALL(NONE), ALL(NONE),
	    CLOCKS_ANSWERS | CLOCKS_TIER},
	[CLOCKS_ESC_ANSWER] = {"esc_answer",
	    {ON(ESCALATE)}, {ON(ESC_ANSWER), ON(ESC_RETURN)}, {{0}},
	    CLOCKS_RECIPIENT, ALL(NONE), ALL(NONE),
	    CLOCKS_ANSWERS | CLOCKS_TIER},
};

static const struct clocks_tier tiers[CHARTER_TIERS] = {
	{{H(24), H(4), MIN(15)}, {H(48), H(24), H(1)}, 1},
	{{H(24), H(4), MIN(15)}, {D(5), D(2), H(1)}, 2},
	{{H(24), H(4), MIN(15)}, {D(10), D(4), H(4)}, 2},
};

const struct clocks_row *
clocks_row(enum clocks_kind kind)
{
	return (unsigned)kind < CLOCKS_KINDS ? &rows[kind] : NULL;
}

int
clocks_find(const char *name)
{
	/* Outlines of 0.1 name clocks in capitals. */
	for (int k = 0; k < CLOCKS_KINDS; k++)
		if (strcasecmp(rows[k].name, name) == 0)
			return k;
	return -1;
}

uint32_t
clocks_touches(const struct notice_texts *names)
{
	uint32_t touches = 0;

	for (size_t i = 0; i < names->n; i++) {
		int kind = clocks_find(names->v[i]);

		if (kind >= 0)
			touches |= 1u << kind;
	}
	return touches;
}

const struct clocks_tier *
clocks_tier(unsigned tier)
{
	return tier >= 1 && tier <= CHARTER_TIERS ? &tiers[tier - 1] : NULL;
}

const char *
clocks_verdict_name(enum clocks_verdict verdict)
{
	static const char *const names[CLOCKS_VERDICTS] = {
	    [CLOCKS_WAITING] = "waiting",
	    [CLOCKS_RUNNING] = "running",
	    [CLOCKS_OVERDUE] = "overdue",
	    [CLOCKS_MET] = "met",
	    [CLOCKS_LATE] = "late",
	    [CLOCKS_IN_DOUBT] = "in doubt",
	    [CLOCKS_DROPPED] = "dropped",
	    [CLOCKS_LAPSED] = "lapsed",
	    [CLOCKS_NOT_TAKEN_IN] = "not taken in",
	};

	return (unsigned)verdict < CLOCKS_VERDICTS ? names[verdict] : "?";
}
