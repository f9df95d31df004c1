#include "keys/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/file.h"
#include "base/secret.h"

#define CTRL_C 0x03

/* One line from the terminal into locked memory, without its newline. */
static enum err
read_line(int fd, struct secret **out)
{
	uint8_t *p, c;
	size_t len = 0;
	ssize_t n;

	*out = secret_new(PASSPHRASE_MAX);
	if (*out == NULL)
		return ERR_NOMEM;
	p = secret_bytes(*out);
	for (;;) {
		n = read(fd, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n != 1 || c == '\n' || c == CTRL_C || len == PASSPHRASE_MAX)
			break;
		p[len++] = c;
	}
	if (n == 1 && c == '\n' && len > 0) {
		secret_wipe(&c, 1);
		secret_trim(*out, len);
		return ERR_OK;
	}
	secret_free(out);
	return len == PASSPHRASE_MAX ? ERR_TOO_BIG : ERR_PASSPHRASE;
}

static void
tell(int fd, const char *text)
{
	ssize_t n = write(fd, text, strlen(text));

	(void)n;	/* a terminal that takes no prompt gives no answer */
}

/* Ask once, echo off.  Signals from the keyboard are off too, so that the
 * echo always comes back; Ctrl-C gives up. */
static enum err
ask(int fd, const char *prompt, struct secret **out)
{
	struct termios old, quiet;
	enum err err;

	if (tcgetattr(fd, &old) != 0)
		return ERR_NO_TERMINAL;
	quiet = old;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ISIG);
	if (tcsetattr(fd, TCSAFLUSH, &quiet) != 0)
		return ERR_NO_TERMINAL;
	tell(fd, prompt);
	tell(fd, ": ");
	err = read_line(fd, out);
	tcsetattr(fd, TCSAFLUSH, &old);
	tell(fd, "\n");
	return err;
}

static enum err
from_terminal(struct secret **out, const struct passphrase_from *from)
{
	struct secret *again = NULL;
	enum err err;
	int fd;

	if (!isatty(STDIN_FILENO))
		return ERR_NO_TERMINAL;
	fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return ERR_NO_TERMINAL;
	err = ask(fd, from->prompt, out);
	if (err == ERR_OK && from->twice) {
		err = ask(fd, "Once more", &again);
		if (err == ERR_OK && (secret_len(*out) != secret_len(again) ||
		    !secret_eq(secret_read(*out), secret_read(again),
		    secret_len(again))))
			err = ERR_PASSPHRASE;
		secret_free(&again);
	}
	if (err != ERR_OK)
		secret_free(out);
	close(fd);
	return err;
}

/* Less one final newline, as file_load_line does for a path. */
static enum err
from_fd(struct secret **out, int fd)
{
	enum err err = file_read_fd_secret(fd, PASSPHRASE_MAX + 1, out);
	size_t len;

	if (err != ERR_OK)
		return err;
	len = secret_len(*out);
	if (len > 0 && secret_read(*out)[len - 1] == '\n')
		len--;
	if (len == 0 || len > PASSPHRASE_MAX) {
		secret_free(out);
		return len == 0 ? ERR_PASSPHRASE : ERR_TOO_BIG;
	}
	secret_trim(*out, len);
	return ERR_OK;
}

/* The credential's path, or NULL where there is none; free(3) it. */
static char *
credential(const char *name)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	char *path;

	if (name == NULL || dir == NULL)
		return NULL;
	path = file_join(dir, name);
	if (path != NULL && !file_exists(path)) {
		free(path);
		path = NULL;
	}
	return path;
}

static enum err
obtain(struct secret **out, const struct passphrase_from *from)
{
	char *path;
	enum err err;

	if (from->file != NULL)
		return file_load_line(from->file, PASSPHRASE_MAX, out);
	if (from->fd >= 0)
		return from_fd(out, from->fd);
	path = credential(from->credential);
	if (path != NULL) {
		err = file_load_line(path, PASSPHRASE_MAX, out);
		free(path);
		return err;
	}
	if (from->prompt != NULL)
		return from_terminal(out, from);
	return ERR_NO_TERMINAL;
}

enum err
passphrase_read(struct secret **out, const struct passphrase_from *from)
{
	enum err err;

	*out = NULL;
	err = obtain(out, from);
	if (err != ERR_OK)
		return err;
	if (secret_len(*out) == 0 ||
	    (from->twice && secret_len(*out) < PASSPHRASE_MIN)) {
		diag_error("keys", "passphrase is shorter than %d bytes",
		    from->twice ? PASSPHRASE_MIN : 1);
		secret_free(out);
		return from->twice ? ERR_USAGE : ERR_PASSPHRASE;
	}
	return ERR_OK;
}
