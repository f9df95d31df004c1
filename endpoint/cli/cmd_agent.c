#include "endpoint/cli/cmd_agent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cli.h"
#include "base/file.h"
#include "base/json.h"
#include "base/show.h"
#include "base/text.h"
#include "endpoint/cli/call.h"
#include "proto/limits.h"

/* Ask, and show the answer: as data with --json, else by show. */
typedef void show_fn(const struct json_cur *root);

static int
finish(struct cli *cli, struct json **answer, show_fn *show)
{
	struct json_fault fault = {0};
	struct json_cur root;

	if (cli_json(cli))
		return cli_data(cli, answer);
	root = json_root(*answer, &fault);
	show(&root);
	json_free(answer);
	return cli_flush();
}

static int
ask(struct cli *cli, const char *path, show_fn *show)
{
	struct json *answer = NULL;
	int code = call_get(cli, path, &answer);

	return code != 0 ? code : finish(cli, &answer, show);
}

static int
post(struct cli *cli, const char *path, struct json **body, show_fn *show)
{
	struct json *answer = NULL;
	int code = call_post(cli, path, body, &answer);

	return code != 0 ? code : finish(cli, &answer, show);
}

static void
put_path(struct json *body, const char *key, const char *path)
{
	char *whole = call_absolute(path, NULL);

	json_put_str(body, key, whole != NULL ? whole : "");
	free(whole);
}

/* ---- reading ---- */

static void
show_inbox(const struct json_cur *root)
{
	const char *const heads[] = {_("AT"), _("CASE"), _("MESSAGE"),
	    _("OUTCOME"), _("STANDING"), _("CASE IS NOW")};
	struct json_cur list = json_get(root, "items");
	struct show_table *table = show_table_new(heads, 6);

	for (size_t i = 0; i < json_len(&list); i++) {
		struct json_cur m = json_at(&list, i);

		show_cell(table, "%s", call_text(&m, "at"));
		show_cell(table, "%.12s", call_text(&m, "case_id"));
		show_cell(table, "%s", call_code(&m, "type"));
		show_cell(table, "%s", call_code(&m, "outcome"));
		show_cell(table, "%s", call_code(&m, "standing"));
		show_cell(table, "%s", call_code(&m, "state"));
	}
	if (json_len(&list) > 0)
		show_table_print(table, stdout);
	else
		cli_say(_("nothing from the peer"));
	show_table_free(&table);
	cli_say(_("newer ones: casewire inbox --after %lld"),
	    (long long)json_int_or(root, "cursor", 0));
}

int
cmd_agent_inbox(struct cli *cli)
{
	char path[64];
	int64_t after;

	if (cli_opt_int(cli, "after", 0, 0, INT64_MAX, &after) != ERR_OK)
		return err_exit(ERR_USAGE);
	snprintf(path, sizeof(path), "/v1/inbox?after=%lld",
	    (long long)after);
	return ask(cli, path, show_inbox);
}

static void
show_files(const struct json_cur *root)
{
	const char *const heads[] = {
	    _("FILE"), _("CASE"), _("BYTES"), _("HAVE"), _("STATE"), _("PATH")};
	struct json_cur list = json_get(root, "files");
	struct show_table *table = show_table_new(heads, 6);

	for (size_t i = 0; i < json_len(&list); i++) {
		struct json_cur f = json_at(&list, i);
		const char *fault = call_text(&f, "fault");
		bool whole = json_bool_or(&f, "complete", false);

		show_cell(table, "%s", call_text(&f, "name"));
		show_cell(table, "%.12s", call_text(&f, "case_id"));
		show_cell(table, "%lld",
		    (long long)json_int_or(&f, "size", 0));
		show_cell(table, "%lld",
		    (long long)json_int_or(&f, "have", 0));
		show_cell(table, "%s",
		    json_bool_or(&f, "own", false) ? _("sent")
			: fault[0] != '\0'	   ? fault
			: whole			   ? _("complete")
						   : _("incomplete"));
		show_cell(table, "%s", call_text(&f, "path"));
	}
	if (json_len(&list) > 0)
		show_table_print(table, stdout);
	else
		cli_say(_("no file yet"));
	show_table_free(&table);
}

int
cmd_agent_files(struct cli *cli)
{
	return ask(cli, "/v1/files", show_files);
}

