#include "base/cli.h"
#include "base/cli_room.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/json.h"
#include "base/show.h"
#include "base/text.h"

#define CLI_OPTS_MAX 64		/* in one table chain */
#define CLI_VALUES_MAX 256	/* on one command line */

struct value {
	const char *name;
	const char *text;	/* NULL for a switch */
};

struct cli {
	const struct cli_program *program;
	const struct cli_cmd *cmd;
	bool json, help, version;
	char **args;
	size_t arg_count;
	struct value values[CLI_VALUES_MAX];
	size_t value_count;
};

/* getopt's two forms of our tables; index i belongs to opts[i]. */
struct parse {
	const struct cli_opt *opts[CLI_OPTS_MAX];
	struct option longs[CLI_OPTS_MAX + 1];
	char shorts[3 * CLI_OPTS_MAX + 3];
	int n;
};

static void
parse_add(struct parse *p, const struct cli_opt *o)
{
	size_t len;

	for (; o != NULL && o->name != NULL; o++) {
		assert(p->n < CLI_OPTS_MAX);
		p->opts[p->n] = o;
		p->longs[p->n] = (struct option){ .name = o->name,
			.has_arg = o->arg != NULL, .val = 256 + p->n };
		p->n++;
		len = strlen(p->shorts);
		if (o->letter == 0)
			continue;
		p->shorts[len++] = o->letter;
		if (o->arg != NULL)
			p->shorts[len++] = ':';
		p->shorts[len] = '\0';
	}
}

static const struct cli_opt *
found(const struct parse *p, int c)
{
	int i;

	if (c >= 256)
		return p->opts[c - 256];
	for (i = 0; i < p->n; i++)
		if (p->opts[i]->letter == c)
			return p->opts[i];
	return NULL;
}

static void
take(struct cli *cli, const struct cli_opt *o, const char *text)
{
	if (strcmp(o->name, "json") == 0)
		cli->json = true;
	else if (strcmp(o->name, "help") == 0)
		cli->help = true;
	else if (strcmp(o->name, "version") == 0)
		cli->version = true;
	else if (cli->value_count < CLI_VALUES_MAX)
		cli->values[cli->value_count++] =
			(struct value){ o->name, text };
}

/* Read options of argv[1..]; stops at the first word if first_only.  Returns
 * the index of the first word left, or -1 after saying what is wrong. */
static int
read_opts(struct cli *cli, int argc, char **argv, const struct cli_opt *own,
    bool first_only)
{
	struct parse p = { .n = 0 };
	const struct cli_opt *o;
	int c;

	strcpy(p.shorts, first_only ? "+:" : ":");
	parse_add(&p, own);
	parse_add(&p, cli->program->globals);
	parse_add(&p, cli_common);
	opterr = 0;
	optind = 0;	/* GNU: start over with new tables */
	while ((c = getopt_long(argc, argv, p.shorts, p.longs, NULL)) != -1) {
		o = found(&p, c);
		if (o == NULL) {
			cli_fail(cli, ERR_USAGE, c == ':' ?
				_("option %s needs a value") :
				_("unknown option %s"), argv[optind - 1]);
			return -1;
		}
		take(cli, o, optarg);
	}
	return optind;
}

/* "case open" before "case"; *words says how many words its name took. */
static const struct cli_cmd *
find_command(const struct cli_program *program, int argc, char **argv,
    int *words)
{
	const struct cli_cmd *c;
	char two[128];

	if (argc > 1) {
		snprintf(two, sizeof(two), "%s %s", argv[0], argv[1]);
		for (c = program->cmds; c->name != NULL; c++)
			if (strcmp(c->name, two) == 0)
				return *words = 2, c;
	}
	*words = 1;
	for (c = program->cmds; c->name != NULL; c++)
		if (strcmp(c->name, argv[0]) == 0)
			return c;
	return NULL;
}

static int
unknown_command(struct cli *cli, int argc, char **argv)
{
	const struct cli_cmd *near = NULL;
	char typed[128];

	if (argc > 1) {
		snprintf(typed, sizeof(typed), "%s %s", argv[0], argv[1]);
		near = cli_help_nearest(cli->program, typed);
	}
	if (near == NULL)
		near = cli_help_nearest(cli->program, argv[0]);
	if (!cli->json && cli_help_noun(cli->program, argv[0], stderr) > 0)
		return cli_fail(cli, ERR_USAGE,
		    _("'%s' needs one of the words above"), argv[0]);
	if (near != NULL)
		return cli_fail(cli, ERR_USAGE,
		    _("unknown command '%s'; did you mean '%s %s'?"), argv[0],
		    cli->program->name, near->name);
	return cli_fail(cli, ERR_USAGE, _("unknown command '%s'"), argv[0]);
}

