/*
 * permit: which officers a message needs, and whether those who signed may.
 *
 * Owns DIALOGUE.md's table of who may author and who may release which type,
 * as data, and the one reading of a charter's sign lines.  Checks no
 * signature and knows no certificate: who calls has looked those up and says
 * what came of it.  One rule for both agents and for an auditor.  Pure.
 */
#ifndef CASES_PERMIT_H
#define CASES_PERMIT_H

#include "base/err.h"
#include "proto/charter.h"
#include "proto/notice.h"

/* The words of OfficerInfo.roles; any other word permits nothing. */
enum permit_role {
	PERMIT_DESK,
	PERMIT_RELEASING,
	PERMIT_DUTY,		/* these three act for every desk of a side */
	PERMIT_LIAISON,
	PERMIT_PRINCIPAL,
	PERMIT_ROLES,
};

/* permit_role_name(role): "desk"; NULL past the end. */
const char *
permit_role_name(enum permit_role role);

struct permit_row {
	uint64_t types;		/* bit per enum notice_type */
	uint32_t author;	/* bit per permit_role */
	uint32_t releaser;
};
/* permit_row(i): the i-th row, NULL past the end; each type is in one. */
const struct permit_row *
permit_row(size_t i);

/*
 * permit_wanted(charter, type, urgency): how many must have signed before
 * the message goes out, 0 where the charter has no such line.
 * permit_owed(charter, type, urgency): how many in the end: the most that a
 * line asks at this or a lesser urgency.  What lies between is owed under
 * the clock COUNTERSIGN.  An urgency past the last one counts as U0.
 */
unsigned
permit_wanted(const struct charter *charter, enum notice_type type,
    uint32_t urgency);
unsigned
permit_owed(const struct charter *charter, enum notice_type type,
    uint32_t urgency);

/* One signature of field 3, with what its certificate says. */
struct permit_signer {
	struct id officer;
	uint32_t role;		/* OFFICER_AUTHOR, OFFICER_RELEASER */
	/* ERR_OK; ERR_NOTFOUND (no certificate known), ERR_KEY_FOREIGN
	 * (another agency's), ERR_KEY_EXPIRED, ERR_KEY_REVOKED,
	 * ERR_SIGNATURE.  Anything else permits nothing either. */
	enum err held;
	const char *desk;	/* both borrow; read only if held is ERR_OK */
	struct notice_texts roles;
};

struct permit_act {
	enum notice_type type;
	uint32_t urgency;
	const char *desk;	/* the case's on the sender's side; NULL: it
				 * names none, or it is not open to us */
	size_t n;
	const struct permit_signer *signer;
};

enum permit_why {
	PERMIT_YES,
	PERMIT_UNKNOWN,
	PERMIT_KEY,		/* foreign, expired, revoked */
	PERMIT_FORGED,
	PERMIT_NO_ROLE,
	PERMIT_OTHER_DESK,
	PERMIT_SAME_PERSON,
	PERMIT_NO_AUTHOR,
	PERMIT_NO_RELEASER,
	PERMIT_WHYS,
};
/* permit_why_name(why): DIALOGUE.md's code of it; NULL past the end. */
const char *
permit_why_name(enum permit_why why);

struct permit_answer {
	enum permit_why why;
	size_t signer;		/* whose, for UNKNOWN to SAME_PERSON */
	bool single;		/* permitted, and a second one is owed */
};

/*
 * permit_judge(charter, act):
 * Every signature that is there is judged, wanted or not: a false one is
 * worse than none.  Then what the charter wants must be there, the author
 * first.
 */
struct permit_answer
permit_judge(const struct charter *charter, const struct permit_act *act);

#endif
