/*
 * notice: what two desks say to each other, as plain structs.
 *
 * The values of fields 1 to 4 (PROTOCOL.md section 4, schema/content.proto):
 * outline, one body a type, officers' signatures, the heartbeat's link; and
 * the words for their codes.  Says which required field is missing (domain:
 * "REQUEST: required fields").  States, clocks and permits are cases/'s.
 * Decoded strings and lists lie in the caller's arena; strings are UTF-8 and
 * never NULL after decoding, NULL counts as "" when encoding.  Pure.
 */
#ifndef PROTO_NOTICE_H
#define PROTO_NOTICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "proto/arena.h"
#include "proto/envelope.h"
#include "proto/limits.h"

/* Numbers are content.proto's; both sides sign them. */
enum notice_type {
	NOTICE_NONE = 0,
	NOTICE_REQUEST = 1,
	NOTICE_ACK = 2,
	NOTICE_CLARIFY = 3,
	NOTICE_CLARIFIED = 4,
	NOTICE_DECISION = 5,
	NOTICE_STATUS = 6,
	NOTICE_STATUS_QUERY = 7,
	NOTICE_DELAY = 8,
	NOTICE_RESULT = 9,
	NOTICE_FEEDBACK = 10,
	NOTICE_LEAD = 11,
	NOTICE_SUPPLEMENT = 12,
	NOTICE_CORRECT = 13,
	NOTICE_TRANSFER = 14,
	NOTICE_WITHDRAW = 15,
	NOTICE_CLOSE = 16,
	NOTICE_REOPEN = 17,
	NOTICE_CONSENT_ASK = 18,
	NOTICE_CONSENT = 19,
	NOTICE_CONSULT = 20,
	NOTICE_PUBLICITY_NOTICE = 21,
	NOTICE_REPLY = 22,
	NOTICE_ESCALATE = 23,
	NOTICE_ESC_ACK = 24,
	NOTICE_ESC_ANSWER = 25,
	NOTICE_ESC_RETURN = 26,
	NOTICE_CALL_RECORD = 27,
	NOTICE_PRIORITY_LIST = 28,
	NOTICE_DOSSIER = 29,
	NOTICE_DOSSIER_SIGN = 30,
	NOTICE_DOSSIER_DISSENT = 31,
	NOTICE_SESSION = 32,
	NOTICE_PROFILE = 33,
	NOTICE_CONTACTS = 34,
	NOTICE_REJECT = 35,
	NOTICE_HEARTBEAT = 36,
	NOTICE_FILE = 37,
};
#define NOTICE_TYPE_MAX 37

enum notice_outcome {
	OUTCOME_NONE = 0,
	OUTCOME_ACCEPTED = 1,
	OUTCOME_PARTLY = 2,
	OUTCOME_POSTPONED = 3,
	OUTCOME_REFUSED = 4,
	OUTCOME_PARTIAL = 10,
	OUTCOME_FINAL = 11,
	OUTCOME_NIL = 12,
	OUTCOME_USED = 20,
	OUTCOME_USEFUL = 21,
	OUTCOME_NOT_USED = 22,
	OUTCOME_RECEIVED = 30,
	OUTCOME_ASSESSING = 31,
	OUTCOME_AUTHORISING = 32,
	OUTCOME_COLLECTING = 33,
	OUTCOME_ANALYSING = 34,
	OUTCOME_PREPARING_RESULT = 35,
	OUTCOME_NO_CHANGE = 36,
};

enum notice_kind {	/* of a REQUEST */
	KIND_NONE = 0,
	KIND_INFO = 1,
	KIND_PRESERVE = 2,
	KIND_INVESTIGATE = 3,
	KIND_LOCATE = 4,
	KIND_ADVICE = 5,
	KIND_JOINT = 6,
	KIND_EMERGENCY = 7,
};

enum notice_ground {	/* why a DECISION is not "accepted" */
	GROUND_NONE = 0,
	GROUND_NOT_AVAILABLE = 1,
	GROUND_AUTHORISATION_REFUSED = 2,
	GROUND_NATIONAL_SECURITY = 3,
	GROUND_HARM = 4,
	GROUND_DISPROPORTIONATE = 5,
	GROUND_THRESHOLD = 6,
	GROUND_THIRD_PARTY = 7,
	GROUND_LEGAL_BAR = 8,
	GROUND_INSUFFICIENT = 9,
};

#define URGENCY_MAX 2		/* U0 routine, U1 urgent, U2 emergency */
#define HANDLING_MAX 3		/* H0 to H3 */
#define OFFICER_AUTHOR 1
#define OFFICER_RELEASER 2

/* Limits of lists inside a body; the body is at most BODY_MAX anyway. */
#define NOTICE_TEXTS_MAX 64	/* questions, formalities, clocks, ... */
#define NOTICE_LIST_MAX 256	/* identifiers, items, attachments */
#define NOTICE_SIGNATURES_MAX 2	/* author and releaser */

struct notice_texts {
	size_t n;
	const char *const *v;
};

