#include "tale.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"

static void
default_line(struct charter *c, const char *name, const char *suffix,
    const struct clocks_cell cell[3])
{
	struct charter_clock *line = &c->clock[c->clock_count];
	bool any = false;

	for (unsigned u = 0; u < 3; u++) {
		any = any || cell[u].seconds != 0;
		line->seconds[u] = cell[u].seconds != 0 ? cell[u].seconds
							: CHARTER_NONE;
	}
	if (!any)
		return;
	snprintf(line->name, sizeof(line->name), "%s%s", name, suffix);
	c->clock_count++;
}

static void
default_charter(struct charter *c)
{
	for (unsigned k = 0; k < CLOCKS_KINDS; k++) {
		const struct clocks_row *row =
		    clocks_row((enum clocks_kind)k);

		default_line(c, row->name, "", row->cell);
		default_line(c, row->name, "_extension", row->extension);
	}
	for (unsigned t = 0; t < CHARTER_TIERS; t++) {
		c->tier[t].present = true;
		for (unsigned u = 0; u < 3; u++) {
			c->tier[t].ack[u] = clocks_tier(t + 1)->ack[u].seconds;
			c->tier[t].answer[u] =
			    clocks_tier(t + 1)->answer[u].seconds;
		}
	}
}

void
tale_begin(struct tale *t, const struct profile_side *asker,
    const struct profile_side *asked)
{
	memset(t, 0, sizeof(*t));
	default_charter(&t->charter);
	t->terms.charter = &t->charter;
	t->terms.calendar[ASKER] = asker;
	t->terms.calendar[ASKED] = asked;
}

void
tale_end(struct tale *t)
{
	clocks_free(&t->clocks);
}

struct clocks_msg *
tale_tell(struct tale *t, enum case_side side, enum notice_type type,
    enum notice_outcome outcome, uint64_t at)
{
	struct case_msg *m = &t->told[t->n];
	struct clocks_msg *of = &t->of[t->n];

	assert_true(t->n < TALE_MAX);
	memset(m, 0, sizeof(*m));
	memset(of, 0, sizeof(*of));
	m->id = t->n;
	m->side = side;
	m->seq = t->n + 1;
	m->env_id.b[0] = (uint8_t)(t->n + 1);
	m->env_id.b[31] = 1;
	for (size_t i = 0; i < t->n; i++)
		m->seen[t->told[i].side] = t->told[i].env_id;
	m->move.event = (uint16_t)type;
	m->move.outcome = (uint16_t)outcome;
	m->move.holds = CASE_GUARD_COMPLETE | CASE_GUARD_REVISION;
	m->evidence = CASE_EVIDENCE_DELIVERED;
	of->terms = &t->terms;
	of->sent = (struct clocks_bounds){at, at};
	of->has_delivered = true;
	of->delivered = (struct clocks_bounds){at + SECOND, at + SECOND};
	of->urgency = t->n > 0 ? t->of[0].urgency : 0;
	of->m = m;
	t->n++;
	return of;
}

struct clocks_msg *
tale_request(struct tale *t, unsigned urgency)
{
	struct clocks_msg *msg = tale_tell(t, ASKER, NOTICE_REQUEST,
	    OUTCOME_NONE, WHEN - SECOND);

	msg->urgency = urgency;
	return msg;
}

void
tale_whole(struct tale *t, unsigned urgency)
{
	struct clocks_msg *msg = tale_request(t, urgency);

	msg->touches = 1u << CLOCKS_DATA | 1u << CLOCKS_PRESERVATION;
	tale_tell(t, ASKED, NOTICE_DECISION, OUTCOME_ACCEPTED, WHEN + HOUR);
	tale_tell(t, ASKER, NOTICE_STATUS_QUERY, 0,
	    WHEN + HOUR + 600 * SECOND);
	tale_tell(t, ASKED, NOTICE_RESULT, OUTCOME_FINAL, WHEN + 2 * HOUR);
}

