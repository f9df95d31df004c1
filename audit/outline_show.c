#include <stdio.h>
#include <string.h>

#include "audit/outline_show.h"
#include "audit/silence.h"
#include "audit/verdict.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/show.h"
#include "base/text.h"
#include "proto/charter.h"
#include "proto/notice.h"

#define CELL_MAX 256
#define SENTENCES_MAX 4096
#define SHORT_BYTES 4		/* of an id, shown as 8 digits */

enum column {
	CASE,
	SIDE,
	MESSAGE,
	URGENCY,
	CLAIMED,
	NOT_BEFORE,
	NOT_AFTER,
	LOG,
	SETTLED,
	PLACE,
};

static char
side_of(uint8_t direction)
{
	return (direction == FROM_A ? 'a' : 'b');
}

const char *
outline_show_head(unsigned column)
{
	static const char *const heads[OUTLINE_SHOW_COLUMNS] = {
		[CASE] = N_("CASE"),
		[SIDE] = N_("FROM"),
		[MESSAGE] = N_("MESSAGE"),
		[URGENCY] = N_("URGENCY"),
		[CLAIMED] = N_("SENT (CLAIMED)"),
		[NOT_BEFORE] = N_("NOT BEFORE"),
		[NOT_AFTER] = N_("NOT AFTER"),
		[LOG] = N_("LOG"),
		[SETTLED] = N_("WHAT BECAME OF IT"),
		[PLACE] = N_("PLACE"),
	};

	return (_(heads[column]));
}

static void
put_short(struct buf *out, const uint8_t *p)
{
	char hex[2 * SHORT_BYTES + 1];

	hex_encode(hex, p, SHORT_BYTES);
	buf_str(out, hex);
}

static void
put_at(struct buf *out, uint64_t at, const char *none)
{
	char text[CLOCK_TEXT_BYTES];

	buf_str(out, at == 0 ? none : clock_format(text, (int64_t)at));
}

static void
put_place(struct buf *out, const struct judge_message *m)
{
	buf_fmt(out, "%c%u %llu", side_of(m->run->direction), m->run->lane,
	    (unsigned long long)judge_seq(m));
}

static void
put_message(struct buf *out, const struct outline_row *row)
{
	const char *name;

	if (!row->opened) {
		buf_str(out, _("not opened"));
		return;
	}
	name = notice_type_name((enum notice_type)row->type);
	buf_str(out, name == NULL ? "?" : name);
	name = notice_outcome_name((enum notice_outcome)row->outcome);
	if (row->outcome != OUTCOME_NONE && name != NULL)
		buf_fmt(out, " %s", name);
}

static void
put_settled(struct buf *out, const struct judge_message *m)
{
	buf_str(out, verdict_fate(m));
	if (m->fate_at != 0) {
		buf_str(out, " ");
		put_at(out, m->fate_at, "");
	}
	if (m->off_chain)
		buf_fmt(out, ", %s", _("does not count"));
	if (m->run->standing == KEYRING_DISPUTED)
		buf_fmt(out, ", %s", _("disputed"));
}

void
outline_show_cell(const struct outline_row *row, unsigned column,
    struct buf *out)
{
	const struct judge_message *m = row->m;

	switch ((enum column)column) {
	case CASE:
		if (row->opened && !id_is_zero(&row->case_id))
			put_short(out, row->case_id.b);
		else
			buf_str(out, row->opened ? "-" : "?");
		break;
	case SIDE:
		buf_fmt(out, "%c", side_of(m->run->direction));
		break;
	case MESSAGE:
		put_message(out, row);
		break;
	case URGENCY:
		if (row->opened)
			buf_fmt(out, "U%u", row->urgency);
		else
			buf_str(out, "?");
		break;
	case CLAIMED:
		put_at(out, judge_header(m).created_at, "-");
		break;
	case NOT_BEFORE:
		put_at(out, row->bounds.after_at, "-");
		break;
	case NOT_AFTER:
		put_at(out, row->bounds.before_at, _("pending"));
		break;
	case LOG:
		if (m->run->logged)
			buf_fmt(out, "%llu", (unsigned long long)m->run->index);
		else
			buf_str(out, "-");
		break;
	case SETTLED:
		put_settled(out, m);
		break;
	case PLACE:
		put_place(out, m);
		buf_str(out, " ");
		put_short(out, m->env_id.b);
		break;
	}
}

/* ---- silence ---- */

void
outline_show_when(const struct outline_row *row, struct buf *out)
{
	put_at(out, judge_header(row->m).created_at, "-");
	if (row->bounds.after_at == 0 && row->bounds.before_at == 0)
		buf_fmt(out, ", %s", _("its own clock"));
	if (row->bounds.after_at != 0) {
		buf_fmt(out, ", %s ", _("by a witness not before"));
		put_at(out, row->bounds.after_at, "");
	}
	if (row->bounds.before_at != 0) {
		buf_fmt(out, ", %s ", _("by a witness not after"));
		put_at(out, row->bounds.before_at, "");
	}
}

