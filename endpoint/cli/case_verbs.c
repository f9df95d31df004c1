#include "endpoint/cli/case_verbs.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "endpoint/cli/call.h"

#define COMMON \
	{"from", 'f', "FILE", N_("the message as JSON (- = stdin)")}, \
	{"head", 0, "N", N_("the case's head as you saw it (case show)")}, \
	{"wait", 'w', "WHAT", N_("wait until: submitted, delivered")}, \
	{"timeout", 0, "SECONDS", N_("how long to wait at most (30)")}
#define ABOUT \
	{"about", 0, "N", N_("the message it answers: its number in the " \
	    "case, or the start of its env_id")}
#define END {NULL, 0, NULL, NULL}

const struct cli_opt case_verbs_open_opts[] = {
    {"from", 'f', "FILE", N_("the message, as examples/request.en.json")},
    {"type", 0, "VERB",
	N_("what the case begins with: request (default), lead, consult, "
	   "publicity, session, dossier, priorities, profile, contacts, "
	   "escalate")},
    {"peer", 'p', "NAME", N_("which peer, if there are several")},
    {"wait", 'w', "WHAT", N_("wait until: submitted, delivered")},
    {"timeout", 0, "SECONDS", N_("how long to wait at most (30)")}, END};
const struct cli_opt case_verbs_ack_opts[] = {COMMON,
    {"authority", 0, "NAME", N_("the competent authority")},
    {"desk", 0, "NAME", N_("its desk")},
    {"handler-ref", 0, "REF", N_("the handler's reference")},
    {"decision-by", 0, "WHEN", N_("expected decision (+30d or a time)")},
    {"remark", 0, "TEXT", N_("a remark")}, END};
const struct cli_opt case_verbs_clarify_opts[] = {
    COMMON, {"question", 0, "TEXT", N_("a question; may be repeated")}, END};
const struct cli_opt case_verbs_clarified_opts[] = {
    COMMON, {"answer", 0, "TEXT", N_("an answer, one for each question")}, END};
const struct cli_opt case_verbs_decide_opts[] = {COMMON,
    {"outcome", 0, "CODE", N_("accepted, partly, postponed, refused")},
    {"ground", 0, "CODE", N_("why it is not accepted (closed list)")},
    {"explanation", 0, "TEXT", N_("the ground in words")},
    {"scope", 0, "TEXT", N_("what is taken on")},
    {"next-date", 0, "WHEN", N_("when it will be decided again")}, END};
const struct cli_opt case_verbs_status_opts[] = {COMMON,
    {"phase", 0, "CODE",
	N_("received, assessing, authorising, collecting, analysing, "
	   "preparing_result, no_change")},
    {"measures", 0, "TEXT", N_("what was done")},
    {"next-step", 0, "TEXT", N_("what comes next")},
    {"next-date", 0, "WHEN", N_("when")}, END};
const struct cli_opt case_verbs_result_opts[] = {COMMON,
    {"outcome", 0, "CODE", N_("final (default), partial, nil")},
    {"summary", 0, "TEXT", N_("the result in words")},
    {"item", 0, "TEXT", N_("what is handed over; may be repeated")},
    {"custody", 0, "TEXT", N_("how the items were kept")},
    {"use-limits", 0, "TEXT", N_("what it may be used for")},
    {"file", 0, "PATH", N_("a file to send along; may be repeated")},
    {"media-type", 0, "TYPE", N_("of the files (application/octet-stream)")},
    END};
const struct cli_opt case_verbs_feedback_opts[] = {COMMON, ABOUT,
    {"outcome", 0, "CODE", N_("used, useful, not_used")},
    {"text", 0, "TEXT", N_("feedback in words")},
    {"use", 0, "TEXT", N_("what it was used for")}, END};
const struct cli_opt case_verbs_reason_opts[] = {
    COMMON, ABOUT, {"reason", 0, "TEXT", N_("why")}, END};

const struct cli_opt case_verbs_query_opts[] = {COMMON,
    {"question", 0, "TEXT", N_("what you want to know")},
    END};
const struct cli_opt case_verbs_delay_opts[] = {COMMON,
    {"clock", 0, "NAME", N_("which clock: decision, result, status ...")},
    {"reason", 0, "TEXT", N_("why")},
    {"new-date", 0, "WHEN", N_("the new date (+30d or a time)")},
    END};
