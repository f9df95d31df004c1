#include "endpoint/casebook.h"

#include <stdlib.h>
#include <string.h>

#include "endpoint/agent.h"
#include "endpoint/book.h"
#include "endpoint/caserows.h"
#include "endpoint/files.h"
#include "endpoint/holds.h"
#include "endpoint/mail.h"
#include "endpoint/opencases.h"
#include "endpoint/pairs.h"
#include "endpoint/refold.h"
#include "endpoint/shred.h"
#include "endpoint/watch.h"

/* How far a peer may fill a case; the rest is for ourselves and REJECTs. */
#define PEER_MAX (CASE_MESSAGES_MAX - 128)

static struct book *
book_of(struct agent *agent)
{
	return agent_book(agent);
}

/* ---- the peer's messages ---- */

static void
missing_noted(void *ctx, const char *path)
{
	(void)path;
	*(bool *)ctx = true;
}

/* Decode and judge one message by itself; a fault makes the row broken. */
static void
read_row(struct caserows_msg *row, const struct received *in,
    const struct notice_outline *o, struct notice_body *body,
    struct arena *arena)
{
	const struct field *f = fields_find(in->fields, FIELD_BODY);
	bool missing = false;

	if (!notice_has_body(o->type))
		row->broken = ERR_STATE;
	else if (f == NULL)
		row->broken = ERR_MESSAGE;
	else
		row->broken =
		    notice_body_decode(body, o->type, f->value, arena);
	if (row->broken == ERR_OK)
		row->broken =
		    notice_missing(o, body, missing_noted, &missing);
	if (row->broken == ERR_OK)
		refold_move(&row->m.move, o, body);
}

static enum err
case_of(struct agent *agent, const struct received *in,
    const struct notice_outline *o, struct caserows_case *c)
{
	enum err err = caserows_get(book_of(agent), &o->case_id, c);

	if (err == ERR_OK && c->pair != in->pair->number)
		return ERR_KEY_FOREIGN;
	if (err != ERR_MISSING_CASE)
		return err;
	/* Whoever speaks first of an unknown case would be its asker; until
	 * a REQUEST stands, the case is in no list. */
	memset(c, 0, sizeof(*c));
	c->case_id = o->case_id;
	c->pair = in->pair->number;
	c->ours = CASE_REQUESTED;
	c->urgency = (uint8_t)o->urgency;
	c->exercise = o->exercise;
	c->opened_at = in->received_at;
	return ERR_OK;
}

/* An answer for what has no case to be noted in. */
static enum err
reject_unread(struct agent *agent, const struct received *in, enum err why)
{
	struct notice_outline o = {.type = NOTICE_REJECT,
	    .answers = in->env_id, .as_of_at = (uint64_t)agent_now(agent)};
	struct notice_body body = {.type = NOTICE_REJECT,
	    .reject = {.code = (uint32_t)why, .env_id = in->env_id}};
	struct caserows_msg row = {.m.lane = in->lane};
	enum err err = refold_send(agent, in->pair, &row, &o, &body);

	return refold_fatal(err) ? err : ERR_OK;
}

/* The peer refuses something of ours. */
static enum err
take_reject(struct agent *agent, const struct pair *pair,
    const struct notice_reject *said)
{
	struct caserows_msg row;
	struct mail mail;
	int64_t id;
	enum err err;

	err = mail_find(book_of(agent), &said->env_id, &mail);
	if (err == ERR_OK && (!mail.own || mail.pair != pair->number))
		err = ERR_NOTFOUND;
	if (err == ERR_OK)
		err = caserows_named(book_of(agent), &said->env_id, &id);
	if (err == ERR_OK)
		err = caserows_msg(book_of(agent), id, &row);
	if (err == ERR_NOTFOUND)
		return ERR_OK;
	if (err != ERR_OK)
		return err;
	row.peer_code = (enum err)said->code;
	err = caserows_put_msg(book_of(agent), &row);
	if (err == ERR_OK)
		err = refold_tell(agent, id, 0, row.peer_code);
	return err;
}

