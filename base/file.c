#include "base/file.h"
#include "base/file_room.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/diag.h"

enum err
file_error(const char *path, const char *doing)
{
	int e = errno;

	if (e == ENOENT || e == ENOTDIR)
		return ERR_NOTFOUND;
	if (e == EEXIST)
		return ERR_EXISTS;
	diag_error("file", "cannot %s: %s path=%s", doing, strerror(e), path);
	if (e == ENOSPC || e == EDQUOT || e == EIO || e == EROFS)
		return ERR_STORAGE;
	return e == ENOMEM ? ERR_NOMEM : ERR_IO;
}

/* The folder path lies in; the caller frees it. */
static char *
folder_of(const char *path)
{
	char *copy = strdup(path), *dir;

	if (copy == NULL)
		return NULL;
	dir = strdup(dirname(copy));
	free(copy);
	return dir;
}

enum err
file_sync_folder(const char *path)
{
	enum err err = ERR_OK;
	char *dir = folder_of(path);
	int fd;

	if (dir == NULL)
		return ERR_NOMEM;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) != 0)
		err = file_error(dir, "sync");
	if (fd >= 0)
		close(fd);
	free(dir);
	return err;
}

int
file_write_all(int fd, const void *p, size_t len)
{
	const uint8_t *b = p;
	ssize_t n;

	while (len > 0) {
		n = write(fd, b, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		b += n;
		len -= (size_t)n;
	}
	return 0;
}

enum err
file_overwrite(const char *path, uint64_t offset, const void *p, size_t len)
{
	enum err err = ERR_OK;
	int fd;

	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return file_error(path, "open");
	if (lseek(fd, (off_t)offset, SEEK_SET) < 0 ||
	    file_write_all(fd, p, len) != 0 || fdatasync(fd) != 0)
		err = file_error(path, "overwrite");
	close(fd);
	return err;
}

ssize_t
file_read_up_to(int fd, uint8_t *p, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while (len < size) {
		n = read(fd, p + len, size - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

static enum err
too_big(const char *name, size_t max)
{
	diag_error("file", "larger than allowed path=%s max=%zu", name, max);
	return ERR_TOO_BIG;
}

static enum err
read_buf(int fd, const char *name, size_t max, struct buf *out)
{
	uint8_t part[16384];
	size_t total = 0;
	struct stat st;
	ssize_t n;

	/* The size a file claims spares growing; its end is what counts. */
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
		if ((uintmax_t)st.st_size > max)
			return too_big(name, max);
		buf_reserve(out, (size_t)st.st_size);
	}
	for (;;) {
		n = file_read_up_to(fd, part, sizeof(part));
		if (n < 0)
			return file_error(name, "read");
		total += (size_t)n;
		if (total > max)
			return too_big(name, max);
		buf_put(out, part, (size_t)n);
		if (out->err != ERR_OK || (size_t)n < sizeof(part))
			return out->err;
	}
}

enum err
file_load(const char *path, size_t max, struct buf *out)
{
	enum err err;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return file_error(path, "open");
	err = read_buf(fd, path, max, out);
	close(fd);
	return err;
}

enum err
file_read_fd(int fd, size_t max, struct buf *out)
{
	return read_buf(fd, "(descriptor)", max, out);
}

bool
file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

enum err
file_remove(const char *path)
{
	if (unlink(path) != 0)
		return file_error(path, "remove");
	return file_sync_folder(path);
}

/* One folder; it being there already is fine. */
static enum err
make_folder(const char *path, mode_t mode)
{
	struct stat st;

	if (mkdir(path, mode) == 0)
		return file_sync_folder(path);
	if (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return ERR_OK;
	return file_error(path, "make folder");
}

enum err
file_move(const char *from, const char *to)
{
	if (rename(from, to) != 0)
		return file_error(from, "move");
	return file_sync_folder(to);
}

enum err
file_mkdirs(const char *path, mode_t mode)
{
	char *copy = strdup(path), *p;
	enum err err = ERR_OK;

	if (copy == NULL)
		return ERR_NOMEM;
	for (p = copy + 1; err == ERR_OK && *copy != '\0' && *p != '\0'; p++) {
		if (*p != '/' || p[-1] == '/')
			continue;
		*p = '\0';
		err = make_folder(copy, mode);
		*p = '/';
	}
	if (err == ERR_OK)
		err = make_folder(copy, mode);
	free(copy);
	return err;
}

enum err
file_lock(const char *dir, int *fd)
{
	char *path = file_join(dir, "lock");
	enum err err = ERR_OK;

	*fd = -1;
	if (path == NULL)
		return ERR_NOMEM;
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (*fd < 0) {
		err = file_error(path, "open");
	} else if (flock(*fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno == EWOULDBLOCK) {
			diag_error("file", "another process uses it dir=%s",
			    dir);
			err = ERR_LOCKED;
		} else {
			err = file_error(path, "lock");
		}
		close(*fd);
		*fd = -1;
	}
	free(path);
	return err;
}

char *
file_join(const char *dir, const char *name)
{
	char *path;

	if (name[0] == '/')
		return strdup(name);
	if (asprintf(&path, "%s/%s", dir, name) < 0)
		return NULL;
	return path;
}
