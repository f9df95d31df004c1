/* passphrase, recover passphrase, recover channel. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/file.h"
#include "base/secret.h"
#include "keys/cmd.h"
#include "keys/passphrase.h"
#include "keys/pubkey.h"
#include "keys/sign.h"
#include "keys/stating.h"
#include "keys/tool.h"
#include "keys/words.h"
#include "proto/label.h"

/* The new passphrase, from its own two options. */
static enum err
new_passphrase(struct cli *cli, struct secret **out)
{
	struct passphrase_from from = { .fd = -1, .twice = true,
		.file = cli_opt(cli, "new-passphrase-file"),
		.prompt = "New passphrase" };
	int64_t fd = -1;
	enum err err = ERR_OK;

	*out = NULL;
	if (cli_has(cli, "new-passphrase-fd"))
		err = cli_opt_int(cli, "new-passphrase-fd", -1, 0, 1 << 20,
		    &fd);
	from.fd = (int)fd;
	if (err == ERR_OK)
		err = passphrase_read(out, &from);
	if (err == ERR_NO_TERMINAL)
		diag_error("keys", "no terminal to ask for the new passphrase:"
		    " give --new-passphrase-file or --new-passphrase-fd");
	return err;
}

/* Put the new passphrase, and for an endpoint a new code, into the file. */
static enum err
reseal(struct cli *cli, struct keyfile *kf, const char *path,
    uint16_t code[KEYFILE_CODE_WORDS])
{
	struct keyfile_cost cost;
	struct secret *pass = NULL;
	enum err err;

	err = tool_cost(cli, &cost);
	if (err == ERR_OK)
		err = new_passphrase(cli, &pass);
	if (err == ERR_OK)
		err = keyfile_set_passphrase(kf, pass, &cost);
	if (err == ERR_OK && keyfile_public(kf)->kind == KEYFILE_ENDPOINT)
		err = keyfile_set_code(kf, code);
	if (err == ERR_OK)
		err = keyfile_replace(kf, path);
	secret_free(&pass);
	return err;
}

static int
report(struct cli *cli, const struct keyfile *kf, const char *path,
    const uint16_t code[KEYFILE_CODE_WORDS])
{
	struct json *json = json_new_obj();
	struct buf words = buf_init(1024);
	bool endpoint = keyfile_public(kf)->kind == KEYFILE_ENDPOINT;
	int rc;

	json_put_str(json, "file", path);
	json_put_str(json, "argon2",
	    keyfile_cost_name(&keyfile_public(kf)->cost[0]));
	if (endpoint) {
		words_put(&words, code, KEYFILE_CODE_WORDS, WORDS_EN);
		json_put_str(json, "recovery_code", buf_text(&words));
	}
	rc = tool_emit(cli, &json, endpoint ? "The recovery code is a new one "
	    "too; the old one opens nothing any more.\nWrite it down now: it "
	    "is shown only once." : NULL);
	secret_wipe(words.p, words.len);
	buf_free(&words);
	return rc;
}

int
cmd_passphrase(struct cli *cli)
{
	const char *path = cli_arg(cli, 0);
	uint16_t code[KEYFILE_CODE_WORDS];
	struct tool_pass pass = { NULL, NULL };
	struct keyfile *kf = NULL;
	enum err err;
	int rc;

	err = tool_pass_read(cli, &pass, TOOL_DAILY);
	if (err == ERR_OK)
		err = keyfile_load(&kf, path, pass.daily);
	if (err == ERR_OK)
		err = reseal(cli, kf, path, code);
	rc = err == ERR_OK ? report(cli, kf, path, code) :
	    cli_fail(cli, err, "%s keeps its passphrase", path);
	secret_wipe(code, sizeof(code));
	keyfile_free(&kf);
	tool_pass_free(&pass);
	return rc;
}

