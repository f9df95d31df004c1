/* web_entries: see web_entries.h. */
#include "relay/web_entries.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/httpd.h"
#include "proto/tile_entries.h"
#include "relay/admitted.h"
#include "relay/group.h"
#include "relay/passes.h"

#define KEEP_PRIVATE "private, no-store"

static void
refuse(struct httpd_req *req, unsigned status, const char *text)
{
	httpd_reply_kept(&req, status, "text/plain; charset=utf-8",
	    (struct view){ (const uint8_t *)text, strlen(text) },
	    KEEP_PRIVATE);
}

/* Whose pass was shown: its token, NULL for none. */
static const char *
token_of(const struct httpd_req *req)
{
	static const char scheme[] = "Bearer ";
	const char *text = httpd_header(req, "Authorization");
	size_t len = sizeof(scheme) - 1;

	if (text == NULL || strncasecmp(text, scheme, len) != 0)
		return NULL;
	return text + len;
}

/* 0, or why this reader sees nothing. */
static unsigned
reader_of(const struct web_entries *e, const struct httpd_req *req,
    struct id *agency)
{
	struct clock clock = clock_real();
	const char *token = token_of(req);
	const struct pass *pass;

	if (token == NULL)
		return 401;
	pass = passes_find(e->passes, token, clock_wall(&clock));
	if (pass == NULL || admitted_blocked(e->log.admitted, &pass->agency))
		return 403;
	*agency = pass->agency;
	return 0;
}

/* The tile asked for, as far as the newest checkpoint covers it. */
static bool
tile_of(const struct web_entries *e, const struct httpd_req *req,
    struct tile_name *name)
{
	char path[TILE_PATH_BYTES];
	int len = snprintf(path, sizeof(path), "entries/%s",
	    httpd_param(req, "path"));

	return len > 0 && (size_t)len < sizeof(path) &&
	    tile_parse(name, path) == ERR_OK &&
	    tile_width(group_size(e->group), name->level, name->index) >=
	    name->width;
}

enum err
web_entries_answer(const struct web_entries *e, struct httpd_req *req)
{
	struct buf out = buf_init(TILE_ENTRIES_BYTES_MAX);
	struct tile_name name;
	struct id agency;
	unsigned status = reader_of(e, req, &agency);
	enum err err = ERR_OK;

	if (status == 0 && !tile_of(e, req, &name))
		status = 404;
	if (status == 0)
		err = entries_tile(&e->log, &agency, name.index * TILE_WIDTH,
		    name.width, &out);
	if (status == 401)
		refuse(req, status, "show a pass\n");
	else if (status == 403)
		refuse(req, status, "this pass opens nothing\n");
	else if (status == 404)
		refuse(req, status, "not there\n");
	else if (err != ERR_OK)
		refuse(req, 500, "the store failed\n");
	else
		httpd_reply_kept(&req, 200, "application/octet-stream",
		    buf_view(&out), KEEP_PRIVATE);
	buf_free(&out);
	return err == ERR_NOMEM ? ERR_OK : err;
}
