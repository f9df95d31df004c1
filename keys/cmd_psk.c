/* psk make, psk combine: the courier's secret. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/file.h"
#include "base/secret.h"
#include "keys/cmd.h"
#include "keys/psk.h"
#include "keys/pubkey.h"
#include "keys/tool.h"

/* halves, in locked memory, as a file that is never written over. */
static enum err
write_halves(const struct psk_halves *halves, const char *path)
{
	struct secret *text = secret_new(PSK_TEXT_MAX);
	size_t len;
	enum err err;

	if (text == NULL)
		return ERR_NOMEM;
	len = psk_encode((char *)secret_bytes(text), halves);
	err = file_create(path, secret_read(text), len, 0600);
	secret_free(&text);
	return err;
}

static enum err
take_party(struct cli *cli, int *party)
{
	const char *text = cli_opt(cli, "party");

	*party = text != NULL && strcmp(text, "b") == 0;
	if (text != NULL && (strcmp(text, "a") == 0 || *party == 1))
		return ERR_OK;
	diag_error("keys", "--party takes a or b, as in the charter");
	return ERR_USAGE;
}

int
cmd_psk_make(struct cli *cli)
{
	struct tool_charter *tc = calloc(1, sizeof(*tc));
	struct secret *s = secret_new(sizeof(struct psk_halves));
	struct psk_halves *halves = (struct psk_halves *)secret_bytes(s);
	enum err err = tc != NULL && s != NULL ? ERR_OK : ERR_NOMEM;
	struct buf path = buf_init(PATH_MAX);
	struct json *json;
	const char *out;
	int party, rc;

	if (err == ERR_OK)
		err = take_party(cli, &party);
	if (err == ERR_OK)
		err = tool_charter_load(tc, cli_arg(cli, 0));
	if (err != ERR_OK) {
		rc = cli_fail(cli, err, "%s", cli_arg(cli, 0));
		goto out;
	}
	buf_fmt(&path, "%s.%c.psk", cli_arg(cli, 0), 'a' + party);
	out = cli_has(cli, "out") ? cli_opt(cli, "out") : buf_text(&path);
	halves->charter_id = tc->id;
	halves->has[party] = true;
	secret_random(halves->bytes[party], KEY_BYTES);
	err = write_halves(halves, out);
	if (err != ERR_OK) {
		rc = cli_fail(cli, err, "%s", out);
		goto out;
	}
	json = json_new_obj();
	json_put_str(json, "file", out);
	json_put_hex(json, "charter", tc->id.b, HASH_BYTES);
	rc = tool_emit(cli, &json, "Next: carry a copy to the other side by a "
	    "courier, apart from theirs; over there:\n    casewire-keys psk "
	    "make CHARTER --party (the other letter)\nThen both:\n    "
	    "casewire-keys psk combine charter.a.psk charter.b.psk");
out:
	buf_free(&path);
	secret_free(&s);
	if (tc != NULL)
		tool_charter_free(tc);
	free(tc);
	return rc;
}

/* Read one file's half into halves, which may hold the other already. */
static enum err
add_half(struct psk_halves *halves, const char *path)
{
	struct secret *text = NULL, *s;
	struct psk_halves *one;
	enum err err = ERR_NOMEM;
	int i;

	s = secret_new(sizeof(*one));
	one = (struct psk_halves *)secret_bytes(s);
	if (s != NULL)
		err = file_load_secret(path, PSK_TEXT_MAX, &text);
	if (err == ERR_OK)
		err = psk_decode(one, secret_read(text), secret_len(text));
	for (i = 0; i < 2 && err == ERR_OK; i++) {
		if (!one->has[i])
			continue;
		if (halves->has[i])
			err = ERR_EXISTS;
		halves->has[i] = true;
		memcpy(halves->bytes[i], one->bytes[i], KEY_BYTES);
	}
	if (err == ERR_OK && !hash_is_zero(&halves->charter_id) &&
	    !hash_eq(&halves->charter_id, &one->charter_id))
		err = ERR_PAIRING;
	if (err == ERR_OK)
		halves->charter_id = one->charter_id;
	if (err != ERR_OK)
		diag_error("keys", "%s: %s", path, err == ERR_EXISTS ?
		    "holds the same party's half" : err == ERR_PAIRING ?
		    "is for another charter" : "no courier half");
	secret_free(&text);
	secret_free(&s);
	return err;
}

/* Combine as the agents will, so that a half carried twice is seen now. */
static enum err
try_combine(const struct psk_halves *halves)
{
	struct psk *psk;
	enum err err;

	err = psk_combine(&psk, &halves->charter_id, halves->bytes[0],
	    halves->bytes[1]);
	if (err == ERR_KEY_FOREIGN)
		diag_error("keys", "both halves are the same bytes");
	psk_free(&psk);
	return err;
}

int
cmd_psk_combine(struct cli *cli)
{
	const char *out = cli_has(cli, "out") ? cli_opt(cli, "out") :
	    "charter.psk";
	struct secret *s = secret_new(sizeof(struct psk_halves));
	struct psk_halves *halves = (struct psk_halves *)secret_bytes(s);
	enum err err = s != NULL ? ERR_OK : ERR_NOMEM;
	struct json *json;
	int rc;

	if (err == ERR_OK)
		err = add_half(halves, cli_arg(cli, 0));
	if (err == ERR_OK)
		err = add_half(halves, cli_arg(cli, 1));
	if (err == ERR_OK)
		err = try_combine(halves);
	if (err == ERR_OK)
		err = write_halves(halves, out);
	if (err == ERR_OK) {
		json = json_new_obj();
		json_put_str(json, "file", out);
		json_put_hex(json, "charter", halves->charter_id.b,
		    HASH_BYTES);
		rc = tool_emit(cli, &json, "Next: casewire charter install ... "
		    "--psk FILE on each side, then destroy this file and both "
		    "halves:\nthe agent keeps the day's key and forgets the "
		    "days before.");
	} else {
		rc = cli_fail(cli, err, "nothing was combined");
	}
	secret_free(&s);
	return rc;
}
