#include "keys/tool.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/secret.h"
#include "base/show.h"
#include "keys/passphrase.h"
#include "keys/pubkey.h"

int64_t
tool_now(void)
{
	struct clock clock = clock_real();

	return clock_wall(&clock);
}

char *
tool_path(const char *dir, const char *name)
{
	char *path = file_join(dir, name);

	if (path == NULL)
		abort();
	return path;
}

char *
tool_copy(const char *s)
{
	char *copy = strdup(s);

	if (copy == NULL)
		abort();
	return copy;
}

/* One passphrase by its two options, a credential, or a question. */
static enum err
read_one(const struct cli *cli, const char *file_opt, const char *fd_opt,
    const char *credential, const char *prompt, bool fresh,
    struct secret **out)
{
	struct passphrase_from from = { .fd = -1, .credential = credential,
		.prompt = prompt, .twice = fresh };
	int64_t fd;
	enum err err;

	from.file = cli_opt(cli, file_opt);
	if (cli_has(cli, fd_opt)) {
		err = cli_opt_int(cli, fd_opt, -1, 0, 1 << 20, &fd);
		if (err != ERR_OK)
			return err;
		from.fd = (int)fd;
	}
	err = passphrase_read(out, &from);
	if (err == ERR_NO_TERMINAL)
		diag_error("keys", "no terminal to ask for the passphrase: "
		    "give --%s or --%s", file_opt, fd_opt);
	return err;
}

static enum err
read_daily(const struct cli *cli, struct secret **out, bool fresh)
{
	return read_one(cli, "passphrase-file", "passphrase-fd",
	    "casewire-passphrase", fresh ? "New passphrase for daily use" :
	    "Passphrase in daily use", fresh, out);
}

static enum err
read_held(const struct cli *cli, struct secret **out, bool fresh)
{
	return read_one(cli, "root-passphrase-file", "root-passphrase-fd",
	    "casewire-root-passphrase", fresh ? "New passphrase for root and "
	    "custodian" : "Passphrase of root or custodian", fresh, out);
}

enum err
tool_pass_read(const struct cli *cli, struct tool_pass *pass, unsigned need)
{
	bool named = false, own = false;
	enum err err = ERR_OK;

	pass->daily = pass->held = NULL;
	if ((need & TOOL_DAILY) != 0 || (need & TOOL_HELD) != 0)
		named = cli_has(cli, "passphrase-file") ||
		    cli_has(cli, "passphrase-fd");
	if ((need & TOOL_HELD) != 0)
		own = cli_has(cli, "root-passphrase-file") ||
		    cli_has(cli, "root-passphrase-fd");
	if ((need & TOOL_DAILY) != 0 ||
	    ((need & TOOL_HELD) != 0 && named && !own))
		err = read_daily(cli, &pass->daily,
		    (need & TOOL_NEW_DAILY) != 0);
	if (err != ERR_OK || (need & TOOL_HELD) == 0)
		return err;
	if (named && !own)
		pass->held = pass->daily;
	else
		err = read_held(cli, &pass->held, (need & TOOL_NEW_HELD) != 0);
	if (err != ERR_OK)
		tool_pass_free(pass);
	return err;
}

void
tool_pass_free(struct tool_pass *pass)
{
	if (pass->held == pass->daily)
		pass->held = NULL;
	secret_free(&pass->held);
	secret_free(&pass->daily);
}

enum err
tool_cost(const struct cli *cli, struct keyfile_cost *cost)
{
	const char *name = cli_opt(cli, "argon2");
	enum err err = keyfile_cost(cost, name != NULL ? name : "moderate");

	if (err != ERR_OK)
		diag_error("keys", "--argon2 takes minimum, interactive or "
		    "moderate");
	return err;
}

enum err
tool_load(struct keyfile **kf, const char *path, const struct secret *pass,
    enum keyfile_kind kind)
{
	struct keyfile_public pub;
	enum err err;

