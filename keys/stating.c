#include "keys/stating.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/file.h"
#include "base/hash.h"
#include "keys/pubkey.h"
#include "keys/sign.h"
#include "proto/label.h"

static const char *const type_names[] = { "?", "sign", "identity",
	"transport", "log", "custodian" };
static const char *const reason_names[] = { "?", "lost", "stolen", "other" };

/* Add what one file has of current keys. */
static enum err
add_file(struct statement_keys *ks, const struct keyfile_public *pub)
{
	enum err err = ERR_OK;
	size_t i;

	if (pub->kind == KEYFILE_ROOT || pub->kind == KEYFILE_OFFICER ||
	    pub->kind == KEYFILE_WITNESS)
		return ERR_OK;
	for (i = 0; i < pub->n && err == ERR_OK; i++)
		if (pub->key[i].age == 0 && pub->key[i].type <= KEYFILE_CUST)
			err = statement_keys_add(ks, pub->key[i].type,
			    pub->key[i].key);
	return err;
}

static enum err
take_file(struct statement_keys *ks, const char *path,
    const struct id *agency, const struct keyfile_public *fresh,
    const char *fresh_path)
{
	struct keyfile_public pub;
	enum err err;

	if (fresh != NULL && strcmp(path, fresh_path) == 0) {
		pub = *fresh;
		err = ERR_OK;
	} else {
		err = keyfile_peek(&pub, path);
	}
	if (err == ERR_OK && pub.kind != KEYFILE_WITNESS &&
	    !id_eq(&pub.agency, agency))
		err = ERR_KEY_FOREIGN;
	if (err == ERR_OK)
		err = add_file(ks, &pub);
	if (err != ERR_OK)
		diag_error("keys", "%s: %s", path, err == ERR_KEY_FOREIGN ?
		    "belongs to another agency than the root" :
		    err_info(err)->text);
	return err;
}

enum err
stating_collect(struct statement_keys *ks, const char *dir,
    const struct id *agency, const struct keyfile_public *fresh,
    const char *fresh_path)
{
	enum err err = ERR_OK;
	struct dirent *e;
	size_t len;
	char *path;
	DIR *d;

	d = opendir(dir);
	if (d == NULL) {
		diag_error("keys", "%s: %s", dir, strerror(errno));
		return ERR_NOTFOUND;
	}
	while (err == ERR_OK && (e = readdir(d)) != NULL) {
		len = strlen(e->d_name);
		if (len < 5 || strcmp(e->d_name + len - 4, ".key") != 0)
			continue;
		path = tool_path(dir, e->d_name);
		err = take_file(ks, path, agency, fresh, fresh_path);
		free(path);
	}
	closedir(d);
	if (err == ERR_OK && statement_keys_find(ks, KEY_SIGN) == NULL) {
		diag_error("keys", "%s: no endpoint.key or relay.key", dir);
		err = ERR_NOTFOUND;
	}
	return err;
}

static char *
statement_path(const char *dir, uint64_t seq)
{
	char name[32];

	snprintf(name, sizeof(name), "keys.%" PRIu64, seq);
	return tool_path(dir, name);
}

/* Fill ks_seq and previous from the newest statement in dir. */
static enum err
chain(struct statement_keys *ks, const char *dir, const uint8_t *root)
{
	struct tool_statement last;
	uint64_t seq;
	char *path;
	enum err err;

	err = tool_newest(dir, &seq);
	ks->ks_seq = seq + 1;
	if (err != ERR_OK || seq == 0)
		return err;
	path = statement_path(dir, seq);
	err = tool_statement_load(&last, path);
	if (err != ERR_OK)
		goto out;
	err = tool_statement_verify(&last, root);
	if (err == ERR_OK && last.keys.ks_seq != seq)
		err = ERR_KEY_SEQ;
	if (err == ERR_OK)
		ks->previous = statement_hash(last.st.body);
	else
		diag_error("keys", "%s: cannot be continued: %s", path,
		    err_name(err));
	tool_statement_free(&last);
out:
	free(path);
	return err;
}

