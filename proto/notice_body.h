/*
 * notice_body: field 2 of a message, one struct a type.
 *
 * Plain data; how it rides on the wire, is named in JSON and what of it is
 * required stands in one table, notice_rows.h.  Strings and lists are
 * borrowed: after decoding they lie in the caller's arena and strings are
 * never NULL.  Times are UTC ms, 0: not said.  Ids of zeros: none.
 */
#ifndef PROTO_NOTICE_BODY_H
#define PROTO_NOTICE_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "proto/notice_codes.h"
#include "proto/profile.h"

#define HANDLING_MAX 3		/* H0 to H3 */
#define LEAD_INFORMATION_MAX 4
#define TIERS_MAX 3		/* of the hotline */
/* Limits of lists inside a body; the body is at most BODY_MAX anyway. */
#define NOTICE_TEXTS_MAX 64	/* questions, formalities, clocks, ... */
#define NOTICE_LIST_MAX 256	/* identifiers, items, attachments */
struct notice_texts {
	size_t n;
	const char *const *v;
};

/* Field 2, by type. */
struct notice_identifier {
	const char *kind;
	const char *value;
	const char *link;
};

struct notice_attachment {
	struct id file_id;
	const char *name;
	uint64_t size;
	struct hash sha256;
	const char *media_type;
	const char *source;
};

struct notice_handling {
	bool present;
	uint32_t code;			/* H0 to H3 */
	const char *text;
	const char *use_limits;
};

struct notice_authority {
	const char *name;
	const char *desk;
	const char *contact;
	const char *phone;
};

struct notice_request {
	const char *request_ref;
	enum notice_kind kind;
	const char *formal_ref;
	struct notice_authority requesting;
	const char *requested_authority;
	const char *legal_basis;
	const char *channel;
	const char *facts;
	const char *law;
	const char *purpose;
	const char *assistance;
	const char *grounds;
	size_t identifier_count;
	const struct notice_identifier *identifier;
	uint64_t period_from_at;	/* both 0: not said */
	uint64_t period_until_at;
	const char *confidentiality;
	const char *confidentiality_reason;
	uint64_t wanted_by_at;
	const char *wanted_by_reason;
	const char *urgency_ground;
	struct notice_handling handling;
	struct notice_texts formalities;
	struct notice_texts related;
	const char *language;
	size_t attachment_count;
	const struct notice_attachment *attachment;
	bool at_hand;
	struct {
		bool present;
		const char *data;
		const char *why;
		bool will_request;
	} preserve;
};

struct notice_ack {
	const char *authority;
	const char *desk;
	const char *handler_ref;
	uint64_t decision_by_at;
	const char *remark;
};

struct notice_decision {
	enum notice_ground ground;
	const char *explanation;
	const char *scope;
	uint64_t next_date_at;
};

struct notice_status {
	const char *measures;
	const char *next_step;
	uint64_t next_date_at;
};

struct notice_item {
	const char *description;
	const char *custody;
	struct id file_id;		/* zeros: no file */
};

struct notice_result {
	size_t item_count;
	const struct notice_item *item;
	const char *summary;
	size_t attachment_count;
	const struct notice_attachment *attachment;
	struct notice_handling handling;
	const char *use_limits;
};

struct notice_feedback {
	const char *text;
	const char *use;
};

struct notice_delay {
	const char *clock;		/* which one it asks more time of */
	const char *reason;
	uint64_t new_date_at;
};

struct notice_lead {
	const char *lead_ref;
	struct notice_authority from;
	const char *subject;
	const char *facts;
	size_t identifier_count;
	const struct notice_identifier *identifier;
	enum notice_source source;
	uint32_t information;		/* 1 confirmed to 4 cannot be judged */
	struct notice_handling handling;
	bool feedback_wished;
	const char *language;
	size_t attachment_count;
	const struct notice_attachment *attachment;
};

struct notice_supplement {
	const char *text;
	bool renew;			/* of a preservation */
	bool release;
	const char *formal_ref;		/* the formal request it announced */
	size_t attachment_count;
	const struct notice_attachment *attachment;
};

struct notice_correct {
	const char *reason;
	const char *text;		/* as it should have read */
	bool misfiled;
	struct id right_case;		/* where misfiled */
};

