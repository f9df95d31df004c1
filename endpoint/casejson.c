#include "endpoint/casejson.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/json.h"
#include "cases/items.h"
#include "endpoint/agent.h"
#include "endpoint/book.h"
#include "endpoint/caserows.h"
#include "endpoint/clocksjson.h"
#include "endpoint/desk.h"
#include "endpoint/files.h"
#include "endpoint/form.h"
#include "endpoint/holds.h"
#include "endpoint/mail.h"
#include "endpoint/pairs.h"
#include "endpoint/refold.h"
#include "endpoint/verbs.h"
#include "endpoint/shred.h"
#include "endpoint/timebound.h"

static const char *const sides[] = {"requesting", "requested"};

static const char *const evidence_names[CASE_EVIDENCE_KINDS] = {
    "submitted", "refused", "delivered", "undecryptable", "expired",
    "fetched"};

/* A message's content, opened; everything borrows from the members. */
struct opened {
	struct mail_content content;
	struct arena arena;
	struct notice_outline outline;
	struct notice_body body;
	bool has_outline;
	bool has_body;
};

static void
open_message(struct agent *agent, const struct caserows_msg *m,
    struct opened *o)
{
	const struct field *f;
	enum err err;

	memset(o, 0, sizeof(*o));
	o->arena = arena_init(ARENA_MAX);
	err = mail_content(agent_book(agent), m->mail, &o->content);
	if (err != ERR_OK) {
		diag_warn("casejson", "a message cannot be opened: %s",
		    err_name(err));
		return;
	}
	f = fields_find(&o->content.fields, FIELD_OUTLINE);
	o->has_outline = f != NULL &&
	    notice_outline_decode(&o->outline, f->value, &o->arena) == ERR_OK;
	f = fields_find(&o->content.fields, FIELD_BODY);
	o->has_body = o->has_outline && f != NULL &&
	    notice_body_decode(&o->body, o->outline.type, f->value,
		&o->arena) == ERR_OK;
}

static void
opened_free(struct opened *o)
{
	mail_content_free(&o->content);
	arena_free(&o->arena);
}

static void
put_urgency(struct json *obj, unsigned urgency)
{
	char text[4];

	snprintf(text, sizeof(text), "U%u", urgency % 10);
	json_put_str(obj, "urgency", text);
}

static void
put_evidence(struct json *obj, const struct caserows_msg *m)
{
	struct json *ev = json_new_obj();

	for (int i = 0; i < CASE_EVIDENCE_KINDS; i++)
		if (m->m.evidence & (1u << i))
			json_put_time(ev, evidence_names[i],
			    m->evidence_at[i]);
	if (m->evidence_why != ERR_OK)
		json_put_str(ev, "why", err_name(m->evidence_why));
	json_put(obj, "evidence", &ev);
}

/* What the message claims, and where it stands. */
static void
put_standing(struct json *obj, const struct caserows_msg *m)
{
	json_put_str(obj, "standing", casefile_standing_name(m->m.standing));
	if (m->m.why != ERR_OK)
		json_put_str(obj, "why", err_name(m->m.why));
	json_put_str(obj, "before", casefile_state_name(m->m.before));
	json_put_str(obj, "after", casefile_state_name(m->m.after));
	if (!hash_is_zero(&m->m.move.answers))
		json_put_hex(obj, "answers_env_id", &m->m.move.answers,
		    HASH_BYTES);
	if (!hash_is_zero(&m->m.corrected))
		json_put_hex(obj, "corrected_by", &m->m.corrected,
		    HASH_BYTES);
	if (m->peer_code != ERR_OK)
		json_put_str(obj, "peer_rejects", err_name(m->peer_code));
	if (m->rejected)
		json_put_bool(obj, "rejected", true);
}