/* What was opened before keeps its content; its newest name is this. */
static enum err
rename_row(struct agent *agent, int64_t id, const struct hash *env_id)
{
	struct book *book = book_of(agent);
	struct caserows_case c;
	struct caserows_msg row;
	enum err err;

	err = caserows_msg(book, id, &row);
	if (err == ERR_OK && row.own)
		return ERR_OK;
	row.m.env_id = *env_id;
	if (err == ERR_OK)
		err = caserows_put_msg(book, &row);
	if (err == ERR_OK)
		err = caserows_name(book, env_id, id);
	if (err == ERR_OK)
		err = caserows_get(book, &row.case_id, &c);
	return err == ERR_OK ? refold_case(agent, &c) : err;
}

/*
 * Sealed again (tag 6): the same message if we know it, else a new one that
 * stands where its first envelope stood.
 */
static enum err
take_again(struct agent *agent, const struct received *in,
    struct caserows_msg *row, bool *known)
{
	struct book *book = book_of(agent);
	struct mail old;
	int64_t id;
	enum err err;

	*known = false;
	if (hash_is_zero(&in->again))
		return ERR_OK;
	err = mail_find(book, &in->again, &old);
	if (err == ERR_NOTFOUND)
		return ERR_OK;
	if (err != ERR_OK || old.own || old.pair != in->pair->number ||
	    old.lane != in->lane)
		return err;
	err = caserows_named(book, &in->again, &id);
	if (err == ERR_OK) {
		*known = true;
		return rename_row(agent, id, &in->env_id);
	}
	if (err != ERR_NOTFOUND)
		return err;
	if (old.seq != 0)
		row->m.seq = old.seq;
	return caserows_name(book, &in->again, row->id);
}

static void
start_row(struct agent *agent, struct caserows_msg *row,
    const struct received *in,
    const struct notice_outline *o, const struct caserows_case *c)
{
	memset(row, 0, sizeof(*row));
	row->id = caserows_next_id(book_of(agent));
	row->mail = in->message;
	row->case_id = o->case_id;
	row->at = in->received_at;
	row->m.id = (uint64_t)row->id;
	row->m.side = c->ours == CASE_REQUESTED ? CASE_REQUESTING
						: CASE_REQUESTED;
	row->m.lane = in->lane;
	row->m.seq = in->seq;
	row->m.env_id = in->env_id;
	row->m.seen[CASE_REQUESTING] = o->seen_requesting;
	row->m.seen[CASE_REQUESTED] = o->seen_requested;
	row->m.evidence = CASE_EVIDENCE_SUBMITTED | CASE_EVIDENCE_DELIVERED;
	row->evidence_at[2] = in->received_at;
}

static enum err
take_notice(struct agent *agent, const struct received *in,
    const struct notice_outline *o, struct arena *arena)
{
	struct notice_body body = {0};
	struct caserows_case c;
	struct caserows_msg row;
	bool known;
	enum err err;

	err = case_of(agent, in, o, &c);
	if (err == ERR_KEY_FOREIGN)
		return reject_unread(agent, in, ERR_MISSING_CASE);
	if (err != ERR_OK)
		return err;
	if (c.revision >= PEER_MAX)
		return reject_unread(agent, in, ERR_TOO_BIG);
	start_row(agent, &row, in, o, &c);
	err = take_again(agent, in, &row, &known);
	if (err != ERR_OK || known)
		return err;
	read_row(&row, in, o, &body, arena);
	if (o->type == NOTICE_REQUEST && c.file.state == CASE_DRAFT) {
		c.urgency = (uint8_t)o->urgency;
		c.exercise = o->exercise;
	}
	if (o->type == NOTICE_REJECT) {
		row.rejected = true;	/* never itself answered */
		if (row.broken == ERR_OK)
			err = take_reject(agent, in->pair, &body.reject);
	}
	if (err == ERR_OK)
		err = refold_note(agent, &c, &row);
	return err == ERR_OK ? refold_case(agent, &c) : err;
}

