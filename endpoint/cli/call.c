#include "endpoint/cli/call.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/httpc.h"
#include "base/json.h"
#include "base/show.h"
#include "base/text.h"

/* Longer than the longest long poll. */
#define TIMEOUT_MS 120000
#define WHERE_MAX 1024
#define DOCUMENT_MAX (1024u * 1024)

static int
open_agent(const struct cli *cli, struct httpc **out, char where[WHERE_MAX])
{
	const char *home = cli_opt(cli, "home");
	enum err err;

	if (home == NULL)
		home = getenv("CASEWIRE_HOME");
	if (home == NULL || home[0] == '\0')
		return cli_fail(cli, ERR_USAGE,
		    _("say where the agent lives: --home DIR or "
		      "CASEWIRE_HOME"));
	if ((size_t)snprintf(where, WHERE_MAX, "unix:%s/api.sock", home) >=
	    WHERE_MAX)
		return cli_fail(cli, ERR_USAGE, "--home is too long");
	err = httpc_new(out, where, TIMEOUT_MS);
	if (err != ERR_OK)
		return cli_fail(cli, err, "%s", where);
	return 0;
}

/* What came in between, one line a message. */
static void
tell_since(const struct json_cur *root)
{
	struct json_cur since = json_get(root, "since");

	for (size_t i = 0; i < json_len(&since); i++) {
		struct json_cur m = json_at(&since, i);

		cli_say(_("  in between: %s %s by the %s side at %s"),
		    call_code(&m, "type"), call_code(&m, "outcome"),
		    call_code(&m, "side"), call_text(&m, "at"));
	}
	if (json_has(root, "head"))
		cli_say(_("  look at the case again, then write with --head "
			  "%lld"),
		    (long long)json_int_or(root, "head", 0));
}

/* An answer that says why not. */
static int
tell_error(const struct cli *cli, const struct json *doc, unsigned status)
{
	struct json_fault fault = {0};
	struct json_cur root = json_root(doc, &fault);
	struct json_cur error = json_get(&root, "error");
	enum err err = (enum err)json_int_or(&error, "code", ERR_FAIL);
	struct buf detail = buf_init(4096);
	struct buf out = buf_init(CALL_ANSWER_MAX);
	const char *text = call_text(&error, "detail");
	int code = err_exit(err);

	if (cli_json(cli) && json_write(doc, true, &out) == ERR_OK) {
		fwrite(out.p, 1, out.len, stdout);
	} else {
		show_text(&detail, text, strlen(text));
		code = cli_fail(cli, err, "%s",
		    detail.len > 0 ? buf_text(&detail) : "");
		if (json_has(&root, "since"))
			tell_since(&root);
	}
	buf_free(&out);
	buf_free(&detail);
	return code != 0 ? code : (int)(status >= 400);
}

static int
call(const struct cli *cli, const char *method, const char *path,
    struct view body, struct json **out)
{
	struct buf answer = buf_init(CALL_ANSWER_MAX);
	struct json_fault fault = {0};
	char where[WHERE_MAX];
	struct httpc *c = NULL;
	unsigned status = 0;
	enum err err;
	int code;

	*out = NULL;
	code = open_agent(cli, &c, where);
	if (code != 0)
		goto out;
	err = httpc_request(c, method, path, body, &status, &answer);
	if (err == ERR_OK)
		err = json_parse(
		    out, answer.p, answer.len, CALL_ANSWER_MAX, &fault);
	if (err == ERR_UNREACHABLE)
		code = cli_fail(cli, err,
		    _("no agent answers on %s: is casewired running?"), where);
	else if (err != ERR_OK)
		code = cli_fail(cli, err, "%s", fault.why);
	else if (status >= 400)
		code = tell_error(cli, *out, status);
	if (code != 0)
		json_free(out);
out:
	httpc_free(&c);
	buf_free(&answer);
	return code;
}

int
call_get(const struct cli *cli, const char *path, struct json **out)
{
	return call(cli, "GET", path, (struct view){NULL, 0}, out);
}

int
call_post(const struct cli *cli, const char *path, struct json **body,
    struct json **out)
{
	struct buf text = buf_init(CALL_ANSWER_MAX);
	enum err err = json_write(*body, false, &text);
	int code;

	json_free(body);
	if (err != ERR_OK)
		code = cli_fail(cli, err, "the request is too long");
	else
		code = call(cli, "POST", path, buf_view(&text), out);
	buf_free(&text);
	return code;
}

void
call_case(struct buf *path, const char *id)
{
	buf_str(path, "/v1/cases/");
	httpc_escape(path, id);
}

