#include "base/httpd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <microhttpd.h>

#include "base/diag.h"

#define HTTPD_PARAMS_MAX 4
#define HTTPD_CONNECTIONS_MAX 256
/* A connection that says nothing for so long is closed. */
#define HTTPD_IDLE_S 120u

struct param {
	const char *name;	/* into the pattern, ends at '}' */
	size_t name_len;
	char *value;
};

struct httpd_req {
	struct httpd *d;
	struct httpd_req *next, **link;	/* all requests not yet completed */
	struct MHD_Connection *conn;
	char *method;
	char *path;
	struct buf body;
	struct param params[HTTPD_PARAMS_MAX];
	size_t param_count;
	bool handled;		/* the handler has run */
	bool parked;		/* suspended until httpd_reply */
	struct MHD_Response *response;	/* NULL until httpd_reply */
	unsigned status;
};

struct httpd {
	struct MHD_Daemon *mhd;
	const struct httpd_route *routes;
	void *ctx;
	size_t body_max;
	char *unix_path;
	uint16_t port;
	bool open;
	int epoll_fd;
	struct httpd_req *reqs;
	bool resumed;		/* since the last httpd_run */
	bool closing;		/* nobody is left to answer what is parked */
};

/* Keep the answer; it goes out when the library asks for it. */
static void
answer(struct httpd_req *req, unsigned status, const char *type,
    struct view body, const char *cache)
{
	struct MHD_Response *r;

	r = MHD_create_response_from_buffer(body.len,
	    (void *)(uintptr_t)(body.len == 0 ? (const uint8_t *)"" : body.p),
	    MHD_RESPMEM_MUST_COPY);
	if (r == NULL)
		abort();
	MHD_add_response_header(r, "Content-Type", type);
	MHD_add_response_header(r, "Cache-Control", cache);
	MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
	if (status == 401)
		MHD_add_response_header(r, "WWW-Authenticate", "Bearer");
	req->response = r;
	req->status = status;
}

static void
answer_error(struct httpd_req *req, unsigned status, enum err err)
{
	const struct err_info *e = err_info(err);
	struct buf body = buf_init(1024);

	buf_fmt(&body, "{\"error\":{\"code\":%d,\"name\":\"%s\","
	    "\"text\":\"%s\",\"next\":\"%s\",\"detail\":\"\"}}",
	    (int)e->code, e->name, e->text, e->next);
	answer(req, status, "application/json", buf_view(&body), "no-store");
	buf_free(&body);
}

void
httpd_reply(struct httpd_req **rp, unsigned status, const char *type,
    struct view body)
{
	httpd_reply_kept(rp, status, type, body, "no-store");
}

void
httpd_reply_kept(struct httpd_req **rp, unsigned status, const char *type,
    struct view body, const char *cache)
{
	struct httpd_req *req = *rp;

	*rp = NULL;
	answer(req, status, type, body, cache);
	if (req->parked) {
		req->parked = false;
		/* The library neither wakes its descriptor for this nor
		 * counts it in its timeout. */
		req->d->resumed = true;
		MHD_resume_connection(req->conn);
	}
}

/* One segment of a pattern against one of the path. */
static bool
match_segment(struct httpd_req *req, const char *pat, size_t pat_len,
    const char *seg, size_t seg_len)
{
	struct param *p;

	if (pat_len < 2 || pat[0] != '{')
		return pat_len == seg_len && memcmp(pat, seg, seg_len) == 0;
	if (seg_len == 0 || req->param_count == HTTPD_PARAMS_MAX)
		return false;
	p = &req->params[req->param_count];
	p->name = pat + 1;
	p->name_len = pat_len - 2;
	p->value = strndup(seg, seg_len);
	if (p->value == NULL)
		return false;
	req->param_count++;
	return true;
}

