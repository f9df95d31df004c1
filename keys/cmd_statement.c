/* statement, rotate, revoke: the next key statement of a folder. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/file.h"
#include "base/secret.h"
#include "keys/cmd.h"
#include "keys/pubkey.h"
#include "keys/stating.h"
#include "keys/tool.h"

#define LIFE_DAYS 90

struct work {
	const char *dir;
	char *root_path;
	int64_t days;
	struct tool_pass pass;
	struct keyfile *root;
	struct keyfile *kf;		/* the file that is replaced, or NULL */
	char *kf_path;
	struct statement_keys *ks;
	struct stating_issued issued;
};

static void
work_free(struct work *w)
{
	keyfile_free(&w->root);
	keyfile_free(&w->kf);
	tool_pass_free(&w->pass);
	free(w->root_path);
	free(w->kf_path);
	free(w->ks);
	free(w->issued.path);
}

/* The root, opened, and an empty statement of its agency. */
static enum err
work_start(struct cli *cli, struct work *w, unsigned need)
{
	enum err err;

	memset(w, 0, sizeof(*w));
	w->dir = cli_has(cli, "dir") ? cli_opt(cli, "dir") : "keys";
	w->root_path = stating_root(cli, w->dir);
	w->ks = calloc(1, sizeof(*w->ks));
	if (w->ks == NULL)
		return ERR_NOMEM;
	err = cli_opt_int(cli, "days", LIFE_DAYS, 1, 3650, &w->days);
	if (err == ERR_OK)
		err = tool_pass_read(cli, &w->pass, need);
	if (err == ERR_OK)
		err = tool_load(&w->root, w->root_path, w->pass.held,
		    KEYFILE_ROOT);
	return err;
}

/* Open the file at path, give it new keys in memory. */
static enum err
work_renew(struct work *w, const char *path)
{
	struct keyfile_public pub;
	enum err err;

	err = keyfile_peek(&pub, path);
	if (err == ERR_OK)
		err = tool_load(&w->kf, path, pub.kind == KEYFILE_CUSTODIAN ?
		    w->pass.held : w->pass.daily, pub.kind);
	if (err == ERR_OK)
		err = keyfile_rotate(w->kf);
	if (err == ERR_OK)
		w->kf_path = tool_copy(path);
	else
		diag_error("keys", "%s: %s", path, err_name(err));
	return err;
}

/*
 * State the keys, then put the new file in place: a crash between leaves a
 * statement of a key nobody has, harmless and followed by the next one; the
 * other order would leave an agent with a key nobody knows.
 */
static enum err
work_finish(struct work *w)
{
	const struct keyfile_public *fresh = NULL;
	enum err err;

	if (w->kf != NULL)
		fresh = keyfile_public(w->kf);
	err = stating_collect(w->ks, w->dir, &keyfile_public(w->root)->agency,
	    fresh, w->kf_path);
	if (err == ERR_OK)
		err = stating_issue(&w->issued, w->ks, w->dir, w->root,
		    w->days);
	if (err == ERR_OK && w->kf != NULL)
		err = keyfile_replace(w->kf, w->kf_path);
	return err;
}

static int
work_report(struct cli *cli, struct work *w, const char *note)
{
	struct tool_statement ts;
	struct json *json;
	struct buf next = buf_init(4096);
	enum err err;
	int rc;

	err = tool_statement_load(&ts, w->issued.path);
	if (err != ERR_OK)
		return cli_fail(cli, err, "%s", w->issued.path);
	json = json_new_obj();
	json_put_str(json, "statement", w->issued.path);
	if (w->kf_path != NULL)
		json_put_str(json, "renewed", w->kf_path);
	stating_json(json, &ts);
	if (w->kf != NULL && keyfile_public(w->kf)->kind == KEYFILE_RELAY)
		buf_fmt(&next, "Next: with %s and the renewed file in the "
		    "home of the relay, which is stopped:\n    "
		    "casewire-relay newlog", w->issued.path);
	else
		buf_fmt(&next, "Next: put the renewed file and %s into the "
		    "agent's keys folder and restart it; it\npublishes the "
		    "statement. A relay that must know beforehand:\n    "
		    "casewire-relay admit CHARTER_DIR %s%s", w->issued.path,
		    w->issued.path, note);
	rc = tool_emit(cli, &json, buf_text(&next));
	buf_free(&next);
	tool_statement_free(&ts);
	return rc;
}

