#include "audit/review_words.h"

#include <string.h>

#include "base/text.h"

static const struct {
	const char *code, *text;
} words[] = {
	{ "requests", N_("Requests") },
	{ "urgency", N_("By urgency") },
	{ "kind", N_("By kind") },
	{ "decisions", N_("Decisions") },
	{ "refusals", N_("Refusals by ground") },
	{ "results", N_("Results") },
	{ "queries", N_("Status queries") },
	{ "status_due", N_("Status reports") },
	{ "extensions", N_("Extensions") },
	{ "feedback_due", N_("Feedback owed") },
	{ "feedback_said", N_("Feedback on results") },
	{ "leads", N_("Leads") },
	{ "leads_said", N_("What became of its leads") },
	{ "consents", N_("Consents") },
	{ "notices", N_("Notices") },
	{ "escalations", N_("Escalations to it") },
	{ "tier_1", N_("At tier 1") },
	{ "tier_2", N_("At tier 2") },
	{ "tier_3", N_("At tier 3") },
	{ "priority", N_("Priority") },
	{ "priority_lists", N_("Priority lists") },
	{ "ack", N_("Acknowledgement") },
	{ "data_at_hand", N_("Data at hand") },
	{ "decision", N_("Decision") },
	{ "postponed", N_("Postponed decision") },
	{ "result", N_("Result") },
	{ "status", N_("Status report") },
	{ "status_query", N_("Answer to a status query") },
	{ "clarify", N_("Clarification") },
	{ "preservation", N_("Preservation") },
	{ "feedback", N_("Feedback") },
	{ "countersign", N_("Second signature") },
	{ "lead", N_("Feedback on a lead") },
	{ "consent", N_("Consent") },
	{ "reply", N_("Reply to a consultation") },
	{ "session", N_("Reply to a session") },
	{ "dossier", N_("Word on a dossier") },
	{ "esc_ack", N_("Escalation acknowledged") },
	{ "esc_answer", N_("Escalation answered") },
	{ "publicity", N_("Reply to a publicity notice") },

	{ "handed_over", N_("handed over") },
	{ "waiting", N_("not handed over yet") },
	{ "not_taken_in", N_("not taken in") },
	{ "info", N_("information") },
	{ "preserve", N_("preservation of data") },
	{ "investigate", N_("investigation") },
	{ "locate", N_("location") },
	{ "advice", N_("advice") },
	{ "joint", N_("joint work") },
	{ "emergency", N_("emergency") },
	{ "closed", N_("not from outlines") },
	{ "accepted", N_("accepted") },
	{ "partly", N_("partly accepted") },
	{ "refused", N_("refused") },
	{ "not_available", N_("not available") },
	{ "authorisation_refused", N_("authorisation refused") },
	{ "national_security", N_("national security") },
	{ "harm", N_("harm to an investigation or person") },
	{ "disproportionate", N_("disproportionate") },
	{ "threshold", N_("below the threshold") },
	{ "third_party", N_("data of a third party") },
	{ "legal_bar", N_("barred by law") },
	{ "insufficient", N_("insufficient request") },
	{ "partial", N_("partial") },
	{ "final", N_("final") },
	{ "nil", N_("nothing found") },
	{ "asked", N_("asked") },
	{ "due", N_("due") },
	{ "given", N_("given") },
	{ "missed", N_("missed") },
	{ "granted", N_("granted") },
	{ "denied", N_("denied") },
	{ "explained", N_("explained, late") },
	{ "used", N_("used") },
	{ "useful", N_("useful") },
	{ "not_used", N_("not used") },
	{ "consult", N_("consultations") },
	{ "raised", N_("raised") },
	{ "acked", N_("acknowledged") },
	{ "answered", N_("answered") },
	{ "returned", N_("returned") },
	{ "passed_on", N_("passed on") },
	{ "settled", N_("settled") },
	{ "cases", N_("cases") },
	{ "running", N_("running") },
	{ "overdue", N_("overdue") },
	{ "met", N_("in time") },
	{ "late", N_("late") },
	{ "in_doubt", N_("in doubt") },
	{ "dropped", N_("no longer owed") },
	{ "lapsed", N_("lapsed") },
};

const char *
review_words_text(const char *code)
{
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].code, code) == 0)
			return (_(words[i].text));
	return (code);
}