const struct hash *
tale_name(const struct clocks_msg *msg)
{
	return &msg->m->env_id;
}

void
tale_eval(struct tale *t, uint64_t at)
{
	clocks_free(&t->clocks);
	memcpy(t->m, t->told, sizeof(t->m));
	assert_int_equal(casefile_fold(&t->file, t->m, t->n), ERR_OK);
	for (size_t i = 0; i < t->n; i++) {
		t->msgs[i] = t->of[t->m[i].id];
		t->msgs[i].m = &t->m[i];
	}
	t->now.at = at;
	assert_int_equal(
	    clocks_eval(&t->clocks, t->msgs, t->n, &t->now), ERR_OK);
}

const struct clocks_clock *
tale_clock(const struct tale *t, enum clocks_kind kind)
{
	for (size_t i = t->clocks.n; i-- > 0;)
		if (t->clocks.v[i].kind == kind)
			return &t->clocks.v[i];
	fail_msg("no clock %s", clocks_row(kind)->name);
	return NULL;
}

bool
tale_none(const struct tale *t, enum clocks_kind kind)
{
	for (size_t i = 0; i < t->clocks.n; i++)
		if (t->clocks.v[i].kind == kind)
			return false;
	return true;
}

void
tale_is(const struct tale *t, enum clocks_kind kind, enum clocks_verdict want)
{
	assert_string_equal(
	    clocks_verdict_name(tale_clock(t, kind)->verdict),
	    clocks_verdict_name(want));
}

void
tale_is_at(uint64_t at, const char *want)
{
	char got[CLOCK_TEXT_BYTES];

	clock_format(got, (int64_t)at);
	assert_string_equal(got, want);
}

/* ---- DIALOGUE.md ---- */

static void
cut(char *line, char *cell[], unsigned columns)
{
	char *p = line;

	for (unsigned i = 0; i < columns; i++) {
		char *end = strchr(++p, '|'), *last;

		assert_non_null(end);
		*end = '\0';
		while (*p == ' ')
			p++;
		for (last = end; last > p && last[-1] == ' ';)
			*--last = '\0';
		cell[i] = p;
		p = end;
	}
}

size_t
tale_table(const char *heading, unsigned columns, tale_row_fn *row, void *ctx)
{
	FILE *f = fopen("cases/DIALOGUE.md", "r");
	char line[2048], *cell[16];
	bool below = false, in = false;
	size_t n = 0;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "## ", 3) == 0)
			below = strcmp(line + 3, heading) == 0;
		else if (below && strncmp(line, "|---", 4) == 0)
			in = true;
		else if (in && line[0] != '|')
			break;
		else if (in) {
			cut(line, cell, columns);
			row(ctx, cell);
			n++;
		}
	}
	fclose(f);
	return n;
}

void
tale_cell(struct clocks_cell *cell, const char *text)
{
	char unit[8];
	unsigned n;

	*cell = (struct clocks_cell){.unit = CALENDAR_HOURS};
	if (strncmp(text, "date", 4) == 0) {
		cell->dated = true;
		text += text[4] == ' ' ? 5 : 4;
		if (text[0] == '\0')
			return;
	}
	if (strcmp(text, "-") == 0)
		return;
	assert_int_equal(sscanf(text, "%u %7s", &n, unit), 2);
	if (strcmp(unit, "d") == 0) {
		cell->unit = CALENDAR_DAYS;
		cell->seconds = n * CALENDAR_DAY_S;
	} else if (strcmp(unit, "h") == 0) {
		cell->seconds = n * 3600;
	} else {
		assert_string_equal(unit, "min");
		cell->seconds = n * 60;
	}
}

uint16_t
tale_type(const char *word)
{
	char low[32] = "";
	int type;

	for (size_t i = 0; word[i] != '\0' && i < sizeof(low) - 1; i++)
		low[i] = word[i] == '_' ? '_' : (char)(word[i] | 0x20);
	type = notice_type_find(low);
	if (type <= 0)
		fail_msg("no message type %s", word);
	return (uint16_t)type;
}