static int
show_statement(struct cli *cli, const char *path)
{
	struct tool_statement ts;
	struct json *json;
	enum err err;
	int rc;

	err = tool_statement_load(&ts, path);
	if (err != ERR_OK)
		return cli_fail(cli, err, "%s", path);
	json = json_new_obj();
	json_put_str(json, "statement", path);
	stating_json(json, &ts);
	rc = tool_emit(cli, &json, NULL);
	tool_statement_free(&ts);
	return rc;
}

int
cmd_statement(struct cli *cli)
{
	struct work w;
	enum err err;
	int rc;

	if (cli_args(cli) == 1)
		return show_statement(cli, cli_arg(cli, 0));
	err = work_start(cli, &w, TOOL_HELD);
	if (err == ERR_OK)
		err = work_finish(&w);
	rc = err == ERR_OK ? work_report(cli, &w, "") :
	    cli_fail(cli, err, "no statement was made");
	work_free(&w);
	return rc;
}

/*
 * A relay lets in only transport keys that are stated, and the statement
 * travels over one: so the new T waits beside the old, both stated, until
 * the relays have the statement and a person puts it in place.
 */
static enum err
rotate_transport(struct work *w, const char *path)
{
	char *next = tool_path(w->dir, "transport.next.key");
	enum err err;

	err = work_renew(w, path);
	free(w->kf_path);
	w->kf_path = next;
	if (err == ERR_OK)
		err = keyfile_create(w->kf, next);
	if (err != ERR_OK)
		return err;
	keyfile_free(&w->kf);
	err = work_finish(w);
	if (err != ERR_OK)
		file_remove(next);
	return err;
}

static enum err
rotate(struct cli *cli, struct work *w)
{
	const char *only = cli_args(cli) == 1 ? cli_arg(cli, 0) : "endpoint";
	char name[32], *path;
	enum err err;

	if (strcmp(only, "endpoint") != 0 && strcmp(only, "transport") != 0 &&
	    strcmp(only, "custodian") != 0 && strcmp(only, "relay") != 0) {
		diag_error("keys", "rotate takes endpoint, transport, "
		    "custodian or relay");
		return ERR_USAGE;
	}
	snprintf(name, sizeof(name), "%s.key", only);
	path = tool_path(w->dir, name);
	if (strcmp(only, "transport") == 0) {
		err = rotate_transport(w, path);
	} else {
		err = work_renew(w, path);
		if (err == ERR_OK)
			err = work_finish(w);
	}
	free(path);
	return err;
}

int
cmd_rotate(struct cli *cli)
{
	struct work w;
	enum err err;
	int rc;

	err = work_start(cli, &w, TOOL_HELD | TOOL_DAILY);
	if (err == ERR_OK)
		err = rotate(cli, &w);
	rc = err == ERR_OK ? work_report(cli, &w, "\nA new transport key waits "
	    "in transport.next.key: when every relay has the statement,\nput "
	    "it in place of transport.key; the next statement forgets the old "
	    "one.") : cli_fail(cli, err, "nothing was rotated");
	work_free(&w);
	return rc;
}

/* --cut LOGID:INDEX, added to the newest revocation. */
static enum err
take_cut(struct work *w, const char *text)
{
	char hex[2 * HASH_BYTES + 1], *end;
	struct hash log_id;
	uint64_t cut;

	if (strlen(text) < 2 * HASH_BYTES + 2 || text[2 * HASH_BYTES] != ':')
		return ERR_SYNTAX;
	memcpy(hex, text, 2 * HASH_BYTES);
	hex[2 * HASH_BYTES] = '\0';
	text += 2 * HASH_BYTES + 1;
	if (hex_decode(log_id.b, HASH_BYTES, hex) != ERR_OK ||
	    *text < '0' || *text > '9')
		return ERR_SYNTAX;
	cut = strtoull(text, &end, 10);
	if (*end != '\0' || cut == UINT64_MAX)
		return ERR_SYNTAX;
	return statement_keys_cut(w->ks, &log_id, cut);
}

