/* entries: passes, and what each of them shows of the log over real HTTP. */
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
#include "proto/receipt.h"
#include "proto/tile_entries.h"
#include "relay/entries.h"
#include "relay/passes.h"
#include "relay/signer.h"
#include "relay/web.h"
#include "tests/unit/relay/rig.h"

#define DAY_MS 86400000
#define NOW INT64_C(1790000000000)

/* Entry by entry, in the order log_fill appends: whose business it is, a bit
 * an agency. */
enum { OF_0 = 1, OF_1 = 2, OF_2 = 4, OF_3 = 8 };
static const unsigned concerns[] = {
	OF_0 | OF_1 | OF_2,	/* keys of 0, a peer of both others */
	OF_0 | OF_1,		/* keys of 1 */
	OF_0 | OF_2,		/* keys of 2 */
	OF_0 | OF_1,		/* a run of pair 0 */
	OF_0 | OF_2,		/* a run of pair 1 */
	OF_0 | OF_1,		/* a prekey of pair 0 */
	OF_0 | OF_2,		/* a prekey of pair 1 */
	OF_0 | OF_1,		/* a receipt about the run of pair 0 */
	OF_0 | OF_2,		/* a recovery of pair 1 */
	OF_0 | OF_1 | OF_2 | OF_3, /* the relay's own keys */
	0,			/* no statement of ours */
};
#define ENTRIES (sizeof(concerns) / sizeof(concerns[0]))

static struct yard y;

static int
setup(void **state)
{
	(void)state;
	yard_open(&y);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	yard_close(&y);
	return 0;
}

static void
plain(struct rig *rig, struct view bytes)
{
	struct store_item item = { .entry = bytes };

	MUST(group_append(rig->group, &item));
	MUST(group_end(rig->group));
}

static void
say(struct rig *rig, unsigned agency, struct buf *bytes)
{
	struct admit_answer answer;

	assert_int_equal(rig_statement(rig, agency, bytes, &answer), ERR_OK);
	buf_reset(bytes);
}

static void
log_fill(struct rig *rig)
{
	struct yard_run r[2] = { yard_first(0, FROM_A, LANE_NOTICE, 2),
		yard_first(1, FROM_A, LANE_NOTICE, 2) };
	struct buf bytes = buf_init(STATEMENT_MAX);
	struct admit_answer answer;
	struct hash last[2];
	unsigned pair;
	struct id channel = yard_channel(&y, 0, FROM_A, LANE_NOTICE);

	rig_admit(rig);
	for (pair = 0; pair < 2; pair++)
		assert_int_equal(rig_send(rig, &r[pair], &last[pair],
		    &answer), ERR_OK);
	for (pair = 0; pair < 2; pair++) {
		yard_prekey(&y, pair, FROM_A, 1, &bytes);
		say(rig, y.side[pair][FROM_A], &bytes);
	}
	yard_receipt(&y, y.side[0][FROM_B], RECEIPT_DELIVERED, &channel, 1, 2,
	    &last[0], &bytes);
	say(rig, y.side[0][FROM_B], &bytes);
	yard_recovery(&y, 1, FROM_A, 9, 2, &last[1], 10, &bytes);
	say(rig, y.side[1][FROM_A], &bytes);
	plain(rig, buf_view(&y.relay_keys));
	plain(rig, (struct view){ (const uint8_t *)"rubbish", 7 });
	assert_int_equal(tlog_size(rig->tree), ENTRIES);
	buf_free(&bytes);
}

static struct entries_parts
parts_of(const struct rig *rig)
{
	return (struct entries_parts){ rig->store, rig->keyring,
		rig->admitted, y.relay_id };
}

/* The tile an agency sees: exactly its own business, the rest empty. */
static void
assert_sees(const struct rig *rig, unsigned agency, unsigned from,
    unsigned width)
{
	struct entries_parts parts = parts_of(rig);
	struct buf out = buf_init(TILE_ENTRIES_BYTES_MAX);
	struct view entry[TILE_WIDTH];
	unsigned i;

	MUST(entries_tile(&parts, &y.agency[agency].id, from, width, &out));
	MUST(tile_entries_decode(entry, width, buf_view(&out)));
	for (i = 0; i < width; i++)
		if ((entry[i].len > 0) !=
		    ((concerns[from + i] & 1u << agency) != 0))
			fail_msg("entry %u, agency %u: %zu bytes", from + i,
			    agency, entry[i].len);
	buf_free(&out);
}

