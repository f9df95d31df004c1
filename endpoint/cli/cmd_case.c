#include "endpoint/cli/cmd_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/httpc.h"
#include "base/json.h"
#include "base/show.h"
#include "base/text.h"
#include "endpoint/cli/call.h"
#include "endpoint/cli/cmd_late.h"
#include "endpoint/cli/case_verbs.h"
#include "endpoint/cli/follow.h"

/* One attachment of the file, its path made absolute from the file's own
 * folder. */
static struct json *
copy_attachment(const struct json_cur *in, const char *folder)
{
	struct json *obj = json_new_obj();

	for (size_t i = 0; i < json_len(in); i++) {
		const char *key = json_key(in, i);
		struct json_cur v = json_get(in, key);
		char *path;

		if (strcmp(key, "path") != 0) {
			json_put_copy(obj, key, v.v);
			continue;
		}
		path = call_absolute(call_text(in, key), folder);
		json_put_str(obj, key, path != NULL ? path : "");
		free(path);
	}
	return obj;
}

static void
copy_attachments(struct json *doc, const struct json_cur *in,
    const char *folder)
{
	struct json *arr = json_new_arr();

	for (size_t i = 0; i < json_len(in); i++) {
		struct json_cur at = json_at(in, i);
		struct json *obj = copy_attachment(&at, folder);

		json_add(arr, &obj);
	}
	json_put(doc, "attachments", &arr);
}

static int
put_file(const struct cli *cli, struct json *doc, const char *file)
{
	struct json_fault fault = {0};
	struct json *src = NULL;
	struct json_cur root;
	char *folder, *slash;
	int code = call_load(cli, file, &src);

	if (code != 0)
		return code;
	folder = strdup(file);
	slash = folder != NULL ? strrchr(folder, '/') : NULL;
	if (slash != NULL)
		*slash = '\0';
	root = json_root(src, &fault);
	for (size_t i = 0; i < json_len(&root); i++) {
		const char *key = json_key(&root, i);
		struct json_cur v = json_get(&root, key);

		if (strcmp(key, "attachments") == 0 && json_is_arr(&v))
			copy_attachments(
			    doc, &v, slash != NULL ? folder : NULL);
		else
			json_put_copy(doc, key, v.v);
	}
	free(folder);
	json_free(&src);
	return 0;
}

/* --item and --file of a result. */
static void
put_items(const struct cli *cli, struct json *doc)
{
	const char *custody = cli_opt(cli, "custody"), *text;
	struct json *arr = json_new_arr();

	for (size_t i = 0; (text = cli_opt_nth(cli, "item", i)); i++) {
		struct json *item = json_new_obj();

		json_put_str(item, "description", text);
		json_put_str(item, "custody", custody != NULL ? custody : "");
		json_add(arr, &item);
	}
	json_put(doc, "items", &arr);
}

static void
put_files(const struct cli *cli, struct json *doc)
{
	const char *type = cli_opt(cli, "media-type"), *text;
	struct json *arr = json_new_arr();

	for (size_t i = 0; (text = cli_opt_nth(cli, "file", i)); i++) {
		struct json *item = json_new_obj();
		char *path = call_absolute(text, NULL);

		json_put_str(item, "path", path != NULL ? path : "");
		json_put_str(item, "media_type",
		    type != NULL ? type : "application/octet-stream");
		json_add(arr, &item);
		free(path);
	}
	json_put(doc, "attachments", &arr);
}

static int
make_document(struct cli *cli, struct json **out)
{
	const char *file = cli_opt(cli, "from");
	struct json *doc = json_new_obj();
	int code = 0;

	if (file != NULL)
		code = put_file(cli, doc, file);
	if (code == 0)
		code = case_verbs_put(cli, doc);
	if (code == 0 && case_verbs_opt(cli, "item") != NULL)
		put_items(cli, doc);
	if (code == 0 && case_verbs_opt(cli, "file") != NULL)
		put_files(cli, doc);
	if (code != 0)
		json_free(&doc);
	*out = doc;
	return code;
}

