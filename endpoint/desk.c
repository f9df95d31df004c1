#include "endpoint/desk.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"
#include "endpoint/agent.h"
#include "endpoint/book.h"
#include "endpoint/casebook.h"
#include "endpoint/caserows.h"
#include "endpoint/files.h"
#include "endpoint/form.h"
#include "endpoint/pairs.h"
#include "endpoint/verbs.h"

/* Everything that goes through one call. */
struct draft {
	struct agent *agent;
	const struct json_cur *in;
	struct desk_fault *fault;
	struct json_fault json;
	struct arena arena;
	const struct pair *pair;
	struct notice_outline outline;
	struct notice_body body;
	const char *clock[VERBS_CLOCKS_MAX];	/* that the outline names */
};

static enum err __attribute__((format(printf, 3, 4)))
fail(struct desk_fault *fault, enum err err, const char *fmt, ...)
{
	va_list ap;

	fault->err = err;
	va_start(ap, fmt);
	vsnprintf(fault->detail, sizeof(fault->detail), fmt, ap);
	va_end(ap);
	return err;
}

/* Members of the document that belong to the outline. */
static void
read_outline(struct draft *d, const char *outcome_key,
    enum notice_outcome usual)
{
	const char *word, *as_of = json_str_or(d->in, "as_of", NULL);
	struct json_cur at;
	int64_t ms = agent_now(d->agent);
	int outcome = (int)usual;

	if (as_of != NULL && clock_parse(&ms, as_of) != ERR_OK) {
		at = json_get(d->in, "as_of");
		json_fail(&at, ERR_SYNTAX,
		    "not a time like 2026-12-01T08:00:00Z");
	}
	d->outline.as_of_at = (uint64_t)ms;
	word = outcome_key == NULL ? NULL
				   : json_str_or(d->in, outcome_key, NULL);
	if (word != NULL)
		outcome = notice_outcome_find(word);
	if (outcome < 0) {
		at = json_get(d->in, outcome_key);
		json_fail(&at, ERR_CODE, "not in the closed list");
		outcome = 0;
	}
	d->outline.outcome = (enum notice_outcome)outcome;
}

static void
read_urgency(struct draft *d)
{
	const char *text = json_str(d->in, "urgency");
	struct json_cur at = json_get(d->in, "urgency");

	if (text[0] == '\0')
		return;		/* said already */
	if ((text[0] | 0x20) != 'u' || text[1] < '0' ||
	    text[1] > '0' + URGENCY_MAX || text[2] != '\0')
		json_fail(&at, ERR_CODE, "not U0, U1 or U2");
	else
		d->outline.urgency = (uint32_t)(text[1] - '0');
}

/* ---- attachments: from paths to files on lane 2 ---- */

static enum err
attach_one(struct draft *d, const struct json_cur *in,
    struct notice_attachment *a)
{
	const char *path = json_str_or(in, "path", NULL);
	struct files_ref ref;
	char *name;
	enum err err;

	if (path == NULL)
		return ERR_OK;
	if (path[0] != '/')
		return fail(d->fault, ERR_USAGE,
		    "%s: the path of an attachment must be absolute", path);
	err = files_send(d->agent, d->pair, &d->outline.case_id, path,
	    a->media_type, &ref);
	if (err != ERR_OK)
		return fail(d->fault, err, "attachment %s", path);
	a->file_id = ref.file_id;
	a->size = ref.size;
	a->sha256 = ref.sha256;
	if (a->name != NULL && a->name[0] != '\0')
		return ERR_OK;
	name = arena_alloc(&d->arena, strlen(ref.name) + 1);
	if (name == NULL)
		return ERR_NOMEM;
	strcpy(name, ref.name);
	a->name = name;
	return ERR_OK;
}

static enum err
attach(struct draft *d, const struct notice_attachment **list, size_t n)
{
	struct json_cur arr = json_get(d->in, "attachments");
	struct notice_attachment *own;
	enum err err = ERR_OK;

	if (n == 0)
		return ERR_OK;
	own = arena_array(&d->arena, n, sizeof(*own));
	if (own == NULL)
		return ERR_NOMEM;
	memcpy(own, *list, n * sizeof(*own));
	*list = own;
	for (size_t i = 0; i < n && err == ERR_OK; i++) {
		struct json_cur at = json_at(&arr, i);

		err = attach_one(d, &at, &own[i]);
	}
	return err;
}