const struct cli_opt case_verbs_supplement_opts[] = {COMMON, ABOUT,
    {"text", 0, "TEXT", N_("what is added")},
    {"renew", 0, NULL, N_("a preservation goes on")},
    {"release", 0, NULL, N_("a preservation ends")},
    {"formal-ref", 0, "REF", N_("the formal request that followed")},
    {"file", 0, "PATH", N_("a file to send along; may be repeated")},
    {"media-type", 0, "TYPE", N_("of the files (application/octet-stream)")},
    END};
const struct cli_opt case_verbs_correct_opts[] = {COMMON, ABOUT,
    {"reason", 0, "TEXT", N_("why")},
    {"text", 0, "TEXT", N_("as it should have read")},
    {"misfiled", 0, NULL, N_("it belongs into another case")},
    {"right-case", 0, "ID", N_("that case's whole id")},
    END};
const struct cli_opt case_verbs_transfer_opts[] = {COMMON,
    {"authority", 0, "NAME", N_("the competent authority")},
    {"desk", 0, "NAME", N_("its desk")},
    {"handler-ref", 0, "REF", N_("the handler's reference")},
    {"contact", 0, "TEXT", N_("how it is reached")},
    {"reason", 0, "TEXT", N_("why")},
    END};
const struct cli_opt case_verbs_reopen_opts[] = {COMMON,
    {"facts", 0, "TEXT", N_("the new facts")},
    END};
const struct cli_opt case_verbs_consent_ask_opts[] = {COMMON, ABOUT,
    {"what", 0, "TEXT", N_("what of that message")},
    {"purpose", 0, "TEXT", N_("for what")},
    {"recipient", 0, "NAME", N_("who would get it")},
    {"until", 0, "WHEN", N_("how long")},
    END};
const struct cli_opt case_verbs_consent_opts[] = {COMMON, ABOUT,
    {"outcome", 0, "CODE", N_("granted, denied")},
    {"conditions", 0, "TEXT", N_("under which conditions")},
    {"until", 0, "WHEN", N_("how long")},
    END};
const struct cli_opt case_verbs_consult_opts[] = {COMMON,
    {"step", 0, "TEXT", N_("the step that is planned")},
    {"reason", 0, "TEXT", N_("why")},
    {"hold-until", 0, "WHEN", N_("nothing is done before")},
    END};
const struct cli_opt case_verbs_publicity_opts[] = {COMMON,
    {"text", 0, "TEXT", N_("what would be published")},
    {"occasion", 0, "TEXT", N_("on what occasion")},
    {"hold-until", 0, "WHEN", N_("nothing is done before")},
    END};
const struct cli_opt case_verbs_reply_opts[] = {COMMON, ABOUT,
    {"outcome", 0, "CODE", N_("agreed, objected, noted")},
    {"text", 0, "TEXT", N_("the reply in words")},
    END};
const struct cli_opt case_verbs_escalate_opts[] = {COMMON, ABOUT,
    {"tier", 0, "N", N_("1 desks, 2 liaison, 3 principals")},
    {"clock", 0, "NAME", N_("the clock that was missed")},
    {"incident", 0, "TEXT", N_("or what happened")},
    {"grounds", 0, "TEXT", N_("why it is raised")},
    {"wanted", 0, "TEXT", N_("what is asked for")},
    {"office", 0, "NAME", N_("who raises it")},
    {"contact", 0, "TEXT", N_("how it is reached")},
    END};
const struct cli_opt case_verbs_esc_ack_opts[] = {COMMON, ABOUT,
    {"office", 0, "NAME", N_("who takes it on")},
    {"contact", 0, "TEXT", N_("how it is reached")},
    {"answer-by", 0, "WHEN", N_("when the answer comes")},
    END};
const struct cli_opt case_verbs_esc_answer_opts[] = {COMMON, ABOUT,
    {"says", 0, "TEXT", N_("the answer")},
    {"measures", 0, "TEXT", N_("what was done")},
    {"new-date", 0, "WHEN", N_("the new date (+30d or a time)")},
    END};