static void
put_head(struct json *obj, const struct caserows_msg *m)
{
	const char *type = m->m.move.event == NOTICE_NONE
	    ? NULL
	    : notice_type_name((enum notice_type)m->m.move.event);
	const char *outcome =
	    notice_outcome_name((enum notice_outcome)m->m.move.outcome);

	json_put_int(obj, "id", m->id);
	json_put_int(obj, "n", m->revision);
	json_put_hex(obj, "case_id", &m->case_id, ID_BYTES);
	json_put_str(obj, "type", type != NULL ? type : "unreadable");
	if (m->m.move.outcome != 0 && outcome != NULL)
		json_put_str(obj, "outcome", outcome);
	json_put_bool(obj, "own", m->own);
	json_put_str(obj, "side", sides[m->m.side]);
	json_put_time(obj, "at", m->at);
}

/* Between which moments witnesses place it; nothing where none is named. */
static void
put_bounds(struct agent *agent, struct json *obj, int64_t mail)
{
	struct timebound bound;

	if (timebound_of(agent, mail, &bound) != ERR_OK || !bound.witnessed)
		return;
	if (bound.after_at != 0)
		json_put_time(obj, "not_before", bound.after_at);
	if (bound.before_at != 0)
		json_put_time(obj, "not_after", bound.before_at);
	else
		json_put_str(obj, "time_bound", "pending");
}

static struct json *
message_json(struct agent *agent, const struct caserows_msg *m, bool whole)
{
	struct json *obj = json_new_obj(), *body;
	int64_t gone_at;
	struct opened o;

	put_head(obj, m);
	if (hash_is_zero(&m->m.env_id)) {
		json_put_null(obj, "env_id");
	} else {
		json_put_hex(obj, "env_id", &m->m.env_id, HASH_BYTES);
		json_put_int(obj, "seq", (int64_t)m->m.seq);
	}
	json_put_int(obj, "lane", m->m.lane);
	put_standing(obj, m);
	put_evidence(obj, m);
	if (!whole)
		return obj;
	put_bounds(agent, obj, m->mail);
	gone_at = shred_at(agent_book(agent), m->mail);
	if (gone_at != 0) {
		json_put_time(obj, "shredded_at", gone_at);
		return obj;
	}
	open_message(agent, m, &o);
	if (o.has_outline && o.outline.as_of_at != 0)
		json_put_time(obj, "as_of", (int64_t)o.outline.as_of_at);
	if (o.has_outline && !hash_is_zero(&o.outline.answers))
		json_put_hex(
		    obj, "answers", &o.outline.answers, HASH_BYTES);
	if (o.has_body) {
		body = form_write(&o.body);
		json_put(obj, "body", &body);
	}
	opened_free(&o);
	return obj;
}

enum err
casejson_message(struct agent *agent, int64_t id, struct json **out)
{
	struct caserows_msg m;
	enum err err = caserows_msg(agent_book(agent), id, &m);

	*out = err == ERR_OK ? message_json(agent, &m, true) : NULL;
	return err;
}

/* ---- cases ---- */

/* What names a case to a person: of the REQUEST that opened it. */
static void
put_request(struct agent *agent, struct json *obj,
    const struct caserows_msg *list, size_t n)
{
	const char *kind;
	struct opened o;
	size_t i = 0;

	while (i < n && (list[i].m.move.event != NOTICE_REQUEST ||
			    list[i].m.standing != CASE_STANDS))
		i++;
	if (i == n || shred_at(agent_book(agent), list[i].mail) != 0)
		return;
	open_message(agent, &list[i], &o);
	if (o.has_body) {
		kind = notice_words_name(notice_words_kind,
		    (int)o.body.request.kind);
		json_put_str(obj, "request_ref", o.body.request.request_ref);
		json_put_str(obj, "kind", kind != NULL ? kind : "");
		json_put_str(obj, "assistance", o.body.request.assistance);
	}
	opened_free(&o);
}