static int
run_command(struct cli *cli, int argc, char **argv)
{
	const struct cli_cmd *cmd = cli->cmd;
	int first;

	first = read_opts(cli, argc, argv, cmd->opts, false);
	if (cli->help) {
		cli_help_command(cli->program, cmd, stdout);
		return cli_flush();
	}
	if (first < 0)
		return err_exit(ERR_USAGE);
	cli->args = argv + first;
	cli->arg_count = (size_t)(argc - first);
	if (cli->arg_count < cmd->min_args)
		return cli_fail(cli, ERR_USAGE, _("missing argument: %s"),
		    cmd->args);
	if (cli->arg_count > cmd->max_args)
		return cli_fail(cli, ERR_USAGE, _("unexpected argument '%s'"),
		    cli->args[cmd->max_args]);
	return cmd->run(cli);
}

/* Everything before the command: --help, --version, completions. */
static int
dispatch(struct cli *cli, int argc, char **argv)
{
	const struct cli_program *program = cli->program;
	bool single = program->cmds[0].name[0] == '\0';
	int first, words;

	first = read_opts(cli, argc, argv,
	    single ? program->cmds[0].opts : NULL, true);
	if (first < 0)
		return err_exit(ERR_USAGE);
	if (cli->version) {
		printf("%s %s\n", program->name, CASEWIRE_VERSION);
		return cli_flush();
	}
	if (single) {
		cli->cmd = &program->cmds[0];
		cli->value_count = 0;
		return run_command(cli, argc, argv);
	}
	if (cli->help || first == argc) {
		cli_help_program(program, cli->help ? stdout : stderr);
		return cli->help ? cli_flush() : err_exit(ERR_USAGE);
	}
	if (argc - first == 2 && strcmp(argv[first], "completions") == 0 &&
	    strcmp(argv[first + 1], "bash") == 0) {
		cli_help_bash(program);
		return cli_flush();
	}
	cli->cmd = find_command(program, argc - first, argv + first, &words);
	if (cli->cmd == NULL)
		return unknown_command(cli, argc - first, argv + first);
	first += words - 1;
	return run_command(cli, argc - first, argv + first);
}

int
cli_main(const struct cli_program *program, int argc, char **argv)
{
	struct cli *cli;
	int i, code;

	text_start();
	cli = calloc(1, sizeof(*cli));
	if (cli == NULL)
		return err_exit(ERR_NOMEM);
	cli->program = program;
	/* Known first, so that also a wrong option is told in JSON. */
	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--json") == 0)
			cli->json = true;
	code = dispatch(cli, argc, argv);
	free(cli);
	return code;
}

bool
cli_json(const struct cli *cli)
{
	return cli->json;
}

static bool
in_table(const struct cli_opt *o, const char *name)
{
	for (; o != NULL && o->name != NULL; o++)
		if (strcmp(o->name, name) == 0)
			return true;
	return false;
}

const char *
cli_opt_nth(const struct cli *cli, const char *opt, size_t i)
{
	size_t k;

	assert(in_table(cli->cmd->opts, opt) ||
	    in_table(cli->program->globals, opt));
	(void)in_table;
	for (k = 0; k < cli->value_count; k++)
		if (strcmp(cli->values[k].name, opt) == 0 && i-- == 0)
			return cli->values[k].text == NULL ? "" :
				cli->values[k].text;
	return NULL;
}

bool
cli_has(const struct cli *cli, const char *opt)
{
	return cli_opt_nth(cli, opt, 0) != NULL;
}

const char *
cli_opt(const struct cli *cli, const char *opt)
{
	const char *text, *last = NULL;
	size_t i;

	for (i = 0; (text = cli_opt_nth(cli, opt, i)) != NULL; i++)
		last = text;
	return last;
}

enum err
cli_opt_int(const struct cli *cli, const char *opt, int64_t def, int64_t min,
    int64_t max, int64_t *out)
{
	const char *text = cli_opt(cli, opt);
	char *end;
	long long v;

	*out = def;
	if (text == NULL)
		return ERR_OK;
	errno = 0;
	v = strtoll(text, &end, 10);
	if (*text == '\0' || *end != '\0' || errno != 0 || v < min || v > max) {
		cli_fail(cli, ERR_USAGE, _("--%s takes a number from %lld to "
			"%lld"), opt, (long long)min, (long long)max);
		return ERR_USAGE;
	}
	*out = v;
	return ERR_OK;
}

