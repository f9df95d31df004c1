/* web: every tile as the tree has it, over real HTTP; nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/httpc.h"
#include "base/httpd.h"
#include "base/loop.h"
#include "proto/limits.h"
#include "proto/note.h"
#include "proto/tile.h"
#include "relay/cosign.h"
#include "relay/signer.h"
#include "relay/web.h"
#include "tests/unit/relay/rig.h"

#define LEAVES 700
#define UNSIGNED 70		/* appended and not committed */

static struct yard y;
static struct hash leaf[LEAVES];
static struct httpc *client;
static struct buf body;
static pid_t server;

static void
grow(struct rig *rig, unsigned n)
{
	uint8_t entry[8];
	struct store_item item = { .entry = { entry, sizeof(entry) } };
	struct wr wr;

	for (; n > 0; n--) {
		wr = wr_init(entry, sizeof(entry));
		wr_u64(&wr, tlog_size(rig->tree));
		MUST(group_append(rig->group, &item));
	}
}

static void
broken(void *ctx)
{
	(void)ctx;
	abort();
}

/* A relay's log of LEAVES entries, with some more that are not promised
 * yet; the port goes into report. */
static void
serve(int report)
{
	struct clock clock = clock_real();
	struct web_parts parts = { 0 };
	struct cosign_parts about;
	struct signer *signer;
	struct loop *loop;
	struct web *web;
	struct rig rig;
	uint16_t port;

	alarm(60);
	rig_open(&rig, &y, 0);
	MUST(signer_open(&signer, yard_path(&y, "signer.high"), y.relay));
	group_free(&rig.group);
	MUST(group_new(&rig.group, rig.store, rig.tree, signer));
	grow(&rig, LEAVES);
	MUST(group_end(rig.group));
	grow(&rig, UNSIGNED);
	about = (struct cosign_parts){ rig.store, rig.tree, rig.group,
		rig.admitted, rig.keyring, "r1",
		keyfile_find(keyfile_public(y.relay), KEYFILE_LOG, 0) };
	MUST(cosign_open(&parts.cosign, &about));
	parts.tree = rig.tree;
	parts.group = rig.group;
	MUST(loop_new(&loop, &clock));
	MUST(web_open(&web, "127.0.0.1:0", &parts, broken, NULL));
	MUST(loop_serve(loop, web_httpd(web)));
	port = httpd_port(web_httpd(web));
	if (write(report, &port, sizeof(port)) == sizeof(port))
		(void)loop_run(loop);
	_exit(1);
}

static int
setup(void **state)
{
	uint8_t entry[8];
	struct wr wr;
	char where[64];
	uint16_t port = 0;
	int fds[2];
	uint64_t i;

	(void)state;
	for (i = 0; i < LEAVES; i++) {
		wr = wr_init(entry, sizeof(entry));
		wr_u64(&wr, i);
		leaf[i] = hash_leaf(entry, sizeof(entry));
	}
	yard_open(&y);
	body = buf_init(1 << 20);
	if (pipe(fds) != 0)
		return 1;
	server = fork();
	if (server == 0)
		serve(fds[1]);
	close(fds[1]);
	if (read(fds[0], &port, sizeof(port)) != sizeof(port))
		return 1;
	close(fds[0]);
	(void)snprintf(where, sizeof(where), "http://127.0.0.1:%u", port);
	return httpc_new(&client, where, 5000) != ERR_OK;
}

static int
teardown(void **state)
{
	(void)state;
	kill(server, SIGKILL);
	(void)waitpid(server, NULL, 0);
	httpc_free(&client);
	buf_free(&body);
	yard_close(&y);
	return 0;
}

static unsigned
get(const char *path)
{
	unsigned status = 0;

	buf_reset(&body);
	assert_int_equal(httpc_request(client, "GET", path, (struct view){ 0 },
	    &status, &body), ERR_OK);
	return status;
}

