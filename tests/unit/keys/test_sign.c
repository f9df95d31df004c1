/* sign: each key signs its own labels and nothing else. */
#include "helper.h"

#include "keys/pubkey.h"
#include "keys/sign.h"
#include "proto/label.h"

static const char *const labels[] = {
	LABEL_KEYS, LABEL_CHARTER_SIG, LABEL_RECOVERY, LABEL_RUN,
	LABEL_RECEIPT, LABEL_PREKEY, LABEL_PRIOR, LABEL_OFFICER, LABEL_EPOCH,
};

/* One column a label, in the order above. */
static const struct {
	enum sign_use use;
	const char *may;
} uses[] = {
	{ SIGN_ROOT, "yyy------" },
	{ SIGN_AGENT, "---yyy---" },
	{ SIGN_RELAY, "----y-y--" },
	{ SIGN_LOG, "---------" },
	{ SIGN_CUSTODIAN, "-------y-" },
	{ SIGN_OFFICER, "-------y-" },
	{ SIGN_WITNESS, "---------" },
};

static void
labels_by_use(void **state)
{
	uint8_t msg[64], sig[64], other[64];
	struct sign_key *key;
	size_t u, l, len;
	bool may;

	(void)state;
	for (u = 0; u < sizeof(uses) / sizeof(uses[0]); u++) {
		assert_int_equal(sign_new(&key, uses[u].use), ERR_OK);
		for (l = 0; l < sizeof(labels) / sizeof(labels[0]); l++) {
			may = uses[u].may[l] == 'y';
			len = strlen(labels[l]) + 1;
			memset(msg, 0x55, sizeof(msg));
			memcpy(msg, labels[l], len);
			memset(sig, 0, sizeof(sig));
			assert_int_equal(sign_labelled(key, labels[l], msg,
			    sizeof(msg), sig), may ? ERR_OK : ERR_KEY_FOREIGN);
			assert_int_equal(pubkey_verify(sign_public(key), msg,
			    sizeof(msg), sig), may ? ERR_OK : ERR_SIGNATURE);
			/* A message that does not open with the label. */
			msg[len - 1] = 'x';
			assert_int_equal(sign_labelled(key, labels[l], msg,
			    sizeof(msg), other), ERR_KEY_FOREIGN);
			assert_int_equal(sign_labelled(key, labels[l], msg,
			    len - 1, other), ERR_KEY_FOREIGN);
		}
		sign_free(&key);
		assert_null(key);
	}
}

static void
notes(void **state)
{
	static const char text[] = "relay/00112233\n5\nAAAA\n";
	uint8_t sig[64];
	static const char cosigned[] = "cosignature/v1\ntime 1\nx\n";
	struct sign_key *log, *root, *witness;

	(void)state;
	assert_int_equal(sign_new(&log, SIGN_LOG), ERR_OK);
	assert_int_equal(sign_new(&root, SIGN_ROOT), ERR_OK);
	assert_int_equal(sign_note(log, text, sizeof(text) - 1, sig), ERR_OK);
	assert_int_equal(pubkey_verify(sign_public(log), text,
	    sizeof(text) - 1, sig), ERR_OK);
	/* With the NUL it could be a labelled statement. */
	assert_int_equal(sign_note(log, text, sizeof(text), sig),
	    ERR_KEY_FOREIGN);
	assert_int_equal(sign_note(root, text, sizeof(text) - 1, sig),
	    ERR_KEY_FOREIGN);
	/* A witness signs that it saw a checkpoint, never one of its own. */
	assert_int_equal(sign_new(&witness, SIGN_WITNESS), ERR_OK);
	assert_int_equal(sign_note(witness, cosigned, sizeof(cosigned) - 1,
	    sig), ERR_OK);
	assert_int_equal(sign_note(witness, text, sizeof(text) - 1, sig),
	    ERR_KEY_FOREIGN);
	assert_int_equal(sign_note(log, cosigned, sizeof(cosigned) - 1, sig),
	    ERR_KEY_FOREIGN);
	sign_free(&witness);
	sign_free(&log);
	sign_free(&root);
}

/* RFC 8032 section 7.1, TEST 2: the seed gives the public key. */
static void
from_seed(void **state)
{
	uint8_t seed[32], want[32];
	struct sign_key *key;
	struct id kid;

	(void)state;
	unhex(seed, 32, "4ccd089b28ff96da9db6c346ec114e0f"
	    "5b8a319f35aba624da8cf6ed4fb8a6fb");
	unhex(want, 32, "3d4017c3e843895a92b70aa74d1b7ebc"
	    "9c982ccf2ec4968cc0cd55f12af4660c");
	assert_int_equal(sign_from_seed(&key, SIGN_ROOT, seed), ERR_OK);
	assert_memory_equal(sign_public(key), want, 32);
	assert_memory_equal(sign_seed(key), seed, 32);
	kid = pubkey_kid(want);
	assert_memory_equal(sign_kid(key)->b, kid.b, ID_BYTES);
	sign_free(&key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels_by_use),
		cmocka_unit_test(notes),
		cmocka_unit_test(from_seed),
	};

	return cmocka_run_group_tests(tests, helper_start, helper_stop);
}
