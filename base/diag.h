/*
 * diag: messages to the operator, one line each on stderr.
 *
 *	2026-12-01T08:00:00.120Z warn link: relay is silent relay=r1 for_ms=90
 *
 * Text first, then key=value pairs.  Never a secret, plaintext or a case
 * number (PROTOCOL.md section 12).  Control characters of the arguments are
 * made visible, so a peer's text cannot forge a line.
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

enum diag_level {
	DIAG_ERROR,
	DIAG_WARN,
	DIAG_INFO,
	DIAG_DEBUG,
};

/* diag_start(most): show levels up to most; DIAG_WARN until called. */
void
diag_start(enum diag_level most);
/* diag_plain(): "casewire: text" lines for tools a person runs by hand. */
void
diag_plain(const char *program);

/* diag_msg(level, module, fmt, ...): keeps errno; long lines are cut. */
void
diag_msg(enum diag_level level, const char *module, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#define diag_error(module, ...) diag_msg(DIAG_ERROR, module, __VA_ARGS__)
#define diag_warn(module, ...) diag_msg(DIAG_WARN, module, __VA_ARGS__)
#define diag_info(module, ...) diag_msg(DIAG_INFO, module, __VA_ARGS__)
#define diag_debug(module, ...) diag_msg(DIAG_DEBUG, module, __VA_ARGS__)

#endif
