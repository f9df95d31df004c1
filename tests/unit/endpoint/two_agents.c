#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/db.h"
#include "base/file.h"
#include "base/secret.h"
#include "endpoint/link.h"
#include "endpoint/pairs.h"
#include "keys/pubkey.h"
#include "keys/sign.h"
#include "proto/label.h"
#include "proto/notice.h"
#include "proto/run.h"
#include "proto/statement.h"
#include "two_agents.h"
#include "two_relay.h"

#define TWO_START_MS 1800000000000	/* in the charter's time */

static struct two_agents *two_now;	/* hooks find their party by it */

_Noreturn void
two_die(const char *what, const char *file, int line)
{
	(void)fprintf(stderr, "%s:%d: %s\n", file, line, what);
	abort();
}

static struct two_party *
party_of(struct agent *agent)
{

	return two_now->party[0].agent == agent ? &two_now->party[0] :
	    &two_now->party[1];
}

static enum err
on_received(struct agent *agent, const struct received *in)
{
	struct two_desk *desk = &party_of(agent)->desk;
	const struct field *body = fields_find(in->fields, FIELD_BODY);
	size_t i = desk->received++ % TWO_TEXTS;

	desk->seq[i] = in->seq;
	desk->again[i] = in->again;
	memset(desk->text[i], 0, sizeof(desk->text[i]));
	if (body != NULL && body->value.len < sizeof(desk->text[i]))
		memcpy(desk->text[i], body->value.p, body->value.len);
	return ERR_OK;
}

static enum err
on_event(struct agent *agent, const struct outbox_event *ev)
{
	struct two_desk *desk = &party_of(agent)->desk;

	if (ev->message == 0)
		return ERR_OK;		/* a heartbeat */
	desk->event[ev->what]++;
	if (ev->what == OUTBOX_SEALED)
		desk->sealed = ev->env_id;
	return ERR_OK;
}

static const struct agent_hooks two_hooks = {
	.received = on_received,
	.event = on_event,
};

static struct secret *
passphrase(void)
{
	return secret_copy("correct horse", 13);
}

static void
add_key(struct statement_keys *ks, uint8_t type, const uint8_t *key)
{
	must(statement_keys_add(ks, type, key) == ERR_OK);
}

static void
state_keys(const struct keyfile *root, const struct keyfile *keys,
    const uint8_t *t, struct buf *out)
{
	const struct sign_key *r = keyfile_signer(root, KEYFILE_R);
	const struct keyfile_public *pub = keyfile_public(keys);
	struct statement_keys *ks = calloc(1, sizeof(*ks));
	uint8_t sig[SIG_BYTES];

	ks->kid = *sign_kid(r);
	ks->agency = pubkey_agency(sign_public(r));
	ks->ks_seq = 1;
	ks->not_before = TWO_START_MS - 1000;
	ks->not_after = TWO_START_MS + 90 * (uint64_t)86400000;
	add_key(ks, KEY_SIGN, keyfile_find(pub, KEYFILE_S, 0));
	add_key(ks, KEY_TRANSPORT, t);
	if (keyfile_find(pub, KEYFILE_LOG, 0) != NULL)
		add_key(ks, KEY_LOG, keyfile_find(pub, KEYFILE_LOG, 0));
	else
		add_key(ks, KEY_IDENTITY, keyfile_find(pub, KEYFILE_I, 0));
	*out = buf_init(STATEMENT_MAX);
	must(statement_keys_encode(out, ks) == ERR_OK);
	must(sign_labelled(r, LABEL_KEYS, out->p, out->len, sig) == ERR_OK);
	buf_put(out, sig, sizeof(sig));
	free(ks);
}

static void
make_party(struct two_agents *two, int i)
{
	struct two_party *p = &two->party[i];
	struct keyfile *transport;
	struct keyfile_cost cost;
	struct secret *pass = passphrase();
	struct id agency;
	char path[1024];

	memcpy(p->home, two->dir, strlen(two->dir));
	memcpy(p->home + strlen(two->dir), i == 0 ? "/0" : "/1", 2);
	(void)snprintf(path, sizeof(path), "%s/keys", p->home);
	must(file_mkdirs(path, 0700) == ERR_OK);
	must(keyfile_new(&p->root, KEYFILE_ROOT, NULL, "party") == ERR_OK);
	agency = keyfile_public(p->root)->agency;
	must(keyfile_new(&p->keys, KEYFILE_ENDPOINT, &agency, "party") ==
	    ERR_OK);
	must(keyfile_new(&transport, KEYFILE_TRANSPORT, &agency, "t") ==
	    ERR_OK);
	must(keyfile_cost(&cost, "minimum") == ERR_OK);
	must(keyfile_set_passphrase(p->keys, pass, &cost) == ERR_OK);
	(void)snprintf(path, sizeof(path), "%s/keys/endpoint.key", p->home);
	must(keyfile_create(p->keys, path) == ERR_OK);
	state_keys(p->root, p->keys, keyfile_find(keyfile_public(transport),
	    KEYFILE_T, 0), &p->statement);
	keyfile_free(&transport);
	secret_free(&pass);
}