struct notice_transfer {
	const char *authority;
	const char *desk;
	const char *handler_ref;
	const char *contact;
	const char *reason;
};

struct notice_consent_ask {
	const char *item;		/* what of the message answered */
	const char *purpose;
	const char *recipient;		/* who would get it */
	uint64_t until_at;
};

struct notice_consent {
	const char *conditions;
	uint64_t until_at;
};

struct notice_consult {
	const char *step;		/* what is planned */
	const char *reason;
	uint64_t hold_until_at;		/* nothing is done before */
};

struct notice_publicity {
	const char *text;		/* what would be published */
	const char *occasion;
	uint64_t hold_until_at;
};

struct notice_escalate {
	uint32_t tier;			/* 1 to 3 */
	const char *clock;		/* missed; the outline names whose
					   message as answered */
	const char *incident;		/* or what happened */
	const char *grounds;
	const char *wanted;
	struct notice_authority from;
};

struct notice_esc_ack {
	const char *office;
	const char *contact;
	uint64_t answer_by_at;
};

struct notice_esc_answer {
	const char *answer;
	const char *measures;
	uint64_t new_date_at;
};

struct notice_esc_return {
	uint32_t tier;			/* it goes back to */
	const char *reason;
};

struct notice_call_record {
	uint32_t tier;
	uint64_t held_at;
	struct notice_texts participants;
	const char *summary;
	const char *agreed;
	uint64_t next_date_at;
};

struct notice_priority {
	struct id case_id;
	const char *reason;
};

struct notice_priority_list {
	size_t case_count;
	const struct notice_priority *cases;
};

struct notice_dossier {
	uint64_t from_at;		/* the period, until not in it */
	uint64_t until_at;
	struct hash digest;		/* of the dossier's bytes */
	size_t attachment_count;	/* those bytes, as a file */
	const struct notice_attachment *attachment;
};

struct notice_mismatch {
	struct hash env_id;
	const char *text;
};

struct notice_dossier_dissent {
	struct hash digest;		/* of our own */
	size_t mismatch_count;
	const struct notice_mismatch *mismatch;
	const char *text;
};

struct notice_agreed {			/* an outcome of a session */
	const char *text;
	const char *owner;
	uint64_t due_at;
	bool done;
};

struct notice_session_plan {
	const char *session_ref;
	enum notice_session kind;
	uint64_t from_at;
	uint64_t until_at;
	const char *place;
	struct notice_texts agenda;
	size_t agreed_count;
	const struct notice_agreed *agreed;
	size_t attachment_count;
	const struct notice_attachment *attachment;
	const char *text;
};

struct notice_contact {
	const char *desk;
	const char *role;
	const char *name;
	const char *phone;
	const char *hours;
	const char *languages;
};

struct notice_contacts {
	size_t contact_count;
	const struct notice_contact *contact;
};

struct notice_reject {
	uint32_t code;			/* enum err */
	struct hash env_id;		/* what is rejected */
	const char *detail;
};

struct notice_body {
	enum notice_type type;
	union {
		struct notice_request request;
		struct notice_ack ack;
		struct notice_texts clarify;	/* questions */
		struct notice_texts clarified;	/* answers, in order */
		struct notice_decision decision;
		struct notice_status status;
		struct notice_result result;
		struct notice_feedback feedback;
		const char *withdraw;		/* reason */
		const char *close;		/* reason */
		const char *status_query;	/* question */
		struct notice_delay delay;
		struct notice_lead lead;
		struct notice_supplement supplement;
		struct notice_correct correct;
		struct notice_transfer transfer;
		const char *reopen;		/* new facts */
		struct notice_consent_ask consent_ask;
		struct notice_consent consent;
		struct notice_consult consult;
		struct notice_publicity publicity;
		const char *reply;		/* text */
		struct notice_escalate escalate;
		struct notice_esc_ack esc_ack;
		struct notice_esc_answer esc_answer;
		struct notice_esc_return esc_return;
		struct notice_call_record call_record;
		struct notice_priority_list priority_list;
		struct notice_dossier dossier;
		struct hash dossier_sign;	/* digest agreed to */
		struct notice_dossier_dissent dossier_dissent;
		struct notice_session_plan session;
		struct notice_contacts contacts;
		struct profile profile;		/* proto/profile.h */
		struct notice_reject reject;
	};
};

#endif
