#include "base/diag.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/utf8.h"

#define DIAG_LINE_BYTES 2048

static enum diag_level shown = DIAG_WARN;
static const char *plain;	/* program name of a hand tool, or NULL */

void
diag_start(enum diag_level most)
{
	shown = most;
}

void
diag_plain(const char *program)
{
	plain = program;
}

/* Text copied to the line with everything a terminal acts on, and bytes that
 * are no UTF-8, as '?'.  Returns the length, at most size. */
static size_t
clean(char *dst, size_t size, const char *s, size_t len)
{
	uint32_t code;
	size_t n, out = 0;

	while (len > 0) {
		n = utf8_next(s, len, &code);
		if (n == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0) ||
		    (code >= 0x200e && code <= 0x206f)) {
			if (out == size)
				break;
			dst[out++] = '?';
			n = n == 0 ? 1 : n;
		} else {
			if (n > size - out)
				break;
			memcpy(dst + out, s, n);
			out += n;
		}
		s += n;
		len -= n;
	}
	return out;
}

void
diag_msg(enum diag_level level, const char *module, const char *fmt, ...)
{
	static const char *const names[] = { "error", "warn", "info", "debug" };
	char text[DIAG_LINE_BYTES], line[DIAG_LINE_BYTES + 128];
	char now[CLOCK_TEXT_BYTES];
	struct clock clock = clock_real();
	int saved = errno, n;
	size_t len, done;
	ssize_t put;
	va_list ap;

	if (level > shown)
		return;
	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n < 0)
		n = 0;
	if ((size_t)n >= sizeof(text))
		n = sizeof(text) - 1;
	len = (size_t)(plain != NULL ?
		snprintf(line, 120, "%s: ", plain) :
		snprintf(line, 120, "%s %s %s: ",
		    clock_format(now, clock_wall(&clock)), names[level],
		    module));
	len = len < 120 ? len : 119;
	len += clean(line + len, DIAG_LINE_BYTES, text, (size_t)n);
	line[len++] = '\n';
	/* One write a line: lines of several processes do not mix. */
	for (done = 0; done < len; done += (size_t)put) {
		put = write(STDERR_FILENO, line + done, len - done);
		if (put < 0)
			break;
	}
	errno = saved;
}
