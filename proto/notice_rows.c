#include "proto/notice_rows.h"

#include <string.h>

#include "base/bytes.h"

#define AT(type, member) offsetof(struct notice_##type, member)
#define END {.key = NULL}

/* May be said, must be said. */
#define MAY(k, name, place) {.key = (name), .kind = ROW_##k, .at = (place)}
#define MUST(k, name, place) \
	{.key = (name), .kind = ROW_##k, .at = (place), .must = true}
#define CODE(name, place, list) \
	{.key = (name), .kind = ROW_CODE, .at = (place), .must = true, \
	    .words = notice_words_##list}
#define GROUND(name, place) \
	{.key = (name), .kind = ROW_CODE, .at = (place), \
	    .words = notice_words_ground}
#define NUMBER(name, place, most) \
	{.key = (name), .kind = ROW_NUMBER, .at = (place), .must = true, \
	    .size = (most)}
#define LIST(name, need, type, member, n, elem, table) \
	{.key = (name), .kind = ROW_LIST, .at = AT(type, member), \
	    .must = (need), .rows = (table), .count = AT(type, n), \
	    .size = sizeof(struct notice_##elem)}
#define ATTACHMENTS(type) \
	LIST("attachments", false, type, attachment, attachment_count, \
	    attachment, attachment_rows)
#define PART(name, place, table) \
	{.key = (name), .kind = ROW_PART, .at = (place), .must = true, \
	    .rows = (table), .count = ROW_ALWAYS}

/* ---- parts several bodies have ---- */

static const struct notice_row attachment_rows[] = {
	MUST(ID, "file_id", AT(attachment, file_id)),
	MUST(NAME, "name", AT(attachment, name)),
	MAY(SIZE, "size", AT(attachment, size)),
	MUST(HASH, "sha256", AT(attachment, sha256)),
	MAY(TEXT, "media_type", AT(attachment, media_type)),
	MAY(TEXT, "source", AT(attachment, source)),
	MAY(ASIDE, "path", 0),
	END,
};

static const struct notice_row identifier_rows[] = {
	MUST(TEXT, "kind", AT(identifier, kind)),
	MUST(TEXT, "value", AT(identifier, value)),
	MUST(TEXT, "link", AT(identifier, link)),
	END,
};

static const struct notice_row authority_rows[] = {
	MUST(TEXT, "name", AT(authority, name)),
	MAY(TEXT, "desk", AT(authority, desk)),
	MUST(TEXT, "contact", AT(authority, contact)),
	MAY(TEXT, "phone", AT(authority, phone)),
	END,
};

static const struct notice_row handling_rows[] = {
	{.key = "code", .kind = ROW_GRADE, .at = AT(handling, code),
	    .must = true, .size = HANDLING_MAX},
	MAY(TEXT, "text", AT(handling, text)),
	MUST(TEXT, "use_limits", AT(handling, use_limits)),
	END,
};
#define HANDLING(type, need) \
	{.key = "handling", .kind = ROW_PART, .at = AT(type, handling), \
	    .must = (need), .rows = handling_rows, \
	    .count = AT(type, handling.present)}

/* ---- a request and its answers ---- */

static const struct notice_row period_rows[] = {
	MUST(TIME, "from", AT(request, period_from_at)),
	MUST(TIME, "until", AT(request, period_until_at)),
	END,
};

static const struct notice_row preserve_rows[] = {
	MAY(TEXT, "data", AT(request, preserve.data)),
	MAY(TEXT, "why", AT(request, preserve.why)),
	MAY(FLAG, "will_request", AT(request, preserve.will_request)),
	END,
};

static const struct notice_row request_rows[] = {
	MUST(TEXT, "request_ref", AT(request, request_ref)),
	CODE("kind", AT(request, kind), kind),
	MAY(TEXT, "formal_ref", AT(request, formal_ref)),
	PART("requesting", AT(request, requesting), authority_rows),
	MUST(TEXT, "requested_authority", AT(request, requested_authority)),
	MUST(TEXT, "legal_basis", AT(request, legal_basis)),
	MUST(TEXT, "channel", AT(request, channel)),
	MUST(TEXT, "facts", AT(request, facts)),
	MUST(TEXT, "law", AT(request, law)),
	MUST(TEXT, "purpose", AT(request, purpose)),
	MUST(TEXT, "assistance", AT(request, assistance)),
	MUST(TEXT, "grounds", AT(request, grounds)),
	LIST("identifiers", true, request, identifier, identifier_count,
	    identifier, identifier_rows),
	/* Rows of an object without a struct of its own count from here. */
	PART("period", 0, period_rows),
	MUST(TEXT, "confidentiality", AT(request, confidentiality)),
	MUST(TEXT, "confidentiality_reason",
	    AT(request, confidentiality_reason)),
	MUST(TIME, "wanted_by", AT(request, wanted_by_at)),
	MUST(TEXT, "wanted_by_reason", AT(request, wanted_by_reason)),
	MUST(TEXT, "urgency_ground", AT(request, urgency_ground)),
	HANDLING(request, true),
	MAY(TEXTS, "formalities", AT(request, formalities)),
	MAY(TEXTS, "related", AT(request, related)),
	MUST(TEXT, "language", AT(request, language)),
	ATTACHMENTS(request),
	MAY(FLAG, "at_hand", AT(request, at_hand)),
	{.key = "preserve", .kind = ROW_PART, .rows = preserve_rows,
	    .count = AT(request, preserve.present)},
	END,
};

static const struct notice_row ack_rows[] = {
	MUST(TEXT, "authority", AT(ack, authority)),
	MAY(TEXT, "desk", AT(ack, desk)),
	MUST(TEXT, "handler_ref", AT(ack, handler_ref)),
	MUST(TIME, "decision_by", AT(ack, decision_by_at)),
	MAY(TEXT, "remark", AT(ack, remark)),
	END,
};

static const struct notice_row clarify_rows[] = {
	MUST(TEXTS, "questions", 0),
	END,
};

static const struct notice_row clarified_rows[] = {
	MUST(TEXTS, "answers", 0),
	END,
};

/* What of these is required depends on the outcome: notice_missing.c. */
static const struct notice_row decision_rows[] = {
	GROUND("ground", AT(decision, ground)),
	MAY(TEXT, "explanation", AT(decision, explanation)),
	MAY(TEXT, "scope", AT(decision, scope)),
	MAY(TIME, "next_date", AT(decision, next_date_at)),
	END,
};

static const struct notice_row status_rows[] = {
	MAY(TEXT, "measures", AT(status, measures)),
	MAY(TEXT, "next_step", AT(status, next_step)),
	MAY(TIME, "next_date", AT(status, next_date_at)),
	END,
};

static const struct notice_row item_rows[] = {
	MUST(TEXT, "description", AT(item, description)),
	MUST(TEXT, "custody", AT(item, custody)),
	MAY(ID, "file_id", AT(item, file_id)),
	MAY(ASIDE, "file", 0),
	END,
};

static const struct notice_row result_rows[] = {
	LIST("items", false, result, item, item_count, item, item_rows),
	MUST(TEXT, "summary", AT(result, summary)),
	ATTACHMENTS(result),
	HANDLING(result, false),
	MAY(TEXT, "use_limits", AT(result, use_limits)),
	END,
};

static const struct notice_row feedback_rows[] = {
	MAY(TEXT, "text", AT(feedback, text)),
	MAY(TEXT, "use", AT(feedback, use)),
	END,
};

static const struct notice_row withdraw_rows[] = {
	MUST(TEXT, "reason", 0),
	END,
};

static const struct notice_row close_rows[] = {
	MAY(TEXT, "reason", 0),
	END,
};

static const struct notice_row status_query_rows[] = {
	MAY(TEXT, "question", 0),
	END,
};

static const struct notice_row delay_rows[] = {
	MUST(TEXT, "clock", AT(delay, clock)),
	MUST(TEXT, "reason", AT(delay, reason)),
	MUST(TIME, "new_date", AT(delay, new_date_at)),
	END,
};

static const struct notice_row supplement_rows[] = {
	MUST(TEXT, "text", AT(supplement, text)),
	MAY(FLAG, "renew", AT(supplement, renew)),
	MAY(FLAG, "release", AT(supplement, release)),
	MAY(TEXT, "formal_ref", AT(supplement, formal_ref)),
	ATTACHMENTS(supplement),
	END,
};

static const struct notice_row correct_rows[] = {
	MUST(TEXT, "reason", AT(correct, reason)),
	MAY(TEXT, "text", AT(correct, text)),
	MAY(FLAG, "misfiled", AT(correct, misfiled)),
	MAY(ID, "right_case", AT(correct, right_case)),
	END,
};

static const struct notice_row transfer_rows[] = {
	MUST(TEXT, "authority", AT(transfer, authority)),
	MUST(TEXT, "desk", AT(transfer, desk)),
	MAY(TEXT, "handler_ref", AT(transfer, handler_ref)),
	MUST(TEXT, "contact", AT(transfer, contact)),
	MAY(TEXT, "reason", AT(transfer, reason)),
	END,
};

static const struct notice_row reopen_rows[] = {
	MUST(TEXT, "facts", 0),
	END,
};

static const struct notice_row reject_rows[] = {
	MUST(STATUS, "code", AT(reject, code)),
	MUST(HASH, "env_id", AT(reject, env_id)),
	MAY(TEXT, "detail", AT(reject, detail)),
	END,
};

/* ---- items ---- */

static const struct notice_row lead_rows[] = {
	MUST(TEXT, "lead_ref", AT(lead, lead_ref)),
	PART("from", AT(lead, from), authority_rows),
	MUST(TEXT, "subject", AT(lead, subject)),
	MUST(TEXT, "facts", AT(lead, facts)),
	LIST("identifiers", false, lead, identifier, identifier_count,
	    identifier, identifier_rows),
	CODE("source", AT(lead, source), source),
	NUMBER("information", AT(lead, information), LEAD_INFORMATION_MAX),
	HANDLING(lead, true),
	MAY(FLAG, "feedback_wished", AT(lead, feedback_wished)),
	MUST(TEXT, "language", AT(lead, language)),
	ATTACHMENTS(lead),
	END,
};

static const struct notice_row consent_ask_rows[] = {
	MUST(TEXT, "item", AT(consent_ask, item)),
	MUST(TEXT, "purpose", AT(consent_ask, purpose)),
	MAY(TEXT, "recipient", AT(consent_ask, recipient)),
	MUST(TIME, "until", AT(consent_ask, until_at)),
	END,
};

static const struct notice_row consent_rows[] = {
	MAY(TEXT, "conditions", AT(consent, conditions)),
	MAY(TIME, "until", AT(consent, until_at)),
	END,
};

static const struct notice_row consult_rows[] = {
	MUST(TEXT, "step", AT(consult, step)),
	MUST(TEXT, "reason", AT(consult, reason)),
	MUST(TIME, "hold_until", AT(consult, hold_until_at)),
	END,
};

static const struct notice_row publicity_rows[] = {
	MUST(TEXT, "text", AT(publicity, text)),
	MAY(TEXT, "occasion", AT(publicity, occasion)),
	MUST(TIME, "hold_until", AT(publicity, hold_until_at)),
	END,
};

static const struct notice_row reply_rows[] = {
	MAY(TEXT, "text", 0),
	END,
};

static const struct notice_row priority_rows[] = {
	MUST(ID, "case_id", AT(priority, case_id)),
	MUST(TEXT, "reason", AT(priority, reason)),
	END,
};

static const struct notice_row priority_list_rows[] = {
	LIST("cases", true, priority_list, cases, case_count, priority,
	    priority_rows),
	END,
};

static const struct notice_row dossier_rows[] = {
	MUST(TIME, "from", AT(dossier, from_at)),
	MUST(TIME, "until", AT(dossier, until_at)),
	MUST(HASH, "digest", AT(dossier, digest)),
	ATTACHMENTS(dossier),
	END,
};

static const struct notice_row dossier_sign_rows[] = {
	MUST(HASH, "digest", 0),
	END,
};

static const struct notice_row mismatch_rows[] = {
	MUST(HASH, "env_id", AT(mismatch, env_id)),
	MAY(TEXT, "text", AT(mismatch, text)),
	END,
};

static const struct notice_row dossier_dissent_rows[] = {
	MUST(HASH, "digest", AT(dossier_dissent, digest)),
	LIST("mismatches", false, dossier_dissent, mismatch, mismatch_count,
	    mismatch, mismatch_rows),
	MUST(TEXT, "text", AT(dossier_dissent, text)),
	END,
};

static const struct notice_row agreed_rows[] = {
	MUST(TEXT, "text", AT(agreed, text)),
	MUST(TEXT, "owner", AT(agreed, owner)),
	MUST(TIME, "due", AT(agreed, due_at)),
	MAY(FLAG, "done", AT(agreed, done)),
	END,
};

static const struct notice_row session_rows[] = {
	MUST(TEXT, "session_ref", AT(session_plan, session_ref)),
	CODE("kind", AT(session_plan, kind), session),
	MUST(TIME, "from", AT(session_plan, from_at)),
	MUST(TIME, "until", AT(session_plan, until_at)),
	MUST(TEXT, "place", AT(session_plan, place)),
	MAY(TEXTS, "agenda", AT(session_plan, agenda)),
	LIST("agreed", false, session_plan, agreed, agreed_count, agreed,
	    agreed_rows),
	ATTACHMENTS(session_plan),
	MAY(TEXT, "text", AT(session_plan, text)),
	END,
};

static const struct notice_row contact_rows[] = {
	MUST(TEXT, "desk", AT(contact, desk)),
	MUST(TEXT, "role", AT(contact, role)),
	MAY(TEXT, "name", AT(contact, name)),
	MUST(TEXT, "phone", AT(contact, phone)),
	MUST(TEXT, "hours", AT(contact, hours)),
	MUST(TEXT, "languages", AT(contact, languages)),
	END,
};

static const struct notice_row contacts_rows[] = {
	LIST("contacts", true, contacts, contact, contact_count, contact,
	    contact_rows),
	END,
};

/* ---- the hotline ---- */

static const struct notice_row escalate_rows[] = {
	NUMBER("tier", AT(escalate, tier), TIERS_MAX),
	MAY(TEXT, "clock", AT(escalate, clock)),
	MAY(TEXT, "incident", AT(escalate, incident)),
	MUST(TEXT, "grounds", AT(escalate, grounds)),
	MUST(TEXT, "wanted", AT(escalate, wanted)),
	PART("from", AT(escalate, from), authority_rows),
	END,
};

static const struct notice_row esc_ack_rows[] = {
	MUST(TEXT, "office", AT(esc_ack, office)),
	MUST(TEXT, "contact", AT(esc_ack, contact)),
	MUST(TIME, "answer_by", AT(esc_ack, answer_by_at)),
	END,
};

static const struct notice_row esc_answer_rows[] = {
	MUST(TEXT, "answer", AT(esc_answer, answer)),
	MAY(TEXT, "measures", AT(esc_answer, measures)),
	MAY(TIME, "new_date", AT(esc_answer, new_date_at)),
	END,
};

static const struct notice_row esc_return_rows[] = {
	NUMBER("tier", AT(esc_return, tier), TIERS_MAX),
	MUST(TEXT, "reason", AT(esc_return, reason)),
	END,
};

static const struct notice_row call_record_rows[] = {
	NUMBER("tier", AT(call_record, tier), TIERS_MAX),
	MUST(TIME, "held", AT(call_record, held_at)),
	MUST(TEXTS, "participants", AT(call_record, participants)),
	MUST(TEXT, "summary", AT(call_record, summary)),
	MUST(TEXT, "agreed", AT(call_record, agreed)),
	MAY(TIME, "next_date", AT(call_record, next_date_at)),
	END,
};

static const struct notice_row *const tables[NOTICE_TYPE_MAX + 1] = {
	[NOTICE_REQUEST] = request_rows,
	[NOTICE_ACK] = ack_rows,
	[NOTICE_CLARIFY] = clarify_rows,
	[NOTICE_CLARIFIED] = clarified_rows,
	[NOTICE_DECISION] = decision_rows,
	[NOTICE_STATUS] = status_rows,
	[NOTICE_STATUS_QUERY] = status_query_rows,
	[NOTICE_DELAY] = delay_rows,
	[NOTICE_RESULT] = result_rows,
	[NOTICE_FEEDBACK] = feedback_rows,
	[NOTICE_LEAD] = lead_rows,
	[NOTICE_SUPPLEMENT] = supplement_rows,
	[NOTICE_CORRECT] = correct_rows,
	[NOTICE_TRANSFER] = transfer_rows,
	[NOTICE_WITHDRAW] = withdraw_rows,
	[NOTICE_CLOSE] = close_rows,
	[NOTICE_REOPEN] = reopen_rows,
	[NOTICE_CONSENT_ASK] = consent_ask_rows,
	[NOTICE_CONSENT] = consent_rows,
	[NOTICE_CONSULT] = consult_rows,
	[NOTICE_PUBLICITY_NOTICE] = publicity_rows,
	[NOTICE_REPLY] = reply_rows,
	[NOTICE_ESCALATE] = escalate_rows,
	[NOTICE_ESC_ACK] = esc_ack_rows,
	[NOTICE_ESC_ANSWER] = esc_answer_rows,
	[NOTICE_ESC_RETURN] = esc_return_rows,
	[NOTICE_CALL_RECORD] = call_record_rows,
	[NOTICE_PRIORITY_LIST] = priority_list_rows,
	[NOTICE_DOSSIER] = dossier_rows,
	[NOTICE_DOSSIER_SIGN] = dossier_sign_rows,
	[NOTICE_DOSSIER_DISSENT] = dossier_dissent_rows,
	[NOTICE_SESSION] = session_rows,
	[NOTICE_CONTACTS] = contacts_rows,
	[NOTICE_REJECT] = reject_rows,
};

const struct notice_row *
notice_rows(enum notice_type type)
{
	return (unsigned)type <= NOTICE_TYPE_MAX ? tables[type] : NULL;
}

static bool
text_there(const char *text)
{
	return text && text[0] != '\0';
}

bool
notice_rows_there(const struct notice_row *row, const void *base)
{
	const uint8_t *place = (const uint8_t *)base + row->at;
	const char *text;
	uint64_t large;
	uint32_t small;

	switch (row->kind) {
	case ROW_TEXT:
	case ROW_NAME:
		memcpy(&text, place, sizeof(text));
		return text_there(text);
	case ROW_TIME:
	case ROW_SIZE:
		memcpy(&large, place, sizeof(large));
		return large != 0;
	case ROW_NUMBER:
	case ROW_STATUS:
	case ROW_CODE:
		memcpy(&small, place, sizeof(small));
		return small != 0;
	case ROW_HASH:
		return !hash_is_zero((const struct hash *)place);
	case ROW_ID:
		return !id_is_zero((const struct id *)place);
	case ROW_TEXTS:
		return ((const struct notice_texts *)(const void *)place)->n
		    > 0;
	case ROW_LIST:
		return *(const size_t *)(const void *)
		    ((const uint8_t *)base + row->count) > 0;
	case ROW_PART:
		return row->count == ROW_ALWAYS ||
		    *(const bool *)((const uint8_t *)base + row->count);
	case ROW_GRADE:
	case ROW_FLAG:
		return true;
	case ROW_ASIDE:
		break;
	}
	return false;
}

const void *
notice_rows_list(const struct notice_row *row, const void *base, size_t *n)
{
	const void *list;

	memcpy(n, (const uint8_t *)base + row->count, sizeof(*n));
	memcpy(&list, (const uint8_t *)base + row->at, sizeof(list));
	return list;
}
