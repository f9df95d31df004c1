#include <assert.h>
#include <string.h>

#include "audit/findings.h"
#include "base/text.h"

#define ASK_AGAIN \
	N_("Ask the side that gave you this file to export it again, and the " \
	   "other side for its own export.")
#define DO_NOT_RELY \
	N_("Do not rely on this file; keep it, it shows what was attempted, " \
	   "and ask both sides for their exports.")
#define ASK_OTHER \
	N_("Ask the other side for its export: either side can supply what " \
	   "one withholds.")
#define NOTHING N_("Nothing to do.")

static const struct findings_info table[] = {
	{ FINDINGS_BUNDLE_DAMAGED, "bundle-damaged", FINDINGS_BAD,
	    N_("The file is cut short or damaged."), ASK_AGAIN },
	{ FINDINGS_BUNDLE_FORM, "bundle-form", FINDINGS_BAD,
	    N_("The file holds something that is not in the evidence format, "
	       "or not in its one canonical form."),
	    ASK_AGAIN },
	{ FINDINGS_BUNDLE_EMPTY, "bundle-empty", FINDINGS_GAP,
	    N_("The file holds no message at all."), ASK_AGAIN },

	{ FINDINGS_CHARTER_UNPINNED, "charter-unpinned", FINDINGS_GAP,
	    N_("Nothing from outside the file vouches for this charter, so "
	       "the agencies in it could be invented."),
	    N_("Run again with --charter and the id, the words or the text "
	       "you have from the agencies themselves.") },
	{ FINDINGS_CHARTER_MISMATCH, "charter-mismatch", FINDINGS_MISMATCH,
	    N_("The file belongs to another charter than the one you named."),
	    N_("Compare the words with both agencies; do not rely on this "
	       "file until they agree.") },
	{ FINDINGS_CHARTER_FORM, "charter-form", FINDINGS_BAD,
	    N_("A charter's text breaks its grammar."), DO_NOT_RELY },
	{ FINDINGS_CHARTER_SIGNATURE, "charter-signature", FINDINGS_BAD,
	    N_("A charter is not signed by both roots it names."),
	    DO_NOT_RELY },
	{ FINDINGS_CHARTER_CHAIN, "charter-chain", FINDINGS_BAD,
	    N_("A charter does not belong to this pair, or renews none that "
	       "is here."),
	    DO_NOT_RELY },
	{ FINDINGS_CHARTER_MISSING, "charter-missing", FINDINGS_GAP,
	    N_("Messages name a charter number that is not here."),
	    ASK_OTHER },

	{ FINDINGS_STATEMENT_FORM, "statement-form", FINDINGS_BAD,
	    N_("A statement about keys does not parse."), DO_NOT_RELY },
	{ FINDINGS_STATEMENT_SIGNATURE, "statement-signature", FINDINGS_BAD,
	    N_("A statement about keys is not signed by the key it names."),
	    DO_NOT_RELY },
	{ FINDINGS_STATEMENT_SIGNER, "statement-signer", FINDINGS_BAD,
	    N_("A statement about keys comes from somebody who may not make "
	       "it."),
	    DO_NOT_RELY },
	{ FINDINGS_STATEMENT_REVOKED, "statement-revoked", FINDINGS_BAD,
	    N_("A statement was signed by a key after its revocation."),
	    DO_NOT_RELY },
	{ FINDINGS_STATEMENT_DISPUTED, "statement-disputed", FINDINGS_GAP,
	    N_("A statement was signed by a key that was later revoked for "
	       "that time: its agency says it may not be its own."),
	    N_("Ask that agency whether it stands by it.") },
	{ FINDINGS_STATEMENT_UNLOGGED, "statement-unlogged", FINDINGS_NOTE,
	    N_("A statement about keys comes without a proof that a log "
	       "holds it; its signature stands by itself."),
	    NOTHING },
	{ FINDINGS_KEYS_SEQUENCE, "keys-sequence", FINDINGS_GAP,
	    N_("A key statement's predecessor is missing, so it cannot be "
	       "placed."),
	    ASK_OTHER },
	{ FINDINGS_KEY_MISSING, "key-missing", FINDINGS_GAP,
	    N_("Something is signed by a key no statement here names, so it "
	       "could not be judged."),
	    ASK_OTHER },
	{ FINDINGS_ROOT_EQUIVOCATION, "root-equivocation", FINDINGS_BAD,
	    N_("A root signed two different key statements of one number."),
	    N_("Ask that agency at once whether its root key is lost; both "
	       "statements are proof.") },
	{ FINDINGS_REVOCATION_UNLOGGED, "revocation-unlogged", FINDINGS_GAP,
	    N_("A revocation comes without its place in the log, so what the "
	       "key signed may count for more than it should."),
	    ASK_OTHER },

	{ FINDINGS_CHECKPOINT_FORM, "checkpoint-form", FINDINGS_BAD,
	    N_("A log's checkpoint does not parse, or stands under another "
	       "log's name."),
	    DO_NOT_RELY },
	{ FINDINGS_CHECKPOINT_SIGNATURE, "checkpoint-signature", FINDINGS_BAD,
	    N_("A checkpoint is not signed by its log, or a witness's line "
	       "in it is wrong."),
	    DO_NOT_RELY },
	{ FINDINGS_CHECKPOINT_FOREIGN, "checkpoint-foreign", FINDINGS_GAP,
	    N_("A checkpoint is of a log that no relay of the charter has "
	       "named here; its proofs were not used."),
	    ASK_OTHER },
	{ FINDINGS_PROOF_WRONG, "proof-wrong", FINDINGS_BAD,
	    N_("A proof does not lead to its checkpoint."), DO_NOT_RELY },
	{ FINDINGS_PROOF_STRAY, "proof-stray", FINDINGS_GAP,
	    N_("A proof stands for something that is not here: it was left "
	       "out or changed."),
	    ASK_OTHER },
	{ FINDINGS_LOG_SPLIT, "log-split", FINDINGS_BAD,
	    N_("The relay showed two different logs: two signed checkpoints "
	       "of equal size, two that do not grow from each other, or "
	       "two entries at one place."),
	    N_("Keep this file: it is portable proof against the relay. "
	       "Tell both agencies and stop using that relay.") },
	{ FINDINGS_LOG_GAP, "log-gap", FINDINGS_NOTE,
	    N_("A relay began a new log that vouches for less of the one "
	       "before than is shown here: it lost the end of that log."),
	    N_("Nothing here depends on it: what stood there is proved by "
	       "this file. Ask the relay's operator what was lost.") },
	{ FINDINGS_PRIOR_MISSING, "prior-missing", FINDINGS_GAP,
	    N_("A relay's later log is shown without its word about the log "
	       "before."),
	    ASK_AGAIN },
	{ FINDINGS_PRIOR_CONTRADICTS, "prior-contradicts", FINDINGS_BAD,
	    N_("What a relay's new log says of the one before is not what "
	       "that log signed, or does not stand where it must."),
	    N_("Keep this file: it speaks against the relay. Tell both "
	       "agencies and stop using that relay.") },
	{ FINDINGS_SEEN_CONTRADICTS, "seen-contradicts", FINDINGS_BAD,
	    N_("A sender signed that it saw another log than the one the "
	       "relay signed here."),
	    N_("Ask both agencies for the checkpoints they hold: either the "
	       "relay showed two logs or the sender signed a false one.") },
	{ FINDINGS_JOIN_WRONG, "join-wrong", FINDINGS_BAD,
	    N_("A proof that one checkpoint grew from another does not "
	       "lead from the one to the other."),
	    DO_NOT_RELY },
	{ FINDINGS_JOIN_STRAY, "join-stray", FINDINGS_GAP,
	    N_("A proof joins a checkpoint that is not here: it was left "
	       "out or changed."),
	    ASK_OTHER },
	{ FINDINGS_COSIGNATURE_WRONG, "cosignature-wrong", FINDINGS_BAD,
	    N_("A line bears a witness's name and key and is not its "
	       "signature, or tells a time that no date can."),
	    DO_NOT_RELY },
	{ FINDINGS_COSIGNATURE_FOREIGN, "cosignature-foreign", FINDINGS_NOTE,
	    N_("A checkpoint bears the line of somebody whom no charter "
	       "here names as a witness."),
	    N_("It counts for nothing here; nothing is to be done.") },
	{ FINDINGS_TIME_PENDING, "time-pending", FINDINGS_NOTE,
	    N_("The charter names witnesses, and for these messages the "
	       "quorum has not cosigned here yet: nothing says by when they "
	       "were in the log."),
	    N_("Ask for a later export of either side.") },
	{ FINDINGS_TIME_CONTRADICTS, "time-contradicts", FINDINGS_GAP,
	    N_("What witnesses say of this time cannot both be: a witness's "
	       "clock is wrong."),
	    N_("Take the time as in doubt, and ask the witnesses about "
	       "their clocks.") },

	{ FINDINGS_RUN_FORM, "run-form", FINDINGS_BAD,
	    N_("A run of messages does not parse, or its headers disagree "
	       "among themselves."),
	    DO_NOT_RELY },
	{ FINDINGS_RUN_CHANNEL, "run-channel", FINDINGS_BAD,
	    N_("A run belongs to another channel or another pair."),
	    DO_NOT_RELY },
	{ FINDINGS_RUN_SIGNER, "run-signer", FINDINGS_BAD,
	    N_("A run is signed by a key of somebody else than the channel's "
	       "sender."),
	    DO_NOT_RELY },
	{ FINDINGS_RUN_SIGNATURE, "run-signature", FINDINGS_BAD,
	    N_("A run's signature does not verify: its bytes were changed or "
	       "never signed."),
	    DO_NOT_RELY },
	{ FINDINGS_RUN_REVOKED, "run-revoked", FINDINGS_BAD,
	    N_("A run was signed by a key after its revocation."),
	    DO_NOT_RELY },
	{ FINDINGS_RUN_DISPUTED, "run-disputed", FINDINGS_GAP,
	    N_("A run was signed by a key that was later revoked for that "
	       "time: its agency says it may not be its own."),
	    N_("Ask that agency which of these messages it stands by.") },
	{ FINDINGS_RUN_UNLOGGED, "run-unlogged", FINDINGS_GAP,
	    N_("A run comes without a proof that a log of the charter holds "
	       "it."),
	    ASK_OTHER },
	{ FINDINGS_RUN_OVERLAP, "run-overlap", FINDINGS_NOTE,
	    N_("The same messages were signed twice, cut into other runs."),
	    NOTHING },

	{ FINDINGS_SEQ_GAP, "seq-gap", FINDINGS_GAP,
	    N_("Messages are missing inside a channel."), ASK_OTHER },
	{ FINDINGS_TAIL_MISSING, "tail-missing", FINDINGS_GAP,
	    N_("Something here refers to later messages that are not here: "
	       "the end was left out."),
	    ASK_OTHER },
	{ FINDINGS_DECLARED_LOST, "declared-lost", FINDINGS_NOTE,
	    N_("Messages are declared lost by a root-signed recovery."),
	    NOTHING },
	{ FINDINGS_CHAIN_BROKEN, "chain-broken", FINDINGS_BAD,
	    N_("A signed message does not follow the one before it."),
	    DO_NOT_RELY },
	{ FINDINGS_FORK, "fork", FINDINGS_BAD,
	    N_("A sender signed two different messages under one number."),
	    N_("Both are proof against that sender; ask it for a recovery "
	       "statement.") },
	{ FINDINGS_FORK_RECOVERED, "fork-recovered", FINDINGS_GAP,
	    N_("A sender signed two different messages under one number, and "
	       "its root later named the branch that counts; the other "
	       "stays said."),
	    N_("Read the recovery statement's branch as the one that "
	       "counts.") },
	{ FINDINGS_INCARNATION, "incarnation", FINDINGS_BAD,
	    N_("A sender's start count fell, or two copies of one sender "
	       "were running."),
	    N_("Ask that agency whether its machine was restored or "
	       "cloned.") },
	{ FINDINGS_KEY_ORDER, "key-order", FINDINGS_BAD,
	    N_("A message bears an older key than one before it."),
	    DO_NOT_RELY },
	{ FINDINGS_EPOCH, "epoch", FINDINGS_BAD,
	    N_("The key material a message names goes back or breaks its "
	       "epoch."),
	    DO_NOT_RELY },
	{ FINDINGS_ACK_FELL, "ack-fell", FINDINGS_BAD,
	    N_("A sender took back what it had signed as settled."),
	    N_("Ask that agency whether its machine was restored.") },
	{ FINDINGS_ACK_CONTRADICTS, "ack-contradicts", FINDINGS_BAD,
	    N_("A side signed that it settled another message than the one "
	       "its partner signed under that number."),
	    N_("Ask both sides for their exports: one of them holds a fork.") },

	{ FINDINGS_RECEIPT_FORM, "receipt-form", FINDINGS_BAD,
	    N_("A receipt does not parse."), DO_NOT_RELY },
	{ FINDINGS_RECEIPT_CHANNEL, "receipt-channel", FINDINGS_BAD,
	    N_("A receipt is about a channel of another pair."),
	    DO_NOT_RELY },
	{ FINDINGS_RECEIPT_SIGNER, "receipt-signer", FINDINGS_BAD,
	    N_("A receipt is signed by somebody who may not give it."),
	    DO_NOT_RELY },
	{ FINDINGS_RECEIPT_SIGNATURE, "receipt-signature", FINDINGS_BAD,
	    N_("A receipt's signature does not verify."), DO_NOT_RELY },
	{ FINDINGS_RECEIPT_REVOKED, "receipt-revoked", FINDINGS_BAD,
	    N_("A receipt was signed by a key after its revocation."),
	    DO_NOT_RELY },
	{ FINDINGS_RECEIPT_DISPUTED, "receipt-disputed", FINDINGS_GAP,
	    N_("A receipt was signed by a key that was later revoked for "
	       "that time, or it stands in no log and the key is revoked: it "
	       "may not be its owner's own."),
	    N_("Ask whoever it names as its signer whether it stands by "
	       "it.") },
	{ FINDINGS_RECEIPT_CONTRADICTS, "receipt-contradicts", FINDINGS_BAD,
	    N_("A receipt names another message than the one signed under "
	       "that number."),
	    N_("Ask both sides for their exports: one of them holds a fork.") },
	{ FINDINGS_RECEIPT_PLACE, "receipt-place", FINDINGS_BAD,
	    N_("A receipt names another place in the log than the one proved "
	       "for its message."),
	    DO_NOT_RELY },
	{ FINDINGS_RECEIPT_UNLOGGED, "receipt-unlogged", FINDINGS_GAP,
	    N_("A receipt comes without a proof that a log holds it."),
	    ASK_OTHER },
	{ FINDINGS_RECEIPT_MISSING, "receipt-missing", FINDINGS_GAP,
	    N_("Nothing here shows that these messages arrived."),
	    ASK_OTHER },
	{ FINDINGS_UNDECRYPTABLE, "undecryptable", FINDINGS_NOTE,
	    N_("The receiver said it could not open these messages; who is "
	       "right about that is not provable."),
	    NOTHING },
	{ FINDINGS_EXPIRED, "expired", FINDINGS_NOTE,
	    N_("The relay kept these messages for their time and nobody took "
	       "them."),
	    NOTHING },

	{ FINDINGS_OPENING_FORM, "opening-form", FINDINGS_BAD,
	    N_("An opened message does not parse."), DO_NOT_RELY },
	{ FINDINGS_OPENING_WRONG, "opening-wrong", FINDINGS_BAD,
	    N_("An opened text is not the one that was signed."),
	    DO_NOT_RELY },
	{ FINDINGS_OPENING_STRAY, "opening-stray", FINDINGS_GAP,
	    N_("An opened text belongs to a message that is not here."),
	    ASK_OTHER },
	{ FINDINGS_OPENING_ELSEWHERE, "opening-elsewhere", FINDINGS_BAD,
	    N_("An opened text was signed, but as another message than the "
	       "one it is shown under."),
	    DO_NOT_RELY },
	{ FINDINGS_OFFICER_SIGNATURE, "officer-signature", FINDINGS_BAD,
	    N_("An officer's signature inside an opened message is wrong."),
	    DO_NOT_RELY },
	{ FINDINGS_OFFICER_UNKNOWN, "officer-unknown", FINDINGS_GAP,
	    N_("An opened message is signed by an officer whose certificate "
	       "is not here."),
	    ASK_OTHER },
	{ FINDINGS_OFFICER_REVOKED, "officer-revoked", FINDINGS_GAP,
	    N_("An opened message is signed by an officer whose certificate "
	       "is revoked, and no log shows that it was sent before that."),
	    N_("Ask that agency whether the officer had signed before the "
	       "revocation.") },

	{ FINDINGS_OPEN_CASE_FORM, "open-case-form", FINDINGS_BAD,
	    N_("The path of an open case does not parse, or is not as long "
	       "as its place demands."),
	    DO_NOT_RELY },
	{ FINDINGS_OPEN_CASE_UNLINKED, "open-case-unlinked", FINDINGS_GAP,
	    N_("An open case is shown without the opened outline and link "
	       "of its heartbeat, so it could not be judged."),
	    ASK_AGAIN },
	{ FINDINGS_OPEN_CASE_RANGE, "open-case-range", FINDINGS_BAD,
	    N_("An open case is shown at a place that the heartbeat does not "
	       "have: it signs fewer open cases."),
	    DO_NOT_RELY },
	{ FINDINGS_OPEN_CASE_WRONG, "open-case-wrong", FINDINGS_BAD,
	    N_("The path of an open case does not lead to what the "
	       "heartbeat signed."),
	    DO_NOT_RELY },
	{ FINDINGS_OPEN_CASE_ELSEWHERE, "open-case-elsewhere", FINDINGS_BAD,
	    N_("An open case was signed, but by another heartbeat than the "
	       "one it is shown under."),
	    DO_NOT_RELY },
	{ FINDINGS_OPEN_CASE_ORDER, "open-case-order", FINDINGS_BAD,
	    N_("A heartbeat signs its open cases out of order, or one of "
	       "them twice."),
	    N_("The heartbeat speaks against its signer; ask that agency "
	       "for its export.") },
	{ FINDINGS_OPEN_CASE_CONTRADICTS, "open-case-contradicts",
	    FINDINGS_BAD,
	    N_("A heartbeat names as the newest message of an open case one "
	       "of another side or case, or above the heads it signs "
	       "itself."),
	    N_("The heartbeat speaks against its signer; ask that agency "
	       "for its export.") },

	{ FINDINGS_BODY_SHREDDED, "body-shredded", FINDINGS_NOTE,
	    N_("The exporter says, unsigned, that it has shredded the text "
	       "of this message; what was signed about it stands."),
	    N_("The text can only come from the other side; ask it for its "
	       "export.") },
	{ FINDINGS_CLAIM_CONTRADICTS, "claim-contradicts", FINDINGS_NOTE,
	    N_("What the exporter says, unsigned, of what it kept does not "
	       "fit what is here: the message is not here, or is opened "
	       "here."),
	    N_("Ask the exporter; nothing signed depends on it.") },
};

_Static_assert(sizeof(table) / sizeof(table[0]) == FINDINGS_COUNT - 1,
    "every finding has its row");

const struct findings_info *
findings_info(enum findings_code code)
{
	assert(code >= 1 && code < FINDINGS_COUNT);
	assert(table[code - 1].code == code);
	return (&table[code - 1]);
}

const struct findings_info *
findings_find(const char *name)
{
	size_t i;

	for (i = 0; i < FINDINGS_COUNT - 1; i++)
		if (strcmp(table[i].name, name) == 0)
			return (&table[i]);
	return (NULL);
}

const char *
findings_weight_name(enum findings_weight weight)
{
	static const char *const names[] = { "note", "gap", "bad",
		"mismatch" };

	return (names[weight]);
}
