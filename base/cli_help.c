/*
 * cli: help, completions, and the command that was probably meant.
 */
#include "base/cli_room.h"

#include <string.h>

#include "base/text.h"

/* How many letters may be wrong for a suggestion. */
#define NEAR_MAX 3
#define WORD_MAX 63

const struct cli_opt cli_common[] = {
	{ "json", 0, NULL, N_("print data and errors as JSON") },
	{ "help", 'h', NULL, N_("show this help") },
	{ "version", 0, NULL, N_("show the version") },
	{ NULL, 0, NULL, NULL },
};

static void
print_opts(const struct cli_opt *opts, FILE *f)
{
	const struct cli_opt *o;
	char left[64];

	for (o = opts; o != NULL && o->name != NULL; o++) {
		snprintf(left, sizeof(left), "%c%c%s --%s%s%s",
		    o->letter ? '-' : ' ', o->letter ? o->letter : ' ',
		    o->letter ? "," : " ", o->name, o->arg ? " " : "",
		    o->arg ? o->arg : "");
		fprintf(f, "  %-26s %s\n", left, _(o->help));
	}
}

void
cli_help_program(const struct cli_program *program, FILE *f)
{
	const struct cli_cmd *c;
	char left[96];

	fprintf(f, "%s: %s\n\n", program->name, _(program->about));
	fprintf(f, _("Usage: %s COMMAND [OPTIONS]\n\nCommands:\n"),
	    program->name);
	for (c = program->cmds; c->name != NULL; c++) {
		snprintf(left, sizeof(left), "%s %s", c->name, c->args);
		fprintf(f, "  %-34s %s\n", left, _(c->help));
	}
	fprintf(f, _("\nOptions for all commands:\n"));
	print_opts(program->globals, f);
	print_opts(cli_common, f);
	fprintf(f, _("\n%s COMMAND --help shows its options and an "
		"example.\n"), program->name);
}

void
cli_help_command(const struct cli_program *program, const struct cli_cmd *cmd,
    FILE *f)
{
	fprintf(f, _("Usage: %s%s%s [OPTIONS] %s\n\n"), program->name,
	    *cmd->name != '\0' ? " " : "", cmd->name, cmd->args);
	fprintf(f, "%s\n", _(cmd->help));
	if (cmd->opts != NULL && cmd->opts->name != NULL) {
		fprintf(f, _("\nOptions:\n"));
		print_opts(cmd->opts, f);
	}
	fprintf(f, _("\nOptions for all commands:\n"));
	print_opts(program->globals, f);
	print_opts(cli_common, f);
	if (cmd->example != NULL)
		fprintf(f, _("\nExample:\n  %s\n"), cmd->example);
}

size_t
cli_help_noun(const struct cli_program *program, const char *noun, FILE *f)
{
	const struct cli_cmd *c;
	size_t n = strlen(noun), found = 0;

	for (c = program->cmds; c->name != NULL; c++) {
		if (strncmp(c->name, noun, n) != 0 || c->name[n] != ' ')
			continue;
		fprintf(f, "  %s %-28s %s\n", program->name, c->name,
		    _(c->help));
		found++;
	}
	return found;
}

static void
print_words(const struct cli_opt *opts)
{
	for (; opts != NULL && opts->name != NULL; opts++)
		printf(" --%s", opts->name);
}

/* name with '-' as '_': the name of a shell function. */
static void
print_function(const char *name)
{
	putchar('_');
	for (; *name != '\0'; name++)
		putchar(*name == '-' ? '_' : *name);
}

void
cli_help_bash(const struct cli_program *program)
{
	const struct cli_cmd *c;

	print_function(program->name);
	printf("()\n{\n\tlocal cur=\"${COMP_WORDS[COMP_CWORD]}\" words=\n"
	    "\tcase \"${COMP_WORDS[*]:1:COMP_CWORD-1} \" in\n");
	for (c = program->cmds; c->name != NULL; c++) {
		printf("\t\"%s \"*) words=\"", c->name);
		print_words(c->opts);
		print_words(program->globals);
		print_words(cli_common);
		printf("\" ;;\n");
	}
	/* Second words of two-word commands. */
	for (c = program->cmds; c->name != NULL; c++) {
		const char *space = strchr(c->name, ' ');
		int n = space == NULL ? 0 : (int)(space - c->name);

		if (n > 0)
			printf("\t\"%.*s \") words=\"$words %s\" ;;&\n", n,
			    c->name, space + 1);
	}
	printf("\t\" \") words=\"");
	for (c = program->cmds; c->name != NULL; c++)
		printf(" %.*s", (int)strcspn(c->name, " "), c->name);
	print_words(program->globals);
	print_words(cli_common);
	printf("\" ;;\n\tesac\n"
	    "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\n"
	    "complete -o default -F ");
	print_function(program->name);
	printf(" %s\n", program->name);
}

/* How many letters to insert, drop or change to turn a into b. */
static size_t
distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1], la = strlen(a), lb = strlen(b), i, j;
	size_t diagonal, above, best;

	if (la > WORD_MAX || lb > WORD_MAX)
		return WORD_MAX;
	for (j = 0; j <= lb; j++)
		row[j] = j;
	for (i = 1; i <= la; i++) {
		diagonal = row[0];
		row[0] = i;
		for (j = 1; j <= lb; j++) {
			above = row[j];
			best = diagonal + (a[i - 1] != b[j - 1]);
			if (above + 1 < best)
				best = above + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
			diagonal = above;
		}
	}
	return row[lb];
}

const struct cli_cmd *
cli_help_nearest(const struct cli_program *program, const char *typed)
{
	const struct cli_cmd *c, *best = NULL;
	size_t d, best_d = NEAR_MAX + 1;

	for (c = program->cmds; c->name != NULL; c++) {
		d = distance(typed, c->name);
		if (d < best_d && d < strlen(c->name)) {
			best = c;
			best_d = d;
		}
	}
	return best;
}
