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

void
text_start(void)
{
	const char *lang = getenv("CASEWIRE_LANG");
	const char *dir = getenv("CASEWIRE_LOCALEDIR");
	char beside[PATH_MAX];

	/* A machine without the reader's locale still has C.UTF-8, under
	 * which LANGUAGE chooses the catalogue. */
	setlocale(LC_CTYPE, "");
	if (setlocale(LC_MESSAGES, "") == NULL ||
	    strcmp(setlocale(LC_MESSAGES, NULL), "C") == 0 || lang != NULL) {
		setlocale(LC_CTYPE, "C.UTF-8");
		if (lang != NULL)
			setlocale(LC_MESSAGES, "C.UTF-8");
	}
	if (lang != NULL)
		setenv("LANGUAGE", lang, 1);
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
