/* remote: see remote.h. */
#include "audit/remote.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/httpc.h"
#include "proto/tile.h"

#define TIMEOUT_MS 20000
#define URL_MAX 1024

struct remote {
	struct httpc *http;
	struct clock clock;
	int64_t until;		/* monotonic; 0: no end */
	bool local;		/* a URL of this machine */
};

/* http://127.0.0.1, [::1] or localhost, with a port or a path or nothing. */
static bool
is_local(const char *url)
{
	static const char *const hosts[] = { "http://127.0.0.1",
		"http://[::1]", "http://localhost" };
	size_t i, len;

	for (i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		len = strlen(hosts[i]);
		if (strncmp(url, hosts[i], len) == 0 &&
		    (url[len] == '\0' || url[len] == ':' || url[len] == '/'))
			return (true);
	}
	return (false);
}

enum err
remote_open(struct remote **out, const char *url)
{
	struct remote *r;
	char where[URL_MAX];
	size_t len = strlen(url);
	enum err err;

	*out = NULL;
	if (len >= sizeof(where))
		return (ERR_TOO_BIG);
	memcpy(where, url, len + 1);
	while (len > 0 && where[len - 1] == '/')
		where[--len] = '\0';
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return (ERR_NOMEM);
	r->clock = clock_real();
	r->local = is_local(where) && strchr(where, '@') == NULL;
	err = httpc_new(&r->http, where, TIMEOUT_MS);
	if (err == ERR_OK)
		err = httpc_type(r->http, "text/plain; charset=utf-8");
	if (err != ERR_OK)
		remote_close(&r);
	*out = r;
	return (err);
}

void
remote_close(struct remote **r)
{
	if (*r != NULL)
		httpc_free(&(*r)->http);
	free(*r);
	*r = NULL;
}

void
remote_allow(struct remote *r, int64_t ms)
{
	r->until = clock_mono(&r->clock) + ms;
}

enum err
remote_pass(struct remote *r, const char *token)
{
	return (r->local ? httpc_bearer(r->http, token) : ERR_CONF);
}

enum err
remote_fetch(void *ctx, const char *path, struct buf *out)
{
	struct remote *r = ctx;
	struct view none = { NULL, 0 };
	char what[TILE_PATH_BYTES + 1];
	unsigned status = 0;
	enum err err;

	if (r->until != 0 && clock_mono(&r->clock) > r->until)
		return (ERR_TIMEOUT);
	(void)snprintf(what, sizeof(what), "/%s", path);
	err = httpc_request(r->http, "GET", what, none, &status, out);
	if (err != ERR_OK || status == 200)
		return (err);
	buf_reset(out);
	if (status == 401 || status == 403)
		return (ERR_NOT_ADMITTED);
	return (status == 404 || status == 410 ? ERR_NOTFOUND :
	    ERR_UNREACHABLE);
}

enum err
remote_bring(struct remote *r, const char *path, struct view note,
    unsigned *status, struct buf *out)
{
	return (httpc_request(r->http, "POST", path, note, status, out));
}
