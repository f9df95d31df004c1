/* api_reply: how the API reads a body and answers.  See api_priv.h. */
#include <stdlib.h>

#include "base/cli.h"
#include "base/httpd.h"
#include "base/json.h"
#include "endpoint/api_priv.h"

void
api_reply(struct httpd_req **req, unsigned status, struct json **v)
{
	struct buf out = buf_init(256u * 1024 * 1024);

	if (json_write(*v, true, &out) != ERR_OK)
		status = 500;
	json_free(v);
	httpd_reply(req, status, "application/json", buf_view(&out));
	buf_free(&out);
}

unsigned
api_reply_status(enum err err)
{
	switch (err_exit(err)) {
	case 0:
		return 200;
	case 2:
		return 400;
	case 5:
		return 404;
	case 7:
	case 9:
		return 409;
	case 6:
	case 75:
		return 503;
	case 3:
	case 4:
	case 8:
		return 422;
	default:
		return 500;
	}
}

void
api_reply_err(struct httpd_req **req, enum err err, const char *detail)
{
	struct json *v = cli_error_json(err, detail);

	api_reply(req, api_reply_status(err), &v);
}

bool
api_reply_parsed(struct httpd_req **req, struct json **doc)
{
	struct view body = httpd_body(*req);
	struct json_fault fault = {0};
	enum err err;

	if (body.len == 0)
		body = (struct view){(const uint8_t *)"{}", 2};
	err = json_parse(doc, body.p, body.len, API_BODY_MAX, &fault);
	if (err == ERR_OK)
		return true;
	api_reply_err(req, err, fault.why);
	return false;
}

int64_t
api_reply_int(struct httpd_req *req, const char *name, int64_t def)
{
	const char *text = httpd_query(req, name);
	char *end;
	long long v;

	if (text == NULL || text[0] == '\0')
		return def;
	v = strtoll(text, &end, 10);
	return *end == '\0' && v >= 0 ? (int64_t)v : def;
}
