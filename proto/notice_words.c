/* The words for codes; JSON, charter sign lines and shown text use them. */
#include <string.h>

#include "proto/notice_codes.h"

const struct notice_word notice_words_type[] = {
	{NOTICE_REQUEST, "request"},
	{NOTICE_ACK, "ack"},
	{NOTICE_CLARIFY, "clarify"},
	{NOTICE_CLARIFIED, "clarified"},
	{NOTICE_DECISION, "decision"},
	{NOTICE_STATUS, "status"},
	{NOTICE_STATUS_QUERY, "status_query"},
	{NOTICE_DELAY, "delay"},
	{NOTICE_RESULT, "result"},
	{NOTICE_FEEDBACK, "feedback"},
	{NOTICE_LEAD, "lead"},
	{NOTICE_SUPPLEMENT, "supplement"},
	{NOTICE_CORRECT, "correct"},
	{NOTICE_TRANSFER, "transfer"},
	{NOTICE_WITHDRAW, "withdraw"},
	{NOTICE_CLOSE, "close"},
	{NOTICE_REOPEN, "reopen"},
	{NOTICE_CONSENT_ASK, "consent_ask"},
	{NOTICE_CONSENT, "consent"},
	{NOTICE_CONSULT, "consult"},
	{NOTICE_PUBLICITY_NOTICE, "publicity_notice"},
	{NOTICE_REPLY, "reply"},
	{NOTICE_ESCALATE, "escalate"},
	{NOTICE_ESC_ACK, "esc_ack"},
	{NOTICE_ESC_ANSWER, "esc_answer"},
	{NOTICE_ESC_RETURN, "esc_return"},
	{NOTICE_CALL_RECORD, "call_record"},
	{NOTICE_PRIORITY_LIST, "priority_list"},
	{NOTICE_DOSSIER, "dossier"},
	{NOTICE_DOSSIER_SIGN, "dossier_sign"},
	{NOTICE_DOSSIER_DISSENT, "dossier_dissent"},
	{NOTICE_SESSION, "session"},
	{NOTICE_PROFILE, "profile"},
	{NOTICE_CONTACTS, "contacts"},
	{NOTICE_REJECT, "reject"},
	{NOTICE_HEARTBEAT, "heartbeat"},
	{NOTICE_FILE, "file"},
	{0, NULL},
};

const struct notice_word notice_words_outcome[] = {
	{OUTCOME_NONE, "none"},
	{OUTCOME_ACCEPTED, "accepted"},
	{OUTCOME_PARTLY, "partly"},
	{OUTCOME_POSTPONED, "postponed"},
	{OUTCOME_REFUSED, "refused"},
	{OUTCOME_PARTIAL, "partial"},
	{OUTCOME_FINAL, "final"},
	{OUTCOME_NIL, "nil"},
	{OUTCOME_USED, "used"},
	{OUTCOME_USEFUL, "useful"},
	{OUTCOME_NOT_USED, "not_used"},
	{OUTCOME_RECEIVED, "received"},
	{OUTCOME_ASSESSING, "assessing"},
	{OUTCOME_AUTHORISING, "authorising"},
	{OUTCOME_COLLECTING, "collecting"},
	{OUTCOME_ANALYSING, "analysing"},
	{OUTCOME_PREPARING_RESULT, "preparing_result"},
	{OUTCOME_NO_CHANGE, "no_change"},
	{OUTCOME_GRANTED, "granted"},
	{OUTCOME_DENIED, "denied"},
	{OUTCOME_AGREED, "agreed"},
	{OUTCOME_OBJECTED, "objected"},
	{OUTCOME_NOTED, "noted"},
	{OUTCOME_PROPOSED, "proposed"},
	{OUTCOME_DECLINED, "declined"},
	{OUTCOME_MINUTED, "minuted"},
	{OUTCOME_RECORDED, "recorded"},
	{OUTCOME_CONFIRMED, "confirmed"},
	{OUTCOME_DISPUTED, "disputed"},
	{0, NULL},
};

const struct notice_word notice_words_kind[] = {
	{KIND_INFO, "info"},
	{KIND_PRESERVE, "preserve"},
	{KIND_INVESTIGATE, "investigate"},
	{KIND_LOCATE, "locate"},
	{KIND_ADVICE, "advice"},
	{KIND_JOINT, "joint"},
	{KIND_EMERGENCY, "emergency"},
	{0, NULL},
};

const struct notice_word notice_words_ground[] = {
	{GROUND_NONE, "none"},
	{GROUND_NOT_AVAILABLE, "not_available"},
	{GROUND_AUTHORISATION_REFUSED, "authorisation_refused"},
	{GROUND_NATIONAL_SECURITY, "national_security"},
	{GROUND_HARM, "harm"},
	{GROUND_DISPROPORTIONATE, "disproportionate"},
	{GROUND_THRESHOLD, "threshold"},
	{GROUND_THIRD_PARTY, "third_party"},
	{GROUND_LEGAL_BAR, "legal_bar"},
	{GROUND_INSUFFICIENT, "insufficient"},
	{0, NULL},
};

const struct notice_word notice_words_source[] = {
	{SOURCE_NONE, "none"},
	{SOURCE_A, "A"},
	{SOURCE_B, "B"},
	{SOURCE_C, "C"},
	{SOURCE_X, "X"},
	{0, NULL},
};

const struct notice_word notice_words_session[] = {
	{SESSION_NONE, "none"},
	{SESSION_DIALOGUE, "dialogue"},
	{SESSION_SEMINAR, "seminar"},
	{SESSION_TRAINING, "training"},
	{SESSION_VISIT, "visit"},
	{SESSION_EXERCISE, "exercise"},
	{0, NULL},
};

const char *
notice_words_name(const struct notice_word *list, int code)
{
	for (; list->word; list++) {
		if (list->code == code)
			return list->word;
	}
	return NULL;
}

int
notice_words_find(const struct notice_word *list, const char *word)
{
	for (; list->word; list++) {
		if (strcmp(list->word, word) == 0)
			return list->code;
	}
	return -1;
}

const char *
notice_type_name(enum notice_type type)
{
	return notice_words_name(notice_words_type, (int)type);
}

const char *
notice_outcome_name(enum notice_outcome outcome)
{
	return notice_words_name(notice_words_outcome, (int)outcome);
}

int
notice_type_find(const char *word)
{
	return notice_words_find(notice_words_type, word);
}

int
notice_outcome_find(const char *word)
{
	return notice_words_find(notice_words_outcome, word);
}
