/*
 * notice_codes: the closed lists of the dialogue, and the words for them.
 *
 * Numbers are schema/content.proto's and signed by both sides: only added
 * to, never renumbered.  Words are what JSON, charter sign lines and shown
 * text use; each side reads its own language of them (base/text.h).  Pure.
 */
#ifndef PROTO_NOTICE_CODES_H
#define PROTO_NOTICE_CODES_H

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
	OUTCOME_GRANTED = 40,		/* CONSENT */
	OUTCOME_DENIED = 41,
	OUTCOME_AGREED = 50,		/* REPLY, SESSION */
	OUTCOME_OBJECTED = 51,		/* REPLY */
	OUTCOME_NOTED = 52,
	OUTCOME_PROPOSED = 60,		/* SESSION */
	OUTCOME_DECLINED = 61,
	OUTCOME_MINUTED = 62,
	OUTCOME_RECORDED = 70,		/* CALL_RECORD */
	OUTCOME_CONFIRMED = 71,		/* the other side's word on it */
	OUTCOME_DISPUTED = 72,
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

enum notice_source {	/* of a LEAD: how reliable its source is */
	SOURCE_NONE = 0,
	SOURCE_A = 1,		/* no doubt about it */
	SOURCE_B = 2,		/* mostly reliable */
	SOURCE_C = 3,		/* mostly not */
	SOURCE_X = 4,		/* cannot be judged */
};

enum notice_session {	/* what a SESSION is about */
	SESSION_NONE = 0,
	SESSION_DIALOGUE = 1,	/* the twice-yearly one */
	SESSION_SEMINAR = 2,
	SESSION_TRAINING = 3,
	SESSION_VISIT = 4,
	SESSION_EXERCISE = 5,
};

/* A code and its word ("status_query", "no_change", "third_party"); a list
 * ends with a NULL word. */
struct notice_word {
	int code;
	const char *word;
};
extern const struct notice_word notice_words_type[];
extern const struct notice_word notice_words_outcome[];
extern const struct notice_word notice_words_kind[];
extern const struct notice_word notice_words_ground[];
extern const struct notice_word notice_words_source[];
extern const struct notice_word notice_words_session[];

/* notice_words_name(list, code): NULL for a number outside the list. */
const char *
notice_words_name(const struct notice_word *list, int code);
/* notice_words_find(list, word): its code, or -1. */
int
notice_words_find(const struct notice_word *list, const char *word);

/* The two that everybody asks for. */
const char *
notice_type_name(enum notice_type type);
const char *
notice_outcome_name(enum notice_outcome outcome);
int
notice_type_find(const char *word);
int
notice_outcome_find(const char *word);

#endif