const struct cli_opt case_verbs_esc_return_opts[] = {COMMON, ABOUT,
    {"tier", 0, "N", N_("to which tier it goes back")},
    {"reason", 0, "TEXT", N_("why")},
    END};
const struct cli_opt case_verbs_call_record_opts[] = {COMMON, ABOUT,
    {"outcome", 0, "CODE", N_("recorded (default), confirmed, disputed")},
    {"tier", 0, "N", N_("1 desks, 2 liaison, 3 principals")},
    {"held", 0, "WHEN", N_("when the call was")},
    {"participant", 0, "NAME", N_("who took part; may be repeated")},
    {"summary", 0, "TEXT", N_("what was said")},
    {"agreed", 0, "TEXT", N_("what was agreed")},
    {"next-date", 0, "WHEN", N_("when")},
    END};
const struct cli_opt case_verbs_file_opts[] = {COMMON, ABOUT,
    {"outcome", 0, "CODE", N_("where the message names one")},
    END};

/* M_NAMED: a number where it is one, else a text.  M_OFFICE: an ESCALATE has
 * it in a part `from`. */
enum kind { M_TEXT, M_TIME, M_TEXTS, M_FLAG, M_NUMBER, M_NAMED, M_OFFICE };

/* Which option is which member. */
static const struct member {
	const char *opt;
	const char *key;
	enum kind kind;
} members[] = {
    {"peer", "peer", M_TEXT},
    {"authority", "authority", M_TEXT},
    {"desk", "desk", M_TEXT},
    {"handler-ref", "handler_ref", M_TEXT},
    {"decision-by", "decision_by", M_TIME},
    {"remark", "remark", M_TEXT},
    {"question", "questions", M_TEXTS},
    {"answer", "answers", M_TEXTS},
    {"outcome", "outcome", M_TEXT},
    {"ground", "ground", M_TEXT},
    {"explanation", "explanation", M_TEXT},
    {"scope", "scope", M_TEXT},
    {"next-date", "next_date", M_TIME},
    {"phase", "phase", M_TEXT},
    {"measures", "measures", M_TEXT},
    {"next-step", "next_step", M_TEXT},
    {"summary", "summary", M_TEXT},
    {"use-limits", "use_limits", M_TEXT},
    {"text", "text", M_TEXT},
    {"use", "use", M_TEXT},
    {"reason", "reason", M_TEXT},
    {"type", "type", M_TEXT},
    {"about", "answers", M_NAMED},
    {"clock", "clock", M_TEXT},
    {"new-date", "new_date", M_TIME},
    {"renew", "renew", M_FLAG},
    {"release", "release", M_FLAG},
    {"formal-ref", "formal_ref", M_TEXT},
    {"misfiled", "misfiled", M_FLAG},
    {"right-case", "right_case", M_TEXT},
    {"facts", "facts", M_TEXT},
    {"what", "item", M_TEXT},
    {"purpose", "purpose", M_TEXT},
    {"recipient", "recipient", M_TEXT},
    {"until", "until", M_TIME},
    {"conditions", "conditions", M_TEXT},
    {"step", "step", M_TEXT},
    {"hold-until", "hold_until", M_TIME},
    {"occasion", "occasion", M_TEXT},
    {"tier", "tier", M_NUMBER},
    {"incident", "incident", M_TEXT},
    {"grounds", "grounds", M_TEXT},
    {"wanted", "wanted", M_TEXT},
    {"answer-by", "answer_by", M_TIME},
    {"says", "answer", M_TEXT},
    {"held", "held", M_TIME},
    {"participant", "participants", M_TEXTS},
    {"agreed", "agreed", M_TEXT},
    {"contact", "contact", M_OFFICE},
    {"office", "office", M_OFFICE},
};
#define MEMBERS (sizeof(members) / sizeof(members[0]))