static enum err
take_revocation(struct cli *cli, struct work *w, struct id *kid)
{
	const char *why = cli_opt(cli, "reason"), *cut;
	uint8_t reason = 0;
	enum err err;
	size_t i;

	if (why != NULL && strcmp(why, "lost") == 0)
		reason = REVOKED_LOST;
	else if (why != NULL && strcmp(why, "stolen") == 0)
		reason = REVOKED_STOLEN;
	else if (why != NULL && strcmp(why, "other") == 0)
		reason = REVOKED_OTHER;
	if (reason == 0 || hex_decode(kid->b, ID_BYTES, cli_arg(cli, 0)) !=
	    ERR_OK) {
		diag_error("keys", "revoke takes a kid of 32 hex digits and "
		    "--reason lost, stolen or other");
		return ERR_USAGE;
	}
	err = statement_keys_revoke(w->ks, kid, reason);
	for (i = 0; err == ERR_OK &&
	    (cut = cli_opt_nth(cli, "cut", i)) != NULL; i++) {
		err = take_cut(w, cut);
		if (err != ERR_OK)
			diag_error("keys", "--cut %s: wanted "
			    "<64 hex>:<index>, each log once", cut);
	}
	return err;
}

/* Does the file at path hold the kid in use? */
static bool
holds(const char *path, const struct id *kid)
{
	struct keyfile_public pub;
	struct id own;
	size_t i;

	if (!file_exists(path) || keyfile_peek(&pub, path) != ERR_OK)
		return false;
	for (i = 0; i < pub.n; i++) {
		own = pubkey_kid(pub.key[i].key);
		if (pub.key[i].age == 0 && id_eq(&own, kid))
			return true;
	}
	return false;
}

/* A revoked key that is in use is replaced in the same statement. */
static enum err
replace_revoked(struct work *w, const struct id *kid)
{
	static const char *const names[] = { "endpoint.key", "transport.key",
		"custodian.key", "relay.key" };
	enum err err = ERR_OK;
	char *path;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		path = tool_path(w->dir, names[i]);
		if (w->kf == NULL && holds(path, kid)) {
			err = work_renew(w, path);
			/* A relay's T outlives a rotation, not a theft. */
			if (err == ERR_OK && keyfile_public(w->kf)->kind ==
			    KEYFILE_RELAY)
				err = keyfile_rotate_transport(w->kf);
		}
		free(path);
		if (err != ERR_OK)
			return err;
	}
	/* A transport key that waits is just no longer stated. */
	path = tool_path(w->dir, "transport.next.key");
	if (holds(path, kid))
		err = file_remove(path);
	free(path);
	return err;
}

int
cmd_revoke(struct cli *cli)
{
	struct work w;
	struct id kid;
	enum err err;
	int rc;

	err = work_start(cli, &w, TOOL_HELD | TOOL_DAILY);
	if (err == ERR_OK)
		err = take_revocation(cli, &w, &kid);
	if (err == ERR_OK && id_eq(&kid, sign_kid(keyfile_signer(w.root,
	    KEYFILE_R)))) {
		diag_error("keys", "a root is not revoked: agree on a new "
		    "charter with a new root");
		err = ERR_STATE;
	}
	if (err == ERR_OK)
		err = replace_revoked(&w, &kid);
	if (err == ERR_OK)
		err = work_finish(&w);
	rc = err == ERR_OK ? work_report(cli, &w, "\nWhat this key signed "
	    "below its cut in a log stays good; a log without --cut has cut 0."
	    ) : cli_fail(cli, err, "nothing was revoked");
	work_free(&w);
	return rc;
}