/* "{path...}", which ends its pattern, against all that is left. */
static bool
match_rest(struct httpd_req *req, const char *pat, size_t pat_len,
    const char *path)
{
	struct param *p;

	if (!match_segment(req, pat, pat_len, path, strlen(path)))
		return false;
	p = &req->params[req->param_count - 1];
	p->name_len -= strlen("...");
	return true;
}

static void
params_clear(struct httpd_req *req)
{
	while (req->param_count > 0)
		free(req->params[--req->param_count].value);
}

static bool
match(struct httpd_req *req, const char *pattern)
{
	const char *pat = pattern, *path = req->path;
	size_t pat_len, seg_len;

	params_clear(req);
	while (*pat == '/' && *path == '/') {
		pat_len = strcspn(++pat, "/");
		seg_len = strcspn(++path, "/");
		if (pat_len > 5 && strcmp(pat + pat_len - 4, "...}") == 0)
			return match_rest(req, pat, pat_len, path);
		if (!match_segment(req, pat, pat_len, path, seg_len))
			return false;
		pat += pat_len;
		path += seg_len;
	}
	return *pat == '\0' && *path == '\0';
}

/* "127.0.0.1", "localhost" or "[::1]", with or without a port. */
static bool
host_ok(const struct httpd_req *req)
{
	static const char *const names[] = { "127.0.0.1", "localhost",
		"[::1]" };
	const char *host = httpd_header(req, "Host");
	size_t i, len;

	if (req->d->unix_path != NULL || req->d->open)
		return true;
	for (i = 0; host != NULL && i < 3; i++) {
		len = strlen(names[i]);
		if (strncasecmp(host, names[i], len) == 0 &&
		    (host[len] == '\0' || host[len] == ':'))
			return true;
	}
	return false;
}

static void
route(struct httpd_req *req)
{
	const struct httpd_route *r;
	bool path_known = false;

	if (req->d->closing) {
		answer_error(req, 503, ERR_DRAINING);
		return;
	}
	if (!host_ok(req)) {
		answer_error(req, 421, ERR_PERMIT);
		return;
	}
	if (req->body.err != ERR_OK) {
		answer_error(req, 413, req->body.err);
		return;
	}
	for (r = req->d->routes; r->method != NULL; r++) {
		if (!match(req, r->pattern))
			continue;
		path_known = true;
		if (strcmp(r->method, req->method) == 0) {
			r->fn(req->d->ctx, req);
			return;
		}
	}
	answer_error(req, path_known ? 405 : 404,
	    path_known ? ERR_USAGE : ERR_NOTFOUND);
}

static struct httpd_req *
req_new(struct httpd *d, struct MHD_Connection *conn, const char *path,
    const char *method)
{
	struct httpd_req *req = calloc(1, sizeof(*req));

	if (req == NULL)
		return NULL;
	req->d = d;
	req->conn = conn;
	req->method = strdup(method);
	req->path = strdup(path);
	req->body = buf_init(d->body_max);
	if (req->method == NULL || req->path == NULL) {
		free(req->method);
		free(req->path);
		free(req);
		return NULL;
	}
	req->next = d->reqs;
	if (req->next != NULL)
		req->next->link = &req->next;
	req->link = &d->reqs;
	d->reqs = req;
	return req;
}

static void
on_completed(void *cls, struct MHD_Connection *conn, void **con_cls,
    enum MHD_RequestTerminationCode code)
{
	struct httpd_req *req = *con_cls;

	(void)cls;
	(void)conn;
	(void)code;
	*con_cls = NULL;
	if (req == NULL)
		return;
	*req->link = req->next;
	if (req->next != NULL)
		req->next->link = req->link;
	if (req->response != NULL)
		MHD_destroy_response(req->response);
	params_clear(req);
	buf_free(&req->body);
	free(req->method);
	free(req->path);
	free(req);
}

/* The library calls this for the header, for each piece of the body, at its
 * end, and once more after a resume. */
