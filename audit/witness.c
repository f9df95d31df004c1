/* witness: see witness.h. */
#include "audit/witness.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/file.h"
#include "keys/pubkey.h"
#include "keys/sign.h"

#define ANSWER_MAX 4096

struct witness {
	struct witness_conf conf;
	struct mirror_key *keys;	/* those of this log */
	struct mirror *mirror;
	struct witness_state state;
	char *state_path;
	char *cosigned_path;
	char *stopped_path;
	struct buf note;		/* the cosigned note of state */
	bool written;			/* `cosigned` is that note */
	bool brought;			/* and the relay has it */
	bool doubt;			/* it says it has a newer one */
	enum err stopped;		/* no more signing */
	struct witness_news last;	/* why */
};

static enum err __attribute__((format(printf, 3, 4)))
say(struct witness_news *news, enum err err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(news->detail, sizeof(news->detail), fmt, ap);
	va_end(ap);
	return (err);
}

/* ---- the line ---- */

/* The line of this key under state's checkpoint: the same every time. */
static enum err
line_make(const struct witness *w, struct view body, struct note_sig *line)
{
	struct buf tbs = buf_init(NOTE_MAX + 64);
	uint8_t blob[NOTE_COSIG_BYTES];
	struct wr wr = wr_init(blob, sizeof(blob));
	enum err err;

	wr_u64(&wr, w->state.time_s);
	err = note_cosigned(&tbs, w->state.time_s, body);
	if (err == ERR_OK)
		err = sign_note(w->conf.key, tbs.p, tbs.len, blob + 8);
	if (err == ERR_OK)
		err = note_sig_set(line, NOTE_COSIGNATURE, w->conf.name,
		    sign_public(w->conf.key), blob, sizeof(blob));
	buf_free(&tbs);
	return (err);
}

/* w->note: the log's line and ours. */
static enum err
note_make(struct witness *w)
{
	struct note_sig lines[2] = { w->state.log };
	struct buf body = buf_init(NOTE_MAX);
	enum err err = note_checkpoint_write(&body, &w->state.cp);

	buf_reset(&w->note);
	if (err == ERR_OK)
		err = line_make(w, buf_view(&body), &lines[1]);
	if (err == ERR_OK)
		err = note_write(&w->note, buf_view(&body), lines, 2);
	buf_free(&body);
	return (err);
}

/* This key's line in a note, if it is there and verifies. */
static bool
line_read(const struct witness *w, const struct note *note,
    struct note_sig *line)
{
	const uint8_t *key = sign_public(w->conf.key);
	struct buf tbs = buf_init(NOTE_MAX + 64);
	const struct note_sig *found;
	uint8_t key_id[4];
	bool good;

	note_key_id(key_id, NOTE_COSIGNATURE, w->conf.name, key);
	found = note_find(note, w->conf.name, key_id);
	good = found != NULL && found->sig_len == NOTE_COSIG_BYTES &&
	    note_cosigned(&tbs, note_cosig_time(found), note->body) ==
	    ERR_OK && pubkey_verify(key, tbs.p, tbs.len, found->sig + 8) ==
	    ERR_OK;
	if (good)
		*line = *found;
	buf_free(&tbs);
	return (good);
}

/* ---- what may be signed ---- */

/* A line of this key under cp that state does not tell of. */
static bool
line_unknown(const struct witness *w, const struct note_checkpoint *cp,
    const struct note_sig *line)
{
	if (cp->size != w->state.cp.size)
		return (cp->size > w->state.cp.size);
	return (note_cosig_time(line) != w->state.time_s);
}

