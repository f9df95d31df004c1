/* charter sign, charter words, charter check. */
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/file.h"
#include "keys/cmd.h"
#include "keys/pubkey.h"
#include "keys/sign.h"
#include "keys/stating.h"
#include "keys/tool.h"
#include "keys/words.h"
#include "proto/label.h"

/* "CHARTER.a.sig": beside the charter, by the signer's letter. */
static char *
sig_path(const char *charter, int party)
{
	struct buf path = buf_init(8192);
	char *copy;

	buf_fmt(&path, "%s.%c.sig", charter, 'a' + party);
	copy = tool_copy(buf_text(&path));
	buf_free(&path);
	return copy;
}

/* The letter of a root in the charter: 0, 1, or -1. */
static int
party_of(const struct charter *c, const uint8_t root[KEY_BYTES])
{
	int i;

	for (i = 0; i < 2; i++)
		if (memcmp(c->party[i].root, root, KEY_BYTES) == 0)
			return i;
	return -1;
}

/* Held against the charter's words when the signer gave what was heard. */
static enum err
compare_words(const struct hash *id, const char *heard)
{
	uint16_t want[CHARTER_WORDS], got[CHARTER_WORDS];
	enum err err;

	err = words_parse(got, CHARTER_WORDS, heard);
	if (err != ERR_OK) {
		diag_error("keys", "wanted %d words of the list",
		    CHARTER_WORDS);
		return err;
	}
	err = words_of_charter(want, id);
	if (err == ERR_OK && memcmp(want, got, sizeof(want)) != 0)
		err = ERR_PAIRING;
	return err;
}

static enum err
sign_charter(struct cli *cli, const struct tool_charter *tc,
    const struct keyfile *root, int *party)
{
	const struct sign_key *key = keyfile_signer(root, KEYFILE_R);
	uint8_t tbs[CHARTER_TBS_BYTES], sig[SIG_BYTES];
	char *path;
	enum err err;

	*party = party_of(&tc->charter, sign_public(key));
	if (*party < 0) {
		diag_error("keys", "this root is no party of the charter");
		return ERR_KEY_FOREIGN;
	}
	if ((uint64_t)tool_now() > tc->charter.until_at) {
		diag_error("keys", "this charter is over already");
		return ERR_CHARTER_ENDED;
	}
	charter_tbs(tbs, &tc->id);
	err = sign_labelled(key, LABEL_CHARTER_SIG, tbs, sizeof(tbs), sig);
	if (err != ERR_OK)
		return err;
	path = sig_path(cli_arg(cli, 0), *party);
	err = file_replace(path, sig, sizeof(sig), 0644);
	free(path);
	return err;
}

static int
report_signed(struct cli *cli, const struct tool_charter *tc, int party)
{
	struct json *json = json_new_obj();
	struct buf next = buf_init(16384);
	char *path = sig_path(cli_arg(cli, 0), party);
	int rc;

	json_put_str(json, "signature", path);
	json_put_hex(json, "charter", tc->id.b, HASH_BYTES);
	json_put_str(json, "party", party == 0 ? "a" : "b");
	json_put_str(json, "name", tc->charter.party[party].name);
	buf_fmt(&next, "Next: send %s to the other side; over there, once the "
	    "words agreed:\n    casewire-keys charter sign %s --root "
	    "keys/root.key\nWith both signatures beside it:\n    casewire-keys "
	    "charter check %s", path, cli_arg(cli, 0), cli_arg(cli, 0));
	rc = tool_emit(cli, &json, buf_text(&next));
	buf_free(&next);
	free(path);
	return rc;
}