static void
show_relays(const struct json_cur *list)
{
	const char *const heads[] = {_("RELAY"), _("ENDPOINT"), _("STATE"),
	    _("LOG SIZE"), _("WAITING")};
	struct show_table *table = show_table_new(heads, 5);

	for (size_t i = 0; i < json_len(list); i++) {
		struct json_cur r = json_at(list, i);

		show_cell(table, "%s", call_text(&r, "name"));
		show_cell(table, "%s", call_text(&r, "endpoint"));
		show_cell(table, "%s %s", call_code(&r, "state"),
		    call_text(&r, "why"));
		show_cell(table, "%lld",
		    (long long)json_int_or(&r, "log_size", 0));
		show_cell(table, "%lld",
		    (long long)json_int_or(&r, "waiting", 0));
	}
	puts("");
	show_table_print(table, stdout);
	show_table_free(&table);
}

static void
show_pairs(const struct json_cur *list)
{
	const char *const heads[] = {_("PEER"), _("CHARTER"), _("UNTIL"),
	    _("READY"), _("UNSEALED"), _("UNDELIVERED"), _("LAST HEARD")};
	struct show_table *table = show_table_new(heads, 7);

	for (size_t i = 0; i < json_len(list); i++) {
		struct json_cur p = json_at(list, i);
		bool ready = json_bool_or(&p, "ready", false);

		show_cell(table, "%s", call_text(&p, "peer"));
		show_cell(table, "%lld",
		    (long long)json_int_or(&p, "charter_number", 0));
		show_cell(table, "%.10s", call_text(&p, "until"));
		show_cell(table, "%s", ready ? _("yes") :
		    call_code(&p, "why"));
		show_cell(table, "%lld",
		    (long long)json_int_or(&p, "unsealed", 0));
		show_cell(table, "%lld",
		    (long long)json_int_or(&p, "undelivered", 0));
		show_cell(table, "%s", call_text(&p, "heard_at"));
	}
	puts("");
	show_table_print(table, stdout);
	show_table_free(&table);
}

/* The channels of a pair that have carried anything. */
static void
show_lanes(const struct json_cur *pair, struct show_table *table)
{
	static const char *const counts[] = {"sent", "acked", "known",
	    "settled"};
	struct json_cur lanes = json_get(pair, "lanes");

	for (size_t i = 0; i < json_len(&lanes); i++) {
		struct json_cur l = json_at(&lanes, i);

		if (json_int_or(&l, "sent", 0) == 0 &&
		    json_int_or(&l, "known", 0) == 0)
			continue;
		show_cell(table, "%s", call_text(pair, "peer"));
		show_cell(table, "%s", call_code(&l, "lane"));
		for (size_t k = 0; k < 4; k++)
			show_cell(table, "%lld",
			    (long long)json_int_or(&l, counts[k], 0));
		show_cell(table, "%s", json_bool_or(&l, "stopped", false) ?
		    _("stopped") : json_bool_or(&l, "gap", false) ?
		    _("gap") : "");
	}
}

/* What a root must sign, where two heads were signed. */
static void
show_branches(const struct json_cur *list)
{
	static const char *const skip[] = {"peer", "pair_id", "charter_id",
	    "charter_number", "until", "ready", "why", "own_prekey",
	    "peer_prekey", "heard_at", "unsealed", "undelivered", "lanes",
	    NULL};

	for (size_t i = 0; i < json_len(list); i++) {
		struct json_cur p = json_at(list, i);

		if (!json_has(&p, "recover") && !json_has(&p, "heads"))
			continue;
		puts("");
		call_line("%s", call_text(&p, "peer"));
		call_print(&p, 2, skip);
	}
}

static void
show_alarms(const struct json_cur *list)
{
	const char *const heads[] = {_("LAST"), _("TIMES"), _("ALARM"),
	    _("TEXT")};
	struct show_table *table = show_table_new(heads, 4);

	for (size_t i = 0; i < json_len(list); i++) {
		struct json_cur a = json_at(list, i);

		show_cell(table, "%s", call_text(&a, "last_at"));
		show_cell(table, "%lld",
		    (long long)json_int_or(&a, "count", 0));
		show_cell(table, "%s", call_text(&a, "code"));
		show_cell(table, "%s", call_text(&a, "text"));
	}
	puts("");
	if (json_len(list) > 0)
		show_table_print(table, stdout);
	show_table_free(&table);
}