int
call_load(const struct cli *cli, const char *file, struct json **out)
{
	struct buf text = buf_init(DOCUMENT_MAX);
	struct json_fault fault = {0};
	int code = 0;
	enum err err;

	if (strcmp(file, "-") == 0)
		err = file_read_fd(STDIN_FILENO, DOCUMENT_MAX, &text);
	else
		err = file_load(file, DOCUMENT_MAX, &text);
	if (err == ERR_OK)
		err = json_parse(out, text.p, text.len, DOCUMENT_MAX, &fault);
	if (err != ERR_OK)
		code = cli_fail(cli, err, "%s: %s", file,
		    fault.why[0] != '\0' ? fault.why : "cannot be read");
	buf_free(&text);
	return code;
}

char *
call_absolute(const char *path, const char *base)
{
	char *cwd, *whole;

	if (path[0] == '/')
		return strdup(path);
	if (base != NULL && base[0] == '/')
		return file_join(base, path);
	cwd = getcwd(NULL, 0);
	if (cwd == NULL)
		return NULL;
	if (base != NULL) {
		char *dir = file_join(cwd, base);

		free(cwd);
		cwd = dir;
	}
	whole = cwd != NULL ? file_join(cwd, path) : NULL;
	free(cwd);
	return whole;
}

int
call_when(const struct cli *cli, const char *text, int64_t *at)
{
	static const struct {
		char unit;
		int64_t ms;
	} units[] = {
	    {'s', 1000}, {'m', 60000}, {'h', 3600000}, {'d', 86400000}};
	struct clock clock = clock_real();
	char *end;
	long n;

	if (text[0] != '+') {
		if (clock_parse(at, text) == ERR_OK)
			return 0;
		goto bad;
	}
	n = strtol(text + 1, &end, 10);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (n > 0 && n < 1000000 && end[0] == units[i].unit &&
		    end[1] == '\0') {
			*at = clock_wall(&clock) / 1000 * 1000 +
			    n * units[i].ms;
			return 0;
		}
bad:
	return cli_fail(cli, ERR_USAGE,
	    "%s is neither a time like 2026-12-01T08:00:00Z nor like +30d",
	    text);
}

const char *
call_text(const struct json_cur *in, const char *key)
{
	const char *text = NULL;

	if (in->v != NULL && json_has(in, key)) {
		struct json_cur cur = json_get(in, key);

		if (json_is_str(&cur))
			text = json_as_str(&cur);
	}
	return text != NULL ? text : "";
}

const char *
call_code(const struct json_cur *in, const char *key)
{
	const char *text = call_text(in, key);

	return text[0] != '\0' ? text_get(text) : "";
}

void
call_line(const char *fmt, ...)
{
	struct buf out = buf_init(1024 * 1024);
	char *line = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&line, fmt, ap);
	va_end(ap);
	if (n >= 0) {
		show_text(&out, line, (size_t)n);
		puts(buf_text(&out));
		free(line);
	}
	buf_free(&out);
}

static void
print_scalar(const struct json_cur *v, unsigned indent)
{
	struct buf out = buf_init(1024 * 1024);
	const char *text;

	if (json_is_str(v)) {
		text = json_as_str(v);
		show_lines(&out, text, strlen(text), indent);
	} else if (json_is_int(v)) {
		buf_fmt(&out, "%lld", (long long)json_as_int(v));
	} else if (json_is_bool(v) && v->key != NULL) {
		buf_str(&out, json_bool(v->up, v->key) ? _("yes") : _("no"));
	} else {
		buf_str(&out, "-");
	}
	puts(buf_text(&out));
	buf_free(&out);
}

static bool
is_in(const char *const *list, const char *word)
{
	for (; list != NULL && *list != NULL; list++)
		if (strcmp(*list, word) == 0)
			return true;
	return false;
}

/* False: there was nothing to print. */
static bool
print_member(const struct json_cur *v, const char *name, unsigned lead,
    unsigned indent, const char *const *skip)
{
	bool deep = json_is_obj(v) || json_is_arr(v);

	if (deep && json_len(v) == 0)
		return false;
	printf("%*s%s", (int)lead, "", text_get(name));
	if (deep) {
		printf(":\n");
		call_print(v, indent + 2, skip);
	} else {
		printf(": ");
		print_scalar(v, indent + 2);
	}
	return true;
}

/* The first line begins after lead columns, others after indent. */
static void
print_object(const struct json_cur *v, unsigned lead, unsigned indent,
    const char *const *skip)
{
	for (size_t i = 0; i < json_len(v); i++) {
		const char *key = json_key(v, i);
		struct json_cur m = json_get(v, key);

		if (!is_in(skip, key) &&
		    print_member(&m, key, lead, indent, skip))
			lead = indent;
	}
	if (lead != indent)
		printf("\n");
}

void
call_print(const struct json_cur *v, unsigned indent, const char *const *skip)
{
	if (json_is_obj(v)) {
		print_object(v, indent, indent, skip);
		return;
	}
	for (size_t i = 0; i < json_len(v); i++) {
		struct json_cur m = json_at(v, i);

		printf("%*s- ", (int)indent, "");
		if (json_is_obj(&m))
			print_object(&m, 0, indent + 2, skip);
		else
			print_scalar(&m, indent + 2);
	}
}