/* An item may name its file by the attachment's name. */
static enum err
link_items(struct draft *d, struct notice_result *r)
{
	struct json_cur arr = json_get(d->in, "items");
	struct notice_item *own;

	if (r->item_count == 0)
		return ERR_OK;
	own = arena_array(&d->arena, r->item_count, sizeof(*own));
	if (own == NULL)
		return ERR_NOMEM;
	memcpy(own, r->item, r->item_count * sizeof(*own));
	r->item = own;
	for (size_t i = 0; i < r->item_count; i++) {
		struct json_cur at = json_at(&arr, i);
		const char *file = json_str_or(&at, "file", NULL);
		size_t k = 0;

		if (file == NULL)
			continue;
		while (k < r->attachment_count &&
		    strcmp(r->attachment[k].name, file) != 0)
			k++;
		if (k == r->attachment_count)
			return fail(d->fault, ERR_NOTFOUND,
			    "items[%zu].file: no attachment is named %s", i,
			    file);
		own[i].file_id = r->attachment[k].file_id;
	}
	return ERR_OK;
}

/* The attachments of a body that has some. */
static enum err
send_files(struct draft *d)
{
	struct notice_body *b = &d->body;
	enum err err;

	switch (d->outline.type) {
	case NOTICE_REQUEST:
		return attach(d, &b->request.attachment,
		    b->request.attachment_count);
	case NOTICE_LEAD:
		return attach(d, &b->lead.attachment,
		    b->lead.attachment_count);
	case NOTICE_SUPPLEMENT:
		return attach(d, &b->supplement.attachment,
		    b->supplement.attachment_count);
	case NOTICE_SESSION:
		return attach(d, &b->session.attachment,
		    b->session.attachment_count);
	case NOTICE_DOSSIER:
		return attach(d, &b->dossier.attachment,
		    b->dossier.attachment_count);
	case NOTICE_RESULT:
		err = attach(d, &b->result.attachment,
		    b->result.attachment_count);
		return err == ERR_OK ? link_items(d, &b->result) : err;
	default:
		return ERR_OK;
	}
}

/* ---- what both kinds of write share ---- */

static void
add_missing(void *ctx, const char *path)
{
	struct desk_fault *fault = ctx;
	size_t len = strlen(fault->detail);

	snprintf(fault->detail + len, sizeof(fault->detail) - len, "%s%s",
	    len == 0 ? "missing: " : ", ", path);
}

static enum err
check(struct draft *d)
{
	enum err err;

	d->fault->detail[0] = '\0';
	err = notice_missing(&d->outline, &d->body, add_missing, d->fault);
	if (err == ERR_CODE)
		fail(d->fault, err, "this outcome does not fit a %s",
		    notice_type_name(d->outline.type));
	d->fault->err = err;
	return err;
}

static enum err
read_body(struct draft *d, const char *const *also)
{
	enum err err;

	err = form_read(&d->body, d->outline.type, d->in, also, &d->arena);
	if (d->json.err != ERR_OK)
		return fail(d->fault, d->json.err, "at %s: %s",
		    d->json.at[0] != '\0' ? d->json.at : "the top",
		    d->json.why);
	return err;
}

/* Say in words why the table or the outbox refused. */
static enum err
explain(struct draft *d, enum err err)
{
	struct caserows_case c;

	if (err == ERR_STATE &&
	    caserows_get(agent_book(d->agent), &d->outline.case_id, &c) ==
		ERR_OK)
		return fail(d->fault, err,
		    "the case is %s: the %s side cannot send '%s' now",
		    casefile_state_name(c.file.state),
		    c.ours == CASE_REQUESTING ? "requesting" : "requested",
		    notice_type_name(d->outline.type));
	if (err == ERR_REQUIRED && d->outline.type == NOTICE_CLARIFIED)
		return fail(d->fault, err,
		    "answers: one for each open question");
	if (err == ERR_REQUIRED && d->outline.type == NOTICE_CORRECT)
		return fail(d->fault, err,
		    "answers: the message of our own that is corrected");
	if (err == ERR_REQUIRED && !hash_is_zero(&d->outline.answers))
		return fail(d->fault, err,
		    "answers: it is no open item that a '%s' answers",
		    notice_type_name(d->outline.type));
	if (err == ERR_REQUIRED && d->outline.type != NOTICE_DECISION)
		return fail(d->fault, err,
		    "answers: which message; there is none to answer, or "
		    "several");
	if (err == ERR_REQUIRED && d->outline.type == NOTICE_DECISION)
		return fail(d->fault, err,
		    "explanation: a decision after a decision says why");
	if (err == ERR_HEAD_MOVED)
		return fail(d->fault, err, "the case moved since head %lld",
		    (long long)json_int_or(d->in, "head", 0));
	return fail(d->fault, err, "%s", "");
}

static enum err
finish(struct draft *d, int64_t head, struct desk_done *done)
{
	struct casebook_out out = {.pair = d->pair, .outline = &d->outline,
	    .body = &d->body, .head = head};
	enum err err;

	d->outline.clocks.n = verbs_clocks(&d->outline, &d->body, d->clock);
	d->outline.clocks.v = d->clock;
	err = casebook_write(d->agent, &out, &done->message);
	if (err != ERR_OK)
		return explain(d, err);
	done->case_id = d->outline.case_id;
	return ERR_OK;
}

