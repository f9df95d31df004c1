#include "base/err.h"

#include <stdlib.h>
#include <string.h>

/* Name, exit code, text and next step of every error, in order of number. */
static const struct err_info table[] = {
	{ ERR_OK, "ok", 0, "It worked.", "Nothing to do." },

	{ ERR_FAIL, "fail", 1, "It failed for a reason given above.",
	    "Read the message before this one and the operator's log." },
	{ ERR_USAGE, "usage", 2, "An option or argument is wrong.",
	    "Run the same command with --help to see what it takes." },
	{ ERR_CONF, "conf", 2, "The configuration is wrong.",
	    "Correct the line named above and start again." },
	{ ERR_NOMEM, "nomem", 1, "There is not enough (locked) memory.",
	    "Raise the locked-memory limit (ulimit -l 8192) or free memory." },
	{ ERR_IO, "io", 1, "A file or socket operation failed.",
	    "Check that the path named above exists and may be used." },
	{ ERR_STORAGE, "storage", 74, "The disk or the store failed.",
	    "Check the disk and its free space, then start again." },
	{ ERR_NOTFOUND, "notfound", 5, "There is nothing by that name here.",
	    "List what there is, and check the name for a typing error." },
	{ ERR_EXISTS, "exists", 1, "It is there already.",
	    "Choose another name, or move what is there out of the way." },
	{ ERR_UNREACHABLE, "unreachable", 6, "The other side does not answer.",
	    "Check that it runs and that its address is right." },
	{ ERR_BUSY, "busy", 75, "There is no room for this right now.",
	    "Try again in a moment." },
	{ ERR_DISK_LOW, "disk_low", 75,
	    "The relay keeps its last disk space for receipts.",
	    "Ask the relay's operator to make room; mail waits here safely." },
	{ ERR_QUOTA, "quota", 75, "The quota of this key is used up.",
	    "Wait until it refills, or ask the relay's operator for more." },
	{ ERR_DRAINING, "draining", 75, "The relay is stopping.",
	    "Wait for it to come back; mail waits here safely." },
	{ ERR_NO_TERMINAL, "no_terminal", 2,
	    "A question would have to be asked, but there is no terminal.",
	    "Give the answer by the flag named above." },
	{ ERR_FORMAT_NEWER, "format_newer", 2,
	    "The file was written by a newer casewire.",
	    "Install the newer casewire, or restore a backup made before." },
	{ ERR_TIMEOUT, "timeout", 6, "Nothing came in time.",
	    "Check the connection to the relay, then try again." },
	{ ERR_LOCKED, "locked", 1, "Another process is using this folder.",
	    "Stop the other process, or wait until it has ended." },

	{ ERR_TRUNCATED, "truncated", 3, "It ends too early.",
	    "Get the whole object again from where it came from." },
	{ ERR_TRAILING, "trailing", 3, "There are bytes behind its end.",
	    "Get the object again; something was added to it." },
	{ ERR_TOO_BIG, "too_big", 3, "It is larger than the limit allows.",
	    "Send less at once, or split it." },
	{ ERR_MAGIC, "magic", 3, "This is not that kind of object.",
	    "Check that the right file was given." },
	{ ERR_VERSION, "version", 3, "This version is not spoken here.",
	    "Update the older side, then try again." },
	{ ERR_SUITE, "suite", 3,
	    "The cipher suite is unknown or below the charter's floor.",
	    "Update the older side, or renew the charter together." },
	{ ERR_RESERVED, "reserved", 3, "A field that must be zero is not.",
	    "Treat the sender's software as faulty and tell its operator." },
	{ ERR_BUCKET, "bucket", 3, "The length is none of the padded sizes.",
	    "Treat the sender's software as faulty and tell its operator." },
	{ ERR_PADDING, "padding", 3, "The padding is wrong.",
	    "Treat the sender's software as faulty and tell its operator." },
	{ ERR_FIELD_ORDER, "field_order", 3,
	    "The fields are not in order or the first is missing.",
	    "Treat the sender's software as faulty and tell its operator." },
	{ ERR_FIELD_COUNT, "field_count", 3,
	    "There are no fields or too many.",
	    "Treat the sender's software as faulty and tell its operator." },
	{ ERR_PATH_LENGTH, "path_length", 3,
	    "A proof is not as long as its position demands.",
	    "Get the proof again; if it stays wrong, tell the relay." },
	{ ERR_SYNTAX, "syntax", 3, "The text is malformed.",
	    "Correct it at the place named above." },
	{ ERR_MESSAGE, "message", 3, "The message cannot be read.",
	    "Treat the sender's software as faulty and tell its operator." },
	{ ERR_COUNT, "count", 3, "A list is empty or too long.",
	    "Give at least one entry and no more than the limit." },
	{ ERR_ENCODING, "encoding", 3, "It is not written in canonical form.",
	    "Make it again with casewire instead of editing it by hand." },

	{ ERR_SIGNATURE, "signature", 3, "The signature does not verify.",
	    "Do not use the object; ask its signer for the original." },
	{ ERR_DECRYPT, "decrypt", 3, "It cannot be decrypted with this key.",
	    "Do not use the object; have the sender seal it again." },
	{ ERR_COMMITMENT, "commitment", 3,
	    "The content is not what its sender committed to.",
	    "Keep it as evidence and tell the sender's operator." },
	{ ERR_POINT, "point", 3, "The public key is not a safe key.",
	    "Do not use the key; ask its owner for the right one." },
	{ ERR_KEY_LENGTH, "key_length", 3, "The key has the wrong length.",
	    "Check that the whole key was copied." },
	{ ERR_KEYFILE, "keyfile", 3, "The key file is damaged.",
	    "Restore it from its backup; do not repair it by hand." },
	{ ERR_PASSPHRASE, "passphrase", 3,
	    "The passphrase or recovery code is wrong.",
	    "Try again, or use the recovery code shown at init." },
	{ ERR_PREKEY_GONE, "prekey_gone", 3,
	    "The key for this message has been erased.",
	    "Wait; the sender's agent seals the message again by itself." },
	{ ERR_ROOT, "root", 3, "The recomputed root of the tree differs.",
	    "Get the data again; if it stays wrong, keep it as evidence." },
	{ ERR_PROOF, "proof", 3, "The proof does not lead to the root.",
	    "Get the proof again; if it stays wrong, keep it as evidence." },

	{ ERR_KID_UNKNOWN, "kid_unknown", 7, "The key is not known here.",
	    "Wait for the owner's key statement, or ask for it." },
	{ ERR_KEY_REVOKED, "key_revoked", 7, "The key has been revoked.",
	    "Use the owner's newer key; do not trust this signature." },
	{ ERR_KEY_EXPIRED, "key_expired", 7, "The signing key has expired.",
	    "Rotate it: casewire-keys rotate." },
	{ ERR_KEY_SEQ, "key_seq", 7, "A key statement is out of order.",
	    "Give the statements one after the other, from the oldest on." },
	{ ERR_KEY_FOREIGN, "key_foreign", 7,
	    "The key belongs to another agency or purpose.",
	    "Use the key that was made for this purpose." },
	{ ERR_ROOT_EQUIVOCATION, "root_equivocation", 7,
	    "One root signed two key statements with the same number.",
	    "Stop, and call the agency by a way outside this system." },
	{ ERR_SENDER, "sender", 7, "The signer may not send on this channel.",
	    "Check which side of the charter this agency is." },
	{ ERR_NOT_ADMITTED, "not_admitted", 7,
	    "The relay has not admitted this charter or key.",
	    "Give the charter and key statement to the relay's operator." },
	{ ERR_BLOCKED, "blocked", 7, "The relay's operator has blocked it.",
	    "Ask the relay's operator for the reason." },
	{ ERR_SUPERSEDED, "superseded", 7,
	    "Another session with the same key took over.",
	    "Find the other agent with this key and stop one of the two." },

	{ ERR_CHANNEL, "channel", 7, "It belongs to another channel.",
	    "Treat it as misdirected and tell the sender's operator." },
	{ ERR_GAP, "gap", 7, "A message before this one is missing.",
	    "Wait; it is fetched from the other relays of the charter." },
	{ ERR_PREV, "prev", 7, "It does not follow the message before it.",
	    "Keep both as evidence and tell the sender's operator." },
	{ ERR_FORK, "fork", 7,
	    "Two different messages were signed for one place.",
	    "Stop, keep both, and have the sender's root sign a recovery." },
	{ ERR_OVERLAP, "overlap", 7, "The same messages came in another cut.",
	    "Send the run exactly as it was first signed." },
	{ ERR_DUPLICATE, "duplicate", 7, "It was received before.",
	    "Nothing to do; the first answer stands." },
	{ ERR_INCARNATION, "incarnation", 7,
	    "The sender's start count fell or differs: perhaps a clone.",
	    "Make sure that only one agent runs with this book." },
	{ ERR_EPOCH, "epoch", 7, "The key epoch is not constant or rising.",
	    "Treat the sender's software as faulty and tell its operator." },
	{ ERR_SEQ, "seq", 7, "A sequence number is out of range.",
	    "Treat the sender's software as faulty and tell its operator." },
	{ ERR_CHARTER_NUMBER, "charter_number", 7,
	    "It names another charter than the one in force.",
	    "Install the same newest charter on both sides." },
	{ ERR_STOPPED, "stopped", 7,
	    "The channel is stopped after two conflicting messages.",
	    "Have the sender's root sign a recovery: casewire-keys recover." },

	{ ERR_STATE, "state", 7, "The case does not allow this step now.",
	    "Look at the case: casewire case show." },
	{ ERR_HEAD_MOVED, "head_moved", 7,
	    "Something new came into the case meanwhile.",
	    "Read what came in, then give the command again." },
	{ ERR_REQUIRED, "required", 7, "A required field is missing.",
	    "Fill in the field named above." },
	{ ERR_PERMIT, "permit", 7, "This role or desk may not do that.",
	    "Have somebody with the right role do it." },
	{ ERR_CROSSED, "crossed", 7,
	    "It crossed with a message of the other side that forbids it.",
	    "Read the other message; send this again if it still fits." },
	{ ERR_CODE, "code", 7, "The code is not in the list.",
	    "Use one of the codes named in the help." },
	{ ERR_CHARTER_ENDED, "charter_ended", 7, "The charter has ended.",
	    "Agree on a renewal: casewire-keys charter propose." },
	{ ERR_MISSING_CASE, "missing_case", 7,
	    "It names a case that is not known here.",
	    "Wait for the request, or ask the other side for the case id." },

	{ ERR_PAIRING, "pairing", 8, "The two sides do not hold the same charter.",
	    "Compare the words again by voice; if they differ, start over." },
	{ ERR_CHARTER, "charter", 8, "The charter text breaks its grammar.",
	    "Make it with casewire-keys charter propose; do not edit it." },

	{ ERR_ROLLBACK, "rollback", 9,
	    "The store is older than what was already signed.",
	    "Stop other copies; an agency then runs casewire recover --adopt, "
	    "a relay gets its newest store back." },
	{ ERR_CLONE, "clone", 9, "Two copies of one book are running.",
	    "Stop one of them, then run: casewire recover --adopt." },
	{ ERR_LOG_SPLIT, "log_split", 9,
	    "The relay has shown two different logs.",
	    "Stop using the relay and keep both checkpoints as evidence." },

	{ ERR_VERIFY, "verify", 3, "The evidence contradicts itself.",
	    "Do not rely on it; get the original bundle from its maker." },
	{ ERR_INCOMPLETE, "incomplete", 4,
	    "All that is there verifies, but not everything is there.",
	    "Ask for the missing parts listed above." },

	{ ERR_EXPIRED, "expired", 7,
	    "It was not delivered within the time agreed.",
	    "Find out why the other side is away, then send it again." },
};

