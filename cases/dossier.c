#include "cases/dossier.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

static const char first_line[] = "casewire/1 dossier";
static const char last_line[] = "end";
static const char *const time_names[LEDGER_TIMES] = {"ack", "decision",
    "result"};

/* The longest line: an open case. */
#define LINE_MAX 200
#define NUMBER_BYTES 24

const char *
dossier_time_name(enum ledger_time what)
{
	return time_names[what];
}

struct hash
dossier_digest(struct view text)
{
	return hash_of(text.p, text.len);
}

void
dossier_free(struct dossier *d)
{
	ledger_free(&d->ledger);
	*d = (struct dossier){0};
}

/* ---- writing ---- */

static void
put_hex(struct buf *out, const void *p, size_t len)
{
	char hex[2 * HASH_BYTES + 1];

	hex_encode(hex, p, len);
	buf_str(out, hex);
}

static enum err
put_at(struct buf *out, const char *word, uint64_t at)
{
	char text[CLOCK_TEXT_BYTES];
	int64_t back;

	if (at > INT64_MAX)
		return ERR_ENCODING;
	clock_format(text, (int64_t)at);
	if (clock_parse(&back, text) != ERR_OK)
		return ERR_ENCODING;
	buf_fmt(out, "%s %s\n", word, text);
	return ERR_OK;
}

static void
put_counts(struct buf *out, const struct ledger *l, unsigned party)
{
	const struct ledger_entry *e;
	const struct ledger_group *group;
	size_t n;

	for (unsigned g = 0; (group = ledger_group(g)) != NULL; g++)
		for (unsigned w = 0; w < LEDGER_WORDS_MAX &&
		     group->word[w] != NULL; w++) {
			n = ledger_count(l, party, g, w, &e);
			if (n == 0)
				continue;
			buf_fmt(out, "count %c %s %s %zu\n",
			    'a' + (int)party, group->name, group->word[w], n);
			for (; n > 0; n--, e++) {
				put_hex(out, e->env_id.b, HASH_BYTES);
				buf_str(out, "\n");
			}
		}
}

static void
put_ms(struct buf *out, uint64_t ms)
{
	if (ms == LEDGER_UNBOUNDED)
		buf_str(out, " -");
	else
		buf_fmt(out, " %" PRIu64, ms);
}

static void
put_times(struct buf *out, const struct ledger *l, unsigned party)
{
	for (unsigned i = 0; i < LEDGER_TIMES; i++) {
		const struct ledger_times *t = &l->times[party][i];

		if (t->n == 0)
			continue;
		buf_fmt(out, "time %c %s %zu", 'a' + (int)party,
		    time_names[i], t->n);
		put_ms(out, t->median_lo);
		put_ms(out, t->median_hi);
		put_ms(out, t->p90_lo);
		put_ms(out, t->p90_hi);
		buf_str(out, "\n");
	}
}

static enum err
put_open(struct buf *out, const struct ledger_open *o)
{
	char word[LINE_MAX];
	char case_id[2 * ID_BYTES + 1], env_id[2 * HASH_BYTES + 1];
	const char *phase = notice_outcome_name((enum notice_outcome)o->phase);

	hex_encode(case_id, o->case_id.b, ID_BYTES);
	hex_encode(env_id, o->env_id.b, HASH_BYTES);
	snprintf(word, sizeof(word), "open %c %s %s u%u %s %s",
	    'a' + o->party, case_id, env_id, o->urgency,
	    casefile_state_name((enum case_state)o->state),
	    phase != NULL ? phase : "none");
	return put_at(out, word, o->since_at);
}

enum err
dossier_write(struct buf *out, const struct dossier *d)
{
	const struct ledger *l = &d->ledger;
	enum err err;

	buf_fmt(out, "%s\npair ", first_line);
	put_hex(out, d->pair_id.b, HASH_BYTES);
	buf_str(out, "\n");
	if ((err = put_at(out, "from", l->from_at)) != ERR_OK ||
	    (err = put_at(out, "until", l->until_at)) != ERR_OK ||
	    (err = put_at(out, "as_of", l->as_of_at)) != ERR_OK)
		return err;
	for (unsigned p = 0; p < LEDGER_PARTIES; p++)
		put_counts(out, l, p);
	for (unsigned p = 0; p < LEDGER_PARTIES; p++)
		put_times(out, l, p);
	for (size_t i = 0; i < l->opens && err == ERR_OK; i++)
		err = put_open(out, &l->open[i]);
	buf_fmt(out, "%s\n", last_line);
	return err != ERR_OK ? err : out->err;
}