/* ---- writing ---- */

/* The head to name: what --head says, else the case as it is now. */
static int
put_head(const struct cli *cli, struct json *doc, const char *path)
{
	struct json_fault fault = {0};
	struct json *now = NULL;
	struct json_cur root;
	int64_t head;
	int code;

	if (cli_opt_int(cli, "head", -1, 0, INT64_MAX, &head) != ERR_OK)
		return err_exit(ERR_USAGE);
	if (head < 0) {
		code = call_get(cli, path, &now);
		if (code != 0)
			return code;
		root = json_root(now, &fault);
		head = json_int_or(&root, "head", 0);
		json_free(&now);
	}
	json_put_int(doc, "head", head);
	return 0;
}

/* Tell what was written; the data is the case's id. */
static int
told(struct cli *cli, struct json **message)
{
	struct json_fault fault = {0};
	struct json_cur root;

	if (cli_json(cli))
		return cli_data(cli, message);
	root = json_root(*message, &fault);
	cli_say(_("%s %s is message %lld of the case, now %s"),
	    call_code(&root, "type"), call_code(&root, "outcome"),
	    (long long)json_int_or(&root, "n", 0),
	    follow_stage(&root));
	call_line("%s", call_text(&root, "case_id"));
	json_free(message);
	return cli_flush();
}

static int
send_document(struct cli *cli, const char *path, struct json **doc)
{
	const char *wait = cli_opt(cli, "wait");
	struct json *message = NULL;
	int64_t timeout;
	int code;

	if (cli_opt_int(cli, "timeout", 30, 1, 86400, &timeout) != ERR_OK) {
		json_free(doc);
		return err_exit(ERR_USAGE);
	}
	if (wait != NULL && !follow_known(wait)) {
		json_free(doc);
		return cli_fail(cli, ERR_USAGE,
		    "--wait is submitted or delivered, not %s", wait);
	}
	code = call_post(cli, path, doc, &message);
	if (code == 0 && wait != NULL)
		code = follow_until(cli, &message, wait, timeout * 1000);
	if (code != 0) {
		json_free(&message);
		return code;
	}
	return told(cli, &message);
}

int
cmd_case_open(struct cli *cli)
{
	struct json *doc = NULL;
	int code;

	if (cli_opt(cli, "from") == NULL)
		return cli_fail(
		    cli, ERR_USAGE,
		    _("a request comes from a file: --from FILE"));
	code = make_document(cli, &doc);
	return code != 0 ? code : send_document(cli, "/v1/cases", &doc);
}

int
cmd_case_write(struct cli *cli)
{
	struct buf path = buf_init(1024);
	struct json *doc = NULL;
	int code;

	call_case(&path, cli_arg(cli, 0));
	code = make_document(cli, &doc);
	if (code == 0)
		code = put_head(cli, doc, buf_text(&path));
	if (code == 0) {
		buf_str(&path, "/");
		buf_str(&path, case_verbs_word(cli));
		code = send_document(cli, buf_text(&path), &doc);
	}
	json_free(&doc);
	buf_free(&path);
	return code;
}

/* ---- reading ---- */

