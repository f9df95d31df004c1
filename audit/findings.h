/*
 * findings: what an auditor can find, each under a stable code.
 *
 * Owns the one table of codes with their weight, meaning and next step, from
 * which `casewire-audit explain` and EVIDENCE.md speak.  Names are in other
 * people's files and contracts: never rename, only add.
 */
#ifndef AUDIT_FINDINGS_H
#define AUDIT_FINDINGS_H

#include "base/err.h"

enum findings_weight {
	FINDINGS_NOTE,		/* said, held against nothing */
	FINDINGS_GAP,		/* something is missing: incomplete */
	FINDINGS_BAD,		/* forged, damaged or contradictory: failed */
	FINDINGS_MISMATCH,	/* another charter than the one named */
};

enum findings_code {
	FINDINGS_BUNDLE_DAMAGED = 1,
	FINDINGS_BUNDLE_FORM,
	FINDINGS_BUNDLE_EMPTY,

	FINDINGS_CHARTER_UNPINNED,
	FINDINGS_CHARTER_MISMATCH,
	FINDINGS_CHARTER_FORM,
	FINDINGS_CHARTER_SIGNATURE,
	FINDINGS_CHARTER_CHAIN,
	FINDINGS_CHARTER_MISSING,

	FINDINGS_STATEMENT_FORM,
	FINDINGS_STATEMENT_SIGNATURE,
	FINDINGS_STATEMENT_SIGNER,
	FINDINGS_STATEMENT_REVOKED,
	FINDINGS_STATEMENT_DISPUTED,
	FINDINGS_STATEMENT_UNLOGGED,
	FINDINGS_KEYS_SEQUENCE,
	FINDINGS_KEY_MISSING,
	FINDINGS_ROOT_EQUIVOCATION,
	FINDINGS_REVOCATION_UNLOGGED,

	FINDINGS_CHECKPOINT_FORM,
	FINDINGS_CHECKPOINT_SIGNATURE,
	FINDINGS_CHECKPOINT_FOREIGN,
	FINDINGS_PROOF_WRONG,
	FINDINGS_PROOF_STRAY,
	FINDINGS_LOG_SPLIT,
	FINDINGS_SEEN_CONTRADICTS,

	FINDINGS_RUN_FORM,
	FINDINGS_RUN_CHANNEL,
	FINDINGS_RUN_SIGNER,
	FINDINGS_RUN_SIGNATURE,
	FINDINGS_RUN_REVOKED,
	FINDINGS_RUN_DISPUTED,
	FINDINGS_RUN_UNLOGGED,
	FINDINGS_RUN_OVERLAP,

	FINDINGS_SEQ_GAP,
	FINDINGS_TAIL_MISSING,
	FINDINGS_DECLARED_LOST,
	FINDINGS_CHAIN_BROKEN,
	FINDINGS_FORK,
	FINDINGS_FORK_RECOVERED,
	FINDINGS_INCARNATION,
	FINDINGS_KEY_ORDER,
	FINDINGS_EPOCH,
	FINDINGS_ACK_FELL,
	FINDINGS_ACK_CONTRADICTS,

	FINDINGS_RECEIPT_FORM,
	FINDINGS_RECEIPT_CHANNEL,
	FINDINGS_RECEIPT_SIGNER,
	FINDINGS_RECEIPT_SIGNATURE,
	FINDINGS_RECEIPT_REVOKED,
	FINDINGS_RECEIPT_DISPUTED,
	FINDINGS_RECEIPT_CONTRADICTS,
	FINDINGS_RECEIPT_PLACE,
	FINDINGS_RECEIPT_UNLOGGED,
	FINDINGS_RECEIPT_MISSING,
	FINDINGS_UNDECRYPTABLE,
	FINDINGS_EXPIRED,

	FINDINGS_OPENING_FORM,
	FINDINGS_OPENING_WRONG,
	FINDINGS_OPENING_STRAY,
	FINDINGS_OPENING_ELSEWHERE,
	FINDINGS_OFFICER_SIGNATURE,
	FINDINGS_OFFICER_UNKNOWN,
	FINDINGS_OFFICER_REVOKED,

	FINDINGS_COUNT
};

struct findings_info {
	enum findings_code code;
	const char *name;	/* "seq-gap": stable, never translated */
	enum findings_weight weight;
	const char *text;	/* one English sentence, msgid of po/ */
	const char *next;	/* what to do now, one sentence, msgid */
};

/* findings_info(code): never NULL for a code above. */
const struct findings_info *
findings_info(enum findings_code code);
/* findings_find(name): the row so named, or NULL. */
const struct findings_info *
findings_find(const char *name);
/* findings_weight_name(weight): "note", "gap", "bad", "mismatch". */
const char *
findings_weight_name(enum findings_weight weight);

#endif