struct json *
casejson_hold(const struct holds_one *hold)
{
	struct json *obj = json_new_obj();

	json_put_hex(obj, "case_id", &hold->case_id, ID_BYTES);
	json_put_time(obj, "from", hold->from_at);
	json_put_time(obj, "until", hold->until_at);
	json_put_str(obj, "reason", hold->reason);
	json_put_str(obj, "who", hold->who);
	if (hold->until_at != 0) {
		json_put_str(obj, "end_reason", hold->end_reason);
		json_put_str(obj, "end_who", hold->end_who);
	}
	return obj;
}

static enum err
keep_open_hold(void *ctx, const struct holds_one *hold)
{
	if (hold->until_at == 0)
		*(struct holds_one *)ctx = *hold;
	return ERR_OK;
}

/* HOLD lies over whatever state the case is in. */
static void
put_hold(struct agent *agent, struct json *obj, const struct id *case_id)
{
	struct holds_one hold = {.from_at = 0};
	struct json *part;

	if (holds_each(agent_book(agent), case_id, keep_open_hold, &hold) !=
	    ERR_OK)
		diag_warn("casejson", "the holds could not be read");
	json_put_bool(obj, "held", hold.from_at != 0);
	if (hold.from_at == 0)
		return;
	part = casejson_hold(&hold);
	json_put(obj, "hold", &part);
}

static void
put_case(struct agent *agent, struct json *obj, const struct caserows_case *c)
{
	const struct pair *pair = pairs_get(agent_pairs(agent), c->pair);

	json_put_hex(obj, "case_id", &c->case_id, ID_BYTES);
	json_put_str(obj, "peer", pair != NULL ? pair->peer_name : "");
	json_put_str(obj, "side", sides[c->ours]);
	json_put_str(obj, "state", casefile_state_name(c->file.state));
	json_put_bool(obj, "open", casefile_open(c->file.state));
	put_urgency(obj, c->urgency);
	if (c->exercise)
		json_put_bool(obj, "exercise", true);
	json_put_int(obj, "head", c->revision);
	json_put_time(obj, "opened_at", c->opened_at);
	json_put_time(obj, "moved_at", c->moved_at);
	put_hold(agent, obj, &c->case_id);
}

/* The outcomes with which the table allows a move; false: none, nor
 * without one. */
static bool
allowed_outcomes(const struct casefile *file, enum case_side ours,
    struct case_move *move, struct json *outcomes)
{
	struct notice_outline probe = {.type = (enum notice_type)move->event,
	    .case_id = {{1}}};
	bool may = false;

	for (const struct notice_word *w = notice_words_outcome;
	     w->word != NULL; w++) {
		probe.outcome = (enum notice_outcome)w->code;
		move->outcome = (uint16_t)w->code;
		if (notice_missing(&probe, NULL, NULL, NULL) == ERR_CODE ||
		    casefile_may(file, ours, move) != ERR_OK)
			continue;
		may = true;
		if (w->code != OUTCOME_NONE)
			json_add_str(outcomes, w->word);
	}
	return may;
}

static void
add_move(struct json *arr, const struct casefile *file, enum case_side ours,
    const struct verbs_verb *verb, const struct hash *answers)
{
	struct case_move move = {.event = (uint16_t)verb->type,
	    .holds = ~0u, .count = file->questions, .answers = *answers};
	struct json *outcomes = json_new_arr(), *obj;

	if (!allowed_outcomes(file, ours, &move, outcomes)) {
		json_free(&outcomes);
		return;
	}
	obj = json_new_obj();
	json_put_str(obj, "verb", verb->verb);
	json_put(obj, "outcomes", &outcomes);
	if (!hash_is_zero(answers))
		json_put_hex(obj, "answers", answers, HASH_BYTES);
	json_add(arr, &obj);
}

/* What the table allows our side now: about the case, and about each item of
 * it that waits for a word of ours. */