static void
test_each_sees_its_own(void **state)
{
	struct rig rig;
	struct entries_parts parts;
	struct buf out = buf_init(TILE_ENTRIES_BYTES_MAX);
	struct id pair;
	unsigned agency;

	(void)state;
	rig_open(&rig, &y, 0);
	log_fill(&rig);
	for (agency = 0; agency < YARD_AGENCIES; agency++) {
		assert_sees(&rig, agency, 0, ENTRIES);
		assert_sees(&rig, agency, 0, 3);
		assert_sees(&rig, agency, 4, 5);
	}
	parts = parts_of(&rig);
	/* One more than there is: the store is not what was signed. */
	assert_int_equal(entries_tile(&parts, &y.agency[0].id, 0, ENTRIES + 1,
	    &out), ERR_STORAGE);
	/* A blocked pair shows what FETCH would: nothing. */
	pair = hash_id(&y.pair_id[0]);
	MUST(group_begin(rig.group));
	MUST(admitted_block(rig.admitted, &pair, true));
	MUST(group_end(rig.group));
	buf_reset(&out);
	MUST(entries_tile(&parts, &y.agency[1].id, 3, 1, &out));
	assert_int_equal(out.len, 2);
	MUST(group_begin(rig.group));
	MUST(admitted_block(rig.admitted, &pair, false));
	MUST(group_end(rig.group));
	buf_free(&out);
	rig_close(&rig);
}

/* Of an entry whose bytes the relay lost its owner is shown as little. */
static void
test_lost_bytes(void **state)
{
	struct hash leaf = hash_leaf("lost", 4);
	struct entries_parts parts;
	struct buf out = buf_init(TILE_ENTRIES_BYTES_MAX);
	struct yard other;
	struct rig rig;

	(void)state;
	yard_open(&other);
	rig_open(&rig, &other, 0);
	MUST(group_begin(rig.group));
	MUST(store_hollow_add(rig.store, 0, &leaf));
	MUST(group_end(rig.group));
	parts = (struct entries_parts){ rig.store, rig.keyring, rig.admitted,
		other.relay_id };
	MUST(entries_tile(&parts, &other.agency[0].id, 0, 1, &out));
	assert_int_equal(out.len, 2);
	assert_memory_equal(out.p, "\0\0", 2);
	buf_free(&out);
	rig_close(&rig);
	yard_close(&other);
}

static void
hex_of(char text[2 * PASS_TOKEN_BYTES + 1],
    const uint8_t token[PASS_TOKEN_BYTES])
{
	hex_encode(text, token, PASS_TOKEN_BYTES);
}

static enum err
issue(struct rig *rig, struct passes *p, unsigned agency, const char *name,
    uint64_t until, char text[2 * PASS_TOKEN_BYTES + 1])
{
	uint8_t token[PASS_TOKEN_BYTES];
	enum err err;

	MUST(group_begin(rig->group));
	err = passes_issue(p, &y.agency[agency].id, name, until, NOW, token);
	MUST(group_end(rig->group));
	if (err == ERR_OK)
		hex_of(text, token);
	return err;
}