/* `cosigned` is written after `state`, so it is never newer. */
static enum err
check_cosigned(struct witness *w)
{
	struct buf bytes = buf_init(NOTE_MAX);
	struct note_checkpoint cp;
	struct note_sig line;
	struct note note;
	enum err err;

	if (!file_exists(w->cosigned_path))
		return (ERR_OK);
	err = file_load(w->cosigned_path, NOTE_MAX, &bytes);
	if (err == ERR_OK && note_parse(&note, buf_view(&bytes)) == ERR_OK &&
	    note_checkpoint_parse(&cp, note.body) == ERR_OK &&
	    line_read(w, &note, &line) && line_unknown(w, &cp, &line)) {
		diag_error("witness", "%s is older than %s: was this folder "
		    "put back?", w->state_path, w->cosigned_path);
		err = ERR_ROLLBACK;
	}
	buf_free(&bytes);
	return (err);
}

/* What the relay shows of this key, beside what state says. */
static enum err
check_shown(struct witness *w, struct witness_news *news)
{
	struct note_checkpoint cp;
	struct note_sig line;
	struct note note;
	enum err err = note_parse(&note, mirror_note(w->mirror));

	if (err == ERR_OK)
		err = note_checkpoint_parse(&cp, note.body);
	if (err != ERR_OK || !line_read(w, &note, &line)) {
		/* A relay put back may have lost it: bring it again. */
		if (err == ERR_OK && cp.size == w->state.cp.size)
			w->brought = false;
		return (err);
	}
	if (line_unknown(w, &cp, &line))
		return (say(news, ERR_ROLLBACK, "the relay shows a line of "
		    "this key for %" PRIu64 " entries, %" PRIu64 " are known "
		    "here", cp.size, w->state.cp.size));
	w->brought = true;
	return (ERR_OK);
}

static void
take_alarm(struct witness_news *news, const struct mirror_news *m)
{
	news->alarm = m->alarm;
	memcpy(news->detail, m->detail, sizeof(news->detail));
	memcpy(news->proof, m->proof, sizeof(news->proof));
}

/* The copy extends what was cosigned, also if it was lost or put back. */
static enum err
check_state(struct witness *w, struct witness_news *news)
{
	struct buf note = buf_init(NOTE_MAX);
	struct mirror_news m;
	enum err err;

	if (w->state.cp.size == 0)
		return (ERR_OK);
	err = witness_state_note(&note, &w->state);
	if (err == ERR_OK) {
		err = mirror_contains(w->mirror, buf_view(&note), &m);
		take_alarm(news, &m);
		if (err == ERR_SIGNATURE)
			(void)say(news, err, "%s is not signed by the log",
			    w->state_path);
	}
	buf_free(&note);
	return (err);
}

/* What is kept must lead to the very text that is signed. */
static bool
written_so(const struct note_checkpoint *cp, struct view body)
{
	struct buf again = buf_init(NOTE_MAX);
	bool same = note_checkpoint_write(&again, cp) == ERR_OK &&
	    again.len == body.len && memcmp(again.p, body.p, body.len) == 0;

	buf_free(&again);
	return (same);
}

/* Durable first, then the signature.  Time that stands before the last
 * signature's is a clock put back: wait for it, sign nothing false. */
static enum err
advance(struct witness *w, struct witness_news *news)
{
	struct witness_state next = { .log = *mirror_line(w->mirror) };
	int64_t now = clock_wall(&w->conf.clock) / 1000;
	struct note note;
	enum err err = note_parse(&note, mirror_note(w->mirror));

	if (err == ERR_OK)
		err = note_checkpoint_parse(&next.cp, note.body);
	if (err != ERR_OK || next.cp.size <= w->state.cp.size)
		return (err);
	if (!written_so(&next.cp, note.body))
		return (say(news, ERR_ENCODING, "the log writes its "
		    "checkpoint in another form"));
	if (now <= 0 || (uint64_t)now < w->state.time_s)
		return (say(news, ERR_BUSY, "the clock stands before the last "
		    "signature: nothing is signed until it is past"));
	next.time_s = (uint64_t)now;
	memcpy(next.key, sign_public(w->conf.key), KEY_BYTES);
	(void)snprintf(next.name, sizeof(next.name), "%s", w->conf.name);
	err = witness_state_save(&next, w->state_path);
	if (err != ERR_OK)
		return (err);
	w->state = next;
	w->written = w->brought = false;
	news->fresh = true;
	return (ERR_OK);
}