static struct json *
moves_json(const struct casefile *file, enum case_side ours)
{
	static const struct hash none;
	struct json *arr = json_new_arr();

	for (uint16_t type = 1; type <= NOTICE_TYPE_MAX; type++) {
		const struct verbs_verb *verb =
		    verbs_of((enum notice_type)type);
		struct case_move move = {.event = type};

		if (verb == NULL)
			continue;
		if (!casefile_wants_item(file->state, &move))
			add_move(arr, file, ours, verb, &none);
		for (size_t i = 0; i < file->items; i++)
			if (file->item[i].side != ours &&
			    file->item[i].state == CASE_ITEM_OPEN &&
			    items_answer(&file->item[i], type))
				add_move(arr, file, ours, verb,
				    &file->item[i].env_id);
	}
	return arr;
}

static struct json *
items_json(const struct casefile *file, enum case_side ours)
{
	static const char *const states[] = {"open", "answered", "withdrawn"};
	struct json *arr = json_new_arr();

	for (size_t i = 0; i < file->items; i++) {
		const struct case_item *item = &file->item[i];
		struct json *obj = json_new_obj();

		json_put_str(obj, "type",
		    notice_type_name((enum notice_type)item->event));
		if (item->outcome != OUTCOME_NONE)
			json_put_str(obj, "outcome", notice_outcome_name(
			    (enum notice_outcome)item->outcome));
		json_put_bool(obj, "own", item->side == ours);
		json_put_str(obj, "state", states[item->state]);
		json_put_hex(obj, "env_id", &item->env_id, HASH_BYTES);
		json_add(arr, &obj);
	}
	return arr;
}

struct listing {
	struct agent *agent;
	struct json *arr;
};

static enum err
list_case(void *ctx, const struct caserows_case *c)
{
	struct listing *l = ctx;
	struct caserows_msg *list;
	struct json *obj;
	size_t n;
	enum err err;

	if (c->file.state == CASE_DRAFT)
		return ERR_OK;	/* no REQUEST stands */
	err = caserows_load(agent_book(l->agent), &c->case_id, 0, &list, &n);
	if (err != ERR_OK)
		return err;
	obj = json_new_obj();
	put_case(l->agent, obj, c);
	put_request(l->agent, obj, list, n);
	json_add(l->arr, &obj);
	free(list);
	return ERR_OK;
}

struct json *
casejson_list(struct agent *agent)
{
	struct listing l = {agent, json_new_arr()};
	enum err err = caserows_each_case(agent_book(agent), list_case, &l);

	if (err != ERR_OK)
		diag_warn("casejson", "the list of cases could not be read");
	return l.arr;
}

static struct json *
messages_json(struct agent *agent, const struct caserows_msg *list, size_t n)
{
	struct json *arr = json_new_arr();

	for (size_t i = 0; i < n; i++) {
		struct json *obj = message_json(agent, &list[i], true);

		json_add(arr, &obj);
	}
	return arr;
}

void
casejson_brief(struct agent *agent, struct json *obj,
    const struct caserows_case *c)
{
	const struct pair *pair = pairs_get(agent_pairs(agent), c->pair);
	struct caserows_msg *list = NULL;
	size_t n = 0;

	json_put_hex(obj, "case_id", &c->case_id, ID_BYTES);
	json_put_str(obj, "peer", pair != NULL ? pair->peer_name : "");
	json_put_str(obj, "side", sides[c->ours]);
	json_put_str(obj, "state", casefile_state_name(c->file.state));
	put_urgency(obj, c->urgency);
	if (c->exercise)
		json_put_bool(obj, "exercise", true);
	if (caserows_load(agent_book(agent), &c->case_id, 0, &list, &n) ==
	    ERR_OK)
		put_request(agent, obj, list, n);
	free(list);
}

enum err
casejson_case(struct agent *agent, const struct id *case_id,
    struct json **out)
{
	struct book *book = agent_book(agent);
	struct json *obj, *part;
	struct caserows_msg *list;
	struct caserows_case c;
	size_t n;
	enum err err;