static void
test_passes_come_and_go(void **state)
{
	char text[2 * PASS_TOKEN_BYTES + 1], other[sizeof(text)];
	char name[16];
	struct passes *p;
	struct rig rig;
	unsigned i;

	(void)state;
	rig_open(&rig, &y, 0);
	MUST(passes_open(&p, rig.store));
	assert_int_equal(issue(&rig, p, 0, "Auditor", NOW + DAY_MS, text),
	    ERR_OK);
	assert_int_equal(issue(&rig, p, 0, "Auditor", NOW + DAY_MS, other),
	    ERR_DUPLICATE);
	assert_int_equal(issue(&rig, p, 0, "late", NOW, other), ERR_EXPIRED);
	assert_int_equal(issue(&rig, p, 0, "far", NOW + PASS_MS_MAX + 1,
	    other), ERR_TOO_BIG);
	assert_int_equal(issue(&rig, p, 0, "far", UINT64_MAX, other),
	    ERR_TOO_BIG);
	/* Another agency has names of its own. */
	assert_int_equal(issue(&rig, p, 1, "Auditor", NOW + DAY_MS, other),
	    ERR_OK);
	assert_string_not_equal(text, other);
	assert_true(id_eq(&passes_find(p, text, NOW)->agency,
	    &y.agency[0].id));
	assert_non_null(passes_find(p, text, NOW + DAY_MS - 1));
	assert_null(passes_find(p, text, NOW + DAY_MS));
	text[0] = text[0] == '0' ? '1' : '0';
	assert_null(passes_find(p, text, NOW));
	assert_null(passes_find(p, "", NOW));
	assert_null(passes_find(p, "zz", NOW));

	for (i = 1; i < PASSES_MAX; i++) {
		(void)snprintf(name, sizeof(name), "n%u", i);
		assert_int_equal(issue(&rig, p, 0, name, NOW + i, text),
		    ERR_OK);
	}
	assert_int_equal(issue(&rig, p, 0, "more", NOW + 1, text), ERR_COUNT);
	assert_null(passes_of(p, &y.agency[0].id, PASSES_MAX));
	MUST(group_begin(rig.group));
	assert_int_equal(passes_revoke(p, &y.agency[1].id, "n3"),
	    ERR_NOTFOUND);
	MUST(passes_revoke(p, &y.agency[0].id, "n3"));
	/* All that ended make room at the next one. */
	MUST(passes_issue(p, &y.agency[0].id, "more", NOW + DAY_MS,
	    NOW + PASSES_MAX, (uint8_t[PASS_TOKEN_BYTES]){ 0 }));
	MUST(group_end(rig.group));
	assert_string_equal(passes_of(p, &y.agency[0].id, 0)->name, "Auditor");
	assert_string_equal(passes_of(p, &y.agency[0].id, 1)->name, "more");
	assert_null(passes_of(p, &y.agency[0].id, 2));
	passes_free(&p);
	rig_close(&rig);

	/* And a restart keeps what was committed, by the hash alone. */
	rig_open(&rig, &y, 0);
	MUST(passes_open(&p, rig.store));
	assert_non_null(passes_find(p, other, NOW));
	assert_non_null(passes_of(p, &y.agency[0].id, 1));
	assert_null(passes_of(p, &y.agency[0].id, 2));
	passes_free(&p);
	rig_close(&rig);
}

/* What the server tells its test. */
struct served {
	uint16_t port;
	char good[2][2 * PASS_TOKEN_BYTES + 1];	/* of agencies 1 and 2 */
	char revoked[2 * PASS_TOKEN_BYTES + 1];
	char ended[2 * PASS_TOKEN_BYTES + 1];
	char blocked[2 * PASS_TOKEN_BYTES + 1];	/* of agency 3 */
	struct hash leaf[ENTRIES];
};

static void
must_pass(struct passes *p, unsigned agency, const char *name, int64_t from,
    int64_t until, char text[2 * PASS_TOKEN_BYTES + 1])
{
	uint8_t token[PASS_TOKEN_BYTES];

	MUST(passes_issue(p, &y.agency[agency].id, name, (uint64_t)until,
	    from, token));
	hex_of(text, token);
}

static void
make_passes(struct rig *rig, struct passes *p, struct served *out)
{
	struct clock clock = clock_real();
	int64_t now = clock_wall(&clock);

	MUST(group_begin(rig->group));
	must_pass(p, 1, "one", now, now + DAY_MS, out->good[0]);
	must_pass(p, 2, "two", now, now + DAY_MS, out->good[1]);
	must_pass(p, 1, "gone", now, now + DAY_MS, out->revoked);
	MUST(passes_revoke(p, &y.agency[1].id, "gone"));
	must_pass(p, 3, "three", now, now + DAY_MS, out->blocked);
	MUST(admitted_block(rig->admitted, &y.agency[3].id, true));
	must_pass(p, 2, "old", now - DAY_MS, now - 1, out->ended);
	MUST(group_end(rig->group));
}

static enum err
leaf_each(void *ctx, const struct store_seen *seen)
{
	struct served *out = ctx;

	if (seen->index < ENTRIES)
		out->leaf[seen->index] = hash_leaf(seen->entry.p,
		    seen->entry.len);
	return ERR_OK;
}

static void
broken(void *ctx)
{
	(void)ctx;
	abort();
}