static void
show_health(const struct json_cur *root, bool alarms)
{
	struct json_cur health = json_get(root, "health");

	call_line("%s  %s", call_text(root, "name"),
	    call_text(root, "agency"));
	if (json_int_or(&health, "code", 0) == 0) {
		call_line("%s", alarms ?
		    _("It runs; look at the alarms below.") :
		    _("All is well."));
		return;
	}
	call_line("%s", call_code(&health, "text"));
	call_line("  %s: %s", _("next"), call_code(&health, "next"));
}

/* How long bodies are kept. */
static void
show_keeping(const struct json_cur *root)
{
	long long days = (long long)json_int_or(root, "retain_days", 0);
	long long held = (long long)json_int_or(root, "holds", 0);
	long long gone = (long long)json_int_or(root, "shredded", 0);

	puts("");
	if (days == 0)
		call_line(_("Bodies are kept for ever; %lld cases on hold, "
			    "%lld bodies shredded by hand or before."), held,
		    gone);
	else
		call_line(_("Bodies are shredded %lld days after a case is "
			    "over; %lld cases on hold, %lld bodies shredded "
			    "so far."), days, held, gone);
}

/* A hint, no alarm: nothing that is sent waits for a witness. */
static void
show_witnesses(const struct json_cur *pairs)
{
	for (size_t i = 0; i < json_len(pairs); i++) {
		struct json_cur p = json_at(pairs, i);
		const char *at = call_text(&p, "cosigned_at");

		if (json_bool_or(&p, "cosigned_missing", false))
			call_line(_("%s: too few witnesses have cosigned for "
				    "long (last %s); times stay unproved"),
			    call_text(&p, "peer"),
			    at[0] != '\0' ? at : _("never"));
	}
}

static void
show_doctor(const struct json_cur *root)
{
	const char *const heads[] = {_("PEER"), _("CHANNEL"), _("SENT"),
	    _("ACKED"), _("RECEIVED"), _("SETTLED"), ""};
	struct json_cur relays = json_get(root, "relays");
	struct json_cur pairs = json_get(root, "pairs");
	struct json_cur alarms = json_get(root, "alarms");
	struct show_table *lanes = show_table_new(heads, 7);

	show_health(root, json_len(&alarms) > 0);
	if (json_len(&pairs) == 0)
		cli_say(_("no charter yet: casewire charter install DIR"));
	if (json_len(&relays) > 0)
		show_relays(&relays);
	if (json_len(&pairs) > 0) {
		show_pairs(&pairs);
		for (size_t i = 0; i < json_len(&pairs); i++) {
			struct json_cur p = json_at(&pairs, i);

			show_lanes(&p, lanes);
		}
		puts("");
		show_table_print(lanes, stdout);
		show_branches(&pairs);
		show_witnesses(&pairs);
	}
	show_keeping(root);
	if (json_len(&alarms) > 0)
		show_alarms(&alarms);
	show_table_free(&lanes);
}

int
cmd_agent_doctor(struct cli *cli)
{
	struct json_fault fault = {0};
	struct json *answer = NULL;
	struct json_cur root, health;
	int code = call_get(cli, "/v1/status", &answer), exit_code;

	if (code != 0)
		return code;
	root = json_root(answer, &fault);
	health = json_get(&root, "health");
	exit_code = (int)json_int_or(&health, "exit", 0);
	code = finish(cli, &answer, show_doctor);
	return code != 0 ? code : exit_code;
}

/* ---- evidence and backup ---- */

static void
show_path(const struct json_cur *root)
{
	call_line("%s", call_text(root, "path"));
}

int
cmd_agent_backup(struct cli *cli)
{
	struct json *body = json_new_obj();
	int code;

	put_path(body, "path", cli_arg(cli, 0));
	code = post(cli, "/v1/backup", &body, show_path);
	if (code == 0 && !cli_json(cli))
		cli_say(_("the book without keys: keep HOME/keys apart; a "
			  "restored book is compared with the relays before "
			  "anything is sent"));
	return code;
}

