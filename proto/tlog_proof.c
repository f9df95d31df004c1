#include "proto/tlog_proof.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

static const char first_line[] = "c2sp.org/tlog-proof@v1";
static const char extra_word[] = "extra ";
static const char index_word[] = "index ";

enum err
tlog_proof_encode(struct buf *out, const struct tlog_proof *proof)
{
	size_t i;

	if (proof->extra.len > STATEMENT_MAX || proof->note.len > NOTE_MAX)
		return ERR_TOO_BIG;
	if (proof->path.len > TREE_PATH_MAX)
		return ERR_COUNT;
	buf_fmt(out, "%s\n", first_line);
	if (proof->extra.len > 0) {
		buf_str(out, extra_word);
		b64_encode(out, proof->extra.p, proof->extra.len);
		buf_u8(out, '\n');
	}
	buf_fmt(out, "%s%" PRIu64 "\n", index_word, proof->index);
	for (i = 0; i < proof->path.len; i++) {
		b64_encode(out, proof->path.h[i].b, HASH_BYTES);
		buf_u8(out, '\n');
	}
	buf_u8(out, '\n');
	buf_put(out, proof->note.p, proof->note.len);
	return out->err;
}

/* The next line without its LF; ERR_TRUNCATED if there is none. */
static enum err
next_line(struct view *text, struct view *line)
{
	const uint8_t *lf = text->len == 0 ? NULL :
	    memchr(text->p, '\n', text->len);

	if (lf == NULL)
		return ERR_TRUNCATED;
	line->p = text->p;
	line->len = (size_t)(lf - text->p);
	text->p += line->len + 1;
	text->len -= line->len + 1;
	return ERR_OK;
}

/* Does line begin with word?  Then it is what follows it. */
static bool
after(struct view *line, const char *word)
{
	size_t len = strlen(word);

	if (line->len < len || memcmp(line->p, word, len) != 0)
		return false;
	line->p += len;
	line->len -= len;
	return true;
}

/* Decimal, no sign, no leading zeros, within 64 bits. */
static enum err
number(uint64_t *out, struct view digits)
{
	uint64_t n = 0;
	unsigned d;
	size_t i;

	if (digits.len == 0 || (digits.p[0] == '0' && digits.len > 1))
		return ERR_SYNTAX;
	for (i = 0; i < digits.len; i++) {
		if (digits.p[i] < '0' || digits.p[i] > '9')
			return ERR_SYNTAX;
		d = digits.p[i] - '0';
		if (n > (UINT64_MAX - d) / 10)
			return ERR_SYNTAX;
		n = 10 * n + d;
	}
	*out = n;
	return ERR_OK;
}

static enum err
extra_line(struct view line, struct buf *extra)
{
	enum err err = b64_decode(extra, (const char *)line.p, line.len);

	if (err != ERR_OK)
		return err;
	if (extra->len > STATEMENT_MAX)
		return ERR_TOO_BIG;
	/* No extra data: then the line is left out. */
	return extra->len == 0 ? ERR_SYNTAX : ERR_OK;
}

/* Hash lines up to the empty one. */
static enum err
path_lines(struct merkle_path *path, struct view *text)
{
	struct buf one = buf_init(HASH_BYTES);
	struct view line;
	enum err err;

	path->len = 0;
	while ((err = next_line(text, &line)) == ERR_OK && line.len > 0) {
		buf_reset(&one);
		if (path->len == TREE_PATH_MAX)
			err = ERR_COUNT;
		else if (b64_decode(&one, (const char *)line.p,
		    line.len) != ERR_OK || one.len != HASH_BYTES)
			err = ERR_SYNTAX;
		if (err != ERR_OK)
			break;
		memcpy(path->h[path->len++].b, one.p, HASH_BYTES);
	}
	buf_free(&one);
	return err;
}

enum err
tlog_proof_decode(struct tlog_proof *proof, struct view text,
    struct buf *extra)
{
	struct view line;
	enum err err;

	*proof = (struct tlog_proof){ .index = 0 };
	buf_reset(extra);
	if (text.len > TLOG_PROOF_MAX)
		return ERR_TOO_BIG;
	err = next_line(&text, &line);
	if (err != ERR_OK || line.len != sizeof(first_line) - 1 ||
	    memcmp(line.p, first_line, line.len) != 0)
		return ERR_MAGIC;
	err = next_line(&text, &line);
	if (err == ERR_OK && after(&line, extra_word)) {
		err = extra_line(line, extra);
		proof->extra = buf_view(extra);
		if (err == ERR_OK)
			err = next_line(&text, &line);
	}
	if (err == ERR_OK)
		err = after(&line, index_word) ?
		    number(&proof->index, line) : ERR_SYNTAX;
	if (err == ERR_OK)
		err = path_lines(&proof->path, &text);
	if (err != ERR_OK)
		return err;
	proof->note = text;
	if (text.len == 0)
		return ERR_TRUNCATED;
	return text.len > NOTE_MAX ? ERR_TOO_BIG : ERR_OK;
}
