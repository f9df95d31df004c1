#include "endpoint/api.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cli.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/httpd.h"
#include "base/json.h"
#include "endpoint/agent.h"
#include "endpoint/api_keep.h"
#include "endpoint/api_ops.h"
#include "endpoint/api_priv.h"
#include "endpoint/book.h"
#include "endpoint/casebook.h"
#include "endpoint/casejson.h"
#include "endpoint/caserows.h"
#include "endpoint/desk.h"
#include "endpoint/files.h"
#include "endpoint/holds.h"

#define WAIT_MAX_MS 60000
#define WATCHERS_MAX 64
#define NEWS_MAX 200

/* A write done inside the open turn, to be answered after its commit. */
struct pending {
	struct pending *next;
	struct httpd_req *req;
	unsigned status;
	struct json *answer;	/* or, when NULL, the message */
	int64_t message;
};

struct watcher {
	struct watcher *next;
	struct httpd_req *req;
	int64_t after;
	int64_t until;		/* monotonic ms */
};

/* ---- reading what was asked ---- */

static bool
find_case(struct api *api, struct httpd_req **req, struct id *case_id)
{
	const char *prefix = httpd_param(*req, "case");
	enum err err = casebook_find(api->agent, prefix, case_id);

	if (err == ERR_OK)
		return true;
	api_reply_err(req, err,
	    err == ERR_USAGE ? "a case is named by its hex id or the start "
			       "of it, as long as only one case has it"
			     : prefix);
	return false;
}

/* ---- reads ---- */

static void
get_cases(void *ctx, struct httpd_req *req)
{
	struct api *api = ctx;
	struct json *out = json_new_obj();
	struct json *list = casejson_list(api->agent);

	json_put_int(out, "cursor", caserows_cursor(agent_book(api->agent)));
	json_put(out, "cases", &list);
	api_reply(&req, 200, &out);
}

static void
get_case(void *ctx, struct httpd_req *req)
{
	struct api *api = ctx;
	struct json *out;
	struct id case_id;
	enum err err;

	if (!find_case(api, &req, &case_id))
		return;
	err = casejson_case(api->agent, &case_id, &out);
	if (err != ERR_OK)
		api_reply_err(&req, err, "");
	else
		api_reply(&req, 200, &out);
}

static void
get_message(void *ctx, struct httpd_req *req)
{
	struct api *api = ctx;
	const char *text = httpd_param(req, "message");
	struct json *out;
	enum err err;

	err = casejson_message(api->agent, strtoll(text, NULL, 10), &out);
	if (err != ERR_OK)
		api_reply_err(&req, err, text);
	else
		api_reply(&req, 200, &out);
}

static void
get_inbox(void *ctx, struct httpd_req *req)
{
	struct api *api = ctx;
	struct json *out = casejson_news(api->agent,
	    api_reply_int(req, "after", 0), 100000, true);

	api_reply(&req, 200, &out);
}

static void
get_holds(void *ctx, struct httpd_req *req)
{
	struct api *api = ctx;
	struct json *out = json_new_obj();
	struct json *list = api_keep_holds(api->agent, NULL);

	json_put(out, "holds", &list);
	api_reply(&req, 200, &out);
}

static void
get_files(void *ctx, struct httpd_req *req)
{
	struct api *api = ctx;
	struct json *out = json_new_obj();
	struct json *list = files_list_json(api->agent, NULL);

	json_put(out, "files", &list);
	api_reply(&req, 200, &out);
}

static void
get_watch(void *ctx, struct httpd_req *req)
{
	struct api *api = ctx;
	int64_t now = caserows_cursor(agent_book(api->agent));
	int64_t after = api_reply_int(req, "after", now);
	int64_t wait = api_reply_int(req, "wait_ms", 0);
	struct watcher *w;
	struct json *out;

	if (wait > WAIT_MAX_MS)
		wait = WAIT_MAX_MS;
	if (after != now || wait == 0) {
		out = casejson_news(api->agent, after, NEWS_MAX, false);
		api_reply(&req, 200, &out);
		return;
	}
	w = api->watching < WATCHERS_MAX ? calloc(1, sizeof(*w)) : NULL;
	if (w == NULL) {
		api_reply_err(&req, ERR_BUSY, "too many watchers");
		return;
	}
	w->req = req;
	w->after = after;
	w->until = clock_mono(agent_clock(api->agent)) + wait;
	w->next = api->watchers;
	api->watchers = w;
	api->watching++;
}