/* ---- reading ---- */

struct reader {
	struct dossier *d;
	struct view left;
	size_t line;
	char text[LINE_MAX];
	char *rest;		/* of text, not yet taken */
	enum err err;
};

static void
fail(struct reader *r, enum err err)
{
	if (r->err == ERR_OK)
		r->err = err;
}

/* The next line into text; false at the end or after a fault. */
static bool
next_line(struct reader *r)
{
	const uint8_t *lf = r->left.len == 0 ? NULL :
	    memchr(r->left.p, '\n', r->left.len);
	size_t len;

	if (r->err != ERR_OK)
		return false;
	r->line++;
	len = lf != NULL ? (size_t)(lf - r->left.p) : 0;
	if (lf == NULL || len >= sizeof(r->text) ||
	    memchr(r->left.p, '\0', len) != NULL) {
		fail(r, ERR_SYNTAX);
		return false;
	}
	memcpy(r->text, r->left.p, len);
	r->text[len] = '\0';
	r->rest = r->text;
	r->left.p += len + 1;
	r->left.len -= len + 1;
	return true;
}

/* The next word of the line, "" past the last. */
static const char *
next_word(struct reader *r)
{
	char *word = r->rest, *end = strchr(word, ' ');

	if (end == NULL)
		r->rest = word + strlen(word);
	else {
		*end = '\0';
		r->rest = end + 1;
	}
	return word;
}

static void
take_hex(struct reader *r, void *out, size_t len)
{
	if (hex_decode(out, len, next_word(r)) != ERR_OK)
		fail(r, ERR_SYNTAX);
}

static uint64_t
take_number(struct reader *r)
{
	const char *word = next_word(r);
	uint64_t n = 0;

	if (*word == '\0' || strlen(word) >= NUMBER_BYTES)
		fail(r, ERR_SYNTAX);
	for (; *word != '\0'; word++) {
		unsigned digit = (unsigned)(*word - '0');

		if (digit > 9 || n > (UINT64_MAX - digit) / 10) {
			fail(r, ERR_SYNTAX);
			return 0;
		}
		n = 10 * n + digit;
	}
	return n;
}

static uint64_t
take_ms(struct reader *r)
{
	if (strcmp(r->rest, "-") == 0 || strncmp(r->rest, "- ", 2) == 0) {
		next_word(r);
		return LEDGER_UNBOUNDED;
	}
	return take_number(r);
}

static uint64_t
take_at(struct reader *r)
{
	int64_t at = 0;

	if (clock_parse(&at, next_word(r)) != ERR_OK || at < 0)
		fail(r, ERR_SYNTAX);
	return (uint64_t)at;
}

static uint8_t
take_party(struct reader *r)
{
	const char *word = next_word(r);

	if (strcmp(word, "a") != 0 && strcmp(word, "b") != 0)
		fail(r, ERR_SYNTAX);
	return word[0] == 'b';
}

static void
expect(struct reader *r, const char *word)
{
	if (next_line(r) && strcmp(next_word(r), word) != 0)
		fail(r, ERR_SYNTAX);
}

static void
take_head(struct reader *r)
{
	struct ledger *l = &r->d->ledger;

	if (next_line(r) && strcmp(r->text, first_line) != 0)
		fail(r, ERR_VERSION);
	expect(r, "pair");
	if (r->err == ERR_OK)
		take_hex(r, r->d->pair_id.b, HASH_BYTES);
	expect(r, "from");
	if (r->err == ERR_OK)
		l->from_at = take_at(r);
	expect(r, "until");
	if (r->err == ERR_OK)
		l->until_at = take_at(r);
	expect(r, "as_of");
	if (r->err == ERR_OK)
		l->as_of_at = take_at(r);
}