static void
make_relay(struct two_agents *two, unsigned i)
{
	struct two_relay *r = &two->relay[i];
	struct id agency;

	(void)snprintf(r->name, sizeof(r->name), "relay%u", i);
	must(keyfile_new(&r->root, KEYFILE_ROOT, NULL, r->name) == ERR_OK);
	agency = keyfile_public(r->root)->agency;
	must(keyfile_new(&r->keys, KEYFILE_RELAY, &agency, r->name) ==
	    ERR_OK);
	state_keys(r->root, r->keys, keyfile_find(keyfile_public(r->keys),
	    KEYFILE_T, 0), &r->statement);
	two_relay_begin(r);
}

static void
make_charter(struct two_agents *two, struct buf *text)
{
	struct charter *c = &two->charter;
	struct hash id;
	unsigned i;

	for (i = 0; i < 2; i++) {
		memcpy(c->party[i].root, sign_public(keyfile_signer(
		    two->party[i].root, KEYFILE_R)), KEY_BYTES);
		(void)snprintf(c->party[i].name, sizeof(c->party[i].name),
		    "Party %u", i);
	}
	if (memcmp(c->party[0].root, c->party[1].root, KEY_BYTES) > 0) {
		struct charter_party swap = c->party[0];

		c->party[0] = c->party[1];
		c->party[1] = swap;
	}
	c->suite_count = 1;
	c->suite[0] = 1;
	c->copies = 1;
	c->relay_count = two->relays;
	for (i = 0; i < two->relays; i++) {
		memcpy(c->relay[i].root, sign_public(keyfile_signer(
		    two->relay[i].root, KEYFILE_R)), KEY_BYTES);
		memcpy(c->relay[i].name, two->relay[i].name,
		    sizeof(two->relay[i].name));
		(void)snprintf(c->relay[i].endpoint,
		    sizeof(c->relay[i].endpoint), "tcp://127.0.0.1:%u",
		    7000 + i);
	}
	c->witness_count = two->witnesses;
	c->quorum = two->quorum;
	for (i = 0; i < two->witnesses; i++) {
		memcpy(c->witness[i].key, sign_public(two->witness[i]),
		    KEY_BYTES);
		(void)snprintf(c->witness[i].name,
		    sizeof(c->witness[i].name), "witness%u", i);
	}
	c->heartbeat_s = 300;
	c->keep_days = 30;
	c->size_max = BUCKET_MAX;
	c->from_at = TWO_START_MS / 1000 * 1000;
	c->until_at = c->from_at + 365 * (uint64_t)86400000;
	must(charter_write(text, c) == ERR_OK);
	id = charter_id(buf_view(text));
	two->pair_id = charter_pair(c, &id);
}

static void
sign_charter(struct two_agents *two, struct view text, int letter,
    uint8_t sig[SIG_BYTES])
{
	uint8_t tbs[CHARTER_TBS_BYTES];
	struct hash id = charter_id(text);
	const struct sign_key *root;
	int i;

	charter_tbs(tbs, &id);
	for (i = 0; i < 2; i++) {
		root = keyfile_signer(two->party[i].root, KEYFILE_R);
		if (memcmp(sign_public(root), two->charter.party[letter].root,
		    KEY_BYTES) == 0)
			must(sign_labelled(root, LABEL_CHARTER_SIG, tbs,
			    sizeof(tbs), sig) == ERR_OK);
	}
}

static void
install(struct two_agents *two, int party, struct view text)
{
	uint8_t a[SIG_BYTES], b[SIG_BYTES];
	struct view keys[2 + TWO_RELAYS];
	struct pairs_install in = {
		.charter = text,
		.sig_a = { a, SIG_BYTES },
		.sig_b = { b, SIG_BYTES },
		.keys = keys,
		.key_count = 2 + two->relays,
	};
	const struct pair *pair;
	unsigned i;

	sign_charter(two, text, 0, a);
	sign_charter(two, text, 1, b);
	keys[0] = buf_view(&two->party[0].statement);
	keys[1] = buf_view(&two->party[1].statement);
	for (i = 0; i < two->relays; i++)
		keys[2 + i] = buf_view(&two->relay[i].statement);
	must(agent_touch(two->party[party].agent) == ERR_OK);
	must(pairs_install(two->party[party].agent, &in, &pair) == ERR_OK);
	must(agent_turn(two->party[party].agent) == ERR_OK);
}