static void
draft_init(struct draft *d, struct agent *agent, struct json_cur *in,
    struct desk_fault *fault)
{
	memset(d, 0, sizeof(*d));
	memset(fault, 0, sizeof(*fault));
	d->agent = agent;
	d->fault = fault;
	d->arena = arena_init(ARENA_MAX);
	in->fault = &d->json;
	d->in = in;
}

enum err
desk_open(struct agent *agent, const struct json_cur *in,
    struct desk_done *done, struct desk_fault *fault)
{
	const char *also[] = {"type", "peer", "urgency", "exercise", "as_of",
	    NULL, NULL};
	const struct verbs_verb *verb;
	struct json_cur cur = *in;
	struct draft d;
	const char *peer;
	enum err err;

	draft_init(&d, agent, &cur, fault);
	verb = verbs_find(json_str_or(d.in, "type", "request"));
	if (verb == NULL || !verb->opens) {
		err = fail(fault, ERR_CODE, "type: no case begins with it");
		goto out;
	}
	also[5] = verb->outcome_key;
	peer = json_str_or(d.in, "peer", "");
	d.pair = pairs_named(agent_pairs(agent), peer);
	if (d.pair == NULL) {
		err = fail(fault, ERR_NOTFOUND,
		    peer[0] != '\0' ? "no pair or several with peer %s"
				    : "no charter is installed, or several: "
				      "then name the --peer%s",
		    peer);
		goto out;
	}
	d.outline.type = verb->type;
	random_bytes(&d.outline.case_id, sizeof(d.outline.case_id));
	d.outline.exercise = json_bool_or(d.in, "exercise", false);
	read_outline(&d, verb->outcome_key, verb->usual);
	if (verb->type == NOTICE_REQUEST || json_has(d.in, "urgency"))
		read_urgency(&d);
	err = read_body(&d, also);
	if (err == ERR_OK)
		err = send_files(&d);
	if (err == ERR_OK)
		err = check(&d);
	if (err == ERR_OK)
		err = finish(&d, 0, done);
out:
	arena_free(&d.arena);
	return err;
}

/*
 * "answers": a message's number in the case, or the start of its env_id.  A
 * CLARIFIED has a list under that name, its answers, and names no message.
 */
static enum err
read_answers(struct draft *d)
{
	struct json_cur cur = json_get(d->in, "answers");
	const char *text;
	int64_t n;
	enum err err;

	if (!json_has(d->in, "answers") || json_is_arr(&cur))
		return ERR_OK;
	text = json_is_str(&cur) ? json_as_str(&cur) : NULL;
	n = text != NULL ? 0 : json_as_int(&cur);
	if (d->json.err != ERR_OK)
		return d->json.err;
	err = casebook_message(d->agent, &d->outline.case_id, n, text,
	    &d->outline.answers);
	return err == ERR_OK ? err : fail(d->fault, err,
	    "answers: no such message in this case, or not sent yet");
}

enum err
desk_write(struct agent *agent, const struct id *case_id, const char *word,
    const struct json_cur *in, struct desk_done *done,
    struct desk_fault *fault)
{
	const struct verbs_verb *verb = verbs_find(word);
	const char *also[] = {"head", "as_of", NULL, NULL, NULL};
	struct json_cur cur = *in;
	struct caserows_case c;
	struct draft d;
	int64_t head;
	enum err err;

	draft_init(&d, agent, &cur, fault);
	if (verb == NULL) {
		err = fail(fault, ERR_NOTFOUND, "no verb %s", word);
		goto out;
	}
	err = caserows_get(agent_book(agent), case_id, &c);
	if (err != ERR_OK)
		goto out;
	d.pair = pairs_get(agent_pairs(agent), c.pair);
	if (d.pair == NULL) {
		err = ERR_NOTFOUND;
		goto out;
	}
	d.outline.type = verb->type;
	d.outline.case_id = *case_id;
	if (verb->type != NOTICE_CLARIFIED)
		also[2] = "answers";
	also[also[2] == NULL ? 2 : 3] = verb->outcome_key;
	read_outline(&d, verb->outcome_key, verb->usual);
	head = json_int(d.in, "head");
	err = read_body(&d, also);
	if (err == ERR_OK)
		err = read_answers(&d);
	if (err == ERR_OK && head != c.revision)
		err = explain(&d, ERR_HEAD_MOVED);
	if (err == ERR_OK)
		err = send_files(&d);
	if (err == ERR_OK)
		err = check(&d);
	if (err == ERR_OK)
		err = finish(&d, head, done);
out:
	arena_free(&d.arena);
	return err;
}
