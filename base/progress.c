#include "base/progress.h"

#include <string.h>
#include <unistd.h>

#include "base/show.h"
#include "base/text.h"

#define PATIENCE_MS 1000	/* what takes less needs no line */
#define EVERY_MS 200
#define LINE_BYTES 160

void
progress_begin(struct progress *p, const char *doing, struct clock clock,
    FILE *to)
{
	memset(p, 0, sizeof(*p));
	p->doing = doing;
	p->clock = clock;
	p->to = isatty(fileno(to)) ? to : NULL;
	p->began = p->said = clock_mono(&p->clock);
}

/* Over the line that stands, with spaces where that was longer: a terminal
 * need not know more than the carriage return. */
static void
put_line(struct progress *p, const char *line)
{
	size_t width = show_columns(line);

	fprintf(p->to, "\r%s%*s\r", line,
	    width < p->width ? (int)(p->width - width) : 0, "");
	fflush(p->to);
	p->width = width;
}

void
progress_at(struct progress *p, uint64_t done, uint64_t all)
{
	char line[LINE_BYTES];
	double rate, left;
	int64_t now;

	if (p->to == NULL)
		return;
	now = clock_mono(&p->clock);
	if (now - p->began < PATIENCE_MS || now - p->said < EVERY_MS)
		return;
	p->said = now;
	rate = (double)done * 1000 / (double)(now - p->began);
	if (all == 0 || done == 0 || done > all) {
		snprintf(line, sizeof(line), _("%s: %llu, %.0f a second"),
		    p->doing, (unsigned long long)done, rate);
	} else {
		left = (double)(all - done) / rate;
		snprintf(line, sizeof(line),
		    _("%s: %.0f %%, %.0f a second, %.0f s left"), p->doing,
		    100.0 * (double)done / (double)all, rate, left);
	}
	put_line(p, line);
}

void
progress_end(struct progress *p)
{
	if (p->to != NULL && p->width > 0)
		put_line(p, "");
}