int
cmd_case_list(struct cli *cli)
{
	const char *const heads[] = {_("CASE"), _("STATE"), _("URG"),
	    _("PEER"), _("WE ARE"), _("KIND"), _("REFERENCE"), _("MOVED")};
	struct json_fault fault = {0};
	struct json *answer = NULL;
	struct show_table *table;
	struct json_cur root, list;
	int code = call_get(cli, "/v1/cases", &answer);

	if (code != 0)
		return code;
	if (cli_json(cli))
		return cli_data(cli, &answer);
	root = json_root(answer, &fault);
	list = json_get(&root, "cases");
	table = show_table_new(heads, 8);
	for (size_t i = 0; i < json_len(&list); i++) {
		struct json_cur c = json_at(&list, i);

		show_cell(table, "%.12s", call_text(&c, "case_id"));
		show_cell(table, "%s%s", call_code(&c, "state"),
		    json_bool_or(&c, "held", false) ? _(", HOLD") : "");
		show_cell(table, "%s", call_text(&c, "urgency"));
		show_cell(table, "%s", call_text(&c, "peer"));
		show_cell(table, "%s", call_code(&c, "side"));
		show_cell(table, "%s", call_code(&c, "kind"));
		show_cell(table, "%s", call_text(&c, "request_ref"));
		show_cell(table, "%s", call_text(&c, "moved_at"));
	}
	if (json_len(&list) > 0)
		show_table_print(table, stdout);
	else
		cli_say(_("no case yet"));
	show_table_free(&table);
	json_free(&answer);
	return cli_flush();
}

static void
show_evidence(const struct json_cur *m)
{
	struct json_cur ev = json_get(m, "evidence");

	for (size_t i = 0; i < json_len(&ev); i++) {
		const char *key = json_key(&ev, i);
		const char *at = call_text(&ev, key);

		if (at[0] != '\0')
			call_line("    %s: %s", text_get(key), at);
	}
}

/* Times that witnesses stand for, and no party's clock. */
static void
show_bounds(const struct json_cur *m)
{
	if (call_text(m, "not_before")[0] != '\0')
		call_line(_("    signed after %s, by a witness's clock"),
		    call_text(m, "not_before"));
	if (call_text(m, "not_after")[0] != '\0')
		call_line(_("    signed before %s, by the witnesses' clocks"),
		    call_text(m, "not_after"));
	if (strcmp(call_text(m, "time_bound"), "pending") == 0)
		call_line(_("    not enough witnesses have signed for its "
			    "time yet"));
}

static void
show_message(const struct json_cur *m)
{
	struct json_cur body = json_get(m, "body");
	const char *standing = call_text(m, "standing");

	call_line(_("%lld. %s  %s%s%s  by %s (the %s side)  %s -> %s"),
	    (long long)json_int_or(m, "n", 0), call_text(m, "at"),
	    call_code(m, "type"),
	    call_text(m, "outcome")[0] != '\0' ? " " : "",
	    call_code(m, "outcome"),
	    json_bool_or(m, "own", false) ? _("us") : _("the peer"),
	    call_code(m, "side"), call_code(m, "before"),
	    call_code(m, "after"));
	if (strcmp(standing, "stands") != 0)
		call_line(_("    does not stand: %s (%s)"),
		    text_get(standing), call_text(m, "why"));
	if (call_text(m, "answers_env_id")[0] != '\0')
		call_line(_("    answers %.8s"),
		    call_text(m, "answers_env_id"));
	if (call_text(m, "corrected_by")[0] != '\0')
		call_line(_("    corrected by %.8s"),
		    call_text(m, "corrected_by"));
	if (call_text(m, "peer_rejects")[0] != '\0')
		call_line(_("    the peer rejects it: %s"),
		    call_text(m, "peer_rejects"));
	call_line("    env_id: %s", call_text(m, "env_id")[0] != '\0'
		? call_text(m, "env_id")
		: _("not sealed yet"));
	show_evidence(m);
	show_bounds(m);
	if (call_text(m, "shredded_at")[0] != '\0')
		call_line(_("    body shredded on %s"),
		    call_text(m, "shredded_at"));
	call_print(&body, 4, NULL);
}

static void
show_files(const struct json_cur *root)
{
	struct json_cur list = json_get(root, "files");

	if (json_len(&list) > 0)
		printf("\n%s\n", _("Files"));
	for (size_t i = 0; i < json_len(&list); i++) {
		struct json_cur f = json_at(&list, i);
		bool whole = json_bool_or(&f, "complete", false);

		call_line(_("  %s  %lld bytes, %s%s%s"),
		    call_text(&f, "name"),
		    (long long)json_int_or(&f, "size", 0),
		    json_bool_or(&f, "own", false) ? _("sent")
			: whole			   ? _("here: ")
						   : _("not complete yet"),
		    whole ? call_text(&f, "path") : "",
		    call_text(&f, "fault"));
	}
}

