/* control: see control.h. */
#include "relay/control.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cli.h"
#include "base/httpc.h"
#include "base/httpd.h"
#include "base/json.h"

#define ANSWER_MAX ((size_t)16 << 20)
#define ASK_MS 30000
#define PATH_BYTES_MAX 256

struct control {
	struct operate_parts parts;
	struct httpd *httpd;
	void (*broken)(void *ctx);
	void *ctx;
};

static unsigned
http_status(enum err err)
{
	switch (err) {
	case ERR_OK:
		return 200;
	case ERR_STORAGE:
	case ERR_ROLLBACK:
		return 500;
	default:
		return 422;
	}
}

/* Reply with out, or the error; takes *out. */
static void
reply(struct control *c, struct httpd_req *req, enum err err,
    struct json **out)
{
	struct buf text = buf_init(ANSWER_MAX);
	struct json *obj = *out;

	if (err != ERR_OK)
		obj = cli_error_json(err, "");
	if (json_write(obj, true, &text) != ERR_OK)
		buf_reset(&text);
	httpd_reply(&req, http_status(err), "application/json",
	    buf_view(&text));
	json_free(&obj);
	buf_free(&text);
	*out = NULL;
	if (http_status(err) == 500)
		c->broken(c->ctx);
}

typedef enum err operation(const struct operate_parts *p,
    const struct json_cur *in, struct json **out);

static void
with_body(struct control *c, struct httpd_req *req, operation *op)
{
	struct view body = httpd_body(req);
	struct json_fault fault = { 0 };
	struct json *doc = NULL, *out = NULL;
	struct json_cur in;
	enum err err;

	err = json_parse(&doc, body.p, body.len, OPERATE_BODY_MAX, &fault);
	if (err == ERR_OK) {
		in = json_root(doc, &fault);
		err = op(&c->parts, &in, &out);
	}
	reply(c, req, err, &out);
	json_free(&doc);
}

static void
on_admit(void *ctx, struct httpd_req *req)
{
	with_body(ctx, req, operate_admit);
}

static void
on_block(void *ctx, struct httpd_req *req)
{
	with_body(ctx, req, operate_block);
}

static void
on_cosign(void *ctx, struct httpd_req *req)
{
	with_body(ctx, req, operate_cosign);
}

static void
on_list(void *ctx, struct httpd_req *req)
{
	struct control *c = ctx;
	struct json *out = NULL;

	reply(c, req, operate_list(&c->parts, &out), &out);
}

static void
on_status(void *ctx, struct httpd_req *req)
{
	struct control *c = ctx;
	struct json *out = NULL;

	reply(c, req, operate_status(&c->parts, &out), &out);
}

static const struct httpd_route routes[] = {
	{ "POST", "/admit", on_admit },
	{ "POST", "/block", on_block },
	{ "POST", "/cosign", on_cosign },
	{ "GET", "/list", on_list },
	{ "GET", "/status", on_status },
	{ NULL, NULL, NULL },
};

enum err
control_open(struct control **out, const char *path,
    const struct operate_parts *parts, void (*broken)(void *ctx), void *ctx)
{
	struct control *c = calloc(1, sizeof(*c));
	struct httpd_conf conf = {
		.unix_path = path,
		.body_max = OPERATE_BODY_MAX,
		.routes = routes,
		.ctx = c,
	};
	enum err err;

	if (c == NULL)
		return ERR_NOMEM;
	c->parts = *parts;
	c->broken = broken;
	c->ctx = ctx;
	err = httpd_new(&c->httpd, &conf);
	if (err != ERR_OK) {
		free(c);
		return err;
	}
	*out = c;
	return ERR_OK;
}

void
control_close(struct control **c)
{
	if (*c == NULL)
		return;
	httpd_free(&(*c)->httpd);
	free(*c);
	*c = NULL;
}

struct httpd *
control_httpd(const struct control *c)
{
	return c->httpd;
}

/* The error a refusal names. */
static enum err
refusal(const struct json *doc)
{
	struct json_fault fault = { 0 };
	struct json_cur root = json_root(doc, &fault);
	struct json_cur error = json_get(&root, "error");
	int64_t code = json_int(&error, "code");

	return fault.err == ERR_OK && code > 0 && code < 1000 ?
	    (enum err)code : ERR_FAIL;
}

enum err
control_ask(const char *path, const char *method, const char *what,
    const struct json *in, struct json **out)
{
	struct buf body = buf_init(OPERATE_BODY_MAX);
	struct buf answer = buf_init(ANSWER_MAX);
	char where[PATH_BYTES_MAX];
	struct httpc *c = NULL;
	unsigned status = 0;
	enum err err = ERR_OK;

	*out = NULL;
	if ((size_t)snprintf(where, sizeof(where), "unix:%s", path) >=
	    sizeof(where))
		return ERR_TOO_BIG;
	if (in != NULL)
		err = json_write(in, false, &body);
	if (err == ERR_OK)
		err = httpc_new(&c, where, ASK_MS);
	if (err == ERR_OK)
		err = httpc_request(c, method, what, buf_view(&body), &status,
		    &answer);
	if (err == ERR_OK)
		err = json_parse(out, answer.p, answer.len, ANSWER_MAX, NULL);
	if (err == ERR_OK && status != 200) {
		err = refusal(*out);
		json_free(out);
	}
	httpc_free(&c);
	buf_free(&body);
	buf_free(&answer);
	return err;
}