	*out = NULL;
	err = caserows_get(book, case_id, &c);
	if (err == ERR_OK)
		err = refold_now(agent, case_id, &c.file);
	if (err == ERR_OK)
		err = caserows_load(book, case_id, 0, &list, &n);
	if (err != ERR_OK)
		return err;
	obj = json_new_obj();
	put_case(agent, obj, &c);
	put_request(agent, obj, list, n);
	part = messages_json(agent, list, n);
	json_put(obj, "messages", &part);
	part = files_list_json(agent, case_id);
	json_put(obj, "files", &part);
	part = items_json(&c.file, c.ours);
	json_put(obj, "items", &part);
	part = moves_json(&c.file, c.ours);
	json_put(obj, "moves", &part);
	clocksjson_put(agent, obj, &c);
	free(list);
	*out = obj;
	return ERR_OK;
}

struct json *
casejson_since(struct agent *agent, const struct id *case_id, int64_t head)
{
	struct caserows_msg *list;
	struct json *arr;
	size_t n;

	if (caserows_load(agent_book(agent), case_id, head, &list, &n) !=
	    ERR_OK)
		return json_new_arr();
	arr = messages_json(agent, list, n);
	free(list);
	return arr;
}

/* ---- news ---- */

struct news {
	struct agent *agent;
	struct json *arr;
	int64_t cursor;
	bool inbox;
};

static const char *
what_name(int what)
{
	switch (what) {
	case CASEROWS_NOTED:
		return "message";
	case CASEROWS_REMINDER:
		return "reminder";
	case CASEROWS_OVERDUE:
		return "overdue";
	case OUTBOX_SEALED:
		return "sealed";
	case OUTBOX_SUBMITTED:
		return "submitted";
	case OUTBOX_FETCHED:
		return "fetched";
	case OUTBOX_DELIVERED:
		return "delivered";
	case OUTBOX_UNDECRYPTABLE:
		return "undecryptable";
	case OUTBOX_REFUSED:
		return "refused";
	case OUTBOX_EXPIRED:
		return "expired";
	default:
		return "unknown";
	}
}

static enum err
add_news(void *ctx, const struct caserows_news *news)
{
	struct news *n = ctx;
	struct caserows_case c;
	struct caserows_msg m;
	struct json *obj;
	enum err err;

	n->cursor = news->cursor;
	err = caserows_msg(agent_book(n->agent), news->message, &m);
	if (err == ERR_OK)
		err = caserows_get(agent_book(n->agent), &m.case_id, &c);
	if (err != ERR_OK)
		return err;
	if (n->inbox && (m.own || news->what != CASEROWS_NOTED))
		return ERR_OK;
	obj = json_new_obj();
	json_put_int(obj, "cursor", news->cursor);
	json_put_str(obj, "what", what_name(news->what));
	if (news->why != ERR_OK)
		json_put_str(obj, "why", err_name(news->why));
	put_head(obj, &m);
	json_put_time(obj, "at", news->at);	/* not the message's */
	clocksjson_news(obj, news, &m, c.ours);
	json_put_str(obj, "standing", casefile_standing_name(m.m.standing));
	json_put_str(obj, "state", casefile_state_name(c.file.state));
	json_add(n->arr, &obj);
	return ERR_OK;
}

struct json *
casejson_news(struct agent *agent, int64_t after, size_t max, bool inbox)
{
	struct news n = {
	    .agent = agent, .arr = json_new_arr(), .cursor = after,
	    .inbox = inbox};
	struct json *out = json_new_obj();

	if (caserows_each_news(agent_book(agent), after, max, add_news, &n) !=
	    ERR_OK)
		diag_warn("casejson", "the news could not be read");
	json_put_int(out, "cursor", n.cursor);
	json_put(out, "items", &n.arr);
	return out;
}
