/*
 * httpd and httpc against each other: the server runs in a child process.
 */
#include "unit.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "base/httpc.h"
#include "base/httpd.h"
#include "base/loop.h"

#define BODY_MAX 1000

static char *dir, ctx_text[] = "ctx";
static char path[400], where[500];
static pid_t server;
static struct httpc *client;
static struct buf out;
static unsigned status;

/* The server's side. */
static struct loop *loop;
static struct httpd_req *parked;
static struct timer later;
static bool dawdle;	/* between the loop's end and httpd_free */

static void
reply(struct httpd_req *req, unsigned code, const char *text)
{
	httpd_reply(&req, code, "text/plain",
	    (struct view){ (const uint8_t *)text, strlen(text) });
}

static void
on_show(void *ctx, struct httpd_req *req)
{
	char text[2000];
	struct view body = httpd_body(req);
	const char *q = httpd_query(req, "wait");

	snprintf(text, sizeof(text), "%s %s %s case=%s wait=%s body=%.*s",
	    (const char *)ctx, httpd_method(req), httpd_path(req),
	    httpd_param(req, "case"), q == NULL ? "-" : q, (int)body.len,
	    body.len == 0 ? "" : (const char *)body.p);
	reply(req, 200, text);
}

static void
on_later(void *ctx)
{
	(void)ctx;
	reply(parked, 200, "later");
	parked = NULL;
}

static void
on_park(void *ctx, struct httpd_req *req)
{
	(void)ctx;
	parked = req;
	loop_arm(loop, &later, 50);
}

static void
on_forever(void *ctx, struct httpd_req *req)
{
	(void)ctx;
	(void)req;
}

static void
on_rest(void *ctx, struct httpd_req *req)
{
	const char *text = httpd_param(req, "path");

	(void)ctx;
	httpd_reply_kept(&req, 200, "text/plain",
	    (struct view){ (const uint8_t *)text, strlen(text) },
	    "immutable");
}

static void
on_quit(void *ctx, struct httpd_req *req)
{
	(void)ctx;
	reply(req, 200, "bye");
	loop_stop(loop);
}

static void
on_dawdle(void *ctx, struct httpd_req *req)
{
	dawdle = true;
	on_quit(ctx, req);
}

static const struct httpd_route routes[] = {
	{ "GET", "/v1/cases/{case}/messages", on_show },
	{ "POST", "/v1/cases/{case}/messages", on_show },
	{ "GET", "/v1/park", on_park },
	{ "GET", "/v1/forever", on_forever },
	{ "GET", "/v1/rest/{path...}", on_rest },
	{ "GET", "/v1/quit", on_quit },
	{ "GET", "/v1/dawdle", on_dawdle },
	{ NULL, NULL, NULL },
};

static int
serve(const struct httpd_conf *conf, int report)
{
	struct clock clock = clock_real();
	struct httpd *d;
	uint16_t port;
	enum err err;

	alarm(30);
	if (loop_new(&loop, &clock) != ERR_OK)
		return 1;
	timer_init(&later, on_later, NULL);
	err = httpd_new(&d, conf);
	port = err == ERR_OK ? httpd_port(d) : 0;
	if (write(report, &port, 2) != 2 || err != ERR_OK)
		return (int)err;
	loop_serve(loop, d);
	loop_run(loop);
	loop_once(loop, 10);
	loop_serve(loop, NULL);
	if (dawdle)
		usleep(400000);
	httpd_free(&d);
	loop_free(&loop);
	return 0;
}

static uint16_t
start(const struct httpd_conf *conf)
{
	uint16_t port = 0;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	server = fork();
	if (server == 0)
		_exit(serve(conf, fds[1]));
	close(fds[1]);
	assert_int_equal(read(fds[0], &port, 2), 2);
	close(fds[0]);
	return port;
}

static int
set_up(void **state)
{
	static struct httpd_conf conf = { .routes = routes,
		.body_max = BODY_MAX, .ctx = ctx_text };

	(void)state;
	dir = unit_folder();
	snprintf(path, sizeof(path), "%s/api.sock", dir);
	snprintf(where, sizeof(where), "unix:%s", path);
	conf.unix_path = path;
	start(&conf);
	out = buf_init(5000);
	return httpc_new(&client, where, 2000) != ERR_OK;
}

static int
tear_down(void **state)
{
	(void)state;
	httpc_free(&client);
	if (server > 0) {
		kill(server, SIGKILL);
		waitpid(server, NULL, 0);
	}
	buf_free(&out);
	unit_folder_remove(dir);
	return 0;
}

