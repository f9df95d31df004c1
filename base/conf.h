/*
 * conf: a configuration file against a table of the keys that may be in it.
 *
 * Trusted input (the operator's own file), so it is strict for his sake: an
 * unknown key, a key twice and a value out of range stop the program with
 * file and line in the diag.  Never guesses, never merges two files.
 */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum conf_type {
	CONF_TEXT,
	CONF_PATH,		/* relative to the file's own folder */
	CONF_INT,		/* min <= value <= max */
	CONF_BOOL,		/* yes | no */
	CONF_LIST,		/* a text; the key may be repeated */
};

/* One key; a table ends with a row whose name is NULL. */
struct conf_key {
	const char *section;	/* "" = before the first [section] */
	const char *name;
	enum conf_type type;
	bool required;
	int64_t min, max;	/* CONF_INT */
	const char *def;	/* text form of the default, or NULL */
	const char *help;	/* one line for the manual */
};

struct conf;

/*
 * conf_load(out, path, keys):
 * ERR_CONF, with the place and the reason in the diag; ERR_NOTFOUND.  keys
 * must outlive *out, which the caller frees with conf_free.
 */
enum err
conf_load(struct conf **out, const char *path, const struct conf_key *keys);
void
conf_free(struct conf **conf);

/* The value of a key in the table (asserted), or its default, or NULL / 0 /
 * false.  Texts live as long as conf. */
const char *
conf_text(const struct conf *conf, const char *section, const char *name);
int64_t
conf_int(const struct conf *conf, const char *section, const char *name);
bool
conf_bool(const struct conf *conf, const char *section, const char *name);
/* conf_list(conf, section, name, i): the i-th, NULL past the end. */
const char *
conf_list(const struct conf *conf, const char *section, const char *name,
    size_t i);

#endif
