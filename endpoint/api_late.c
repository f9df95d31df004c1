#include "base/httpd.h"
#include "endpoint/api_priv.h"
#include "endpoint/clocksjson.h"

void
api_late_get(void *ctx, struct httpd_req *req)
{
	struct api *api = ctx;
	const char *peer = httpd_query(req, "peer");
	int64_t days = api_reply_int(req, "days", CLOCKSJSON_DAYS);
	struct json *out = NULL;
	enum err err;

	if (days > CLOCKSJSON_DAYS_MAX)
		days = CLOCKSJSON_DAYS_MAX;
	err = clocksjson_late(api->agent, peer, (unsigned)days, &out);
	if (err != ERR_OK)
		api_reply_err(&req, err, err == ERR_NOTFOUND ? peer : "");
	else
		api_reply(&req, 200, &out);
}
