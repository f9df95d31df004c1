/*
 * file: into locked memory.  A file of its own, so that a program without
 * secrets (the auditor's) links none of base/secret.
 */
#include "base/file.h"
#include "base/file_room.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/secret.h"

static enum err
read_secret(int fd, const char *name, size_t max, struct secret **out)
{
	struct secret *s;
	ssize_t n;

	*out = NULL;
	if (max >= SECRET_MAX)
		max = SECRET_MAX - 1;
	s = secret_new(max + 1);
	if (s == NULL)
		return ERR_NOMEM;
	n = file_read_up_to(fd, secret_bytes(s), max + 1);
	if (n <= 0 || (size_t)n > max) {
		secret_free(&s);
		if (n < 0)
			return file_error(name, "read");
		return n == 0 ? ERR_TRUNCATED : ERR_TOO_BIG;
	}
	secret_trim(s, (size_t)n);
	*out = s;
	return ERR_OK;
}

enum err
file_load_secret(const char *path, size_t max, struct secret **out)
{
	enum err err;
	int fd;

	*out = NULL;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return file_error(path, "open");
	err = read_secret(fd, path, max, out);
	close(fd);
	return err;
}

enum err
file_read_fd_secret(int fd, size_t max, struct secret **out)
{
	return read_secret(fd, "(descriptor)", max, out);
}

enum err
file_load_line(const char *path, size_t max, struct secret **out)
{
	enum err err;
	size_t len;

	err = file_load_secret(path, max, out);
	if (err != ERR_OK)
		return err;
	len = secret_len(*out);
	if (secret_read(*out)[len - 1] != '\n')
		return ERR_OK;
	if (len == 1) {
		secret_free(out);
		return ERR_TRUNCATED;
	}
	secret_trim(*out, len - 1);
	return ERR_OK;
}
