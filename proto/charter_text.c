/* Writing and parsing the text; the rest of charter.h is in charter.c. */
#include <inttypes.h>
#include <string.h>

#include "base/utf8.h"
#include "proto/charter.h"
#include "proto/charter_check.h"

#define FIRST_LINE "casewire/1 charter"

/* ---- writing ---- */

static void
put_hex(struct buf *out, const uint8_t key[KEY_BYTES])
{
	char hex[2 * KEY_BYTES + 1];

	hex_encode(hex, key, KEY_BYTES);
	buf_str(out, hex);
}

/* A hash that number 0 has not: written -. */
static void
put_link(struct buf *out, const char *keyword, const struct hash *hash)
{
	buf_fmt(out, "%s ", keyword);
	if (hash_is_zero(hash))
		buf_str(out, "-");
	else
		put_hex(out, hash->b);
	buf_str(out, "\n");
}

static void
put_head(struct buf *out, const struct charter *c)
{
	buf_fmt(out, FIRST_LINE "\nnumber %u\n", (unsigned)c->number);
	put_link(out, "pair", &c->pair);
	put_link(out, "replaces", &c->replaces);
	for (unsigned i = 0; i < 2; i++) {
		buf_fmt(out, "%c ", i ? 'b' : 'a');
		put_hex(out, c->party[i].root);
		buf_fmt(out, " %s\n", c->party[i].name);
	}
	for (unsigned i = 0; i < c->suite_count; i++)
		buf_fmt(out, "suite %u\n", (unsigned)c->suite[i]);
	buf_fmt(out, "copies %u\n", (unsigned)c->copies);
	for (unsigned i = 0; i < c->relay_count; i++) {
		buf_str(out, "relay ");
		put_hex(out, c->relay[i].root);
		buf_fmt(out, " %s %s\n", c->relay[i].name,
		    c->relay[i].endpoint);
	}
	for (unsigned i = 0; i < c->witness_count; i++) {
		buf_str(out, "witness ");
		put_hex(out, c->witness[i].key);
		buf_fmt(out, " %s\n", c->witness[i].name);
	}
}

static void
put_terms(struct buf *out, const struct charter *c)
{
	char from[21], until[21];

	charter_time_write(from, c->from_at);
	charter_time_write(until, c->until_at);
	buf_fmt(out, "quorum %u\n", (unsigned)c->quorum);
	buf_fmt(out, "heartbeat %" PRIu32 "\n", c->heartbeat_s);
	buf_fmt(out, "keep %" PRIu32 "\n", c->keep_days);
	buf_fmt(out, "size %" PRIu32 "\n", c->size_max);
	buf_fmt(out, "from %s\nuntil %s\n", from, until);
}

static void
put_profile(struct buf *out, const struct charter *c)
{
	for (unsigned i = 0; i < c->clock_count; i++) {
		buf_fmt(out, "clock %s", c->clock[i].name);
		for (unsigned u = 0; u < 3; u++) {
			if (c->clock[i].seconds[u] == CHARTER_NONE)
				buf_str(out, " -");
			else
				buf_fmt(out, " %" PRIu64,
				    c->clock[i].seconds[u]);
		}
		buf_str(out, "\n");
	}
	for (unsigned t = 0; t < CHARTER_TIERS; t++) {
		const uint64_t *ack = c->tier[t].ack, *ans = c->tier[t].answer;

		if (!c->tier[t].present)
			continue;
		buf_fmt(out, "tier %u %" PRIu64 " %" PRIu64 " %" PRIu64
		    " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", t + 1,
		    ack[0], ack[1], ack[2], ans[0], ans[1], ans[2]);
	}
	for (unsigned i = 0; i < c->sign_count; i++) {
		const uint8_t *n = c->sign[i].officers;

		buf_fmt(out, "sign %s %u %u %u\n", c->sign[i].type,
		    (unsigned)n[0], (unsigned)n[1], (unsigned)n[2]);
	}
}

enum err
charter_write(struct buf *out, const struct charter *charter)
{
	size_t start = out->len;
	enum err err = charter_check(charter);

	if (err)
		return err;
	put_head(out, charter);
	put_terms(out, charter);
	put_profile(out, charter);
	if (!out->err && out->len - start > CHARTER_MAX)
		return ERR_TOO_BIG;
	return out->err;
}

/* ---- parsing ---- */

/* A cursor over lines and, within the current line, words. */
struct lines {
	struct view rest;	/* after the current line */
	struct view left;	/* of the current line, unread */
	unsigned no;		/* of the current line, from 1 */
	bool bad;
};

static void
lines_next(struct lines *l)
{
	const uint8_t *lf;

	if (l->left.len)
		l->bad = true;
	l->left = (struct view){0};
	if (l->bad)
		return;
	l->no++;
	if (l->rest.len == 0)
		return;
	lf = memchr(l->rest.p, '\n', l->rest.len);
	if (!lf) {
		l->bad = true;
		return;
	}
	l->left = (struct view){l->rest.p, (size_t)(lf - l->rest.p)};
	l->rest.p += l->left.len + 1;
	l->rest.len -= l->left.len + 1;
}

