/*
 * casewire: the desk's command line, a client of the agent's API.
 *
 * Holds no key and no state; whoever may open HOME/api.sock may do all of
 * this.  Only `explain` works without an agent.
 */
#include "base/cli.h"
#include "base/text.h"
#include "endpoint/cli/cmd_agent.h"
#include "endpoint/cli/case_verbs.h"
#include "endpoint/cli/cmd_case.h"
#include "endpoint/cli/cmd_keep.h"
#include "endpoint/cli/cmd_late.h"
#include "endpoint/cli/cmd_pass.h"
#include "endpoint/cli/follow.h"

static const struct cli_opt globals[] = {
    {"home", 0, "DIR", N_("the agent's folder (or CASEWIRE_HOME)")},
    {NULL, 0, NULL, NULL},
};

static const struct cli_opt inbox_opts[] = {
    {"after", 0, "N", N_("only what came after this cursor")},
    {NULL, 0, NULL, NULL},
};

static const struct cli_opt watch_opts[] = {
    {"after", 0, "N", N_("begin after this cursor (default: now)")},
    {"count", 'n', "N", N_("end after so many movements")},
    {"timeout", 0, "SECONDS", N_("end after so long")},
    {NULL, 0, NULL, NULL},
};

static const struct cli_opt export_opts[] = {
    {"level", 'l', "LEVEL",
	N_("sealed (default: no content), outline or open")},
    {"case", 'c', "CASE", N_("open only this case's messages")},
    {"message", 'm', "ID",
	N_("open only this one: its number in CASE, or its env_id")},
    {"field", 'f', "NAME",
	N_("open this field and the outline alone (level open)")},
    {"silence", 's', "CASE",
	N_("prove by the peer's own heartbeat what it had not answered")},
    {"at", 0, "TIME",
	N_("by the first heartbeat from then on (default: the newest)")},
    {"own", 0, NULL, N_("by a heartbeat of our own")},
    {"proof", 0, "ID",
	N_("no bundle: this message's run as a .tlog-proof")},
    {"peer", 'p', "NAME", N_("which peer, if there are several")},
    {NULL, 0, NULL, NULL},
};

static const struct cli_opt install_opts[] = {
    {"keys", 'k', "FILE", N_("a key statement: the peer's, each relay's")},
    {"psk", 0, "FILE", N_("the combined courier file")},
    {NULL, 0, NULL, NULL},
};

static const struct cli_opt recover_opts[] = {
    {"adopt", 0, NULL, N_("take over the heads our own signatures prove")},
    {"statement", 0, "FILE", N_("a recovery statement signed by our root")},
    {NULL, 0, NULL, NULL},
};

