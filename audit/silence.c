#include <string.h>

#include "audit/outline_show.h"
#include "audit/silence.h"
#include "base/json.h"
#include "base/text.h"
#include "proto/arena.h"
#include "proto/notice.h"

#define SENTENCES_MAX 4096

static const struct outline_row *
row_of(const struct outline *o, const struct hash *env_id)
{
	const struct outline_row *row;
	size_t i;

	for (i = 0; i < outline_rows(o); i++) {
		row = outline_row_at(o, i);
		if (!row->m->off_chain && hash_eq(&row->m->env_id, env_id))
			return (row);
	}
	return (NULL);
}

/* Of what own names as seen, the other side's; false: it names a message
 * that is not here. */
static bool
seen_by(const struct outline *o, const struct outline_row *own,
    const struct outline_row **seen)
{
	struct arena arena = arena_init(ARENA_MAX);
	const struct outline_row *row;
	struct notice_outline said;
	const struct hash *named[2] = { &said.seen_requesting,
		&said.seen_requested };
	bool all = true;
	unsigned k;

	*seen = NULL;
	if (notice_outline_decode(&said, own->m->shown->outline, &arena) != ERR_OK) {
		arena_free(&arena);
		return (false);
	}
	for (k = 0; k < 2; k++) {
		if (hash_is_zero(named[k]))
			continue;
		row = row_of(o, named[k]);
		if (row == NULL)
			all = false;
		else if (row->m->run->direction != own->m->run->direction)
			*seen = row;
	}
	arena_free(&arena);
	return (all || *seen != NULL);
}

static enum silence_word
word_of(const struct outline *o, struct silence *s)
{
	if (hash_is_zero(&s->at->own))
		return (SILENCE_NONE);
	if (s->own == NULL || !s->own->opened || s->peer == NULL ||
	    !seen_by(o, s->own, &s->seen))
		return (SILENCE_UNTOLD);
	if (s->seen == NULL)
		return (SILENCE_BEFORE);
	if (s->seen->m->run->lane != s->peer->m->run->lane)
		return (SILENCE_UNTOLD);
	return (judge_seq(s->seen->m) < judge_seq(s->peer->m) ? SILENCE_BEFORE
						      : SILENCE_KNEW);
}

/* What the other side said in the case above the heads signed here. */
static void
find_later(struct silence *s, const struct outline *o)
{
	const struct outline_row *row;
	struct notice_link link;
	size_t i;

	if (!judge_link(s->at->beat, &link))
		return;
	for (i = 0; i < outline_rows(o); i++) {
		row = outline_row_at(o, i);
		if (row->m->run->direction == s->at->beat->run->direction ||
		    row->m->off_chain || !row->opened ||
		    !id_eq(&row->case_id, &s->at->case_id) ||
		    judge_seq(row->m) <= link.peer[row->m->run->lane].seq)
			continue;
		if (s->laters++ == 0)
			s->later = row;
	}
}

void
silence_read(struct silence *s, const struct judge *j,
    const struct outline *o, size_t i)
{
	memset(s, 0, sizeof(*s));
	s->at = judge_case_at(j, i);
	for (i = 0; i < outline_rows(o); i++)
		if (outline_row_at(o, i)->m == s->at->beat)
			s->beat = outline_row_at(o, i);
	s->own = row_of(o, &s->at->own);
	s->peer = row_of(o, &s->at->peer);
	s->word = word_of(o, s);
	find_later(s, o);
}

/* ---- */

static char
side_of(const struct outline_row *row)
{
	return (row->m->run->direction == FROM_A ? 'a' : 'b');
}

/* "b0 7 (ack)", or the id of what is not here. */
static void
put_word(struct buf *out, const struct outline_row *row,
    const struct hash *env_id)
{
	char hex[2 * HASH_BYTES + 1];
	const char *name;

	if (row == NULL) {
		hex_encode(hex, env_id->b, HASH_BYTES);
		buf_fmt(out, "%s (%s)", hex, _("not in this file"));
		return;
	}
	buf_fmt(out, "%c%u %llu", side_of(row), row->m->run->lane,
	    (unsigned long long)judge_seq(row->m));
	if (!row->opened)
		return;
	name = notice_type_name((enum notice_type)row->type);
	buf_fmt(out, " (%s)", name == NULL ? "?" : name);
}

/* buf_fmt with one text: translations may move it. */
static void
put_about(struct buf *out, const char *fmt, char side,
    const struct outline_row *row, const struct hash *env_id)
{
	struct buf word = buf_init(SENTENCES_MAX);

	put_word(&word, row, env_id);
	buf_str(out, " ");
	buf_fmt(out, fmt, side, buf_text(&word));
	buf_free(&word);
}