/* Field 1. */
struct notice_outline {
	struct id case_id;		/* zeros: no case */
	enum notice_type type;
	struct hash answers;		/* zeros: none */
	struct hash seen_requesting;	/* zeros: none yet */
	struct hash seen_requested;
	struct notice_texts clocks;
	uint32_t urgency;
	enum notice_outcome outcome;
	uint64_t as_of_at;		/* UTC ms, 0: not said */
	bool exercise;
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

struct notice_request {
	const char *request_ref;
	enum notice_kind kind;
	const char *formal_ref;
	struct {
		const char *name;
		const char *desk;
		const char *contact;
		const char *phone;
	} requesting;
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
		struct notice_reject reject;
	};
};

/* notice_has_body(type): this version speaks a body for it (field 2). */
bool
notice_has_body(enum notice_type type);

/*
 * notice_outline_encode(out, o) / notice_outline_decode(o, value, arena):
 * ERR_TOO_BIG (OUTLINE_MAX), ERR_MESSAGE (does not parse, an id or env_id of
 * the wrong length, text with a NUL), ERR_CODE (type, outcome or urgency not
 * in its closed list), ERR_SYNTAX (UTF-8), ERR_COUNT, ERR_NOMEM.
 */
enum err
notice_outline_encode(struct buf *out, const struct notice_outline *o);
enum err
notice_outline_decode(struct notice_outline *o, struct view value,
    struct arena *arena);

/*
 * notice_body_encode(out, b) / notice_body_decode(b, type, value, arena):
 * As above with BODY_MAX; ERR_CODE also for a type without a body here.
 */
enum err
notice_body_encode(struct buf *out, const struct notice_body *b);
enum err
notice_body_decode(struct notice_body *b, enum notice_type type,
    struct view value, struct arena *arena);

/*
 * notice_missing(outline, body, missing, ctx):
 * Call missing() with the path of each required field that is absent, as
 * JSON names it ("requesting.contact", "identifiers[2].link", "case_id");
 * ERR_REQUIRED if there was one, ERR_CODE if the outcome does not fit the
 * type (a DECISION "final").  body NULL for types without one.
 */
typedef void notice_missing_fn(void *ctx, const char *path);
enum err
notice_missing(const struct notice_outline *outline,
    const struct notice_body *body, notice_missing_fn *missing, void *ctx);

/* Field 3. */
struct notice_signature {
	struct id officer;
	uint32_t role;			/* OFFICER_AUTHOR, OFFICER_RELEASER */
	uint8_t sig[SIG_BYTES];
};
struct notice_officers {
	unsigned n;
	struct notice_signature v[NOTICE_SIGNATURES_MAX];
};
enum err
notice_officers_encode(struct buf *out, const struct notice_officers *o);
/* notice_officers_decode: further ERR_COUNT (none, over two, or a role or an
 * officer twice). */
enum err
notice_officers_decode(struct notice_officers *o, struct view value,
    struct arena *arena);

/* Field 4: a heartbeat's link (section 6), a fixed layout. */
struct notice_head {
	uint64_t seq;			/* 0: nothing sent */
	struct hash env_id;
};
struct notice_link {
	struct hash own_keys;		/* H(key statement) */
	struct hash peer_keys;
	uint64_t own_prekey;
	uint64_t peer_prekey;
	struct notice_head own[LANE_COUNT];
	struct notice_head peer[LANE_COUNT];
	uint64_t floor_prekey;
	uint16_t floor_charter;
	uint32_t floor_psk_day;
	uint32_t open_cases;
	struct hash open_root;
};
#define NOTICE_LINK_BYTES 370
void
notice_link_encode(uint8_t out[NOTICE_LINK_BYTES],
    const struct notice_link *link);
/* notice_link_decode: lengths; ERR_ENCODING (seq 0 with an env_id or the
 * reverse; no open case but a root that is not H("")). */
enum err
notice_link_decode(struct notice_link *link, struct view value);
/* notice_case_leaf(case_id, a, b): H(0x00 || case_id || newest env_id of
 * the case from party a || from b), zeros if none; sort by case_id, then
 * merkle_root. */
struct hash
notice_case_leaf(const struct id *case_id, const struct hash *a,
    const struct hash *b);

/* Inside an officer certificate. */
struct notice_officer_info {
	const char *desk;
	struct notice_texts roles;
	const char *name;
};
enum err
notice_officer_info_encode(struct buf *out,
    const struct notice_officer_info *info);
enum err
notice_officer_info_decode(struct notice_officer_info *info,
    struct view value, struct arena *arena);

/*
 * Words for codes: "status_query", "no_change", "third_party"; NULL for a
 * number outside the list.  *_find: the code of a word, or -1.
 */
const char *
notice_type_name(enum notice_type type);
const char *
notice_outcome_name(enum notice_outcome outcome);
const char *
notice_kind_name(enum notice_kind kind);
const char *
notice_ground_name(enum notice_ground ground);
int
notice_type_find(const char *word);
int
notice_outcome_find(const char *word);
int
notice_kind_find(const char *word);
int
notice_ground_find(const char *word);

#endif