void
two_open(struct two_agents *two, int party)
{
	struct two_party *p = &two->party[party];
	struct agent_conf conf = {
		.home = p->home,
		.passphrase = passphrase(),
		.clock = clock_faked(&two->fake),
		.hooks = &two_hooks,
	};
	int i;

	for (i = 0; i < 32; i++)
		p->relay_of[i] = -1;
	for (i = 0; i < TWO_RELAYS; i++)
		two->relay[i].parked[party].waits = false;
	must(agent_open(&p->agent, &conf) == ERR_OK);
	secret_free(&conf.passphrase);
}

void
two_close(struct two_agents *two, int party)
{
	agent_free(&two->party[party].agent);
}

static struct two_agents *
start(unsigned relays, unsigned witnesses, uint8_t quorum)
{
	struct two_agents *two = calloc(1, sizeof(*two));
	const char *tmp = getenv("TMPDIR");
	struct buf text = buf_init(CHARTER_MAX);
	unsigned i;

	must(two != NULL && secret_start() == ERR_OK);
	two_now = two;
	two->relays = relays;
	two->witnesses = witnesses;
	two->quorum = quorum;
	for (i = 0; i < witnesses; i++)
		must(sign_new(&two->witness[i], SIGN_WITNESS) == ERR_OK);
	two->fake.wall_ms = TWO_START_MS + 1000;
	two->fake.mono_ms = 1000;
	(void)snprintf(two->dir, sizeof(two->dir), "%s/two-XXXXXX",
	    tmp == NULL ? "/tmp" : tmp);
	must(mkdtemp(two->dir) != NULL);
	for (i = 0; i < relays; i++)
		make_relay(two, i);
	make_party(two, 0);
	make_party(two, 1);
	make_charter(two, &text);
	for (i = 0; i < 2; i++) {
		two_open(two, (int)i);
		install(two, (int)i, buf_view(&text));
	}
	buf_free(&text);
	two_pump(two);
	return two;
}

struct two_agents *
two_start(unsigned relays)
{
	return start(relays, 0, 0);
}

struct two_agents *
two_start_witnessed(unsigned witnesses, uint8_t quorum)
{
	return start(1, witnesses, quorum);
}

void
two_renew(struct two_agents *two, int64_t from_at)
{
	struct charter *c = &two->charter;
	struct buf text = buf_init(CHARTER_MAX);
	int i;

	must(charter_write(&text, c) == ERR_OK);
	c->replaces = charter_id(buf_view(&text));
	c->pair = two->pair_id;
	c->number++;
	c->from_at = (uint64_t)from_at / 1000 * 1000;
	buf_reset(&text);
	must(charter_write(&text, c) == ERR_OK);
	for (i = 0; i < 2; i++)
		install(two, i, buf_view(&text));
	buf_free(&text);
	two_pump(two);
}

int
two_charter(struct two_agents *two, int party)
{
	struct arena arena = arena_init(ARENA_MAX);
	struct two_relay *r = &two->relay[0];
	struct run run;
	int number = -1;
	size_t i;

	for (i = r->n; i-- > 0 && number < 0; ) {
		if (r->item[i].kind != ITEM_RUN ||
		    r->item[i].from != party)
			continue;
		must(run_decode(&run, RUN_FULL, buf_view(&r->item[i].bytes),
		    &arena) == ERR_OK);
		number = run.env[0].h.charter;
		arena_free(&arena);
	}
	return number;
}

static void
shell(const char *fmt, const char *a, const char *b)
{
	char cmd[4096];

	(void)snprintf(cmd, sizeof(cmd), fmt, a, b);
	must(system(cmd) == 0);
}

void
two_stop(struct two_agents *two)
{
	unsigned i;

	for (i = 0; i < 2; i++) {
		agent_free(&two->party[i].agent);
		keyfile_free(&two->party[i].keys);
		keyfile_free(&two->party[i].root);
		buf_free(&two->party[i].statement);
	}
	for (i = 0; i < two->relays; i++)
		two_relay_free(&two->relay[i]);
	for (i = 0; i < two->witnesses; i++)
		sign_free(&two->witness[i]);
	shell("rm -rf '%s'%s", two->dir, "");
	free(two);
}

static void
tell_link(struct two_agents *two, int party, uint8_t slot, uint8_t op)
{
	uint8_t frame[LINK_HEAD_BYTES] = { op, slot };

	(void)agent_link_in(two->party[party].agent,
	    (struct view){ frame, sizeof(frame) });
}

