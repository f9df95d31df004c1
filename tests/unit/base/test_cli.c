#include "unit.h"

#include "base/cli.h"
#include "base/json.h"
#include "base/text.h"

static const struct cli_opt globals[] = {
	{ "socket", 's', "PATH", "where the agent listens" },
	{ NULL, 0, NULL, NULL },
};
static const struct cli_opt open_opts[] = {
	{ "from", 'f', "FILE", "the request" },
	{ "attach", 0, "FILE", "a file, repeatable" },
	{ "wait", 'w', NULL, "until delivered" },
	{ "limit", 0, "N", "at most" },
	{ NULL, 0, NULL, NULL },
};

static char seen[400];

static int
run_open(struct cli *cli)
{
	int64_t limit;

	if (cli_opt_int(cli, "limit", 5, 1, 10, &limit) != ERR_OK)
		return 2;
	snprintf(seen, sizeof(seen), "%s socket=%s from=%s attach=%s,%s "
	    "wait=%d limit=%d args=%zu:%s", cli_self(cli),
	    cli_opt(cli, "socket"), cli_opt(cli, "from"),
	    cli_opt_nth(cli, "attach", 0), cli_opt_nth(cli, "attach", 1),
	    cli_has(cli, "wait"), (int)limit, cli_args(cli), cli_arg(cli, 0));
	return 0;
}

static int
run_fail(struct cli *cli)
{
	return cli_fail(cli, ERR_FORK, "seq=%d\x1b", 9);
}

static int
run_data(struct cli *cli)
{
	struct json *v = json_new_obj();

	json_put_int(v, "n", 1);
	return cli_data(cli, &v);
}

static const struct cli_cmd cmds[] = {
	{ "case open", "TITLE", 1, 2, "open a case",
	    "casewire case open --from request.json", open_opts, run_open },
	{ "case list", "", 0, 0, "list cases", NULL, NULL, run_data },
	{ "inbox", "", 0, 0, "show what came", NULL, NULL, run_fail },
	{ "explain", "[CODE]", 0, 1, "explain an error", NULL, NULL,
	    cli_explain },
	{ NULL, NULL, 0, 0, NULL, NULL, NULL, NULL },
};
static const struct cli_program program = { "casewire", "the desk's tool.",
	globals, cmds };

static char out[20000], err[20000];

/* Put a file in the place of a standard stream and read it back after. */
static int
swap(int fd, FILE *f)
{
	int old = dup(fd);

	dup2(fileno(f), fd);
	return old;
}

static void
swap_back(int fd, int old, FILE *f, char *text)
{
	size_t n;

	dup2(old, fd);
	close(old);
	rewind(f);
	n = fread(text, 1, 19999, f);
	text[n] = '\0';
	fclose(f);
}

