/* The table of DIALOGUE.md "Ledger"; a test holds them together. */
#include <string.h>

#include "cases/ledger.h"

#define VERDICTS \
	{"waiting", "running", "overdue", "met", "late", "in_doubt", \
	    "dropped", "lapsed", "not_taken_in", "closed"}
#define OUTCOMES \
	{"raised", "acked", "answered", "returned", "passed_on", "settled"}

static const struct ledger_group groups[] = {
	{"requests", LEDGER_ASKED, LEDGER_OUTLINES,
	    {"handed_over", "waiting", "not_taken_in"}},
	{"urgency", LEDGER_ASKED, LEDGER_OUTLINES, {"u0", "u1", "u2"}},
	{"kind", LEDGER_ASKED, LEDGER_BODIES,
	    {"info", "preserve", "investigate", "locate", "advice", "joint",
		"emergency", "closed"}},
	{"decisions", LEDGER_ASKED, LEDGER_OUTLINES,
	    {"accepted", "partly", "postponed", "refused"}},
	{"refusals", LEDGER_ASKED, LEDGER_BODIES,
	    {"not_available", "authorisation_refused", "national_security",
		"harm", "disproportionate", "threshold", "third_party",
		"legal_bar", "insufficient", "closed"}},
	{"results", LEDGER_ASKED, LEDGER_OUTLINES,
	    {"partial", "final", "nil"}},
	{"queries", LEDGER_ASKED, LEDGER_OUTLINES, {"asked"}},
	{"status_due", LEDGER_OWING, LEDGER_OUTLINES,
	    {"due", "given", "missed"}},
	{"extensions", LEDGER_OWING, LEDGER_BODIES,
	    {"asked", "granted", "in_doubt", "explained", "closed"}},
	{"feedback_due", LEDGER_OWING, LEDGER_OUTLINES,
	    {"due", "given", "missed"}},
	{"feedback_said", LEDGER_AUTHOR, LEDGER_OUTLINES,
	    {"used", "useful", "not_used"}},
	{"leads", LEDGER_AUTHOR, LEDGER_OUTLINES, {"given"}},
	{"leads_said", LEDGER_OTHER, LEDGER_OUTLINES,
	    {"used", "useful", "not_used"}},
	{"consents", LEDGER_AUTHOR, LEDGER_OUTLINES,
	    {"asked", "granted", "denied"}},
	{"notices", LEDGER_AUTHOR, LEDGER_OUTLINES, {"consult", "publicity"}},
	{"escalations", LEDGER_OTHER, LEDGER_BODIES, {"raised", "closed"}},
	{"tier_1", LEDGER_OTHER, LEDGER_BODIES, OUTCOMES},
	{"tier_2", LEDGER_OTHER, LEDGER_BODIES, OUTCOMES},
	{"tier_3", LEDGER_OTHER, LEDGER_BODIES, OUTCOMES},
	{"priority", LEDGER_ASKED, LEDGER_BODIES, {"cases"}},
	{"priority_lists", LEDGER_AUTHOR, LEDGER_BODIES,
	    {"given", "closed"}},
	/* clocks, in the order of their own table */
	{"ack", LEDGER_OWING, LEDGER_OUTLINES, VERDICTS},
	{"data_at_hand", LEDGER_OWING, LEDGER_OUTLINES, VERDICTS},
	{"decision", LEDGER_OWING, LEDGER_DATES, VERDICTS},
	{"postponed", LEDGER_OWING, LEDGER_DATES, VERDICTS},
	{"result", LEDGER_OWING, LEDGER_DATES, VERDICTS},
	{"status", LEDGER_OWING, LEDGER_OUTLINES, VERDICTS},
	{"status_query", LEDGER_OWING, LEDGER_OUTLINES, VERDICTS},
	{"clarify", LEDGER_OWING, LEDGER_OUTLINES, VERDICTS},
	{"preservation", LEDGER_OWING, LEDGER_BODIES, VERDICTS},
	{"feedback", LEDGER_OWING, LEDGER_OUTLINES, VERDICTS},
	{"countersign", LEDGER_OWING, LEDGER_BODIES, VERDICTS},
	{"lead", LEDGER_OWING, LEDGER_OUTLINES, VERDICTS},
	{"consent", LEDGER_OWING, LEDGER_OUTLINES, VERDICTS},
	{"reply", LEDGER_OWING, LEDGER_DATES, VERDICTS},
	{"session", LEDGER_OWING, LEDGER_OUTLINES, VERDICTS},
	{"dossier", LEDGER_OWING, LEDGER_OUTLINES, VERDICTS},
	{"esc_ack", LEDGER_OWING, LEDGER_BODIES, VERDICTS},
	{"esc_answer", LEDGER_OWING, LEDGER_BODIES, VERDICTS},
	{"publicity", LEDGER_OWING, LEDGER_DATES, VERDICTS},
};
#define GROUPS (sizeof(groups) / sizeof(groups[0]))
#define FIRST_CLOCK (GROUPS - CLOCKS_KINDS - 1)

_Static_assert(GROUPS <= UINT8_MAX, "an entry names its group in a byte");

const struct ledger_group *
ledger_group(unsigned i)
{
	return i < GROUPS ? &groups[i] : NULL;
}

int
ledger_find(const char *name)
{
	for (unsigned i = 0; i < GROUPS; i++)
		if (strcmp(groups[i].name, name) == 0)
			return (int)i;
	return -1;
}

int
ledger_word(unsigned group, const char *word)
{
	for (unsigned i = 0; group < GROUPS && i < LEDGER_WORDS_MAX &&
	     groups[group].word[i] != NULL; i++)
		if (strcmp(groups[group].word[i], word) == 0)
			return (int)i;
	return -1;
}

unsigned
ledger_clock(enum clocks_kind kind, uint16_t event)
{
	if (kind == CLOCKS_REPLY && event == NOTICE_PUBLICITY_NOTICE)
		return GROUPS - 1;
	return (unsigned)FIRST_CLOCK + kind;
}