static void
get_op(void *ctx, struct httpd_req *req)
{
	struct api *api = ctx;
	struct json *out = NULL;
	enum err err;

	err = api_ops_read(api->agent, httpd_path(req), &out);
	if (err != ERR_OK)
		api_reply_err(&req, err, "");
	else
		api_reply(&req, 200, &out);
}

/* ---- writes ---- */

/* Open the turn and a savepoint; false: answered. */
static bool
begin(struct api *api, struct httpd_req **req)
{
	enum err err = agent_touch(api->agent);

	if (err == ERR_OK)
		err = book_save(agent_book(api->agent));
	if (err != ERR_OK)
		api_reply_err(req, err, "");
	return err == ERR_OK;
}

/* Close the savepoint; true: the answer waits for the commit. */
static bool
end(struct api *api, struct httpd_req **req, struct pending *p, enum err err,
    const char *detail)
{
	enum err closed;

	if (err != ERR_OK) {
		closed = book_undo(agent_book(api->agent));
		free(p);
		api_reply_err(req, closed == ERR_OK ? err : closed, detail);
		return false;
	}
	closed = book_keep(agent_book(api->agent));
	if (closed != ERR_OK) {
		json_free(&p->answer);
		free(p);
		api_reply_err(req, closed, "");
		return false;
	}
	p->req = *req;
	p->next = api->pending;
	api->pending = p;
	*req = NULL;
	return true;
}

/* Read a write's body and open its turn; NULL: answered. */
static struct pending *
write_new(struct api *api, struct httpd_req **req, struct json **doc)
{
	struct pending *p;

	if (!api_reply_parsed(req, doc))
		return NULL;
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		api_reply_err(req, ERR_NOMEM, "");
	else if (begin(api, req))
		return p;
	free(p);
	json_free(doc);
	return NULL;
}

static void
post_case(void *ctx, struct httpd_req *req)
{
	struct api *api = ctx;
	struct json_fault unused = {0};
	struct desk_fault fault = {0};
	struct desk_done done = {0};
	struct json *doc = NULL;
	struct json_cur root;
	struct pending *p;
	enum err err;

	p = write_new(api, &req, &doc);
	if (p == NULL)
		return;
	root = json_root(doc, &unused);
	err = desk_open(api->agent, &root, &done, &fault);
	p->status = 201;
	p->message = done.message;
	end(api, &req, p, err, fault.detail);
	json_free(&doc);
}

/* The case moved: say what came in between. */
static void
reply_moved(struct api *api, struct httpd_req **req, const struct id *case_id,
    int64_t head, const char *detail)
{
	struct json *v = cli_error_json(ERR_HEAD_MOVED, detail);
	struct json *since = casejson_since(api->agent, case_id, head);
	struct caserows_case c;

	if (caserows_get(agent_book(api->agent), case_id, &c) == ERR_OK)
		json_put_int(v, "head", c.revision);
	json_put(v, "since", &since);
	api_reply(req, api_reply_status(ERR_HEAD_MOVED), &v);
}

static void
post_verb(void *ctx, struct httpd_req *req)
{
	struct api *api = ctx;
	struct json_fault unused = {0};
	struct desk_fault fault = {0};
	struct desk_done done = {0};
	struct json *doc = NULL;
	struct json_cur root;
	struct pending *p;
	struct id case_id;
	enum err err;

	if (!find_case(api, &req, &case_id))
		return;
	p = write_new(api, &req, &doc);
	if (p == NULL)
		return;
	root = json_root(doc, &unused);
	err = desk_write(api->agent, &case_id, httpd_param(req, "verb"),
	    &root, &done, &fault);
	p->status = 201;
	p->message = done.message;
	if (err == ERR_HEAD_MOVED) {
		free(p);
		(void)book_undo(agent_book(api->agent));
		reply_moved(api, &req, &case_id,
		    json_int_or(&root, "head", 0), fault.detail);
	} else {
		end(api, &req, p, err, fault.detail);
	}
	json_free(&doc);
}