/* The next word, without the blank behind it; empty and bad if none. */
static struct view
word_next(struct lines *l)
{
	struct view word = {l->left.p, 0};

	while (word.len < l->left.len && word.p[word.len] != ' ')
		word.len++;
	if (word.len == 0) {
		l->bad = true;
		return word;
	}
	l->left.p += word.len;
	l->left.len -= word.len;
	if (l->left.len > 0) {
		l->left.p++;
		l->left.len--;
		if (l->left.len == 0)
			l->bad = true;	/* trailing blank */
	}
	return word;
}

/* Whether the current line starts with keyword; then step over it. */
static bool
keyword_take(struct lines *l, const char *keyword)
{
	size_t len = strlen(keyword);

	if (l->bad || l->left.len <= len ||
	    memcmp(l->left.p, keyword, len) != 0 || l->left.p[len] != ' ')
		return false;
	word_next(l);
	return !l->bad;
}

static void
keyword_need(struct lines *l, const char *keyword)
{
	if (!keyword_take(l, keyword))
		l->bad = true;
}

static uint64_t
number_next(struct lines *l, uint64_t max)
{
	struct view word = word_next(l);
	uint64_t v = 0;

	if (word.len == 0 || word.len > 15 ||
	    (word.len > 1 && word.p[0] == '0'))
		l->bad = true;
	for (size_t i = 0; i < word.len && !l->bad; i++) {
		if (word.p[i] < '0' || word.p[i] > '9')
			l->bad = true;
		v = v * 10 + (uint64_t)(word.p[i] - '0');
	}
	if (v > max)
		l->bad = true;
	return l->bad ? 0 : v;
}

static void
key_next(struct lines *l, uint8_t key[KEY_BYTES])
{
	struct view word = word_next(l);
	char hex[2 * KEY_BYTES + 1];

	if (word.len != 2 * KEY_BYTES) {
		l->bad = true;
		return;
	}
	memcpy(hex, word.p, word.len);
	hex[word.len] = '\0';
	if (hex_decode(key, KEY_BYTES, hex))
		l->bad = true;
}

static void
text_copy(struct lines *l, struct view text, char *out, size_t size)
{
	if (text.len == 0 || text.len >= size) {
		l->bad = true;
		return;
	}
	memcpy(out, text.p, text.len);
	out[text.len] = '\0';
}

static void
word_copy(struct lines *l, char *out, size_t size)
{
	text_copy(l, word_next(l), out, size);
}

static void
link_line(struct lines *l, const char *keyword, struct hash *hash)
{
	keyword_need(l, keyword);
	if (l->left.len == 1 && l->left.p[0] == '-')
		word_next(l);
	else
		key_next(l, hash->b);
	lines_next(l);
}

static void
party_line(struct lines *l, const char *keyword, struct charter_party *party)
{
	keyword_need(l, keyword);
	key_next(l, party->root);
	/* The name runs to the end of the line and may hold blanks. */
	text_copy(l, l->left, party->name, sizeof(party->name));
	l->left = (struct view){0};
	lines_next(l);
}

static uint64_t
number_line(struct lines *l, const char *keyword, uint64_t max)
{
	uint64_t v;

	keyword_need(l, keyword);
	v = number_next(l, max);
	lines_next(l);
	return v;
}

static uint64_t
time_line(struct lines *l, const char *keyword)
{
	uint64_t at;

	keyword_need(l, keyword);
	if (charter_time_parse(&at, word_next(l)))
		l->bad = true;
	lines_next(l);
	return at;
}

/* Make room for one more of a repeated line. */
static bool
more(struct lines *l, const char *keyword, unsigned count, unsigned max)
{
	if (!keyword_take(l, keyword))
		return false;
	if (count >= max)
		l->bad = true;
	return !l->bad;
}

static void
read_head(struct lines *l, struct charter *c)
{
	c->number = (uint16_t)number_line(l, "number", UINT16_MAX);
	link_line(l, "pair", &c->pair);
	link_line(l, "replaces", &c->replaces);
	party_line(l, "a", &c->party[0]);
	party_line(l, "b", &c->party[1]);
	while (more(l, "suite", c->suite_count, CHARTER_SUITES_MAX)) {
		c->suite[c->suite_count++] =
		    (uint8_t)number_next(l, UINT8_MAX);
		lines_next(l);
	}
	c->copies = (uint8_t)number_line(l, "copies", CHARTER_RELAYS_MAX);
	while (more(l, "relay", c->relay_count, CHARTER_RELAYS_MAX)) {
		struct charter_relay *r = &c->relay[c->relay_count++];

		key_next(l, r->root);
		word_copy(l, r->name, sizeof(r->name));
		word_copy(l, r->endpoint, sizeof(r->endpoint));
		lines_next(l);
	}
	while (more(l, "witness", c->witness_count, CHARTER_WITNESSES_MAX)) {
		struct charter_witness *w = &c->witness[c->witness_count++];

		key_next(l, w->key);
		word_copy(l, w->name, sizeof(w->name));
		lines_next(l);
	}
}