static enum MHD_Result
on_access(void *cls, struct MHD_Connection *conn, const char *url,
    const char *method, const char *version, const char *data,
    size_t *data_len, void **con_cls)
{
	struct httpd_req *req = *con_cls;

	(void)version;
	if (req == NULL) {
		*con_cls = req_new(cls, conn, url, method);
		return *con_cls != NULL ? MHD_YES : MHD_NO;
	}
	if (*data_len > 0) {
		buf_put(&req->body, data, *data_len);
		*data_len = 0;
		return MHD_YES;
	}
	if (!req->handled) {
		req->handled = true;
		route(req);
	}
	if (req->response == NULL) {
		if (!req->parked)
			MHD_suspend_connection(conn);
		req->parked = true;
		return MHD_YES;
	}
	return MHD_queue_response(conn, req->status, req->response);
}

static int
listen_unix(const char *path, enum err *err)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	mode_t mask;
	int fd, rc;

	*err = ERR_IO;
	if (strlen(path) >= sizeof(sa.sun_path)) {
		diag_error("httpd", "socket path is too long path=%s", path);
		*err = ERR_CONF;
		return -1;
	}
	memcpy(sa.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0) {
		diag_error("httpd", "somebody answers there path=%s", path);
		*err = ERR_LOCKED;
		close(fd);
		return -1;
	}
	close(fd);
	unlink(path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	/* The mask, not a chmod after it: no moment is open to others. */
	mask = umask(0177);
	rc = bind(fd, (struct sockaddr *)&sa, sizeof(sa));
	umask(mask);
	if (rc == 0 && listen(fd, 64) == 0)
		return fd;
	diag_error("httpd", "cannot listen: %s path=%s", strerror(errno),
	    path);
	close(fd);
	return -1;
}

static int
bind_tcp(const char *host, uint16_t port)
{
	struct sockaddr_in6 s6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(port) };
	struct sockaddr_in s4 = { .sin_family = AF_INET,
		.sin_port = htons(port) };
	bool six = inet_pton(AF_INET6, host, &s6.sin6_addr) == 1;
	int fd, on = 1, rc;

	if (!six && inet_pton(AF_INET, host, &s4.sin_addr) != 1) {
		diag_error("httpd", "no address host=%s", host);
		return -1;
	}
	fd = socket(six ? AF_INET6 : AF_INET,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	rc = six ? bind(fd, (struct sockaddr *)&s6, sizeof(s6)) :
		bind(fd, (struct sockaddr *)&s4, sizeof(s4));
	if (rc == 0 && listen(fd, 64) == 0)
		return fd;
	diag_error("httpd", "cannot listen: %s host=%s port=%u",
	    strerror(errno), host, (unsigned)port);
	close(fd);
	return -1;
}

static int
listen_tcp(const char *host, bool open, uint16_t *port, enum err *err)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	int fd;

	*err = ERR_CONF;
	if (host == NULL || (!open && strcmp(host, "127.0.0.1") != 0 &&
		strcmp(host, "::1") != 0)) {
		diag_error("httpd", "only 127.0.0.1 or ::1 may be used");
		return -1;
	}
	*err = ERR_IO;
	fd = bind_tcp(host, *port);
	if (fd < 0)
		return -1;
	if (getsockname(fd, (struct sockaddr *)&sa, &len) == 0)
		/* sin_port and sin6_port lie in the same place. */
		*port = ntohs(((struct sockaddr_in *)&sa)->sin_port);
	return fd;
}

static enum err
start(struct httpd *d, int fd)
{
	const union MHD_DaemonInfo *info;

	d->mhd = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0,
	    NULL, NULL, on_access, d, MHD_OPTION_LISTEN_SOCKET, fd,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTPD_CONNECTIONS_MAX,
	    MHD_OPTION_CONNECTION_TIMEOUT, HTTPD_IDLE_S,
	    MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
	    MHD_OPTION_NOTIFY_COMPLETED, on_completed, d, MHD_OPTION_END);
	if (d->mhd == NULL) {
		close(fd);
		return ERR_IO;
	}
	info = MHD_get_daemon_info(d->mhd, MHD_DAEMON_INFO_EPOLL_FD);
	if (info == NULL)
		return ERR_IO;
	d->epoll_fd = info->epoll_fd;
	return ERR_OK;
}