size_t
cli_args(const struct cli *cli)
{
	return cli->arg_count;
}

const char *
cli_arg(const struct cli *cli, size_t i)
{
	return i < cli->arg_count ? cli->args[i] : NULL;
}

const char *
cli_self(const struct cli *cli)
{
	return cli->cmd->name;
}

struct json *
cli_error_json(enum err err, const char *detail)
{
	const struct err_info *info = err_info(err);
	struct json *outer = json_new_obj(), *e = json_new_obj();

	json_put_int(e, "code", (int64_t)err);
	json_put_str(e, "name", info->name);
	json_put_str(e, "text", info->text);
	json_put_str(e, "next", info->next);
	json_put_str(e, "detail", detail);
	json_put(outer, "error", &e);
	return outer;
}

static void
print_json(struct json **v)
{
	struct buf out = buf_init(SIZE_MAX / 4);

	if (json_write(*v, true, &out) != ERR_OK)
		abort();
	fwrite(out.p, 1, out.len, stdout);
	buf_free(&out);
	json_free(v);
}

int
cli_fail(const struct cli *cli, enum err err, const char *fmt, ...)
{
	const struct err_info *info = err_info(err);
	struct buf safe = buf_init(SIZE_MAX / 4);
	struct json *v;
	char *detail;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&detail, fmt, ap) < 0)
		abort();
	va_end(ap);
	if (cli->json) {
		v = cli_error_json(err, detail);
		print_json(&v);
		fflush(stdout);
	} else {
		fflush(stdout);
		show_lines(&safe, detail, strlen(detail), 2);
		fprintf(stderr, "%s: %s: %s\n", cli->program->name,
		    _("error"), _(info->text));
		if (*detail != '\0')
			fprintf(stderr, "  %s\n", buf_text(&safe));
		fprintf(stderr, "  %s: %s\n", _("next"), _(info->next));
	}
	buf_free(&safe);
	free(detail);
	return info->exit != 0 ? info->exit : 1;
}

int
cli_data(const struct cli *cli, struct json **v)
{
	(void)cli;
	print_json(v);
	return cli_flush();
}

int
cli_flush(void)
{
	if (fflush(stdout) != 0 || ferror(stdout) != 0) {
		diag_error("cli", "cannot write the output");
		return err_exit(ERR_STORAGE);
	}
	return 0;
}

void
cli_say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

static struct json *
explained(const struct err_info *e)
{
	struct json *v = json_new_obj();

	json_put_int(v, "code", (int64_t)e->code);
	json_put_str(v, "name", e->name);
	json_put_int(v, "exit", e->exit);
	json_put_str(v, "text", _(e->text));
	json_put_str(v, "next", _(e->next));
	return v;
}

static int
explain_all(const struct cli *cli)
{
	static const char *const heads[] = { "CODE", "NAME", "EXIT", "TEXT" };
	struct show_table *t;
	struct json *all, *one;
	const struct err_info *e;
	unsigned i;

	if (cli->json) {
		all = json_new_arr();
		for (i = 0; (e = err_at(i)) != NULL; i++) {
			one = explained(e);
			json_add(all, &one);
		}
		return cli_data(cli, &all);
	}
	t = show_table_new(heads, 4);
	for (i = 0; (e = err_at(i)) != NULL; i++) {
		show_cell(t, "%d", (int)e->code);
		show_cell(t, "%s", e->name);
		show_cell(t, "%d", e->exit);
		show_cell(t, "%s", _(e->text));
	}
	show_table_print(t, stdout);
	show_table_free(&t);
	return cli_flush();
}

int
cli_explain(struct cli *cli)
{
	const struct err_info *e;
	struct json *v;

	if (cli_args(cli) == 0)
		return explain_all(cli);
	e = err_find(cli_arg(cli, 0));
	if (e == NULL)
		return cli_fail(cli, ERR_NOTFOUND, _("no error is called '%s'"),
		    cli_arg(cli, 0));
	if (cli->json) {
		v = explained(e);
		return cli_data(cli, &v);
	}
	printf("%s (%d)\n  %s\n  %s: %s\n  %s: %d\n", e->name, (int)e->code,
	    _(e->text), _("next"), _(e->next), _("exit code"), e->exit);
	return cli_flush();
}
