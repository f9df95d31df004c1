/*
 * case_verbs: the writing verbs of the noun `case` as data.
 *
 * Owns each verb's options, and which member of the message's JSON each
 * option becomes.  A verb more is a row here and one in the command table.
 */
#ifndef ENDPOINT_CLI_CASE_VERBS_H
#define ENDPOINT_CLI_CASE_VERBS_H

#include "base/cli.h"
#include "base/json.h"

/* case_verbs_word(cli): the verb of the command that runs, "esc-ack". */
const char *
case_verbs_word(const struct cli *cli);

/* case_verbs_opt(cli, opt): its value, NULL where it was not given or is no
 * option of this verb. */
const char *
case_verbs_opt(const struct cli *cli, const char *opt);

/* case_verbs_put(cli, doc): every option given, as its member.  0, or the
 * exit code, told. */
int
case_verbs_put(const struct cli *cli, struct json *doc);

/* The options of each verb. */
extern const struct cli_opt case_verbs_open_opts[];
extern const struct cli_opt case_verbs_ack_opts[];
extern const struct cli_opt case_verbs_clarify_opts[];
extern const struct cli_opt case_verbs_clarified_opts[];
extern const struct cli_opt case_verbs_decide_opts[];
extern const struct cli_opt case_verbs_status_opts[];
extern const struct cli_opt case_verbs_result_opts[];
extern const struct cli_opt case_verbs_feedback_opts[];
extern const struct cli_opt case_verbs_reason_opts[];
extern const struct cli_opt case_verbs_query_opts[];
extern const struct cli_opt case_verbs_delay_opts[];
extern const struct cli_opt case_verbs_supplement_opts[];
extern const struct cli_opt case_verbs_correct_opts[];
extern const struct cli_opt case_verbs_transfer_opts[];
extern const struct cli_opt case_verbs_reopen_opts[];
extern const struct cli_opt case_verbs_consent_ask_opts[];
extern const struct cli_opt case_verbs_consent_opts[];
extern const struct cli_opt case_verbs_consult_opts[];
extern const struct cli_opt case_verbs_publicity_opts[];
extern const struct cli_opt case_verbs_reply_opts[];
extern const struct cli_opt case_verbs_escalate_opts[];
extern const struct cli_opt case_verbs_esc_ack_opts[];
extern const struct cli_opt case_verbs_esc_answer_opts[];
extern const struct cli_opt case_verbs_esc_return_opts[];
extern const struct cli_opt case_verbs_call_record_opts[];
extern const struct cli_opt case_verbs_file_opts[];

#endif
