/* show: what a file is, from what stands in it in clear. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/secret.h"
#include "keys/cmd.h"
#include "keys/pubkey.h"
#include "keys/stating.h"
#include "keys/tool.h"
#include "proto/arena.h"
#include "proto/label.h"
#include "proto/notice.h"

static const char *
type_name(uint8_t type)
{
	switch (type) {
	case KEYFILE_S:
		return "sign";
	case KEYFILE_I:
		return "identity";
	case KEYFILE_T:
		return "transport";
	case KEYFILE_LOG:
		return "log";
	case KEYFILE_CUST:
		return "custodian";
	case KEYFILE_R:
		return "root";
	case KEYFILE_O:
		return "officer";
	default:
		return "witness";
	}
}

static struct json *
entry_json(const struct keyfile_entry *e)
{
	struct json *json = json_new_obj();
	struct id kid = pubkey_kid(e->key);

	json_put_str(json, "type", type_name(e->type));
	if (e->age > 0)
		json_put_int(json, "age", e->age);
	json_put_hex(json, "kid", kid.b, ID_BYTES);
	json_put_hex(json, "key", e->key, KEY_BYTES);
	return json;
}

static enum err
show_keyfile(struct json *json, const struct buf *file)
{
	struct keyfile_public pub;
	struct json *list = json_new_arr(), *item;
	enum err err;
	size_t i;

	err = keyfile_decode(&pub, file->p, file->len);
	if (err != ERR_OK) {
		json_free(&list);
		return err;
	}
	json_put_str(json, "what", "key file");
	json_put_str(json, "kind", keyfile_kind_name(pub.kind));
	json_put_str(json, "name", pub.name);
	tool_agency(json, &pub.agency);
	if (pub.kind == KEYFILE_OFFICER)
		json_put_hex(json, "officer", pub.holder.b, ID_BYTES);
	for (i = 0; i < pub.n; i++) {
		if (pub.key[i].type == KEYFILE_BOOK)
			continue;
		item = entry_json(&pub.key[i]);
		json_add(list, &item);
	}
	json_put(json, "keys", &list);
	list = json_new_arr();
	for (i = 0; i < pub.slots; i++) {
		item = json_new_obj();
		json_put_str(item, "slot", pub.slot[i] == KEYFILE_PASSPHRASE ?
		    "passphrase" : "recovery code");
		json_put_str(item, "argon2", keyfile_cost_name(&pub.cost[i]));
		json_add(list, &item);
	}
	json_put(json, "opened_by", &list);
	return ERR_OK;
}

static enum err
show_officer(struct json *json, const struct statement *st)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct notice_officer_info info;
	struct statement_officer o;
	enum err err;

	err = statement_officer_decode(&o, st->body);
	if (err == ERR_OK)
		err = notice_officer_info_decode(&info, o.info, &arena);
	if (err == ERR_OK) {
		json_put_str(json, "what", "officer certificate");
		json_put_hex(json, "custodian", o.kid.b, ID_BYTES);
		json_put_hex(json, "officer", o.officer.b, ID_BYTES);
		json_put_str(json, "name", info.name);
		json_put_str(json, "desk", info.desk);
		json_put_hex(json, "key", o.key, KEY_BYTES);
		json_put_time(json, "not_before", (int64_t)o.not_before);
		json_put_time(json, "not_after", (int64_t)o.not_after);
		json_put_bool(json, "revoked", o.revoked);
	}
	arena_free(&arena);
	return err;
}

static enum err
show_recovery(struct json *json, const struct statement *st)
{
	struct statement_recovery r;
	enum err err = statement_recovery_decode(&r, st->body);

	if (err != ERR_OK)
		return err;
	json_put_str(json, "what", "recovery statement");
	json_put_hex(json, "root_kid", r.kid.b, ID_BYTES);
	json_put_hex(json, "pair", r.pair_id.b, HASH_BYTES);
	json_put_int(json, "direction", r.direction);
	json_put_int(json, "reason", r.reason);
	return ERR_OK;
}

static enum err
show_statement(struct json *json, const char *path, const struct buf *file)
{
	struct tool_statement ts;
	struct statement st;
	enum err err;

	err = statement_split(&st, buf_view(file));
	if (err != ERR_OK)
		return err;
	switch (st.kind) {
	case STATEMENT_KEYS:
		err = tool_statement_load(&ts, path);
		if (err != ERR_OK)
			return err;
		json_put_str(json, "what", "key statement");
		stating_json(json, &ts);
		tool_statement_free(&ts);
		return ERR_OK;
	case STATEMENT_OFFICER:
		return show_officer(json, &st);
	case STATEMENT_RECOVERY:
		return show_recovery(json, &st);
	default:
		json_put_str(json, "what", statement_kind_name(st.kind));
		json_put_hex(json, "kid", st.kid.b, ID_BYTES);
		return ERR_OK;
	}
}

static enum err
show_charter(struct json *json, const char *path)
{
	struct tool_charter *tc;
	enum err err;

	tc = calloc(1, sizeof(*tc));
	if (tc == NULL)
		return ERR_NOMEM;
	err = tool_charter_load(tc, path);
	if (err == ERR_OK) {
		json_put_str(json, "what", "charter");
		json_put_hex(json, "charter", tc->id.b, HASH_BYTES);
		json_put_int(json, "number", tc->charter.number);
		json_put_str(json, "a", tc->charter.party[0].name);
		json_put_str(json, "b", tc->charter.party[1].name);
		json_put_time(json, "from", (int64_t)tc->charter.from_at);
		json_put_time(json, "until", (int64_t)tc->charter.until_at);
		tool_charter_free(tc);
	}
	free(tc);
	return err;
}

int
cmd_show(struct cli *cli)
{
	const char *path = cli_arg(cli, 0);
	struct buf file = buf_init(CHARTER_MAX);
	struct json *json = json_new_obj();
	static const char charter[] = "casewire/1 charter\n";
	enum err err;
	int rc;

	json_put_str(json, "file", path);
	err = file_load(path, CHARTER_MAX, &file);
	if (err == ERR_OK && file.len >= 4 && memcmp(file.p, "CWK1", 4) == 0)
		err = show_keyfile(json, &file);
	else if (err == ERR_OK && file.len >= sizeof(charter) - 1 &&
	    memcmp(file.p, charter, sizeof(charter) - 1) == 0)
		err = show_charter(json, path);
	else if (err == ERR_OK)
		err = show_statement(json, path, &file);
	rc = err == ERR_OK ? tool_emit(cli, &json, NULL) :
	    cli_fail(cli, err, "%s", path);
	json_free(&json);
	buf_free(&file);
	return rc;
}
