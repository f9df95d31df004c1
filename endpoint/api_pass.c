/* api_pass: /v1/passes, answered when the relay has answered.  See
 * api_priv.h. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/httpd.h"
#include "base/json.h"
#include "endpoint/api_priv.h"
#include "endpoint/pass_ask.h"

struct api_pass_waiter {
	struct api_pass_waiter *next;
	struct httpd_req *req;
	unsigned slot;
	unsigned status;	/* when all went well */
	int64_t until;		/* monotonic ms */
};

static const char *
why(enum err err)
{
	switch (err) {
	case ERR_USAGE:
		return "relay: several are known, name one";
	case ERR_NOTFOUND:
		return "relay: no charter names it";
	case ERR_UNREACHABLE:
		return "no session with the relay now";
	case ERR_BUSY:
		return "another question about passes is under way";
	case ERR_TOO_BIG:
		return "name: at most 64 bytes";
	default:
		return "";
	}
}

/* What the relay said, where its words alone would puzzle. */
static const char *
said(enum err err)
{
	switch (err) {
	case ERR_DUPLICATE:
		return "a pass of that name is there: revoke it, or choose "
		       "another name";
	case ERR_COUNT:
		return "the relay keeps 16 passes of an agency: revoke one";
	case ERR_EXPIRED:
		return "until: the relay's clock is past that";
	case ERR_TOO_BIG:
		return "until: at most 366 days from now";
	case ERR_NOTFOUND:
		return "no pass of that name";
	case ERR_UNREACHABLE:
	case ERR_TIMEOUT:
		return "the relay did not answer: list the passes to see "
		       "what it did";
	case ERR_MESSAGE:
		return "this relay knows no passes: it is an older casewire";
	default:
		return "";
	}
}

/* Put the question; the answer waits for the relay's. */
static void
put(struct api *api, struct httpd_req *req, const char *relay,
    const struct request_pass *ask, unsigned status)
{
	struct api_pass_waiter *w = calloc(1, sizeof(*w));
	enum err err = w == NULL ? ERR_NOMEM : agent_touch(api->agent);

	if (err == ERR_OK)
		err = pass_ask_begin(api->agent, relay, ask, &w->slot);
	if (err != ERR_OK) {
		free(w);
		api_reply_err(&req, err, why(err));
		return;
	}
	w->req = req;
	w->status = status;
	w->until = clock_mono(agent_clock(api->agent)) + PASS_ASK_MS;
	w->next = api->passes;
	api->passes = w;
}

void
api_pass_get(void *ctx, struct httpd_req *req)
{
	struct request_pass ask = {.kind = PASS_LIST};

	put(ctx, req, httpd_query(req, "relay"), &ask, 200);
}

/* Read {relay, name, until}; only what is asked for may be there. */
static void
write_new(struct api *api, struct httpd_req *req, enum request_pass_kind kind)
{
	static const char *const issue[] = {"relay", "name", "until", NULL};
	static const char *const revoke[] = {"relay", "name", NULL};
	bool makes = kind == PASS_ISSUE;
	struct request_pass ask = {.kind = kind};
	struct json_fault fault = {0};
	struct json *doc = NULL;
	struct json_cur in, until;
	int64_t at = 0;

	if (!api_reply_parsed(&req, &doc))
		return;
	in = json_root(doc, &fault);
	json_only(&in, makes ? issue : revoke);
	ask.name = json_str_or(&in, "name", "");
	until = json_get(&in, "until");
	if (makes && fault.err == ERR_OK &&
	    clock_parse(&at, json_str_or(&in, "until", "")) != ERR_OK)
		json_fail(&until, ERR_SYNTAX, "must be a time");
	ask.until_at = (uint64_t)at;
	if (fault.err != ERR_OK)
		api_reply_err(&req, ERR_USAGE, fault.why);
	else if (ask.name[0] == '\0')
		api_reply_err(&req, ERR_USAGE, "name: whom the pass is for");
	else
		put(api, req, json_str_or(&in, "relay", NULL), &ask,
		    makes ? 201 : 200);
	json_free(&doc);
}

void
api_pass_post(void *ctx, struct httpd_req *req)
{
	write_new(ctx, req, PASS_ISSUE);
}

void
api_pass_revoke(void *ctx, struct httpd_req *req)
{
	write_new(ctx, req, PASS_REVOKE);
}

/* Answered, or out of time; false: waits on. */
static bool
settle(struct api *api, struct api_pass_waiter *w, int64_t now)
{
	struct json *out = NULL;
	enum err err = pass_ask_take(api->agent, w->slot, &out);

	if (err == ERR_BUSY && now < w->until)
		return false;
	if (err == ERR_BUSY) {
		pass_ask_drop(api->agent, w->slot);
		err = ERR_TIMEOUT;
	}
	if (err == ERR_OK)
		api_reply(&w->req, w->status, &out);
	else
		api_reply_err(&w->req, err, said(err));
	return true;
}

int64_t
api_pass_tick(struct api *api, int64_t now)
{
	struct api_pass_waiter **at = &api->passes, *w;
	int64_t due = -1;

	while ((w = *at) != NULL) {
		if (settle(api, w, now)) {
			*at = w->next;
			free(w);
			continue;
		}
		if (due < 0 || w->until < due)
			due = w->until;
		at = &w->next;
	}
	return due;
}

void
api_pass_free(struct api *api)
{
	struct api_pass_waiter *w;

	while ((w = api->passes) != NULL) {
		api->passes = w->next;
		free(w);
	}
}