int
cmd_charter_sign(struct cli *cli)
{
	struct tool_charter *tc = calloc(1, sizeof(*tc));
	struct tool_pass pass = { NULL, NULL };
	struct keyfile *root = NULL;
	char *path = stating_root(cli, "keys");
	enum err err = tc != NULL ? ERR_OK : ERR_NOMEM;
	int party, rc;

	if (err == ERR_OK)
		err = tool_charter_load(tc, cli_arg(cli, 0));
	if (err == ERR_OK && cli_has(cli, "words"))
		err = compare_words(&tc->id, cli_opt(cli, "words"));
	if (err == ERR_OK)
		err = tool_pass_read(cli, &pass, TOOL_HELD);
	if (err == ERR_OK)
		err = tool_load(&root, path, pass.held, KEYFILE_ROOT);
	if (err == ERR_OK)
		err = sign_charter(cli, tc, root, &party);
	rc = err == ERR_OK ? report_signed(cli, tc, party) :
	    cli_fail(cli, err, "%s was not signed", cli_arg(cli, 0));
	keyfile_free(&root);
	tool_pass_free(&pass);
	if (tc != NULL)
		tool_charter_free(tc);
	free(tc);
	free(path);
	return rc;
}

static const struct {
	const char *name;
	enum words_tongue tongue;
} tongues[] = {
	{ "en", WORDS_EN }, { "zh", WORDS_ZH }, { "digits", WORDS_DIGITS },
};

/* The words in each tongue, or the one asked for. */
static enum err
put_words(struct cli *cli, struct json *json, const struct hash *id)
{
	const char *only = cli_opt(cli, "language");
	uint16_t index[CHARTER_WORDS];
	struct buf text;
	enum err err;
	size_t i, shown = 0;

	err = words_of_charter(index, id);
	for (i = 0; i < 3 && err == ERR_OK; i++) {
		if (only != NULL && strcmp(only, tongues[i].name) != 0)
			continue;
		text = buf_init(1024);
		words_put(&text, index, CHARTER_WORDS, tongues[i].tongue);
		json_put_str(json, tongues[i].name, buf_text(&text));
		buf_free(&text);
		shown++;
	}
	if (err == ERR_OK && shown == 0) {
		diag_error("keys", "--language takes en, zh or digits");
		return ERR_USAGE;
	}
	return err;
}

/* The code on stderr, so that stdout stays data. */
static void
show_qr(const struct hash *id)
{
	struct buf uri = buf_init(256), code = buf_init(1 << 16);

	pubkey_charter_uri(&uri, id);
	if (pubkey_qr(&code, buf_text(&uri)) == ERR_OK)
		cli_say("%s", buf_text(&code));
	buf_free(&uri);
	buf_free(&code);
}

int
cmd_charter_words(struct cli *cli)
{
	struct tool_charter *tc = calloc(1, sizeof(*tc));
	struct json *json = json_new_obj();
	enum err err = tc != NULL ? ERR_OK : ERR_NOMEM;
	int rc;

	if (err == ERR_OK)
		err = tool_charter_load(tc, cli_arg(cli, 0));
	if (err == ERR_OK && cli_has(cli, "compare"))
		err = compare_words(&tc->id, cli_opt(cli, "compare"));
	if (err == ERR_OK) {
		json_put_hex(json, "charter", tc->id.b, HASH_BYTES);
		err = put_words(cli, json, &tc->id);
	}
	if (err == ERR_OK && cli_has(cli, "compare"))
		json_put_bool(json, "equal", true);
	if (err == ERR_OK) {
		if (cli_has(cli, "qr"))
			show_qr(&tc->id);
		rc = tool_emit(cli, &json, cli_has(cli, "compare") ? "Equal. "
		    "Next: casewire-keys charter sign CHARTER --root "
		    "keys/root.key" : "One side reads the first six aloud, "
		    "the other side the last six; any difference: stop.");
	} else {
		rc = cli_fail(cli, err, "%s", cli_arg(cli, 0));
	}
	json_free(&json);
	if (tc != NULL)
		tool_charter_free(tc);
	free(tc);
	return rc;
}

/* One side's signature: ERR_INCOMPLETE if missing, ERR_PAIRING if bad. */
static enum err
check_sig(const char *charter, const struct tool_charter *tc, int party)
{
	struct buf sig = buf_init(SIG_BYTES);
	char *path = sig_path(charter, party);
	uint8_t tbs[CHARTER_TBS_BYTES];
	enum err err;

	if (!file_exists(path)) {
		err = ERR_INCOMPLETE;
		diag_error("keys", "%s: not there yet", path);
		goto out;
	}
	err = file_load(path, SIG_BYTES, &sig);
	charter_tbs(tbs, &tc->id);
	if (err == ERR_OK && (sig.len != SIG_BYTES ||
	    pubkey_verify(tc->charter.party[party].root, tbs, sizeof(tbs),
	    sig.p) != ERR_OK)) {
		err = ERR_PAIRING;
		diag_error("keys", "%s: no signature of %s's root under this "
		    "text", path, tc->charter.party[party].name);
	}
out:
	buf_free(&sig);
	free(path);
	return err;
}

