#include "base/text.h"

#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DOMAIN "casewire"

/* ../share/locale beside the program, so that a build folder speaks too. */
static const char *
beside_program(char dir[PATH_MAX])
{
	static const char tail[] = "/share/locale";
	ssize_t n = readlink("/proc/self/exe", dir, PATH_MAX - 1);
	char *cut;
	int i;

	if (n < 0)
		return NULL;
	dir[n] = '\0';
	for (i = 0; i < 2; i++) {
		cut = strrchr(dir, '/');
		if (cut == NULL)
			return NULL;
		*cut = '\0';
	}
	if (strlen(dir) + sizeof(tail) > PATH_MAX)
		return NULL;
	memcpy(dir + strlen(dir), tail, sizeof(tail));
	return access(dir, R_OK) == 0 ? dir : NULL;
}

/* The reader's language, from the first of these that is set. */
static const char *
wanted(void)
{
	static const char *const names[] = { "CASEWIRE_LANG", "LC_ALL",
		"LC_MESSAGES", "LANG" };
	const char *lang;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		lang = getenv(names[i]);
		if (lang != NULL && *lang != '\0')
			return lang;
	}
	return "C";
}

/* Not by the locale of that name, which a small machine may not have: C.UTF-8
 * is always there, and under it LANGUAGE chooses the catalogue. */
static void
choose(const char *lang)
{
	char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(lang, ".@"), lang);
	setlocale(LC_CTYPE, "C.UTF-8");
	if (strcmp(name, "C") == 0 || strcmp(name, "POSIX") == 0) {
		setlocale(LC_MESSAGES, "C");
		return;
	}
	setlocale(LC_MESSAGES, "C.UTF-8");
	setenv("LANGUAGE", name, 1);
}

void
text_start(void)
{
	const char *dir = getenv("CASEWIRE_LOCALEDIR");
	char beside[PATH_MAX];

	choose(wanted());
	if (dir == NULL)
		dir = beside_program(beside);
	if (dir == NULL)
		dir = CASEWIRE_LOCALEDIR;
	bindtextdomain(DOMAIN, dir);
	bind_textdomain_codeset(DOMAIN, "UTF-8");
	textdomain(DOMAIN);
}

const char *
text_get(const char *msgid)
{
	return *msgid == '\0' ? "" : gettext(msgid);
}
