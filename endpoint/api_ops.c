#include "endpoint/api_ops.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "endpoint/agent.h"
#include "endpoint/casebook.h"
#include "endpoint/export.h"
#include "endpoint/export_open.h"
#include "endpoint/export_proof.h"
#include "endpoint/pairs.h"
#include "proto/charter.h"
#include "proto/limits.h"

#define KEY_FILES_MAX 64

static enum err
say(char detail[API_OPS_DETAIL], enum err err, const char *text)
{
	snprintf(detail, API_OPS_DETAIL, "%s", text);
	return err;
}

/* A required absolute path; NULL with detail said. */
static const char *
path_of(const struct json_cur *in, const char *key, char detail[API_OPS_DETAIL])
{
	const char *path = json_str_or(in, key, "");

	if (path[0] == '/')
		return path;
	snprintf(detail, API_OPS_DETAIL, "%s: an absolute path is needed",
	    key);
	return NULL;
}

/* ---- reading ---- */

static struct json *
relays_json(const struct charter *c)
{
	struct json *arr = json_new_arr();

	for (unsigned i = 0; i < c->relay_count; i++) {
		struct json *obj = json_new_obj();

		json_put_str(obj, "name", c->relay[i].name);
		json_put_str(obj, "endpoint", c->relay[i].endpoint);
		json_add(arr, &obj);
	}
	return arr;
}

static struct json *
pair_json(const struct pair *pair)
{
	const struct charter *c = pair->charter;
	struct json *obj = json_new_obj();
	struct json *relays = relays_json(c);

	json_put_str(obj, "peer", pair->peer_name);
	json_put_str(obj, "own", pair->own_name);
	json_put_str(obj, "party", pair->direction == FROM_A ? "a" : "b");
	json_put_hex(obj, "pair_id", &pair->pair_id, HASH_BYTES);
	json_put_hex(obj, "charter_id", &pair->charter_id, HASH_BYTES);
	json_put_int(obj, "number", c->number);
	json_put_time(obj, "from", (int64_t)c->from_at);
	json_put_time(obj, "until", (int64_t)c->until_at);
	json_put_int(obj, "copies", c->copies);
	json_put_int(obj, "heartbeat_s", c->heartbeat_s);
	json_put_int(obj, "keep_days", c->keep_days);
	json_put(obj, "relays", &relays);
	return obj;
}

static struct json *
charters_json(struct agent *agent)
{
	struct json *out = json_new_obj(), *arr = json_new_arr();
	struct pairs *pairs = agent_pairs(agent);

	for (size_t i = 0; i < pairs_count(pairs); i++) {
		struct json *obj = pair_json(pairs_at(pairs, i));

		json_add(arr, &obj);
	}
	json_put(out, "charters", &arr);
	return out;
}

enum err
api_ops_read(struct agent *agent, const char *path, struct json **out)
{
	struct json *health;
	enum err err;

	if (strcmp(path, "/v1/charters") == 0) {
		*out = charters_json(agent);
		return ERR_OK;
	}
	err = agent_status(agent, out);
	if (err != ERR_OK)
		return err;
	err = agent_health(agent);
	health = json_new_obj();
	json_put_int(health, "code", err);
	json_put_str(health, "name", err_name(err));
	json_put_str(health, "text", err_info(err)->text);
	json_put_str(health, "next", err_info(err)->next);
	json_put_int(health, "exit", err_exit(err));
	json_put(*out, "health", &health);
	return ERR_OK;
}

/* ---- writing ---- */

/* ERR_NOTFOUND with the name of the first file that is not there. */
static enum err
install_files(const char *dir, const char *const *keys, size_t n,
    const char *psk, char detail[API_OPS_DETAIL])
{
	static const char *const names[] = {"charter", "charter.a.sig",
	    "charter.b.sig"};

	for (size_t i = 0; i < 3; i++) {
		char *path = file_join(dir, names[i]);
		enum err err = ERR_OK;

		if (path == NULL)
			err = ERR_NOMEM;
		else if (!file_exists(path))
			err = say(detail, ERR_NOTFOUND, path);
		free(path);
		if (err != ERR_OK)
			return err;
	}
	for (size_t i = 0; i < n; i++)
		if (!file_exists(keys[i]))
			return say(detail, ERR_NOTFOUND, keys[i]);
	if (psk != NULL && !file_exists(psk))
		return say(detail, ERR_NOTFOUND, psk);
	return ERR_OK;
}