static void
take_count(struct reader *r)
{
	struct ledger_entry e = {.party = take_party(r)};
	int group = ledger_find(next_word(r)), word = -1;
	uint64_t n;

	if (group >= 0)
		word = ledger_word((unsigned)group, next_word(r));
	n = take_number(r);
	if (word < 0)
		fail(r, ERR_SYNTAX);
	if (r->err != ERR_OK)
		return;
	e.group = (uint8_t)group;
	e.word = (uint8_t)word;
	for (; n > 0 && next_line(r); n--) {
		take_hex(r, e.env_id.b, HASH_BYTES);
		if (r->err == ERR_OK)
			fail(r, ledger_put(&r->d->ledger, &e));
	}
}

static void
take_times(struct reader *r)
{
	unsigned party = take_party(r), what;
	const char *word = next_word(r);
	struct ledger_times *t;

	for (what = 0; what < LEDGER_TIMES; what++)
		if (strcmp(time_names[what], word) == 0)
			break;
	if (what == LEDGER_TIMES) {
		fail(r, ERR_SYNTAX);
		return;
	}
	t = &r->d->ledger.times[party][what];
	t->n = take_number(r);
	t->median_lo = take_ms(r);
	t->median_hi = take_ms(r);
	t->p90_lo = take_ms(r);
	t->p90_hi = take_ms(r);
}

static uint8_t
take_state(struct reader *r)
{
	const char *word = next_word(r);

	for (unsigned s = 0; s < CASE_STATES; s++)
		if (strcmp(casefile_state_name((enum case_state)s),
		    word) == 0)
			return (uint8_t)s;
	fail(r, ERR_SYNTAX);
	return 0;
}

static void
take_open(struct reader *r)
{
	struct ledger_open o = {.party = take_party(r)};
	const char *urgency;
	int phase;

	take_hex(r, o.case_id.b, ID_BYTES);
	take_hex(r, o.env_id.b, HASH_BYTES);
	urgency = next_word(r);
	if (urgency[0] != 'u' || urgency[1] < '0' ||
	    urgency[1] > '0' + URGENCY_MAX)
		fail(r, ERR_SYNTAX);
	o.urgency = r->err == ERR_OK ? (uint8_t)(urgency[1] - '0') : 0;
	o.state = take_state(r);
	phase = notice_outcome_find(next_word(r));
	if (phase < 0)
		fail(r, ERR_SYNTAX);
	o.phase = phase < 0 ? 0 : (uint8_t)phase;
	o.since_at = take_at(r);
	if (r->err == ERR_OK)
		fail(r, ledger_put_open(&r->d->ledger, &o));
}

static void
take_lines(struct reader *r)
{
	const char *word;

	while (next_line(r)) {
		word = next_word(r);
		if (strcmp(word, "count") == 0)
			take_count(r);
		else if (strcmp(word, "time") == 0)
			take_times(r);
		else if (strcmp(word, "open") == 0)
			take_open(r);
		else if (strcmp(word, last_line) == 0)
			break;
		else
			fail(r, ERR_SYNTAX);
	}
	if (r->err == ERR_OK && r->left.len > 0)
		fail(r, ERR_SYNTAX);
}

/* Order, repetition, zeros in front, words behind: one form alone. */
static enum err
is_canonical(const struct dossier *d, struct view text)
{
	struct buf again = buf_init(DOSSIER_MAX);
	enum err err = dossier_write(&again, d);

	if (err == ERR_OK && (again.len != text.len ||
	    memcmp(again.p, text.p, text.len) != 0))
		err = ERR_ENCODING;
	buf_free(&again);
	return err;
}

enum err
dossier_read(struct dossier *d, struct view text, size_t *line)
{
	struct reader r = {.d = d, .left = text};
	size_t none;

	if (line == NULL)
		line = &none;
	*d = (struct dossier){0};
	*line = 0;
	if (text.len > DOSSIER_MAX)
		return ERR_TOO_BIG;
	take_head(&r);
	if (r.err == ERR_OK)
		take_lines(&r);
	if (r.err != ERR_OK)
		*line = r.line;
	else
		r.err = ledger_end(&d->ledger);
	if (r.err == ERR_OK)
		r.err = is_canonical(d, text);
	if (r.err != ERR_OK)
		dossier_free(d);
	return r.err;
}
