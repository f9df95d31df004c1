/* witness_state: see witness_state.h. */
#include "audit/witness_state.h"

#include <inttypes.h>
#include <string.h>

#include "base/diag.h"
#include "base/file.h"

#define FIRST "casewire/1 witness\n"
#define FAMILY "casewire/"
#define WHOSE "witness "
#define TIME "time "
#define DIGITS_MAX 19		/* 2^63 - 1 */

enum err
witness_state_note(struct buf *out, const struct witness_state *st)
{
	struct buf body = buf_init(NOTE_MAX);
	enum err err = note_checkpoint_write(&body, &st->cp);

	if (err == ERR_OK)
		err = note_write(out, buf_view(&body), &st->log, 1);
	buf_free(&body);
	return (err);
}

enum err
witness_state_encode(struct buf *out, const struct witness_state *st)
{
	char hex[2 * KEY_BYTES + 1];

	hex_encode(hex, st->key, KEY_BYTES);
	buf_fmt(out, FIRST WHOSE "%s %s\n" TIME "%" PRIu64 "\n", hex,
	    st->name, st->time_s);
	return (witness_state_note(out, st));
}

/* Cut "word text LF" off rest; text borrows. */
static enum err
cut_line(struct view *text, struct view *rest, const char *word)
{
	size_t n = strlen(word);
	const uint8_t *lf = rest->len == 0 ? NULL :
	    memchr(rest->p, '\n', rest->len);

	if (lf == NULL || (size_t)(lf - rest->p) <= n ||
	    memcmp(rest->p, word, n) != 0)
		return (ERR_SYNTAX);
	*text = (struct view){ rest->p + n, (size_t)(lf - rest->p) - n };
	rest->len -= (size_t)(lf - rest->p) + 1;
	rest->p = lf + 1;
	return (ERR_OK);
}

/* "<64 hex> <name>" */
static enum err
take_whose(struct witness_state *st, struct view text)
{
	char hex[2 * KEY_BYTES + 1];
	size_t at = 2 * KEY_BYTES + 1, i;

	if (text.len <= at || text.len - at > NAME_MAX_BYTES ||
	    text.p[at - 1] != ' ')
		return (ERR_SYNTAX);
	for (i = at; i < text.len; i++)
		if (text.p[i] <= ' ' || text.p[i] >= 0x7f)
			return (ERR_SYNTAX);
	memcpy(hex, text.p, at - 1);
	hex[at - 1] = '\0';
	memcpy(st->name, text.p + at, text.len - at);
	return (hex_decode(st->key, KEY_BYTES, hex));
}

static enum err
take_time(struct witness_state *st, struct view text)
{
	size_t i;

	if (text.len > DIGITS_MAX)
		return (ERR_SYNTAX);
	for (i = 0; i < text.len; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return (ERR_SYNTAX);
		st->time_s = st->time_s * 10 + (uint64_t)(text.p[i] - '0');
	}
	return (st->time_s == 0 || st->time_s > INT64_MAX ? ERR_SYNTAX :
	    ERR_OK);
}

static enum err
take_note(struct witness_state *st, struct view rest)
{
	struct note note;
	enum err err = note_parse(&note, rest);

	if (err == ERR_OK)
		err = note_checkpoint_parse(&st->cp, note.body);
	if (err != ERR_OK)
		return (err);
	if (note.sig_count != 1)
		return (ERR_COUNT);
	st->log = note.sig[0];
	return (st->cp.size == 0 || st->log.sig_len != SIG_BYTES ||
	    strcmp(st->log.name, st->cp.origin) != 0 ? ERR_SYNTAX : ERR_OK);
}

enum err
witness_state_decode(struct witness_state *st, struct view bytes)
{
	struct view rest = bytes, text;
	struct buf again = buf_init(WITNESS_STATE_MAX);
	enum err err;

	memset(st, 0, sizeof(*st));
	if (bytes.len > WITNESS_STATE_MAX)
		return (ERR_TOO_BIG);
	if (bytes.len < strlen(FIRST) ||
	    memcmp(bytes.p, FAMILY, strlen(FAMILY)) != 0)
		return (ERR_MAGIC);
	if (memcmp(bytes.p, FIRST, strlen(FIRST)) != 0)
		return (ERR_VERSION);
	rest.p += strlen(FIRST);
	rest.len -= strlen(FIRST);
	err = cut_line(&text, &rest, WHOSE);
	if (err == ERR_OK)
		err = take_whose(st, text);
	if (err == ERR_OK)
		err = cut_line(&text, &rest, TIME);
	if (err == ERR_OK)
		err = take_time(st, text);
	if (err == ERR_OK)
		err = take_note(st, rest);
	if (err == ERR_OK)
		err = witness_state_encode(&again, st);
	if (err == ERR_OK && (again.len != bytes.len ||
	    memcmp(again.p, bytes.p, bytes.len) != 0))
		err = ERR_ENCODING;
	if (err != ERR_OK)
		memset(st, 0, sizeof(*st));
	buf_free(&again);
	return (err);
}

enum err
witness_state_load(struct witness_state *st, const char *path)
{
	struct buf bytes = buf_init(WITNESS_STATE_MAX);
	enum err err;

	memset(st, 0, sizeof(*st));
	if (!file_exists(path))
		return (ERR_OK);
	err = file_load(path, WITNESS_STATE_MAX, &bytes);
	if (err == ERR_OK) {
		err = witness_state_decode(st, buf_view(&bytes));
		if (err != ERR_OK)
			diag_error("witness", "%s: %s", path, err_name(err));
	}
	buf_free(&bytes);
	return (err);
}

enum err
witness_state_save(const struct witness_state *st, const char *path)
{
	struct buf bytes = buf_init(WITNESS_STATE_MAX);
	enum err err = witness_state_encode(&bytes, st);

	if (err == ERR_OK)
		err = file_replace(path, bytes.p, bytes.len, 0600);
	buf_free(&bytes);
	return (err);
}