static enum err
install(struct agent *agent, const struct json_cur *in, struct json **out,
    char detail[API_OPS_DETAIL])
{
	const char *dir = path_of(in, "dir", detail);
	struct json_cur list = json_get(in, "keys");
	const char *psk = json_str_or(in, "psk", NULL);
	const char *keys[KEY_FILES_MAX];
	size_t n = json_len(&list);
	enum err err;

	if (dir == NULL)
		return ERR_USAGE;
	if (n > KEY_FILES_MAX)
		return say(detail, ERR_COUNT, "keys: too many files");
	for (size_t i = 0; i < n; i++) {
		struct json_cur at = json_at(&list, i);

		keys[i] = json_as_str(&at);
		if (keys[i] == NULL || keys[i][0] != '/')
			return say(detail, ERR_USAGE,
			    "keys: absolute paths are needed");
	}
	err = install_files(dir, keys, n, psk, detail);
	if (err != ERR_OK)
		return err;
	err = agent_charter_install(agent, dir, keys, n, psk);
	if (err == ERR_KID_UNKNOWN)
		return say(detail, err, "name with --keys the key statements "
		    "of the peer and of each relay in the charter");
	if (err == ERR_EXISTS)
		return say(detail, err, "this charter is installed; a "
		    "courier's secret joins at install or at a renewal");
	if (err == ERR_OK)
		*out = charters_json(agent);
	return err;
}

static enum err
recover(struct agent *agent, const struct json_cur *in, struct json **out,
    char detail[API_OPS_DETAIL])
{
	const char *text = json_str_or(in, "statement", NULL);
	struct buf entry = buf_init(STATEMENT_MAX);
	enum err err = ERR_OK;

	if (text != NULL) {
		err = b64_decode(&entry, text, strlen(text));
		if (err == ERR_OK)
			err = agent_recover_statement(
			    agent, buf_view(&entry));
	} else if (json_bool_or(in, "adopt", false)) {
		err = agent_recover_adopt(agent);
	} else {
		err = say(detail, ERR_USAGE, "adopt or statement is needed");
	}
	buf_free(&entry);
	if (err != ERR_OK)
		return err;
	*out = json_new_obj();
	json_put_bool(*out, "recovered", true);
	return ERR_OK;
}

enum err
api_ops_write(struct agent *agent, const char *path,
    const struct json_cur *in, struct json **out, char detail[API_OPS_DETAIL])
{
	if (strcmp(path, "/v1/charters") == 0)
		return install(agent, in, out, detail);
	return recover(agent, in, out, detail);
}

enum err
api_ops_backup(struct agent *agent, const struct json_cur *in,
    struct json **out, char detail[API_OPS_DETAIL])
{
	const char *path = path_of(in, "path", detail);
	enum err err;

	if (path == NULL)
		return ERR_USAGE;
	if (file_exists(path))
		return say(detail, ERR_EXISTS, path);
	err = agent_backup(agent, path);
	if (err != ERR_OK)
		return say(detail, err, path);
	*out = json_new_obj();
	json_put_str(*out, "path", path);
	return ERR_OK;
}

/* Which heartbeat is to prove a silence; its case is the one opened too. */
static enum err
read_silence(const struct json_cur *in, struct export_choice *choice,
    const char *silence, const char **prefix, char detail[API_OPS_DETAIL])
{
	const char *at = json_str_or(in, "at", NULL);

	choice->own = json_bool_or(in, "own", false);
	if (silence == NULL && (at != NULL || choice->own))
		return say(detail, ERR_USAGE, "at, own: only with silence");
	if (silence == NULL)
		return ERR_OK;
	if (*prefix != NULL && strcmp(*prefix, silence) != 0)
		return say(detail, ERR_USAGE,
		    "silence, case: the same case is meant");
	if (at != NULL && clock_parse(&choice->at, at) != ERR_OK)
		return say(detail, ERR_USAGE,
		    "at: a time like 2026-12-01T08:00:00Z");
	*prefix = silence;
	return ERR_OK;
}

