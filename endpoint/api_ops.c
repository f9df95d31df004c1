#include "endpoint/api_ops.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "endpoint/agent.h"
#include "endpoint/casebook.h"
#include "endpoint/export.h"
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
	err = agent_charter_install(agent, dir, keys, n, psk);
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

enum err
api_ops_export(struct agent *agent, const struct json_cur *in,
    struct json **out, char detail[API_OPS_DETAIL])
{
	const char *path = path_of(in, "path", detail);
	const char *level = json_str_or(in, "level", "sealed");
	const char *peer = json_str_or(in, "peer", "");
	const char *prefix = json_str_or(in, "case", NULL);
	const struct pair *pair = pairs_named(agent_pairs(agent), peer);
	bool open = strcmp(level, "open") == 0;
	struct id case_id;
	enum err err = ERR_OK;

	if (path == NULL)
		return ERR_USAGE;
	if (!open && strcmp(level, "sealed") != 0)
		return say(detail, ERR_USAGE, "level: sealed or open");
	if (pair == NULL)
		return say(detail, ERR_NOTFOUND,
		    "peer: none or several pairs are meant");
	if (prefix != NULL)
		err = casebook_find(agent, prefix, &case_id);
	if (err != ERR_OK)
		return say(detail, err, prefix);
	err = export_bundle(agent, pair, open ? EXPORT_OPEN : EXPORT_SEALED,
	    prefix != NULL ? &case_id : NULL, path, out);
	return err == ERR_OK ? err : say(detail, err, path);
}
