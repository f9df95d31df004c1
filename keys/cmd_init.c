/* init: the key files of an agency, or of a relay, and keys.1; a witness's
 * one is made in cmd_witness.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/file.h"
#include "base/secret.h"
#include "keys/cmd.h"
#include "keys/stating.h"
#include "keys/tool.h"
#include "keys/words.h"

#define FILES_MAX 4
#define PUB_MAX (2 * KEY_BYTES + 1 + NAME_MAX_BYTES + 1)

struct made {
	const char *name;
	enum keyfile_kind kind;
	bool held;			/* by a person; not in daily use */
	struct keyfile *kf;
};

static const struct made agency_files[] = {
	{ "root.key", KEYFILE_ROOT, true, NULL },
	{ "endpoint.key", KEYFILE_ENDPOINT, false, NULL },
	{ "transport.key", KEYFILE_TRANSPORT, false, NULL },
	{ "custodian.key", KEYFILE_CUSTODIAN, true, NULL },
};
static const struct made relay_files[] = {
	{ "root.key", KEYFILE_ROOT, true, NULL },
	{ "relay.key", KEYFILE_RELAY, false, NULL },
};

struct init {
	const char *dir;
	char name[NAME_MAX_BYTES + 1];
	bool relay;
	int64_t days;
	struct keyfile_cost cost;
	struct tool_pass pass;
	size_t n;
	struct made file[FILES_MAX];
	uint16_t code[KEYFILE_CODE_WORDS];
	struct stating_issued issued;
};

/* Nothing is ever written over: an agency is its root. */
static enum err
refuse_existing(const struct init *in)
{
	enum err err = ERR_OK;
	char *path;
	size_t i;

	for (i = 0; i < in->n && err == ERR_OK; i++) {
		path = tool_path(in->dir, in->file[i].name);
		if (file_exists(path)) {
			diag_error("keys", "%s: there already", path);
			err = ERR_EXISTS;
		}
		free(path);
	}
	return err;
}

static enum err
make_keys(struct init *in)
{
	const struct id *agency = NULL;
	enum err err = ERR_OK;
	struct made *m;
	size_t i;

	for (i = 0; i < in->n && err == ERR_OK; i++) {
		m = &in->file[i];
		err = keyfile_new(&m->kf, m->kind, agency, in->name);
		if (err == ERR_OK)
			err = keyfile_set_passphrase(m->kf, m->held ?
			    in->pass.held : in->pass.daily, &in->cost);
		if (err == ERR_OK && m->kind == KEYFILE_ENDPOINT)
			err = keyfile_set_code(m->kf, in->code);
		if (i == 0 && err == ERR_OK)
			agency = &keyfile_public(m->kf)->agency;
	}
	return err;
}

static enum err
write_public(const struct init *in)
{
	char text[PUB_MAX + 1];
	char *path = tool_path(in->dir, "root.pub");
	enum err err;

	hex_encode(text, keyfile_find(keyfile_public(in->file[0].kf),
	    KEYFILE_R, 0), KEY_BYTES);
	snprintf(text + 2 * KEY_BYTES, sizeof(text) - 2 * KEY_BYTES, " %s\n",
	    in->name);
	err = file_create(path, text, strlen(text), 0644);
	free(path);
	return err;
}

/* All files and keys.1; on failure what was written is taken back. */
static enum err
write_all(struct init *in)
{
	struct statement_keys *ks;
	enum err err = ERR_OK;
	size_t done = 0;
	char *path;

	ks = calloc(1, sizeof(*ks));
	if (ks == NULL)
		return ERR_NOMEM;
	for (; done < in->n && err == ERR_OK; done++) {
		path = tool_path(in->dir, in->file[done].name);
		err = keyfile_create(in->file[done].kf, path);
		free(path);
		if (err != ERR_OK)
			break;
	}
	if (err == ERR_OK)
		err = stating_collect(ks, in->dir,
		    &keyfile_public(in->file[0].kf)->agency, NULL, NULL);
	if (err == ERR_OK)
		err = write_public(in);
	if (err == ERR_OK)
		err = stating_issue(&in->issued, ks, in->dir, in->file[0].kf,
		    in->days);
	while (err != ERR_OK && done-- > 0) {
		path = tool_path(in->dir, in->file[done].name);
		file_remove(path);
		free(path);
	}
	free(ks);
	return err;
}