	*kf = NULL;
	err = keyfile_peek(&pub, path);
	if (err != ERR_OK) {
		diag_error("keys", "%s: not a key file that can be read: %s",
		    path, err_name(err));
		return err;
	}
	if (pub.kind != kind) {
		diag_error("keys", "%s: a %s key file, wanted %s", path,
		    keyfile_kind_name(pub.kind), keyfile_kind_name(kind));
		return ERR_KEY_FOREIGN;
	}
	err = keyfile_load(kf, path, pass);
	if (err != ERR_OK)
		diag_error("keys", "%s: cannot be opened: %s", path,
		    err_name(err));
	return err;
}

enum err
tool_statement_load(struct tool_statement *ts, const char *path)
{
	enum err err;

	memset(ts, 0, sizeof(*ts));
	ts->entry = buf_init(STATEMENT_MAX);
	err = file_load(path, STATEMENT_MAX, &ts->entry);
	if (err == ERR_OK)
		err = statement_split(&ts->st, buf_view(&ts->entry));
	if (err == ERR_OK && ts->st.kind != STATEMENT_KEYS)
		err = ERR_MAGIC;
	if (err == ERR_OK)
		err = statement_keys_decode(&ts->keys, ts->st.body);
	if (err != ERR_OK) {
		diag_error("keys", "%s: no key statement: %s", path,
		    err_name(err));
		tool_statement_free(ts);
	}
	return err;
}

void
tool_statement_free(struct tool_statement *ts)
{
	buf_free(&ts->entry);
}

static enum err
check_key(const struct statement_key *key)
{
	if (key->type == KEY_IDENTITY || key->type == KEY_TRANSPORT)
		return pubkey_check_dh(key->key, KEY_BYTES);
	return pubkey_check(key->key, KEY_BYTES);
}

enum err
tool_statement_verify(const struct tool_statement *ts,
    const uint8_t root[KEY_BYTES])
{
	struct id kid = pubkey_kid(root), agency = pubkey_agency(root);
	enum err err;
	unsigned i;

	if (!id_eq(&kid, &ts->keys.kid) || !id_eq(&agency, &ts->keys.agency))
		return ERR_KEY_FOREIGN;
	for (i = 0; i < ts->keys.key_count; i++) {
		err = check_key(&ts->keys.key[i]);
		if (err != ERR_OK)
			return err;
	}
	return pubkey_verify(root, ts->st.body.p, ts->st.body.len,
	    ts->st.sig.p);
}

/* The N of "keys.N" in decimal without leading zeros, else 0. */
static uint64_t
statement_number(const char *name)
{
	char back[32];
	uint64_t n;

	if (strncmp(name, "keys.", 5) != 0 || strlen(name) > 24)
		return 0;
	n = strtoull(name + 5, NULL, 10);
	snprintf(back, sizeof(back), "keys.%" PRIu64, n);
	return strcmp(back, name) == 0 ? n : 0;
}

enum err
tool_newest(const char *dir, uint64_t *seq)
{
	struct dirent *e;
	uint64_t n;
	DIR *d;

	*seq = 0;
	d = opendir(dir);
	if (d == NULL) {
		diag_error("keys", "%s: %s", dir, strerror(errno));
		return errno == ENOENT ? ERR_NOTFOUND : ERR_IO;
	}
	while ((e = readdir(d)) != NULL) {
		n = statement_number(e->d_name);
		if (n > *seq)
			*seq = n;
	}
	closedir(d);
	return ERR_OK;
}

/* Every root and witness key is a good point. */
static enum err
check_points(const struct charter *c)
{
	enum err err = ERR_OK;
	unsigned i;

	for (i = 0; i < 2 && err == ERR_OK; i++)
		err = pubkey_check(c->party[i].root, KEY_BYTES);
	for (i = 0; i < c->relay_count && err == ERR_OK; i++)
		err = pubkey_check(c->relay[i].root, KEY_BYTES);
	for (i = 0; i < c->witness_count && err == ERR_OK; i++)
		err = pubkey_check(c->witness[i].key, KEY_BYTES);
	return err;
}