static void
put_end(struct buf *out, uint8_t direction, unsigned lane,
    const struct outline_row *end)
{
	if (end == NULL) {
		buf_fmt(out, "%c%u 0", side_of(direction), lane);
		return;
	}
	put_place(out, end->m);
	buf_str(out, " (");
	outline_show_when(end, out);
	buf_str(out, ")");
}

void
outline_show_silence(const struct outline_silence *s, struct buf *out)
{
	char silent = side_of(s->direction);

	buf_str(out, _("Case "));
	put_short(out, s->request->case_id.b);
	buf_str(out, ": ");
	buf_fmt(out, _("the request of %c (%c%u %llu) has no decision, result "
		       "or transfer from %c in this file."),
	    side_of(s->request->m->run->direction),
	    side_of(s->request->m->run->direction), s->request->m->run->lane,
	    (unsigned long long)judge_seq(s->request->m), silent);
	if (s->last != NULL) {
		buf_str(out, " ");
		buf_fmt(out, _("Last word of %c in the case: "), silent);
		put_message(out, s->last);
		buf_str(out, " (");
		put_place(out, s->last->m);
		buf_str(out, ").");
	}
	buf_str(out, " ");
	if (!s->certain) {
		buf_fmt(out, _("This is no proof of silence: not all that %c "
			       "signed is here, logged and open."),
		    silent);
		return;
	}
	buf_fmt(out, _("All that %c signed on its case channels is here, "
		       "logged and open, without an answer, up to: "),
	    silent);
	put_end(out, s->direction, 0, s->end[0]);
	buf_str(out, ", ");
	put_end(out, s->direction, 1, s->end[1]);
	buf_str(out, ".");
	if (s->beat == NULL)
		return;
	buf_str(out, " ");
	buf_fmt(out, _("Its heartbeat %c%u %llu signs that %c1 stood at %llu "
		       "then."),
	    silent, s->beat->m->run->lane,
	    (unsigned long long)judge_seq(s->beat->m),
	    silent, (unsigned long long)s->beat_seq);
}

/* ---- text ---- */

static enum err
put_table(const struct outline *o, FILE *f)
{
	const char *heads[OUTLINE_SHOW_COLUMNS];
	struct buf cell = buf_init(CELL_MAX);
	struct show_table *t;
	unsigned c;
	size_t i;
	enum err err = ERR_OK;

	for (c = 0; c < OUTLINE_SHOW_COLUMNS; c++)
		heads[c] = outline_show_head(c);
	t = show_table_new(heads, OUTLINE_SHOW_COLUMNS);
	for (i = 0; i < outline_rows(o) && err == ERR_OK; i++)
		for (c = 0; c < OUTLINE_SHOW_COLUMNS; c++) {
			buf_reset(&cell);
			outline_show_cell(outline_row_at(o, i), c, &cell);
			show_cell(t, "%s", buf_text(&cell));
			err = err == ERR_OK ? cell.err : err;
		}
	if (err == ERR_OK)
		show_table_print(t, f);
	show_table_free(&t);
	buf_free(&cell);
	return (err);
}

static void
put_parties(const struct judge *j, struct buf *out)
{
	const struct charter *c = keyring_pair_charter(judge_keyring(j),
	    judge_pair(j), KEYRING_NEWEST);
	unsigned i;

	for (i = 0; c != NULL && i < 2; i++) {
		buf_fmt(out, "  %c: ", 'a' + (int)i);
		show_text(out, c->party[i].name, strlen(c->party[i].name));
		buf_str(out, "\n");
	}
}

/* What heartbeats say of open cases. */
static enum err
put_cases(const struct judge *j, const struct outline *o, struct buf *out,
    FILE *f)
{
	struct silence s;
	size_t i;

	for (i = 0; i < judge_cases(j) && i < SILENCE_SHOWN_MAX; i++) {
		buf_reset(out);
		silence_read(&s, j, o, i);
		silence_show(&s, out);
		fprintf(f, "\n%s\n", buf_text(out));
		if (out->err != ERR_OK)
			return (out->err);
	}
	return (ERR_OK);
}

enum err
outline_show_text(const struct judge *j, const struct outline *o, FILE *f)
{
	struct buf out = buf_init(SENTENCES_MAX);
	size_t i;
	enum err err;

	verdict_sentence(j, &out);
	buf_str(&out, "\n");
	put_parties(j, &out);
	verdict_level(j, &out);
	buf_fmt(&out, "\n%s\n\n",
	    _("Only a witness bounds time (not before, not after); other "
	      "times are claims of those who signed."));
	err = out.err;
	fputs(buf_text(&out), f);
	if (err == ERR_OK)
		err = put_table(o, f);
	for (i = 0; i < outline_silences(o) && err == ERR_OK; i++) {
		buf_reset(&out);
		outline_show_silence(outline_silence_at(o, i), &out);
		fprintf(f, "\n%s\n", buf_text(&out));
		err = out.err;
	}
	if (err == ERR_OK)
		err = put_cases(j, o, &out, f);
	buf_free(&out);
	return (err == ERR_OK && ferror(f) ? ERR_IO : err);
}