#define TABLE_LEN (sizeof(table) / sizeof(table[0]))

static const struct err_info unknown = { ERR_FAIL, "unknown", 1,
	"The other side gave a reason that is not known here.",
	"Update this casewire: the other side is newer." };

const struct err_info *
err_info(enum err code)
{
	size_t i;

	for (i = 0; i < TABLE_LEN; i++)
		if (table[i].code == code)
			return &table[i];
	return &unknown;
}

const char *
err_name(enum err code)
{
	return err_info(code)->name;
}

int
err_exit(enum err code)
{
	return err_info(code)->exit;
}

const struct err_info *
err_find(const char *name_or_number)
{
	char *end;
	unsigned long n;
	size_t i;

	n = strtoul(name_or_number, &end, 10);
	if (*name_or_number < '0' || *name_or_number > '9' || *end != '\0')
		n = UINT32_MAX;
	for (i = 0; i < TABLE_LEN; i++)
		if (table[i].code == n ||
		    strcmp(table[i].name, name_or_number) == 0)
			return &table[i];
	return NULL;
}

enum err
err_wire(enum err code)
{
	if (code >= ERR_SIGNATURE && code <= ERR_PROOF)
		return ERR_SIGNATURE;
	switch (code) {
	case ERR_BUSY:
	case ERR_DISK_LOW:
	case ERR_QUOTA:
	case ERR_DRAINING:
	case ERR_NOTFOUND:
		/* Local, yet meant for the peer: it can act on them. */
		return code;
	default:
		break;
	}
	if (code >= ERR_FAIL && code <= ERR_LOCKED)
		return ERR_FAIL;
	return code;
}

const struct err_info *
err_at(unsigned i)
{
	return i < TABLE_LEN ? &table[i] : NULL;
}