/* Is this key statement a party's or a relay's of the charter? */
static enum err
check_keys(const struct tool_charter *tc, const char *path)
{
	const struct charter *c = &tc->charter;
	struct tool_statement ts;
	enum err err, best = ERR_KEY_FOREIGN;
	unsigned i;

	err = tool_statement_load(&ts, path);
	if (err != ERR_OK)
		return err;
	for (i = 0; i < 2 + c->relay_count && best == ERR_KEY_FOREIGN; i++)
		best = tool_statement_verify(&ts, i < 2 ? c->party[i].root :
		    c->relay[i - 2].root);
	if (best == ERR_OK && (uint64_t)tool_now() > ts.keys.not_after)
		best = ERR_KEY_EXPIRED;
	if (best != ERR_OK)
		diag_error("keys", "%s: %s", path, err_info(best)->text);
	tool_statement_free(&ts);
	return best;
}

static enum err
check_renewal(const struct tool_charter *tc, const char *path)
{
	struct tool_charter *old = calloc(1, sizeof(*old));
	enum err err;

	if (old == NULL)
		return ERR_NOMEM;
	err = tool_charter_load(old, path);
	if (err == ERR_OK) {
		err = charter_renews(&tc->charter, &old->charter, &old->id);
		if (err != ERR_OK)
			diag_error("keys", "does not follow %s", path);
		tool_charter_free(old);
	}
	free(old);
	return err;
}

static enum err
check_all(struct cli *cli, const struct tool_charter *tc)
{
	const char *path;
	enum err a, b, err = ERR_OK;
	size_t i;

	if (cli_has(cli, "renews"))
		err = check_renewal(tc, cli_opt(cli, "renews"));
	for (i = 0; err == ERR_OK &&
	    (path = cli_opt_nth(cli, "keys", i)) != NULL; i++)
		err = check_keys(tc, path);
	if (err != ERR_OK)
		return err;
	a = check_sig(cli_arg(cli, 0), tc, 0);
	b = check_sig(cli_arg(cli, 0), tc, 1);
	if (a != ERR_OK && a != ERR_INCOMPLETE)
		return a;
	return b != ERR_OK ? b : a;
}

int
cmd_charter_check(struct cli *cli)
{
	struct tool_charter *tc = calloc(1, sizeof(*tc));
	struct json *json;
	enum err err = tc != NULL ? ERR_OK : ERR_NOMEM;
	int rc;

	if (err == ERR_OK)
		err = tool_charter_load(tc, cli_arg(cli, 0));
	if (err == ERR_OK)
		err = check_all(cli, tc);
	if (err == ERR_OK) {
		json = json_new_obj();
		json_put_hex(json, "charter", tc->id.b, HASH_BYTES);
		json_put_int(json, "number", tc->charter.number);
		json_put_str(json, "a", tc->charter.party[0].name);
		json_put_str(json, "b", tc->charter.party[1].name);
		json_put_bool(json, "signed", true);
		json_put_bool(json, "ended",
		    (uint64_t)tool_now() > tc->charter.until_at);
		rc = tool_emit(cli, &json, "Next: lay it into a folder DIR as "
		    "charter, charter.a.sig and charter.b.sig. The relay's "
		    "operator:\n    casewire-relay admit DIR --keys "
		    "A/keys.1 --keys B/keys.1\nEach side, with the key "
		    "statements of the peer and of each relay:\n    "
		    "casewire charter install DIR --keys THEIRS/keys.1 "
		    "--keys RELAY/keys.1");
	} else {
		rc = cli_fail(cli, err, "%s", cli_arg(cli, 0));
	}
	if (tc != NULL)
		tool_charter_free(tc);
	free(tc);
	return rc;
}