/* ---- JSON ---- */

static void
put_name(struct json *o, const char *key, const char *name)
{
	if (name != NULL)
		json_put_str(o, key, name);
}

static void
put_side(struct json *o, const char *key, uint8_t direction)
{
	char side[] = { side_of(direction), '\0' };

	json_put_str(o, key, side);
}

static void
put_where(struct json *o, const struct judge_message *m)
{
	char channel[] = { side_of(m->run->direction),
		(char)('0' + m->run->lane),
		'\0' };

	json_put_str(o, "channel", channel);
	json_put_int(o, "seq", (int64_t)judge_seq(m));
}

static struct json *
row_json(const struct outline_row *row)
{
	const struct judge_message *m = row->m;
	struct json *o = json_new_obj();

	put_side(o, "from", m->run->direction);
	put_where(o, m);
	json_put_hex(o, "env_id", m->env_id.b, HASH_BYTES);
	json_put_bool(o, "opened", row->opened);
	if (row->opened && !id_is_zero(&row->case_id))
		json_put_hex(o, "case_id", row->case_id.b, ID_BYTES);
	if (row->opened) {
		put_name(o, "type",
		    notice_type_name((enum notice_type)row->type));
		if (row->outcome != OUTCOME_NONE)
			put_name(o, "outcome", notice_outcome_name(
			    (enum notice_outcome)row->outcome));
		json_put_int(o, "urgency", (int64_t)row->urgency);
	}
	json_put_time(o, "created_claim", (int64_t)judge_header(m).created_at);
	json_put_time(o, "not_before", (int64_t)row->bounds.after_at);
	json_put_time(o, "not_after", (int64_t)row->bounds.before_at);
	if (m->run->logged) {
		json_put_hex(o, "log_id", m->run->log_id.b, HASH_BYTES);
		json_put_int(o, "index", (int64_t)m->run->index);
	}
	json_put_str(o, "fate", verdict_fate(m));
	json_put_time(o, "fate_claim", (int64_t)m->fate_at);
	json_put_bool(o, "counts", !m->off_chain);
	json_put_bool(o, "disputed", m->run->standing == KEYRING_DISPUTED);
	return (o);
}

static struct json *
silence_json(const struct outline_silence *s)
{
	struct json *o = json_new_obj(), *ends = json_new_arr(), *end;
	struct buf text = buf_init(SENTENCES_MAX);
	unsigned l;

	json_put_hex(o, "case_id", s->request->case_id.b, ID_BYTES);
	json_put_hex(o, "request", s->request->m->env_id.b, HASH_BYTES);
	put_side(o, "silent", s->direction);
	json_put_bool(o, "certain", s->certain);
	for (l = 0; l < 2; l++) {
		if (s->end[l] == NULL)
			continue;
		end = json_new_obj();
		put_where(end, s->end[l]->m);
		json_put_time(end, "created_claim",
		    (int64_t)judge_header(s->end[l]->m).created_at);
		json_put_time(end, "not_before",
		    (int64_t)s->end[l]->bounds.after_at);
		json_add(ends, &end);
	}
	json_put(o, "up_to", &ends);
	if (s->beat != NULL) {
		json_put_hex(o, "heartbeat", s->beat->m->env_id.b,
		    HASH_BYTES);
		json_put_int(o, "heartbeat_lane_1", (int64_t)s->beat_seq);
	}
	outline_show_silence(s, &text);
	json_put_str(o, "text", buf_text(&text));
	buf_free(&text);
	return (o);
}

enum err
outline_show_json(const struct judge *j, const struct outline *o,
    struct buf *out)
{
	struct json *obj = json_new_obj(), *silences = json_new_arr(), *one;
	struct buf buf = buf_init(SENTENCES_MAX);
	size_t i;

	verdict_sentence(j, &buf);
	json_put_str(obj, "verdict", verdict_name(judge_verdict(j)));
	json_put_int(obj, "exit", err_exit(judge_err(j)));
	json_put_str(obj, "sentence", buf_text(&buf));
	buf_free(&buf);
	if (judge_level(j) != 0)
		json_put_str(obj, "level", bundle_level_name(judge_level(j)));
	for (i = 0; i < outline_silences(o); i++) {
		one = silence_json(outline_silence_at(o, i));
		json_add(silences, &one);
	}
	json_put(obj, "silences", &silences);
	one = silence_list_json(j, o);
	json_put(obj, "open_cases", &one);
	json_open(obj, "messages", out);
	json_free(&obj);
	for (i = 0; i < outline_rows(o) && out->err == ERR_OK; i++) {
		one = row_json(outline_row_at(o, i));
		json_item(i, &one, out);
	}
	json_close(i, out);
	return (out->err);
}