/* The verb's own options. */
static const struct {
	const char *verb;
	const struct cli_opt *opts;
} verbs[] = {
    {"open", case_verbs_open_opts},
    {"ack", case_verbs_ack_opts},
    {"clarify", case_verbs_clarify_opts},
    {"clarified", case_verbs_clarified_opts},
    {"decide", case_verbs_decide_opts},
    {"status", case_verbs_status_opts},
    {"result", case_verbs_result_opts},
    {"feedback", case_verbs_feedback_opts},
    {"close", case_verbs_reason_opts},
    {"withdraw", case_verbs_reason_opts},
    {"query", case_verbs_query_opts},
    {"delay", case_verbs_delay_opts},
    {"supplement", case_verbs_supplement_opts},
    {"correct", case_verbs_correct_opts},
    {"transfer", case_verbs_transfer_opts},
    {"reopen", case_verbs_reopen_opts},
    {"consent-ask", case_verbs_consent_ask_opts},
    {"consent", case_verbs_consent_opts},
    {"consult", case_verbs_consult_opts},
    {"publicity", case_verbs_publicity_opts},
    {"reply", case_verbs_reply_opts},
    {"escalate", case_verbs_escalate_opts},
    {"esc-ack", case_verbs_esc_ack_opts},
    {"esc-answer", case_verbs_esc_answer_opts},
    {"esc-return", case_verbs_esc_return_opts},
    {"call-record", case_verbs_call_record_opts},
    {"lead", case_verbs_file_opts},
    {"priorities", case_verbs_file_opts},
    {"dossier", case_verbs_file_opts},
    {"dossier-sign", case_verbs_file_opts},
    {"dossier-dissent", case_verbs_file_opts},
    {"session", case_verbs_file_opts},
    {"profile", case_verbs_file_opts},
    {"contacts", case_verbs_file_opts},
};

const char *
case_verbs_word(const struct cli *cli)
{
	return cli_self(cli) + strlen("case ");
}

static bool
verb_has(const char *verb, const char *opt)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].verb, verb) != 0)
			continue;
		for (const struct cli_opt *o = verbs[i].opts; o->name; o++)
			if (strcmp(o->name, opt) == 0)
				return true;
	}
	return false;
}

const char *
case_verbs_opt(const struct cli *cli, const char *opt)
{
	return verb_has(case_verbs_word(cli), opt) ? cli_opt(cli, opt) : NULL;
}

static int
put_option(const struct cli *cli, struct json *doc, const struct member *m)
{
	const char *text = case_verbs_opt(cli, m->opt);
	struct json *arr;
	int64_t at;
	int code;

	if (text == NULL)
		return 0;
	switch (m->kind) {
	case M_FLAG:
		json_put_bool(doc, m->key, true);
		break;
	case M_NAMED:
		if (strlen(text) >= 8 || text[strspn(text, "0123456789")]) {
			json_put_str(doc, m->key, text);
			break;
		}
		/* fallthrough */
	case M_NUMBER:
		if (cli_opt_int(cli, m->opt, 0, 1, INT64_MAX, &at) != ERR_OK)
			return err_exit(ERR_USAGE);
		json_put_int(doc, m->key, at);
		break;
	case M_OFFICE:
		/* An ESCALATE has both in its part `from`: put_office. */
		if (strcmp(case_verbs_word(cli), "escalate") != 0)
			json_put_str(doc, m->key, text);
		break;
	case M_TEXT:
		json_put_str(doc, m->key, text);
		break;
	case M_TIME:
		code = call_when(cli, text, &at);
		if (code != 0)
			return code;
		json_put_time(doc, m->key, at);
		break;
	case M_TEXTS:
		arr = json_new_arr();
		for (size_t i = 0; (text = cli_opt_nth(cli, m->opt, i)); i++)
			json_add_str(arr, text);
		json_put(doc, m->key, &arr);
		break;
	}
	return 0;
}

/* Who raises an ESCALATE. */
static void
put_office(const struct cli *cli, struct json *doc)
{
	const char *name = case_verbs_opt(cli, "office");
	const char *contact = case_verbs_opt(cli, "contact");
	struct json *from;

	if (strcmp(case_verbs_word(cli), "escalate") != 0 ||
	    (name == NULL && contact == NULL))
		return;
	from = json_new_obj();
	json_put_str(from, "name", name != NULL ? name : "");
	json_put_str(from, "contact", contact != NULL ? contact : "");
	json_put(doc, "from", &from);
}

int
case_verbs_put(const struct cli *cli, struct json *doc)
{
	int code = 0;

	for (size_t i = 0; i < MEMBERS && code == 0; i++)
		code = put_option(cli, doc, &members[i]);
	put_office(cli, doc);
	return code;
}