static enum err
ask(const char *method, const char *target, const char *body)
{
	buf_reset(&out);
	return httpc_request(client, method, target,
	    (struct view){ (const uint8_t *)body, strlen(body) }, &status,
	    &out);
}

static void
routes_answer(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(ask("GET", "/v1/cases/ab%20c/messages?wait=5", ""),
	    ERR_OK);
	assert_int_equal(status, 200);
	assert_string_equal(buf_text(&out), "ctx GET "
	    "/v1/cases/ab c/messages case=ab c wait=5 body=");
	assert_int_equal(ask("POST", "/v1/cases/x/messages", "{\"a\":1}"),
	    ERR_OK);
	assert_string_equal(buf_text(&out), "ctx POST /v1/cases/x/messages "
	    "case=x wait=- body={\"a\":1}");
	assert_int_equal(ask("POST", "/v1/cases/x/messages", ""), ERR_OK);
	assert_int_equal(status, 200);
	assert_int_equal(ask("GET", "/v1/none", ""), ERR_OK);
	assert_int_equal(status, 404);
	assert_non_null(strstr(buf_text(&out), "\"name\":\"notfound\""));
	assert_int_equal(ask("GET", "/v1/cases//messages", ""), ERR_OK);
	assert_int_equal(status, 404);
	assert_int_equal(ask("GET", "/v1/cases/x/messages/", ""), ERR_OK);
	assert_int_equal(status, 404);
	assert_int_equal(ask("DELETE", "/v1/cases/x/messages", ""), ERR_OK);
	assert_int_equal(status, 405);
	/* All that is left, and there must be something. */
	assert_int_equal(ask("GET", "/v1/rest/a/b.c/d", ""), ERR_OK);
	assert_int_equal(status, 200);
	assert_string_equal(buf_text(&out), "a/b.c/d");
	assert_int_equal(ask("GET", "/v1/rest/", ""), ERR_OK);
	assert_int_equal(status, 404);
	assert_int_equal(ask("GET", "/v1/rest", ""), ERR_OK);
	assert_int_equal(status, 404);
}

static void
bodies_have_a_limit(void **state)
{
	char body[BODY_MAX + 2];

	(void)state;
	memset(body, 'x', BODY_MAX + 1);
	body[BODY_MAX + 1] = '\0';
	assert_int_equal(ask("POST", "/v1/cases/x/messages", body), ERR_OK);
	assert_int_equal(status, 413);
	body[BODY_MAX] = '\0';
	assert_int_equal(ask("POST", "/v1/cases/x/messages", body), ERR_OK);
	assert_int_equal(status, 200);
	/* The client has one for answers too. */
	buf_free(&out);
	out = buf_init(100);
	assert_int_equal(ask("POST", "/v1/cases/x/messages", body),
	    ERR_TOO_BIG);
}

static void
parked_requests(void **state)
{
	struct httpc *other;

	(void)state;
	assert_int_equal(ask("GET", "/v1/park", ""), ERR_OK);
	assert_int_equal(status, 200);
	assert_string_equal(buf_text(&out), "later");
	/* One that hangs holds nobody else up. */
	assert_int_equal(httpc_new(&other, where, 100), ERR_OK);
	assert_int_equal(httpc_request(other, "GET", "/v1/forever",
		(struct view){ NULL, 0 }, &status, &out), ERR_TIMEOUT);
	httpc_free(&other);
	assert_int_equal(ask("GET", "/v1/park", ""), ERR_OK);
}

/* CPU time of the server so far, in clock ticks of 10 ms. */
static long
ticks(void)
{
	char name[64];
	long user = 0, sys = 0;
	FILE *f;

	snprintf(name, sizeof(name), "/proc/%ld/stat", (long)server);
	f = fopen(name, "r");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u "
		"%*u %*u %*u %ld %ld", &user, &sys), 2);
	fclose(f);
	return user + sys;
}

/* Waiting costs nothing: no spinning while a request is parked. */
static void
parking_sleeps(void **state)
{
	struct httpc *other;
	long before;

	(void)state;
	assert_int_equal(ask("GET", "/v1/none", ""), ERR_OK);
	before = ticks();
	assert_int_equal(httpc_new(&other, where, 700), ERR_OK);
	assert_int_equal(httpc_request(other, "GET", "/v1/forever",
		(struct view){ NULL, 0 }, &status, &out), ERR_TIMEOUT);
	httpc_free(&other);
	usleep(300000);
	assert_true(ticks() - before < 20);
}