/* The client's user, as the socket tells it. */
static const char *
who_of(struct httpd_req *req, char who[HOLDS_WHO_MAX + 1])
{
	char room[1024];
	struct passwd pw, *found = NULL;
	uint32_t uid;

	if (!httpd_peer_uid(req, &uid))
		snprintf(who, HOLDS_WHO_MAX + 1, "%s", "?");
	else if (getpwuid_r(uid, &pw, room, sizeof(room), &found) == 0 &&
	    found != NULL)
		snprintf(who, HOLDS_WHO_MAX + 1, "%s", pw.pw_name);
	else
		snprintf(who, HOLDS_WHO_MAX + 1, "uid %lu",
		    (unsigned long)uid);
	return who;
}

/* hold, unhold, shred: of a case, and never sent to anybody. */
static void
post_keep(void *ctx, struct httpd_req *req)
{
	struct api *api = ctx;
	const char *verb = strrchr(httpd_path(req), '/') + 1;
	char detail[API_OPS_DETAIL] = "", who[HOLDS_WHO_MAX + 1];
	struct json_fault fault = {0};
	struct json *doc = NULL;
	struct json_cur root;
	struct pending *p;
	struct id case_id;
	enum err err;

	if (!find_case(api, &req, &case_id))
		return;
	p = write_new(api, &req, &doc);
	if (p == NULL)
		return;
	root = json_root(doc, &fault);
	p->status = 200;
	err = api_keep_write(api->agent, &case_id, verb, &root,
	    who_of(req, who), &p->answer, detail);
	if (fault.err != ERR_OK)
		snprintf(detail, sizeof(detail), "at %s: %s", fault.at,
		    fault.why);
	end(api, &req, p, err, detail);
	json_free(&doc);
}

static void
post_op(void *ctx, struct httpd_req *req)
{
	struct api *api = ctx;
	char detail[API_OPS_DETAIL] = "";
	struct json_fault fault = {0};
	struct json *doc = NULL;
	struct json_cur root;
	struct pending *p;
	enum err err;

	p = write_new(api, &req, &doc);
	if (p == NULL)
		return;
	root = json_root(doc, &fault);
	p->status = 200;
	err = api_ops_write(
	    api->agent, httpd_path(req), &root, &p->answer, detail);
	if (err == ERR_OK && fault.err != ERR_OK) {
		err = fault.err;
		snprintf(detail, sizeof(detail), "at %s: %s", fault.at,
		    fault.why);
	}
	if (err != ERR_OK)
		json_free(&p->answer);
	end(api, &req, p, err, detail);
	json_free(&doc);
}

typedef enum err copying(struct agent *agent, const struct json_cur *in,
    struct json **out, char detail[API_OPS_DETAIL]);

/* A copy is made of the committed book, so it needs no turn of its own. */
static void
post_copy(struct api *api, struct httpd_req *req, copying *copy)
{
	char detail[API_OPS_DETAIL] = "";
	struct json_fault fault = {0};
	struct json *doc = NULL, *out = NULL;
	struct json_cur root;
	enum err err;

	if (!api_reply_parsed(&req, &doc))
		return;
	root = json_root(doc, &fault);
	err = copy(api->agent, &root, &out, detail);
	if (err != ERR_OK)
		api_reply_err(&req, err, detail);
	else
		api_reply(&req, 200, &out);
	json_free(&doc);
}

static void
post_backup(void *ctx, struct httpd_req *req)
{
	post_copy(ctx, req, api_ops_backup);
}

static void
post_export(void *ctx, struct httpd_req *req)
{
	post_copy(ctx, req, api_ops_export);
}

