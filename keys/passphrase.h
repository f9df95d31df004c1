/*
 * passphrase: where a passphrase comes from: never argv, never a guess.
 *
 * Order: a file; a descriptor; a systemd credential; a person at the
 * terminal, echo off.  Unattended processes pass no prompt.  Owns nothing.
 */
#ifndef KEYS_PASSPHRASE_H
#define KEYS_PASSPHRASE_H

#include <stdbool.h>

#include "base/err.h"

struct secret;

#define PASSPHRASE_MAX 1024
#define PASSPHRASE_MIN 8	/* asked of a new one */

struct passphrase_from {
	const char *file;	/* path, or NULL */
	int fd;			/* descriptor, or -1; read to its end */
	const char *credential;	/* name in $CREDENTIALS_DIRECTORY, or NULL */
	const char *prompt;	/* text for a terminal, or NULL: never ask */
	bool twice;		/* a new one: ask again, check PASSPHRASE_MIN */
};

/*
 * passphrase_read(&out, from):
 * The bytes without one final newline; the caller frees *out.
 * ERR_NO_TERMINAL if there is no source; ERR_PASSPHRASE if it is empty, too
 * short for a new one, or was typed differently twice; ERR_TOO_BIG over
 * PASSPHRASE_MAX; errors of the file.
 */
enum err
passphrase_read(struct secret **out, const struct passphrase_from *from);

#endif