static void
show_export(const struct json_cur *root)
{
	call_line("%s", call_text(root, "path"));
	cli_say(_("%s: %lld runs, %lld receipts, %lld proofs, %lld openings"),
	    call_code(root, "level"),
	    (long long)json_int_or(root, "runs", 0),
	    (long long)json_int_or(root, "receipts", 0),
	    (long long)json_int_or(root, "proofs", 0),
	    (long long)json_int_or(root, "openings", 0));
	cli_say(_("an auditor checks it without us: casewire-audit verify %s "
		  "--charter %s"),
	    call_text(root, "path"), call_text(root, "charter_id"));
}

static void
show_proof(const struct json_cur *root)
{
	call_line("%s", call_text(root, "path"));
	cli_say(_("entry %lld of a log of %lld; anybody checks it: "
		  "casewire-audit proof %s --keys RELAY_KEYS"),
	    (long long)json_int_or(root, "index", 0),
	    (long long)json_int_or(root, "size", 0), call_text(root, "path"));
}

int
cmd_agent_export(struct cli *cli)
{
	static const char *const members[] = {
	    "level", "peer", "case", "field", "silence", "proof", NULL};
	struct json *body = json_new_obj(), *messages = NULL;
	const char *word = cli_opt(cli, "at");
	int64_t at;
	int code;

	if (word != NULL) {
		code = call_when(cli, word, &at);
		if (code != 0) {
			json_free(&body);
			return code;
		}
		json_put_time(body, "at", at);
	}
	if (cli_has(cli, "own"))
		json_put_bool(body, "own", true);
	put_path(body, "path", cli_arg(cli, 0));
	for (size_t i = 0; (word = cli_opt_nth(cli, "message", i)); i++) {
		if (messages == NULL)
			messages = json_new_arr();
		json_add_str(messages, word);
	}
	if (messages != NULL)
		json_put(body, "messages", &messages);
	for (size_t i = 0; members[i] != NULL; i++) {
		const char *text = cli_opt(cli, members[i]);

		if (text != NULL)
			json_put_str(body, members[i], text);
	}
	return post(cli, "/v1/export", &body,
	    cli_opt(cli, "proof") != NULL ? show_proof : show_export);
}

/* ---- charters and recovery ---- */

static void
show_charters(const struct json_cur *root)
{
	struct json_cur list = json_get(root, "charters");

	for (size_t i = 0; i < json_len(&list); i++) {
		struct json_cur c = json_at(&list, i);

		if (i > 0)
			puts("");
		call_print(&c, 0, NULL);
	}
	if (json_len(&list) == 0)
		cli_say(_("no charter yet: casewire charter install DIR"));
}

int
cmd_agent_charter_install(struct cli *cli)
{
	struct json *body = json_new_obj(), *keys = json_new_arr();
	const char *file;

	put_path(body, "dir", cli_arg(cli, 0));
	for (size_t i = 0; (file = cli_opt_nth(cli, "keys", i)); i++) {
		char *whole = call_absolute(file, NULL);

		json_add_str(keys, whole != NULL ? whole : "");
		free(whole);
	}
	json_put(body, "keys", &keys);
	file = cli_opt(cli, "psk");
	if (file != NULL)
		put_path(body, "psk", file);
	return post(cli, "/v1/charters", &body, show_charters);
}

int
cmd_agent_charter_show(struct cli *cli)
{
	return ask(cli, "/v1/charters", show_charters);
}

static void
show_recovered(const struct json_cur *root)
{
	(void)root;
	cli_say(_("recovered; look at casewire doctor"));
}

int
cmd_agent_recover(struct cli *cli)
{
	const char *file = cli_opt(cli, "statement");
	struct buf entry = buf_init(STATEMENT_MAX);
	struct buf text = buf_init(2 * STATEMENT_MAX);
	struct json *body = json_new_obj();
	enum err err;
	int code;

	if (cli_has(cli, "adopt") == (file != NULL)) {
		code = cli_fail(cli, ERR_USAGE,
		    _("either --adopt or --statement FILE"));
		goto out;
	}
	if (file != NULL) {
		err = file_load(file, STATEMENT_MAX, &entry);
		if (err != ERR_OK) {
			code = cli_fail(cli, err, "%s", file);
			goto out;
		}
		b64_encode(&text, entry.p, entry.len);
		json_put_str(body, "statement", buf_text(&text));
	} else {
		json_put_bool(body, "adopt", true);
	}
	code = post(cli, "/v1/recover", &body, show_recovered);
out:
	json_free(&body);
	buf_free(&text);
	buf_free(&entry);
	return code;
}