static const struct httpd_route routes[] = {
    {"GET", "/v1/cases", get_cases},
    {"POST", "/v1/cases", post_case},
    {"GET", "/v1/cases/{case}", get_case},
    {"POST", "/v1/cases/{case}/hold", post_keep},
    {"POST", "/v1/cases/{case}/unhold", post_keep},
    {"POST", "/v1/cases/{case}/shred", post_keep},
    {"POST", "/v1/cases/{case}/{verb}", post_verb},
    {"GET", "/v1/holds", get_holds},
    {"GET", "/v1/late", api_late_get},
    {"GET", "/v1/messages/{message}", get_message},
    {"GET", "/v1/inbox", get_inbox},
    {"GET", "/v1/watch", get_watch},
    {"GET", "/v1/files", get_files},
    {"GET", "/v1/status", get_op},
    {"GET", "/v1/charters", get_op},
    {"POST", "/v1/charters", post_op},
    {"POST", "/v1/recover", post_op},
    {"POST", "/v1/export", post_export},
    {"POST", "/v1/backup", post_backup},
    {"GET", "/v1/passes", api_pass_get},
    {"POST", "/v1/passes", api_pass_post},
    {"POST", "/v1/passes/revoke", api_pass_revoke},
    {NULL, NULL, NULL},
};

/* ---- life ---- */

enum err
api_new(struct api **out, struct agent *agent, const char *path)
{
	struct api *api = calloc(1, sizeof(*api));
	struct httpd_conf conf = {.unix_path = path,
	    .body_max = API_BODY_MAX, .routes = routes, .ctx = api};
	enum err err;

	if (api == NULL)
		return ERR_NOMEM;
	api->agent = agent;
	err = httpd_new(&api->httpd, &conf);
	if (err != ERR_OK) {
		free(api);
		return err;
	}
	*out = api;
	return ERR_OK;
}

void
api_free(struct api **api)
{
	if (*api == NULL)
		return;
	/* Parked requests are answered by httpd_free. */
	httpd_free(&(*api)->httpd);
	for (struct pending *p = (*api)->pending, *next; p != NULL; p = next) {
		next = p->next;
		json_free(&p->answer);
		free(p);
	}
	for (struct watcher *w = (*api)->watchers, *next; w != NULL;
	     w = next) {
		next = w->next;
		free(w);
	}
	api_pass_free(*api);
	free(*api);
	*api = NULL;
}

struct httpd *
api_httpd(struct api *api)
{
	return api->httpd;
}

static void
answer(struct api *api, struct pending *p, enum err err)
{
	if (err == ERR_OK && p->answer == NULL)
		err = casejson_message(api->agent, p->message, &p->answer);
	if (err != ERR_OK) {
		json_free(&p->answer);
		api_reply_err(&p->req, err, "");
	} else {
		api_reply(&p->req, p->status, &p->answer);
	}
}

void
api_committed(struct api *api, enum err err)
{
	struct pending *list = api->pending;

	api->pending = NULL;
	while (list != NULL) {
		struct pending *next = list->next;

		answer(api, list, err);
		free(list);
		list = next;
	}
}

static int64_t
tick_watchers(struct api *api, int64_t now)
{
	struct watcher **at = &api->watchers;
	int64_t cursor, due = -1;

	if (*at == NULL)
		return -1;
	cursor = caserows_cursor(agent_book(api->agent));
	while (*at != NULL) {
		struct watcher *w = *at;
		struct json *out;

		if (cursor == w->after && now < w->until) {
			if (due < 0 || w->until < due)
				due = w->until;
			at = &w->next;
			continue;
		}
		out = casejson_news(api->agent, w->after, NEWS_MAX, false);
		api_reply(&w->req, 200, &out);
		*at = w->next;
		free(w);
		api->watching--;
	}
	return due;
}

int64_t
api_tick(struct api *api, int64_t now)
{
	int64_t due = tick_watchers(api, now);
	int64_t other = api_pass_tick(api, now);

	return due < 0 || (other >= 0 && other < due) ? other : due;
}
