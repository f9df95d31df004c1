/*
 * show: tables.
 */
#include "base/show.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CELL_MAX ((size_t)64 << 10)

struct show_table {
	const char *const *heads;
	size_t n;
	char **cells;		/* escaped, row after row */
	size_t len, size;
};

struct show_table *
show_table_new(const char *const *heads, size_t n)
{
	struct show_table *t = calloc(1, sizeof(*t));

	if (t == NULL)
		abort();
	t->heads = heads;
	t->n = n;
	return t;
}

static void
add(struct show_table *t, char *cell)
{
	if (t->len == t->size) {
		t->size = t->size == 0 ? 64 : 2 * t->size;
		t->cells = realloc(t->cells, t->size * sizeof(char *));
	}
	if (t->cells == NULL || cell == NULL)
		abort();
	t->cells[t->len++] = cell;
}

void
show_cell(struct show_table *t, const char *fmt, ...)
{
	struct buf out = buf_init(CELL_MAX);
	char *raw;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&raw, fmt, ap) < 0)
		abort();
	va_end(ap);
	show_text(&out, raw, strlen(raw));
	free(raw);
	add(t, strdup(buf_text(&out)));
	buf_free(&out);
}

static size_t
width(const struct show_table *t, size_t column)
{
	size_t i, w = show_columns(t->heads[column]), cell;

	for (i = column; i < t->len; i += t->n) {
		cell = show_columns(t->cells[i]);
		if (cell > w)
			w = cell;
	}
	return w;
}

/* The last column is not padded: no blanks at the ends of lines. */
static void
print(FILE *f, const char *cell, size_t w, bool last)
{
	fputs(cell, f);
	if (last)
		fputc('\n', f);
	else
		fprintf(f, "%*s", (int)(w - show_columns(cell) + 2), "");
}

void
show_table_print(const struct show_table *t, FILE *f)
{
	size_t *w = calloc(t->n + 1, sizeof(size_t)), i;

	if (w == NULL)
		abort();
	for (i = 0; i < t->n; i++)
		w[i] = width(t, i);
	for (i = 0; i < t->n; i++)
		print(f, t->heads[i], w[i], i + 1 == t->n);
	for (i = 0; i < t->len; i++)
		print(f, t->cells[i], w[i % t->n],
		    i % t->n + 1 == t->n || i + 1 == t->len);
	free(w);
}

void
show_table_free(struct show_table **tp)
{
	struct show_table *t = *tp;

	*tp = NULL;
	if (t == NULL)
		return;
	while (t->len > 0)
		free(t->cells[--t->len]);
	free(t->cells);
	free(t);
}