/* A stop answers what is parked, and nothing stays on the disk. */
static void
stopping(void **state)
{
	struct httpc *other;
	int code;
	pid_t waiter;

	(void)state;
	waiter = fork();
	if (waiter == 0) {
		httpc_new(&other, where, 5000);
		code = (int)httpc_request(other, "GET", "/v1/forever",
		    (struct view){ NULL, 0 }, &status, &out);
		_exit(code == 0 && status == 503 ? 0 : 1);
	}
	usleep(200000);
	assert_int_equal(ask("GET", "/v1/quit", ""), ERR_OK);
	assert_int_equal(waitpid(server, &code, 0), server);
	server = 0;
	assert_int_equal(WIFEXITED(code) ? WEXITSTATUS(code) : 100, 0);
	assert_int_equal(waitpid(waiter, &code, 0), waiter);
	assert_int_equal(WEXITSTATUS(code), 0);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(ask("GET", "/v1/quit", ""), ERR_UNREACHABLE);
}

/* One that comes while the stop is under way is answered too. */
static void
stopping_late(void **state)
{
	struct httpc *other;
	int code;
	pid_t waiter;

	(void)state;
	waiter = fork();
	if (waiter == 0) {
		httpc_new(&other, where, 5000);
		code = (int)httpc_request(other, "GET", "/v1/none",
		    (struct view){ NULL, 0 }, &status, &out);
		usleep(300000);
		code = (int)httpc_request(other, "GET", "/v1/forever",
		    (struct view){ NULL, 0 }, &status, &out);
		_exit(code == 0 && status == 503 ? 0 : 1);
	}
	usleep(150000);
	assert_int_equal(ask("GET", "/v1/dawdle", ""), ERR_OK);
	assert_int_equal(waitpid(server, &code, 0), server);
	server = 0;
	assert_int_equal(WIFEXITED(code) ? WEXITSTATUS(code) : 100, 0);
	assert_int_equal(waitpid(waiter, &code, 0), waiter);
	assert_int_equal(WEXITSTATUS(code), 0);
}

static void
one_server_a_socket(void **state)
{
	struct httpd_conf conf = { .unix_path = path, .routes = routes };
	struct httpd *d;

	(void)state;
	assert_int_equal(httpd_new(&d, &conf), ERR_LOCKED);
	/* A socket left by a crash is in nobody's way. */
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	server = 0;
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(httpd_new(&d, &conf), ERR_OK);
	httpd_free(&d);
	conf.unix_path = NULL;
	conf.host = "0.0.0.0";
	assert_int_equal(httpd_new(&d, &conf), ERR_CONF);
	/* Only who is said to be open leaves loopback, for an address. */
	conf.open = true;
	conf.host = "host.example";
	assert_int_not_equal(httpd_new(&d, &conf), ERR_OK);
	conf.host = "0.0.0.0";
	assert_int_equal(httpd_new(&d, &conf), ERR_OK);
	httpd_free(&d);
	conf.open = false;
}

/* Over TCP a web page of another origin cannot speak to us by its name. */
static void
host_must_be_loopback(void **state)
{
	struct httpd_conf conf = { .host = "127.0.0.1", .routes = routes,
		.body_max = 10, .ctx = ctx_text };
	struct sockaddr_in sa = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	static const char evil[] = "GET /v1/cases/x/messages HTTP/1.1\r\n"
	    "Host: evil.example\r\nConnection: close\r\n\r\n";
	struct httpc *other;
	char got[100] = "";
	int fd;

	(void)state;
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	sa.sin_port = htons(start(&conf));
	assert_int_not_equal(sa.sin_port, 0);
	httpc_free(&client);
	snprintf(where, sizeof(where), "http://127.0.0.1:%d",
	    ntohs(sa.sin_port));
	assert_int_equal(httpc_new(&client, where, 2000), ERR_OK);
	assert_int_equal(ask("GET", "/v1/cases/x/messages", ""), ERR_OK);
	assert_int_equal(status, 200);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(write(fd, evil, sizeof(evil) - 1),
	    (int)sizeof(evil) - 1);
	assert_true(read(fd, got, sizeof(got) - 1) > 12);
	assert_int_equal(strncmp(got, "HTTP/1.1 421", 12), 0);
	close(fd);
	assert_int_equal(httpc_new(&other, "ftp://x", 1), ERR_CONF);
	assert_null(other);
}

static void
escaping(void **state)
{
	(void)state;
	httpc_escape(&out, "a/b c\xe6~");
	assert_string_equal(buf_text(&out), "a%2Fb%20c%E6~");
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(routes_answer),
		T(bodies_have_a_limit),
		T(parked_requests),
		T(parking_sleeps),
		T(stopping),
		T(stopping_late),
		T(one_server_a_socket),
		T(host_must_be_loopback),
		T(escaping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
