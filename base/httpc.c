#include "base/httpc.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

/* A peer on this machine that does not take a connection within this is as
 * good as absent. */
#define HTTPC_CONNECT_MS 3000L

struct httpc {
	CURL *curl;
	struct curl_slist *headers;
	char *base;		/* "http://host:port" */
};

static enum err
set_up(struct httpc *c, const char *where, int64_t timeout_ms)
{
	static const char unix_scheme[] = "unix:";
	size_t n = sizeof(unix_scheme) - 1;
	bool local = strncmp(where, unix_scheme, n) == 0;

	c->base = strdup(local ? "http://localhost" : where);
	c->headers = curl_slist_append(NULL, "Content-Type: application/json");
	if (c->curl == NULL || c->base == NULL || c->headers == NULL)
		return ERR_NOMEM;
	if (!local && strncmp(where, "http://", 7) != 0)
		return ERR_CONF;
	/* "Expect:" would cost a second when the answer is an early error. */
	curl_slist_append(c->headers, "Expect:");
	if ((local && curl_easy_setopt(c->curl, CURLOPT_UNIX_SOCKET_PATH,
		where + n) != CURLE_OK) ||
	    curl_easy_setopt(c->curl, CURLOPT_PROTOCOLS_STR, "http") !=
		CURLE_OK)
		return ERR_CONF;
	curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c->curl, CURLOPT_PROXY, "");
	curl_easy_setopt(c->curl, CURLOPT_CONNECTTIMEOUT_MS, HTTPC_CONNECT_MS);
	curl_easy_setopt(c->curl, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
	return ERR_OK;
}

enum err
httpc_new(struct httpc **out, const char *where, int64_t timeout_ms)
{
	static bool started;
	struct httpc *c;
	enum err err;

	*out = NULL;
	if (!started && curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		return ERR_FAIL;
	started = true;
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return ERR_NOMEM;
	c->curl = curl_easy_init();
	err = set_up(c, where, timeout_ms);
	if (err != ERR_OK) {
		httpc_free(&c);
		return err;
	}
	*out = c;
	return ERR_OK;
}

/* The type is the first of the headers. */
enum err
httpc_type(struct httpc *c, const char *type)
{
	struct curl_slist *list, *old, *more;
	char *line;

	if (asprintf(&line, "Content-Type: %s", type) < 0)
		return ERR_NOMEM;
	list = curl_slist_append(NULL, line);
	free(line);
	for (old = c->headers->next; list != NULL && old != NULL;
	    old = old->next) {
		more = curl_slist_append(list, old->data);
		if (more == NULL) {
			curl_slist_free_all(list);
			list = NULL;
		}
	}
	if (list == NULL)
		return ERR_NOMEM;
	curl_slist_free_all(c->headers);
	c->headers = list;
	return ERR_OK;
}

void
httpc_free(struct httpc **cp)
{
	struct httpc *c = *cp;

	*cp = NULL;
	if (c == NULL)
		return;
	curl_easy_cleanup(c->curl);
	curl_slist_free_all(c->headers);
	free(c->base);
	free(c);
}

enum err
httpc_bearer(struct httpc *c, const char *token)
{
	struct curl_slist *headers = NULL;
	char *line;

	if (asprintf(&line, "Authorization: Bearer %s", token) < 0)
		return ERR_NOMEM;
	headers = curl_slist_append(c->headers, line);
	free(line);
	if (headers == NULL)
		return ERR_NOMEM;
	c->headers = headers;
	return ERR_OK;
}

static size_t
on_data(char *p, size_t one, size_t len, void *ctx)
{
	struct buf *out = ctx;

	buf_put(out, p, one * len);
	return out->err == ERR_OK ? len : 0;
}

static enum err
outcome(CURLcode rc, const struct buf *out)
{
	switch (rc) {
	case CURLE_OK:
		return ERR_OK;
	case CURLE_OPERATION_TIMEDOUT:
		return ERR_TIMEOUT;
	case CURLE_WRITE_ERROR:
		return out->err != ERR_OK ? out->err : ERR_TOO_BIG;
	case CURLE_OUT_OF_MEMORY:
		return ERR_NOMEM;
	default:
		return ERR_UNREACHABLE;
	}
}

enum err
httpc_request(struct httpc *c, const char *method, const char *path,
    struct view body, unsigned *status, struct buf *out)
{
	bool sends = body.len > 0 || strcmp(method, "POST") == 0;
	CURLcode rc;
	char *url;
	long code = 0;

	if (asprintf(&url, "%s%s", c->base, path) < 0)
		return ERR_NOMEM;
	curl_easy_setopt(c->curl, CURLOPT_URL, url);
	curl_easy_setopt(c->curl, CURLOPT_HTTPGET, 1L);
	curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, c->headers);
	if (sends) {
		curl_easy_setopt(c->curl, CURLOPT_POST, 1L);
		curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)body.len);
		curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS,
		    body.len > 0 ? (const char *)body.p : "");
	}
	curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, out);
	rc = curl_easy_perform(c->curl);
	free(url);
	if (rc == CURLE_OK)
		curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &code);
	*status = (unsigned)code;
	return outcome(rc, out);
}

void
httpc_escape(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if ((*text >= '0' && *text <= '9') ||
		    (*text >= 'a' && *text <= 'z') ||
		    (*text >= 'A' && *text <= 'Z') ||
		    strchr("-._~", *text) != NULL)
			buf_u8(out, (uint8_t)*text);
		else
			buf_fmt(out, "%%%02X", (unsigned)(uint8_t)*text);
	}
}