/* Encode, read back as a stranger would, sign. */
static enum err
sign_keys(struct buf *out, const struct statement_keys *ks,
    const struct sign_key *root)
{
	struct statement_keys *back;
	uint8_t sig[SIG_BYTES];
	enum err err;

	back = malloc(sizeof(*back));
	if (back == NULL)
		return ERR_NOMEM;
	err = statement_keys_encode(out, ks);
	if (err == ERR_OK)
		err = statement_keys_decode(back, buf_view(out));
	free(back);
	if (err != ERR_OK) {
		diag_error("keys", "these keys make no valid statement: %s",
		    err_name(err));
		return err;
	}
	err = sign_labelled(root, LABEL_KEYS, out->p, out->len, sig);
	if (err == ERR_OK)
		buf_put(out, sig, sizeof(sig));
	return err == ERR_OK ? out->err : err;
}

enum err
stating_issue(struct stating_issued *out, struct statement_keys *ks,
    const char *dir, const struct keyfile *root, int64_t days)
{
	const struct sign_key *key = keyfile_signer(root, KEYFILE_R);
	struct buf entry = buf_init(STATEMENT_MAX);
	int64_t now = tool_now();
	enum err err;

	out->path = NULL;
	ks->kid = *sign_kid(key);
	ks->agency = keyfile_public(root)->agency;
	ks->not_before = (uint64_t)now;
	ks->not_after = (uint64_t)(now + days * TOOL_DAY_MS);
	err = chain(ks, dir, sign_public(key));
	if (err == ERR_OK)
		err = sign_keys(&entry, ks, key);
	if (err != ERR_OK)
		goto out;
	out->ks_seq = ks->ks_seq;
	out->path = statement_path(dir, ks->ks_seq);
	err = file_create(out->path, entry.p, entry.len, 0644);
	if (err != ERR_OK) {
		free(out->path);
		out->path = NULL;
	}
out:
	buf_free(&entry);
	return err;
}

static struct json *
key_json(const struct statement_key *key)
{
	struct json *json = json_new_obj();
	struct id kid = pubkey_kid(key->key);

	json_put_str(json, "type", type_names[key->type]);
	json_put_hex(json, "kid", kid.b, ID_BYTES);
	json_put_hex(json, "key", key->key, KEY_BYTES);
	return json;
}

static struct json *
revocation_json(const struct statement_keys *ks,
    const struct statement_revocation *r)
{
	struct json *json = json_new_obj();
	char hex[2 * HASH_BYTES + 1];
	const struct statement_cut *cut;
	struct buf cuts = buf_init(1 << 16);
	unsigned i;

	json_put_hex(json, "kid", r->kid.b, ID_BYTES);
	json_put_str(json, "reason", reason_names[r->reason]);
	for (i = 0; i < r->cut_count; i++) {
		cut = &ks->cut[r->cut_first + i];
		hex_encode(hex, cut->log_id.b, HASH_BYTES);
		buf_fmt(&cuts, "%s%s:%" PRIu64, i > 0 ? " " : "", hex,
		    cut->cut);
	}
	json_put_str(json, "cuts", buf_text(&cuts));
	buf_free(&cuts);
	return json;
}

void
stating_json(struct json *json, const struct tool_statement *ts)
{
	const struct statement_keys *ks = &ts->keys;
	struct json *list = json_new_arr(), *item;
	unsigned i;

	tool_agency(json, &ks->agency);
	json_put_int(json, "ks_seq", (int64_t)ks->ks_seq);
	json_put_time(json, "not_before", (int64_t)ks->not_before);
	json_put_time(json, "not_after", (int64_t)ks->not_after);
	json_put_bool(json, "expired",
	    (uint64_t)tool_now() > ks->not_after);
	for (i = 0; i < ks->key_count; i++) {
		item = key_json(&ks->key[i]);
		json_add(list, &item);
	}
	json_put(json, "keys", &list);
	if (ks->revocation_count == 0)
		return;
	list = json_new_arr();
	for (i = 0; i < ks->revocation_count; i++) {
		item = revocation_json(ks, &ks->revocation[i]);
		json_add(list, &item);
	}
	json_put(json, "revoked", &list);
}

char *
stating_root(const struct cli *cli, const char *dir)
{
	if (cli_has(cli, "root"))
		return tool_copy(cli_opt(cli, "root"));
	return tool_path(dir, "root.key");
}