/* What is not understood must not widen what is shown. */
static enum err
only(const struct json_cur *in, const char *const *members,
    char detail[API_OPS_DETAIL])
{
	json_only(in, members);
	if (in->fault->err == ERR_OK)
		return ERR_OK;
	snprintf(detail, API_OPS_DETAIL, "%s: %s", in->fault->at,
	    in->fault->why);
	return ERR_USAGE;
}

/* What of the messages is to be shown; case_id is room for the choice's. */
static enum err
read_choice(struct agent *agent, const struct json_cur *in,
    struct export_choice *choice, struct id *case_id,
    char detail[API_OPS_DETAIL])
{
	static const char *const members[] = {
	    "path", "level", "peer", "case", "messages", "field", "silence",
	    "at", "own", NULL};
	const char *silence = json_str_or(in, "silence", NULL);
	const char *level = json_str_or(
	    in, "level", silence != NULL ? "outline" : "sealed");
	const char *prefix = json_str_or(in, "case", NULL);
	const char *field = json_str_or(in, "field", NULL);
	struct json_cur list = json_get(in, "messages");
	enum err err;

	choice->level = bundle_level_find(level);
	if (json_has(in, "messages")) {
		choice->messages = json_len(&list);
		if (choice->messages == 0)
			json_fail(&list, ERR_SYNTAX, "must name messages");
	}
	if (choice->level == 0)
		return say(
		    detail, ERR_USAGE, "level: sealed, outline or open");
	if (field != NULL &&
	    (choice->field = export_open_field(field)) == 0)
		return say(detail, ERR_USAGE,
		    "field: outline, body, officers, link, chunk, again or "
		    "manifest");
	if (choice->messages > EXPORT_OPEN_MESSAGES_MAX)
		return say(detail, ERR_TOO_BIG, "messages: at most 256");
	for (size_t i = 0; i < choice->messages; i++) {
		struct json_cur word = json_at(&list, i);

		choice->message[i] = json_as_str(&word);
	}
	if (only(in, members, detail) != ERR_OK)
		return ERR_USAGE;
	err = read_silence(in, choice, silence, &prefix, detail);
	if (err != ERR_OK || prefix == NULL)
		return err;
	err = casebook_find(agent, prefix, case_id);
	if (err != ERR_OK)
		return say(detail, err, prefix);
	choice->case_id = case_id;
	if (silence != NULL)
		choice->silence = case_id;
	return ERR_OK;
}

/* One message's run, to be checked with the log's key alone. */
static enum err
proof(struct agent *agent, const struct pair *pair, const char *path,
    const struct json_cur *in, struct json **out, char detail[API_OPS_DETAIL])
{
	static const char *const members[] = {
	    "path", "peer", "case", "proof", NULL};
	const char *word = json_str_or(in, "proof", "");
	const char *prefix = json_str_or(in, "case", NULL);
	struct id case_id;
	enum err err = only(in, members, detail);

	if (err != ERR_OK)
		return err;
	if (prefix != NULL)
		err = casebook_find(agent, prefix, &case_id);
	if (err != ERR_OK)
		return say(detail, err, prefix);
	err = export_proof(agent, pair, prefix == NULL ? NULL : &case_id,
	    word, path, out);
	return err == ERR_OK ? err : say(detail, err,
	    err == ERR_USAGE || err == ERR_NOTFOUND ? word : path);
}

enum err
api_ops_export(struct agent *agent, const struct json_cur *in,
    struct json **out, char detail[API_OPS_DETAIL])
{
	const char *path = path_of(in, "path", detail), *wrong;
	const char *peer = json_str_or(in, "peer", "");
	const struct pair *pair = pairs_named(agent_pairs(agent), peer);
	struct export_choice choice = {0};
	struct id case_id;
	enum err err;

	if (path == NULL)
		return ERR_USAGE;
	if (pair == NULL)
		return say(detail, ERR_NOTFOUND,
		    "peer: none or several pairs are meant");
	if (json_has(in, "proof"))
		return proof(agent, pair, path, in, out, detail);
	err = read_choice(agent, in, &choice, &case_id, detail);
	if (err != ERR_OK)
		return err;
	err = export_bundle(agent, pair, &choice, path, out, &wrong);
	return err == ERR_OK ? err
			     : say(detail, err, wrong != NULL ? wrong : path);
}
