#include "base/conf.h"

#include <assert.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ini.h>

#include "base/diag.h"
#include "base/file.h"

struct value {
	struct value *next;
	char *text;
	int64_t number;		/* CONF_INT, CONF_BOOL */
};

struct conf {
	const struct conf_key *keys;
	struct value **values;	/* one list a key, in order of the file */
	size_t count;
	const char *path;	/* while loading */
	FILE *file;
	int line;		/* the one being read; inih does not tell */
	char *dir;		/* paths are relative to it */
	bool failed;
};

static const struct conf_key *
lookup(const struct conf *conf, const char *section, const char *name)
{
	const struct conf_key *k;

	for (k = conf->keys; k->name != NULL; k++)
		if (strcmp(k->section, section) == 0 &&
		    strcmp(k->name, name) == 0)
			return k;
	return NULL;
}

static bool
number(const struct conf_key *k, const char *text, int64_t *out)
{
	char *end;
	long long v;

	if (k->type == CONF_BOOL) {
		*out = strcmp(text, "yes") == 0;
		return *out == 1 || strcmp(text, "no") == 0;
	}
	errno = 0;
	v = strtoll(text, &end, 10);
	*out = v;
	return *text != '\0' && *end == '\0' && errno == 0 && v >= k->min &&
		v <= k->max;
}

/* Append one value to k's list; false after saying why not. */
static bool
set(struct conf *conf, const struct conf_key *k, const char *text,
    const char *where)
{
	struct value *v, **at = &conf->values[k - conf->keys];

	v = calloc(1, sizeof(*v));
	if (v == NULL)
		return false;
	if (k->type == CONF_INT || k->type == CONF_BOOL) {
		if (!number(k, text, &v->number)) {
			diag_error("conf", "%s:%d: %s is not valid for '%s'",
			    where, conf->line, text, k->name);
			free(v);
			return false;
		}
	}
	v->text = k->type == CONF_PATH ? file_join(conf->dir, text) :
		strdup(text);
	if (v->text == NULL) {
		free(v);
		return false;
	}
	while (*at != NULL)
		at = &(*at)->next;
	*at = v;
	return true;
}

/* inih's handler; 0 makes it remember the line, yet it reads on. */
static int
on_key(void *ctx, const char *section, const char *name, const char *text)
{
	struct conf *conf = ctx;
	const struct conf_key *k = lookup(conf, section, name);

	if (conf->failed)
		return 0;
	if (k == NULL) {
		diag_error("conf", "%s:%d: unknown key '%s'%s%s%s", conf->path,
		    conf->line, name, *section != '\0' ? " in [" : "", section,
		    *section != '\0' ? "]" : "");
	} else if (k->type != CONF_LIST &&
	    conf->values[k - conf->keys] != NULL) {
		diag_error("conf", "%s:%d: '%s' is given twice", conf->path,
		    conf->line, name);
	} else if (set(conf, k, text, conf->path)) {
		return 1;
	}
	conf->failed = true;
	return 0;
}

/* Defaults, and what is missing. */
static bool
complete(struct conf *conf)
{
	const struct conf_key *k;

	for (k = conf->keys; k->name != NULL; k++) {
		if (conf->values[k - conf->keys] != NULL)
			continue;
		if (k->required) {
			diag_error("conf", "%s: '%s' is missing%s%s%s",
			    conf->path, k->name,
			    *k->section != '\0' ? " in [" : "", k->section,
			    *k->section != '\0' ? "]" : "");
			return false;
		}
		if (k->def != NULL && !set(conf, k, k->def, "default"))
			return false;
	}
	return true;
}

/* inih's reader, which would cut a long line in two without a word. */
static char *
on_line(char *dst, int size, void *ctx)
{
	struct conf *conf = ctx;
	char *got = fgets(dst, size, conf->file);

	conf->line++;
	if (got == NULL || strchr(got, '\n') != NULL || feof(conf->file))
		return got;
	diag_error("conf", "%s:%d: the line is too long", conf->path,
	    conf->line);
	conf->failed = true;
	return NULL;
}

static enum err
read_file(struct conf *conf)
{
	int rc;

	conf->file = fopen(conf->path, "re");
	if (conf->file == NULL) {
		diag_error("conf", "cannot read: %s path=%s", strerror(errno),
		    conf->path);
		return errno == ENOENT ? ERR_NOTFOUND : ERR_IO;
	}
	rc = ini_parse_stream(on_line, conf, on_key, conf);
	fclose(conf->file);
	if (rc < 0)
		return ERR_NOMEM;
	if (rc > 0 && !conf->failed)
		diag_error("conf", "%s:%d: not of the form key = value",
		    conf->path, rc);
	if (rc > 0 || conf->failed || !complete(conf))
		return ERR_CONF;
	return ERR_OK;
}

enum err
conf_load(struct conf **out, const char *path, const struct conf_key *keys)
{
	struct conf *conf;
	char *copy;
	enum err err;

	*out = NULL;
	conf = calloc(1, sizeof(*conf));
	if (conf == NULL)
		return ERR_NOMEM;
	while (keys[conf->count].name != NULL)
		conf->count++;
	conf->keys = keys;
	conf->path = path;
	conf->values = calloc(conf->count + 1, sizeof(struct value *));
	copy = strdup(path);
	conf->dir = copy == NULL ? NULL : strdup(dirname(copy));
	free(copy);
	err = conf->values == NULL || conf->dir == NULL ? ERR_NOMEM :
		read_file(conf);
	conf->path = NULL;
	if (err != ERR_OK) {
		conf_free(&conf);
		return err;
	}
	*out = conf;
	return ERR_OK;
}

void
conf_free(struct conf **cp)
{
	struct conf *conf = *cp;
	struct value *v, *next;
	size_t i;

	*cp = NULL;
	if (conf == NULL)
		return;
	for (i = 0; conf->values != NULL && i < conf->count; i++) {
		for (v = conf->values[i]; v != NULL; v = next) {
			next = v->next;
			free(v->text);
			free(v);
		}
	}
	free(conf->values);
	free(conf->dir);
	free(conf);
}

static const struct value *
value_of(const struct conf *conf, const char *section, const char *name)
{
	const struct conf_key *k = lookup(conf, section, name);

	assert(k != NULL);
	return k == NULL ? NULL : conf->values[k - conf->keys];
}

const char *
conf_text(const struct conf *conf, const char *section, const char *name)
{
	const struct value *v = value_of(conf, section, name);

	return v == NULL ? NULL : v->text;
}

int64_t
conf_int(const struct conf *conf, const char *section, const char *name)
{
	const struct value *v = value_of(conf, section, name);

	return v == NULL ? 0 : v->number;
}

bool
conf_bool(const struct conf *conf, const char *section, const char *name)
{
	return conf_int(conf, section, name) != 0;
}

const char *
conf_list(const struct conf *conf, const char *section, const char *name,
    size_t i)
{
	const struct value *v = value_of(conf, section, name);

	for (; v != NULL && i > 0; i--)
		v = v->next;
	return v == NULL ? NULL : v->text;
}