static const struct cli_cmd cmds[] = {
    {"case open", "", 0, 0, N_("open a case with a request from a file"),
	"casewire case open --from examples/request.en.json",
	case_verbs_open_opts, cmd_case_open},
    {"case list", "", 0, 0, N_("list all cases, newest movement first"),
	"casewire case list", NULL, cmd_case_list},
    {"case show", "CASE", 1, 1, N_("who did what when, and what is possible"),
	"casewire case show 3fa2", NULL, cmd_case_show},
    {"case ack", "CASE", 1, 1, N_("acknowledge: an authority takes it on"),
	"casewire case ack 3fa2 --authority Bureau --handler-ref 12 "
	"--decision-by +30d",
	case_verbs_ack_opts, cmd_case_write},
    {"case clarify", "CASE", 1, 1, N_("ask questions; clocks pause"),
	"casewire case clarify 3fa2 --question 'Which account?'",
	case_verbs_clarify_opts, cmd_case_write},
    {"case clarified", "CASE", 1, 1, N_("answer the open questions, in order"),
	"casewire case clarified 3fa2 --answer 'The one in annex 1'",
	case_verbs_clarified_opts, cmd_case_write},
    {"case decide", "CASE", 1, 1, N_("accept, partly, postpone or refuse"),
	"casewire case decide 3fa2 --outcome accepted",
	case_verbs_decide_opts, cmd_case_write},
    {"case status", "CASE", 1, 1, N_("report progress"),
	"casewire case status 3fa2 --phase collecting --measures 'Order "
	"served' --next-step Analysis --next-date +7d",
	case_verbs_status_opts, cmd_case_write},
    {"case result", "CASE", 1, 1, N_("return a result, with files"),
	"casewire case result 3fa2 --summary Done --item 'Subscriber data' "
	"--custody 'Sealed bag 7' --use-limits 'This case only' --file a.pdf",
	case_verbs_result_opts, cmd_case_write},
    {"case feedback", "CASE", 1, 1, N_("say how a result was used"),
	"casewire case feedback 3fa2 --outcome used --text Thanks",
	case_verbs_feedback_opts, cmd_case_write},
    {"case close", "CASE", 1, 1, N_("close an answered or refused case"),
	"casewire case close 3fa2 --reason Answered", case_verbs_reason_opts,
	cmd_case_write},
    {"case withdraw", "CASE", 1, 1, N_("withdraw a request before its result"),
	"casewire case withdraw 3fa2 --reason 'No longer needed'",
	case_verbs_reason_opts, cmd_case_write},
    {"case query", "CASE", 1, 1, N_("ask how far it is"),
	"casewire case query 3fa2 --question 'Is it imaged?'",
	case_verbs_query_opts, cmd_case_write},
    {"case delay", "CASE", 1, 1, N_("ask more time of a clock, before it ends"),
	"casewire case delay 3fa2 --clock decision --reason Court "
	"--new-date +20d",
	case_verbs_delay_opts, cmd_case_write},
    {"case supplement", "CASE", 1, 1, N_("add to a request or a result"),
	"casewire case supplement 3fa2 --text 'A second account'",
	case_verbs_supplement_opts, cmd_case_write},
    {"case correct", "CASE", 1, 1, N_("correct a message of your own; nothing is un-said"),
	"casewire case correct 3fa2 --about 4 --reason Typo --text 'The "
	"3rd'",
	case_verbs_correct_opts, cmd_case_write},
    {"case transfer", "CASE", 1, 1, N_("name another authority of your side"),
	"casewire case transfer 3fa2 --authority Bureau --desk 2 --contact "
	"duty@b",
	case_verbs_transfer_opts, cmd_case_write},
    {"case reopen", "CASE", 1, 1, N_("reopen a closed case for new facts"),
	"casewire case reopen 3fa2 --facts 'A second victim'",
	case_verbs_reopen_opts, cmd_case_write},
    {"case lead", "CASE", 1, 1, N_("share a lead in a case"),
	"casewire case lead 3fa2 --from lead.json",
	case_verbs_file_opts, cmd_case_write},
    {"case consent-ask", "CASE", 1, 1, N_("ask the owner of data for leave to use it"),
	"casewire case consent-ask 3fa2 --about 5 --what Logs --purpose "
	"Trial --until +90d",
	case_verbs_consent_ask_opts, cmd_case_write},
    {"case consent", "CASE", 1, 1, N_("grant or deny it"),
	"casewire case consent 3fa2 --outcome granted --until +90d",
	case_verbs_consent_opts, cmd_case_write},
    {"case consult", "CASE", 1, 1, N_("consult before a step of your own"),
	"casewire case consult 3fa2 --step Arrest --reason Flight "
	"--hold-until +2d",
	case_verbs_consult_opts, cmd_case_write},
    {"case publicity", "CASE", 1, 1, N_("announce what you mean to publish"),
	"casewire case publicity 3fa2 --text Release --hold-until +2d",
	case_verbs_publicity_opts, cmd_case_write},
    {"case reply", "CASE", 1, 1, N_("reply to a consultation or an announcement"),
	"casewire case reply 3fa2 --outcome agreed",
	case_verbs_reply_opts, cmd_case_write},
    {"case escalate", "CASE", 1, 1, N_("raise what was not answered, or an incident"),
	"casewire case escalate 3fa2 --tier 1 --about 1 --clock ack "
	"--grounds Overdue --wanted Answer --office Desk --contact duty@a",
	case_verbs_escalate_opts, cmd_case_write},
    {"case esc-ack", "CASE", 1, 1, N_("take an escalation on"),
	"casewire case esc-ack 3fa2 --office Liaison --contact duty@b "
	"--answer-by +4h",
	case_verbs_esc_ack_opts, cmd_case_write},
    {"case esc-answer", "CASE", 1, 1, N_("answer an escalation"),
	"casewire case esc-answer 3fa2 --says 'It was with the court'",
	case_verbs_esc_answer_opts, cmd_case_write},
    {"case esc-return", "CASE", 1, 1, N_("return an escalation to the tier below"),
	"casewire case esc-return 3fa2 --tier 1 --reason 'For the desks'",
	case_verbs_esc_return_opts, cmd_case_write},
    {"case call-record", "CASE", 1, 1, N_("minute a call, confirm or dispute a minute"),
	"casewire case call-record 3fa2 --tier 1 --held 2026-11-27T08:00:00Z --participant A"
	" --participant B --summary Talked --agreed 'By Friday'",
	case_verbs_call_record_opts, cmd_case_write},
    {"case priorities", "CASE", 1, 1, N_("name the priority cases"),
	"casewire case priorities 3fa2 --from priorities.json",
	case_verbs_file_opts, cmd_case_write},
    {"case dossier", "CASE", 1, 1, N_("propose the dossier of a period"),
	"casewire case dossier 3fa2 --from dossier.json",
	case_verbs_file_opts, cmd_case_write},
    {"case dossier-sign", "CASE", 1, 1, N_("sign a dossier"),
	"casewire case dossier-sign 3fa2 --from digest.json",
	case_verbs_file_opts, cmd_case_write},
    {"case dossier-dissent", "CASE", 1, 1, N_("dissent from a dossier, with the mismatches"),
	"casewire case dossier-dissent 3fa2 --from dissent.json",
	case_verbs_file_opts, cmd_case_write},
    {"case session", "CASE", 1, 1, N_("propose, agree or minute a session"),
	"casewire case session 3fa2 --from session.json",
	case_verbs_file_opts, cmd_case_write},
    {"case profile", "CASE", 1, 1,
	N_("agree on calendars, cities and tier names"),
	"casewire case profile 3fa2 --from profile.json",
	case_verbs_file_opts, cmd_case_write},
    {"case contacts", "CASE", 1, 1, N_("tell desks, duty points and their hours"),
	"casewire case contacts 3fa2 --from contacts.json",
	case_verbs_file_opts, cmd_case_write},
    {"late", "", 0, 0,
	N_("what ran out, was answered late, or is soon due, both ways"),
	"casewire late --days 7", cmd_late_opts, cmd_late},
    {"inbox", "", 0, 0, N_("messages of the peer, oldest first"),
	"casewire inbox", inbox_opts, cmd_agent_inbox},
    {"watch", "", 0, 0, N_("print movements as they come"), "casewire watch",
	watch_opts, follow_watch},
    {"files", "", 0, 0, N_("files sent and received"), "casewire files", NULL,
	cmd_agent_files},
    {"hold list", "", 0, 0, N_("every hold there is and was"),
	"casewire hold list", NULL, cmd_keep_list},
    {"hold", "CASE", 1, 1, N_("keep a case: nothing of it is shredded"),
	"casewire hold 3fa2 --reason 'Court order 12/26'",
	cmd_keep_hold_opts, cmd_keep_hold},
    {"unhold", "CASE", 1, 1, N_("end a hold"),
	"casewire unhold 3fa2 --reason 'Order lifted'", cmd_keep_hold_opts,
	cmd_keep_hold},
    {"shred", "CASE", 1, 1,
	N_("destroy what a case that is over says; its proofs stay"),
	"casewire shred 3fa2 --yes", cmd_keep_shred_opts, cmd_keep_shred},
    {"export", "FILE", 1, 1, N_("write an evidence bundle for an auditor"),
	"casewire export case.zip --level sealed", export_opts,
	cmd_agent_export},
    {"pass issue", "", 0, 0,
	N_("let somebody read our log entries at a relay"),
	"casewire pass issue --name 'Auditor X' --until +30d > pass",
	cmd_pass_issue_opts, cmd_pass_issue},
    {"pass list", "", 0, 0, N_("whom we let read our log entries"),
	"casewire pass list", cmd_pass_opts, cmd_pass_list},
    {"pass revoke", "NAME", 1, 1, N_("end a pass before its time"),
	"casewire pass revoke 'Auditor X'", cmd_pass_opts, cmd_pass_revoke},
    {"backup", "FILE", 1, 1, N_("copy the book while the agent runs"),
	"casewire backup book-copy.db", NULL, cmd_agent_backup},
    {"doctor", "", 0, 0, N_("is all well; if not, what to do next"),
	"casewire doctor", NULL, cmd_agent_doctor},
    {"charter install", "DIR", 1, 1, N_("install a charter both sides signed"),
	"casewire charter install charter-with-b --keys peer/keys.1 --keys "
	"relay/keys.1",
	install_opts, cmd_agent_charter_install},
    {"charter show", "", 0, 0, N_("the charters installed here"),
	"casewire charter show", NULL, cmd_agent_charter_show},
    {"recover", "", 0, 0, N_("come back after a restored or cloned book"),
	"casewire recover --adopt", recover_opts, cmd_agent_recover},
    {"explain", "[CODE]", 0, 1, N_("what an error means and what to do"),
	"casewire explain head_moved", NULL, cli_explain},
    {NULL, NULL, 0, 0, NULL, NULL, NULL, NULL},
};

int
main(int argc, char **argv)
{
	static const struct cli_program program = {
	    .name = "casewire",
	    .about =
		N_("The desk's side of casewire: cases, evidence, upkeep."),
	    .globals = globals,
	    .cmds = cmds,
	};

	return cli_main(&program, argc, argv);
}
