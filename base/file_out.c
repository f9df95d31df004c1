/*
 * file: written beside its name, synced, and only then there.
 */
#include "base/file.h"
#include "base/file_room.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct file_out {
	char *path;
	char *tmp;		/* its name while it is not whole */
	int fd;			/* -1: closed */
};

void
file_out_free(struct file_out **out)
{
	struct file_out *o = *out;

	*out = NULL;
	if (o == NULL)
		return;
	if (o->fd >= 0)
		close(o->fd);
	if (o->tmp != NULL)
		unlink(o->tmp);
	free(o->tmp);
	free(o->path);
	free(o);
}

enum err
file_out_begin(struct file_out **out, const char *path, mode_t mode)
{
	struct file_out *o = calloc(1, sizeof(*o));
	enum err err = ERR_NOMEM;

	*out = NULL;
	if (o == NULL)
		return ERR_NOMEM;
	o->fd = -1;
	o->path = strdup(path);
	if (o->path == NULL || asprintf(&o->tmp, "%s.XXXXXX", path) < 0) {
		o->tmp = NULL;
		goto fail;
	}
	o->fd = mkostemp(o->tmp, O_CLOEXEC);
	if (o->fd < 0) {
		err = file_error(path, "create");
		free(o->tmp);
		o->tmp = NULL;
		goto fail;
	}
	if (fchmod(o->fd, mode) != 0) {
		err = file_error(path, "write");
		goto fail;
	}
	*out = o;
	return ERR_OK;
fail:
	file_out_free(&o);
	return err;
}

enum err
file_out_write(void *out, const void *p, size_t len)
{
	struct file_out *o = out;

	if (file_write_all(o->fd, p, len) != 0)
		return file_error(o->path, "write");
	return ERR_OK;
}

/* What was written is on the disk, under its own name. */
static enum err
settle(struct file_out *o)
{
	enum err err = ERR_OK;

	if (fsync(o->fd) != 0)
		err = file_error(o->path, "write");
	if (close(o->fd) != 0 && err == ERR_OK)
		err = file_error(o->path, "write");
	o->fd = -1;
	return err;
}

enum err
file_out_create(struct file_out *o)
{
	enum err err = settle(o);

	/* link refuses where rename would replace. */
	if (err == ERR_OK && link(o->tmp, o->path) != 0)
		err = file_error(o->path, "create");
	return err == ERR_OK ? file_sync_folder(o->path) : err;
}

enum err
file_create(const char *path, const void *p, size_t len, mode_t mode)
{
	struct file_out *o;
	enum err err;

	if ((err = file_out_begin(&o, path, mode)) != ERR_OK)
		return err;
	err = file_out_write(o, p, len);
	if (err == ERR_OK)
		err = file_out_create(o);
	file_out_free(&o);
	return err;
}

enum err
file_replace(const char *path, const void *p, size_t len, mode_t mode)
{
	struct file_out *o;
	enum err err;

	if ((err = file_out_begin(&o, path, mode)) != ERR_OK)
		return err;
	err = file_out_write(o, p, len);
	if (err == ERR_OK)
		err = settle(o);
	if (err == ERR_OK && rename(o->tmp, path) != 0)
		err = file_error(path, "replace");
	if (err == ERR_OK) {
		free(o->tmp);
		o->tmp = NULL;
		err = file_sync_folder(path);
	}
	file_out_free(&o);
	return err;
}