enum err
httpd_new(struct httpd **out, const struct httpd_conf *conf)
{
	struct httpd *d;
	enum err err;
	int fd;

	*out = NULL;
	d = calloc(1, sizeof(*d));
	if (d == NULL)
		return ERR_NOMEM;
	d->routes = conf->routes;
	d->ctx = conf->ctx;
	d->body_max = conf->body_max;
	d->port = conf->port;
	d->open = conf->open;
	signal(SIGPIPE, SIG_IGN);
	if (conf->unix_path != NULL)
		fd = listen_unix(conf->unix_path, &err);
	else
		fd = listen_tcp(conf->host, conf->open, &d->port, &err);
	if (fd < 0) {
		free(d);
		return err;
	}
	if (conf->unix_path != NULL)
		d->unix_path = strdup(conf->unix_path);
	err = start(d, fd);
	if (err != ERR_OK) {
		httpd_free(&d);
		return err;
	}
	*out = d;
	return ERR_OK;
}

void
httpd_free(struct httpd **dp)
{
	struct httpd *d = *dp;
	struct httpd_req *req, *next;

	*dp = NULL;
	if (d == NULL)
		return;
	/* What the last run below still reads must not be parked: the
	 * library ends the process over it. */
	d->closing = true;
	for (req = d->reqs; req != NULL; req = next) {
		next = req->next;
		if (!req->parked)
			continue;
		answer_error(req, 503, ERR_DRAINING);
		req->parked = false;
		/* The library neither wakes its descriptor for this nor
		 * counts it in its timeout. */
		req->d->resumed = true;
		MHD_resume_connection(req->conn);
	}
	if (d->mhd != NULL) {
		MHD_run(d->mhd);
		MHD_stop_daemon(d->mhd);
	}
	if (d->unix_path != NULL)
		unlink(d->unix_path);
	free(d->unix_path);
	free(d);
}

uint16_t
httpd_port(const struct httpd *d)
{
	return d->port;
}

int
httpd_fd(const struct httpd *d)
{
	return d->epoll_fd;
}

void
httpd_run(struct httpd *d)
{
	d->resumed = false;
	MHD_run(d->mhd);
}

int64_t
httpd_timeout(struct httpd *d)
{
	MHD_UNSIGNED_LONG_LONG ms;

	if (d->resumed)
		return 0;
	if (MHD_get_timeout(d->mhd, &ms) != MHD_YES)
		return -1;
	return ms > INT32_MAX ? INT32_MAX : (int64_t)ms;
}

const char *
httpd_method(const struct httpd_req *req)
{
	return req->method;
}

const char *
httpd_path(const struct httpd_req *req)
{
	return req->path;
}

const char *
httpd_param(const struct httpd_req *req, const char *name)
{
	const struct param *p;

	for (p = req->params; p < req->params + req->param_count; p++)
		if (strlen(name) == p->name_len &&
		    memcmp(name, p->name, p->name_len) == 0)
			return p->value;
	return NULL;
}

const char *
httpd_query(const struct httpd_req *req, const char *name)
{
	return MHD_lookup_connection_value(req->conn, MHD_GET_ARGUMENT_KIND,
	    name);
}

bool
httpd_peer_uid(const struct httpd_req *req, uint32_t *uid)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    req->conn, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (req->d->unix_path == NULL || info == NULL ||
	    getsockopt(info->connect_fd, SOL_SOCKET, SO_PEERCRED, &cred,
		&len) != 0)
		return false;
	*uid = cred.uid;
	return true;
}

const char *
httpd_header(const struct httpd_req *req, const char *name)
{
	return MHD_lookup_connection_value(req->conn, MHD_HEADER_KIND, name);
}

struct view
httpd_body(const struct httpd_req *req)
{
	return buf_view(&req->body);
}