static void
read_terms(struct lines *l, struct charter *c)
{
	c->quorum = (uint8_t)number_line(l, "quorum", CHARTER_WITNESSES_MAX);
	c->heartbeat_s = (uint32_t)number_line(l, "heartbeat", UINT32_MAX);
	c->keep_days = (uint32_t)number_line(l, "keep", UINT32_MAX);
	c->size_max = (uint32_t)number_line(l, "size", BUCKET_MAX);
	c->from_at = time_line(l, "from");
	c->until_at = time_line(l, "until");
}

static void
tier_line(struct lines *l, struct charter *c)
{
	uint64_t t = number_next(l, CHARTER_TIERS);
	struct charter_tier *tier;

	/* Ascending, so none comes twice. */
	for (uint64_t k = t; k > 0 && k <= CHARTER_TIERS; k++) {
		if (c->tier[k - 1].present)
			l->bad = true;
	}
	if (t == 0 || l->bad) {
		l->bad = true;
		return;
	}
	tier = &c->tier[t - 1];
	tier->present = true;
	for (unsigned u = 0; u < 3; u++)
		tier->ack[u] = number_next(l, UINT64_MAX);
	for (unsigned u = 0; u < 3; u++)
		tier->answer[u] = number_next(l, UINT64_MAX);
	lines_next(l);
}

static uint64_t
duration_next(struct lines *l)
{
	if (l->left.len > 0 && l->left.p[0] == '-') {
		if (word_next(l).len != 1)
			l->bad = true;
		return CHARTER_NONE;
	}
	return number_next(l, UINT64_MAX);
}

static void
read_profile(struct lines *l, struct charter *c)
{
	while (more(l, "clock", c->clock_count, CHARTER_RULES_MAX)) {
		struct charter_clock *clock = &c->clock[c->clock_count++];

		word_copy(l, clock->name, sizeof(clock->name));
		for (unsigned u = 0; u < 3; u++)
			clock->seconds[u] = duration_next(l);
		lines_next(l);
	}
	while (more(l, "tier", 0, 1))
		tier_line(l, c);
	while (more(l, "sign", c->sign_count, CHARTER_RULES_MAX)) {
		struct charter_sign *sign = &c->sign[c->sign_count++];

		word_copy(l, sign->type, sizeof(sign->type));
		for (unsigned u = 0; u < 3; u++)
			sign->officers[u] = (uint8_t)number_next(l, 2);
		lines_next(l);
	}
}

/* The first line, which also tells another version from another file. */
static enum err
read_first(struct lines *l)
{
	static const char stem[] = "casewire/";
	struct view line = l->left;
	enum err err = ERR_CHARTER;

	l->left = (struct view){0};
	if (line.len == strlen(FIRST_LINE) &&
	    memcmp(line.p, FIRST_LINE, line.len) == 0)
		err = ERR_OK;
	else if (line.len > strlen(stem) &&
	    memcmp(line.p, stem, strlen(stem)) == 0)
		err = ERR_VERSION;
	if (err)
		l->bad = true;
	else
		lines_next(l);
	return err;
}

/* The one text of these values must be this one; *line tells where not. */
static enum err
same_text(const struct charter *charter, struct view text, unsigned *line)
{
	struct buf again = buf_init(2 * CHARTER_MAX);
	enum err err = charter_write(&again, charter);
	size_t i = 0;

	*line = 0;
	if (!err) {
		*line = 1;
		while (i < text.len && i < again.len &&
		    text.p[i] == again.p[i])
			*line += text.p[i++] == '\n';
		if (i != text.len || i != again.len)
			err = ERR_CHARTER;
	}
	buf_free(&again);
	return err;
}

enum err
charter_parse(struct charter *charter, struct view text, unsigned *line)
{
	struct lines l = {.rest = text};
	unsigned where = 1;
	enum err err;

	*charter = (struct charter){0};
	if (line)
		*line = 1;
	if (text.len > CHARTER_MAX)
		return ERR_TOO_BIG;
	if (!utf8_valid(text.p, text.len))
		return ERR_CHARTER;
	lines_next(&l);
	err = read_first(&l);
	if (!err) {
		read_head(&l, charter);
		read_terms(&l, charter);
		read_profile(&l, charter);
		if (l.bad || l.left.len || l.rest.len)
			err = ERR_CHARTER;
		where = l.no;
	}
	if (!err)
		err = same_text(charter, text, &where);
	if (err && line)
		*line = where;
	return err;
}