/* A REJECT about something that has no case. */
static enum err
take_bare_reject(struct agent *agent, const struct received *in,
    struct arena *arena)
{
	const struct field *f = fields_find(in->fields, FIELD_BODY);
	struct notice_body body;

	if (f == NULL ||
	    notice_body_decode(&body, NOTICE_REJECT, f->value, arena) != ERR_OK)
		return ERR_OK;
	return take_reject(agent, in->pair, &body.reject);
}

static enum err
on_received(struct agent *agent, const struct received *in)
{
	const struct field *f = fields_find(in->fields, FIELD_OUTLINE);
	struct arena arena = arena_init(ARENA_MAX);
	struct notice_outline o;
	enum err err;

	if (in->lane == LANE_FILE)
		return files_received(agent, in);
	err = f == NULL ? ERR_MESSAGE
			: notice_outline_decode(&o, f->value, &arena);
	if (refold_fatal(err))
		goto out;
	if (err != ERR_OK)
		err = reject_unread(agent, in, err);
	else if (o.type == NOTICE_HEARTBEAT)
		err = ERR_OK;
	else if (!id_is_zero(&o.case_id))
		err = take_notice(agent, in, &o, &arena);
	else if (o.type == NOTICE_REJECT)
		err = take_bare_reject(agent, in, &arena);
	else
		err = reject_unread(agent, in, ERR_REQUIRED);
out:
	arena_free(&arena);
	return err;
}

/* ---- evidence about our own ---- */

static const struct {
	enum outbox_what what;
	unsigned bit;
} bits[] = {
    {OUTBOX_SUBMITTED, 0},
    {OUTBOX_REFUSED, 1},
    {OUTBOX_DELIVERED, 2},
    {OUTBOX_UNDECRYPTABLE, 3},
    {OUTBOX_EXPIRED, 4},
    {OUTBOX_FETCHED, 5},
};

/* Its newest envelope: the first, or one sealed anew. */
static enum err
take_sealed(struct agent *agent, struct caserows_msg *row,
    const struct outbox_event *ev)
{
	if (hash_is_zero(&row->m.env_id)) {
		row->m.seq = ev->seq;
	} else {
		row->m.evidence = 0;
		memset(row->evidence_at, 0, sizeof(row->evidence_at));
	}
	row->mail = ev->mail;
	row->m.env_id = ev->env_id;
	return caserows_name(book_of(agent), &ev->env_id, row->id);
}

static enum err
take_evidence(struct agent *agent, struct caserows_msg *row,
    const struct outbox_event *ev)
{
	if (ev->what == OUTBOX_SEALED)
		return take_sealed(agent, row, ev);
	if (!hash_eq(&ev->env_id, &row->m.env_id))
		return ERR_OK;	/* about an envelope replaced since */
	/* The agent judged which word is newest; the older one goes. */
	if (ev->what == OUTBOX_EXPIRED || ev->what == OUTBOX_UNDECRYPTABLE)
		row->m.evidence &= ~CASE_EVIDENCE_DELIVERED;
	if (ev->what == OUTBOX_DELIVERED)
		row->m.evidence &= ~(CASE_EVIDENCE_EXPIRED |
		    CASE_EVIDENCE_UNDECRYPTABLE);
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		if (bits[i].what != ev->what)
			continue;
		row->m.evidence |= 1u << bits[i].bit;
		if (row->evidence_at[bits[i].bit] == 0)
			row->evidence_at[bits[i].bit] = ev->at;
	}
	if (ev->reason != 0)
		row->evidence_why = (enum err)ev->reason;
	return ERR_OK;
}