static void
serve(int report)
{
	struct clock clock = clock_real();
	struct web_parts parts = { 0 };
	struct served out = { 0 };
	struct signer *signer;
	struct passes *p;
	struct loop *loop;
	struct web *web;
	struct rig rig;

	alarm(60);
	rig_open(&rig, &y, 0);
	MUST(signer_open(&signer, yard_path(&y, "signer.high"), y.relay));
	group_free(&rig.group);
	MUST(group_new(&rig.group, rig.store, rig.tree, signer));
	MUST(passes_open(&p, rig.store));
	make_passes(&rig, p, &out);
	MUST(store_entries(rig.store, 0, leaf_each, &out));
	/* One more that no checkpoint covers yet. */
	MUST(group_append(rig.group, &(struct store_item){
	    .entry = { (const uint8_t *)"later", 5 } }));
	parts.tree = rig.tree;
	parts.group = rig.group;
	parts.entries = (struct web_entries){ parts_of(&rig), p, rig.group };
	MUST(loop_new(&loop, &clock));
	MUST(web_open(&web, "127.0.0.1:0", &parts, broken, NULL));
	MUST(loop_serve(loop, web_httpd(web)));
	out.port = httpd_port(web_httpd(web));
	if (write(report, &out, sizeof(out)) == sizeof(out))
		(void)loop_run(loop);
	_exit(1);
}

static unsigned
get(const struct served *s, const char *token, const char *path,
    struct buf *body)
{
	struct httpc *client;
	unsigned status = 0;
	char where[64];

	(void)snprintf(where, sizeof(where), "http://127.0.0.1:%u", s->port);
	MUST(httpc_new(&client, where, 5000));
	if (token != NULL)
		MUST(httpc_bearer(client, token));
	buf_reset(body);
	MUST(httpc_request(client, "GET", path, (struct view){ 0 }, &status,
	    body));
	httpc_free(&client);
	return status;
}

static void
assert_tile(const struct served *s, unsigned agency, const char *path,
    unsigned width, struct buf *body)
{
	struct view entry[TILE_WIDTH];
	struct hash leaf;
	unsigned i;

	assert_int_equal(get(s, s->good[agency - 1], path, body), 200);
	MUST(tile_entries_decode(entry, width, buf_view(body)));
	for (i = 0; i < width; i++) {
		assert_int_equal(entry[i].len > 0,
		    (concerns[i] & 1u << agency) != 0);
		leaf = hash_leaf(entry[i].p, entry[i].len);
		if (entry[i].len > 0)
			assert_true(hash_eq(&leaf, &s->leaf[i]));
	}
}

static void
assert_refused(const struct served *s, struct buf *body)
{
	static const char *const gone[] = { "/tile/entries/001.p/1",
		"/tile/entries/000.p/12", "/tile/entries/000",
		"/tile/entries/0", "/tile/entries/000.p/0",
		"/tile/entries/x000/000", "/tile/entries/" };
	static const char path[] = "/tile/entries/000.p/11";
	char longer[2 * PASS_TOKEN_BYTES + 2];
	size_t i;

	(void)snprintf(longer, sizeof(longer), "%sa", s->good[0]);
	assert_int_equal(get(s, NULL, path, body), 401);
	assert_int_equal(get(s, NULL, "/tile/entries/009", body), 401);
	assert_int_equal(get(s, "", path, body), 403);
	assert_int_equal(get(s, longer, path, body), 403);
	assert_int_equal(get(s, s->revoked, path, body), 403);
	assert_int_equal(get(s, s->ended, path, body), 403);
	assert_int_equal(get(s, s->blocked, path, body), 403);
	for (i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		if (get(s, s->good[0], gone[i], body) != 404)
			fail_msg("%s is there", gone[i]);
}

static void
test_over_http(void **state)
{
	struct buf body = buf_init(TILE_ENTRIES_BYTES_MAX);
	struct served s;
	struct rig rig;
	pid_t server;
	int fds[2];

	(void)state;
	rig_open(&rig, &y, 0);
	if (tlog_size(rig.tree) == 0)
		log_fill(&rig);
	rig_close(&rig);
	assert_int_equal(pipe(fds), 0);
	server = fork();
	if (server == 0)
		serve(fds[1]);
	close(fds[1]);
	assert_int_equal(read(fds[0], &s, sizeof(s)), sizeof(s));
	close(fds[0]);
	assert_tile(&s, 1, "/tile/entries/000.p/11", 11, &body);
	assert_tile(&s, 2, "/tile/entries/000.p/11", 11, &body);
	assert_tile(&s, 2, "/tile/entries/000.p/5", 5, &body);
	assert_refused(&s, &body);
	kill(server, SIGKILL);
	(void)waitpid(server, NULL, 0);
	buf_free(&body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_sees_its_own),
		cmocka_unit_test(test_lost_bytes),
		cmocka_unit_test(test_passes_come_and_go),
		cmocka_unit_test(test_over_http),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