static enum err
write_cosigned(struct witness *w)
{
	enum err err;

	if (w->written || w->state.cp.size == 0)
		return (ERR_OK);
	err = note_make(w);
	if (err == ERR_OK)
		err = file_replace(w->cosigned_path, w->note.p, w->note.len,
		    0644);
	w->written = err == ERR_OK;
	return (err);
}

/* ---- the relay ---- */

/* A size in decimal and LF, as tlog-witness answers 409; 0 if it is none. */
static uint64_t
size_of(const struct buf *answer)
{
	char text[24], *end;
	unsigned long long n;

	if (answer->len == 0 || answer->len >= sizeof(text))
		return (0);
	memcpy(text, answer->p, answer->len);
	text[answer->len] = '\0';
	if (text[0] < '0' || text[0] > '9')
		return (0);
	n = strtoull(text, &end, 10);
	return (*end == '\n' || *end == '\0' ? n : 0);
}

static enum err
answered(struct witness *w, struct witness_news *news, unsigned status,
    const struct buf *answer)
{
	switch (status) {
	case 200:
		w->brought = true;
		w->doubt = false;
		return (ERR_OK);
	case 403:
		return (say(news, ERR_NOT_ADMITTED, "no charter admitted "
		    "there names this witness and key"));
	case 409:
		w->doubt = size_of(answer) > w->state.cp.size;
		if (w->doubt)
			return (say(news, ERR_CLONE, "the relay says it holds "
			    "a line of this key for %" PRIu64 " entries, %"
			    PRIu64 " are known here", size_of(answer),
			    w->state.cp.size));
		break;
	default:
		break;
	}
	return (say(news, status == 429 ? ERR_QUOTA : ERR_FAIL,
	    "the relay answered %u to the cosignature", status));
}

static enum err
bring(struct witness *w, struct witness_news *news)
{
	struct buf answer = buf_init(ANSWER_MAX);
	unsigned status = 0;
	enum err err;

	if (w->brought || w->state.cp.size == 0)
		return (ERR_OK);
	err = w->conf.bring(w->conf.log.ctx, buf_view(&w->note), &status,
	    &answer);
	if (err == ERR_OK)
		err = answered(w, news, status, &answer);
	buf_free(&answer);
	return (err);
}

/* ---- a look ---- */

/* A split view is for people to judge, not for the next start. */
static void
keep_stopped(const struct witness *w, const struct witness_news *news)
{
	struct buf text = buf_init(2 * MIRROR_DETAIL_BYTES + 64);

	buf_fmt(&text, "%s: %s; kept in %s\n", mirror_alarm_name(news->alarm),
	    news->detail, news->proof);
	if (text.err != ERR_OK || file_replace(w->stopped_path, text.p,
	    text.len, 0644) != ERR_OK)
		diag_error("witness", "%s could not be written",
		    w->stopped_path);
	buf_free(&text);
}

static enum err
look(struct witness *w, struct witness_news *news)
{
	struct mirror_news m;
	enum err err = mirror_step(w->mirror, &m);

	take_alarm(news, &m);
	if (err == ERR_OK)
		err = check_state(w, news);
	if (err == ERR_OK)
		err = check_shown(w, news);
	if (err == ERR_OK && !w->doubt)
		err = advance(w, news);
	if (err == ERR_OK)
		err = write_cosigned(w);
	return (err == ERR_OK ? bring(w, news) : err);
}

enum err
witness_step(struct witness *w, struct witness_news *news)
{
	enum err err = w->stopped;

	memset(news, 0, sizeof(*news));
	if (err != ERR_OK) {
		*news = w->last;
		return (err);
	}
	err = look(w, news);
	memcpy(news->origin, w->state.cp.origin, sizeof(news->origin));
	news->size = w->state.cp.size;
	news->time_s = w->state.time_s;
	news->brought = w->brought && news->size > 0;
	if (err == ERR_VERIFY && news->alarm == MIRROR_SPLIT)
		keep_stopped(w, news);
	if (err == ERR_VERIFY || err == ERR_ROLLBACK) {
		w->stopped = err;
		w->last = *news;
	}
	return (err);
}

