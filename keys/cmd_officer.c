/* officer add, officer revoke: certificates signed by a custodian. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/file.h"
#include "base/secret.h"
#include "keys/cmd.h"
#include "keys/sign.h"
#include "keys/stating.h"
#include "keys/tool.h"
#include "proto/arena.h"
#include "proto/label.h"
#include "proto/notice.h"

#define LIFE_DAYS 365
#define ROLES_MAX 8

static enum err
open_custodian(struct cli *cli, struct tool_pass *pass, struct keyfile **kf,
    unsigned need)
{
	const char *path = cli_has(cli, "custodian") ?
	    cli_opt(cli, "custodian") : "keys/custodian.key";
	enum err err = tool_pass_read(cli, pass, need);

	if (err == ERR_OK)
		err = tool_load(kf, path, pass->held, KEYFILE_CUSTODIAN);
	return err;
}

/*
 * Is the custodian's key stated and in its time?  Checked against the key
 * statement named by --keys; without one the peers will check anyway.
 */
static enum err
check_stated(struct cli *cli, const struct keyfile *kf)
{
	const uint8_t *key = sign_public(keyfile_signer(kf, KEYFILE_CUST));
	struct tool_statement ts;
	enum err err = ERR_KEY_FOREIGN;
	unsigned i;

	if (!cli_has(cli, "keys"))
		return ERR_OK;
	if (tool_statement_load(&ts, cli_opt(cli, "keys")) != ERR_OK)
		return ERR_MAGIC;
	for (i = 0; i < ts.keys.key_count; i++)
		if (ts.keys.key[i].type == KEY_CUSTODIAN &&
		    memcmp(ts.keys.key[i].key, key, KEY_BYTES) == 0)
			err = ERR_OK;
	for (i = 0; i < ts.keys.revocation_count; i++)
		if (id_eq(&ts.keys.revocation[i].kid,
		    sign_kid(keyfile_signer(kf, KEYFILE_CUST))))
			err = ERR_KEY_REVOKED;
	if (err == ERR_OK && (uint64_t)tool_now() > ts.keys.not_after)
		err = ERR_KEY_EXPIRED;
	if (err != ERR_OK)
		diag_error("keys", "the custodian's key and %s: %s",
		    cli_opt(cli, "keys"), err_info(err)->text);
	tool_statement_free(&ts);
	return err;
}

/* Sign a certificate and write statement || sig. */
static enum err
issue(const struct statement_officer *o, const struct sign_key *key,
    const char *path)
{
	struct buf entry = buf_init(STATEMENT_MAX);
	struct statement_officer back;
	uint8_t sig[SIG_BYTES];
	enum err err;

	err = statement_officer_encode(&entry, o);
	if (err == ERR_OK)
		err = statement_officer_decode(&back, buf_view(&entry));
	if (err == ERR_OK)
		err = sign_labelled(key, LABEL_OFFICER, entry.p, entry.len,
		    sig);
	if (err == ERR_OK) {
		buf_put(&entry, sig, sizeof(sig));
		err = entry.err;
	}
	if (err == ERR_OK)
		err = file_create(path, entry.p, entry.len, 0644);
	buf_free(&entry);
	return err;
}

static enum err
encode_info(struct cli *cli, struct buf *out)
{
	const char *roles[ROLES_MAX + 1];
	struct notice_officer_info info = { .desk = cli_opt(cli, "desk"),
		.name = cli_arg(cli, 0) };
	size_t n = 0;

	while (n <= ROLES_MAX &&
	    (roles[n] = cli_opt_nth(cli, "role", n)) != NULL)
		n++;
	if (info.desk == NULL || n > ROLES_MAX) {
		diag_error("keys", "wanted --desk DESK and at most %d --role",
		    ROLES_MAX);
		return ERR_USAGE;
	}
	info.roles.v = roles;
	info.roles.n = n;
	return notice_officer_info_encode(out, &info);
}