static void
on_connect(struct two_agents *two, int party, uint8_t slot, struct view rest)
{
	unsigned i;

	for (i = 0; i < two->relays; i++)
		if (rest.len > KEY_BYTES &&
		    rest.p[rest.len - 1] == (uint8_t)('0' + i))
			two->party[party].relay_of[slot] = (int)i;
	i = (unsigned)two->party[party].relay_of[slot];
	if (!two->relay[i].down)
		tell_link(two, party, slot, LINK_UP);
}

static bool
carry_one(struct two_agents *two, int party, struct view frame)
{
	struct rd rd = rd_init(frame.p, frame.len);
	uint8_t op = rd_u8(&rd), slot = rd_u8(&rd);
	struct view rest = rd_view(&rd, rd.left);
	int relay;

	if (op == LINK_CONNECT) {
		on_connect(two, party, slot, rest);
		return true;
	}
	relay = two->party[party].relay_of[slot];
	if (op != LINK_SEND || relay < 0 || two->relay[relay].down)
		return false;
	two_relay_frame(two, relay, party, slot, rest);
	return true;
}

static bool
feed_all(struct two_agents *two, int party)
{
	bool fed = false;
	uint8_t slot;
	int relay;

	for (slot = 0; slot < 32; slot++) {
		relay = two->party[party].relay_of[slot];
		if (relay >= 0 && !two->relay[relay].down &&
		    two_relay_feed(two, relay, party, slot))
			fed = true;
	}
	return fed;
}

void
two_pump(struct two_agents *two)
{
	struct agent *agent;
	struct view frame;
	bool moved = true;
	int i, rounds;

	for (rounds = 0; moved && rounds < 200; rounds++) {
		moved = false;
		for (i = 0; i < 2; i++) {
			agent = two->party[i].agent;
			if (agent == NULL)
				continue;
			must(agent_turn(agent) == ERR_OK);
			while (agent_link_out(agent, &frame)) {
				if (carry_one(two, i, frame))
					moved = true;
				agent_link_pop(agent);
			}
			if (feed_all(two, i))
				moved = true;
		}
	}
	must(rounds < 200);
}

void
two_later(struct two_agents *two, int64_t ms)
{
	clock_advance(&two->fake, ms);
	two_pump(two);
}

enum err
two_send(struct two_agents *two, int from, uint8_t lane, const char *text)
{
	struct agent *agent = two->party[from].agent;
	struct notice_outline outline = { .type = NOTICE_STATUS };
	struct buf buf = buf_init(OUTLINE_MAX);
	struct fields fields = { 0 };
	struct outgoing out = {
		.pair_id = two->pair_id,
		.lane = lane,
		.fields = &fields,
		.message = 1,
	};
	enum err err;

	must(notice_outline_encode(&buf, &outline) == ERR_OK);
	must(fields_add(&fields, FIELD_OUTLINE, buf_view(&buf)) == ERR_OK);
	must(fields_add(&fields, FIELD_BODY, (struct view){
	    (const uint8_t *)text, strlen(text) }) == ERR_OK);
	must(agent_touch(agent) == ERR_OK);
	err = outbox_put(agent, &out, NULL);
	buf_free(&buf);
	return err;
}

void
two_relay_down(struct two_agents *two, int relay, bool down)
{
	uint8_t slot;
	int i;

	two->relay[relay].down = down;
	for (i = 0; i < 2; i++) {
		two->relay[relay].parked[i].waits = false;
		for (slot = 0; slot < 32; slot++)
			if (two->party[i].agent != NULL &&
			    two->party[i].relay_of[slot] == relay)
				tell_link(two, i, slot,
				    down ? LINK_DOWN : LINK_UP);
	}
}

void
two_copy(struct two_agents *two, int party, const char *name)
{
	char to[1600];

	(void)snprintf(to, sizeof(to), "%s.%s", two->party[party].home, name);
	shell("cp -a '%s' '%s'", two->party[party].home, to);
}

void
two_restore(struct two_agents *two, int party, const char *name,
    const char *file)
{
	char from[1600], to[1600];

	(void)snprintf(from, sizeof(from), "%s.%s/%s",
	    two->party[party].home, name, file == NULL ? "." : file);
	(void)snprintf(to, sizeof(to), "%s/%s", two->party[party].home,
	    file == NULL ? "" : file);
	shell("cp -a '%s' '%s'", from, to);
}

int64_t
two_number(struct two_agents *two, int party, const char *sql)
{
	struct db_stmt *s;
	int64_t v = -1;

	s = db_prepare(agent_db(two->party[party].agent), sql);
	if (db_row(s))
		v = db_col_int(s, 0);
	(void)db_done(s);
	return v;
}