static void
show_open(const struct silence *s, char own, struct buf *out)
{
	struct buf when = buf_init(SENTENCES_MAX);
	char hex[2 * ID_BYTES + 1];

	hex_encode(hex, s->at->case_id.b, ID_BYTES);
	outline_show_when(s->beat, &when);
	buf_fmt(out, _("In its heartbeat %c%u %llu (%s) %c signed that case "
		       "%s was open."),
	    own, s->beat->m->run->lane, (unsigned long long)judge_seq(s->beat->m),
	    buf_text(&when), own, hex);
	if (s->beat->m->off_chain || s->beat->m->run->standing == KEYRING_DISPUTED)
		buf_fmt(out, " %s", _("This heartbeat is disputed, or on a "
				      "branch that does not count."));
	buf_free(&when);
}

static void
show_word(const struct silence *s, char own, char peer, struct buf *out)
{
	switch (s->word) {
	case SILENCE_NONE:
		buf_str(out, " ");
		buf_fmt(out, _("Up to then %c had said nothing in it, so it "
			       "had answered no message of %c in it."), own,
		    peer);
		break;
	case SILENCE_BEFORE:
		if (s->seen == NULL)
			put_about(out, _("That newest message of %c names no "
			    "message of the other side as seen: it was "
			    "written before %s had come, and is no answer to "
			    "it."), own, s->peer, &s->at->peer);
		else
			put_about(out, _("That newest message of %c names %s "
			    "as the newest it had seen: it was written before "
			    "the one above had come, and is no answer to it, "
			    "unless that one only repeats an earlier one."),
			    own, s->seen, &s->at->peer);
		break;
	case SILENCE_KNEW:
		put_about(out, _("That newest message of %c names %s as seen: "
		    "whether it answers it is for its content to say."), own,
		    s->seen, &s->at->peer);
		break;
	case SILENCE_UNTOLD:
		buf_fmt(out, " %s", _("Whether that message answers is not "
				      "shown here: not all it takes is open."));
		break;
	}
}

void
silence_show(const struct silence *s, struct buf *out)
{
	char own = side_of(s->beat), peer = own == 'a' ? 'b' : 'a';

	show_open(s, own, out);
	if (hash_is_zero(&s->at->peer)) {
		buf_str(out, " ");
		buf_fmt(out, _("It had no message of %c in it."), peer);
	} else
		put_about(out, _("Of the messages of %c in it the newest that "
		    "it had was %s."), peer, s->peer, &s->at->peer);
	if (s->word != SILENCE_NONE)
		put_about(out, _("Of its own (%c) in it the newest was %s."), own, s->own, &s->at->own);
	show_word(s, own, peer, out);
	if (s->laters > 0)
		put_about(out, s->laters == 1
			? _("Not yet with it, by its own word, and so not "
			    "answered: %c's %s.")
			: _("Not yet with it, by its own word, and so not "
			    "answered: %c's %s and later ones."), peer,
		    s->later, &s->later->m->env_id);
}

/* ---- */

static void
put_env(struct json *o, const char *key, const struct hash *env_id)
{
	if (!hash_is_zero(env_id))
		json_put_hex(o, key, env_id->b, HASH_BYTES);
}

static struct json *
one_json(const struct silence *s)
{
	static const char *const words[] = {
		[SILENCE_NONE] = "none",
		[SILENCE_BEFORE] = "before",
		[SILENCE_KNEW] = "knew",
		[SILENCE_UNTOLD] = "untold",
	};
	char channel[] = { side_of(s->beat), (char)('0' + s->beat->m->run->lane),
		'\0' };
	struct buf text = buf_init(SENTENCES_MAX);
	struct json *o = json_new_obj();

	json_put_hex(o, "case_id", s->at->case_id.b, ID_BYTES);
	json_put_hex(o, "heartbeat", s->beat->m->env_id.b, HASH_BYTES);
	json_put_str(o, "channel", channel);
	json_put_int(o, "seq", (int64_t)judge_seq(s->beat->m));
	json_put_time(o, "created_claim",
	    (int64_t)judge_header(s->beat->m).created_at);
	json_put_time(o, "not_before", (int64_t)s->beat->bounds.after_at);
	json_put_time(o, "not_after", (int64_t)s->beat->bounds.before_at);
	put_env(o, "newest_own", &s->at->own);
	put_env(o, "newest_peer", &s->at->peer);
	json_put_str(o, "word", words[s->word]);
	if (s->laters > 0)
		put_env(o, "not_received", &s->later->m->env_id);
	silence_show(s, &text);
	json_put_str(o, "text", buf_text(&text));
	buf_free(&text);
	return (o);
}

struct json *
silence_list_json(const struct judge *j, const struct outline *o)
{
	struct json *arr = json_new_arr(), *one;
	struct silence s;
	size_t i;

	for (i = 0; i < judge_cases(j) && i < SILENCE_SHOWN_MAX; i++) {
		silence_read(&s, j, o, i);
		one = one_json(&s);
		json_add(arr, &one);
	}
	return (arr);
}