/* OUT.key and OUT.cert for a new officer. */
static enum err
make_officer(struct cli *cli, const struct keyfile *custodian,
    const struct tool_pass *pass, const char *key_path, const char *cert_path)
{
	struct buf info = buf_init(OFFICER_INFO_MAX);
	struct statement_officer o = { 0 };
	const struct sign_key *k = keyfile_signer(custodian, KEYFILE_CUST);
	struct keyfile *kf = NULL;
	struct keyfile_cost cost;
	int64_t days, now = tool_now();
	enum err err;

	err = cli_opt_int(cli, "days", LIFE_DAYS, 1, 3650, &days);
	if (err == ERR_OK)
		err = tool_cost(cli, &cost);
	if (err == ERR_OK)
		err = encode_info(cli, &info);
	if (err == ERR_OK)
		err = keyfile_new(&kf, KEYFILE_OFFICER,
		    &keyfile_public(custodian)->agency, cli_arg(cli, 0));
	if (err == ERR_OK)
		err = keyfile_set_passphrase(kf, pass->daily, &cost);
	if (err != ERR_OK)
		goto out;
	o.kid = *sign_kid(k);
	o.officer = keyfile_public(kf)->holder;
	memcpy(o.key, sign_public(keyfile_signer(kf, KEYFILE_O)), KEY_BYTES);
	o.not_before = (uint64_t)now;
	o.not_after = (uint64_t)(now + days * TOOL_DAY_MS);
	o.info = buf_view(&info);
	err = keyfile_create(kf, key_path);
	if (err == ERR_OK) {
		err = issue(&o, k, cert_path);
		if (err != ERR_OK)
			file_remove(key_path);
	}
out:
	keyfile_free(&kf);
	buf_free(&info);
	return err;
}

static int
report(struct cli *cli, const char *key_path, const char *cert_path)
{
	struct json *json = json_new_obj();

	if (key_path != NULL)
		json_put_str(json, "key", key_path);
	json_put_str(json, "certificate", cert_path);
	return tool_emit(cli, &json, key_path != NULL ? "Next: hand the key "
	    "file and its passphrase to the officer; keep the certificate: "
	    "this version's agent takes none yet." : "Next: keep it beside "
	    "the certificate: this version's agent takes none yet.");
}

int
cmd_officer_add(struct cli *cli)
{
	const char *out = cli_has(cli, "out") ? cli_opt(cli, "out") :
	    "officer";
	struct tool_pass pass = { NULL, NULL };
	struct keyfile *custodian = NULL;
	struct buf key = buf_init(4096), cert = buf_init(4096);
	enum err err;
	int rc;

	buf_fmt(&key, "%s.key", out);
	buf_fmt(&cert, "%s.cert", out);
	err = open_custodian(cli, &pass, &custodian, TOOL_DAILY | TOOL_HELD |
	    TOOL_NEW_DAILY);
	if (err == ERR_OK)
		err = check_stated(cli, custodian);
	if (err == ERR_OK)
		err = make_officer(cli, custodian, &pass, buf_text(&key),
		    buf_text(&cert));
	rc = err == ERR_OK ? report(cli, buf_text(&key), buf_text(&cert)) :
	    cli_fail(cli, err, "no officer was added");
	keyfile_free(&custodian);
	tool_pass_free(&pass);
	buf_free(&key);
	buf_free(&cert);
	return rc;
}

/* The old certificate again, from now on, marked revoked. */
static enum err
revoke(struct cli *cli, const struct keyfile *custodian, const char *out)
{
	const struct sign_key *k = keyfile_signer(custodian, KEYFILE_CUST);
	struct buf file = buf_init(STATEMENT_MAX);
	struct statement_officer o;
	struct statement st;
	uint64_t now = (uint64_t)tool_now();
	enum err err;

	err = file_load(cli_arg(cli, 0), STATEMENT_MAX, &file);
	if (err == ERR_OK)
		err = statement_split(&st, buf_view(&file));
	if (err == ERR_OK && st.kind != STATEMENT_OFFICER)
		err = ERR_MAGIC;
	if (err == ERR_OK)
		err = statement_officer_decode(&o, st.body);
	if (err == ERR_OK && o.revoked)
		err = ERR_STATE;
	if (err != ERR_OK) {
		diag_error("keys", "%s: no certificate to revoke: %s",
		    cli_arg(cli, 0), err_name(err));
		goto out;
	}
	o.kid = *sign_kid(k);
	o.revoked = true;
	/* The one with the greatest not_before counts. */
	o.not_before = now > o.not_before ? now : o.not_before + 1;
	if (o.not_after <= o.not_before)
		o.not_after = o.not_before + TOOL_DAY_MS;
	err = issue(&o, k, out);
out:
	buf_free(&file);
	return err;
}

int
cmd_officer_revoke(struct cli *cli)
{
	struct tool_pass pass = { NULL, NULL };
	struct keyfile *custodian = NULL;
	struct buf out = buf_init(4096);
	enum err err;
	int rc;

	if (cli_has(cli, "out"))
		buf_str(&out, cli_opt(cli, "out"));
	else
		buf_fmt(&out, "%s.revoked", cli_arg(cli, 0));
	err = open_custodian(cli, &pass, &custodian, TOOL_HELD);
	if (err == ERR_OK)
		err = revoke(cli, custodian, buf_text(&out));
	rc = err == ERR_OK ? report(cli, NULL, buf_text(&out)) :
	    cli_fail(cli, err, "nothing was revoked");
	keyfile_free(&custodian);
	tool_pass_free(&pass);
	buf_free(&out);
	return rc;
}