static void
test_checkpoint(void **state)
{
	struct hash root = merkle_root(leaf, LEAVES);
	struct note_checkpoint cp;
	struct note note;

	(void)state;
	assert_int_equal(get("/checkpoint"), 200);
	assert_int_equal(note_parse(&note, buf_view(&body)), ERR_OK);
	assert_int_equal(note_checkpoint_parse(&cp, note.body), ERR_OK);
	assert_true(cp.size == LEAVES);
	assert_true(hash_eq(&cp.root, &root));
}

static void
assert_tile(const char *path, const struct hash *row, size_t n)
{
	assert_int_equal(get(path), 200);
	assert_int_equal(body.len, n * HASH_BYTES);
	assert_memory_equal(body.p, row, body.len);
}

static void
test_tiles(void **state)
{
	struct hash up[2] = { merkle_root(leaf, 256),
		merkle_root(leaf + 256, 256) };

	(void)state;
	assert_tile("/tile/0/000", leaf, 256);
	assert_tile("/tile/0/001", leaf + 256, 256);
	assert_tile("/tile/0/002.p/188", leaf + 512, 188);
	assert_tile("/tile/0/002.p/7", leaf + 512, 7);
	assert_tile("/tile/0/000.p/255", leaf, 255);
	assert_tile("/tile/1/000.p/2", up, 2);
	assert_tile("/tile/1/000.p/1", up, 1);
}

/* What is not there, what is not promised yet, what is nobody's business. */
static void
test_nothing_else(void **state)
{
	static const char *const gone[] = { "/tile/0/002", "/tile/0/003.p/1",
		"/tile/0/002.p/189", "/tile/0/002.p/256", "/tile/1/000",
		"/tile/1/000.p/3", "/tile/2/000.p/1", "/tile/8/000",
		"/tile/0/0", "/tile/0/x000/000", "/tile/", "/tile/0",
		"/tile/entries", "/", "/status",
		"/checkpoint/", "/tile/0/x999/x999/x999/x999/x999/x999/999",
		"/tile/0/x072/x057/x594/x037/x927/935" };
	unsigned status;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		if (get(gone[i]) != 404)
			fail_msg("%s is there", gone[i]);
	/* Entries are shown to passes alone (test_entries.c). */
	assert_int_equal(get("/tile/entries/000"), 401);
	assert_int_equal(httpc_request(client, "POST", "/checkpoint",
	    (struct view){ 0 }, &status, &body), ERR_OK);
	assert_int_equal(status, 405);
}

static unsigned
post(const char *path, struct view what)
{
	unsigned status = 0;

	buf_reset(&body);
	assert_int_equal(httpc_request(client, "POST", path, what, &status,
	    &body), ERR_OK);
	return status;
}

/* The one thing that is taken; the statuses of C2SP tlog-witness. */
static void
test_add_cosignature(void **state)
{
	static uint8_t large[NOTE_MAX + 1];
	struct buf note = buf_init(NOTE_MAX);

	(void)state;
	assert_int_equal(get("/add-cosignature"), 405);
	assert_int_equal(post("/add-cosignature", (struct view){ 0 }), 400);
	assert_int_equal(post("/add-cosignature", (struct view){ large,
	    sizeof(large) }), 413);
	assert_int_equal(get("/checkpoint"), 200);
	buf_put(&note, body.p, body.len);
	/* No charter names a witness here. */
	assert_int_equal(post("/add-cosignature", buf_view(&note)), 403);
	memcpy(note.p, "r9", 2);
	assert_int_equal(post("/add-cosignature", buf_view(&note)), 404);
	buf_free(&note);
}

static void
test_listen(void **state)
{
	static const char *const wrong[] = { "", ":80", "127.0.0.1", "[::1]",
		"127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536",
		"127.0.0.1:80 ", "localhost:80", "127.0.0.1:-1" };
	struct web_parts parts = { 0 };
	struct web *web = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_not_equal(web_open(&web, wrong[i], &parts, broken,
		    NULL), ERR_OK);
	assert_null(web);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_checkpoint),
		cmocka_unit_test(test_tiles),
		cmocka_unit_test(test_nothing_else),
		cmocka_unit_test(test_add_cosignature),
		cmocka_unit_test(test_listen),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