/* ---- open ---- */

static enum err
read_stopped(struct witness *w)
{
	struct buf text = buf_init(2 * MIRROR_DETAIL_BYTES + 64);
	enum err err;

	if (!file_exists(w->stopped_path))
		return (ERR_OK);
	err = file_load(w->stopped_path, text.max, &text);
	w->stopped = ERR_VERIFY;
	w->last.alarm = MIRROR_SPLIT;
	w->last.size = w->state.cp.size;
	w->last.time_s = w->state.time_s;
	memcpy(w->last.origin, w->state.cp.origin, sizeof(w->last.origin));
	(void)say(&w->last, err, "%s says: %.*s", w->stopped_path,
	    (int)strcspn(buf_text(&text), "\n"), buf_text(&text));
	buf_free(&text);
	return (err);
}

static bool
own_state(const struct witness *w)
{
	return (strcmp(w->state.name, w->conf.name) == 0 &&
	    memcmp(w->state.key, sign_public(w->conf.key), KEY_BYTES) == 0);
}

/* The keys of this log alone, for this origin alone: what is served there
 * later is another folder's business. */
static enum err
take_keys(struct witness *w)
{
	const struct mirror_conf *log = &w->conf.log;
	size_t i, n = 0;

	w->keys = calloc(log->key_count + 1, sizeof(*w->keys));
	if (w->keys == NULL)
		return (ERR_NOMEM);
	for (i = 0; i < log->key_count; i++) {
		if (!mirror_key_fits(&log->key[i], w->conf.origin))
			continue;
		w->keys[n] = log->key[i];
		(void)snprintf(w->keys[n++].origin, sizeof(w->keys->origin),
		    "%s", w->conf.origin);
	}
	w->conf.log.key = w->keys;
	w->conf.log.key_count = n;
	return (ERR_OK);
}

static enum err
open_folder(struct witness *w)
{
	const char *dir = w->conf.log.dir;
	enum err err = take_keys(w);

	if (err == ERR_OK)
		err = mirror_open(&w->mirror, &w->conf.log);
	w->state_path = file_join(dir, WITNESS_STATE);
	w->cosigned_path = file_join(dir, WITNESS_COSIGNED);
	w->stopped_path = file_join(dir, WITNESS_STOPPED);
	if (w->state_path == NULL || w->cosigned_path == NULL ||
	    w->stopped_path == NULL)
		return (ERR_NOMEM);
	if (err == ERR_OK)
		err = witness_state_load(&w->state, w->state_path);
	if (err == ERR_OK && w->state.cp.size > 0 && !own_state(w)) {
		diag_error("witness", "%s is of another witness: %s",
		    w->state_path, w->state.name);
		err = ERR_KEY_FOREIGN;
	}
	if (err == ERR_OK)
		err = check_cosigned(w);
	return (err == ERR_OK ? read_stopped(w) : err);
}

enum err
witness_open(struct witness **out, const struct witness_conf *conf)
{
	struct witness *w = calloc(1, sizeof(*w));
	enum err err;

	*out = NULL;
	if (w == NULL)
		return (ERR_NOMEM);
	w->conf = *conf;
	w->note = buf_init(NOTE_MAX);
	err = open_folder(w);
	if (err != ERR_OK)
		witness_free(&w);
	*out = w;
	return (err);
}

void
witness_free(struct witness **wp)
{
	struct witness *w = *wp;

	*wp = NULL;
	if (w == NULL)
		return;
	mirror_free(&w->mirror);
	buf_free(&w->note);
	free(w->keys);
	free(w->state_path);
	free(w->cosigned_path);
	free(w->stopped_path);
	free(w);
}