/* What waits for a word, and what got one. */
static void
show_items(const struct json_cur *root)
{
	struct json_cur list = json_get(root, "items");

	if (json_len(&list) > 0)
		printf("\n%s\n", _("Items"));
	for (size_t i = 0; i < json_len(&list); i++) {
		struct json_cur item = json_at(&list, i);

		call_line(_("  %.8s  %s%s%s of %s: %s"),
		    call_text(&item, "env_id"), call_code(&item, "type"),
		    call_text(&item, "outcome")[0] != '\0' ? " " : "",
		    call_code(&item, "outcome"),
		    json_bool_or(&item, "own", false) ? _("us") :
		    _("the peer"), call_code(&item, "state"));
	}
}

static void
show_moves(const struct json_cur *root)
{
	struct json_cur list = json_get(root, "moves");
	const char *id = call_text(root, "case_id");

	if (json_len(&list) > 0)
		printf("\n%s\n", _("Possible now"));
	for (size_t i = 0; i < json_len(&list); i++) {
		struct json_cur m = json_at(&list, i);
		struct json_cur outcomes = json_get(&m, "outcomes");
		struct buf words = buf_init(1024);

		for (size_t k = 0; k < json_len(&outcomes); k++) {
			struct json_cur o = json_at(&outcomes, k);

			buf_fmt(&words, "%s%s", k == 0 ? "   # " : ", ",
			    json_as_str(&o));
		}
		call_line("  casewire case %s %.12s --head %lld%s%.8s ...%s",
		    call_text(&m, "verb"), id,
		    (long long)json_int_or(root, "head", 0),
		    json_has(&m, "answers") ? " --about " : "",
		    call_text(&m, "answers"), words.len > 0 ? buf_text(&words) : "");
		buf_free(&words);
	}
}

static void
show_hold(const struct json_cur *root)
{
	struct json_cur hold = json_get(root, "hold");

	if (json_bool_or(root, "held", false))
		call_line(_("HOLD      since %s by %s: %s"),
		    call_text(&hold, "from"), call_text(&hold, "who"),
		    call_text(&hold, "reason"));
}

int
cmd_case_show(struct cli *cli)
{
	struct buf path = buf_init(1024);
	struct json_fault fault = {0};
	struct json *answer = NULL;
	struct json_cur root, list;
	int code;

	call_case(&path, cli_arg(cli, 0));
	code = call_get(cli, buf_text(&path), &answer);
	buf_free(&path);
	if (code != 0)
		return code;
	if (cli_json(cli))
		return cli_data(cli, &answer);
	root = json_root(answer, &fault);
	call_line(_("Case      %s"), call_text(&root, "case_id"));
	call_line(_("State     %s%s"), call_code(&root, "state"),
	    json_bool_or(&root, "exercise", false) ? _("  (EXERCISE)") : "");
	show_hold(&root);
	call_line(_("Request   %s  %s  %s"), call_text(&root, "request_ref"),
	    call_code(&root, "kind"), call_text(&root, "urgency"));
	call_line(_("Peer      %s; we are the %s side"),
	    call_text(&root, "peer"), call_code(&root, "side"));
	call_line(_("Head      %lld"),
	    (long long)json_int_or(&root, "head", 0));
	printf("\n%s\n", _("Messages"));
	list = json_get(&root, "messages");
	for (size_t i = 0; i < json_len(&list); i++) {
		struct json_cur m = json_at(&list, i);

		show_message(&m);
	}
	cmd_late_clocks(&root);
	show_items(&root);
	show_files(&root);
	show_moves(&root);
	json_free(&answer);
	return cli_flush();
}