void
tool_charter_fault(const char *path, unsigned line)
{
	if (line > 0)
		diag_error("keys", "%s: line %u breaks the grammar", path,
		    line);
	else
		diag_error("keys", "%s: each line is well-formed, but they "
		    "contradict each other", path);
}

enum err
tool_charter_load(struct tool_charter *tc, const char *path)
{
	unsigned line = 0;
	enum err err;

	tc->text = buf_init(CHARTER_MAX);
	err = file_load(path, CHARTER_MAX, &tc->text);
	if (err == ERR_OK) {
		err = charter_parse(&tc->charter, buf_view(&tc->text), &line);
		if (err != ERR_OK)
			tool_charter_fault(path, line);
	}
	if (err == ERR_OK) {
		err = check_points(&tc->charter);
		if (err != ERR_OK)
			diag_error("keys", "%s: a root or witness key is no "
			    "usable key", path);
	}
	if (err != ERR_OK) {
		tool_charter_free(tc);
		return err;
	}
	tc->id = charter_id(buf_view(&tc->text));
	return ERR_OK;
}

void
tool_charter_free(struct tool_charter *tc)
{
	buf_free(&tc->text);
}

void
tool_agency(struct json *json, const struct id *id)
{
	char text[PUBKEY_FINGERPRINT_BYTES];

	pubkey_fingerprint(text, id);
	json_put_hex(json, "agency", id->b, ID_BYTES);
	json_put_str(json, "read_aloud", text);
}

/* One scalar as text, escaped. */
static void
put_scalar(struct buf *out, const struct json_cur *v)
{
	const char *s;

	if (json_is_str(v)) {
		s = json_as_str(v);
		show_text(out, s, strlen(s));
	} else if (json_is_int(v)) {
		buf_fmt(out, "%" PRId64, json_as_int(v));
	} else {
		buf_str(out, json_is_bool(v) ? "yes" : "-");
	}
}

/* "type=S  key=..." for an object, or the scalar itself. */
static void
put_row(struct buf *out, const struct json_cur *v)
{
	struct json_cur member;
	const char *key;
	size_t i;

	if (!json_is_obj(v)) {
		put_scalar(out, v);
		return;
	}
	for (i = 0; (key = json_key(v, i)) != NULL; i++) {
		member = json_get(v, key);
		if (i > 0)
			buf_str(out, "  ");
		buf_str(out, key);
		buf_str(out, "=");
		put_scalar(out, &member);
	}
}

static void
put_member(struct buf *out, const char *key, const struct json_cur *v)
{
	struct json_cur item;
	size_t i, n = json_is_arr(v) ? json_len(v) : 1;

	if (json_is_bool(v) && !json_bool(v->up, key))
		return;
	for (i = 0; i < n; i++) {
		item = json_is_arr(v) ? json_at(v, i) : *v;
		buf_fmt(out, "%-14s ", i == 0 ? key : "");
		put_row(out, &item);
		buf_str(out, "\n");
	}
}

int
tool_emit(const struct cli *cli, struct json **json, const char *next)
{
	struct json_fault fault = { 0 };
	struct json_cur root, v;
	struct buf out = buf_init(1 << 20);
	const char *key;
	size_t i;

	if (next != NULL)
		json_put_str(*json, "next", next);
	if (cli_json(cli))
		return cli_data(cli, json);
	root = json_root(*json, &fault);
	for (i = 0; (key = json_key(&root, i)) != NULL; i++) {
		v = json_get(&root, key);
		if (strcmp(key, "next") != 0)
			put_member(&out, key, &v);
	}
	fputs(buf_text(&out), stdout);
	fflush(stdout);
	if (next != NULL)
		cli_say("%s", next);
	buf_free(&out);
	json_free(json);
	return cli_flush();
}