static enum err
on_event(struct agent *agent, const struct outbox_event *ev)
{
	struct book *book = book_of(agent);
	struct caserows_case c;
	struct caserows_msg row;
	enum err err;

	if (ev->message == 0)
		return ERR_OK;	/* a heartbeat, a file */
	err = caserows_msg(book, ev->message, &row);
	if (err == ERR_NOTFOUND)
		return ERR_OK;
	if (err == ERR_OK)
		err = take_evidence(agent, &row, ev);
	if (err == ERR_OK)
		err = caserows_put_msg(book, &row);
	if (err == ERR_OK)
		err = refold_tell(
		    agent, row.id, (int)ev->what, (enum err)ev->reason);
	if (err == ERR_OK)
		err = caserows_get(book, &row.case_id, &c);
	return err == ERR_OK ? refold_case(agent, &c) : err;
}

enum err
casebook_message(struct agent *agent, const struct id *case_id, int64_t n,
    const char *prefix, struct hash *env_id)
{
	struct caserows_msg *list;
	char hex[2 * HASH_BYTES + 1];
	size_t len, hits = 0;
	enum err err = caserows_load(book_of(agent), case_id, 0, &list, &len);

	for (size_t i = 0; err == ERR_OK && i < len; i++) {
		hex_encode(hex, list[i].m.env_id.b, HASH_BYTES);
		if (hash_is_zero(&list[i].m.env_id) || (n != 0 ?
		    list[i].revision != n : strlen(prefix) < 8 ||
		    strncmp(hex, prefix, strlen(prefix)) != 0))
			continue;
		hits++;
		*env_id = list[i].m.env_id;
	}
	free(list);
	if (err != ERR_OK)
		return err;
	return hits == 1 ? ERR_OK : hits == 0 ? ERR_NOTFOUND : ERR_USAGE;
}

enum err
casebook_find(struct agent *agent, const char *prefix, struct id *case_id)
{
	enum err err = caserows_find(book_of(agent), prefix, case_id);

	/* To a person it is just not found; MISSING_CASE is said to peers. */
	return err == ERR_MISSING_CASE ? ERR_NOTFOUND : err;
}

/* ---- for the heartbeat ---- */

static enum err
on_open_cases(struct agent *agent, const struct pair *pair,
    struct notice_link *link)
{
	struct opencases cases;
	enum err err = opencases_at(agent, pair, true, link, &cases);

	if (err == ERR_OK)
		err = opencases_sum(&cases, pair->direction, link);
	opencases_free(&cases);
	return err;
}

/* ---- what waited too long for a message it names ---- */

#define OVERDUE_MAX 64
#define LOOK_MS 3600000

static enum err
on_tick(struct agent *agent, int64_t *due)
{
	int64_t now = agent_now(agent);
	struct id list[OVERDUE_MAX];
	struct caserows_case c;
	size_t n;
	enum err err;

	err = caserows_overdue(
	    book_of(agent), now - REFOLD_WAIT_MS, list, OVERDUE_MAX, &n);
	for (size_t i = 0; i < n && err == ERR_OK; i++) {
		err = caserows_get(book_of(agent), &list[i], &c);
		if (err == ERR_OK)
			err = refold_case(agent, &c);
	}
	/* Last: it looks at what was refolded too. */
	if (err == ERR_OK)
		err = watch_tick(agent, due);
	if (err != ERR_OK || *due > now + LOOK_MS)
		*due = now + LOOK_MS;
	return err;
}

const struct agent_hooks *
casebook_hooks(void)
{
	static const struct agent_hooks hooks = {
	    .received = on_received,
	    .event = on_event,
	    .open_cases = on_open_cases,
	    .tick = on_tick,
	    .schema = FILES_SCHEMA CASEROWS_SCHEMA,
	    .schema_2 = CASEROWS_SCHEMA_2 HOLDS_SCHEMA_2 SHRED_SCHEMA_2
		WATCH_SCHEMA_2,
	};

	return &hooks;
}