static int
run(const struct cli_program *p, const char *line)
{
	static char copy[500];
	char *argv[32], *word;
	FILE *fo = tmpfile(), *fe = tmpfile();
	int argc = 0, code, so, se;

	snprintf(copy, sizeof(copy), "%s", line);
	for (word = strtok(copy, " "); word != NULL; word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	seen[0] = '\0';
	fflush(stdout);
	fflush(stderr);
	so = swap(1, fo);
	se = swap(2, fe);
	code = cli_main(p, argc, argv);
	fflush(stdout);
	fflush(stderr);
	swap_back(1, so, fo, out);
	swap_back(2, se, fe, err);
	return code;
}

static void
options_anywhere(void **state)
{
	(void)state;
	assert_int_equal(run(&program, "casewire -s /s case open Title "
		"--from=a.json --attach x --attach y -w --limit 7"), 0);
	assert_string_equal(seen, "case open socket=/s from=a.json "
	    "attach=x,y wait=1 limit=7 args=1:Title");
	assert_int_equal(run(&program, "casewire case open -w --socket /t T "
		"-f b --attach q --attach r"), 0);
	assert_string_equal(seen, "case open socket=/t from=b attach=q,r "
	    "wait=1 limit=5 args=1:T");
	assert_int_equal(run(&program,
		"casewire case open -s a -f b --attach c --attach d -- --T"),
	    0);
	assert_non_null(strstr(seen, "args=1:--T"));
}

static void
mistakes(void **state)
{
	(void)state;
	assert_int_equal(run(&program, "casewire"), 2);
	assert_non_null(strstr(err, "case open"));
	assert_string_equal(out, "");
	assert_int_equal(run(&program, "casewire inbax"), 2);
	assert_non_null(strstr(err, "did you mean 'casewire inbox'"));
	assert_int_equal(run(&program, "casewire case opn"), 2);
	assert_int_equal(run(&program, "casewire case"), 2);
	assert_non_null(strstr(err, "case list"));
	assert_int_equal(run(&program, "casewire case open"), 2);
	assert_non_null(strstr(err, "missing argument"));
	assert_int_equal(run(&program, "casewire case open a b c"), 2);
	assert_non_null(strstr(err, "unexpected argument 'c'"));
	assert_int_equal(run(&program, "casewire case open --form x T"), 2);
	assert_non_null(strstr(err, "unknown option --form"));
	assert_int_equal(run(&program, "casewire case open T --from"), 2);
	assert_non_null(strstr(err, "needs a value"));
	assert_int_equal(run(&program, "casewire case open T --limit 11"), 2);
	assert_int_equal(run(&program, "casewire case open T --limit x"), 2);
	assert_non_null(strstr(err, "  next: "));
}

static void
failures_speak_both_ways(void **state)
{
	(void)state;
	assert_int_equal(run(&program, "casewire inbox"), 7);
	assert_string_equal(out, "");
	assert_non_null(strstr(err, "casewire: error: Two different"));
	assert_non_null(strstr(err, "seq=9\\u{1B}"));
	assert_non_null(strstr(err, "next: Stop"));
	assert_int_equal(run(&program, "casewire inbox --json"), 7);
	assert_string_equal(err, "");
	assert_non_null(strstr(out, "\"error\": {"));
	assert_non_null(strstr(out, "\"code\": 103"));
	assert_non_null(strstr(out, "\"name\": \"fork\""));
	assert_int_equal(run(&program, "casewire nonsense --json"), 2);
	assert_string_equal(err, "");
	assert_non_null(strstr(out, "\"name\": \"usage\""));
	assert_int_equal(run(&program, "casewire case list --json"), 0);
	assert_string_equal(out, "{\n  \"n\": 1\n}\n");
}

static void
helps(void **state)
{
	(void)state;
	assert_int_equal(run(&program, "casewire --help"), 0);
	assert_non_null(strstr(out, "show what came"));
	assert_int_equal(run(&program, "casewire case open --help"), 0);
	assert_non_null(strstr(out, "casewire case open --from request.json"));
	assert_non_null(strstr(out, "--attach FILE"));
	assert_non_null(strstr(out, "--socket PATH"));
	assert_int_equal(run(&program, "casewire --version"), 0);
	assert_int_equal(strncmp(out, "casewire ", 9), 0);
	assert_int_equal(run(&program, "casewire completions bash"), 0);
	assert_non_null(strstr(out, "complete -o default -F _casewire"));
	assert_non_null(strstr(out, "--attach"));
}

/* The completions are a script that bash accepts and that completes. */
static void
completions_work(void **state)
{
	char cmd[] = "/tmp/casewire-compl-XXXXXX", line[400];
	FILE *f, *p;
	int fd = mkstemp(cmd);

	(void)state;
	assert_int_equal(run(&program, "casewire completions bash"), 0);
	f = fdopen(fd, "w");
	fprintf(f, "%sCOMP_WORDS=(casewire case o) COMP_CWORD=2\n_casewire\n"
	    "echo \"${COMPREPLY[@]}\"\n"
	    "COMP_WORDS=(casewire case open --fr) COMP_CWORD=3\n_casewire\n"
	    "echo \"${COMPREPLY[@]}\"\nCOMP_WORDS=(casewire in) COMP_CWORD=1\n"
	    "_casewire\necho \"${COMPREPLY[@]}\"\n", out);
	fclose(f);
	snprintf(line, sizeof(line), "bash %s 2>&1", cmd);
	p = popen(line, "r");
	assert_non_null(fgets(line, sizeof(line), p));
	assert_string_equal(line, "open\n");
	assert_non_null(fgets(line, sizeof(line), p));
	assert_string_equal(line, "--from\n");
	assert_non_null(fgets(line, sizeof(line), p));
	assert_string_equal(line, "inbox\n");
	pclose(p);
	unlink(cmd);
}

static void
explains(void **state)
{
	(void)state;
	assert_int_equal(run(&program, "casewire explain fork"), 0);
	assert_non_null(strstr(out, "fork (103)"));
	assert_non_null(strstr(out, "exit code: 7"));
	assert_int_equal(run(&program, "casewire explain 103 --json"), 0);
	assert_non_null(strstr(out, "\"exit\": 7"));
	assert_int_equal(run(&program, "casewire explain nonsense"), 5);
	assert_int_equal(run(&program, "casewire explain"), 0);
	assert_non_null(strstr(out, "duplicate"));
}

/* Every text and next step of the table has its Chinese; the catalogue lies
 * in the build folder, beside the tests. */
static void
speaks_chinese(void **state)
{
	const struct err_info *e;
	unsigned i;

	(void)state;
	if (access("/usr/bin/msgfmt", X_OK) != 0)
		skip();
	unsetenv("CASEWIRE_LANG");
	setenv("LC_ALL", "zh_CN.UTF-8", 1);
	assert_int_equal(run(&program, "casewire explain fork"), 0);
	assert_non_null(strstr(out, "\xe9\x80\x80\xe5\x87\xba\xe7\xa0\x81"
		": 7"));
	for (i = 0; (e = err_at(i)) != NULL; i++) {
		assert_string_not_equal(text_get(e->text), e->text);
		assert_string_not_equal(text_get(e->next), e->next);
	}
	/* Names, codes and keys stay. */
	assert_int_equal(run(&program, "casewire inbox --json"), 7);
	assert_non_null(strstr(out, "\"name\": \"fork\""));
	setenv("CASEWIRE_LANG", "en", 1);
	assert_int_equal(run(&program, "casewire explain fork"), 0);
	assert_non_null(strstr(out, "exit code: 7"));
	unsetenv("LC_ALL");
}

static int
run_single(struct cli *cli)
{
	snprintf(seen, sizeof(seen), "%s %zu", cli_opt(cli, "from"),
	    cli_args(cli));
	return 0;
}

static void
single_command(void **state)
{
	static const struct cli_cmd only[] = {
		{ "", "[FILE]", 0, 1, "the agent", "casewired --from x",
		    open_opts, run_single },
		{ NULL, NULL, 0, 0, NULL, NULL, NULL, NULL },
	};
	static const struct cli_program one = { "casewired", "the agent.",
		NULL, only };

	(void)state;
	assert_int_equal(run(&one, "casewired --from x file"), 0);
	assert_string_equal(seen, "x 1");
	assert_int_equal(run(&one, "casewired file --from y"), 0);
	assert_string_equal(seen, "y 1");
	assert_int_equal(run(&one, "casewired --help"), 0);
	assert_non_null(strstr(out, "casewired --from x"));
	assert_int_equal(run(&one, "casewired --nope"), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_anywhere),
		cmocka_unit_test(mistakes),
		cmocka_unit_test(failures_speak_both_ways),
		cmocka_unit_test(helps),
		cmocka_unit_test(completions_work),
		cmocka_unit_test(explains),
		cmocka_unit_test(speaks_chinese),
		cmocka_unit_test(single_command),
	};

	setenv("CASEWIRE_LANG", "en", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