/* The 24 words, from --code-file or a terminal. */
static enum err
read_code(struct cli *cli, uint16_t code[KEYFILE_CODE_WORDS])
{
	struct passphrase_from from = { .fd = -1,
		.file = cli_opt(cli, "code-file"),
		.prompt = "Recovery code, 24 words" };
	char text[PASSPHRASE_MAX + 1];
	struct secret *s;
	enum err err;

	err = passphrase_read(&s, &from);
	if (err == ERR_NO_TERMINAL)
		diag_error("keys", "no terminal to ask for the recovery code: "
		    "give --code-file");
	if (err != ERR_OK)
		return err;
	memcpy(text, secret_read(s), secret_len(s));
	text[secret_len(s)] = '\0';
	err = words_parse(code, KEYFILE_CODE_WORDS, text);
	secret_wipe(text, sizeof(text));
	secret_free(&s);
	if (err != ERR_OK)
		diag_error("keys", "a recovery code has 24 words of the list");
	return err;
}

int
cmd_recover_passphrase(struct cli *cli)
{
	const char *path = cli_arg(cli, 0);
	uint16_t code[KEYFILE_CODE_WORDS];
	struct keyfile *kf = NULL;
	enum err err;
	int rc;

	err = read_code(cli, code);
	if (err == ERR_OK)
		err = keyfile_load_code(&kf, path, code);
	if (err == ERR_OK)
		err = reseal(cli, kf, path, code);
	rc = err == ERR_OK ? report(cli, kf, path, code) :
	    cli_fail(cli, err, "%s is as it was", path);
	secret_wipe(code, sizeof(code));
	keyfile_free(&kf);
	return rc;
}

/* "LANE:OLD_SEQ:OLD_ENV:NEXT_SEQ", OLD_ENV 64 hex digits or - for none. */
static enum err
take_lane(struct statement_recovery *r, const char *text, unsigned *seen)
{
	struct statement_recovery_lane lane = { 0 };
	char env[2 * HASH_BYTES + 2];
	unsigned number;
	int end = 0;

	if (sscanf(text, "%1u:%20" SCNu64 ":%65[0-9a-f-]:%20" SCNu64 "%n",
	    &number, &lane.old_seq, env, &lane.next_seq, &end) != 4 ||
	    text[end] != '\0' || number >= LANE_COUNT ||
	    (*seen & 1U << number) != 0)
		return ERR_SYNTAX;
	if (strcmp(env, "-") != 0 &&
	    hex_decode(lane.old_env.b, HASH_BYTES, env) != ERR_OK)
		return ERR_SYNTAX;
	*seen |= 1U << number;
	r->lane[number] = lane;
	return ERR_OK;
}

/* "START:RANDOM", the incarnation the new branch begins in. */
static enum err
take_incarnation(struct statement_recovery *r, const char *text)
{
	uint32_t start, random;
	int end = 0;

	if (text == NULL || sscanf(text, "%10" SCNu32 ":%8" SCNx32 "%n",
	    &start, &random, &end) != 2 || text[end] != '\0' || start == 0)
		return ERR_SYNTAX;
	r->incarnation.start = start;
	r->incarnation.random = random;
	return ERR_OK;
}

static uint16_t
recovery_reason(const char *text)
{
	static const char *const names[] = { "restored", "cloned", "lost" };
	uint16_t i;

	for (i = 0; text != NULL && i < 3; i++)
		if (strcmp(text, names[i]) == 0)
			return (uint16_t)(i + 1);
	return 0;
}

static enum err
take_branch(struct cli *cli, struct statement_recovery *r)
{
	unsigned seen = 0;
	const char *lane;
	enum err err;
	size_t i;

	r->reason = recovery_reason(cli_opt(cli, "reason"));
	if (r->reason == 0) {
		diag_error("keys", "--reason takes restored, cloned or lost");
		return ERR_USAGE;
	}
	err = take_incarnation(r, cli_opt(cli, "incarnation"));
	for (i = 0; err == ERR_OK &&
	    (lane = cli_opt_nth(cli, "lane", i)) != NULL; i++)
		err = take_lane(r, lane, &seen);
	if (err == ERR_OK && seen != (1U << LANE_COUNT) - 1)
		err = ERR_COUNT;
	if (err != ERR_OK)
		diag_error("keys", "wanted --incarnation START:RANDOM(hex) and "
		    "--lane N:OLD_SEQ:OLD_ENV:NEXT_SEQ for lanes 0, 1 and 2 "
		    "(as casewire doctor prints them)");
	return err == ERR_OK ? ERR_OK : ERR_USAGE;
}