/* The relay's name stands in its log's origin: letters, digits, . _ - */
static enum err
take_name(struct cli *cli, struct init *in)
{
	const char *name = cli_opt(cli, "name");
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	if (name == NULL && gethostname(in->name, sizeof(in->name) - 1) != 0)
		return ERR_IO;
	if (name != NULL && strlen(name) > NAME_MAX_BYTES) {
		diag_error("keys", "--name is over %d bytes", NAME_MAX_BYTES);
		return ERR_USAGE;
	}
	if (name != NULL)
		strcpy(in->name, name);	/* its length was checked */
	if (in->relay && (in->name[0] == '\0' ||
	    in->name[strspn(in->name, allowed)] != '\0')) {
		diag_error("keys", "a relay's name has only letters, digits, "
		    "dot, dash and underscore: give --name");
		return ERR_USAGE;
	}
	return ERR_OK;
}

static enum err
take_options(struct cli *cli, struct init *in)
{
	enum err err;

	in->relay = cli_has(cli, "relay");
	in->dir = cli_has(cli, "dir") ? cli_opt(cli, "dir") : "keys";
	in->n = in->relay ? 2 : 4;
	memcpy(in->file, in->relay ? relay_files : agency_files,
	    in->n * sizeof(in->file[0]));
	err = take_name(cli, in);
	if (err == ERR_OK)
		err = cli_opt_int(cli, "days", in->relay ? 365 : 90, 1, 3650,
		    &in->days);
	if (err == ERR_OK)
		err = tool_cost(cli, &in->cost);
	return err;
}

static int
report(struct cli *cli, const struct init *in)
{
	const struct keyfile_public *root = keyfile_public(in->file[0].kf);
	struct json *json = json_new_obj(), *files = json_new_arr();
	struct buf words = buf_init(1024), next = buf_init(4096);
	char *path;
	size_t i;
	int rc;

	json_put_str(json, "name", in->name);
	tool_agency(json, &root->agency);
	json_put_hex(json, "root", root->key[0].key, KEY_BYTES);
	for (i = 0; i < in->n; i++) {
		path = tool_path(in->dir, in->file[i].name);
		json_add_str(files, path);
		free(path);
	}
	json_put(json, "files", &files);
	json_put_str(json, "argon2", keyfile_cost_name(&in->cost));
	json_put_str(json, "statement", in->issued.path);
	if (!in->relay) {
		words_put(&words, in->code, KEYFILE_CODE_WORDS, WORDS_EN);
		json_put_str(json, "recovery_code", buf_text(&words));
		buf_fmt(&next, "Write the recovery code down now: it opens "
		    "%s/endpoint.key when its passphrase is\nlost, and is "
		    "shown only once. With both lost, root makes new keys "
		    "and the old book\nstays unreadable.\nPut root.key away: "
		    "it is needed to pair, rotate, revoke and recover only.\n",
		    in->dir);
	}
	if (in->relay)
		buf_fmt(&next, "Put root.key away. Send %s/root.pub and %s "
		    "to both agencies. Next, with\nrelay.key and keys.1 in the "
		    "relay's folder HOME:\n    casewire-relay run --home HOME\n"
		    "and with a charter both agencies signed:\n    "
		    "casewire-relay admit CHARTER_DIR --keys A/keys.1 --keys "
		    "B/keys.1 --home HOME", in->dir, in->issued.path);
	else
		buf_fmt(&next, "Send %s/root.pub and %s to the other side. "
		    "Next, over there:\n    casewire-keys init --dir keys "
		    "--name \"Their name\"\nThen, with their root.pub here:\n"
		    "    casewire-keys charter propose --party %s/root.pub "
		    "--party THEIRS/root.pub \\\n        --relay "
		    "RELAY/root.pub=tcp://HOST:PORT", in->dir,
		    in->issued.path, in->dir);
	rc = tool_emit(cli, &json, buf_text(&next));
	secret_wipe(words.p, words.len);
	buf_free(&words);
	buf_free(&next);
	return rc;
}

int
cmd_init(struct cli *cli)
{
	struct init in = { 0 };
	enum err err;
	size_t i;
	int rc;

	if (cli_has(cli, "witness"))
		return cmd_init_witness(cli);
	err = take_options(cli, &in);
	if (err == ERR_OK)
		err = refuse_existing(&in);
	if (err == ERR_OK)
		err = tool_pass_read(cli, &in.pass, TOOL_DAILY | TOOL_HELD |
		    TOOL_NEW_DAILY | TOOL_NEW_HELD);
	if (err == ERR_OK)
		err = file_mkdirs(in.dir, 0700);
	if (err == ERR_OK)
		err = make_keys(&in);
	if (err == ERR_OK)
		err = write_all(&in);
	rc = err == ERR_OK ? report(cli, &in) :
	    cli_fail(cli, err, "%s", in.dir != NULL ? in.dir : "");
	for (i = 0; i < in.n; i++)
		keyfile_free(&in.file[i].kf);
	tool_pass_free(&in.pass);
	secret_wipe(in.code, sizeof(in.code));
	free(in.issued.path);
	return rc;
}