/* Whose channel it is: the root's side of the charter. */
static enum err
take_side(struct statement_recovery *r, const struct tool_charter *tc,
    const struct sign_key *root)
{
	unsigned i;

	for (i = 0; i < 2; i++)
		if (memcmp(tc->charter.party[i].root, sign_public(root),
		    KEY_BYTES) == 0)
			break;
	if (i == 2) {
		diag_error("keys", "this root is no party of the charter");
		return ERR_KEY_FOREIGN;
	}
	r->kid = *sign_kid(root);
	r->pair_id = charter_pair(&tc->charter, &tc->id);
	r->direction = (uint8_t)i;
	return ERR_OK;
}

/* Sign, look at it as a stranger would, write it. */
static enum err
issue(const struct statement_recovery *r, const struct sign_key *root,
    const char *path)
{
	uint8_t entry[RECOVERY_STATEMENT_BYTES + SIG_BYTES];
	struct statement_recovery back;
	enum err err;

	statement_recovery_encode(entry, r);
	err = statement_recovery_decode(&back, (struct view){ entry,
	    RECOVERY_STATEMENT_BYTES });
	if (err != ERR_OK) {
		diag_error("keys", "no valid recovery: NEXT_SEQ must be above "
		    "OLD_SEQ, and OLD_ENV - exactly when OLD_SEQ is 0");
		return err;
	}
	err = sign_labelled(root, LABEL_RECOVERY, entry,
	    RECOVERY_STATEMENT_BYTES, entry + RECOVERY_STATEMENT_BYTES);
	if (err == ERR_OK)
		err = file_create(path, entry, sizeof(entry), 0644);
	return err;
}

int
cmd_recover_channel(struct cli *cli)
{
	const char *out = cli_has(cli, "out") ? cli_opt(cli, "out") :
	    "recovery";
	struct statement_recovery r = { 0 };
	struct tool_pass pass = { NULL, NULL };
	struct tool_charter *tc = calloc(1, sizeof(*tc));
	struct keyfile *root = NULL;
	struct json *json;
	char *path = stating_root(cli, "keys");
	enum err err = tc != NULL ? ERR_OK : ERR_NOMEM;
	int rc;

	if (err == ERR_OK)
		err = tool_charter_load(tc, cli_arg(cli, 0));
	if (err == ERR_OK)
		err = take_branch(cli, &r);
	if (err == ERR_OK)
		err = tool_pass_read(cli, &pass, TOOL_HELD);
	if (err == ERR_OK)
		err = tool_load(&root, path, pass.held, KEYFILE_ROOT);
	if (err == ERR_OK)
		err = take_side(&r, tc, keyfile_signer(root, KEYFILE_R));
	if (err == ERR_OK)
		err = issue(&r, keyfile_signer(root, KEYFILE_R), out);
	if (err == ERR_OK) {
		json = json_new_obj();
		json_put_str(json, "statement", out);
		json_put_hex(json, "pair", r.pair_id.b, HASH_BYTES);
		json_put_int(json, "direction", r.direction);
		rc = tool_emit(cli, &json, "Next: casewire recover --statement "
		    "FILE, on the agent that was restored.\nThe other side's "
		    "operator sees it; nothing is unsaid by it.");
	} else {
		rc = cli_fail(cli, err, "no recovery statement was made");
	}
	keyfile_free(&root);
	tool_pass_free(&pass);
	if (tc != NULL)
		tool_charter_free(tc);
	free(tc);
	free(path);
	return rc;
}
